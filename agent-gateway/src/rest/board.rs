//! The board, and what a supervisor does about it.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use ngcc_proto::{AgentUri, SessionId, supervise};

use super::Shared;
use super::shape::ForceSeat;
use crate::acts;
use crate::guard::{Given, Signed};
use crate::problem::{Problem, Written};

/// Who waits, and who is in which state.
#[utoipa::path(get, path = "/api/v1/board", tag = "board", responses(
    (status = 200, description = "The board", body = super::shape::Board),
    (status = 403, description = "`forbidden`: it needs `see_board`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn board(State(gate): State<Shared>) -> Result<axum::Json<supervise::Board>, Problem> {
    acts::board(&gate).await.map(axum::Json)
}

/// Makes a seat be this, and free of everything. Noted in the audit.
#[utoipa::path(post, path = "/api/v1/agents/{name}/force", tag = "board", request_body = ForceSeat,
    params(("name" = String, Path, description = "The agent's user name")), responses(
    (status = 204, description = "Done"),
    (status = 403, description = "`forbidden`: it needs `force`; `csrf`", body = Written, content_type = "application/problem+json"),
    (status = 409, description = "`refused` by the centre", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn force(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(name): Path<String>,
    Given(ForceSeat { to }): Given<ForceSeat>,
) -> Result<StatusCode, Problem> {
    let agent = AgentUri::new(&name).map_err(|e| Problem::bad(e.to_string()))?;
    let to = to.at(gate.desk.now().wall).map_err(|bad| Problem::bad(bad.detail))?;
    acts::force(&gate, &signed.doer(), agent, to).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a session. Noted in the audit.
#[utoipa::path(post, path = "/api/v1/sessions/{id}/end", tag = "sessions",
    params(("id" = String, Path, description = "The session")), responses(
    (status = 204, description = "Done"),
    (status = 403, description = "`forbidden`: it needs `force`; `csrf`", body = Written, content_type = "application/problem+json"),
    (status = 409, description = "`refused` by the centre", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn end(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(session): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    acts::end(&gate, &signed.doer(), session).await?;
    Ok(StatusCode::NO_CONTENT)
}
