//! `random`: every free member with the same chance.

use std::collections::BTreeMap;

use ngcc_proto::{Rng, SeatId};

use super::{Candidate, Pick};

/// Free members, each found by its number: taking one out moves the last into the gap.
#[derive(Debug, Default)]
pub(crate) struct Random {
    free: Vec<(SeatId, u32)>,
    at: BTreeMap<SeatId, usize>,
}

impl Random {
    pub(super) fn insert(&mut self, c: Candidate) {
        if !self.at.contains_key(&c.seat) {
            self.at.insert(c.seat, self.free.len());
            self.free.push((c.seat, c.position));
        }
    }

    pub(super) fn remove(&mut self, c: Candidate) {
        let Some(gap) = self.at.remove(&c.seat) else { return };
        self.free.swap_remove(gap);
        if let Some(&(moved, _)) = self.free.get(gap) {
            self.at.insert(moved, gap);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.free.len()
    }

    pub(super) fn pick(&self, rng: &mut Rng) -> Option<Pick> {
        let draw = rng.below(self.free.len() as u64);
        let &(seat, position) = self.free.get(usize::try_from(draw).ok()?)?;
        Some(Pick { seat, position, key: format!("draw {draw}") })
    }
}
