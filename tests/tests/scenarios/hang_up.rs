//! A hang-up, from either side and in every phase, ends everything of the call within five seconds
//! (the tests allow five times as much), and leaves nothing behind.

use std::time::Duration;

use ngcc_phone::Ended;
use ngcc_proto::access::Cause;
use ngcc_proto::fact::By;
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, conversation, one_agent, registered};
use ngcc_tests::look::adds_up;
use ngcc_tests::sounds::{AUTOMATION, prompt};

use crate::CASCADE;

/// Nothing is live, one session is stored, and the agent is free for the next call.
async fn nothing_is_left(centre: &Centre, by: By) {
    centre.until_live("nothing", <[_]>::is_empty).await;
    let row = centre.stored(1).await.remove(0);
    assert!(adds_up(&row), "{row:#?}");
    assert_eq!(row.by, by, "{row:#?}");
    centre.until_free("alice").await;
    centre.until_waiting("sales", 0).await;
}

#[tokio::test]
async fn a_caller_hangs_up_in_self_service() {
    let centre = Centre::start().await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1000").await.unwrap();
    u.answered().await.unwrap();
    u.hears_prompt(&prompt("welcome"), SOON).await.unwrap();
    u.hang_up().await.unwrap();
    nothing_is_left(&centre, By::Customer).await;
}

#[tokio::test]
async fn a_caller_gives_up_before_the_answer() {
    let centre = Centre::start().await;
    let callee = registered(&centre, "7003").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("7003").await.unwrap();
    let ringing = callee.next_call(SOON).await.unwrap();
    ringing.ring();
    u.ringing().await.unwrap();
    u.hang_up().await.unwrap();
    assert!(matches!(ringing.cancelled(CASCADE).await.unwrap(), Ended::Cancelled(_)));
    let row = centre.stored(1).await.remove(0);
    assert_eq!((row.by, row.cause), (By::Customer, Cause::Cancelled), "{row:#?}");
    assert!(adds_up(&row) && row.talk_ms == 0, "{row:#?}");
}

#[tokio::test]
async fn a_caller_hangs_up_in_the_queue() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    centre.tell_not_ready("alice").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("2000").await.unwrap();
    u.answered().await.unwrap();
    u.hears_music(SOON).await.unwrap();
    centre.until_waiting("sales", 1).await;
    u.hang_up().await.unwrap();
    centre.until_live("nothing", <[_]>::is_empty).await;
    let row = centre.stored(1).await.remove(0);
    assert!(adds_up(&row) && row.queue_ms > 500 && row.agent.is_none(), "{row:#?}");
    centre.until_waiting("sales", 0).await;
}

#[tokio::test]
async fn a_caller_hangs_up_while_the_agents_phone_rings() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let agent = registered(&centre, "7001").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("2000").await.unwrap();
    u.answered().await.unwrap();
    let offered = agent.next_call(SOON).await.unwrap();
    offered.ring();
    u.hang_up().await.unwrap();
    assert!(matches!(offered.cancelled(CASCADE).await.unwrap(), Ended::Cancelled(_)));
    nothing_is_left(&centre, By::Customer).await;
}

#[tokio::test]
async fn an_agent_hangs_up_in_talk() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    call.g.hang_up().await.unwrap();
    assert_eq!(call.u.ended(CASCADE).await.unwrap(), Ended::Remote);
    nothing_is_left(&centre, By::Agent).await;
}

#[tokio::test]
async fn a_caller_hangs_up_on_hold() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    call.g.hold().await.unwrap();
    call.u.hears_music(SOON).await.unwrap();
    call.u.hang_up().await.unwrap();
    assert_eq!(call.g.ended(CASCADE).await.unwrap(), Ended::Remote);
    let row = centre.stored(1).await.remove(0);
    assert!(adds_up(&row) && row.hold_ms > 500, "{row:#?}");
    nothing_is_left(&centre, By::Customer).await;
}

#[tokio::test]
async fn s4_07_a_caller_hangs_up_while_the_automation_has_them_and_one_wrap_up_and_one_record_remain() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    let session = centre.live().await.remove(0).id;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.hang_up().await.unwrap();
    assert_eq!(call.g.ended(CASCADE).await.unwrap(), Ended::Remote);
    nothing_is_left(&centre, By::Customer).await;
    let facts = centre.facts(session).await;
    let count =
        |name: &str| facts.iter().filter(|f| serde_json::to_value(&f.what).unwrap()["type"] == name).count();
    assert_eq!((count("agent_released"), count("wrap_up_ended"), count("closed")), (1, 1, 1), "{facts:#?}");
    assert!(centre.closed().await[0].in_ivr_ms > 0);
}

#[tokio::test]
async fn an_operator_ends_a_call() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    let session = centre.live().await.remove(0).id;
    let (done, text) = centre.command(&["call", "end", &session.to_string()]).await;
    assert!(done, "{text}");
    call.u.ended(CASCADE).await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    nothing_is_left(&centre, By::Centre).await;
}

#[tokio::test]
async fn a_caller_whose_phone_is_dead_is_noticed_when_the_agent_hangs_up() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    call.customer.set_deaf(true);
    call.g.hang_up().await.unwrap();
    // The BYE to the dead phone is repeated for 32 s; the agent does not wait for it.
    centre.until_free("alice").await;
    centre.until_live("nothing", <[_]>::is_empty).await;
    assert!(call.u.ended(Duration::from_millis(10)).await.is_err(), "the dead phone heard of it");
}
