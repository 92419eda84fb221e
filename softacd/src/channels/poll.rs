//! A channel whose provider does not say what has happened: nobody can call, or nothing but hints comes. It is asked for
//! what its customers have done, by one task, for as long as the channel is set up so; and never behind what is on disk.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::Channels;
use super::adapter::{Adapter, Asked};
use super::telegram::{Telegram, Update};
use super::{email, hook, wecom};

/// The pause after something that went wrong; it doubles up to the longest.
pub(super) const FIRST: Duration = Duration::from_millis(500);
pub(super) const LONGEST: Duration = Duration::from_secs(60);
/// How long the messages of one update may take to the disk, their files included.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The task, which ends with this.
#[derive(Debug)]
pub(super) struct Poll(AbortHandle);

impl Drop for Poll {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Poll {
    /// Begins to ask for what happens on `channel`.
    pub(super) fn begin(channels: &Channels, channel: String, adapter: Arc<Adapter>) -> Self {
        let all = channels.clone();
        let task = async move {
            match adapter.asked() {
                Some(Asked::Bot(bot)) => run(&all, &channel, (&adapter, bot)).await,
                Some(Asked::Pages(_)) => wecom::run(all, channel, Arc::clone(&adapter)).await,
                Some(Asked::Account(account)) => email::watch(&all, &channel, (&adapter, account)).await,
                None => {}
            }
        };
        Self(channels.runtime.spawn(task).abort_handle())
    }
}

async fn run(channels: &Channels, channel: &str, (adapter, bot): (&Adapter, &Telegram)) {
    let (mut from, mut pause) = (None, FIRST);
    loop {
        let asked = Instant::now();
        let fine = match bot.updates(from, &channels.clock).await {
            Ok(updates) => {
                adapter.health.answered(channels.clock.now().wall);
                // An answer at once that says nothing would make this ask without end.
                let waited = !updates.is_empty() || asked.elapsed() > FIRST;
                take(channels, channel, (adapter, bot), updates, &mut from).await && waited
            }
            Err(error) => {
                let why = adapter.health.failed(&error, channels.clock.now().wall);
                tracing::warn!(channel, why, "a channel's provider does not tell what has happened");
                false
            }
        };
        if fine {
            pause = FIRST;
            continue;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// Whether all of it is on disk; `from` is moved on behind what is.
async fn take(
    channels: &Channels,
    channel: &str,
    (adapter, bot): (&Adapter, &Telegram),
    updates: Vec<Update>,
    from: &mut Option<i64>,
) -> bool {
    for update in updates {
        let taken = timeout(PATIENCE, hook::take_all(channels, adapter, channel, update.brought));
        if !taken.await.unwrap_or(false) {
            return false;
        }
        *from = Some(update.number.saturating_add(1));
        if let Some(pressed) = update.pressed
            && let Err(error) = bot.noticed(&pressed, &channels.clock).await
        {
            // It turns for a while, which is all.
            tracing::debug!(channel, %error, "a button that was pressed is not noticed");
        }
    }
    true
}
