//! A provider of a messaging channel as it looks from outside: it checks our signatures and tokens, remembers what it
//! was sent, posts what its customers do to our callback, and fails as it is told to.

mod alipay;
mod asked;
mod bot;
mod email;
mod generic;
mod http;
mod keys;
mod qq;
mod telegram;
mod wechat;
mod wecom;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use ngcc_proto::config::{Channel, ChannelKind};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use asked::{Asked, answer, asked};
pub use bot::ExternalBot;
pub use email::{Account, Ways};
use http::http;
use keys::{APPLICATION, PROVIDER_PUBLIC};

/// What the interface's tokens are given for, and what else a provider and the centre share.
const SECRET: &str = "an-app-s3cret";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A picture (PNG) that customers send.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n and what a picture is made of";

/// What goes wrong with the next request to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429.
    Busy,
    /// 500.
    Broken,
    /// The token has expired, whatever it was given for.
    Expired,
    /// Nothing is taken for this person until they write.
    Shut,
    /// It is taken, but the answer says that something is broken.
    Swallowed,
    /// It will never be taken; letters know that.
    Refused,
}

/// What a customer does.
enum Act<'a> {
    Writes(&'a str),
    Shows,
    /// They send what is larger than the provider gives out.
    Overdoes,
    /// They press the button that gives this back, where there are buttons.
    Presses(&'a str),
}

/// What the provider posts to our callback.
struct Callback {
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

struct Inner {
    kind: ChannelKind,
    at: SocketAddr,
    sent: mpsc::UnboundedSender<Value>,
    faults: Mutex<VecDeque<Fault>>,
    /// How many of them are left.
    left: watch::Sender<usize>,
    /// How many tokens were given; only the last is good.
    tokens: Mutex<u32>,
    /// Which numbers have answered which message of a customer.
    answers: Mutex<BTreeMap<String, BTreeSet<u64>>>,
    /// What has happened and is to be asked for, and the number below which it was taken.
    updates: watch::Sender<(i64, Vec<Value>)>,
    /// Buttons that were pressed and are noticed.
    noticed: Mutex<BTreeSet<String>>,
    /// The account of mail, if it is one.
    mail: Account,
    /// The next that is asked for what has happened fails, or is told all of it again.
    breaks: Mutex<bool>,
    forgets: Mutex<bool>,
}

/// What a test that has not failed has locked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test has failed")
}

impl Inner {
    /// Remembers what it was sent.
    fn takes(&self, message: Value) {
        self.sent.send(message).expect("the test goes on");
    }

    /// What goes wrong with the request that is there now.
    fn fault(&self) -> Option<Fault> {
        let mut all = locked(&self.faults);
        let fault = all.pop_front();
        self.left.send_replace(all.len());
        fault
    }

    fn gives_token(&self) -> String {
        let mut tokens = locked(&self.tokens);
        *tokens += 1;
        format!("T{tokens}")
    }

    fn token(&self) -> String {
        format!("T{}", locked(&self.tokens))
    }
}

/// See the module.
pub struct Provider {
    /// The channel as it is configured for this provider.
    pub channel: Channel,
    inner: Arc<Inner>,
    sent: mpsc::UnboundedReceiver<Value>,
}

impl Provider {
    /// A provider on a free port, for a channel `name` whose customers dial `entry`.
    pub async fn start(kind: ChannelKind, name: &str, entry: &str) -> Self {
        Self::start_guarded(kind, name, entry, Ways::Plain).await
    }

    /// The same with guarded ways to it, where it is an account of mail.
    pub async fn start_guarded(kind: ChannelKind, name: &str, entry: &str, ways: Ways) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("an address");
        let (tell, sent) = mpsc::unbounded_channel();
        let (faults, tokens, answers) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (updates, noticed) = (watch::Sender::default(), Mutex::default());
        let (breaks, forgets, left) = (Mutex::default(), Mutex::default(), watch::Sender::default());
        let mail = Account::default();
        let inner = Arc::new(Inner {
            kind,
            at,
            sent: tell,
            faults,
            left,
            tokens,
            answers,
            updates,
            noticed,
            mail,
            breaks,
            forgets,
        });
        let router = Router::new().fallback(asked).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mail = match kind {
            ChannelKind::Email => Some(email::start(&inner, ways).await),
            ChannelKind::Generic
            | ChannelKind::Wechat
            | ChannelKind::Yixin
            | ChannelKind::Qq
            | ChannelKind::Alipay
            | ChannelKind::Telegram
            | ChannelKind::Wecom => None,
        };
        let (account, secrets) = match kind {
            ChannelKind::Email => (email::ADDRESS, vec![("password", email::PASSWORD)]),
            ChannelKind::Generic => ("", vec![("key", SECRET)]),
            ChannelKind::Wechat | ChannelKind::Yixin => {
                (wechat::APP, vec![("token", wechat::TOKEN), ("app_secret", SECRET)])
            }
            ChannelKind::Qq => (qq::APP, vec![("app_secret", SECRET)]),
            ChannelKind::Alipay => {
                let keys = [("alipay_public_key", PROVIDER_PUBLIC), ("app_private_key", APPLICATION)];
                (alipay::APP, keys.to_vec())
            }
            ChannelKind::Telegram => {
                ("", vec![("token", telegram::TOKEN), ("secret_token", telegram::SECRET_TOKEN)])
            }
            ChannelKind::Wecom => {
                let keys = [("token", wecom::TOKEN), ("aes_key", wecom::AES_KEY), ("app_secret", SECRET)];
                (wecom::CORPORATION, keys.to_vec())
            }
        };
        let secrets = secrets.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
        let channel = Channel {
            name: name.to_owned(),
            kind,
            entry: entry.to_owned(),
            account: account.to_owned(),
            url: if mail.is_some() { String::new() } else { format!("http://{at}") },
            lang: "en".to_owned(),
            mail,
            secrets: Some(secrets.collect()),
        };
        Self { channel, inner, sent }
    }

    /// The same for a centre that nobody can call, and that asks instead.
    pub fn that_is_asked(mut self) -> Self {
        assert_eq!(self.inner.kind, ChannelKind::Telegram, "no other is asked");
        self.channel.secrets.as_mut().and_then(|secrets| secrets.remove("secret_token"));
        self
    }

    /// The account of mail.
    pub fn mail(&self) -> &Account {
        &self.inner.mail
    }

    /// Who `person` is to the centre.
    pub fn user(&self, person: &str) -> String {
        let at = if self.inner.kind == ChannelKind::Email { "@customers.example" } else { "" };
        format!("channel:{}/{person}{at}", self.channel.name)
    }

    /// What goes wrong with the next requests, one each.
    pub fn fails(&self, faults: &[Fault]) {
        let mut all = locked(&self.inner.faults);
        all.extend(faults);
        self.inner.left.send_replace(all.len());
    }

    /// Waits until everything that was to go wrong has.
    pub async fn failed(&self) {
        let mut left = self.inner.left.subscribe();
        let none = timeout(PATIENCE, left.wait_for(|left| *left == 0)).await;
        drop(none.expect("it is asked").expect("it serves"));
    }

    /// How many tokens were given.
    pub fn tokens(&self) -> u32 {
        *locked(&self.inner.tokens)
    }

    /// A customer writes; the status of the centre's answer.
    pub async fn writes(&self, centre: SocketAddr, person: &str, id: &str, text: &str) -> u16 {
        self.does(centre, person, id, &Act::Writes(text), true).await
    }

    /// Somebody writes whom the company knows as `customer`; the signed channel alone says so.
    pub async fn says_of(
        &self,
        centre: SocketAddr,
        person: &str,
        customer: &str,
        id: &str,
        text: &str,
    ) -> u16 {
        assert_eq!(self.inner.kind, ChannelKind::Generic, "no other says so");
        let Callback { headers, body, .. } = generic::of_customer(person, customer, id, text);
        http(centre, "POST", &format!("/hooks/{}", self.channel.name), &headers, &body).await.0
    }

    /// A customer sends a picture.
    pub async fn shows(&self, centre: SocketAddr, person: &str, id: &str) -> u16 {
        self.does(centre, person, id, &Act::Shows, true).await
    }

    /// A customer chooses what has this value, as it is done there.
    pub async fn chooses(&self, centre: SocketAddr, person: &str, id: &str, value: &str) -> u16 {
        self.does(centre, person, id, &Act::Presses(value), true).await
    }

    /// A customer sends what the provider does not give out.
    pub async fn overdoes(&self, centre: SocketAddr, person: &str, id: &str) -> u16 {
        self.does(centre, person, id, &Act::Overdoes, true).await
    }

    /// A customer writes, it seems; but the callback proves nothing.
    pub async fn forges(&self, centre: SocketAddr, person: &str, id: &str, text: &str) -> u16 {
        self.does(centre, person, id, &Act::Writes(text), false).await
    }

    /// Whether the centre answers the question whether this is the place, as whoever knows the secrets does.
    pub async fn finds(&self, centre: SocketAddr) -> bool {
        let path = format!("/hooks/{}", self.channel.name);
        match self.inner.kind {
            // They ask nothing.
            ChannelKind::Generic | ChannelKind::Telegram | ChannelKind::Email => true,
            ChannelKind::Wechat | ChannelKind::Yixin => {
                let path = format!("{path}{}&echostr=4711", wechat::query(true));
                http(centre, "GET", &path, &[], b"").await == (200, "4711".to_owned())
            }
            ChannelKind::Wecom => {
                let path = format!("{path}{}", wecom::question());
                http(centre, "GET", &path, &[], b"").await == (200, "4711".to_owned())
            }
            ChannelKind::Qq => {
                let Callback { headers, body, .. } = qq::question();
                let (status, answer) = http(centre, "POST", &path, &headers, &body).await;
                status == 200 && qq::is_answer(&answer)
            }
            ChannelKind::Alipay => {
                let Callback { headers, body, .. } = alipay::question();
                let (status, answer) = http(centre, "POST", &path, &headers, &body).await;
                status == 200 && alipay::is_answer(&answer)
            }
        }
    }

    async fn does(&self, centre: SocketAddr, person: &str, id: &str, act: &Act<'_>, signed: bool) -> u16 {
        let callback = match self.inner.kind {
            ChannelKind::Generic => generic::callback(person, id, act, signed),
            ChannelKind::Wechat | ChannelKind::Yixin => wechat::callback(person, id, act, signed),
            ChannelKind::Qq => qq::callback(&self.inner, person, id, act, signed),
            ChannelKind::Alipay => alipay::callback(person, id, act, signed),
            ChannelKind::Email => return email::does(&self.inner, person, id, act, signed).await,
            ChannelKind::Telegram => {
                let update = telegram::update(person, id, act);
                let secrets = self.channel.secrets.as_ref().expect("secrets");
                if signed && !secrets.contains_key("secret_token") {
                    return telegram::waits(&self.inner, update, act).await;
                }
                telegram::callback(&update, signed)
            }
            ChannelKind::Wecom => {
                // What a forged hint hints at is not there: that nothing comes in shows by its answer.
                if signed {
                    wecom::keeps(&self.inner, wecom::entry(person, id, act));
                }
                wecom::hint(&self.inner, signed)
            }
        };
        let (status, answer) = self.posts(centre, callback).await;
        if status == 200 && self.inner.kind == ChannelKind::Telegram {
            telegram::answered(&self.inner, &answer, act);
        }
        // This one says in the body that it is to be sent again.
        if self.inner.kind == ChannelKind::Qq && answer.contains("\"d\":1") { 503 } else { status }
    }

    /// Posts a callback; the status and the body of the answer.
    async fn posts(&self, centre: SocketAddr, callback: Callback) -> (u16, String) {
        let Callback { query, headers, body } = callback;
        let path = format!("/hooks/{}{query}", self.channel.name);
        http(centre, "POST", &path, &headers, &body).await
    }

    /// The next text that the provider was sent for `person`; that somebody writes may be shown before it.
    pub async fn reads(&mut self, person: &str) -> String {
        let mut message = self.next().await;
        while message["command"].is_string() {
            message = self.next().await;
        }
        let (to, text) = match self.inner.kind {
            ChannelKind::Generic => (&message["to"], &message["text"]),
            ChannelKind::Wechat | ChannelKind::Yixin | ChannelKind::Wecom => {
                (&message["touser"], &message["text"]["content"])
            }
            ChannelKind::Qq => (&message["to"], &message["content"]),
            ChannelKind::Alipay => (&message["to_user_id"], &message["text"]["content"]),
            ChannelKind::Telegram => (&message["chat_id"], &message["text"]),
            ChannelKind::Email => (&message["to"], &message["text"]),
        };
        assert_eq!(to.as_str(), Some(person), "{message}");
        text.as_str().unwrap_or_else(|| panic!("no text: {message}")).to_owned()
    }

    /// Waits for a picture; whether it has come whole.
    pub async fn sees(&mut self) -> bool {
        loop {
            let message = self.next().await;
            let whole = match self.inner.kind {
                ChannelKind::Generic => generic::picture(&message),
                ChannelKind::Wechat | ChannelKind::Yixin => wechat::picture(&message),
                ChannelKind::Qq => qq::picture(&message),
                ChannelKind::Alipay => None,
                ChannelKind::Telegram => telegram::picture(&message),
                ChannelKind::Email => email::picture(&message),
                ChannelKind::Wecom => wecom::picture(&message),
            };
            if let Some(whole) = whole {
                return whole;
            }
        }
    }

    /// The next message that the provider was sent, in its own format.
    pub async fn next(&mut self) -> Value {
        let next = timeout(PATIENCE, self.sent.recv()).await;
        next.unwrap_or_else(|_| panic!("{} was sent nothing", self.inner.at)).expect("it serves")
    }

    /// Whether it has been sent anything that was not looked at.
    pub fn is_quiet(&mut self) -> bool {
        self.sent.try_recv().is_err()
    }
}
