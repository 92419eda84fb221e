//! SIP messages as text: start line, ordered headers, body. Strict where a peer could go wrong, and
//! with nothing typed beyond what the phone looks at.

use thiserror::Error;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// `METHOD uri SIP/2.0`.
    Request {
        /// The method, in capitals as it came.
        method: String,
        /// The request URI.
        uri: String,
    },
    /// `SIP/2.0 status reason`.
    Response {
        /// Three digits.
        status: u16,
        /// The words behind them.
        reason: String,
    },
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub start: Start,
    /// Names in their long form, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body, cut at `Content-Length`.
    pub body: String,
}

/// What is wrong with a message that came.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("no SIP message: {0}")]
pub struct Malformed(pub &'static str);

const COMPACT: [(&str, &str); 10] = [
    ("v", "Via"),
    ("f", "From"),
    ("t", "To"),
    ("m", "Contact"),
    ("i", "Call-ID"),
    ("c", "Content-Type"),
    ("l", "Content-Length"),
    ("k", "Supported"),
    ("r", "Refer-To"),
    ("o", "Event"),
];

impl Message {
    /// A request without headers.
    pub fn request(method: &str, uri: &str) -> Self {
        let start = Start::Request { method: method.to_owned(), uri: uri.to_owned() };
        Self { start, headers: Vec::new(), body: String::new() }
    }

    /// A response to `request` with what RFC 3261 section 8.2.6 copies; `tag` is added to a To without one.
    pub fn response(request: &Self, status: u16, reason: &str, tag: &str) -> Self {
        let start = Start::Response { status, reason: reason.to_owned() };
        let mut answer = Self { start, headers: Vec::new(), body: String::new() };
        for name in ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"] {
            for value in request.all(name) {
                let untagged = name == "To" && status > 100 && param(value, "tag").is_none();
                let value = if untagged { format!("{value};tag={tag}") } else { value.to_owned() };
                answer.headers.push((name.to_owned(), value));
            }
        }
        answer
    }

    /// Adds a header; for building in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body and its type.
    #[must_use]
    pub fn with_body(mut self, kind: &str, body: impl Into<String>) -> Self {
        self.body = body.into();
        self.with("Content-Type", kind)
    }

    /// Reads one message.
    ///
    /// # Errors
    /// [`Malformed`] where the start line, a header line, a mandatory header or the length is wrong.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (head, rest) = text.split_once("\r\n\r\n").ok_or(Malformed("no empty line"))?;
        let mut lines = head.split("\r\n");
        let start = parse_start(lines.next().unwrap_or_default())?;
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            if line.starts_with([' ', '\t']) {
                let (_, value) = headers.last_mut().ok_or(Malformed("folding before the first header"))?;
                value.push(' ');
                value.push_str(line.trim());
                continue;
            }
            let (name, value) = line.split_once(':').ok_or(Malformed("a header without a colon"))?;
            headers.push((long_form(name.trim()).to_owned(), value.trim().to_owned()));
        }
        let mut message = Self { start, headers, body: String::new() };
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            message.header(name).ok_or(Malformed("a mandatory header is missing"))?;
        }
        let length = match message.header("Content-Length") {
            Some(text) => text.parse().map_err(|_| Malformed("a Content-Length that is no number"))?,
            None => rest.len(),
        };
        message.body = rest.get(..length).ok_or(Malformed("the body is shorter than its length"))?.to_owned();
        Ok(message)
    }

    /// The bytes on the wire, with the right `Content-Length`.
    pub fn text(&self) -> String {
        let mut out = match &self.start {
            Start::Request { method, uri } => format!("{method} {uri} SIP/2.0\r\n"),
            Start::Response { status, reason } => format!("SIP/2.0 {status} {reason}\r\n"),
        };
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str(&format!("Content-Length: {}\r\n\r\n{}", self.body.len(), self.body));
        out
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every header of that name, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The method of a request; of a response, that of its CSeq.
    pub fn method(&self) -> &str {
        match &self.start {
            Start::Request { method, .. } => method,
            Start::Response { .. } => {
                self.header("CSeq").and_then(|c| c.split_whitespace().nth(1)).unwrap_or_default()
            }
        }
    }

    /// A response's status; none for a request.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            Start::Request { .. } => None,
            Start::Response { status, .. } => Some(status),
        }
    }

    /// The number of its CSeq.
    pub fn cseq(&self) -> u32 {
        let number = self.header("CSeq").and_then(|c| c.split_whitespace().next());
        number.and_then(|n| n.parse().ok()).unwrap_or_default()
    }

    /// The branch of its topmost Via, with its method (an ACK's is INVITE): what names its transaction.
    pub fn transaction(&self) -> String {
        let branch = self.header("Via").and_then(|v| param(v, "branch")).unwrap_or_default();
        let method = if self.method() == "ACK" { "INVITE" } else { self.method() };
        format!("{branch} {method}")
    }

    /// The tag of From (`"From"`) or To (`"To"`).
    pub fn tag(&self, of: &str) -> Option<&str> {
        self.header(of).and_then(|v| param(v, "tag"))
    }

    /// Its session description, if it has one.
    pub fn sdp(&self) -> Option<&str> {
        let kind = self.header("Content-Type")?;
        (kind.starts_with("application/sdp") && !self.body.is_empty()).then_some(self.body.as_str())
    }
}

fn parse_start(line: &str) -> Result<Start, Malformed> {
    if let Some(rest) = line.strip_prefix("SIP/2.0 ") {
        let (status, reason) = rest.split_once(' ').ok_or(Malformed("a status line without a reason"))?;
        let status = status.parse().map_err(|_| Malformed("a status that is no number"))?;
        return Ok(Start::Response { status, reason: reason.to_owned() });
    }
    let mut parts = line.split(' ');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(method), Some(uri), Some("SIP/2.0"), None) => {
            Ok(Start::Request { method: method.to_owned(), uri: uri.to_owned() })
        }
        _ => Err(Malformed("no request line")),
    }
}

fn long_form(name: &str) -> &str {
    let compact = COMPACT.iter().find(|(short, _)| name.eq_ignore_ascii_case(short));
    compact.map_or(name, |(_, long)| long)
}

/// The parameter `name` behind a name-addr or Via value.
pub(crate) fn param<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let behind = value.rfind('>').map_or(value, |at| &value[at + 1..]);
    behind.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The URI of a name-addr or addr-spec.
pub(crate) fn uri(value: &str) -> &str {
    match (value.find('<'), value.rfind('>')) {
        (Some(from), Some(to)) if from < to => &value[from + 1..to],
        _ => value.split(';').next().unwrap_or_default().trim(),
    }
}

/// The user part of a SIP URI.
pub(crate) fn user(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    rest.split_once('@').map_or("", |(user, _)| user)
}

/// The numeric host and port of a SIP URI; port 5060 where none stands.
pub(crate) fn address(uri: &str) -> Option<std::net::SocketAddr> {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split([';', '?']).next()?;
    host.parse().ok().or_else(|| Some((host.parse::<std::net::IpAddr>().ok()?, 5060).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:1000@127.0.0.1:5060 SIP/2.0\r\n\
        v: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKa;rport\r\nMax-Forwards: 70\r\n\
        f: \"A\" <sip:a@h>;tag=x\r\nTo: <sip:1000@h>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n\
        Contact: <sip:a@127.0.0.1:9>\r\nContent-Type: application/sdp\r\nl: 3\r\n\r\nv=0ignored";

    #[test]
    fn a_request_is_read_with_compact_names_and_cut_at_its_length() {
        let invite = Message::parse(INVITE).unwrap();
        assert_eq!((invite.method(), invite.cseq(), invite.sdp()), ("INVITE", 7, Some("v=0")));
        assert_eq!(invite.tag("From"), Some("x"));
        assert_eq!(invite.transaction(), "z9hG4bKa INVITE");
        assert_eq!(address(uri(invite.header("Contact").unwrap())), "127.0.0.1:9".parse().ok());
    }

    #[test]
    fn a_response_copies_what_it_must_and_tags_the_callee() {
        let invite = Message::parse(INVITE).unwrap();
        let busy = Message::parse(&Message::response(&invite, 486, "Busy Here", "y").text()).unwrap();
        assert_eq!((busy.status(), busy.method(), busy.tag("To")), (Some(486), "INVITE", Some("y")));
        assert_eq!(busy.transaction(), invite.transaction());
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let cut = INVITE.replace("l: 3", "l: 300");
        for text in ["", "\r\n\r\n", "INVITE sip:a SIP/2.0\r\nTo: x\r\n\r\n", &cut] {
            assert!(Message::parse(text).is_err(), "{text}");
        }
    }
}
