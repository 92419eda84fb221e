//! Signing in and out (S1-01, S1-02), and the tickets that open the WebSockets.

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use ngcc_proto::{Secret, Wall, auth};

use super::Shared;
use super::shape::{Me, SignIn, Ticket};
use crate::gate::{Gate, unexpected};
use crate::guard::{Caller, Given, Signed};
use crate::problem::{Problem, Written};
use crate::ticket::Holder;
use crate::token;

/// The longest user name that is looked at.
const MAX_USER: usize = 64;
/// The longest password that is looked at: hashing one takes time.
const MAX_PASSWORD: usize = 256;

/// Signs in. The answer sets a cookie that no script can read; a wrong name and a wrong password are told alike.
#[utoipa::path(post, path = "/api/v1/sign-in", tag = "sign-in", request_body = SignIn, security(()), responses(
    (status = 200, description = "Signed in", body = Me),
    (status = 401, description = "`wrong_credentials`", body = Written, content_type = "application/problem+json"),
    (status = 429, description = "`locked` until a time, or `too_many_requests`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn sign_in(
    State(gate): State<Shared>,
    Extension(caller): Extension<Caller>,
    Given(SignIn { user, password }): Given<SignIn>,
) -> Result<impl IntoResponse, Problem> {
    if user.is_empty() || user.len() > MAX_USER || password.len() > MAX_PASSWORD {
        return Err(Problem::wrong_credentials());
    }
    let (cookie, me) = granted(&gate, &caller, user, Secret::new(password)).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), axum::Json(me)))
}

/// Signs in: the cookie, and who it is.
///
/// # Errors
/// The data centre refuses it or does not answer.
pub(crate) async fn granted(
    gate: &Gate,
    caller: &Caller,
    user: String,
    password: Secret,
) -> Result<(String, Me), Problem> {
    let token = gate.desk.token();
    let token_hash = token::hash(&token).to_string();
    let from = caller.address.to_string();
    let now = gate.desk.now().wall;
    match gate.ask_auth(auth::Command::SignIn { user, password, token_hash, from }).await? {
        auth::Event::Granted { grant } => {
            let cookie = set_cookie(caller, &token, grant.until, now);
            Ok((cookie, Me::of(grant, token::csrf(&token))))
        }
        auth::Event::Refused { until: Some(until) } => Err(Problem::locked(until, now)),
        auth::Event::Refused { until: None } => Err(Problem::wrong_credentials()),
        auth::Event::Done => Err(unexpected("auth")),
    }
}

/// Signs out, and closes every page of this sign-in.
#[utoipa::path(post, path = "/api/v1/sign-out", tag = "sign-in", responses(
    (status = 204, description = "Signed out"),
    (status = 401, description = "`not_signed_in`", body = Written, content_type = "application/problem+json"),
    (status = 403, description = "`csrf`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn sign_out(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
) -> Result<impl IntoResponse, Problem> {
    let command = auth::Command::SignOut { token_hash: signed.sign_in.to_string() };
    match gate.ask_auth(command).await? {
        auth::Event::Done => {
            gate.tickets().forget(&signed.sign_in);
            gate.hub.end(&signed.sign_in);
            let gone = set_cookie(&signed.caller, "", Wall(0), Wall(0));
            Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])))
        }
        auth::Event::Granted { .. } | auth::Event::Refused { .. } => Err(unexpected("auth")),
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", tag = "sign-in", responses(
    (status = 200, description = "Who", body = Me),
    (status = 401, description = "`not_signed_in`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn me(Extension(signed): Extension<Signed>) -> axum::Json<Me> {
    axum::Json(Me::of(signed.grant, signed.csrf))
}

/// A ticket for the first frame of `/ws/agent` or `/ws/supervisor`.
#[utoipa::path(post, path = "/api/v1/ws-tickets", tag = "sign-in", responses(
    (status = 200, description = "A ticket", body = Ticket),
    (status = 401, description = "`not_signed_in`", body = Written, content_type = "application/problem+json"),
    (status = 403, description = "`csrf`", body = Written, content_type = "application/problem+json"),
))]
pub(super) async fn ticket(
    State(gate): State<Shared>,
    Extension(signed): Extension<Signed>,
) -> Result<axum::Json<Ticket>, Problem> {
    let ticket = gate.desk.token();
    let holder =
        Holder { from: signed.caller.address.to_string(), grant: signed.grant, sign_in: signed.sign_in };
    let given = gate.tickets().give(token::hash(&ticket), holder, gate.desk.now().mono);
    if given { Ok(axum::Json(Ticket { ticket })) } else { Err(Problem::unavailable()) }
}

/// The cookie that stands for the sign-in (RFC 6265 section 4.1).
fn set_cookie(caller: &Caller, token: &str, until: Wall, now: Wall) -> String {
    let seconds = until.ms_since(now).max(0) / 1000;
    let secure = if caller.https { "; Secure" } else { "" };
    let name = caller.cookie();
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}
