//! A shared screen: its pictures go from the customer's browser to the agent's, and to those of whoever looks on, over a
//! conference of their own, beside whatever calls these people have. What may be seen is decided here, by what the customer has granted, and kept by the media
//! server: a page that goes on sending while it is paused is not seen.

use std::time::Duration;

use ngcc_proto::access::{self, Cause};
use ngcc_proto::collab::{Act, Kind, Who};
use ngcc_proto::fact::{By, What};
use ngcc_proto::media::{self, Part, Phase};
use ngcc_proto::recording::Loss;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{AgentUri, CollabId, ConferenceId, LegId, SessionId};

use super::{Collab, MAX_NOTED};
use crate::Cti;
use crate::timer::Timer;

/// Who sees what of a shared screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    /// The customer lets it be seen.
    granted: bool,
    paused: bool,
    /// The conference of its pictures, once a browser carries them.
    conference: Option<ConferenceId>,
    legs: Vec<(LegId, Who)>,
}

/// A leg of a shared screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    collab: CollabId,
    leg: LegId,
}

impl Screen {
    /// At the beginning: whoever asks for it wants it.
    pub(super) fn of(by: By) -> Self {
        Self { granted: by == By::Customer, paused: false, conference: None, legs: vec![] }
    }

    pub(super) fn noted(&mut self, what: &What) {
        let What::CollabNoted { act, what, .. } = what else { return };
        match act {
            Act::Consent if what == "view" => self.granted = true,
            Act::Revoke if what == "view" => self.granted = false,
            Act::Pause => self.paused = true,
            Act::Resume => self.paused = false,
            Act::Consent
            | Act::Revoke
            | Act::Control
            | Act::Propose
            | Act::Confirm
            | Act::Put
            | Act::Open
            | Act::Remove
            | Act::Unrecorded => {}
        }
    }

    pub(super) fn leg_added(&mut self, leg: LegId, who: &Who, conference: ConferenceId) {
        self.conference = Some(conference);
        self.legs.push((leg, who.clone()));
    }

    pub(super) fn leg_left(&mut self, leg: LegId) {
        self.legs.retain(|(own, _)| *own != leg);
    }

    /// What the customer has granted, and whether it is paused.
    pub(super) fn leave(&self) -> (bool, bool) {
        (self.granted, self.paused)
    }

    /// It has come from another session, with what was granted there.
    pub(super) fn came(&mut self, granted: bool, paused: bool) {
        (self.granted, self.paused) = (granted, paused);
    }

    /// Every leg, whose it is, and the conference of these pictures.
    pub(super) fn legs(&self) -> Vec<(LegId, Who, ConferenceId)> {
        let all = self.legs.iter().map(|(leg, who)| Some((*leg, who.clone(), self.conference?)));
        all.flatten().collect()
    }

    /// Whether the customer's browser carries pictures.
    pub(super) fn is_shown(&self) -> bool {
        self.legs.iter().any(|(_, who)| matches!(who, Who::User(_)))
    }

    /// On hold the agent is shown the slate.
    fn phase(&self) -> Phase {
        if self.granted && !self.paused { Phase::Talk } else { Phase::Hold }
    }
}

impl Collab {
    /// The legs that carry its pictures.
    pub(crate) fn screen_legs(&self) -> impl Iterator<Item = LegId> {
        self.screen.legs.iter().map(|(leg, _)| *leg)
    }
}

impl Cti {
    /// An end's browser offers to carry the pictures: it must take part. Where it had a leg already, the new one takes
    /// its place.
    pub(super) fn shows(&mut self, collab: CollabId, who: Who, leg: LegId, offer: Sdp) {
        let known = self.exchange.of_leg(leg).is_some();
        let part = |(id, shared): (SessionId, &Collab)| {
            let who = shared.part_of(&who)?;
            let is_screen = shared.kind == Kind::Screen && shared.is_established();
            is_screen.then(|| (id, who, shared.screen.clone(), shared.recorded))
        };
        let Some((id, who, screen, recorded)) = self.shared(collab).and_then(part) else {
            if !known {
                self.tell(None, access::Command::Release { leg, cause: Cause::Forbidden });
            }
            return;
        };
        if known {
            return;
        }
        for (old, _) in screen.legs.iter().filter(|(_, of)| *of == who) {
            self.screen_leg_over(id, Shown { collab, leg: *old }, Cause::AnsweredElsewhere);
        }
        let conference = screen.conference.unwrap_or_else(|| self.ids.mint(self.step.now.wall));
        let part = match &who {
            Who::User(_) => Part::User,
            Who::Agent(_) => Part::Agent,
            Who::Viewer(_) => Part::Second,
        };
        self.record(id, What::CollabLegAdded { collab, leg, who, conference });
        if recorded {
            self.tell(Some(id), media::Command::Record { conference, collab });
        }
        self.tell(Some(id), media::Command::Open { leg, conference, part, offer: Some(offer) });
        self.tell_shown(id, collab);
    }

    /// Tells ivr what may be seen.
    pub(super) fn tell_shown(&mut self, id: SessionId, collab: CollabId) {
        let Some((_, Collab { screen, .. })) = self.shared(collab) else { return };
        if let (Some(conference), false) = (screen.conference, screen.legs.is_empty()) {
            let phase = screen.phase();
            self.tell(Some(id), media::Command::Phase { conference, phase });
        }
    }

    /// It is over, and so is its recording, if it has one.
    pub(super) fn screen_recorded(&mut self, id: SessionId, shared: &Collab) {
        if shared.recorded && shared.screen.conference.is_some() {
            self.tell(Some(id), media::Command::EndRecording { collab: shared.id });
        }
    }

    /// A screen's recording cannot go on: its record says so, and it is shown as before.
    pub(crate) fn unrecorded(&mut self, collab: CollabId, loss: Loss) {
        if let Some((id, _)) = self.shared(collab).filter(|(_, shared)| shared.noted < MAX_NOTED) {
            let (by, act, what) = (By::Centre, Act::Unrecorded, loss.word().to_owned());
            self.record(id, What::CollabNoted { collab, by, act, what });
        }
    }

    /// ivr has started and says which recordings go on: those of what is over have come to their end.
    pub(crate) fn recordings_restored(&mut self, recordings: Vec<CollabId>) {
        for collab in recordings {
            if self.shared(collab).is_none() {
                self.tell(None, media::Command::EndRecording { collab });
            }
        }
    }

    /// Of which shared screen a leg of the session is.
    pub(crate) fn screen_of(&self, id: SessionId, leg: LegId) -> Option<Shown> {
        let mut shared = self.sessions.get(&id)?.shared.iter();
        let collab = shared.find(|shared| shared.screen_legs().any(|own| own == leg))?.id;
        Some(Shown { collab, leg })
    }

    /// Something happened at the edge to a leg of a shared screen.
    pub(crate) fn screen_event(&mut self, id: SessionId, shown: Shown, event: access::Event) {
        use access::Event;
        match event {
            Event::Reoffered { leg, offer } => {
                self.tell(Some(id), media::Command::Reoffer { leg, offer });
            }
            Event::Candidate { leg, candidate } => {
                self.tell(Some(id), media::Command::Candidate { leg, candidate });
            }
            Event::Unreachable { leg } => self.screen_away(leg),
            Event::Reattached { leg } => self.timers.cancel(Timer::Grace(leg)),
            Event::Refused { cause, .. } | Event::Left { cause, .. } => {
                self.screen_leg_gone(id, shown, cause);
            }
            // It has neither keys nor a hold of its own, and is called by nobody.
            Event::Arrived { .. }
            | Event::Restored { .. }
            | Event::Summoned { .. }
            | Event::Ringing { .. }
            | Event::Answered { .. }
            | Event::HoldAsked { .. }
            | Event::TransferAsked { .. }
            | Event::Digit { .. } => {}
        }
    }

    /// Something happened to the media of a leg: given back if it is no leg of a shared screen.
    pub(crate) fn screen_media(&mut self, id: SessionId, event: media::Event) -> Option<media::Event> {
        use media::Event;
        let (Event::Opened { leg, .. }
        | Event::Reanswered { leg, .. }
        | Event::Failed { leg, .. }
        | Event::Digit { leg, .. }
        | Event::Silent { leg }
        | Event::PeerUp { leg }
        | Event::PeerLost { leg }) = &event
        else {
            return Some(event);
        };
        let leg = *leg;
        let Some(shown) = self.screen_of(id, leg) else { return Some(event) };
        match event {
            Event::Opened { sdp, .. } => {
                self.tell(Some(id), access::Command::Answer { leg, sdp });
            }
            Event::Reanswered { sdp, .. } => {
                self.tell(Some(id), access::Command::Update { leg, sdp });
            }
            Event::Failed { cause, .. } => self.screen_leg_over(id, shown, cause),
            Event::PeerUp { .. } => self.timers.cancel(Timer::Grace(leg)),
            Event::PeerLost { .. } => self.screen_away(leg),
            Event::Digit { .. }
            | Event::Silent { .. }
            | Event::Restored { .. }
            | Event::Unrecorded { .. } => {}
        }
        None
    }

    /// Its connection is lost: the grace of every leg runs. It stands in no fact, as nothing is told of it; after a
    /// start softacd says anew who is away.
    fn screen_away(&mut self, leg: LegId) {
        if !self.timers.is_set(Timer::Grace(leg)) {
            let grace = Duration::from_secs(self.centre.grace_s.into());
            self.timers.set(Timer::Grace(leg), self.step.now.mono + grace);
        }
    }

    /// A leg is let go.
    pub(crate) fn screen_leg_over(&mut self, id: SessionId, shown: Shown, cause: Cause) {
        self.tell(Some(id), access::Command::Release { leg: shown.leg, cause });
        self.screen_leg_gone(id, shown, cause);
    }

    /// A leg has ended: its media too.
    fn screen_leg_gone(&mut self, id: SessionId, shown: Shown, cause: Cause) {
        let Shown { collab, leg } = shown;
        self.record(id, What::CollabLegLeft { collab, leg, cause });
        self.tell(Some(id), media::Command::Close { leg });
    }

    /// The session goes to another owner: whoever saw the screen sees it no more.
    pub(super) fn agent_sees_no_more(&mut self, id: SessionId, collab: CollabId) {
        self.let_go(id, collab, |who| matches!(who, Who::Agent(_)));
    }

    /// Who looked on does so no longer.
    pub(super) fn viewer_sees_no_more(&mut self, id: SessionId, collab: CollabId, agent: &AgentUri) {
        self.let_go(id, collab, |who| matches!(who, Who::Viewer(viewer) if viewer == agent));
    }

    /// Whoever looks on and is not shown as here any more is shown nothing: nobody looks on unseen.
    pub(super) fn unseen_sees_nothing(&mut self, collab: CollabId, who: &Who) {
        if let (Who::Viewer(agent), Some((id, _))) = (who, self.shared(collab)) {
            self.viewer_sees_no_more(id, collab, agent);
        }
    }

    /// The sharing is over.
    pub(super) fn nobody_sees(&mut self, id: SessionId, collab: CollabId) {
        self.let_go(id, collab, |_| true);
    }

    fn let_go(&mut self, id: SessionId, collab: CollabId, whose: impl Fn(&Who) -> bool) {
        let Some((_, shared)) = self.shared(collab) else { return };
        let legs: Vec<LegId> =
            shared.screen.legs.iter().filter(|(_, who)| whose(who)).map(|(leg, _)| *leg).collect();
        for leg in legs {
            self.screen_leg_over(id, Shown { collab, leg }, Cause::Normal);
        }
    }

    /// Legs that softacd or ivr holds no longer are offered anew by their pages.
    pub(crate) fn lose_screens(&mut self, id: SessionId, held: impl Fn(LegId) -> bool) {
        let shared = self.sessions.get(&id).into_iter().flat_map(|session| &session.shared);
        let legs = shared.flat_map(|shared| shared.screen_legs().map(|leg| Shown { collab: shared.id, leg }));
        let lost: Vec<Shown> = legs.filter(|shown| !held(shown.leg)).collect();
        for shown in lost {
            self.screen_leg_over(id, shown, Cause::Lost);
        }
    }
}
