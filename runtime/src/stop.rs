//! Orderly shutdown: one flag everybody can wait for. What must survive is in the logs already; a
//! stop only flushes them, so a kill differs from it in nothing but the last milliseconds.

use std::sync::Arc;

use tokio::sync::watch;

/// Says when the house is to stop. Clones share one flag.
#[derive(Clone, Debug)]
pub struct Stop {
    tell: Arc<watch::Sender<bool>>,
    seen: watch::Receiver<bool>,
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// A flag that is not set.
    pub fn new() -> Self {
        let (tell, seen) = watch::channel(false);
        Self { tell: Arc::new(tell), seen }
    }

    /// Asks everybody to stop.
    pub fn begin(&self) {
        self.tell.send_replace(true);
    }

    /// Whether a stop has begun.
    pub fn has_begun(&self) -> bool {
        *self.seen.borrow()
    }

    /// Returns when a stop begins. Safe to drop half-way.
    pub async fn wait(&self) {
        let mut seen = self.seen.clone();
        // The sender lives in `self`, so the wait can only end by the flag.
        let _ = seen.wait_for(|begun| *begun).await;
    }

    /// Begins the stop on SIGTERM or SIGINT.
    ///
    /// # Errors
    /// The signals cannot be caught.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stop = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
                () = stop.wait() => {}
            }
            stop.begin();
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_who_waits_hears_of_the_stop_and_so_does_who_comes_later() {
        let stop = Stop::new();
        let other = stop.clone();
        let waiter = tokio::spawn(async move { other.wait().await });
        assert!(!stop.has_begun());
        stop.begin();
        waiter.await.unwrap();
        stop.wait().await;
        assert!(stop.clone().has_begun());
    }
}
