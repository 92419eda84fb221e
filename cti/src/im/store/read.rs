//! Looking: everybody sees what they may, and nothing is changed.

use ngcc_proto::im::{Listed, MAX_GROUPS, Member, Message, Part, To, What};
use ngcc_proto::{AgentUri, FileId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, Tx, agent, int, message, number, parties};

/// The most conversations in a list, besides the groups somebody is in.
const MOST_LISTED: usize = 200;
/// The most characters of a message in a list.
const BRIEF: usize = 200;

/// That `$1` may read the message `m`.
macro_rules! readable {
    () => {
        "EXISTS (SELECT 1 FROM spans s WHERE s.member = $1 AND s.talk = m.talk AND m.n >= s.first \
            AND (s.last IS NULL OR m.n <= s.last))"
    };
}

/// A part of a conversation.
#[derive(Debug, Default, PartialEq)]
pub(in super::super) struct Looked {
    pub(in super::super) name: Option<String>,
    pub(in super::super) members: Vec<Member>,
    /// Newest first.
    pub(in super::super) messages: Vec<Message>,
    pub(in super::super) older: bool,
    pub(in super::super) newer: bool,
}

/// Whether the file is in messages, and `who` may read none of them.
pub(super) async fn is_anothers(tx: &mut Tx, who: &AgentUri, file: FileId) -> Result<bool, sqlx::Error> {
    let sql = concat!(
        "SELECT EXISTS (SELECT 1 FROM messages m WHERE m.file = $2) \
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.file = $2 AND ",
        readable!(),
        ")"
    );
    sqlx::query_scalar(sql).bind(who.name()).bind(file.to_string()).fetch_one(&mut **tx).await
}

impl Store {
    /// What lies unacknowledged in a box behind `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// The store does not answer.
    pub(in super::super) async fn waiting(
        &self,
        owner: &AgentUri,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Message)>, sqlx::Error> {
        let sql = "SELECT m.*, t.parties, w.seq FROM waiting w JOIN messages m USING (line) JOIN talks t USING (talk) \
            WHERE w.owner = $1 AND w.seq > $2 ORDER BY w.seq LIMIT $3";
        let query = sqlx::query(sql).bind(owner.name()).bind(int(after)).bind(i64::from(limit));
        let rows = query.fetch_all(&self.0.read).await?;
        rows.iter().map(|row| Ok((number(row.try_get("seq")?), message(row)?))).collect()
    }

    /// A part of what `who` and `with` have written, as far as `who` may read it.
    ///
    /// # Errors
    /// The store does not answer.
    pub(in super::super) async fn look(
        &self,
        who: &AgentUri,
        with: &To,
        at: Part,
        limit: u32,
    ) -> Result<Looked, sqlx::Error> {
        let sql = "SELECT t.talk, t.title, m.until IS NULL FROM members m JOIN talks t USING (talk) \
            WHERE m.member = $1 AND t.parties = $2";
        let row = sqlx::query_as(sql).bind(who.name()).bind(parties(who, with));
        let row: Option<(i64, Option<String>, bool)> = row.fetch_optional(&self.0.read).await?;
        let Some((talk, name, is_member)) = row else { return Ok(Looked::default()) };
        let members = if is_member { self.members(talk).await? } else { Vec::new() };
        let (limit, all) = (i64::from(limit), i64::MAX);
        let messages = match at {
            Part::Newest => self.down(who, talk, all, limit).await?,
            Part::Before { n } => self.down(who, talk, int(n), limit).await?,
            Part::After { n } => self.up(who, talk, int(n), limit).await?,
            Part::Around { n } => {
                let behind = self.up(who, talk, int(n), limit / 2).await?;
                let before = self.down(who, talk, int(n).saturating_add(1), limit - limit / 2).await?;
                [behind, before].concat()
            }
        };
        let ends = messages.first().zip(messages.last()).map(|(new, old)| (int(old.n), int(new.n)));
        let (older, newer) = match ends {
            None => (false, false),
            Some((old, new)) => {
                let older = self.down(who, talk, old, 1).await?;
                (!older.is_empty(), !self.up(who, talk, new, 1).await?.is_empty())
            }
        };
        Ok(Looked { name, members, messages, older, newer })
    }

    /// What stands before the number `n`, newest first.
    async fn down(&self, who: &AgentUri, talk: i64, n: i64, limit: i64) -> Result<Vec<Message>, sqlx::Error> {
        let sql = concat!(
            "SELECT m.*, t.parties FROM messages m JOIN talks t USING (talk) WHERE m.talk = $2 AND m.n < $3 AND ",
            readable!(),
            " ORDER BY m.n DESC LIMIT $4"
        );
        let query = sqlx::query(sql).bind(who.name()).bind(talk).bind(n).bind(limit);
        query.fetch_all(&self.0.read).await?.iter().map(message).collect()
    }

    /// What stands behind the number `n`, of which the oldest are taken; newest first.
    async fn up(&self, who: &AgentUri, talk: i64, n: i64, limit: i64) -> Result<Vec<Message>, sqlx::Error> {
        let sql = concat!(
            "SELECT m.*, t.parties FROM messages m JOIN talks t USING (talk) WHERE m.talk = $2 AND m.n > $3 AND ",
            readable!(),
            " ORDER BY m.n LIMIT $4"
        );
        let query = sqlx::query(sql).bind(who.name()).bind(talk).bind(n).bind(limit);
        query.fetch_all(&self.0.read).await?.iter().rev().map(message).collect()
    }

    async fn members(&self, talk: i64) -> Result<Vec<Member>, sqlx::Error> {
        let sql = "SELECT member, read FROM members WHERE talk = $1 AND until IS NULL ORDER BY member";
        let rows: Vec<(String, i64)> = sqlx::query_as(sql).bind(talk).fetch_all(&self.0.read).await?;
        rows.iter().map(|(name, read)| Ok(Member { agent: agent(name)?, read: number(*read) })).collect()
    }

    /// The others in a conversation; nobody if `who` is not in it.
    ///
    /// # Errors
    /// The store does not answer.
    pub(in super::super) async fn others(
        &self,
        who: &AgentUri,
        with: &To,
    ) -> Result<Vec<AgentUri>, sqlx::Error> {
        let sql = "SELECT o.member FROM talks t JOIN members m USING (talk) JOIN members o USING (talk) \
            WHERE t.parties = $2 AND m.member = $1 AND m.until IS NULL AND o.until IS NULL AND o.member <> $1";
        let query = sqlx::query_scalar::<_, String>(sql).bind(who.name()).bind(parties(who, with));
        query.fetch_all(&self.0.read).await?.iter().map(|name| agent(name)).collect()
    }

    /// Everybody's own conversations: the groups they are in, and the newest of the others.
    ///
    /// # Errors
    /// The store does not answer.
    pub(in super::super) async fn list(&self, who: &AgentUri) -> Result<Vec<Listed>, sqlx::Error> {
        // The innermost is cut before anything is counted.
        let sql = "SELECT l.*, p.*, \
                (SELECT count(*) FROM (SELECT 1 FROM messages u WHERE u.talk = p.talk AND u.n > p.read \
                    AND u.n <= p.end AND u.sender <> $1 AND u.change IS NULL LIMIT 1000)) AS unread, \
                EXISTS (SELECT 1 FROM messages u WHERE u.talk = p.talk AND u.n > p.read AND u.n <= p.end \
                    AND u.sender <> $1 AND instr(u.names, $2) > 0) AS named \
            FROM (SELECT t.talk, t.parties, t.title, m.read, m.until IS NULL AS member, coalesce(m.until, t.last) AS end \
                FROM members m JOIN talks t USING (talk) JOIN messages e ON e.talk = t.talk \
                    AND e.n = coalesce(m.until, t.last) \
                WHERE m.member = $1 \
                ORDER BY (t.title IS NOT NULL AND m.until IS NULL) DESC, e.line DESC LIMIT $3) p \
            JOIN messages l ON l.talk = p.talk AND l.n = p.end ORDER BY l.line DESC";
        let own = format!("\"{who}\"");
        let most = int((MOST_LISTED + MAX_GROUPS) as u64);
        let query = sqlx::query(sql).bind(who.name()).bind(own).bind(most);
        query.fetch_all(&self.0.read).await?.iter().map(|row| listed(who, row)).collect()
    }

    /// Whether somebody may have a file: it is in a message that they may read.
    ///
    /// # Errors
    /// The store does not answer.
    pub(in super::super) async fn may(&self, who: &AgentUri, file: FileId) -> Result<bool, sqlx::Error> {
        let sql = concat!("SELECT EXISTS (SELECT 1 FROM messages m WHERE m.file = $2 AND ", readable!(), ")");
        sqlx::query_scalar(sql).bind(who.name()).bind(file.to_string()).fetch_one(&self.0.read).await
    }
}

fn listed(who: &AgentUri, row: &SqliteRow) -> Result<Listed, sqlx::Error> {
    let mut last = message(row)?;
    if let What::Said(said) = &mut last.what {
        said.quote = None;
        said.text.0 = said.text.0.chars().take(BRIEF).collect();
    }
    let with = match &last.to {
        To::Person(to) if to == who => To::Person(last.from.clone()),
        other @ (To::Person(_) | To::Group(_)) => other.clone(),
    };
    Ok(Listed {
        with,
        name: row.try_get("title")?,
        member: row.try_get("member")?,
        read: number(row.try_get("read")?),
        unread: number(row.try_get("unread")?),
        named: row.try_get("named")?,
        last,
    })
}
