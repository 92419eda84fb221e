//! Closed sessions: everybody's for who may read them, one's own otherwise.

use axum::Extension;
use axum::extract::{Path, Query, State};
use ngcc_proto::auth::Permission;
use ngcc_proto::{SessionId, Wall, ask};

use super::shape::{Session, Sessions, Which};
use super::{Shared, contacts};
use crate::acts;
use crate::gate::unexpected;
use crate::guard::Signed;
use crate::permission::may;
use crate::problem::{Problem, Written};

/// How many a page has unless it is said.
const PAGE: u32 = 50;
/// The most that a page has.
const MOST: u32 = 200;

/// Closed sessions, newest first. Listing others' is noted in the audit.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", params(Which), responses(
    (status = 200, description = "A page", body = Sessions),
    (status = 403, description = "`forbidden`: another agent's need `read_history`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn sessions(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Query(which): Query<Which>,
) -> Result<axum::Json<Sessions>, Problem> {
    let Which { agent, user, queue, cursor, limit } = which;
    let (before, limit) = page(cursor.as_deref(), limit)?;
    let agent = whose(&signed, agent)?;
    if [&agent, &user, &queue].into_iter().flatten().any(|text| text.len() > 256) {
        return Err(Problem::bad("a filter has at most 256 bytes"));
    }
    if agent.as_deref() != Some(signed.grant.user.as_str()) {
        acts::note(&gate, &signed.doer(), "list_history", agent.as_deref().unwrap_or("everybody")).await?;
    }
    let filter = ask::Filter { agent, user, queue, before, limit };
    match gate.ask_stored(ask::Command::History { filter }).await? {
        ask::Event::History { sessions: data } => {
            let next_cursor = next(data.len(), limit, data.last().map(|session| session.opened));
            Ok(axum::Json(Sessions { data, next_cursor }))
        }
        ask::Event::Failed { .. } => Err(Problem::unavailable()),
        ask::Event::Transcript { .. }
        | ask::Event::Recording { .. }
        | ask::Event::Audit { .. }
        | ask::Event::Noted => Err(unexpected("ask")),
    }
}

/// What is stored of a session. Reading another agent's is noted in the audit.
#[utoipa::path(get, path = "/api/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "The session")), responses(
    (status = 200, description = "Its summary, facts and messages", body = Session),
    (status = 404, description = "`not_found`: nothing is stored of it, or it is neither one's own nor of a customer whom one serves now", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn session(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(session): Path<SessionId>,
) -> Result<axum::Json<Session>, Problem> {
    let stored = gate.ask_stored(ask::Command::Transcript { session }).await?;
    let (closed, facts, messages, recordings) = match stored {
        ask::Event::Transcript { closed, facts, messages, recordings } => {
            (closed, facts, messages, recordings)
        }
        ask::Event::Failed { .. } => return Err(Problem::unavailable()),
        ask::Event::History { .. }
        | ask::Event::Recording { .. }
        | ask::Event::Audit { .. }
        | ask::Event::Noted => {
            return Err(unexpected("ask"));
        }
    };
    if closed.is_none() && facts.is_empty() && messages.is_empty() && recordings.is_empty() {
        return Err(Problem::not_found());
    }
    let owner = closed.as_ref().and_then(|closed| closed.agent.as_deref());
    if owner != Some(signed.grant.user.as_str()) {
        // Who serves a customer reads what was said to them before, on whatever channel and by whomever.
        if !may(&signed.grant, Permission::ReadHistory) && !contacts::serves(&gate, &signed, session).await? {
            return Err(Problem::not_found());
        }
        acts::note(&gate, &signed.doer(), "read_transcript", &session.to_string()).await?;
    }
    Ok(axum::Json(Session { closed, facts, messages, recordings }))
}

/// Whose sessions are listed.
fn whose(signed: &Signed, asked: Option<String>) -> Result<Option<String>, Problem> {
    if may(&signed.grant, Permission::ReadHistory) {
        return Ok(asked);
    }
    let own = signed.grant.user.clone();
    if asked.is_none_or(|asked| asked == own) { Ok(Some(own)) } else { Err(Problem::forbidden()) }
}

/// Where a page begins, and how long it is.
pub(super) fn page(cursor: Option<&str>, limit: Option<u32>) -> Result<(Option<Wall>, u32), Problem> {
    let limit = limit.unwrap_or(PAGE);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::bad(format!("limit is 1 to {MOST}")));
    }
    let before = cursor.map(str::parse).transpose().map_err(|_| Problem::bad("cursor is none of ours"))?;
    Ok((before.map(Wall), limit))
}

/// The cursor behind a page; none if it was the last.
pub(super) fn next(found: usize, limit: u32, last: Option<Wall>) -> Option<String> {
    let full = u32::try_from(found).is_ok_and(|found| found >= limit);
    last.filter(|_| full).map(|last| last.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_has_a_next_one_and_a_short_page_has_none() {
        assert_eq!(next(50, 50, Some(Wall(7))), Some("7".to_owned()));
        assert_eq!(next(49, 50, Some(Wall(7))), None);
        assert_eq!(next(0, 50, None), None);
        assert_eq!(page(Some("7"), None).unwrap(), (Some(Wall(7)), PAGE));
        for (cursor, limit) in [(Some("x"), None), (None, Some(0)), (None, Some(MOST + 1))] {
            assert!(page(cursor, limit).is_err(), "{cursor:?} {limit:?}");
        }
    }
}
