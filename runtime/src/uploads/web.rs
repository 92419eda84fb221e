//! What every door through which pages put and take files says alike: refusals, who may read an answer, and the token.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::UploadError;

/// A refusal, as RFC 9457 has it.
#[derive(Clone, Copy, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
}

impl Problem {
    /// The page's origin is none of those that may.
    pub const ORIGIN: Self = Self::new(StatusCode::FORBIDDEN, "origin", "pages of this origin may not");
    /// More at once, or in the present time, than the limit.
    pub const OFTEN: Self =
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "too often: try again later");
    /// There is no such file, or none that the asker may know of.
    pub const UNKNOWN: Self = Self::new(StatusCode::NOT_FOUND, "unknown", "there is no such file");
    /// The bytes did not come in time.
    pub const LATE: Self =
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the file took too long to come");

    /// A refusal with a code of its own, and what it says.
    pub const fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self { status, code, title }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({ "status": self.status.as_u16(), "code": self.code, "title": self.title });
        let mut response = (self.status, body.to_string()).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::TooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the file is too large")
            }
            UploadError::Empty => Self::new(StatusCode::BAD_REQUEST, "empty", "the file is empty"),
            UploadError::Cut => Self::new(StatusCode::BAD_REQUEST, "cut", "the file did not come to its end"),
            UploadError::Full => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "full", "there is no room for more files")
            }
            UploadError::Harmful => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "harmful", "the file is harmful and is not taken")
            }
            UploadError::Unscanned => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unscanned",
                "the file could not be scanned: try again",
            ),
            UploadError::Unknown => Self::UNKNOWN,
            UploadError::Disk(error) => {
                tracing::error!(%error, "a file cannot be stored or read");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "the file cannot be stored or read")
            }
        }
    }
}

/// The answer to the question a browser asks before a page of another origin, one that may, sends its request.
pub fn may_ask(origin: &str) -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    shared((StatusCode::NO_CONTENT, allowed).into_response(), origin)
}

/// Lets the page of `origin`, which may, read the answer.
pub fn shared(mut response: Response, origin: &str) -> Response {
    if let Ok(origin) = HeaderValue::from_str(origin)
        && !origin.is_empty()
    {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    response
}

/// The token that a request carries (RFC 6750).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
