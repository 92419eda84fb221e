//! Who customers are. One task changes and reads contacts, one request after the other, so that what was looked at
//! stands when it is written.

mod change;
mod find;
mod join;
mod proof;
mod rows;
mod view;

use std::collections::VecDeque;
use std::time::Duration;

use ngcc_proto::contact::{Ask, Asker, Command, Event, Evidence, Noted};
use ngcc_proto::{ContactId, Ids, MessageId, UserUri};
use ngcc_runtime::Counter;
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::database::Database;
use super::reports;
use super::writer::RETRIES;
use crate::voice::Voice;

static LOST: Counter = Counter::new(
    "ngcc_contact_evidence_lost_total",
    "Proofs and claims about customers given up because too many waited for the business database.",
);

/// The most evidence that waits for the database.
const MOST_LATER: usize = 4096;
const RETRY: Duration = Duration::from_secs(1);

/// What comes to this desk.
pub(super) enum Asked {
    /// From agent-gateway.
    Command(MessageId, Command),
    /// From softacd.
    Evidence(MessageId, Evidence),
}

/// A change under way: its transaction, and what it makes ids from.
struct Work<'a> {
    tx: Transaction<'static, Sqlite>,
    ids: &'a mut Ids,
    now: ngcc_proto::Wall,
}

/// The desk.
pub(super) struct Contacts {
    database: Database,
    voice: Voice,
    ids: Ids,
    /// Evidence that the database did not take, in order, and when it is tried again.
    later: VecDeque<Evidence>,
    due: Instant,
}

impl Contacts {
    pub(super) fn new(database: Database, voice: Voice) -> Self {
        let ids = voice.house.ids();
        Self { database, voice, ids, later: VecDeque::new(), due: Instant::now() }
    }

    /// Serves until the house stops, and then tries what is left once more.
    pub(super) async fn run(mut self, mut asked: UnboundedReceiver<Asked>) {
        loop {
            tokio::select! {
                asked = asked.recv() => match asked {
                    Some(Asked::Command(cause, command)) => {
                        let event = self.answer(command).await.unwrap_or_else(|error| {
                            tracing::error!(%error, "a question about a customer could not be answered");
                            Event::Failed
                        });
                        self.voice.say(Some(cause), event);
                    }
                    Some(Asked::Evidence(cause, evidence)) => {
                        let noted = self.hear(evidence).await;
                        self.voice.say(Some(cause), noted);
                    }
                    None => return self.again().await,
                },
                () = sleep_until(self.due), if !self.later.is_empty() => self.again().await,
            }
        }
    }

    /// Evidence waits behind what came before it.
    async fn hear(&mut self, evidence: Evidence) -> Noted {
        if self.later.is_empty() {
            match self.note(&evidence).await {
                Ok(noted) => return noted,
                Err(error) => {
                    RETRIES.inc();
                    tracing::warn!(%error, "the business database did not take who a customer is; it is tried again");
                    self.due = Instant::now() + RETRY;
                }
            }
        }
        if self.later.len() >= MOST_LATER {
            LOST.inc();
            return Noted::Refused;
        }
        self.later.push_back(evidence);
        Noted::Later
    }

    async fn again(&mut self) {
        while let Some(evidence) = self.later.pop_front() {
            if let Err(error) = self.note(&evidence).await {
                RETRIES.inc();
                tracing::warn!(%error, waiting = self.later.len() + 1, "the business database did not take who customers are");
                self.later.push_front(evidence);
                self.due = Instant::now() + RETRY;
                return;
            }
        }
    }

    async fn note(&mut self, evidence: &Evidence) -> Result<Noted, sqlx::Error> {
        let mut work = self.work().await?;
        let noted = match evidence {
            Evidence::Proved { customer, on, name, attributes } => {
                work.proved(customer, on, name.as_ref(), attributes.as_ref()).await?;
                Noted::Kept
            }
            Evidence::Claimed { user, attributes } => work.claimed(user, attributes).await?,
        };
        if noted == Noted::Kept {
            work.tx.commit().await?;
        }
        Ok(noted)
    }

    async fn work(&mut self) -> Result<Work<'_>, sqlx::Error> {
        let tx = self.database.begin().await?;
        Ok(Work { tx, now: self.voice.now(), ids: &mut self.ids })
    }

    async fn answer(&mut self, Command { by, what }: Command) -> Result<Event, sqlx::Error> {
        match what {
            Ask::Of { user, display } => self.of(&by, &user, display).await,
            Ask::OfSession { session } => {
                let Some(closed) = reports::one(&self.database, session).await? else {
                    return Ok(Event::Unknown);
                };
                let Ok(user) = closed.user.parse::<UserUri>() else { return Ok(Event::Unknown) };
                self.of(&by, &user, closed.display).await
            }
            Ask::Get { contact } => {
                let mut conn = self.database.read.acquire().await?;
                seen(&mut conn, &by, contact).await
            }
            Ask::Find { text, before, limit } => {
                self.made(&by, &text).await?;
                let mut conn = self.database.read.acquire().await?;
                find::find(&mut conn, &by, &text, before, limit).await
            }
            Ask::Sessions { contact, before, limit } => {
                find::sessions(&self.database, &by, contact, before, limit).await
            }
            Ask::Serves { session } => {
                let Some(closed) = reports::one(&self.database, session).await? else {
                    return Ok(Event::Serves { yes: false });
                };
                let mut conn = self.database.read.acquire().await?;
                Ok(Event::Serves { yes: find::serves(&mut conn, &by, &closed.user).await? })
            }
            Ask::Labels { prefix } => {
                let mut conn = self.database.read.acquire().await?;
                find::labels(&mut conn, &prefix).await
            }
            Ask::Change { contact, version, change } => {
                self.work().await?.change(&by, contact, version, change).await
            }
            Ask::Merge { contact, version, other } => {
                self.work().await?.merge(&by, contact, version, other).await
            }
            Ask::Split { contact, version, part } => {
                self.work().await?.split(&by, contact, version, &part).await
            }
        }
    }

    /// The contact of a URI, made if there is none yet.
    async fn of(
        &mut self,
        by: &Asker,
        user: &UserUri,
        display: Option<String>,
    ) -> Result<Event, sqlx::Error> {
        let uri = user.to_string();
        {
            let mut conn = self.database.read.acquire().await?;
            if !find::may(&mut conn, by, std::slice::from_ref(&uri)).await? {
                return Ok(Event::Unknown);
            }
        }
        let mut work = self.work().await?;
        let node = work.node(&uri).await?;
        if let Some(name) = display {
            work.named(&node, &name, "claimed").await?;
        }
        let root = rows::root(&mut work.tx, &node).await?;
        let contact = view::contact(&mut work.tx, &root).await?;
        work.tx.commit().await?;
        Ok(contact.map_or(Event::Unknown, |contact| Event::Contact { contact: Box::new(contact) }))
    }

    /// Whoever has called and was never looked at has no contact yet: a search for the whole of their URI, or for their
    /// number, makes one.
    async fn made(&mut self, by: &Asker, text: &str) -> Result<(), sqlx::Error> {
        let text = text.trim();
        for uri in [text.to_owned(), format!("tel:{text}")] {
            let Ok(user) = uri.parse::<UserUri>() else { continue };
            let known = {
                let mut conn = self.database.read.acquire().await?;
                rows::identity(&mut conn, &uri).await?.is_some() || !find::has_come(&mut conn, &uri).await?
            };
            if !known {
                self.of(by, &user, None).await?;
            }
        }
        Ok(())
    }
}

/// The contact as it is, if the asker may see it.
async fn seen(conn: &mut SqliteConnection, by: &Asker, contact: ContactId) -> Result<Event, sqlx::Error> {
    let root = rows::root(conn, &contact.to_string()).await?;
    let Some(contact) = view::contact(conn, &root).await? else { return Ok(Event::Unknown) };
    let users: Vec<String> = contact.identities.iter().map(|one| one.user.to_string()).collect();
    if !find::may(conn, by, &users).await? {
        return Ok(Event::Unknown);
    }
    Ok(Event::Contact { contact: Box::new(contact) })
}
