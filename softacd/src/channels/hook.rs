//! `/hooks/<channel>`: a provider calls. Nothing comes in unproved, and nothing is answered before it is on disk.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::chat::Content;
use ngcc_runtime::Counter;
use ngcc_softacd_core::Input;
use ngcc_softacd_core::channel::{Act, Heard, MAX_PERSON, MAX_REPLY};
use tokio::time::timeout;

use super::Channels;
use super::adapter::{Adapter, Answer, Brought, Denied, Request, Turn, What, key, text};

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
    let Brought { from, name, id, reply, what } = brought;
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
            let bytes = match adapter.fetch(&id, channels.max_upload, &channels.clock).await {
                Ok(bytes) => bytes,
                Err(error) => {
                    tracing::warn!(channel, %error, "a file that a customer sent cannot be fetched");
                    return false;
                }
            };
            let Some(file) = store(channels, &channel, &from, &name, bytes).await else { return false };
            Act::Says(file)
        }
        What::File { name, bytes } => {
            let Some(file) = store(channels, &channel, &from, &name, bytes).await else { return false };
            Act::Says(file)
        }
    };
    let Some(inbox) = channels.inbox.get() else { return false };
    let (ticket, told) = channels.ticket();
    inbox.put(Input::ChannelHeard(Heard { ticket, channel, from, name, key: key(&id), reply, act }));
    told.await.unwrap_or(false)
}

async fn store(
    channels: &Channels,
    channel: &str,
    from: &str,
    name: &str,
    bytes: Vec<u8>,
) -> Option<Content> {
    let by = format!("channel:{channel}/{from}");
    let stored = channels.uploads.put(&by, name, Body::from(bytes), channels.max_upload).await;
    match stored {
        Ok(stored) => {
            Some(Content::File { file: stored.file, name: stored.name, mime: stored.mime, size: stored.size })
        }
        Err(error) => {
            tracing::warn!(channel, %error, "a file that a customer sent is not kept");
            None
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, [(header::CONTENT_TYPE, self.content_type)], self.body).into_response()
    }
}
