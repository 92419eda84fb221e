//! A browser's call, from its offer to its end.

use ngcc_proto::access::{Cause, Command, Event};
use ngcc_proto::chat::Status;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{Mono, SessionId};
use serde::{Deserialize, Serialize};

use super::{Line, Owner, Tell, Wrong};
use crate::edge::Edge;
use crate::leg::Who;
use crate::timers::Timer;

/// A browser's call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) who: Who,
    pub(super) owner: Owner,
    pub(super) stage: Stage,
    /// Whether a browser is connected; after a restart none is.
    #[serde(skip)]
    pub(super) here: bool,
    /// What will answer the browser's last offer.
    #[serde(skip)]
    pub(super) awaits: Awaits,
    #[serde(skip)]
    pub(super) status: Option<Status>,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// A customer calls.
    Arrived,
    /// An agent's browser is asked for an offer, or will be as soon as it is there.
    Summoned { until: Mono, video: bool },
    /// The agent's browser has offered.
    Offered,
    /// Answered.
    Up,
}

/// Which command of cti answers the browser's last offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Awaits {
    #[default]
    Nothing,
    Answer,
    Update,
}

/// How long a browser that is asked only now may still take: in seconds, rounded up.
pub(super) fn seconds_left(until: Mono, now: Mono) -> u32 {
    u32::try_from(until.ms_since(now).div_ceil(1_000)).unwrap_or(u32::MAX)
}

impl Call {
    /// How far it has come, to cti.
    pub(super) fn stage(&self) -> ngcc_proto::access::Stage {
        match self.stage {
            Stage::Arrived => ngcc_proto::access::Stage::Arrived,
            Stage::Summoned { .. } | Stage::Offered => ngcc_proto::access::Stage::Calling,
            Stage::Up => ngcc_proto::access::Stage::Answered,
        }
    }

    /// Sets up again what a restart has lost.
    pub(super) fn resume(&self, edge: &mut Edge) {
        if let Stage::Summoned { until, .. } = self.stage {
            edge.timers.set(until, Timer::Summons(self.who.id));
        }
    }

    /// No browser is connected any more. One that has not offered yet is waited for by its summons.
    pub(super) fn lost(&mut self, edge: &mut Edge) {
        self.here = false;
        match self.stage {
            Stage::Summoned { .. } => {}
            Stage::Arrived | Stage::Offered | Stage::Up => {
                self.who.tell(edge, Event::Unreachable { leg: self.who.id });
            }
        }
    }

    pub(super) fn joins(&mut self, session: SessionId, edge: &mut Edge) {
        if self.who.session != Some(session) {
            self.who.session = Some(session);
            self.store(edge);
        }
    }

    pub(super) fn offered(&mut self, offer: Sdp, edge: &mut Edge) {
        let leg = self.who.id;
        match self.stage {
            Stage::Summoned { .. } => {
                self.stage = Stage::Offered;
                self.awaits = Awaits::Answer;
                self.store(edge);
                self.who.tell(edge, Event::Summoned { leg, offer });
            }
            Stage::Arrived | Stage::Offered | Stage::Up => {
                self.awaits = Awaits::Update;
                self.who.tell(edge, Event::Reoffered { leg, offer: Some(offer) });
            }
        }
    }

    /// The browser hangs up: why, as it is told.
    pub(super) fn hang_up(mut self, edge: &mut Edge) -> Cause {
        let leg = self.who.id;
        edge.forget(self.key());
        let (cause, event) = match self.stage {
            Stage::Arrived => (Cause::Cancelled, Event::Left { leg, cause: Cause::Cancelled }),
            Stage::Summoned { .. } | Stage::Offered => {
                (Cause::Declined, Event::Refused { leg, cause: Cause::Declined })
            }
            Stage::Up => (Cause::Normal, Event::Left { leg, cause: Cause::Normal }),
        };
        self.who.tell(edge, event);
        cause
    }

    pub(super) fn command(&mut self, command: Command, line: Option<Line>, edge: &mut Edge) {
        let leg = self.who.id;
        let say = |tell: Tell, edge: &mut Edge| {
            if let Some(line) = line {
                edge.say(line, None, tell);
            }
        };
        match command {
            Command::Ring { .. } => say(Tell::Ringing { leg }, edge),
            Command::Progress { sdp, .. } => {
                if self.answers(Awaits::Answer) {
                    say(Tell::Answer { leg, sdp }, edge);
                }
            }
            Command::Answer { sdp, .. } => {
                if self.answers(Awaits::Answer) {
                    say(Tell::Answer { leg, sdp }, edge);
                }
                if self.stage != Stage::Up {
                    self.stage = Stage::Up;
                    self.store(edge);
                    say(Tell::Up { leg }, edge);
                    self.who.tell(edge, Event::Answered { leg, sdp: None });
                }
            }
            Command::Update { sdp, .. } => {
                if self.answers(Awaits::Update) {
                    let wrong = Tell::Wrong { why: Wrong::NotAcceptable, leg: Some(leg) };
                    say(sdp.map_or(wrong, |sdp| Tell::Answer { leg, sdp }), edge);
                }
            }
            Command::Call { .. }
            | Command::Summon { .. }
            | Command::TransferTold { .. }
            | Command::Release { .. } => {}
        }
    }

    /// Whether the browser waits for this kind of answer: it does no longer. An answer to an offer that
    /// another has replaced goes nowhere.
    fn answers(&mut self, kind: Awaits) -> bool {
        let waits = self.awaits == kind;
        if waits {
            self.awaits = Awaits::Nothing;
        }
        waits
    }
}
