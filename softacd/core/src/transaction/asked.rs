//! The head of a request as its responses need it (RFC 3261 section 8.2.6), and the writing of those
//! responses. Small enough to be kept for as long as an answer is owed, and to be stored.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::net::SocketAddr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::TxKey;
use crate::edge::SDP;
use crate::hop::Hop;
use crate::sip::{Headers, Host, Method, Via, reason_of};

/// What responses copy from their request, and where they go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The Via, From, Call-ID and CSeq lines, whole.
    lines: String,
    /// The value of To.
    to: String,
    /// Whether it came with a tag.
    tagged: bool,
    /// The Record-Route lines, whole.
    routes: String,
    /// Where responses go (RFC 3261 section 18.2.2, RFC 3581).
    pub(crate) hop: Hop,
}

impl Asked {
    /// Reads a request's head; its topmost Via is `via` already completed by [`complete`].
    pub(crate) fn of(headers: &Headers, tagged: bool, hop: Hop) -> Self {
        let mut asked =
            Self { lines: String::with_capacity(320), to: String::new(), tagged, routes: String::new(), hop };
        for (name, value) in headers.iter() {
            let value = String::from_utf8_lossy(value);
            let line = |out: &mut String, name: &str| {
                [name, ": ", &value, "\r\n"].iter().for_each(|part| out.push_str(part));
            };
            match name.as_bytes().first().map(u8::to_ascii_lowercase) {
                Some(b'v') if name.eq_ignore_ascii_case("Via") => line(&mut asked.lines, "Via"),
                Some(b'f') if name.eq_ignore_ascii_case("From") => line(&mut asked.lines, "From"),
                Some(b'c') if name.eq_ignore_ascii_case("Call-ID") => line(&mut asked.lines, "Call-ID"),
                Some(b'c') if name.eq_ignore_ascii_case("CSeq") => line(&mut asked.lines, "CSeq"),
                Some(b't') if name.eq_ignore_ascii_case("To") => asked.to = value.into_owned(),
                Some(b'r') if name.eq_ignore_ascii_case("Record-Route") => {
                    line(&mut asked.routes, "Record-Route")
                }
                Some(_) | None => {}
            }
        }
        asked
    }

    /// A response. `tag` is our To tag, `more` whole header lines, `sdp` a body.
    pub(crate) fn reply(&self, status: u16, tag: Option<u64>, more: &str, sdp: Option<&str>) -> Bytes {
        let body = sdp.unwrap_or_default();
        let mut out = String::with_capacity(self.lines.len() + self.to.len() + more.len() + body.len() + 192);
        // Writing to a String cannot fail.
        let _ = write!(out, "SIP/2.0 {status} {}\r\n{}To: {}", reason_of(status), self.lines, self.to);
        if let (false, Some(tag)) = (self.tagged || status == 100, tag) {
            let _ = write!(out, ";tag={tag:016x}");
        }
        out.push_str("\r\n");
        out.push_str(more);
        if sdp.is_some() {
            let _ = write!(out, "Content-Type: {SDP}\r\n");
        }
        let _ = write!(out, "Content-Length: {}\r\n\r\n{body}", body.len());
        Bytes::from(out)
    }

    /// The Record-Route lines: in every response that makes a dialog (RFC 3261 section 12.1.1).
    pub(crate) fn record_route(&self) -> &str {
        &self.routes
    }
}

/// Writes into the topmost Via where the request really came from (RFC 3261 section 18.2.1, RFC 3581);
/// whether anything was added.
pub(crate) fn complete(via: &mut Via, source: SocketAddr) -> bool {
    let rport = via.wants_rport();
    let elsewhere = via.host.ip() != Some(source.ip());
    if via.params.has("received") {
        via.params.remove("received");
    }
    if rport || elsewhere {
        via.params.set("received", &source.ip().to_string());
    }
    if rport {
        via.params.set("rport", &source.port().to_string());
    }
    rport || elsewhere
}

/// Where the responses to a request go that came from `source` with that topmost Via.
pub(crate) fn way_back(via: &Via, source: Hop) -> Hop {
    let peer = source.peer();
    let listening = SocketAddr::new(peer.ip(), via.port_or_default());
    match source {
        Hop::Udp { local, .. } if via.wants_rport() => Hop::Udp { local, peer },
        Hop::Udp { local, .. } => Hop::Udp { local, peer: listening },
        Hop::Tcp { conn, .. } => Hop::Tcp { peer: listening, conn },
    }
}

/// The key of the server transaction that a request belongs to; see [`TxKey`].
pub(crate) fn key(method: &Method, via: &Via, call_id: &str, from_tag: &str, number: u32) -> TxKey {
    let same = matches!(method, Method::Ack | Method::Cancel);
    let method = if same { Method::Invite.as_str() } else { method.as_str() };
    let sent_by = match &via.host {
        Host::Name(name) => name.to_ascii_lowercase(),
        Host::V4(_) | Host::V6(_) => via.host.to_string(),
    };
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        for part in [method, via.branch().unwrap_or_default(), &sent_by, call_id, from_tag] {
            hasher.write(part.as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.write_u16(via.port_or_default());
        hasher.write_u32(number);
        hasher.finish()
    };
    TxKey(half(0), half(1))
}
