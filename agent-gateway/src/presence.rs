//! Who of the colleagues is there: a fold of what cti tells of every seat.

use std::collections::BTreeMap;

use ngcc_proto::config::Colleague;
use ngcc_proto::seat::{Availability, Slot};
use ngcc_proto::supervise::Board;
use ngcc_proto::{AgentUri, Wall};
use serde::Serialize;

/// A colleague as shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Present {
    /// Who.
    agent: AgentUri,
    /// The name shown.
    display: String,
    /// Whether they take work.
    availability: Availability,
    /// Whether they have any contact.
    busy: bool,
    /// Whether a console of theirs is connected.
    here: bool,
    /// Since when it is so, as far as the gateway knows: with contacts, without, or gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Wall>,
}

#[derive(Clone, Debug, PartialEq)]
struct Seat {
    availability: Availability,
    busy: bool,
    /// Since when it is both.
    since: Wall,
}

/// Everybody, by name.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    people: BTreeMap<AgentUri, String>,
    seats: BTreeMap<AgentUri, Seat>,
    /// Everybody as they were told last.
    told: BTreeMap<AgentUri, Present>,
    /// When the last console of whoever has none was there.
    gone: BTreeMap<AgentUri, Wall>,
}

impl Presence {
    /// Who there is. Seats of people who are gone are forgotten.
    pub(crate) fn people(&mut self, people: &[Colleague]) {
        self.people = people.iter().map(|p| (p.agent.clone(), p.display.clone())).collect();
        self.seats.retain(|agent, _| self.people.contains_key(agent));
        self.gone.retain(|agent, _| self.people.contains_key(agent));
    }

    /// A seat was told at `at`; whether anything that is shown has changed.
    pub(crate) fn told(
        &mut self,
        agent: &AgentUri,
        availability: &Availability,
        slots: &[&Slot],
        at: Wall,
    ) -> bool {
        let busy = slots.iter().any(|slot| **slot != Slot::Free);
        let before = self.seats.get(agent);
        if before.is_some_and(|seat| seat.busy == busy && seat.availability == *availability) {
            return false;
        }
        let since = match availability {
            Availability::Ready { since } | Availability::NotReady { since, .. } if !busy => *since,
            Availability::Ready { .. } | Availability::NotReady { .. } | Availability::LoggedOut => at,
        };
        self.seats.insert(agent.clone(), Seat { availability: availability.clone(), busy, since });
        true
    }

    /// Somebody's last console has gone.
    pub(crate) fn went(&mut self, user: &str, at: Wall) {
        // Whoever has a console has a name that can be one.
        if let Ok(agent) = AgentUri::new(user) {
            self.gone.insert(agent, at);
        }
    }

    /// The whole board, as read once after a start; whether anything that is shown has changed.
    pub(crate) fn board(&mut self, board: &Board) -> bool {
        let mut changed = false;
        for row in &board.seats {
            let slots: Vec<&Slot> = row.chats.iter().chain([&row.voice]).collect();
            changed |= self.told(&row.agent, &row.availability, &slots, row.since);
        }
        changed
    }

    /// Who has changed since this was asked last: with many colleagues everybody is too much for every change.
    pub(crate) fn news(&mut self, here: impl Fn(&str) -> bool) -> Vec<Present> {
        let list = self.list(here);
        let news = list.iter().filter(|p| self.told.get(&p.agent) != Some(*p)).cloned().collect();
        self.told = list.into_iter().map(|present| (present.agent.clone(), present)).collect();
        news
    }

    /// Everybody as shown; `here` says whose console is connected.
    pub(crate) fn list(&self, here: impl Fn(&str) -> bool) -> Vec<Present> {
        let shown = |(agent, display): (&AgentUri, &String)| {
            let seat = self.seats.get(agent);
            let serves = seat.filter(|seat| seat.availability != Availability::LoggedOut || seat.busy);
            let here = here(agent.name());
            let gone = self.gone.get(agent).filter(|_| !here);
            Present {
                agent: agent.clone(),
                display: display.clone(),
                availability: seat.map_or(Availability::LoggedOut, |seat| seat.availability.clone()),
                busy: seat.is_some_and(|seat| seat.busy),
                here,
                since: serves.map(|seat| seat.since).or_else(|| gone.copied()),
            }
        };
        self.people.iter().map(shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use ngcc_proto::seat::Device;
    use ngcc_proto::{LegId, SessionId};

    use super::*;

    fn agent(name: &str) -> AgentUri {
        AgentUri::new(name).unwrap()
    }

    fn house() -> Presence {
        let person = |name: &str| Colleague {
            agent: agent(name),
            display: name.to_uppercase(),
            device: Device::Browser,
        };
        let mut presence = Presence::default();
        presence.people(&[person("bob"), person("alice")]);
        presence
    }

    #[test]
    fn a_state_that_says_nothing_new_is_no_change() {
        let mut presence = house();
        let ready = Availability::Ready { since: Wall(1) };
        assert!(presence.told(&agent("alice"), &ready, &[&Slot::Free], Wall(5)));
        assert!(!presence.told(&agent("alice"), &ready, &[&Slot::Free], Wall(5)));
        let talking = Slot::Talking { session: SessionId(1), leg: LegId(1) };
        assert!(presence.told(&agent("alice"), &ready, &[&Slot::Free, &talking], Wall(7)));
        let list = presence.list(|name| name == "bob");
        let shown: Vec<_> = list.iter().map(|p| (p.agent.name(), p.busy, p.here)).collect();
        assert_eq!(shown, [("alice", true, false), ("bob", false, true)]);
        assert_eq!(list[1].availability, Availability::LoggedOut, "nobody has told of bob");
    }

    #[test]
    fn each_change_is_told_once_and_alone() {
        let mut presence = house();
        let names = |news: Vec<Present>| news.iter().map(|p| p.agent.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(presence.news(|_| false)), ["alice", "bob"], "nobody has been told of anybody");
        assert_eq!(names(presence.news(|name| name == "bob")), ["bob"], "his console has come");
        presence.told(&agent("alice"), &Availability::Ready { since: Wall(1) }, &[], Wall(2));
        assert_eq!(names(presence.news(|name| name == "bob")), ["alice"]);
        assert_eq!(names(presence.news(|name| name == "bob")), Vec::<String>::new());
    }

    #[test]
    fn since_when_is_told_of_who_serves_who_is_busy_and_who_has_gone() {
        let mut presence = house();
        let since = |presence: &Presence, here: bool| presence.list(|_| here)[0].since;
        assert_eq!(since(&presence, true), None, "nobody knows");
        let ready = Availability::Ready { since: Wall(2) };
        presence.told(&agent("alice"), &ready, &[&Slot::Free], Wall(3));
        assert_eq!(since(&presence, true), Some(Wall(2)));
        let talking = Slot::Talking { session: SessionId(1), leg: LegId(1) };
        presence.told(&agent("alice"), &ready, &[&talking], Wall(4));
        assert_eq!(since(&presence, true), Some(Wall(4)));
        presence.told(&agent("alice"), &Availability::LoggedOut, &[&Slot::Free], Wall(5));
        presence.went("alice", Wall(6));
        assert_eq!((since(&presence, false), since(&presence, true)), (Some(Wall(6)), None));
    }

    #[test]
    fn who_is_no_colleague_any_longer_is_not_shown() {
        let mut presence = house();
        presence.told(&agent("alice"), &Availability::Ready { since: Wall(1) }, &[], Wall(1));
        presence.people(&[]);
        assert!(presence.list(|_| false).is_empty());
    }
}
