//! Messages out of a stream of bytes, by Content-Length (RFC 3261 section 18.3, RFC 5626 section 3.5.1).

use bytes::{Buf as _, Bytes, BytesMut};

use super::bad::Bad;
use super::msg::Message;
use super::parse::{Head, Length};
use super::{MAX_BODY, MAX_HEAD};

/// What a stream has brought.
#[derive(Debug)]
pub enum Frame {
    /// A message.
    Message(Box<Message>),
    /// CR LF CR LF: the peer asks whether we are there, and is answered CR LF.
    Ping,
    /// A message that is not accepted.
    Refused {
        /// Whether and what to answer.
        bad: Bad,
        /// Where the next message begins is not known: after the answer the connection is closed, and
        /// nothing more comes out of here.
        close: bool,
    },
}

/// The bytes of one connection that have not become a message yet.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: BytesMut,
    /// How far the end of the head has been looked for: a slow sender costs no second look.
    seen: usize,
    /// The length of the message whose head is whole.
    whole: Option<usize>,
    closed: bool,
}

impl Frames {
    /// A connection that has brought nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what has arrived. After a refusal that closes the connection it is thrown away.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.closed {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// How many bytes wait for the rest of their message. The caller gives a sender limited time while
    /// this is not 0, and reads no more before [`Frames::next`] has given `None`.
    pub fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// The next frame; `None` until more bytes arrive.
    #[expect(clippy::should_implement_trait, reason = "more frames follow a None once more bytes are pushed")]
    pub fn next(&mut self) -> Option<Frame> {
        if self.closed {
            return None;
        }
        if self.whole.is_none() {
            if let Some(ping) = self.line_ends() {
                return Some(ping);
            }
            let end = self.head_end()?;
            match self.measure(end) {
                Ok(whole) => self.whole = Some(whole),
                Err(refused) => return Some(refused),
            }
        }
        let whole = self.whole.filter(|n| self.bytes.len() >= *n)?;
        (self.whole, self.seen) = (None, 0);
        let head = Head::read(self.bytes.split_to(whole).freeze());
        Some(match head.finish(Length::Stream) {
            Ok(message) => Frame::Message(Box::new(message)),
            Err(bad) => Frame::Refused { bad, close: false },
        })
    }

    /// Takes line ends between messages. Two in a row are a ping; a single one answers ours.
    fn line_ends(&mut self) -> Option<Frame> {
        while self.bytes.starts_with(b"\r\n") {
            if self.bytes.starts_with(b"\r\n\r\n") {
                self.bytes.advance(4);
                return Some(Frame::Ping);
            }
            // Half a ping may still be under way.
            if self.bytes.len() < 4 && b"\r\n\r\n".starts_with(&self.bytes) {
                return None;
            }
            self.bytes.advance(2);
        }
        None
    }

    /// Where the head ends. Without an end within bounds the connection is given up by the caller of this.
    fn head_end(&mut self) -> Option<usize> {
        let from = self.seen.saturating_sub(3);
        if let Some(at) = self.bytes[from..].windows(4).position(|w| w == b"\r\n\r\n") {
            return Some(from + at + 4);
        }
        self.seen = self.bytes.len();
        // Cut here, the head has no empty line, and is refused for being too long.
        (self.bytes.len() > MAX_HEAD).then_some(self.bytes.len())
    }

    /// The length of the whole message whose head ends at `end`.
    fn measure(&mut self, end: usize) -> Result<usize, Frame> {
        let head = Head::read(Bytes::copy_from_slice(&self.bytes[..end]));
        let fault = match (head.end(), head.length()) {
            (None, _) => (513, ""),
            // Lines that may be cut otherwise elsewhere: where the body begins is anybody's guess.
            (Some(_), _) if head.fault().is_some() => head.fault().unwrap_or_default(),
            (Some(_), Err(fault)) => fault,
            (Some(_), Ok(None)) => (400, "No Content-Length"),
            (Some(_), Ok(Some(n))) if n > MAX_BODY => (513, ""),
            (Some(end), Ok(Some(n))) => return Ok(end + n),
        };
        self.closed = true;
        self.bytes = BytesMut::new();
        Err(Frame::Refused { bad: head.refuse(fault), close: true })
    }
}

/// What a ping is answered with.
pub const PONG: &[u8] = b"\r\n";
