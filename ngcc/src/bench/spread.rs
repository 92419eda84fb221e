//! How measured times spread: percentiles of what was seen, never averages of averages.

use std::time::Duration;

/// Times that were measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread(Vec<u64>);

impl Spread {
    /// Takes one more.
    pub(super) fn add(&mut self, took: Duration) {
        self.0.push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Takes all of another's.
    pub(super) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The least time that `percent` of all do not exceed, in milliseconds; 0 where nothing was measured.
    pub(super) fn ms(&mut self, percent: f64) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        self.0.sort_unstable();
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        self.0[rank.clamp(1, self.0.len()) - 1] as f64 / 1e6
    }
}

impl Extend<Duration> for Spread {
    fn extend<T: IntoIterator<Item = Duration>>(&mut self, times: T) {
        times.into_iter().for_each(|took| self.add(took));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_seen() {
        let mut spread = Spread::default();
        assert_eq!(spread.ms(50.0), 0.0);
        spread.extend((1..=100).rev().map(Duration::from_millis));
        assert_eq!((spread.ms(50.0), spread.ms(99.0), spread.ms(100.0)), (50.0, 99.0, 100.0));
        assert_eq!(spread.count(), 100);
    }
}
