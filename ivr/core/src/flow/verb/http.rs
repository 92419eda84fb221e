//! `http`: a web server is asked, and fields of its JSON answer become variables.

use std::collections::BTreeMap;

use ngcc_proto::Secret;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Desk, Exit, Happened, Step, Then, five_seconds, named, range_problem};
use crate::flow::desk::Act;
use crate::flow::fetch::{Fetch, Fetched};
use crate::flow::text::Template;
use crate::flow::vars::{NAME_RULE, Value, is_variable};

/// Asks a web server that the settings allow. After a restart the request may be made a second time.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    /// Where; the host must stand in it without a variable.
    url: Template,
    /// How.
    #[serde(default)]
    method: Method,
    /// For POST: a JSON object of texts.
    #[serde(default)]
    body: BTreeMap<String, Template>,
    /// Seconds to wait for the answer.
    #[serde(default = "five_seconds")]
    timeout_s: u32,
    /// For each variable the field of the answer, such as `customer.name` or `items.0.price`.
    /// A field that is not there leaves its variable as it was. `http_status` is always set.
    #[serde(default)]
    vars: BTreeMap<String, String>,
    /// The next node after a status of 200 to 299; none is the flow's end.
    next: Option<String>,
    /// Where to go after another status, or without an answer; none fails the flow.
    on_error: Option<String>,
    /// Where to go when the answer did not come in time; none takes `on_error`.
    on_timeout: Option<String>,
}

/// How a web server is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Get,
    Post,
}

impl Step for Http {
    fn exits(&self) -> Vec<Exit<'_>> {
        named([("next", &self.next), ("on_error", &self.on_error), ("on_timeout", &self.on_timeout)])
    }

    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let url = self.url.beginning();
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        // Up to the first slash, or to the end where no variable follows.
        let whole = |host: &str| host.contains('/') || self.url.variables().next().is_none();
        if !host.is_some_and(|h| !h.is_empty() && !h.starts_with('/') && whole(h)) {
            found.push("`url` begins with http:// or https:// and a host without variables".to_owned());
        }
        if self.method == Method::Get && !self.body.is_empty() {
            found.push("`body` needs the method POST".to_owned());
        }
        let texts = [("url", &self.url)].into_iter().chain(self.body.values().map(|text| ("body", text)));
        for (key, text) in texts {
            found
                .extend(text.secrets().map(|name| format!("`{key}`: `{name}` is secret and cannot be sent")));
        }
        for name in self.vars.keys().filter(|name| !is_variable(name)) {
            found.push(format!("`vars`: `{name}`: {NAME_RULE}"));
        }
        found.extend(range_problem("timeout_s", self.timeout_s, 1, 10));
        found
    }

    fn on<'v>(&'v self, happened: Happened<'_>, desk: &mut Desk) -> Then<'v> {
        match happened {
            Happened::Entered => {
                let body = (self.method == Method::Post).then(|| {
                    let filled =
                        self.body.iter().map(|(key, text)| (key.clone(), text.fill(&desk.vars).into()));
                    Json::Object(filled.collect()).to_string()
                });
                let timeout = std::time::Duration::from_secs(u64::from(self.timeout_s));
                let (url, body) = (self.url.fill(&desk.vars), body.map(Secret::new));
                desk.act(Act::Fetch(Fetch { url, body, timeout, signed: None }));
                Then::Stay
            }
            Happened::Fetched(Fetched::Answer { status, body }) => self.read(*status, body, desk),
            Happened::Fetched(Fetched::TimedOut) => Then::by_or_fail(
                [self.on_timeout.as_ref(), self.on_error.as_ref()],
                "the web server took too long",
            ),
            Happened::Fetched(Fetched::Failed(why)) => Then::by_or_fail([self.on_error.as_ref()], why),
            Happened::Said(_) | Happened::Key | Happened::Late | Happened::Resumed(_) => Then::Stay,
        }
    }
}

impl Http {
    fn read<'v>(&'v self, status: u16, body: &str, desk: &mut Desk) -> Then<'v> {
        let mut found = vec![("http_status", Value::Int(status.into()))];
        if !self.vars.is_empty() {
            match serde_json::from_str::<Json>(body) {
                Ok(json) => {
                    found.extend(
                        self.vars
                            .iter()
                            .filter_map(|(name, path)| Some((name.as_str(), field(&json, path)?))),
                    );
                }
                Err(_) if (200..300).contains(&status) => {
                    return Then::by_or_fail([self.on_error.as_ref()], "the web server's answer is no JSON");
                }
                // A refusal seldom has a JSON body; its status says enough.
                Err(_) => {}
            }
        }
        for (name, value) in found {
            if let Err(full) = desk.vars.set(name, value) {
                return Then::Fail(full.to_string());
            }
        }
        if (200..300).contains(&status) {
            return Then::by(self.next.as_ref());
        }
        Then::by_or_fail([self.on_error.as_ref()], format!("the web server answered {status}"))
    }
}

/// The text, number or boolean at a dotted path.
fn field(json: &Json, path: &str) -> Option<Value> {
    let found = path.split('.').try_fold(json, |at, key| match at {
        Json::Array(items) => items.get(key.parse::<usize>().ok()?),
        Json::Object(fields) => fields.get(key),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    })?;
    match found {
        Json::Bool(b) => Some(Value::Bool(*b)),
        Json::Number(n) => Some(n.as_i64().map_or_else(|| Value::Text(n.to_string()), Value::Int)),
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
