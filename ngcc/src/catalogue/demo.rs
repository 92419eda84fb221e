//! The demo's centre: a menu, two agents, a supervisor and an administrator. Its passwords are known to everybody, so
//! it listens on 127.0.0.1 only.

use std::sync::Arc;

use ngcc_proto::config::{
    Agent, CannedReply, Catalogue, Disposition, Field, FieldBy, FieldKind, Flow, Form, Member, Number, Phone,
    Queue, Route, Strategy, User, UserRole, Wait,
};
use ngcc_proto::seat::Device;

/// The password of every user, and the digest secret of every phone.
pub(crate) const PASSWORD: &str = "demo";
/// The PIN of every agent.
pub(crate) const PIN: &str = "1234";

/// The demo's own defaults: nothing of it is reachable from outside.
pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("data.dir", "data/demo"),
    ("http.listen", "127.0.0.1:8080"),
    ("https.listen", "127.0.0.1:8443"),
    ("sip.udp", "127.0.0.1:5060"),
    ("sip.tcp", "127.0.0.1:5060"),
    ("media.local", "127.0.0.1"),
];

/// What the demo's centre is configured with.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue {
        users: vec![
            user("alice", "Alice", &[UserRole::Agent]),
            user("bob", "Bob", &[UserRole::Agent]),
            user("sue", "Sue", &[UserRole::Supervisor]),
            user("root", "Root", &[UserRole::Admin]),
        ],
        agents: vec![agent("alice", "Alice", "7101"), agent("bob", "Bob", "7102")],
        phones: vec![phone("7001"), phone("7002")],
        queues: vec![
            queue("sales", Strategy::Random, 0),
            queue("support", Strategy::RoundRobin, 0),
            queue("vip", Strategy::LongestIdle, 10),
        ],
        numbers: vec![
            number("1000", Route::Flow("main".to_owned()), true),
            number("1001", Route::Flow("echo".to_owned()), true),
            // What the shop's page dials.
            number("shop", Route::Flow("main".to_owned()), true),
            // Where whoever wishes to share something without a chat asks for an agent.
            number("help", Route::Queue("support".to_owned()), true),
            number("2000", Route::Queue("sales".to_owned()), true),
            number("2001", Route::Queue("support".to_owned()), true),
            number("2002", Route::Queue("vip".to_owned()), false),
            number("7001", Route::Phone("7001".to_owned()), false),
            number("7002", Route::Phone("7002".to_owned()), false),
            number("7101", Route::Agent("alice".to_owned()), false),
            number("7102", Route::Agent("bob".to_owned()), false),
        ],
        flows: vec![
            flow("main", include_str!("../../../ivr/flows/main.json")),
            flow("pin-check", include_str!("../../../ivr/flows/pin-check.json")),
            flow("survey", include_str!("../../../ivr/flows/survey.json")),
            flow("sign-in", include_str!("../../../ivr/flows/sign-in.json")),
            flow("echo", include_str!("../../../ivr/flows/echo.json")),
        ],
        canned_replies: vec![
            reply("hello", "Hello ${customer}, this is ${agent}. How can I help you?"),
            reply("moment", "One moment, please: I am looking it up."),
            reply("bye", "Thank you for writing to us, and goodbye."),
        ],
        channels: vec![],
        dispositions: vec![
            disposition("sale", "Sale"),
            disposition("question", "Question answered"),
            disposition("complaint", "Complaint"),
            disposition("wrong-number", "Wrong number"),
        ],
        forms: vec![return_form()],
        bots: vec![],
    }
}

/// Who is handed out by the demo's first page.
pub(crate) fn pages(simulator: Arc<dyn ngcc_agent_gateway::Simulate>) -> ngcc_agent_gateway::Demo {
    ngcc_agent_gateway::Demo {
        agents: vec!["alice".to_owned(), "bob".to_owned()],
        supervisor: "sue".to_owned(),
        password: ngcc_proto::Secret::new(PASSWORD),
        echo: "1001".to_owned(),
        simulator: Some(simulator),
    }
}

/// Both agents serve it.
fn queue(name: &str, strategy: Strategy, priority: i32) -> Queue {
    Queue {
        name: name.to_owned(),
        strategy,
        members: ["alice", "bob"].map(|agent| Member { agent: agent.to_owned(), level: 0 }).to_vec(),
        ring_s: 20,
        wrap_up_s: 30,
        max_wait_s: None,
        max_len: None,
        priority,
        wait: Wait::Music,
        max_missed: 1,
        share_outlives_s: 0,
        record_sharing: false,
    }
}

fn user(name: &str, display: &str, roles: &[UserRole]) -> User {
    let password = Some(PASSWORD.to_owned());
    User { name: name.to_owned(), display: display.to_owned(), roles: roles.to_vec(), password }
}

/// Works in the browser unless they sign in on a phone.
fn agent(name: &str, display: &str, number: &str) -> Agent {
    Agent {
        name: name.to_owned(),
        display: display.to_owned(),
        device: Device::Browser,
        auto_ready: false,
        public_number: number.to_owned(),
        wrap_up_s: None,
        chats: 4,
        pin: Some(PIN.to_owned()),
    }
}

fn phone(name: &str) -> Phone {
    Phone { name: name.to_owned(), secret: Some(PASSWORD.to_owned()), contact: None }
}

fn number(number: &str, to: Route, public: bool) -> Number {
    Number { number: number.to_owned(), prefix: false, to, public }
}

fn reply(name: &str, text: &str) -> CannedReply {
    CannedReply { name: name.to_owned(), text: text.to_owned() }
}

fn disposition(name: &str, label: &str) -> Disposition {
    Disposition { name: name.to_owned(), label: label.to_owned() }
}

/// What a customer who sends something back is asked.
fn return_form() -> Form {
    let field = |name: &str, label: &str, kind, required, by| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        options: vec![],
        required,
        by,
    };
    let why = ["It does not fit", "It is broken", "It is not what I ordered"].map(str::to_owned).to_vec();
    let fields = vec![
        field("order", "Order number", FieldKind::Text, true, FieldBy::Both),
        Field { options: why, ..field("why", "Why", FieldKind::Choice, true, FieldBy::Both) },
        field("bought", "Bought on", FieldKind::Date, false, FieldBy::Both),
        field("refund", "Refund", FieldKind::Number, false, FieldBy::Agent),
        field("account", "Account for the refund", FieldKind::Secret, false, FieldBy::Customer),
        field("pick-up", "Please fetch it", FieldKind::Tick, false, FieldBy::Customer),
    ];
    Form { name: "return".to_owned(), label: "Send something back".to_owned(), fields }
}

fn flow(name: &str, text: &str) -> Flow {
    Flow { name: name.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn the_demo_is_reachable_from_this_machine_only() {
        for (key, value) in SETTINGS.iter().filter(|(key, _)| *key != "data.dir") {
            let ip = value.parse::<SocketAddr>().map(|at| at.ip()).or_else(|_| value.parse());
            assert!(ip.unwrap().is_loopback(), "{key} = {value}");
        }
    }

    #[test]
    fn every_number_of_the_demo_leads_somewhere() {
        let catalogue = catalogue();
        for Number { number, to, .. } in &catalogue.numbers {
            let there = match to {
                Route::Flow(name) => catalogue.flows.iter().any(|flow| flow.name == *name),
                Route::Queue(name) => catalogue.queues.iter().any(|queue| queue.name == *name),
                Route::Agent(name) => catalogue.agents.iter().any(|agent| agent.name == *name),
                Route::Phone(name) => catalogue.phones.iter().any(|phone| phone.name == *name),
                Route::Conference(_) | Route::Uri(_) => false,
            };
            assert!(there, "{number}");
        }
    }

    #[test]
    fn the_demos_flows_are_good() {
        for flow in catalogue().flows {
            let checked = ngcc_ivr_core::flow::check(&flow.name, &flow.text);
            assert!(checked.is_ok(), "{checked:?}");
        }
    }
}
