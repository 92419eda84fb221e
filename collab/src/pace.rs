//! How much one connection may send: frames and bytes, with room for a burst.

use tokio::time::Instant;

/// Frames taken a second, sustained: a page that scrolls and types sends some twenty.
const FRAMES: f64 = 200.0;
/// The second of them.
const FRAMES_BURST: f64 = 400.0;
/// Bytes taken a second, sustained.
const BYTES: f64 = 1024.0 * 1024.0;
/// As many at once: a full snapshot, and another right behind it.
const BYTES_BURST: f64 = 6.0 * 1024.0 * 1024.0;

/// What one connection has left.
#[derive(Debug)]
pub(crate) struct Pace {
    frames: f64,
    bytes: f64,
    filled: Instant,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self { frames: FRAMES_BURST, bytes: BYTES_BURST, filled: now }
    }

    /// Whether one more frame of so many bytes may come; if so, it counts.
    pub(crate) fn may(&mut self, bytes: usize, now: Instant) -> bool {
        let passed = (now - self.filled).as_secs_f64();
        self.filled = now;
        self.frames = (self.frames + passed * FRAMES).min(FRAMES_BURST) - 1.0;
        // A frame is at most a few megabytes: exact as a float.
        let size = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.bytes = (self.bytes + passed * BYTES).min(BYTES_BURST) - size;
        self.frames >= 0.0 && self.bytes >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_taken_and_more_only_as_time_passes() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        assert!((0..400).all(|_| pace.may(10, now)));
        assert!(!pace.may(10, now));
        let mut pace = Pace::new(now);
        assert!((0..3).all(|_| pace.may(2 * 1024 * 1024, now)));
        assert!(!pace.may(10, now));
        let later = now + Duration::from_secs(3600);
        assert!(pace.may(2 * 1024 * 1024, later));
        assert!((0..199).all(|n| Pace::new(now).may(10, now + Duration::from_secs(n))));
    }
}
