//! The shapes of requests and answers. What the house's own vocabulary writes is described here for readers of the
//! OpenAPI document; a test holds the descriptions against what is written.

use ngcc_proto::auth::{Grant, Permission};
use ngcc_proto::config::UserRole;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::frame::ForceTo;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignIn {
    /// The user name.
    #[schema(max_length = 64)]
    pub(crate) user: String,
    /// The password.
    #[schema(max_length = 256, format = Password)]
    pub(crate) password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// The user name.
    user: String,
    /// The name shown.
    display: String,
    /// The roles: `agent`, `supervisor`, `admin`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<UserRole>,
    /// What they may do: `serve`, `message`, `see_board`, `force`, `read_history`, `recordings`,
    /// `configure`, `read_audit`.
    #[schema(value_type = Vec<String>)]
    permissions: Vec<Permission>,
    /// When the sign-in ends by itself, in milliseconds since 1970.
    until: i64,
    /// What goes into `X-CSRF-Token` of every request that changes anything.
    csrf: String,
}

impl Me {
    /// As it is told to their own page.
    pub(crate) fn of(grant: Grant, csrf: String) -> Self {
        let Grant { user, display, roles, permissions, until } = grant;
        Self { user, display, roles, permissions, until: until.0, csrf }
    }
}

/// A ticket for the first frame of `/ws/agent` or `/ws/supervisor`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ticket {
    /// Good once, for 30 seconds.
    pub(crate) ticket: String,
}

/// Which closed sessions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those whose last owner was this agent. Without `read_history` it is always oneself.
    pub(crate) agent: Option<String>,
    /// Only those of this customer's URI.
    pub(crate) user: Option<String>,
    /// Only those of this queue.
    pub(crate) queue: Option<String>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// How many, 1 to 200; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageOf {
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// How many, 1 to 200; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
}

/// Closed sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sessions {
    /// Newest first.
    #[schema(value_type = Vec<ClosedSession>)]
    pub(crate) data: Vec<ngcc_proto::admin::ClosedSession>,
    /// For the next page; none on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// Acts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Audit {
    /// Newest first.
    #[schema(value_type = Vec<Act>)]
    pub(crate) data: Vec<ngcc_proto::ask::Act>,
    /// For the next page; none on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// What is stored of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// Its summary; none while it lives.
    #[schema(value_type = Option<ClosedSession>)]
    pub(crate) closed: Option<Box<ngcc_proto::admin::ClosedSession>>,
    /// Its facts, in order.
    #[schema(value_type = Vec<Fact>)]
    pub(crate) facts: Vec<ngcc_proto::fact::Fact>,
    /// Its messages, in order, notes among agents included: those of `/ws/agent`.
    #[schema(value_type = Vec<Object>)]
    pub(crate) messages: Vec<ngcc_proto::chat::Message>,
    /// What was recorded of what it shared; `/api/v1/recordings/collab/{collab}` gives each out.
    #[schema(value_type = Vec<Recording>)]
    pub(crate) recordings: Vec<ngcc_proto::recording::Recording>,
}

/// What was recorded of one collaboration.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recording {
    /// Which collaboration.
    collab: String,
    /// The session it belonged to.
    session: String,
    /// `cobrowse`, `form`, `whiteboard` or `document`.
    kind: String,
    /// When it began.
    started: i64,
    /// When its last entry was made.
    ended: i64,
    /// The bytes of its file.
    bytes: u64,
    /// Their SHA-256, in lower-case hex.
    sha256: String,
}

/// What a seat is to be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ForceSeat {
    /// `{"is": "logged_out" | "ready" | "not_ready", "reason"?}`.
    #[schema(value_type = Availability)]
    pub(crate) to: ForceTo,
}

/// Describes what the house's own vocabulary writes.
macro_rules! described {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "the house's own vocabulary is what is written; this describes it")]
        pub(crate) struct $name { $($(#[$field_doc])* $field: $ty,)* }
    )*};
}
pub(super) use described;

described! {
    /// A closed session. Its phases add up to `total_ms`.
    ClosedSession {
        /// Its id.
        id: String,
        /// Who came.
        user: String,
        /// What was dialled.
        dialled: String,
        /// When it began, in milliseconds since 1970.
        opened: i64,
        /// From the first fact to the last.
        total_ms: u64,
        /// With a flow, no agent.
        self_service_ms: u64,
        /// Waiting for an agent, ringing excluded.
        queue_ms: u64,
        /// While an agent's device rang.
        ring_ms: u64,
        /// With the agent or the called side.
        talk_ms: u64,
        /// On hold.
        hold_ms: u64,
        /// With the automatic service while an agent owned it.
        in_ivr_ms: u64,
        /// Everything else.
        other_ms: u64,
        /// The owner's wrap-up, after the end.
        wrap_up_ms: u64,
        /// The last owner.
        agent: Option<String>,
        /// The first queue.
        queue: Option<String>,
        /// How it ended.
        cause: String,
        /// Who ended it.
        by: String,
        /// `voice`, `video`, `chat`: what it was, in the order in which it gained it.
        media: Option<Vec<String>>,
        /// The name the customer gave.
        display: Option<String>,
        /// What it was about, as its last agent said.
        disposition: Option<String>,
        /// How many messages it has.
        messages: Option<u64>,
        /// The customer's other sessions at the same time: the calls out of this chat, or the chat of this call.
        beside: Option<Vec<String>>,
    }
    /// One thing that was decided or happened.
    Fact {
        /// The version of its form.
        v: u16,
        /// The session.
        session: String,
        /// Its number in the session, from 0 without a gap.
        n: u32,
        /// When, in milliseconds since 1970.
        at: i64,
        /// When, in microseconds on the centre's own scale.
        mono: u64,
        /// The message that led here.
        cause: Option<String>,
        /// What: an object with a `type`.
        #[schema(value_type = Object)]
        what: (),
    }
    /// A file as stored.
    Upload {
        /// Its id.
        file: String,
        /// Its name, cleaned.
        name: String,
        /// Its media type, by its bytes.
        mime: String,
        /// Its bytes.
        size: u64,
    }
    /// A privileged act.
    Act {
        /// When, in milliseconds since 1970.
        at: i64,
        /// Who.
        user: String,
        /// What: `sign_in`, `force_state`, `end_session`, `read_transcript`, `list_history`, …
        act: String,
        /// On what.
        on: String,
        /// From where the request came.
        from: String,
    }
    /// What a seat is to be.
    Availability {
        /// `logged_out`, `ready`, `not_ready`.
        is: String,
        /// Why it is not ready; `forced` unless said.
        reason: Option<String>,
    }
    /// Who waits, who is in which state.
    Board {
        /// Every queue: `{name, waiting, longest_ms, free, signed_in}`.
        #[schema(value_type = Vec<Object>)]
        queues: (),
        /// Every seat: `{seat, agent, display, device, availability, voice, chats, chat_capacity, since}`.
        #[schema(value_type = Vec<Object>)]
        seats: (),
        /// Who waits, in the order of service: `{session, user, display, medium, queue, since, declined?}`; at
        /// most 200.
        #[schema(value_type = Vec<Object>)]
        waiting: (),
        /// Live sessions.
        sessions: u64,
        /// What is shared now: `{session, collab, kind, user, display, agent, viewers}`; at most 200.
        #[schema(value_type = Vec<Object>)]
        shared: (),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ngcc_proto::{SessionId, Wall, ask};
    use serde_json::{Value, json};

    fn properties(schema: &str) -> BTreeSet<String> {
        let document: Value = serde_json::from_str(&super::super::document()).unwrap();
        let described = document["components"]["schemas"][schema]["properties"].as_object();
        described.unwrap_or_else(|| panic!("{schema}")).keys().cloned().collect()
    }

    fn keys(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn what_the_vocabulary_writes_is_described() {
        let closed = json!({
            "id": SessionId(1), "user": "tel:1", "dialled": "1000", "opened": 0, "total_ms": 0,
            "self_service_ms": 0, "queue_ms": 0, "ring_ms": 0, "talk_ms": 0, "hold_ms": 0, "in_ivr_ms": 0,
            "other_ms": 0, "wrap_up_ms": 0, "agent": null, "queue": null, "cause": "normal", "by": "customer",
        });
        let closed: ngcc_proto::admin::ClosedSession = serde_json::from_value(closed).unwrap();
        let written = keys(&serde_json::to_value(closed).unwrap());
        assert!(written.is_subset(&properties("ClosedSession")), "{written:?}");

        let act = ask::Act {
            at: Wall(0),
            user: String::new(),
            act: String::new(),
            on: String::new(),
            from: String::new(),
        };
        assert_eq!(keys(&serde_json::to_value(act).unwrap()), properties("Act"));
        let board = serde_json::to_value(ngcc_proto::supervise::Board::default()).unwrap();
        assert_eq!(keys(&board), properties("Board"));
    }
}
