//! How the stores speak on the bus, and how their tasks belong to the house.

use std::sync::{Arc, Mutex, PoisonError};

use ngcc_proto::{Body, Envelope, Ids, MessageId, SessionId, Wall};
use ngcc_runtime::House;

/// Sends a role's messages.
#[derive(Clone)]
pub(crate) struct Voice {
    pub(crate) house: House,
    ids: Arc<Mutex<Ids>>,
}

impl Voice {
    pub(crate) fn new(house: &House) -> Self {
        Self { house: house.clone(), ids: Arc::new(Mutex::new(house.ids())) }
    }

    /// The calendar.
    pub(crate) fn now(&self) -> Wall {
        self.house.clock.now().wall
    }

    /// Sends `body`, as caused by `cause`.
    pub(crate) fn say(&self, cause: Option<MessageId>, body: impl Into<Body>) {
        self.send(None, cause, body);
    }

    /// The same, of a session.
    pub(crate) fn say_of(&self, session: SessionId, cause: MessageId, body: impl Into<Body>) {
        self.send(Some(session), Some(cause), body);
    }

    fn send(&self, session: Option<SessionId>, cause: Option<MessageId>, body: impl Into<Body>) {
        let at = self.now();
        let envelope = {
            let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
            Envelope::new(&mut ids, at, session, cause, body)
        };
        self.house.bus.send(envelope);
    }
}

/// Keeps the house waiting until `task` has ended and let go of everything.
pub(crate) fn spawn(house: &House, task: impl Future<Output = ()> + Send + 'static) {
    let part = house.part();
    tokio::spawn(async move {
        task.await;
        drop(part);
    });
}
