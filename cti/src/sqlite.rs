//! A SQLite file of ours: one writer, a few readers, tables by embedded migrations. Every commit is on disk
//! (`synchronous=FULL`) before it returns: power may fail at any time.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{SqlSafeStr, Sqlite, Transaction};

use crate::error::StartError;

/// How long a statement waits for another process's lock, or a task for the connection, before it fails.
const BUSY: Duration = Duration::from_secs(2);
/// How many may read at the same time.
pub(crate) const READERS: u32 = 2;

/// How a file is made. A step is never changed once it was released: its sum is kept in the file.
pub(crate) struct Shape {
    /// The file's name in the data directory.
    pub(crate) file: &'static str,
    /// Bytes of a page; only a new file takes it.
    pub(crate) page: u32,
    /// The steps that make its tables, in order: name and statements.
    pub(crate) steps: &'static [(&'static str, &'static str)],
}

/// An open file. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct File {
    path: PathBuf,
    /// One connection: SQLite has one writer, and waiting for it here is cheaper than being refused there.
    pub(crate) write: SqlitePool,
    pub(crate) read: SqlitePool,
}

impl File {
    /// Opens or makes the file in `data_dir` and brings its tables up to date.
    ///
    /// # Errors
    /// It cannot be opened, or is of a newer build.
    pub(crate) async fn open(data_dir: &std::path::Path, shape: &Shape) -> Result<Self, StartError> {
        let path = data_dir.join(shape.file);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .page_size(shape.page)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let fails = |source| StartError::Database { path: path.clone(), source };
        let write = SqlitePoolOptions::new().max_connections(1).acquire_timeout(BUSY);
        let write = write.connect_with(options.clone()).await.map_err(fails)?;
        let tables = migrator(shape.steps).run(&write).await;
        tables.map_err(|source| StartError::Tables { path: path.clone(), source })?;
        let read = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(BUSY);
        let read = read.connect_lazy_with(options.read_only(true));
        Ok(Self { path, write, read })
    }

    /// A transaction that holds the write lock from its beginning: nothing read in it can have changed when it writes.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.write.begin_with("BEGIN IMMEDIATE").await
    }

    /// A failure that keeps the house from starting.
    pub(crate) fn fails(&self, source: sqlx::Error) -> StartError {
        StartError::Database { path: self.path.clone(), source }
    }
}

fn migrator(steps: &'static [(&'static str, &'static str)]) -> Migrator {
    let step = |(version, (name, sql)): (i64, &(&'static str, &'static str))| {
        Migration::new(version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    };
    Migrator::with_migrations((1..).zip(steps).map(step).collect())
}
