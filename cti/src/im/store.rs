//! The file `colleagues.db`.

use std::path::Path;

use ngcc_proto::chat::Text;
use ngcc_proto::im::{Message, Quote};
use ngcc_proto::{AgentUri, MessageId, Wall};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::error::StartError;
use crate::sqlite::{File, Shape};

const SHAPE: Shape = Shape {
    file: "colleagues.db",
    page: 4096,
    steps: &[("colleagues", include_str!("../../migrations/colleagues_0001.sql"))],
};

/// The most messages that may lie unacknowledged in a box.
pub(super) const MOST_IN_BOX: u64 = 10_000;

/// The colleagues' store. Clones share its connections.
#[derive(Clone, Debug)]
pub(super) struct Store(File);

/// A message that has no number yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) id: MessageId,
    pub(super) from: AgentUri,
    pub(super) to: AgentUri,
    pub(super) key: String,
    pub(super) at: Wall,
    pub(super) text: Text,
    pub(super) quote: Option<Quote>,
}

/// What has become of a draft.
#[derive(Debug, PartialEq)]
pub(super) enum Put {
    /// It is on disk.
    New(Message),
    /// It was there already.
    Repeat(Message),
    /// Too much lies in the receiver's box.
    BoxFull,
}

/// One write.
#[derive(Clone, Debug)]
pub(super) enum Write {
    Put(Draft),
    Got { owner: AgentUri, seq: u64 },
}

impl Store {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// It cannot be opened, or is of a newer build.
    pub(super) async fn open(data_dir: &Path) -> Result<Self, StartError> {
        Ok(Self(File::open(data_dir, &SHAPE).await?))
    }

    /// Writes a batch in one transaction; for each draft, in order, what has become of it.
    ///
    /// # Errors
    /// Nothing of the batch is stored.
    pub(super) async fn write(&self, batch: &[Write]) -> Result<Vec<Put>, sqlx::Error> {
        let mut tx = self.0.begin().await?;
        let mut puts = Vec::new();
        for write in batch {
            match write {
                Write::Put(draft) => puts.push(put(&mut tx, draft).await?),
                Write::Got { owner, seq } => got(&mut tx, owner, *seq).await?,
            }
        }
        tx.commit().await?;
        Ok(puts)
    }

    /// What lies unacknowledged in a box behind `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn waiting(
        &self,
        owner: &AgentUri,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Message>, sqlx::Error> {
        let sql = "SELECT * FROM messages WHERE receiver = $1 AND seq > $2 \
            AND seq > coalesce((SELECT got FROM boxes WHERE owner = $1), 0) ORDER BY seq LIMIT $3";
        let rows = sqlx::query(sql)
            .bind(owner.name())
            .bind(int(after))
            .bind(i64::from(limit))
            .fetch_all(&self.0.read)
            .await?;
        rows.iter().map(read).collect()
    }

    /// What two have written to each other, newest first: at most `limit`, and then those of the same millisecond
    /// as the last, so that a page that begins before it has missed none.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn conversation(
        &self,
        two: (&AgentUri, &AgentUri),
        before: Option<Wall>,
        limit: u32,
    ) -> Result<Vec<Message>, sqlx::Error> {
        // Each direction is read along the index and cut before the two are merged.
        let between = "SELECT * FROM (SELECT * FROM messages WHERE sender = $1 AND receiver = $2 AND at < $3 \
                ORDER BY at DESC, n DESC LIMIT $4) \
            UNION SELECT * FROM (SELECT * FROM messages WHERE sender = $2 AND receiver = $1 AND at < $3 \
                ORDER BY at DESC, n DESC LIMIT $4) \
            ORDER BY at DESC, n DESC LIMIT $4";
        let rows = sqlx::query(between)
            .bind(two.0.name())
            .bind(two.1.name())
            .bind(before.map_or(i64::MAX, |before| before.0))
            .bind(i64::from(limit))
            .fetch_all(&self.0.read)
            .await?;
        let mut messages: Vec<Message> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let last = rows.last().map(|row| Ok::<_, sqlx::Error>((row.try_get("at")?, row.try_get("n")?)));
        if messages.len() == limit as usize
            && let Some((at, n)) = last.transpose()?
        {
            messages.extend(self.same_time(two, at, n).await?);
        }
        Ok(messages)
    }

    async fn same_time(
        &self,
        two: (&AgentUri, &AgentUri),
        at: i64,
        n: i64,
    ) -> Result<Vec<Message>, sqlx::Error> {
        let sql = "SELECT * FROM messages WHERE ((sender = $1 AND receiver = $2) OR (sender = $2 AND receiver = $1)) \
            AND at = $3 AND n < $4 ORDER BY n DESC LIMIT 1000";
        let (one, other) = (two.0.name(), two.1.name());
        let query = sqlx::query(sql).bind(one).bind(other).bind(at).bind(n);
        query.fetch_all(&self.0.read).await?.iter().map(read).collect()
    }
}

async fn put(tx: &mut Transaction<'static, Sqlite>, draft: &Draft) -> Result<Put, sqlx::Error> {
    let there = sqlx::query("SELECT * FROM messages WHERE sender = $1 AND key = $2")
        .bind(draft.from.name())
        .bind(&draft.key)
        .fetch_optional(&mut **tx)
        .await?;
    if let Some(row) = there {
        return Ok(Put::Repeat(read(&row)?));
    }
    let (last, got) = ends(tx, &draft.to).await?;
    if last.saturating_sub(got) >= MOST_IN_BOX {
        return Ok(Put::BoxFull);
    }
    let Draft { id, from, to, at, text, quote, .. } = draft.clone();
    let message = Message { id, seq: last + 1, from, to, at, text, quote };
    let quote = message.quote.as_ref().map(serde_json::to_string).transpose();
    sqlx::query(
        "INSERT INTO messages (id, sender, receiver, seq, key, at, text, quote) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(message.id.to_string())
    .bind(message.from.name())
    .bind(message.to.name())
    .bind(int(message.seq))
    .bind(&draft.key)
    .bind(message.at.0)
    .bind(&message.text.0)
    .bind(quote.map_err(|e| sqlx::Error::Encode(e.into()))?)
    .execute(&mut **tx)
    .await?;
    Ok(Put::New(message))
}

/// The box's cursor moves on, never back and never beyond what is there.
async fn got(tx: &mut Transaction<'static, Sqlite>, owner: &AgentUri, seq: u64) -> Result<(), sqlx::Error> {
    let (last, got) = ends(tx, owner).await?;
    let now = seq.min(last);
    if now > got {
        sqlx::query("INSERT INTO boxes (owner, got) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET got = excluded.got")
            .bind(owner.name())
            .bind(int(now))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The last number of a box, and the last that was acknowledged.
async fn ends(tx: &mut Transaction<'static, Sqlite>, owner: &AgentUri) -> Result<(u64, u64), sqlx::Error> {
    let sql = "SELECT coalesce((SELECT max(seq) FROM messages WHERE receiver = $1), 0), \
        coalesce((SELECT got FROM boxes WHERE owner = $1), 0)";
    let (last, got): (i64, i64) = sqlx::query_as(sql).bind(owner.name()).fetch_one(&mut **tx).await?;
    Ok((u64::try_from(last).unwrap_or(0), u64::try_from(got).unwrap_or(0)))
}

fn read(row: &SqliteRow) -> Result<Message, sqlx::Error> {
    let (id, seq): (String, i64) = (row.try_get("id")?, row.try_get("seq")?);
    let quote: Option<String> = row.try_get("quote")?;
    let quote = quote.map(|quote| serde_json::from_str(&quote)).transpose();
    let agent = |column: &str| AgentUri::new(row.try_get(column)?).map_err(|e| sqlx::Error::Decode(e.into()));
    Ok(Message {
        id: id.parse().map_err(|e: ngcc_proto::id::BadId| sqlx::Error::Decode(e.into()))?,
        seq: u64::try_from(seq).unwrap_or(0),
        from: agent("sender")?,
        to: agent("receiver")?,
        at: Wall(row.try_get("at")?),
        text: Text(row.try_get("text")?),
        quote: quote.map_err(|e| sqlx::Error::Decode(e.into()))?,
    })
}

fn int(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
