//! One collaboration: its two ends, what the customer has granted, and what is shared.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ngcc_proto::collab::{Act as Mark, Event, Kind, Ticket, Who, Why};
use ngcc_proto::fact::By;
use ngcc_proto::{CollabId, MessageId, Mono, SessionId, Wall};

use crate::ask::Side;
use crate::board::Board;
use crate::cobrowse::{Cobrowse, Stage};
use crate::desk::Desk;
use crate::form::Filling;
use crate::io::{Line, Shut};
use crate::links::Links;
use crate::look::{Looker, Place};
use crate::tape::Tape;
use crate::tell::{Consents, Me, People, Person, Ready, State, Tell};
use crate::timers::Timer;
use crate::tray::Tray;

/// Whether an end's pages are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It has been invited, and has not come yet.
    Expected,
    /// These pages are connected: at least one, the oldest first.
    Here(Vec<Line>),
    /// It was there, and may come back until then.
    Away(Mono),
}

/// One end.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) who: Who,
    pub(crate) name: Option<String>,
    pub(crate) ticket: Ticket,
    pub(crate) presence: Presence,
}

/// What is shared.
#[derive(Debug)]
pub(crate) enum Content {
    /// The customer's page.
    Page(Box<Cobrowse>),
    /// A form.
    Form(Box<Filling>),
    /// A drawing or a text.
    Board(Board),
    /// Files.
    Tray(Tray),
    /// Addresses.
    Links(Links),
    /// The customer's screen, whose pictures go another way: here is only who takes part, and by what leave.
    Screen,
}

/// One collaboration.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) id: CollabId,
    pub(crate) session: SessionId,
    pub(crate) kind: Kind,
    /// Which end began it.
    pub(crate) by: Side,
    pub(crate) customer: End,
    pub(crate) agent: End,
    /// Those who look on; never [`Presence::Expected`].
    pub(crate) viewers: BTreeMap<Looker, End>,
    /// How long it goes on at the most, where its session is over.
    pub(crate) until: Option<Wall>,
    pub(crate) consents: Consents,
    pub(crate) paused: bool,
    pub(crate) content: Content,
    /// Whether it is recorded, and how far that has come.
    pub(crate) tape: Tape,
    /// cti's last message about it: the cause of the next.
    pub(crate) cause: Option<MessageId>,
    /// When the agent last asked for something.
    pub(crate) asked: Option<Mono>,
    /// When something was taken lately that stands in the record.
    pub(crate) lately: VecDeque<Mono>,
}

/// What becomes of a collaboration after a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// It goes on.
    Stays,
    /// It ends.
    Ends(Side),
}

impl End {
    pub(crate) fn lines(&self) -> &[Line] {
        match &self.presence {
            Presence::Here(lines) => lines,
            Presence::Expected | Presence::Away(_) => &[],
        }
    }

    /// A page of theirs takes its place, and the oldest of too many goes; whether none was there. `grace`: what runs
    /// while they are away.
    pub(crate) fn takes(&mut self, line: Line, most: usize, grace: Timer, desk: &mut Desk) -> bool {
        let before = std::mem::replace(&mut self.presence, Presence::Expected);
        let (mut lines, new) = match before {
            Presence::Here(lines) => (lines, false),
            Presence::Expected => (vec![], true),
            Presence::Away(until) => {
                desk.timers.cancel(until, grace);
                (vec![], true)
            }
        };
        while lines.len() >= most {
            let old = lines.remove(0);
            desk.shut(old, Shut::Replaced);
        }
        lines.push(line);
        self.presence = Presence::Here(lines);
        new
    }

    pub(crate) fn person(&self) -> Person {
        Person { name: self.name.clone(), here: !self.lines().is_empty() }
    }
}

/// Who that is in a fact.
pub(crate) fn by(side: Side) -> By {
    match side {
        Side::Customer => By::Customer,
        Side::Agent => By::Agent,
    }
}

impl Room {
    pub(crate) fn end(&self, side: Side) -> &End {
        match side {
            Side::Customer => &self.customer,
            Side::Agent => &self.agent,
        }
    }

    pub(crate) fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Side::Customer => &mut self.customer,
            Side::Agent => &mut self.agent,
        }
    }

    /// Every page that takes part or looks on.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.customer.lines().iter().copied().chain(self.readers()).collect()
    }

    pub(crate) fn tell(&self, event: Event, desk: &mut Desk) {
        desk.tell(Some(self.session), self.cause, event);
    }

    pub(crate) fn invite(&self, side: Side, desk: &mut Desk) {
        let End { who, ticket, .. } = self.end(side);
        let event = Event::Invited { collab: self.id, who: who.clone(), ticket: ticket.clone() };
        self.tell(event, desk);
    }

    pub(crate) fn note(&self, side: Side, act: Mark, what: &str, desk: &mut Desk) {
        let event = Event::Noted { collab: self.id, by: by(side), act, what: what.to_owned() };
        self.tell(event, desk);
    }

    pub(crate) fn people(&self) -> People {
        People { customer: self.customer.person(), agent: self.agent.person(), viewers: self.persons() }
    }

    /// Tells everybody who takes part.
    pub(crate) fn show_people(&self, desk: &mut Desk) {
        let people = Tell::People(self.people());
        desk.say_all(self.lines(), &people);
        self.tape_mark(people, desk);
    }

    /// Tells everybody what is granted.
    pub(crate) fn show_consents(&self, desk: &mut Desk) {
        let consents = Tell::Consents(self.consents);
        desk.say_all(self.lines(), &consents);
        self.tape_mark(consents, desk);
    }

    /// What the shared page needs to know of the room.
    pub(crate) fn stage(&self) -> Stage {
        Stage {
            customer: self.customer.lines().first().copied(),
            agents: self.readers(),
            consents: self.consents,
            open: self.consents.view && !self.paused,
            tape: self.tape.running(self.id),
        }
    }

    /// A page has come with the ticket of `side`.
    pub(crate) fn opened(&mut self, line: Line, id: Option<String>, side: Side, desk: &mut Desk) {
        let most = match side {
            Side::Customer => 1,
            Side::Agent => desk.limits.pages,
        };
        let room = self.id;
        let end = self.end_mut(side);
        let new = end.takes(line, most, Timer::Grace(room, side), desk);
        let who = end.who.clone();
        desk.lines.insert(line, (self.id, Place::End(side)));
        if new {
            self.store(desk);
            self.tell(Event::Joined { collab: self.id, who }, desk);
        }
        let ready = Tell::Ready(Box::new(self.ready(Place::End(side), desk)));
        desk.say(line, id, ready);
        if new {
            let others: Vec<Line> = self.lines().into_iter().filter(|other| *other != line).collect();
            let people = Tell::People(self.people());
            desk.say_all(others, &people);
            self.tape_mark(people, desk);
        }
        self.tape_turn(desk);
        let stage = self.stage();
        if let Content::Page(page) = &mut self.content {
            match side {
                // The page is another one, or begins anew: it sends a full snapshot first.
                Side::Customer => page.begins(desk.now.mono),
                Side::Agent => page.joined(line, &stage, desk),
            }
        }
    }

    /// What a page at `place` is told first. Who looks on sees what the agent sees.
    pub(crate) fn ready(&mut self, place: Place, desk: &mut Desk) -> Ready {
        let (me, side) = match place {
            Place::End(side @ Side::Customer) => (Me::Customer, side),
            Place::End(side @ Side::Agent) => (Me::Agent, side),
            Place::Looks(_) => (Me::Viewer, Side::Agent),
        };
        let unseen = side == Side::Agent && !self.consents.view;
        let state = match &mut self.content {
            Content::Page(_) => State::Page,
            Content::Form(form) => form.state(side),
            Content::Board(board) => State::Board { update: board.all(self.id, desk) },
            Content::Tray(tray) => State::Tray {
                files: if unseen { vec![] } else { tray.all().to_vec() },
                largest: desk.limits.file_bytes,
            },
            Content::Links(links) => {
                State::Links { links: if unseen { vec![] } else { links.all().to_vec() } }
            }
            Content::Screen => State::Screen,
        };
        Ready {
            collab: self.id,
            kind: self.kind,
            session: self.session,
            me,
            by: self.by,
            people: self.people(),
            consents: self.consents,
            paused: self.paused,
            until: self.until,
            recorded: self.tape != Tape::Off,
            state,
        }
    }

    /// A page is gone.
    pub(crate) fn closed(&mut self, line: Line, side: Side, desk: &mut Desk) {
        let Presence::Here(lines) = &mut self.end_mut(side).presence else { return };
        lines.retain(|other| *other != line);
        let last = lines.is_empty();
        if let Content::Page(page) = &mut self.content {
            match side {
                Side::Customer => page.clear(),
                Side::Agent => page.left(line),
            }
        }
        if last {
            self.away(side, desk);
            self.tape_turn(desk);
            self.show_people(desk);
            self.save(desk);
        }
    }

    /// An end has no page any more: it has a while to come back.
    pub(crate) fn away(&mut self, side: Side, desk: &mut Desk) {
        let until = desk.now.mono + desk.limits.grace;
        desk.timers.set(until, Timer::Grace(self.id, side));
        let end = self.end_mut(side);
        end.presence = Presence::Away(until);
        let who = end.who.clone();
        self.tell(Event::Away { collab: self.id, who }, desk);
    }

    /// A page of whoever sees the customer's reads too slowly.
    pub(crate) fn lagged(&mut self, line: Line, desk: &mut Desk) {
        let stage = self.stage();
        if let Content::Page(page) = &mut self.content {
            page.lagged(line, &stage, desk);
        }
    }

    /// Writes what has changed of the content and is not written yet.
    pub(crate) fn save(&mut self, desk: &mut Desk) {
        match &mut self.content {
            Content::Page(_) | Content::Screen => {}
            Content::Form(form) => form.save(self.id, desk),
            Content::Board(board) => board.save(self.id, desk),
            // What is put there is written at once.
            Content::Tray(_) | Content::Links(_) => {}
        }
    }

    /// The session is over, and it goes on until then.
    pub(crate) fn goes_on(&mut self, until: Wall, desk: &mut Desk) {
        self.until = Some(until);
        self.store(desk);
        desk.say_all(self.lines(), &Tell::GoesOn { until });
    }

    /// The session has another owner, or none for a while.
    pub(crate) fn hand_over(&mut self, end: End, desk: &mut Desk) {
        if let Who::Agent(agent) = &end.who {
            self.takes_part(agent, desk);
        }
        let before = std::mem::replace(&mut self.agent, end);
        if let Presence::Away(until) = before.presence {
            desk.timers.cancel(until, Timer::Grace(self.id, Side::Agent));
        }
        for line in before.lines() {
            desk.say(*line, None, Tell::Ended { why: Why::HandedOver });
            desk.shut(*line, Shut::Over);
            if let Content::Page(page) = &mut self.content {
                page.left(*line);
            }
        }
        self.consents = Consents { view: self.consents.view, ..Consents::default() };
        self.asked = None;
        if let Content::Page(page) = &mut self.content {
            page.nothing_pending();
        }
        self.tape_turn(desk);
        self.store(desk);
        self.show_people(desk);
        self.show_consents(desk);
    }

    /// It is over: its pages are told and closed, and nothing of it is kept.
    pub(crate) fn end_all(mut self, why: Why, asker: Option<(Line, Option<String>)>, desk: &mut Desk) {
        for side in [Side::Customer, Side::Agent] {
            if let Presence::Away(until) = self.end(side).presence {
                desk.timers.cancel(until, Timer::Grace(self.id, side));
            }
        }
        self.forget_lookers(desk);
        match &mut self.content {
            Content::Page(_) | Content::Screen => {}
            Content::Form(form) => form.rest(self.id, desk),
            Content::Board(board) => board.rest(self.id, desk),
            Content::Tray(_) | Content::Links(_) => {}
        }
        self.forget(desk);
        if let Content::Tray(tray) = &self.content {
            tray.discard(desk);
        }
        self.tape_end(why, desk);
        let (asker, mut answer) = asker.unzip();
        for line in self.lines() {
            let id = if Some(line) == asker { answer.take().flatten() } else { None };
            desk.say(line, id, Tell::Ended { why });
            desk.shut(line, Shut::Over);
        }
    }

    /// What is shared, as it is at the beginning.
    pub(crate) fn empty(kind: Kind, form: Option<Arc<ngcc_proto::config::Form>>) -> Option<Content> {
        Some(match (kind, form) {
            (Kind::Cobrowse, _) => Content::Page(Box::default()),
            (Kind::Form, Some(form)) => Content::Form(Box::new(Filling::new(form)?)),
            (Kind::Form, None) => return None,
            (Kind::Whiteboard | Kind::Document, _) => Content::Board(Board::default()),
            (Kind::File, _) => Content::Tray(Tray::default()),
            (Kind::Url, _) => Content::Links(Links::default()),
            (Kind::Screen, _) => Content::Screen,
        })
    }
}
