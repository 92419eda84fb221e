//! What is recorded of a collaboration: what its agent is told, and where they point; never more than they were told,
//! and nothing while the customer has not granted the view or has paused. The bytes are the shell's business.

use ngcc_proto::collab::{Act as Mark, Event, Why};
use ngcc_proto::fact::By;
use ngcc_proto::recording::Loss;
use ngcc_proto::{CollabId, Wall};
use serde::{Deserialize, Serialize};

use crate::ask::Side;
use crate::desk::Desk;
use crate::io::Strip;
use crate::look::Place;
use crate::room::Room;
use crate::tell::Tell;

/// Whether a collaboration is recorded, and how far that has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tape {
    /// It is not.
    #[default]
    Off,
    /// It is a screen, whose pictures the media server records.
    Elsewhere,
    /// It is to be; nobody has looked yet.
    Waiting,
    /// It is.
    On {
        /// Since when: entries count from here.
        since: Wall,
        /// Whether an agent is looking now, and how what they see began is recorded.
        #[serde(skip)]
        rolls: bool,
    },
    /// It was until it could not go on; what is there is kept.
    Lost {
        /// Since when.
        since: Wall,
    },
}

/// A recording that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    collab: CollabId,
    since: Wall,
}

impl Running {
    /// One entry more.
    pub(crate) fn entry(self, tell: Tell, desk: &mut Desk) {
        // The calendar may be set back: then entries stand at the beginning, and still in order.
        let at = u64::try_from(desk.now.wall.0.saturating_sub(self.since.0)).unwrap_or(0);
        desk.record(self.collab, Strip::Entry { at, tell });
    }
}

impl Tape {
    /// The recording, while an agent looks.
    pub(crate) fn running(self, collab: CollabId) -> Option<Running> {
        match self {
            Self::On { since, rolls: true } => Some(Running { collab, since }),
            Self::On { rolls: false, .. }
            | Self::Off
            | Self::Elsewhere
            | Self::Waiting
            | Self::Lost { .. } => None,
        }
    }
}

impl Room {
    /// An agent's page has come or gone, or what they may see has changed: the recording rolls while they look.
    pub(crate) fn tape_turn(&mut self, desk: &mut Desk) {
        let looks = self.consents.view && !self.paused && !self.agent.lines().is_empty();
        let since = match self.tape {
            Tape::Off | Tape::Elsewhere | Tape::Lost { .. } => return,
            Tape::Waiting if looks => desk.now.wall,
            Tape::Waiting => return,
            Tape::On { since, rolls } if rolls != looks => since,
            Tape::On { .. } => return,
        };
        self.tape = Tape::On { since, rolls: looks };
        if looks {
            self.store(desk);
            desk.record(self.id, Strip::Begin { session: self.session, kind: self.kind, since });
            let ready = Tell::Ready(Box::new(self.ready(Place::End(Side::Agent), desk)));
            self.tape(ready, desk);
        }
    }

    /// Records what the agent is told of what is shared.
    pub(crate) fn tape(&self, tell: Tell, desk: &mut Desk) {
        if let Some(running) = self.tape.running(self.id) {
            running.entry(tell, desk);
        }
    }

    /// Records who takes part, what is granted, and pauses: also while nobody looks, once it has begun.
    pub(crate) fn tape_mark(&self, tell: Tell, desk: &mut Desk) {
        if let Tape::On { since, .. } = self.tape {
            Running { collab: self.id, since }.entry(tell, desk);
        }
    }

    /// It cannot go on: the collaboration does, and its record says so.
    pub(crate) fn unrecorded(&mut self, loss: Loss, desk: &mut Desk) {
        let Tape::On { since, .. } = self.tape else { return };
        self.tape = Tape::Lost { since };
        self.store(desk);
        let (collab, act, what) = (self.id, Mark::Unrecorded, loss.word().to_owned());
        self.tell(Event::Noted { collab, by: By::Centre, act, what }, desk);
    }

    /// The collaboration is over, and so is its recording.
    pub(crate) fn tape_end(&self, why: Why, desk: &mut Desk) {
        self.tape_mark(Tell::Ended { why }, desk);
        match self.tape {
            Tape::On { .. } | Tape::Lost { .. } => desk.record(self.id, Strip::End),
            Tape::Off | Tape::Elsewhere | Tape::Waiting => {}
        }
    }
}
