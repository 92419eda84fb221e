//! What we were asked: server transactions. While one is in work its leg answers; a finished one keeps
//! nothing but the response that its retransmissions get (timers G, H, I, J, L).

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::{LegId, Mono};

use super::{LIFE, T1, T2, TxKey};
use crate::edge::Edge;
use crate::hop::Hop;
use crate::timers::{Alarm, Timer};

/// How far a request that came to us is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// A leg will answer it.
    Working(LegId),
    /// A MESSAGE on its way to the disk, which answers it.
    Storing,
    /// It has this final response, which retransmissions get again.
    Answered(Bytes),
    /// An INVITE refused, not yet acknowledged.
    Refused(Box<Refusal>),
    /// An INVITE that was accepted, or whose refusal was acknowledged: retransmissions are dropped.
    Over,
}

/// A final response other than 2xx to an INVITE, sent until its ACK comes.
#[derive(Debug)]
pub(crate) struct Refusal {
    bytes: Bytes,
    hop: Hop,
    pause: Duration,
    until: Mono,
    alarm: Alarm,
}

/// Room for so many transactions is kept when nothing goes on.
const ROOM: usize = 1024;

/// Every server transaction, and the order in which the finished ones are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Served {
    stages: HashMap<TxKey, Stage>,
    finished: VecDeque<(Mono, TxKey)>,
}

impl Served {
    pub(crate) fn stage(&self, key: TxKey) -> Option<&Stage> {
        self.stages.get(&key)
    }

    pub(crate) fn open(&mut self, key: TxKey, leg: LegId) {
        self.stages.insert(key, Stage::Working(leg));
    }

    pub(crate) fn store(&mut self, key: TxKey) {
        self.stages.insert(key, Stage::Storing);
    }

    pub(crate) fn len(&self) -> usize {
        self.stages.len()
    }

    /// Gives back the room that a rush of calls has taken.
    fn shrink(&mut self) {
        self.stages.shrink_to(ROOM);
        self.finished.shrink_to(ROOM);
    }
}

impl Edge {
    /// A request other than INVITE has had its final response.
    pub(crate) fn finish(&mut self, key: TxKey, hop: Hop, response: Bytes) {
        // A stream does not lose what was sent: timer J is zero.
        if hop.is_stream() {
            self.served.stages.remove(&key);
        } else {
            self.remember(key, Stage::Answered(response));
        }
    }

    /// An INVITE is accepted: its leg sends the 200 until the ACK comes; here retransmissions are dropped.
    pub(crate) fn accepted(&mut self, key: TxKey) {
        self.remember(key, Stage::Over);
    }

    /// Refuses an INVITE: sends `response`, again and again over UDP until its ACK comes (timers G and H).
    pub(crate) fn refuse(&mut self, key: TxKey, mut hop: Hop, response: Bytes) {
        self.send(&mut hop, response.clone());
        let until = self.now.mono + LIFE;
        let pause = if hop.is_stream() { LIFE } else { T1 };
        let alarm = self.timers.set(self.now.mono + pause, Timer::Refusal(key));
        let refusal = Refusal { bytes: response, hop, pause, until, alarm };
        self.served.stages.insert(key, Stage::Refused(Box::new(refusal)));
    }

    /// A timer of a refusal: sends it again, or gives up.
    pub(crate) fn wake_refusal(&mut self, key: TxKey) {
        let Some(Stage::Refused(mut refusal)) = self.served.stages.remove(&key) else { return };
        if self.now.mono >= refusal.until {
            return;
        }
        self.send(&mut refusal.hop, refusal.bytes.clone());
        refusal.pause = (refusal.pause * 2).min(T2);
        refusal.alarm = self.timers.set(self.now.mono + refusal.pause, Timer::Refusal(key));
        self.served.stages.insert(key, Stage::Refused(refusal));
    }

    /// A retransmission of an INVITE that was refused gets the refusal again.
    pub(crate) fn refuse_again(&mut self, key: TxKey) {
        let Some(Stage::Refused(refusal)) = self.served.stage(key) else { return };
        let (mut hop, bytes) = (refusal.hop, refusal.bytes.clone());
        self.send(&mut hop, bytes);
    }

    /// Whether an ACK belongs to a refusal of ours; from then on it is silent (timer I).
    pub(crate) fn refusal_acknowledged(&mut self, key: TxKey) -> bool {
        match self.served.stage(key) {
            Some(Stage::Refused(refusal)) => {
                let alarm = refusal.alarm;
                self.timers.cancel(alarm);
                self.remember(key, Stage::Over);
                true
            }
            Some(Stage::Working(_) | Stage::Storing | Stage::Answered(_) | Stage::Over) | None => false,
        }
    }

    /// Forgets what was finished long enough ago.
    pub(crate) fn wake_finished(&mut self) {
        while let Some(&(at, key)) = self.served.finished.front() {
            if at > self.now.mono {
                // One wake-up a second, not one a transaction.
                let next = at.max(self.now.mono + Duration::from_secs(1));
                self.timers.set(next, Timer::Finished);
                return;
            }
            self.served.finished.pop_front();
            self.served.stages.remove(&key);
        }
        self.served.shrink();
    }

    fn remember(&mut self, key: TxKey, stage: Stage) {
        if self.served.finished.len() >= self.settings.limits.finished {
            // What is not remembered is answered anew, which the sender survives; memory is bounded.
            self.served.stages.remove(&key);
            return;
        }
        if self.served.finished.is_empty() {
            self.timers.set(self.now.mono + LIFE, Timer::Finished);
        }
        self.served.stages.insert(key, stage);
        self.served.finished.push_back((self.now.mono + LIFE, key));
    }
}
