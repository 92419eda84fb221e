//! What the rows of the file mean.

use ngcc_proto::chat::Text;
use ngcc_proto::im::{Attached, Message, Said, To, What};
use ngcc_proto::{AgentUri, Wall};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// How the conversation of `one` with `with` is named in the file.
pub(super) fn parties(one: &AgentUri, with: &To) -> String {
    match with {
        To::Group(group) => group.to_string(),
        To::Person(other) => {
            let (first, second) = if one <= other { (one, other) } else { (other, one) };
            format!("{} {}", first.name(), second.name())
        }
    }
}

/// To whom a message of `sender` in the conversation `parties` is.
fn receiver(parties: &str, sender: &str) -> Result<To, sqlx::Error> {
    match parties.split_once(' ') {
        Some((one, other)) => Ok(To::Person(agent(if one == sender { other } else { one })?)),
        None => Ok(To::Group(parties.parse().map_err(|e: ngcc_proto::id::BadId| decode(e))?)),
    }
}

/// A row of `messages` with the `parties` of its conversation.
pub(super) fn message(row: &SqliteRow) -> Result<Message, sqlx::Error> {
    let (id, sender, parties): (String, String, String) =
        (row.try_get("id")?, row.try_get("sender")?, row.try_get("parties")?);
    let what = match row.try_get::<Option<String>, _>("change")? {
        Some(change) => What::Changed { change: serde_json::from_str(&change).map_err(decode)? },
        None => What::Said(Said {
            text: Text(row.try_get("text")?),
            quote: of_json(row, "quote")?,
            file: attached(row)?,
            names: of_json(row, "names")?.unwrap_or_default(),
        }),
    };
    Ok(Message {
        id: id.parse().map_err(|e: ngcc_proto::id::BadId| decode(e))?,
        n: number(row.try_get("n")?),
        from: agent(&sender)?,
        to: receiver(&parties, &sender)?,
        at: Wall(row.try_get("at")?),
        what,
    })
}

fn attached(row: &SqliteRow) -> Result<Option<Attached>, sqlx::Error> {
    let Some(file) = row.try_get::<Option<String>, _>("file")? else { return Ok(None) };
    Ok(Some(Attached {
        file: file.parse().map_err(|e: ngcc_proto::id::BadId| decode(e))?,
        name: row.try_get("file_name")?,
        mime: row.try_get("file_mime")?,
        size: number(row.try_get("file_size")?),
    }))
}

fn of_json<T: serde::de::DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<Option<T>, sqlx::Error> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(decode)
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|e| sqlx::Error::Encode(e.into()))
}

pub(super) fn agent(name: &str) -> Result<AgentUri, sqlx::Error> {
    AgentUri::new(name).map_err(decode)
}

fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn number(int: i64) -> u64 {
    u64::try_from(int).unwrap_or(0)
}
