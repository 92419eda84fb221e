//! `set`: variables are set.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Desk, Exit, Happened, Step, Then, named};
use crate::flow::text::Template;
use crate::flow::vars::{NAME_RULE, Value, is_secret, is_variable};

/// Sets variables. All texts are filled in before the first variable changes.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Set {
    /// A value for each variable; a text may hold `${name}`.
    #[schemars(with = "BTreeMap<String, Value>")]
    vars: BTreeMap<String, Setting>,
    /// The next node; none is the flow's end.
    next: Option<String>,
}

/// What a variable is set to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
enum Setting {
    Bool(bool),
    Int(i64),
    Text(Template),
}

impl TryFrom<Value> for Setting {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Ok(match value {
            Value::Bool(b) => Self::Bool(b),
            Value::Int(n) => Self::Int(n),
            Value::Text(text) => Self::Text(text.try_into()?),
        })
    }
}

impl Step for Set {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next)])
    }

    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, setting) in &self.vars {
            if !is_variable(name) {
                found.push(format!("`vars`: `{name}`: {NAME_RULE}"));
            }
            let Setting::Text(text) = setting else { continue };
            let copy = is_secret(name) && text.sole_variable().is_some();
            if !copy {
                let said =
                    |secret| format!("`vars`: `{secret}` is secret and can only be copied whole to a secret");
                found.extend(text.secrets().map(said));
            }
        }
        found
    }

    fn on<'v>(&'v self, _: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        let values: Vec<(&String, Value)> =
            self.vars.iter().map(|(name, setting)| (name, setting.value(name, desk))).collect();
        for (name, value) in values {
            if let Err(full) = desk.vars.set(name, value) {
                return Then::Fail(full.to_string());
            }
        }
        Then::by(self.next.as_ref())
    }
}

impl Setting {
    fn value(&self, name: &str, desk: &Desk) -> Value {
        match self {
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(n) => Value::Int(*n),
            Self::Text(text) => match text.sole_variable() {
                Some(from) if is_secret(from) && !is_secret(name) => Value::Text(String::new()),
                Some(from) => desk.vars.value(from).into_owned(),
                None => Value::Text(text.fill(&desk.vars)),
            },
        }
    }
}
