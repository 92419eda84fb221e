//! How often somebody may: so many within a time, counted exactly.

use std::collections::{BTreeMap, VecDeque};

use ngcc_proto::Mono;

use super::Owner;
use crate::settings::WebLimits;

/// The most people whose last acts are remembered.
const MOST: usize = 100_000;

/// When everybody who writes or calls has done so lately.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    acts: BTreeMap<Owner, VecDeque<Mono>>,
}

impl Pace {
    /// Whether `who` may once more at `now`; if so, it counts.
    pub(crate) fn may(&mut self, who: &Owner, now: Mono, limits: &WebLimits) -> bool {
        if self.acts.len() >= MOST && !self.acts.contains_key(who) {
            self.acts.retain(|_, acts| acts.back().is_some_and(|last| now.since(*last) < limits.within));
            if self.acts.len() >= MOST {
                return false;
            }
        }
        let acts = self.acts.entry(who.clone()).or_default();
        while acts.front().is_some_and(|first| now.since(*first) >= limits.within) {
            acts.pop_front();
        }
        if acts.len() >= limits.messages {
            return false;
        }
        acts.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn so_many_are_let_through_in_any_stretch_of_the_time() {
        let limits = WebLimits { messages: 3, within: Duration::from_secs(10), ..WebLimits::default() };
        let (mut pace, start) = (Pace::default(), Mono(1_000_000));
        let [a, b] = ["web:a", "web:b"].map(|u| Owner::User(u.parse().unwrap()));
        let mut at = |who: &Owner, s| pace.may(who, start + Duration::from_secs(s), &limits);
        assert_eq!([at(&a, 0), at(&a, 4), at(&a, 5), at(&a, 9)], [true, true, true, false]);
        assert!(at(&b, 9), "everybody has their own");
        assert_eq!([at(&a, 10), at(&a, 11)], [true, false], "what was refused does not count");
    }
}
