//! `form`: a chat's customer fills in a form.

mod dialogue;
mod question;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ngcc_proto::config::{self, FieldBy, FieldKind};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Desk, Exit, Happened, Media, Step, Texts, Then, UNHURRIED, chats_only_problems, named, range_problem,
    three_times, yes,
};
use crate::flow::vars::{NAME_RULE, is_secret, is_variable};
use dialogue::Dialogue;
use question::Asked;

/// Has a chat's customer fill in a form of the centre, one field after the other, on every channel alike. What they
/// answer is checked as when an agent and a customer fill it together, and asked for again where it does not fit. They
/// may go back to the field before (`back`, `返回`), cancel (`cancel`, `取消`), and ask for a human in words, where the flow has a node
/// for that. At the end they are shown what they entered and send it, change it or cancel. A restart asks nothing
/// twice.
///
/// Each field's value is in the variable named `prefix` and the field's name in lower case; one that was left out has
/// no variable. A tick is `true` or `false`. A `secret` field's variable ends in `_secret`, which is added where it is
/// missing: nobody but the flow sees what is entered for it, and after a restart it is asked for again. Who cancels
/// leaves no value behind. It serves chats only.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    /// The form's name.
    form: String,
    /// What is said first, by language tag; none shows the form's label.
    text: Option<Texts>,
    /// What the variables' names begin with.
    #[serde(default)]
    prefix: String,
    /// The names of the fields to be filled in, in this order; none is every field that the customer may fill.
    fields: Option<Vec<String>>,
    /// Seconds to wait for each answer.
    #[serde(default = "five_minutes")]
    timeout_s: u32,
    /// How often each field is asked for when its answers do not fit.
    #[serde(default = "three_times")]
    attempts: u32,
    /// Whether what was entered is shown at the end, to be sent, changed or cancelled.
    #[serde(default = "yes")]
    confirm: bool,
    /// The next node once the form is filled in; none is the flow's end.
    next: Option<String>,
    /// Where to go when the customer cancels; none takes `on_error`.
    on_cancel: Option<String>,
    /// Where to go when no answer came in time; none takes `on_cancel`.
    on_timeout: Option<String>,
    /// Where to go when the last attempt at a field does not fit; none takes `on_cancel`.
    on_invalid: Option<String>,
    /// Where to go when there is no such form or field, or its names give no variables; none fails the flow.
    on_error: Option<String>,
    /// Where to go on a call; none fails the flow.
    on_call: Option<String>,
}

impl Step for Form {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([
            ("next", &self.next),
            ("on_cancel", &self.on_cancel),
            ("on_timeout", &self.on_timeout),
            ("on_invalid", &self.on_invalid),
            ("on_error", &self.on_error),
            ("on_call", &self.on_call),
        ])
    }

    fn problems(&self) -> Vec<String> {
        let mut found = self.text.as_ref().map_or_else(Vec::new, |texts| texts.problems("text"));
        if !(1..=64).contains(&self.form.chars().count()) {
            found.push("`form`: a form's name has 1 to 64 characters".to_owned());
        }
        if !self.prefix.is_empty() && !is_variable(&self.prefix) {
            found.push(format!("`prefix`: `{}`: {NAME_RULE}", self.prefix));
        }
        if let Some(fields) = &self.fields {
            let different: BTreeSet<&String> = fields.iter().collect();
            if fields.is_empty() || different.len() < fields.len() {
                found.push("`fields` names at least one field, and each once".to_owned());
            }
        }
        found.extend(range_problem("timeout_s", self.timeout_s, 1, 86_400));
        found.extend(range_problem("attempts", self.attempts, 1, 100));
        found
    }

    fn medium_problems(&self, media: Media) -> Vec<String> {
        chats_only_problems(&self.on_call, media)
    }

    fn oddities(&self, _: Media) -> Vec<String> {
        let short = self.timeout_s < UNHURRIED;
        short
            .then(|| format!("a customer has {} seconds for each answer", self.timeout_s))
            .into_iter()
            .collect()
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        if desk.chat.is_none() {
            return match happened {
                Happened::Entered => Then::by_or_fail([self.on_call.as_ref()], "a call fills in no form"),
                Happened::Said(_)
                | Happened::Key
                | Happened::Late
                | Happened::Fetched(_)
                | Happened::Resumed(_) => Then::Stay,
            };
        }
        let forms = Arc::clone(&desk.forms);
        let fields = match self.asked(&forms) {
            Ok(fields) => fields,
            Err(why) => return self.wrong(why),
        };
        match happened {
            Happened::Entered => Dialogue::new(self, fields, desk).enter(forms.get(&self.form)),
            Happened::Key => Dialogue::new(self, fields, desk).hear(),
            Happened::Late => {
                let exits = [self.on_timeout.as_ref(), self.on_cancel.as_ref(), self.on_error.as_ref()];
                Then::by_or_fail(exits, "no answer came in time, and there is no exit for it")
            }
            Happened::Said(_) | Happened::Fetched(_) | Happened::Resumed(_) => Then::Stay,
        }
    }
}

impl Form {
    /// The fields that are asked for, each with its variable.
    ///
    /// # Errors
    /// There is no such form, or it cannot be filled in here.
    fn asked<'f>(&self, forms: &'f BTreeMap<String, config::Form>) -> Result<Vec<Asked<'f>>, String> {
        let name = &self.form;
        let form = forms.get(name).ok_or_else(|| format!("there is no form `{name}`"))?;
        let mine = |field: &&config::Field| field.filled_by() != FieldBy::Agent;
        let fields: Vec<&config::Field> = match &self.fields {
            None => form.fields.iter().filter(mine).collect(),
            Some(fields) => {
                let find = |wanted: &String| {
                    let found = form.fields.iter().find(|field| field.name == *wanted).filter(mine);
                    found.ok_or_else(|| format!("the form `{name}` has no field `{wanted}` for the customer"))
                };
                fields.iter().map(find).collect::<Result<_, String>>()?
            }
        };
        if fields.is_empty() {
            return Err(format!("the form `{name}` has no field for the customer"));
        }
        let mut variables = BTreeSet::new();
        let asked = |field: &'f config::Field| {
            let variable = self.variable(field);
            let of = format!("the field `{}` of the form `{name}`", field.name);
            if !is_variable(&variable) {
                return Err(format!("{of} gives no variable: {NAME_RULE}"));
            }
            if !variables.insert(variable.clone()) {
                return Err(format!("{of} has the variable of another field"));
            }
            Ok(Asked { field, secret: is_secret(&variable), variable })
        };
        fields.into_iter().map(asked).collect()
    }

    /// The name of the variable a field's value goes to.
    fn variable(&self, field: &config::Field) -> String {
        let name = format!("{}{}", self.prefix, field.name.to_lowercase());
        let open = field.kind == FieldKind::Secret && !is_secret(&name);
        if open { name + "_secret" } else { name }
    }

    /// The form cannot be filled in.
    fn wrong(&self, why: String) -> Then<'_> {
        Then::by_or_fail([self.on_error.as_ref()], why)
    }
}

fn five_minutes() -> u32 {
    300
}
