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
mod transcripts;
mod writer;

use ngcc_proto::{Body, Envelope, MessageId, Role, admin as vocabulary, data};
use ngcc_runtime::{House, Inbox, Outlet};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::Settings;
use crate::error::StartError;
use crate::messages;
use crate::voice::{Voice, spawn};

pub(crate) use database::Database;

/// The most messages that may wait for the data centre; sessions are admitted at the edge, so it is never reached.
const CEILING: usize = 262_144;

/// A running data centre. It ends when the house stops.
#[derive(Debug)]
#[non_exhaustive]
pub struct DataCentre {}

/// Where each kind of message goes.
struct Desks {
    store: UnboundedSender<writer::Closed>,
    copy: UnboundedSender<writer::Closed>,
    change: UnboundedSender<(MessageId, vocabulary::Command)>,
    pins: UnboundedSender<pins::Asked>,
    messages: messages::Desk,
}

/// Opens the database, pushes the configuration and starts taking messages.
pub(crate) async fn start(settings: Settings, house: &House) -> Result<DataCentre, StartError> {
    house.expect("data");
    let database = Database::open(&house.data_dir).await?;
    let store = messages::Store::open(&house.data_dir).await?;
    let book = database.load().await?;
    let voice = Voice::new(house);
    let (tell_known, known) = watch::channel(book.known());
    let admin = admin::Admin::open(database.clone(), book, settings, voice.clone(), tell_known).await?;
    admin.push(None);
    let (close, stored) = unbounded_channel();
    let (change, changes) = unbounded_channel();
    let (pins, asked) = unbounded_channel();
    let (copy, copies) = unbounded_channel();
    spawn(house, transcripts::run(database.clone(), store.clone(), copies, close.clone(), house.clone()));
    spawn(house, writer::run(database, stored, known.clone(), voice.clone(), house.clone()));
    spawn(house, admin.run(changes));
    spawn(house, pins::run(asked, known, voice.clone(), house.clock.clone()));
    let messages = messages::Desk::open(&store, &voice, house);
    let (inbox, outlet) = Inbox::<Envelope>::new("data", CEILING);
    inbox.attach_to(&house.bus, Role::Data);
    spawn(house, take(outlet, Desks { store: close, copy, change, pins, messages }, house.clone(), inbox));
    house.ready("data");
    Ok(DataCentre {})
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
                let desk = if transcripts::may_have(&facts) { &self.copy } else { &self.store };
                let _ = desk.send(writer::Closed { session, facts, cause: id, messages: 0 });
            }
            data::Command::Keep { session, sender, key, by, content, private } => {
                self.messages.keep(messages::Keep { cause: id, session, sender, key, by, content, private });
            }
            data::Command::ReadMessages { session, after, limit, private } => {
                self.messages.read(messages::Read { cause: id, session, after, limit, private });
            }
            data::Command::CheckPin { agent, pin } => {
                let _ = self.pins.send(pins::Asked { cause: id, agent, pin });
            }
        }
    }
}

#[cfg(test)]
mod tests;
