//! Flow files: self-service scripts as data. [`check()`] reads one whole and refuses what is wrong with
//! its place and reason; the crate's own `machine` runs it.

pub(crate) mod chat;
mod check;
pub(crate) mod desk;
mod expr;
pub(crate) mod fetch;
pub(crate) mod filling;
pub(crate) mod machine;
pub(crate) mod position;
pub(crate) mod text;
pub(crate) mod vars;
pub(crate) mod verb;

use std::collections::BTreeMap;
use std::sync::Arc;

use ngcc_proto::fact;
use schemars::JsonSchema;
use serde::Deserialize;

pub use check::{MAX_BYTES, MAX_NODES, Problem, check};
pub use fetch::{Fetch, Fetched, Signed};
use verb::Verb;

/// A flow that has been checked.
#[derive(Debug, PartialEq)]
pub struct Flow {
    name: String,
    version: u32,
    lang: Option<String>,
    media: Media,
    callable_by_agent: bool,
    start: Arc<str>,
    human: Option<Arc<str>>,
    nodes: BTreeMap<Arc<str>, Verb>,
    warnings: Vec<Problem>,
}

impl Flow {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, as its author counts them.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What is odd in it and does not keep it from running.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// What it serves; a flow for calls serves those with pictures too.
    pub fn media(&self) -> Vec<fact::Medium> {
        let all = [fact::Medium::Voice, fact::Medium::Video, fact::Medium::Chat];
        all.into_iter().filter(|medium| self.serves(*medium)).collect()
    }

    /// Whether it serves customers who come by `medium`.
    pub fn serves(&self, medium: fact::Medium) -> bool {
        match medium {
            fact::Medium::Voice | fact::Medium::Video => self.media.voice,
            fact::Medium::Chat => self.media.chat,
        }
    }

    /// Whether an agent may hand a customer to it.
    pub fn callable_by_agent(&self) -> bool {
        self.callable_by_agent
    }

    /// Where a chat's customer goes who asks for a human at a menu.
    pub(crate) fn human(&self) -> Option<&Arc<str>> {
        self.human.as_ref()
    }

    pub(crate) fn lang(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    pub(crate) fn start(&self) -> &Arc<str> {
        &self.start
    }

    pub(crate) fn node(&self, name: &str) -> Option<&Verb> {
        self.nodes.get(name)
    }

    /// The shared name of a node, if it is there.
    pub(crate) fn name_of(&self, node: &str) -> Option<Arc<str>> {
        self.nodes.get_key_value(node).map(|(name, _)| Arc::clone(name))
    }
}

/// The JSON schema of a flow file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(File).to_value()
}

/// A flow file as it is written; for the schema.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "ngcc flow")]
#[expect(dead_code, reason = "`check` reads the same fields one by one, to name the place of each problem")]
struct File {
    /// The schema's address, for editors.
    #[serde(rename = "$schema")]
    schema: Option<String>,
    /// The name: 1 to 64 of a–z, 0–9, `_`, `-`.
    name: String,
    /// The version, counted by the author.
    version: u32,
    /// What it serves. `echo`, `conference`, `transfer` and `sign-in` serve calls only: in a flow that serves
    /// chats they need the exit they take there. `form` serves chats only: in a flow that serves calls it needs
    /// `on_call`. Every other verb serves both.
    media: Vec<Medium>,
    /// The language tag of a customer whose variable `lang` is not set.
    lang: Option<String>,
    /// Whether an agent may hand a customer to it, by its name.
    #[serde(default)]
    callable_by_agent: bool,
    /// The first node.
    start: String,
    /// In a chat: where a customer goes who writes `0`, `human`, `agent`, `人工` or `转人工` at a menu that
    /// has no such choice.
    human: Option<String>,
    /// The nodes by name, at most 500.
    nodes: BTreeMap<String, Verb>,
}

/// What a flow serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) voice: bool,
    pub(crate) chat: bool,
}

impl Media {
    fn of(media: &[Medium]) -> Self {
        Self { voice: media.contains(&Medium::Voice), chat: media.contains(&Medium::Chat) }
    }
}

/// What a flow serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Medium {
    /// Calls.
    Voice,
    /// Messages.
    Chat,
}
