//! The words of the vocabulary: what is shared, by whom, why not, and what stands in the record.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::uri::{AgentUri, UserUri};

/// What is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The customer's page, mirrored to the agent.
    Cobrowse,
    /// A form that both fill and the customer confirms.
    Form,
    /// A drawing.
    Whiteboard,
    /// A text.
    Document,
    /// Files that both put into one tray.
    File,
    /// Addresses that each end suggests to the other.
    Url,
    /// The customer's screen, a window or a tab of it: its pictures go over the media server.
    Screen,
}

/// A word that names no kind of collaboration.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no kind of collaboration: cobrowse, form, whiteboard, document, file, url or screen")]
pub struct BadKind(pub String);

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Cobrowse, Self::Form, Self::Whiteboard, Self::Document, Self::File, Self::Url, Self::Screen];

    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cobrowse => "cobrowse",
            Self::Form => "form",
            Self::Whiteboard => "whiteboard",
            Self::Document => "document",
            Self::File => "file",
            Self::Url => "url",
            Self::Screen => "screen",
        }
    }
}

impl FromStr for Kind {
    type Err = BadKind;
    fn from_str(text: &str) -> Result<Self, BadKind> {
        let cut = || BadKind(text.chars().take(64).collect());
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or_else(cut)
    }
}

/// Opens `/ws/collab/{id}` for one end of one collaboration, for as long as that end takes part. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub String);

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

/// What stands behind `/join/` in a link that an agent gives to a customer: it brings whoever opens it first into the
/// agent's session. Sixteen characters of Crockford's base 32 in fours, 80 random bits. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkToken(String);

impl LinkToken {
    /// How many characters it has, beside the hyphens.
    const LONG: usize = 16;
    /// The digits: without those that are taken for others.
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// The token of 80 random bits: the low ones of `bits`.
    pub fn of(bits: u128) -> Self {
        let digit = |at: usize| char::from(Self::DIGITS[(bits >> (5 * at)) as usize & 31]);
        let mut text = String::with_capacity(Self::LONG + 3);
        for at in 0..Self::LONG {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(digit(at));
        }
        Self(text)
    }

    /// Reads what somebody typed: in either case, with hyphens and blanks anywhere or nowhere, and with letters that
    /// are taken for digits. None: it is no token.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let mut bits = 0;
        let mut count = 0;
        for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let digit = Self::DIGITS.iter().position(|digit| char::from(*digit) == c)?;
            if count == Self::LONG {
                return None;
            }
            bits |= (digit as u128) << (5 * count);
            count += 1;
        }
        (count == Self::LONG).then(|| Self::of(bits))
    }

    /// As it stands in the link.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

/// Who takes part in a collaboration: one of its two ends, or one of those who look on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The customer.
    User(UserUri),
    /// An agent.
    Agent(AgentUri),
    /// Somebody who looks on and changes nothing.
    Viewer(AgentUri),
}

/// As what an agent is invited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// As the agent's end.
    #[default]
    Agent,
    /// To look on.
    Viewer,
}

/// Why a collaboration was refused or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// One of its ends has left it.
    Left,
    /// The session it belongs to is over.
    Closed,
    /// The invited end said no.
    Declined,
    /// The user URI names nobody who is here.
    UnknownUser,
    /// The code is wrong, has been used, or is too old.
    Expired,
    /// The user URI is not that of whoever asks.
    Identity,
    /// No kind of that name, or none that this contact can have.
    Unsupported,
    /// No agent came in time.
    NoAgent,
    /// It goes on with another agent: so who had it before is told.
    HandedOver,
    /// More at once, or in the present time, than the limit.
    TooMany,
    /// This one may not.
    Forbidden,
    /// The collaboration server does not answer, or has lost it.
    Unavailable,
}

/// What stands in the record of a collaboration beside its beginning and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The customer grants a capability.
    Consent,
    /// Or takes it back.
    Revoke,
    /// The customer pauses the sharing.
    Pause,
    /// Or goes on.
    Resume,
    /// The agent acts on the customer's page.
    Control,
    /// The agent proposes a value that the customer is to confirm.
    Propose,
    /// The customer confirms a value or the form.
    Confirm,
    /// An end puts something before the other: a file, or an address.
    Put,
    /// The other end opens it.
    Open,
    /// Or takes away what it had put there.
    Remove,
    /// What follows is not recorded though it was to be: the disk failed, the recording is as large as one may be, or a
    /// browser shows its screen in a codec that is not recorded.
    Unrecorded,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_reads_as_its_word_and_no_other_word_is_one() {
        for kind in Kind::ALL {
            assert_eq!(kind.word().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.word()));
        }
        for word in ["", "telephone", "Cobrowse", "cobrowse "] {
            assert!(word.parse::<Kind>().is_err(), "{word}");
        }
    }

    #[test]
    fn a_links_token_is_read_as_people_type_it_and_is_not_printed() {
        let token = LinkToken::of(0x1234_5678_9abc_def0_1122);
        let text = token.text();
        assert_eq!((text.len(), text.matches('-').count()), (19, 3), "short enough to be read out");
        let bare = text.replace('-', "").to_lowercase();
        assert_eq!(LinkToken::read(&bare), Some(token.clone()));
        assert_eq!(LinkToken::read(&format!(" {} {}", &bare[..7], &bare[7..])), Some(token.clone()));
        assert_eq!(LinkToken::read("OIlo-0110-0000-0000"), LinkToken::read("0110-0110-0000-0000"));
        assert_ne!(LinkToken::of(1), LinkToken::of(2));
        assert_eq!(LinkToken::of(1 << 80), LinkToken::of(0), "eighty bits");
        for bad in ["", &bare[1..], &format!("{bare}0"), "U000-0000-0000-0000", "é000-0000-0000-000"] {
            assert_eq!(LinkToken::read(bad), None, "{bad}");
        }
        assert_eq!(format!("{token:?}"), "LinkToken(…)");
    }

    #[test]
    fn a_ticket_is_not_printed() {
        assert_eq!(format!("{:?}", Ticket("secret".to_owned())), "Ticket(…)");
    }
}
