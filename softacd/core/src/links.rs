//! TCP connections: which are open, what has come in on them, and when one is closed for saying nothing
//! whole. A connection is closed 32 s after the beginning of a message that does not end, and after a
//! quarter of an hour without any.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::edge::Edge;
use crate::io::{Conn, Output};
use crate::sip::Frames;
use crate::timers::{Alarm, Timer};

/// How long a message may take from its first byte to its last, and a new connection to its first message.
const WHOLE: Duration = Duration::from_secs(32);
/// How long a connection may be silent.
const SILENT: Duration = Duration::from_secs(900);

/// One connection.
#[derive(Debug)]
struct Link {
    peer: SocketAddr,
    frames: Frames,
    alarm: Alarm,
    /// Whether the alarm is for a message that has begun.
    begun: bool,
}

/// Every open connection.
#[derive(Debug, Default)]
pub(crate) struct Links {
    open: BTreeMap<Conn, Link>,
    by_peer: BTreeMap<SocketAddr, Conn>,
    made: u64,
}

impl Links {
    pub(crate) fn is_open(&self, conn: Conn) -> bool {
        self.open.contains_key(&conn)
    }

    pub(crate) fn to(&self, peer: SocketAddr) -> Option<Conn> {
        self.by_peer.get(&peer).copied()
    }

    pub(crate) fn peer(&self, conn: Conn) -> Option<SocketAddr> {
        self.open.get(&conn).map(|l| l.peer)
    }

    /// The stream of an open connection.
    pub(crate) fn frames(&mut self, conn: Conn) -> Option<&mut Frames> {
        self.open.get_mut(&conn).map(|l| &mut l.frames)
    }
}

impl Edge {
    /// Asks for a new connection; what is sent on it meanwhile is kept by the shell.
    pub(crate) fn connect(&mut self, peer: SocketAddr) -> Conn {
        let conn = Conn(Conn::OURS + self.links.made);
        self.links.made += 1;
        self.opened(conn, peer);
        self.emit(Output::Connect { conn, peer });
        conn
    }

    /// A connection is there, accepted or made.
    pub(crate) fn opened(&mut self, conn: Conn, peer: SocketAddr) {
        if self.links.is_open(conn) {
            return;
        }
        let alarm = self.timers.set(self.now.mono + WHOLE, Timer::Link(conn));
        self.links.open.insert(conn, Link { peer, frames: Frames::default(), alarm, begun: true });
        self.links.by_peer.insert(peer, conn);
    }

    /// A connection has ended.
    pub(crate) fn closed(&mut self, conn: Conn) {
        let Some(link) = self.links.open.remove(&conn) else { return };
        self.timers.cancel(link.alarm);
        if self.links.by_peer.get(&link.peer) == Some(&conn) {
            self.links.by_peer.remove(&link.peer);
        }
    }

    /// Ends a connection.
    pub(crate) fn close(&mut self, conn: Conn) {
        if self.links.is_open(conn) {
            self.closed(conn);
            self.emit(Output::Close { conn });
        }
    }

    /// Something has come in, and every whole message of it is taken; `rest`: the beginning of another is left.
    pub(crate) fn heard(&mut self, conn: Conn, rest: bool, messages: usize) {
        let Some(link) = self.links.open.get_mut(&conn) else { return };
        if messages == 0 && link.begun && rest {
            return;
        }
        self.timers.cancel(link.alarm);
        link.begun = rest;
        link.alarm = self.timers.set(self.now.mono + if rest { WHOLE } else { SILENT }, Timer::Link(conn));
    }
}
