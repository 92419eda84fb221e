//! Who looks on, and what outlives its contact, at a real centre.

use ngcc_proto::config::Queue;

use super::*;
use crate::house::store;

/// A chat of Ann's with alice in which the page is shared and seen.
async fn shared(centre: &Centre) -> (Agent, Customer, String, End, End) {
    let mut alice = Agent::ready(centre, "alice").await;
    let mut ann = Customer::new(centre, QUEUE).await;
    ann.say("k1", "Hello").await;
    let session = alice.accept().await;
    ann.share(json!({ "kind": "cobrowse" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    assert_eq!(to_alice["me"], "agent");
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    seen.both_here().await;
    (alice, ann, session, own, seen)
}

/// A supervisor's board.
struct Board(Page);

impl Board {
    async fn open(centre: &Centre, who: &Agent) -> Self {
        let origin = format!("http://{}", centre.http());
        let mut page = Page::open(centre.http(), "/ws/supervisor", Some(&origin)).await.expect("it opens");
        let ticket = who.ticket().await.expect("a ticket");
        page.send(&json!({ "type": "auth", "data": { "ticket": ticket } })).await;
        Self(page)
    }

    async fn ask(&mut self, kind: &str, data: Value) -> Value {
        self.0.send(&json!({ "type": kind, "id": kind, "data": data })).await;
        self.0.find(kind, |_| {}, |f| f["id"] == kind).await
    }

    async fn shared(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let board =
            self.0.find("board", |_| {}, |f| f["type"] == "board" && wanted(&f["data"]["shared"])).await;
        board["data"]["shared"].clone()
    }
}

async fn looked_on_by(end: &mut End, names: &[&str]) {
    let here = |f: &Value| {
        let viewers = f["data"]["viewers"].as_array().cloned().unwrap_or_default();
        let here: Vec<&str> =
            viewers.iter().filter(|v| v["here"] == true).filter_map(|v| v["name"].as_str()).collect();
        f["type"] == "people" && here == names
    };
    end.page.find("who looks on", |_| {}, here).await;
}

#[tokio::test]
async fn a_supervisor_looks_on_at_a_page_masked_and_unable_to_act_and_nobody_looks_on_unseen() {
    const CARD: &str = "4111111111111111";
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let (_alice, _ann, _, mut own, mut seen) = shared(&centre).await;
    own.tell("rr", json!({ "events": page(CARD) })).await;
    seen.find("rr").await;
    let sue = Agent::person(&centre, "sue").await;
    let mut board = Board::open(&centre, &sue).await;
    let rows = board.shared(|rows| rows.as_array().is_some_and(|rows| !rows.is_empty())).await;
    assert_eq!((&rows[0]["kind"], &rows[0]["agent"]), (&json!("cobrowse"), &json!("agent:alice")));
    let collab = rows[0]["collab"].clone();
    let answer = board.ask("watch", json!({ "collab": collab })).await;
    assert_eq!(answer["type"], "invited", "{answer}");
    let mut looks = End::join(centre.http(), &answer["data"]).await;
    assert_eq!(looks.ready["me"], "viewer");
    looked_on_by(&mut own, &["sue"]).await;
    looked_on_by(&mut seen, &["sue"]).await;
    let shown = looks.find("rr").await.to_string();
    assert!(shown.contains("Your cart") && !shown.contains(CARD), "{shown}");
    own.tell("consent", json!({ "what": "control", "on": true })).await;
    looks.tell("act", json!({ "act": { "is": "click", "node": 5 } })).await;
    assert_eq!(looks.find("error").await["code"], "forbidden");
    // With the board goes the look.
    drop(board);
    assert_eq!(looks.find("ended").await["why"], "closed");
    looked_on_by(&mut own, &[]).await;
    seen.tell("act", json!({ "act": { "is": "click", "node": 5 } })).await;
    own.find("act").await;
    let mut db = store(&centre, "business.db").await;
    let noted: Vec<(String, String)> =
        sqlx::query_as("SELECT user, act FROM audit WHERE act = 'watch_shared'")
            .fetch_all(&mut db)
            .await
            .expect("audit");
    assert_eq!(noted, [("sue".to_owned(), "watch_shared".to_owned())]);
}

#[tokio::test]
async fn an_agent_who_may_not_see_the_board_cannot_watch_and_what_is_over_is_refused() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let bob = Agent::person(&centre, "bob").await;
    let mut board = Board::open(&centre, &bob).await;
    let close = board.0.find("close", |_| {}, |f| f["type"] == "close").await;
    assert_eq!(close["data"]["code"], 4401);
    let sue = Agent::person(&centre, "sue").await;
    let mut board = Board::open(&centre, &sue).await;
    let answer = board.ask("watch", json!({ "collab": "col_00000000000000000000000001" })).await;
    assert_eq!((&answer["type"], &answer["data"]["why"]), (&json!("refused"), &json!("that is over")));
}

#[tokio::test]
async fn s3_10_what_is_shared_outlives_its_chat_and_a_kill_and_ends_with_the_wrap_up() {
    let mut house = one_agent();
    house.queues[0] = Queue { share_outlives_s: 600, ..house.queues[0].clone() };
    let mut centre = Centre::start_with(&house, &[]).await;
    let (mut alice, mut ann, session, mut own, mut seen) = shared(&centre).await;
    ann.end().await;
    let until = own.find("goes_on").await["until"].clone();
    assert!(until.is_i64() && seen.find("goes_on").await["until"] == until);
    let contact = alice.contact(&session, "wrap_up").await;
    assert_eq!(contact["shared"][0]["until"], until);
    // The page is shared as before, though the chat is over.
    own.tell("rr", json!({ "events": page("4111111111111111") })).await;
    assert!(seen.find("rr").await.to_string().contains("Your cart"));
    centre.crash().await;
    ann.cut();
    alice.cut();
    ann.connect().await;
    alice.connect().await;
    alice.tell(None, json!({ "type": "look" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    assert_eq!((&own.ready["until"], &seen.ready["until"]), (&until, &until));
    // The queue has no wrap-up of its own: the seat is free when the sharing ends.
    seen.tell("leave", json!({})).await;
    assert_eq!(own.find("ended").await["why"], "left");
    let free = |s: &Value| s["type"] == "state" && s["chats"].as_array().is_some_and(Vec::is_empty);
    alice.seat("a free seat", free).await;
    let facts = centre.facts(session.parse().expect("an id")).await;
    let place =
        |wanted: fn(&What) -> bool| facts.iter().position(|fact| wanted(&fact.what)).expect("it is there");
    let closed = place(|what| matches!(what, What::Closed { .. }));
    let ended = place(|what| matches!(what, What::CollabEnded { .. }));
    let wrapped = place(|what| matches!(what, What::WrapUpEnded { .. }));
    assert!(closed < ended && ended < wrapped, "{facts:?}");
}
