//! The token of a provider's interface: it has one owner, as with some providers a second one ends the first.

use std::future::Future;
use std::time::Duration;

use ngcc_proto::{Mono, Secret};
use ngcc_runtime::Clock;
use tokio::sync::Mutex;

use super::provider::Failed;

/// A token, and how long it is good from now.
pub(super) type Fresh = (Secret, Duration);

/// See the module.
pub(super) struct Access {
    held: Mutex<Option<(Secret, Mono)>>,
    /// It is renewed this long before its end.
    early: Duration,
}

impl Access {
    /// No token yet; later ones are renewed `early`.
    pub(super) fn new(early: Duration) -> Self {
        Self { held: Mutex::new(None), early }
    }

    /// The token, which is asked for by `ask` if there is none that is good. Whoever comes meanwhile waits for it.
    pub(super) async fn token(
        &self,
        clock: &Clock,
        ask: impl Future<Output = Result<Fresh, Failed>>,
    ) -> Result<Secret, Failed> {
        let mut held = self.held.lock().await;
        if let Some((token, until)) = &*held
            && clock.now().mono < *until
        {
            return Ok(token.clone());
        }
        let (token, lasts) = ask.await?;
        *held = Some((token.clone(), clock.now().mono + lasts.saturating_sub(self.early)));
        Ok(token)
    }

    /// The token is good no more, unless somebody has renewed it already.
    pub(super) async fn ends(&self, token: &Secret) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|(held, _)| held == token) {
            *held = None;
        }
    }
}
