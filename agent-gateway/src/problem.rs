//! What is answered when something cannot be done (RFC 9457). The only place where a reason becomes an HTTP status.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::Wall;
use ngcc_proto::channel::Fault;
use ngcc_runtime::UploadError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::desk::NoAnswer;

/// Why it cannot be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after: Option<Duration>,
    until: Option<Wall>,
    errors: Vec<Fault>,
}

/// A problem as written, `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Written {
    /// `about:blank`: the code says which problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// Which problem it is; stable, for programs.
    code: &'static str,
    /// For people.
    detail: String,
    /// Names the request in the server's log.
    request_id: String,
    /// Until when it cannot be done, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    /// What is wrong with which field: `{field, why, what}`; `why` is `missing`, `form`, `long`, `unknown`, `not_there`,
    /// `fixed` or `other`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    errors: Vec<Fault>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None, until: None, errors: vec![] }
    }

    /// The request is not as it must be.
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// The body is longer than is read.
    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is longer than is read")
    }

    /// Nobody is signed in.
    pub(crate) fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "sign in first")
    }

    /// The name or the password is wrong: which of them is not said.
    pub(crate) fn wrong_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "the name or the password is wrong")
    }

    /// The name is locked for a while, whatever the password.
    pub(crate) fn locked(until: Wall, now: Wall) -> Self {
        let ms = u64::try_from(until.ms_since(now)).unwrap_or(0);
        let detail = "too many wrong passwords: wait and try again";
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "locked", detail);
        Self { retry_after: Some(Duration::from_millis(ms)), until: Some(until), ..problem }
    }

    /// It was there, and its time is over.
    pub(crate) fn expired() -> Self {
        Self::new(StatusCode::GONE, "expired", "its time is over: it is not kept any more")
    }

    /// They may not.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "you may not do this")
    }

    /// The page is not one of ours.
    pub(crate) fn foreign_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign_origin", "this page may not speak to this server")
    }

    /// The header that shows that a page of ours asks is missing or wrong.
    pub(crate) fn csrf() -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf", "X-CSRF-Token is missing or not of this sign-in")
    }

    /// There is no such thing, or it is none of theirs.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing")
    }

    /// The path does not take the method.
    pub(crate) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "the path does not take this method")
    }

    /// The centre does not do it, in its own words.
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "refused", why)
    }

    /// Somebody has changed it meanwhile.
    pub(crate) fn changed() -> Self {
        Self::new(StatusCode::CONFLICT, "changed", "somebody has changed it meanwhile: read it again")
    }

    /// Whether the centre has said no, rather than nothing.
    pub(crate) fn is_refused(&self) -> bool {
        self.code == "refused"
    }

    /// Some fields are not as they must be.
    pub(crate) fn invalid(errors: Vec<Fault>) -> Self {
        let problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "some fields are not as they must be");
        Self { errors, ..problem }
    }

    /// It is not the version any longer that a header named.
    pub(crate) fn stale() -> Self {
        let detail = "it has been changed or removed meanwhile: look again";
        Self::new(StatusCode::PRECONDITION_FAILED, "changed", detail)
    }

    /// There is one of that name.
    pub(crate) fn taken() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "taken", "there is one of that name: choose another")
    }

    /// A change does not say over what it is made.
    pub(crate) fn unconditional() -> Self {
        let detail = "name the version that you change in If-Match, or make a new one with If-None-Match: *";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "unconditional", detail)
    }

    /// They ask too often.
    pub(crate) fn too_many(wait: Duration) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "ask less often");
        Self { retry_after: Some(wait), ..problem }
    }

    /// A part of the centre does not answer.
    pub(crate) fn unavailable() -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the centre does not answer");
        Self { retry_after: Some(Duration::from_secs(2)), ..problem }
    }

    /// For people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The answer.
    pub(crate) fn respond(self, request_id: &str) -> Response {
        let Self { status, code, detail, retry_after, until, errors } = self;
        let written = Written {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code,
            detail,
            request_id: request_id.to_owned(),
            until: until.map(|wall| wall.0),
            errors,
        };
        let mut response = (status, axum::Json(written)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = retry_after {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            headers
                .insert(header::RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
        }
        response
    }
}

impl From<NoAnswer> for Problem {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::Busy | NoAnswer::Late => Self::unavailable(),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(why: UploadError) -> Self {
        match why {
            UploadError::TooLarge { .. } => Self::too_large(),
            UploadError::Empty | UploadError::Cut => Self::bad(why.to_string()),
            UploadError::Unknown => Self::not_found(),
            UploadError::Harmful => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "harmful", "the file is harmful and is not taken")
            }
            UploadError::Unscanned => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unscanned",
                "the file could not be scanned: try again",
            ),
            UploadError::Full => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "full", "there is no room for more files")
            }
            UploadError::Disk(error) => {
                tracing::error!(%error, "a file cannot be stored or read");
                Self::unavailable()
            }
        }
    }
}

impl IntoResponse for Problem {
    /// Travels as an extension up to the guard, which knows the request's id and writes it.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
