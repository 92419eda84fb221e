//! What was recorded of collaborations. The collaboration server has written the files; they are read here from the data
//! directory that both share, as customers' files are.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::BytesMut;
use futures_util::stream;
use ngcc_proto::auth::Permission;
use ngcc_proto::{CollabId, ask};
use tokio::io::AsyncReadExt as _;

use super::Shared;
use crate::acts;
use crate::gate::unexpected;
use crate::guard::Signed;
use crate::permission::may;
use crate::problem::{Problem, Written};

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Gives a recording out: a line of JSON says of what it is, and each line behind it is one entry. Each reading is noted
/// in the audit.
#[utoipa::path(get, path = "/api/v1/recordings/collab/{collab}", tag = "sessions",
    params(("collab" = String, Path, description = "The collaboration")), responses(
    (status = 200, description = "The lines", content_type = "application/x-ndjson"),
    (status = 404, description = "`not_found`: nothing is recorded of it, or the session is not one's own", body = Written, content_type = "application/problem+json"),
    (status = 410, description = "`expired`: its time is over", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn get(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(collab): Path<CollabId>,
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
    if recording.is_none() || !(own || may(&signed.grant, Permission::Recordings)) {
        return Err(Problem::not_found());
    }
    acts::note(&gate, &signed.doer(), "read_recording", &collab.to_string()).await?;
    let recordings = gate.recordings.clone();
    // Opening may wait for the disk.
    let opened = tokio::task::spawn_blocking(move || recordings.read(collab)).await;
    let file = match opened {
        Ok(Ok(Some(file))) => tokio::fs::File::from_std(file),
        Ok(Ok(None)) => return Err(Problem::expired()),
        Ok(Err(error)) => {
            tracing::error!(%collab, %error, "a recording cannot be read");
            return Err(Problem::unavailable());
        }
        Err(_) => return Err(Problem::unavailable()),
    };
    let size = file.metadata().await.map_err(|_| Problem::unavailable())?.len();
    let chunks = stream::try_unfold(file, |mut file| async move {
        let mut buffer = BytesMut::with_capacity(CHUNK);
        let n = file.read_buf(&mut buffer).await?;
        Ok::<_, std::io::Error>((n > 0).then(|| (buffer.freeze(), file)))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    for (name, value) in [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    Ok(response)
}
