//! The OpenAPI 3.1 document, made from the operations themselves.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

use super::{
    audit, board, channel_shape, channels, colleagues, contact_shape, contacts, history, recordings, shape,
    sign, uploads,
};
use crate::problem::Written;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "ngcc",
        version = "1",
        description = "The interface of consoles, boards and programs. Every failure is `application/problem+json` \
            (RFC 9457) with a stable `code`; 429 and 503 carry `Retry-After`. A body has at most 64 KiB. Times are \
            milliseconds since 1970 (UTC). Every request that changes anything carries the cookie of the sign-in and \
            its `csrf` in `X-CSRF-Token`. A sign-in may ask 300 times a minute, an address may sign in 10 times a \
            minute.",
        license(name = "MIT", identifier = "MIT"),
        contact(),
    ),
    paths(
        sign::sign_in,
        sign::sign_out,
        sign::me,
        sign::ticket,
        history::sessions,
        history::session,
        contacts::of_session,
        contacts::find,
        contacts::one,
        contacts::change,
        contacts::merge,
        contacts::split,
        contacts::sessions,
        contacts::labels,
        board::end,
        board::board,
        board::force,
        recordings::get,
        audit::audit,
        channels::list,
        channels::kinds,
        channels::get,
        channels::put,
        channels::delete,
        channels::test,
        uploads::put,
        uploads::get,
        colleagues::put,
        colleagues::get,
    ),
    components(schemas(
        Written,
        shape::ClosedSession,
        contact_shape::Contact,
        shape::Fact,
        shape::Recording,
        shape::Act,
        shape::Availability,
        shape::Board,
        channel_shape::ChannelState
    )),
    modifiers(&Cookie),
    security(("cookie" = []))
)]
struct Document;

struct Cookie;

impl utoipa::Modify for Cookie {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let cookie = ApiKey::Cookie(ApiKeyValue::new("ngcc"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// The document as it stands in `docs/api/openapi.json`.
pub fn document() -> String {
    let text = Document::openapi().to_pretty_json();
    let mut text = text.expect("the document is plain data");
    text.push('\n');
    text
}

/// The document.
pub(super) async fn serve() -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], document())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::permission::Operation;

    #[test]
    fn the_document_is_the_one_in_the_repository() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api/openapi.json");
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stored == document(),
            "docs/api/openapi.json is out of date: run `ngcc schema openapi > docs/api/openapi.json`"
        );
    }

    #[test]
    fn every_operation_is_described_and_nothing_else() {
        let document: Value = serde_json::from_str(&document()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
        let described: BTreeSet<&str> =
            document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let operations = super::super::operations();
        let served = operations.iter().filter(|(operation, ..)| *operation != Operation::OpenApi);
        assert_eq!(described, served.map(|(_, path, _)| *path).collect());
    }
}
