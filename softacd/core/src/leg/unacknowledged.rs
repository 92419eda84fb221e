//! A 200 of ours until its ACK comes, over any transport (RFC 3261 section 13.3.1.4).

use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::{LegId, Mono};
use serde::{Deserialize, Serialize};

use crate::edge::Edge;
use crate::hop::Hop;
use crate::timers::{Alarm, LegTimer, Timer};
use crate::transaction::{LIFE, T1, T2};

/// A 200 that is not acknowledged.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unacknowledged {
    /// The number of the INVITE, and so of the ACK.
    pub(super) seq: u32,
    text: String,
    pub(super) hop: Hop,
    /// Whether it answers the INVITE that made the leg.
    pub(super) first: bool,
    /// Whether it carries an offer, which the ACK answers.
    pub(super) offers: bool,
    until: Mono,
    #[serde(skip)]
    pause: Duration,
    #[serde(skip)]
    alarm: Option<Alarm>,
}

impl Unacknowledged {
    pub(super) fn new(seq: u32, bytes: &Bytes, hop: Hop, first: bool, offers: bool, edge: &Edge) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        Self { seq, text, hop, first, offers, until: edge.now.mono + LIFE, pause: T1, alarm: None }
    }

    /// The alarm: sends it again; false when its time is over.
    pub(super) fn again(&mut self, leg: LegId, edge: &mut Edge) -> bool {
        if edge.now.mono >= self.until {
            return false;
        }
        edge.send(&mut self.hop, Bytes::from(self.text.clone()));
        // After a restart the pause is not known: it begins anew.
        self.pause = (self.pause * 2).clamp(T1, T2);
        self.wait(leg, edge);
        true
    }

    pub(super) fn stop(&mut self, edge: &mut Edge) {
        if let Some(alarm) = self.alarm.take() {
            edge.timers.cancel(alarm);
        }
    }

    pub(super) fn wait(&mut self, leg: LegId, edge: &mut Edge) {
        let next = (edge.now.mono + self.pause).min(self.until);
        self.alarm = Some(edge.timers.set(next, Timer::Leg(leg, LegTimer::Unacknowledged)));
    }

    /// Sets it going again after a restart. Its ACK may have come while we were away: it goes out once more,
    /// and is acknowledged again.
    pub(super) fn resume(&mut self, leg: LegId, edge: &mut Edge) {
        self.until = edge.now.mono + LIFE;
        self.pause = T1;
        self.wait(leg, edge);
    }
}
