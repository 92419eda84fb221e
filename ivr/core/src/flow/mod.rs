//! Flow files: self-service scripts as data. [`check()`] reads one whole and refuses what is wrong with
//! its place and reason; the crate's own `machine` runs it.

mod check;
pub(crate) mod desk;
mod expr;
pub(crate) mod machine;
pub(crate) mod text;
pub(crate) mod vars;
pub(crate) mod verb;

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

pub use check::{MAX_BYTES, MAX_NODES, Problem, check};
pub use desk::{Fetch, Fetched};
use verb::Verb;

/// A flow that has been checked.
#[derive(Debug, PartialEq)]
pub struct Flow {
    name: String,
    version: u32,
    lang: Option<String>,
    start: Arc<str>,
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
    /// On what it runs.
    media: Vec<Medium>,
    /// The language tag of a caller whose variable `lang` is not set.
    lang: Option<String>,
    /// The first node.
    start: String,
    /// The nodes by name, at most 500.
    nodes: BTreeMap<String, Verb>,
}

/// What a flow runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Medium {
    /// Calls.
    Voice,
    /// Messages.
    Chat,
}
