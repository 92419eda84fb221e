//! One collaboration: its two ends, what the customer has granted, and what is shared.

use std::sync::Arc;

use ngcc_proto::collab::{Act as Mark, Event, Kind, Ticket, Who, Why};
use ngcc_proto::fact::By;
use ngcc_proto::{CollabId, MessageId, Mono, SessionId};
use serde_json::Value;

use crate::ask::{Act, Ask, Entry, Grant, Side};
use crate::board::Board;
use crate::cobrowse::{Cobrowse, Stage};
use crate::desk::Desk;
use crate::form::Filling;
use crate::io::{Line, Shut};
use crate::tell::{Consents, People, Person, Ready, State, Tell, Wrong};
use crate::timers::Timer;

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
    pub(crate) consents: Consents,
    pub(crate) paused: bool,
    pub(crate) content: Content,
    /// cti's last message about it: the cause of the next.
    pub(crate) cause: Option<MessageId>,
    /// When the agent last asked for something.
    pub(crate) asked: Option<Mono>,
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

    fn person(&self) -> Person {
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

/// Refuses what only the other end may.
fn only(side: Side, wanted: Side) -> Result<(), Wrong> {
    if side == wanted { Ok(()) } else { Err(Wrong::Forbidden) }
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

    /// Every page of both ends.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.customer.lines().iter().chain(self.agent.lines()).copied().collect()
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
        People { customer: self.customer.person(), agent: self.agent.person() }
    }

    /// Tells both ends who takes part.
    pub(crate) fn show_people(&self, desk: &mut Desk) {
        desk.say_all(self.lines(), &Tell::People(self.people()));
    }

    fn show_consents(&self, desk: &mut Desk) {
        desk.say_all(self.lines(), &Tell::Consents(self.consents));
    }

    /// What the shared page needs to know of the room.
    pub(crate) fn stage(&self) -> Stage {
        Stage {
            customer: self.customer.lines().first().copied(),
            agents: self.agent.lines().to_vec(),
            consents: self.consents,
            open: self.consents.view && !self.paused,
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
        let before = std::mem::replace(&mut end.presence, Presence::Expected);
        let (mut lines, new) = match before {
            Presence::Here(lines) => (lines, false),
            Presence::Expected => (vec![], true),
            Presence::Away(until) => {
                desk.timers.cancel(until, Timer::Grace(room, side));
                (vec![], true)
            }
        };
        while lines.len() >= most {
            let old = lines.remove(0);
            desk.shut(old, Shut::Replaced);
        }
        lines.push(line);
        end.presence = Presence::Here(lines);
        let who = end.who.clone();
        desk.lines.insert(line, (self.id, side));
        if new {
            self.store(desk);
            self.tell(Event::Joined { collab: self.id, who }, desk);
        }
        let ready = Tell::Ready(Box::new(self.ready(side, desk)));
        desk.say(line, id, ready);
        if new {
            let others: Vec<Line> = self.lines().into_iter().filter(|other| *other != line).collect();
            desk.say_all(others, &Tell::People(self.people()));
        }
        let stage = self.stage();
        if let Content::Page(page) = &mut self.content {
            match side {
                // The page is another one, or begins anew: it sends a full snapshot first.
                Side::Customer => page.begins(desk.now.mono),
                Side::Agent => page.joined(line, &stage, desk),
            }
        }
    }

    fn ready(&mut self, side: Side, desk: &mut Desk) -> Ready {
        let state = match &mut self.content {
            Content::Page(_) => State::Page,
            Content::Form(form) => form.state(side),
            Content::Board(board) => State::Board { update: board.all(self.id, desk) },
        };
        Ready {
            collab: self.id,
            kind: self.kind,
            session: self.session,
            me: side,
            by: self.by,
            people: self.people(),
            consents: self.consents,
            paused: self.paused,
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

    /// A frame of one of its pages.
    ///
    /// # Errors
    /// Why it is not carried out.
    pub(crate) fn frame(
        &mut self,
        line: Line,
        side: Side,
        id: Option<String>,
        ask: Ask,
        desk: &mut Desk,
    ) -> Result<After, Wrong> {
        match ask {
            Ask::Leave => return Ok(After::Ends(side)),
            Ask::Consent { what, on } => self.consent(side, what, on, desk)?,
            Ask::Request { what } => self.request(side, what, desk)?,
            Ask::Pause { on } => self.pause(side, on, desk)?,
            Ask::Events(events) => self.events(side, events, desk)?,
            Ask::Act(act) => self.act(line, side, id, act, desk)?,
            Ask::Answer { act, taken } => self.answer(side, act, taken, desk)?,
            Ask::Over { node } => {
                self.page()?;
                only(side, Side::Customer)?;
                desk.say_all(self.agent.lines().iter().copied(), &Tell::Over { node });
            }
            Ask::Fill { field, value } => self.fill(side, &field, value, desk)?,
            Ask::Focus { field } => self.focus(side, field, desk)?,
            Ask::Confirm => self.confirm(side, desk)?,
            Ask::Update(update) => {
                let (others, room) = (self.others(line), self.id);
                self.board()?.update(room, update, others, desk)?;
            }
            Ask::Aware(state) => {
                let others = self.others(line);
                self.board()?;
                desk.say_all(others, &Tell::Aware { state: state.into(), by: side });
            }
        }
        Ok(After::Stays)
    }

    fn others(&self, line: Line) -> Vec<Line> {
        self.lines().into_iter().filter(|other| *other != line).collect()
    }

    fn board(&mut self) -> Result<&mut Board, Wrong> {
        match &mut self.content {
            Content::Board(board) => Ok(board),
            Content::Page(_) | Content::Form(_) => Err(Wrong::Forbidden),
        }
    }

    fn form(&mut self) -> Result<&mut Filling, Wrong> {
        match &mut self.content {
            Content::Form(form) => Ok(form),
            Content::Page(_) | Content::Board(_) => Err(Wrong::Forbidden),
        }
    }

    fn cobrowse(&mut self) -> Result<&mut Cobrowse, Wrong> {
        match &mut self.content {
            Content::Page(page) => Ok(page),
            Content::Form(_) | Content::Board(_) => Err(Wrong::Forbidden),
        }
    }

    /// Whether a page is what is shared.
    fn page(&self) -> Result<(), Wrong> {
        if self.kind == Kind::Cobrowse { Ok(()) } else { Err(Wrong::Forbidden) }
    }

    fn consent(&mut self, side: Side, what: Grant, on: bool, desk: &mut Desk) -> Result<(), Wrong> {
        self.page()?;
        only(side, Side::Customer)?;
        let before = self.consents;
        self.consents.set(what, on);
        if self.consents != before {
            self.store(desk);
            self.note(side, if on { Mark::Consent } else { Mark::Revoke }, what.word(), desk);
            self.shown_or_hidden(before.view && !self.paused, desk);
        }
        self.show_consents(desk);
        Ok(())
    }

    fn request(&mut self, side: Side, what: Grant, desk: &mut Desk) -> Result<(), Wrong> {
        self.page()?;
        only(side, Side::Agent)?;
        if self.asked.is_some_and(|last| desk.now.mono.since(last) < desk.limits.ask) {
            return Err(Wrong::TooMany);
        }
        self.asked = Some(desk.now.mono);
        desk.say_all(self.customer.lines().iter().copied(), &Tell::Asked { what });
        Ok(())
    }

    fn pause(&mut self, side: Side, on: bool, desk: &mut Desk) -> Result<(), Wrong> {
        self.page()?;
        only(side, Side::Customer)?;
        if self.paused != on {
            let was = self.consents.view && !self.paused;
            self.paused = on;
            self.store(desk);
            self.note(side, if on { Mark::Pause } else { Mark::Resume }, "view", desk);
            self.shown_or_hidden(was, desk);
        }
        desk.say_all(self.lines(), &Tell::Paused { on });
        Ok(())
    }

    /// The page may be seen, or no longer; `was`: whether it could be before.
    fn shown_or_hidden(&mut self, was: bool, desk: &mut Desk) {
        let stage = self.stage();
        let Content::Page(page) = &mut self.content else { return };
        if stage.open != was {
            // What came while it could not be seen was not looked at: what is known of the page is out of date.
            page.clear();
            if stage.open {
                page.ask_anew(&stage, desk);
            }
        }
    }

    fn events(&mut self, side: Side, events: Vec<Value>, desk: &mut Desk) -> Result<(), Wrong> {
        let stage = self.stage();
        only(side, Side::Customer)?;
        self.cobrowse()?.events(events, &stage, desk);
        Ok(())
    }

    fn act(
        &mut self,
        line: Line,
        side: Side,
        id: Option<String>,
        act: Act,
        desk: &mut Desk,
    ) -> Result<(), Wrong> {
        let stage = self.stage();
        only(side, Side::Agent)?;
        if let Some((mark, what)) = self.cobrowse()?.act(line, id, act, &stage, desk)? {
            self.note(side, mark, &what, desk);
        }
        Ok(())
    }

    fn answer(&mut self, side: Side, act: u64, taken: bool, desk: &mut Desk) -> Result<(), Wrong> {
        only(side, Side::Customer)?;
        let what = self.cobrowse()?.answer(act)?;
        if taken {
            self.note(side, Mark::Confirm, &what, desk);
        }
        desk.say_all(self.agent.lines().iter().copied(), &Tell::Answered { act, taken });
        Ok(())
    }

    fn fill(&mut self, side: Side, field: &str, value: Entry, desk: &mut Desk) -> Result<(), Wrong> {
        let room = self.id;
        let (customer, agent) = self.form()?.fill(side, field, value)?;
        self.form()?.changed(room, desk);
        desk.say_all(self.customer.lines().iter().copied(), &customer);
        desk.say_all(self.agent.lines().iter().copied(), &agent);
        Ok(())
    }

    fn focus(&mut self, side: Side, field: Option<String>, desk: &mut Desk) -> Result<(), Wrong> {
        self.form()?.knows(field.as_deref())?;
        let readers = match side {
            Side::Customer => self.agent.lines(),
            Side::Agent => self.customer.lines(),
        };
        desk.say_all(readers.iter().copied(), &Tell::Focus { field, by: side });
        Ok(())
    }

    fn confirm(&mut self, side: Side, desk: &mut Desk) -> Result<(), Wrong> {
        let room = self.id;
        only(side, Side::Customer)?;
        let text = self.form()?.confirm()?;
        self.form()?.store(room, desk);
        self.note(side, Mark::Confirm, "form", desk);
        self.tell(Event::Confirmed { collab: room, text }, desk);
        desk.say_all(self.lines(), &Tell::Confirmed);
        Ok(())
    }

    /// An agent's page reads too slowly.
    pub(crate) fn lagged(&mut self, line: Line, desk: &mut Desk) {
        let stage = self.stage();
        if let Content::Page(page) = &mut self.content {
            page.lagged(line, &stage, desk);
        }
    }

    /// Writes what has changed of the content and is not written yet.
    pub(crate) fn save(&mut self, desk: &mut Desk) {
        match &mut self.content {
            Content::Page(_) => {}
            Content::Form(form) => form.save(self.id, desk),
            Content::Board(board) => board.save(self.id, desk),
        }
    }

    /// The session has another owner, or none for a while.
    pub(crate) fn hand_over(&mut self, end: End, desk: &mut Desk) {
        let before = std::mem::replace(&mut self.agent, end);
        if let Presence::Away(until) = before.presence {
            desk.timers.cancel(until, Timer::Grace(self.id, Side::Agent));
        }
        for line in before.lines() {
            desk.say(*line, None, Tell::Ended { why: Why::Closed });
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
        match &mut self.content {
            Content::Page(_) => {}
            Content::Form(form) => form.rest(self.id, desk),
            Content::Board(board) => board.rest(self.id, desk),
        }
        self.forget(desk);
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
        })
    }
}
