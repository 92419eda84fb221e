//! Pages on real sockets, with a stand-in for cti behind a real log.

mod files;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use ngcc_proto::collab::{Command, Event, Kind, Ticket, Who, Why};
use ngcc_proto::fact::By;
use ngcc_proto::{AgentUri, Body, CollabId, Envelope, Ids, Rng, Role, SessionId, UserUri, Wall};
use ngcc_runtime::House;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::{Handle, Settings, start};

const LIMIT: Duration = Duration::from_secs(20);
const SHOP: &str = "https://shop.example";
const COLLAB: CollabId = CollabId(1);

/// The server, its listener, and the stand-in for cti.
struct Centre {
    house: House,
    at: SocketAddr,
    handle: Handle,
    told: UnboundedReceiver<Event>,
    ids: Ids,
    place: PathBuf,
}

impl Centre {
    async fn open() -> Self {
        static N: AtomicU32 = AtomicU32::new(0);
        let n = N.fetch_add(1, Ordering::Relaxed);
        Self::open_at(std::env::temp_dir().join(format!("ngcc-collab-{}-{n}", std::process::id()))).await
    }

    async fn open_at(place: PathBuf) -> Self {
        Self::open_with(place, |_| {}).await
    }

    async fn open_with(place: PathBuf, set: impl FnOnce(&mut Settings)) -> Self {
        let house = House::open(ngcc_runtime::Settings::at(&place)).unwrap();
        let (tell, mut told) = unbounded_channel();
        let sink = move |envelope: Envelope| {
            let Body::CollabEvent(event) = envelope.body else { panic!("collab speaks to cti only") };
            // Who does not listen any more does not need it.
            let _ = tell.send(event);
        };
        house.bus.attach(Role::Cti, Box::new(sink));
        let mut settings = Settings { origins: vec![SHOP.to_owned()], ..Settings::default() };
        set(&mut settings);
        let handle = start(settings, &house).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (service, stop) = (handle.router(), house.stop.clone());
        tokio::spawn(async move {
            let served = axum::serve(listener, service);
            let _ = served.with_graceful_shutdown(async move { stop.wait().await }).await;
        });
        assert!(matches!(timeout(LIMIT, told.recv()).await.unwrap(), Some(Event::Restored { .. })));
        Self { house, at, handle, told, ids: Ids::new(Rng::from_u64(5)), place }
    }

    fn command(&mut self, command: Command) {
        let session = Some(SessionId(7));
        self.house.bus.send(Envelope::new(&mut self.ids, Wall(1), session, None, command));
    }

    async fn next(&mut self) -> Event {
        timeout(LIMIT, self.told.recv()).await.expect("told in time").expect("the server runs")
    }

    /// Sets one up: the customer's ticket and the agent's.
    async fn establish(&mut self, kind: Kind, by: By) -> (Ticket, Ticket) {
        self.command(Command::Establish {
            collab: COLLAB,
            session: SessionId(7),
            kind,
            user: UserUri::Web("vis_1".to_owned()),
            user_display: None,
            agent: AgentUri::new("alice").unwrap(),
            agent_display: "Alice W.".to_owned(),
            by,
            form: None,
            record: false,
        });
        let mut tickets = vec![];
        for _ in 0..2 {
            let Event::Invited { ticket, .. } = self.next().await else { panic!("two invitations") };
            tickets.push(ticket);
        }
        (tickets.remove(0), tickets.remove(0))
    }

    async fn page(&self, ticket: &Ticket) -> Client {
        let mut client = Client::open(self.at, &path(), Some(SHOP)).await.unwrap();
        client.say("auth", json!({ "ticket": ticket })).await;
        client
    }

    /// Stops it; the directory stays.
    async fn stop(self) -> PathBuf {
        self.house.stop.begin();
        self.handle.closed().await;
        timeout(LIMIT, self.house.closed()).await.expect("everything ends");
        self.place
    }

    async fn close(self) {
        // A directory that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(self.stop().await);
    }
}

fn path() -> String {
    format!("/ws/collab/{COLLAB}")
}

/// A page on a WebSocket.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn open(at: SocketAddr, path: &str, origin: Option<&str>) -> Result<Self, Error> {
        let mut request = format!("ws://{at}{path}").into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = timeout(LIMIT, connect_async(request)).await.expect("an answer in time")?;
        Ok(Self(socket))
    }

    async fn say(&mut self, kind: &str, data: Value) {
        let frame = json!({ "type": kind, "id": "f", "data": data }).to_string();
        self.0.send(Message::Text(frame.into())).await.unwrap();
    }

    async fn message(&mut self) -> Message {
        timeout(LIMIT, self.0.next()).await.expect("a frame in time").unwrap().unwrap()
    }

    /// The data of the next frame of this type; others are passed over.
    async fn data(&mut self, kind: &str) -> Value {
        loop {
            match self.message().await {
                Message::Text(text) => {
                    let mut frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["type"] == kind {
                        return frame["data"].take();
                    }
                }
                Message::Close(frame) => panic!("closed: {frame:?}"),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// The close code; frames before it are passed over.
    async fn code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.message().await {
                return frame.map_or(1005, |frame| frame.code.into());
            }
        }
    }
}

fn snapshot(extra: &Value) -> Value {
    let input = json!({ "type": 2, "id": 4, "tagName": "input", "attributes": { "value": "S3NTINEL" }, "childNodes": [] });
    let text = json!({ "type": 3, "id": 5, "textContent": extra });
    let body =
        json!({ "type": 2, "id": 3, "tagName": "body", "attributes": {}, "childNodes": [input, text] });
    let html = json!({ "type": 2, "id": 2, "tagName": "html", "attributes": {}, "childNodes": [body] });
    let document = json!({ "type": 0, "id": 1, "childNodes": [html] });
    json!({ "type": 2, "timestamp": 1, "data": { "node": document, "initialOffset": { "top": 0, "left": 0 } } })
}

fn change(text: &str) -> Value {
    let texts = json!([{ "id": 5, "value": text }]);
    let data = json!({ "source": 0, "texts": texts, "attributes": [], "removes": [], "adds": [] });
    json!({ "type": 3, "timestamp": 2, "data": data })
}

#[tokio::test]
async fn no_foreign_null_or_look_alike_page_comes_in() {
    let centre = Centre::open().await;
    let at = centre.at;
    for origin in [
        None,
        Some("null".to_owned()),
        Some("https://evil.example".to_owned()),
        Some(format!("http://{at}.evil.example")),
        Some("https://shop.example.evil.com".to_owned()),
        Some("http://shop.example".to_owned()),
    ] {
        match Client::open(at, &path(), origin.as_deref()).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin:?}"),
            other => panic!("{origin:?}: {:?}", other.err()),
        }
    }
    Client::open(at, &path(), Some(&format!("http://{at}"))).await.unwrap();
    Client::open(at, &path(), Some(SHOP)).await.unwrap();
    match Client::open(at, "/ws/collab/ses_00000000000000000000000001", Some(SHOP)).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 404),
        other => panic!("{:?}", other.err()),
    }
    centre.close().await;
}

#[tokio::test]
async fn the_first_frame_shows_a_ticket_or_the_connection_ends() {
    let mut centre = Centre::open().await;
    let at = centre.at;
    let (customer, _) = centre.establish(Kind::Cobrowse, By::Agent).await;
    for (frame, code) in [
        ("no json".to_owned(), 4400),
        (format!("{{\"type\":\"auth\",\"id\":\"{}\"}}", "x".repeat(5000)), 4400),
        (json!({ "type": "leave" }).to_string(), 4401),
        (json!({ "type": "auth", "data": {} }).to_string(), 4401),
        (json!({ "type": "auth", "data": { "ticket": "x" } }).to_string(), 4401),
    ] {
        let mut client = Client::open(at, &path(), Some(SHOP)).await.unwrap();
        client.0.send(Message::Text(frame.clone().into())).await.unwrap();
        assert_eq!(client.code().await, code, "{frame}");
    }
    let mut binary = Client::open(at, &path(), Some(SHOP)).await.unwrap();
    binary.0.send(Message::Binary(vec![1].into())).await.unwrap();
    assert_eq!(binary.code().await, 4400);
    let mut other = Client::open(at, &format!("/ws/collab/{}", CollabId(9)), Some(SHOP)).await.unwrap();
    other.say("auth", json!({ "ticket": customer })).await;
    assert_eq!(other.code().await, 4410, "there is none, or no longer");
    let mut silent = Client::open(at, &path(), Some(SHOP)).await.unwrap();
    assert_eq!(silent.code().await, 4401, "and five seconds are enough");
    let mut good = centre.page(&customer).await;
    assert_eq!(good.data("ready").await["me"], "customer");
    centre.close().await;
    assert_eq!(good.code().await, 4503, "a stop is told");
}

#[tokio::test]
async fn a_page_is_shared_masked_and_the_same_tickets_open_it_after_a_restart() {
    let mut centre = Centre::open().await;
    let (customers, agents) = centre.establish(Kind::Cobrowse, By::Agent).await;
    let mut customer = centre.page(&customers).await;
    assert_eq!(customer.data("ready").await["consents"]["view"], false);
    assert!(matches!(centre.next().await, Event::Joined { who: Who::User(_), .. }));
    let mut agent = centre.page(&agents).await;
    assert_eq!(agent.data("ready").await["people"]["customer"]["here"], true);
    assert!(matches!(centre.next().await, Event::Joined { who: Who::Agent(_), .. }));
    agent.say("ask", json!({ "what": "view" })).await;
    assert_eq!(customer.data("asked").await["what"], "view");
    customer.say("consent", json!({ "what": "view", "on": true })).await;
    customer.data("snap").await;
    customer.say("rr", json!({ "events": [snapshot(&"pay 4111 1111 1111 1111".into())] })).await;
    let shown = agent.data("rr").await.to_string();
    assert!(shown.contains("pay •••") && !shown.contains("S3NTINEL") && !shown.contains("4111"), "{shown}");
    agent.say("act", json!({ "act": { "is": "input", "node": 4, "value": "x" } })).await;
    assert_eq!(agent.data("error").await["code"], "consent");
    agent.say("act", json!({ "act": { "is": "propose", "node": 4, "value": "x" } })).await;
    assert_eq!(customer.data("act").await["act"]["value"], "x");

    let place = centre.stop().await;
    assert_eq!((customer.code().await, agent.code().await), (4503, 4503));
    let mut centre = Centre::open_at(place).await;
    for _ in 0..2 {
        assert!(matches!(centre.next().await, Event::Away { .. }));
    }
    let mut customer = centre.page(&customers).await;
    assert_eq!(customer.data("ready").await["consents"]["view"], true);
    let mut agent = centre.page(&agents).await;
    agent.data("ready").await;
    for _ in 0..2 {
        assert!(matches!(centre.next().await, Event::Joined { .. }));
    }
    customer.say("rr", json!({ "events": [snapshot(&"again".into())] })).await;
    assert!(agent.data("rr").await.to_string().contains("again"));
    customer.say("leave", json!({})).await;
    assert_eq!(customer.data("ended").await["why"], "left");
    assert_eq!((customer.code().await, agent.code().await), (4410, 4410));
    assert_eq!(centre.next().await, Event::Ended { collab: COLLAB, by: By::Customer, why: Why::Left });
    let place = centre.stop().await;
    for entry in std::fs::read_dir(place.join("log").join("collab")).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("S3NTINEL"), "{:?}", entry.path());
    }
    // A directory that stays behind harms nobody.
    let _ = std::fs::remove_dir_all(place);
}

#[tokio::test]
async fn odd_frames_are_told_apart_and_too_much_ends_the_connection() {
    let mut centre = Centre::open().await;
    let (customers, _) = centre.establish(Kind::Cobrowse, By::Customer).await;
    let mut page = centre.page(&customers).await;
    page.data("ready").await;
    page.say("shout", json!({})).await;
    assert_eq!(page.data("error").await["code"], "unknown_type");
    page.say("consent", json!({ "what": "all" })).await;
    assert_eq!(page.data("error").await["code"], "bad");
    let mut second = centre.page(&customers).await;
    second.data("ready").await;
    assert_eq!(page.code().await, 4409);
    second.0.send(Message::Text(" ".repeat(2 * 1024 * 1024 + 1).into())).await.unwrap();
    assert_eq!(second.code().await, 4400, "larger than 2 MiB");
    let mut third = centre.page(&customers).await;
    third.data("ready").await;
    let code = async {
        // The server may close while there is still something to be sent.
        while third.0.send(Message::Text(r#"{"type":"over","data":{"node":1}}"#.into())).await.is_ok() {
            if let Ok(Some(Ok(Message::Close(frame)))) = timeout(Duration::ZERO, third.0.next()).await {
                return frame.map_or(1005, |frame| frame.code.into());
            }
        }
        third.code().await
    };
    assert_eq!(timeout(LIMIT, code).await.expect("closed in time"), 4429, "too many");
    centre.close().await;
}

#[tokio::test]
async fn a_viewer_who_does_not_read_holds_up_nobody_and_goes_on_with_a_new_snapshot() {
    let mut centre = Centre::open().await;
    let (customers, agents) = centre.establish(Kind::Cobrowse, By::Customer).await;
    let mut customer = centre.page(&customers).await;
    customer.data("ready").await;
    let mut agent = centre.page(&agents).await;
    agent.data("ready").await;
    customer.say("rr", json!({ "events": [snapshot(&"first".into())] })).await;
    agent.data("rr").await;
    // Nobody reads at the agent's end: what the sockets do not hold waits, until it is too much.
    let large = "x ".repeat(400_000);
    let lagged = async {
        loop {
            customer.say("rr", json!({ "events": [change(&large)] })).await;
            let answer = timeout(Duration::from_millis(900), customer.message()).await;
            if let Ok(Message::Text(text)) = answer
                && text.contains(r#""type":"snap""#)
            {
                return;
            }
        }
    };
    timeout(Duration::from_secs(60), lagged).await.expect("a snapshot is wanted in time");
    customer.say("rr", json!({ "events": [snapshot(&"last".into())] })).await;
    loop {
        let events = agent.data("rr").await["events"].take();
        if events[0]["type"] == 2 {
            assert!(events.to_string().contains("last"));
            break;
        }
    }
    customer.say("rr", json!({ "events": [change("behind it")] })).await;
    assert!(agent.data("rr").await.to_string().contains("behind it"));
    centre.close().await;
}
