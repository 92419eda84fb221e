//! QQ bots, in chats with one person: JSON both ways.
//!
//! A callback is proved by Ed25519 over its time and its bytes; both keys come of the bot's own secret, which begins
//! again until it is long enough for a seed. What goes out answers a message or an event, which it names.

mod event;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_proto::config::Channel;
use ngcc_proto::{Secret, Wall, channel};
use ngcc_softacd_core::channel::{Piece, Post};
use reqwest::Response;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde_json::{Value, json};

use super::adapter::{Denied, Request, Turn, unhex};
use super::provider::{Failed, MAX_ANSWER, Provider, Told, ask, client, whole};
use super::token::{Access, Fresh};

/// The provider gives a new token in the last minute of the old one, and the old one until then.
const EARLY: Duration = Duration::from_secs(30);
/// The most bytes of a file that it takes in one piece.
const MAX_FILE: u64 = 5 << 20;
/// Numbers of answers fit into sixteen bits.
const NUMBERS: u64 = 65_535;

/// The provider's own numbers of errors.
mod code {
    pub(super) const TOKEN: [i64; 3] = [11_241, 11_243, 11_244];
    /// The same answer with the same number was taken before.
    pub(super) const KNOWN: i64 = 40_054_005;
    /// What it names is too old or answered too often, or it names nothing.
    pub(super) const SHUT: [i64; 12] = [
        304_026, 304_027, 304_103, 40_034_005, 40_034_024, 40_034_025, 40_034_026, 40_034_027, 40_034_100,
        40_034_102, 40_034_105, 40_034_128,
    ];
    pub(super) const BUSY: [i64; 8] =
        [11_242, 11_252, 11_281, 22_009, 304_082, 304_083, 1_100_100, 1_100_300];
}

/// See the module.
pub(super) struct Qq {
    api: String,
    /// Where tokens are given.
    tokens: String,
    app: String,
    app_secret: Secret,
    key: Option<Ed25519KeyPair>,
    access: Access,
}

impl fmt::Debug for Qq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Qq({})", self.app)
    }
}

impl Qq {
    pub(super) fn new(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        let app_secret = secrets.get("app_secret").cloned().unwrap_or_default();
        let seed: Vec<u8> = app_secret.bytes().cycle().take(32).collect();
        let api = match settings.url.trim_end_matches('/') {
            "" => "https://api.sgroup.qq.com",
            own => own,
        };
        // The provider's interfaces, the one for trying out too, have one place for tokens.
        let tokens = if api.ends_with(".qq.com") { "https://bots.qq.com" } else { api };
        Self {
            api: api.to_owned(),
            tokens: tokens.to_owned(),
            app: settings.account.clone(),
            app_secret: Secret::new(app_secret),
            // Without a secret there is no seed, and nothing is taken.
            key: Ed25519KeyPair::from_seed_unchecked(&seed).ok(),
            access: Access::new(EARLY),
        }
    }

    /// The token of the provider's interface.
    pub(super) fn token_state(&self, now: Wall) -> channel::Token {
        self.access.state(now)
    }

    /// Reads a callback: the provider's question whether this is the place, or an event.
    pub(super) fn read(&self, request: &Request<'_>) -> Result<Turn, Denied> {
        let key = self.proves(request)?;
        if *request.method != Method::POST {
            return Err(Denied::Unreadable("events are posted"));
        }
        event::read(key, request.body)
    }

    /// The key, if the request proves that it knows it.
    fn proves(&self, request: &Request<'_>) -> Result<&Ed25519KeyPair, Denied> {
        let given = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
        let at = given("x-signature-timestamp").ok_or(Denied::Unsigned)?;
        let signature = given("x-signature-ed25519").and_then(unhex).ok_or(Denied::Unsigned)?;
        let key = self.key.as_ref().ok_or(Denied::Unsigned)?;
        let signed = [at.as_bytes(), request.body].concat();
        let known = UnparsedPublicKey::new(&ED25519, key.public_key().as_ref());
        known.verify(&signed, &signature).map_err(|_| Denied::Unsigned)?;
        Ok(key)
    }

    /// Fetches what somebody sent. It lies wherever the event says: only over TLS, or with the interface itself.
    pub(super) async fn fetch(&self, url: &str, limit: u64) -> Result<Vec<u8>, Failed> {
        let url = self.place(url).ok_or(Failed::Never("the file's address is not https"))?;
        let answer = ask(client()?.get(url)).await?;
        match answer.status() {
            status if status.is_success() => whole(answer, limit).await,
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(Failed::Now(format!("the file's place answered {status}")))
            }
            status => Err(Failed::Code(i64::from(status.as_u16()).into())),
        }
    }

    fn place(&self, url: &str) -> Option<String> {
        let url = if url.starts_with("//") { format!("https:{url}") } else { url.to_owned() };
        let own = url.strip_prefix(&self.api).is_some_and(|path| path.starts_with('/'));
        (own || url.starts_with("https://")).then_some(url)
    }

    /// Sends a message; a token that the provider does not know any more is renewed once.
    pub(super) async fn send(&self, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        let token = self.access.token(ours.clock, self.ask_token()).await?;
        match self.send_by(&token, post, ours).await {
            Err(Failed::Token(_)) => {
                self.access.ends(&token).await;
                let token = self.access.token(ours.clock, self.ask_token()).await?;
                self.send_by(&token, post, ours).await
            }
            done => done,
        }
    }

    async fn send_by(&self, token: &Secret, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        // What answers nothing would not be taken.
        let (names, id) = post
            .reply
            .as_ref()
            .map(|reply| reply.0.as_str())
            .and_then(|r| r.split_once(':'))
            .ok_or(Failed::Shut)?;
        let mut message = match &post.piece {
            Piece::Text(text) | Piece::Asks { text, .. } => json!({ "msg_type": 0, "content": text.0 }),
            Piece::File { file, name, mime } => {
                let bytes = ours.bytes(*file, MAX_FILE).await?;
                let info = self.upload(token, &post.to, (name, mime), &bytes).await?;
                // It wants some text with every file.
                json!({ "msg_type": 7, "content": " ", "media": { "file_info": info } })
            }
        };
        message[names] = json!(id);
        // The same again carries the same number, by which it is known.
        message["msg_seq"] = json!(post.n.saturating_sub(1) % NUMBERS + 1);
        self.call(token, &format!("/v2/users/{}/messages", post.to), &message).await.map(|_| ())
    }

    /// Hands a file over; what the provider calls it.
    async fn upload(
        &self,
        token: &Secret,
        to: &str,
        (name, mime): (&str, &str),
        bytes: &[u8],
    ) -> Result<String, Failed> {
        let kind = match mime {
            "image/png" | "image/jpeg" => 1,
            "video/mp4" => 2,
            "audio/mpeg" | "audio/wav" | "audio/flac" => 3,
            _ => 4,
        };
        let file = json!({
            "file_type": kind, "file_name": name, "file_data": BASE64.encode(bytes), "srv_send_msg": false,
        });
        let answer = self.call(token, &format!("/v2/users/{to}/files"), &file).await?;
        let info = answer.get("file_info").and_then(Value::as_str);
        info.map(str::to_owned).ok_or_else(|| Failed::Now("the provider named no file_info".to_owned()))
    }

    async fn call(&self, token: &Secret, path: &str, body: &Value) -> Result<Value, Failed> {
        let request = client()?
            .post(format!("{}{path}", self.api))
            .header("authorization", format!("QQBot {}", token.expose()))
            .header("content-type", "application/json; charset=utf-8")
            .body(body.to_string());
        outcome(ask(request).await?).await
    }

    async fn ask_token(&self) -> Result<Fresh, Failed> {
        let known = json!({ "appId": self.app, "clientSecret": self.app_secret.expose() });
        let request = client()?
            .post(format!("{}/app/getAppAccessToken", self.tokens))
            .header("content-type", "application/json")
            .body(known.to_string());
        let answer = super::provider::json(ask(request).await?).await?;
        let Some(token) = answer.get("access_token").and_then(Value::as_str) else {
            // A wrong secret is for the operator to mend: nothing is lost meanwhile.
            return Err(Failed::Token(told(&answer)));
        };
        // It has been written both ways.
        let lasts = answer.get("expires_in").map(|v| v.as_str().map_or(v.as_u64(), |text| text.parse().ok()));
        Ok((Secret::new(token), Duration::from_secs(lasts.flatten().unwrap_or(7200))))
    }
}

/// What the provider's answer says.
async fn outcome(answer: Response) -> Result<Value, Failed> {
    let status = answer.status();
    let body = whole(answer, MAX_ANSWER as u64).await?;
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    if status.is_success() {
        return Ok(value);
    }
    let told = told(&value);
    match told.number {
        code::KNOWN => Ok(value),
        number if code::TOKEN.contains(&number) || status == StatusCode::UNAUTHORIZED => {
            Err(Failed::Token(told))
        }
        number if code::SHUT.contains(&number) => Err(Failed::Shut),
        number
            if number == 0
                || code::BUSY.contains(&number)
                || status.is_server_error()
                || status == StatusCode::TOO_MANY_REQUESTS =>
        {
            Err(Failed::Now(format!("the provider answered {status}, its error {told}")))
        }
        _ => Err(Failed::Code(told)),
    }
}

fn told(answer: &Value) -> Told {
    let number = answer.get("err_code").or_else(|| answer.get("code")).and_then(Value::as_i64);
    Told::new(number.unwrap_or_default(), answer.get("message").and_then(Value::as_str))
}

#[cfg(test)]
mod tests {
    use ngcc_proto::config::ChannelKind;

    use super::*;

    pub(super) fn qq() -> Qq {
        let settings = Channel {
            name: "qq".into(),
            kind: ChannelKind::Qq,
            entry: "shop".into(),
            account: "11111111".into(),
            url: String::new(),
            lang: "zh".into(),
            mail: None,
            secrets: None,
        };
        Qq::new(&settings, &BTreeMap::from([("app_secret".to_owned(), "DG5g3B4j9X2KOErG".to_owned())]))
    }

    #[test]
    fn a_file_is_fetched_over_tls_or_from_the_interface_itself_only() {
        let mut qq = qq();
        assert_eq!(qq.place("//files.example/1").as_deref(), Some("https://files.example/1"));
        assert!(qq.place("https://files.example/1").is_some());
        qq.api = "http://127.0.0.1:9".to_owned();
        assert!(qq.place("http://127.0.0.1:9/1").is_some());
        for bad in ["http://127.0.0.1:99/1", "http://files.example/1", "file:///etc/passwd", "/1", ""] {
            assert_eq!(qq.place(bad), None, "{bad}");
        }
    }
}
