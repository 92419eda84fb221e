//! What both sides have agreed on (RFC 3264), as far as signalling needs it: our last words to repeat them,
//! theirs to know a mere refresh.

use std::hash::{DefaultHasher, Hasher as _};

use ngcc_proto::sdp::Sdp;
use serde::{Deserialize, Serialize};

/// The last offer and answer of a dialog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Agreed {
    /// Our description, as last sent.
    pub(crate) ours: Option<String>,
    /// A digest of theirs.
    theirs: u64,
    /// Whether theirs asks for hold.
    held: bool,
}

/// What an offer in a dialog is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// What was agreed on already: the old answer stands.
    Refresh,
    /// Something new.
    Change {
        /// `Some` when it asks for hold, or for its end.
        hold: Option<bool>,
    },
}

impl Agreed {
    /// What `offer` is against what is agreed.
    pub(crate) fn weigh(&self, offer: &Sdp) -> Offer {
        if self.ours.is_some() && digest(offer) == self.theirs {
            return Offer::Refresh;
        }
        let held = offer.holds();
        Offer::Change { hold: (held != self.held).then_some(held) }
    }

    /// What we offer in a call of ours.
    pub(crate) fn offered(ours: String) -> Self {
        Self { ours: Some(ours), ..Self::default() }
    }

    pub(crate) fn set_ours(&mut self, sdp: &Sdp) {
        self.ours = Some(sdp.to_string());
    }

    pub(crate) fn set_theirs(&mut self, sdp: &Sdp) {
        self.theirs = digest(sdp);
        self.held = sdp.holds();
    }
}

/// Compares all of it, not only the version in its origin: there are phones that press hold without a new version.
/// The number is compared within one build only; after an upgrade an unchanged offer is asked about once.
fn digest(sdp: &Sdp) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(sdp.to_string().as_bytes());
    hasher.finish()
}
