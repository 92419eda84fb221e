//! Which change of which page was seen, and how late: what is sent and not seen is lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::bench::spread::Spread;

/// What a mark begins with.
const MARK: &str = "bench-change ";

/// What came since it was taken last.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// From the customer's page to the agent's.
    pub(super) seen: Spread,
    /// Seen without being due: once more, or never sent.
    pub(super) doubled: usize,
    /// Sent, and not seen.
    pub(super) lost: usize,
    /// Bytes of all frames that agents were sent.
    pub(super) bytes: usize,
}

#[derive(Debug, Default)]
struct Inner {
    counts: Mutex<Counts>,
    more: Notify,
}

#[derive(Debug, Default)]
struct Counts {
    due: BTreeMap<(usize, u64), Instant>,
    came: Came,
}

/// Shared by all pages. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<Inner>);

/// Letters for digits: a row of digits might be a card number, which the centre masks.
fn letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

fn number(letters: &str) -> Option<u64> {
    let digit = |letter: u8| (b'a'..=b'j').contains(&letter).then(|| char::from(letter - b'a' + b'0'));
    letters.bytes().map(digit).collect::<Option<String>>()?.parse().ok()
}

impl Tally {
    /// The mark of the `n`th change of a page, which is sent now.
    pub(super) fn mark(&self, page: usize, n: u64) -> String {
        self.lock().due.insert((page, n), Instant::now());
        format!("{MARK}{} {}", letters(page as u64), letters(n))
    }

    /// An agent was sent a frame.
    pub(super) fn came(&self, frame: &str) {
        let read = |mark: &str| {
            let (page, n) = mark.split('"').next()?.split_once(' ')?;
            Some((usize::try_from(number(page)?).ok()?, number(n)?))
        };
        let mut counts = self.lock();
        counts.came.bytes += frame.len();
        for mark in frame.split(MARK).skip(1).filter_map(read) {
            match counts.due.remove(&mark) {
                Some(sent) => counts.came.seen.add(sent.elapsed()),
                None => counts.came.doubled += 1,
            }
        }
        drop(counts);
        self.0.more.notify_one();
    }

    /// Returns when all that was sent has been seen, or after `most`.
    pub(super) async fn settled(&self, most: Duration) {
        let all = async {
            while !self.lock().due.is_empty() {
                self.0.more.notified().await;
            }
        };
        // What has not come by then is lost, and counted so.
        let _ = timeout(most, all).await;
    }

    /// What came since it was asked last; what has not come by now is lost.
    pub(super) fn take(&self) -> Came {
        let Counts { due, came } = std::mem::take(&mut *self.lock());
        Came { lost: due.len(), ..came }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_doubled_is_told_apart_and_several_may_come_in_one_frame() {
        let tally = Tally::default();
        let marks: Vec<String> = (0..4).map(|n| tally.mark(12, n)).collect();
        assert!(!marks[1].bytes().any(|byte| byte.is_ascii_digit()), "{}", marks[1]);
        tally.came(&format!("[{{\"value\":\"{}\"}},{{\"value\":\"{}\"}}]", marks[1], marks[0]));
        tally.came(&format!("{{\"value\":\"{}\"}}", marks[1]));
        tally.came("{\"value\":\"bench-change z z\"}");
        let came = tally.take();
        assert_eq!((came.seen.count(), came.doubled, came.lost), (2, 1, 2));
        assert!(came.bytes > 100);
        assert_eq!(tally.take().lost, 0);
    }
}
