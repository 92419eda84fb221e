//! How far what WeCom tells of each service account has been taken: on disk, beside the data.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use ngcc_proto::Wall;
use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

/// The most service accounts of one channel.
const MOST: usize = 256;
/// What was written this long before the channel was first asked for is another's business, in milliseconds: at first
/// the provider tells what it has, which is three days.
const BEFORE_MS: i64 = 600_000;

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The corporation they are of.
    of: String,
    since: Wall,
    cursors: BTreeMap<String, String>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Cursors {
    path: PathBuf,
    kept: Kept,
}

impl Cursors {
    /// Those of `channel`, whose corporation is `of`; none yet where the channel is new.
    ///
    /// # Errors
    /// The directory cannot be written, or what is there cannot be read.
    pub(super) async fn open(dir: &Path, channel: &str, of: &str, now: Wall) -> io::Result<Self> {
        let path = dir.join(format!("{channel}.json"));
        let known = match fs::read(&path).await {
            Ok(bytes) => Some(serde_json::from_slice::<Kept>(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(kept) = known.filter(|kept| kept.of == of) {
            return Ok(Self { path, kept });
        }
        fs::create_dir_all(dir).await?;
        let since = Wall(now.0.saturating_sub(BEFORE_MS));
        let new = Self { path, kept: Kept { of: of.to_owned(), since, cursors: BTreeMap::new() } };
        new.write().await?;
        Ok(new)
    }

    /// Since when what happened is ours.
    pub(super) fn since(&self) -> Wall {
        self.kept.since
    }

    /// The service accounts that were asked for before.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &String> {
        self.kept.cursors.keys()
    }

    /// Whether an account was asked for before.
    pub(super) fn knows(&self, account: &str) -> bool {
        self.kept.cursors.contains_key(account)
    }

    /// Behind what is taken of an account; empty: nothing is.
    pub(super) fn of(&self, account: &str) -> &str {
        self.kept.cursors.get(account).map(String::as_str).unwrap_or_default()
    }

    /// Everything up to `cursor` is on disk, and so is this when it returns.
    ///
    /// # Errors
    /// The disk, or there are too many accounts.
    pub(super) async fn moves(&mut self, account: &str, cursor: String) -> io::Result<()> {
        if !self.knows(account) && self.kept.cursors.len() >= MOST {
            return Err(io::Error::other("there are too many service accounts"));
        }
        self.kept.cursors.insert(account.to_owned(), cursor);
        self.write().await
    }

    async fn write(&self) -> io::Result<()> {
        let part = self.path.with_extension("part");
        let mut out = fs::File::create(&part).await?;
        out.write_all(&serde_json::to_vec(&self.kept)?).await?;
        out.sync_all().await?;
        fs::rename(&part, &self.path).await?;
        match self.path.parent() {
            Some(dir) => fs::File::open(dir).await?.sync_all().await,
            None => Ok(()),
        }
    }
}
