//! INVITEs of ours (timers A, B, D, M): retransmission, CANCEL, the ACK of a refusal, and the ACK of a
//! 2xx that comes again. A transaction outlives its leg, so that an answer which crosses our CANCEL is
//! still acknowledged and hung up.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::{LegId, Mono};

use super::request::Purpose;
use super::{LIFE, T1};
use crate::edge::Edge;
use crate::hop::Hop;
use crate::io::Conn;
use crate::sip::Response;
use crate::timers::{Alarm, Timer};

/// What the ACK and the CANCEL of an INVITE repeat of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The request URI.
    pub(crate) uri: String,
    /// The Route lines, whole.
    pub(crate) routes: String,
    /// The value of From.
    pub(crate) from: String,
    /// The value of To, as sent.
    pub(crate) to: String,
    pub(crate) call_id: String,
    pub(crate) seq: u32,
}

/// An INVITE of ours.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) leg: LegId,
    pub(crate) head: Head,
    pub(crate) hop: Hop,
    stage: Stage,
    /// The timer of the stage.
    alarm: Alarm,
}

#[derive(Debug)]
enum Stage {
    /// Nothing has come back yet. A CANCEL that is wanted (with these header lines) waits for the first
    /// response (RFC 3261 section 9.1).
    Calling { bytes: Bytes, pause: Duration, until: Mono, cancel: Option<String> },
    /// It rings, or at least somebody has it.
    Proceeding,
    /// Our CANCEL is out.
    Cancelling,
    /// Refused; the ACK is repeated with every repeat of the refusal.
    Refused { ack: Bytes },
    /// Accepted; each 2xx is told from the others by its To tag and has its own ACK.
    Accepted { acks: Vec<(String, Bytes)> },
}

/// What a response to an INVITE of ours means to its leg.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing new.
    Nothing,
    /// A provisional response.
    Provisional,
    /// A 2xx with a new To tag; whoever takes it gives its ACK to [`Edge::acknowledge`].
    Accepted,
    /// A final refusal; it is acknowledged already.
    Refused,
}

/// Every INVITE of ours whose transaction stands, by the number in its Via branch.
#[derive(Debug, Default)]
pub(crate) struct Invites(BTreeMap<u64, Outgoing>);

impl Invites {
    pub(crate) fn of(&self, number: u64) -> Option<&Outgoing> {
        self.0.get(&number)
    }

    /// Those that went out on a connection and have heard nothing.
    pub(crate) fn stranded(&self, conn: Conn) -> Vec<u64> {
        let strands =
            |out: &Outgoing| out.hop.conn() == Some(conn) && matches!(out.stage, Stage::Calling { .. });
        self.0.iter().filter(|(_, out)| strands(out)).map(|(number, _)| *number).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The most different 2xx of one INVITE that are hung up; more can only be made up.
const MOST_ANSWERS: usize = 8;

impl Edge {
    /// Sends an INVITE whose Via branch carries `number`.
    pub(crate) fn invite(&mut self, number: u64, leg: LegId, head: Head, hop: &mut Hop, bytes: Bytes) {
        self.send(hop, bytes.clone());
        let until = self.now.mono + LIFE;
        let pause = if hop.is_stream() { LIFE } else { T1 };
        let alarm = self.timers.set(self.now.mono + pause, Timer::Invite(number));
        let stage = Stage::Calling { bytes, pause, until, cancel: None };
        self.invites.0.insert(number, Outgoing { leg, head, hop: *hop, stage, alarm });
    }

    /// A response to one of our INVITEs.
    pub(crate) fn invite_answered(&mut self, number: u64, response: &Response, to_tag: &str) -> Heard {
        let Some(mut out) = self.invites.0.remove(&number) else { return Heard::Nothing };
        let heard = match response.status {
            100..=199 => self.provisional(number, &mut out),
            200..=299 => self.another_answer(&mut out, to_tag),
            _ => self.refused(number, &mut out, response),
        };
        self.invites.0.insert(number, out);
        heard
    }

    fn provisional(&mut self, number: u64, out: &mut Outgoing) -> Heard {
        match &mut out.stage {
            Stage::Calling { cancel, .. } => {
                let wanted = cancel.take();
                self.timers.cancel(out.alarm);
                out.stage = Stage::Proceeding;
                if let Some(reason) = wanted {
                    self.send_cancel(number, out, &reason);
                    return Heard::Nothing;
                }
                Heard::Provisional
            }
            Stage::Proceeding => Heard::Provisional,
            Stage::Cancelling | Stage::Refused { .. } | Stage::Accepted { .. } => Heard::Nothing,
        }
    }

    fn another_answer(&mut self, out: &mut Outgoing, to_tag: &str) -> Heard {
        match &mut out.stage {
            Stage::Calling { .. } | Stage::Proceeding | Stage::Cancelling | Stage::Refused { .. } => {
                Heard::Accepted
            }
            Stage::Accepted { acks } => {
                let known = acks.iter().find(|(tag, _)| tag == to_tag).map(|(_, ack)| ack.clone());
                match known {
                    Some(ack) => self.send(&mut out.hop, ack),
                    None if acks.len() < MOST_ANSWERS => return Heard::Accepted,
                    None => {}
                }
                Heard::Nothing
            }
        }
    }

    fn refused(&mut self, number: u64, out: &mut Outgoing, response: &Response) -> Heard {
        match &out.stage {
            Stage::Refused { ack } => {
                let ack = ack.clone();
                self.send(&mut out.hop, ack);
                Heard::Nothing
            }
            Stage::Accepted { .. } => Heard::Nothing,
            Stage::Calling { .. } | Stage::Proceeding | Stage::Cancelling => {
                let to = response.headers.get("To").unwrap_or(&out.head.to).to_owned();
                let ack = self.same_branch("ACK", number, out, &to, "");
                self.send(&mut out.hop, ack.clone());
                self.retime(number, out);
                out.stage = Stage::Refused { ack };
                Heard::Refused
            }
        }
    }

    /// Sends the ACK of the 2xx with that To tag, now and whenever that 2xx comes again. `hop` is the dialog's.
    pub(crate) fn acknowledge(&mut self, number: u64, to_tag: &str, hop: &mut Hop, ack: Bytes) {
        self.send(hop, ack.clone());
        let Some(mut out) = self.invites.0.remove(&number) else { return };
        out.hop = *hop;
        match &mut out.stage {
            Stage::Accepted { acks } => acks.push((to_tag.to_owned(), ack)),
            Stage::Calling { .. } | Stage::Proceeding | Stage::Cancelling | Stage::Refused { .. } => {
                self.retime(number, &mut out);
                out.stage = Stage::Accepted { acks: vec![(to_tag.to_owned(), ack)] };
            }
        }
        self.invites.0.insert(number, out);
    }

    /// Takes an INVITE back, as soon as that is allowed; `reason` is a header line or empty.
    pub(crate) fn cancel(&mut self, number: u64, reason: &str) {
        let Some(mut out) = self.invites.0.remove(&number) else { return };
        match &mut out.stage {
            Stage::Calling { cancel, .. } => *cancel = Some(reason.to_owned()),
            Stage::Proceeding => self.send_cancel(number, &mut out, reason),
            Stage::Cancelling | Stage::Refused { .. } | Stage::Accepted { .. } => {}
        }
        self.invites.0.insert(number, out);
    }

    fn send_cancel(&mut self, number: u64, out: &mut Outgoing, reason: &str) {
        let to = out.head.to.clone();
        let cancel = self.same_branch("CANCEL", number, out, &to, reason);
        // The CANCEL has the branch of its INVITE, and its responses their own method.
        self.ask(number, out.leg, Purpose::Cancel, &mut out.hop, cancel);
        self.retime(number, out);
        out.stage = Stage::Cancelling;
    }

    /// Its connection has ended: nothing will come back.
    pub(crate) fn invite_stranded(&mut self, number: u64) -> Option<LegId> {
        let out = self.invites.0.remove(&number)?;
        self.timers.cancel(out.alarm);
        Some(out.leg)
    }

    /// A timer of one of our INVITEs; its leg when nothing has come back at all, and it must be told.
    pub(crate) fn wake_invite(&mut self, number: u64) -> Option<LegId> {
        let mut out = self.invites.0.remove(&number)?;
        let Stage::Calling { bytes, pause, until, cancel } = &mut out.stage else {
            return None;
        };
        if self.now.mono >= *until {
            return cancel.is_none().then_some(out.leg);
        }
        *pause *= 2;
        let (bytes, next) = (bytes.clone(), (self.now.mono + *pause).min(*until));
        self.send(&mut out.hop, bytes);
        out.alarm = self.timers.set(next, Timer::Invite(number));
        self.invites.0.insert(number, out);
        None
    }

    /// From here the transaction lives 32 s more.
    fn retime(&mut self, number: u64, out: &mut Outgoing) {
        self.timers.cancel(out.alarm);
        out.alarm = self.timers.set(self.now.mono + LIFE, Timer::Invite(number));
    }

    /// An ACK of a refusal, or a CANCEL (RFC 3261 sections 17.1.1.3 and 9.1).
    fn same_branch(&self, method: &str, number: u64, out: &Outgoing, to: &str, more: &str) -> Bytes {
        let Head { uri, routes, from, call_id, seq, .. } = &out.head;
        let mut text = format!("{method} {uri} SIP/2.0\r\n");
        self.via(&mut text, out.hop, number);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{routes}Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {seq} {method}\r\n\
             {more}Content-Length: 0\r\n\r\n"
        );
        Bytes::from(text)
    }
}
