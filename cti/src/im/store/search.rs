//! Finding words. Words of three characters and more are in an index of everybody's messages; shorter ones are looked
//! for in a bounded number of the newest. Either way an answer costs a bounded time, and says where to go on.

use ngcc_proto::AgentUri;
use ngcc_proto::im::{Message, To, What};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Store, int, message, number, parties};

/// The fewest characters of a word that is in the index.
const INDEXED: usize = 3;

/// How many messages that hold the words, be they whose they will, are looked at for one answer.
const MOST_INDEXED: i64 = 5_000;
/// How many messages are read for one answer where the index does not help.
const MOST_READ: i64 = 20_000;
/// How many characters of a hit stand before the word, and how many in all.
const BEFORE: usize = 40;
const SHOWN: usize = 240;

/// What is searched.
#[derive(Clone, Debug)]
pub(in super::super) struct Wanted {
    pub(in super::super) who: AgentUri,
    /// At least one; each in lower case.
    pub(in super::super) words: Vec<String>,
    pub(in super::super) with: Option<To>,
    pub(in super::super) before: Option<u64>,
    pub(in super::super) limit: u32,
}

/// What is found.
#[derive(Debug, Default, PartialEq)]
pub(in super::super) struct Found {
    pub(in super::super) hits: Vec<Message>,
    pub(in super::super) next: Option<u64>,
}

impl Store {
    /// The newest messages that hold every word, among those that one may read.
    ///
    /// # Errors
    /// The store does not answer.
    pub(in super::super) async fn search(&self, wanted: &Wanted) -> Result<Found, sqlx::Error> {
        let (long, short): (Vec<&String>, Vec<&String>) =
            wanted.words.iter().partition(|word| word.chars().count() >= INDEXED);
        let quoted = |word: &&String| format!("\"{}\"", word.replace('"', "\"\""));
        let indexed = long.iter().map(quoted).collect::<Vec<_>>().join(" AND ");
        let before = wanted.before.map_or(i64::MAX, int);
        // The end of the span, and not of the hits, is where the next one begins.
        let mut query = QueryBuilder::new("SELECT count(*), coalesce(min(line), 0) FROM (");
        let most = span(&mut query, &indexed, before);
        let ends = query.push(")").build_query_as::<(i64, i64)>();
        let (count, end) = ends.fetch_one(&self.0.read).await?;
        let rows = self.hits(wanted, &indexed, &short, before).await?;
        let mut hits = rows.iter().map(message).collect::<Result<Vec<_>, _>>()?;
        hits.iter_mut().for_each(|hit| cut(hit, &wanted.words));
        let next = if rows.len() == wanted.limit as usize {
            rows.last().map(|row| row.try_get::<i64, _>("line")).transpose()?
        } else {
            (count == most).then_some(end)
        };
        Ok(Found { hits, next: next.map(number) })
    }

    async fn hits(
        &self,
        wanted: &Wanted,
        indexed: &str,
        short: &[&String],
        before: i64,
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let mut query = QueryBuilder::new("SELECT m.*, t.parties FROM (");
        span(&mut query, indexed, before);
        query.push(
            ") JOIN messages m USING (line) JOIN talks t USING (talk) WHERE m.change IS NULL \
            AND EXISTS (SELECT 1 FROM spans s WHERE s.talk = m.talk AND m.n >= s.first \
                AND (s.last IS NULL OR m.n <= s.last) AND s.member = ",
        );
        query.push_bind(wanted.who.name().to_owned()).push(")");
        for word in short {
            query.push(" AND (m.text || char(10) || coalesce(m.file_name, '')) LIKE ");
            query.push_bind(format!("%{}%", escaped(word))).push(" ESCAPE '\\'");
        }
        if let Some(with) = &wanted.with {
            query.push(" AND t.parties = ").push_bind(parties(&wanted.who, with));
        }
        query.push(" ORDER BY m.line DESC LIMIT ").push_bind(i64::from(wanted.limit));
        query.build().fetch_all(&self.0.read).await
    }
}

/// The messages that are looked at for one answer, and how many these are at the most.
fn span(query: &mut QueryBuilder<Sqlite>, indexed: &str, before: i64) -> i64 {
    let most = if indexed.is_empty() {
        query
            .push("SELECT line FROM messages WHERE line < ")
            .push_bind(before)
            .push(" ORDER BY line DESC LIMIT ");
        MOST_READ
    } else {
        query.push("SELECT rowid AS line FROM words WHERE words MATCH ").push_bind(indexed.to_owned());
        query.push(" AND rowid < ").push_bind(before).push(" ORDER BY rowid DESC LIMIT ");
        MOST_INDEXED
    };
    query.push_bind(most);
    most
}

/// A hit without what is quoted, and with the part of its text that holds the first word.
fn cut(hit: &mut Message, words: &[String]) {
    let What::Said(said) = &mut hit.what else { return };
    said.quote = None;
    let text: Vec<char> = said.text.0.chars().collect();
    let lower: Vec<char> = text.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let place = |word: &String| {
        let word: Vec<char> = word.chars().collect();
        lower.windows(word.len().max(1)).position(|part| part == word)
    };
    let from = words.iter().find_map(place).unwrap_or(0).saturating_sub(BEFORE);
    let shown: String = text.iter().skip(from).take(SHOWN).collect();
    let more = text.len() > from + SHOWN;
    said.text.0 = format!("{}{shown}{}", if from > 0 { "…" } else { "" }, if more { "…" } else { "" });
}

/// For `LIKE`.
fn escaped(word: &str) -> String {
    word.chars().flat_map(|c| "\\%_".contains(c).then_some('\\').into_iter().chain([c])).collect()
}
