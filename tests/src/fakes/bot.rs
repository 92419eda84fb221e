//! An external bot as its maker would write it: it believes nobody without a signature, answers the same question the
//! same, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ngcc_proto::config::Bot;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::asked::answer;
use super::{Fault, PATIENCE, generic, locked};

/// What bot and centre share.
const SECRET: &str = "a-secret-of-the-bot-and-the-centre";

struct Inner {
    asked: mpsc::UnboundedSender<Value>,
    /// What was answered, by the question's id.
    answers: Mutex<BTreeMap<String, Value>>,
    /// How often a question came that had been answered.
    repeats: watch::Sender<usize>,
    faults: Mutex<Vec<Fault>>,
    /// Whether it thinks, and answers nobody.
    thinks: watch::Sender<bool>,
}

/// See the module.
pub struct ExternalBot {
    /// The bot as it is configured.
    pub bot: Bot,
    inner: Arc<Inner>,
    asked: mpsc::UnboundedReceiver<Value>,
}

impl ExternalBot {
    /// A bot on a free port.
    pub async fn start(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let (tell, asked) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            asked: tell,
            answers: Mutex::default(),
            repeats: watch::Sender::default(),
            faults: Mutex::default(),
            thinks: watch::Sender::default(),
        });
        let router = Router::new().route("/bot", post(posted)).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let bot = Bot {
            name: name.to_owned(),
            url: format!("http://{at}/bot"),
            timeout_s: 20,
            secret: Some(SECRET.to_owned()),
        };
        Self { bot, inner, asked }
    }

    /// The next question that has not been put before.
    pub async fn asked(&mut self) -> Value {
        timeout(PATIENCE, self.asked.recv()).await.expect("it is asked in time").expect("it serves")
    }

    /// The next question is about this text.
    pub async fn hears(&mut self, text: &str) -> Value {
        let asked = self.asked().await;
        assert_eq!(asked["message"]["text"], text, "{asked}");
        asked
    }

    /// What goes wrong with the next requests, one each.
    pub fn fails(&self, faults: &[Fault]) {
        locked(&self.inner.faults).extend(faults);
    }

    /// It thinks from now on and answers nobody, or has thought.
    pub fn thinks(&self, thinks: bool) {
        self.inner.thinks.send_replace(thinks);
    }

    /// Waits until so many questions have come again after they were answered.
    pub async fn repeated(&self, times: usize) {
        let mut repeats = self.inner.repeats.subscribe();
        let enough = timeout(PATIENCE, repeats.wait_for(|repeats| *repeats >= times)).await;
        drop(enough.expect("it is asked again").expect("it serves"));
    }
}

async fn posted(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    if header("webhook-signature") != generic::signature(SECRET, id, at, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let fault = locked(&inner.faults).pop();
    match fault {
        Some(Fault::Busy) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(Fault::Broken) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::Refused) => return StatusCode::BAD_REQUEST.into_response(),
        Some(Fault::Expired | Fault::Shut | Fault::Swallowed) | None => {}
    }
    let known = locked(&inner.answers).get(id).cloned();
    let answered = match known {
        Some(known) => {
            inner.repeats.send_modify(|repeats| *repeats += 1);
            known
        }
        None => {
            let question: Value = serde_json::from_slice(&body).expect("the centre sends JSON");
            let answered = meant(&question);
            locked(&inner.answers).insert(id.to_owned(), answered.clone());
            inner.asked.send(question).expect("the test goes on");
            answered
        }
    };
    let mut thinks = inner.thinks.subscribe();
    drop(thinks.wait_for(|thinks| !thinks).await.expect("the test goes on"));
    if fault == Some(Fault::Swallowed) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    answer(StatusCode::OK, &answered)
}

/// What it makes of a question.
fn meant(question: &Value) -> Value {
    let says = |text: &str| json!({ "messages": [{ "text": text }] });
    if question["type"] == "bot.opened" {
        let known = question["vars"]["wish"].as_str().unwrap_or_default();
        return says(if known.is_empty() { "How can I help?" } else { "Anything else?" });
    }
    match question["message"]["text"].as_str().unwrap_or_default() {
        "Which are there?" => json!({ "messages": [{ "text": "Choose", "choices": [
            { "value": "red-shoes", "label": "Shoes" }, { "value": "top-hat", "label": "Hat" },
        ] }] }),
        "A person, please" => json!({
            "messages": [{ "text": "I call somebody" }], "vars": { "wish": "a person" }, "then": "human",
        }),
        "That is all" => json!({ "messages": [{ "text": "Goodbye" }], "then": "done" }),
        text => says(&format!("You said: {text}")),
    }
}
