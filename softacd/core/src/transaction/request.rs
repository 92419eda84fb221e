//! What we ask, INVITE apart: client transactions with their retransmissions (timers E, F, K).

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::{LegId, Mono};

use super::{LIFE, T1, T2};
use crate::edge::Edge;
use crate::hop::Hop;
use crate::io::Conn;
use crate::timers::{Alarm, Timer};

/// Why a request was sent; its leg is told how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It ends the leg, which is gone already: nobody waits for the answer.
    Farewell,
    /// A CANCEL.
    Cancel,
    /// A NOTIFY about a transfer.
    Notify,
    /// An UPDATE that refreshes the session.
    Refresh,
}

/// Whose a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Leg(LegId, Purpose),
    /// A MESSAGE, which is no leg's.
    Text,
}

/// A request of ours without a final response.
#[derive(Debug)]
struct Sent {
    whose: Whose,
    hop: Hop,
    bytes: Bytes,
    pause: Duration,
    until: Mono,
    alarm: Alarm,
}

/// A request has had its final response, or none came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// A leg's.
    Of(Outcome),
    /// A MESSAGE's.
    Text {
        /// The number in its Via branch.
        number: u64,
        /// The final status; none if nothing came back.
        status: Option<u16>,
    },
}

/// How a leg's request went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) leg: LegId,
    pub(crate) purpose: Purpose,
    /// The final status; none if nothing came back.
    pub(crate) status: Option<u16>,
}

/// Every request of ours that is under way, by the number in its Via branch.
#[derive(Debug, Default)]
pub(crate) struct Requests(BTreeMap<u64, Sent>);

impl Requests {
    /// Those that went out on a connection.
    pub(crate) fn stranded(&self, conn: Conn) -> Vec<u64> {
        self.0.iter().filter(|(_, sent)| sent.hop.conn() == Some(conn)).map(|(number, _)| *number).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Sent {
    fn ended(&self, number: u64, status: Option<u16>) -> Ended {
        match self.whose {
            Whose::Leg(leg, purpose) => Ended::Of(Outcome { leg, purpose, status }),
            Whose::Text => Ended::Text { number, status },
        }
    }
}

impl Edge {
    /// Sends a leg's request whose Via branch carries `number`.
    pub(crate) fn ask(&mut self, number: u64, leg: LegId, purpose: Purpose, hop: &mut Hop, bytes: Bytes) {
        self.begin(number, Whose::Leg(leg, purpose), hop, bytes);
    }

    /// Sends a MESSAGE whose Via branch carries `number`.
    pub(crate) fn text(&mut self, number: u64, hop: &mut Hop, bytes: Bytes) {
        self.begin(number, Whose::Text, hop, bytes);
    }

    fn begin(&mut self, number: u64, whose: Whose, hop: &mut Hop, bytes: Bytes) {
        self.send(hop, bytes.clone());
        let pause = if hop.is_stream() { LIFE } else { T1 };
        let alarm = self.timers.set(self.now.mono + pause, Timer::Request(number));
        let sent = Sent { whose, hop: *hop, bytes, pause, until: self.now.mono + LIFE, alarm };
        self.requests.0.insert(number, sent);
    }

    /// A response to one of ours; `Some` when it is final and the first.
    pub(crate) fn request_answered(&mut self, number: u64, status: u16) -> Option<Ended> {
        let sent = self.requests.0.get_mut(&number)?;
        if status < 200 {
            // Timer E goes on at T2 once the other side has shown itself.
            sent.pause = T2;
            return None;
        }
        let sent = self.requests.0.remove(&number)?;
        self.timers.cancel(sent.alarm);
        Some(sent.ended(number, Some(status)))
    }

    /// Its connection has ended: nothing will come back.
    pub(crate) fn request_stranded(&mut self, number: u64) -> Option<Ended> {
        let sent = self.requests.0.remove(&number)?;
        self.timers.cancel(sent.alarm);
        Some(sent.ended(number, None))
    }

    /// A timer of one of ours: sends it again, or gives up and says so.
    pub(crate) fn wake_request(&mut self, number: u64) -> Option<Ended> {
        let mut sent = self.requests.0.remove(&number)?;
        if self.now.mono >= sent.until {
            return Some(sent.ended(number, None));
        }
        self.send(&mut sent.hop, sent.bytes.clone());
        sent.pause = (sent.pause * 2).min(T2);
        let next = (self.now.mono + sent.pause).min(sent.until);
        sent.alarm = self.timers.set(next, Timer::Request(number));
        self.requests.0.insert(number, sent);
        None
    }
}
