//! What the REST interface reads and notes.

use ngcc_proto::ask::{Act, Command, Event, Filter};
use ngcc_proto::chat::Message;
use ngcc_proto::{CollabId, MessageId, SessionId};
use tokio::sync::mpsc::UnboundedReceiver;

use super::database::Database;
use super::ledger::Ledger;
use super::{audit, recordings, reports, transcripts};
use crate::messages::{MOST, Store};
use crate::voice::Voice;

/// The most rows of one answer.
const MOST_ROWS: u32 = 200;
/// The most messages of a live session that one answer holds.
const MOST_MESSAGES: usize = 10_000;
/// The most characters of a field of the audit.
const MOST_FIELD: usize = 256;

/// The desk at which agent-gateway asks.
pub(super) struct Ask {
    pub(super) database: Database,
    pub(super) store: Store,
    pub(super) ledger: Ledger,
    pub(super) voice: Voice,
}

impl Ask {
    /// Serves until the house stops.
    pub(super) async fn run(self, mut commands: UnboundedReceiver<(MessageId, Command)>) {
        while let Some((cause, command)) = commands.recv().await {
            match command {
                Command::Note { act } => self.note(cause, act),
                Command::History { filter } => {
                    let answer = self.history(filter).await;
                    self.answer(cause, answer);
                }
                Command::Transcript { session } => {
                    let answer = self.transcript(session).await;
                    self.answer(cause, answer);
                }
                Command::Recording { collab } => {
                    let answer = self.recording(collab).await;
                    self.answer(cause, answer);
                }
                Command::Audit { before, limit } => {
                    let acts = audit::read(&self.database, before, limit.clamp(1, MOST_ROWS)).await;
                    self.answer(cause, acts.map(|acts| Event::Audit { acts }));
                }
            }
        }
    }

    /// Noting does not keep others from reading.
    fn note(&self, cause: MessageId, act: Act) {
        let fits = [&act.user, &act.act, &act.on, &act.from].iter().all(|s| s.chars().count() <= MOST_FIELD);
        if !fits || act.act.is_empty() {
            let why = format!("an act has a name, and no field of more than {MOST_FIELD} characters");
            return self.voice.say(Some(cause), Event::Failed { why });
        }
        let (ledger, voice) = (self.ledger.clone(), self.voice.clone());
        tokio::spawn(async move {
            let event = if ledger.note(act).await { Event::Noted } else { silent() };
            voice.say(Some(cause), event);
        });
    }

    async fn history(&self, filter: Filter) -> Result<Event, sqlx::Error> {
        let filter = Filter { limit: filter.limit.clamp(1, MOST_ROWS), ..filter };
        Ok(Event::History { sessions: reports::find(&self.database, &filter).await? })
    }

    async fn transcript(&self, session: SessionId) -> Result<Event, sqlx::Error> {
        let closed = reports::one(&self.database, session).await?.map(Box::new);
        let messages = match &closed {
            Some(_) => transcripts::read(&self.database, session).await?,
            None => self.live(session).await?,
        };
        let facts = reports::chain(&self.database, session).await?;
        let recordings = recordings::of(&self.database, session).await?;
        Ok(Event::Transcript { closed, facts, messages, recordings })
    }

    async fn recording(&self, collab: CollabId) -> Result<Event, sqlx::Error> {
        let recording = recordings::one(&self.database, collab).await?;
        let closed = match &recording {
            Some(recording) => reports::one(&self.database, recording.session).await?,
            None => None,
        };
        Ok(Event::Recording { recording, agent: closed.and_then(|closed| closed.agent) })
    }

    async fn live(&self, session: SessionId) -> Result<Vec<Message>, sqlx::Error> {
        let mut messages: Vec<Message> = Vec::new();
        loop {
            let after = messages.last().map_or(0, |last| last.seq);
            let page = self.store.page(session, after, MOST, true).await?;
            messages.extend(page.messages);
            if !page.more || messages.len() >= MOST_MESSAGES {
                return Ok(messages);
            }
        }
    }

    fn answer(&self, cause: MessageId, answer: Result<Event, sqlx::Error>) {
        let event = answer.unwrap_or_else(|error| {
            tracing::error!(%error, "a question could not be answered from the database");
            silent()
        });
        self.voice.say(Some(cause), event);
    }
}

fn silent() -> Event {
    Event::Failed { why: "the business database does not answer: try again".to_owned() }
}
