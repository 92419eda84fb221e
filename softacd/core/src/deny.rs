//! A refusal of a request: a status and the header lines that go with it.

use std::borrow::Cow;

use crate::edge::ALLOW;

/// Why a request is not done, as its response says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deny {
    pub(crate) status: u16,
    /// Whole header lines.
    pub(crate) lines: Cow<'static, str>,
}

impl Deny {
    /// Just a status.
    pub(crate) fn plain(status: u16) -> Self {
        Self { status, lines: Cow::Borrowed("") }
    }

    pub(crate) fn with(status: u16, lines: impl Into<Cow<'static, str>>) -> Self {
        Self { status, lines: lines.into() }
    }

    /// A method that does not fit here (RFC 3261 section 8.2.1).
    pub(crate) fn method() -> Self {
        Self::with(405, ALLOW)
    }

    /// Not now, but in `seconds`.
    pub(crate) fn later(status: u16, seconds: u64) -> Self {
        Self::with(status, format!("Retry-After: {seconds}\r\n"))
    }
}
