//! The file `business.db`: one writer, a few readers, tables by embedded migrations.

use std::path::Path;

use ngcc_proto::config::ObjectKind;
use sqlx::{Sqlite, Transaction};

use super::book::{Book, Row};
use super::names;
use crate::error::StartError;
use crate::sqlite::{File, Shape};

const SHAPE: Shape = Shape {
    file: "business.db",
    // A chain of facts is some kilobytes: on small pages each would cost several writes.
    page: 16 * 1024,
    steps: &[
        ("business", include_str!("../../migrations/business_0001.sql")),
        ("conversations", include_str!("../../migrations/business_0002.sql")),
        ("beside", include_str!("../../migrations/business_0003.sql")),
        ("forms", include_str!("../../migrations/business_0004.sql")),
        ("recordings", include_str!("../../migrations/business_0005.sql")),
        ("channels", include_str!("../../migrations/business_0006.sql")),
        ("contacts", include_str!("../../migrations/business_0007.sql")),
        ("bots", include_str!("../../migrations/business_0008.sql")),
    ],
};

/// Statements of all tables of configured objects, by kind.
pub(super) struct Table {
    pub(super) kind: ObjectKind,
    select: &'static str,
    upsert: &'static str,
    delete: &'static str,
}

macro_rules! tables {
    ($($kind:ident $name:literal;)*) => {
        /// In the order in which they are read and checked.
        pub(super) const TABLES: [Table; 11] = [$(Table {
            kind: ObjectKind::$kind,
            select: concat!("SELECT name, settings, secret FROM ", $name),
            upsert: concat!("INSERT INTO ", $name, " (name, settings, secret) VALUES ($1, $2, $3) ",
                "ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, secret = excluded.secret"),
            delete: concat!("DELETE FROM ", $name, " WHERE name = $1"),
        },)*];
    };
}

tables! {
    User "users";
    Agent "agents";
    Phone "phones";
    Queue "queues";
    Number "numbers";
    Flow "flows";
    CannedReply "canned_replies";
    Disposition "dispositions";
    Form "forms";
    Channel "channels";
    Bot "bots";
}

/// The business database. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Database(File);

impl std::ops::Deref for Database {
    type Target = File;
    fn deref(&self) -> &File {
        &self.0
    }
}

impl Database {
    /// Opens or makes `business.db` in `data_dir` and brings its tables up to date.
    pub(crate) async fn open(data_dir: &Path) -> Result<Self, StartError> {
        Ok(Self(File::open(data_dir, &SHAPE).await?))
    }

    /// Everything configured.
    pub(super) async fn load(&self) -> Result<Book, StartError> {
        let mut book = Book::default();
        for table in &TABLES {
            let rows: Vec<(String, String, Option<String>)> =
                sqlx::query_as(table.select).fetch_all(&self.write).await.map_err(|e| self.fails(e))?;
            for (name, settings, secret) in rows {
                let object = names::object(table.kind, &settings).map_err(|error| StartError::Object {
                    kind: names::word(table.kind),
                    name: name.clone(),
                    why: error.to_string(),
                })?;
                book.rows.insert((table.kind, name), Row { object, secret });
            }
        }
        let version = self.meta("version").await?.and_then(|text| text.parse().ok());
        book.version = version.unwrap_or(0);
        let ids: Vec<(String, String, String)> = sqlx::query_as("SELECT kind, name, id FROM ids")
            .fetch_all(&self.write)
            .await
            .map_err(|e| self.fails(e))?;
        for (kind, name, id) in ids {
            book.ids.read(&kind, &name, &id)?;
        }
        Ok(book)
    }

    /// A value about the database itself.
    pub(super) async fn meta(&self, name: &str) -> Result<Option<String>, StartError> {
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM meta WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.write)
            .await
            .map_err(|e| self.fails(e))?;
        Ok(row.map(|(value,)| value))
    }

    /// Sets it.
    pub(super) async fn set_meta(&self, name: &str, value: &str) -> Result<(), StartError> {
        let mut tx = self.begin().await.map_err(|e| self.fails(e))?;
        put_meta(&mut tx, name, value).await.map_err(|e| self.fails(e))?;
        tx.commit().await.map_err(|e| self.fails(e))
    }
}

/// Sets a value about the database itself within a change.
pub(super) async fn put_meta(
    tx: &mut Transaction<'static, Sqlite>,
    name: &str,
    value: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Table {
    pub(super) fn of(kind: ObjectKind) -> &'static Self {
        let index = match kind {
            ObjectKind::User => 0,
            ObjectKind::Agent => 1,
            ObjectKind::Phone => 2,
            ObjectKind::Queue => 3,
            ObjectKind::Number => 4,
            ObjectKind::Flow => 5,
            ObjectKind::CannedReply => 6,
            ObjectKind::Disposition => 7,
            ObjectKind::Form => 8,
            ObjectKind::Channel => 9,
            ObjectKind::Bot => 10,
        };
        &TABLES[index]
    }

    /// Writes a row.
    pub(super) async fn put(
        &self,
        tx: &mut Transaction<'static, Sqlite>,
        name: &str,
        settings: &str,
        secret: Option<&str>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(self.upsert).bind(name).bind(settings).bind(secret).execute(&mut **tx).await?;
        Ok(())
    }

    /// Removes a row.
    pub(super) async fn delete(
        &self,
        tx: &mut Transaction<'static, Sqlite>,
        name: &str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(self.delete).bind(name).execute(&mut **tx).await?;
        Ok(())
    }
}
