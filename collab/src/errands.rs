//! What pages ask beside their connections, on its way to the core and back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ngcc_collab_core::{Call, Errand, Input, Named, Reply};
use ngcc_proto::CollabId;
use ngcc_proto::collab::Ticket;
use ngcc_runtime::Inbox;
use tokio::sync::oneshot;

/// The errands whose answers are awaited. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Errands(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    waiting: Mutex<HashMap<Call, oneshot::Sender<Reply>>>,
    next: AtomicU64,
    inbox: Inbox<Input>,
}

impl Errands {
    pub(crate) fn new(inbox: Inbox<Input>) -> Self {
        Self(Arc::new(Inner { waiting: Mutex::default(), next: AtomicU64::new(1), inbox }))
    }

    /// Asks the core; none if it has lost the question. A future that is dropped changes nothing of what is done.
    pub(crate) async fn ask(&self, collab: CollabId, ticket: Ticket, errand: Errand) -> Option<Reply> {
        let call = Call(self.0.next.fetch_add(1, Ordering::Relaxed));
        let (answer, answered) = oneshot::channel();
        self.lock().insert(call, answer);
        self.0.inbox.put(Input::Errand(Named { call, collab, ticket, errand }));
        answered.await.ok()
    }

    pub(crate) fn reply(&self, call: Call, reply: Reply) {
        if let Some(answer) = self.lock().remove(&call) {
            // Whoever asked may be gone.
            let _ = answer.send(reply);
        }
    }

    /// The core has lost what it was asked.
    pub(crate) fn forget_all(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Call, oneshot::Sender<Reply>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
