//! WeCom's customer service (微信客服): encrypted callbacks that only hint, messages that are asked for, JSON out.
//!
//! A callback is proved and encrypted as WeChat's are, for the corporation instead of an account. It says that there is
//! something to be had of one service account; what it is, is asked for by [`pull`]. A customer is answered by the
//! service account they wrote to, which is therefore what an answer names.

mod cursors;
mod pull;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, header};
use ngcc_proto::chat::{Choice, Text};
use ngcc_proto::config::Channel;
use ngcc_proto::{Secret, Wall, channel};
use ngcc_runtime::Clock;
use ngcc_softacd_core::channel::{MAX_DATA, Piece, Post, listed};
use reqwest::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::adapter::{Answer, Denied, Fetched, Request, Turn, hex};
use super::provider::{Failed, Provider, Told, ask, client, json as read_json, multipart, whole};
use super::token::{Access, Fresh};
use super::{crypt, xml};
pub(super) use pull::run;
use told::Page;

/// A token is renewed this long before its end.
const EARLY: Duration = Duration::from_secs(300);
/// The most bytes of a picture or video, of a voice message, and of any file that it takes.
const MAX_SHOWN: usize = 10 << 20;
const MAX_VOICE: usize = 2 << 20;
const MAX_FILE: u64 = 20 << 20;
/// The most service accounts that are hinted at and not asked for yet.
const MAX_HINTS: usize = 256;
/// The longest id of a service account, and the longest token of a hint.
const MAX_ACCOUNT: usize = 64;
const MAX_TOKEN: usize = 256;

/// The provider's own numbers of errors.
mod code {
    pub(super) const TOKEN: [i64; 4] = [40_001, 40_014, 41_001, 42_001];
    /// So many messages, so much time, the conversation has ended, or is a member's of the corporation.
    pub(super) const SHUT: [i64; 4] = [95_001, 95_002, 95_013, 95_018];
    pub(super) const BUSY: [i64; 4] = [-1, 6000, 45_009, 45_033];
    /// The account is set up wrong there: for the operator to mend, and nothing is lost meanwhile.
    pub(super) const ACCOUNT: [i64; 6] = [40_013, 48_002, 60_020, 95_011, 95_012, 95_017];
    /// What a hint's token is good for is over.
    pub(super) const HINT: i64 = 95_007;
    /// The message itself is wrong: whom it is for, its file, its form. Any other error of a message that may have been
    /// taken before says that its `msgid` is known: the provider documents that error, but not its number.
    pub(super) const WRONG: [i64; 16] = [
        40_003, 40_004, 40_005, 40_006, 40_007, 40_008, 40_009, 40_011, 40_033, 40_035, 40_096, 44_004,
        95_000, 95_004, 95_008, 95_009,
    ];
}

/// Service accounts of which there is something to be had, each with the token of its hint.
#[derive(Default)]
struct Hints {
    due: Mutex<BTreeMap<String, String>>,
    woken: Notify,
}

impl Hints {
    fn put(&self, account: &str, token: &str) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() < MAX_HINTS || due.contains_key(account) {
            due.insert(account.to_owned(), token.to_owned());
        }
        drop(due);
        self.woken.notify_one();
    }

    fn take(&self) -> BTreeMap<String, String> {
        std::mem::take(&mut *self.due.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// See the module.
pub(super) struct Wecom {
    base: String,
    corporation: String,
    token: Secret,
    app_secret: Secret,
    aes_key: Option<[u8; 32]>,
    access: Access,
    hints: Hints,
}

impl fmt::Debug for Wecom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wecom({})", self.corporation)
    }
}

/// What an answer names: the service account that the customer wrote to, or the code by which one text greets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way<'a> {
    Account(&'a str),
    Code(&'a str),
}

impl<'a> Way<'a> {
    fn of(reply: &'a str) -> Option<Self> {
        let (way, id) = reply.split_once(':')?;
        match way {
            "kf" => Some(Self::Account(id)),
            "code" => Some(Self::Code(id)),
            _ => None,
        }
    }
}

impl Wecom {
    pub(super) fn new(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        let secret = |name: &str| Secret::new(secrets.get(name).cloned().unwrap_or_default());
        let base = match settings.url.trim_end_matches('/') {
            "" => "https://qyapi.weixin.qq.com",
            own => own,
        };
        Self {
            base: base.to_owned(),
            corporation: settings.account.clone(),
            token: secret("token"),
            app_secret: secret("app_secret"),
            aes_key: secrets.get("aes_key").and_then(|key| crypt::aes_key(key)),
            access: Access::new(EARLY),
            hints: Hints::default(),
        }
    }

    /// How far its access token is good.
    pub(super) fn token_state(&self, now: Wall) -> channel::Token {
        self.access.state(now)
    }

    /// Reads a callback: the provider's question whether this is the place, or a hint, which is noted.
    pub(super) fn read(&self, request: &Request<'_>) -> Result<Turn, Denied> {
        let given = |name: &str| request.query.get(name).map(String::as_str).unwrap_or_default();
        let opened = |encrypted: &str| {
            let key = self.aes_key.as_ref().filter(|_| !self.token.is_empty())?;
            let parts = [self.token.expose(), given("timestamp"), given("nonce"), encrypted];
            let proved = crypt::same(given("msg_signature"), &crypt::signature(&parts));
            proved.then(|| crypt::decrypt(encrypted, key, &self.corporation)).flatten()
        };
        if *request.method == Method::GET {
            // Whoever writes a plus as it is means no space by it.
            let plain = opened(&given("echostr").replace(' ', "+")).ok_or(Denied::Unsigned)?;
            let plain = String::from_utf8(plain).map_err(|_| Denied::Unreadable("echostr is no text"))?;
            return Ok(Turn::new(None, Answer::text(plain)));
        }
        let read =
            |bytes: &[u8]| xml::fields(bytes).ok_or(Denied::Unreadable("the body is no XML of the protocol"));
        let outer = read(request.body)?;
        let encrypted = outer.get("Encrypt").ok_or(Denied::Unsigned)?;
        let fields = read(&opened(encrypted).ok_or(Denied::Unsigned)?)?;
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if field("Event") == "kf_msg_or_event" {
            let (account, token) = (field("OpenKfId"), field("Token"));
            if !told::is_plain(account, MAX_ACCOUNT) || token.len() > MAX_TOKEN {
                return Err(Denied::Unreadable("OpenKfId is missing or too long"));
            }
            self.hints.put(account, token);
        }
        Ok(Turn::new(None, Answer::text("success")))
    }

    /// What there is of `account` behind `cursor`.
    async fn page(&self, (account, cursor, hint): (&str, &str, &str), clock: &Clock) -> Result<Page, Failed> {
        let mut wanted =
            json!({ "cursor": cursor, "limit": pull::LIMIT, "voice_format": 0, "open_kfid": account });
        // Without a hint's token it may be asked for rarely.
        if !hint.is_empty() {
            wanted["token"] = json!(hint);
        }
        let answer = self.by_token(clock, |token| self.call(token, "/cgi-bin/kf/sync_msg", &wanted)).await;
        match answer {
            Err(Failed::Code(Told { number: code::HINT, .. })) if !hint.is_empty() => {
                Box::pin(self.page((account, cursor, ""), clock)).await
            }
            answer => Ok(told::page(answer?, account, clock.now().wall)),
        }
    }

    /// Fetches what somebody sent, with the name that the provider gives it.
    pub(super) async fn fetch(&self, media: &str, limit: u64, clock: &Clock) -> Result<Fetched, Failed> {
        self.by_token(clock, |token| self.fetch_by(token, media, limit)).await
    }

    async fn fetch_by(&self, token: Secret, media: &str, limit: u64) -> Result<Fetched, Failed> {
        let query = [("access_token", token.expose()), ("media_id", media)];
        let answer = ask(client()?.get(format!("{}/cgi-bin/media/get", self.base)).query(&query)).await?;
        // A file comes as an attachment, whatever it holds; an error as JSON, whatever the status.
        let Some(name) = answer.headers().get(header::CONTENT_DISPOSITION).map(told::file_name) else {
            return outcome(answer).await.and(Err(Failed::Never("the provider gave no file")));
        };
        Ok(Fetched { bytes: whole(answer, limit).await?, name })
    }

    /// Sends a message.
    pub(super) async fn send(&self, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        self.by_token(ours.clock, |token| self.send_by(token, post, ours)).await
    }

    async fn send_by(&self, token: Secret, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        // What answers nobody would not be taken.
        let way = post.reply.as_ref().and_then(|reply| Way::of(&reply.0)).ok_or(Failed::Shut)?;
        let mut message = match &post.piece {
            Piece::Text(Text(text)) => written(text),
            Piece::Asks { text, choices } => menu(&text.0, choices),
            // A greeting is a text.
            Piece::File { .. } if matches!(way, Way::Code(_)) => return Err(Failed::Shut),
            Piece::File { file, name, mime } => {
                let bytes = ours.bytes(*file, MAX_FILE).await?;
                let kind = kind(mime, bytes.len());
                let media = self.upload(&token, kind, (name, mime), &bytes).await?;
                json!({ "msgtype": kind, kind: { "media_id": media } })
            }
        };
        message["msgid"] = json!(msgid(&post.to, post.n));
        let path = match way {
            Way::Account(account) => {
                (message["touser"], message["open_kfid"]) = (json!(post.to), json!(account));
                "/cgi-bin/kf/send_msg"
            }
            Way::Code(code) => {
                message["code"] = json!(code);
                "/cgi-bin/kf/send_msg_on_event"
            }
        };
        match self.call(token, path, &message).await {
            Err(Failed::Code(_)) if matches!(way, Way::Code(_)) => Err(Failed::Shut),
            Err(Failed::Code(told)) if post.again && !code::WRONG.contains(&told.number) => {
                tracing::info!(
                    number = told.number,
                    "what may have been taken before is known to the provider"
                );
                Ok(())
            }
            done => done.map(|_| ()),
        }
    }

    /// Hands a file over; the provider's id of it.
    async fn upload(
        &self,
        token: &Secret,
        kind: &str,
        (name, mime): (&str, &str),
        bytes: &[u8],
    ) -> Result<String, Failed> {
        let (form, body) = multipart(&[], ("media", name, mime), bytes);
        let request = client()?
            .post(format!("{}/cgi-bin/media/upload", self.base))
            .query(&[("access_token", token.expose()), ("type", kind)])
            .header("content-type", form)
            .body(body);
        let answer = outcome(ask(request).await?).await?;
        let media = answer.get("media_id").and_then(Value::as_str);
        media.map(str::to_owned).ok_or_else(|| Failed::Now("the provider named no media_id".to_owned()))
    }

    async fn call(&self, token: Secret, path: &str, body: &Value) -> Result<Value, Failed> {
        let request = client()?
            .post(format!("{}{path}", self.base))
            .query(&[("access_token", token.expose())])
            .header("content-type", "application/json; charset=utf-8")
            .body(body.to_string());
        outcome(ask(request).await?).await
    }

    /// Does something with a token; one that the provider does not know any more is renewed once.
    async fn by_token<T, F: Future<Output = Result<T, Failed>>>(
        &self,
        clock: &Clock,
        does: impl Fn(Secret) -> F,
    ) -> Result<T, Failed> {
        let token = self.access.token(clock, self.ask_token()).await?;
        match does(token.clone()).await {
            Err(Failed::Token(_)) => {
                self.access.ends(&token).await;
                does(self.access.token(clock, self.ask_token()).await?).await
            }
            done => done,
        }
    }

    async fn ask_token(&self) -> Result<Fresh, Failed> {
        let query = [("corpid", self.corporation.as_str()), ("corpsecret", self.app_secret.expose())];
        let answer = ask(client()?.get(format!("{}/cgi-bin/gettoken", self.base)).query(&query)).await?;
        let answer = read_json(answer).await?;
        let token = answer.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
        let Some(token) = token else {
            let number = answer.get("errcode").and_then(Value::as_i64).unwrap_or_default();
            let told = Told::new(number, answer.get("errmsg").and_then(Value::as_str));
            // A wrong secret is for the operator to mend: nothing is lost meanwhile.
            return Err(Failed::Now(format!("the provider gives no token (its error {told})")));
        };
        let lasts = answer.get("expires_in").and_then(Value::as_u64).unwrap_or(7200);
        Ok((Secret::new(token), Duration::from_secs(lasts)))
    }
}

/// What the provider's answer says.
async fn outcome(answer: Response) -> Result<Value, Failed> {
    let answer = read_json(answer).await?;
    let number = answer.get("errcode").and_then(Value::as_i64).unwrap_or_default();
    let told = Told::new(number, answer.get("errmsg").and_then(Value::as_str));
    match number {
        0 => Ok(answer),
        _ if code::TOKEN.contains(&number) => Err(Failed::Token(told)),
        _ if code::SHUT.contains(&number) => Err(Failed::Shut),
        _ if code::BUSY.contains(&number) || code::ACCOUNT.contains(&number) => {
            Err(Failed::Now(format!("the provider's error {told}")))
        }
        _ => Err(Failed::Code(told)),
    }
}

fn written(text: &str) -> Value {
    json!({ "msgtype": "text", "text": { "content": text } })
}

/// A text with something to choose from below it; where that is more than the provider's menus have, a list.
fn menu(text: &str, choices: &[Choice]) -> Value {
    let item = |(n, choice): (usize, &Choice)| {
        let long = choice.value.is_empty() || choice.value.len() > MAX_DATA;
        let id = if long { (n + 1).to_string() } else { choice.value.clone() };
        json!({ "type": "click", "click": { "id": id, "content": choice.label } })
    };
    if choices.iter().any(|choice| choice.label.is_empty()) {
        return written(&listed(text, choices));
    }
    let list: Vec<_> = choices.iter().enumerate().map(item).collect();
    json!({ "msgtype": "msgmenu", "msgmenu": { "head_content": text, "list": list } })
}

/// As what a file goes: what the provider does not show is a file.
fn kind(mime: &str, size: usize) -> &'static str {
    match mime {
        "image/png" | "image/jpeg" if size <= MAX_SHOWN => "image",
        "video/mp4" if size <= MAX_SHOWN => "video",
        "audio/amr" if size <= MAX_VOICE => "voice",
        _ => "file",
    }
}

/// The id of the `n`th message to somebody, which the provider gives back: 32 of the letters that it allows.
fn msgid(to: &str, n: u64) -> String {
    format!("{}-{n:016x}", &hex(&Sha256::digest(to))[..15])
}

/// The number of the message to `to` that has this id, if it is one of ours.
fn number(to: &str, id: &str) -> Option<u64> {
    let n = u64::from_str_radix(id.get(16..)?, 16).ok()?;
    (msgid(to, n) == id).then_some(n)
}
