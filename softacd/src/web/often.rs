//! What may be done only once, or only so often: bounded memories of the latest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use ngcc_proto::{MessageId, Mono, Wall};
use ngcc_runtime::RtcClaims;

/// The most that are remembered.
const MOST: usize = 100_000;

/// Ids of tokens that have been used.
#[derive(Debug)]
pub(crate) struct Once {
    /// Tokens from before this start may have been used: they are worth nothing.
    since: Wall,
    used: BTreeSet<MessageId>,
    order: VecDeque<(Wall, MessageId)>,
}

impl Once {
    pub(crate) fn new(since: Wall) -> Self {
        Self { since, used: BTreeSet::new(), order: VecDeque::new() }
    }

    /// Whether the id has not been used; now it has. The token itself has been checked and is good for a time.
    pub(crate) fn take(&mut self, id: MessageId, now: Wall) -> bool {
        while let Some((until, oldest)) = self.order.front().copied()
            && (until <= now)
        {
            self.order.pop_front();
            self.used.remove(&oldest);
        }
        // An id begins with the milliseconds at which it was minted.
        let minted = i64::try_from(id.0 >> 80).unwrap_or(0);
        if minted < self.since.0 || self.order.len() >= MOST || !self.used.insert(id) {
            return false;
        }
        self.order.push_back((Wall(now.0 + RtcClaims::GOOD_MS), id));
        true
    }
}

/// How often each has done something lately.
#[derive(Debug)]
pub(crate) struct Often<K> {
    acts: BTreeMap<K, VecDeque<Mono>>,
    most: usize,
    within: Duration,
}

impl<K: Ord> Often<K> {
    /// At most `most` times `within` each.
    pub(crate) fn new(most: usize, within: Duration) -> Self {
        Self { acts: BTreeMap::new(), most, within }
    }

    /// Whether `who` might once more; it does not count.
    pub(crate) fn might(&self, who: &K, now: Mono) -> bool {
        let lately = |acts: &VecDeque<Mono>| acts.iter().filter(|at| now.since(**at) < self.within).count();
        self.acts.get(who).is_none_or(|acts| lately(acts) < self.most)
    }

    /// Whether `who` may once more; if so, it counts.
    pub(crate) fn may(&mut self, who: K, now: Mono) -> bool {
        if self.acts.len() >= MOST && !self.acts.contains_key(&who) {
            let within = self.within;
            self.acts.retain(|_, acts| acts.back().is_some_and(|last| now.since(*last) < within));
            if self.acts.len() >= MOST {
                return false;
            }
        }
        let acts = self.acts.entry(who).or_default();
        while acts.front().is_some_and(|first| now.since(*first) >= self.within) {
            acts.pop_front();
        }
        if acts.len() >= self.most {
            return false;
        }
        acts.push_back(now);
        true
    }
}

/// Who an address is, for counting: with IPv6 one customer has a whole /64.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(ms: u128, n: u128) -> MessageId {
        MessageId((ms << 80) | n)
    }

    #[test]
    fn a_token_is_good_once_and_never_after_a_start_that_may_have_forgotten_it() {
        let mut once = Once::new(Wall(1000));
        assert!(once.take(id(1000, 1), Wall(1500)));
        assert!(!once.take(id(1000, 1), Wall(1600)));
        assert!(once.take(id(1000, 2), Wall(1600)));
        assert!(!once.take(id(999, 3), Wall(1600)));
        assert!(once.take(id(70_000, 4), Wall(70_000)));
        assert_eq!(once.used.len(), 1, "what has expired is forgotten");
    }

    #[test]
    fn one_address_is_counted_and_a_whole_subnet_is_one() {
        let mut often = Often::new(2, Duration::from_secs(60));
        let [a, b, c] = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
            .map(|text| neighbourhood(text.parse().unwrap()));
        assert_eq!([a, b, c].map(|who| often.may(who, Mono(0))), [true, true, true]);
        assert!(!often.may(a, Mono(59_000_000)));
        assert!(often.may(a, Mono(60_000_000)));
        let mapped = neighbourhood("::ffff:192.0.2.1".parse().unwrap());
        assert_eq!(mapped, IpAddr::from([192, 0, 2, 1]));
    }
}
