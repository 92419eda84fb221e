//! The rows of contacts: which belong together, and how one is made.

use ngcc_proto::ContactId;
use sqlx::SqliteConnection;

use super::Work;

/// An identity as stored.
#[derive(Clone, Debug)]
pub(super) struct IdentityRow {
    pub(super) user: String,
    /// The contact that was made for it.
    pub(super) contact: String,
    pub(super) since: i64,
    pub(super) proved_as: Option<String>,
    pub(super) shared: bool,
    pub(super) held: bool,
}

/// Reads a row by the names of its columns.
macro_rules! row {
    ($name:ident { $($field:ident),* }) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?),* })
            }
        }
    };
}
pub(super) use row;

row!(IdentityRow { user, contact, since, proved_as, shared, held });

/// The identity of this URI.
pub(super) async fn identity(
    conn: &mut SqliteConnection,
    user: &str,
) -> Result<Option<IdentityRow>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM contact_identities WHERE user = $1").bind(user).fetch_optional(conn).await
}

/// The contact that this one has been merged into at last; itself if it stands alone or is not there. `UNION` ends even in
/// a ring, which nothing makes.
pub(super) async fn root(conn: &mut SqliteConnection, contact: &str) -> Result<String, sqlx::Error> {
    let sql = "WITH RECURSIVE up (id, joins) AS ( \
            SELECT id, joins FROM contacts WHERE id = $1 \
            UNION SELECT c.id, c.joins FROM contacts c JOIN up ON c.id = up.joins) \
        SELECT id FROM up WHERE joins IS NULL";
    let row: Option<(String,)> = sqlx::query_as(sql).bind(contact).fetch_optional(conn).await?;
    Ok(row.map_or_else(|| contact.to_owned(), |(id,)| id))
}

/// A contact with all that were merged into it, as a list in JSON.
pub(super) async fn group(conn: &mut SqliteConnection, root: &str) -> Result<String, sqlx::Error> {
    let sql = "WITH RECURSIVE down (id) AS ( \
            VALUES ($1) UNION SELECT c.id FROM contacts c JOIN down ON c.joins = down.id) \
        SELECT json_group_array(id) FROM down";
    let (list,): (String,) = sqlx::query_as(sql).bind(root).fetch_one(conn).await?;
    Ok(list)
}

/// The identities of a group, the oldest first.
pub(super) async fn identities(
    conn: &mut SqliteConnection,
    group: &str,
) -> Result<Vec<IdentityRow>, sqlx::Error> {
    let sql = "SELECT * FROM contact_identities WHERE contact IN (SELECT value FROM json_each($1)) \
        ORDER BY since, user";
    sqlx::query_as(sql).bind(group).fetch_all(conn).await
}

/// Whether others were merged into it.
pub(super) async fn has_members(conn: &mut SqliteConnection, contact: &str) -> Result<bool, sqlx::Error> {
    let sql = "SELECT 1 FROM contacts WHERE joins = $1 LIMIT 1";
    let row: Option<(i64,)> = sqlx::query_as(sql).bind(contact).fetch_optional(conn).await?;
    Ok(row.is_some())
}

impl Work<'_> {
    /// The contact that was made for this URI, made now if there is none.
    pub(super) async fn node(&mut self, user: &str) -> Result<String, sqlx::Error> {
        if let Some(row) = identity(&mut self.tx, user).await? {
            return Ok(row.contact);
        }
        let node = self.empty().await?;
        sqlx::query("INSERT INTO contact_identities (user, contact, since) VALUES ($1, $2, $3)")
            .bind(user)
            .bind(&node)
            .bind(self.now.0)
            .execute(&mut *self.tx)
            .await?;
        Ok(node)
    }

    /// A contact of which nothing is known yet.
    pub(super) async fn empty(&mut self) -> Result<String, sqlx::Error> {
        let id: ContactId = self.ids.mint(self.now);
        let id = id.to_string();
        sqlx::query("INSERT INTO contacts (id, version, created) VALUES ($1, 1, $2)")
            .bind(&id)
            .bind(self.now.0)
            .execute(&mut *self.tx)
            .await?;
        Ok(id)
    }

    /// Names a contact, unless an agent has, or it is proved and this is not; true if that changes anything.
    pub(super) async fn named(&mut self, node: &str, name: &str, by: &str) -> Result<bool, sqlx::Error> {
        let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
        if name.is_empty() || name.len() > ngcc_proto::contact::MAX_NAME {
            return Ok(false);
        }
        let sql = "UPDATE contacts SET name = $2, name_by = $3 WHERE id = $1 \
            AND (name IS NOT $2 OR name_by IS NOT $3) \
            AND (name_by IS NULL OR name_by = 'claimed' OR (name_by = 'proved' AND $3 = 'proved'))";
        let done = sqlx::query(sql).bind(node).bind(name).bind(by).execute(&mut *self.tx).await?;
        let changed = done.rows_affected() > 0;
        if changed {
            self.changed(node).await?;
        }
        Ok(changed)
    }

    /// Counts a change of whatever `node` belongs to.
    pub(super) async fn changed(&mut self, node: &str) -> Result<(), sqlx::Error> {
        let root = root(&mut self.tx, node).await?;
        sqlx::query("UPDATE contacts SET version = version + 1 WHERE id = $1")
            .bind(root)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
