//! The flags that describe a configured object, and how they change one. What is not given stays as it is.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{ArgAction, Args};
use ngcc_proto::config::{
    Agent, CannedReply, Catalogue, Disposition, Flow, Member, Number, Object, ObjectKind, Phone, Queue,
    Route, Strategy, User, UserRole, Wait,
};
use ngcc_proto::seat::Device;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Flags that describe objects of one kind.
pub(crate) trait Describe: Args {
    /// The kind.
    const KIND: ObjectKind;

    /// A new object of that name, with every default.
    ///
    /// # Errors
    /// Something has no default and is not given; the text says what.
    fn fresh(&self, name: &str) -> Result<Object, String>;

    /// Changes what is given.
    ///
    /// # Errors
    /// A value cannot be read; the text says why.
    fn apply(self, object: &mut Object) -> Result<(), String>;
}

/// `user`.
#[derive(Args, Debug)]
pub(crate) struct UserArgs {
    /// The name shown.
    #[arg(long)]
    display: Option<String>,
    /// What the user may do: agent, supervisor, admin. May be repeated; replaces the list.
    #[arg(long, value_parser = word::<UserRole>)]
    role: Vec<UserRole>,
    /// The password; `-` reads it from standard input.
    #[arg(long)]
    password: Option<String>,
}

/// `agent`.
#[derive(Args, Debug)]
pub(crate) struct AgentArgs {
    /// The name shown.
    #[arg(long)]
    display: Option<String>,
    /// The phone the agent is called on.
    #[arg(long, conflicts_with = "browser")]
    phone: Option<String>,
    /// The agent is called in the browser.
    #[arg(long, action = ArgAction::SetTrue)]
    browser: bool,
    /// Signed in and ready from the start of the centre.
    #[arg(long, value_name = "BOOL")]
    auto_ready: Option<bool>,
    /// How many chats at once.
    #[arg(long, value_name = "CHATS")]
    chats: Option<u32>,
    /// The number announced to customers.
    #[arg(long)]
    public_number: Option<String>,
    /// Seconds of wrap-up; without it the queue's.
    #[arg(long, value_name = "SECONDS")]
    wrap_up: Option<u32>,
    /// The PIN for sign-in by phone; `-` reads it from standard input.
    #[arg(long)]
    pin: Option<String>,
}

/// `phone`.
#[derive(Args, Debug)]
pub(crate) struct PhoneArgs {
    /// Its digest secret; `-` reads it from standard input.
    #[arg(long)]
    secret: Option<String>,
    /// A fixed contact, for a phone that does not register, such as `sip:7001@192.0.2.7`.
    #[arg(long)]
    contact: Option<String>,
}

/// `queue`.
#[derive(Args, Debug)]
pub(crate) struct QueueArgs {
    /// longest-idle, round-robin, random or agent-priority.
    #[arg(long, value_parser = word::<Strategy>)]
    strategy: Option<Strategy>,
    /// An agent, or `agent:level`. May be repeated; replaces the list.
    #[arg(long, value_parser = member)]
    pub(super) member: Vec<Member>,
    /// Seconds an offer rings.
    #[arg(long, value_name = "SECONDS")]
    ring: Option<u32>,
    /// Seconds of wrap-up after a contact.
    #[arg(long, value_name = "SECONDS")]
    wrap_up: Option<u32>,
    /// The longest wait in seconds; 0 is for ever.
    #[arg(long, value_name = "SECONDS")]
    max_wait: Option<u32>,
    /// The most callers that may wait; 0 is without limit.
    #[arg(long, value_name = "CALLERS")]
    max_len: Option<u32>,
    /// Higher is served sooner, across queues.
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
    /// What callers hear: music, silence or flow:NAME.
    #[arg(long, value_parser = wait)]
    wait: Option<Wait>,
    /// Not ready after so many unanswered offers in a row; 0 is never.
    #[arg(long, value_name = "OFFERS")]
    max_missed: Option<u32>,
    /// Seconds for which what is shared outlives its contact, at the most; 0: it ends with it.
    #[arg(long, value_name = "SECONDS")]
    share_outlives: Option<u32>,
    /// Whether what agents are shown of what its customers share is recorded; both ends are told.
    #[arg(long, value_name = "BOOL")]
    record_sharing: Option<bool>,
}

/// `number`.
#[derive(Args, Debug)]
pub(crate) struct NumberArgs {
    /// Where it leads: flow:NAME, queue:NAME, agent:NAME, phone:NAME, conference:ROOM or uri:SIP-URI.
    #[arg(long, value_parser = route)]
    to: Option<Route>,
    /// Whether anything that begins with it is meant.
    #[arg(long, value_name = "BOOL")]
    prefix: Option<bool>,
    /// Whether callers without credentials reach it.
    #[arg(long, value_name = "BOOL")]
    public: Option<bool>,
}

/// `flow`.
#[derive(Args, Debug)]
pub(crate) struct FlowArgs {
    /// The flow file (JSON).
    #[arg(long)]
    file: Option<PathBuf>,
}

/// `reply`.
#[derive(Args, Debug)]
pub(crate) struct CannedReplyArgs {
    /// The text; `${customer}` and `${agent}` stand for the names shown, and `-` reads it from standard input.
    #[arg(long)]
    text: Option<String>,
}

/// `disposition`.
#[derive(Args, Debug)]
pub(crate) struct DispositionArgs {
    /// What agents see.
    #[arg(long)]
    label: Option<String>,
}

/// An object of that kind and name.
pub(crate) fn pick(catalogue: Catalogue, kind: ObjectKind, name: &str) -> Option<Object> {
    all(catalogue, kind).into_iter().find(|object| object.name() == name)
}

/// Every object of that kind.
pub(crate) fn all(catalogue: Catalogue, kind: ObjectKind) -> Vec<Object> {
    match kind {
        ObjectKind::User => catalogue.users.into_iter().map(Object::User).collect(),
        ObjectKind::Agent => catalogue.agents.into_iter().map(Object::Agent).collect(),
        ObjectKind::Phone => catalogue.phones.into_iter().map(Object::Phone).collect(),
        ObjectKind::Queue => catalogue.queues.into_iter().map(Object::Queue).collect(),
        ObjectKind::Number => catalogue.numbers.into_iter().map(Object::Number).collect(),
        ObjectKind::Flow => catalogue.flows.into_iter().map(Object::Flow).collect(),
        ObjectKind::CannedReply => catalogue.canned_replies.into_iter().map(Object::CannedReply).collect(),
        ObjectKind::Disposition => catalogue.dispositions.into_iter().map(Object::Disposition).collect(),
        ObjectKind::Form => catalogue.forms.into_iter().map(Object::Form).collect(),
        ObjectKind::Channel => catalogue.channels.into_iter().map(Object::Channel).collect(),
        ObjectKind::Bot => catalogue.bots.into_iter().map(Object::Bot).collect(),
    }
}

/// What a kind is called in messages and on the command line.
pub(crate) fn word_for(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "user",
        ObjectKind::Agent => "agent",
        ObjectKind::Phone => "phone",
        ObjectKind::Queue => "queue",
        ObjectKind::Number => "number",
        ObjectKind::Flow => "flow",
        ObjectKind::CannedReply => "reply",
        ObjectKind::Disposition => "disposition",
        ObjectKind::Form => "form",
        ObjectKind::Channel => "channel",
        ObjectKind::Bot => "bot",
    }
}

macro_rules! describe {
    ($args:ty, $kind:ident, $fresh:expr, |$self:ident, $object:ident: $ty:ty| $apply:block) => {
        impl Describe for $args {
            const KIND: ObjectKind = ObjectKind::$kind;

            fn fresh(&self, name: &str) -> Result<Object, String> {
                let fresh: fn(&Self, &str) -> Result<Value, String> = $fresh;
                let object: $ty = serde_json::from_value(fresh(self, name)?).map_err(|e| e.to_string())?;
                Ok(Object::$kind(object))
            }

            fn apply(self, object: &mut Object) -> Result<(), String> {
                let $self = self;
                if let Object::$kind($object) = object $apply
                Ok(())
            }
        }
    };
}

fn named(name: &str) -> Result<Value, String> {
    Ok(json!({ "name": name }))
}

describe!(UserArgs, User, |_, name| named(name), |args, user: User| {
    set(&mut user.display, args.display);
    if !args.role.is_empty() {
        user.roles = args.role;
    }
    if let Some(password) = args.password {
        user.password = Some(typed(password)?);
    }
});

describe!(AgentArgs, Agent, |_, name| named(name), |args, agent: Agent| {
    set(&mut agent.display, args.display);
    if args.browser {
        agent.device = Device::Browser;
    }
    set(&mut agent.device, args.phone.map(Device::Phone));
    set(&mut agent.auto_ready, args.auto_ready);
    set(&mut agent.chats, args.chats);
    set(&mut agent.public_number, args.public_number);
    if args.wrap_up.is_some() {
        agent.wrap_up_s = args.wrap_up;
    }
    if let Some(pin) = args.pin {
        agent.pin = Some(typed(pin)?);
    }
});

describe!(PhoneArgs, Phone, |_, name| named(name), |args, phone: Phone| {
    if let Some(secret) = args.secret {
        phone.secret = Some(typed(secret)?);
    }
    if let Some(contact) = args.contact {
        phone.contact = Some(contact).filter(|c| !c.is_empty());
    }
});

describe!(QueueArgs, Queue, |_, name| named(name), |args, queue: Queue| {
    set(&mut queue.strategy, args.strategy);
    if !args.member.is_empty() {
        queue.members = args.member;
    }
    set(&mut queue.ring_s, args.ring);
    set(&mut queue.wrap_up_s, args.wrap_up);
    set(&mut queue.max_wait_s, args.max_wait.map(|s| Some(s).filter(|s| *s > 0)));
    set(&mut queue.max_len, args.max_len.map(|n| Some(n).filter(|n| *n > 0)));
    set(&mut queue.priority, args.priority);
    set(&mut queue.wait, args.wait);
    set(&mut queue.max_missed, args.max_missed);
    set(&mut queue.share_outlives_s, args.share_outlives);
    set(&mut queue.record_sharing, args.record_sharing);
});

describe!(
    NumberArgs,
    Number,
    |args, name| {
        let to = args.to.as_ref().ok_or("--to says where the number leads, such as --to flow:main")?;
        Ok(json!({ "number": name, "to": to }))
    },
    |args, number: Number| {
        set(&mut number.to, args.to);
        set(&mut number.prefix, args.prefix);
        set(&mut number.public, args.public);
    }
);

describe!(
    FlowArgs,
    Flow,
    |args, name| {
        args.file.as_ref().ok_or("--file names the flow file (JSON)")?;
        Ok(json!({ "name": name, "text": "" }))
    },
    |args, flow: Flow| {
        if let Some(file) = args.file {
            flow.text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        }
    }
);

describe!(
    CannedReplyArgs,
    CannedReply,
    |args, name| {
        args.text.as_ref().ok_or("--text gives the text")?;
        Ok(json!({ "name": name, "text": "" }))
    },
    |args, reply: CannedReply| {
        if let Some(text) = args.text {
            reply.text = typed(text)?;
        }
    }
);

describe!(DispositionArgs, Disposition, |_, name| named(name), |args, disposition: Disposition| {
    set(&mut disposition.label, args.label);
});

pub(super) fn set<T>(slot: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *slot = value;
    }
}

/// A secret as typed, or from standard input where `-` stands for it.
pub(super) fn typed(text: String) -> Result<String, String> {
    if text != "-" {
        return Ok(text);
    }
    let mut read = String::new();
    std::io::stdin().take(4096).read_to_string(&mut read).map_err(|e| format!("standard input: {e}"))?;
    Ok(read.trim_end_matches(['\r', '\n']).to_owned())
}

/// A word of one of our own enums, by its name in catalogues.
pub(super) fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|e| e.to_string())
}

fn member(text: &str) -> Result<Member, String> {
    let (agent, level) = text.split_once(':').unwrap_or((text, "0"));
    let level = level.parse().map_err(|_| format!("`{level}` is no level: give a number from 0 to 65535"))?;
    Ok(Member { agent: agent.to_owned(), level })
}

fn wait(text: &str) -> Result<Wait, String> {
    match text.split_once(':') {
        None if text == "music" => Ok(Wait::Music),
        None if text == "silence" => Ok(Wait::Silence),
        Some(("flow", name)) if !name.is_empty() => Ok(Wait::Flow(name.to_owned())),
        _ => Err("give music, silence or flow:NAME".to_owned()),
    }
}

fn route(text: &str) -> Result<Route, String> {
    let Some((kind, name)) = text.split_once(':').filter(|(_, name)| !name.is_empty()) else {
        return Err(
            "give flow:NAME, queue:NAME, agent:NAME, phone:NAME, conference:ROOM or uri:SIP-URI".to_owned()
        );
    };
    serde_json::from_value(json!({ kind: name })).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_read_from_its_kind_and_name() {
        assert_eq!(route("flow:main"), Ok(Route::Flow("main".to_owned())));
        assert_eq!(route("uri:sip:a@b"), Ok(Route::Uri("sip:a@b".to_owned())));
        assert!(route("moon:main").is_err() && route("flow:").is_err() && route("flow").is_err());
    }

    #[test]
    fn what_is_not_given_stays() {
        let none = QueueArgs {
            strategy: None,
            member: Vec::new(),
            ring: None,
            wrap_up: None,
            max_wait: None,
            max_len: Some(0),
            priority: Some(-3),
            wait: None,
            max_missed: None,
            share_outlives: None,
            record_sharing: None,
        };
        let mut object = none.fresh("sales").unwrap();
        if let Object::Queue(queue) = &mut object {
            queue.members = vec![member("bob:2").unwrap()];
            queue.max_len = Some(9);
        }
        none.apply(&mut object).unwrap();
        let Object::Queue(queue) = object else { panic!("{object:?}") };
        assert_eq!(queue.members, [Member { agent: "bob".to_owned(), level: 2 }]);
        assert_eq!((queue.max_len, queue.priority, queue.ring_s), (None, -3, 20));
    }
}
