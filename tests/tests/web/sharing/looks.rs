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
    killed(&mut centre, &mut ann, &mut alice).await;
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

/// What a browser offers of a shared screen: no sound, and its pictures this way only.
fn offer(pictures: &str) -> String {
    let section = |mid: u8, line: &str, direction: &str, codec: &str| {
        format!(
            "m={line}\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlyC\r\n\
             a=fingerprint:sha-256 75:74:5A:A6:A4:E5:52:F4:A7:67:4C:01:C7:EE:91:3F:21:3D:A2:E3:53:7B:6F:30:86:F2:30:AA:65:FB:04:24\r\n\
             a=setup:actpass\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:{codec}\r\n"
        )
    };
    let sound = section(0, "audio 9 UDP/TLS/RTP/SAVPF 0", "inactive", "0 PCMU/8000");
    let video = section(1, "video 9 UDP/TLS/RTP/SAVPF 96", pictures, "96 VP8/90000");
    format!(
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n{sound}{video}"
    )
}

/// One end's browser, with a connection for the pictures of one screen alone.
pub(super) struct Screen {
    page: Page,
    /// The answer to its offer, or the leg's end.
    pub(super) told: Value,
}

impl Screen {
    async fn offers(centre: &Centre, token: &Value, collab: &Value, pictures: &str) -> Self {
        Self::offers_what(centre, token, collab, offer(pictures)).await
    }

    pub(super) async fn offers_what(centre: &Centre, token: &Value, collab: &Value, sdp: String) -> Self {
        let origin = format!("http://{}", centre.http());
        let mut page = Page::open(centre.http(), "/ws/rtc", Some(&origin)).await.expect("it opens");
        page.send(&json!({ "type": "auth", "data": { "token": token, "collab": collab } })).await;
        let ready = page.find("ready", |_| {}, |f| f["type"] == "ready").await;
        // A leg that has outlived its connection goes on over the new one.
        let frame = match ready["data"]["legs"][0]["leg"].as_str() {
            Some(leg) => json!({ "type": "leg.reattach", "data": { "leg": leg, "sdp": sdp } }),
            None => json!({ "type": "leg.offer", "data": { "collab": collab, "sdp": sdp } }),
        };
        page.send(&frame).await;
        let answer = |f: &Value| f["type"] == "leg.answer" || f["type"] == "leg.bye";
        let told = page.find("an answer", |_| {}, answer).await;
        Self { page, told }
    }

    /// Which way its pictures go, as the centre answers; none where it is not let in.
    fn pictures(&self) -> Option<&str> {
        let (_, video) = self.told["data"]["sdp"].as_str()?.split_once("m=video")?;
        video.lines().find_map(|line| line.strip_prefix("a=").filter(|way| way.ends_with("only")))
    }

    async fn bye(&mut self) {
        self.page.find("the end", |_| {}, |f| f["type"] == "leg.bye").await;
    }
}

impl Board {
    async fn rtc_token(&mut self) -> Value {
        self.ask("rtc.token", json!({})).await["data"]["token"].clone()
    }
}

impl Agent {
    pub(super) async fn rtc_token(&mut self) -> Value {
        self.page.as_mut().expect("a console").send(&json!({ "type": "rtc.token", "id": "rtc" })).await;
        self.find("a token", |f| f["type"] == "rtc.token").await["data"]["token"].clone()
    }
}

impl Customer {
    pub(super) async fn rtc_token(&mut self) -> Value {
        self.send(json!({ "type": "rtc.token", "id": "rtc", "data": {} })).await;
        self.find("a token", |f| f["type"] == "rtc.token").await["data"]["token"].clone()
    }
}

#[tokio::test]
async fn s3_08_a_screen_is_seen_by_its_agent_and_by_who_looks_on_and_never_by_who_is_not_shown() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Hello").await;
    let session = alice.accept().await;
    alice.ask(Some(&session), json!({ "type": "collaborate", "kind": "screen" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let collab = to_ann["collab"].clone();
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    seen.both_here().await;
    own.tell("consent", json!({ "what": "view", "on": true })).await;
    let shows = Screen::offers(&centre, &ann.rtc_token().await, &collab, "sendonly").await;
    assert_eq!(shows.pictures(), Some("recvonly"), "{}", shows.told);
    let alices = Screen::offers(&centre, &alice.rtc_token().await, &collab, "recvonly").await;
    assert_eq!(alices.pictures(), Some("sendonly"), "{}", alices.told);

    let sue = Agent::person(&centre, "sue").await;
    let mut boards = [Board::open(&centre, &sue).await, Board::open(&centre, &sue).await];
    let rows = boards[0].shared(|rows| rows[0]["shows"] == true).await;
    assert_eq!(rows[0]["kind"], "screen");
    let early = Screen::offers(&centre, &boards[0].rtc_token().await, &collab, "recvonly").await;
    assert_eq!((early.pictures(), &early.told["data"]["cause"]), (None, &json!("forbidden")));
    drop(early);
    let mut looks = vec![];
    for board in &mut boards {
        let answer = board.ask("watch", json!({ "collab": collab })).await;
        assert_eq!(answer["type"], "invited", "{answer}");
        looks.push(End::join(centre.http(), &answer["data"]).await);
    }
    looked_on_by(&mut own, &["sue"]).await;
    let mut sues = Screen::offers(&centre, &boards[0].rtc_token().await, &collab, "recvonly").await;
    assert_eq!(sues.pictures(), Some("sendonly"), "{}", sues.told);
    // One board stops; the other one looks on.
    let [mut first, second] = boards;
    assert_eq!(first.ask("unwatch", json!({ "collab": collab })).await["type"], "ok");
    own.tell("pause", json!({ "on": true })).await;
    looks[1].find("paused").await;
    drop(second);
    sues.bye().await;
    assert_eq!(looks[1].find("ended").await["why"], "closed");
    looked_on_by(&mut own, &[]).await;
    seen.find("paused").await;
}
