//! One step of the core: everything that an input led to. Records come out before messages, so that
//! nothing is told that could be forgotten.

use std::collections::VecDeque;

use ngcc_proto::{Class, Effect, Envelope, Key, MessageId, Now, SessionId, seat};

use crate::Output;

/// What the present input has led to so far.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) now: Now,
    /// The message that is being handled.
    pub(crate) cause: Option<MessageId>,
    persists: Vec<(Key, Vec<u8>)>,
    sends: Vec<Envelope>,
    forgets: Vec<Key>,
    touched: Vec<SessionId>,
    answer: Option<seat::Event>,
}

impl Step {
    /// A new input, or a deadline (without a cause).
    pub(crate) fn begin(&mut self, now: Now, cause: Option<MessageId>) {
        self.now = now;
        self.cause = cause;
    }

    /// Keeps a record before anything is told.
    pub(crate) fn persist(&mut self, key: Key, bytes: Vec<u8>) {
        self.persists.push((key, bytes));
    }

    /// Drops a record after everything is told.
    pub(crate) fn forget(&mut self, key: Key) {
        self.forgets.push(key);
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, envelope: Envelope) {
        self.sends.push(envelope);
    }

    /// What the step is answered with, behind everything else that it tells.
    pub(crate) fn answer(&mut self, answer: seat::Event) {
        self.answer = Some(answer);
    }

    /// Takes the answer.
    pub(crate) fn take_answer(&mut self) -> Option<seat::Event> {
        self.answer.take()
    }

    /// Something has happened in the session.
    pub(crate) fn touch(&mut self, session: SessionId) {
        if self.touched.last() != Some(&session) {
            self.touched.push(session);
        }
    }

    /// The sessions in which something has happened in this step.
    pub(crate) fn touched(&self) -> &[SessionId] {
        &self.touched
    }

    /// Takes the sessions in which something has happened since the last call.
    pub(crate) fn take_touched(&mut self) -> Vec<SessionId> {
        std::mem::take(&mut self.touched)
    }

    /// Hands everything over, in the order in which it must be done.
    pub(crate) fn finish(&mut self, out: &mut VecDeque<Effect<Output>>) {
        out.extend(self.persists.drain(..).map(|(key, bytes)| Effect::Persist { key, bytes }));
        let emit = |envelope| Effect::Emit { after: Class::Process, output: Output::Send(envelope) };
        out.extend(self.sends.drain(..).map(emit));
        out.extend(self.forgets.drain(..).map(|key| Effect::Forget { key }));
    }
}
