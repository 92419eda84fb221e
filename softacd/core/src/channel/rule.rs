//! How often and how long a provider lets one write to a person who has written or done something.

use std::time::Duration;

use ngcc_proto::Wall;
use ngcc_proto::chat::Text;
use ngcc_proto::config::ChannelKind;
use serde::{Deserialize, Serialize};

const HOUR: Duration = Duration::from_secs(3600);
/// How long somebody who writes letters is remembered.
const LETTERS: Duration = Duration::from_secs(30 * 24 * 3600);
/// As many as one likes.
const MANY: u32 = u32::MAX;

/// So many sends within this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    sends: u32,
    within: Duration,
}

/// What a channel lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// What a message of the person's opens; none: it is always open.
    pub(super) message: Option<Allowance>,
    /// What an act without a message opens.
    pub(super) act: Option<Allowance>,
    /// The most bytes of one text.
    pub(super) text: usize,
    /// So often something is sent again before it is given up; none: without end.
    pub(super) tries: Option<u32>,
    /// Choices go as buttons, not as a list of what is typed for each.
    pub(super) buttons: bool,
    /// It sends letters: people know them by their numbers for long, and would not thank anybody for one of each of the
    /// centre's own lines of who serves now.
    pub(super) letters: bool,
    /// How long a person of whom nothing is left is remembered.
    pub(super) remembered: Duration,
}

impl Rule {
    /// Nothing is counted.
    const OPEN: Self = Self {
        message: None,
        act: None,
        text: 2048,
        buttons: false,
        tries: None,
        letters: false,
        remembered: Duration::from_secs(24 * 3600),
    };

    /// Of SIP MESSAGE: what fits into a datagram (RFC 3428 section 8), tried again for about an hour.
    pub(super) const SIP: Self = Self { text: 1000, tries: Some(65), ..Self::OPEN };

    /// Of a channel that is not known, as its configuration has not come yet: little is let through, and nobody forgotten.
    pub(super) fn unknown() -> Self {
        Self { remembered: LETTERS, ..Self::of(ChannelKind::Wechat) }
    }

    /// Of a kind of channel. The figures are the providers' own.
    pub(super) fn of(kind: ChannelKind) -> Self {
        match kind {
            ChannelKind::Generic => Self { text: 8 * 1024, ..Self::OPEN },
            // Customer-service messages: five within 48 hours of a message, three within a minute of an act.
            ChannelKind::Wechat | ChannelKind::Yixin => {
                let message = Allowance { sends: 5, within: 48 * HOUR };
                let act = Allowance { sends: 3, within: Duration::from_secs(60) };
                Self { message: Some(message), act: Some(act), ..Self::OPEN }
            }
            // Answers only: five within an hour of a message, which they name.
            ChannelKind::Qq => {
                let answers = Allowance { sends: 5, within: HOUR };
                Self { message: Some(answers), act: Some(answers), ..Self::OPEN }
            }
            // As many as one likes, within 48 hours of a message and five minutes of an act.
            ChannelKind::Alipay => {
                let message = Allowance { sends: MANY, within: 48 * HOUR };
                let act = Allowance { sends: MANY, within: Duration::from_secs(300) };
                Self { message: Some(message), act: Some(act), ..Self::OPEN }
            }
            ChannelKind::Telegram => Self { text: 4096, buttons: true, ..Self::OPEN },
            // People answer letters late, and are known by what they answer.
            ChannelKind::Email => Self { text: 16 * 1024, letters: true, remembered: LETTERS, ..Self::OPEN },
        }
    }

    /// Whether it counts what is sent, not only when.
    pub(super) fn counts(&self) -> bool {
        self.message.is_some_and(|allowance| allowance.sends != MANY)
    }
}

/// What may still be sent, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    left: u32,
    pub(super) until: Wall,
    /// What an answer within it names.
    #[serde(default)]
    pub(super) reply: Option<Text>,
}

impl Window {
    /// The window that `allowance` opens at `now`, for answers that name `reply`.
    pub(super) fn new(allowance: Allowance, reply: Option<Text>, now: Wall) -> Self {
        let within = i64::try_from(allowance.within.as_millis()).unwrap_or(i64::MAX);
        Self { left: allowance.sends, until: Wall(now.0.saturating_add(within)), reply }
    }

    pub(super) fn left(&self, now: Wall) -> u32 {
        if now.0 < self.until.0 { self.left } else { 0 }
    }

    pub(super) fn spend(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    pub(super) fn shut(&mut self) {
        self.left = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_open_for_so_many_and_so_long() {
        let allowance = Rule::of(ChannelKind::Wechat).message.unwrap();
        let mut window = Window::new(allowance, None, Wall(1000));
        assert_eq!(window.left(Wall(1000)), 5);
        window.spend();
        assert_eq!(window.left(Wall(1000 + 48 * 3_600_000 - 1)), 4);
        assert_eq!(window.left(Wall(1000 + 48 * 3_600_000)), 0);
        window.shut();
        assert_eq!(window.left(Wall(1000)), 0);
    }
}
