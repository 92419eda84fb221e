//! `longest-idle`: the agent whose last contact (or sign-in) ended longest ago, over all queues. Of those who
//! take several chats at once, whoever has fewest comes first.

use std::collections::BTreeMap;

use ngcc_proto::{Mono, SeatId};

use super::{Candidate, Pick};

/// Free members by how many chats they have, and the moment they became idle.
#[derive(Debug, Default)]
pub(crate) struct LongestIdle {
    free: BTreeMap<(u32, Mono, SeatId), u32>,
}

impl LongestIdle {
    pub(super) fn insert(&mut self, c: Candidate) {
        self.free.insert((c.load, c.idle_since, c.seat), c.position);
    }

    pub(super) fn remove(&mut self, c: Candidate) {
        self.free.remove(&(c.load, c.idle_since, c.seat));
    }

    pub(super) fn len(&self) -> usize {
        self.free.len()
    }

    pub(super) fn pick(&self) -> Option<Pick> {
        let (&(load, since, seat), &position) = self.free.first_key_value()?;
        Some(Pick {
            seat,
            position,
            key: if load == 0 {
                format!("idle since {}", since.0)
            } else {
                format!("{load} chats, idle since {}", since.0)
            },
        })
    }
}
