//! Legs as they are stored, and their way back after a restart.

use ngcc_proto::{Key, RestoreError};
use serde::{Deserialize, Serialize};

use super::{Arrived, Calling, Leg, Up};
use crate::edge::Edge;

/// The version this build writes.
const VERSION: u8 = 1;

/// What is written: the stage by reference.
#[derive(Serialize)]
struct Written<'a> {
    v: u8,
    leg: Stage<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Stage<'a> {
    Arrived(&'a Arrived),
    Calling(&'a Calling),
    Up(&'a Up),
}

/// What is read back.
#[derive(Deserialize)]
struct Read {
    v: u8,
    leg: Kept,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Arrived(Box<Arrived>),
    Calling(Box<Calling>),
    Up(Box<Up>),
}

impl Arrived {
    pub(crate) fn store(&self, edge: &mut Edge) {
        write(self.who.key(), Stage::Arrived(self), edge);
    }
}

impl Calling {
    pub(crate) fn store(&self, edge: &mut Edge) {
        write(self.who.key(), Stage::Calling(self), edge);
    }
}

impl Up {
    pub(crate) fn store(&self, edge: &mut Edge) {
        write(self.who.key(), Stage::Up(self), edge);
    }
}

fn write(key: Key, leg: Stage<'_>, edge: &mut Edge) {
    let mut bytes = Vec::with_capacity(1536);
    // Strings, numbers and lists only: writing them to memory cannot fail.
    if serde_json::to_writer(&mut bytes, &Written { v: VERSION, leg }).is_ok() {
        edge.persist(key, bytes);
    }
}

impl Leg {
    /// Reads a leg back.
    pub(crate) fn read(key: Key, bytes: &[u8]) -> Result<Self, RestoreError> {
        let bad = |why: String| RestoreError { kind: key.kind, why };
        let read: Read = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        if read.v != VERSION {
            return Err(bad(format!("version {} is not {VERSION}", read.v)));
        }
        let leg = match read.leg {
            Kept::Arrived(leg) => Self::Arrived(leg),
            Kept::Calling(leg) => Self::Calling(leg),
            Kept::Up(leg) => Self::Up(leg),
        };
        if leg.who().key() != key {
            return Err(bad("the record is another leg's".to_owned()));
        }
        Ok(leg)
    }

    /// Sets up again what is not stored: timers and transactions.
    pub(crate) fn resume(&mut self, edge: &mut Edge) {
        match self {
            Self::Arrived(leg) => leg.resume(edge),
            Self::Calling(leg) => leg.resume(edge),
            Self::Up(leg) => leg.resume(edge),
            Self::Parting(_) => {}
        }
    }
}
