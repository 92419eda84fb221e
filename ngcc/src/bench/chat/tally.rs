//! What was written and what came, counted by the text itself: who wrote it, as which, and when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::bench::spread::Spread;

/// What a text of ours begins with.
const MARK: &str = "bench-message ";

/// What came since it was taken last.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// From the visitor to the console.
    pub(super) there: Spread,
    /// From the visitor to the acknowledgement.
    pub(super) acked: Spread,
    /// Came once more.
    pub(super) doubled: usize,
    /// Came behind one that was written later.
    pub(super) late: usize,
    /// Not taken.
    pub(super) refused: usize,
}

#[derive(Debug)]
struct Inner {
    start: Instant,
    counts: Mutex<Counts>,
    more: Notify,
}

#[derive(Debug)]
struct Counts {
    /// The latest message that came of each visitor, and those before it that have not.
    latest: Vec<(u64, Vec<u64>)>,
    came: Came,
}

/// Shared by all who write and read. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Tally(Arc<Inner>);

impl Tally {
    /// For that many visitors.
    pub(super) fn new(visitors: usize) -> Self {
        let counts = Counts { latest: vec![(0, vec![]); visitors], came: Came::default() };
        Self(Arc::new(Inner { start: Instant::now(), counts: Mutex::new(counts), more: Notify::new() }))
    }

    /// A text to be sent now: the `number`th of a visitor, from 1.
    pub(super) fn text(&self, visitor: usize, number: u64) -> String {
        format!("{MARK}{visitor} {number} {}", self.0.start.elapsed().as_nanos())
    }

    /// A frame came to a console.
    pub(super) fn came(&self, frame: &str) {
        let Some((visitor, number, at)) = read(frame) else { return };
        let took = self.since(at);
        let mut counts = self.lock();
        let Counts { latest, came } = &mut *counts;
        let Some((last, missing)) = latest.get_mut(visitor) else { return };
        if number > *last {
            missing.extend(*last + 1..number);
            *last = number;
        } else if let Some(place) = missing.iter().position(|n| *n == number) {
            missing.swap_remove(place);
            came.late += 1;
        } else {
            came.doubled += 1;
            return;
        }
        came.there.add(took);
        drop(counts);
        self.0.more.notify_one();
    }

    /// A message was acknowledged, whose key is its text.
    pub(super) fn acked(&self, key: &str) {
        let Some((_, _, at)) = read(key) else { return };
        let took = self.since(at);
        self.lock().came.acked.add(took);
    }

    /// A message was not taken.
    pub(super) fn refused(&self) {
        self.lock().came.refused += 1;
    }

    /// Returns when that many have come, or after `most`.
    pub(super) async fn settled(&self, sent: usize, most: Duration) {
        let all = async {
            while self.lock().came.there.count() < sent {
                self.0.more.notified().await;
            }
        };
        // What has not come by then is lost, and counted so.
        let _ = timeout(most, all).await;
    }

    /// What came since it was asked last.
    pub(super) fn take(&self) -> Came {
        std::mem::take(&mut self.lock().came)
    }

    fn since(&self, nanos: u64) -> Duration {
        self.0.start.elapsed().saturating_sub(Duration::from_nanos(nanos))
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The visitor, the number and the time of the text in a frame.
fn read(frame: &str) -> Option<(usize, u64, u64)> {
    let (_, rest) = frame.split_once(MARK)?;
    let text = rest.split('"').next()?;
    let mut words = text.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_doubled_or_late_is_told_apart() {
        let tally = Tally::new(2);
        let frames: Vec<String> = (1..=4).map(|n| format!("{{\"text\":\"{}\"}}", tally.text(1, n))).collect();
        for n in [0, 2, 1, 1] {
            tally.came(&frames[n]);
        }
        tally.came("{\"text\":\"bench-message 7 1 0\"}");
        tally.acked(&tally.text(0, 1));
        tally.refused();
        let came = tally.take();
        assert_eq!((came.there.count(), came.doubled, came.late), (3, 1, 1), "the fourth is lost");
        assert_eq!((came.acked.count(), came.refused), (1, 1));
        assert_eq!(tally.take().there.count(), 0);
    }
}
