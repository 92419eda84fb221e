//! Customers who write by SIP MESSAGE from a phone: served as on a page, and answered by MESSAGE.

use ngcc_phone::{Phone, PhoneError, PhoneSettings};
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SECRET, SOON, caller, registered};
use serde_json::json;

use crate::agent::Agent;
use crate::channels::{by_web, said, trace};
use crate::chat::stored;
use crate::house::{HELLO, MENU, QUEUE, one_agent};

#[tokio::test]
async fn s0_01_a_phone_that_writes_by_sip_message_is_served_as_on_the_web_and_leaves_the_same_trace() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let sue = Agent::person(&centre, "sue").await;
    let by_web = by_web(&centre, &mut alice, &sue).await;

    let phone = caller(&centre, "13800138000").await;
    assert_eq!(phone.write(MENU, "hello").await.unwrap(), 202);
    let menu = phone.reads(HELLO, SOON).await.unwrap();
    assert_eq!(menu, format!("{HELLO}\n1  A person\n2  My card\n3  Nothing"));
    assert_eq!(phone.write(MENU, "1").await.unwrap(), 202);
    let session = alice.accept().await;
    alice.say(&session, "a1", "Yes, please?").await;
    phone.reads("Yes, please?", SOON).await.unwrap();
    assert_eq!(phone.write(MENU, "Thank you.").await.unwrap(), 202);
    alice.reads(&session, "Thank you.").await;
    alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    let row = stored(&sue, &session).await;
    assert_eq!(said(&row), said(&by_web));
    assert_eq!(trace(&row), trace(&by_web));
    assert!(phone.texts().iter().any(|text| text.contains("alice joined")), "{:?}", phone.texts());
}

#[tokio::test]
async fn s0_01_texts_to_a_phone_outlast_a_crash_and_come_once_and_what_it_refuses_the_agent_sees() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let phone = registered(&centre, "7001").await;
    assert_eq!(phone.write(QUEUE, "hello").await.unwrap(), 202);
    let session = alice.accept().await;
    alice.say(&session, "a1", "one").await;
    phone.reads("one", SOON).await.unwrap();

    phone.set_deaf(true);
    alice.say(&session, "a2", "two").await;
    centre.crash().await;
    phone.set_deaf(false);
    phone.reads("two", SOON).await.unwrap();
    alice.connect().await;
    alice.say(&session, "a3", "three").await;
    phone.reads("three", SOON).await.unwrap();
    let said: Vec<_> =
        phone.texts().into_iter().filter(|t| ["one", "two", "three"].contains(&&**t)).collect();
    assert_eq!(said, ["one", "two", "three"]);

    phone.set_text_refusal(488);
    alice.say(&session, "a4", "four").await;
    let refused = |c: &serde_json::Value| c["delivery"]["refused"].as_array().is_some_and(|r| r.len() == 1);
    alice.seat("what was refused", |s| s["type"] == "contact" && refused(&s["contact"])).await;
}

#[tokio::test]
async fn nobody_writes_in_the_name_of_a_phone_of_the_house_without_its_secret() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let stranger = Phone::start(PhoneSettings::new(centre.sip(), "7001").secret("wr0ng")).await.unwrap();
    let refused = stranger.write(QUEUE, "let me in").await;
    assert!(matches!(refused, Err(PhoneError::Refused { status: 407, .. })), "{refused:?}");
    let own = Phone::start(PhoneSettings::new(centre.sip(), "7001").secret(SECRET)).await.unwrap();
    assert_eq!(own.write(QUEUE, "it is me").await.unwrap(), 202);
    let session = alice.accept().await;
    alice.reads(&session, "it is me").await;
    assert!(!alice.texts(&session).contains(&"let me in".to_owned()));
}
