//! A leg that is answered: our 200 until its ACK, keys, BYE, the session timer. New offers stand in
//! `reoffer`, transfers in `transfer`.

use bytes::Bytes;
use ngcc_proto::access::{Cause, Command, Event};
use ngcc_proto::sdp::Sdp;
use serde::{Deserialize, Serialize};

use super::parting::Parting;
use super::reoffer::Open;
use super::session::{Due, SessionTimer, Terms};
use super::transfer::Transfer;
use super::unacknowledged::Unacknowledged;
use super::{Leg, Who, farewell};
use crate::body;
use crate::deny::Deny;
use crate::dialog::Dialog;
use crate::dialog::offer::{Agreed, Offer};
use crate::edge::{ALLOW, Edge, SDP, SUPPORTED};
use crate::hop::Hop;
use crate::incoming::Incoming;
use crate::sip::{Headers, Method};
use crate::timers::LegTimer;
use crate::transaction::TxKey;
use crate::transaction::asked::Asked;

/// A leg that is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Up {
    pub(crate) who: Who,
    pub(crate) dialog: Dialog,
    /// Set where the other side made the call, and with it the Call-ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) merged: Option<u64>,
    pub(super) agreed: Agreed,
    /// Whether the other side takes UPDATE.
    pub(super) updates: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) timer: Option<SessionTimer>,
    /// Our 200 to its INVITE without an ACK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unacknowledged: Option<Unacknowledged>,
    /// Its offer that cti has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) open: Option<Open>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) transfer: Option<Transfer>,
    /// Our re-INVITE that refreshes the session: its transaction and its number.
    #[serde(skip)]
    pub(super) refreshing: Option<(u64, u32)>,
}

/// What the final answer to a caller's INVITE needs.
#[derive(Debug)]
pub(super) struct Answering {
    pub(super) asked: Asked,
    pub(super) key: TxKey,
    pub(super) seq: u32,
    pub(super) offered: bool,
    pub(super) timer: Option<Terms>,
}

impl Up {
    /// A leg that the other side began.
    pub(super) fn accepted(who: Who, dialog: Dialog, agreed: Agreed, merged: u64, updates: bool) -> Self {
        Self { merged: Some(merged), ..Self::called(who, dialog, agreed, updates) }
    }

    /// A leg that we began.
    pub(super) fn called(who: Who, dialog: Dialog, agreed: Agreed, updates: bool) -> Self {
        Self {
            who,
            dialog,
            merged: None,
            agreed,
            updates,
            timer: None,
            unacknowledged: None,
            open: None,
            transfer: None,
            refreshing: None,
        }
    }

    /// Sends the 200 that answers a caller's INVITE, behind the record that goes with it.
    pub(super) fn answer_caller(mut self, a: Answering, edge: &mut Edge) -> Self {
        let timer = a.timer.map(Terms::lines).unwrap_or_default();
        let contact = edge.contact(a.asked.hop);
        let lines = format!("{}{contact}{ALLOW}{SUPPORTED}{timer}", a.asked.record_route());
        let bytes = a.asked.reply(200, Some(self.dialog.tag), &lines, self.agreed.ours.as_deref());
        self.timer = Some(SessionTimer::start(a.timer.unwrap_or(Terms::OWN), self.who.id, edge));
        self.send_ok(a.seq, bytes, a.asked.hop, true, !a.offered, edge);
        edge.accepted(a.key);
        self
    }

    /// Stores the leg with this 200 under way, then sends it.
    pub(super) fn send_ok(
        &mut self,
        seq: u32,
        bytes: Bytes,
        hop: Hop,
        first: bool,
        offers: bool,
        edge: &mut Edge,
    ) {
        self.unacknowledged = Some(Unacknowledged::new(seq, &bytes, hop, first, offers, edge));
        self.store(edge);
        if let Some(answer) = &mut self.unacknowledged {
            edge.send(&mut answer.hop, bytes);
            answer.wait(self.who.id, edge);
        }
    }

    /// Sets up again what a restart has lost.
    pub(crate) fn resume(&mut self, edge: &mut Edge) {
        self.dialog.skip_used();
        if let Some(timer) = &mut self.timer {
            timer.resume(self.who.id, edge);
        }
        if let Some(answer) = &mut self.unacknowledged {
            answer.resume(self.who.id, edge);
        }
        if let Some(open) = self.open.take() {
            // Whoever was asked about this offer has forgotten it: the other side makes it again.
            open.refuse(&Deny::later(500, 1), edge);
        }
    }

    pub(super) fn command(mut self: Box<Self>, command: Command, edge: &mut Edge) -> Option<Leg> {
        match command {
            Command::Update { sdp, .. } => self.update(sdp.as_ref(), edge),
            Command::TransferTold { ended, .. } => self.transfer_told(ended, edge),
            Command::Release { cause, .. } => return self.release(cause, edge),
            Command::Ring { .. }
            | Command::Progress { .. }
            | Command::Answer { .. }
            | Command::Call { .. }
            | Command::Summon { .. } => {}
        }
        Some(Leg::Up(self))
    }

    pub(super) fn request(mut self: Box<Self>, incoming: Incoming, edge: &mut Edge) -> Option<Leg> {
        if incoming.request.method == Method::Ack {
            return self.acknowledged(&incoming, edge);
        }
        if !self.dialog.take_number(incoming.seq) {
            incoming.deny(edge, &Deny::later(500, 1));
            return Some(Leg::Up(self));
        }
        match &incoming.request.method {
            Method::Bye => {
                incoming.done(edge, 200, "", None);
                self.end(Cause::Normal, edge);
                return None;
            }
            Method::Invite => self.reinvited(&incoming, edge),
            Method::Update => self.updated(&incoming, edge),
            Method::Info => match body::key(&incoming.request.headers, &incoming.request.body) {
                Ok(key) => {
                    incoming.done(edge, 200, "", None);
                    if let Some(digit) = key {
                        self.who.tell(edge, Event::Digit { leg: self.who.id, digit });
                    }
                }
                Err(deny) => incoming.deny(edge, &deny),
            },
            Method::Options => {
                incoming.done(edge, 200, &format!("{ALLOW}{SUPPORTED}Accept: {SDP}\r\n"), None)
            }
            // REFER is the table's business: a Replaces in it may name another leg.
            Method::Refer | Method::Prack | Method::Notify => incoming.deny(edge, &Deny::plain(481)),
            Method::Ack
            | Method::Cancel
            | Method::Register
            | Method::Subscribe
            | Method::Message
            | Method::Publish
            | Method::Other(_) => incoming.deny(edge, &Deny::method()),
        }
        Some(Leg::Up(self))
    }

    pub(super) fn wake(mut self: Box<Self>, timer: LegTimer, edge: &mut Edge) -> Option<Leg> {
        match timer {
            LegTimer::Unacknowledged => {
                let Some(answer) = &mut self.unacknowledged else { return Some(Leg::Up(self)) };
                if answer.again(self.who.id, edge) {
                    return Some(Leg::Up(self));
                }
                self.hang_up(Cause::Unreachable, edge);
                None
            }
            LegTimer::Session => match self.timer.as_mut().map(|t| t.due(self.who.id, edge)) {
                Some(Due::Refresh) => {
                    self.refresh(edge);
                    Some(Leg::Up(self))
                }
                Some(Due::End) => {
                    self.hang_up(Cause::TimedOut, edge);
                    None
                }
                None => Some(Leg::Up(self)),
            },
            LegTimer::Again => {
                self.refresh(edge);
                Some(Leg::Up(self))
            }
            LegTimer::Ring => Some(Leg::Up(self)),
        }
    }

    /// Ends the leg from our side, without cti having asked for it.
    pub(super) fn hang_up(mut self: Box<Self>, cause: Cause, edge: &mut Edge) {
        farewell(&mut self.dialog, self.who.id, cause, edge);
        self.end(cause, edge);
    }

    fn release(mut self: Box<Self>, cause: Cause, edge: &mut Edge) -> Option<Leg> {
        edge.forget(self.who.key());
        self.close(edge);
        let Self { who, mut dialog, unacknowledged, .. } = *self;
        match unacknowledged {
            Some(answer) if answer.first => {
                Some(Leg::Parting(Box::new(Parting { who, dialog, answer, cause })))
            }
            later => {
                if let Some(mut answer) = later {
                    answer.stop(edge);
                }
                farewell(&mut dialog, who.id, cause, edge);
                None
            }
        }
    }

    fn end(mut self: Box<Self>, cause: Cause, edge: &mut Edge) {
        self.close(edge);
        if let Some(mut answer) = self.unacknowledged.take() {
            answer.stop(edge);
        }
        self.who.left(edge, cause);
    }

    /// What is under way beside the call itself ends with it.
    fn close(&mut self, edge: &mut Edge) {
        if let Some(mut timer) = self.timer.take() {
            timer.stop(edge);
        }
        if let Some(open) = self.open.take() {
            open.refuse(&Deny::plain(487), edge);
        }
    }

    fn acknowledged(mut self: Box<Self>, incoming: &Incoming, edge: &mut Edge) -> Option<Leg> {
        let Some(mut answer) = self.unacknowledged.take_if(|a| a.seq == incoming.seq) else {
            return Some(Leg::Up(self));
        };
        answer.stop(edge);
        let leg = self.who.id;
        let sdp = match body::sdp(&incoming.request.headers, &incoming.request.body) {
            Ok(sdp) if answer.offers => sdp,
            Ok(_) | Err(_) => None,
        };
        if answer.offers && sdp.is_none() && answer.first {
            // Our offer has no answer: there is nothing to speak by.
            self.hang_up(Cause::NotAcceptable, edge);
            return None;
        }
        let changed = sdp.as_ref().is_some_and(|sdp| self.agreed.weigh(sdp) != Offer::Refresh);
        if let Some(sdp) = &sdp {
            self.agreed.set_theirs(sdp);
        }
        self.store(edge);
        if answer.first {
            self.who.tell(edge, Event::Answered { leg, sdp });
        } else if changed {
            // Its media may have moved: cti is told as of an offer, and the answer it gives has nowhere to go.
            self.who.tell(edge, Event::Reoffered { leg, offer: sdp });
        }
        Some(Leg::Up(self))
    }

    /// Takes what the 2xx to our call says: its answer and its session timer.
    pub(super) fn answered_by(&mut self, answer: &Sdp, headers: &Headers, edge: &mut Edge) {
        self.agreed.set_theirs(answer);
        let terms = Terms::answered(headers).unwrap_or(Terms::OWN);
        self.timer = Some(SessionTimer::start(terms, self.who.id, edge));
    }
}
