//! What WeCom only hints at: asked for, page by page, and taken once.

use ngcc_proto::config::{Catalogue, ChannelKind};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::Provider;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::house::{HELLO, MENU, QUEUE, one_agent};

const ANN: &str = "wmAnn";

async fn start(entry: &str) -> (Provider, Centre, Agent) {
    let wecom = Provider::start(ChannelKind::Wecom, "wecom", entry).await;
    let house = Catalogue { channels: vec![wecom.channel.clone()], ..one_agent() };
    let centre = Centre::start_with(&house, &[]).await;
    let alice = Agent::ready(&centre, "alice").await;
    (wecom, centre, alice)
}

#[tokio::test]
async fn s0_01_what_is_only_hinted_at_comes_once_though_hints_are_lost_pages_repeat_and_the_centre_is_killed()
{
    let (mut wecom, mut centre, mut alice) = start(QUEUE).await;
    assert_eq!(wecom.writes(centre.http(), ANN, "m1", "one").await, 200);
    let session = alice.accept().await;
    alice.reads(&session, "one").await;
    assert!(wecom.reads(ANN).await.contains("alice joined"));

    // Nobody is told of these two before the centre asks by itself.
    wecom.keeps(ANN, "m2", "two");
    wecom.keeps(ANN, "m3", "three");
    centre.crash().await;
    alice.cut();
    alice.connect().await;
    alice.tell(Some(&session), json!({ "type": "resume", "after": 0 })).await;
    alice.reads(&session, "three").await;

    wecom.breaks_and_forgets();
    assert_eq!(wecom.writes(centre.http(), ANN, "m4", "four").await, 200);
    alice.reads(&session, "four").await;
    let of_ann: Vec<_> = alice
        .texts(&session)
        .into_iter()
        .filter(|t| ["one", "two", "three", "four"].contains(&&**t))
        .collect();
    assert_eq!(of_ann, ["one", "two", "three", "four"]);

    // What was taken may fail all the same: the agent sees which.
    alice.say(&session, "a1", "hello").await;
    alice.write(&session, "a2", "too late").await;
    let text = alice.seat("a2", |s| s["type"] == "accepted" && s["key"] == "a2").await;
    assert_eq!(wecom.reads(ANN).await, "hello");
    let late = wecom.next().await;
    let id = late["msgid"].as_str().expect("an id");
    wecom.happens(centre.http(), ANN, "e1", "msg_send_fail", ("fail_msgid", id)).await;
    let refused = |c: &Value| c["delivery"]["refused"] == json!([text["seq"]]);
    alice.seat("what was refused", |s| s["type"] == "contact" && refused(&s["contact"])).await;
    assert!(wecom.is_quiet(), "and it is not sent again");
}

#[tokio::test]
async fn s0_01_who_opens_a_wecom_chat_is_greeted_once_and_served_when_they_write() {
    let (mut wecom, centre, mut alice) = start(MENU).await;
    let code = format!("code-of-{ANN}");
    wecom.happens(centre.http(), ANN, "e1", "enter_session", ("welcome_code", &code)).await;
    let menu = format!("{HELLO}\n1  A person\n2  My card\n3  Nothing");
    assert_eq!(wecom.reads(ANN).await, menu);
    assert_eq!(wecom.chooses(centre.http(), ANN, "m1", "1").await, 200);
    let session = alice.accept().await;
    alice.say(&session, "a1", "Yes, please?").await;
    while wecom.reads(ANN).await != "Yes, please?" {}
}
