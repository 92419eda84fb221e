//! The data centre: the only way to the business database. Messages come in here and are handed to
//! three tasks, so that none waits for another: storing sessions, changing what is configured, checking PINs.

mod admin;
mod book;
mod change;
mod check;
mod database;
mod history;
mod names;
mod pins;
mod push;
mod reports;
mod secrets;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

use ngcc_proto::{Body, Envelope, Ids, MessageId, Role, admin as vocabulary, data};
use ngcc_runtime::{House, Inbox, Outlet};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::Settings;
use crate::error::StartError;

pub(crate) use database::Database;

/// The most messages that may wait for the data centre; sessions are admitted at the edge, so it is never reached.
const CEILING: usize = 262_144;

/// A running data centre. It ends when the house stops.
#[derive(Debug)]
#[non_exhaustive]
pub struct DataCentre {}

/// Sends the data centre's messages.
#[derive(Clone)]
pub(crate) struct Voice {
    house: House,
    ids: Arc<Mutex<Ids>>,
}

impl Voice {
    pub(crate) fn new(house: &House) -> Self {
        Self { house: house.clone(), ids: Arc::new(Mutex::new(house.ids())) }
    }

    /// Sends `body`, as caused by `cause`.
    pub(crate) fn say(&self, cause: Option<MessageId>, body: impl Into<Body>) {
        let at = self.house.clock.now().wall;
        let envelope = {
            let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
            Envelope::new(&mut ids, at, None, cause, body)
        };
        self.house.bus.send(envelope);
    }
}

/// Where each kind of message goes.
struct Desks {
    store: UnboundedSender<writer::Closed>,
    change: UnboundedSender<(MessageId, vocabulary::Command)>,
    pins: UnboundedSender<pins::Asked>,
}

/// Opens the database, pushes the configuration and starts taking messages.
pub(crate) async fn start(settings: Settings, house: &House) -> Result<DataCentre, StartError> {
    house.expect("data");
    let database = Database::open(&house.data_dir).await?;
    let book = database.load().await?;
    let voice = Voice::new(house);
    let (tell_known, known) = watch::channel(book.known());
    let admin = admin::Admin::open(database.clone(), book, settings, voice.clone(), tell_known).await?;
    admin.push(None);
    let (store, stored) = unbounded_channel();
    let (change, changes) = unbounded_channel();
    let (pins, asked) = unbounded_channel();
    spawn(house, writer::run(database, stored, known.clone(), voice.clone(), house.clone()));
    spawn(house, admin.run(changes));
    spawn(house, pins::run(asked, known, voice, house.clock.clone()));
    let (inbox, outlet) = Inbox::<Envelope>::new("data", CEILING);
    inbox.attach_to(&house.bus, Role::Data);
    spawn(house, take(outlet, Desks { store, change, pins }, house.clone(), inbox));
    house.ready("data");
    Ok(DataCentre {})
}

/// Keeps the house waiting until `task` has ended and let go of everything.
fn spawn(house: &House, task: impl Future<Output = ()> + Send + 'static) {
    let part = house.part();
    tokio::spawn(async move {
        task.await;
        drop(part);
    });
}

/// Takes messages until the house stops. `_open` keeps the outlet open.
async fn take(mut outlet: Outlet<Envelope>, desks: Desks, house: House, _open: Inbox<Envelope>) {
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            () = house.stop.wait() => return,
            _ = outlet.take(&mut batch, 256) => {}
        }
        for envelope in batch.drain(..) {
            desks.hand_over(envelope);
        }
    }
}

impl Desks {
    /// A desk whose task has ended with the house takes nothing more, and nobody waits for it.
    fn hand_over(&self, envelope: Envelope) {
        let id = envelope.id;
        if let Body::AdminCommand(command) = envelope.body {
            let _ = self.change.send((id, command));
            return;
        }
        let Body::DataCommand(command) = envelope.body else {
            tracing::error!(kind = envelope.body.name(), "nothing the data centre takes");
            return;
        };
        match command {
            data::Command::Store { session, facts } => {
                let _ = self.store.send(writer::Closed { session, facts, cause: id });
            }
            data::Command::Keep { .. } | data::Command::ReadMessages { .. } => {
                tracing::error!("the message store is not open");
            }
            data::Command::CheckPin { agent, pin } => {
                let _ = self.pins.send(pins::Asked { cause: id, agent, pin });
            }
        }
    }
}

#[cfg(test)]
mod tests;
