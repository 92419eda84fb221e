//! Messaging channels as an administrator changes them: one at a time, over the version that they have seen, secrets one
//! by one.

use std::collections::BTreeMap;

use ngcc_proto::channel::{Change as Asked, Changed, Fault, Listed, Over, Wrong};
use ngcc_proto::config::{Channel, Number, Object, ObjectKind};
use ngcc_proto::{MessageId, Secret};
use ngcc_runtime::Vault;
use sha2::{Digest, Sha256};

use super::admin::{Admin, Unchanged};
use super::book::{Book, Row};
use super::change::Change;
use super::check::channel as check;
use super::{names, secrets};

/// How many digits of a digest tell versions apart.
const DIGITS: usize = 16;

impl Admin {
    /// Does what an administrator asks.
    pub(super) async fn change_channels(&mut self, id: MessageId, asked: Asked) -> Changed {
        match asked {
            Asked::List => list(&self.book, &self.vault),
            Asked::Put { channel, secrets, over } => self.put_channel(id, channel, &secrets, &over).await,
            Asked::Remove { name, version } => {
                let row = row(&self.book, &name);
                if row.is_none_or(|row| self::version(row) != version) {
                    return Changed::Stale;
                }
                let change = Change::delete(&self.book, ObjectKind::Channel, name);
                match self.change(id, change).await {
                    Ok(_) => Changed::Removed,
                    Err(why) => unchanged(why),
                }
            }
        }
    }

    async fn put_channel(
        &mut self,
        id: MessageId,
        mut channel: Channel,
        given: &Secret,
        over: &Over,
    ) -> Changed {
        let now = row(&self.book, &channel.name);
        match (over, now) {
            (Over::Nothing, None) => {}
            (Over::Nothing, Some(_)) => return Changed::Taken,
            (Over::Version { version }, Some(now)) if self::version(now) == *version => {}
            (Over::Version { .. }, Some(_) | None) => return Changed::Stale,
        }
        let Ok(given) = serde_json::from_str::<BTreeMap<String, Option<String>>>(given.expose()) else {
            return refused(vec![fault("", Wrong::Form, "secrets are texts by their names")]);
        };
        if let Some(Object::Channel(before)) = now.map(|row| &row.object)
            && before.kind != channel.kind
        {
            let what = "a channel's kind stays: remove it, and add another";
            return refused(vec![fault("kind", Wrong::Fixed, what)]);
        }
        let kept = now.and_then(|row| row.secret.as_deref());
        channel.secrets = (!given.is_empty()).then(|| merged(held(kept, &self.vault), given));
        let mut faults = check::settings(&channel, &self.book);
        faults.extend(check::name(&channel).filter(|_| now.is_none()));
        faults.extend(check::secrets(channel.kind, channel.secrets.as_ref(), kept.is_some()));
        if !faults.is_empty() {
            return refused(faults);
        }
        let name = channel.name.clone();
        match self.change(id, Change::put(Object::Channel(channel))).await {
            Ok(_) => match row(&self.book, &name).and_then(|row| listed(row, &self.vault)) {
                Some(channel) => Changed::Put { channel: Box::new(channel) },
                None => Changed::Stale,
            },
            Err(why) => unchanged(why),
        }
    }
}

fn row<'a>(book: &'a Book, name: &str) -> Option<&'a Row> {
    book.rows.get(&(ObjectKind::Channel, name.to_owned()))
}

fn list(book: &Book, vault: &Vault) -> Changed {
    let channels = book.of(ObjectKind::Channel).filter_map(|(_, row)| listed(row, vault)).collect();
    let public = |(name, row): (&str, &Row)| {
        matches!(&row.object, Object::Number(Number { public: true, .. })).then(|| name.to_owned())
    };
    Changed::Listed { channels, entries: book.of(ObjectKind::Number).filter_map(public).collect() }
}

fn listed(row: &Row, vault: &Vault) -> Option<Listed> {
    let Object::Channel(settings) = &row.object else { return None };
    let secrets = held(row.secret.as_deref(), vault).into_keys().collect();
    Some(Listed { settings: settings.clone(), secrets, version: version(row) })
}

/// What tells this state of a channel from any other: what is kept of its secrets is new whenever they are.
fn version(row: &Row) -> String {
    let settings = names::settings(&row.object).unwrap_or_default();
    let secret = row.secret.as_deref().unwrap_or_default();
    let digest = Sha256::new().chain_update(settings).chain_update([0]).chain_update(secret).finalize();
    secrets::hex(&digest).chars().take(DIGITS).collect()
}

/// The secrets that are set.
fn held(kept: Option<&str>, vault: &Vault) -> BTreeMap<String, String> {
    // The data centre wrote it.
    serde_json::from_str(secrets::unlocked(kept, vault).expose()).unwrap_or_default()
}

fn merged(
    mut held: BTreeMap<String, String>,
    given: BTreeMap<String, Option<String>>,
) -> BTreeMap<String, String> {
    for (name, text) in given {
        match text {
            Some(text) => held.insert(name, text),
            None => held.remove(&name),
        };
    }
    held
}

fn fault(field: &str, why: Wrong, what: &str) -> Fault {
    Fault { field: field.to_owned(), why, what: what.to_owned() }
}

fn refused(faults: Vec<Fault>) -> Changed {
    Changed::Refused { faults }
}

fn unchanged(why: Unchanged) -> Changed {
    match why {
        Unchanged::Problems(problems) => {
            refused(problems.iter().map(|line| fault("", Wrong::Other, line)).collect())
        }
        Unchanged::Silent => Changed::Silent,
    }
}
