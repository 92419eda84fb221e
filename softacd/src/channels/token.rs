//! The token of a provider's interface: it has one owner, as with some providers a second one ends the first.

use std::future::Future;
use std::sync::PoisonError;
use std::time::Duration;

use ngcc_proto::{Mono, Secret, Wall, channel};
use ngcc_runtime::Clock;
use tokio::sync::Mutex;

use super::provider::Failed;

/// A token, and how long it is good from now.
pub(super) type Fresh = (Secret, Duration);

/// See the module.
pub(super) struct Access {
    held: Mutex<Option<(Secret, Mono)>>,
    /// When the one that is held is renewed; none if there is none.
    until: std::sync::Mutex<Option<Wall>>,
    /// It is renewed this long before its end.
    early: Duration,
}

impl Access {
    /// No token yet; later ones are renewed `early`.
    pub(super) fn new(early: Duration) -> Self {
        Self { held: Mutex::new(None), until: std::sync::Mutex::new(None), early }
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
        let (now, lasts) = (clock.now(), lasts.saturating_sub(self.early));
        *held = Some((token.clone(), now.mono + lasts));
        let ms = i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
        self.shows(Some(Wall(now.wall.0.saturating_add(ms))));
        Ok(token)
    }

    /// The token is good no more, unless somebody has renewed it already.
    pub(super) async fn ends(&self, token: &Secret) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|(held, _)| held == token) {
            *held = None;
            self.shows(None);
        }
    }

    /// Whether there is a token at `now`, and until when.
    pub(super) fn state(&self, now: Wall) -> channel::Token {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        match until.filter(|until| *until > now) {
            Some(until) => channel::Token::Held { until },
            None => channel::Token::Missing,
        }
    }

    fn shows(&self, until: Option<Wall>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}
