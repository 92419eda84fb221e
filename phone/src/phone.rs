//! The phone as a test holds it: settings, registration, calls out and calls in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{Mutex, mpsc};

use crate::call::Call;
use crate::incoming::Incoming;
use crate::line::{Direction, Line, Traced};
use crate::message::Message;
use crate::outbound;
use crate::sdp::Codec;

/// How signalling travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// One connection to the server.
    Tcp,
}

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5 (RFC 3261).
    Md5,
    /// SHA-256 (RFC 8760).
    Sha256,
}

/// What a phone is to be.
#[derive(Clone, Debug)]
pub struct PhoneSettings {
    /// Where its requests go.
    pub server: SocketAddr,
    /// Its user name.
    pub user: String,
    /// Its display name, by which it names the sessions it describes as well.
    pub display: Option<String>,
    /// Its digest secret; without one it proves nothing.
    pub secret: Option<String>,
    /// Which challenge it answers; none takes the first it knows.
    pub algorithm: Option<Algorithm>,
    /// Its own address; port 0 takes any.
    pub local: SocketAddr,
    /// How its signalling travels.
    pub transport: Transport,
    /// Its codecs, the preferred one first.
    pub codecs: Vec<Codec>,
}

impl PhoneSettings {
    /// A UDP phone on 127.0.0.1 without a secret.
    pub fn new(server: SocketAddr, user: &str) -> Self {
        Self {
            server,
            user: user.to_owned(),
            display: None,
            secret: None,
            algorithm: None,
            local: SocketAddr::from(([127, 0, 0, 1], 0)),
            transport: Transport::Udp,
            codecs: vec![Codec::Pcmu, Codec::Pcma],
        }
    }

    /// With a digest secret.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    /// Over TCP.
    #[must_use]
    pub fn tcp(mut self) -> Self {
        self.transport = Transport::Tcp;
        self
    }

    pub(crate) fn ip(&self) -> IpAddr {
        self.local.ip()
    }
}

/// What can go wrong with a phone.
#[derive(Debug, Error)]
pub enum PhoneError {
    /// A socket could not be had.
    #[error("the phone's socket: {0}")]
    Socket(#[from] std::io::Error),
    /// No final answer came in 32 s.
    #[error("no answer to {0}")]
    NoAnswer(&'static str),
    /// The request was refused.
    #[error("{method} was refused with {status} {reason}")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// The status.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// Nobody called, or the call did not come to this, in time.
    #[error("waited in vain for {0}")]
    TimedOut(&'static str),
    /// The call has ended.
    #[error("the call has ended: {0:?}")]
    Ended(crate::call::Ended),
}

/// A phone. Dropped, it is gone without a word.
pub struct Phone {
    line: Arc<Line>,
    incoming: Mutex<mpsc::UnboundedReceiver<Incoming>>,
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.line.unplug();
    }
}

impl Phone {
    /// Opens its socket.
    ///
    /// # Errors
    /// [`PhoneError::Socket`].
    pub async fn start(settings: PhoneSettings) -> Result<Self, PhoneError> {
        let (tx, incoming) = mpsc::unbounded_channel();
        let line = Line::open(settings, tx).await?;
        Ok(Self { line, incoming: Mutex::new(incoming) })
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.line.wire.local
    }

    /// Its user name.
    pub fn user(&self) -> &str {
        &self.line.settings.user
    }

    /// Registers for `seconds`; answers what the server granted.
    ///
    /// # Errors
    /// [`PhoneError::Refused`] or [`PhoneError::NoAnswer`].
    pub async fn register(&self, seconds: u32) -> Result<u32, PhoneError> {
        let contact = format!("{};expires={seconds}", self.line.contact());
        let answer = outbound::register(&self.line, contact, seconds).await?;
        let ours = self.line.wire.local.port().to_string();
        let granted = answer.all("Contact").flat_map(|c| c.split(',')).find(|c| c.contains(&ours));
        let granted = granted.and_then(|c| crate::message::param(c, "expires")?.parse().ok());
        Ok(granted.or_else(|| answer.header("Expires")?.parse().ok()).unwrap_or(seconds))
    }

    /// Takes its registration back.
    ///
    /// # Errors
    /// [`PhoneError::Refused`] or [`PhoneError::NoAnswer`].
    pub async fn unregister(&self) -> Result<(), PhoneError> {
        let contact = format!("{};expires=0", self.line.contact());
        outbound::register(&self.line, contact, 0).await.map(|_| ())
    }

    /// Calls a number, or a whole SIP URI; `Call::answered` tells how it goes on.
    ///
    /// # Errors
    /// [`PhoneError::Socket`] where there is no port for the sound.
    pub async fn call(&self, target: &str) -> Result<Call, PhoneError> {
        outbound::call(&self.line, target).await
    }

    /// The next call that comes in.
    ///
    /// # Errors
    /// [`PhoneError::TimedOut`].
    pub async fn next_call(&self, within: Duration) -> Result<Incoming, PhoneError> {
        let next = async { self.incoming.lock().await.recv().await };
        let came = tokio::time::timeout(within, next).await.ok().flatten();
        came.ok_or(PhoneError::TimedOut("a call"))
    }

    /// Writes to a number, or to a whole SIP URI, by MESSAGE (RFC 3428); the status of the answer that takes it.
    ///
    /// # Errors
    /// [`PhoneError::Refused`] or [`PhoneError::NoAnswer`].
    pub async fn write(&self, target: &str, text: &str) -> Result<u16, PhoneError> {
        let answer = outbound::write(&self.line, target, "text/plain;charset=UTF-8", text).await?;
        Ok(answer.status().unwrap_or_default())
    }

    /// The texts that came by MESSAGE so far, each once, oldest first.
    pub fn texts(&self) -> Vec<String> {
        let mut seen = std::collections::BTreeSet::new();
        let came = self.line.trace().into_iter().filter(is_text);
        came.filter(|t| seen.insert(t.message.transaction())).map(|t| t.message.body).collect()
    }

    /// Waits until a text that contains `part` has come by MESSAGE; all of it.
    ///
    /// # Errors
    /// [`PhoneError::TimedOut`].
    pub async fn reads(&self, part: &str, within: Duration) -> Result<String, PhoneError> {
        let found = |t: &Traced| is_text(t) && t.message.body.contains(part);
        Ok(self.traced(within, found).await?.message.body)
    }

    /// From now on MESSAGEs are refused with this status; 0: they are taken.
    pub fn set_text_refusal(&self, status: u16) {
        self.line.faults.set_text_refusal(status);
    }

    /// Sends text to the server as it stands.
    pub fn send_raw(&self, text: &str) {
        self.line.wire.send(text, self.line.settings.server);
    }

    /// Sends a request of its own making and waits for the final answer.
    ///
    /// # Errors
    /// [`PhoneError::NoAnswer`].
    pub async fn ask_raw(&self, request: &Message) -> Result<Message, PhoneError> {
        self.line.ask(request, self.line.settings.server).last().await
    }

    /// A request outside any dialog, complete but for what the caller adds.
    pub fn bare_request(&self, method: &str, target: &str) -> Message {
        self.line.bare(method, &self.line.uri_of(target), &self.line.uri_of(target))
    }

    /// From now on the phone hears and answers no signalling, as one whose plug was pulled.
    pub fn set_deaf(&self, deaf: bool) {
        self.line.faults.set_deaf(deaf);
    }

    /// From now on it sends no ACK for a 200.
    pub fn set_drop_ack(&self, drop: bool) {
        self.line.faults.set_drop_ack(drop);
    }

    /// Every message sent and received so far.
    pub fn trace(&self) -> Vec<Traced> {
        self.line.trace()
    }

    /// Waits until a message for which `found` says yes has been sent or received.
    ///
    /// # Errors
    /// [`PhoneError::TimedOut`].
    pub async fn traced(
        &self,
        within: Duration,
        found: impl Fn(&Traced) -> bool,
    ) -> Result<Traced, PhoneError> {
        self.line.traced(within, found).await.ok_or(PhoneError::TimedOut("a message"))
    }
}

fn is_text(traced: &Traced) -> bool {
    traced.direction == Direction::Received
        && traced.message.status().is_none()
        && traced.message.method() == "MESSAGE"
}
