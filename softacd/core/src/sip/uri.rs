//! URIs (RFC 3261 section 19.1, RFC 3966): the parts typed, the text kept as it came.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::host::{Host, HostPart};
use super::param::{self, Params};
use super::text::{Set, decode, encode, escapes_are_whole};

/// What a URI begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`.
    Sip,
    /// `sips:`.
    Sips,
    /// `tel:`.
    Tel,
    /// Any other, in lower case; what follows it is not read.
    Other(String),
}

/// A URI. Prints what it was read from, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Uri {
    /// Its scheme.
    pub scheme: Scheme,
    /// The user, or the number of a `tel:` URI, with percent escapes resolved. A user whose escapes make
    /// no UTF-8 is left as it came.
    pub user: Option<String>,
    /// The password, as it came.
    pub password: Option<String>,
    /// The host; an empty name where the scheme has none.
    pub host: Host,
    /// The port, if one is given.
    pub port: Option<u16>,
    /// The URI's own parameters.
    pub params: Params,
    /// What follows `?`, as it came.
    pub headers: Option<String>,
    raw: String,
}

/// Text that is no URI.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("malformed URI: {0}")]
pub struct BadUri(pub(super) &'static str);

impl Uri {
    /// `sip:user@host:port`, the user escaped where it must be.
    pub fn sip(user: Option<&str>, host: Host, port: Option<u16>) -> Self {
        let mut raw = String::from("sip:");
        if let Some(user) = user {
            encode(&mut raw, user, b"&=+$,;?/");
            raw.push('@');
        }
        raw.push_str(&host.to_string());
        if let Some(port) = port {
            raw.push_str(&format!(":{port}"));
        }
        Self {
            scheme: Scheme::Sip,
            user: user.map(str::to_owned),
            password: None,
            host,
            port,
            params: Params::new(),
            headers: None,
            raw,
        }
    }

    /// The same with one more parameter; an empty value makes a flag. A URI of a scheme that is not read
    /// stays as it is.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if matches!(self.scheme, Scheme::Other(_)) {
            return self;
        }
        let before = self.params.as_str().len();
        let mut escaped = String::new();
        encode(&mut escaped, value, b"[]/:&+$");
        if value.is_empty() {
            self.params.flag(name)
        } else {
            self.params.set(name, &escaped)
        }
        let kept = self.raw.len() - before - self.headers.as_ref().map_or(0, |h| h.len() + 1);
        self.raw.truncate(kept);
        self.raw.push_str(self.params.as_str());
        if let Some(headers) = &self.headers {
            self.raw.push('?');
            self.raw.push_str(headers);
        }
        self
    }

    /// The text it was read from; a digest is taken over this.
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// Whether the scheme is `sip` or `sips`.
    pub fn is_sip(&self) -> bool {
        matches!(self.scheme, Scheme::Sip | Scheme::Sips)
    }

    /// The port, or the one the scheme implies (RFC 3263): 5061 with `sips`, else 5060.
    pub fn port_or_default(&self) -> u16 {
        self.port.unwrap_or(if self.scheme == Scheme::Sips { 5061 } else { 5060 })
    }

    /// A header carried behind `?`, percent escapes resolved (`Replaces` of a Refer-To).
    pub fn header(&self, name: &str) -> Option<String> {
        let pairs = self.headers.as_deref()?.split('&');
        let (_, value) =
            pairs.filter_map(|p| p.split_once('=')).find(|(n, _)| decode(n).eq_ignore_ascii_case(name))?;
        Some(decode(value).into_owned())
    }
}

impl FromStr for Uri {
    type Err = BadUri;

    fn from_str(text: &str) -> Result<Self, BadUri> {
        let parts = UriParts::read(text)?;
        Ok(Self {
            scheme: match parts.scheme {
                SchemePart::Sip => Scheme::Sip,
                SchemePart::Sips => Scheme::Sips,
                SchemePart::Tel => Scheme::Tel,
                SchemePart::Other(name) => Scheme::Other(name.to_ascii_lowercase()),
            },
            user: parts.user.map(|u| decode(u).into_owned()),
            password: parts.password.map(str::to_owned),
            host: parts.host.map_or(Host::Name(String::new()), HostPart::to_host),
            port: parts.port,
            params: Params::of_checked(parts.params),
            headers: parts.headers.map(str::to_owned),
            raw: text.to_owned(),
        })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.raw)
    }
}

/// What stands in no URI.
static NEVER: Set = Set::new(false, b"\"<>").and_controls();

/// A scheme still lying in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SchemePart<'a> {
    Sip,
    Sips,
    Tel,
    Other(&'a str),
}

/// A URI still lying in the text it was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct UriParts<'a> {
    pub(super) scheme: SchemePart<'a>,
    user: Option<&'a str>,
    password: Option<&'a str>,
    host: Option<HostPart<'a>>,
    port: Option<u16>,
    params: &'a str,
    headers: Option<&'a str>,
}

impl<'a> UriParts<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, BadUri> {
        let (scheme, rest) = text.split_once(':').ok_or(BadUri("no scheme"))?;
        let letters = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if !letters || !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(BadUri("a scheme is letters, digits, + - and ."));
        }
        if rest.bytes().any(|b| NEVER.has(b)) {
            return Err(BadUri("a blank, a control character, a quote or a bracket"));
        }
        let scheme = match scheme {
            s if s.eq_ignore_ascii_case("sip") => SchemePart::Sip,
            s if s.eq_ignore_ascii_case("sips") => SchemePart::Sips,
            s if s.eq_ignore_ascii_case("tel") => SchemePart::Tel,
            s => SchemePart::Other(s),
        };
        let empty =
            Self { scheme, user: None, password: None, host: None, port: None, params: "", headers: None };
        match scheme {
            SchemePart::Sip | SchemePart::Sips => empty.sip(rest),
            SchemePart::Tel => empty.tel(rest),
            SchemePart::Other(_) if rest.is_empty() => Err(BadUri("nothing behind the scheme")),
            SchemePart::Other(_) => Ok(empty),
        }
    }

    fn sip(mut self, rest: &'a str) -> Result<Self, BadUri> {
        if !escapes_are_whole(rest) {
            return Err(BadUri("a % that opens no escape"));
        }
        // A user may hold ; and ? and even , but never a bare @: the first one ends it.
        let behind = match rest.split_once('@') {
            None => rest,
            Some((info, behind)) => {
                let (user, password) = info.split_once(':').map_or((info, None), |(u, p)| (u, Some(p)));
                if user.is_empty() {
                    return Err(BadUri("an empty user"));
                }
                (self.user, self.password) = (Some(user), password);
                behind
            }
        };
        let (host, port, behind) =
            Host::split(behind, false).ok_or(BadUri("no host, or a port beyond 65535"))?;
        (self.host, self.port) = (Some(host), port);
        let (params, headers) = behind.split_once('?').map_or((behind, None), |(p, h)| (p, Some(h)));
        if !param::check(params) {
            return Err(BadUri("malformed parameters"));
        }
        if headers.is_some_and(str::is_empty) {
            return Err(BadUri("no header behind the ?"));
        }
        (self.params, self.headers) = (params, headers);
        Ok(self)
    }

    fn tel(mut self, rest: &'a str) -> Result<Self, BadUri> {
        let end = rest.find(';').unwrap_or(rest.len());
        let (number, params) = rest.split_at(end);
        let digit = |b: u8| b.is_ascii_alphanumeric() || b"+*#-.()%".contains(&b);
        if number.is_empty() || !number.bytes().all(digit) || !escapes_are_whole(number) {
            return Err(BadUri("a telephone number is digits and their separators"));
        }
        if !param::check(params) {
            return Err(BadUri("malformed parameters"));
        }
        (self.user, self.params) = (Some(number), params);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_comes_apart_and_prints_what_came() {
        let text =
            "sip:al%69ce;day=tuesday:pw@[2001:db8::10]:5070;transport=tcp;lr?Replaces=a%40b%3Bto-tag%3D1&x=y";
        let uri: Uri = text.parse().unwrap();
        assert_eq!(uri.user.as_deref(), Some("alice;day=tuesday"));
        assert_eq!(uri.password.as_deref(), Some("pw"));
        assert_eq!(uri.host, Host::V6("2001:db8::10".parse().unwrap()));
        assert_eq!((uri.port, uri.port_or_default()), (Some(5070), 5070));
        assert_eq!(uri.params.get("transport"), Some("tcp"));
        assert!(uri.params.has("lr"));
        assert_eq!(uri.header("replaces").as_deref(), Some("a@b;to-tag=1"));
        assert_eq!(uri.to_string(), text);
    }

    #[test]
    fn a_built_uri_reads_back_as_itself() {
        let built = Uri::sip(Some("a b@c/ü"), Host::V4([192, 0, 2, 1].into()), Some(5062)).with("lr", "");
        assert_eq!(built.as_str(), "sip:a%20b%40c/%C3%BC@192.0.2.1:5062;lr");
        assert_eq!(built.as_str().parse(), Ok(built.clone()));
        let with_headers: Uri = "sip:a@b;x=1?Subject=hi".parse().unwrap();
        assert_eq!(with_headers.with("lr", "").as_str(), "sip:a@b;x=1;lr?Subject=hi");
    }

    #[test]
    fn other_schemes_are_kept_whole() {
        let tel: Uri = "tel:+358-555-1234567;phone-context=example.com".parse().unwrap();
        assert_eq!(tel.user.as_deref(), Some("+358-555-1234567"));
        assert_eq!(tel.params.get("phone-context"), Some("example.com"));
        let soap: Uri = "SOAP.beep://192.0.2.103:3002".parse().unwrap();
        assert_eq!(soap.scheme, Scheme::Other("soap.beep".to_owned()));
        assert_eq!(soap.to_string(), "SOAP.beep://192.0.2.103:3002");
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for bad in [
            "",
            "sip",
            "sip:",
            "1sip:a@b",
            "sip:@b",
            "sip:a@",
            "sip:a@b:70000",
            "sip:a@b:",
            "sip:a@b c",
            "sip:a@b;;lr",
            "sip:a@b?",
            "sip:a%4@b",
            "sip:a%zz@b",
            "sip:a@[::1",
            "sip:a@2001:db8::10",
            "sip:a@[1:2:::3]",
            "<sip:a@b>",
            "tel:",
            "tel:a@b",
            "urn:",
            "sip:a@b\u{0}",
        ] {
            assert!(bad.parse::<Uri>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn three_colons_before_an_embedded_ipv4_address_are_two() {
        let uri: Uri = "sip:user@[2001:db8:::192.0.2.1]".parse().unwrap();
        assert_eq!(uri.host, Host::V6("2001:db8::192.0.2.1".parse().unwrap()));
    }
}
