//! The callers: many calls on one socket, each a few lines of state. A thread of its own answers what comes and
//! repeats what was lost, so that times are taken when the packet is there.

mod line;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::spread::Spread;
use line::{Call, Shared, State};

/// RFC 3261's T1.
const T1: Duration = Duration::from_millis(500);
/// How often repeats are looked for.
const LOOK: Duration = Duration::from_millis(40);

/// What a caller does when it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Hangs up at once.
    HangUp,
    /// Stays until it is told to hang up, or until the other side does.
    Stay,
}

/// How some calls went.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Answered.
    pub(super) answered: usize,
    /// Refused, or without an answer.
    pub(super) failed: usize,
    /// Messages sent again.
    pub(super) repeats: u64,
    /// INVITE to 200.
    pub(super) set_up: Spread,
}

/// Callers on one socket.
pub(super) struct Callers {
    shared: Arc<Shared>,
    ear: Option<JoinHandle<()>>,
}

impl Callers {
    /// Callers of `server`, whose SDP names the addresses of `media` in turn.
    ///
    /// # Errors
    /// No socket.
    pub(super) fn open(server: SocketAddr, media: Vec<SocketAddr>) -> io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(LOOK))?;
        let local = socket.local_addr()?;
        let calls = Mutex::new(Vec::new());
        let shared = Arc::new(Shared { socket, local, server, media, calls, over: AtomicBool::new(false) });
        let ear = Arc::clone(&shared);
        Ok(Self { shared, ear: Some(std::thread::spawn(move || ear.listen())) })
    }

    /// Offers `count` calls at `rate` a second and returns when the last INVITE has left.
    pub(super) fn offer(
        &self,
        count: usize,
        rate: f64,
        after: After,
        dial: impl Fn(usize) -> String,
    ) -> Range<usize> {
        let first = self.shared.calls().len();
        let began = Instant::now();
        for i in 0..count {
            let due = began + Duration::from_secs_f64(i as f64 / rate);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let now = Instant::now();
            let mut calls = self.shared.calls();
            calls.push(Call {
                dial: dial(i),
                after,
                invited: now,
                answered: None,
                state: State::Inviting { heard: false },
                to: String::new(),
                target: String::new(),
                remote_media: None,
                sent: now,
                gap: T1,
                repeats: 0,
            });
            self.shared.invite(first + i, &calls[first + i]);
        }
        first..first + count
    }

    /// Waits until none of these calls waits for an answer; false after `within`.
    pub(super) fn settled(&self, range: &Range<usize>, within: Duration) -> bool {
        self.wait(range, within, |state| !matches!(state, State::Inviting { .. } | State::Leaving))
    }

    /// Waits until all of these calls are over; false after `within`.
    pub(super) fn over(&self, range: &Range<usize>, within: Duration) -> bool {
        self.wait(range, within, |state| matches!(state, State::Done | State::Failed))
    }

    fn wait(&self, range: &Range<usize>, within: Duration, good: impl Fn(State) -> bool) -> bool {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if self.shared.calls()[range.clone()].iter().all(|call| good(call.state)) {
                return true;
            }
            std::thread::sleep(LOOK / 4);
        }
        false
    }

    /// Hangs these calls up, at `rate` a second.
    pub(super) fn hang_up(&self, range: &Range<usize>, rate: f64) {
        let began = Instant::now();
        for (i, n) in range.clone().enumerate() {
            let due = began + Duration::from_secs_f64(i as f64 / rate);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let mut calls = self.shared.calls();
            if calls[n].state == State::Up {
                self.shared.leave(n, &mut calls[n]);
            }
        }
    }

    /// How these calls went.
    pub(super) fn outcome(&self, range: &Range<usize>) -> Outcome {
        let mut outcome = Outcome::default();
        for call in &self.shared.calls()[range.clone()] {
            outcome.repeats += call.repeats;
            match call.answered {
                Some(at) => {
                    outcome.answered += 1;
                    outcome.set_up.add(at - call.invited);
                }
                None => outcome.failed += 1,
            }
        }
        outcome
    }

    /// When call `n` sent its INVITE.
    pub(super) fn invited(&self, n: usize) -> Option<Instant> {
        self.shared.calls().get(n).map(|call| call.invited)
    }

    /// Where call `n` sends its RTP, and which of the media addresses is its own.
    pub(super) fn media(&self, n: usize) -> Option<(usize, SocketAddr)> {
        let remote = self.shared.calls().get(n)?.remote_media?;
        Some((n % self.shared.media.len(), remote))
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(ear) = self.ear.take() {
            // A panic there has been reported by its thread.
            let _ = ear.join();
        }
    }
}

/// The number call `n` calls from; the called side reads it back with [`call_of`].
fn number(n: usize) -> String {
    format!("9{n:07}")
}

/// The call whose number this is.
pub(super) fn call_of(number: &str) -> Option<usize> {
    number.strip_prefix('9')?.parse().ok()
}
