//! Which contacts are one customer: the relation is made and taken back here, and nowhere else.

use ngcc_proto::ContactId;
use ngcc_proto::contact::{Asker, Event, MAX_ATTRIBUTES, MAX_IDENTITIES, MAX_LABELS, Part};

use super::rows::{self, IdentityRow};
use super::{Work, seen};

/// Whether it is a customer as the company knows them.
pub(super) fn is_customer(user: &str) -> bool {
    user.starts_with("customer:")
}

impl Work<'_> {
    /// Joins `root`, and whatever has joined it, to `to`.
    pub(super) async fn join(&mut self, root: &str, to: &str, by: &str) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE contacts SET joins = $2, joins_by = $3 WHERE id = $1")
            .bind(root)
            .bind(to)
            .bind(by)
            .execute(&mut *self.tx)
            .await?;
        self.changed(to).await
    }

    /// Takes an identity out of what it belongs to. What was joined by its own contact goes along; a contact that holds
    /// others stays with them, and the identity goes alone.
    async fn leave(&mut self, row: &IdentityRow, along: bool) -> Result<String, sqlx::Error> {
        let root = rows::root(&mut self.tx, &row.contact).await?;
        let alone = root == row.contact || (!along && rows::has_members(&mut self.tx, &row.contact).await?);
        let left = if alone {
            let new = self.empty().await?;
            sqlx::query("UPDATE contact_identities SET contact = $2 WHERE user = $1")
                .bind(&row.user)
                .bind(&new)
                .execute(&mut *self.tx)
                .await?;
            new
        } else {
            self.part(&row.contact).await?;
            row.contact.clone()
        };
        self.changed(&root).await?;
        Ok(left)
    }

    /// A contact is merged into none any longer.
    async fn part(&mut self, contact: &str) -> Result<(), sqlx::Error> {
        let sql = "UPDATE contacts SET joins = NULL, joins_by = NULL, version = version + 1 WHERE id = $1";
        sqlx::query(sql).bind(contact).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Another customer has been proved on it: it is nobody's from now on, unless an agent has said whose it is.
    pub(super) async fn nobodys(&mut self, row: &IdentityRow) -> Result<(), sqlx::Error> {
        if row.shared {
            return Ok(());
        }
        sqlx::query("UPDATE contact_identities SET shared = 1 WHERE user = $1")
            .bind(&row.user)
            .execute(&mut *self.tx)
            .await?;
        let (by,): (Option<String>,) = sqlx::query_as("SELECT joins_by FROM contacts WHERE id = $1")
            .bind(&row.contact)
            .fetch_one(&mut *self.tx)
            .await?;
        let root = rows::root(&mut self.tx, &row.contact).await?;
        let group = rows::group(&mut self.tx, &root).await?;
        let with = rows::identities(&mut self.tx, &group).await?;
        let by_hand = by.is_some_and(|by| by != "proof");
        if by_hand || !with.iter().any(|one| is_customer(&one.user)) {
            return self.changed(&root).await;
        }
        self.leave(row, false).await.map(drop)
    }

    /// The contact as the asker has seen it: its root, or what is answered instead.
    pub(super) async fn at_version(
        &mut self,
        by: &Asker,
        contact: ContactId,
        version: u64,
    ) -> Result<Result<String, Event>, sqlx::Error> {
        let contact = match seen(&mut self.tx, by, contact).await? {
            Event::Contact { contact } => contact,
            other @ (Event::Found { .. }
            | Event::Sessions { .. }
            | Event::Serves { .. }
            | Event::Labels { .. }
            | Event::Unknown
            | Event::Conflict
            | Event::Refused { .. }
            | Event::Failed) => return Ok(Err(other)),
        };
        Ok(if contact.version == version { Ok(contact.id.to_string()) } else { Err(Event::Conflict) })
    }

    /// Merges by hand.
    pub(super) async fn merge(
        mut self,
        by: &Asker,
        contact: ContactId,
        version: u64,
        other: ContactId,
    ) -> Result<Event, sqlx::Error> {
        let root = match self.at_version(by, contact, version).await? {
            Ok(root) => root,
            Err(event) => return Ok(event),
        };
        // Of the other they need no more than to be allowed to see it.
        if !matches!(seen(&mut self.tx, by, other).await?, Event::Contact { .. }) {
            return Ok(Event::Unknown);
        }
        let other = rows::root(&mut self.tx, &other.to_string()).await?;
        if other == root {
            return Ok(refused("they are one contact already"));
        }
        self.join(&other, &root, &by.agent.to_string()).await?;
        if let Some(why) = self.too_much(&root).await? {
            return Ok(refused(why));
        }
        self.done(by, contact).await
    }

    /// Takes a part off by hand.
    pub(super) async fn split(
        mut self,
        by: &Asker,
        contact: ContactId,
        version: u64,
        part: &Part,
    ) -> Result<Event, sqlx::Error> {
        let root = match self.at_version(by, contact, version).await? {
            Ok(root) => root,
            Err(event) => return Ok(event),
        };
        let group = rows::group(&mut self.tx, &root).await?;
        let all = rows::identities(&mut self.tx, &group).await?;
        let left = match part {
            Part::Identity(user) => {
                let Some(row) = all.iter().find(|one| one.user == user.to_string()) else {
                    return Ok(refused("the identity is none of this contact's"));
                };
                if all.len() == 1 {
                    return Ok(refused("it is the only identity of this contact"));
                }
                self.leave(row, true).await?
            }
            Part::Contact(other) => {
                let other = other.to_string();
                if other == root || rows::root(&mut self.tx, &other).await? != root {
                    return Ok(refused("it has not been merged into this contact"));
                }
                self.part(&other).await?;
                self.changed(&root).await?;
                other
            }
        };
        // What a person has parted no proof joins again, whichever side of it the company's own customer is on.
        let group = rows::group(&mut self.tx, &left).await?;
        let gone = rows::identities(&mut self.tx, &group).await?;
        let (gone, mut held): (Vec<_>, Vec<_>) =
            all.iter().map(|one| one.user.clone()).partition(|user| gone.iter().any(|one| one.user == *user));
        if held.is_empty() {
            return Ok(refused("nothing would be left of this contact"));
        }
        if !gone.iter().any(|user| is_customer(user)) {
            held.clear();
        }
        held.extend(gone);
        self.hold(&held).await?;
        self.done(by, contact).await
    }

    async fn hold(&mut self, users: &[String]) -> Result<(), sqlx::Error> {
        let users = serde_json::to_string(users).map_err(|e| sqlx::Error::Encode(e.into()))?;
        let sql = "UPDATE contact_identities SET held = 1 WHERE user IN (SELECT value FROM json_each($1))";
        sqlx::query(sql).bind(users).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Why a group is larger than one contact may be.
    async fn too_much(&mut self, root: &str) -> Result<Option<&'static str>, sqlx::Error> {
        let group = rows::group(&mut self.tx, root).await?;
        let sql = "SELECT (SELECT count(*) FROM contact_identities WHERE contact IN (SELECT value FROM json_each($1))), \
            (SELECT count(DISTINCT key) FROM contact_attributes WHERE contact IN (SELECT value FROM json_each($1))), \
            (SELECT count(DISTINCT label) FROM contact_labels WHERE contact IN (SELECT value FROM json_each($1)))";
        let (identities, attributes, labels): (i64, i64, i64) =
            sqlx::query_as(sql).bind(group).fetch_one(&mut *self.tx).await?;
        let over = |count: i64, most: usize| usize::try_from(count).is_ok_and(|count| count > most);
        Ok(if over(identities, MAX_IDENTITIES) {
            Some("together they would have more than 32 identities")
        } else if over(attributes, MAX_ATTRIBUTES) {
            Some("together they would have more than 64 attributes")
        } else if over(labels, MAX_LABELS) {
            Some("together they would have more than 32 labels")
        } else {
            None
        })
    }

    /// Puts a change on disk and answers with what came of it.
    pub(super) async fn done(mut self, by: &Asker, contact: ContactId) -> Result<Event, sqlx::Error> {
        let root = rows::root(&mut self.tx, &contact.to_string()).await?;
        let contact = super::view::contact(&mut self.tx, &root).await?;
        self.tx.commit().await?;
        tracing::info!(by = by.agent.name(), contact = root, "a contact was changed");
        Ok(contact.map_or(Event::Unknown, |contact| Event::Contact { contact: Box::new(contact) }))
    }
}

/// Nothing is changed: the transaction goes with the work.
pub(super) fn refused(why: &str) -> Event {
    Event::Refused { why: why.to_owned() }
}
