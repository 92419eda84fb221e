//! The last ids that came, so that a repeated envelope is taken once.

use std::collections::{HashSet, VecDeque};

use ngcc_proto::MessageId;

/// How many ids are remembered: more than can be under way at once.
const RING: usize = 8192;

/// A bounded memory of message ids.
#[derive(Debug, Default)]
pub struct Seen {
    set: HashSet<MessageId>,
    order: VecDeque<MessageId>,
}

impl Seen {
    /// Remembers `id`; true when it had not been seen, false for a repeat.
    pub fn is_new(&mut self, id: MessageId) -> bool {
        if !self.set.insert(id) {
            return false;
        }
        if self.order.len() == RING
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
        self.order.push_back(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_known_until_the_ring_has_gone_round() {
        let mut seen = Seen::default();
        assert!(seen.is_new(MessageId(1)));
        assert!(!seen.is_new(MessageId(1)));
        for id in 2..=RING as u128 {
            assert!(seen.is_new(MessageId(id)));
        }
        assert!(!seen.is_new(MessageId(1)), "the ring holds exactly {RING}");
        assert!(seen.is_new(MessageId(u128::MAX)));
        assert!(seen.is_new(MessageId(1)), "the oldest was let go");
        assert_eq!(seen.set.len(), RING);
    }
}
