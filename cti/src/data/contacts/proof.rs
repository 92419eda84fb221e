//! What customers' pages and systems say of them.
//!
//! A proof joins the way somebody came by to the company's own customer, and only then: never a number that was typed, and
//! never a name. A way on which two customers were proved, as a browser that several people use, is nobody's: it
//! leaves the first and joins no second, because what was said on it before anybody signed in may have been either's.

use ngcc_proto::UserUri;
use ngcc_proto::contact::{Given, MAX_GIVEN, MAX_IDENTITIES, Noted};

use super::join::is_customer;
use super::{Work, rows};

impl Work<'_> {
    /// Whoever comes by `on` is `customer`.
    pub(super) async fn proved(
        &mut self,
        customer: &UserUri,
        on: &UserUri,
        name: Option<&(String, bool)>,
        attributes: Option<&Given>,
    ) -> Result<(), sqlx::Error> {
        let (customer, on) = (customer.to_string(), on.to_string());
        let home = self.node(&customer).await?;
        if let Some((name, proved)) = name {
            self.named(&home, name, if *proved { "proved" } else { "claimed" }).await?;
        }
        if let Some(attributes) = attributes {
            self.replace_proved(&home, attributes).await?;
        }
        if on != customer {
            self.link(&home, &customer, &on).await?;
        }
        Ok(())
    }

    async fn link(&mut self, home: &str, customer: &str, on: &str) -> Result<(), sqlx::Error> {
        let here = self.node(on).await?;
        let Some(row) = rows::identity(&mut self.tx, on).await? else { return Ok(()) };
        match &row.proved_as {
            Some(before) if before != customer => return self.nobodys(&row).await,
            Some(_) => {}
            None => {
                sqlx::query("UPDATE contact_identities SET proved_as = $2 WHERE user = $1")
                    .bind(on)
                    .bind(customer)
                    .execute(&mut *self.tx)
                    .await?;
            }
        }
        if row.shared || row.held {
            return Ok(());
        }
        let (to, from) = (rows::root(&mut self.tx, home).await?, rows::root(&mut self.tx, &here).await?);
        if to == from {
            // An agent had joined them: now it is proved as well.
            return if row.proved_as.is_none() { self.changed(&to).await } else { Ok(()) };
        }
        let (to_group, from_group) =
            (rows::group(&mut self.tx, &to).await?, rows::group(&mut self.tx, &from).await?);
        let has = rows::identities(&mut self.tx, &to_group).await?;
        let comes = rows::identities(&mut self.tx, &from_group).await?;
        // Whom agents have joined to another customer of the company's is not taken from there.
        let others = comes.iter().any(|one| is_customer(&one.user));
        if others || has.len() + comes.len() > MAX_IDENTITIES {
            tracing::warn!(
                contact = to,
                identities = has.len(),
                others,
                "a proved identity does not join its customer"
            );
            return Ok(());
        }
        self.join(&from, &to, "proof").await
    }

    /// The proved attributes are these and no others.
    async fn replace_proved(&mut self, node: &str, given: &Given) -> Result<(), sqlx::Error> {
        let keys: Vec<&str> = given.iter().map(|(key, _)| key).collect();
        let keys = serde_json::to_string(&keys).map_err(|e| sqlx::Error::Encode(e.into()))?;
        let sql = "DELETE FROM contact_attributes WHERE contact = $1 AND source = 'proved' \
            AND key NOT IN (SELECT value FROM json_each($2))";
        let gone = sqlx::query(sql).bind(node).bind(keys).execute(&mut *self.tx).await?;
        let mut changed = gone.rows_affected() > 0;
        for (key, value) in given.iter() {
            changed |= self.put(node, key, "proved", &value.0, None).await?;
        }
        if changed { self.changed(node).await } else { Ok(()) }
    }

    /// What a page says is put beside what it said before.
    pub(super) async fn claimed(&mut self, user: &UserUri, given: &Given) -> Result<Noted, sqlx::Error> {
        let node = self.node(&user.to_string()).await?;
        let mut changed = false;
        for (key, value) in given.iter() {
            changed |= if value.0.is_empty() {
                let sql =
                    "DELETE FROM contact_attributes WHERE contact = $1 AND key = $2 AND source = 'claimed'";
                sqlx::query(sql).bind(&node).bind(key).execute(&mut *self.tx).await?.rows_affected() > 0
            } else {
                self.put(&node, key, "claimed", &value.0, None).await?
            };
        }
        if !changed {
            return Ok(Noted::Kept);
        }
        let sql = "SELECT count(*) FROM contact_attributes WHERE contact = $1 AND source = 'claimed'";
        let (count,): (i64,) = sqlx::query_as(sql).bind(&node).fetch_one(&mut *self.tx).await?;
        if usize::try_from(count).is_ok_and(|count| count > MAX_GIVEN) {
            return Ok(Noted::Refused);
        }
        self.changed(&node).await?;
        Ok(Noted::Kept)
    }

    /// Writes an attribute; true if it was another before.
    pub(super) async fn put(
        &mut self,
        node: &str,
        key: &str,
        source: &str,
        value: &str,
        by: Option<&str>,
    ) -> Result<bool, sqlx::Error> {
        let sql = "INSERT INTO contact_attributes (contact, key, source, value, by_whom, at) \
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (contact, key, source) DO UPDATE \
            SET value = excluded.value, by_whom = excluded.by_whom, at = excluded.at \
            WHERE value IS NOT excluded.value";
        let done = sqlx::query(sql)
            .bind(node)
            .bind(key)
            .bind(source)
            .bind(value)
            .bind(by)
            .bind(self.now.0)
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
