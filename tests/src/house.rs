//! The house the scenarios play in: who works there, which numbers lead where, and its flows.

use std::time::Duration;

use ngcc_phone::{Call, Phone, PhoneSettings, Sound};
use ngcc_proto::config::{Agent, Catalogue, Flow, Member, Number, Queue, Route, Strategy, Wait};
use ngcc_proto::seat::Device;
use serde_json::{Value, json};

use crate::centre::Centre;
use crate::sounds::{AGENT, CUSTOMER};

/// Every phone's digest secret.
pub const SECRET: &str = "wOrd-of-a-phone";
/// Every agent's PIN.
pub const PIN: &str = "2468";
/// Long enough for anything that is promised within a second on a busy machine.
pub const SOON: Duration = Duration::from_secs(10);

/// Two agents ready on phones 7001 and 7002, one queue, the main menu and the numbers around it.
pub fn catalogue() -> Catalogue {
    Catalogue {
        users: Vec::new(),
        agents: vec![agent("alice", "7001"), agent("bob", "7002")],
        phones: ["7001", "7002", "7003"].map(phone).to_vec(),
        queues: vec![queue("sales", &["alice", "bob"])],
        numbers: vec![
            number("1000", Route::Flow("main".to_owned())),
            number("1001", Route::Flow("service".to_owned())),
            number("1002", Route::Flow("echo".to_owned())),
            number("2000", Route::Queue("sales".to_owned())),
            number("7001", Route::Phone("7001".to_owned())),
            number("7002", Route::Phone("7002".to_owned())),
            number("7003", Route::Phone("7003".to_owned())),
            Number { prefix: true, ..number("3", Route::Conference("room${rest}".to_owned())) },
        ],
        flows: [main_flow(), service_flow(), echo_flow(), wait_flow(), sign_in_flow()].map(flow).to_vec(),
        ..Catalogue::default()
    }
}

/// The catalogue with one agent, `alice`, in the queue.
pub fn one_agent() -> Catalogue {
    let mut house = catalogue();
    house.queues = vec![queue("sales", &["alice"])];
    house.agents.truncate(1);
    house
}

/// An agent who is ready on a phone from the start.
pub fn agent(name: &str, phone: &str) -> Agent {
    Agent {
        name: name.to_owned(),
        display: name.to_owned(),
        device: Device::Phone(phone.to_owned()),
        auto_ready: true,
        public_number: phone.to_owned(),
        wrap_up_s: None,
        chats: 4,
        pin: Some(PIN.to_owned()),
    }
}

/// A phone that registers.
pub fn phone(name: &str) -> ngcc_proto::config::Phone {
    ngcc_proto::config::Phone { name: name.to_owned(), secret: Some(SECRET.to_owned()), contact: None }
}

/// A queue with music and a second of wrap-up, which asks its members in the order in which they stand.
pub fn queue(name: &str, members: &[&str]) -> Queue {
    Queue {
        name: name.to_owned(),
        strategy: Strategy::AgentPriority,
        members: members.iter().map(|agent| Member { agent: (*agent).to_owned(), level: 0 }).collect(),
        ring_s: 10,
        wrap_up_s: 1,
        max_wait_s: None,
        max_len: None,
        priority: 0,
        wait: Wait::Music,
        max_missed: 1,
        share_outlives_s: 0,
        record_sharing: false,
    }
}

/// A number anybody may dial.
pub fn number(number: &str, to: Route) -> Number {
    Number { number: number.to_owned(), prefix: false, to, public: true }
}

/// A flow from its JSON.
pub fn flow(text: Value) -> Flow {
    Flow { name: text["name"].as_str().unwrap_or_default().to_owned(), text: text.to_string() }
}

/// The main menu: 1 a human who may hand back (then an account is asked for, and a card number in
/// secret behind account 1111), 2 goodbye, and account 9999 where the flow breaks.
fn main_flow() -> Value {
    json!({"name": "main", "version": 1, "media": ["voice"], "start": "welcome", "nodes": {
        "welcome": {"verb": "play", "prompt": "welcome", "next": "menu"},
        "menu": {"verb": "menu", "prompt": "choose", "choices": {"1": "human", "2": "bye"}, "timeout_s": 60,
            "attempts": 3, "on_timeout": "bye"},
        "human": {"verb": "to-human", "queue": "sales", "on_returned": "account", "on_left": "same",
            "on_no_agent": "bye"},
        "same": {"verb": "to-human", "queue": "sales", "prefer": "alice", "on_returned": "account",
            "on_no_agent": "bye"},
        "account": {"verb": "collect", "prompt": "enter", "variable": "account", "min": 4, "max": 4,
            "terminator": "", "timeout_s": 60, "next": "known"},
        "known": {"verb": "if", "expr": "account == '9999'", "then": "broken", "else": "asked"},
        "asked": {"verb": "if", "expr": "account == '1111'", "then": "card", "else": "done"},
        "card": {"verb": "collect", "prompt": "enter", "variable": "card_secret", "min": 8, "max": 8,
            "terminator": "", "timeout_s": 60, "next": "done"},
        "done": {"verb": "set", "vars": {"result": "account ${account}"}, "next": "human"},
        "broken": {"verb": "play", "prompt": "nowhere", "next": "done"},
        "bye": {"verb": "play", "prompt": "goodbye", "next": "end"},
        "end": {"verb": "hangup"}
    }})
}

/// Self-service to its end: four keys, goodbye.
fn service_flow() -> Value {
    json!({"name": "service", "version": 1, "media": ["voice"], "start": "ask", "nodes": {
        "ask": {"verb": "collect", "prompt": "enter", "variable": "card_secret", "min": 8, "max": 8,
            "terminator": "", "timeout_s": 60, "next": "bye"},
        "bye": {"verb": "play", "prompt": "goodbye", "next": "end"},
        "end": {"verb": "hangup"}
    }})
}

fn echo_flow() -> Value {
    json!({"name": "echo", "version": 1, "media": ["voice"], "start": "echo",
        "nodes": {"echo": {"verb": "echo"}}})
}

fn wait_flow() -> Value {
    json!({"name": "patience", "version": 1, "media": ["voice"], "start": "tone",
        "nodes": {"tone": {"verb": "play", "prompt": "patience", "times": 0, "barge_in": false}}})
}

fn sign_in_flow() -> Value {
    json!({"name": "sign-in", "version": 1, "media": ["voice"], "start": "pin", "nodes": {
        "pin": {"verb": "collect", "prompt": "enter", "variable": "pin_secret", "min": 4, "max": 4,
            "terminator": "", "timeout_s": 60, "next": "try"},
        "try": {"verb": "sign-in", "variable": "pin_secret", "next": "bye", "on_refused": "no"},
        "bye": {"verb": "play", "prompt": "goodbye", "next": "end"},
        "no": {"verb": "play", "prompt": "welcome", "next": "end"},
        "end": {"verb": "hangup"}
    }})
}

/// A phone of the house, registered.
pub async fn registered(centre: &Centre, name: &str) -> Phone {
    let phone = Phone::start(PhoneSettings::new(centre.sip(), name).secret(SECRET)).await.expect("a phone");
    phone.register(3600).await.expect("the phone registers");
    phone
}

/// Somebody from outside, without credentials.
pub async fn caller(centre: &Centre, name: &str) -> Phone {
    Phone::start(PhoneSettings::new(centre.sip(), name)).await.expect("a phone")
}

/// Customer and agent in a conversation that began at the main menu.
pub struct Conversation {
    /// The customer's phone.
    pub customer: Phone,
    /// The agent's phone, 7001.
    pub agent: Phone,
    /// The customer's side.
    pub u: Call,
    /// The agent's side.
    pub g: Call,
}

/// A customer calls the main menu, chooses 1, and alice on 7001 answers.
pub async fn conversation(centre: &Centre) -> Conversation {
    let agent = registered(centre, "7001").await;
    let customer = caller(centre, "13800138000").await;
    let u = customer.call("1000").await.expect("a call");
    u.answered().await.expect("the menu answers");
    u.press("1").await;
    let offered = agent.next_call(SOON).await.expect("the agent's phone rings");
    offered.ring();
    let g = offered.answer().await.expect("the agent answers");
    Conversation { customer, agent, u, g }
}

/// A conversation in which each side speaks its tone and hears the other's.
pub async fn speaking(centre: &Centre) -> Conversation {
    let call = conversation(centre).await;
    call.u.speak(Sound::Tone(CUSTOMER));
    call.g.speak(Sound::Tone(AGENT));
    call.together(SOON).await;
    call
}

impl Conversation {
    /// Waits until each side hears the other's tone and nothing else.
    pub async fn together(&self, within: Duration) {
        self.u.hears_only(&[AGENT], within).await.expect("the customer hears the agent");
        self.g.hears_only(&[CUSTOMER], within).await.expect("the agent hears the customer");
    }
}
