//! `/ws/supervisor`.

use ngcc_proto::envelope::Body;
use ngcc_proto::seat::Availability;
use ngcc_proto::supervise;
use serde_json::json;

use crate::client::{Browser, Page};
use crate::world::{World, agent};

#[tokio::test]
async fn several_supervisors_see_the_board_and_no_agent_does() {
    let world = World::open("boards").await;
    let (sue, root) = (Browser::sign_in(world.at, "sue").await, Browser::sign_in(world.at, "root").await);
    let ((mut one, ready), (mut other, _)) =
        (sue.page("/ws/supervisor").await, root.page("/ws/supervisor").await);
    assert_eq!(ready["data"]["user"], "sue");
    for page in [&mut one, &mut other] {
        assert_eq!(page.next("board").await["data"]["seats"][0]["agent"], "agent:bob");
    }
    let alice = Browser::sign_in(world.at, "alice").await;
    let mut page = Page::open(world.at, "/ws/supervisor").await;
    page.send(json!({ "type": "auth", "data": { "ticket": alice.ticket().await } })).await;
    assert_eq!(page.closed().await, 4401);
}

#[tokio::test]
async fn a_seat_is_forced_from_the_board_and_noted() {
    let mut world = World::open("force").await;
    let sue = Browser::sign_in(world.at, "sue").await;
    let (mut page, _) = sue.page("/ws/supervisor").await;
    let force = json!({ "agent": "agent:bob", "to": { "is": "not_ready", "reason": "stuck" } });
    page.send(json!({ "type": "force", "id": "1", "data": force })).await;
    assert_eq!(page.answer("1").await["type"], "ok");
    let forced = world
        .came(|body| match body {
            Body::SuperviseCommand(supervise::Command::Force { by, agent, to }) => Some((by, agent, to)),
            _ => None,
        })
        .await;
    assert_eq!((forced.0.as_str(), forced.1), ("sue", agent("bob")));
    assert!(matches!(forced.2, Availability::NotReady { reason, .. } if reason == "stuck"));
    let session = "ses_00000000000000000000000007";
    page.send(json!({ "type": "end", "id": "2", "data": { "session": session } })).await;
    assert_eq!(page.answer("2").await["data"]["why"], "no such session");
    page.send(json!({ "type": "end", "id": "3", "data": { "session": "7" } })).await;
    assert_eq!(page.answer("3").await["data"]["code"], "bad");
    let acts = world.centre.acts.lock().unwrap();
    let noted: Vec<_> =
        acts.iter().map(|act| (act.user.as_str(), act.act.as_str(), act.on.as_str())).collect();
    assert_eq!(noted, [("sue", "force_state", "bob"), ("sue", "end_session", session)]);
}

#[tokio::test]
async fn a_watch_is_noted_and_answered_with_an_invitation_and_ends_with_the_board() {
    let mut world = World::open("watch").await;
    let sue = Browser::sign_in(world.at, "sue").await;
    let (mut page, _) = sue.page("/ws/supervisor").await;
    let collab = "col_00000000000000000000000007";
    page.send(json!({ "type": "watch", "id": "1", "data": { "collab": "7" } })).await;
    assert_eq!(page.answer("1").await["data"]["code"], "bad");
    page.send(json!({ "type": "watch", "id": "2", "data": { "collab": collab } })).await;
    let answer = page.answer("2").await;
    assert_eq!((&answer["type"], &answer["data"]["collab"]), (&json!("invited"), &json!(collab)));
    assert_eq!(answer["data"]["ticket"], "a ticket");
    let by = world
        .came(|body| match body {
            Body::SuperviseCommand(supervise::Command::Watch { by, .. }) => Some(by),
            _ => None,
        })
        .await;
    assert_eq!(by, agent("sue"));
    drop(page);
    let left = world
        .came(|body| match body {
            Body::SuperviseCommand(supervise::Command::Unwatch { by, collab, .. }) => {
                Some((by, collab.to_string()))
            }
            _ => None,
        })
        .await;
    assert_eq!(left, (agent("sue"), collab.to_owned()));
    let acts = world.centre.acts.lock().unwrap();
    let noted: Vec<_> = acts.iter().map(|act| (act.act.as_str(), act.on.as_str())).collect();
    assert_eq!(noted, [("watch_shared", collab)]);
}
