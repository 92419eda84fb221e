//! What the core wants done, in order, and the ids it mints for it.

use std::collections::VecDeque;

use ngcc_proto::envelope::Body;
use ngcc_proto::{Class, Effect, Envelope, Ids, Key, Kind, MessageId, Now, SessionId};
use serde::Serialize;

use crate::ivr::Output;
use crate::worker::ToWorker;

/// Names a request to the shell, for its answer.
pub type AskId = u64;

/// See the module.
#[derive(Debug)]
pub(crate) struct Out {
    effects: VecDeque<Effect<Output>>,
    ids: Ids,
    next_ask: AskId,
}

impl Out {
    pub(crate) fn new(ids: Ids) -> Self {
        Self { effects: VecDeque::new(), ids, next_ask: 0 }
    }

    /// The next effect.
    pub(crate) fn poll(&mut self) -> Option<Effect<Output>> {
        self.effects.pop_front()
    }

    /// Sends a message of ours.
    pub(crate) fn send(
        &mut self,
        now: Now,
        session: Option<SessionId>,
        cause: Option<MessageId>,
        body: impl Into<Body>,
    ) {
        let envelope = Envelope::new(&mut self.ids, now.wall, session, cause, body);
        self.emit(Output::Send(envelope));
    }

    pub(crate) fn worker(&mut self, command: ToWorker) {
        self.emit(Output::Worker(command));
    }

    pub(crate) fn emit(&mut self, output: Output) {
        self.effects.push_back(Effect::Emit { after: Class::Process, output });
    }

    /// Writes a record down, in place of the one before.
    pub(crate) fn persist(&mut self, kind: Kind, id: u128, record: &impl Serialize) {
        // A record is made of strings, numbers and maps keyed by strings: JSON holds all of them.
        let bytes = serde_json::to_vec(record).expect("a record has only keys that are strings");
        self.effects.push_back(Effect::Persist { key: Key { kind, id, n: 0 }, bytes });
    }

    pub(crate) fn forget(&mut self, kind: Kind, id: u128) {
        self.effects.push_back(Effect::Forget { key: Key { kind, id, n: 0 } });
    }

    /// A fresh name for a request or a sound.
    pub(crate) fn ask(&mut self, now: Now) -> AskId {
        // Names must not return after the core was rebuilt while the shell lived on: they follow the clock.
        self.next_ask = self.next_ask.max(now.mono.0) + 1;
        self.next_ask
    }

    /// Random bits.
    pub(crate) fn random(&mut self) -> u64 {
        self.ids.rng().u64()
    }
}
