//! Visitors and files over plain requests.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::{FileId, MessageId, Wall};
use ngcc_runtime::uploads::web::{self, Problem};
use ngcc_runtime::{Https, UploadError};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::often::neighbourhood;
use super::people::VisitorClaims;
use super::{Doors, Tls};

/// Whoever comes shows the token that they were given.
const TOKEN: Problem =
    Problem::new(StatusCode::UNAUTHORIZED, "token", "a visitor's token is needed as bearer");
/// How long a file may take to come.
const TAKING: Duration = Duration::from_secs(300);

/// `POST /api/v1/visitors`: a visitor and their token.
pub(super) async fn create(State(doors): State<Doors>, request: Request) -> Response {
    let by_tls = request.extensions().get::<Https>().is_some();
    let Some(origin) = doors.origins.of(request.headers(), by_tls) else {
        return Problem::ORIGIN.into_response();
    };
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = super::address(info.map(|ConnectInfo(peer)| *peer));
    let now = doors.clock.now();
    if !doors.comers().may(neighbourhood(address), now.mono) {
        return web::shared(Problem::OFTEN.into_response(), &origin);
    }
    let id: MessageId = doors.mint();
    let visitor = id.to_string().replacen(MessageId::PREFIX, "vis", 1);
    let until = Wall(now.wall.0 + VisitorClaims::GOOD_MS);
    let claims = VisitorClaims { visitor: visitor.clone(), origin: origin.clone() };
    let token = doors.visitors.seal(&claims, until);
    let body = Json(json!({ "visitor": visitor, "token": token, "until": until }));
    web::shared((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], body).into_response(), &origin)
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    name: String,
}

/// `POST /api/v1/uploads?name=…`: takes a file.
pub(super) async fn put(
    State(doors): State<Doors>,
    Query(Named { name }): Query<Named>,
    tls: Tls,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(origin) = doors.origins.of(&headers, tls.is_some()) else {
        return Problem::ORIGIN.into_response();
    };
    let response = match take(&doors, &origin, &name, &headers, body).await {
        Ok(stored) => (StatusCode::CREATED, Json(stored)).into_response(),
        Err(problem) => problem.into_response(),
    };
    web::shared(response, &origin)
}

async fn take(
    doors: &Doors,
    origin: &str,
    name: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<ngcc_runtime::Stored, Problem> {
    let token = web::bearer(headers).ok_or(TOKEN)?;
    let claims = doors.visitor(token, origin).ok_or(TOKEN)?;
    if !doors.senders().may(claims.visitor.clone(), doors.clock.now().mono) {
        return Err(Problem::OFTEN);
    }
    let _room = doors.taking.try_acquire().map_err(|_| Problem::OFTEN)?;
    let limit = doors.web.max_upload;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(UploadError::TooLarge { limit }.into());
    }
    let reader = claims.reader();
    let put = doors.uploads.put(&reader, name, body, limit);
    Ok(timeout(TAKING, put).await.map_err(|_| Problem::LATE)??)
}

/// `GET /api/v1/uploads/<file>`: gives a file to who sent it or was sent it.
pub(super) async fn get(
    State(doors): State<Doors>,
    Path(file): Path<String>,
    tls: Tls,
    headers: HeaderMap,
) -> Response {
    // A page of our own host names no origin when it only reads; the token is what proves it.
    let named = headers.contains_key(header::ORIGIN);
    let origin = if named { doors.origins.of(&headers, tls.is_some()) } else { None };
    if named && origin.is_none() {
        return Problem::ORIGIN.into_response();
    }
    let response = give(&doors, origin.as_deref(), &file, &headers).await;
    web::shared(response.unwrap_or_else(IntoResponse::into_response), origin.as_deref().unwrap_or_default())
}

async fn give(
    doors: &Doors,
    origin: Option<&str>,
    file: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let token = web::bearer(headers).ok_or(TOKEN)?;
    let now = doors.clock.now().wall;
    let claims: VisitorClaims = doors.visitors.open(token, now).map_err(|_| TOKEN)?;
    if origin.is_some_and(|origin| origin != claims.origin) {
        return Err(TOKEN);
    }
    let file: FileId = file.parse().map_err(|_| Problem::UNKNOWN)?;
    let kept = doors.uploads.get(file).await?;
    // Nobody finds out by asking which files there are.
    if !kept.may_read(&claims.reader()) {
        return Err(Problem::UNKNOWN);
    }
    Ok(doors.uploads.serve(file).await?)
}

/// The question a browser asks before a page of another origin sends its request.
pub(super) async fn preflight(State(doors): State<Doors>, tls: Tls, headers: HeaderMap) -> Response {
    match doors.origins.of(&headers, tls.is_some()) {
        Some(origin) => web::may_ask(&origin),
        None => Problem::ORIGIN.into_response(),
    }
}
