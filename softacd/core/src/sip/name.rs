//! Names of headers: the compact forms, and those this crate reads by meaning.

/// A header whose meaning is known here. Found once, when the head is cut, so that looking a header up
/// compares a number and no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Allow,
    Authorization,
    CallId,
    Contact,
    ContentLength,
    ContentType,
    CSeq,
    Date,
    Event,
    Expires,
    From,
    MaxForwards,
    MinSe,
    RAck,
    RecordRoute,
    ReferTo,
    Replaces,
    Require,
    Route,
    RSeq,
    SessionExpires,
    Supported,
    To,
    Via,
}

impl Name {
    /// The meaning of a long name, without regard to case.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let candidates: &[(&str, Self)] = match name.len() {
            2 => &[("To", Self::To)],
            3 => &[("Via", Self::Via)],
            4 => &[
                ("From", Self::From),
                ("CSeq", Self::CSeq),
                ("Date", Self::Date),
                ("RAck", Self::RAck),
                ("RSeq", Self::RSeq),
            ],
            5 => &[("Allow", Self::Allow), ("Route", Self::Route), ("Event", Self::Event)],
            6 => &[("Min-SE", Self::MinSe)],
            7 => &[
                ("Call-ID", Self::CallId),
                ("Contact", Self::Contact),
                ("Expires", Self::Expires),
                ("Require", Self::Require),
            ],
            8 => &[("Refer-To", Self::ReferTo), ("Replaces", Self::Replaces)],
            9 => &[("Supported", Self::Supported)],
            12 => &[
                ("Max-Forwards", Self::MaxForwards),
                ("Content-Type", Self::ContentType),
                ("Record-Route", Self::RecordRoute),
            ],
            13 => &[("Authorization", Self::Authorization)],
            14 => &[("Content-Length", Self::ContentLength)],
            15 => &[("Session-Expires", Self::SessionExpires)],
            _ => &[],
        };
        let is_it = |(known, _): &&(&str, Self)| name.eq_ignore_ascii_case(known.as_bytes());
        candidates.iter().find(is_it).map(|(_, n)| *n)
    }

    /// Its place in a set of names.
    pub(super) fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Whether it stands once: if not, the message may mean one thing here and another elsewhere.
    pub(super) fn stands_once(self) -> bool {
        match self {
            Self::CallId
            | Self::ContentLength
            | Self::ContentType
            | Self::CSeq
            | Self::Date
            | Self::Event
            | Self::Expires
            | Self::From
            | Self::MaxForwards
            | Self::MinSe
            | Self::RAck
            | Self::ReferTo
            | Self::Replaces
            | Self::RSeq
            | Self::SessionExpires
            | Self::To => true,
            Self::Allow
            | Self::Authorization
            | Self::Contact
            | Self::RecordRoute
            | Self::Require
            | Self::Route
            | Self::Supported
            | Self::Via => false,
        }
    }
}

/// The long form of a compact name, in either case.
pub(super) fn long(letter: u8) -> Option<&'static str> {
    Some(match letter.to_ascii_lowercase() {
        b'a' => "Accept-Contact",
        b'b' => "Referred-By",
        b'c' => "Content-Type",
        b'd' => "Request-Disposition",
        b'e' => "Content-Encoding",
        b'f' => "From",
        b'i' => "Call-ID",
        b'j' => "Reject-Contact",
        b'k' => "Supported",
        b'l' => "Content-Length",
        b'm' => "Contact",
        b'n' => "Identity-Info",
        b'o' => "Event",
        b'r' => "Refer-To",
        b's' => "Subject",
        b't' => "To",
        b'u' => "Allow-Events",
        b'v' => "Via",
        b'x' => "Session-Expires",
        b'y' => "Identity",
        _ => return None,
    })
}
