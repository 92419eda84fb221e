//! The host of a URI or of a Via, with its port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::text::Set;

/// A host name or a numeric address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// A name, as written; names compare without regard to case. Empty where a URI's scheme has no host.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address; written in brackets.
    V6(Ipv6Addr),
}

impl Host {
    /// The address, if it is numeric.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::V4(a) => Some(IpAddr::V4(*a)),
            Self::V6(a) => Some(IpAddr::V6(*a)),
        }
    }

    /// Whether it is `name`, a host name or a numeric address without brackets.
    pub fn is(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own.eq_ignore_ascii_case(name),
            Self::V4(_) | Self::V6(_) => name.parse().is_ok_and(|a: IpAddr| self.ip() == Some(a)),
        }
    }

    /// Splits `host [":" port]` off the front, and gives the rest. Blanks around the colon are
    /// allowed where `blanks` says so: in a Via (RFC 3261 section 25.1), never in a URI.
    pub(super) fn split(text: &str, blanks: bool) -> Option<(HostPart<'_>, Option<u16>, &str)> {
        let (host, rest) = HostPart::split(text)?;
        let after = if blanks { rest.trim_start_matches([' ', '\t']) } else { rest };
        let Some(after) = after.strip_prefix(':') else {
            return Some((host, None, rest));
        };
        let after = if blanks { after.trim_start_matches([' ', '\t']) } else { after };
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let port = after[..digits].parse().ok()?;
        Some((host, Some(port), &after[digits..]))
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(a) => Self::V4(a),
            IpAddr::V6(a) => Self::V6(a),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(a) => a.fmt(f),
            Self::V6(a) => write!(f, "[{a}]"),
        }
    }
}

/// What a host name consists of.
static NAME: Set = Set::new(true, b"-._");

/// A host still lying in the text it was read from.
#[derive(Clone, Copy, Debug)]
pub(super) enum HostPart<'a> {
    Name(&'a str),
    Ip(IpAddr),
}

impl<'a> HostPart<'a> {
    fn split(text: &'a str) -> Option<(Self, &'a str)> {
        if let Some(inner) = text.strip_prefix('[') {
            let (address, rest) = inner.split_once(']')?;
            return Some((Self::Ip(IpAddr::V6(v6(address)?)), rest));
        }
        let (name, rest) = text.split_at(text.bytes().take_while(|b| NAME.has(*b)).count());
        if name.is_empty() {
            return None;
        }
        // Only what could be one is tried: most names do not begin with a digit.
        let ip = name.as_bytes()[0].is_ascii_digit().then(|| name.parse::<Ipv4Addr>().ok()).flatten();
        Some((ip.map_or(Self::Name(name), |a| Self::Ip(IpAddr::V4(a))), rest))
    }

    pub(super) fn to_host(self) -> Host {
        match self {
            Self::Name(name) => Host::Name(name.to_owned()),
            Self::Ip(ip) => ip.into(),
        }
    }
}

/// An IPv6 address without brackets. RFC 5118 section 4.10 wants the three colons tolerated that the
/// grammar of RFC 3261 puts before an embedded IPv4 address.
pub(super) fn v6(text: &str) -> Option<Ipv6Addr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (front, v4) = text.split_once(":::")?;
    v4.parse::<Ipv4Addr>().ok()?;
    format!("{front}::{v4}").parse().ok()
}
