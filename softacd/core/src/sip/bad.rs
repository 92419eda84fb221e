//! What is done with bytes that are no acceptable message.

use bytes::Bytes;

use super::head::Headers;
use super::msg::{Response, reason_of};

/// The verdict on a message that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reject {
    /// Nothing is sent: a response, an ACK, a keep-alive, or bytes that nobody could be answered for.
    Drop,
    /// This is answered, outside any transaction.
    Answer {
        /// 400, 414, 416, 505 or 513.
        status: u16,
        /// What is wrong, for the reason phrase.
        reason: &'static str,
    },
}

/// A message that is not accepted, with as much of its head as an answer needs.
#[derive(Clone, Debug)]
pub struct Bad {
    /// What to do with it.
    pub why: Reject,
    pub(super) head: Headers,
}

impl Bad {
    /// Something nobody is answered for.
    pub(super) fn drop() -> Self {
        Self { why: Reject::Drop, head: Headers::new() }
    }

    /// The answer, with every Via, the From, To, Call-ID and CSeq as they came, however malformed
    /// (RFC 3261 section 8.2.6). `None` when nothing is to be sent.
    pub fn answer(&self) -> Option<Response> {
        let Reject::Answer { status, reason } = self.why else { return None };
        let mut headers = Headers::new();
        headers.copy("Via", &self.head);
        if headers.is_empty() {
            return None;
        }
        for name in ["From", "To", "Call-ID", "CSeq"] {
            // Of a doubled header one: the answer itself is to be well-formed where it can be.
            if let Some(value) = self.head.bytes(name) {
                headers.push(name, value);
            }
        }
        let reason = if reason.is_empty() { reason_of(status) } else { reason };
        Some(Response { status, reason: reason.to_owned(), headers, body: Bytes::new() })
    }
}
