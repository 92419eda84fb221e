//! The inside of a phone: its wire, its client and server transactions, and the calls it is in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};

use crate::call::CallState;
use crate::digest::{Challenge, Proof};
use crate::inbound;
use crate::incoming::Incoming;
use crate::message::{self, Message};
use crate::phone::{PhoneError, PhoneSettings, Transport};
use crate::wire::{Arrival, Wire};
use crate::{chance, locked};

/// RFC 3261's T1 and T2.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// The life of a client transaction: 64·T1.
const LIFE: Duration = Duration::from_secs(32);

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the phone.
    Sent,
    /// To the phone.
    Received,
}

/// A message that went by.
#[derive(Clone, Debug)]
pub struct Traced {
    /// When.
    pub at: Instant,
    /// Which way.
    pub direction: Direction,
    /// What.
    pub message: Message,
    /// What, as it stood on the wire.
    pub text: String,
}

/// What the phone does wrong on purpose.
#[derive(Default)]
pub(crate) struct Faults {
    deaf: AtomicBool,
    drop_ack: AtomicBool,
    text_refusal: AtomicU16,
}

impl Faults {
    pub(crate) fn set_deaf(&self, on: bool) {
        self.deaf.store(on, Ordering::Relaxed);
    }

    pub(crate) fn set_drop_ack(&self, on: bool) {
        self.drop_ack.store(on, Ordering::Relaxed);
    }

    pub(crate) fn set_text_refusal(&self, status: u16) {
        self.text_refusal.store(status, Ordering::Relaxed);
    }

    /// What MESSAGEs are refused with.
    pub(crate) fn text_refusal(&self) -> Option<u16> {
        Some(self.text_refusal.load(Ordering::Relaxed)).filter(|status| *status != 0)
    }

    pub(crate) fn drops_ack(&self) -> bool {
        self.drop_ack.load(Ordering::Relaxed)
    }
}

pub(crate) struct Line {
    pub(crate) settings: PhoneSettings,
    pub(crate) wire: Wire,
    pub(crate) faults: Faults,
    pub(crate) incoming: mpsc::UnboundedSender<Incoming>,
    clients: Mutex<HashMap<String, mpsc::UnboundedSender<Message>>>,
    answers: Mutex<HashMap<String, String>>,
    calls: Mutex<Vec<Arc<CallState>>>,
    challenge: Mutex<Option<Challenge>>,
    trace: watch::Sender<Vec<Traced>>,
}

impl Line {
    pub(crate) async fn open(
        settings: PhoneSettings,
        incoming: mpsc::UnboundedSender<Incoming>,
    ) -> Result<Arc<Self>, PhoneError> {
        let (tx, inbox) = mpsc::unbounded_channel();
        let wire = Wire::open(settings.transport, settings.local, settings.server, tx).await?;
        let line = Arc::new(Self {
            settings,
            wire,
            faults: Faults::default(),
            incoming,
            clients: Mutex::default(),
            answers: Mutex::default(),
            calls: Mutex::default(),
            challenge: Mutex::default(),
            trace: watch::Sender::new(Vec::new()),
        });
        tokio::spawn(receive(Arc::downgrade(&line), inbox));
        Ok(line)
    }

    /// The SIP URI of a number or name at the server; a whole URI stays what it is.
    pub(crate) fn uri_of(&self, target: &str) -> String {
        if target.starts_with("sip:") {
            target.to_owned()
        } else {
            format!("sip:{target}@{}", self.settings.server)
        }
    }

    /// `<sip:user@host:port>` at which the phone is reached.
    pub(crate) fn contact(&self) -> String {
        let transport = match self.settings.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
        };
        format!("<sip:{}@{}{transport}>", self.settings.user, self.wire.local)
    }

    /// A fresh Via.
    pub(crate) fn via(&self) -> String {
        let transport = match self.settings.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        };
        format!("SIP/2.0/{transport} {};branch=z9hG4bK{:016x};rport", self.wire.local, chance())
    }

    /// A request outside any dialog.
    pub(crate) fn bare(&self, method: &str, uri: &str, to: &str) -> Message {
        let PhoneSettings { user, display, server, .. } = &self.settings;
        let display = display.as_ref().map(|d| format!("\"{d}\" ")).unwrap_or_default();
        Message::request(method, uri)
            .with("Via", self.via())
            .with("Max-Forwards", "70")
            .with("From", format!("{display}<sip:{user}@{server}>;tag={:016x}", chance()))
            .with("To", format!("<{to}>"))
            .with("Call-ID", format!("{:016x}@phone", chance()))
            .with("CSeq", format!("1 {method}"))
            .with("Contact", self.contact())
            .with("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, REFER, NOTIFY, MESSAGE")
            .with("User-Agent", "ngcc test phone")
    }

    /// Sends a request and opens its client transaction.
    pub(crate) fn ask(self: &Arc<Self>, request: &Message, to: SocketAddr) -> Asked {
        let (tx, answers) = mpsc::unbounded_channel();
        let key = request.transaction();
        locked(&self.clients).insert(key.clone(), tx);
        self.send(request, to);
        let now = tokio::time::Instant::now();
        let repeat = self.wire.loses().then_some(now + T1);
        let invite = request.method() == "INVITE";
        let text = request.text();
        Asked { line: Arc::clone(self), key, text, to, answers, repeat, every: T1, until: now + LIFE, invite }
    }

    pub(crate) fn send(&self, message: &Message, to: SocketAddr) {
        let text = message.text();
        self.wire.send(&text, to);
        self.note(Direction::Sent, message.clone(), text);
    }

    /// Answers a request and keeps the answer for its repeats.
    pub(crate) fn answer(&self, request: &Message, answer: &Message, to: SocketAddr) {
        locked(&self.answers).insert(request.transaction(), answer.text());
        self.send(answer, to);
    }

    /// What the request was answered before, if it is a repeat.
    pub(crate) fn answered_before(&self, request: &Message) -> Option<String> {
        locked(&self.answers).get(&request.transaction()).cloned()
    }

    /// Marks a request as being handled, so that a repeat before the answer is known as one.
    pub(crate) fn begin(&self, request: &Message) {
        locked(&self.answers).insert(request.transaction(), String::new());
    }

    /// Credentials for the challenge that came last, counting on; none without challenge or secret.
    pub(crate) fn credentials(&self, method: &str, uri: &str) -> Option<(&'static str, String)> {
        let secret = self.settings.secret.as_ref()?;
        let proof = Proof { user: &self.settings.user, secret, method, uri };
        locked(&self.challenge).as_mut().map(|c| c.credentials(&proof))
    }

    /// Takes a challenge; false if it has none the phone can answer.
    pub(crate) fn take_challenge(&self, answer: &Message) -> bool {
        let chosen = Challenge::choose(&answer.headers, self.settings.algorithm);
        let can = chosen.is_some() && self.settings.secret.is_some();
        *locked(&self.challenge) = chosen;
        can
    }

    pub(crate) fn add_call(&self, call: &Arc<CallState>) {
        locked(&self.calls).push(Arc::clone(call));
    }

    /// The call a request or response belongs to, by Call-ID and the phone's own tag where one stands.
    pub(crate) fn find_call(&self, call_id: &str, own_tag: Option<&str>) -> Option<Arc<CallState>> {
        let calls = locked(&self.calls);
        let found = calls.iter().find(|c| {
            let dialog = locked(&c.dialog);
            dialog.call_id == call_id && own_tag.is_none_or(|tag| dialog.own_tag == tag)
        });
        found.cloned()
    }

    /// Calls and line hold one another: this lets go of them, and their sound stops.
    pub(crate) fn unplug(&self) {
        self.faults.set_deaf(true);
        for call in locked(&self.calls).drain(..) {
            call.media.stop();
        }
    }

    pub(crate) fn trace(&self) -> Vec<Traced> {
        self.trace.borrow().clone()
    }

    pub(crate) async fn traced(&self, within: Duration, found: impl Fn(&Traced) -> bool) -> Option<Traced> {
        let mut news = self.trace.subscribe();
        let first = |all: &Vec<Traced>| all.iter().find(|t| found(t)).cloned();
        let waiting = news.wait_for(|all| first(all).is_some());
        timeout(within, waiting).await.ok()?.ok().and_then(|all| first(&all))
    }

    fn note(&self, direction: Direction, message: Message, text: String) {
        let traced = Traced { at: Instant::now(), direction, message, text };
        self.trace.send_modify(|all| all.push(traced));
    }

    fn take(self: &Arc<Self>, text: &str, from: SocketAddr) {
        if self.faults.deaf.load(Ordering::Relaxed) {
            return;
        }
        let Ok(message) = Message::parse(text) else { return };
        self.note(Direction::Received, message.clone(), text.to_owned());
        if message.status().is_none() {
            inbound::request(self, &message, from);
            return;
        }
        let waiting = locked(&self.clients).get(&message.transaction()).cloned();
        let taken = waiting.is_some_and(|tx| tx.send(message.clone()).is_ok());
        if !taken {
            inbound::late_response(self, &message);
        }
    }
}

async fn receive(line: Weak<Line>, mut inbox: mpsc::UnboundedReceiver<Arrival>) {
    while let Some((text, from)) = inbox.recv().await {
        let Some(line) = line.upgrade() else { return };
        line.take(&text, from);
    }
}

/// A request under way: repeats itself until it is answered.
pub(crate) struct Asked {
    line: Arc<Line>,
    key: String,
    text: String,
    to: SocketAddr,
    answers: mpsc::UnboundedReceiver<Message>,
    repeat: Option<tokio::time::Instant>,
    every: Duration,
    until: tokio::time::Instant,
    invite: bool,
}

impl Asked {
    /// The next response; none when the transaction's life is over without a final one.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            let repeat = self.repeat.unwrap_or(self.until);
            tokio::select! {
                answer = self.answers.recv() => {
                    let answer = answer?;
                    if self.invite || answer.status() >= Some(200) {
                        self.repeat = None;
                    }
                    if self.invite {
                        // A ringing phone may ring for longer than a transaction without an answer lives.
                        self.until = tokio::time::Instant::now() + LIFE * 10;
                    }
                    return Some(answer);
                }
                () = sleep_until(repeat.min(self.until)) => {
                    if tokio::time::Instant::now() >= self.until {
                        return None;
                    }
                    self.line.wire.send(&self.text, self.to);
                    self.every = if self.invite { self.every * 2 } else { (self.every * 2).min(T2) };
                    self.repeat = Some(tokio::time::Instant::now() + self.every);
                }
            }
        }
    }

    /// The final response.
    pub(crate) async fn last(mut self) -> Result<Message, PhoneError> {
        while let Some(answer) = self.next().await {
            if answer.status() >= Some(200) {
                return Ok(answer);
            }
        }
        Err(PhoneError::NoAnswer("a request"))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        locked(&self.line.clients).remove(&self.key);
    }
}

/// Where a request with this URI goes: its numeric host, or the server.
pub(crate) fn next_hop(line: &Line, uri: &str) -> SocketAddr {
    match line.settings.transport {
        Transport::Udp => message::address(uri).unwrap_or(line.settings.server),
        Transport::Tcp => line.settings.server,
    }
}
