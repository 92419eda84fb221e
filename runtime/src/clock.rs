//! The house's clock: the one place where time is read. `Mono` starts at the calendar's microseconds
//! and never falls behind what an earlier process had reached, so a stored deadline stays a deadline.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ngcc_proto::{Mono, Now, Wall};

/// How often the present time is noted for the next process.
pub(crate) const NOTE_EVERY: Duration = Duration::from_secs(1);

/// Reads the time on both scales. Clones share one scale.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Scale>);

#[derive(Debug)]
struct Scale {
    base: Mono,
    started: Instant,
    note: PathBuf,
}

impl Clock {
    /// A clock that goes on where the one in `data_dir` stopped.
    pub fn open(data_dir: &Path) -> Self {
        let note = data_dir.join("clock");
        let noted = fs::read_to_string(&note).ok().and_then(|text| text.trim().parse().ok()).map(Mono);
        let base = continued(Mono(unix().as_micros().try_into().unwrap_or(u64::MAX)), noted);
        Self(Arc::new(Scale { base, started: Instant::now(), note }))
    }

    /// The present moment.
    pub fn now(&self) -> Now {
        let wall = Wall(unix().as_millis().try_into().unwrap_or(i64::MAX));
        Now { mono: self.0.base + self.0.started.elapsed(), wall }
    }

    /// How long it is until `at`; zero if it has passed.
    pub fn until(&self, at: Mono) -> Duration {
        at.since(self.now().mono)
    }

    /// Notes the present time for the next process; a failure costs only the guard against a calendar set back.
    pub(crate) fn note(&self) {
        let _ = fs::write(&self.0.note, self.now().mono.0.to_string());
    }
}

/// Where the scale starts. A noted time ahead of the calendar means that the calendar was set back, and
/// that up to one interval passed after the note.
fn continued(calendar: Mono, noted: Option<Mono>) -> Mono {
    match noted {
        Some(noted) if noted > calendar => noted + NOTE_EVERY,
        Some(_) | None => calendar,
    }
}

fn unix() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_follows_the_calendar_unless_that_was_set_back() {
        assert_eq!(continued(Mono(5_000_000), None), Mono(5_000_000));
        assert_eq!(continued(Mono(5_000_000), Some(Mono(4_000_000))), Mono(5_000_000));
        assert_eq!(continued(Mono(5_000_000), Some(Mono(9_000_000))), Mono(10_000_000));
    }
}
