//! How often and how long a provider lets one write to a person who has written or done something.

use std::time::Duration;

use ngcc_proto::Wall;
use ngcc_proto::config::ChannelKind;
use serde::{Deserialize, Serialize};

const HOUR: Duration = Duration::from_secs(3600);

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
    /// Choices go as buttons, not as a list of what is typed for each.
    pub(super) buttons: bool,
}

impl Rule {
    /// Of a kind of channel. The figures are the providers' own.
    pub(super) fn of(kind: ChannelKind) -> Self {
        match kind {
            ChannelKind::Generic => Self { message: None, act: None, text: 8 * 1024, buttons: false },
            // Customer-service messages: five within 48 hours of a message, three within a minute of an act.
            ChannelKind::Wechat | ChannelKind::Yixin => Self {
                message: Some(Allowance { sends: 5, within: 48 * HOUR }),
                act: Some(Allowance { sends: 3, within: Duration::from_secs(60) }),
                text: 2048,
                buttons: false,
            },
            // Answers only: five within an hour of a message, which they name.
            ChannelKind::Qq => {
                let answers = Allowance { sends: 5, within: HOUR };
                Self { message: Some(answers), act: Some(answers), text: 2048, buttons: false }
            }
            // As many as one likes, within 48 hours of a message and five minutes of an act.
            ChannelKind::Alipay => Self {
                message: Some(Allowance { sends: u32::MAX, within: 48 * HOUR }),
                act: Some(Allowance { sends: u32::MAX, within: Duration::from_secs(300) }),
                text: 2048,
                buttons: false,
            },
            ChannelKind::Telegram => Self { message: None, act: None, text: 4096, buttons: true },
        }
    }
}

/// What may still be sent, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    left: u32,
    pub(super) until: Wall,
    /// What an answer within it names.
    #[serde(default)]
    pub(super) reply: Option<String>,
}

impl Window {
    /// The window that `allowance` opens at `now`, for answers that name `reply`.
    pub(super) fn new(allowance: Allowance, reply: Option<String>, now: Wall) -> Self {
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
