//! The callers: many calls on one socket, each a few lines of state. A thread of its own answers what comes and
//! repeats what was lost, so that times are taken when the packet is there.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::spread::Spread;
use super::words::{Heard, Side, sdp};

/// RFC 3261's T1.
const T1: Duration = Duration::from_millis(500);
/// After so long without an answer a call has failed: 64 times T1.
const GIVE_UP: Duration = Duration::from_secs(32);
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

struct Shared {
    socket: UdpSocket,
    local: SocketAddr,
    server: SocketAddr,
    media: Vec<SocketAddr>,
    calls: Mutex<Vec<Call>>,
    over: AtomicBool,
}

struct Call {
    dial: String,
    after: After,
    invited: Instant,
    answered: Option<Instant>,
    state: State,
    /// To with its tag, once it is known.
    to: String,
    /// The other side's Contact.
    target: String,
    remote_media: Option<SocketAddr>,
    sent: Instant,
    gap: Duration,
    repeats: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// INVITE sent; whether a provisional answer has come.
    Inviting {
        heard: bool,
    },
    Up,
    /// BYE sent.
    Leaving,
    Done,
    Failed,
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

impl Shared {
    fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(&self) {
        let mut buffer = vec![0; 65_536];
        let mut looked = Instant::now();
        while !self.over.load(Ordering::Relaxed) {
            // A time-out is the moment to look for repeats; another error is a lost packet.
            if let Ok(n) = self.socket.recv(&mut buffer)
                && let Some(heard) = Heard::new(&buffer[..n])
            {
                self.take(heard, Instant::now());
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                self.repeat(looked);
            }
        }
    }

    fn take(&self, heard: Heard<'_>, at: Instant) {
        let index = heard.header("Call-ID").and_then(|id| id.split_once('@')?.0.parse::<usize>().ok());
        let Some(n) = index else { return };
        let mut calls = self.calls();
        let Some(call) = calls.get_mut(n) else { return };
        match (heard.status(), heard.cseq_method()) {
            (Some(status), Some("INVITE")) => self.invite_answered(n, call, status, heard, at),
            (Some(200..), Some("BYE")) if call.state == State::Leaving => call.state = State::Done,
            (Some(_), _) => {}
            (None, Some("ACK")) => {}
            (None, method) => {
                let body = if method == Some("BYE") { String::new() } else { sdp(self.media_of(n)) };
                self.send(&heard.reply("200 OK", "", &self.contact(), &body));
                if method == Some("BYE") && call.state != State::Failed {
                    call.state = State::Done;
                }
            }
        }
    }

    fn invite_answered(&self, n: usize, call: &mut Call, status: u16, heard: Heard<'_>, at: Instant) {
        match status {
            ..200 => {
                if let State::Inviting { heard } = &mut call.state {
                    *heard = true;
                }
            }
            200..300 => {
                if matches!(call.state, State::Inviting { .. }) {
                    call.answered = Some(at);
                    call.to = heard.header("To").unwrap_or_default().to_owned();
                    call.target = heard.contact().unwrap_or_default().to_owned();
                    call.remote_media = heard.audio();
                    call.state = State::Up;
                }
                self.request(n, call, "ACK", 1, "a");
                if call.state == State::Up && call.after == After::HangUp {
                    self.leave(n, call);
                }
            }
            _ => {
                call.to = heard.header("To").unwrap_or_default().to_owned();
                call.target = self.uri(call);
                // The ACK of a refusal belongs to the INVITE's own transaction.
                self.request(n, call, "ACK", 1, "i");
                call.state = State::Failed;
            }
        }
    }

    fn repeat(&self, now: Instant) {
        let mut calls = self.calls();
        for n in 0..calls.len() {
            let call = &mut calls[n];
            let again = matches!(call.state, State::Inviting { heard: false } | State::Leaving);
            if matches!(call.state, State::Inviting { .. }) && now - call.invited > GIVE_UP {
                call.state = State::Failed;
            } else if again && now - call.sent >= call.gap {
                call.sent = now;
                call.gap *= 2;
                call.repeats += 1;
                match call.state {
                    State::Leaving if call.gap > GIVE_UP => call.state = State::Failed,
                    State::Leaving => self.request(n, call, "BYE", 2, "b"),
                    State::Inviting { .. } | State::Up | State::Done | State::Failed => self.invite(n, call),
                }
            }
        }
    }

    fn invite(&self, n: usize, call: &Call) {
        let to = format!("<{}>", self.uri(call));
        let from = self.from(n);
        let side = Side { local: self.local, from: &from, to: &to, call_id: &self.call_id(n) };
        self.send(&side.request("INVITE", &self.uri(call), 1, &self.branch(n, "i"), &sdp(self.media_of(n))));
    }

    fn leave(&self, n: usize, call: &mut Call) {
        (call.state, call.sent, call.gap) = (State::Leaving, Instant::now(), T1);
        self.request(n, call, "BYE", 2, "b");
    }

    fn request(&self, n: usize, call: &Call, method: &str, cseq: u32, branch: &str) {
        let from = self.from(n);
        let side = Side { local: self.local, from: &from, to: &call.to, call_id: &self.call_id(n) };
        self.send(&side.request(method, &call.target, cseq, &self.branch(n, branch), ""));
    }

    fn send(&self, text: &str) {
        // A packet that is lost here is repeated like any other.
        let _ = self.socket.send_to(text.as_bytes(), self.server);
    }

    fn uri(&self, call: &Call) -> String {
        format!("sip:{}@{}", call.dial, self.server)
    }

    fn from(&self, n: usize) -> String {
        format!("<sip:{}@{}>;tag=f{n}", number(n), self.local)
    }

    fn call_id(&self, n: usize) -> String {
        format!("{n}@{}", self.local)
    }

    fn branch(&self, n: usize, what: &str) -> String {
        format!("{}-{n}{what}", self.local.port())
    }

    fn contact(&self) -> String {
        format!("sip:bench@{}", self.local)
    }

    fn media_of(&self, n: usize) -> SocketAddr {
        self.media[n % self.media.len()]
    }
}
