//! What can be read off a session: whose leg it is, what it makes of a seat's slot, the phase it is in.

use ngcc_proto::flow::Vars;
use ngcc_proto::media::{Part, Phase};
use ngcc_proto::seat::Slot;
use ngcc_proto::{ConferenceId, LegId, RunId, SeatId};

use super::{Asking, How, Leg, LegStage, Offer, Run, RunStage, Session, Stage, Together, Whose};
use crate::lane::Lane;
use crate::queue::Place;

impl Session {
    /// The customer's leg.
    pub(crate) fn customer(&self) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.part == Part::User)
    }

    /// The leg.
    pub(crate) fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    /// Which kind of slot it takes of a seat.
    pub(crate) fn lane(&self) -> Lane {
        Lane::of(self.medium)
    }

    /// Whether it has sound: its legs are calls, with media at ivr.
    pub(crate) fn is_call(&self) -> bool {
        self.lane() == Lane::Voice
    }

    /// Whether softacd holds the leg.
    pub(crate) fn is_at_edge(&self, leg: LegId) -> bool {
        self.is_call() || self.customer().is_some_and(|customer| customer.id == leg)
    }

    /// The conference in which the customer's leg is.
    pub(crate) fn conference_now(&self) -> ConferenceId {
        self.live.room.unwrap_or(self.conference)
    }

    /// Whose leg it is.
    pub(crate) fn whose(&self, id: LegId) -> Whose {
        match &self.stage {
            Stage::Offered { offer, .. } if offer.leg == id => return Whose::Offered,
            Stage::Dialling { leg } if *leg == id => return Whose::Dialled,
            Stage::With(with) if with.leg == id => return Whose::Partner,
            Stage::With(_) if self.side.as_ref().is_some_and(|side| side.leg == id) => {
                return Whose::Consulted;
            }
            Stage::With(_) if self.leg(id).is_some_and(|leg| leg.part == Part::Second) => {
                return Whose::Member;
            }
            Stage::Arriving
            | Stage::SelfService
            | Stage::Waiting(_)
            | Stage::Offered { .. }
            | Stage::Dialling { .. }
            | Stage::With(_)
            | Stage::Unattended { .. }
            | Stage::InRoom
            | Stage::Closed => {}
        }
        if self.customer().is_some_and(|leg| leg.id == id) { Whose::Customer } else { Whose::Nobody }
    }

    /// The run.
    pub(crate) fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    /// What every flow for its customer begins with.
    pub(crate) fn given_vars(&self) -> Vars {
        let lang = self.aside.lang.iter().map(|lang| ("lang".to_owned(), lang.clone()));
        let given = [("caller", self.user.bare()), ("dialled", &self.dialled)];
        given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).chain(lang).collect()
    }

    /// The run that serves the customer, not the one heard while waiting.
    pub(crate) fn main_run(&self) -> Option<&Run> {
        self.runs.iter().rev().find(|run| !run.while_waiting)
    }

    /// The run that waits for what it asked.
    pub(crate) fn asking(&self, what: impl Fn(Asking) -> bool) -> Option<RunId> {
        let asks = |run: &&Run| matches!(run.stage, RunStage::Asked(asking) if what(asking));
        self.runs.iter().rev().find(asks).map(|run| run.id)
    }

    /// The run that waits for an agent.
    pub(crate) fn asking_human(&self) -> Option<RunId> {
        self.asking(|asking| matches!(asking, Asking::Human | Asking::Queue))
    }

    /// Its place, if it waits and no offer rings.
    pub(crate) fn waiting(&self) -> Option<Place> {
        let Stage::Waiting(place) = &self.stage else { return None };
        Some(*place)
    }

    /// The offer that is under way.
    pub(crate) fn offer(&self) -> Option<&Offer> {
        let Stage::Offered { offer, .. } = &self.stage else { return None };
        Some(offer)
    }

    /// Its place, whether or not an offer rings.
    pub(crate) fn place(&self) -> Option<Place> {
        let Stage::Offered { place, .. } = &self.stage else { return self.waiting() };
        *place
    }

    /// The customer with their partner.
    pub(crate) fn together(&self) -> Option<Together> {
        let Stage::With(with) = &self.stage else { return None };
        Some(*with)
    }

    /// The seat that the session holds now.
    pub(crate) fn seat(&self) -> Option<SeatId> {
        self.offer().map(|offer| offer.claim.seat()).or_else(|| self.together()?.seat)
    }

    /// What the session makes of a seat's slot; none if it has no claim on it.
    pub(crate) fn slot(&self, seat: SeatId) -> Option<Slot> {
        let session = self.id;
        if let Some(offer) = self.offer().filter(|offer| offer.claim.seat() == seat) {
            let (reservation, leg) = (offer.claim.id(), offer.leg);
            return Some(match offer.alerting {
                true => Slot::Alerting { reservation, session, leg },
                false => Slot::Reserved { reservation, session },
            });
        }
        if let Some(Together { leg, how, .. }) = self.together().filter(|with| with.seat == Some(seat)) {
            return Some(match how {
                How::Talk => Slot::Talking { session, leg },
                How::Held(_) => Slot::Held { session, leg },
                How::InIvr { .. } => Slot::InIvr { session, leg },
                How::Consulting => Slot::Consulting { session, leg },
                How::Conference => Slot::Talking { session, leg },
            });
        }
        if let Some(slot) = self.side_slot(seat) {
            return Some(slot);
        }
        let &(_, _, until) = self.wrap_ups.iter().find(|(id, _, _)| *id == seat)?;
        let until = self.held_for(seat).map_or(until, |held| until.max(held));
        Some(Slot::WrapUp { session, until })
    }

    /// The phase its conference is in; none while nobody hears anything.
    pub(crate) fn phase(&self) -> Option<Phase> {
        if !self.is_call() {
            return None;
        }
        let music = !self.runs.iter().any(|run| run.while_waiting);
        match &self.stage {
            Stage::Arriving | Stage::Closed => None,
            Stage::SelfService | Stage::Unattended { .. } => Some(Phase::SelfService),
            Stage::Waiting(_) | Stage::Offered { .. } => {
                Some(Phase::Queue { music: music && !self.live.silent })
            }
            Stage::Dialling { .. } => {
                let answered = self.customer().is_some_and(|leg| leg.stage != LegStage::New);
                Some(Phase::Queue { music: answered })
            }
            // Whose other side is unreachable for a moment hears music, not nothing.
            Stage::With(Together { how: How::Talk, .. })
                if self.legs.iter().any(|leg| leg.stage == LegStage::Unreachable) =>
            {
                Some(Phase::Hold)
            }
            Stage::With(Together { how: How::Talk, .. }) => Some(Phase::Talk),
            Stage::With(Together { how: How::Held(_), .. }) => Some(Phase::Hold),
            Stage::With(Together { how: How::Consulting, .. }) if self.live.swapped => Some(Phase::Talk),
            Stage::With(Together { how: How::Consulting, .. }) => Some(Phase::Consult),
            Stage::With(Together { how: How::Conference, .. }) => Some(Phase::Conference),
            Stage::With(Together { how: How::InIvr { .. }, .. }) => {
                Some(Phase::InIvr { listen: self.aside.listen, secure: self.secret_run().is_some() })
            }
            Stage::InRoom => Some(Phase::Conference),
        }
    }

    /// Whether nothing can happen in it any more.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Closed) && self.wrap_ups.is_empty() && self.shared.is_empty()
    }

    /// Whether it is closed; a wrap-up may still run.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed)
    }

    /// Where it stands, in a word.
    pub(crate) fn word(&self) -> &'static str {
        match &self.stage {
            Stage::Arriving => "arriving",
            Stage::SelfService => "self-service",
            Stage::Waiting(_) => "queue",
            Stage::Offered { offer, .. } if offer.alerting => "alerting",
            Stage::Offered { .. } => "reserved",
            Stage::Dialling { .. } => "dialling",
            Stage::With(Together { how: How::Talk, .. }) => "talk",
            Stage::With(Together { how: How::Held(_), .. }) => "hold",
            Stage::With(Together { how: How::Consulting, .. }) => "consult",
            Stage::With(Together { how: How::Conference, .. }) => "conference",
            Stage::With(Together { how: How::InIvr { .. }, .. }) | Stage::Unattended { .. } => "in-ivr",
            Stage::InRoom => "conference",
            Stage::Closed => "closed",
        }
    }
}
