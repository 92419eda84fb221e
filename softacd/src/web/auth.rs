//! The first frame of a browser: who it says it is.

use std::fmt;

use ngcc_proto::CollabId;
use serde::Deserialize;

/// The first frame of a customer's page.
#[derive(Debug, Deserialize)]
pub(super) struct Auth {
    pub(super) token: String,
    #[serde(default)]
    pub(super) entry: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) lang: Option<String>,
    #[serde(default)]
    pub(super) identity: Option<Identity>,
    /// On `/ws/rtc`: it is for the pictures of this collaboration alone.
    #[serde(default)]
    pub(super) collab: Option<CollabId>,
}

/// Who the page says its user is, and its proof.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Identity {
    /// A token that says it all.
    Token { jwt: String },
    /// An id and its digest; the name is not proved.
    Hash {
        id: String,
        #[serde(default)]
        name: Option<String>,
        hash: String,
    },
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token { .. } => "Token(…)",
            Self::Hash { .. } => "Hash(…)",
        })
    }
}
