//! Files of a tray over plain requests: `POST /collab/<collab>/files?name=…` and `GET /collab/<collab>/files/<file>`,
//! each with a ticket of the collaboration as bearer. The core says who may; here the bytes pass.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use ngcc_collab_core::{Errand, No, Reply, Stored, Wrong};
use ngcc_proto::collab::Ticket;
use ngcc_proto::{CollabId, FileId};
use ngcc_runtime::uploads::web::{self, Problem};
use ngcc_runtime::{Https, UploadError};
use serde::Deserialize;
use tokio::time::timeout;

use crate::doors::Doors;

/// How long a file may take to come.
const TAKING: Duration = Duration::from_secs(300);
/// The longest ticket that is looked at.
const TICKET: usize = 128;

/// Whoever comes shows the ticket that they were invited with.
const NO_TICKET: Problem =
    Problem::new(StatusCode::UNAUTHORIZED, "ticket", "a ticket of this collaboration is needed as bearer");
const GONE: Problem =
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the server does not answer: try again");

pub(crate) fn routes() -> Router<Doors> {
    Router::new()
        .route("/collab/{id}/files", post(put).options(preflight))
        .route("/collab/{id}/files/{file}", get(give).options(preflight))
}

#[derive(Debug, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

/// Takes a file.
async fn put(
    State(doors): State<Doors>,
    Path(id): Path<String>,
    Query(Named { name }): Query<Named>,
    tls: Option<Extension<Https>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(origin) = doors.origins.of(&headers, tls.is_some()) else {
        return Problem::ORIGIN.into_response();
    };
    let response = match take(&doors, &id, &name, &headers, body).await {
        Ok(stored) => (StatusCode::CREATED, Json(stored)).into_response(),
        Err(problem) => problem.into_response(),
    };
    web::shared(response, &origin)
}

async fn take(
    doors: &Doors,
    id: &str,
    name: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Stored, Problem> {
    let (collab, ticket) = shown(id, headers)?;
    let size = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    let limit = doors.largest;
    if size.is_some_and(|size| size > limit) {
        return Err(UploadError::TooLarge { limit }.into());
    }
    may(doors, collab, &ticket, Errand::Put { size }).await?;
    let _room = doors.taking.try_acquire().map_err(|_| Problem::OFTEN)?;
    let by = collab.to_string();
    let kept =
        timeout(TAKING, doors.files.put(&by, name, body, limit)).await.map_err(|_| Problem::LATE)??;
    let stored = Stored { file: kept.file, name: kept.name, mime: kept.mime, size: kept.size };
    may(doors, collab, &ticket, Errand::Stored(stored.clone())).await?;
    Ok(stored)
}

/// Gives a file out.
async fn give(
    State(doors): State<Doors>,
    Path((id, file)): Path<(String, String)>,
    tls: Option<Extension<Https>>,
    headers: HeaderMap,
) -> Response {
    // A page of our own host names no origin when it only reads; the ticket is what proves it.
    let named = headers.contains_key(header::ORIGIN);
    let origin = if named { doors.origins.of(&headers, tls.is_some()) } else { None };
    if named && origin.is_none() {
        return Problem::ORIGIN.into_response();
    }
    let response = read(&doors, &id, &file, &headers).await;
    web::shared(response.unwrap_or_else(IntoResponse::into_response), origin.as_deref().unwrap_or_default())
}

async fn read(doors: &Doors, id: &str, file: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let (collab, ticket) = shown(id, headers)?;
    let file: FileId = file.parse().map_err(|_| Problem::UNKNOWN)?;
    may(doors, collab, &ticket, Errand::Get(file)).await?;
    let mut response = doors.files.serve(file).await?;
    // What is taken out of the tray, or shown no longer, is not to be found in the browser either.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn preflight(
    State(doors): State<Doors>,
    tls: Option<Extension<Https>>,
    headers: HeaderMap,
) -> Response {
    match doors.origins.of(&headers, tls.is_some()) {
        Some(origin) => web::may_ask(&origin),
        None => Problem::ORIGIN.into_response(),
    }
}

/// The collaboration that is named, and the ticket that is shown.
fn shown(id: &str, headers: &HeaderMap) -> Result<(CollabId, Ticket), Problem> {
    let ticket = web::bearer(headers).filter(|ticket| ticket.len() <= TICKET).ok_or(NO_TICKET)?;
    let collab = id.parse().map_err(|_| NO_TICKET)?;
    Ok((collab, Ticket(ticket.to_owned())))
}

/// Asks the core, which may stop meanwhile.
async fn may(doors: &Doors, collab: CollabId, ticket: &Ticket, errand: Errand) -> Result<(), Problem> {
    let reply = tokio::select! {
        reply = doors.errands.ask(collab, ticket.clone(), errand) => reply.ok_or(GONE)?,
        () = doors.stop.wait() => return Err(GONE),
    };
    match reply {
        Reply::Yes => Ok(()),
        Reply::No(No::Ticket) => Err(NO_TICKET),
        Reply::No(No::Unknown) => Err(Problem::UNKNOWN),
        Reply::No(No::Wrong(wrong)) => {
            let (code, title) = wrong.words();
            Err(Problem::new(status(wrong), code, title))
        }
    }
}

fn status(wrong: Wrong) -> StatusCode {
    match wrong {
        Wrong::Consent | Wrong::Forbidden | Wrong::Masked | Wrong::Authority => StatusCode::FORBIDDEN,
        Wrong::Full => StatusCode::INSUFFICIENT_STORAGE,
        Wrong::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Wrong::Bad
        | Wrong::UnknownNode
        | Wrong::Value
        | Wrong::Missing
        | Wrong::Confirmed
        | Wrong::UnknownType => StatusCode::BAD_REQUEST,
    }
}
