//! The file `colleagues.db`: what is written, in one transaction a batch. [`read`] and [`search`] only look.

mod group;
mod read;
mod row;
mod search;

use std::path::Path;

use ngcc_proto::im::{MAX_GROUPS, MAX_MEMBERS, Message, Said, To, What};
use ngcc_proto::{AgentUri, MessageId, Wall};
use sqlx::{Sqlite, Transaction};

use crate::error::StartError;
use crate::sqlite::{File, Shape};

pub(super) use read::Looked;
use row::{agent, int, json, message, number, parties};
pub(super) use search::{Found, Wanted};

const SHAPE: Shape = Shape {
    file: "colleagues.db",
    page: 4096,
    steps: &[
        ("colleagues", include_str!("../../migrations/colleagues_0001.sql")),
        ("groups", include_str!("../../migrations/colleagues_0002.sql")),
    ],
};

/// The most messages that may lie unacknowledged in a box.
pub(super) const MOST_IN_BOX: u64 = 10_000;

type Tx = Transaction<'static, Sqlite>;

/// The colleagues' store. Clones share its connections.
#[derive(Clone, Debug)]
pub(super) struct Store(File);

/// A message that has no number yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) id: MessageId,
    pub(super) from: AgentUri,
    pub(super) to: To,
    pub(super) key: String,
    pub(super) at: Wall,
    pub(super) what: What,
}

/// What has become of a draft.
#[derive(Debug, PartialEq)]
pub(super) enum Put {
    /// It is on disk, and in the boxes of those it is for, under these numbers.
    New(Message, Vec<(AgentUri, u64)>),
    /// It was there already.
    Repeat(Message),
    /// It is not taken.
    Refused(Refusal),
}

/// Why a draft is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Too much lies in the receiver's box.
    BoxFull,
    /// There is no such group, or the sender is not in it.
    NoMember,
    /// The group would have too many members.
    GroupFull,
    /// Somebody would be in too many groups.
    TooManyGroups,
    /// It is so already.
    Nothing,
    /// The file is in a message that the sender may not read.
    NoFile,
}

impl Refusal {
    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::BoxFull => "too much lies unread in the receiver's box".to_owned(),
            Self::NoMember => "you are not in this group".to_owned(),
            Self::GroupFull => format!("a group has at most {MAX_MEMBERS} members"),
            Self::TooManyGroups => format!("one of them is in {MAX_GROUPS} groups already"),
            Self::Nothing => "it is so already".to_owned(),
            Self::NoFile => "there is no such file".to_owned(),
        }
    }
}

/// One write.
#[derive(Clone, Debug)]
pub(super) enum Write {
    Put(Box<Draft>),
    Got { owner: AgentUri, seq: u64 },
    Read { reader: AgentUri, with: To, n: u64 },
}

/// What has become of a write.
#[derive(Debug, PartialEq)]
pub(super) enum Done {
    Put(Box<Put>),
    Got,
    /// The mark stands there now, and these wrote what was read with it. None: it had stood there before.
    Read(Option<(u64, Vec<AgentUri>)>),
}

/// A conversation, as its row has it.
struct Talk {
    talk: i64,
    last: u64,
}

impl Store {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// It cannot be opened, or is of a newer build.
    pub(super) async fn open(data_dir: &Path) -> Result<Self, StartError> {
        Ok(Self(File::open(data_dir, &SHAPE).await?))
    }

    /// Writes a batch in one transaction; for each write, in order, what has become of it.
    ///
    /// # Errors
    /// Nothing of the batch is stored.
    pub(super) async fn write(&self, batch: &[Write]) -> Result<Vec<Done>, sqlx::Error> {
        let mut tx = self.0.begin().await?;
        let mut done = Vec::new();
        for write in batch {
            done.push(match write {
                Write::Put(draft) => Done::Put(Box::new(put(&mut tx, draft).await?)),
                Write::Got { owner, seq } => {
                    got(&mut tx, owner, *seq).await?;
                    Done::Got
                }
                Write::Read { reader, with, n } => Done::Read(mark(&mut tx, reader, with, *n).await?),
            });
        }
        tx.commit().await?;
        Ok(done)
    }
}

async fn put(tx: &mut Tx, draft: &Draft) -> Result<Put, sqlx::Error> {
    let sql =
        "SELECT m.*, t.parties FROM messages m JOIN talks t USING (talk) WHERE m.sender = $1 AND m.key = $2";
    let there = sqlx::query(sql).bind(draft.from.name()).bind(&draft.key).fetch_optional(&mut **tx).await?;
    if let Some(row) = there {
        return Ok(Put::Repeat(message(&row)?));
    }
    let placed = match (&draft.what, &draft.to) {
        (What::Said(said), to) => {
            let file = said.file.as_ref();
            if let Some(file) = file
                && read::is_anothers(tx, &draft.from, file.file).await?
            {
                return Ok(Put::Refused(Refusal::NoFile));
            }
            match to {
                To::Person(to) => between(tx, &draft.from, to).await?,
                To::Group(group) => group::said(tx, &draft.from, *group).await?,
            }
        }
        (What::Changed { change }, To::Group(group)) => {
            group::changed(tx, &draft.from, *group, change).await?
        }
        (What::Changed { .. }, To::Person(_)) => Err(Refusal::NoMember),
    };
    let placed = match placed {
        Ok(placed) => placed,
        Err(refusal) => return Ok(Put::Refused(refusal)),
    };
    let Draft { id, from, to, at, .. } = draft.clone();
    let n = placed.talk.last + 1;
    let what = placed.what.unwrap_or_else(|| draft.what.clone());
    let message = Message { id, n, from, to, at, what };
    let line = insert(tx, &placed.talk, &draft.key, &message).await?;
    // A group waits for nobody: whoever's box is full finds the message in the conversation.
    let boxes = deliver(tx, &placed.receivers, line).await?;
    Ok(Put::New(message, boxes))
}

/// Where a message goes.
struct Placed {
    talk: Talk,
    /// In whose boxes, each once.
    receivers: Vec<AgentUri>,
    /// What it is where that is less than what was asked.
    what: Option<What>,
}

type Place = Result<Placed, Refusal>;

/// The conversation of two, which is there from its first message on.
async fn between(tx: &mut Tx, from: &AgentUri, to: &AgentUri) -> Result<Place, sqlx::Error> {
    let (last, got) = ends(tx, to).await?;
    if last.saturating_sub(got) >= MOST_IN_BOX {
        return Ok(Err(Refusal::BoxFull));
    }
    let name = parties(from, &To::Person(to.clone()));
    let talk = match find(tx, &name).await? {
        Some(talk) => talk,
        None => {
            let talk = begin(tx, &name, None).await?;
            for member in [from, to] {
                join(tx, member, talk.talk, 1).await?;
            }
            talk
        }
    };
    Ok(Ok(Placed { talk, receivers: vec![to.clone()], what: None }))
}

async fn find(tx: &mut Tx, parties: &str) -> Result<Option<Talk>, sqlx::Error> {
    let sql = "SELECT talk, last FROM talks WHERE parties = $1";
    let row: Option<(i64, i64)> = sqlx::query_as(sql).bind(parties).fetch_optional(&mut **tx).await?;
    Ok(row.map(|(talk, last)| Talk { talk, last: number(last) }))
}

async fn begin(tx: &mut Tx, parties: &str, title: Option<&str>) -> Result<Talk, sqlx::Error> {
    let sql = "INSERT INTO talks (parties, title, last) VALUES ($1, $2, 0)";
    let done = sqlx::query(sql).bind(parties).bind(title).execute(&mut **tx).await?;
    Ok(Talk { talk: done.last_insert_rowid(), last: 0 })
}

/// Somebody may read what begins with the message `first`, and has read what is before it.
async fn join(tx: &mut Tx, member: &AgentUri, talk: i64, first: u64) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO members (member, talk, read) VALUES ($1, $2, $3) \
        ON CONFLICT (member, talk) DO UPDATE SET until = NULL, read = excluded.read";
    sqlx::query(sql).bind(member.name()).bind(talk).bind(int(first) - 1).execute(&mut **tx).await?;
    let sql = "INSERT INTO spans (member, talk, first) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    sqlx::query(sql).bind(member.name()).bind(talk).bind(int(first)).execute(&mut **tx).await?;
    Ok(())
}

async fn insert(tx: &mut Tx, talk: &Talk, key: &str, message: &Message) -> Result<i64, sqlx::Error> {
    let none = Said::default();
    let (said, change) = match &message.what {
        What::Said(said) => (said, None),
        What::Changed { change } => (&none, Some(json(change)?)),
    };
    let file = said.file.as_ref();
    let names = (!said.names.is_empty()).then(|| json(&said.names)).transpose()?;
    let done = sqlx::query(
        "INSERT INTO messages (id, talk, n, sender, key, at, text, quote, file, file_name, file_mime, file_size, \
            names, change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(message.id.to_string())
    .bind(talk.talk)
    .bind(int(message.n))
    .bind(message.from.name())
    .bind(key)
    .bind(message.at.0)
    .bind(&said.text.0)
    .bind(said.quote.as_ref().map(json).transpose()?)
    .bind(file.map(|file| file.file.to_string()))
    .bind(file.map(|file| &file.name))
    .bind(file.map(|file| &file.mime))
    .bind(file.map(|file| int(file.size)))
    .bind(names)
    .bind(&change)
    .execute(&mut **tx)
    .await?;
    let line = done.last_insert_rowid();
    let sql = "UPDATE talks SET last = $2 WHERE talk = $1";
    sqlx::query(sql).bind(talk.talk).bind(int(message.n)).execute(&mut **tx).await?;
    if change.is_none() {
        let searched = format!("{}\n{}", said.text.0, file.map_or("", |file| &file.name));
        let sql = "INSERT INTO words (rowid, text) VALUES ($1, $2)";
        sqlx::query(sql).bind(line).bind(searched).execute(&mut **tx).await?;
    }
    Ok(line)
}

/// Puts a message into every box that is not full; whose these are, and its number in each.
async fn deliver(tx: &mut Tx, owners: &[AgentUri], line: i64) -> Result<Vec<(AgentUri, u64)>, sqlx::Error> {
    let names = json(&owners.iter().map(AgentUri::name).collect::<Vec<_>>())?;
    let sql = "INSERT INTO boxes (owner, got, last) SELECT value, 0, 0 FROM json_each($1) WHERE true \
        ON CONFLICT (owner) DO NOTHING";
    sqlx::query(sql).bind(&names).execute(&mut **tx).await?;
    let sql = "UPDATE boxes SET last = last + 1 \
        WHERE owner IN (SELECT value FROM json_each($1)) AND last - got < $2 RETURNING owner, last";
    let query = sqlx::query_as::<_, (String, i64)>(sql).bind(&names).bind(int(MOST_IN_BOX));
    let mut put = query.fetch_all(&mut **tx).await?;
    put.sort();
    let names = json(&put.iter().map(|(owner, _)| owner).collect::<Vec<_>>())?;
    let sql = "INSERT INTO waiting (owner, seq, line) \
        SELECT owner, last, $2 FROM boxes WHERE owner IN (SELECT value FROM json_each($1))";
    sqlx::query(sql).bind(&names).bind(line).execute(&mut **tx).await?;
    put.iter().map(|(owner, seq)| Ok((agent(owner)?, number(*seq)))).collect()
}

/// The box's cursor moves on, never back and never beyond what is there.
async fn got(tx: &mut Tx, owner: &AgentUri, seq: u64) -> Result<(), sqlx::Error> {
    let (last, got) = ends(tx, owner).await?;
    let now = seq.min(last);
    if now > got {
        let sql = "UPDATE boxes SET got = $2 WHERE owner = $1";
        sqlx::query(sql).bind(owner.name()).bind(int(now)).execute(&mut **tx).await?;
        let sql = "DELETE FROM waiting WHERE owner = $1 AND seq <= $2";
        sqlx::query(sql).bind(owner.name()).bind(int(now)).execute(&mut **tx).await?;
    }
    Ok(())
}

/// The last number of a box, and the last that was acknowledged.
async fn ends(tx: &mut Tx, owner: &AgentUri) -> Result<(u64, u64), sqlx::Error> {
    let sql = "SELECT last, got FROM boxes WHERE owner = $1";
    let ends: Option<(i64, i64)> = sqlx::query_as(sql).bind(owner.name()).fetch_optional(&mut **tx).await?;
    Ok(ends.map_or((0, 0), |(last, got)| (number(last), number(got))))
}

/// A reader's mark moves on, never back and never beyond what they may read.
async fn mark(
    tx: &mut Tx,
    reader: &AgentUri,
    with: &To,
    n: u64,
) -> Result<Option<(u64, Vec<AgentUri>)>, sqlx::Error> {
    let sql = "SELECT m.talk, m.read, coalesce(m.until, t.last) FROM members m JOIN talks t USING (talk) \
        WHERE m.member = $1 AND t.parties = $2";
    let row = sqlx::query_as(sql).bind(reader.name()).bind(parties(reader, with));
    let row: Option<(i64, i64, i64)> = row.fetch_optional(&mut **tx).await?;
    let Some((talk, before, end)) = row else { return Ok(None) };
    let now = int(n).min(end);
    if now <= before {
        return Ok(None);
    }
    let sql = "UPDATE members SET read = $3 WHERE member = $1 AND talk = $2";
    sqlx::query(sql).bind(reader.name()).bind(talk).bind(now).execute(&mut **tx).await?;
    let sql = "SELECT DISTINCT sender FROM messages WHERE talk = $1 AND n > $2 AND n <= $3 AND sender <> $4 LIMIT $5";
    let query = sqlx::query_scalar::<_, String>(sql).bind(talk).bind(before).bind(now).bind(reader.name());
    let writers = query.bind(int(MAX_MEMBERS as u64)).fetch_all(&mut **tx).await?;
    let writers = writers.iter().map(|name| agent(name)).collect::<Result<_, _>>()?;
    Ok(Some((number(now), writers)))
}
