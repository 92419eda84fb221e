//! Small centres to tell stories in, and facts in a word each.

use ngcc_proto::AgentUri;
use ngcc_proto::config::{Agent, Centre, ForCti, Member, Number, Queue, Route, Seat, Strategy, Wait};
use ngcc_proto::fact::{Fact, What};
use ngcc_proto::seat::Device;
use ngcc_proto::{QueueId, SeatId};

use super::SDP;

pub(crate) fn sdp() -> ngcc_proto::sdp::Sdp {
    SDP.parse().unwrap()
}

pub(crate) fn agent(name: &str) -> AgentUri {
    AgentUri::new(name).unwrap()
}

pub(crate) fn queue(name: &str, members: &[&str]) -> Queue {
    Queue {
        name: name.to_owned(),
        strategy: Strategy::LongestIdle,
        members: members.iter().map(|m| Member { agent: (*m).to_owned(), level: 0 }).collect(),
        ring_s: 20,
        wrap_up_s: 30,
        max_wait_s: None,
        max_len: None,
        priority: 0,
        wait: Wait::Music,
        max_missed: 1,
        share_outlives_s: 0,
        record_sharing: false,
    }
}

pub(crate) fn number(number: &str, to: Route) -> Number {
    Number { number: number.to_owned(), prefix: false, to, public: true }
}

/// Agents by name, each on the phone `p-<name>`, ready from the start.
pub(crate) fn config(agents: &[&str], queues: Vec<Queue>, numbers: Vec<Number>) -> ForCti {
    let seat = |(n, name): (usize, &&str)| Seat {
        id: SeatId(n as u128 + 1),
        agent: agent(name),
        settings: Agent {
            name: (*name).to_owned(),
            display: String::new(),
            device: Device::Phone(format!("p-{name}")),
            auto_ready: true,
            public_number: format!("8{n:03}"),
            wrap_up_s: None,
            chats: 4,
            pin: None,
        },
    };
    ForCti {
        version: 1,
        centre: Centre::default(),
        seats: agents.iter().enumerate().map(seat).collect(),
        queues: queues.into_iter().enumerate().map(|(n, q)| (QueueId(n as u128 + 1), q)).collect(),
        numbers,
        phones: agents.iter().map(|name| format!("p-{name}")).chain(["7001".to_owned()]).collect(),
        flows: ["main", "wait", "pay", "sign-in", "feature-not-ready"].map(str::to_owned).to_vec(),
        forms: vec![],
    }
}

/// The usual small centre: `1000` main flow, `2000` queue sales, `2001` queue gold, `8001` alice, `7001` a phone.
pub(crate) fn sales(agents: &[&str]) -> ForCti {
    let mut gold = queue("gold", agents);
    gold.priority = 10;
    config(
        agents,
        vec![queue("sales", agents), gold],
        vec![
            number("1000", Route::Flow("main".into())),
            number("2000", Route::Queue("sales".into())),
            number("2001", Route::Queue("gold".into())),
            number("8001", Route::Agent("alice".into())),
            number("7001", Route::Phone("7001".into())),
            number("9", Route::Conference("blue".into())),
        ],
    )
}

pub(crate) fn words(facts: &[Fact]) -> Vec<&'static str> {
    facts.iter().map(|f| word(&f.what)).collect()
}

pub(crate) fn word(what: &What) -> &'static str {
    match what {
        What::Opened { .. } => "opened",
        What::LegAdded { .. } => "leg-added",
        What::LegAnswered { .. } => "leg-answered",
        What::LegUnreachable { .. } => "leg-unreachable",
        What::LegReattached { .. } => "leg-reattached",
        What::LegLeft { .. } => "leg-left",
        What::FlowStarted { .. } => "flow-started",
        What::FlowSuspended { .. } => "flow-suspended",
        What::FlowResumed { .. } => "flow-resumed",
        What::FlowEnded { .. } => "flow-ended",
        What::Queued { .. } => "queued",
        What::Dequeued { .. } => "dequeued",
        What::Reserved { .. } => "reserved",
        What::Alerting { .. } => "alerting",
        What::OfferEnded { .. } => "offer-ended",
        What::Joined { .. } => "joined",
        What::Held { .. } => "held",
        What::Unheld { .. } => "unheld",
        What::ToAuto { .. } => "to-auto",
        What::ToHuman { .. } => "to-human",
        What::Stale { .. } => "stale",
        What::Intervened { .. } => "intervened",
        What::MediumAdded { .. } => "medium-added",
        What::StandsBeside { .. } => "stands-beside",
        What::Said { .. } => "said",
        What::ConsultStarted { .. } => "consult-started",
        What::ConsultEnded { .. } => "consult-ended",
        What::Transferred { .. } => "transferred",
        What::CollabAsked { .. } => "collab-asked",
        What::CollabMapped { .. } => "collab-mapped",
        What::CollabEstablished { .. } => "collab-established",
        What::CollabInvited { .. } => "collab-invited",
        What::CollabJoined { .. } => "collab-joined",
        What::CollabAway { .. } => "collab-away",
        What::CollabViewer { .. } => "collab-viewer",
        What::CollabMoved { .. } => "collab-moved",
        What::CollabGoesOn { .. } => "collab-goes-on",
        What::CollabNoted { .. } => "collab-noted",
        What::CollabLegAdded { .. } => "collab-leg-added",
        What::CollabLegLeft { .. } => "collab-leg-left",
        What::CollabEnded { .. } => "collab-ended",
        What::Disposed { .. } => "disposed",
        What::AgentReleased { .. } => "agent-released",
        What::WrapUpEnded { .. } => "wrap-up-ended",
        What::Closed { .. } => "closed",
    }
}
