//! What each operation needs: one table, and nothing else decides.

use ngcc_proto::auth::{Grant, Permission};

/// An operation of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// `POST /api/v1/sign-in`.
    SignIn,
    /// `POST /api/v1/sign-out`.
    SignOut,
    /// `GET /api/v1/me`.
    Me,
    /// `POST /api/v1/ws-tickets`.
    Ticket,
    /// `GET /api/v1/sessions`: everybody's, or one's own.
    Sessions,
    /// `GET /api/v1/sessions/{id}`: anybody's, or one's own.
    Session,
    /// `/api/v1/contacts` and what is below it: anybody's, or those one serves and has served.
    Contacts,
    /// `GET /api/v1/recordings/collab/{collab}`: anybody's, or of one's own sessions.
    Recording,
    /// `GET /api/v1/board`, and `/ws/supervisor`.
    Board,
    /// `POST /api/v1/agents/{name}/force`, and `force` of `/ws/supervisor`.
    Force,
    /// `POST /api/v1/sessions/{id}/end`, and `end` of `/ws/supervisor`.
    End,
    /// `watch` and `unwatch` of `/ws/supervisor`, and a token there for `/ws/rtc`.
    Watch,
    /// `GET /api/v1/audit`.
    Audit,
    /// `GET /api/v1/channels`, and `/kinds` below it.
    Channels,
    /// `GET`, `PUT` and `DELETE /api/v1/channels/{name}`.
    Channel,
    /// `POST /api/v1/channels/{name}/test`.
    TryChannel,
    /// `POST /api/v1/staff/uploads`.
    Upload,
    /// `GET /api/v1/staff/uploads/{file}`.
    File,
    /// `POST /api/v1/colleagues/files`.
    SendFile,
    /// `GET /api/v1/colleagues/files/{file}`: of a conversation of one's own.
    ColleaguesFile,
    /// `GET /api/v1/openapi.json`.
    OpenApi,
    /// `seat` of `/ws/agent`, and a token for `/ws/rtc`.
    Seat,
    /// `im` of `/ws/agent`.
    Im,
}

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Whoever asks.
    Nothing,
    /// Whoever is signed in.
    SignIn,
    /// Who has this.
    May(Permission),
    /// Who has one of these.
    Either(Permission, Permission),
}

impl Operation {
    /// The table.
    pub(crate) const fn need(self) -> Need {
        match self {
            Self::SignIn | Self::OpenApi => Need::Nothing,
            Self::SignOut | Self::Me | Self::Ticket => Need::SignIn,
            // Agents see their own: the handler narrows what they are shown.
            Self::Sessions | Self::Session | Self::Contacts => {
                Need::Either(Permission::ReadHistory, Permission::Serve)
            }
            Self::Recording => Need::Either(Permission::Recordings, Permission::Serve),
            Self::Upload => Need::May(Permission::Serve),
            Self::File => Need::Either(Permission::Serve, Permission::ReadHistory),
            Self::Board | Self::Watch => Need::May(Permission::SeeBoard),
            Self::Force | Self::End => Need::May(Permission::Force),
            Self::Audit => Need::May(Permission::ReadAudit),
            Self::Channels | Self::Channel | Self::TryChannel => Need::May(Permission::Configure),
            Self::Seat => Need::May(Permission::Serve),
            Self::Im | Self::SendFile | Self::ColleaguesFile => Need::May(Permission::Message),
        }
    }

    /// Whether `grant` allows it.
    pub(crate) fn allowed(self, grant: &Grant) -> bool {
        match self.need() {
            Need::Nothing | Need::SignIn => true,
            Need::May(permission) => may(grant, permission),
            Need::Either(one, other) => may(grant, one) || may(grant, other),
        }
    }
}

/// Whether `grant` has `permission`.
pub(crate) fn may(grant: &Grant, permission: Permission) -> bool {
    grant.permissions.contains(&permission)
}

#[cfg(test)]
mod tests {
    use ngcc_proto::Wall;
    use ngcc_proto::config::UserRole;

    use super::*;

    fn grant(role: UserRole) -> Grant {
        Grant {
            user: "x".to_owned(),
            display: String::new(),
            roles: vec![role],
            permissions: Permission::of(role).to_vec(),
            until: Wall(0),
        }
    }

    use Operation as Op;

    /// What everybody who has a role may.
    const EVERYBODY: [Op; 11] = [
        Op::SignOut,
        Op::Me,
        Op::Ticket,
        Op::Sessions,
        Op::Session,
        Op::Contacts,
        Op::Recording,
        Op::File,
        Op::Im,
        Op::SendFile,
        Op::ColleaguesFile,
    ];
    const SERVES: [Op; 2] = [Op::Upload, Op::Seat];
    const SUPERVISES: [Op; 4] = [Op::Board, Op::Watch, Op::Force, Op::End];
    const CONFIGURES: [Op; 4] = [Op::Audit, Op::Channels, Op::Channel, Op::TryChannel];

    #[test]
    fn each_role_may_what_the_table_says_and_nothing_else() {
        let all = [&EVERYBODY[..], &SERVES, &SUPERVISES, &CONFIGURES].concat();
        for (role, allowed) in [
            (UserRole::Agent, [&EVERYBODY[..], &SERVES].concat()),
            (UserRole::Supervisor, [&EVERYBODY[..], &SUPERVISES].concat()),
            (UserRole::Admin, [&EVERYBODY[..], &SUPERVISES, &CONFIGURES].concat()),
        ] {
            let grant = grant(role);
            let found: Vec<Op> = all.iter().copied().filter(|o| o.allowed(&grant)).collect();
            assert_eq!(found, allowed, "{role:?}");
        }
    }

    #[test]
    fn who_has_no_role_may_look_at_themselves_only() {
        let nobody = Grant { permissions: Vec::new(), ..grant(UserRole::Agent) };
        assert!(Operation::Me.allowed(&nobody));
        for operation in [Operation::Sessions, Operation::Board, Operation::Seat, Operation::Im] {
            assert!(!operation.allowed(&nobody), "{operation:?}");
        }
    }
}
