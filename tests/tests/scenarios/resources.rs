//! S0-02 and S0-04: what is allocated to whom, and what is not.

use ngcc_proto::config::{Route, Wait};
use ngcc_proto::fact::What;
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, number, one_agent, queue, registered};
use ngcc_tests::sounds::{AUTOMATION, WAITING, prompt};

use crate::CASCADE;

#[tokio::test]
async fn s0_02_a_dialogue_with_the_automation_takes_no_human() {
    let centre = Centre::start().await;
    let agent = registered(&centre, "7001").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1001").await.unwrap();
    u.answered().await.unwrap();
    u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    u.press("73914628").await;
    u.hears_prompt(&prompt("goodbye"), SOON).await.unwrap();
    u.ended(CASCADE).await.unwrap();
    let row = centre.stored(1).await.remove(0);
    assert!(
        row.agent.is_none() && row.queue.is_none() && row.talk_ms + row.queue_ms + row.ring_ms == 0,
        "{row:#?}"
    );
    let facts = centre.facts(row.id).await;
    assert!(
        !facts.iter().any(|f| matches!(f.what, What::Reserved { .. } | What::Queued { .. })),
        "{facts:#?}"
    );
    assert!(agent.next_call(std::time::Duration::from_millis(100)).await.is_err());
}

#[tokio::test]
async fn s0_04_without_a_wish_the_automation_answers() {
    let centre = Centre::start().await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1000").await.unwrap();
    u.answered().await.unwrap();
    u.hears_prompt(&prompt("welcome"), SOON).await.unwrap();
    let session = centre.live().await.remove(0).id;
    centre.until_fact(session, "the flow", |w| matches!(w, What::FlowStarted { .. })).await;
}

#[tokio::test]
async fn s0_04_with_every_agent_busy_the_wait_flow_serves_and_the_place_is_kept() {
    let mut house = one_agent();
    house.queues[0].wait = Wait::Flow("patience".to_owned());
    let centre = Centre::start_with(&house, &[]).await;
    let agent = registered(&centre, "7001").await;
    let first = caller(&centre, "13800138000").await;
    let busy = first.call("2000").await.unwrap();
    let g = agent.next_call(SOON).await.unwrap().answer().await.unwrap();
    let second = caller(&centre, "13800138001").await;
    let u = second.call("2000").await.unwrap();
    u.answered().await.unwrap();
    u.hears_only(&[WAITING], SOON).await.unwrap();
    centre.until_waiting("sales", 1).await;
    busy.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();
    assert_eq!(agent.next_call(SOON).await.unwrap().caller(), "13800138001");
}

#[tokio::test]
async fn s0_04_with_both_full_the_queue_alone_remains() {
    let mut house = one_agent();
    house.queues.push(queue("slow", &["alice"]));
    house.queues[1].wait = Wait::Flow("patience".to_owned());
    house.numbers.push(number("2001", Route::Queue("slow".to_owned())));
    let centre = Centre::start_with(&house, &["centre.self_service_slots=1"]).await;
    centre.tell_not_ready("alice").await;
    let (first, second) = (caller(&centre, "13800138000").await, caller(&centre, "13800138001").await);
    let only = first.call("1001").await.unwrap();
    only.answered().await.unwrap();
    only.hears_only(&[AUTOMATION], SOON).await.unwrap();
    let u = second.call("2001").await.unwrap();
    u.answered().await.unwrap();
    centre.until_waiting("slow", 1).await;
    let sessions = centre.live().await;
    let waiting = sessions.iter().find(|s| s.dialled == "2001").unwrap();
    let facts = centre.facts(waiting.id).await;
    assert!(
        !facts.iter().any(|f| matches!(f.what, What::FlowStarted { .. })),
        "no slot, no flow: {facts:#?}"
    );
}

#[tokio::test]
async fn who_waits_too_long_or_finds_the_queue_full_goes_on_in_the_flow() {
    let mut house = one_agent();
    house.queues[0].max_len = Some(1);
    house.flows.push(ngcc_tests::house::flow(serde_json::json!({
        "name": "short", "version": 1, "media": ["voice"], "start": "human", "nodes": {
            "human": {"verb": "to-human", "queue": "sales", "max_wait_s": 5, "on_timeout": "late", "on_full": "full"},
            "late": {"verb": "play", "prompt": "goodbye", "next": "end"},
            "full": {"verb": "play", "prompt": "welcome", "next": "end"},
            "end": {"verb": "hangup"}
        }
    })));
    house.numbers.push(number("1003", Route::Flow("short".to_owned())));
    let centre = Centre::start_with(&house, &[]).await;
    centre.tell_not_ready("alice").await;
    let (first, second) = (caller(&centre, "13800138000").await, caller(&centre, "13800138001").await);
    let late = first.call("1003").await.unwrap();
    late.answered().await.unwrap();
    late.hears_music(SOON).await.unwrap();
    centre.until_waiting("sales", 1).await;
    let full = second.call("1003").await.unwrap();
    full.hears_prompt(&prompt("welcome"), SOON).await.unwrap();
    full.ended(CASCADE).await.unwrap();
    late.hears_prompt(&prompt("goodbye"), SOON).await.unwrap();
    late.ended(CASCADE).await.unwrap();
}
