//! Who may come in: before the upgrade, by the page's origin and by how many are in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use ngcc_collab_core::Input;
use ngcc_proto::CollabId;
use ngcc_runtime::{House, Https, Inbox, Origins, Stop, Uploads};
use tokio::sync::Semaphore;

use crate::errands::Errands;
use crate::files;
use crate::lines::Lines;
use crate::settings::Settings;
use crate::shell::Parts;
use crate::socket;

/// How long a stop waits for pages to be told of it.
const FAREWELL: Duration = Duration::from_secs(3);
/// What a connection that says little holds for reading: most of them do.
const READ_BUFFER: usize = 4 * 1024;

/// Files that are taken at once.
const TAKEN_AT_ONCE: usize = 64;

/// What every connection needs. Clones are the same.
#[derive(Clone)]
pub(crate) struct Doors(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) origins: Origins,
    pub(crate) stop: Stop,
    pub(crate) inbox: Inbox<Input>,
    pub(crate) lines: Lines,
    pub(crate) errands: Errands,
    pub(crate) files: Uploads,
    /// The most bytes of one file.
    pub(crate) largest: u64,
    pub(crate) taking: Semaphore,
}

impl std::ops::Deref for Doors {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Doors(…)")
    }
}

impl Doors {
    pub(crate) fn open(settings: &Settings, house: &House, inbox: Inbox<Input>, parts: Parts) -> Self {
        let Parts { lines, errands, files } = parts;
        // Pages are told of a stop before the house counts as closed.
        let (part, stop, open) = (house.part(), house.stop.clone(), lines.clone());
        tokio::spawn(async move {
            stop.wait().await;
            open.empty(FAREWELL).await;
            drop(part);
        });
        Self(Arc::new(Inner {
            origins: Origins::new(&settings.origins, settings.without_origin),
            stop: house.stop.clone(),
            inbox,
            lines,
            errands,
            files,
            largest: settings.limits.file_bytes,
            taking: Semaphore::new(TAKEN_AT_ONCE),
        }))
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().route("/ws/collab/{id}", any(enter)).merge(files::routes()).with_state(self.clone())
    }
}

/// Before the upgrade: may a page of this origin, is that a collaboration's id, and is there a place?
async fn enter(
    State(doors): State<Doors>,
    Path(id): Path<String>,
    headers: HeaderMap,
    tls: Option<Extension<Https>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if doors.origins.of(&headers, tls.is_some()).is_none() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(collab) = id.parse::<CollabId>() else { return StatusCode::NOT_FOUND.into_response() };
    let Some(seat) = doors.lines.seat().filter(|_| !doors.stop.has_begun()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(socket::CEILING)
        .max_frame_size(socket::CEILING)
        .on_upgrade(move |socket| socket::serve(doors, socket, collab, seat))
}
