//! The demo's centre: a menu, two agents on phones, a supervisor and an administrator. Its passwords are known to
//! everybody, so it listens on 127.0.0.1 only.

use ngcc_proto::config::{
    Agent, CannedReply, Catalogue, Disposition, Flow, Member, Number, Phone, Queue, Route, Strategy, User,
    UserRole, Wait,
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
        agents: vec![agent("alice", "Alice", "7001"), agent("bob", "Bob", "7002")],
        phones: vec![phone("7001"), phone("7002")],
        queues: vec![Queue {
            name: "sales".to_owned(),
            strategy: Strategy::LongestIdle,
            members: ["alice", "bob"].map(|agent| Member { agent: agent.to_owned(), level: 0 }).to_vec(),
            ring_s: 20,
            wrap_up_s: 30,
            max_wait_s: None,
            max_len: None,
            priority: 0,
            wait: Wait::Music,
            max_missed: 1,
        }],
        numbers: vec![
            number("1000", Route::Flow("main".to_owned()), true),
            number("2000", Route::Queue("sales".to_owned()), true),
            number("7001", Route::Phone("7001".to_owned()), false),
            number("7002", Route::Phone("7002".to_owned()), false),
        ],
        flows: vec![
            flow("main", include_str!("../../../ivr/flows/main.json")),
            flow("sign-in", include_str!("../../../ivr/flows/sign-in.json")),
        ],
        canned_replies: vec![
            reply("hello", "Hello ${customer}, this is ${agent}. How can I help you?"),
            reply("moment", "One moment, please: I am looking it up."),
            reply("bye", "Thank you for writing to us, and goodbye."),
        ],
        dispositions: vec![
            disposition("sale", "Sale"),
            disposition("question", "Question answered"),
            disposition("complaint", "Complaint"),
            disposition("wrong-number", "Wrong number"),
        ],
    }
}

fn user(name: &str, display: &str, roles: &[UserRole]) -> User {
    let password = Some(PASSWORD.to_owned());
    User { name: name.to_owned(), display: display.to_owned(), roles: roles.to_vec(), password }
}

/// Ready from the start, so that the first call rings; a phone that is not there yet is missed once, and its agent
/// takes calls again after `*12`.
fn agent(name: &str, display: &str, phone: &str) -> Agent {
    Agent {
        name: name.to_owned(),
        display: display.to_owned(),
        device: Device::Phone(phone.to_owned()),
        auto_ready: true,
        public_number: phone.to_owned(),
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
    fn the_demos_flows_are_good() {
        for flow in catalogue().flows {
            let checked = ngcc_ivr_core::flow::check(&flow.name, &flow.text);
            assert!(checked.is_ok(), "{checked:?}");
        }
    }
}
