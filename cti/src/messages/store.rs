//! The file `customers.db`.

use std::collections::BTreeMap;

use ngcc_proto::chat::{Author, Content, MAX_KEY, Message};
use ngcc_proto::{MessageId, SessionId, Wall};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::error::StartError;
use crate::sqlite::{File, Shape};

const SHAPE: Shape = Shape {
    file: "customers.db",
    page: 4096,
    steps: &[("customers", include_str!("../../migrations/customers_0001.sql"))],
};

/// What is there already of a batch: its place in the batch and the message.
const REPEATS: &str = "SELECT j.key AS place, m.seq, m.id, m.at, m.private, m.body \
    FROM json_each($1) AS j CROSS JOIN messages AS m \
    WHERE m.session = j.value ->> 0 AND m.sender = j.value ->> 1 AND m.key = j.value ->> 2";
/// The last number of each session of a batch.
const LAST: &str = "SELECT j.value, coalesce((SELECT max(seq) FROM messages WHERE session = j.value), 0) \
    FROM json_each($1) AS j";
/// One statement for a batch costs a twentieth of one a message.
const INSERT: &str = "INSERT INTO messages (session, seq, id, sender, key, at, private, body) \
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7 \
    FROM json_each($1)";
const PAGE: &str = "SELECT seq, id, at, private, body FROM messages \
    WHERE session = $1 AND seq > $2 AND private <= $3 ORDER BY seq LIMIT $4";

/// The customers' message store. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Store(File);

/// A message that has no number yet.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) session: SessionId,
    pub(crate) sender: String,
    pub(crate) key: String,
    pub(crate) id: MessageId,
    pub(crate) at: Wall,
    pub(crate) by: Author,
    pub(crate) content: Content,
    pub(crate) private: bool,
}

/// A message that is on disk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) message: Message,
    /// It was there before.
    pub(crate) repeat: bool,
}

/// Some of a session's messages in order.
#[derive(Debug, PartialEq)]
pub(crate) struct Page {
    pub(crate) messages: Vec<Message>,
    /// There are more behind them.
    pub(crate) more: bool,
}

/// The part of a message that is kept as JSON.
#[derive(Serialize, Deserialize)]
struct Written {
    by: Author,
    content: Content,
}

impl Draft {
    /// Whether it can be stored: its key is one, and what it says is not endless.
    pub(crate) fn is_fit(&self) -> bool {
        let key = |text: &str, most: usize| {
            !text.is_empty() && text.len() <= most && !text.chars().any(char::is_control)
        };
        let content = match &self.content {
            Content::Text { .. } | Content::File { .. } => self.content.check().is_ok(),
            Content::Notice(_) | Content::Masked => true,
        };
        key(&self.key, MAX_KEY) && key(&self.sender, 128) && content
    }
}

impl Store {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// It cannot be opened, or is of a newer build.
    pub(crate) async fn open(data_dir: &std::path::Path) -> Result<Self, StartError> {
        Ok(Self(File::open(data_dir, &SHAPE).await?))
    }

    /// Stores a batch in one transaction: each message gets the next number of its session; one whose sender
    /// and key are there is answered with what is there. The answers come in the batch's order.
    ///
    /// # Errors
    /// Nothing of the batch is stored.
    pub(crate) async fn keep(&self, batch: &[Draft]) -> Result<Vec<Kept>, sqlx::Error> {
        let mut tx = self.0.begin().await?;
        let mut there = repeats(&mut tx, batch).await?;
        let mut last = last(&mut tx, batch).await?;
        let mut first: BTreeMap<(SessionId, &str, &str), usize> = BTreeMap::new();
        let (mut kept, mut rows): (Vec<Kept>, Vec<String>) = (Vec::with_capacity(batch.len()), Vec::new());
        for (place, draft) in batch.iter().enumerate() {
            if let Some(message) = there.remove(&place) {
                kept.push(Kept { message, repeat: true });
                continue;
            }
            let earlier = *first.entry((draft.session, &draft.sender, &draft.key)).or_insert(place);
            if let Some(Kept { message, .. }) = kept.get(earlier) {
                let message = message.clone();
                kept.push(Kept { message, repeat: true });
                continue;
            }
            let seq = last.entry(draft.session).or_default();
            *seq += 1;
            rows.push(draft.row(*seq)?);
            kept.push(Kept { message: draft.numbered(*seq), repeat: false });
        }
        if !rows.is_empty() {
            sqlx::query(INSERT).bind(format!("[{}]", rows.join(","))).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// A session's messages behind `after`, at most `limit`, with or without private ones.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn page(
        &self,
        session: SessionId,
        after: u64,
        limit: u32,
        private: bool,
    ) -> Result<Page, sqlx::Error> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let rows = sqlx::query(PAGE)
            .bind(session.to_string())
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(private)
            .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
            .fetch_all(&self.0.read)
            .await?;
        let messages = rows.iter().take(limit).map(read).collect::<Result<_, _>>()?;
        Ok(Page { messages, more: rows.len() > limit })
    }
}

impl Draft {
    fn numbered(&self, seq: u64) -> Message {
        let Self { id, at, by, content, private, .. } = self.clone();
        Message { seq, id, at, by, content, private }
    }

    /// A row of [`INSERT`].
    fn row(&self, seq: u64) -> Result<String, sqlx::Error> {
        let written = Written { by: self.by.clone(), content: self.content.clone() };
        let body = serde_json::to_string(&written).map_err(unwritable)?;
        let private = u8::from(self.private);
        let row = (self.session, seq, self.id, &self.sender, &self.key, self.at.0, private, body);
        serde_json::to_string(&row).map_err(unwritable)
    }
}

async fn repeats(
    tx: &mut Transaction<'static, Sqlite>,
    batch: &[Draft],
) -> Result<BTreeMap<usize, Message>, sqlx::Error> {
    let keys: Vec<_> = batch.iter().map(|draft| (draft.session, &draft.sender, &draft.key)).collect();
    let keys = serde_json::to_string(&keys).map_err(unwritable)?;
    let rows = sqlx::query(REPEATS).bind(keys).fetch_all(&mut **tx).await?;
    let place =
        |row: &SqliteRow| Ok((usize::try_from(row.try_get::<i64, _>("place")?).unwrap_or(0), read(row)?));
    rows.iter().map(place).collect()
}

async fn last(
    tx: &mut Transaction<'static, Sqlite>,
    batch: &[Draft],
) -> Result<BTreeMap<SessionId, u64>, sqlx::Error> {
    let sessions: std::collections::BTreeSet<SessionId> = batch.iter().map(|draft| draft.session).collect();
    let sessions = serde_json::to_string(&sessions).map_err(unwritable)?;
    let rows: Vec<(String, i64)> = sqlx::query_as(LAST).bind(sessions).fetch_all(&mut **tx).await?;
    let number = |(session, last): (String, i64)| {
        let session = session.parse().map_err(|e: ngcc_proto::id::BadId| sqlx::Error::Decode(e.into()))?;
        Ok((session, u64::try_from(last).unwrap_or(0)))
    };
    rows.into_iter().map(number).collect()
}

fn read(row: &SqliteRow) -> Result<Message, sqlx::Error> {
    let (seq, id, at): (i64, String, i64) = (row.try_get("seq")?, row.try_get("id")?, row.try_get("at")?);
    let body: String = row.try_get("body")?;
    let Written { by, content } = serde_json::from_str(&body).map_err(|e| sqlx::Error::Decode(e.into()))?;
    Ok(Message {
        seq: u64::try_from(seq).unwrap_or(0),
        id: id.parse().map_err(|e: ngcc_proto::id::BadId| sqlx::Error::Decode(e.into()))?,
        at: Wall(at),
        by,
        content,
        private: row.try_get("private")?,
    })
}

fn unwritable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(error.into())
}
