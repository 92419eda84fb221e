//! What agent-gateway asks of channels as they run: how they fare, and what becomes of a message to try one out.

use std::sync::PoisonError;

use ngcc_proto::channel::{Command, Event, Tried};
use ngcc_proto::chat::Text;
use ngcc_proto::{Envelope, MessageId};
use ngcc_softacd_core::channel::{Outcome, Piece, Post, mark_of};
use tokio::time::timeout;

use super::{Channels, SENDING, late};

/// How many are tried out at once.
pub(super) const TRIALS: usize = 4;

impl Channels {
    /// Answers a question.
    pub(crate) fn asked(&self, cause: MessageId, command: Command) {
        match command {
            Command::Look => self.tell(cause, Event::States { states: self.states() }),
            Command::Try { channel, to, text } => {
                let all = self.clone();
                tokio::spawn(async move {
                    let outcome = all.tried(channel, to, text).await;
                    all.tell(cause, Event::Tried { outcome });
                });
            }
        }
    }

    /// Sends a text past what waits for the person: it is tried once, and nobody else is told of it.
    async fn tried(&self, channel: String, to: String, text: Text) -> Tried {
        let Some(adapter) = self.adapter(&channel) else { return Tried::Unknown };
        let Ok(_trial) = self.trials.try_acquire() else { return Tried::Busy };
        // Behind every number of an outbox: no provider takes it for a repeat of something else.
        let n = u64::try_from(self.clock.now().wall.0).unwrap_or(u64::MAX);
        let mark = mark_of(&channel, &to);
        let post = Post {
            channel,
            to,
            n,
            again: false,
            reply: None,
            mark,
            session: None,
            seq: 0,
            automatic: false,
            piece: Piece::Text(text),
        };
        let done = timeout(SENDING, adapter.give(&post, &self.provider())).await;
        match done.unwrap_or_else(|_| Err(late(&adapter, &self.clock))) {
            Ok(()) => Tried::Sent,
            Err((Outcome::Later | Outcome::Sent, words)) => Tried::Later { words },
            Err((Outcome::Shut, _)) => Tried::Shut,
            Err((Outcome::Refused, words)) => Tried::Refused { words },
        }
    }

    fn states(&self) -> Vec<ngcc_proto::channel::State> {
        let now = self.clock.now().wall;
        let adapters = self.adapters.read().unwrap_or_else(PoisonError::into_inner);
        adapters.values().map(|entry| entry.adapter.state(now)).collect()
    }

    fn tell(&self, cause: MessageId, event: Event) {
        let at = self.clock.now().wall;
        let envelope = {
            let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
            Envelope::new(&mut ids, at, None, Some(cause), event)
        };
        self.bus.send(envelope);
    }
}
