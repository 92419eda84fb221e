//! The audit. Who reads it is noted in it.

use axum::Extension;
use axum::extract::{Query, State};
use ngcc_proto::ask;

use super::Shared;
use super::history::{next, page};
use super::shape::{Audit, PageOf};
use crate::acts;
use crate::gate::unexpected;
use crate::guard::Signed;
use crate::problem::{Problem, Written};

/// Privileged acts, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(PageOf), responses(
    (status = 200, description = "A page", body = Audit),
    (status = 403, description = "`forbidden`: it needs `read_audit`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn audit(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Query(PageOf { cursor, limit }): Query<PageOf>,
) -> Result<axum::Json<Audit>, Problem> {
    let (before, limit) = page(cursor.as_deref(), limit)?;
    acts::note(&gate, &signed.doer(), "read_audit", "").await?;
    match gate.ask_stored(ask::Command::Audit { before, limit }).await? {
        ask::Event::Audit { acts: data } => {
            let next_cursor = next(data.len(), limit, data.last().map(|act| act.at));
            Ok(axum::Json(Audit { data, next_cursor }))
        }
        ask::Event::Failed { .. } => Err(Problem::unavailable()),
        ask::Event::History { .. }
        | ask::Event::Transcript { .. }
        | ask::Event::Recording { .. }
        | ask::Event::Noted => Err(unexpected("ask")),
    }
}
