//! Which pages may speak to us. A browser names the page's origin; what it names is compared whole, so that
//! neither `null` nor a name that only begins or ends like ours comes in.

use axum::http::{HeaderMap, header};

/// The pages that may.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    listed: Vec<Origin>,
    without: bool,
}

/// An origin (RFC 6454): scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

impl Origins {
    /// Those of `listed`, and our own host; `without`: also whoever names none (no browser does that).
    pub(crate) fn new(listed: &[String], without: bool) -> Self {
        Self { listed: listed.iter().filter_map(|text| Origin::read(text)).collect(), without }
    }

    /// Whether a request may come from where it says it does.
    pub(crate) fn may(&self, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(header::ORIGIN).iter();
        let Some(text) = named.next() else { return self.without };
        let Some(origin) = text.to_str().ok().and_then(Origin::read) else { return false };
        let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let same = own.and_then(|host| Origin::at(origin.secure, host)).is_some_and(|own| own == origin);
        named.next().is_none() && (same || self.listed.contains(&origin))
    }
}

impl Origin {
    fn read(text: &str) -> Option<Self> {
        let (scheme, at) = text.split_once("://")?;
        match scheme {
            "http" => Self::at(false, at),
            "https" => Self::at(true, at),
            _ => None,
        }
    }

    /// `host` or `host:port`, and nothing else.
    fn at(secure: bool, at: &str) -> Option<Self> {
        let colon = at.rfind(':').filter(|colon| at.rfind(']').is_none_or(|bracket| bracket < *colon));
        let (host, port) = match colon {
            Some(colon) => (&at[..colon], at[colon + 1..].parse().ok()?),
            None => (at, if secure { 443 } else { 80 }),
        };
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let plain =
            |c: char| c.is_ascii_alphanumeric() || "-._".contains(c) || (bracketed && "[:]".contains(c));
        let ok = !host.is_empty() && host.len() <= 253 && host.chars().all(plain);
        ok.then(|| Self { secure, host: host.to_ascii_lowercase(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&str>, host: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn our_own_host_and_listed_pages_may_and_nobody_who_looks_like_them() {
        let origins = Origins::new(&["https://shop.example".to_owned()], false);
        let may = |origin: &str| origins.may(&headers(Some(origin), "centre.example:8080"));
        assert!(may("http://centre.example:8080") && may("https://SHOP.example:443"));
        for evil in [
            "null",
            "",
            "https://shop.example.evil.com",
            "https://evilshop.example",
            "https://shop.example:8443",
            "http://shop.example",
            "https://shop.example/",
            "https://shop.example@evil.com",
            "https://evil.com#shop.example",
            "http://centre.example",
            "http://centre.example:8080.evil.com",
            "http://centre.example:80800",
            "file://centre.example:8080",
            "https://shop.example\u{7f}",
        ] {
            let Ok(value) = axum::http::HeaderValue::from_str(evil) else { continue };
            let mut headers = headers(None, "centre.example:8080");
            headers.insert(header::ORIGIN, value);
            assert!(!origins.may(&headers), "{evil}");
        }
    }

    #[test]
    fn two_origins_or_none_are_refused_unless_a_setting_lets_those_without_in() {
        let mut two = headers(Some("http://a"), "a");
        assert!(Origins::new(&[], false).may(&two));
        two.append(header::ORIGIN, "http://evil".parse().unwrap());
        assert!(!Origins::new(&[], true).may(&two));
        assert!(!Origins::new(&[], false).may(&headers(None, "a")));
        assert!(Origins::new(&[], true).may(&headers(None, "a")));
    }
}
