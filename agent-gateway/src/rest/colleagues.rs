//! Files that colleagues send each other. They lie apart from customers' files, and only those who may read a message
//! that names one are given it.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::{AgentUri, FileId};

use super::Shared;
use super::shape::Upload;
use super::uploads::{Named, take};
use crate::guard::Signed;
use crate::problem::{Problem, Written};

/// Takes a file; a message between colleagues then names it.
#[utoipa::path(post, path = "/api/v1/colleagues/files", operation_id = "send_file", tag = "files",
    params(("name" = Option<String>, Query, description = "Its name")),
    request_body(content_type = "application/octet-stream", description = "The bytes"), responses(
    (status = 201, description = "Stored", body = Upload),
    (status = 413, description = "`too_large`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn put(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Query(Named { name }): Query<Named>,
    body: Body,
) -> Result<impl IntoResponse, Problem> {
    take(&gate, &gate.colleagues, &signed, &name, body).await
}

/// Gives a file out to whoever sent it or may read a message that names it.
#[utoipa::path(get, path = "/api/v1/colleagues/files/{file}", operation_id = "colleagues_file", tag = "files",
    params(("file" = String, Path, description = "The file")), responses(
    (status = 200, description = "The bytes", content_type = "application/octet-stream"),
    (status = 404, description = "`not_found`: there is none, or it is not for whoever asks", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn get(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(file): Path<FileId>,
) -> Result<Response, Problem> {
    let me = AgentUri::new(&signed.grant.user).map_err(|_| Problem::forbidden())?;
    let own = gate.colleagues.get(file).await?.by == me.to_string();
    if !own && !gate.may_have(me, file).await? {
        return Err(Problem::not_found());
    }
    let mut response = gate.colleagues.serve(file).await?;
    // Whoever signs in next in the same browser is asked about anew.
    let asked_anew = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, asked_anew);
    Ok(response)
}
