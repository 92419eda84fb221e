//! Legs of browsers as they are stored, and their way back after a restart.

use ngcc_proto::{Key, Kind, LegId, RestoreError};
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::talk::Chat;
use crate::edge::Edge;

/// The version this build writes.
const VERSION: u8 = 1;

/// What is written: the leg by reference.
#[derive(Serialize)]
struct Written<'a> {
    v: u8,
    leg: Leg<&'a Chat, &'a Call>,
}

/// What is read back.
#[derive(Deserialize)]
struct Read {
    v: u8,
    leg: Leg<Chat, Call>,
}

/// A leg of either kind.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Leg<C, V> {
    Chat(C),
    Call(V),
}

impl Chat {
    pub(super) fn key(&self) -> Key {
        key(self.who.id)
    }

    pub(super) fn store(&self, edge: &mut Edge) {
        write(self.key(), Leg::Chat(self), edge);
    }
}

impl Call {
    pub(super) fn key(&self) -> Key {
        key(self.who.id)
    }

    pub(super) fn store(&self, edge: &mut Edge) {
        write(self.key(), Leg::Call(self), edge);
    }
}

fn key(leg: LegId) -> Key {
    Key { kind: Kind::WebLeg, id: leg.0, n: 0 }
}

fn write(key: Key, leg: Leg<&Chat, &Call>, edge: &mut Edge) {
    // Strings and numbers only: writing them to memory cannot fail.
    if let Ok(bytes) = serde_json::to_vec(&Written { v: VERSION, leg }) {
        edge.persist(key, bytes);
    }
}

/// Reads a leg back.
pub(super) fn read(key: Key, bytes: &[u8]) -> Result<Leg<Chat, Call>, RestoreError> {
    let bad = |why: String| RestoreError { kind: key.kind, why };
    let read: Read = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
    if read.v != VERSION {
        return Err(bad(format!("version {} is not {VERSION}", read.v)));
    }
    let own = match &read.leg {
        Leg::Chat(chat) => chat.key(),
        Leg::Call(call) => call.key(),
    };
    if own != key {
        return Err(bad("the record is another leg's".to_owned()));
    }
    Ok(read.leg)
}
