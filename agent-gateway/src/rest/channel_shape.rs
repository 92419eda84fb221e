//! The shapes of requests and answers about messaging channels.

use std::collections::BTreeMap;

use ngcc_proto::channel;
use ngcc_proto::config::{ChannelField, ChannelKind, FieldForm};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Channels.
#[derive(Serialize, ToSchema)]
pub(super) struct Channels {
    /// By name.
    pub(super) data: Vec<Shown>,
}

/// A channel as it is shown: which secrets are set, and none of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Channel)]
pub(super) struct Shown {
    /// Its name: it stands in the callback's address, `/hooks/<name>`.
    pub(super) name: String,
    /// Whose protocol it speaks.
    #[schema(value_type = String)]
    pub(super) kind: ChannelKind,
    /// The public number that its customers dial by writing.
    pub(super) entry: String,
    /// The language of the centre's own lines: `zh` or `en`.
    pub(super) lang: String,
    /// The fields of its kind that are no secrets.
    pub(super) settings: BTreeMap<String, String>,
    /// The names of the secrets that are set.
    pub(super) secrets: Vec<String>,
    /// What `If-Match` names.
    pub(super) version: String,
    /// How it fares; none where that is not known.
    #[schema(value_type = Option<ChannelState>)]
    pub(super) state: Option<channel::State>,
}

/// What a channel is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PutChannel {
    /// Whose protocol it speaks; it stays.
    pub(super) kind: String,
    /// The public number that its customers dial by writing.
    pub(super) entry: String,
    /// The language of the centre's own lines: `zh` (unless said) or `en`.
    pub(super) lang: Option<String>,
    /// The fields of its kind that are no secrets.
    #[serde(default)]
    pub(super) settings: BTreeMap<String, String>,
    /// Secrets; null removes one, and those that are not named stay.
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, Option<String>>,
}

/// What channels may be.
#[derive(Serialize, ToSchema)]
pub(super) struct Kinds {
    /// The kinds.
    kinds: Vec<Kind>,
    /// The public numbers: what an entry may be.
    entries: Vec<String>,
}

/// A kind of channels.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelKind)]
pub(super) struct Kind {
    /// Its name.
    #[schema(value_type = String)]
    kind: ChannelKind,
    /// What is to be given, in this order.
    fields: Vec<Field>,
}

/// Something that is to be given of a channel.
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelField)]
pub(super) struct Field {
    /// Its name among the settings, or among the secrets.
    key: &'static str,
    /// Whether it is a secret.
    secret: bool,
    /// Whether the channel cannot work without.
    required: bool,
    /// Whether it is of one's own choice, and then entered at the provider's.
    own: bool,
    /// What it looks like: `text`, `url`, `aes_key` (43 letters and digits), `pem`, `bot_token`, `letters` (with digits,
    /// `-` and `_`), `mark` (`none`, `address` or `subject`).
    #[schema(value_type = String)]
    form: FieldForm,
}

impl Kinds {
    /// All of them.
    pub(super) fn of(entries: Vec<String>) -> Self {
        let field = |field: &ChannelField| {
            let ChannelField { key, secret, required, own, form } = *field;
            Field { key, secret, required, own, form }
        };
        let kind = |kind: ChannelKind| Kind { kind, fields: kind.fields().iter().map(field).collect() };
        Self { kinds: ChannelKind::ALL.map(kind).into(), entries }
    }
}

/// A text to try a channel out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Try {
    /// The channel's own id of the person, such as an `openid`.
    #[schema(max_length = 128)]
    pub(super) to: String,
    /// What they are to read.
    #[schema(max_length = 600)]
    pub(super) text: String,
}

/// What became of a text.
#[derive(Serialize, ToSchema)]
pub(super) struct Tried {
    /// `sent`: the provider has it; `later`: not now; `shut`: not before the person writes; `refused`: never.
    is: &'static str,
    /// Why, in the provider's words or ours.
    words: Option<String>,
}

impl Tried {
    /// As it is told.
    pub(super) fn of(outcome: channel::Tried) -> Self {
        let (is, words) = match outcome {
            channel::Tried::Sent => ("sent", None),
            channel::Tried::Later { words } => ("later", Some(words)),
            channel::Tried::Busy | channel::Tried::Unknown => ("later", None),
            channel::Tried::Shut => ("shut", None),
            channel::Tried::Refused { words } => ("refused", Some(words)),
        };
        Self { is, words }
    }
}

/// How a channel fares, since `since`: softacd's start, or the channel's last change. Times in milliseconds since 1970.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the house's own vocabulary is what is written; this describes it")]
pub(super) struct ChannelState {
    /// The channel's name.
    channel: String,
    /// Since when this is known.
    since: i64,
    /// `called`: the provider calls; `asks`: the provider is asked.
    meets: String,
    /// When its provider proved itself first.
    verified: Option<i64>,
    /// When its provider last proved itself.
    last_in: Option<i64>,
    /// When its provider last took a message.
    last_out: Option<i64>,
    /// What went wrong last: `{at, class, words}`; `class` is `later`, `account`, `refused` or `unreadable`.
    #[schema(value_type = Option<Object>)]
    trouble: (),
    /// How often in a row something went wrong that is the channel's own.
    failures: u32,
    /// Callbacks that proved nothing: `{count, last}`.
    #[schema(value_type = Option<Object>)]
    forged: (),
    /// The token of the provider's interface: `{is: needless | missing | held, until?}`.
    #[schema(value_type = Object)]
    token: (),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ngcc_proto::Wall;
    use serde_json::{Value, json};

    use super::*;

    fn keys(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn how_a_channel_fares_is_described_as_it_is_written() {
        let state = channel::State {
            channel: String::new(),
            since: Wall(0),
            meets: channel::Meets::Called,
            verified: None,
            last_in: None,
            last_out: None,
            trouble: None,
            failures: 0,
            forged: None,
            token: channel::Token::Missing,
        };
        let document: Value = serde_json::from_str(&super::super::document()).unwrap();
        let described = &document["components"]["schemas"]["ChannelState"]["properties"];
        assert_eq!(keys(&serde_json::to_value(state).unwrap()), keys(described));
    }

    #[test]
    fn every_kind_names_its_fields_once_and_the_ones_that_it_cannot_be_without() {
        let kinds = serde_json::to_value(Kinds::of(vec!["shop".to_owned()])).unwrap();
        assert_eq!(kinds["entries"], json!(["shop"]));
        assert_eq!(kinds["kinds"].as_array().unwrap().len(), ChannelKind::ALL.len());
        for kind in ChannelKind::ALL {
            let names: BTreeSet<_> = kind.fields().iter().map(|field| field.key).collect();
            assert_eq!(names.len(), kind.fields().len(), "{kind:?}");
            assert!(kind.secrets().next().is_some(), "{kind:?} proves itself by nothing");
        }
        let first = &kinds["kinds"][0];
        assert_eq!(first["kind"], "wechat");
        let field =
            json!({ "key": "aes_key", "secret": true, "required": false, "own": true, "form": "aes_key" });
        assert!(first["fields"].as_array().unwrap().contains(&field), "{first}");
    }
}
