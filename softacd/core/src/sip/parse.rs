//! Bytes to a message. The head is cut into lines once; values are checked where they lie and read
//! into types only when somebody asks.

use bytes::Bytes;

use super::bad::{Bad, Reject};
use super::check;
use super::head::Headers;
use super::method::Method;
use super::msg::{Message, Request, Response};
use super::text::{is_token, lossy, trim_bytes};
use super::uri::{Scheme, Uri};
use super::{MAX_BODY, MAX_DATAGRAM, MAX_HEAD, MAX_HEADERS, MAX_LINE};

/// Why a message is refused: the status and the reason phrase.
pub(super) type Fault = (u16, &'static str);

/// Reads one datagram. What is behind the body is cut off (RFC 3261 section 18.3).
///
/// # Errors
/// [`Bad`] says whether it is answered, and with what.
pub fn parse(datagram: &[u8]) -> Result<Message, Bad> {
    parse_bytes(Bytes::copy_from_slice(datagram))
}

/// The same without a copy.
///
/// # Errors
/// As [`parse`].
pub fn parse_bytes(datagram: Bytes) -> Result<Message, Bad> {
    if datagram.len() > MAX_DATAGRAM {
        return Err(Bad::drop());
    }
    let start = leading_line_ends(&datagram);
    let datagram = datagram.slice(start..);
    Head::read(datagram).finish(Length::Datagram)
}

/// How many bytes of line ends stand before the message (RFC 3261 section 7.5).
pub(super) fn leading_line_ends(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count()
}

/// What a missing Content-Length means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// The body is the rest of the datagram.
    Datagram,
    /// On a stream there must be one.
    Stream,
}

/// A start line and headers, cut into lines; with the first thing found wrong about them.
pub(super) struct Head {
    bytes: Bytes,
    line: usize,
    headers: Headers,
    /// Where the body begins; `None` when the empty line is missing.
    end: Option<usize>,
    fault: Option<Fault>,
    utf8: bool,
}

impl Head {
    /// Cuts as much as it can, so that even a malformed request can be answered.
    pub(super) fn read(bytes: Bytes) -> Self {
        let line = line_end(&bytes, 0);
        let utf8 = std::str::from_utf8(&bytes).is_ok();
        let headers = Headers::over(bytes.clone());
        let mut head = Self { headers, bytes, line: line.at, end: None, fault: None, utf8 };
        head.note(line.fault.map(|_| (400, "Malformed Start Line")));
        if line.at > MAX_LINE {
            head.note(Some((414, "")));
        }
        head.cut(line.next);
        head
    }

    /// The Content-Length; `Ok(None)` when there is none.
    pub(super) fn length(&self) -> Result<Option<usize>, Fault> {
        if self.headers.lines("Content-Length").nth(1).is_some() {
            return Err((400, "Doubled Content-Length"));
        }
        if !self.headers.has("Content-Length") {
            return Ok(None);
        }
        self.headers.content_length().map(Some).ok_or((400, "Malformed Content-Length"))
    }

    /// The first thing wrong with how it is cut into lines.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Where the body begins.
    pub(super) fn end(&self) -> Option<usize> {
        self.end
    }

    /// Refuses the whole: a request is answered, if it names a way back; anything else is dropped.
    pub(super) fn refuse(self, (status, reason): Fault) -> Bad {
        let line = &self.bytes[..self.line];
        let response = line.get(..4).is_some_and(|b| b.eq_ignore_ascii_case(b"SIP/"));
        if response || line.starts_with(b"ACK ") || !self.headers.has("Via") {
            return Bad::drop();
        }
        Bad { why: Reject::Answer { status, reason }, head: self.headers }
    }

    /// Reads the start line, checks the headers and takes the body.
    pub(super) fn finish(self, length: Length) -> Result<Message, Bad> {
        let start = match start_line(&self.bytes[..self.line]) {
            Ok(start) => start,
            Err(fault) => return Err(self.refuse(fault)),
        };
        let method = match &start {
            StartLine::Request(method, _) => Some(method),
            StartLine::Response(..) => None,
        };
        let checked = self.fault.map_or(Ok(()), Err).and_then(|()| check::headers(&self.headers, method));
        let body = match checked.and_then(|()| self.body(length)) {
            Ok(body) => body,
            Err(fault) => return Err(self.refuse(fault)),
        };
        match start {
            StartLine::Request(_, uri) if matches!(uri.scheme, Scheme::Other(_)) => {
                Err(self.refuse((416, "")))
            }
            StartLine::Request(method, uri) => {
                Ok(Message::Request(Request { method, uri, headers: self.headers, body }))
            }
            StartLine::Response(status, reason) => {
                Ok(Message::Response(Response { status, reason, headers: self.headers, body }))
            }
        }
    }

    fn body(&self, length: Length) -> Result<Bytes, Fault> {
        let end = self.end.ok_or((400, "No Empty Line"))?;
        let rest = self.bytes.slice(end..);
        match (self.length()?, length) {
            (Some(n), _) if n > MAX_BODY => Err((513, "")),
            (Some(n), _) if n > rest.len() => Err((400, "Body Shorter Than Content-Length")),
            (Some(n), _) => Ok(rest.slice(..n)),
            (None, Length::Datagram) => Ok(rest),
            (None, Length::Stream) => Err((400, "No Content-Length")),
        }
    }

    fn note(&mut self, fault: Option<Fault>) {
        self.fault = self.fault.or(fault);
    }

    /// Cuts the lines from `at` on into headers.
    fn cut(&mut self, mut at: usize) {
        let bytes = self.bytes.clone();
        while at < bytes.len() {
            if bytes[at..].starts_with(b"\r\n") {
                self.end = Some(at + 2);
                return;
            }
            let start = at;
            let mut line = line_end(&bytes, at);
            let mut folded = false;
            while matches!(bytes.get(line.next), Some(b' ' | b'\t')) {
                folded = true;
                let more = line_end(&bytes, line.next);
                line = Line { fault: line.fault.or(more.fault), ..more };
            }
            if self.headers.len() == MAX_HEADERS || line.next > MAX_HEAD || line.at - start > MAX_LINE {
                return self.note(Some((513, "")));
            }
            self.note(line.fault.map(|why| (400, why)));
            self.header(start, &bytes[start..line.at], folded);
            at = line.next;
        }
        self.note(Some((400, "No Empty Line")));
    }

    fn header(&mut self, start: usize, line: &[u8], folded: bool) {
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            return self.note(Some((400, "Malformed Header")));
        };
        // Blanks before the colon belong to neither (RFC 3261 section 25.1, HCOLON).
        let name = trim_bytes(&line[..colon]);
        if line[0] == b' ' || line[0] == b'\t' || !std::str::from_utf8(name).is_ok_and(is_token) {
            return self.note(Some((400, "Malformed Header")));
        }
        let value = trim_bytes(&line[colon + 1..]);
        let front = line[colon + 1..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let value_at = start + colon + 1 + front;
        self.headers.found((start, start + name.len()), (value_at, value_at + value.len()));
        if folded {
            self.headers.replace_last(&unfold(value));
        }
        if !self.utf8 {
            self.headers.mend_last();
        }
    }
}

/// A line: where its text ends, where the next one begins, and what is wrong with it.
struct Line {
    at: usize,
    next: usize,
    fault: Option<&'static str>,
}

/// Finds the end of the line that begins at `from`. Control characters stand behind a backslash only, and a
/// line ends in CR LF only: whoever stands before us may read a lone one otherwise.
fn line_end(bytes: &[u8], from: usize) -> Line {
    let mut fault = None;
    let mut at = from;
    while let Some(n) = bytes[at..].iter().position(|b| *b < b' ' && *b != b'\t') {
        at += n;
        match bytes[at] {
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => return Line { at, next: at + 2, fault },
            b'\n' => return Line { at, next: at + 1, fault: Some("Lone Line Feed") },
            _ if at > from && bytes[at - 1] == b'\\' && bytes[at] != b'\r' => {}
            _ => fault = Some("Control Character"),
        }
        at += 1;
    }
    Line { at: bytes.len(), next: bytes.len(), fault: fault.or(Some("Unended Line")) }
}

/// A folded value with one blank for every line end and the blanks that follow it.
fn unfold(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter().copied().peekable();
    while let Some(b) = bytes.next() {
        if !matches!(b, b'\r' | b'\n') {
            out.push(b);
            continue;
        }
        while bytes.next_if(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t')).is_some() {}
        out.push(b' ');
    }
    out
}

enum StartLine {
    Request(Method, Uri),
    Response(u16, String),
}

fn start_line(line: &[u8]) -> Result<StartLine, Fault> {
    if line.len() > MAX_LINE {
        return Err((414, ""));
    }
    let text = lossy(line);
    if text.get(..4).is_some_and(|t| t.eq_ignore_ascii_case("SIP/")) {
        return status_line(&text);
    }
    const MALFORMED: Fault = (400, "Malformed Request Line");
    let mut parts = text.split(' ');
    let (Some(method), Some(uri), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(MALFORMED);
    };
    let (name, number) = version.split_once('/').ok_or(MALFORMED)?;
    let digits = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    if !name.eq_ignore_ascii_case("SIP")
        || !number.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b))
    {
        return Err(MALFORMED);
    }
    if number != "2.0" {
        return Err((505, ""));
    }
    let method = Method::parse(method).ok_or(MALFORMED)?;
    let uri: Uri = uri.parse().map_err(|_| (400, "Malformed Request-URI"))?;
    // RFC 3261 section 19.1.1 allows no headers here, and whoever acted on them would be led astray.
    if uri.headers.is_some() {
        return Err((400, "Headers in Request-URI"));
    }
    Ok(StartLine::Request(method, uri))
}

/// The fault of a response is never sent: it only tells that there is one.
fn status_line(text: &str) -> Result<StartLine, Fault> {
    const MALFORMED: Fault = (400, "Malformed Status Line");
    let rest = text.get(4..).and_then(|t| t.strip_prefix("2.0 ")).ok_or(MALFORMED)?;
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let digits = status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit());
    let status = status.parse().ok().filter(|s| digits && (100..700).contains(s)).ok_or(MALFORMED)?;
    Ok(StartLine::Response(status, reason.to_owned()))
}
