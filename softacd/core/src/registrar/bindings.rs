//! Where phones are: their registrations, each with the way it came, stored one record a phone.

use std::collections::BTreeMap;

use ngcc_proto::{Key, Kind, Mono, RestoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::edge::Edge;
use crate::hop::Hop;
use crate::timers::{Alarm, Timer};

/// The version this build writes.
const VERSION: u8 = 1;

/// One contact of a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    /// Its URI, as it came.
    pub(crate) uri: String,
    /// The way to it.
    pub(crate) hop: Hop,
    pub(crate) call_id: String,
    pub(crate) seq: u32,
    /// When it lapses.
    pub(crate) until: Mono,
}

/// All bindings, by the phone's name.
#[derive(Debug, Default)]
pub(crate) struct Bindings(BTreeMap<String, Bound>);

#[derive(Debug, Default)]
struct Bound {
    list: Vec<Binding>,
    alarm: Option<Alarm>,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u8,
    phone: &'a str,
    bindings: &'a [Binding],
}

#[derive(Deserialize)]
struct Read {
    v: u8,
    phone: String,
    bindings: Vec<Binding>,
}

impl Bindings {
    /// A phone's bindings.
    pub(crate) fn of(&self, phone: &str) -> &[Binding] {
        self.0.get(phone).map_or(&[], |b| &b.list)
    }

    /// Puts `list` in the place of a phone's bindings, and stores it.
    pub(crate) fn set(&mut self, phone: &str, list: Vec<Binding>, edge: &mut Edge) {
        if list.is_empty() {
            edge.forget(key(phone));
        } else if let Ok(bytes) = serde_json::to_vec(&Written { v: VERSION, phone, bindings: &list }) {
            edge.persist(key(phone), bytes);
        }
        self.put(phone, list, edge);
    }

    /// Lets go what has lapsed of a phone.
    pub(crate) fn lapse(&mut self, phone: &str, edge: &mut Edge) {
        let now = edge.now.mono;
        let list = self.of(phone).iter().filter(|b| b.until > now).cloned().collect();
        self.set(phone, list, edge);
    }

    /// The phones that have any.
    pub(crate) fn phones(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Takes a record back after a restart.
    pub(crate) fn restore(&mut self, of: Key, bytes: &[u8], edge: &mut Edge) -> Result<(), RestoreError> {
        let bad = |why: String| RestoreError { kind: of.kind, why };
        let read: Read = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        if read.v != VERSION || key(&read.phone) != of {
            return Err(bad("another version's or another phone's record".to_owned()));
        }
        self.put(&read.phone, read.bindings, edge);
        Ok(())
    }

    fn put(&mut self, phone: &str, list: Vec<Binding>, edge: &mut Edge) {
        let old = self.0.remove(phone);
        if let Some(alarm) = old.and_then(|b| b.alarm) {
            edge.timers.cancel(alarm);
        }
        let Some(next) = list.iter().map(|b| b.until).min() else { return };
        let alarm = Some(edge.timers.set(next, Timer::Bindings(phone.to_owned())));
        self.0.insert(phone.to_owned(), Bound { list, alarm });
    }
}

/// A phone's record is found by its name.
fn key(phone: &str) -> Key {
    let hash = Sha256::digest(phone.as_bytes());
    let id = hash.iter().take(16).fold(0u128, |id, b| (id << 8) | u128::from(*b));
    Key { kind: Kind::Binding, id, n: 0 }
}
