//! What was recorded of collaborations. The collaboration server has written the files, and the media server those of
//! screens; they are read here from the data directory that all of them share, as customers' files are.

use std::io::{self, SeekFrom};

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::BytesMut;
use futures_util::stream;
use ngcc_proto::auth::Permission;
use ngcc_proto::collab::Kind;
use ngcc_proto::{CollabId, ask};
use ngcc_runtime::Recordings;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::Shared;
use super::range::{Asked, asked};
use crate::acts;
use crate::gate::unexpected;
use crate::guard::Signed;
use crate::permission::may;
use crate::problem::{Problem, Written};

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Gives a recording out, or a range of its bytes. One of a screen is a video; of any other a line of JSON says of what it
/// is, and each line behind it is one entry. Each reading is noted in the audit; a player's, which asks for one part after
/// another, once in ten minutes.
#[utoipa::path(get, path = "/api/v1/recordings/collab/{collab}", tag = "sessions",
    params(("collab" = String, Path, description = "The collaboration")), responses(
    (status = 200, description = "The lines, or the video", content((String = "application/x-ndjson"), (String = "video/webm"))),
    (status = 206, description = "The bytes that `Range` asks for", content((String = "application/x-ndjson"), (String = "video/webm"))),
    (status = 404, description = "`not_found`: nothing is recorded of it, or the session is not one's own", body = Written, content_type = "application/problem+json"),
    (status = 410, description = "`expired`: its time is over", body = Written, content_type = "application/problem+json"),
    (status = 416, description = "It has none of the bytes that are asked for"),
))]
pub(super) async fn get(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(collab): Path<CollabId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (recording, agent) = match gate.ask_stored(ask::Command::Recording { collab }).await? {
        ask::Event::Recording { recording, agent } => (recording, agent),
        ask::Event::Failed { .. } => return Err(Problem::unavailable()),
        ask::Event::History { .. }
        | ask::Event::Transcript { .. }
        | ask::Event::Audit { .. }
        | ask::Event::Noted => return Err(unexpected("ask")),
    };
    let own = agent.as_deref() == Some(signed.grant.user.as_str());
    let Some(recording) = recording.filter(|_| own || may(&signed.grant, Permission::Recordings)) else {
        return Err(Problem::not_found());
    };
    note(&gate, &signed, collab, headers.contains_key(header::RANGE)).await?;
    let recordings = Recordings::of(recording.kind, &gate.data_dir);
    // Opening may wait for the disk.
    let opened = tokio::task::spawn_blocking(move || recordings.read(collab)).await;
    let file = match opened {
        Ok(Ok(Some(file))) => File::from_std(file),
        Ok(Ok(None)) => return Err(Problem::expired()),
        Ok(Err(error)) => {
            tracing::error!(%collab, %error, "a recording cannot be read");
            return Err(Problem::unavailable());
        }
        Err(_) => return Err(Problem::unavailable()),
    };
    give(file, content_type(recording.kind), &headers).await.map_err(|error| {
        tracing::error!(%collab, %error, "a recording cannot be read");
        Problem::unavailable()
    })
}

/// Notes that it is read. The parts that a player asks for are one reading.
async fn note(gate: &Shared, signed: &Signed, collab: CollabId, is_part: bool) -> Result<(), Problem> {
    let (doer, now) = (signed.doer(), gate.desk.now().mono);
    if is_part && gate.readings().goes_on(&doer.user, collab, now) {
        return Ok(());
    }
    acts::note(gate, &doer, "read_recording", &collab.to_string()).await?;
    gate.readings().began(doer.user, collab, now);
    Ok(())
}

fn content_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Screen => "video/webm",
        Kind::Cobrowse | Kind::Form | Kind::Whiteboard | Kind::Document | Kind::File | Kind::Url => {
            "application/x-ndjson"
        }
    }
}

/// The file, or what is asked for of it.
async fn give(mut file: File, kind: &'static str, headers: &HeaderMap) -> io::Result<Response> {
    let size = file.metadata().await?.len();
    let (status, first, length, range) = match asked(headers, size) {
        Asked::Whole => (StatusCode::OK, 0, size, None),
        Asked::Part { first, last } => (
            StatusCode::PARTIAL_CONTENT,
            first,
            last - first + 1,
            Some(format!("bytes {first}-{last}/{size}")),
        ),
        Asked::Beyond => {
            let range = format!("bytes */{size}");
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, range)]).into_response());
        }
    };
    file.seek(SeekFrom::Start(first)).await?;
    let chunks = stream::try_unfold(file.take(length), |mut file| async move {
        let mut buffer = BytesMut::with_capacity(CHUNK);
        let n = file.read_buf(&mut buffer).await?;
        Ok::<_, io::Error>((n > 0).then(|| (buffer.freeze(), file)))
    });
    let mut response = (status, Body::from_stream(chunks)).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCEPT_RANGES, "bytes"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(range) = range.and_then(|range| HeaderValue::try_from(range).ok()) {
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}
