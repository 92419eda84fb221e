//! What is recorded: what the agent was told, from the first time that they looked, and nothing besides.

use std::time::Duration;

use ngcc_collab_core::Input;
use ngcc_proto::collab::{Act, Event, Kind, Why};
use ngcc_proto::config::Form;
use ngcc_proto::fact::By;
use ngcc_proto::recording::{self, Loss};
use ngcc_proto::{Envelope, Ids, Rng, Wall};
use serde_json::{Value, json};

use crate::rrweb::{change, element, snapshot, text};
use crate::world::*;

impl World {
    pub(crate) fn recording() -> Self {
        let mut world = Self::new();
        world.record = true;
        world
    }

    fn page(&mut self, words: &str) {
        let body = vec![element(10, "p", json!({}), vec![text(11, words)])];
        self.say(CUSTOMER, "rr", json!({ "events": [snapshot(body)] }));
    }

    /// The words on the page change.
    fn words(&mut self, words: &str) {
        let change = change(json!({ "texts": [{ "id": 11, "value": words }] }));
        self.say(CUSTOMER, "rr", json!({ "events": [change] }));
    }

    fn customer_wants(&mut self, what: &str, on: bool) {
        self.say(CUSTOMER, "consent", json!({ "what": what, "on": on }));
    }

    /// What an agent's page was told, without the id of what it answers.
    fn agents(&mut self) -> Vec<Value> {
        let heard = self.heard(AGENT).into_iter();
        heard.map(|(kind, data)| json!({ "type": kind, "data": data })).collect()
    }

    fn frames(&mut self) -> Vec<Value> {
        let lines = std::mem::take(&mut self.tape).into_iter();
        lines.filter(|line| line.get("frame").is_some()).map(|mut line| line["frame"].take()).collect()
    }
}

#[test]
fn what_is_recorded_is_what_the_agent_was_told_with_the_time_since_it_began() {
    let mut world = World::recording();
    world.command(establish_recorded(Kind::Cobrowse));
    let (customer, agent) = world.tickets();
    world.open(CUSTOMER, &customer);
    assert!(world.tape.is_empty(), "nobody looks yet");
    assert_eq!(world.heard(CUSTOMER)[0].1["recorded"], true, "the customer is told");
    world.open(AGENT, &agent);
    assert_eq!(world.tape[0], json!({ "begin": 1_700_000_000_000_i64 }));
    world.wait(Duration::from_millis(1500));
    world.page("seen");
    assert_eq!(world.tape.last().unwrap()["at"], 1500);
    world.words("more");
    world.customer_wants("pointer", true);
    world.customer_wants("control", true);
    assert_eq!(world.frames(), world.agents(), "word for word");
    world.say(AGENT, "act", json!({ "act": { "is": "pointer", "x": 3.0, "y": 4.0 } }));
    world.say(AGENT, "act", json!({ "act": { "is": "scroll", "x": 0.0, "y": 9.0 } }));
    world.say(AGENT, "act", json!({ "act": { "is": "open", "url": "https://a.example/" } }));
    let acts = world.frames();
    assert_eq!(acts.len(), 1, "where the agent points is seen; what they do shows on the page");
    assert_eq!(acts[0]["data"]["act"]["is"], "pointer");
    world.clear();
    world.say(CUSTOMER, "leave", json!({}));
    assert_eq!(world.taped(), ["ended", "end"]);
}

fn establish_recorded(kind: Kind) -> ngcc_proto::collab::Command {
    let mut command = establish(COLLAB, kind, By::Customer, None);
    if let ngcc_proto::collab::Command::Establish { record, .. } = &mut command {
        *record = true;
    }
    command
}

#[test]
fn nothing_is_recorded_while_it_is_paused_not_granted_or_nobody_looks_and_then_it_begins_with_a_snapshot() {
    let mut world = World::recording().join(Kind::Cobrowse, By::Agent, None);
    world.page("before the view is granted");
    assert!(world.tape.is_empty());
    world.customer_wants("view", true);
    assert_eq!(world.taped(), ["begin", "ready", "consents"]);
    world.page("granted");
    assert_eq!(world.taped(), ["rr"]);
    world.say(CUSTOMER, "pause", json!({ "on": true }));
    world.page("while it is paused");
    world.words("nor this");
    assert_eq!(world.taped(), ["paused"]);
    world.say(CUSTOMER, "pause", json!({ "on": false }));
    world.words("of a page that is not known any more");
    assert_eq!(world.taped(), ["begin", "ready", "paused"]);
    world.page("again");
    world.close(AGENT);
    world.words("while nobody looks");
    assert_eq!(world.taped(), ["rr", "people"]);
    world.command(establish(COLLAB, Kind::Cobrowse, By::Agent, None));
    let (_, agent) = world.tickets();
    world.open(AGENT, &agent);
    assert_eq!(world.taped(), ["people", "begin", "ready", "rr"], "what the agent is shown again");
    let Value::Array(shown) = world.heard(AGENT).pop().unwrap().1["events"].take() else { panic!() };
    assert_eq!(shown.len(), 2, "the snapshot and what came while nobody looked: the agent was shown both");
}

#[test]
fn of_a_secret_field_it_is_recorded_that_it_is_filled_and_never_with_what() {
    let form: Form = serde_json::from_value(json!({ "name": "f", "fields": [
        { "name": "pin", "kind": "secret" }, { "name": "city", "kind": "text" },
    ] }))
    .unwrap();
    let mut world = World::recording();
    world.keep_all = true;
    world = world.join(Kind::Form, By::Customer, Some(form));
    world.say(CUSTOMER, "fill", json!({ "field": "city", "value": "Oslo" }));
    world.say(CUSTOMER, "fill", json!({ "field": "pin", "value": "S3NT-pin" }));
    let frames = world.frames();
    assert_eq!(frames[0]["data"]["value"], "Oslo");
    assert_eq!(frames[1]["data"], json!({ "field": "pin", "filled": true, "by": "customer" }));
    assert!(!serde_json::to_string(&frames).unwrap().contains("S3NT"));
    world.say(CUSTOMER, "confirm", json!({}));
    assert_eq!(world.taped(), ["confirmed"]);
}

#[test]
fn a_recording_goes_on_after_a_kill_from_what_the_agent_is_shown_then() {
    let mut world = World::recording().join(Kind::Document, By::Customer, None);
    world.restart();
    assert!(world.tape.is_empty(), "nobody looks yet");
    world.wait(Duration::from_secs(5));
    world.command(establish(COLLAB, Kind::Document, By::Customer, None));
    let (_, agent) = world.tickets();
    world.open(AGENT, &agent);
    assert_eq!(world.tape[1]["begin"], 1_700_000_000_000_i64, "the same beginning");
    assert_eq!(world.tape[2]["at"], 5000);
    assert_eq!(world.taped(), ["people", "begin", "ready"]);
}

#[test]
fn where_it_cannot_go_on_the_collaboration_does_and_its_record_says_so_once() {
    let mut world = World::recording().join(Kind::Cobrowse, By::Customer, None);
    for _ in 0..2 {
        world.input(Input::Unrecorded { collab: COLLAB, loss: Loss::Disk });
    }
    let what = "disk".to_owned();
    let noted = Event::Noted { collab: COLLAB, by: By::Centre, act: Act::Unrecorded, what };
    assert_eq!(world.told(), [noted]);
    world.page("still seen");
    assert_eq!(world.shown(AGENT).len(), 1);
    world.restart();
    world.command(ngcc_proto::collab::Command::End { collab: COLLAB, why: Why::Closed });
    assert_eq!(world.taped(), ["end"], "what is there is kept");
}

#[test]
fn without_the_policy_nothing_is_recorded_and_what_is_known_is_passed_to_the_shell() {
    let mut world = World::joined(Kind::Cobrowse, By::Customer);
    world.page("seen");
    assert_eq!(world.shown(AGENT).len(), 1);
    assert!(world.tape.is_empty());
    let (mut ids, known) = (Ids::new(Rng::from_u64(9)), recording::Event::Kept { collab: COLLAB });
    world.input(Envelope::new(&mut ids, Wall(1), None, None, known).into());
    assert_eq!(world.taped(), ["known"]);
}
