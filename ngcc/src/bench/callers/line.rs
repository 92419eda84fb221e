//! What one socket's callers say and hear: the thread that answers what comes and repeats what was lost.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::words::{Heard, Side, sdp};
use super::{After, LOOK, T1, number};

/// After so long without an answer a call has failed: 64 times T1.
const GIVE_UP: Duration = Duration::from_secs(32);

/// The socket and the calls on it.
pub(super) struct Shared {
    pub(super) socket: UdpSocket,
    pub(super) local: SocketAddr,
    pub(super) server: SocketAddr,
    pub(super) media: Vec<SocketAddr>,
    pub(super) calls: Mutex<Vec<Call>>,
    pub(super) over: AtomicBool,
}

/// One call, as its caller sees it.
pub(super) struct Call {
    pub(super) dial: String,
    pub(super) after: After,
    pub(super) invited: Instant,
    pub(super) answered: Option<Instant>,
    pub(super) state: State,
    /// To with its tag, once it is known.
    pub(super) to: String,
    /// The other side's Contact.
    pub(super) target: String,
    pub(super) remote_media: Option<SocketAddr>,
    pub(super) sent: Instant,
    pub(super) gap: Duration,
    pub(super) repeats: u64,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
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

impl Shared {
    pub(super) fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn listen(&self) {
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

    pub(super) fn invite(&self, n: usize, call: &Call) {
        let to = format!("<{}>", self.uri(call));
        let from = self.from(n);
        let side = Side { local: self.local, from: &from, to: &to, call_id: &self.call_id(n) };
        self.send(&side.request("INVITE", &self.uri(call), 1, &self.branch(n, "i"), &sdp(self.media_of(n))));
    }

    pub(super) fn leave(&self, n: usize, call: &mut Call) {
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
