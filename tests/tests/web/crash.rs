//! `kill -9` while chats are in self-service, in the queue, offered, with an agent and with the automation
//! behind an agent: the same session and agent afterwards, nothing lost, nothing twice.

use ngcc_proto::fact::What;
use ngcc_tests::centre::Centre;
use serde_json::json;

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{ACCOUNT, BYE, HELLO, MENU, QUEUE, one_agent, store};

/// How often a text is stored.
async fn copies(centre: &Centre, text: &str) -> i64 {
    let mut customers = store(centre, "customers.db").await;
    let count = "SELECT count(*) FROM messages WHERE body LIKE '%' || ? || '%'";
    sqlx::query_scalar(count).bind(text).fetch_one(&mut customers).await.expect("a count")
}

#[tokio::test]
async fn s0_06_a_first_message_is_not_lost_when_the_centre_is_killed_right_after_it_was_sent() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    for round in 0..5 {
        let mut ann = Customer::new(&centre, MENU).await;
        let text = format!("first-{round}");
        ann.write("k1", &text).await;
        centre.crash().await;
        ann.cut();
        ann.connect().await;
        // What was not acknowledged is sent again by its key.
        ann.say("k1", &text).await;
        ann.reads(HELLO).await;
        ann.reads(&text).await;
        assert_eq!(copies(&centre, &text).await, 1, "{text} is stored once");
        assert_eq!(ann.messages.values().filter(|m| m["content"]["text"] == text.as_str()).count(), 1);
        ann.end().await;
    }
}

#[tokio::test]
async fn after_a_kill_in_self_service_the_flow_goes_on_where_it_was() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut ann = Customer::new(&centre, MENU).await;
    let session = ann.begin().await;
    ann.reads(HELLO).await;
    centre.crash().await;
    ann.cut();
    ann.connect().await;
    assert_eq!(ann.opened().await, session);
    ann.say("k1", "Nothing").await;
    ann.reads(BYE).await;
    ann.closed().await;
    assert_eq!(copies(&centre, HELLO).await, 1, "it was greeted once");
    assert_eq!(centre.stored(1).await[0].id.to_string(), session);
}

#[tokio::test]
async fn after_a_kill_waiting_chats_keep_their_places_and_times_and_an_offer_comes_again() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut waiting = Vec::new();
    for n in 0..3 {
        let mut customer = Customer::new(&centre, QUEUE).await;
        customer.say("k1", &format!("waiting {n}")).await;
        customer.stands("queue").await;
        waiting.push(customer);
    }
    let before = places(&centre).await;
    assert_eq!(before.len(), 3);
    centre.crash().await;
    assert_eq!(places(&centre).await, before, "the places and their times");
    for customer in &mut waiting {
        customer.cut();
        customer.connect().await;
    }
    let mut alice = Agent::ready(&centre, "alice").await;
    // The first is offered; the centre is killed before she takes it.
    let offer = alice.offered().await;
    assert_eq!(offer["session"].as_str(), waiting[0].session.as_deref());
    centre.crash().await;
    alice.cut();
    alice.connect().await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(alice.accept().await);
    }
    let order: Vec<_> = waiting.iter().filter_map(|c| c.session.clone()).collect();
    assert_eq!(taken, order, "in the old order");
    for n in 0..3 {
        assert_eq!(copies(&centre, &format!("waiting {n}")).await, 1);
    }
}

/// Every waiting session with the moment from which its place counts.
async fn places(centre: &Centre) -> Vec<(String, u64)> {
    let mut places = Vec::new();
    for session in centre.live().await {
        for fact in centre.facts(session.id).await {
            if let What::Queued { since, .. } = fact.what {
                places.push((session.id.to_string(), since.0));
            }
        }
    }
    places.dedup();
    places
}

#[tokio::test]
async fn after_a_kill_in_talk_and_with_the_automation_it_is_the_same_agent_and_nothing_is_lost_or_doubled() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, MENU).await;
    let session = ann.begin().await;
    ann.reads(HELLO).await;
    ann.say("k0", "A person").await;
    alice.accept().await;
    ann.stands("talk").await;
    for round in 0..3 {
        let (asked, answered) = (format!("question-{round}"), format!("answer-{round}"));
        ann.write(&format!("q{round}"), &asked).await;
        alice.write(&session, &format!("a{round}"), &answered).await;
        again(&mut centre, &mut ann, &mut alice, &session).await;
        ann.say(&format!("q{round}"), &asked).await;
        alice.say(&session, &format!("a{round}"), &answered).await;
        ann.reads(&answered).await;
        alice.reads(&session, &asked).await;
        for text in [asked, answered] {
            assert_eq!(copies(&centre, &text).await, 1, "{text}");
        }
    }
    alice.ask(Some(&session), json!({ "type": "to_auto", "flow": null, "args": {} })).await;
    ann.reads(ACCOUNT).await;
    again(&mut centre, &mut ann, &mut alice, &session).await;
    ann.say("k9", "1234").await;
    alice.contact(&session, "talk").await;
    alice.say(&session, "a9", "It is me again").await;
    ann.reads("It is me again").await;
    assert_eq!(copies(&centre, ACCOUNT).await, 1, "the automation asked once");
    centre.nobody_is_owned_twice().await;
    ann.end().await;
    assert_eq!(centre.stored(1).await[0].agent.as_deref(), Some("alice"));
}

/// A kill, and everybody comes back as their pages do.
async fn again(centre: &mut Centre, ann: &mut Customer, alice: &mut Agent, session: &str) {
    centre.crash().await;
    ann.cut();
    alice.cut();
    ann.connect().await;
    assert_eq!(ann.opened().await, session);
    alice.connect().await;
    alice.seat("the contact", |s| s["type"] == "contact" && s["contact"]["session"] == session).await;
    alice.tell(Some(session), json!({ "type": "resume", "after": 0 })).await;
}
