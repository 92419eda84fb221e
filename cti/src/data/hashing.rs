//! Comparing passwords and PINs with what is kept of them: slow on purpose, so on blocking threads, and only so many
//! at a time that calls do not feel it.

use std::sync::Arc;

use ngcc_proto::{Rng, Secret};
use tokio::sync::Semaphore;

use super::secrets;

/// How many are compared at the same time: half of the cores.
#[derive(Clone, Debug)]
pub(super) struct Hashing(Arc<Semaphore>);

impl Hashing {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new((cores / 2).max(1))))
    }

    /// Whether `text` is what `kept` was made of.
    pub(super) async fn matches(&self, text: Secret, kept: String) -> bool {
        // The semaphore is never closed.
        let Ok(turn) = Arc::clone(&self.0).acquire_owned().await else { return false };
        let compare = move || {
            let right = secrets::matches(text.expose(), &kept);
            drop(turn);
            right
        };
        tokio::task::spawn_blocking(compare).await.unwrap_or(false)
    }

    /// What stands for the password of a name that nobody has: comparing with it takes as long, and it is nobody's.
    pub(super) async fn nobodys(&self, mut rng: Rng) -> String {
        let make = move || {
            let password = format!("{:032x}{:032x}", rng.u128(), rng.u128());
            secrets::password_hash(&password, &mut rng).unwrap_or_default()
        };
        tokio::task::spawn_blocking(make).await.unwrap_or_default()
    }
}
