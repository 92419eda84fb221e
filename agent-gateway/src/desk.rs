//! Asks the other roles: sends a message into the house and waits for the one it caused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ngcc_proto::envelope::Body;
use ngcc_proto::{Envelope, Ids, MessageId, Now};
use ngcc_runtime::{Bus, Clock, House};
use tokio::sync::oneshot;

/// The most questions open at once.
const MOST: usize = 4096;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Too many questions are open.
    Busy,
    /// None came in time.
    Late,
}

/// Speaks as the gateway. It holds no house: a listener that outlives the parts must not keep the data
/// directory locked.
pub(crate) struct Desk {
    bus: Arc<dyn Bus>,
    clock: Clock,
    ids: Mutex<Ids>,
    open: Mutex<HashMap<MessageId, oneshot::Sender<Body>>>,
    patience: Duration,
}

impl Desk {
    /// A desk whose answers may take `patience`.
    pub(crate) fn new(house: &House, patience: Duration) -> Self {
        let (bus, clock) = (Arc::clone(&house.bus), house.clock.clone());
        Self { bus, clock, ids: Mutex::new(house.ids()), open: Mutex::default(), patience }
    }

    /// The time.
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// A random token.
    pub(crate) fn token(&self) -> String {
        crate::token::fresh(self.ids().rng())
    }

    /// The name of a request.
    pub(crate) fn request_id(&self) -> String {
        let id: MessageId = self.ids().mint(self.now().wall);
        id.to_string().replacen(MessageId::PREFIX, "req", 1)
    }

    /// An id for whatever is good once.
    pub(crate) fn once(&self) -> MessageId {
        self.ids().mint(self.now().wall)
    }

    /// Sends, and gives the id by which an answer names its cause.
    pub(crate) fn send(&self, body: impl Into<Body>) -> MessageId {
        let envelope = self.envelope(body.into());
        let id = envelope.id;
        self.bus.send(envelope);
        id
    }

    /// Sends and waits for the answer.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub(crate) async fn ask(&self, body: impl Into<Body>) -> Result<Body, NoAnswer> {
        self.ask_within(body, self.patience).await
    }

    /// The same of something that may take longer, or has to be faster.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub(crate) async fn ask_within(
        &self,
        body: impl Into<Body>,
        patience: Duration,
    ) -> Result<Body, NoAnswer> {
        let envelope = self.envelope(body.into());
        let (tell, told) = oneshot::channel();
        let question = Question { id: envelope.id, desk: self };
        {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            if open.len() >= MOST {
                return Err(NoAnswer::Busy);
            }
            open.insert(question.id, tell);
        }
        self.bus.send(envelope);
        match tokio::time::timeout(patience, told).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(_)) | Err(_) => Err(NoAnswer::Late),
        }
    }

    /// Hands an answer to whoever waits for it.
    pub(crate) fn answer(&self, cause: Option<MessageId>, body: Body) {
        let Some(cause) = cause else { return };
        let asker = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&cause);
        if let Some(asker) = asker {
            // Whoever asked may have stopped waiting.
            let _ = asker.send(body);
        }
    }

    fn envelope(&self, body: Body) -> Envelope {
        Envelope::new(&mut self.ids(), self.now().wall, None, None, body)
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, Ids> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question that is open until this is dropped.
struct Question<'a> {
    id: MessageId,
    desk: &'a Desk,
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.desk.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
