//! The file `business.db`: one writer, a few readers, tables by embedded migrations.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ngcc_proto::config::ObjectKind;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{SqlSafeStr, Sqlite, Transaction};

use super::book::{Book, Row};
use super::names;
use crate::error::StartError;

/// How long a statement waits for another process's lock before it fails and is tried again.
const BUSY: Duration = Duration::from_secs(2);

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
        pub(super) const TABLES: [Table; 6] = [$(Table {
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
}

/// The business database. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    path: PathBuf,
    /// One connection: SQLite has one writer, and waiting for it here is cheaper than being refused there.
    pub(super) write: SqlitePool,
    pub(super) read: SqlitePool,
}

impl Database {
    /// Opens or makes `business.db` in `data_dir` and brings its tables up to date.
    pub(crate) async fn open(data_dir: &Path) -> Result<Self, StartError> {
        let path = data_dir.join("business.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            // A chain of facts is some kilobytes: on small pages each would cost several writes.
            .page_size(16 * 1024)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY);
        let fails = |source| StartError::Database { path: path.clone(), source };
        let write =
            SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await.map_err(fails)?;
        migrator().run(&write).await.map_err(|source| StartError::Tables { path: path.clone(), source })?;
        let read = SqlitePoolOptions::new().max_connections(2).connect_lazy_with(options.read_only(true));
        Ok(Self { path, write, read })
    }

    /// A transaction that holds the write lock from its beginning: nothing read in it can have changed when it writes.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.write.begin_with("BEGIN IMMEDIATE").await
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

    fn fails(&self, source: sqlx::Error) -> StartError {
        StartError::Database { path: self.path.clone(), source }
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

fn migrator() -> Migrator {
    let business = include_str!("../../migrations/0001_business.sql").into_sql_str();
    Migrator::with_migrations(vec![Migration::new(
        1,
        "business".into(),
        MigrationType::Simple,
        business,
        false,
    )])
}
