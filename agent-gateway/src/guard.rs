//! What stands before every operation of the REST interface: limits, origin, sign-in, the page's own header, and the
//! permission of the table.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequest, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use ngcc_proto::auth::Grant;
use serde::de::DeserializeOwned;

use ngcc_runtime::Https;

use crate::acts::Doer;
use crate::gate::{Gate, PATIENCE};
use crate::permission::{Need, Operation};
use crate::problem::Problem;
use crate::token::{self, Hash};

/// The header that a page of ours sends beside its cookie.
const CSRF: &str = "x-csrf-token";
const COOKIE: &str = "ngcc";
const COOKIE_BY_TLS: &str = "__Host-ngcc";
/// Names the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// From where a request comes.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The address.
    pub(crate) address: IpAddr,
    /// Whether it came by TLS.
    pub(crate) https: bool,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    /// Who, and what they may do.
    pub(crate) grant: Grant,
    /// Which sign-in.
    pub(crate) sign_in: Hash,
    /// What the page shows beside its cookie.
    pub(crate) csrf: String,
    /// From where.
    pub(crate) caller: Caller,
}

impl Signed {
    /// As it is noted.
    pub(crate) fn doer(&self) -> Doer {
        Doer { user: self.grant.user.clone(), from: self.caller.address.to_string() }
    }
}

impl Caller {
    /// From where `request` comes. Without a connection behind it, as in a test of ours, it is nowhere.
    pub(crate) fn of(parts: &Parts) -> Self {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |at| at.0.ip().to_canonical());
        Self { address, https: parts.extensions.get::<Https>().is_some() }
    }

    /// The cookie's name. By TLS it is another one than without: a browser lets no plain page write over a cookie
    /// that came by TLS, and both may be served on one host.
    pub(crate) fn cookie(&self) -> &'static str {
        if self.https { COOKIE_BY_TLS } else { COOKIE }
    }
}

/// Lets a request through to its operation, and writes the problem if there is one.
pub(crate) async fn guard(
    State((gate, operation)): State<(Arc<Gate>, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    let id = gate.desk.request_id();
    let (mut parts, body) = request.into_parts();
    let response = match pass(&gate, operation, &mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => return named(problem.respond(&id), &id),
    };
    finish(response, &id)
}

/// Writes the problem that came up from below, and names the request.
pub(crate) fn finish(mut response: Response, id: &str) -> Response {
    let response = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem.respond(id),
        // What axum itself refuses: a path or a query that cannot be read.
        None if response.status() == StatusCode::BAD_REQUEST => {
            Problem::bad("the path or the query is not as it must be").respond(id)
        }
        None => response,
    };
    named(response, id)
}

fn named(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn pass(gate: &Gate, operation: Operation, parts: &mut Parts) -> Result<(), Problem> {
    let caller = Caller::of(parts);
    gate.count_address(caller.address)?;
    let changes = !matches!(parts.method, Method::GET | Method::HEAD);
    if changes && !gate.origins.of_or_missing(&parts.headers, caller.https) {
        return Err(Problem::foreign_origin());
    }
    if operation == Operation::SignIn {
        gate.count_sign_in(caller.address)?;
    }
    if operation.need() != Need::Nothing {
        let signed = sign_in(gate, &parts.headers, caller.clone()).await?;
        if changes && !shown(&parts.headers, &signed.csrf) {
            return Err(Problem::csrf());
        }
        if !operation.allowed(&signed.grant) {
            return Err(Problem::forbidden());
        }
        parts.extensions.insert(signed);
    }
    parts.extensions.insert(caller);
    Ok(())
}

async fn sign_in(gate: &Gate, headers: &HeaderMap, caller: Caller) -> Result<Signed, Problem> {
    let token = cookie(headers, caller.cookie()).ok_or_else(Problem::not_signed_in)?;
    let sign_in = token::hash(token);
    let grant = gate.resume(sign_in).await?;
    gate.count_session(sign_in)?;
    Ok(Signed { grant, sign_in, csrf: token::csrf(token), caller })
}

/// The cookie's value (RFC 6265 section 5.4).
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value).filter(|v| v.len() <= token::LONGEST)
}

/// Whether a request carries a cookie of ours, good or not.
pub(crate) fn has_cookie(headers: &HeaderMap) -> bool {
    [COOKIE, COOKIE_BY_TLS].iter().any(|name| cookie(headers, name).is_some())
}

fn shown(headers: &HeaderMap, csrf: &str) -> bool {
    let shown = headers.get(CSRF).and_then(|value| value.to_str().ok());
    shown.is_some_and(|shown| token::same(shown, csrf))
}

/// A body of JSON, bounded in size and time.
pub(crate) struct Given<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::bad("the body must be application/json"));
        }
        let read = tokio::time::timeout(PATIENCE, Bytes::from_request(request, state)).await;
        let bytes = match read {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(e)) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => return Err(Problem::too_large()),
            Ok(Err(_)) | Err(_) => return Err(Problem::bad("the body did not come")),
        };
        // The reason names places and kinds; the values stay out of it, as a password may be one.
        serde_json::from_slice(&bytes).map(Self).map_err(|e| {
            Problem::bad(format!("the body is not as it must be: line {}, column {}", e.line(), e.column()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_only_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xngcc=2; ngcc=tok; b=3"));
        assert_eq!(cookie(&headers, "ngcc"), Some("tok"));
        assert_eq!(cookie(&headers, "__Host-ngcc"), None);
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_str(&format!("ngcc={}", "x".repeat(500))).unwrap());
        assert_eq!(cookie(&headers, "ngcc"), None, "a token is never so long");
    }
}
