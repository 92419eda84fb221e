//! What each role is told of what is configured: whole, and with a version that rises with every change.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Agent, BotAccount, CannedReply, ChannelAccount, Disposition, Flow, Form, Number, Queue};
use crate::fact::Medium;
use crate::id::{QueueId, SeatId};
use crate::seat::Device;
use crate::uri::AgentUri;

/// A seat as cti is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The seat.
    pub id: SeatId,
    /// Whose.
    pub agent: AgentUri,
    /// What is configured.
    pub settings: Agent,
}

/// Limits and times of the whole centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Centre {
    /// How many self-service dialogues may run at once (S0-04).
    pub self_service_slots: u32,
    /// Seconds a lost connection is waited for.
    pub grace_s: u32,
    /// The flow run by the feature code for signing in.
    pub sign_in_flow: String,
    /// Seconds after which a chat in which nobody writes is closed (S0-08); 1500 to 2700 is usual.
    pub chat_idle_s: u32,
    /// Whether what is shared in a session that came through no queue is recorded.
    pub record_sharing: bool,
}

impl Default for Centre {
    fn default() -> Self {
        Self {
            self_service_slots: 100_000,
            grace_s: 30,
            sign_in_flow: "sign-in".to_owned(),
            chat_idle_s: 1800,
            record_sharing: false,
        }
    }
}

/// To cti.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForCti {
    /// Rises with every change.
    pub version: u64,
    /// The whole centre.
    pub centre: Centre,
    /// Every seat.
    pub seats: Vec<Seat>,
    /// Every queue.
    pub queues: Vec<(QueueId, Queue)>,
    /// Every number.
    pub numbers: Vec<Number>,
    /// The names of phones.
    pub phones: Vec<String>,
    /// The names of flows.
    pub flows: Vec<String>,
    /// Every form.
    #[serde(default)]
    pub forms: Vec<Form>,
}

/// A phone as softacd is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneAccount {
    /// Its user name.
    pub name: String,
    /// `MD5(name:realm:secret)` in lower-case hex (RFC 3261 section 22); none: it cannot register.
    pub ha1_md5: Option<String>,
    /// `SHA-256(name:realm:secret)` in lower-case hex (RFC 8760); none: it cannot register.
    pub ha1_sha256: Option<String>,
    /// A fixed contact.
    pub contact: Option<String>,
}

/// To softacd.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForAccess {
    /// Rises with every change.
    pub version: u64,
    /// Every phone.
    pub phones: Vec<PhoneAccount>,
    /// Addresses from which anything is refused at once.
    #[serde(default)]
    pub banned: Vec<IpAddr>,
    /// Every messaging channel.
    #[serde(default)]
    pub channels: Vec<ChannelAccount>,
}

/// To ivr.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForIvr {
    /// Rises with every change.
    pub version: u64,
    /// Every flow's text.
    pub flows: Vec<Flow>,
    /// Every external bot.
    #[serde(default)]
    pub bots: Vec<BotAccount>,
    /// Every form, for flows that have one filled in.
    #[serde(default)]
    pub forms: Vec<Form>,
}

/// A flow as the console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowInfo {
    /// Its name.
    pub name: String,
    /// The media it serves.
    pub media: Vec<Medium>,
    /// Whether agents may hand a customer to it.
    pub callable_by_agent: bool,
}

/// An agent as colleagues see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// Who.
    pub agent: AgentUri,
    /// The name shown.
    pub display: String,
    /// The device they have unless they choose another at sign-in.
    pub device: Device,
}

/// To agent-gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForGateway {
    /// Rises with every change.
    pub version: u64,
    /// Everybody who signs in, agents or not.
    pub people: Vec<Colleague>,
    /// Queues' names.
    pub queues: Vec<String>,
    /// Flows.
    pub flows: Vec<FlowInfo>,
    /// Replies kept ready.
    pub canned: Vec<CannedReply>,
    /// What a contact may have been about.
    pub dispositions: Vec<Disposition>,
    /// Forms to be filled together.
    #[serde(default)]
    pub forms: Vec<Form>,
}
