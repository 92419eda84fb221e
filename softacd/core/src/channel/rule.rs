//! How often and how long a provider lets one write to a person who has written or done something.

use std::time::Duration;

use ngcc_proto::Wall;
use ngcc_proto::chat::Text;
use ngcc_proto::config::ChannelKind;
use serde::{Deserialize, Serialize};

const HOUR: Duration = Duration::from_secs(3600);
/// How long somebody who writes letters is remembered.
const LETTERS: Duration = Duration::from_secs(30 * 24 * 3600);
/// So often it is told that somebody goes on writing: Telegram forgets it after five seconds.
const OFTEN: Duration = Duration::from_secs(4);
/// The same by SIP, where it stands for 90 seconds (RFC 3994).
const REFRESH: Duration = Duration::from_secs(60);
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
    /// Choices go as buttons, if they are no more than this; else as a list of what is typed for each.
    pub(super) buttons: Option<Buttons>,
    /// What is sent is known again by its number, for longer than a person is remembered here.
    numbered: bool,
    /// So often the person is told that somebody goes on writing; none: they are shown nothing of it.
    pub(super) writing: Option<Duration>,
    /// It sends letters: nobody would thank one for a letter of each of the centre's own lines of who serves now.
    pub(super) letters: bool,
    /// How long a person of whom nothing is left is remembered.
    pub(super) remembered: Duration,
}

/// How much of what is to be chosen goes as buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Buttons {
    /// The most buttons below one text.
    pub(super) most: usize,
    /// The most bytes of what stands on one.
    pub(super) label: usize,
    /// The most bytes of the text above them.
    pub(super) text: usize,
}

impl Rule {
    /// Nothing is counted.
    const OPEN: Self = Self {
        message: None,
        act: None,
        text: 2048,
        buttons: None,
        tries: None,
        numbered: false,
        writing: None,
        letters: false,
        remembered: Duration::from_secs(24 * 3600),
    };

    /// Of SIP MESSAGE: what fits into a datagram (RFC 3428 section 8), tried again for about an hour.
    pub(super) const SIP: Self =
        Self { text: 1000, tries: Some(65), numbered: true, writing: Some(REFRESH), ..Self::OPEN };

    /// Of a channel that is not known, as its configuration has not come yet: little is let through, and nobody forgotten.
    pub(super) fn unknown() -> Self {
        Self { remembered: LETTERS, ..Self::of(ChannelKind::Wechat) }
    }

    /// Of a kind of channel. The figures are the providers' own.
    pub(super) fn of(kind: ChannelKind) -> Self {
        match kind {
            ChannelKind::Generic => {
                Self { text: 8 * 1024, numbered: true, writing: Some(OFTEN), ..Self::OPEN }
            }
            // Customer-service messages: five within 48 hours of a message, three within a minute of an act.
            ChannelKind::Wechat | ChannelKind::Yixin => {
                let message = Allowance { sends: 5, within: 48 * HOUR };
                let act = Allowance { sends: 3, within: Duration::from_secs(60) };
                let writing = (kind == ChannelKind::Wechat).then_some(OFTEN);
                Self { message: Some(message), act: Some(act), writing, ..Self::OPEN }
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
            ChannelKind::Telegram => {
                let buttons = Buttons { most: 100, label: usize::MAX, text: 4096 };
                Self { text: 4096, buttons: Some(buttons), writing: Some(OFTEN), ..Self::OPEN }
            }
            // Five within 48 hours of a message, and one greeting of who has come.
            ChannelKind::Wecom => {
                let message = Allowance { sends: 5, within: 48 * HOUR };
                let act = Allowance { sends: 1, within: Duration::from_secs(20) };
                let buttons = Buttons { most: 10, label: 128, text: 1024 };
                Self {
                    message: Some(message),
                    act: Some(act),
                    buttons: Some(buttons),
                    numbered: true,
                    ..Self::OPEN
                }
            }
            // People answer letters late, and are known by what they answer; a letter by its number.
            ChannelKind::Email => {
                Self { text: 16 * 1024, numbered: true, letters: true, remembered: LETTERS, ..Self::OPEN }
            }
        }
    }

    /// The number before the first of what is sent to somebody who comes at `now`.
    pub(super) fn first(&self, now: Wall) -> u64 {
        if self.numbered { u64::try_from(now.0).unwrap_or(0) } else { 0 }
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
