//! The flows and forms at hand, newest version each; and, after a start, what waits for them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ngcc_proto::bcsm::ToAuto;
use ngcc_proto::config::{BotAccount, ForIvr, Form};
use ngcc_proto::flow::Command;
use ngcc_proto::{MessageId, Mono, Now, SessionId};

use super::Runs;
use super::record::Record;
use crate::flow::{Flow, check};
use crate::legs::Legs;
use crate::out::Out;

/// The most commands that are kept until the flows are there.
const MAX_DEFERRED: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// None until the first configuration.
    flows: Option<BTreeMap<String, Text>>,
    /// Forms by name. A run keeps those there were when it began.
    forms: Arc<BTreeMap<String, Form>>,
    version: u64,
    /// The external bots, by name.
    bots: BTreeMap<String, BotAccount>,
    /// Until when a start waits for them.
    until: Option<Mono>,
    deferred: VecDeque<Deferred>,
    /// Runs of before the restart that wait for their flow.
    pub(super) restored_runs: Vec<Record>,
    /// Whether the legs of before the restart are back.
    pub(super) rebound: bool,
}

/// A flow, with the text it was read from.
#[derive(Debug)]
struct Text {
    text: String,
    flow: Result<Arc<Flow>, String>,
}

/// A command that came before the flows.
#[derive(Debug)]
pub(super) enum Deferred {
    Command { command: Command, session: Option<SessionId>, cause: MessageId },
    ToAuto { to_auto: ToAuto, session: Option<SessionId>, cause: MessageId },
}

impl Shelf {
    /// Whether runs and commands must wait.
    pub(super) fn waits(&self) -> bool {
        self.flows.is_none() || !self.rebound
    }

    pub(super) fn wait_until(&mut self, at: Mono) {
        if self.flows.is_none() {
            self.until = Some(at);
        }
    }

    pub(super) fn until(&self) -> Option<Mono> {
        self.until
    }

    pub(super) fn waited_long_enough(&self, now: Mono) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// The newest version of a flow.
    pub(super) fn flow(&self, name: &str) -> Result<Arc<Flow>, String> {
        match self.flows.as_ref().and_then(|flows| flows.get(name)) {
            Some(text) => text.flow.clone(),
            None => Err(format!("there is no flow `{name}`")),
        }
    }

    /// A configured bot.
    pub(super) fn bot(&self, name: &str) -> Option<&BotAccount> {
        self.bots.get(name)
    }

    /// The newest version of every form.
    pub(super) fn forms(&self) -> Arc<BTreeMap<String, Form>> {
        Arc::clone(&self.forms)
    }

    /// Keeps a command; gives it back if too many are kept.
    pub(super) fn defer(&mut self, deferred: Deferred) -> Option<Deferred> {
        if self.deferred.len() >= MAX_DEFERRED {
            return Some(deferred);
        }
        self.deferred.push_back(deferred);
        None
    }

    pub(super) fn take_deferred(&mut self) -> VecDeque<Deferred> {
        std::mem::take(&mut self.deferred)
    }

    /// Puts new texts in place of the old ones. A run keeps the version it began with.
    fn stock(&mut self, config: ForIvr) {
        self.until = None;
        if self.flows.is_some() && config.version < self.version {
            return;
        }
        self.version = config.version;
        self.bots = config.bots.into_iter().map(|bot| (bot.settings.name.clone(), bot)).collect();
        self.forms = Arc::new(config.forms.into_iter().map(|form| (form.name.clone(), form)).collect());
        let mut old = self.flows.take().unwrap_or_default();
        let read = |name: &str, text: &str| {
            check(name, text)
                .map(Arc::new)
                .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        };
        let entry = |flow: ngcc_proto::config::Flow| {
            let known = old.remove(&flow.name).filter(|known| known.text == flow.text);
            let text = known.unwrap_or_else(|| Text { flow: read(&flow.name, &flow.text), text: flow.text });
            (flow.name, text)
        };
        self.flows = Some(config.flows.into_iter().map(entry).collect());
    }
}

impl Runs {
    /// The flows' texts have come, or have changed.
    pub(crate) fn stock(&mut self, config: ForIvr, legs: &Legs, now: Now, out: &mut Out) {
        self.shelf.stock(config);
        self.go_on(legs, now, out);
    }

    /// They have not come: what waits for them must not wait for ever.
    pub(super) fn stock_nothing(&mut self, legs: &Legs, now: Now, out: &mut Out) {
        self.stock(ForIvr::default(), legs, now, out);
    }
}
