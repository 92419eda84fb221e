//! What is shared is handed over alone, at a real centre: to a colleague, over a kill, and back where nobody takes it.

use super::*;

fn to_bob(collab: &Value) -> Value {
    json!({ "type": "hand_over_share", "collab": collab, "to": { "is": "agent", "name": "bob" } })
}

fn has(name: &'static str) -> impl Fn(&Value) -> bool {
    move |f| f["type"] == "people" && f["data"]["agent"]["name"] == name && f["data"]["agent"]["here"] == true
}

#[tokio::test]
async fn s3_03_a_board_is_handed_alone_to_a_colleague_and_outlives_a_kill_there_and_the_chat_stays() {
    let mut centre = Centre::start_with(&catalogue(), &[]).await;
    let (mut alice, mut bob, mut ann, session, [mut own, mut seen], collab) = drawing(&centre).await;
    let update = "AQEBAAQBBHRleHQCaGkA";
    own.tell("y", json!({ "update": update })).await;
    seen.find("y").await;
    alice.ask(Some(&session), to_bob(&collab)).await;
    assert_eq!(seen.find("ended").await["why"], "handed_over");
    let offer = bob.offered().await;
    assert_eq!(offer["shared"], json!(["whiteboard"]));
    let apart = bob.accept_it(&offer).await;
    assert_ne!(apart, session);
    let next = End::join(centre.http(), &bob.invited().await).await;
    assert_eq!(next.ready["session"], apart);
    assert!(next.ready["state"]["update"].as_str().is_some_and(|state| state.len() > 4), "what was drawn");
    own.page.find("bob", |_| {}, has("bob")).await;
    // No word of bob's would come to anybody.
    let said = json!({ "type": "say", "key": "b1", "content": { "kind": "text", "text": "Hi" } });
    bob.tell(Some(&apart), said).await;
    bob.seat("not accepted", |s| s["type"] == "not_accepted" && s["why"] == "forbidden").await;
    drop((own, next));
    centre.crash().await;
    for agent in [&mut alice, &mut bob] {
        agent.cut();
        agent.connect().await;
        agent.tell(None, json!({ "type": "look" })).await;
    }
    ann.cut();
    ann.connect().await;
    assert_eq!(bob.contact(&apart, "talk").await["alone"], true);
    let mut own = End::join(centre.http(), &ann.invited().await).await;
    let mut next = End::join(centre.http(), &bob.invited().await).await;
    next.both_here().await;
    own.both_here().await;
    ann.say("k2", "Thank you both").await;
    alice.reads(&session, "Thank you both").await;
    own.tell("leave", json!({})).await;
    next.find("ended").await;
    bob.seat("gone", |s| s["type"] == "gone" && s["session"] == apart.as_str()).await;
    for id in [&session, &apart] {
        let facts = centre.facts(id.parse().expect("an id")).await;
        assert!(facts.iter().any(|f| matches!(f.what, What::CollabMoved { .. })), "{facts:?}");
    }
}

#[tokio::test]
async fn what_a_colleague_declines_is_back_with_whoever_handed_it_over() {
    let centre = Centre::start_with(&catalogue(), &[]).await;
    let (mut alice, mut bob, _ann, session, [mut own, _seen], collab) = drawing(&centre).await;
    alice.ask(Some(&session), to_bob(&collab)).await;
    let offer = bob.offered().await;
    bob.ask(None, json!({ "type": "decline", "reservation": offer["reservation"] })).await;
    let again = alice.invited().await;
    assert_eq!((&again["collab"], again["session"].as_str()), (&collab, Some(&*session)));
    let mut seen = End::join(centre.http(), &again).await;
    own.page.find("alice", |_| {}, has("alice")).await;
    seen.tell("leave", json!({})).await;
    assert_eq!(own.find("ended").await["why"], "left");
}
