//! One element of a Via header (RFC 3261 section 20.42).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::head::Unreadable;
use super::host::{self, Host, HostPart};
use super::param::{self, Params};
use super::text::{is_token_byte, skip_blanks, trim};

/// Where a message passed, and where its response goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Via {
    /// `UDP`, `TCP`, `TLS`, `WS`, … as written.
    pub transport: String,
    /// Who sent it, by his own account.
    pub host: Host,
    /// The port he listens on.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport`, `maddr`, …
    pub params: Params,
}

impl Via {
    /// The transaction's branch; `None` of RFC 2543 senders.
    pub fn branch(&self) -> Option<&str> {
        self.params.get("branch").filter(|b| !b.is_empty())
    }

    /// The address it was seen to come from, with or without brackets (RFC 5118 section 4.5).
    pub fn received(&self) -> Option<IpAddr> {
        let text = self.params.get("received")?;
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        bare.parse().ok().or_else(|| host::v6(bare).map(IpAddr::V6))
    }

    /// Whether `rport` is asked for (RFC 3581), with or without a value.
    pub fn wants_rport(&self) -> bool {
        self.params.has("rport")
    }

    /// The port it was seen to come from.
    pub fn rport(&self) -> Option<u16> {
        self.params.get("rport")?.parse().ok()
    }

    /// The port, or the one the transport implies.
    pub fn port_or_default(&self) -> u16 {
        let implied = if self.transport.eq_ignore_ascii_case("TLS") { 5061 } else { 5060 };
        self.port.unwrap_or(implied)
    }
}

impl FromStr for Via {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let parts = ViaParts::read(text).ok_or(Unreadable::Malformed("Via"))?;
        Ok(Self {
            transport: parts.transport.to_owned(),
            host: parts.host.to_host(),
            port: parts.port,
            params: Params::of_checked(parts.params),
        })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)
    }
}

/// A Via still lying in the text it was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct ViaParts<'a> {
    transport: &'a str,
    host: HostPart<'a>,
    port: Option<u16>,
    params: &'a str,
}

impl<'a> ViaParts<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let text = trim(text);
        let (name, rest) = text.split_at_checked(3).filter(|(n, _)| n.eq_ignore_ascii_case("SIP"))?;
        debug_assert_eq!(name.len(), 3);
        let rest = slash(rest)?.strip_prefix("2.0")?;
        let rest = slash(rest)?;
        let end = rest.bytes().position(|b| !is_token_byte(b))?;
        let (transport, rest) = rest.split_at(end);
        let sent_by = skip_blanks(rest);
        if transport.is_empty() || sent_by.len() == rest.len() {
            return None;
        }
        let (host, port, params) = Host::split(sent_by, true)?;
        param::check(params).then_some(Self { transport, host, port, params })
    }
}

fn slash(text: &str) -> Option<&str> {
    skip_blanks(text).strip_prefix('/').map(skip_blanks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_via_reads_and_prints() {
        let via: Via =
            "SIP  / 2.0  / TCP     spindle.example.com : 5070   ;  branch  =   z9hG4bK9ikj8 ;rport"
                .parse()
                .unwrap();
        assert_eq!((via.transport.as_str(), via.port), ("TCP", Some(5070)));
        assert_eq!(via.host, Host::Name("spindle.example.com".to_owned()));
        assert_eq!(via.branch(), Some("z9hG4bK9ikj8"));
        assert!(via.wants_rport() && via.rport().is_none());
        assert_eq!(via.to_string().parse(), Ok(via));
    }

    #[test]
    fn a_received_address_may_lie_in_brackets() {
        for text in ["received=[2001:db8::9:255]", "received=2001:db8::9:255"] {
            let via: Via = format!("SIP/2.0/UDP [2001:db8::9:1]:5060;{text}").parse().unwrap();
            assert_eq!(via.received(), Some("2001:db8::9:255".parse().unwrap()));
        }
    }

    #[test]
    fn what_is_no_via_is_refused() {
        for bad in [
            "",
            "SIP/2.0/UDP",
            "SIP/2.0 host",
            "SIP/7.0/UDP h",
            "SIP/2.0/UDP 192.0.2.15;;",
            "SIP/2.0/UDP h:",
            "é",
        ] {
            assert!(bad.parse::<Via>().is_err(), "{bad}");
        }
    }
}
