//! What pages ask of their collaboration, and who may ask what.

use ngcc_proto::collab::{Act as Mark, Event, Kind};
use serde_json::Value;

use crate::ask::{Act, Ask, Entry, Grant, Side};
use crate::board::Board;
use crate::cobrowse::Cobrowse;
use crate::desk::Desk;
use crate::form::Filling;
use crate::io::Line;
use crate::room::{After, Content, Room};
use crate::tell::{Tell, Wrong};

/// Refuses what only the other end may.
fn only(side: Side, wanted: Side) -> Result<(), Wrong> {
    if side == wanted { Ok(()) } else { Err(Wrong::Forbidden) }
}

impl Room {
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
                let told = self.board()?.update(room, update, others, desk)?;
                self.tape(told, desk);
            }
            Ask::Aware(state) => {
                let others = self.others(line);
                self.board()?;
                desk.say_all(others, &Tell::Aware { state: state.into(), by: side });
            }
            Ask::Push { url } => self.push(line, side, id, url, desk)?,
            Ask::Opened { n, taken } => self.answer_link(side, n, taken, desk)?,
            Ask::Remove { file } => self.remove(side, file, desk)?,
        }
        Ok(After::Stays)
    }

    /// Every page but this one.
    pub(crate) fn others(&self, line: Line) -> Vec<Line> {
        self.lines().into_iter().filter(|other| *other != line).collect()
    }

    fn board(&mut self) -> Result<&mut Board, Wrong> {
        match &mut self.content {
            Content::Board(board) => Ok(board),
            Content::Page(_) | Content::Form(_) | Content::Tray(_) | Content::Links(_) | Content::Screen => {
                Err(Wrong::Forbidden)
            }
        }
    }

    fn form(&mut self) -> Result<&mut Filling, Wrong> {
        match &mut self.content {
            Content::Form(form) => Ok(form),
            Content::Page(_) | Content::Board(_) | Content::Tray(_) | Content::Links(_) | Content::Screen => {
                Err(Wrong::Forbidden)
            }
        }
    }

    fn cobrowse(&mut self) -> Result<&mut Cobrowse, Wrong> {
        match &mut self.content {
            Content::Page(page) => Ok(page),
            Content::Form(_) | Content::Board(_) | Content::Tray(_) | Content::Links(_) | Content::Screen => {
                Err(Wrong::Forbidden)
            }
        }
    }

    /// Whether a page is what is shared.
    fn page(&self) -> Result<(), Wrong> {
        if self.kind == Kind::Cobrowse { Ok(()) } else { Err(Wrong::Forbidden) }
    }

    /// Whether what is shared is shown by the customer, who may pause it.
    fn shown(&self) -> Result<(), Wrong> {
        match self.kind {
            Kind::Cobrowse | Kind::Screen => Ok(()),
            Kind::Form | Kind::Whiteboard | Kind::Document | Kind::File | Kind::Url => Err(Wrong::Forbidden),
        }
    }

    fn consent(&mut self, side: Side, what: Grant, on: bool, desk: &mut Desk) -> Result<(), Wrong> {
        // Pointing and acting is for pages; that the agent takes part is granted for whatever is shared.
        if what != Grant::View {
            self.page()?;
        }
        only(side, Side::Customer)?;
        let before = self.consents;
        let mut after = before;
        after.set(what, on);
        if after != before {
            // Taking back is never refused; as it needs a grant before it, there is no more of it than of those.
            if on {
                self.once_more(desk)?;
            }
            self.consents = after;
            self.tape_turn(desk);
            self.store(desk);
            self.note(side, if on { Mark::Consent } else { Mark::Revoke }, what.word(), desk);
            self.shown_or_hidden(before.view && !self.paused, desk);
        }
        self.show_consents(desk);
        if after.view && !before.view {
            self.show_put(desk);
        }
        Ok(())
    }

    /// Counts one thing more that stands in the record.
    ///
    /// # Errors
    /// There were too many lately.
    pub(crate) fn once_more(&mut self, desk: &Desk) -> Result<(), Wrong> {
        let now = desk.now.mono;
        while self.lately.front().is_some_and(|first| now.since(*first) >= desk.limits.within) {
            self.lately.pop_front();
        }
        if self.lately.len() >= desk.limits.notes {
            return Err(Wrong::TooMany);
        }
        self.lately.push_back(now);
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
        self.shown()?;
        only(side, Side::Customer)?;
        if self.paused != on {
            // As above: to pause is never refused.
            if !on {
                self.once_more(desk)?;
            }
            let was = self.consents.view && !self.paused;
            self.paused = on;
            self.tape_turn(desk);
            self.store(desk);
            self.note(side, if on { Mark::Pause } else { Mark::Resume }, "view", desk);
            self.shown_or_hidden(was, desk);
        }
        desk.say_all(self.lines(), &Tell::Paused { on });
        self.tape_mark(Tell::Paused { on }, desk);
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
        if act.needs() == Grant::View && stage.open {
            self.once_more(desk)?;
        }
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
        desk.say_all(self.readers(), &agent);
        self.tape(agent, desk);
        Ok(())
    }

    fn focus(&mut self, side: Side, field: Option<String>, desk: &mut Desk) -> Result<(), Wrong> {
        self.form()?.knows(field.as_deref())?;
        let other = match side {
            Side::Customer => self.agent.lines(),
            Side::Agent => self.customer.lines(),
        };
        desk.say_all(other.iter().copied().chain(self.looking()), &Tell::Focus { field, by: side });
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
        self.tape(Tell::Confirmed, desk);
        Ok(())
    }
}
