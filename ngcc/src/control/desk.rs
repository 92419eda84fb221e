//! The operator's desk: sends a message into the house and waits for the one it caused. It speaks as
//! `Role::Operator`, also for what it asks of an agent's seat.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ngcc_proto::envelope::Body;
use ngcc_proto::{Envelope, Ids, MessageId, Role};
use ngcc_runtime::House;
use tokio::sync::oneshot;

use super::{Answer, slow_part};

/// The most questions open at once; a client that asks more is told so.
const MAX_OPEN: usize = 1024;

/// Asks the house. Clones are one desk.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Inner>);

struct Inner {
    house: House,
    ids: Mutex<Ids>,
    open: Arc<Open>,
    patience: Duration,
}

#[derive(Default)]
struct Open(Mutex<HashMap<MessageId, oneshot::Sender<Body>>>);

impl Desk {
    /// Takes its place on the bus of `house`; an answer may take so long.
    pub(crate) fn open(house: &House, patience: Duration) -> Self {
        let open = Arc::new(Open::default());
        let answers = Arc::clone(&open);
        house.bus.attach(Role::Operator, Box::new(move |envelope| answers.answer(envelope)));
        Self(Arc::new(Inner { house: house.clone(), ids: Mutex::new(house.ids()), open, patience }))
    }

    /// Sends `body` and waits for its answer.
    pub(crate) async fn ask(&self, body: Body) -> Answer {
        if body.route().0 != Role::Operator {
            return Answer::Error(format!("{} is nothing an operator may send", body.name()));
        }
        let patience = self.0.patience + slow_part(&body);
        let Some(waiting) = self.send(body) else { return Answer::Error(TOO_MANY.to_owned()) };
        match waiting.answer(patience).await {
            Some(body) => Answer::Body(Box::new(body)),
            None => Answer::Error(format!("no answer within {patience:?}")),
        }
    }

    fn send(&self, body: Body) -> Option<Waiting> {
        let envelope = {
            let mut ids = self.0.ids.lock().unwrap_or_else(PoisonError::into_inner);
            Envelope::new(&mut ids, self.0.house.clock.now().wall, None, None, body)
        };
        let (tell, told) = oneshot::channel();
        {
            let mut open = self.0.open.0.lock().unwrap_or_else(PoisonError::into_inner);
            if open.len() >= MAX_OPEN {
                return None;
            }
            open.insert(envelope.id, tell);
        }
        let waiting = Waiting { id: envelope.id, told, open: Arc::clone(&self.0.open) };
        self.0.house.bus.send(envelope);
        Some(waiting)
    }
}

const TOO_MANY: &str = "too many questions at once: ask again";

impl Open {
    fn answer(&self, envelope: Envelope) {
        let Some(cause) = envelope.cause else { return };
        let asker = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&cause);
        if let Some(asker) = asker {
            // Whoever asked may have stopped waiting.
            let _ = asker.send(envelope.body);
        }
    }
}

/// A question that is open until this is dropped.
struct Waiting {
    id: MessageId,
    told: oneshot::Receiver<Body>,
    open: Arc<Open>,
}

impl Waiting {
    async fn answer(mut self, at_most: Duration) -> Option<Body> {
        tokio::time::timeout(at_most, &mut self.told).await.ok()?.ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.open.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
