//! The demo's simulated customers: they come in by the product's own doors, as a page and as a phone do, and nothing
//! behind the doors knows them from real ones. So many at a time and no more, and each leaves by itself.

mod caller;
mod visitor;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ngcc_agent_gateway::{Simulate, Simulated};
use ngcc_ivr::SpeechSettings;
use ngcc_runtime::House;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How many come at a wish.
const SOME: usize = 3;
/// How many are there at a time at most.
const MOST: usize = 10;
/// How long one stays at most, whatever happens.
const STAY: Duration = Duration::from_secs(240);

/// Brings simulated customers, as soon as it knows the doors.
#[derive(Clone, Debug)]
pub(crate) struct Simulator(Arc<Inner>);

struct Inner {
    house: House,
    speech: SpeechSettings,
    doors: OnceLock<Doors>,
    places: Arc<Semaphore>,
    came: AtomicUsize,
}

/// Where customers come in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doors {
    /// Pages.
    pub(crate) http: SocketAddr,
    /// Phones.
    pub(crate) sip: SocketAddr,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("doors", &self.doors).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Nobody comes before the doors are open.
    pub(crate) fn new(house: &House, speech: SpeechSettings) -> Self {
        let places = Arc::new(Semaphore::new(MOST));
        let (doors, came) = (OnceLock::new(), AtomicUsize::new(0));
        Self(Arc::new(Inner { house: house.clone(), speech, doors, places, came }))
    }

    /// The doors are open.
    pub(crate) fn open(&self, doors: Doors) {
        // They are opened once.
        let _ = self.0.doors.set(doors);
    }

    fn bring(&self, doors: Doors, place: OwnedSemaphorePermit) {
        let inner = Arc::clone(&self.0);
        let n = inner.came.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let _place = place;
            let comes = async {
                // Of three one calls.
                match n % SOME {
                    1 => caller::call(doors.sip, &inner.speech, n).await,
                    _ => visitor::chat(doors.http, n).await,
                }
            };
            tokio::select! {
                () = inner.house.stop.wait() => {}
                gone = timeout(STAY, comes) => match gone {
                    Ok(Ok(())) | Err(_) => {}
                    Ok(Err(why)) => tracing::warn!(why, "a simulated customer left before their time"),
                },
            }
        });
    }
}

impl Simulate for Simulator {
    fn some(&self) -> Option<Simulated> {
        let doors = *self.0.doors.get()?;
        let place = || Arc::clone(&self.0.places).try_acquire_owned().ok();
        let places: Vec<_> = std::iter::repeat_with(place).take(SOME).flatten().collect();
        let started = places.len();
        for place in places {
            self.bring(doors, place);
        }
        let running = MOST.saturating_sub(self.0.places.available_permits());
        (started > 0).then_some(Simulated { started, running, most: MOST })
    }
}
