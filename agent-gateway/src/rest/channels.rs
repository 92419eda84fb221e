//! Messaging channels, as an administrator sets them up: what is configured is the data centre's, how they fare is softacd's.
//! A secret goes in and never comes out.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use ngcc_proto::channel::{Change, Changed, Command, Event, Fault, Listed, Over, State as Fares, Wrong};
use ngcc_proto::chat::Text;
use ngcc_proto::config::{Channel, ChannelKind, FieldForm, MailMark};
use ngcc_proto::envelope::Body;
use ngcc_proto::{Secret, channel};
use serde_json::{Map, Value, json};

use super::Shared;
use super::channel_shape::{Channels, Kinds, PutChannel, Shown, Tried, Try};
use crate::acts;
use crate::gate::{Gate, unexpected};
use crate::guard::{Given, Signed};
use crate::problem::{Problem, Written};

/// How long softacd may take to try a channel out: a little longer than its provider has.
const TRYING: Duration = Duration::from_secs(35);
/// The most bytes of a person's id, and of a text to try a channel out.
const MAX_PERSON: usize = 128;
const MAX_TEXT: usize = 600;

/// Every channel, and how it fares.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels", responses(
    (status = 200, description = "The channels, by name", body = Channels),
    (status = 403, description = "`forbidden`: it needs `configure`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn list(State(gate): State<Shared>) -> Result<axum::Json<Channels>, Problem> {
    let (listed, states) = tokio::join!(listed(&gate), states(&gate));
    let data = listed?.0.into_iter().map(|one| shown(one, states.as_deref())).collect();
    Ok(axum::Json(Channels { data }))
}

/// Which kinds of channels there are, what is to be given of each, and which public numbers an entry may be.
#[utoipa::path(get, path = "/api/v1/channels/kinds", tag = "channels", responses(
    (status = 200, description = "The kinds", body = Kinds),
    (status = 403, description = "`forbidden`: it needs `configure`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn kinds(State(gate): State<Shared>) -> Result<axum::Json<Kinds>, Problem> {
    Ok(axum::Json(Kinds::of(listed(&gate).await?.1)))
}

/// A channel, and how it fares. Its `ETag` is what a change names in `If-Match`.
#[utoipa::path(get, path = "/api/v1/channels/{name}", tag = "channels",
    params(("name" = String, Path, description = "The channel's name")), responses(
    (status = 200, description = "The channel", body = Shown),
    (status = 404, description = "`not_found`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn get(
    State(gate): State<Shared>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let (listed, states) = tokio::join!(listed(&gate), states(&gate));
    let found = listed?.0.into_iter().find(|one| one.settings.name == name).ok_or_else(Problem::not_found)?;
    Ok(tagged(StatusCode::OK, shown(found, states.as_deref())))
}

/// Makes a channel (`If-None-Match: *`), or changes it (`If-Match` with its `ETag`). A secret that is not given stays; null
/// removes one. Noted in the audit.
#[utoipa::path(put, path = "/api/v1/channels/{name}", tag = "channels", request_body = PutChannel,
    params(("name" = String, Path, description = "The channel's name")), responses(
    (status = 200, description = "Changed", body = Shown),
    (status = 201, description = "Made", body = Shown),
    (status = 403, description = "`forbidden`: it needs `configure`; `csrf`", body = Written, content_type = "application/problem+json"),
    (status = 412, description = "`changed`: another version is there now; `taken`: there is one of that name", body = Written, content_type = "application/problem+json"),
    (status = 422, description = "`invalid`: `errors` says which field and why", body = Written, content_type = "application/problem+json"),
    (status = 428, description = "`unconditional`: neither header is there", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn put(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Given(put): Given<PutChannel>,
) -> Result<impl IntoResponse, Problem> {
    let over = over(&headers)?;
    let act = match (&over, put.secrets.is_empty()) {
        (Over::Nothing, _) => "add_channel",
        (Over::Version { .. }, true) => "change_channel",
        (Over::Version { .. }, false) => "change_channel_secrets",
    };
    let status = if over == Over::Nothing { StatusCode::CREATED } else { StatusCode::OK };
    let (channel, secrets) = read(&name, put)?;
    acts::note(&gate, &signed.doer(), act, &brief(&name)).await?;
    match change(&gate, Change::Put { channel, secrets, over }).await? {
        Changed::Put { channel } => Ok(tagged(status, shown(*channel, None))),
        Changed::Taken => Err(Problem::taken()),
        Changed::Stale => Err(Problem::stale()),
        Changed::Refused { faults } => Err(Problem::invalid(faults)),
        Changed::Silent => Err(Problem::unavailable()),
        Changed::Listed { .. } | Changed::Removed => Err(unexpected("channel")),
    }
}

/// Removes a channel (`If-Match` with its `ETag`): whoever writes by it has left. Noted in the audit.
#[utoipa::path(delete, path = "/api/v1/channels/{name}", tag = "channels",
    params(("name" = String, Path, description = "The channel's name")), responses(
    (status = 204, description = "Removed"),
    (status = 412, description = "`changed`: it is not there, or another version is", body = Written, content_type = "application/problem+json"),
    (status = 428, description = "`unconditional`: `If-Match` is missing", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn delete(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let Over::Version { version } = over(&headers)? else { return Err(Problem::unconditional()) };
    acts::note(&gate, &signed.doer(), "remove_channel", &brief(&name)).await?;
    match change(&gate, Change::Remove { name, version }).await? {
        Changed::Removed => Ok(StatusCode::NO_CONTENT),
        Changed::Stale => Err(Problem::stale()),
        Changed::Refused { faults } => Err(Problem::invalid(faults)),
        Changed::Silent => Err(Problem::unavailable()),
        Changed::Listed { .. } | Changed::Put { .. } | Changed::Taken => Err(unexpected("channel")),
    }
}

/// Sends a text to a person by the channel, once, past what waits for them, and says what became of it. It belongs to no
/// session. Noted in the audit.
#[utoipa::path(post, path = "/api/v1/channels/{name}/test", tag = "channels", request_body = Try,
    params(("name" = String, Path, description = "The channel's name")), responses(
    (status = 200, description = "What became of it", body = Tried),
    (status = 404, description = "`not_found`", body = Written, content_type = "application/problem+json"),
    (status = 422, description = "`invalid`: `errors` says which field and why", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn test(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(name): Path<String>,
    Given(Try { to, text }): Given<Try>,
) -> Result<axum::Json<Tried>, Problem> {
    // It may become a part of an address.
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"/?#%\\".contains(c);
    let person =
        (1..=MAX_PERSON).contains(&to.len()) && to.chars().all(plain) && !to.chars().all(|c| c == '.');
    let mut faults = Vec::new();
    if !person {
        faults.push(fault("to", Wrong::Form, "the channel's own id of a person: 1 to 128 bytes, no blanks"));
    }
    if text.trim().is_empty() || text.len() > MAX_TEXT {
        faults.push(fault("text", Wrong::Form, "a text of 1 to 600 bytes"));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    acts::note(&gate, &signed.doer(), "test_channel", &brief(&name)).await?;
    let command = Command::Try { channel: name, to, text: Text(text) };
    match event(gate.desk.ask_within(command, TRYING).await?)? {
        Event::Tried { outcome: channel::Tried::Unknown } => Err(Problem::not_found()),
        Event::Tried { outcome: channel::Tried::Busy } => Err(Problem::too_many(Duration::from_secs(5))),
        Event::Tried { outcome } => Ok(axum::Json(Tried::of(outcome))),
        Event::States { .. } => Err(unexpected("channel")),
    }
}

/// What is configured: the channels, and the numbers that an entry may be.
async fn listed(gate: &Gate) -> Result<(Vec<Listed>, Vec<String>), Problem> {
    match change(gate, Change::List).await? {
        Changed::Listed { channels, entries } => Ok((channels, entries)),
        Changed::Silent => Err(Problem::unavailable()),
        Changed::Put { .. }
        | Changed::Removed
        | Changed::Taken
        | Changed::Stale
        | Changed::Refused { .. } => Err(unexpected("channel")),
    }
}

/// How channels fare; none if softacd does not say: what is configured is shown all the same.
async fn states(gate: &Gate) -> Option<Vec<Fares>> {
    match event(gate.desk.ask(Command::Look).await.ok()?).ok()? {
        Event::States { states } => Some(states),
        Event::Tried { .. } => None,
    }
}

async fn change(gate: &Gate, change: Change) -> Result<Changed, Problem> {
    let body = gate.desk.ask(change).await?;
    if let Body::ChannelChanged(changed) = body { Ok(changed) } else { Err(unexpected(body.name())) }
}

fn event(body: Body) -> Result<Event, Problem> {
    if let Body::ChannelEvent(event) = body { Ok(event) } else { Err(unexpected(body.name())) }
}

fn tagged(status: StatusCode, shown: Shown) -> impl IntoResponse {
    // A version is a few digits.
    let tag = HeaderValue::from_str(&format!("\"{}\"", shown.version));
    let tag = tag.unwrap_or(HeaderValue::from_static("\"\""));
    (status, AppendHeaders([(header::ETAG, tag)]), axum::Json(shown))
}

/// What a change is made over: its conditions say so (RFC 9110 section 13.1).
fn over(headers: &HeaderMap) -> Result<Over, Problem> {
    let given = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    match (given(header::IF_MATCH), given(header::IF_NONE_MATCH)) {
        (Some(tag), None) => {
            let version = tag.trim_matches('"').to_owned();
            Ok(Over::Version { version })
        }
        (None, Some("*")) => Ok(Over::Nothing),
        (None | Some(_), None | Some(_)) => Err(Problem::unconditional()),
    }
}

/// The channel that a body describes, and its secrets beside it.
fn read(name: &str, put: PutChannel) -> Result<(Channel, Secret), Problem> {
    let PutChannel { kind, entry, lang, settings, secrets } = put;
    let known = serde_json::from_value::<ChannelKind>(json!(kind));
    let kind =
        known.map_err(|_| Problem::invalid(vec![fault("kind", Wrong::Unknown, "there is no such kind")]))?;
    let fields = |secret: bool| kind.fields().iter().filter(move |field| field.secret == secret);
    let unknown = |key: &&String, secret: bool| !fields(secret).any(|field| field.key == key.as_str());
    let odd = settings.keys().filter(|key| unknown(key, false));
    let odd = odd.chain(secrets.keys().filter(|key| unknown(key, true)));
    let mut faults: Vec<Fault> = odd
        .map(|key| fault(&brief(key), Wrong::Unknown, "channels of this kind have no such field"))
        .collect();
    let marks = fields(false).filter(|field| field.form == FieldForm::Mark);
    let given = marks.filter_map(|field| Some((field.key, settings.get(field.key)?)));
    let odd = given
        .filter(|(_, text)| !text.is_empty() && serde_json::from_value::<MailMark>(json!(text)).is_err());
    faults.extend(odd.map(|(key, _)| fault(key, Wrong::Form, "it is none, address or subject")));
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    // What may be missing and is empty is as if it were not there.
    let needed = |key: &str| fields(false).any(|field| field.key == key && field.required);
    let mut whole = nested(settings.into_iter().filter(|(key, text)| !text.is_empty() || needed(key)));
    whole.extend([
        ("name".into(), json!(name)),
        ("kind".into(), json!(kind)),
        ("entry".into(), json!(entry)),
    ]);
    whole.extend(lang.map(|lang| ("lang".to_owned(), json!(lang))));
    let channel = serde_json::from_value(Value::Object(whole));
    let channel = channel.map_err(|_| Problem::bad("a setting is not as it must be"))?;
    Ok((channel, Secret::new(json!(secrets).to_string())))
}

fn shown(listed: Listed, states: Option<&[Fares]>) -> Shown {
    let Listed { settings, secrets, version } = listed;
    let state = states.and_then(|all| all.iter().find(|one| one.channel == settings.name)).cloned();
    // Names and texts only.
    let whole = serde_json::to_value(&settings).unwrap_or_default();
    let fields = settings.kind.fields().iter().filter(|field| !field.secret);
    let given = fields.map(|field| (field.key.to_owned(), within(&whole, field.key)));
    let given: BTreeMap<String, String> = given.collect();
    let Channel { name, kind, entry, lang, .. } = settings;
    Shown { name, kind, entry, lang, settings: given, secrets, version, state }
}

/// Settings by their names as they are configured: `a.b` is the part `b` of `a`.
fn nested(settings: impl Iterator<Item = (String, String)>) -> Map<String, Value> {
    let mut whole = Map::new();
    for (key, text) in settings {
        match key.split_once('.') {
            Some((outer, inner)) => {
                let part = whole.entry(outer).or_insert_with(|| json!({}));
                part[inner] = json!(text);
            }
            None => {
                whole.insert(key, json!(text));
            }
        }
    }
    whole
}

/// The setting of this name; empty if there is none.
fn within(whole: &Value, key: &str) -> String {
    let found = key.split('.').try_fold(whole, |at, part| at.get(part));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// As much of a name as the audit and a problem hold.
fn brief(name: &str) -> String {
    name.chars().take(64).collect()
}

fn fault(field: &str, why: Wrong, what: &str) -> Fault {
    Fault { field: field.to_owned(), why, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_a_part_of_another_goes_into_it_and_comes_out_of_it() {
        let given = [("url", "https://x"), ("mail.imap", "imaps://y"), ("mail.smtp", "smtps://z")];
        let whole = nested(given.map(|(key, text)| (key.to_owned(), text.to_owned())).into_iter());
        let whole = Value::Object(whole);
        assert_eq!(
            whole,
            json!({ "url": "https://x", "mail": { "imap": "imaps://y", "smtp": "smtps://z" } })
        );
        for (key, text) in given {
            assert_eq!(within(&whole, key), text);
        }
        assert_eq!((within(&whole, "mail"), within(&whole, "mail.user")), (String::new(), String::new()));
    }
}
