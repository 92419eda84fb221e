//! The frames of `/ws/agent` and `/ws/supervisor` (docs/websockets.md): what a page may send, read into types, and
//! what it is sent.

mod im;

use axum::extract::ws::Utf8Bytes;
use ngcc_proto::chat::{MAX_KEY, MAX_TEXT, Nack, Text};
use ngcc_proto::config::{CannedReply, Colleague, Disposition, FlowInfo, ForGateway, Form};
use ngcc_proto::seat::{Availability, Verb};
use ngcc_proto::{AgentUri, CollabId, SessionId, Wall};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use im::Im;

/// The most bytes of one frame.
pub(crate) const MAX_FRAME: usize = 64 * 1024;
/// The longest id of a frame.
const MAX_ID: usize = 64;
/// The longest name, number or reason in a verb.
const MAX_WORD: usize = 256;

/// A frame as it came.
#[derive(Debug, Deserialize)]
pub(crate) struct Raw {
    /// What.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The client's id, which the answer carries.
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// What it carries.
    #[serde(default)]
    pub(crate) data: Value,
}

/// Why a frame is not taken; the connection goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Bad {
    /// A stable word.
    pub(crate) code: &'static str,
    /// For people.
    pub(crate) detail: String,
}

/// What a console asks.
#[derive(Debug, PartialEq)]
pub(crate) enum Asked {
    /// Of its seat.
    Seat {
        /// Which contact.
        session: Option<SessionId>,
        /// What.
        what: Verb,
    },
    /// Of the colleagues' exchange.
    Im(Im),
    /// A token for `/ws/rtc`.
    RtcToken,
}

/// What a board asks.
#[derive(Debug, PartialEq)]
pub(crate) enum Supervised {
    /// Make a seat be this.
    Force(Force),
    /// End a session.
    End(SessionId),
    /// Look on at what is shared.
    Watch(CollabId),
    /// Look on no longer.
    Unwatch(CollabId),
    /// A token for `/ws/rtc`, to see the pictures of a screen.
    RtcToken,
}

/// `force`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Force {
    /// Whose seat: `agent:alice`.
    pub(crate) agent: AgentUri,
    /// What it becomes.
    pub(crate) to: ForceTo,
}

/// What a seat is forced to be; since when is now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum ForceTo {
    /// Signed out.
    LoggedOut,
    /// Ready.
    Ready,
    /// Not ready.
    NotReady {
        /// Why; `forced` unless said.
        #[serde(default)]
        reason: Option<String>,
    },
}

impl ForceTo {
    /// As from now on.
    ///
    /// # Errors
    /// The reason is too long.
    pub(crate) fn at(self, now: Wall) -> Result<Availability, Bad> {
        match self {
            Self::LoggedOut => Ok(Availability::LoggedOut),
            Self::Ready => Ok(Availability::Ready { since: now }),
            Self::NotReady { reason } => {
                let reason = reason.unwrap_or_else(|| "forced".to_owned());
                word(&reason)?;
                Ok(Availability::NotReady { reason, since: now })
            }
        }
    }
}

/// The most people that one frame lists: a socket keeps room for the largest frame it has written, as long as it lives.
pub(crate) const LISTED: usize = 25;

/// Frames of one kind that list `items`.
pub(crate) fn lists<T: Serialize>(kind: &'static str, items: &[T]) -> Vec<Utf8Bytes> {
    items.chunks(LISTED).map(|part| text(kind, None, Some(&part))).collect()
}

/// What a console is told of what is configured; of the people the first [`LISTED`], the others follow as `people`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Config {
    people: Vec<Colleague>,
    queues: Vec<String>,
    flows: Vec<FlowInfo>,
    canned: Vec<CannedReply>,
    dispositions: Vec<Disposition>,
    forms: Vec<Form>,
}

impl Config {
    /// Everything but the version.
    pub(crate) fn of(config: &ForGateway) -> Self {
        let ForGateway { version: _, people, queues, flows, canned, dispositions, forms } = config;
        Self {
            people: people.iter().take(LISTED).cloned().collect(),
            queues: queues.clone(),
            flows: flows.clone(),
            canned: canned.clone(),
            dispositions: dispositions.clone(),
            forms: forms.clone(),
        }
    }

    /// The people who do not stand in it.
    pub(crate) fn others(config: &ForGateway) -> Vec<Utf8Bytes> {
        lists("people", config.people.get(LISTED..).unwrap_or_default())
    }
}

/// Reads a frame; none if it is no frame at all.
pub(crate) fn read(text: &str) -> Option<Raw> {
    let raw: Raw = serde_json::from_str(text).ok()?;
    let short = raw.kind.len() <= MAX_ID && raw.id.as_ref().is_none_or(|id| id.len() <= MAX_ID);
    short.then_some(raw)
}

/// The ticket of an `auth` frame.
pub(crate) fn ticket(raw: &Raw) -> Option<&str> {
    if raw.kind == "auth" { raw.data.get("ticket")?.as_str() } else { None }
}

/// What a console's frame asks.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn console(raw: Raw) -> Result<Asked, Bad> {
    match raw.kind.as_str() {
        "seat" => {
            #[derive(Deserialize)]
            struct Seat {
                #[serde(default)]
                session: Option<SessionId>,
                what: Verb,
            }
            let Seat { session, what } = data(raw.data)?;
            check(&what)?;
            Ok(Asked::Seat { session, what })
        }
        "im" => {
            let asked: Im = data(raw.data)?;
            asked.check()?;
            Ok(Asked::Im(asked))
        }
        "rtc.token" => Ok(Asked::RtcToken),
        _ => Err(unknown()),
    }
}

/// What a board's frame asks.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn supervisor(raw: Raw) -> Result<Supervised, Bad> {
    match raw.kind.as_str() {
        "force" => Ok(Supervised::Force(data(raw.data)?)),
        "end" => {
            #[derive(Deserialize)]
            struct End {
                session: SessionId,
            }
            let End { session } = data(raw.data)?;
            Ok(Supervised::End(session))
        }
        "watch" | "unwatch" => {
            #[derive(Deserialize)]
            struct Which {
                collab: CollabId,
            }
            let watch = raw.kind == "watch";
            let Which { collab } = data(raw.data)?;
            Ok(if watch { Supervised::Watch(collab) } else { Supervised::Unwatch(collab) })
        }
        "rtc.token" => Ok(Supervised::RtcToken),
        _ => Err(unknown()),
    }
}

/// A frame as text.
pub(crate) fn text<T: Serialize>(kind: &str, id: Option<&str>, data: Option<&T>) -> Utf8Bytes {
    #[derive(Serialize)]
    struct Frame<'a, T> {
        #[serde(rename = "type")]
        kind: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<&'a T>,
    }
    let text = serde_json::to_string(&Frame { kind, id, data });
    // What is told is plain data with text for keys: JSON takes all of it.
    text.expect("a frame can be written").into()
}

/// `ok`.
pub(crate) fn ok(id: &str) -> Utf8Bytes {
    text::<()>("ok", Some(id), None)
}

/// `refused {why}`.
pub(crate) fn refused(id: &str, why: &str) -> Utf8Bytes {
    text("refused", Some(id), Some(&serde_json::json!({ "why": why })))
}

/// `error {code, detail}`.
pub(crate) fn error(id: Option<&str>, bad: &Bad) -> Utf8Bytes {
    text("error", id, Some(bad))
}

fn unknown() -> Bad {
    Bad { code: "unknown", detail: "no such frame".to_owned() }
}

fn bad(detail: impl Into<String>) -> Bad {
    Bad { code: "bad", detail: detail.into() }
}

fn data<T: DeserializeOwned>(value: Value) -> Result<T, Bad> {
    // The reason goes back to the page that sent it, and to no log.
    serde_json::from_value(value).map_err(|e| bad(e.to_string().chars().take(MAX_WORD).collect::<String>()))
}

fn word(text: &str) -> Result<(), Bad> {
    if text.len() <= MAX_WORD && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(bad(format!("a name has at most {MAX_WORD} bytes and no control characters")))
    }
}

fn key(key: &str) -> Result<(), Bad> {
    let fits = !key.is_empty() && key.len() <= MAX_KEY && key.is_ascii();
    if fits { Ok(()) } else { Err(bad(format!("a key has 1 to {MAX_KEY} ASCII characters"))) }
}

fn prose(text: &Text) -> Result<(), Bad> {
    let fits = !text.0.trim().is_empty() && text.0.len() <= MAX_TEXT;
    if fits { Ok(()) } else { Err(bad(format!("a text has 1 to {MAX_TEXT} bytes"))) }
}

/// What an agent's page may ask of its seat, and how long it may be.
fn check(what: &Verb) -> Result<(), Bad> {
    match what {
        // The server says these itself, by what is connected.
        Verb::Away | Verb::Back => Err(unknown()),
        Verb::SignIn { device } => match device {
            ngcc_proto::seat::Device::Phone(name) => word(name),
            ngcc_proto::seat::Device::Browser => Ok(()),
        },
        Verb::NotReady { reason } => word(reason),
        Verb::ToAuto { flow, args: _ } => flow.as_deref().map_or(Ok(()), word),
        Verb::Dial { to } => word(to),
        Verb::Transfer { to } | Verb::Consult { to } | Verb::HandOverShare { collab: _, to } => match to {
            ngcc_proto::seat::To::Queue(name)
            | ngcc_proto::seat::To::Agent(name)
            | ngcc_proto::seat::To::Flow(name)
            | ngcc_proto::seat::To::Number(name) => word(name),
        },
        Verb::Say { key: own, content, private: _ } => {
            key(own)?;
            content.check().map_err(|why| match why {
                Nack::Forbidden => bad("only a text or a file can be said"),
                Nack::Bad | Nack::Closed | Nack::Unknown | Nack::TooMany => {
                    bad(format!("a text has 1 to {MAX_TEXT} bytes"))
                }
            })
        }
        Verb::Collaborate { kind: _, code, user: _, form } => {
            code.as_deref().map_or(Ok(()), word)?;
            form.as_deref().map_or(Ok(()), word)
        }
        Verb::MakeLink { kind: _, form } => form.as_deref().map_or(Ok(()), word),
        Verb::Dispose { code, note } => {
            word(code)?;
            note.as_ref().map_or(Ok(()), prose)
        }
        Verb::SignOut
        | Verb::WriteTo { .. }
        | Verb::EndCollab { .. }
        | Verb::Ready
        | Verb::Accept { .. }
        | Verb::Decline { .. }
        | Verb::EndWrapUp
        | Verb::Hold { .. }
        | Verb::TakeBack
        | Verb::Listen { .. }
        | Verb::HangUp
        | Verb::Look
        | Verb::CompleteTransfer
        | Verb::CancelConsult
        | Verb::Swap
        | Verb::Merge
        | Verb::Drop { .. }
        | Verb::Typing
        | Verb::Read { .. }
        | Verb::Resume { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests;
