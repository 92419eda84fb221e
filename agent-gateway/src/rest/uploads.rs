//! Files that agents hand over and read. Customers' files come by softacd under `/api/v1/uploads`; a request there that
//! carries a sign-in's cookie instead of a visitor's token is one of these.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::{AgentUri, FileId};
use ngcc_runtime::{Stored, Uploads};
use serde::Deserialize;
use tokio::time::timeout;

use super::Shared;
use super::shape::Upload;
use crate::guard::{Signed, has_cookie};
use crate::problem::{Problem, Written};

/// How long the bytes of a file may take to come.
const TAKING: Duration = Duration::from_secs(120);
/// Where customers' files are served.
const CUSTOMERS: &str = "/api/v1/uploads";
/// Where ours are.
const STAFF: &str = "/api/v1/staff/uploads";

/// What a file is called.
#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    pub(super) name: String,
}

/// Takes a file; a message then names it. `/api/v1/uploads` with the cookie is the same.
#[utoipa::path(post, path = "/api/v1/staff/uploads", tag = "files",
    params(("name" = Option<String>, Query, description = "Its name")),
    request_body(content_type = "application/octet-stream", description = "The bytes"), responses(
    (status = 201, description = "Stored", body = Upload),
    (status = 422, description = "`harmful`", body = Written, content_type = "application/problem+json"),
    (status = 503, description = "`unscanned`", body = Written, content_type = "application/problem+json"),
    (status = 413, description = "`too_large`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn put(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Query(Named { name }): Query<Named>,
    body: Body,
) -> Result<impl IntoResponse, Problem> {
    take(&gate, &gate.uploads, &signed, &name, body).await
}

/// Takes a file into a store.
pub(super) async fn take(
    gate: &Shared,
    uploads: &Uploads,
    signed: &Signed,
    name: &str,
    body: Body,
) -> Result<(StatusCode, axum::Json<Stored>), Problem> {
    let by = AgentUri::new(&signed.grant.user).map_err(|_| Problem::forbidden())?.to_string();
    let Ok(_room) = gate.taking.try_acquire() else { return Err(Problem::unavailable()) };
    let put = uploads.put(&by, name, body, gate.max_upload);
    let stored = timeout(TAKING, put).await.map_err(|_| Problem::bad("the file did not come in time"))??;
    Ok((StatusCode::CREATED, axum::Json(stored)))
}

/// Gives a file out. Its id cannot be guessed: who has it was shown the message that names it.
#[utoipa::path(get, path = "/api/v1/staff/uploads/{file}", tag = "files",
    params(("file" = String, Path, description = "The file")), responses(
    (status = 200, description = "The bytes", content_type = "application/octet-stream"),
    (status = 404, description = "`not_found`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn get(State(gate): State<Shared>, Path(file): Path<FileId>) -> Result<Response, Problem> {
    Ok(gate.uploads.serve(file).await?)
}

/// Leads a request for files that carries a sign-in's cookie, and no visitor's token, to the staff's.
pub(crate) async fn led(mut request: Request) -> Request {
    let staff = !request.headers().contains_key(header::AUTHORIZATION) && has_cookie(request.headers());
    if let Some(uri) = staff.then(|| moved(request.uri())).flatten() {
        *request.uri_mut() = uri;
    }
    request
}

fn moved(uri: &Uri) -> Option<Uri> {
    let rest = uri.path().strip_prefix(CUSTOMERS).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(format!("{STAFF}{rest}{query}")).ok();
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_led_elsewhere() {
        let moved = |text: &str| moved(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(moved("/api/v1/uploads?name=a"), Some("/api/v1/staff/uploads?name=a".to_owned()));
        assert_eq!(moved("/api/v1/uploads/file_1"), Some("/api/v1/staff/uploads/file_1".to_owned()));
        assert_eq!(moved("/api/v1/uploadsx"), None);
        assert_eq!(moved("/api/v1/visitors"), None);
    }
}
