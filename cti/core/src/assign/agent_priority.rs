//! `agent-priority`: the lowest level, and within it the lowest place in the list.

use std::collections::BTreeMap;

use ngcc_proto::SeatId;

use super::{Candidate, Pick};

/// Free members by level and place.
#[derive(Debug, Default)]
pub(crate) struct AgentPriority {
    free: BTreeMap<(u16, u32), SeatId>,
}

impl AgentPriority {
    pub(super) fn insert(&mut self, c: Candidate) {
        self.free.insert((c.level, c.position), c.seat);
    }

    pub(super) fn remove(&mut self, c: Candidate) {
        self.free.remove(&(c.level, c.position));
    }

    pub(super) fn len(&self) -> usize {
        self.free.len()
    }

    pub(super) fn pick(&self) -> Option<Pick> {
        let (&(level, position), &seat) = self.free.first_key_value()?;
        Some(Pick { seat, position, key: format!("level {level}, place {position}") })
    }
}
