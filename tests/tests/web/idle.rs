//! Nobody writes: both are warned, then both are told, and nothing is held any longer.

use ngcc_tests::centre::Centre;

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{QUEUE, one_agent};

#[tokio::test]
async fn s0_08_after_the_idle_time_both_sides_are_warned_then_told_and_the_slot_is_free() {
    let centre = Centre::start_with(&one_agent(), &["centre.chat_idle_s=4"]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Hello?").await;
    let session = alice.accept().await;
    ann.notice("closes_soon").await;
    // Somebody writes: the time begins anew, with a warning of its own.
    ann.say("k2", "I am still here").await;
    let again = ann.notice("closes_soon").await;
    alice
        .find("the warning", |f| {
            f["data"]["message"]["seq"] == again["seq"] && f["data"]["type"] == "message"
        })
        .await;
    assert_eq!(ann.closed().await, "timed_out");
    alice.seat("gone", |s| s["type"] == "gone" && s["session"] == session.as_str()).await;
    assert!(centre.seat("alice").await.chats.is_empty(), "the slot is free");
    let row = centre.stored(1).await.remove(0);
    assert!(row.total_ms >= 4000, "{row:?}");
}
