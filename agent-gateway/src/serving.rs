//! Whom each agent serves at this moment, or is offered: what they may see of customers hangs on it.

use std::collections::BTreeMap;

use ngcc_proto::seat::{Slot, Told};
use ngcc_proto::{AgentUri, ReservationId, SessionId, UserUri};

/// A customer in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    /// The session.
    pub(crate) session: SessionId,
    /// By what they came.
    pub(crate) user: UserUri,
    /// The name they gave.
    pub(crate) display: Option<String>,
}

/// One agent's.
#[derive(Debug, Default)]
struct Desk {
    contacts: BTreeMap<SessionId, Served>,
    offers: BTreeMap<ReservationId, Served>,
}

/// Everybody's; bounded by their slots.
#[derive(Debug, Default)]
pub(crate) struct Serving(BTreeMap<AgentUri, Desk>);

impl Serving {
    /// What a seat is told.
    pub(crate) fn told(&mut self, agent: &AgentUri, what: &Told) {
        let desk = self.0.entry(agent.clone()).or_default();
        match what {
            Told::Contact { contact } => {
                let (session, user, display) =
                    (contact.session, contact.user.clone(), contact.display.clone());
                desk.offers.retain(|_, served| served.session != session);
                desk.contacts.insert(session, Served { session, user, display });
            }
            Told::Gone { session } => {
                desk.contacts.remove(session);
            }
            Told::Offered { reservation, session, user, display, .. } => {
                let served = Served { session: *session, user: user.clone(), display: display.clone() };
                desk.offers.insert(*reservation, served);
            }
            Told::Rescinded { reservation, .. } => {
                desk.offers.remove(reservation);
            }
            // One that was declined or taken rings no longer.
            Told::State { voice, chats, .. } => {
                let rings = |id: &ReservationId| {
                    chats.iter().chain([voice]).any(|slot| reservation(slot).is_some_and(|one| one == *id))
                };
                desk.offers.retain(|id, _| rings(id));
            }
            Told::Returned { .. }
            | Told::Message { .. }
            | Told::Accepted { .. }
            | Told::NotAccepted { .. }
            | Told::Replay { .. }
            | Told::Invited { .. }
            | Told::CollabEnded { .. }
            | Told::Link { .. }
            | Told::NotReplayed { .. }
            | Told::Typing { .. }
            | Told::Read { .. }
            | Told::Done
            | Told::Refused { .. } => {}
        }
        if desk.contacts.is_empty() && desk.offers.is_empty() {
            self.0.remove(agent);
        }
    }

    /// The customers of one agent.
    pub(crate) fn of(&self, agent: &str) -> Vec<Served> {
        let desk = self.0.iter().find(|(uri, _)| uri.name() == agent).map(|(_, desk)| desk);
        desk.map(|desk| desk.contacts.values().chain(desk.offers.values()).cloned().collect())
            .unwrap_or_default()
    }

    /// Who the customer of a session is, if any agent has it.
    pub(crate) fn session(&self, session: SessionId) -> Option<Served> {
        let mut all = self.0.values().flat_map(|desk| desk.contacts.values().chain(desk.offers.values()));
        all.find(|served| served.session == session).cloned()
    }
}

fn reservation(slot: &Slot) -> Option<ReservationId> {
    match slot {
        Slot::Reserved { reservation, .. } | Slot::Alerting { reservation, .. } => Some(*reservation),
        Slot::Free
        | Slot::Talking { .. }
        | Slot::Held { .. }
        | Slot::Consulting { .. }
        | Slot::InIvr { .. }
        | Slot::WrapUp { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use ngcc_proto::Wall;
    use ngcc_proto::fact::Medium;
    use ngcc_proto::seat::{Availability, Device};

    use super::*;

    fn offered(reservation: u128, session: u128) -> Told {
        Told::Offered {
            reservation: ReservationId(reservation),
            session: SessionId(session),
            medium: Medium::Chat,
            user: UserUri::Web(format!("v{session}")),
            display: None,
            queue: None,
            waited_ms: 0,
            path: vec![],
            shared: vec![],
            declined: None,
            at: Wall(0),
            until: Wall(1),
        }
    }

    fn state(chats: Vec<Slot>) -> Told {
        Told::State {
            availability: Availability::Ready { since: Wall(0) },
            pending: None,
            device: Device::Browser,
            voice: Slot::Free,
            chats,
            chat_capacity: 4,
        }
    }

    #[test]
    fn an_agent_has_the_customers_of_offers_for_as_long_as_they_ring() {
        let (mut serving, alice) = (Serving::default(), AgentUri::new("alice").unwrap());
        serving.told(&alice, &offered(1, 1));
        serving.told(&alice, &offered(2, 2));
        assert_eq!(serving.of("alice").len(), 2);
        assert_eq!(serving.of("bob"), []);
        assert_eq!(serving.session(SessionId(2)).unwrap().user, UserUri::Web("v2".to_owned()));
        let rings = Slot::Reserved { reservation: ReservationId(2), session: SessionId(2) };
        serving.told(&alice, &state(vec![rings]));
        assert_eq!(serving.session(SessionId(1)), None, "it was declined");
        serving.told(&alice, &Told::Gone { session: SessionId(9) });
        serving.told(&alice, &state(vec![]));
        assert_eq!(serving.of("alice"), []);
        assert!(serving.0.is_empty(), "nothing is kept of somebody who serves nobody");
    }
}
