//! The web apps, embedded in the binary: the console, the customers' widget, the demo's pages. And the headers that go
//! with every answer.

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};

use ngcc_runtime::Https;

#[derive(Embed)]
#[folder = "../web/console/dist"]
#[allow_missing = true]
struct Console;

#[derive(Embed)]
#[folder = "../web/widget/dist"]
#[allow_missing = true]
struct Widget;

const INDEX: &str = "index.html";
/// The page that a link opens.
const JOIN: &str = "join.html";
/// Where the demo's pages lie in the widget's folder.
const DEMO: &str = "demo/";
const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>ngcc</title><p>UI not built: run <code>make ui\
    </code>, then build again.</p>\n";

/// Scripts, styles and connections of our own only; nothing inline, nobody frames us (CSP Level 3).
const POLICY: &str = "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
    style-src 'self'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "microphone=(self), camera=(self), geolocation=()"),
];
/// A year, by TLS only (RFC 6797).
const HSTS: &str = "max-age=31536000";

/// The apps' routes, with the demo's pages in the `demo`.
pub(crate) fn router(demo: bool) -> Router {
    let home = if demo { "/demo" } else { "/console/" };
    let router = Router::new()
        .route("/", get(move || async move { Redirect::temporary(home) }))
        .route("/console", get(|| async { Redirect::permanent("/console/") }))
        .route("/console/", get(|headers: HeaderMap| async move { console(&headers, INDEX) }))
        .route(
            "/console/{*path}",
            get(async |headers: HeaderMap, Path(path): Path<String>| console(&headers, &path)),
        )
        .route(
            "/widget/{*path}",
            get(async |headers: HeaderMap, Path(path): Path<String>| widget(&headers, &path)),
        )
        .route("/join/{token}", get(async |headers: HeaderMap| join(&headers)));
    if !demo {
        return router;
    }
    router
        .route("/demo", get(|headers: HeaderMap| async move { demo_page(&headers, INDEX) }))
        .route("/demo/", get(|| async { Redirect::permanent("/demo") }))
        .route(
            "/demo/{*path}",
            get(async |headers: HeaderMap, Path(path): Path<String>| demo_page(&headers, &path)),
        )
}

/// Puts the headers on every answer of `router` that has none of its own.
pub fn secured(router: Router) -> Router {
    router.layer(from_fn(async |request: Request, next: Next| {
        let https = request.extensions().get::<Https>().is_some();
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
        }
        response
    }))
}

/// A file of the console, or its page: the page itself knows what stands behind a path that is no file's.
fn console(headers: &HeaderMap, path: &str) -> Response {
    let page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let path = if page { INDEX } else { path };
    respond::<Console>(headers, path)
}

/// A file of the widget; the demo's pages are none of it.
fn widget(headers: &HeaderMap, path: &str) -> Response {
    if path.starts_with(DEMO) { missing::<Widget>() } else { respond::<Widget>(headers, path) }
}

/// The page that a link of an agent's opens; it reads the token from its own address, which goes nowhere else.
fn join(headers: &HeaderMap) -> Response {
    let mut response = respond::<Widget>(headers, JOIN);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A page of the demo: `shop/` is `shop/index.html`.
fn demo_page(headers: &HeaderMap, path: &str) -> Response {
    let index = if path.ends_with('/') { INDEX } else { "" };
    respond::<Widget>(headers, &format!("{DEMO}{path}{index}"))
}

fn respond<E: Embed>(headers: &HeaderMap, path: &str) -> Response {
    match E::get(path) {
        Some(file) => serve(headers, path, file),
        None => missing::<E>(),
    }
}

fn missing<E: Embed>() -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    if E::iter().next().is_none() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, html)], NOT_BUILT).into_response();
    }
    (StatusCode::NOT_FOUND, "not found\n").into_response()
}

fn serve(asked: &HeaderMap, path: &str, file: EmbeddedFile) -> Response {
    let hash: String = file.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let cache = if named_by_hash(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    (headers, file.data.into_owned()).into_response()
}

/// Whether the name changes with the content, as Vite writes it: `assets/chat-B3xQ81Zd.js`.
fn named_by_hash(path: &str) -> bool {
    let Some((_, name)) = path.rsplit_once("assets/") else { return false };
    let stem = name.split('.').next().unwrap_or_default();
    let Some(hash) = stem.len().checked_sub(8).and_then(|at| stem.get(at..)) else { return false };
    let before = stem.len().checked_sub(9).and_then(|at| stem.as_bytes().get(at));
    before == Some(&b'-') && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The media type by the name; what is not known is only ever bytes.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_by_its_hash_is_kept_for_ever() {
        for path in ["assets/index-B3xQ81Zd.js", "assets/chat-a-b_cDe1.css", "demo/assets/x-12345678.png"] {
            assert!(named_by_hash(path), "{path}");
        }
        for path in ["index.html", "loader.js", "assets/logo.svg", "x-12345678.js", "assets/-.js", "assets/é"]
        {
            assert!(!named_by_hash(path), "{path}");
        }
    }
}
