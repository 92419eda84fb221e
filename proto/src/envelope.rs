//! The envelope: how every control message between modules travels, and the closed list of what it carries.

use serde::{Deserialize, Serialize};

use crate::id::{Ids, MessageId, SessionId};
use crate::time::Wall;
use crate::{
    access, admin, ask, auth, bcsm, channel, chat, collab, config, contact, data, flow, im, media, operate,
    recording, seat, supervise,
};

/// The wire version this build writes; a receiver refuses any other.
pub const VERSION: u16 = 1;

/// A module's part in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// softacd.
    Access,
    /// cti, with the exchange.
    Cti,
    /// ivr.
    Ivr,
    /// collab.
    Collab,
    /// agent-gateway.
    Gateway,
    /// The data centre.
    Data,
    /// The operator's control socket and command line.
    Operator,
    /// The colleagues' exchange.
    Im,
}

/// One instance of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct End {
    /// The role.
    pub role: Role,
    /// Which instance of it; 0 in one process.
    pub instance: u16,
}

impl Role {
    /// The first instance of the role: the only one in one process.
    pub const fn first(self) -> End {
        End { role: self, instance: 0 }
    }
}

/// A message on the exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// [`VERSION`].
    pub v: u16,
    /// Its own id; a receiver drops a repeat.
    pub id: MessageId,
    /// The message that led here, so that a session prints as a tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<MessageId>,
    /// The session it belongs to; none before session control has opened one, and for configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Who sent it.
    pub from: End,
    /// Who it is for.
    pub to: End,
    /// When it was made.
    pub at: Wall,
    /// What it says.
    pub body: Body,
}

impl Envelope {
    /// A message of `body`'s own direction, with a fresh id.
    pub fn new(
        ids: &mut Ids,
        at: Wall,
        session: Option<SessionId>,
        cause: Option<MessageId>,
        body: impl Into<Body>,
    ) -> Self {
        let body = body.into();
        let (from, to) = body.route();
        Self { v: VERSION, id: ids.mint(at), cause, session, from: from.first(), to: to.first(), at, body }
    }
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident($ty:ty): $from:ident => $to:ident;)*) => {
        /// The closed list of vocabularies; each names its direction, so that a message cannot be sent the wrong way.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "data", rename_all = "snake_case")]
        pub enum Body { $($(#[$doc])* $name($ty),)* }

        impl Body {
            /// Who sends it and who receives it.
            pub fn route(&self) -> (Role, Role) {
                match self { $(Self::$name(_) => (Role::$from, Role::$to),)* }
            }

            /// The vocabulary's name, for traces and metrics.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)* }
            }
        }

        $(impl From<$ty> for Body {
            fn from(value: $ty) -> Self {
                Self::$name(value)
            }
        })*
    };
}

bodies! {
    /// What happened to a leg at the edge.
    AccessEvent(access::Event): Access => Cti;
    /// What to do with a leg at the edge.
    AccessCommand(access::Command): Cti => Access;
    /// What a customer says in a chat.
    ChatEvent(chat::Event): Access => Cti;
    /// What a customer is told in a chat.
    ChatCommand(chat::Command): Cti => Access;
    /// What a customer asks to share, and what the application server does for it.
    CollabCall(collab::Call): Access => Cti;
    /// What cti has mapped, and what a customer is told.
    CollabAnswer(collab::Answer): Cti => Access;
    /// What the collaboration server is to do.
    CollabCommand(collab::Command): Cti => Collab;
    /// What happened to a collaboration.
    CollabEvent(collab::Event): Collab => Cti;
    /// A recording that has come to its end.
    RecordingCommand(recording::Command): Collab => Data;
    /// That it is in the business database.
    RecordingEvent(recording::Event): Data => Collab;
    /// A screen's recording that has come to its end.
    ScreenCommand(recording::MediaCommand): Ivr => Data;
    /// That it is in the business database.
    ScreenEvent(recording::MediaEvent): Data => Ivr;
    /// What happened to a leg's media.
    MediaEvent(media::Event): Ivr => Cti;
    /// What to do with media.
    MediaCommand(media::Command): Cti => Ivr;
    /// What a flow asks or tells.
    FlowEvent(flow::Event): Ivr => Cti;
    /// What to do with a flow.
    FlowCommand(flow::Command): Cti => Ivr;
    /// S4's extended message, agent to automatic service.
    ToAuto(bcsm::ToAuto): Cti => Ivr;
    /// S4's extended message, automatic service to agent.
    ToHuman(bcsm::ToHuman): Ivr => Cti;
    /// What an agent asks.
    SeatCommand(seat::Command): Gateway => Cti;
    /// What an agent is told.
    SeatEvent(seat::Event): Cti => Gateway;
    /// What a supervisor asks.
    SuperviseCommand(supervise::Command): Gateway => Cti;
    /// What a supervisor is told.
    SuperviseEvent(supervise::Event): Cti => Gateway;
    /// What a colleague sends or asks.
    ImCommand(im::Command): Gateway => Im;
    /// What a colleague is told.
    ImEvent(im::Event): Im => Gateway;
    /// Who signs in.
    AuthCommand(auth::Command): Gateway => Data;
    /// Whether they may.
    AuthEvent(auth::Event): Data => Gateway;
    /// What the REST interface reads and notes.
    AskCommand(ask::Command): Gateway => Data;
    /// The answer to it.
    AskEvent(ask::Event): Data => Gateway;
    /// What is asked about customers.
    ContactCommand(contact::Command): Gateway => Data;
    /// The answer to it.
    ContactEvent(contact::Event): Data => Gateway;
    /// What a customer's page or system says of them.
    ContactEvidence(contact::Evidence): Access => Data;
    /// Whether it is kept.
    ContactNoted(contact::Noted): Data => Access;
    /// What is asked of messaging channels as they run.
    ChannelCommand(channel::Command): Gateway => Access;
    /// How they fare.
    ChannelEvent(channel::Event): Access => Gateway;
    /// A change of messaging channels, by an administrator.
    ChannelChange(channel::Change): Gateway => Data;
    /// The answer to it.
    ChannelChanged(channel::Changed): Data => Gateway;
    /// What the data centre is to store.
    DataCommand(data::Command): Cti => Data;
    /// What the data centre has done.
    DataEvent(data::Event): Data => Cti;
    /// A change of a configured object.
    AdminCommand(admin::Command): Operator => Data;
    /// The answer to it.
    AdminEvent(admin::Event): Data => Operator;
    /// The operator looks and acts.
    OperateCommand(operate::Command): Operator => Cti;
    /// What the operator is told.
    OperateEvent(operate::Event): Cti => Operator;
    /// Configured objects, to the role that decides.
    ConfigCti(config::ForCti): Data => Cti;
    /// Configured objects, to the role that holds phones and trunks.
    ConfigAccess(config::ForAccess): Data => Access;
    /// Configured objects, to the role that runs flows.
    ConfigIvr(config::ForIvr): Data => Ivr;
    /// Configured objects, to the role that serves agents' browsers.
    ConfigGateway(config::ForGateway): Data => Gateway;
}
