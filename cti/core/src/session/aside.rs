//! What no fact holds and a restart must know nevertheless: where a session's flow is, what its agent is shown
//! of it, and what a run has asked not to be seen. One small record a session, written when it changes.

use ngcc_proto::{Key, Kind, Mono, RunId, SessionId};
use serde::{Deserialize, Serialize};

use super::Session;
use crate::Cti;
use crate::facts::json;

/// The most choices that are kept of a customer's way through self-service.
const MAX_PATH: usize = 16;
/// The most characters of a node's, a verb's or a choice's name.
const MAX_NAME: usize = 64;

/// Beside the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aside {
    v: u16,
    /// The language the customer asked for.
    #[serde(default)]
    pub(crate) lang: Option<String>,
    /// The run that wants what the customer enters next to be seen by nobody else.
    pub(crate) secret: Option<RunId>,
    /// Where a run is: its node and that node's verb.
    pub(crate) step: Option<(RunId, String, String)>,
    /// The latest choices made in self-service, in order.
    pub(crate) path: Vec<String>,
    /// The owner hears, or reads, automation and customer (S4).
    #[serde(default)]
    pub(crate) listen: bool,
    /// When the customer wished last to stay, though nobody wrote.
    pub(crate) kept_open: Mono,
}

/// The record's key: behind every number a fact can have, like that of a kept offer.
pub(crate) fn aside_key(session: SessionId) -> Key {
    Key { kind: Kind::SessionFact, id: session.0, n: u32::MAX - 1 }
}

impl Session {
    /// The choices made in self-service, in order.
    pub(crate) fn path(&self) -> Vec<String> {
        self.aside.path.clone()
    }

    /// A run has come to a node.
    pub(crate) fn stepped(&mut self, run: RunId, node: &str, verb: &str, chose: Option<&str>) {
        self.aside.step = Some((run, cut(node), cut(verb)));
        if let Some(chose) = chose {
            self.aside.path.push(cut(chose));
            let more = self.aside.path.len().saturating_sub(MAX_PATH);
            self.aside.path.drain(..more);
        }
    }
}

impl Cti {
    /// Keeps what stands beside the facts, if it has changed; drops it once the session is closed.
    pub(crate) fn keep_aside(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.is_closed() {
            if session.live.aside_kept.take().is_some() {
                self.step.forget(aside_key(id));
            }
            return;
        }
        let kept = session.live.aside_kept.as_ref();
        if kept == Some(&session.aside) || (kept.is_none() && session.aside == Aside::default()) {
            return;
        }
        session.aside.v = 1;
        session.live.aside_kept = Some(session.aside.clone());
        let record = json(&session.aside);
        self.step.persist(aside_key(id), record);
    }
}

fn cut(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
}
