//! Who is reading which recording just now: a player asks for one part after another, which is one reading.

use std::collections::BTreeMap;
use std::time::Duration;

use ngcc_proto::{CollabId, Mono};

/// How long a reading lasts from its note on.
const LASTS: Duration = Duration::from_secs(600);
/// The most that are known at once; of more, each part is noted.
const MOST: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Readings(BTreeMap<(String, CollabId), Mono>);

impl Readings {
    /// Whether a reading that was noted is going on.
    pub(crate) fn goes_on(&self, user: &str, collab: CollabId, now: Mono) -> bool {
        let noted = self.0.get(&(user.to_owned(), collab));
        noted.is_some_and(|noted| now.since(*noted) < LASTS)
    }

    /// One was noted.
    pub(crate) fn began(&mut self, user: String, collab: CollabId, now: Mono) {
        if self.0.len() >= MOST {
            self.0.retain(|_, noted| now.since(*noted) < LASTS);
        }
        if self.0.len() < MOST {
            self.0.insert((user, collab), now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Mono = Mono(1_000_000);

    #[test]
    fn a_reading_lasts_ten_minutes_from_its_note_for_whom_it_was_noted() {
        let mut readings = Readings::default();
        readings.began("sue".to_owned(), CollabId(1), AT);
        let almost = AT + (LASTS - Duration::from_millis(1));
        assert!(readings.goes_on("sue", CollabId(1), almost));
        assert!(!readings.goes_on("sue", CollabId(1), AT + LASTS), "it is noted again");
        assert!(!readings.goes_on("bob", CollabId(1), AT) && !readings.goes_on("sue", CollabId(2), AT));
    }

    #[test]
    fn they_are_bounded_and_those_that_are_over_make_room() {
        let mut readings = Readings::default();
        for n in 0..=MOST as u128 {
            readings.began("sue".to_owned(), CollabId(n), AT);
        }
        assert!(!readings.goes_on("sue", CollabId(MOST as u128), AT));
        readings.began("sue".to_owned(), CollabId(MOST as u128), AT + LASTS);
        assert_eq!(readings.0.len(), 1);
    }
}
