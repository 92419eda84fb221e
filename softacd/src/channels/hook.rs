//! `/hooks/<channel>`: a provider calls. Nothing comes in unproved, and nothing is answered before it is on disk.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::chat::{Content, Text};
use ngcc_runtime::{Counter, UploadError};
use ngcc_softacd_core::Input;
use ngcc_softacd_core::channel::{Act, Heard, MAX_PERSON, MAX_REPLY};
use tokio::time::timeout;

use super::Channels;
use super::adapter::{Adapter, Answer, Brought, Denied, Request, Turn, What, key, text};
use super::provider::Failed;

static CAME: Counter =
    Counter::new("ngcc_channel_callbacks_total", "Callbacks that channels' providers proved.");
static DENIED: Counter = Counter::new(
    "ngcc_channel_denied_total",
    "Callbacks to channels that proved nothing or were unreadable.",
);

/// How long a provider waits for an answer; most give up after five seconds, and send it again.
const PATIENCE: Duration = Duration::from_secs(4);

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
    let taken = timeout(PATIENCE, take_all(&channels, &adapter, &channel, brought)).await.unwrap_or(false);
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
        What::Comes => Act::Comes,
        What::Goes => Act::Goes,
        What::Media { id, name } => {
            let kept = match adapter.fetch(&id, channels.max_upload, &channels.clock).await {
                Ok(bytes) => store(channels, &channel, &from, &name, bytes).await,
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

/// Why a file that somebody sent is not kept.
enum Unkept {
    /// It may be when it comes again.
    Now,
    /// It never will be.
    Never,
}

/// What is said by a file: itself or, where it can never be had, its name, so that nothing behind it waits for ever and
/// the agent knows of it. None: it is to be sent again.
fn said(adapter: &Adapter, channel: &str, name: &str, kept: Result<Content, Unkept>) -> Option<Content> {
    match kept {
        Ok(file) => Some(file),
        Err(Unkept::Now) => {
            tracing::warn!(
                channel,
                "a file that a customer sent cannot be fetched yet: the provider is to send it again"
            );
            None
        }
        Err(Unkept::Never) => {
            tracing::warn!(channel, "a file that a customer sent is not to be had");
            let missing = if adapter.zh() { "无法接收该文件" } else { "the file cannot be received" };
            Some(text(format!("[{name}: {missing}]")))
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
            Ok(Content::File { file: stored.file, name: stored.name, mime: stored.mime, size: stored.size })
        }
        Err(UploadError::TooLarge { .. } | UploadError::Empty) => Err(Unkept::Never),
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
