//! An agent's console, as the page is one.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use ngcc_tests::centre::Centre;
use serde_json::{Value, json};

use crate::house::PASSWORD;
use crate::page::{Answer, Page, http, http_from, try_http};

/// The messages of contacts: session and number.
pub(crate) type Lines = BTreeMap<(String, u64), Value>;

/// Somebody who has signed in, and their console.
pub(crate) struct Agent {
    home: Ipv4Addr,
    at: SocketAddr,
    pub(crate) name: String,
    cookie: String,
    csrf: String,
    /// The page, while it is connected.
    pub(crate) page: Option<Page>,
    /// Messages of contacts; each number is taken once.
    pub(crate) lines: Lines,
    /// Colleagues' messages by their numbers in the box.
    pub(crate) box_: BTreeMap<u64, Value>,
    /// How often a colleague's message has come, by id.
    pub(crate) copies: BTreeMap<String, u32>,
    asked: u64,
}

impl Agent {
    /// Signs in over HTTP and opens the console.
    pub(crate) async fn sign_in(centre: &Centre, name: &str) -> Self {
        let mut agent = Self::person(centre, name).await;
        agent.connect().await;
        agent
    }

    /// Signs in over HTTP only.
    pub(crate) async fn person(centre: &Centre, name: &str) -> Self {
        Self::person_from(Ipv4Addr::LOCALHOST, centre, name).await
    }

    /// Signs in from another address.
    pub(crate) async fn person_from(home: Ipv4Addr, centre: &Centre, name: &str) -> Self {
        let at = centre.http();
        let body = json!({ "user": name, "password": PASSWORD }).to_string();
        let answer = http_from(home, at, "POST", "/api/v1/sign-in", &[], &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie =
            answer.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
        let csrf = answer.json()["csrf"].as_str().expect("a token").to_owned();
        let (name, page, lines) = (name.to_owned(), None, Lines::new());
        let (box_, copies) = (BTreeMap::new(), BTreeMap::new());
        Self { home, at, name, cookie, csrf, page, lines, box_, copies, asked: 0 }
    }

    /// Signs in, takes the seat in the browser and is ready.
    pub(crate) async fn ready(centre: &Centre, name: &str) -> Self {
        let mut agent = Self::sign_in(centre, name).await;
        agent.work().await;
        agent
    }

    pub(crate) async fn work(&mut self) {
        self.ask(None, json!({ "type": "sign_in", "device": "browser" })).await;
        self.ask(None, json!({ "type": "ready" })).await;
        self.seat("ready", |s| s["type"] == "state" && s["availability"]["is"] == "ready").await;
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        http(self.at, "GET", path, &[("Cookie", &self.cookie)], "").await
    }

    /// A request that may change something; `more` are headers of its own.
    pub(crate) async fn change(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let own = [("Cookie", self.cookie.as_str()), ("X-CSRF-Token", &self.csrf)];
        http(self.at, method, path, &[&own, more].concat(), &body.to_string()).await
    }

    /// Hands a text file over, as the console does.
    pub(crate) async fn uploads(&self, name: &str, text: &str) -> Answer {
        let headers = [("Cookie", self.cookie.as_str()), ("X-CSRF-Token", &self.csrf)];
        http(self.at, "POST", &format!("/api/v1/uploads?name={name}"), &headers, text).await
    }

    pub(crate) async fn ticket(&self) -> Option<String> {
        let headers = [("Cookie", self.cookie.as_str()), ("X-CSRF-Token", &self.csrf)];
        let answer = try_http(self.home, self.at, "POST", "/api/v1/ws-tickets", &headers, "{}").await?;
        (answer.status == 200).then(|| answer.json()["ticket"].as_str().expect("a ticket").to_owned())
    }

    /// Tries to connect.
    pub(crate) async fn try_connect(&mut self) -> Option<Value> {
        let ticket = self.ticket().await?;
        let origin = format!("http://{}", self.at);
        let mut page = Page::open(self.at, "/ws/agent", Some(&origin)).await.ok()?;
        page.send(&json!({ "type": "auth", "data": { "ticket": ticket } })).await;
        let frame = page.read().await?;
        self.page = Some(page);
        (frame["type"] == "ready").then(|| frame["data"].clone())
    }

    /// Connects (again).
    pub(crate) async fn connect(&mut self) -> Value {
        let begun = tokio::time::Instant::now();
        loop {
            if let Some(ready) = self.try_connect().await {
                return ready;
            }
            assert!(begun.elapsed() < crate::page::LONG, "nobody lets {} in", self.name);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The connection is gone: no close frame, nothing.
    pub(crate) fn cut(&mut self) {
        self.page = None;
    }

    pub(crate) async fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let Self { page, lines, box_, copies, .. } = self;
        let page = page.as_mut().expect("a console");
        page.find(what, |frame| note(frame, lines, box_, copies), wanted).await
    }

    /// Notes what has come by itself.
    pub(crate) fn noted(&mut self, frame: &Value) {
        note(frame, &mut self.lines, &mut self.box_, &mut self.copies);
    }

    /// Waits for something its seat is told.
    pub(crate) async fn seat(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let frame = self.find(what, |f| f["type"] == "seat" && wanted(&f["data"])).await;
        frame["data"].clone()
    }

    fn next_id(&mut self) -> String {
        self.asked += 1;
        format!("{}-{}", self.name, self.asked)
    }

    /// Sends a verb without waiting.
    pub(crate) async fn tell(&mut self, session: Option<&str>, what: Value) -> String {
        let id = self.next_id();
        let data = json!({ "session": session, "what": what });
        self.page.as_mut().expect("a console").send(&json!({ "type": "seat", "id": id, "data": data })).await;
        id
    }

    /// Asks for something of the seat; it must be done.
    pub(crate) async fn ask(&mut self, session: Option<&str>, what: Value) {
        let id = self.tell(session, what.clone()).await;
        let answer = self.find(&what.to_string(), |f| f["id"] == id.as_str()).await;
        assert_eq!(answer["type"], "ok", "{what}: {answer}");
    }

    /// Waits for an offer; its data.
    pub(crate) async fn offered(&mut self) -> Value {
        self.seat("an offer", |s| s["type"] == "offered").await
    }

    /// Takes the next offer; its session.
    pub(crate) async fn accept(&mut self) -> String {
        let offer = self.offered().await;
        self.accept_it(&offer).await
    }

    pub(crate) async fn accept_it(&mut self, offer: &Value) -> String {
        let session = offer["session"].as_str().expect("an id").to_owned();
        self.ask(None, json!({ "type": "accept", "reservation": offer["reservation"] })).await;
        self.contact(&session, "talk").await;
        // As the console does of a contact that is new to it.
        self.tell(Some(&session), json!({ "type": "resume", "after": 0 })).await;
        session
    }

    /// Waits until a contact stands so.
    pub(crate) async fn contact(&mut self, session: &str, standing: &str) -> Value {
        let is = |s: &Value| s["contact"]["session"] == session && s["contact"]["standing"]["is"] == standing;
        self.seat(standing, |s| s["type"] == "contact" && is(s)).await["contact"].clone()
    }

    /// Writes without waiting.
    pub(crate) async fn write(&mut self, session: &str, key: &str, text: &str) {
        let content = json!({ "kind": "text", "text": text });
        self.tell(Some(session), json!({ "type": "say", "key": key, "content": content })).await;
    }

    /// Writes and waits until it is on disk.
    pub(crate) async fn say(&mut self, session: &str, key: &str, text: &str) {
        self.write(session, key, text).await;
        self.seat(key, |s| s["type"] == "accepted" && s["key"] == key).await;
    }

    /// Waits until a message with this text has come.
    pub(crate) async fn reads(&mut self, session: &str, text: &str) -> Value {
        let held = |(of, _): &(String, u64), m: &Value| of == session && m["content"]["text"] == text;
        loop {
            if let Some((_, message)) = self.lines.iter().find(|(k, m)| held(k, m)) {
                return message.clone();
            }
            self.find(text, |f| {
                f["type"] == "seat" && ["message", "replay"].iter().any(|t| f["data"]["type"] == *t)
            })
            .await;
        }
    }

    /// Sends to a colleague without waiting.
    pub(crate) async fn im_write(&mut self, to: &str, key: &str, text: &str) {
        self.im_tell(json!({ "type": "send", "to": format!("agent:{to}"), "key": key, "text": text })).await;
    }

    /// Sends to a colleague and waits until it is stored.
    pub(crate) async fn im(&mut self, to: &str, key: &str, text: &str) {
        self.im_write(to, key, text).await;
        self.find(key, |f| f["type"] == "im" && f["data"]["type"] == "stored" && f["data"]["key"] == key)
            .await;
    }

    /// Says something to the colleagues' exchange without waiting.
    pub(crate) async fn im_tell(&mut self, data: Value) -> String {
        let id = self.next_id();
        self.page.as_mut().expect("a console").send(&json!({ "type": "im", "id": id, "data": data })).await;
        id
    }

    /// Has something stored by the colleagues' exchange; the message as stored.
    pub(crate) async fn im_store(&mut self, data: Value) -> Value {
        let key = data["key"].clone();
        self.im_tell(data).await;
        let stored =
            |f: &Value| f["type"] == "im" && f["data"]["type"] == "stored" && f["data"]["key"] == key;
        self.find("it is stored", stored).await["data"]["message"].clone()
    }

    /// Asks the colleagues' exchange; what it answers.
    pub(crate) async fn im_ask(&mut self, data: Value) -> Value {
        let id = self.im_tell(data).await;
        self.find("an answer", |f| f["id"] == id.as_str()).await["data"].clone()
    }

    /// Hands a file over for a message to colleagues; what it is.
    pub(crate) async fn hand_over(&self, name: &str, bytes: &str) -> Value {
        let headers = [("Cookie", self.cookie.as_str()), ("X-CSRF-Token", &self.csrf)];
        let path = format!("/api/v1/colleagues/files?name={name}");
        let answer = http(self.at, "POST", &path, &headers, bytes).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Waits for a colleague's message.
    pub(crate) async fn im_reads(&mut self, text: &str) -> Value {
        loop {
            if let Some(message) = self.box_.values().find(|m| m["text"] == text) {
                return message.clone();
            }
            self.find(text, |f| f["type"] == "im" && f["data"]["type"] == "message").await;
        }
    }

    /// Says what has come.
    pub(crate) async fn got(&mut self, seq: u64) {
        let (id, data) = (self.next_id(), json!({ "type": "got", "seq": seq }));
        self.page.as_mut().expect("a console").send(&json!({ "type": "im", "id": id, "data": data })).await;
        self.find("ok", |f| f["id"] == id.as_str()).await;
    }

    /// The texts of a contact, in order.
    pub(crate) fn texts(&self, session: &str) -> Vec<String> {
        let own = self.lines.iter().filter(|((of, _), _)| of == session);
        own.filter_map(|(_, m)| m["content"]["text"].as_str().map(str::to_owned)).collect()
    }
}

fn note(
    frame: &Value,
    lines: &mut Lines,
    box_: &mut BTreeMap<u64, Value>,
    copies: &mut BTreeMap<String, u32>,
) {
    let data = &frame["data"];
    let messages = match (frame["type"].as_str(), data["type"].as_str()) {
        (Some("seat"), Some("message")) => vec![data["message"].clone()],
        (Some("seat"), Some("replay")) => data["messages"].as_array().cloned().unwrap_or_default(),
        (Some("im"), Some("message")) => {
            let mut message = data["message"].clone();
            let id = message["id"].as_str().expect("an id").to_owned();
            *copies.entry(id).or_default() += 1;
            message["seq"] = data["seq"].clone();
            box_.insert(data["seq"].as_u64().expect("a number"), message);
            return;
        }
        _ => return,
    };
    let session = data["session"].as_str().expect("an id");
    for message in messages {
        let key = (session.to_owned(), message["seq"].as_u64().expect("a number"));
        if let Some(before) = lines.insert(key, message.clone()) {
            assert_eq!(before["id"], message["id"], "two messages have one number");
        }
    }
}
