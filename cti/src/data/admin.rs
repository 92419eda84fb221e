//! Changing what is configured: judged as a whole, written in one transaction, then pushed to every role.

use ngcc_proto::admin::{Command, Event};
use ngcc_proto::config::{Object, ObjectKind};
use ngcc_proto::{Ids, MessageId, Rng, channel};
use ngcc_runtime::Vault;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use super::book::{Book, Known, NewId};
use super::change::{Change, Put};
use super::database::{Database, Table, put_meta};
use super::secrets::{self, Keeping, Plain};
use super::{check, names, push, reports};
use crate::Settings;
use crate::error::StartError;
use crate::voice::Voice;

/// The desk at which the operator is served, one command after the other.
pub(super) struct Admin {
    database: Database,
    pub(super) book: Book,
    settings: Settings,
    voice: Voice,
    known: watch::Sender<Known>,
    ids: Ids,
    rng: Rng,
    pub(super) vault: Vault,
}

/// Who wants something changed, or looks.
#[derive(Debug)]
pub(super) enum Asked {
    /// The operator.
    Operator(Command),
    /// An administrator, whose browser the gateway serves.
    Administrator(channel::Change),
}

/// Why nothing was changed.
pub(super) enum Unchanged {
    /// It makes no sense: one line each.
    Problems(Vec<String>),
    /// The business database does not answer.
    Silent,
}

/// A put with what is kept of its secret.
struct Judged {
    object: Object,
    secret: Option<String>,
}

impl Admin {
    /// Opens the desk.
    pub(super) async fn open(
        database: Database,
        book: Book,
        settings: Settings,
        voice: Voice,
        known: watch::Sender<Known>,
    ) -> Result<Self, StartError> {
        let realm = database.meta("realm").await?;
        if let Some(realm) = realm.as_ref().filter(|realm| **realm != settings.realm) {
            tracing::warn!(
                stored = realm,
                now = settings.realm,
                "the realm has changed: phones cannot register before their secrets are set again"
            );
        }
        if realm.as_ref() != Some(&settings.realm) {
            database.set_meta("realm", &settings.realm).await?;
        }
        let (ids, rng) = (voice.house.ids(), voice.house.rng());
        let vault = Vault::of(&voice.house, "channels")?;
        Ok(Self { database, book, settings, voice, known, ids, rng, vault })
    }

    /// Tells every role what is configured.
    pub(super) fn push(&self, cause: Option<MessageId>) {
        self.voice.say(cause, push::for_cti(&self.book, &self.settings));
        self.voice.say(cause, push::for_access(&self.book, &self.settings, &self.vault));
        self.voice.say(cause, push::for_ivr(&self.book, &self.vault));
        self.voice.say(cause, push::for_gateway(&self.book));
    }

    /// Serves until the house stops.
    pub(super) async fn run(mut self, mut asked: UnboundedReceiver<(MessageId, Asked)>) {
        while let Some((id, asked)) = asked.recv().await {
            match asked {
                Asked::Operator(command) => {
                    let answer = self.serve(id, command).await;
                    self.voice.say(Some(id), answer);
                }
                Asked::Administrator(change) => {
                    let answer = self.change_channels(id, change).await;
                    self.voice.say(Some(id), answer);
                }
            }
        }
    }

    async fn serve(&mut self, id: MessageId, command: Command) -> Event {
        match command {
            Command::Put { object } => told(self.change(id, Change::put(object)).await),
            Command::Delete { kind, name } => {
                let change = Change::delete(&self.book, kind, name);
                told(self.change(id, change).await)
            }
            Command::Import { catalogue, replace } => {
                let change = Change::import(&self.book, catalogue, replace);
                told(self.change(id, change).await)
            }
            Command::Export => Event::Exported { catalogue: Box::new(self.book.catalogue()) },
            Command::History { limit } => match reports::history(&self.database, limit).await {
                Ok(sessions) => Event::History { sessions },
                Err(error) => silent(&error),
            },
            Command::Chain { session } => match reports::chain(&self.database, session).await {
                Ok(facts) => Event::Chain { facts },
                Err(error) => silent(&error),
            },
        }
    }

    /// Makes a change, whole or not at all; the version that is configured then.
    pub(super) async fn change(&mut self, id: MessageId, change: Change) -> Result<u64, Unchanged> {
        let mut after = change.applied_to(&self.book);
        let problems = check::problems(&change, &after, self.settings.flow_check);
        if !problems.is_empty() {
            return Err(Unchanged::Problems(problems));
        }
        if change.puts.is_empty() && change.deletes.is_empty() {
            return Ok(self.book.version);
        }
        let puts = self.keep_secrets(change.puts).await.map_err(|why| Unchanged::Problems(vec![why]))?;
        after.version = self.book.version + 1;
        let at = self.voice.house.clock.now().wall;
        let mut minted = Vec::new();
        for put in &puts {
            minted.extend(after.ids.mint(&put.object, &mut self.ids, at));
            let row = after.rows.get_mut(&(put.object.kind(), put.object.name().to_owned()));
            if let Some((row, secret)) = row.zip(put.secret.clone()) {
                row.secret = Some(secret);
            }
        }
        if let Err(error) = self.write(&puts, &change.deletes, &minted, &after).await {
            tracing::error!(%error, "the business database failed a command");
            return Err(Unchanged::Silent);
        }
        self.book = after;
        self.known.send_replace(self.book.known());
        self.push(Some(id));
        Ok(self.book.version)
    }

    /// Makes what is kept of the given secrets, on a blocking thread.
    async fn keep_secrets(&mut self, puts: Vec<Put>) -> Result<Vec<Judged>, String> {
        let keeping = Keeping { realm: self.settings.realm.clone(), vault: self.vault.clone() };
        let mut rng = self.rng.fork();
        let known = |put: Put| (self.book.secret_of(&put.object), put);
        let puts: Vec<(Option<String>, Put)> = puts.into_iter().map(known).collect();
        let keep = move || {
            let keep = |(before, put): (Option<String>, Put), rng: &mut Rng| {
                let again = |plain: Plain| secrets::keep_again(&plain, before.as_deref(), &keeping, rng);
                let kept = put.secret.map(again).transpose();
                kept.map(|secret| Judged { object: put.object, secret })
            };
            puts.into_iter().map(|put| keep(put, &mut rng)).collect::<Result<Vec<Judged>, _>>()
        };
        let kept = tokio::task::spawn_blocking(keep).await.map_err(|error| error.to_string())?;
        kept.map_err(|error| format!("a secret cannot be kept: {error}"))
    }

    async fn write(
        &self,
        puts: &[Judged],
        deletes: &[(ObjectKind, String)],
        minted: &[NewId],
        after: &Book,
    ) -> Result<(), sqlx::Error> {
        let mut tx = self.database.begin().await?;
        for (kind, name) in deletes {
            Table::of(*kind).delete(&mut tx, name).await?;
        }
        for Judged { object, .. } in puts {
            let settings = names::settings(object).map_err(|error| sqlx::Error::Encode(error.into()))?;
            let row = after.rows.get(&(object.kind(), object.name().to_owned()));
            let secret = row.and_then(|row| row.secret.as_deref());
            Table::of(object.kind()).put(&mut tx, object.name(), &settings, secret).await?;
        }
        for (kind, name, id) in minted {
            sqlx::query("INSERT INTO ids (kind, name, id) VALUES ($1, $2, $3)")
                .bind(*kind)
                .bind(name)
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        put_meta(&mut tx, "version", &after.version.to_string()).await?;
        tx.commit().await
    }
}

/// What the operator is told of a change.
fn told(done: Result<u64, Unchanged>) -> Event {
    match done {
        Ok(version) => Event::Done { version },
        Err(Unchanged::Problems(problems)) => Event::Refused { problems },
        Err(Unchanged::Silent) => unanswered(),
    }
}

fn silent(error: &sqlx::Error) -> Event {
    tracing::error!(%error, "the business database failed a command");
    unanswered()
}

fn unanswered() -> Event {
    Event::Refused {
        problems: vec!["the business database does not answer: nothing was changed, try again".to_owned()],
    }
}
