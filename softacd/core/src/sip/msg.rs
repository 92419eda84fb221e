//! A message: request or response.

use bytes::Bytes;

use super::head::Headers;
use super::method::Method;
use super::uri::Uri;

/// A SIP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its Request-URI.
    pub uri: Uri,
    /// Its headers.
    pub headers: Headers,
    /// Its body.
    pub body: Bytes,
}

/// A response.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// 100 to 699.
    pub status: u16,
    /// The reason phrase; may be empty.
    pub reason: String,
    /// Its headers.
    pub headers: Headers,
    /// Its body.
    pub body: Bytes,
}

impl Request {
    /// A request without headers and without a body.
    pub fn new(method: Method, uri: Uri) -> Self {
        Self { method, uri, headers: Headers::new(), body: Bytes::new() }
    }

    /// Gives it a body and the Content-Type that goes with it.
    pub fn carry(&mut self, content_type: &str, body: impl Into<Bytes>) {
        self.headers.set("Content-Type", content_type);
        self.body = body.into();
    }
}

impl Response {
    /// A response to `request` (RFC 3261 section 8.2.6): its Vias, From, To, Call-ID and CSeq, of a 100
    /// also the Timestamp. The To has no tag yet unless the request's had one, see [`Response::tag`].
    pub fn to(request: &Request, status: u16) -> Self {
        let mut headers = Headers::new();
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            headers.copy(name, &request.headers);
        }
        if status == 100 {
            headers.copy("Timestamp", &request.headers);
        }
        Self { status, reason: reason_of(status).to_owned(), headers, body: Bytes::new() }
    }

    /// Puts our tag on the To, unless it has one.
    pub fn tag(&mut self, tag: &str) {
        let tagged = self.headers.to().is_ok_and(|to| to.tag().is_some());
        if let (false, Some(to)) = (tagged, self.headers.bytes("To")) {
            let value = [to, b";tag=", tag.as_bytes()].concat();
            self.headers.set("To", value);
        }
    }

    /// Gives it a body and the Content-Type that goes with it.
    pub fn carry(&mut self, content_type: &str, body: impl Into<Bytes>) {
        self.headers.set("Content-Type", content_type);
        self.body = body.into();
    }
}

impl Message {
    /// The headers of either.
    pub fn headers(&self) -> &Headers {
        match self {
            Self::Request(r) => &r.headers,
            Self::Response(r) => &r.headers,
        }
    }

    /// The body of either.
    pub fn body(&self) -> &Bytes {
        match self {
            Self::Request(r) => &r.body,
            Self::Response(r) => &r.body,
        }
    }
}

/// What a log may show of a request: no value of a header, no body.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} +{} bytes", self.method, self.headers, self.body.len())
    }
}

/// What a log may show of a response: no value of a header, no body.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} +{} bytes", self.status, self.headers, self.body.len())
    }
}

/// The usual reason phrase of a status; empty for one that has none.
pub fn reason_of(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        305 => "Use Proxy",
        380 => "Alternative Service",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        412 => "Conditional Request Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        485 => "Ambiguous",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        493 => "Undecipherable",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        580 => "Precondition Failure",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => "",
    }
}
