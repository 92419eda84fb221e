//! An agent calls out: a session of their own, whose owner they are from the first second. Their own device first,
//! then the other side; between two agents it is a consultation without a customer.

use std::time::Duration;

use ngcc_proto::access::Target;
use ngcc_proto::fact::{Medium, What};
use ngcc_proto::media::{self, Part};
use ngcc_proto::seat::{Availability, Slot, To};
use ngcc_proto::{ConferenceId, LegId, ReservationId, Role, SeatId, SessionId, UserUri};

use super::call::DEFAULT_RING_S;
use super::consult::{Callee, name_of};
use super::ring::by_what;
use crate::Cti;
use crate::seat::command::Done;

/// How long the agent's own device may take.
const OWN_DEVICE: Duration = Duration::from_secs(20);

impl Cti {
    /// Calls `to` for the seat's agent: a number, an extension, a SIP URI or `agent:name`.
    pub(crate) fn dial_out(&mut self, seat: SeatId, to: &str) -> Done {
        let own = self.resources.seat(seat).ok_or("there is no such agent")?;
        if own.availability == Availability::LoggedOut {
            return Err("sign in first");
        }
        if own.voice != Slot::Free {
            return Err("there is a call already");
        }
        let to = match to.strip_prefix("agent:") {
            Some(name) => To::Agent(name.to_owned()),
            None => To::Number(to.trim().to_owned()),
        };
        let callee = self.callee(&to, Some(seat))?;
        let (agent, name) = (own.agent.clone(), name_of(&to));
        let user = self.user_of(&callee, &name);
        let at = self.step.now.wall;
        let (id, leg): (SessionId, LegId) = (self.ids.mint(at), self.ids.mint(at));
        let (conference, reservation): (ConferenceId, ReservationId) = (self.ids.mint(at), self.ids.mint(at));
        self.exchange.open(id, Role::Access.first());
        let medium = Medium::Voice;
        self.record(id, What::Opened { user, display: None, dialled: name.clone(), medium, conference });
        let until = self.step.now.mono + OWN_DEVICE;
        let why = "calls out".to_owned();
        self.record(id, What::Reserved { reservation, seat, agent: agent.clone(), leg, why, until });
        self.record(id, What::LegAdded { leg, part: Part::Agent, seat: Some(seat) });
        let Some(session) = self.sessions.get_mut(&id) else { return Ok(()) };
        session.live.dials = Some((callee, name));
        let Some(own) = self.resources.seat(seat) else { return Ok(()) };
        let by = by_what(session, own);
        self.ring_agent(id, leg, agent.name(), by, DEFAULT_RING_S);
        Ok(())
    }

    /// The agent's own device is there: now the other side.
    pub(crate) fn dial_on(&mut self, id: SessionId) {
        let dials = self.sessions.get_mut(&id).and_then(|session| session.live.dials.take());
        match dials {
            Some((Callee::Target(target), _)) => self.call_customer(id, target),
            Some((callee @ Callee::Seat(_), name)) => self.start_side(id, callee, name),
            None => {}
        }
    }

    fn call_customer(&mut self, id: SessionId, target: Target) {
        let leg: LegId = self.ids.mint(self.step.now.wall);
        self.record(id, What::LegAdded { leg, part: Part::User, seat: None });
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.live.call = Some((target, DEFAULT_RING_S));
        let conference = session.conference_now();
        self.tell(Some(id), media::Command::Open { leg, conference, part: Part::User, offer: None });
    }

    fn user_of(&self, callee: &Callee, name: &str) -> UserUri {
        match callee {
            Callee::Seat(seat) => {
                let agent = self.resources.seat(*seat).map_or(name, |seat| seat.agent.name());
                UserUri::Customer(format!("agent/{agent}"))
            }
            Callee::Target(Target::Phone(phone)) => UserUri::Phone(phone.clone()),
            Callee::Target(Target::Uri(uri)) => {
                UserUri::Sip(uri.trim_start_matches("sips:").trim_start_matches("sip:").to_owned())
            }
        }
    }

    /// Whose number the other side is shown when an agent calls out.
    pub(crate) fn shown_number(&self, id: SessionId) -> Option<UserUri> {
        let (seat, _) = self.owner(id)?;
        let settings = self.resources.seat(seat)?.settings.as_ref()?;
        Some(settings.public_number.clone()).filter(|number| !number.is_empty()).map(UserUri::Phone)
    }
}
