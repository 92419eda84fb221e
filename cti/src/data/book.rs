//! The book: everything configured, in memory. The database is its record; only `admin` changes either.

use std::collections::BTreeMap;
use std::sync::Arc;

use ngcc_proto::config::{Catalogue, Object, ObjectKind, User, UserRole};
use ngcc_proto::{Ids, QueueId, SeatId, Wall};

use crate::error::StartError;

/// Everything configured.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    /// Rises with every change.
    pub(super) version: u64,
    pub(super) rows: BTreeMap<(ObjectKind, String), Row>,
    pub(super) ids: Minted,
}

/// One object. Its own secret fields are empty: what is kept of a secret stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) object: Object,
    pub(super) secret: Option<String>,
}

/// Ids given to names, once for ever.
#[derive(Clone, Debug, Default)]
pub(super) struct Minted {
    seats: BTreeMap<String, SeatId>,
    queues: BTreeMap<String, QueueId>,
}

/// An id that was minted just now and is to be stored: kind, name, id.
pub(super) type NewId = (&'static str, String, String);

/// What the other desks need of the book.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Agents' PINs as stored, by name.
    pub(super) pins: Arc<BTreeMap<String, String>>,
    /// Whose each seat is or was.
    pub(super) seats: Arc<SeatNames>,
    /// Who signs in, by name.
    pub(super) people: Arc<BTreeMap<String, Person>>,
}

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) display: String,
    pub(super) roles: Vec<UserRole>,
    /// What is kept of the password; without one nobody signs in.
    pub(super) password: Option<String>,
}

/// Agents' names by seat, those of removed agents among them.
pub(super) type SeatNames = BTreeMap<SeatId, String>;

impl Book {
    /// The objects of one kind, by name.
    pub(super) fn of(&self, kind: ObjectKind) -> impl Iterator<Item = (&str, &Row)> {
        let first = (kind, String::new());
        let rows = self.rows.range(first..).take_while(move |((k, _), _)| *k == kind);
        rows.map(|((_, name), row)| (name.as_str(), row))
    }

    /// Whether there is such an object.
    pub(super) fn has(&self, kind: ObjectKind, name: &str) -> bool {
        self.rows.contains_key(&(kind, name.to_owned()))
    }

    /// What is kept of the secret of an object of this kind and name.
    pub(super) fn secret_of(&self, object: &Object) -> Option<String> {
        self.rows.get(&(object.kind(), object.name().to_owned()))?.secret.clone()
    }

    /// Everything, without secrets.
    pub(super) fn catalogue(&self) -> Catalogue {
        let mut all = Catalogue::default();
        for row in self.rows.values() {
            match row.object.clone() {
                Object::User(o) => all.users.push(o),
                Object::Agent(o) => all.agents.push(o),
                Object::Phone(o) => all.phones.push(o),
                Object::Queue(o) => all.queues.push(o),
                Object::Number(o) => all.numbers.push(o),
                Object::Flow(o) => all.flows.push(o),
                Object::CannedReply(o) => all.canned_replies.push(o),
                Object::Disposition(o) => all.dispositions.push(o),
                Object::Form(o) => all.forms.push(o),
                Object::Channel(o) => all.channels.push(o),
                Object::Bot(o) => all.bots.push(o),
            }
        }
        all
    }

    /// What the other desks need.
    pub(super) fn known(&self) -> Known {
        let agents = self.of(ObjectKind::Agent);
        let pins = agents.filter_map(|(name, row)| Some((name.to_owned(), row.secret.clone()?))).collect();
        let seats = self.ids.seats.iter().map(|(name, seat)| (*seat, name.clone())).collect();
        let people = self.of(ObjectKind::User).filter_map(|(name, row)| {
            let Object::User(User { display, roles, .. }) = &row.object else { return None };
            let (display, roles) = (display.clone(), roles.clone());
            Some((name.to_owned(), Person { display, roles, password: row.secret.clone() }))
        });
        let people = people.collect();
        Known { pins: Arc::new(pins), seats: Arc::new(seats), people: Arc::new(people) }
    }
}

impl Minted {
    /// Takes back a stored id.
    pub(super) fn read(&mut self, kind: &str, name: &str, id: &str) -> Result<(), StartError> {
        let bad = |kind, why: String| StartError::Object { kind, name: name.to_owned(), why };
        match kind {
            "agent" => {
                let id = id.parse().map_err(|e: ngcc_proto::id::BadId| bad("agent", e.to_string()))?;
                self.seats.insert(name.to_owned(), id);
            }
            "queue" => {
                let id = id.parse().map_err(|e: ngcc_proto::id::BadId| bad("queue", e.to_string()))?;
                self.queues.insert(name.to_owned(), id);
            }
            _ => return Err(bad("id", format!("`{kind}` has no ids"))),
        }
        Ok(())
    }

    /// An agent's seat.
    pub(super) fn seat(&self, agent: &str) -> Option<SeatId> {
        self.seats.get(agent).copied()
    }

    /// A queue's id.
    pub(super) fn queue(&self, name: &str) -> Option<QueueId> {
        self.queues.get(name).copied()
    }

    /// Mints an id for an object that is to have one and has none yet.
    pub(super) fn mint(&mut self, object: &Object, ids: &mut Ids, at: Wall) -> Option<NewId> {
        match object {
            Object::Agent(agent) if !self.seats.contains_key(&agent.name) => {
                let id: SeatId = ids.mint(at);
                self.seats.insert(agent.name.clone(), id);
                Some(("agent", agent.name.clone(), id.to_string()))
            }
            Object::Queue(queue) if !self.queues.contains_key(&queue.name) => {
                let id: QueueId = ids.mint(at);
                self.queues.insert(queue.name.clone(), id);
                Some(("queue", queue.name.clone(), id.to_string()))
            }
            Object::Agent(_)
            | Object::Queue(_)
            | Object::User(_)
            | Object::Phone(_)
            | Object::Number(_)
            | Object::Flow(_)
            | Object::CannedReply(_)
            | Object::Disposition(_)
            | Object::Form(_)
            | Object::Channel(_)
            | Object::Bot(_) => None,
        }
    }
}
