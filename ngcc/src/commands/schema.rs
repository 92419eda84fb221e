//! `schema` and `flow check`: what a file must look like, and whether one does.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::catalogue::fields;
use crate::cli::SchemaOf;
use crate::failure::Failure;
use crate::out;
use crate::settings::{KEYS, Settings, TOPICS};

/// Prints the schema.
pub(super) fn print(of: SchemaOf) {
    match of {
        SchemaOf::Flow => out::json(&ngcc_ivr_core::flow::schema()),
        SchemaOf::Catalogue => out::json(&fields::schema()),
        SchemaOf::Config => out::json(&settings_schema()),
        SchemaOf::Openapi => out::line(ngcc_agent_gateway::openapi().trim_end()),
    }
}

/// Checks a flow file: its name is the one it gives itself.
///
/// # Errors
/// The file cannot be read, or its problems.
pub(super) fn check_flow(file: &Path, json: bool) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|e| Failure::File { path: file.to_owned(), why: e.to_string() })?;
    let name = serde_json::from_str::<Value>(&text).ok().and_then(|v| v["name"].as_str().map(str::to_owned));
    match ngcc_ivr_core::flow::check(name.as_deref().unwrap_or("?"), &text) {
        Ok(_) => {
            if json {
                out::json(&json!({ "good": true }));
            } else {
                out::line(format!("{} is a good flow", file.display()));
            }
            Ok(())
        }
        Err(problems) => Err(Failure::Refused(
            problems.iter().map(|problem| format!("{}: {problem}", file.display())).collect(),
        )),
    }
}

/// The JSON schema of a settings file.
fn settings_schema() -> Value {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut topics = Map::new();
    for topic in TOPICS {
        let mut keys = Map::new();
        for info in KEYS {
            let Some((of, key)) = info.path.split_once('.') else { continue };
            if of == topic.path {
                let default = &defaults[of][key];
                keys.insert(
                    key.to_owned(),
                    json!({ "type": kind(default), "default": default, "description": words(info.about) }),
                );
            }
        }
        let about = words(topic.about);
        topics.insert(
            topic.path.to_owned(),
            json!({ "type": "object", "description": about, "properties": keys, "additionalProperties": false }),
        );
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ngcc settings",
        "type": "object",
        "properties": topics,
        "additionalProperties": false,
    })
}

/// The lines of a doc comment as one text.
pub(super) fn words(about: &[&str]) -> String {
    about.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::Array(_) => "array",
        Value::String(_) | Value::Object(_) | Value::Null => "string",
    }
}
