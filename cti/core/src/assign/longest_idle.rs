//! `longest-idle`: the agent whose last contact (or sign-in) ended longest ago, over all queues.

use std::collections::BTreeMap;

use ngcc_proto::{Mono, SeatId};

use super::{Candidate, Pick};

/// Free members by the moment they became idle.
#[derive(Debug, Default)]
pub(crate) struct LongestIdle {
    free: BTreeMap<(Mono, SeatId), u32>,
}

impl LongestIdle {
    pub(super) fn insert(&mut self, c: Candidate) {
        self.free.insert((c.idle_since, c.seat), c.position);
    }

    pub(super) fn remove(&mut self, c: Candidate) {
        self.free.remove(&(c.idle_since, c.seat));
    }

    pub(super) fn len(&self) -> usize {
        self.free.len()
    }

    pub(super) fn pick(&self) -> Option<Pick> {
        let (&(since, seat), &position) = self.free.first_key_value()?;
        Some(Pick { seat, position, key: format!("idle since {}", since.0) })
    }
}
