//! What every collaboration speaks through: the outbox, the clockwork, the mint, and whose line is whose. It
//! carries; it decides nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ngcc_proto::collab::{Event, Ticket};
use ngcc_proto::{Class, CollabId, Effect, Envelope, FileId, Ids, Key, MessageId, Now, SessionId};

use crate::errand::{Call, Reply};
use crate::io::{Line, Output, Shut, Strip};
use crate::look::Place;
use crate::settings::Limits;
use crate::tell::Tell;
use crate::timers::Timers;

/// The ground under all collaborations.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) limits: Limits,
    pub(crate) now: Now,
    pub(crate) timers: Timers,
    /// Every page that takes part: in what, and at which place.
    pub(crate) lines: BTreeMap<Line, (CollabId, Place)>,
    ids: Ids,
    out: VecDeque<Effect<Output>>,
}

impl Desk {
    pub(crate) fn new(limits: Limits, ids: Ids) -> Self {
        Self {
            limits,
            now: Now::default(),
            timers: Timers::default(),
            lines: BTreeMap::new(),
            ids,
            out: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Effect<Output>> {
        self.out.pop_front()
    }

    /// 128 bits that nobody can guess.
    pub(crate) fn ticket(&mut self) -> Ticket {
        Ticket(format!("{:032x}", self.ids.rng().u128()))
    }

    /// Tells cti.
    pub(crate) fn tell(&mut self, session: Option<SessionId>, cause: Option<MessageId>, event: Event) {
        let envelope = Envelope::new(&mut self.ids, self.now.wall, session, cause, event);
        self.emit(Output::Send(envelope));
    }

    /// Tells a page; `id` is that of the frame it answers.
    pub(crate) fn say(&mut self, line: Line, id: Option<String>, tell: Tell) {
        self.emit(Output::WebSend { line, id, tell });
    }

    /// Tells several pages.
    pub(crate) fn say_all(&mut self, lines: impl IntoIterator<Item = Line>, tell: &Tell) {
        lines.into_iter().for_each(|line| self.say(line, None, tell.clone()));
    }

    /// Records something of a collaboration.
    pub(crate) fn record(&mut self, collab: CollabId, strip: Strip) {
        self.emit(Output::Record { collab, strip });
    }

    /// Says which collaborations stand after a start: what was recorded of others is whole.
    pub(crate) fn recorded(&mut self, standing: Vec<CollabId>) {
        self.emit(Output::Recorded { standing });
    }

    /// Ends a page's connection.
    pub(crate) fn shut(&mut self, line: Line, why: Shut) {
        self.lines.remove(&line);
        self.emit(Output::WebClose { line, why });
    }

    /// Answers an errand.
    pub(crate) fn reply(&mut self, call: Call, reply: Reply) {
        self.emit(Output::Reply { call, reply });
    }

    /// Lets a file's bytes go. What says that there is no such file any more is written before.
    pub(crate) fn discard(&mut self, file: FileId) {
        self.emit(Output::Discard(file));
    }

    /// Says which files are needed.
    pub(crate) fn needs(&mut self, files: BTreeSet<FileId>) {
        self.emit(Output::Needed(files));
    }

    pub(crate) fn persist(&mut self, key: Key, bytes: Vec<u8>) {
        self.out.push_back(Effect::Persist { key, bytes });
    }

    pub(crate) fn forget(&mut self, key: Key) {
        self.out.push_back(Effect::Forget { key });
    }

    fn emit(&mut self, output: Output) {
        self.out.push_back(Effect::Emit { after: Class::Process, output });
    }
}
