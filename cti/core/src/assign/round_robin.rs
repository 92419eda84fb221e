//! `round-robin`: the next one behind the one asked last, in the order of the queue's list.

use std::collections::BTreeMap;
use std::ops::Bound;

use ngcc_proto::SeatId;

use super::{Candidate, Pick};

/// Free members by their place in the list.
#[derive(Debug, Default)]
pub(crate) struct RoundRobin {
    free: BTreeMap<u32, SeatId>,
}

impl RoundRobin {
    pub(super) fn insert(&mut self, c: Candidate) {
        self.free.insert(c.position, c.seat);
    }

    pub(super) fn remove(&mut self, c: Candidate) {
        self.free.remove(&c.position);
    }

    pub(super) fn len(&self) -> usize {
        self.free.len()
    }

    pub(super) fn pick(&self, last: Option<u32>) -> Option<Pick> {
        let behind = last.and_then(|last| self.free.range((Bound::Excluded(last), Bound::Unbounded)).next());
        let (&position, &seat) = behind.or_else(|| self.free.first_key_value())?;
        let key =
            last.map_or_else(|| "the first".to_owned(), |last| format!("place {position} after {last}"));
        Some(Pick { seat, position, key })
    }
}
