//! Chats from their first word to the stored row.

use std::time::{Duration, Instant};

use ngcc_proto::fact::What;
use ngcc_tests::centre::Centre;
use ngcc_tests::look::adds_up;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::customer::{Customer, line};
use crate::house::{ACCOUNT, BYE, HELLO, MENU, QUEUE, catalogue, one_agent};

/// What the business database has of a session, as a supervisor reads it.
pub(crate) async fn stored(sue: &Agent, session: &str) -> Value {
    let begun = Instant::now();
    loop {
        let answer = sue.get(&format!("/api/v1/sessions/{session}")).await;
        if answer.status == 200 && !answer.json()["closed"].is_null() {
            return answer.json();
        }
        assert!(begun.elapsed() < crate::page::LONG, "{session} is not stored: {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A stored transcript.
pub(crate) fn lines(stored: &Value) -> Vec<String> {
    stored["messages"].as_array().expect("messages").iter().map(line).collect()
}

#[tokio::test]
async fn s0_02_a_chat_with_the_automatic_service_ends_without_any_human_resource_and_is_stored() {
    let centre = Centre::start_with(&catalogue(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, MENU).await;
    let session = ann.begin().await;
    ann.stands("self_service").await;
    let hello = ann.reads(HELLO).await;
    assert_eq!(hello["content"]["choices"].as_array().map(Vec::len), Some(3), "{hello}");
    ann.say("k1", "Nothing").await;
    ann.reads(BYE).await;
    assert_eq!(ann.closed().await, "normal");

    let sue = Agent::person(&centre, "sue").await;
    let row = stored(&sue, &session).await;
    let expected =
        [format!("automation: {HELLO}"), "customer: Nothing".to_owned(), format!("automation: {BYE}")];
    assert_eq!(lines(&row), expected);
    assert_eq!(lines(&row), ann.transcript(), "what the customer read is what is stored");
    assert!(row["closed"]["agent"].is_null(), "{row:#}");
    let names: Vec<_> = row["facts"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert!(!names.iter().any(|f| f.contains("reserved") || f.contains("queued")), "{names:#?}");
    let row = centre.stored(1).await.remove(0);
    assert!(row.self_service_ms > 0 && row.talk_ms == 0 && adds_up(&row), "{row:?}");
    let mut seen = false;
    alice
        .page
        .as_mut()
        .unwrap()
        .drain(Duration::from_millis(200), |f| seen |= f["data"]["type"] == "offered")
        .await;
    assert!(!seen, "an agent was asked");
}

#[tokio::test]
async fn s0_03_s0_10_a_chat_with_an_agent_is_stored_whole_with_transcript_and_metadata() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Is anybody there?").await;
    let session = alice.accept().await;
    assert_eq!(ann.opened().await, session);
    let talk = ann.stands("talk").await;
    assert_eq!(talk["display"], "alice");
    alice.reads(&session, "Is anybody there?").await;
    alice.say(&session, "a1", "Yes, I am.").await;
    let message = ann.reads("Yes, I am.").await;
    assert_eq!(message["by"], json!({ "is": "agent", "display": "alice" }));
    ann.say("k2", "Thank you.").await;
    alice.reads(&session, "Thank you.").await;
    alice
        .ask(Some(&session), json!({ "type": "dispose", "code": "question", "note": "a note for us" }))
        .await;
    alice.reads(&session, "a note for us").await;
    alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    ann.closed().await;

    let sue = Agent::person(&centre, "sue").await;
    let row = stored(&sue, &session).await;
    let said =
        ["customer: Is anybody there?", "agent: Yes, I am.", "customer: Thank you.", "agent: a note for us"];
    let spoken: Vec<_> = lines(&row).into_iter().filter(|l| !l.starts_with("centre")).collect();
    assert_eq!(spoken, said);
    assert!(!ann.transcript().contains(&"agent: a note for us".to_owned()), "the customer saw a note");
    assert_eq!(
        (&row["closed"]["agent"], &row["closed"]["queue"]),
        (&json!("alice"), &json!("help")),
        "{row:#}"
    );
    let row = centre.stored(1).await.remove(0);
    assert!(row.talk_ms > 0 && row.self_service_ms == 0 && adds_up(&row), "{row:?}");
    // And by the command line.
    let listed: Value = centre.ask(&["call", "list", "--closed"]).await;
    assert!(listed.to_string().contains(&session), "{listed}");
    let (done, trace) = centre.command(&["call", "trace", &session]).await;
    assert!(done && trace.contains("alice") && !trace.contains("Thank you."), "{trace}");
}

#[tokio::test]
async fn s0_03_s4_14_a_chat_goes_to_and_fro_between_automation_and_the_same_agent_in_one_session() {
    let centre = Centre::start_with(&catalogue(), &[]).await;
    let (mut alice, _bob) = (Agent::ready(&centre, "alice").await, Agent::ready(&centre, "bob").await);
    let mut ann = Customer::new(&centre, MENU).await;
    let session = ann.begin().await;
    ann.reads(HELLO).await;
    ann.say("k1", "A person").await;
    assert_eq!(alice.accept().await, session);
    ann.stands("talk").await;
    for round in 1..=3 {
        let text = format!("round {round}");
        alice.say(&session, &format!("a{round}"), &text).await;
        ann.reads(&text).await;
        alice.ask(Some(&session), json!({ "type": "to_auto", "flow": null, "args": {} })).await;
        ann.stands("in_ivr").await;
        ann.find(ACCOUNT, |f| f["type"] == "message" && f["data"]["message"]["content"]["text"] == ACCOUNT)
            .await;
        let account = format!("100{round}");
        ann.say(&format!("k1{round}"), &account).await;
        let back =
            alice.seat("returned", |s| s["type"] == "returned" && s["session"] == session.as_str()).await;
        assert_eq!(back["outcome"]["result"], format!("account {account}"), "{back}");
        ann.stands("talk").await;
    }
    ann.say("k9", "That is all.").await;
    alice.reads(&session, "That is all.").await;
    ann.end().await;
    let sue = Agent::person(&centre, "sue").await;
    let row = stored(&sue, &session).await;
    assert_eq!(lines(&row), ann.transcript(), "what the customer read is what is stored");
    assert_eq!(row["closed"]["agent"], "alice");
    let facts: Vec<_> = row["facts"].as_array().unwrap().iter().map(Value::to_string).collect();
    let reserved = facts.iter().filter(|f| f.contains("\"reserved\"")).count();
    assert_eq!(reserved, 1, "nobody was asked again: {facts:#?}");
    let row = centre.stored(1).await.remove(0);
    assert!(row.self_service_ms > 0 && row.talk_ms > 0 && row.in_ivr_ms > 0 && adds_up(&row), "{row:?}");
}

#[tokio::test]
async fn s2_06_an_agent_begins_a_chat_with_a_customer_on_the_page_and_is_told_where_there_is_none() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut customer = Customer::new(&centre, QUEUE).await;
    let ready = customer.connect().await;
    let user = format!("web:{}", ready["visitor"].as_str().expect("whose page it is"));
    let write_to = json!({ "type": "write_to", "user": user });
    alice.ask(None, write_to.clone()).await;
    let session = customer.opened().await;
    alice.contact(&session, "talk").await;
    let id = centre.live().await[0].id;
    let facts = centre.facts(id).await;
    assert_eq!(id.to_string(), session);
    let joined = facts.iter().find(|fact| matches!(fact.what, What::Joined { .. })).expect("alice is there");
    assert_eq!(joined.at, facts[0].at, "from the first second: {facts:#?}");
    alice.say(&session, "a1", "Your parcel has arrived.").await;
    customer.reads("Your parcel has arrived.").await;
    customer.say("k1", "Thank you").await;
    alice.tell(Some(&session), json!({ "type": "resume", "after": 0 })).await;
    alice.reads(&session, "Thank you").await;
    let mut refused = async |why: &str| {
        let id = alice.tell(None, write_to.clone()).await;
        let answer = alice.find(why, |f| f["id"] == id.as_str()).await;
        assert_eq!((&answer["type"], &answer["data"]["why"]), (&json!("refused"), &json!(why)));
    };
    refused("the customer is in a chat already").await;
    customer.end().await;
    customer.page = None;
    centre.until_live("the chat is over", |live| live.is_empty()).await;
    refused("the customer is not on the page now").await;
    assert!(centre.live().await.is_empty(), "nothing has begun");
}
