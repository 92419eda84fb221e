//! A customer's page, as the widget is one: it knows what it has, and asks for the rest after each reconnection.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use ngcc_tests::centre::Centre;
use serde_json::{Value, json};

use crate::page::{Answer, Page, http, http_from};

/// A customer.
pub(crate) struct Customer {
    at: SocketAddr,
    entry: String,
    token: String,
    /// Who the page proves its user to be.
    identity: Option<Value>,
    /// The page, while it is connected.
    pub(crate) page: Option<Page>,
    /// The session, once it is known.
    pub(crate) session: Option<String>,
    /// The session's messages by their numbers.
    pub(crate) messages: BTreeMap<u64, Value>,
    /// The last number of this connection: none may come twice or late.
    last: u64,
}

impl Customer {
    /// Somebody new, on a page whose chat leads to `entry`.
    pub(crate) async fn new(centre: &Centre, entry: &str) -> Self {
        Self::on_a_page(Ipv4Addr::LOCALHOST, centre, entry, None).await
    }

    /// Somebody new at another address.
    pub(crate) async fn new_from(home: Ipv4Addr, centre: &Centre, entry: &str) -> Self {
        Self::on_a_page(home, centre, entry, None).await
    }

    /// Somebody whom the page knows and proves.
    pub(crate) async fn known(centre: &Centre, entry: &str, identity: Value) -> Self {
        Self::on_a_page(Ipv4Addr::LOCALHOST, centre, entry, Some(identity)).await
    }

    async fn on_a_page(home: Ipv4Addr, centre: &Centre, entry: &str, identity: Option<Value>) -> Self {
        let at = centre.http();
        let origin = format!("http://{at}");
        let answer = http_from(home, at, "POST", "/api/v1/visitors", &[("Origin", &origin)], "{}").await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let made = answer.json();
        let (token, entry) = (made["token"].as_str().expect("a token").to_owned(), entry.to_owned());
        let (page, session, messages) = (None, None, BTreeMap::new());
        let mut customer = Self { at, entry, token, identity, page, session, messages, last: 0 };
        customer.connect().await;
        customer
    }

    /// Hands a text file over, as the widget does.
    pub(crate) async fn uploads(&self, name: &str, text: &str) -> Answer {
        let (origin, bearer) = (format!("http://{}", self.at), format!("Bearer {}", self.token));
        let headers = [("Origin", origin.as_str()), ("Authorization", &bearer)];
        http(self.at, "POST", &format!("/api/v1/uploads?name={name}"), &headers, text).await
    }

    /// Tries to connect; what `ready` tells, if it came to that.
    pub(crate) async fn try_connect(&mut self) -> Option<Value> {
        let origin = format!("http://{}", self.at);
        let mut page = Page::open(self.at, "/ws/visitor", Some(&origin)).await.ok()?;
        let auth = json!({ "token": self.token, "entry": self.entry, "lang": "en", "name": "Ann",
            "identity": self.identity });
        page.send(&json!({ "type": "auth", "data": auth })).await;
        let frame = page.read().await?;
        if frame["type"] != "ready" {
            return None;
        }
        let ready = frame["data"].clone();
        let told = ready["session"]["id"].as_str().map(str::to_owned);
        if let (Some(own), Some(told)) = (&self.session, &told) {
            assert_eq!(own, told, "it is another session");
        }
        self.session = told.or_else(|| self.session.take());
        if let Some(session) = self.session.clone() {
            // From here on each number comes once and in order.
            self.last = self.messages.keys().next_back().copied().unwrap_or(0);
            let resume = json!({ "session": session, "last_seq": self.last });
            page.send(&json!({ "type": "resume", "id": "resume", "data": resume })).await;
        }
        self.page = Some(page);
        Some(ready)
    }

    /// Connects (again); a centre that starts just now is asked again.
    pub(crate) async fn connect(&mut self) -> Value {
        let begun = tokio::time::Instant::now();
        loop {
            if let Some(ready) = self.try_connect().await {
                return ready;
            }
            assert!(begun.elapsed() < crate::page::LONG, "nobody lets the customer in");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// Somebody else uses the browser, after the session before is over.
    pub(crate) async fn becomes(&mut self, identity: Value) {
        (self.identity, self.session, self.page, self.last) = (Some(identity), None, None, 0);
        self.messages.clear();
        self.connect().await;
    }

    /// A page with this identity is not let in; the code.
    pub(crate) async fn refused_as(&mut self, identity: Value) -> String {
        let origin = format!("http://{}", self.at);
        let mut page = Page::open(self.at, "/ws/visitor", Some(&origin)).await.expect("a page of ours");
        let auth = json!({ "token": self.token, "entry": self.entry, "identity": identity });
        page.send(&json!({ "type": "auth", "data": auth })).await;
        let frame = page.read().await.expect("an answer");
        frame["data"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The connection is gone: no close frame, nothing.
    pub(crate) fn cut(&mut self) {
        self.page = None;
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.page.as_mut().expect("a page").send(&frame).await;
    }

    /// Waits for a frame; every message on the way is noted.
    pub(crate) async fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let Self { page, session, messages, last, .. } = self;
        let page = page.as_mut().expect("a page");
        page.find(what, |frame| note(frame, session, messages, last), wanted).await
    }

    /// Notes what has come by itself.
    pub(crate) fn noted(&mut self, frame: &Value) {
        note(frame, &mut self.session, &mut self.messages, &mut self.last);
    }

    pub(crate) async fn begin(&mut self) -> String {
        self.send(json!({ "type": "session.start", "data": {} })).await;
        self.opened().await
    }

    pub(crate) async fn opened(&mut self) -> String {
        if self.session.is_none() {
            self.find("session.opened", |f| f["type"] == "session.opened").await;
        }
        self.session.clone().expect("a session")
    }

    /// Sends without waiting for anything.
    pub(crate) async fn write(&mut self, key: &str, text: &str) {
        self.send(json!({ "type": "message.send", "id": key, "data": { "text": text } })).await;
    }

    /// Sends and waits until it is on disk; its number.
    pub(crate) async fn say(&mut self, key: &str, text: &str) -> u64 {
        self.write(key, text).await;
        self.acked(key).await
    }

    pub(crate) async fn acked(&mut self, key: &str) -> u64 {
        let answer = self.find(&format!("the ack of {key}"), |f| f["id"] == key).await;
        assert_eq!(answer["type"], "ack", "{answer}");
        answer["data"]["seq"].as_u64().expect("a number")
    }

    /// Waits until a message with this text has come.
    pub(crate) async fn reads(&mut self, text: &str) -> Value {
        if let Some(message) = self.messages.values().find(|m| m["content"]["text"] == text) {
            return message.clone();
        }
        let frame = self
            .find(text, |f| f["type"] == "message" && f["data"]["message"]["content"]["text"] == text)
            .await;
        frame["data"]["message"].clone()
    }

    /// Waits until a line of the centre's has come.
    pub(crate) async fn notice(&mut self, word: &str) -> Value {
        let frame = self
            .find(word, |f| f["type"] == "message" && f["data"]["message"]["content"]["word"] == word)
            .await;
        frame["data"]["message"].clone()
    }

    /// Waits until the session is told to stand so.
    pub(crate) async fn stands(&mut self, status: &str) -> Value {
        let told = self.find(status, |f| f["type"] == "status" && f["data"]["status"]["is"] == status).await;
        told["data"]["status"].clone()
    }

    /// Waits for the end; its cause.
    pub(crate) async fn closed(&mut self) -> String {
        let told = self.find("session.closed", |f| f["type"] == "session.closed").await;
        told["data"]["cause"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn end(&mut self) {
        self.send(json!({ "type": "session.end", "data": {} })).await;
        self.closed().await;
    }

    /// The texts and words of everything so far, in order.
    pub(crate) fn transcript(&self) -> Vec<String> {
        self.messages.values().map(line).collect()
    }
}

/// A message in one line: who and what.
pub(crate) fn line(message: &Value) -> String {
    let content = &message["content"];
    let what = [&content["text"], &content["word"], &content["kind"]];
    let what = what.into_iter().find_map(Value::as_str).unwrap_or_default();
    format!("{}: {what}", message["by"]["is"].as_str().unwrap_or_default())
}

fn note(frame: &Value, session: &mut Option<String>, messages: &mut BTreeMap<u64, Value>, last: &mut u64) {
    match frame["type"].as_str() {
        Some("session.opened") => {
            let opened = frame["data"]["session"].as_str().expect("an id").to_owned();
            assert!(session.is_none() || *session == Some(opened.clone()), "a second session");
            *session = Some(opened);
        }
        Some("message") => {
            let message = &frame["data"]["message"];
            let seq = message["seq"].as_u64().expect("a number");
            assert!(seq > *last, "{seq} came after {last}");
            *last = seq;
            if let Some(before) = messages.insert(seq, message.clone()) {
                assert_eq!(before["id"], message["id"], "two messages have one number");
            }
        }
        _ => {}
    }
}
