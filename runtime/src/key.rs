//! The one key of a data directory, and the keys derived from it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256 of `text` under `key` (RFC 2104).
pub(crate) fn mac(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The key for `purpose`.
pub(crate) fn derive(master: &[u8; 32], purpose: &str) -> [u8; 32] {
    mac(master, purpose.as_bytes())
}

/// Reads the key, or makes it. A file of another length is an error: it is not overwritten.
pub(crate) fn read_or_make(path: &Path, seed: impl Fn() -> io::Result<[u8; 32]>) -> io::Result<[u8; 32]> {
    match fs::read(path) {
        Ok(bytes) => <[u8; 32]>::try_from(bytes.as_slice())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the key has not 32 bytes")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path, seed()?),
        Err(error) => Err(error),
    }
}

/// Written beside and renamed, so that a crash leaves a whole key or none.
fn make(path: &Path, key: [u8; 32]) -> io::Result<[u8; 32]> {
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(parent)?;
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    fs::File::open(parent)?.sync_all()?;
    Ok(key)
}
