//! `auth`: agent-gateway ⇄ data centre. Who signs in to the console, and what they may do. A token is
//! known to the data centre by its hash only, so nothing that is stored lets anybody in.

use serde::{Deserialize, Serialize};

use crate::config::UserRole;
use crate::secret::{Secret, hop};
use crate::time::Wall;

/// What a signed-in user may do: the closed list of docs/reference/permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Serve customers (S1-03).
    Serve,
    /// Write to colleagues.
    Message,
    /// See the board: who waits, who is in which state.
    SeeBoard,
    /// Force a seat's state, end a session.
    Force,
    /// Read closed sessions of everybody; without it one's own only.
    ReadHistory,
    /// See what was recorded of everybody's collaborations; without it that of one's own sessions only.
    Recordings,
    /// Change what is configured.
    Configure,
    /// Read the audit.
    ReadAudit,
}

impl Permission {
    /// What a role may.
    pub fn of(role: UserRole) -> &'static [Self] {
        match role {
            UserRole::Agent => &[Self::Serve, Self::Message],
            UserRole::Supervisor => {
                &[Self::Message, Self::SeeBoard, Self::Force, Self::ReadHistory, Self::Recordings]
            }
            UserRole::Admin => &[
                Self::Message,
                Self::SeeBoard,
                Self::Force,
                Self::ReadHistory,
                Self::Recordings,
                Self::Configure,
                Self::ReadAudit,
            ],
        }
    }
}

/// A signed-in user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The user name.
    pub user: String,
    /// The name shown.
    pub display: String,
    /// The roles.
    pub roles: Vec<UserRole>,
    /// The permissions, sorted, each once.
    pub permissions: Vec<Permission>,
    /// When the sign-in ends by itself.
    pub until: Wall,
}

/// agent-gateway to data centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Is this the user's password? If so the token whose hash this is stands for the user from now on.
    SignIn {
        /// The user name, as typed.
        user: String,
        /// The password.
        #[serde(with = "hop")]
        password: Secret,
        /// SHA-256 of the token, in lower-case hex.
        token_hash: String,
        /// Where the request came from, for the audit.
        from: String,
    },
    /// Whose token is this?
    Resume {
        /// SHA-256 of the token, in lower-case hex.
        token_hash: String,
    },
    /// The token stands for nobody any longer.
    SignOut {
        /// SHA-256 of the token, in lower-case hex.
        token_hash: String,
    },
}

/// Data centre to agent-gateway; the envelope's cause names the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// It is.
    Granted {
        /// Who, and what they may do.
        grant: Grant,
    },
    /// It is not. Wrong name and wrong password are told alike, after the same time.
    Refused {
        /// Locked out until then, whatever the password.
        until: Option<Wall>,
    },
    /// Signed out.
    Done,
}
