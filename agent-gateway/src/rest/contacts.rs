//! Customers: agents see those they serve and have served, whoever may read everybody's history sees all. The data centre
//! holds to that; what is done is noted here first.

use axum::Extension;
use axum::extract::{Path, Query, State};
use ngcc_proto::auth::Permission;
use ngcc_proto::contact::{Ask, Asker, Command, Contact, Event, Part};
use ngcc_proto::{AgentUri, ContactId, SessionId};

use super::Shared;
use super::contact_shape::{
    ChangeContact, ContactSession, ContactSessions, Contacts, Labels, Merge, Sought, Split, Starting,
};
use super::history::{next, page};
use super::shape::PageOf;
use crate::acts;
use crate::gate::{Gate, unexpected};
use crate::guard::{Given, Signed};
use crate::permission::may;
use crate::problem::{Problem, Written};

/// How many a search shows unless it is said.
const FOUND: u32 = 20;
/// The most that a search shows.
const MOST_FOUND: u32 = 50;

/// Who asks, and whom they serve.
fn asker(gate: &Gate, signed: &Signed) -> Result<Asker, Problem> {
    let agent = AgentUri::new(&signed.grant.user).map_err(|_| Problem::forbidden())?;
    let serving = gate.hub.serving(&signed.grant.user).into_iter().map(|served| served.user).collect();
    Ok(Asker { agent, all: may(&signed.grant, Permission::ReadHistory), serving })
}

/// Asks the data centre; what is no answer to any question is a problem already.
async fn ask(gate: &Gate, signed: &Signed, what: Ask) -> Result<Event, Problem> {
    match gate.ask_contacts(Command { by: asker(gate, signed)?, what }).await? {
        Event::Unknown => Err(Problem::not_found()),
        Event::Conflict => Err(Problem::changed()),
        Event::Refused { why } => Err(Problem::refused(why)),
        Event::Failed => Err(Problem::unavailable()),
        answer @ (Event::Contact { .. }
        | Event::Found { .. }
        | Event::Sessions { .. }
        | Event::Serves { .. }
        | Event::Labels { .. }) => Ok(answer),
    }
}

async fn contact(gate: &Gate, signed: &Signed, what: Ask) -> Result<axum::Json<Contact>, Problem> {
    if let Event::Contact { contact } = ask(gate, signed, what).await? {
        Ok(axum::Json(*contact))
    } else {
        Err(unexpected("contact"))
    }
}

/// Whether a session is one of a customer whom they serve now.
pub(super) async fn serves(gate: &Gate, signed: &Signed, session: SessionId) -> Result<bool, Problem> {
    match ask(gate, signed, Ask::Serves { session }).await? {
        Event::Serves { yes } => Ok(yes),
        Event::Contact { .. }
        | Event::Found { .. }
        | Event::Sessions { .. }
        | Event::Labels { .. }
        | Event::Unknown
        | Event::Conflict
        | Event::Refused { .. }
        | Event::Failed => Err(unexpected("contact")),
    }
}

/// Customers whose name, identities or labels have `q` in them, newest first; a search for the whole of a number or of a
/// URI also finds whoever has only come by it. Noted in the audit where it is not among one's own.
#[utoipa::path(get, path = "/api/v1/contacts", tag = "contacts", params(Sought), responses(
    (status = 200, description = "A page: it may be shorter than asked for, with another behind it", body = Contacts),
    (status = 409, description = "`refused`: `q` is empty or too long", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn find(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Query(Sought { q, cursor, limit }): Query<Sought>,
) -> Result<axum::Json<Contacts>, Problem> {
    let limit = limit.unwrap_or(FOUND);
    if !(1..=MOST_FOUND).contains(&limit) {
        return Err(Problem::bad(format!("limit is 1 to {MOST_FOUND}")));
    }
    let before = cursor.map(|cursor| cursor.parse()).transpose();
    let before = before.map_err(|_| Problem::bad("cursor is none of ours"))?;
    if may(&signed.grant, Permission::ReadHistory) {
        acts::note(&gate, &signed.doer(), "find_contacts", "everybody").await?;
    }
    if let Event::Found { contacts, next } = ask(&gate, &signed, Ask::Find { text: q, before, limit }).await?
    {
        let next_cursor = next.map(|next| next.to_string());
        Ok(axum::Json(Contacts { data: contacts, next_cursor }))
    } else {
        Err(unexpected("contact"))
    }
}

/// The customer of a session, live or closed; made if nobody has looked at them before.
#[utoipa::path(get, path = "/api/v1/sessions/{id}/contact", tag = "contacts",
    params(("id" = String, Path, description = "The session")), responses(
    (status = 200, description = "The customer", body = super::contact_shape::Contact),
    (status = 404, description = "`not_found`: there is no such session, or it is none of one's own", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn of_session(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(session): Path<SessionId>,
) -> Result<axum::Json<Contact>, Problem> {
    let what = match gate.hub.served(session) {
        Some(served) => Ask::Of { user: served.user, display: served.display },
        None => Ask::OfSession { session },
    };
    contact(&gate, &signed, what).await
}

/// A customer.
#[utoipa::path(get, path = "/api/v1/contacts/{id}", tag = "contacts",
    params(("id" = String, Path, description = "The contact")), responses(
    (status = 200, description = "The customer; by another id where it has been merged", body = super::contact_shape::Contact),
    (status = 404, description = "`not_found`: there is none, or they are not among one's own", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn one(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<ContactId>,
) -> Result<axum::Json<Contact>, Problem> {
    contact(&gate, &signed, Ask::Get { contact: id }).await
}

/// Changes what agents say of a customer. Noted in the audit.
#[utoipa::path(patch, path = "/api/v1/contacts/{id}", tag = "contacts", request_body = ChangeContact,
    params(("id" = String, Path, description = "The contact")), responses(
    (status = 200, description = "The customer as they are now", body = super::contact_shape::Contact),
    (status = 404, description = "`not_found`", body = Written, content_type = "application/problem+json"),
    (status = 409, description = "`changed`: somebody has changed it since `version`; `refused`, in words", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn change(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<ContactId>,
    Given(ChangeContact { version, change }): Given<ChangeContact>,
) -> Result<axum::Json<Contact>, Problem> {
    acts::note(&gate, &signed.doer(), "change_contact", &id.to_string()).await?;
    contact(&gate, &signed, Ask::Change { contact: id, version, change }).await
}

/// These two are one customer. Nothing is rewritten: splitting takes it back. Noted in the audit.
#[utoipa::path(post, path = "/api/v1/contacts/{id}/merge", tag = "contacts", request_body = Merge,
    params(("id" = String, Path, description = "The contact that stays")), responses(
    (status = 200, description = "The customer as they are now", body = super::contact_shape::Contact),
    (status = 404, description = "`not_found`: either of them", body = Written, content_type = "application/problem+json"),
    (status = 409, description = "`changed`; `refused`: together they are more than one contact may be", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn merge(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<ContactId>,
    Given(Merge { version, other }): Given<Merge>,
) -> Result<axum::Json<Contact>, Problem> {
    let other: ContactId = other.parse().map_err(|_| Problem::bad("`other` is no contact's id"))?;
    acts::note(&gate, &signed.doer(), "merge_contacts", &format!("{id} {other}")).await?;
    contact(&gate, &signed, Ask::Merge { contact: id, version, other }).await
}

/// A part of a contact is another customer: an identity, or what was merged into it. No proof joins it again. Noted in the audit.
#[utoipa::path(post, path = "/api/v1/contacts/{id}/split", tag = "contacts", request_body = Split,
    params(("id" = String, Path, description = "The contact")), responses(
    (status = 200, description = "What remains of the customer", body = super::contact_shape::Contact),
    (status = 404, description = "`not_found`", body = Written, content_type = "application/problem+json"),
    (status = 409, description = "`changed`; `refused`: it is none of theirs, or the only one", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn split(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<ContactId>,
    Given(Split { version, identity, contact: merged }): Given<Split>,
) -> Result<axum::Json<Contact>, Problem> {
    let part = match (identity, merged) {
        (Some(identity), None) => {
            Part::Identity(identity.parse().map_err(|_| Problem::bad("`identity` is no user URI"))?)
        }
        (None, Some(merged)) => {
            Part::Contact(merged.parse().map_err(|_| Problem::bad("`contact` is no contact's id"))?)
        }
        (Some(_), Some(_)) | (None, None) => return Err(Problem::bad("give `identity` or `contact`")),
    };
    // Who they are stays out of the audit: the contact's own history shows what has left it.
    acts::note(&gate, &signed.doer(), "split_contact", &id.to_string()).await?;
    contact(&gate, &signed, Ask::Split { contact: id, version, part }).await
}

/// A customer's closed sessions by whatever way, newest first.
#[utoipa::path(get, path = "/api/v1/contacts/{id}/sessions", tag = "contacts",
    params(("id" = String, Path, description = "The contact"), PageOf), responses(
    (status = 200, description = "A page", body = ContactSessions),
    (status = 404, description = "`not_found`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn sessions(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<ContactId>,
    Query(PageOf { cursor, limit }): Query<PageOf>,
) -> Result<axum::Json<ContactSessions>, Problem> {
    let (before, limit) = page(cursor.as_deref(), limit)?;
    let asked = ask(&gate, &signed, Ask::Sessions { contact: id, before, limit }).await?;
    let Event::Sessions { sessions, serves } = asked else { return Err(unexpected("contact")) };
    let all = serves || may(&signed.grant, Permission::ReadHistory);
    let next_cursor = next(sessions.len(), limit, sessions.last().map(|session| session.opened));
    let me = Some(signed.grant.user.as_str());
    let row = |session: ngcc_proto::admin::ClosedSession| {
        let readable = all || session.agent.as_deref() == me;
        ContactSession { session, readable }
    };
    Ok(axum::Json(ContactSessions { data: sessions.into_iter().map(row).collect(), next_cursor }))
}

/// Labels in use, for completion.
#[utoipa::path(get, path = "/api/v1/contact-labels", tag = "contacts", params(Starting), responses(
    (status = 200, description = "At most 20", body = Labels),
))]
pub(super) async fn labels(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
    Query(Starting { prefix }): Query<Starting>,
) -> Result<axum::Json<Labels>, Problem> {
    let asked = ask(&gate, &signed, Ask::Labels { prefix: prefix.unwrap_or_default() }).await?;
    if let Event::Labels { labels } = asked {
        Ok(axum::Json(Labels { labels }))
    } else {
        Err(unexpected("contact"))
    }
}
