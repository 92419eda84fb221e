//! Configured objects: rows of the data centre, edited only through `admin`, pushed whole and versioned
//! to the roles that need them. The same types are the YAML of import and export.

mod bot;
mod channel;
mod form;
mod mail;
mod push;

use serde::{Deserialize, Serialize};

use crate::seat::Device;

pub use bot::{Bot, BotAccount, MAX_BOT_TIMEOUT_S};
pub use channel::{Channel, ChannelAccount, ChannelField, ChannelKind, FieldForm};
pub use form::{Field, FieldBy, FieldKind, Form, MAX_FIELDS, MAX_OPTIONS, MAX_VALUE, is_day, is_number};
pub use mail::{Guarded, MAX_ADDRESS, Mail, MailHost, MailMark, is_address};
pub use push::{Centre, Colleague, FlowInfo, ForAccess, ForCti, ForGateway, ForIvr, PhoneAccount, Seat};

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The user name.
    pub name: String,
    /// The name shown.
    #[serde(default)]
    pub display: String,
    /// What the user may do.
    #[serde(default)]
    pub roles: Vec<UserRole>,
    /// Written, never read back: argon2id is what is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Serve customers.
    Agent,
    /// Listen, whisper, barge, see reports.
    Supervisor,
    /// Change everything.
    Admin,
}

/// An agent's seat. The user of the same name signs in to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The user name.
    pub name: String,
    /// The name shown.
    #[serde(default)]
    pub display: String,
    /// The device taken at sign-in by feature code, or at start with `auto_ready`.
    #[serde(default = "browser")]
    pub device: Device,
    /// Signed in and ready from the start of the process: a phone-only agent.
    #[serde(default)]
    pub auto_ready: bool,
    /// How many chats at once.
    #[serde(default = "chats")]
    pub chats: u32,
    /// The number announced to customers.
    #[serde(default)]
    pub public_number: String,
    /// Seconds of wrap-up; none takes the queue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap_up_s: Option<u32>,
    /// The PIN for sign-in by phone. Written, never read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
}

fn browser() -> Device {
    Device::Browser
}

fn chats() -> u32 {
    4
}

/// A SIP phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// Its user name, and the number it is called by.
    pub name: String,
    /// Its digest secret. Written, never read back: HA1 values are what is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// A fixed contact, for a phone that does not register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// How a queue picks among free agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The agent whose last contact ended longest ago.
    #[default]
    LongestIdle,
    /// The next one after the last.
    RoundRobin,
    /// Uniformly by chance.
    Random,
    /// The lowest level, then the lowest position in the list.
    AgentPriority,
}

/// An agent's membership of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The agent's user name.
    pub agent: String,
    /// For `agent-priority`: lower is asked first.
    #[serde(default)]
    pub level: u16,
}

/// What a caller hears in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Music.
    #[default]
    Music,
    /// Nothing is sent.
    Silence,
    /// A flow.
    Flow(String),
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How it picks.
    #[serde(default)]
    pub strategy: Strategy,
    /// Who serves it.
    #[serde(default)]
    pub members: Vec<Member>,
    /// Seconds an offer rings.
    #[serde(default = "ring_s")]
    pub ring_s: u32,
    /// Seconds of wrap-up after a contact.
    #[serde(default = "wrap_up_s")]
    pub wrap_up_s: u32,
    /// The longest wait in seconds; none is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_wait_s: Option<u32>,
    /// The most callers that may wait; none is without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_len: Option<u32>,
    /// Higher is served sooner, across queues.
    #[serde(default)]
    pub priority: i32,
    /// What callers hear.
    #[serde(default)]
    pub wait: Wait,
    /// Not ready after so many unanswered offers in a row; 0 is never.
    #[serde(default = "max_missed")]
    pub max_missed: u32,
    /// For how many seconds at the most what a customer and an agent share goes on when their contact is over; 0: it
    /// ends with it.
    #[serde(default)]
    pub share_outlives_s: u32,
    /// Whether what agents are shown of what its customers share is recorded; both ends are told.
    #[serde(default)]
    pub record_sharing: bool,
}

fn ring_s() -> u32 {
    20
}
fn wrap_up_s() -> u32 {
    30
}
fn max_missed() -> u32 {
    1
}

/// Where a dialled number leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// A flow.
    Flow(String),
    /// A queue, without self-service before it.
    Queue(String),
    /// An agent's seat.
    Agent(String),
    /// A phone of ours.
    Phone(String),
    /// A conference room; `${rest}` is what was dialled behind the prefix.
    Conference(String),
    /// A SIP URI; `${rest}` and `${number}` may stand in it.
    Uri(String),
}

/// A number callers dial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The digits (or name).
    pub number: String,
    /// Whether anything that begins with it is meant; the longest prefix wins, an exact number before all.
    #[serde(default)]
    pub prefix: bool,
    /// Where it leads.
    pub to: Route,
    /// Whether callers without credentials reach it.
    #[serde(default)]
    pub public: bool,
}

/// A flow's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Its name; the text says the same.
    pub name: String,
    /// The flow file (JSON).
    pub text: String,
}

/// Any configured object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum Object {
    /// A user.
    User(User),
    /// An agent's seat.
    Agent(Agent),
    /// A phone.
    Phone(Phone),
    /// A queue.
    Queue(Queue),
    /// A number.
    Number(Number),
    /// A flow.
    Flow(Flow),
    /// A reply kept ready.
    CannedReply(CannedReply),
    /// What a contact may have been about.
    Disposition(Disposition),
    /// A form to be filled together.
    Form(Form),
    /// A messaging channel.
    Channel(Channel),
    /// An external bot.
    Bot(Bot),
}

/// The kinds of configured objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// Users.
    User,
    /// Agents' seats.
    Agent,
    /// Phones.
    Phone,
    /// Queues.
    Queue,
    /// Numbers.
    Number,
    /// Flows.
    Flow,
    /// Replies kept ready.
    CannedReply,
    /// What contacts may have been about.
    Disposition,
    /// Forms to be filled together.
    Form,
    /// Messaging channels.
    Channel,
    /// External bots.
    Bot,
}

impl Object {
    /// Its kind.
    pub fn kind(&self) -> ObjectKind {
        match self {
            Self::User(_) => ObjectKind::User,
            Self::Agent(_) => ObjectKind::Agent,
            Self::Phone(_) => ObjectKind::Phone,
            Self::Queue(_) => ObjectKind::Queue,
            Self::Number(_) => ObjectKind::Number,
            Self::Flow(_) => ObjectKind::Flow,
            Self::CannedReply(_) => ObjectKind::CannedReply,
            Self::Disposition(_) => ObjectKind::Disposition,
            Self::Form(_) => ObjectKind::Form,
            Self::Channel(_) => ObjectKind::Channel,
            Self::Bot(_) => ObjectKind::Bot,
        }
    }

    /// The name it is found by; a prefix number's ends in `…`-free form, as written.
    pub fn name(&self) -> &str {
        match self {
            Self::User(o) => &o.name,
            Self::Agent(o) => &o.name,
            Self::Phone(o) => &o.name,
            Self::Queue(o) => &o.name,
            Self::Number(o) => &o.number,
            Self::Flow(o) => &o.name,
            Self::CannedReply(o) => &o.name,
            Self::Disposition(o) => &o.name,
            Self::Form(o) => &o.name,
            Self::Channel(o) => &o.name,
            Self::Bot(o) => &o.name,
        }
    }
}

/// Everything configured: the YAML of import and export.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Catalogue {
    /// Users.
    pub users: Vec<User>,
    /// Agents.
    pub agents: Vec<Agent>,
    /// Phones.
    pub phones: Vec<Phone>,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Numbers.
    pub numbers: Vec<Number>,
    /// Flows.
    pub flows: Vec<Flow>,
    /// Replies kept ready.
    pub canned_replies: Vec<CannedReply>,
    /// What contacts may have been about.
    pub dispositions: Vec<Disposition>,
    /// Forms to be filled together.
    pub forms: Vec<Form>,
    /// Messaging channels.
    pub channels: Vec<Channel>,
    /// External bots.
    pub bots: Vec<Bot>,
}

/// A reply that agents keep ready, found by typing `/` and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedReply {
    /// Its name.
    pub name: String,
    /// The text; `${customer}` and `${agent}` stand for the names shown.
    pub text: String,
}

/// What a contact may have been about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disposition {
    /// Its name, as it stands in facts and reports.
    pub name: String,
    /// What agents see.
    #[serde(default)]
    pub label: String,
}
