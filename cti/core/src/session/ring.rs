//! How an agent is asked: the phone is called, the browser is summoned and connects while it rings, or the
//! console alone shows a chat. At the console an offer is taken by its own word, never by a connection.

use ngcc_proto::access;
use ngcc_proto::fact::Medium;
use ngcc_proto::media::{self, Part};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::seat::Device;
use ngcc_proto::{LegId, SessionId};

use super::{Session, Summon};
use crate::Cti;
use crate::seat::Seat;

/// Why a phone's call is not taken at the console.
const AT_THE_PHONE: &str = "the phone rings: answer it there";

/// By what an agent is asked to take a session.
pub(crate) enum ByWhat {
    /// Their phone, by name.
    Phone(String),
    /// Their browser, which connects while it rings.
    Browser,
    /// The console alone: a chat.
    Console,
}

/// By what the seat's agent is asked to take the session.
pub(crate) fn by_what(session: &Session, seat: &Seat) -> ByWhat {
    match &seat.device {
        _ if !session.is_call() => ByWhat::Console,
        Device::Phone(name) => ByWhat::Phone(name.clone()),
        Device::Browser => ByWhat::Browser,
    }
}

impl Cti {
    /// Asks the agent to whom the session is offered.
    pub(crate) fn ring_agent(&mut self, id: SessionId, leg: LegId, agent: &str, by: ByWhat, ring_s: u32) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let conference = session.conference_now();
        session.live.early = None;
        match by {
            ByWhat::Phone(phone) => {
                session.live.call = Some((access::Target::Phone(phone), ring_s));
                self.tell(Some(id), media::Command::Open { leg, conference, part: Part::Agent, offer: None });
            }
            ByWhat::Browser => {
                session.live.summon = Some((leg, Summon::Asked));
                let video = session.medium == Medium::Video || session.customer_shows();
                let agent = agent.to_owned();
                self.tell(Some(id), access::Command::Summon { leg, agent, video, ring_s });
            }
            ByWhat::Console => self.offer_rings(id),
        }
    }

    /// The agent's browser is ready and offers.
    pub(crate) fn summoned(&mut self, id: SessionId, leg: LegId, offer: Sdp) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.live.summon != Some((leg, Summon::Asked)) {
            return;
        }
        session.live.summon = Some((leg, Summon::Opening));
        let part = session.leg(leg).map_or(Part::Agent, |leg| leg.part);
        let conference = session.conference_now();
        self.tell(Some(id), media::Command::Open { leg, conference, part, offer: Some(offer) });
    }

    /// The media of the agent's browser is open: it is connected, and unheard until the offer is taken.
    pub(crate) fn browser_opened(&mut self, id: SessionId, leg: LegId, sdp: Sdp) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.live.summon != Some((leg, Summon::Opening)) {
            return;
        }
        session.live.summon = None;
        let dials = session.live.dials.is_some();
        self.tell(Some(id), access::Command::Answer { leg, sdp });
        if dials {
            // Whoever calls out need not be asked.
            self.offer_taken(id, None);
        } else {
            self.offer_rings(id);
        }
    }

    /// The agent takes the offer at the console.
    pub(crate) fn accept(&mut self, id: SessionId) -> Result<(), &'static str> {
        let session = self.sessions.get(&id).ok_or("that offer is over")?;
        if let Some(side) = &session.side {
            let seat = side.seat.and_then(|seat| self.resources.seat(seat)).ok_or("that offer is over")?;
            return if seat.in_browser() { self.side_taken(id, None) } else { Err(AT_THE_PHONE) };
        }
        let seat = session.offer().and_then(|offer| self.resources.seat(offer.claim.seat()));
        if let ByWhat::Phone(_) = by_what(session, seat.ok_or("that offer is over")?) {
            return Err(AT_THE_PHONE);
        }
        self.offer_taken(id, None);
        Ok(())
    }
}
