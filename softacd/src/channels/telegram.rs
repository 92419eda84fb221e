//! Telegram bots, in private chats: JSON both ways, files as they are.
//!
//! A callback is proved by the secret that was named to the provider with its address. A centre without a public
//! address has none, and asks for what has happened instead: see [`super::poll`].

mod update;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use ngcc_proto::chat::Choice;
use ngcc_proto::config::Channel;
use ngcc_proto::{Mono, Secret};
use ngcc_runtime::Clock;
use ngcc_softacd_core::channel::{MAX_DATA, Piece, Post, Writing};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::adapter::{Answer, Denied, Request, Turn};
use super::crypt::same;
use super::provider::{Failed, MAX_ANSWER, Provider, Told, ask, client, multipart, whole};
pub(super) use update::Update;

/// How long the provider keeps a question for what has happened open.
const WAITS_S: u64 = 25;
/// The most bytes of an answer to it, which holds at most a hundred updates.
const MAX_UPDATES: usize = 4 << 20;
/// The most bytes of a picture that it shows, and of any file that it takes.
const MAX_PHOTO: u64 = 10 << 20;
const MAX_FILE: u64 = 50 << 20;
/// What is asked for.
const WANTED: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// See the module.
pub(super) struct Telegram {
    base: String,
    token: Secret,
    /// What callbacks carry; none: nobody calls.
    secret_token: Option<Secret>,
    /// The provider wants nothing before this.
    quiet: Mutex<Mono>,
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Telegram(polls: {})", self.polls())
    }
}

impl Telegram {
    pub(super) fn new(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        let base = match settings.url.trim_end_matches('/') {
            "" => "https://api.telegram.org",
            own => own,
        };
        Self {
            base: base.to_owned(),
            token: Secret::new(secrets.get("token").cloned().unwrap_or_default()),
            secret_token: secrets.get("secret_token").map(|text| Secret::new(text.clone())),
            quiet: Mutex::default(),
        }
    }

    /// Whether it asks for what has happened, as nobody calls.
    pub(super) fn polls(&self) -> bool {
        self.secret_token.is_none()
    }

    /// Reads a callback.
    pub(super) fn read(&self, request: &Request<'_>) -> Result<Turn, Denied> {
        let given = request.headers.get("x-telegram-bot-api-secret-token").and_then(|v| v.to_str().ok());
        let secret = self.secret_token.as_ref().ok_or(Denied::Unsigned)?;
        if !given.is_some_and(|given| same(given, secret.expose())) {
            return Err(Denied::Unsigned);
        }
        if *request.method != Method::POST {
            return Err(Denied::Unreadable("updates are posted"));
        }
        let update = serde_json::from_slice(request.body).ok().and_then(update::read);
        let update = update.ok_or(Denied::Unreadable("the body is no update: {update_id, …}"))?;
        // What a callback is answered with may be a call.
        let answer = match &update.pressed {
            Some(id) => {
                let call = json!({ "method": "answerCallbackQuery", "callback_query_id": id });
                Answer { content_type: "application/json", ..Answer::text(call.to_string()) }
            }
            None => Answer::text(""),
        };
        Ok(Turn::new(update.brought, answer))
    }

    /// What has happened since the update before `from`; waits for something to happen.
    pub(super) async fn updates(&self, from: Option<i64>, clock: &Clock) -> Result<Vec<Update>, Failed> {
        let mut wanted = json!({ "timeout": WAITS_S, "limit": 100, "allowed_updates": WANTED });
        if let Some(from) = from {
            wanted["offset"] = json!(from);
        }
        let request = self.request("getUpdates")?.timeout(Duration::from_secs(WAITS_S + 15));
        let result = self.told(with(request, &wanted), MAX_UPDATES, clock).await?;
        let Value::Array(all) = result else { return Err(Failed::Never("it names no list of updates")) };
        // One that cannot be read at all would come again for ever: its number is all that is kept of it.
        Ok(all.into_iter().filter_map(Update::of).collect())
    }

    /// A button that was pressed turns until this is said.
    pub(super) async fn noticed(&self, pressed: &str, clock: &Clock) -> Result<(), Failed> {
        let call = json!({ "callback_query_id": pressed });
        self.told(with(self.request("answerCallbackQuery")?, &call), MAX_ANSWER, clock).await.map(|_| ())
    }

    /// Fetches what somebody sent.
    pub(super) async fn fetch(&self, file: &str, limit: u64, clock: &Clock) -> Result<Vec<u8>, Failed> {
        let request = with(self.request("getFile")?, &json!({ "file_id": file }));
        let told = self.told(request, MAX_ANSWER, clock).await?;
        let path = told.get("file_path").and_then(Value::as_str);
        let path = path.ok_or(Failed::Never("the provider named no file_path"))?;
        let answer =
            ask(client()?.get(format!("{}/file/bot{}/{path}", self.base, self.token.expose()))).await?;
        match answer.status() {
            status if status.is_success() => whole(answer, limit).await,
            status => Err(Failed::Now(format!("the file's place answered {status}"))),
        }
    }

    /// Sends a message.
    pub(super) async fn send(&self, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        let now = ours.clock.now().mono;
        if now < *self.quiet.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(Failed::Now("the provider wants a pause".to_owned()));
        }
        let request = match &post.piece {
            Piece::Text(text) => {
                with(self.request("sendMessage")?, &json!({ "chat_id": post.to, "text": text.0 }))
            }
            Piece::Asks { text, choices } => {
                let buttons = json!({ "inline_keyboard": buttons(choices) });
                let message = json!({ "chat_id": post.to, "text": text.0, "reply_markup": buttons });
                with(self.request("sendMessage")?, &message)
            }
            Piece::File { file, name, mime } => {
                let shown = ["image/png", "image/jpeg"].contains(&mime.as_str());
                let bytes = ours.bytes(*file, MAX_FILE).await?;
                let shown = shown && bytes.len() as u64 <= MAX_PHOTO;
                let (method, part) =
                    if shown { ("sendPhoto", "photo") } else { ("sendDocument", "document") };
                let (kind, body) = multipart(&[("chat_id", &post.to)], (part, name, mime), &bytes);
                self.request(method)?.header("content-type", kind).body(body)
            }
        };
        self.told(request, MAX_ANSWER, ours.clock).await.map(|_| ())
    }

    /// Shows somebody that one writes to them; that ends by itself. It makes no message wait, however it is answered.
    pub(super) async fn shows(&self, writing: &Writing, clock: &Clock) -> Result<(), Failed> {
        let quiet = clock.now().mono < *self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        if !writing.on || quiet {
            return Ok(());
        }
        let call = json!({ "chat_id": writing.to, "action": "typing" });
        match ask(with(self.request("sendChatAction")?, &call)).await?.status() {
            status if status.is_success() => Ok(()),
            status => Err(Failed::Now(format!("the provider answered {status}"))),
        }
    }

    fn request(&self, method: &str) -> Result<RequestBuilder, Failed> {
        Ok(client()?.post(format!("{}/bot{}/{method}", self.base, self.token.expose())))
    }

    /// The result of a call.
    async fn told(&self, request: RequestBuilder, limit: usize, clock: &Clock) -> Result<Value, Failed> {
        let answer = ask(request).await?;
        let status = answer.status();
        let body = whole(answer, limit as u64).await?;
        let mut told: Value = serde_json::from_slice(&body).unwrap_or_default();
        if told.get("ok").and_then(Value::as_bool) == Some(true) {
            return Ok(told["result"].take());
        }
        let code = told.get("error_code").and_then(Value::as_i64).unwrap_or_else(|| status.as_u16().into());
        let words = Told::new(code, told.get("description").and_then(Value::as_str));
        let why = format!("the provider's error {words}");
        match u16::try_from(code).ok().and_then(|code| StatusCode::from_u16(code).ok()) {
            Some(StatusCode::TOO_MANY_REQUESTS) => {
                let pause = told["parameters"]["retry_after"].as_u64().unwrap_or(1);
                let until = clock.now().mono + Duration::from_secs(pause);
                *self.quiet.lock().unwrap_or_else(PoisonError::into_inner) = until;
                Err(Failed::Now(why))
            }
            Some(StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND) => Err(Failed::Token(words)),
            Some(status) if status.is_client_error() && told.is_object() => Err(Failed::Code(words)),
            _ => Err(Failed::Now(why)),
        }
    }
}

fn with(request: RequestBuilder, call: &Value) -> RequestBuilder {
    request.header("content-type", "application/json").body(call.to_string())
}

/// A row for each choice. What is too long to be given back is given back by its number.
fn buttons(choices: &[Choice]) -> Vec<Value> {
    let one = |(n, choice): (usize, &Choice)| {
        let long = choice.value.len() > MAX_DATA;
        let data = if long { (n + 1).to_string() } else { choice.value.clone() };
        json!([{ "text": choice.label, "callback_data": data }])
    };
    choices.iter().enumerate().map(one).collect()
}
