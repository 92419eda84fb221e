//! Which pages may speak to us, at every door alike. A browser names the page's origin (RFC 6454 section 7); what it names is compared whole, so that
//! neither `null` nor a name that only begins or ends like ours comes in.

use axum::http::{HeaderMap, header};

/// The pages that may.
#[derive(Clone, Debug, Default)]
pub struct Origins {
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
    /// Those of `listed`, and those we serve ourselves; `without`: also whoever names none (no browser does that).
    pub fn new(listed: &[String], without: bool) -> Self {
        let read = |text: &String| Origin::read(text.trim_end_matches('/'));
        Self { listed: listed.iter().filter_map(read).collect(), without }
    }

    /// The origin that a request names, as it is written in tokens; an empty one where none is named and that
    /// is allowed. None: it may not. A page of ours was loaded as its request comes, `by_tls` or not.
    pub fn of(&self, headers: &HeaderMap, by_tls: bool) -> Option<String> {
        let mut named = headers.get_all(header::ORIGIN).iter();
        let Some(text) = named.next() else { return self.without.then(String::new) };
        if named.next().is_some() {
            return None;
        }
        let origin = Origin::read(text.to_str().ok()?)?;
        let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let same = own.and_then(|host| Origin::at(by_tls, host)).is_some_and(|own| own == origin);
        (same || self.listed.contains(&origin)).then(|| origin.text())
    }

    /// Whether a request that no browser need have sent may come: a missing header is none of a foreign page's.
    pub fn of_or_missing(&self, headers: &HeaderMap, by_tls: bool) -> bool {
        !headers.contains_key(header::ORIGIN) || self.of(headers, by_tls).is_some()
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

    fn text(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual {
            format!("{scheme}://{}", self.host)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
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
        let origins = Origins::new(&["https://shop.example/".to_owned()], false);
        let of = |origin: &str| origins.of(&headers(Some(origin), "centre.example:8080"), false);
        assert_eq!(of("http://centre.example:8080").as_deref(), Some("http://centre.example:8080"));
        assert_eq!(of("https://SHOP.example:443").as_deref(), Some("https://shop.example"));
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
            "https://",
            "centre.example:8080",
            "ftp://centre.example:8080",
            "http://centre.example:8080@evil.example",
            "https://evil.example/http://centre.example:8080",
            "http://evil-centre.example:8080",
            "http://centre.example",
            "https://centre.example:8080",
            "http://centre.example:8080.evil.com",
            "http://centre.example:80800",
            "file://centre.example:8080",
            "https://shop.example\u{7f}",
        ] {
            let Ok(value) = axum::http::HeaderValue::from_str(evil) else { continue };
            let mut headers = headers(None, "centre.example:8080");
            headers.insert(header::ORIGIN, value);
            assert_eq!(origins.of(&headers, false), None, "{evil}");
        }
    }

    #[test]
    fn a_page_of_ours_has_the_scheme_by_which_it_was_loaded() {
        let of =
            |origin, by_tls| Origins::new(&[], false).of(&headers(Some(origin), "centre.example"), by_tls);
        assert_eq!(of("https://centre.example", true).as_deref(), Some("https://centre.example"));
        assert_eq!(of("http://centre.example", false).as_deref(), Some("http://centre.example"));
        assert_eq!([of("https://centre.example", false), of("http://centre.example", true)], [None, None]);
    }

    #[test]
    fn two_origins_or_none_are_refused_unless_a_setting_lets_those_without_in() {
        let mut two = headers(Some("http://a"), "a");
        assert_eq!(Origins::new(&[], false).of(&two, false).as_deref(), Some("http://a"));
        two.append(header::ORIGIN, "http://evil".parse().unwrap());
        assert_eq!(Origins::new(&[], true).of(&two, false), None);
        assert_eq!(Origins::new(&[], false).of(&headers(None, "a"), false), None);
        assert_eq!(Origins::new(&[], true).of(&headers(None, "a"), false).as_deref(), Some(""));
        let lenient = Origins::default();
        assert!(lenient.of_or_missing(&headers(None, "a"), false));
        assert!(lenient.of_or_missing(&headers(Some("http://a"), "a"), false));
        assert!(!lenient.of_or_missing(&headers(Some("http://evil"), "a"), false));
    }
}
