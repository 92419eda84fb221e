//! A caller's leg before its final answer: provisional responses, reliable where the caller requires it
//! (RFC 3262), then the answer or a refusal.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::access::{Cause, Command, Event};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{LegId, Mono};
use serde::{Deserialize, Serialize};

use super::session::Terms;
use super::up::{Answering, Up};
use super::{Leg, Who};
use crate::body;
use crate::deny::Deny;
use crate::dialog::Dialog;
use crate::dialog::offer::{Agreed, Offer};
use crate::edge::{ALLOW, Edge, SUPPORTED};
use crate::hop::Hop;
use crate::incoming::Incoming;
use crate::reject;
use crate::sip::Method;
use crate::timers::{Alarm, LegTimer, Timer};
use crate::transaction::asked::Asked;
use crate::transaction::{LIFE, T1, TxKey};

/// A leg whose INVITE has come in.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Arrived {
    pub(crate) who: Who,
    pub(crate) dialog: Dialog,
    pub(crate) merged: u64,
    asked: Asked,
    key: TxKey,
    seq: u32,
    agreed: Agreed,
    /// Whether the INVITE had an offer; otherwise our 200 makes one.
    offered: bool,
    timer: Option<Terms>,
    /// Whether provisional responses must be reliable.
    reliable: bool,
    /// Whether the caller takes UPDATE.
    updates: bool,
    /// The number of the last reliable response.
    rseq: u32,
    /// The last provisional response, for repeats of the INVITE.
    #[serde(skip)]
    last: Option<Bytes>,
    #[serde(skip)]
    unacknowledged: Option<Reliable>,
}

/// A reliable provisional response whose PRACK has not come.
#[derive(Debug)]
struct Reliable {
    bytes: Bytes,
    hop: Hop,
    pause: Duration,
    until: Mono,
    alarm: Alarm,
    /// What is to follow it.
    then: Option<Next>,
}

#[derive(Debug)]
enum Next {
    Provisional(u16, Option<Sdp>),
    Answer(Sdp),
}

/// What an INVITE says that makes a leg.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) dialog: Dialog,
    pub(crate) merged: u64,
    pub(crate) offer: Option<Sdp>,
    pub(crate) timer: Option<Terms>,
}

impl Arrival {
    /// What an INVITE proposes for a session timer.
    pub(crate) fn timer(incoming: &Incoming) -> Result<Option<Terms>, Deny> {
        Terms::asked(&incoming.request.headers)
    }
}

impl Arrived {
    /// Takes the INVITE: 100 at once, then the record.
    pub(crate) fn take(id: LegId, arrival: &Arrival, incoming: &Incoming, edge: &mut Edge) -> Self {
        incoming.say(edge, incoming.asked.reply(100, None, "", None));
        edge.served.open(incoming.key, id);
        let headers = &incoming.request.headers;
        let mut agreed = Agreed::default();
        if let Some(offer) = &arrival.offer {
            agreed.set_theirs(offer);
        }
        Self {
            who: Who::new(id),
            dialog: arrival.dialog.clone(),
            merged: arrival.merged,
            asked: incoming.asked.clone(),
            key: incoming.key,
            seq: incoming.seq,
            agreed,
            offered: arrival.offer.is_some(),
            timer: arrival.timer,
            reliable: headers.lists("Require", "100rel"),
            updates: headers.lists("Allow", "UPDATE"),
            // RFC 3262 section 3: it starts below 2^31.
            rseq: u32::try_from(edge.ids.rng().below(1 << 30)).unwrap_or(1) + 1,
            last: None,
            unacknowledged: None,
        }
    }

    /// Sets up again what a restart has lost.
    pub(crate) fn resume(&mut self, edge: &mut Edge) {
        edge.served.open(self.key, self.who.id);
        self.dialog.skip_used();
        // Numbers used since the record was written are below this.
        self.rseq = self.rseq.saturating_add(1000);
    }

    pub(super) fn command(mut self: Box<Self>, command: Command, edge: &mut Edge) -> Option<Leg> {
        match command {
            Command::Ring { .. } => self.provisional(180, None, edge),
            Command::Progress { sdp, .. } => self.provisional(183, Some(sdp), edge),
            Command::Answer { sdp, .. } => return Some(self.answer(sdp, edge)),
            Command::Release { cause, .. } => {
                edge.forget(self.who.key());
                self.refuse(cause, edge);
                return None;
            }
            Command::Update { .. }
            | Command::TransferTold { .. }
            | Command::Call { .. }
            | Command::Summon { .. } => {}
        }
        Some(Leg::Arrived(self))
    }

    pub(super) fn request(mut self: Box<Self>, incoming: Incoming, edge: &mut Edge) -> Option<Leg> {
        match &incoming.request.method {
            // The ACK of a 2xx that has not been sent is nothing.
            Method::Ack => {}
            Method::Prack => return self.prack(&incoming, edge),
            Method::Bye => {
                incoming.done(edge, 200, "", None);
                self.cancelled(edge);
                return None;
            }
            Method::Invite => incoming.busy(edge),
            Method::Update => self.update(&incoming, edge),
            Method::Info => match body::key(&incoming.request.headers, &incoming.request.body) {
                Ok(key) => {
                    incoming.done(edge, 200, "", None);
                    if let Some(digit) = key {
                        self.who.tell(edge, Event::Digit { leg: self.who.id, digit });
                    }
                }
                Err(deny) => incoming.deny(edge, &deny),
            },
            Method::Options => incoming.done(edge, 200, &format!("{ALLOW}{SUPPORTED}"), None),
            // A transfer needs a call that is up.
            Method::Refer => incoming.deny(edge, &Deny::plain(403)),
            Method::Cancel
            | Method::Register
            | Method::Notify
            | Method::Subscribe
            | Method::Message
            | Method::Publish
            | Method::Other(_) => incoming.deny(edge, &Deny::method()),
        }
        Some(Leg::Arrived(self))
    }

    /// A repeat of the INVITE gets the last provisional response again.
    pub(crate) fn again(&self, edge: &mut Edge) {
        let mut hop = self.asked.hop;
        let bytes = self.last.clone().unwrap_or_else(|| self.asked.reply(100, None, "", None));
        edge.send(&mut hop, bytes);
    }

    /// The caller has given up.
    pub(super) fn cancelled(self: Box<Self>, edge: &mut Edge) {
        let who = self.who;
        self.refuse(Cause::Cancelled, edge);
        who.left(edge, Cause::Cancelled);
    }

    /// A reliable response without its PRACK: again, or no more.
    pub(super) fn wake(mut self: Box<Self>, edge: &mut Edge) -> Option<Leg> {
        let Some(reliable) = &mut self.unacknowledged else { return Some(Leg::Arrived(self)) };
        if edge.now.mono >= reliable.until {
            // RFC 3262 section 3 wants a 5xx then.
            let who = self.who;
            self.refuse(Cause::Failed, edge);
            who.left(edge, Cause::Unreachable);
            return None;
        }
        edge.send(&mut reliable.hop, reliable.bytes.clone());
        reliable.pause *= 2;
        let next = (edge.now.mono + reliable.pause).min(reliable.until);
        reliable.alarm = edge.timers.set(next, Timer::Leg(self.who.id, LegTimer::Unacknowledged));
        Some(Leg::Arrived(self))
    }

    fn provisional(&mut self, status: u16, sdp: Option<Sdp>, edge: &mut Edge) {
        if let Some(reliable) = &mut self.unacknowledged {
            reliable.then = Some(Next::Provisional(status, sdp));
            return;
        }
        let offers = sdp.is_none() && !self.offered;
        // Where all of them must be reliable, the first to an INVITE without an offer would have to make
        // one (RFC 3262 section 5), and a 180 has none: it is left out.
        if self.reliable && offers {
            return;
        }
        let mut lines = format!("{}{}{ALLOW}", self.asked.record_route(), edge.contact(self.asked.hop));
        if self.reliable {
            self.rseq += 1;
            // Writing to a String cannot fail.
            let _ = write!(lines, "Require: 100rel\r\nRSeq: {}\r\n", self.rseq);
        }
        let text = sdp.as_ref().map(ToString::to_string);
        let bytes = self.asked.reply(status, Some(self.dialog.tag), &lines, text.as_deref());
        let mut hop = self.asked.hop;
        edge.send(&mut hop, bytes.clone());
        self.last = Some(bytes.clone());
        if self.reliable {
            let alarm =
                edge.timers.set(edge.now.mono + T1, Timer::Leg(self.who.id, LegTimer::Unacknowledged));
            let until = edge.now.mono + LIFE;
            self.unacknowledged = Some(Reliable { bytes, hop, pause: T1, until, alarm, then: None });
        }
    }

    fn prack(mut self: Box<Self>, incoming: &Incoming, edge: &mut Edge) -> Option<Leg> {
        let expected = (self.rseq, self.seq, Method::Invite);
        if self.unacknowledged.is_none() || incoming.request.headers.rack() != Some(expected) {
            incoming.deny(edge, &Deny::plain(481));
            return Some(Leg::Arrived(self));
        }
        if !incoming.request.body.is_empty() && self.offered {
            // A new offer in a PRACK: nobody would answer it before the call is up.
            incoming.deny(edge, &Deny::plain(488));
        } else {
            incoming.done(edge, 200, "", None);
        }
        let Some(reliable) = self.unacknowledged.take() else { return Some(Leg::Arrived(self)) };
        edge.timers.cancel(reliable.alarm);
        match reliable.then {
            Some(Next::Provisional(status, sdp)) => self.provisional(status, sdp, edge),
            Some(Next::Answer(sdp)) => return Some(self.answer(sdp, edge)),
            None => {}
        }
        Some(Leg::Arrived(self))
    }

    /// An UPDATE before the answer: a repeated offer is acknowledged, a new one is not taken before the call is up.
    fn update(&mut self, incoming: &Incoming, edge: &mut Edge) {
        match body::sdp(&incoming.request.headers, &incoming.request.body) {
            Err(deny) => incoming.deny(edge, &deny),
            Ok(Some(offer)) if self.agreed.weigh(&offer) != Offer::Refresh => {
                incoming.busy(edge);
            }
            Ok(offer) => {
                self.dialog.retarget(&incoming.request.headers, incoming.source);
                let ours = offer.and_then(|_| self.agreed.ours.clone());
                incoming.done(edge, 200, &edge.contact(self.asked.hop), ours.as_deref());
            }
        }
    }

    fn answer(mut self: Box<Self>, sdp: Sdp, edge: &mut Edge) -> Leg {
        if let Some(reliable) = &mut self.unacknowledged {
            // RFC 3262 section 3: not while a reliable response is under way.
            reliable.then = Some(Next::Answer(sdp));
            return Leg::Arrived(self);
        }
        self.agreed.set_ours(&sdp);
        let answering = Answering {
            asked: self.asked,
            key: self.key,
            seq: self.seq,
            offered: self.offered,
            timer: self.timer,
        };
        let up = Up::accepted(self.who, self.dialog, self.agreed, self.merged, self.updates);
        Leg::Up(Box::new(up.answer_caller(answering, edge)))
    }

    fn refuse(self: Box<Self>, cause: Cause, edge: &mut Edge) {
        if let Some(reliable) = &self.unacknowledged {
            edge.timers.cancel(reliable.alarm);
        }
        let status = reject::status(cause);
        let lines = if status == 503 { "Retry-After: 5\r\n" } else { "" };
        let bytes = self.asked.reply(status, Some(self.dialog.tag), lines, None);
        edge.refuse(self.key, self.asked.hop, bytes);
    }
}
