//! The few words of SIP the load generator speaks: messages built by hand and read by their lines, so that the
//! generator costs little and shares no code with what it measures.

use std::net::SocketAddr;

/// A received message, read in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard<'a> {
    text: &'a str,
}

impl<'a> Heard<'a> {
    /// A message as it came.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(|text| Self { text })
    }

    /// The status of a response.
    pub(super) fn status(self) -> Option<u16> {
        self.text.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method and the URI's user part of a request.
    pub(super) fn request(self) -> Option<(&'a str, &'a str)> {
        let (method, rest) = self.text.lines().next()?.split_once(' ')?;
        let (uri, _) = rest.split_once(' ')?;
        Some((method, user_of(uri)))
    }

    /// The first header of that name, without the name.
    pub(super) fn header(self, name: &str) -> Option<&'a str> {
        self.headers().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The method that CSeq names.
    pub(super) fn cseq_method(self) -> Option<&'a str> {
        self.header("CSeq")?.split_whitespace().nth(1)
    }

    /// The URI of Contact, without brackets.
    pub(super) fn contact(self) -> Option<&'a str> {
        let value = self.header("Contact")?;
        match value.split_once('<') {
            Some((_, rest)) => rest.split_once('>').map(|(uri, _)| uri),
            None => value.split(';').next(),
        }
    }

    /// The user part of From.
    pub(super) fn caller(self) -> Option<&'a str> {
        let (_, rest) = self.header("From")?.split_once('<')?;
        Some(user_of(rest))
    }

    /// Where the SDP says that audio is to be sent.
    pub(super) fn audio(self) -> Option<SocketAddr> {
        let (_, body) = self.text.split_once("\r\n\r\n")?;
        let host = body.lines().find_map(|line| line.strip_prefix("c=IN IP4 "))?.trim();
        let port = body.lines().find_map(|line| line.strip_prefix("m=audio "))?.split(' ').next()?;
        format!("{host}:{port}").parse().ok()
    }

    /// The response to this request: what must be copied is copied.
    pub(super) fn reply(self, status: &str, tag: &str, contact: &str, body: &str) -> String {
        let mut out = format!("SIP/2.0 {status}\r\n");
        for (name, value) in self.headers() {
            let copied = ["Via", "From", "To", "Call-ID", "CSeq", "Record-Route"];
            if !copied.iter().any(|c| name.eq_ignore_ascii_case(c)) {
                continue;
            }
            let tagged = name.eq_ignore_ascii_case("To") && !value.contains("tag=") && !tag.is_empty();
            let tag = if tagged { format!(";tag={tag}") } else { String::new() };
            out.push_str(&format!("{name}: {value}{tag}\r\n"));
        }
        out.push_str(&format!("Contact: <{contact}>\r\n"));
        finish(out, body)
    }

    fn headers(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or("");
        head.lines().skip(1).filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim(), value.trim()))
        })
    }
}

/// One side of a dialog, for building its requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    /// Our address.
    pub(super) local: SocketAddr,
    /// From, with its tag.
    pub(super) from: &'a str,
    /// To, with its tag where the dialog stands.
    pub(super) to: &'a str,
    /// The call's id.
    pub(super) call_id: &'a str,
}

impl Side<'_> {
    /// A request. `branch` is made unique by the caller.
    pub(super) fn request(&self, method: &str, uri: &str, cseq: u32, branch: &str, body: &str) -> String {
        let Side { local, from, to, call_id } = self;
        let cseq_method = if method == "ACK" { "ACK" } else { method };
        let out = format!(
            "{method} {uri} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\n\
             Max-Forwards: 70\r\n\
             From: {from}\r\n\
             To: {to}\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: {cseq} {cseq_method}\r\n\
             Contact: <sip:bench@{local}>\r\n"
        );
        finish(out, body)
    }
}

/// An SDP offer or answer for G.711 and telephone-event at `at`.
pub(super) fn sdp(at: SocketAddr) -> String {
    let (ip, port) = (at.ip(), at.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}

fn user_of(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    rest.split_once('@').map_or("", |(user, _)| user)
}

fn finish(mut out: String, body: &str) -> String {
    if !body.is_empty() {
        out.push_str("Content-Type: application/sdp\r\n");
    }
    out.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side() -> Side<'static> {
        let local = SocketAddr::from(([127, 0, 0, 1], 5999));
        Side { local, from: "<sip:100@127.0.0.1>;tag=f", to: "<sip:0007@127.0.0.1>", call_id: "c-1" }
    }

    #[test]
    fn what_is_built_is_read() {
        let invite = side().request("INVITE", "sip:0007@127.0.0.1:6000", 1, "x", &sdp(side().local));
        let heard = Heard::new(invite.as_bytes()).unwrap();
        assert_eq!(heard.request(), Some(("INVITE", "0007")));
        assert_eq!(heard.caller(), Some("100"));
        assert_eq!(heard.audio(), Some(side().local));
        assert_eq!(heard.contact(), Some("sip:bench@127.0.0.1:5999"));

        let ok = heard.reply("200 OK", "t", "sip:0007@127.0.0.1:6000", "");
        let heard = Heard::new(ok.as_bytes()).unwrap();
        assert_eq!((heard.status(), heard.cseq_method()), (Some(200), Some("INVITE")));
        assert_eq!(heard.header("to"), Some("<sip:0007@127.0.0.1>;tag=t"));
        assert_eq!((heard.header("Call-ID"), heard.audio()), (Some("c-1"), None));
    }
}
