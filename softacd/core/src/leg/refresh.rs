//! Our side of a session timer (RFC 4028 section 10): an UPDATE without an offer, or the old offer again in a
//! re-INVITE, and what becomes of it.

use std::time::Duration;

use ngcc_proto::access::Cause;

use super::session::{SessionTimer, Terms, renewed};
use super::up::Up;
use super::{Leg, hang_up};
use crate::dialog::Says;
use crate::edge::{Edge, SDP};
use crate::hop::Hop;
use crate::sip::Response;
use crate::timers::{LegTimer, Timer};
use crate::transaction::invite::Heard;
use crate::transaction::request::{Outcome, Purpose};

impl Up {
    /// Sends our refresh: an UPDATE without an offer, or the old offer again.
    pub(super) fn refresh(&mut self, edge: &mut Edge) {
        let busy = self.refreshing.is_some() || self.open.is_some() || self.unacknowledged.is_some();
        let Some(terms) = self.timer.as_ref().map(SessionTimer::terms).filter(|_| !busy) else { return };
        let (seq, store) = self.dialog.next_number();
        if store {
            self.store(edge);
        }
        let number = edge.random();
        let lines = format!("{}{}", edge.contact(self.dialog.hop), terms.refresh_lines());
        if self.updates {
            let says = Says { lines: &lines, body: None };
            let bytes = self.dialog.request(edge, "UPDATE", seq, number, &says);
            edge.ask(number, self.who.id, Purpose::Refresh, &mut self.dialog.hop, bytes);
        } else {
            let says = Says { lines: &lines, body: self.agreed.ours.as_deref().map(|ours| (SDP, ours)) };
            let bytes = self.dialog.request(edge, "INVITE", seq, number, &says);
            edge.invite(number, self.who.id, self.dialog.head(seq), &mut self.dialog.hop, bytes);
            self.refreshing = Some((number, seq));
        }
    }

    fn refreshed(&mut self, terms: Option<Terms>, edge: &mut Edge) {
        self.timer = renewed(self.timer.take(), terms, self.who.id, edge);
        self.store(edge);
    }

    /// A response to our re-INVITE, or to the INVITE that made the leg by another way.
    pub(super) fn heard(
        mut self: Box<Self>,
        number: u64,
        heard: &Heard,
        response: &Response,
        source: Hop,
        edge: &mut Edge,
    ) -> Option<Leg> {
        let Some((_, seq)) = self.refreshing.filter(|(own, _)| *own == number) else {
            if *heard == Heard::Accepted {
                hang_up(number, response, source, edge);
            }
            return Some(Leg::Up(self));
        };
        match heard {
            Heard::Nothing | Heard::Provisional => Some(Leg::Up(self)),
            Heard::Accepted => {
                self.refreshing = None;
                self.dialog.retarget(&response.headers, source);
                let branch = edge.random();
                let ack = self.dialog.request(edge, "ACK", seq, branch, &Says::default());
                let to_tag = response.headers.to_tag().unwrap_or_default();
                edge.acknowledge(number, to_tag, &mut self.dialog.hop, ack);
                self.refreshed(Terms::answered(&response.headers), edge);
                Some(Leg::Up(self))
            }
            Heard::Refused => {
                self.refreshing = None;
                self.refresh_failed(Some(response.status), edge)
            }
        }
    }

    pub(super) fn outcome(mut self: Box<Self>, outcome: Outcome, edge: &mut Edge) -> Option<Leg> {
        match outcome.purpose {
            Purpose::Farewell | Purpose::Cancel => Some(Leg::Up(self)),
            Purpose::Notify => {
                // A transferor that does not know its own subscription wants to hear no more.
                if outcome.status.is_none_or(|s| s == 481) {
                    self.transfer = None;
                }
                Some(Leg::Up(self))
            }
            Purpose::Refresh => match outcome.status {
                Some(200..=299) => {
                    self.refreshed(None, edge);
                    Some(Leg::Up(self))
                }
                Some(405 | 501) => {
                    self.updates = false;
                    self.refresh(edge);
                    Some(Leg::Up(self))
                }
                status => self.refresh_failed(status, edge),
            },
        }
    }

    /// Our refresh did not get through (RFC 4028 section 10, RFC 3261 section 14.1).
    pub(super) fn refresh_failed(mut self: Box<Self>, status: Option<u16>, edge: &mut Edge) -> Option<Leg> {
        self.refreshing = None;
        match status {
            None | Some(408 | 481) => {
                self.hang_up(Cause::TimedOut, edge);
                return None;
            }
            Some(491) => {
                // The owner of the Call-ID waits longer, so that they do not meet again.
                let ms = if self.merged.is_none() { 2100 } else { 0 } + edge.ids.rng().below(190) * 10;
                edge.timers
                    .set(edge.now.mono + Duration::from_millis(ms), Timer::Leg(self.who.id, LegTimer::Again));
            }
            // The session lives on until its interval is over.
            Some(_) => {}
        }
        Some(Leg::Up(self))
    }
}
