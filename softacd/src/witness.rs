//! Tells the data centre what is proved and what is claimed of customers.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ngcc_proto::contact::{Evidence, Noted};
use ngcc_proto::{Envelope, Ids, MessageId};
use ngcc_runtime::{Bus, Clock, House};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long whoever waits for the answer does so: nothing that customers write hangs on the business database.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most who wait.
const MOST: usize = 4096;

/// Clones are the same.
#[derive(Clone)]
pub(crate) struct Witness(Arc<Inner>);

struct Inner {
    bus: Arc<dyn Bus>,
    clock: Clock,
    ids: Mutex<Ids>,
    open: Mutex<HashMap<MessageId, oneshot::Sender<Noted>>>,
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness(…)")
    }
}

impl Witness {
    pub(crate) fn new(house: &House) -> Self {
        let (bus, clock) = (Arc::clone(&house.bus), house.clock.clone());
        Self(Arc::new(Inner { bus, clock, ids: Mutex::new(house.ids()), open: Mutex::default() }))
    }

    /// Tells it, and does not wait: it is told again with the next connection.
    pub(crate) fn tell(&self, evidence: Evidence) {
        let envelope = self.envelope(evidence);
        self.0.bus.send(envelope);
    }

    /// Tells it, and waits for a moment until it is on disk; none: nobody has said so yet.
    pub(crate) async fn told(&self, evidence: Evidence) -> Option<Noted> {
        let envelope = self.envelope(evidence);
        let id = envelope.id;
        let (tell, told) = oneshot::channel();
        let waits = {
            let mut open = self.open();
            let room = open.len() < MOST;
            if room {
                open.insert(id, tell);
            }
            room
        };
        self.0.bus.send(envelope);
        if !waits {
            return None;
        }
        let _gone = Waiting { id, witness: self };
        timeout(PATIENCE, told).await.ok().and_then(Result::ok)
    }

    /// The data centre's answer.
    pub(crate) fn answer(&self, cause: Option<MessageId>, noted: Noted) {
        let waits = cause.and_then(|cause| self.open().remove(&cause));
        // Whoever waited may have gone.
        let _ = waits.map(|waits| waits.send(noted));
    }

    fn envelope(&self, evidence: Evidence) -> Envelope {
        let now = self.0.clock.now().wall;
        let mut ids = self.0.ids.lock().unwrap_or_else(PoisonError::into_inner);
        Envelope::new(&mut ids, now, None, None, evidence)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<MessageId, oneshot::Sender<Noted>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody waits until this is dropped.
struct Waiting<'a> {
    id: MessageId,
    witness: &'a Witness,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.witness.open().remove(&self.id);
    }
}
