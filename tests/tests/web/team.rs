//! The colleagues' messenger: groups over a kill, and who may read, search and fetch.

use ngcc_tests::centre::Centre;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::house::{catalogue, store};

fn send(to: &str, key: &str, text: &str) -> Value {
    json!({ "type": "send", "to": to, "key": key, "text": text })
}

/// What was said, in the order of the box.
fn said(agent: &Agent) -> Vec<&str> {
    let lines = agent.box_.values().filter(|m| m["is"] == "said");
    lines.map(|m| m["text"].as_str().expect("a text")).collect()
}

/// What somebody sees of a conversation, newest first.
async fn seen(agent: &mut Agent, with: &str) -> Vec<Value> {
    let looked = agent.im_ask(json!({ "type": "look", "with": with, "limit": 200 })).await;
    looked["messages"].as_array().expect("messages").clone()
}

#[tokio::test]
async fn s1_08_a_group_of_three_of_whom_one_is_away_has_everything_once_and_in_one_order_over_kills() {
    let mut centre = Centre::start_with(&catalogue(), &[]).await;
    let (mut alice, mut bob) = (Agent::sign_in(&centre, "alice").await, Agent::sign_in(&centre, "bob").await);
    let members = ["agent:bob", "agent:carol"];
    let make = json!({ "type": "make", "key": "g", "name": "Night shift", "members": members });
    let group = alice.im_store(make).await["to"].as_str().expect("a group").to_owned();
    let mut written = Vec::new();
    for round in 0..3 {
        let texts = [format!("alice {round}"), format!("bob {round}"), format!("in doubt {round}")];
        alice.im_store(send(&group, &format!("a{round}"), &texts[0])).await;
        bob.im_store(send(&group, &format!("b{round}"), &texts[1])).await;
        // Nobody knows whether it was stored.
        let doubted = send(&group, &format!("d{round}"), &texts[2]);
        alice.im_tell(doubted.clone()).await;
        centre.crash().await;
        for agent in [&mut alice, &mut bob] {
            agent.cut();
            agent.connect().await;
        }
        alice.im_store(doubted).await;
        bob.im_reads(&texts[2]).await;
        let last = *bob.box_.keys().next_back().expect("it has come");
        bob.got(last).await;
        written.extend(texts);
    }
    let mut carol = Agent::sign_in(&centre, "carol").await;
    carol.im_reads(&written[8]).await;
    assert_eq!(said(&carol), written, "who was away has all of it, in order");
    assert!(carol.copies.values().all(|copies| *copies == 1), "{:?}", carol.copies);
    let others = |own: &str| written.iter().filter(|t| !t.starts_with(own)).collect::<Vec<_>>();
    assert_eq!(said(&bob), others("bob"));
    bob.cut();
    let before = bob.copies.clone();
    bob.connect().await;
    let all = seen(&mut bob, &group).await;
    assert_eq!(bob.copies, before, "what was acknowledged does not come again");
    assert_eq!(all.len(), 10);
    assert!(all.windows(2).all(|two| two[0]["n"].as_u64() > two[1]["n"].as_u64()), "{all:#?}");
    for agent in [&mut alice, &mut carol] {
        assert_eq!(seen(agent, &group).await, all, "{}", agent.name);
    }
    let mut colleagues = store(&centre, "colleagues.db").await;
    let count = "SELECT count(*) FROM messages";
    let stored: i64 = sqlx::query_scalar(count).fetch_one(&mut colleagues).await.unwrap();
    assert_eq!(stored, 10, "each is stored once, and not once a member");

    let unread = |list: &Value| list["list"][0]["unread"].clone();
    let list = carol.im_ask(json!({ "type": "list" })).await;
    assert_eq!((&list["list"][0]["with"], unread(&list)), (&json!(group), json!(9)));
    carol.im_tell(json!({ "type": "read", "with": group, "n": 10 })).await;
    let read = alice.find("it is read", |f| f["data"]["type"] == "read").await;
    assert_eq!((&read["data"]["by"], &read["data"]["n"]), (&json!("agent:carol"), &json!(10)));
    centre.crash().await;
    carol.cut();
    carol.connect().await;
    assert_eq!(unread(&carol.im_ask(json!({ "type": "list" })).await), json!(0), "also after a kill");
}

#[tokio::test]
async fn s1_08_a_file_between_colleagues_is_for_them_and_nobody_else_reads_searches_or_fetches_it() {
    let centre = Centre::start_with(&catalogue(), &[]).await;
    let mut alice = Agent::sign_in(&centre, "alice").await;
    let mut carol = Agent::sign_in(&centre, "carol").await;
    let mut sue = Agent::sign_in(&centre, "sue").await;
    let file = alice.hand_over("plan.txt", "the night plan").await;
    let path = format!("/api/v1/colleagues/files/{}", file["file"].as_str().expect("an id"));
    assert_eq!(carol.get(&path).await.status, 404, "nothing has been sent yet");
    let sent =
        json!({ "type": "send", "to": "agent:carol", "key": "k", "text": "夜班的排班表", "file": file });
    alice.im_store(sent).await;
    let came = carol.im_reads("夜班的排班表").await;
    assert_eq!(came["file"]["name"], "plan.txt");
    assert_eq!(carol.get(&path).await.text, "the night plan");
    assert_eq!(sue.get(&path).await.status, 404);
    assert!(seen(&mut sue, "agent:alice").await.is_empty());
    for words in ["排班", "的排班表", "plan.txt"] {
        let search = json!({ "type": "search", "words": words });
        assert_eq!(carol.im_ask(search.clone()).await["hits"][0]["id"], came["id"], "{words}");
        assert_eq!(sue.im_ask(search).await["hits"], json!([]), "{words}");
    }
}
