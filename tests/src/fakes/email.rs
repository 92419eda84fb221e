//! An account of mail: an IMAP server that has its letters, an SMTP server that takes what it sends, and its customers'
//! mailboxes behind that, where a letter that comes twice is one.

mod imap;
mod letter;
mod smtp;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use ngcc_proto::config::{Mail, MailMark};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{Act, Inner, PATIENCE, PICTURE, locked};
pub(super) use letter::picture;

/// The account's address, its server's name for what it finds, and the password.
pub(super) const ADDRESS: &str = "support@shop.example";
const CHECKED_BY: &str = "mx.shop.example";
pub(super) const PASSWORD: &str = "p\"ass\\word";
/// Where its customers are.
const CUSTOMERS: &str = "customers.example";

/// How the ways to the servers are guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ways {
    /// Not at all.
    Plain,
    /// By STARTTLS, without which nothing is said.
    StartTls,
    /// By TLS from the first byte.
    Tls,
}

/// A letter in the account's mailbox.
#[derive(Clone)]
struct Lies {
    uid: u32,
    raw: Arc<Vec<u8>>,
    seen: bool,
}

/// The mailbox.
#[derive(Default)]
struct Mailbox {
    letters: Vec<Lies>,
    /// UIDs count from here; another number here is another UIDVALIDITY.
    era: u32,
    /// Marks are asked for and not made.
    held: bool,
    /// How often a mark was asked for.
    marks: u32,
}

/// The account, as a test looks at it and plays with it.
#[derive(Default)]
pub struct Account {
    mailbox: watch::Sender<Mailbox>,
    /// The latest letter that each customer has from it: its id and its text.
    latest: Mutex<BTreeMap<String, (String, String)>>,
    /// The ids of all letters that were taken, and how often one came again.
    known: Mutex<BTreeSet<String>>,
    again: Mutex<u32>,
    /// The certificate (PEM) and the key of both servers, where they have one.
    tls: OnceLock<(String, TlsAcceptor)>,
    ways: OnceLock<Ways>,
}

impl Account {
    /// Nothing is marked as seen from now on, or it is again.
    pub fn holds_marks(&self, held: bool) {
        self.mailbox.send_modify(|mailbox| mailbox.held = held);
    }

    /// Waits until a mark has been asked for since there were `before`.
    pub async fn marked(&self, before: u32) {
        let mut mailbox = self.mailbox.subscribe();
        let marked = timeout(PATIENCE, mailbox.wait_for(|mailbox| mailbox.marks > before)).await;
        drop(marked.expect("a letter is marked").expect("it serves"));
    }

    /// How often a mark was asked for.
    pub fn marks(&self) -> u32 {
        self.mailbox.borrow().marks
    }

    /// The server numbers all letters anew, as after a repair.
    pub fn numbers_anew(&self) {
        self.mailbox.send_modify(|mailbox| mailbox.era += 1);
    }

    /// How often a letter came that had come before.
    pub fn again(&self) -> u32 {
        *locked(&self.again)
    }

    /// A letter arrives, as it is; waits until it is seen.
    pub async fn arrives(&self, raw: Vec<u8>) {
        assert!(self.puts(raw).await, "the letter is seen");
    }

    /// A letter comes back to whom it was from: the one that `id` names.
    pub async fn returns(&self, id: &str) {
        self.arrives(letter::bounce(id)).await;
    }

    /// The certificate of the servers (PEM).
    pub fn certificate(&self) -> &str {
        &self.tls.get().expect("it has one").0
    }

    async fn puts(&self, raw: Vec<u8>) -> bool {
        let mut uid = 0;
        self.mailbox.send_modify(|mailbox| {
            uid = u32::try_from(mailbox.letters.len()).expect("few") + 1;
            mailbox.letters.push(Lies { uid, raw: Arc::new(raw), seen: false });
        });
        let mut mailbox = self.mailbox.subscribe();
        let seen = |mailbox: &Mailbox| mailbox.letters.iter().any(|letter| letter.uid == uid && letter.seen);
        timeout(PATIENCE, mailbox.wait_for(seen)).await.is_ok_and(|seen| seen.is_ok())
    }

    fn ways(&self) -> Ways {
        *self.ways.get().expect("it serves")
    }

    fn acceptor(&self) -> &TlsAcceptor {
        &self.tls.get().expect("it has a certificate").1
    }
}

/// Starts both servers; the settings that lead there.
pub(super) async fn start(inner: &Arc<Inner>, ways: Ways) -> Mail {
    let account = &inner.mail;
    let _ = account.ways.set(ways);
    if ways != Ways::Plain {
        account.tls.get_or_init(certificate);
    }
    let imap = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let smtp = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = |listener: &TcpListener| listener.local_addr().expect("an address");
    let (read_at, written_at) = (at(&imap), at(&smtp));
    tokio::spawn(serves(imap, Arc::clone(inner), true));
    tokio::spawn(serves(smtp, Arc::clone(inner), false));
    let behind = match ways {
        Ways::Plain => "",
        Ways::StartTls => "+starttls",
        Ways::Tls => "s",
    };
    let url = |scheme: &str, at: SocketAddr| format!("{scheme}{behind}://{at}");
    Mail {
        imap: url("imap", read_at),
        smtp: url("smtp", written_at),
        user: String::new(),
        display: "The Shop".to_owned(),
        checked_by: CHECKED_BY.to_owned(),
        mark: MailMark::None,
    }
}

fn certificate() -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("its key");
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn serves(listener: TcpListener, inner: Arc<Inner>, reads: bool) {
    while let Ok((stream, _)) = listener.accept().await {
        let inner = Arc::clone(&inner);
        tokio::spawn(async move {
            let stream: Box<dyn Both> = match inner.mail.ways() {
                Ways::Plain | Ways::StartTls => Box::new(stream),
                Ways::Tls => Box::new(inner.mail.acceptor().accept(stream).await.ok()?),
            };
            let line = Talk { line: BufReader::new(stream) };
            if reads { imap::serve(line, &inner).await } else { smtp::serve(line, &inner).await }
        });
    }
}

/// Bytes both ways.
trait Both: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// A connection of lines. None: it is over.
struct Talk {
    line: BufReader<Box<dyn Both>>,
}

impl Talk {
    async fn hears(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.line.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn says(&mut self, text: &str) -> Option<()> {
        self.writes(format!("{text}\r\n").as_bytes()).await
    }

    async fn writes(&mut self, bytes: &[u8]) -> Option<()> {
        self.line.write_all(bytes).await.ok()?;
        self.line.flush().await.ok()
    }

    /// Goes over to TLS.
    async fn secures(self, inner: &Inner) -> Option<Self> {
        let stream = inner.mail.acceptor().accept(self.line.into_inner()).await.ok()?;
        Some(Self { line: BufReader::new(Box::new(stream)) })
    }
}

/// A customer does something, which is a letter; what a callback would have been answered.
pub(super) async fn does(inner: &Inner, person: &str, id: &str, act: &Act<'_>, signed: bool) -> u16 {
    let latest = locked(&inner.mail.latest).get(person).cloned();
    let seen = inner.mail.puts(letter::of(person, id, act, latest.filter(|_| signed), signed)).await;
    match (seen, signed) {
        (true, true) => 200,
        (true, false) => 403,
        (false, _) => 503,
    }
}

/// The customers' mailboxes: a letter that they have already is the same.
fn delivers(inner: &Inner, to: &str, raw: &str) {
    let told = letter::told(to, raw);
    let word = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    if !locked(&inner.mail.known).insert(word("id")) {
        *locked(&inner.mail.again) += 1;
        return;
    }
    locked(&inner.mail.latest).insert(word("to"), (word("id"), word("text")));
    inner.takes(told);
}
