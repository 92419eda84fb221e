//! E-mail: an account that is read by IMAP and written by SMTP. Whoever writes is who their letter says it is from, which
//! proves nothing; a letter that answers one of ours belongs to whom that was for.
//!
//! What is unseen in the INBOX is what is to be taken: a letter is seen when it is on disk, and what comes twice by a
//! crash between the two is known by its id. So the server remembers how far this is, and nothing has to be kept here.

mod bounce;
mod compose;
mod guard;
mod html;
mod imap;
mod line;
mod quote;
mod read;
mod smtp;
#[cfg(test)]
mod tests;
mod thread;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ngcc_proto::Secret;
use ngcc_proto::config::{Channel, MailHost, MailMark};
use ngcc_runtime::metrics::CounterBy;
use ngcc_softacd_core::channel::{Piece, Post};
use tokio::time::{sleep, timeout};

use super::adapter::Adapter;
use super::poll::{FIRST, LONGEST, PATIENCE};
use super::provider::{Failed, Provider};
use super::{Channels, hook};
use crate::web::often::Often;
use guard::Why;
use imap::Imap;
use read::{Account, Found};
use thread::Marks;

static ASIDE: CounterBy = CounterBy::new(
    "ngcc_mail_aside_total",
    "Letters that were put aside without a session, by why: automatic, list, own, forged, too_many, unreadable.",
    "why",
);

/// The most bytes of a letter that is taken whole, and how much is looked at of a larger one.
const MAX_LETTER: usize = 25 << 20;
const BEGINNING: usize = 256 << 10;
/// The most bytes of a file that is sent: with its encoding the letter stays within what servers take.
const MAX_FILE: u64 = 18 << 20;
/// How often the mailbox is looked into, whatever the server says of new letters.
const LOOKS: Duration = Duration::from_secs(60);
/// So many letters of one sender are taken an hour, and so many sent to one address: no loop goes faster.
const MOST_IN: usize = 20;
const MOST_OUT: usize = 60;
const HOUR: Duration = Duration::from_secs(3600);

/// See the module.
pub(super) struct Email {
    account: Arc<Account>,
    /// None: it was written for another version, and says so when it is used.
    hosts: Option<(MailHost, MailHost)>,
    user: String,
    password: Secret,
    display: String,
    mark: MailMark,
    came: Mutex<Often<String>>,
    went: Mutex<Often<String>>,
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({})", self.account.channel)
    }
}

impl Email {
    pub(super) fn new(settings: &Channel, secrets: &BTreeMap<String, String>) -> Self {
        let mail = settings.mail.clone().unwrap_or_default();
        let password = secrets.get("password").cloned().unwrap_or_default();
        let address = settings.account.to_lowercase();
        let hosts = MailHost::imap(&mail.imap).ok().zip(MailHost::smtp(&mail.smtp).ok());
        Self {
            hosts,
            user: if mail.user.is_empty() { settings.account.clone() } else { mail.user },
            display: mail.display,
            mark: mail.mark,
            account: Arc::new(Account {
                channel: settings.name.clone(),
                marks: Marks::new(&settings.name, &address, &password),
                address,
                checked_by: mail.checked_by,
                zh: settings.lang == "zh",
            }),
            password: Secret::new(password),
            came: Mutex::new(Often::new(MOST_IN, HOUR)),
            went: Mutex::new(Often::new(MOST_OUT, HOUR)),
        }
    }

    fn hosts(&self) -> Result<&(MailHost, MailHost), Failed> {
        self.hosts.as_ref().ok_or_else(|| Failed::Now("it is not known where its letters are".to_owned()))
    }

    /// Sends a letter.
    pub(super) async fn send(&self, post: &Post, ours: &Provider<'_>) -> Result<(), Failed> {
        let (_, smtp) = self.hosts()?;
        let now = ours.clock.now();
        if !self.went.lock().unwrap_or_else(PoisonError::into_inner).might(&post.to, now.mono) {
            return Err(Failed::Now(
                "there were too many letters to this address within the hour".to_owned(),
            ));
        }
        let bytes = match &post.piece {
            Piece::File { file, .. } => ours.bytes(*file, MAX_FILE).await?,
            Piece::Text(_) | Piece::Asks { .. } => vec![],
        };
        let account = &self.account;
        let from = compose::From {
            address: &account.address,
            display: &self.display,
            marks: &account.marks,
            mark: self.mark,
            zh: account.zh,
        };
        let letter = compose::compose(&from, post, bytes, now.wall)?;
        let domain = account.address.rsplit_once('@').map_or("", |(_, domain)| domain);
        smtp::hand_over(smtp, (&self.user, &self.password), domain, &letter).await?;
        // What the server has taken counts, whatever becomes of it.
        let _ = self.went.lock().unwrap_or_else(PoisonError::into_inner).may(post.to.clone(), now.mono);
        Ok(())
    }
}

/// Looks into the account's mailbox for as long as the channel is set up so.
pub(super) async fn watch(channels: &Channels, channel: &str, (adapter, email): (&Adapter, &Email)) {
    let mut pause = FIRST;
    loop {
        let begun = Instant::now();
        let Err(error) = serve(channels, channel, (adapter, email), &mut pause).await;
        let why = adapter.health.failed(&error, channels.clock.now().wall);
        tracing::warn!(channel, why, "a channel's mailbox is not read");
        sleep(pause).await;
        pause = if begun.elapsed() > LONGEST { FIRST } else { (pause * 2).min(LONGEST) };
    }
}

/// One connection, until it fails. A letter that is taken, and a mailbox that is empty, end the pauses.
async fn serve(
    channels: &Channels,
    channel: &str,
    (adapter, email): (&Adapter, &Email),
    pause: &mut Duration,
) -> Result<Infallible, Failed> {
    let (host, _) = email.hosts()?;
    let mut imap = Imap::open(host, &email.user, &email.password).await?;
    loop {
        let unseen = imap.unseen().await?;
        adapter.health.answered(channels.clock.now().wall);
        for uid in unseen {
            take(channels, channel, (adapter, email), &mut imap, uid).await?;
            imap.seen(uid).await?;
            *pause = FIRST;
        }
        *pause = FIRST;
        imap.waits(LOOKS).await?;
    }
}

/// Takes a letter: done when all of it is on disk, or it is put aside.
async fn take(
    channels: &Channels,
    channel: &str,
    (adapter, email): (&Adapter, &Email),
    imap: &mut Imap,
    uid: u32,
) -> Result<(), Failed> {
    let Some(size) = imap.size(uid).await? else { return Ok(()) };
    let whole = size <= MAX_LETTER as u64;
    let Some(raw) = imap.letter(uid, if whole { MAX_LETTER } else { BEGINNING }).await? else {
        return Ok(());
    };
    let account = Arc::clone(&email.account);
    // A large letter takes a while to read.
    let found = tokio::task::spawn_blocking(move || read::read(&raw, whole, &account)).await;
    let (from, brought) = match found {
        Ok(Found::Brought { from, brought }) => (from, brought),
        Ok(Found::Nothing(why)) => return put_aside(channel, why),
        Err(_) => return put_aside(channel, Why::Unreadable),
    };
    let now = channels.clock.now().mono;
    let often = || email.came.lock().unwrap_or_else(PoisonError::into_inner);
    if from.as_ref().is_some_and(|from| !often().might(from, now)) {
        return put_aside(channel, Why::TooMany);
    }
    let taken = timeout(PATIENCE, hook::take_all(channels, adapter, channel, brought));
    if !taken.await.unwrap_or(false) {
        return Err(Failed::Now(
            "a letter could not be put on disk: it stays unread and is read again".to_owned(),
        ));
    }
    // It counts once, however often it had to be tried.
    let _ = from.map(|from| often().may(from, now));
    Ok(())
}

fn put_aside(channel: &str, why: Why) -> Result<(), Failed> {
    ASIDE.with(why.word()).inc();
    tracing::info!(channel, why = why.word(), "a letter is put aside");
    Ok(())
}
