//! Whether a page may speak to us: its `Origin` (RFC 6454 section 7) is the host it was loaded from, or one
//! that is configured. Whole hosts are compared, never parts of them.

use axum::http::{HeaderMap, header};

/// Which pages may speak to us.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<String>);

impl Origins {
    /// The same host, and these: `https://console.example`.
    pub(crate) fn new(configured: &[String]) -> Self {
        let plain = |origin: &String| origin.trim_end_matches('/').to_ascii_lowercase();
        Self(configured.iter().map(plain).collect())
    }

    /// Whether the request, which came `by_tls` or not, comes from a page of ours. One with a missing or repeated
    /// header or `null` does not.
    pub(crate) fn allow(&self, headers: &HeaderMap, by_tls: bool) -> bool {
        let mut values = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (values.next(), values.next()) else { return false };
        let Some(origin) = origin.to_str().ok().map(str::to_ascii_lowercase) else { return false };
        if self.0.contains(&origin) {
            return true;
        }
        let own = if by_tls { "https://" } else { "http://" };
        let Some(authority) = origin.strip_prefix(own) else { return false };
        if authority.is_empty() || authority.contains(['/', '@', '?', '#', '\\']) {
            return false;
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
    }

    /// The same for a request that no browser need have sent: a missing header is none of a foreign page's.
    pub(crate) fn allow_or_missing(&self, headers: &HeaderMap, by_tls: bool) -> bool {
        !headers.contains_key(header::ORIGIN) || self.allow(headers, by_tls)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn asked(origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("desk.example:8443"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        Origins::new(&["https://crm.example/".to_owned()]).allow(&headers, true)
    }

    #[test]
    fn the_same_host_and_what_is_configured_may() {
        for origin in ["https://desk.example:8443", "https://Desk.Example:8443", "https://crm.example"] {
            assert!(asked(Some(origin)), "{origin}");
        }
    }

    #[test]
    fn foreign_null_missing_and_look_alike_origins_may_not() {
        assert!(!asked(None), "missing");
        for origin in [
            "null",
            "",
            "https://",
            "https://evil.example",
            "https://desk.example:8443.evil.example",
            "https://desk.example.evil.example:8443",
            "https://evil-desk.example:8443",
            "https://desk.example:8443@evil.example",
            "https://evil.example/https://desk.example:8443",
            "https://desk.example",
            "http://crm.example",
            "http://desk.example:8443",
            "https://crm.example.evil.example",
            "https://crm.example:444",
            "ftp://desk.example:8443",
            "desk.example:8443",
        ] {
            assert!(!asked(Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_page_of_ours_has_the_scheme_by_which_it_was_loaded() {
        for (origin, by_tls) in [("http://desk.example", false), ("https://desk.example", true)] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("desk.example"));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            assert!(Origins::default().allow(&headers, by_tls), "{origin}");
            assert!(!Origins::default().allow(&headers, !by_tls), "{origin} on a listener of the other kind");
        }
    }

    #[test]
    fn two_origins_are_none() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("desk.example"));
        headers.append(header::ORIGIN, HeaderValue::from_static("https://desk.example"));
        headers.append(header::ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(!Origins::default().allow(&headers, true));
    }
}
