//! What the core is told and what it asks its shell to do. Connections and sockets are numbers here.

use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use ngcc_proto::{Envelope, MessageId, Mono, channel};

use crate::channel::{Heard, Outcome, Post, Writing};
use crate::web::{Ask, Line, Peer, Shut, Tell};

/// A TCP connection. The shell numbers those it accepts from 1; the core numbers those it asks for
/// from [`Conn::OURS`] upwards, so that the two never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conn(pub u64);

impl Conn {
    /// The first number of a connection the core asks for.
    pub const OURS: u64 = 1 << 63;
}

/// What the core is told.
#[derive(Clone)]
pub enum Input {
    /// A message from another module.
    Envelope(Envelope),
    /// A datagram came in.
    Datagram {
        /// From where.
        peer: SocketAddr,
        /// On which of our UDP sockets.
        local: u8,
        /// When the socket gave it: what it has waited since is how far we are behind.
        at: Mono,
        /// All of it.
        bytes: Bytes,
    },
    /// A connection is up: one that was accepted, or one that `Connect` asked for.
    Opened {
        /// The connection.
        conn: Conn,
        /// Its other end.
        peer: SocketAddr,
    },
    /// Bytes of a connection, in order.
    Received {
        /// The connection.
        conn: Conn,
        /// When the socket gave them.
        at: Mono,
        /// Some of its stream.
        bytes: Bytes,
    },
    /// A connection has ended, or could not be made.
    Closed {
        /// The connection.
        conn: Conn,
    },
    /// The answer to `Resolve`.
    Resolved {
        /// The number of the question.
        query: u64,
        /// The first address of the name; none if it has none.
        address: Option<SocketAddr>,
    },
    /// A browser is connected and has proved who it is.
    WebOpened {
        /// Its line.
        line: Line,
        /// Who it is.
        peer: Peer,
    },
    /// A frame of a browser's.
    WebFrame {
        /// Its line.
        line: Line,
        /// The frame's own id, at most 64 bytes.
        id: Option<String>,
        /// What it says.
        ask: Ask,
    },
    /// A browser's connection has ended.
    WebClosed {
        /// Its line.
        line: Line,
    },
    /// Somebody on a messaging channel has done something.
    ChannelHeard(Heard),
    /// What became of a `ChannelSend`.
    ChannelSent {
        /// The channel's name.
        channel: String,
        /// The channel's own id of the person.
        to: String,
        /// The number it was sent under.
        n: u64,
        /// What became of it.
        outcome: Outcome,
    },
}

impl From<Envelope> for Input {
    fn from(envelope: Envelope) -> Self {
        Self::Envelope(envelope)
    }
}

/// Where bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A datagram.
    Udp {
        /// From which of our sockets.
        local: u8,
        /// To where.
        peer: SocketAddr,
    },
    /// A connection; one that is still being made keeps the bytes until it is up.
    Tcp {
        /// Which.
        conn: Conn,
    },
}

/// What the shell is asked to do.
#[derive(Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "an envelope is moved as it is through every inbox of the house"
)]
pub enum Output {
    /// Give it to the bus.
    Send(Envelope),
    /// Send bytes.
    Transmit {
        /// Where.
        to: Flow,
        /// One whole SIP message.
        bytes: Bytes,
    },
    /// Make a connection; `Opened` or `Closed` answers.
    Connect {
        /// The number it shall have.
        conn: Conn,
        /// To where.
        peer: SocketAddr,
    },
    /// End a connection. No `Closed` follows.
    Close {
        /// Which.
        conn: Conn,
    },
    /// Look up a host name; `Resolved` answers.
    Resolve {
        /// The number of the question.
        query: u64,
        /// The name.
        host: String,
        /// The port to put into the answer.
        port: u16,
    },
    /// Tell a browser.
    WebSend {
        /// Its line.
        line: Line,
        /// The id of the frame it answers.
        id: Option<String>,
        /// What.
        tell: Tell,
    },
    /// End a browser's connection, behind what was sent. A `WebClosed` that follows changes nothing.
    WebClose {
        /// Its line.
        line: Line,
        /// Why.
        why: Shut,
    },
    /// Give it to a channel's provider; `ChannelSent` answers.
    ChannelSend(Post),
    /// Show a person on a channel whether somebody writes to them, if that can be done at once.
    ChannelWriting(Writing),
    /// What a channel brought is on disk (or known), or is not taken: its provider is to send it again.
    ChannelAnswer {
        /// What `ChannelHeard` named.
        ticket: u64,
        /// Whether it is taken.
        taken: bool,
    },
    /// Answer what the gateway asks of channels as they run.
    ChannelAsk {
        /// The question, which the answer names.
        cause: MessageId,
        /// What it asks.
        command: channel::Command,
    },
}

/// What a log may show: of bytes only how many there are, as they may hold keys and credentials.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Envelope(envelope) => write!(f, "Envelope({} {})", envelope.body.name(), envelope.id),
            Self::Datagram { peer, local, bytes, .. } => {
                write!(f, "Datagram({} bytes from {peer} on socket {local})", bytes.len())
            }
            Self::Opened { conn, peer } => write!(f, "Opened({} to {peer})", conn.0),
            Self::Received { conn, bytes, .. } => write!(f, "Received({} bytes on {})", bytes.len(), conn.0),
            Self::Closed { conn } => write!(f, "Closed({})", conn.0),
            Self::Resolved { query, address } => write!(f, "Resolved({query:x}, {address:?})"),
            Self::WebOpened { line, .. } => write!(f, "WebOpened({})", line.0),
            Self::WebFrame { line, .. } => write!(f, "WebFrame({})", line.0),
            Self::WebClosed { line } => write!(f, "WebClosed({})", line.0),
            Self::ChannelHeard(heard) => write!(f, "ChannelHeard({})", heard.channel),
            Self::ChannelSent { channel, n, outcome, .. } => {
                write!(f, "ChannelSent({channel} {n}, {outcome:?})")
            }
        }
    }
}

/// As for [`Input`].
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(envelope) => write!(f, "Send({} {})", envelope.body.name(), envelope.id),
            Self::Transmit { to, bytes } => write!(f, "Transmit({} bytes to {to:?})", bytes.len()),
            Self::Connect { conn, peer } => write!(f, "Connect({} to {peer})", conn.0),
            Self::Close { conn } => write!(f, "Close({})", conn.0),
            Self::Resolve { query, host, port } => write!(f, "Resolve({query:x}, {host}:{port})"),
            Self::WebSend { line, .. } => write!(f, "WebSend({})", line.0),
            Self::WebClose { line, why } => write!(f, "WebClose({}, {why:?})", line.0),
            Self::ChannelSend(post) => write!(f, "ChannelSend({} {})", post.channel, post.n),
            Self::ChannelWriting(writing) => write!(f, "ChannelWriting({}, {})", writing.channel, writing.on),
            Self::ChannelAnswer { ticket, taken } => write!(f, "ChannelAnswer({ticket}, {taken})"),
            Self::ChannelAsk { cause, .. } => write!(f, "ChannelAsk({cause})"),
        }
    }
}
