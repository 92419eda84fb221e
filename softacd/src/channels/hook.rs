//! `/hooks/<channel>`: a provider calls. Nothing comes in unproved, and nothing is answered before it is on disk.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::UserUri;
use ngcc_proto::chat::{Content, Text};
use ngcc_proto::contact::{Evidence, Noted};
use ngcc_runtime::{Counter, UploadError};
use ngcc_softacd_core::Input;
use ngcc_softacd_core::channel::{Act, Heard, MAX_PERSON, MAX_REPLY};
use tokio::time::timeout;

use super::Channels;
use super::adapter::{Adapter, Answer, Brought, Denied, Fetched, Request, Turn, What, key, text};
use super::provider::Failed;

static CAME: Counter =
    Counter::new("ngcc_channel_callbacks_total", "Callbacks that channels' providers proved.");
static DENIED: Counter = Counter::new(
    "ngcc_channel_denied_total",
    "Callbacks to channels that proved nothing or were unreadable.",
);

/// How long a provider waits for an answer; most give up after five seconds, and send it again.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long everything of a callback may take to the disk.
const WHOLE: Duration = Duration::from_secs(60);

/// A provider calls.
pub(super) async fn called(
    State(channels): State<Channels>,
    Path(channel): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(adapter) = channels.adapter(&channel) else { return StatusCode::NOT_FOUND.into_response() };
    let now = channels.clock.now().wall;
    let request = Request { method: &method, query: &query, headers: &headers, body: &body, now };
    let turn = match adapter.read(&request) {
        Ok(turn) => turn,
        Err(denied) => {
            DENIED.inc();
            tracing::warn!(channel, ?denied, "a callback was not taken");
            return match denied {
                Denied::Unsigned => StatusCode::FORBIDDEN.into_response(),
                Denied::Unreadable(why) => (StatusCode::BAD_REQUEST, why).into_response(),
            };
        }
    };
    CAME.inc();
    let Turn { brought, answer, later } = turn;
    // What takes longer, as a file may, is done all the same: when it comes again it is known.
    let all = async move {
        timeout(WHOLE, take_all(&channels, &adapter, &channel, brought)).await.unwrap_or(false)
    };
    let taken = matches!(timeout(PATIENCE, tokio::spawn(all)).await, Ok(Ok(true)));
    if taken { answer.into_response() } else { later.into_response() }
}

/// Whether all of it is on disk, in order.
pub(super) async fn take_all(
    channels: &Channels,
    adapter: &Adapter,
    channel: &str,
    brought: Vec<Brought>,
) -> bool {
    for one in brought {
        if !take(channels, adapter, channel.to_owned(), one).await {
            return false;
        }
    }
    true
}

/// Whether it is on disk.
async fn take(channels: &Channels, adapter: &Adapter, channel: String, brought: Brought) -> bool {
    let Brought { from, name, id, reply, thread, what } = brought;
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    let long = from.len() > MAX_PERSON || reply.as_ref().is_some_and(|reply| reply.len() > MAX_REPLY);
    if from.is_empty() || long || !from.chars().all(plain) {
        return false;
    }
    let act = match what {
        What::Text(said) => Act::Says(text(said)),
        What::Pressed(said) => Act::Presses(text(said)),
        What::Is { customer } => return is(channels, &channel, &from, name, customer).await,
        What::Comes => Act::Comes,
        What::Goes => Act::Goes,
        What::Unsent(n) => Act::Fails { n },
        What::Media { id, mut name } => {
            let kept = match adapter.fetch(&id, channels.max_upload, &channels.clock).await {
                Ok(Fetched { bytes, name: given }) => {
                    name = given.unwrap_or(name);
                    store(channels, &channel, &from, &name, bytes).await
                }
                Err(Failed::Never(_) | Failed::Code(_)) => Err(Unkept::Never),
                Err(Failed::Now(_) | Failed::Token(_) | Failed::Shut) => Err(Unkept::Now),
            };
            let Some(said) = said(adapter, &channel, &name, kept) else { return false };
            Act::Says(said)
        }
        What::Lost { name } => {
            let Some(said) = said(adapter, &channel, &name, Err(Unkept::Never)) else { return false };
            Act::Says(said)
        }
        What::Returned { session, seq } => Act::Returned { session, seq },
        What::File { name, bytes } => {
            let kept = store(channels, &channel, &from, &name, bytes).await;
            let Some(said) = said(adapter, &channel, &name, kept) else { return false };
            Act::Says(said)
        }
    };
    let Some(inbox) = channels.inbox.get() else { return false };
    let (ticket, told) = channels.ticket();
    let (key, reply) = (key(&id), reply.map(Text));
    inbox.put(Input::ChannelHeard(Heard { ticket, channel, from, name, key, reply, thread, act }));
    told.await.unwrap_or(false)
}

/// Notes who a person is. What they write does not wait for the database that keeps it: where it does not answer, whatever
/// they write next says it again.
async fn is(channels: &Channels, channel: &str, from: &str, name: Option<String>, customer: UserUri) -> bool {
    let on = UserUri::Channel { channel: channel.to_owned(), id: from.to_owned() };
    let name = name.map(|name| (name, true));
    let noted = channels.witness.told(Evidence::Proved { customer, on, name, attributes: None }).await;
    if noted != Some(Noted::Kept) {
        tracing::warn!(channel, ?noted, "who a person on a channel is could not be noted yet");
    }
    true
}

/// Why a file that somebody sent is not kept.
enum Unkept {
    /// It may be when it comes again.
    Now,
    /// It never will be.
    Never,
    /// It was found to be harmful.
    Harmful,
    /// Nobody can say whether it is; whoever sent it may send it again.
    Unscanned,
}

/// What is said by a file: itself or, where it can never be had, its name, so that nothing behind it waits for ever and
/// the agent knows of it. None: it is to be sent again.
fn said(adapter: &Adapter, channel: &str, name: &str, kept: Result<Content, Unkept>) -> Option<Content> {
    let missing = |zh: &str, en: &str| {
        tracing::warn!(channel, "a file that a customer sent is not to be had");
        Some(text(format!("[{name}: {}]", if adapter.zh() { zh } else { en })))
    };
    match kept {
        Ok(file) => Some(file),
        Err(Unkept::Now) => {
            tracing::warn!(
                channel,
                "a file that a customer sent cannot be fetched yet: the provider is to send it again"
            );
            None
        }
        Err(Unkept::Never) => missing("无法接收该文件", "the file cannot be received"),
        Err(Unkept::Harmful) => missing("文件有害，未接收", "the file is harmful and was not taken"),
        Err(Unkept::Unscanned) => {
            missing("文件无法扫描，请重新发送", "the file could not be scanned; it has to be sent again")
        }
    }
}

async fn store(
    channels: &Channels,
    channel: &str,
    from: &str,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Content, Unkept> {
    let by = format!("channel:{channel}/{from}");
    match channels.uploads.put(&by, name, Body::from(bytes), channels.max_upload).await {
        Ok(stored) => {
            // It is in a message from here on: what is not taken now comes again, with its own.
            if let Err(error) = channels.uploads.named(stored.file) {
                tracing::warn!(channel, %error, "a file that a customer sent cannot be kept");
                return Err(Unkept::Now);
            }
            Ok(Content::File { file: stored.file, name: stored.name, mime: stored.mime, size: stored.size })
        }
        Err(UploadError::TooLarge { .. } | UploadError::Empty) => Err(Unkept::Never),
        Err(UploadError::Harmful) => Err(Unkept::Harmful),
        Err(UploadError::Unscanned) => Err(Unkept::Unscanned),
        Err(error @ (UploadError::Cut | UploadError::Full | UploadError::Unknown | UploadError::Disk(_))) => {
            tracing::warn!(channel, %error, "there is no place for a file that a customer sent");
            Err(Unkept::Now)
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, [(header::CONTENT_TYPE, self.content_type)], self.body).into_response()
    }
}
