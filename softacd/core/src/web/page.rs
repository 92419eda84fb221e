//! A customer's page, and in what order the messages of its session reach it.
//!
//! A page takes each number once and in order. So a session that was open before the page came is silent until
//! the page has said how far it is; and a number that does not follow the last one makes this edge ask the store.

use ngcc_proto::chat::Message;
use ngcc_proto::{Mono, SessionId, UserUri};

/// Whose chat, and with whom: at most one session is open for it, and one page is connected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) user: UserUri,
    pub(crate) entry: String,
}

/// What a person says of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) name: Option<String>,
    pub(crate) lang: Option<String>,
}

/// A page that is connected.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) place: Place,
    pub(crate) spoken: Spoken,
    /// The session it was told of.
    pub(crate) told: Option<SessionId>,
    /// The id of the frame that asked for a session.
    pub(crate) starting: Option<String>,
    /// The id of the frame that asked for a code.
    pub(crate) coding: Option<Option<String>>,
    pub(crate) feed: Feed,
    typed: Option<Mono>,
}

/// How messages reach a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// It has not said how far it is.
    Held,
    /// Every message, behind this number.
    Live(u64),
    /// The store is asked for what is behind this number; `answer` is the frame to be answered at the end.
    Behind { sent: u64, answer: Option<Option<String>> },
}

/// What becomes of a message that comes for a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The page gets it.
    Send,
    /// It has it, or gets it with what the store is asked for.
    Drop,
    /// Something before it is missing: everything behind this number is to be asked for.
    Ask(u64),
}

impl Page {
    pub(crate) fn new(place: Place, spoken: Spoken) -> Self {
        Self { place, spoken, told: None, starting: None, coding: None, feed: Feed::Live(0), typed: None }
    }

    /// A message comes as it is stored.
    pub(crate) fn live(&mut self, seq: u64) -> Next {
        match self.feed {
            Feed::Live(sent) if seq.checked_sub(1) == Some(sent) => {
                self.feed = Feed::Live(seq);
                Next::Send
            }
            Feed::Live(sent) if seq > sent => {
                self.feed = Feed::Behind { sent, answer: None };
                Next::Ask(sent)
            }
            Feed::Live(_) | Feed::Held | Feed::Behind { .. } => Next::Drop,
        }
    }

    /// What the store has: the part that the page does not have.
    pub(crate) fn replay(&mut self, messages: Vec<Message>) -> Vec<Message> {
        let Feed::Behind { sent, .. } = &mut self.feed else { return vec![] };
        let new = messages.into_iter().filter(|message| {
            let new = message.seq > *sent;
            *sent = message.seq.max(*sent);
            new
        });
        new.collect()
    }

    /// The store has said everything: how far the page is, and the frame to be answered.
    pub(crate) fn replayed(&mut self) -> Option<(u64, Option<Option<String>>)> {
        let Feed::Behind { sent, answer } = &mut self.feed else { return None };
        let done = (*sent, answer.take());
        self.feed = Feed::Live(done.0);
        Some(done)
    }

    /// The store does not say what it has: the page hears nothing more. The id of the frame that asked, if it had
    /// one; none at all where nothing was asked.
    pub(crate) fn not_replayed(&mut self) -> Option<Option<String>> {
        let Feed::Behind { answer, .. } = &mut self.feed else { return None };
        let answer = answer.take().flatten();
        self.feed = Feed::Held;
        Some(answer)
    }

    /// Whether it is passed on now that they write.
    pub(crate) fn types(&mut self, now: Mono, pause: std::time::Duration) -> bool {
        if self.typed.is_some_and(|last| now.since(last) < pause) {
            return false;
        }
        self.typed = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use ngcc_proto::chat::{Author, Content};
    use ngcc_proto::{MessageId, Wall};

    use super::*;

    fn page() -> Page {
        let place = Place { user: "web:v1".parse().unwrap(), entry: "shop".to_owned() };
        Page::new(place, Spoken::default())
    }

    fn message(seq: u64) -> Message {
        Message {
            seq,
            id: MessageId(u128::from(seq)),
            at: Wall(0),
            by: Author::Automation,
            content: Content::Masked,
            private: false,
        }
    }

    #[test]
    fn a_message_that_does_not_follow_makes_the_page_catch_up_first() {
        let mut page = page();
        assert_eq!([page.live(1), page.live(1), page.live(2)], [Next::Send, Next::Drop, Next::Send]);
        assert_eq!([page.live(4), page.live(5)], [Next::Ask(2), Next::Drop]);
        let seqs = |messages: Vec<Message>| messages.iter().map(|m| m.seq).collect::<Vec<_>>();
        assert_eq!(seqs(page.replay(vec![message(2), message(3)])), [3]);
        assert_eq!(seqs(page.replay(vec![message(4), message(4), message(5)])), [4, 5]);
        assert_eq!(page.replayed(), Some((5, None)));
        assert_eq!([page.live(5), page.live(6)], [Next::Drop, Next::Send]);
    }

    #[test]
    fn a_page_that_has_not_said_how_far_it_is_hears_nothing() {
        let mut page = page();
        page.feed = Feed::Held;
        assert_eq!(page.live(9), Next::Drop);
        assert!(page.replay(vec![message(9)]).is_empty(), "an answer to the page before");
        assert_eq!(page.replayed(), None);
    }
}
