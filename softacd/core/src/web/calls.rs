//! Calls of browsers: a customer's own, and those an agent's browser is summoned to. One browser a person.

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::access::{Caller, Cause, Command, Event};
use ngcc_proto::chat;
use ngcc_proto::fact::Medium;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{LegId, SessionId, UserUri};

use super::call::{self, Awaits, Call, Stage};
use super::page::Spoken;
use super::{CallAsk, Found, Line, Owner, Shut, State, Tell, Wrong};
use crate::clean;
use crate::edge::Edge;
use crate::leg::Who;
use crate::timers::Timer;

/// All calls and the browsers that carry them.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    owners: BTreeMap<Line, Owner>,
    lines: BTreeMap<Owner, Line>,
    pub(super) legs: BTreeMap<LegId, Call>,
    of: BTreeMap<Owner, BTreeSet<LegId>>,
}

/// What a new call says.
pub(super) struct Beginning {
    pub(super) user: UserUri,
    pub(super) entry: String,
    pub(super) spoken: Spoken,
    pub(super) beside: Option<LegId>,
    pub(super) offer: Sdp,
}

impl Calls {
    pub(super) fn lines(&self) -> usize {
        self.owners.len()
    }

    pub(super) fn owner(&self, line: Line) -> Option<&Owner> {
        self.owners.get(&line)
    }

    pub(super) fn insert(&mut self, call: Call) {
        self.of.entry(call.owner.clone()).or_default().insert(call.who.id);
        self.legs.insert(call.who.id, call);
    }

    fn remove(&mut self, leg: LegId) -> Option<Call> {
        let call = self.legs.remove(&leg)?;
        if let Some(legs) = self.of.get_mut(&call.owner) {
            legs.remove(&leg);
            if legs.is_empty() {
                self.of.remove(&call.owner);
            }
        }
        Some(call)
    }

    fn line_of(&self, leg: LegId) -> Option<Line> {
        self.lines.get(&self.legs.get(&leg)?.owner).copied()
    }

    /// A browser has come; one that was there is replaced, and the calls go on by the new one.
    pub(super) fn opened(&mut self, line: Line, owner: Owner, edge: &mut Edge) {
        if let Some(old) = self.lines.insert(owner.clone(), line) {
            self.owners.remove(&old);
            edge.shut(old, Shut::Replaced);
        }
        let mut found = vec![];
        let mut more = vec![];
        for leg in self.of.get(&owner).into_iter().flatten() {
            let Some(call) = self.legs.get_mut(leg) else { continue };
            let state = if call.stage == Stage::Up { State::Up } else { State::Calling };
            found.push(Found { leg: *leg, state });
            if let Stage::Summoned { until, video, .. } = call.stage {
                call.here = true;
                let ring_s = call::seconds_left(until, edge.now.mono);
                more.push(Tell::Summon { leg: *leg, video, ring_s });
            } else if !std::mem::replace(&mut call.here, true) {
                call.who.tell(edge, Event::Reattached { leg: *leg });
            }
            if let Some((session, status)) = call.who.session.zip(call.status.clone()) {
                more.push(Tell::CallStatus { leg: *leg, session, status });
            }
        }
        edge.say(line, None, Tell::CallsReady { legs: found });
        more.into_iter().for_each(|tell| edge.say(line, None, tell));
        self.owners.insert(line, owner);
    }

    /// A browser is gone.
    pub(super) fn closed(&mut self, line: Line, edge: &mut Edge) {
        let Some(owner) = self.owners.remove(&line) else { return };
        self.lines.remove(&owner);
        for leg in self.of.get(&owner).into_iter().flatten() {
            if let Some(call) = self.legs.get_mut(leg) {
                call.lost(edge);
            }
        }
    }

    /// A customer calls.
    pub(super) fn begin(
        &mut self,
        line: Line,
        id: Option<String>,
        new: Beginning,
        edge: &mut Edge,
    ) -> Result<(), Wrong> {
        let owner = Owner::User(new.user.clone());
        let most = edge.settings.web.calls_per_customer;
        let mut call = self.begun(line, id, owner, most, edge)?;
        let leg = call.who.id;
        let arrived = Event::Arrived {
            leg,
            user: new.user,
            display: new.spoken.name.as_deref().and_then(clean::name),
            lang: new.spoken.lang.as_deref().and_then(clean::lang),
            dialled: new.entry,
            caller: Caller::Anonymous,
            medium: if shows(&new.offer) { Medium::Video } else { Medium::Voice },
            beside: new.beside,
            collab: None,
            offer: Some(new.offer),
        };
        call.who.tell(edge, arrived);
        self.insert(call);
        Ok(())
    }

    /// A leg of `owner`'s that begins with an offer of their browser, of which they may have `most`.
    pub(super) fn begun(
        &self,
        line: Line,
        id: Option<String>,
        owner: Owner,
        most: usize,
        edge: &mut Edge,
    ) -> Result<Call, Wrong> {
        let own = self.of.get(&owner).map_or(0, BTreeSet::len);
        if self.legs.len() >= edge.settings.web.legs || own >= most {
            return Err(Wrong::TooMany);
        }
        let leg: LegId = edge.ids.mint(edge.now.wall);
        let call = Call {
            who: Who::new(leg),
            owner,
            stage: Stage::Arrived,
            here: true,
            awaits: Awaits::Answer,
            status: None,
        };
        call.store(edge);
        edge.say(line, id, Tell::Created { leg });
        Ok(call)
    }

    /// A browser says something about one of its calls.
    pub(super) fn frame(
        &mut self,
        line: Line,
        id: Option<String>,
        ask: CallAsk,
        edge: &mut Edge,
    ) -> Result<(), Wrong> {
        let owner = self.owners.get(&line);
        let leg = match &ask {
            CallAsk::Begin { .. } | CallAsk::Show { .. } => return Ok(()),
            CallAsk::Offer { leg, .. }
            | CallAsk::Reattach { leg, .. }
            | CallAsk::Candidate { leg, .. }
            | CallAsk::Key { leg, .. }
            | CallAsk::Hold { leg, .. }
            | CallAsk::Bye { leg } => *leg,
        };
        let Some(call) = self.legs.get_mut(&leg).filter(|call| Some(&call.owner) == owner) else {
            if let CallAsk::Reattach { .. } | CallAsk::Bye { .. } = ask {
                // It ended while the browser was away.
                edge.say(line, id, Tell::Bye { leg, cause: Cause::Lost });
                return Ok(());
            }
            return Err(Wrong::Unknown);
        };
        match ask {
            CallAsk::Offer { offer, .. } | CallAsk::Reattach { offer, .. } => call.offered(offer, edge),
            CallAsk::Candidate { candidate, .. } => {
                call.who.tell(edge, Event::Candidate { leg, candidate });
            }
            CallAsk::Key { digit, .. } => call.who.tell(edge, Event::Digit { leg, digit }),
            CallAsk::Hold { on, .. } => call.who.tell(edge, Event::HoldAsked { leg, held: on }),
            CallAsk::Bye { .. } => {
                if let Some(call) = self.remove(leg) {
                    let cause = call.hang_up(edge);
                    edge.say(line, id, Tell::Bye { leg, cause });
                }
            }
            CallAsk::Begin { .. } | CallAsk::Show { .. } => {}
        }
        Ok(())
    }

    /// An agent's browser is to take part. One that is not there now, because its page is being loaded, may
    /// come while it rings.
    pub(super) fn summon(&mut self, who: Who, owner: Owner, video: bool, ring_s: u32, edge: &mut Edge) {
        let leg = who.id;
        let line = self.lines.get(&owner).copied();
        let until = edge.now.mono + std::time::Duration::from_secs(u64::from(ring_s));
        let stage = Stage::Summoned { until, video };
        let call = Call { who, owner, stage, here: line.is_some(), awaits: Awaits::Nothing, status: None };
        call.store(edge);
        edge.timers.set(until, Timer::Summons(leg));
        if let Some(line) = line {
            edge.say(line, None, Tell::Summon { leg, video, ring_s });
        }
        self.insert(call);
    }

    /// A browser was asked for an offer long enough ago.
    pub(super) fn summoned_in_vain(&mut self, leg: LegId, edge: &mut Edge) {
        let Some(Stage::Summoned { until, .. }) = self.legs.get(&leg).map(|call| call.stage) else { return };
        if until > edge.now.mono {
            return;
        }
        let line = self.line_of(leg);
        let Some(mut call) = self.remove(leg) else { return };
        edge.forget(call.key());
        let cause = if call.here { Cause::NoAnswer } else { Cause::NotRegistered };
        call.who.tell(edge, Event::Refused { leg, cause });
        if let Some(line) = line {
            edge.say(line, None, Tell::Bye { leg, cause });
        }
    }

    /// What cti wants of a call.
    pub(super) fn command(&mut self, command: Command, edge: &mut Edge) {
        let leg = command.leg();
        let line = self.line_of(leg);
        if let Command::Release { cause, .. } = command {
            if let Some(call) = self.remove(leg) {
                edge.forget(call.key());
                if let Some(line) = line {
                    edge.say(line, None, Tell::Bye { leg, cause });
                }
            }
            return;
        }
        if let Some(call) = self.legs.get_mut(&leg) {
            call.command(command, line, edge);
        }
    }

    /// What cti says to a web leg of any medium.
    pub(super) fn told(&mut self, command: chat::Command, session: Option<SessionId>, edge: &mut Edge) {
        let line = self.line_of(command.leg());
        let Some(call) = self.legs.get_mut(&command.leg()) else { return };
        match command {
            chat::Command::Opened { session, .. } => call.joins(session, edge),
            chat::Command::Status { status, .. } => {
                if let Some(session) = session {
                    call.joins(session, edge);
                }
                call.status = Some(status.clone());
                if let (Some(line), Some(session)) = (line, call.who.session) {
                    edge.say(line, None, Tell::CallStatus { leg: call.who.id, session, status });
                }
            }
            // A call has no messages: those of its session go to the chat beside it.
            chat::Command::Begin { .. }
            | chat::Command::Accepted { .. }
            | chat::Command::Refused { .. }
            | chat::Command::Deliver { .. }
            | chat::Command::Replay { .. }
            | chat::Command::NotReplayed { .. }
            | chat::Command::Typing { .. }
            | chat::Command::Read { .. } => {}
        }
    }
}

/// Whether an offer has pictures.
fn shows(offer: &Sdp) -> bool {
    offer.media.iter().any(|m| m.kind == "video" && m.port != 0)
}
