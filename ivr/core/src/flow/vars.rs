//! A run's variables. Names that end in `_secret` are kept out of sight: they reach no template,
//! no record, no outcome and no debug output.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use ngcc_proto::Secret;
use ngcc_proto::flow::{MAX_VARS, MAX_VARS_BYTES, Vars};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most variables a run may have.
const MAX_HELD: usize = 64;
/// The most bytes one value has; what is longer is cut.
pub(crate) const MAX_VALUE: usize = 1024;

/// What a name must look like, for messages.
pub(crate) const NAME_RULE: &str = "a variable's name has 1 to 64 of a–z, 0–9, `_` and begins with a letter";

/// A variable's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Value {
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

/// More variables than a run may have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {MAX_HELD} variables")
    }
}

/// A run's variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Variables {
    plain: BTreeMap<Box<str>, Value>,
    secret: BTreeMap<Box<str>, Secret>,
}

impl Variables {
    /// Sets a variable; a secret one by its name.
    pub(crate) fn set(&mut self, name: &str, value: Value) -> Result<(), Full> {
        let known = self.plain.contains_key(name) || self.secret.contains_key(name);
        if !known && self.plain.len() + self.secret.len() >= MAX_HELD {
            return Err(Full);
        }
        if is_secret(name) {
            self.secret.insert(name.into(), Secret::new(value.as_text()));
            return Ok(());
        }
        let value = match value {
            Value::Text(mut text) => {
                super::text::cut(&mut text, MAX_VALUE);
                Value::Text(text)
            }
            Value::Bool(_) | Value::Int(_) => value,
        };
        self.plain.insert(name.into(), value);
        Ok(())
    }

    /// Takes a variable out.
    pub(crate) fn unset(&mut self, name: &str) {
        self.plain.remove(name);
        self.secret.remove(name);
    }

    /// Whether all of these can be set beside what there is.
    pub(crate) fn have_room_for<'n>(&self, names: impl Iterator<Item = &'n str>) -> bool {
        let new = names.filter(|name| !self.plain.contains_key(*name) && !self.secret.contains_key(*name));
        self.plain.len() + self.secret.len() + new.count() <= MAX_HELD
    }

    /// Sets what came over a border; names that no flow could use are left out.
    pub(crate) fn take(&mut self, vars: Vars) -> Result<(), Full> {
        let fitting = vars.into_iter().filter(|(name, _)| is_variable(name)).take(MAX_HELD);
        for (name, text) in fitting {
            self.set(&name, Value::Text(text))?;
        }
        Ok(())
    }

    /// A variable as text; nothing if it is unknown or secret.
    pub(crate) fn text(&self, name: &str) -> Cow<'_, str> {
        self.plain.get(name).map_or(Cow::Borrowed(""), Value::as_text)
    }

    /// A variable's value for a comparison inside the flow, secret or not; an empty text if it is unknown.
    pub(crate) fn value(&self, name: &str) -> Cow<'_, Value> {
        match (self.plain.get(name), self.secret.get(name)) {
            (Some(value), _) => Cow::Borrowed(value),
            (None, Some(secret)) => Cow::Owned(Value::Text(secret.expose().to_owned())),
            (None, None) => Cow::Owned(Value::Text(String::new())),
        }
    }

    /// A secret variable, for the one ask that carries it.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        self.secret.get(name).cloned().unwrap_or_default()
    }

    /// What may leave the flow: no secret, within the limits of a hand-over.
    pub(crate) fn outcome(&self) -> Vars {
        let mut room = MAX_VARS_BYTES;
        let mut outcome = Vars::new();
        for (name, value) in &self.plain {
            let text = value.as_text();
            let size = name.len() + text.len();
            if size <= room && outcome.len() < MAX_VARS {
                room -= size;
                outcome.insert(name.to_string(), text.into_owned());
            }
        }
        outcome
    }

    /// What may be written down.
    pub(crate) fn plain(&self) -> &BTreeMap<Box<str>, Value> {
        &self.plain
    }

    /// What was written down.
    pub(crate) fn restored(plain: BTreeMap<Box<str>, Value>) -> Self {
        let plain = plain.into_iter().filter(|(name, _)| !is_secret(name)).take(MAX_HELD).collect();
        Self { plain, secret: BTreeMap::new() }
    }
}

impl Value {
    /// As text: what is said, sent and compared with texts.
    pub(crate) fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
            Self::Int(n) => Cow::Owned(n.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Whether `name` may name a variable.
pub(crate) fn is_variable(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.len() <= 64 && name.bytes().all(fits) && name.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
}

/// Whether the variable is one that never leaves the flow.
pub(crate) fn is_secret(name: &str) -> bool {
    name.ends_with("_secret")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_has_no_secret_and_keeps_its_limits() {
        let mut vars = Variables::default();
        vars.set("pin_secret", "4711".into()).unwrap();
        for i in 0..40 {
            vars.set(&format!("v{i}"), Value::Text("x".repeat(300))).unwrap();
        }
        let outcome = vars.outcome();
        assert!(ngcc_proto::flow::vars_fit(&outcome) && !outcome.is_empty());
        assert!(!outcome.contains_key("pin_secret"));
        assert!(!format!("{vars:?}").contains("4711"));
        assert_eq!(vars.secret("pin_secret").expose(), "4711");
    }

    #[test]
    fn names_that_no_flow_could_use_do_not_come_in() {
        let mut vars = Variables::default();
        let came = ["a", "B", "", "9x", "a b", "x_secret"].map(|name| (name.to_owned(), "1".to_owned()));
        vars.take(came.into()).unwrap();
        assert_eq!(vars.outcome().into_keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(vars.secret("x_secret").expose(), "1");
    }

    #[test]
    fn a_run_has_a_bounded_number_of_variables() {
        let mut vars = Variables::default();
        for i in 0..MAX_HELD {
            vars.set(&format!("v{i}"), Value::Int(1)).unwrap();
        }
        assert_eq!(vars.set("one_more", Value::Int(1)), Err(Full));
        assert_eq!(vars.set("v0", Value::Int(2)), Ok(()));
        assert!(vars.have_room_for(["v0"].into_iter()) && !vars.have_room_for(["one_more"].into_iter()));
        vars.unset("v1");
        assert!(vars.have_room_for(["one_more"].into_iter()));
    }
}
