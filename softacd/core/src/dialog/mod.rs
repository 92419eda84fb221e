//! A dialog (RFC 3261 section 12): who speaks with whom by which tags, numbers, route and target, and the
//! writing of requests in it. It is stored with its leg.

pub(crate) mod offer;

use std::fmt::Write as _;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::edge::Edge;
use crate::hop::Hop;
use crate::sip::{Headers, NameAddr, Uri};
use crate::transaction::invite::Head;

/// Request numbers are reserved in blocks, so that one used after a restart is higher than any before.
const BLOCK: u32 = 1000;
/// The most routes of a dialog.
const MOST_ROUTES: usize = 16;

/// One dialog, seen from our side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialog {
    /// Our tag; it is written as 16 hexadecimal digits.
    pub(crate) tag: u64,
    pub(crate) call_id: String,
    /// Ourselves, as From of our requests; with our tag.
    local: String,
    /// The other side, as To of our requests; with its tag.
    remote: String,
    pub(crate) remote_tag: String,
    /// The last number we used.
    seq: u32,
    /// Numbers up to here are stored as used.
    reserved: u32,
    /// The last number the other side used; none before its first request.
    remote_seq: Option<u32>,
    /// The route set, first hop first.
    routes: Vec<String>,
    /// The remote target.
    target: String,
    pub(crate) hop: Hop,
}

/// What a request in a dialog says beside what every one says.
#[derive(Debug, Default)]
pub(crate) struct Says<'a> {
    /// Whole header lines.
    pub(crate) lines: &'a str,
    /// A body with its content type.
    pub(crate) body: Option<(&'a str, &'a str)>,
}

impl Dialog {
    /// The dialog of an INVITE that came to us. None: its Contact is missing or not to be read.
    pub(crate) fn asked(
        headers: &Headers,
        from: &NameAddr,
        call_id: &str,
        seq: u32,
        tag: u64,
        source: Hop,
    ) -> Option<Self> {
        let target = contact(headers)?;
        let to = headers.get("To").unwrap_or_default();
        let mut dialog = Self {
            tag,
            call_id: call_id.to_owned(),
            local: format!("{to};tag={tag:016x}"),
            remote: headers.get("From")?.to_owned(),
            remote_tag: from.tag().unwrap_or_default().to_owned(),
            seq: 0,
            reserved: BLOCK,
            remote_seq: Some(seq),
            routes: record_route(headers),
            target: target.as_str().to_owned(),
            hop: source.for_contact(&target),
        };
        dialog.follow_route(source);
        Some(dialog)
    }

    /// The dialog that a 2xx to our INVITE makes; `source` is where the 2xx came from.
    pub(crate) fn answered(head: &Head, tag: u64, headers: &Headers, to: &NameAddr, source: Hop) -> Self {
        let target = contact(headers);
        let mut routes = record_route(headers);
        routes.reverse();
        let mut dialog = Self {
            tag,
            call_id: head.call_id.clone(),
            local: head.from.clone(),
            remote: headers.get("To").unwrap_or(&head.to).to_owned(),
            remote_tag: to.tag().unwrap_or_default().to_owned(),
            seq: head.seq,
            reserved: head.seq + BLOCK,
            remote_seq: None,
            routes,
            hop: target.as_ref().map_or(source, |t| source.for_contact(t)),
            target: target.map_or_else(|| head.uri.clone(), |t| t.as_str().to_owned()),
        };
        dialog.follow_route(source);
        dialog
    }

    /// Whether a request belongs here by its Call-ID and its From tag (our own tag has been looked up).
    pub(crate) fn is_of(&self, call_id: &str, from_tag: &str) -> bool {
        self.call_id == call_id && self.remote_tag == from_tag
    }

    /// Takes the number of a request of the other side; false if it is not higher than its last one's.
    pub(crate) fn take_number(&mut self, seq: u32) -> bool {
        let higher = self.remote_seq.is_none_or(|last| seq > last);
        if higher {
            self.remote_seq = Some(seq);
        }
        higher
    }

    /// Takes the Contact of a request or response that refreshes the target (RFC 3261 section 12.2);
    /// whether it is another than before.
    pub(crate) fn retarget(&mut self, headers: &Headers, source: Hop) -> bool {
        let Some(target) = contact(headers) else { return false };
        // A connection that is made anew is no other target.
        if self.hop.is_stream() && source.is_stream() {
            self.hop = Hop::Tcp { peer: self.hop.peer(), conn: source.conn() };
        }
        if target.as_str() == self.target {
            return false;
        }
        target.as_str().clone_into(&mut self.target);
        if self.routes.is_empty() {
            self.hop = source.for_contact(&target);
        }
        true
    }

    /// The next number for a request of ours; whether the dialog must be stored before it is used.
    pub(crate) fn next_number(&mut self) -> (u32, bool) {
        self.seq += 1;
        let store = self.seq >= self.reserved;
        if store {
            self.reserved = self.seq + BLOCK;
        }
        (self.seq, store)
    }

    /// After a restart: goes on above every number that may have been used.
    pub(crate) fn skip_used(&mut self) {
        self.seq = self.seq.max(self.reserved);
    }

    /// A request of ours in this dialog.
    pub(crate) fn request(&self, edge: &Edge, method: &str, seq: u32, number: u64, says: &Says<'_>) -> Bytes {
        let (uri, routes) = self.uri_and_routes();
        let mut text = String::with_capacity(512 + says.lines.len() + says.body.map_or(0, |(_, b)| b.len()));
        // Writing to a String cannot fail.
        let _ = write!(text, "{method} {uri} SIP/2.0\r\n");
        edge.via(&mut text, self.hop, number);
        let _ = write!(
            text,
            "{routes}Max-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {seq} {method}\r\n{}",
            self.local, self.remote, self.call_id, says.lines
        );
        let body = says.body.map_or("", |(kind, body)| {
            let _ = write!(text, "Content-Type: {kind}\r\n");
            body
        });
        let _ = write!(text, "Content-Length: {}\r\n\r\n{body}", body.len());
        Bytes::from(text)
    }

    /// What an INVITE in this dialog repeats in its ACK and CANCEL.
    pub(crate) fn head(&self, seq: u32) -> Head {
        let (uri, routes) = self.uri_and_routes();
        Head {
            uri: uri.to_owned(),
            routes,
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            seq,
        }
    }

    /// The request URI and the Route lines (RFC 3261 section 12.2.1.1), also past a strict router.
    fn uri_and_routes(&self) -> (&str, String) {
        let mut lines = String::new();
        let mut line = |route: &str| ["Route: ", route, "\r\n"].iter().for_each(|part| lines.push_str(part));
        match self.routes.first().and_then(|r| r.parse::<NameAddr>().ok()) {
            Some(first) if !first.uri.params.has("lr") => {
                self.routes.iter().skip(1).for_each(|r| line(r));
                line(&format!("<{}>", self.target));
                (bare(&self.routes[0]), lines)
            }
            Some(_) | None => {
                self.routes.iter().for_each(|r| line(r));
                (&self.target, lines)
            }
        }
    }

    /// With a route set requests go to its first hop; one with a host name is the one the message came from.
    fn follow_route(&mut self, source: Hop) {
        let Some(first) = self.routes.first() else { return };
        self.hop = first.parse::<NameAddr>().map_or(source, |first| source.for_contact(&first.uri));
    }
}

/// The URI of the first Contact.
pub(crate) fn contact(headers: &Headers) -> Option<Uri> {
    headers.contact().map(|c| c.uri).filter(Uri::is_sip)
}

fn record_route(headers: &Headers) -> Vec<String> {
    if !headers.has("Record-Route") {
        return vec![];
    }
    let routes = headers.record_route().unwrap_or_default();
    routes.iter().take(MOST_ROUTES).map(ToString::to_string).collect()
}

/// What stands between the brackets of an address that has been read before.
fn bare(address: &str) -> &str {
    let behind = address.split_once('<').map_or(address, |(_, behind)| behind);
    behind.split_once('>').map_or(behind, |(uri, _)| uri)
}
