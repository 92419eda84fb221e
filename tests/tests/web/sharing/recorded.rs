//! What was shared is recorded by policy, masked as the agent saw it, over a kill, and given to supervisors alone.

use std::time::{Duration, Instant};

use ngcc_proto::config::Queue;

use super::*;
use crate::page::{Answer, LONG};

const CARD: &str = "4111111111111111";

/// What is listed of a session once there is something of it.
pub(super) async fn listed(sue: &Agent, session: &str) -> Value {
    let begun = Instant::now();
    loop {
        let answer = sue.get(&format!("/api/v1/sessions/{session}")).await;
        if answer.status == 200 && !answer.json()["recordings"][0].is_null() {
            return answer.json()["recordings"].clone();
        }
        assert!(begun.elapsed() < LONG, "nothing is listed of {session}: {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the recording has `words` on disk.
async fn on_disk(centre: &Centre, collab: &str, words: &str) {
    let path = centre.data().join("recordings/collab").join(format!("{collab}.part"));
    let begun = Instant::now();
    while !std::fs::read_to_string(&path).is_ok_and(|text| text.contains(words)) {
        assert!(begun.elapsed() < LONG, "{words} is not recorded");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[tokio::test]
async fn what_was_shared_is_recorded_as_the_agent_saw_it_over_a_kill_and_given_to_supervisors() {
    let mut house = one_agent();
    house.queues = house.queues.into_iter().map(|queue| Queue { record_sharing: true, ..queue }).collect();
    let mut centre = Centre::start_with(&house, &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Hello").await;
    let session = alice.accept().await;
    ann.share(json!({ "kind": "cobrowse" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let collab = to_ann["collab"].as_str().expect("an id").to_owned();
    let mut seen = End::join(centre.http(), &to_alice).await;
    let mut own = End::join(centre.http(), &to_ann).await;
    assert_eq!((&own.ready["recorded"], &seen.ready["recorded"]), (&json!(true), &json!(true)));
    own.tell("rr", json!({ "events": page(CARD) })).await;
    seen.find("rr").await;
    own.tell("consent", json!({ "what": "pointer", "on": true })).await;
    seen.page.find("pointer", |_| {}, |f| f["type"] == "consents" && f["data"]["pointer"] == true).await;
    seen.tell("act", json!({ "act": { "is": "pointer", "x": 7.0, "y": 9.0 } })).await;
    own.find("act").await;
    on_disk(&centre, &collab, "pointer\",\"x\"").await;

    killed(&mut centre, &mut ann, &mut alice).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let mut seen = End::join(centre.http(), &to_alice).await;
    let mut own = End::join(centre.http(), &to_ann).await;
    own.tell("pause", json!({ "on": true })).await;
    seen.find("paused").await;
    own.tell("rr", json!({ "events": page("while it is paused") })).await;
    own.tell("pause", json!({ "on": false })).await;
    own.find("snap").await;
    own.tell("rr", json!({ "events": page(CARD) })).await;
    seen.find("rr").await;
    own.tell("leave", json!({})).await;
    seen.find("ended").await;

    let sue = Agent::person(&centre, "sue").await;
    let listed = listed(&sue, &session).await;
    assert_eq!((&listed[0]["collab"], &listed[0]["kind"]), (&json!(collab), &json!("cobrowse")));
    let path = format!("/api/v1/recordings/collab/{collab}");
    let recording = sue.get(&path).await;
    assert_eq!((recording.status, listed[0]["bytes"].as_u64()), (200, Some(recording.text.len() as u64)));
    let lines = lines(&recording);
    assert_eq!((&lines[0]["v"], &lines[0]["session"]), (&json!(1), &json!(session)));
    let kinds: Vec<&str> = lines[1..].iter().filter_map(|line| line["frame"]["type"].as_str()).collect();
    let count = |kind: &str| kinds.iter().filter(|of| **of == kind).count();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("ready", "ended"), "{kinds:?}");
    assert_eq!((count("rr"), count("act"), count("paused")), (2, 1, 2), "{kinds:?}");
    assert!(recording.text.contains("Your cart") && recording.text.contains("2 beds"));
    assert!(!recording.text.contains(CARD) && !recording.text.contains("while it is paused"));

    let bob = Agent::person(&centre, "bob").await;
    assert_eq!(bob.get(&path).await.status, 404, "another agent's session");
}
