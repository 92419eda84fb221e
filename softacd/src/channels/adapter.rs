//! What an adapter is: one provider's protocol.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use ngcc_proto::channel::{Meets, State, Token};
use ngcc_proto::chat::{Content, Text};
use ngcc_proto::config::{ChannelAccount, ChannelKind};
use ngcc_proto::{Secret, SessionId, UserUri, Wall};
use ngcc_runtime::Clock;
use ngcc_softacd_core::channel::{Outcome, Post, Writing};
use sha2::{Digest, Sha256};

use super::SENDING;
use super::alipay::Alipay;
use super::email::Email;
use super::generic::Generic;
use super::health::Health;
use super::provider::{Failed, Provider};
use super::qq::Qq;
use super::telegram::Telegram;
use super::wechat::Wechat;
use super::wecom::Wecom;

/// A callback as it came.
pub(super) struct Request<'a> {
    pub(super) method: &'a Method,
    pub(super) query: &'a BTreeMap<String, String>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) now: Wall,
}

/// What is answered to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
    pub(super) content_type: &'static str,
}

impl Answer {
    pub(super) fn text(body: impl Into<String>) -> Self {
        Self { status: StatusCode::OK, body: body.into(), content_type: "text/plain; charset=utf-8" }
    }
}

/// A callback that was understood: what it brought, in order, and what is answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) brought: Vec<Brought>,
    /// Once all of it is on disk.
    pub(super) answer: Answer,
    /// If some of it is not: the provider is to send it again.
    pub(super) later: Answer,
}

impl Turn {
    pub(super) fn new(brought: impl IntoIterator<Item = Brought>, answer: Answer) -> Self {
        let later = Answer { status: StatusCode::SERVICE_UNAVAILABLE, ..Answer::text("") };
        Self { brought: brought.into_iter().collect(), answer, later }
    }
}

/// What a callback brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Brought {
    pub(super) from: String,
    pub(super) name: Option<String>,
    /// The provider's id, as it is.
    pub(super) id: String,
    /// What an answer to it names, where the provider wants that.
    pub(super) reply: Option<String>,
    /// The mark of the person whose thread it is proved to belong to, whoever it is from.
    pub(super) thread: Option<u64>,
    pub(super) what: What,
}

/// What somebody did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The channel proves which customer of the company's they are.
    Is { customer: UserUri },
    /// They wrote.
    Text(String),
    /// They pressed something in the channel's menu, which says this.
    Pressed(String),
    /// They sent something that lies with the provider under this id.
    Media { id: String, name: String },
    /// They sent a file, here with its bytes.
    File { name: String, bytes: Vec<u8> },
    /// They sent a file that can never be had.
    Lost { name: String },
    /// A message of ours to them has come back.
    Returned { session: SessionId, seq: u64 },
    /// They have come.
    Comes,
    /// They have gone.
    Goes,
    /// What was sent to them under this number has not come to them after all.
    Unsent(u64),
}

/// What was fetched from a provider.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    /// Its name, where the provider has one.
    pub(super) name: Option<String>,
}

impl From<Vec<u8>> for Fetched {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, name: None }
    }
}

/// Who does not say what has happened, but is asked for it.
pub(super) enum Asked<'a> {
    /// A bot that nobody calls.
    Bot(&'a Telegram),
    /// Who calls to say no more than that there is something.
    Pages(&'a Wecom),
    /// An account of mail.
    Account(&'a Email),
}

/// Why a callback is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// It does not prove where it comes from.
    Unsigned,
    /// It proves where it comes from, and is not of the protocol.
    Unreadable(&'static str),
}

/// A channel's adapter.
#[derive(Debug)]
pub(super) struct Adapter {
    account: ChannelAccount,
    speaks: Speaks,
    /// How it fares.
    pub(super) health: Health,
}

#[derive(Debug)]
enum Speaks {
    Generic(Generic),
    Wechat(Wechat),
    Qq(Qq),
    Alipay(Alipay),
    Telegram(Telegram),
    Email(Email),
    Wecom(Wecom),
}

impl Adapter {
    /// The adapter of `account`, which begins at `now`.
    pub(super) fn new(account: &ChannelAccount, now: Wall) -> Self {
        let settings = &account.settings;
        // The data centre wrote it.
        let secrets: BTreeMap<String, String> =
            serde_json::from_str(account.secrets.expose()).unwrap_or_default();
        let speaks = match settings.kind {
            ChannelKind::Generic => Speaks::Generic(Generic::new(settings, &secrets)),
            ChannelKind::Wechat => Speaks::Wechat(Wechat::of_wechat(settings, &secrets)),
            ChannelKind::Yixin => Speaks::Wechat(Wechat::of_yixin(settings, &secrets)),
            ChannelKind::Qq => Speaks::Qq(Qq::new(settings, &secrets)),
            ChannelKind::Alipay => Speaks::Alipay(Alipay::new(settings, &secrets)),
            ChannelKind::Telegram => Speaks::Telegram(Telegram::new(settings, &secrets)),
            ChannelKind::Wecom => Speaks::Wecom(Wecom::new(settings, &secrets)),
            ChannelKind::Email => Speaks::Email(Email::new(settings, &secrets)),
        };
        let health = Health::new(now, secrets.into_values().map(Secret::new));
        Self { account: account.clone(), speaks, health }
    }

    /// How it fares.
    pub(super) fn state(&self, now: Wall) -> State {
        let meets = match self.asked() {
            Some(Asked::Bot(_) | Asked::Account(_)) => Meets::Asks,
            // It is called first, and asks then.
            Some(Asked::Pages(_)) | None => Meets::Called,
        };
        let token = match &self.speaks {
            Speaks::Wechat(wechat) => wechat.token_state(now),
            Speaks::Qq(qq) => qq.token_state(now),
            Speaks::Wecom(wecom) => wecom.token_state(now),
            Speaks::Generic(_) | Speaks::Alipay(_) | Speaks::Telegram(_) | Speaks::Email(_) => {
                Token::Needless
            }
        };
        self.health.state(&self.account.settings.name, meets, token)
    }

    pub(super) fn is_for(&self, account: &ChannelAccount) -> bool {
        self.account == *account
    }

    /// Whether the channel's own lines are in Chinese.
    pub(super) fn zh(&self) -> bool {
        self.account.settings.lang == "zh"
    }

    /// Reads a callback.
    pub(super) fn read(&self, request: &Request<'_>) -> Result<Turn, Denied> {
        let read = match &self.speaks {
            Speaks::Generic(generic) => generic.read(request),
            Speaks::Wechat(wechat) => wechat.read(request),
            Speaks::Qq(qq) => qq.read(request),
            Speaks::Alipay(alipay) => alipay.read(request),
            Speaks::Telegram(telegram) => telegram.read(request),
            // Nobody calls it.
            Speaks::Email(_) => Err(Denied::Unsigned),
            Speaks::Wecom(wecom) => wecom.read(request),
        };
        match &read {
            Ok(_) => self.health.proved(request.now),
            Err(denied) => self.health.denied(*denied, request.now),
        }
        read
    }

    /// Who is asked for what has happened; none where the provider calls and says it.
    pub(super) fn asked(&self) -> Option<Asked<'_>> {
        match &self.speaks {
            Speaks::Telegram(telegram) => telegram.polls().then_some(Asked::Bot(telegram)),
            Speaks::Wecom(wecom) => Some(Asked::Pages(wecom)),
            Speaks::Email(email) => Some(Asked::Account(email)),
            Speaks::Generic(_) | Speaks::Wechat(_) | Speaks::Qq(_) | Speaks::Alipay(_) => None,
        }
    }

    /// Fetches what lies with the provider; at most `limit` bytes.
    pub(super) async fn fetch(&self, media: &str, limit: u64, clock: &Clock) -> Result<Fetched, Failed> {
        let fetched = match &self.speaks {
            // Its files come with their bytes.
            Speaks::Generic(_) | Speaks::Email(_) => Err(Failed::Never("this channel keeps no files")),
            Speaks::Wechat(wechat) => wechat.fetch(media, limit, clock).await,
            Speaks::Qq(qq) => qq.fetch(media, limit).await,
            Speaks::Alipay(alipay) => alipay.fetch(media, limit, clock).await,
            Speaks::Telegram(telegram) => telegram.fetch(media, limit, clock).await,
            Speaks::Wecom(wecom) => return self.noted(wecom.fetch(media, limit, clock).await, clock),
        };
        self.noted(fetched.map(Fetched::from), clock)
    }

    /// What fails is a part of how the channel fares.
    fn noted<T>(&self, done: Result<T, Failed>, clock: &Clock) -> Result<T, Failed> {
        if let Err(failed) = &done {
            self.health.failed(failed, clock.now().wall);
        }
        done
    }

    /// Shows somebody whether one writes to them, where the channel shows it.
    pub(super) async fn shows(&self, writing: &Writing, clock: &Clock) -> Result<(), Failed> {
        match &self.speaks {
            Speaks::Generic(generic) => generic.shows(writing, clock).await,
            Speaks::Wechat(wechat) => wechat.shows(writing, clock).await,
            Speaks::Telegram(telegram) => telegram.shows(writing, clock).await,
            Speaks::Qq(_) | Speaks::Alipay(_) | Speaks::Wecom(_) | Speaks::Email(_) => Ok(()),
        }
    }

    /// How long one send may take, its uploads and the wait for a turn included.
    pub(super) fn patience(&self) -> Duration {
        match &self.speaks {
            // Whole files go in one letter.
            Speaks::Email(_) => Duration::from_secs(120),
            Speaks::Generic(_)
            | Speaks::Wechat(_)
            | Speaks::Qq(_)
            | Speaks::Alipay(_)
            | Speaks::Telegram(_)
            | Speaks::Wecom(_) => SENDING,
        }
    }

    /// Gives something to the provider; where it is not taken, what that means and in words that may be shown.
    pub(super) async fn give(&self, post: &Post, ours: &Provider<'_>) -> Result<(), (Outcome, String)> {
        let done = match &self.speaks {
            Speaks::Generic(generic) => generic.send(post, ours).await,
            Speaks::Wechat(wechat) => wechat.send(post, ours).await,
            Speaks::Qq(qq) => qq.send(post, ours).await,
            Speaks::Alipay(alipay) => alipay.send(post, ours).await,
            Speaks::Telegram(telegram) => telegram.send(post, ours).await,
            Speaks::Wecom(wecom) => wecom.send(post, ours).await,
            Speaks::Email(email) => email.send(post, ours).await,
        };
        let now = ours.clock.now().wall;
        match done {
            Ok(()) => {
                self.health.sent(now);
                Ok(())
            }
            Err(failed) => Err(self.fails(&failed, now)),
        }
    }

    /// Something failed: what that means, and in words that may be shown.
    pub(super) fn fails(&self, failed: &Failed, now: Wall) -> (Outcome, String) {
        let words = self.health.failed(failed, now);
        tracing::warn!(
            channel = self.account.settings.name,
            why = words,
            "a channel's provider did not take a message"
        );
        let outcome = match failed {
            Failed::Now(_) | Failed::Token(_) => Outcome::Later,
            Failed::Shut => Outcome::Shut,
            Failed::Never(_) | Failed::Code(_) => Outcome::Refused,
        };
        (outcome, words)
    }
}

/// A provider's id as a key: as it is, or its digest where it is too long.
pub(super) fn key(id: &str) -> String {
    if !id.is_empty() && id.len() <= ngcc_proto::chat::MAX_KEY {
        return id.to_owned();
    }
    hex(&Sha256::digest(id))
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that hex, of either case, stands for.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// A text as content.
pub(super) fn text(text: String) -> Content {
    Content::Text { text: Text(text), choices: vec![] }
}
