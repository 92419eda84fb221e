//! What agents change of a contact.

use std::collections::BTreeMap;

use ngcc_proto::ContactId;
use ngcc_proto::chat::Text;
use ngcc_proto::contact::{
    Asker, Change, Event, MAX_ATTRIBUTES, MAX_LABELS, MAX_NAME, MAX_NOTE, fits_key, fits_value, label,
};

use super::join::refused;
use super::{Work, rows};

/// What is wrong with a change, whatever the contact is.
fn unfit(change: &Change) -> Option<&'static str> {
    let Change { name, note, attributes, add_labels, remove_labels } = change;
    if name.as_ref().is_some_and(|name| name.len() > MAX_NAME || name.chars().any(char::is_control)) {
        return Some("a name is one line of at most 128 bytes");
    }
    if note.as_ref().is_some_and(|note| note.0.len() > MAX_NOTE) {
        return Some("a note has at most 8 KiB");
    }
    if attributes.len() > MAX_ATTRIBUTES || !attributes.keys().all(|key| fits_key(key)) {
        return Some("a key of an attribute has 1 to 64 of a–z, A–Z, 0–9, `.`, `-`, `_`");
    }
    if !attributes.values().flatten().all(|value| !value.0.is_empty() && fits_value(&value.0)) {
        return Some("a value of an attribute is one line of 1 to 1024 bytes");
    }
    let labels = || add_labels.iter().chain(remove_labels);
    if labels().count() > 2 * MAX_LABELS || labels().any(|text| label(text).is_none()) {
        return Some("a label is one line of 1 to 64 bytes");
    }
    None
}

impl Work<'_> {
    /// Changes a contact, whole or not at all.
    pub(super) async fn change(
        mut self,
        by: &Asker,
        contact: ContactId,
        version: u64,
        change: Change,
    ) -> Result<Event, sqlx::Error> {
        if let Some(why) = unfit(&change) {
            return Ok(refused(why));
        }
        let root = match self.at_version(by, contact, version).await? {
            Ok(root) => root,
            Err(event) => return Ok(event),
        };
        let group = rows::group(&mut self.tx, &root).await?;
        let who = by.agent.to_string();
        let Change { name, note, attributes, add_labels, remove_labels } = change;
        if let Some(name) = name {
            self.rename(&root, &group, name.trim(), &who).await?;
        }
        if let Some(note) = note {
            sqlx::query("UPDATE contacts SET note = $2, note_by = $3, note_at = $4 WHERE id = $1")
                .bind(&root)
                .bind(note.0.trim())
                .bind(&who)
                .bind(self.now.0)
                .execute(&mut *self.tx)
                .await?;
        }
        if let Some(why) = self.attributes(&root, &group, attributes, &who).await? {
            return Ok(refused(why));
        }
        if let Some(why) = self.labels(&root, &group, &add_labels, &remove_labels, &who).await? {
            return Ok(refused(why));
        }
        self.changed(&root).await?;
        self.done(by, contact).await
    }

    /// An empty name takes away what agents have named it, and the customer's own is shown again.
    async fn rename(&mut self, root: &str, group: &str, name: &str, who: &str) -> Result<(), sqlx::Error> {
        if name.is_empty() {
            let sql = "UPDATE contacts SET name = NULL, name_by = NULL WHERE name_by LIKE 'agent:%' \
                AND id IN (SELECT value FROM json_each($1))";
            sqlx::query(sql).bind(group).execute(&mut *self.tx).await?;
        } else {
            sqlx::query("UPDATE contacts SET name = $2, name_by = $3 WHERE id = $1")
                .bind(root)
                .bind(name)
                .bind(who)
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    async fn attributes(
        &mut self,
        root: &str,
        group: &str,
        attributes: BTreeMap<String, Option<Text>>,
        who: &str,
    ) -> Result<Option<&'static str>, sqlx::Error> {
        for (key, value) in attributes {
            let sql = "SELECT count(*) FROM contact_attributes WHERE key = $2 AND source = 'proved' \
                AND contact IN (SELECT value FROM json_each($1))";
            let (proved,): (i64,) =
                sqlx::query_as(sql).bind(group).bind(&key).fetch_one(&mut *self.tx).await?;
            if proved > 0 {
                return Ok(Some("what is proved is changed by the company's own system"));
            }
            if let Some(value) = value {
                self.put(root, &key, "agent", &value.0, Some(who)).await?;
            } else {
                let sql = "DELETE FROM contact_attributes WHERE key = $2 \
                    AND contact IN (SELECT value FROM json_each($1))";
                sqlx::query(sql).bind(group).bind(&key).execute(&mut *self.tx).await?;
            }
        }
        let count = "SELECT count(DISTINCT key) FROM contact_attributes \
            WHERE contact IN (SELECT value FROM json_each($1))";
        let over = self.count(count, group).await? > MAX_ATTRIBUTES;
        Ok(over.then_some("a contact has at most 64 attributes"))
    }

    async fn labels(
        &mut self,
        root: &str,
        group: &str,
        add: &[String],
        remove: &[String],
        who: &str,
    ) -> Result<Option<&'static str>, sqlx::Error> {
        for label in remove.iter().filter_map(|text| label(text)) {
            let sql = "DELETE FROM contact_labels WHERE label = $2 AND contact IN (SELECT value FROM json_each($1))";
            sqlx::query(sql).bind(group).bind(label).execute(&mut *self.tx).await?;
        }
        for label in add.iter().filter_map(|text| label(text)) {
            let sql =
                "INSERT OR IGNORE INTO contact_labels (contact, label, by_whom, at) VALUES ($1, $2, $3, $4)";
            sqlx::query(sql).bind(root).bind(label).bind(who).bind(self.now.0).execute(&mut *self.tx).await?;
        }
        let count = "SELECT count(DISTINCT label) FROM contact_labels \
            WHERE contact IN (SELECT value FROM json_each($1))";
        let over = self.count(count, group).await? > MAX_LABELS;
        Ok(over.then_some("a contact has at most 32 labels"))
    }

    async fn count(&mut self, sql: &'static str, group: &str) -> Result<usize, sqlx::Error> {
        let (count,): (i64,) = sqlx::query_as(sql).bind(group).fetch_one(&mut *self.tx).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}
