//! What stands in a catalogue, field by field: the source of its schema and its reference page. A test holds it
//! against the types that are read.

#[cfg(test)]
use ngcc_proto::config::ObjectKind;
use serde_json::{Map, Value, json};

use super::{bot::BOT, channel, channel::CHANNEL};

/// One field.
pub(crate) struct Field {
    /// Its key.
    pub(crate) key: &'static str,
    /// What it holds.
    pub(crate) holds: Holds,
    /// What it means.
    pub(crate) about: &'static str,
}

/// What a field holds, and its default; a field without default must be given.
pub(crate) enum Holds {
    /// Text that must be given.
    Name,
    /// Text.
    Text(&'static str),
    /// Text that may be left out.
    Maybe,
    /// A whole number.
    Number(i64),
    /// A whole number that may be left out.
    MaybeNumber,
    /// Yes or no.
    YesNo(bool),
    /// One of these words; the first is the default.
    Word(&'static [&'static str]),
    /// A list of these words.
    Words(&'static [&'static str]),
    /// One of these words, or one of these keys with a name behind it; the first word is the default.
    Choice {
        /// Words that stand alone.
        words: &'static [&'static str],
        /// Keys with a name behind them.
        keys: &'static [&'static str],
    },
    /// A list of `{agent, level}`.
    Members,
    /// A form's fields.
    Fields,
    /// One of these words, which must be given.
    MustWord(&'static [&'static str]),
    /// Secrets by name; may be left out where they are kept.
    Secrets,
    /// Where an e-mail account is; may be left out.
    Mail,
}

/// A kind of object and its fields.
pub(crate) struct Section {
    /// The kind, by which the test finds the type that is read.
    #[cfg(test)]
    kind: ObjectKind,
    /// The key of its list.
    pub(crate) key: &'static str,
    /// What it is.
    pub(crate) about: &'static str,
    /// Its fields.
    pub(crate) fields: &'static [Field],
}

/// A field.
pub(super) const fn field(key: &'static str, holds: Holds, about: &'static str) -> Field {
    Field { key, holds, about }
}

/// Every section of a catalogue.
pub(crate) const SECTIONS: &[Section] = &[
    Section {
        #[cfg(test)]
        kind: ObjectKind::User,
        key: "users",
        about: "People who sign in.",
        fields: &[
            field("name", Holds::Name, "The user name: a–z, 0–9, `.`, `-`, `_`."),
            field("display", Holds::Text(""), "The name shown."),
            field("roles", Holds::Words(&["agent", "supervisor", "admin"]), "What the user may do."),
            field("password", Holds::Maybe, "Written, never read back. Left out: an earlier one stays."),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Agent,
        key: "agents",
        about: "Seats. The user of the same name signs in to it.",
        fields: &[
            field("name", Holds::Name, "The user name."),
            field("display", Holds::Text(""), "The name shown."),
            field(
                "device",
                Holds::Choice { words: &["browser"], keys: &["phone"] },
                "Where the agent is called.",
            ),
            field(
                "auto_ready",
                Holds::YesNo(false),
                "Signed in and ready from the start: a phone-only agent.",
            ),
            field("chats", Holds::Number(4), "How many chats at once."),
            field("public_number", Holds::Text(""), "The number announced to customers."),
            field("wrap_up_s", Holds::MaybeNumber, "Seconds of wrap-up. Left out: the queue's."),
            field("pin", Holds::Maybe, "The PIN for sign-in by phone. Written, never read back."),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Phone,
        key: "phones",
        about: "SIP phones.",
        fields: &[
            field("name", Holds::Name, "Its user name, and the number it is called by."),
            field("secret", Holds::Maybe, "Its digest secret. Written, never read back."),
            field(
                "contact",
                Holds::Maybe,
                "A fixed contact (a `sip:` URI), for a phone that does not register.",
            ),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Queue,
        key: "queues",
        about: "Waiting lines.",
        fields: &[
            field("name", Holds::Name, "Its name."),
            field(
                "strategy",
                Holds::Word(&["longest-idle", "round-robin", "random", "agent-priority"]),
                "How it picks among free agents.",
            ),
            field(
                "members",
                Holds::Members,
                "Who serves it; for `agent-priority` the lower level is asked first.",
            ),
            field("ring_s", Holds::Number(20), "Seconds an offer rings."),
            field("wrap_up_s", Holds::Number(30), "Seconds of wrap-up after a contact."),
            field("max_wait_s", Holds::MaybeNumber, "The longest wait in seconds. Left out: for ever."),
            field("max_len", Holds::MaybeNumber, "The most callers that may wait. Left out: without limit."),
            field("priority", Holds::Number(0), "Higher is served sooner, across queues."),
            field(
                "wait",
                Holds::Choice { words: &["music", "silence"], keys: &["flow"] },
                "What callers hear.",
            ),
            field(
                "max_missed",
                Holds::Number(1),
                "Not ready after so many unanswered offers in a row; 0 is never.",
            ),
            field(
                "share_outlives_s",
                Holds::Number(0),
                "For how many seconds at the most what is shared goes on when its contact is over; 0: it ends with it.",
            ),
            field(
                "record_sharing",
                Holds::YesNo(false),
                "Whether what agents are shown of what its customers share is recorded; both ends are told.",
            ),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Number,
        key: "numbers",
        about: "Numbers callers dial. An exact number wins, then the longest prefix.",
        fields: &[
            field("number", Holds::Name, "The digits, or a name."),
            field("prefix", Holds::YesNo(false), "Whether anything that begins with it is meant."),
            field(
                "to",
                Holds::Choice { words: &[], keys: &["flow", "queue", "agent", "phone", "conference", "uri"] },
                "Where it leads. In `conference` and `uri`, `${rest}` is what was dialled behind a prefix; in `uri`, \
                 `${number}` is the whole number.",
            ),
            field("public", Holds::YesNo(false), "Whether callers without credentials reach it."),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Flow,
        key: "flows",
        about: "Self-service scripts. Either `text` or `file` is given.",
        fields: &[
            field("name", Holds::Name, "Its name; the flow says the same."),
            field("text", Holds::Maybe, "The flow itself (JSON)."),
            field("file", Holds::Maybe, "A flow file (JSON), relative to the catalogue."),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::CannedReply,
        key: "canned_replies",
        about: "Replies that agents keep ready, found by typing `/` and the name.",
        fields: &[
            field("name", Holds::Name, "Its name."),
            field("text", Holds::Name, "The text; `${customer}` and `${agent}` stand for the names shown."),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Disposition,
        key: "dispositions",
        about: "What a contact may have been about: its agent chooses one in wrap-up.",
        fields: &[
            field("name", Holds::Name, "Its name, as it stands in reports."),
            field("label", Holds::Text(""), "What agents see; left out: the name."),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Form,
        key: "forms",
        about: "Forms that an agent and a customer fill together, and the customer confirms.",
        fields: &[
            field("name", Holds::Name, "Its name."),
            field("label", Holds::Text(""), "What both see above it; left out: the name."),
            field("fields", Holds::Fields, "Its fields, in order."),
        ],
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Channel,
        key: "channels",
        about: "Messaging channels by which customers write; `/hooks/NAME` is the callback's address.",
        fields: CHANNEL,
    },
    Section {
        #[cfg(test)]
        kind: ObjectKind::Bot,
        key: "bots",
        about: "External bots that the verb `bot` of flows lets talk to customers.",
        fields: BOT,
    },
];

/// What a field of a form takes.
const FIELD_KINDS: [&str; 7] = ["text", "lines", "number", "date", "choice", "tick", "secret"];
/// Who may fill it.
const FIELD_BY: [&str; 3] = ["both", "customer", "agent"];

impl Holds {
    /// In words, for the reference page.
    pub(crate) fn words(&self) -> String {
        let ticked = |words: &[&str]| words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Name => "text, must be given".to_owned(),
            Self::Text(_) | Self::Maybe => "text".to_owned(),
            Self::Number(_) | Self::MaybeNumber => "whole number".to_owned(),
            Self::YesNo(_) => "`true` or `false`".to_owned(),
            Self::Word(words) => format!("one of {}", ticked(words)),
            Self::Words(words) => format!("list of {}", ticked(words)),
            Self::Choice { words, keys } => {
                let keyed: Vec<String> = keys.iter().map(|k| format!("`{{{k}: NAME}}`")).collect();
                let alone = words.iter().map(|w| format!("`{w}`"));
                format!("one of {}", alone.chain(keyed).collect::<Vec<_>>().join(", "))
            }
            Self::Members => "list of `{agent: NAME, level: NUMBER}`".to_owned(),
            Self::MustWord(words) => format!("one of {}; must be given", ticked(words)),
            Self::Secrets => "`{NAME: SECRET}`".to_owned(),
            Self::Mail => channel::MAIL.to_owned(),
            Self::Fields => format!(
                "list of `{{name, label, kind, options, required, by}}`; `kind` is one of {}, `by` one of {}; must be given",
                ticked(&FIELD_KINDS),
                ticked(&FIELD_BY)
            ),
        }
    }

    /// The default as catalogues write it.
    pub(crate) fn default(&self) -> Option<Value> {
        match self {
            Self::Text(text) => Some(json!(text)),
            Self::Number(n) => Some(json!(n)),
            Self::YesNo(yes) => Some(json!(yes)),
            Self::Word(words) | Self::Choice { words, .. } => words.first().map(|word| json!(word)),
            Self::Words(_) | Self::Members => Some(json!([])),
            Self::Name
            | Self::Maybe
            | Self::MaybeNumber
            | Self::Fields
            | Self::MustWord(_)
            | Self::Secrets
            | Self::Mail => None,
        }
    }

    fn required(&self) -> bool {
        match self {
            Self::Name | Self::Fields | Self::MustWord(_) => true,
            Self::Choice { words, .. } => words.is_empty(),
            Self::Text(_)
            | Self::Maybe
            | Self::Number(_)
            | Self::MaybeNumber
            | Self::YesNo(_)
            | Self::Word(_)
            | Self::Words(_)
            | Self::Members
            | Self::Secrets
            | Self::Mail => false,
        }
    }

    fn schema(&self) -> Value {
        match self {
            // Digits without quotes are numbers in YAML; they are read as they stand.
            Self::Name => json!({ "type": ["string", "integer"] }),
            Self::Text(_) | Self::Maybe => json!({ "type": ["string", "integer"] }),
            Self::Number(_) | Self::MaybeNumber => json!({ "type": "integer" }),
            Self::YesNo(_) => json!({ "type": "boolean" }),
            Self::Word(words) => json!({ "enum": words }),
            Self::Words(words) => json!({ "type": "array", "items": { "enum": words } }),
            Self::Choice { words, keys } => {
                let text = json!({ "type": ["string", "integer"] });
                let keyed = keys.iter().map(|key| {
                    json!({ "type": "object", "properties": { *key: text }, "required": [key], "additionalProperties": false })
                });
                let alone = (!words.is_empty()).then(|| json!({ "enum": words }));
                json!({ "oneOf": alone.into_iter().chain(keyed).collect::<Vec<_>>() })
            }
            Self::MustWord(words) => json!({ "enum": words }),
            Self::Mail => channel::mail(),
            Self::Secrets => json!({
                "type": "object",
                "additionalProperties": { "type": ["string", "integer"] },
            }),
            Self::Fields => json!({
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": { "type": ["string", "integer"] },
                        "label": { "type": ["string", "integer"], "default": "" },
                        "kind": { "enum": FIELD_KINDS, "default": "text" },
                        "options": { "type": "array", "items": { "type": ["string", "integer"] } },
                        "required": { "type": "boolean", "default": false },
                        "by": { "enum": FIELD_BY, "default": "both" },
                    },
                    "required": ["name"],
                    "additionalProperties": false,
                },
            }),
            Self::Members => json!({
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": { "agent": { "type": "string" }, "level": { "type": "integer", "default": 0 } },
                    "required": ["agent"],
                    "additionalProperties": false,
                },
            }),
        }
    }
}

/// The JSON schema of a catalogue.
pub(crate) fn schema() -> Value {
    let sections: Map<String, Value> = SECTIONS
        .iter()
        .map(|section| {
            let about = section.about;
            (section.key.to_owned(), json!({ "type": "array", "description": about, "items": item(section) }))
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ngcc catalogue",
        "type": "object",
        "properties": sections,
        "additionalProperties": false,
    })
}

fn item(section: &Section) -> Value {
    let mut properties = Map::new();
    for field in section.fields {
        let mut schema = field.holds.schema();
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), json!(field.about));
            if let Some(default) = field.holds.default() {
                schema.insert("default".to_owned(), default);
            }
        }
        properties.insert(field.key.to_owned(), schema);
    }
    let required: Vec<&str> = section.fields.iter().filter(|f| f.holds.required()).map(|f| f.key).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use ngcc_proto::config::Object;

    use super::*;

    /// The least an object of the section must have.
    fn least(section: &Section) -> Map<String, Value> {
        let value = |field: &Field| match &field.holds {
            Holds::Choice { keys, .. } => json!({ keys[0]: "x" }),
            Holds::Fields => json!([{ "name": "x" }]),
            Holds::MustWord(words) => json!(words[0]),
            Holds::Name
            | Holds::Text(_)
            | Holds::Maybe
            | Holds::Number(_)
            | Holds::MaybeNumber
            | Holds::YesNo(_)
            | Holds::Word(_)
            | Holds::Words(_)
            | Holds::Members
            | Holds::Secrets
            | Holds::Mail => json!("x"),
        };
        section.fields.iter().filter(|f| f.holds.required()).map(|f| (f.key.to_owned(), value(f))).collect()
    }

    fn read(kind: ObjectKind, data: &Map<String, Value>) -> Result<Object, serde_json::Error> {
        serde_json::from_value(json!({ "kind": kind, "data": data }))
    }

    #[test]
    fn every_field_is_read_and_has_the_default_that_is_written_here() {
        for section in SECTIONS.iter().filter(|s| s.kind != ObjectKind::Flow) {
            let least = least(section);
            let bare = serde_json::to_value(read(section.kind, &least).unwrap()).unwrap();
            for field in section.fields {
                let Some(default) = field.holds.default() else { continue };
                assert_eq!(bare["data"][field.key], default, "{}.{}", section.key, field.key);
                let mut given = least.clone();
                given.insert(field.key.to_owned(), default);
                assert_eq!(serde_json::to_value(read(section.kind, &given).unwrap()).unwrap(), bare);
            }
            let data = bare["data"].as_object().unwrap();
            for key in data.keys() {
                assert!(
                    section.fields.iter().any(|f| f.key == key),
                    "{}.{key} is not described",
                    section.key
                );
            }
        }
    }

    #[test]
    fn every_word_that_is_offered_is_read() {
        for section in SECTIONS.iter().filter(|s| s.kind != ObjectKind::Flow) {
            let try_value = |key: &str, value: Value| {
                let mut given = least(section);
                given.insert(key.to_owned(), value.clone());
                assert!(read(section.kind, &given).is_ok(), "{}.{key} = {value}", section.key);
            };
            for field in section.fields {
                match &field.holds {
                    Holds::Word(words) => words.iter().for_each(|word| try_value(field.key, json!(word))),
                    Holds::Words(words) => try_value(field.key, json!(words)),
                    Holds::Choice { words, keys } => {
                        words.iter().for_each(|word| try_value(field.key, json!(word)));
                        keys.iter().for_each(|key| try_value(field.key, json!({ *key: "x" })));
                    }
                    Holds::Members => try_value(field.key, json!([{ "agent": "a", "level": 1 }])),
                    Holds::Fields => {
                        for (kind, by) in FIELD_KINDS.iter().zip(FIELD_BY.iter().cycle()) {
                            try_value(field.key, json!([{ "name": "a", "kind": kind, "by": by }]));
                        }
                    }
                    Holds::MustWord(words) => words.iter().for_each(|w| try_value(field.key, json!(w))),
                    Holds::Secrets => try_value(field.key, json!({ "token": "x" })),
                    Holds::Mail => {
                        let keys = field.holds.schema();
                        let all: Map<String, Value> = keys["properties"]
                            .as_object()
                            .unwrap()
                            .iter()
                            .map(|(key, schema)| {
                                (key.clone(), schema["enum"].get(1).cloned().unwrap_or_else(|| json!("x")))
                            })
                            .collect();
                        try_value(field.key, Value::Object(all));
                    }
                    Holds::MaybeNumber => try_value(field.key, json!(1)),
                    Holds::Name | Holds::Text(_) | Holds::Maybe => try_value(field.key, json!("x")),
                    Holds::Number(_) | Holds::YesNo(_) => {}
                }
            }
        }
    }
}
