//! The data centre: the only way to the business database. Messages come in here and are handed to
//! a task for each kind, so that none waits for another: storing sessions, keeping messages, changing what is
//! configured, checking PINs, signing in, knowing customers, answering the REST interface.

mod admin;
mod ask;
mod audit;
mod book;
mod change;
mod channels;
mod check;
mod contacts;
mod database;
mod guard;
mod hashing;
mod history;
mod ledger;
mod names;
mod pins;
mod push;
mod recordings;
mod reports;
mod secrets;
mod sign_in;
mod transcripts;
mod writer;

use ngcc_proto::{AgentUri, Body, Envelope, MessageId, Role, ask as gateway, auth, data, recording};
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
pub struct DataCentre {
    known: watch::Receiver<book::Known>,
}

/// Who works here.
#[derive(Clone, Debug)]
pub(crate) struct Colleagues(watch::Receiver<book::Known>);

impl Colleagues {
    /// Whether there is such a user.
    pub(crate) fn has(&self, agent: &AgentUri) -> bool {
        self.0.borrow().people.contains_key(agent.name())
    }
}

impl DataCentre {
    /// Who works here.
    pub(crate) fn colleagues(&self) -> Colleagues {
        Colleagues(self.known.clone())
    }
}

/// Where each kind of message goes.
struct Desks {
    store: UnboundedSender<writer::Closed>,
    copy: UnboundedSender<writer::Closed>,
    change: UnboundedSender<(MessageId, admin::Asked)>,
    pins: UnboundedSender<pins::Asked>,
    messages: messages::Desk,
    sign_in: UnboundedSender<(MessageId, auth::Command)>,
    ask: UnboundedSender<(MessageId, gateway::Command)>,
    contacts: UnboundedSender<contacts::Asked>,
    recordings: UnboundedSender<recordings::Whole>,
}

/// Opens the database, pushes the configuration and starts taking messages.
pub(crate) async fn start(settings: Settings, house: &House) -> Result<DataCentre, StartError> {
    house.expect("data");
    let database = Database::open(&house.data_dir).await?;
    let store = messages::Store::open(&house.data_dir).await?;
    let book = database.load().await?;
    let voice = Voice::new(house);
    let (tell_known, known) = watch::channel(book.known());
    let tokens = sign_in::Tokens::load(&database).await?;
    let keep_recordings = settings.keep_recordings;
    let loopback_passwords = settings.loopback_passwords.clone();
    let admin = admin::Admin::open(database.clone(), book, settings, voice.clone(), tell_known).await?;
    admin.push(None);
    let (close, stored) = unbounded_channel();
    let (change, changes) = unbounded_channel();
    let (pins, asked) = unbounded_channel();
    let (copy, copies) = unbounded_channel();
    let (sign_in, sign_ins) = unbounded_channel();
    let (ask, questions) = unbounded_channel();
    let (hashing, ledger) = (hashing::Hashing::new(), ledger::Ledger::open(database.clone(), house));
    let reception = sign_in::SignIn {
        known: known.clone(),
        tokens,
        ledger: ledger.clone(),
        nobodys: hashing.nobodys(house.rng()).await,
        hashing: hashing.clone(),
        voice: voice.clone(),
        loopback_passwords,
        guard: guard::Guard::default(),
        noted: sign_in::Noted::default(),
    };
    let desk = ask::Ask { database: database.clone(), store: store.clone(), ledger, voice: voice.clone() };
    let (recordings, recorded) = unbounded_channel();
    spawn(house, recordings::run(database.clone(), recorded, voice.clone(), house.clone()));
    spawn(house, recordings::sweep(database.clone(), keep_recordings, house.clone()));
    let (contacts, customers) = unbounded_channel();
    spawn(house, contacts::Contacts::new(database.clone(), voice.clone()).run(customers));
    spawn(house, reception.run(sign_ins));
    spawn(house, desk.run(questions));
    spawn(house, transcripts::run(database.clone(), store.clone(), copies, close.clone(), house.clone()));
    spawn(house, writer::run(database, stored, known.clone(), voice.clone(), house.clone()));
    spawn(house, admin.run(changes));
    spawn(house, pins::run(asked, known.clone(), voice.clone(), hashing, house.clock.clone()));
    let messages = messages::Desk::open(&store, &voice, house);
    let (inbox, outlet) = Inbox::<Envelope>::new("data", CEILING);
    inbox.attach_to(&house.bus, Role::Data);
    let desks = Desks { store: close, copy, change, pins, messages, sign_in, ask, contacts, recordings };
    spawn(house, take(outlet, desks, house.clone(), inbox));
    house.ready("data");
    Ok(DataCentre { known })
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
        let kind = envelope.body.name();
        if let Body::AdminCommand(command) = envelope.body {
            let _ = self.change.send((id, admin::Asked::Operator(command)));
        } else if let Body::ChannelChange(change) = envelope.body {
            let _ = self.change.send((id, admin::Asked::Administrator(change)));
        } else if let Body::AuthCommand(command) = envelope.body {
            let _ = self.sign_in.send((id, command));
        } else if let Body::AskCommand(command) = envelope.body {
            let _ = self.ask.send((id, command));
        } else if let Body::ContactCommand(command) = envelope.body {
            let _ = self.contacts.send(contacts::Asked::Command(id, command));
        } else if let Body::ContactEvidence(evidence) = envelope.body {
            let _ = self.contacts.send(contacts::Asked::Evidence(id, evidence));
        } else if let Body::RecordingCommand(command) = envelope.body {
            let recording::Command::Keep { recording } = command;
            let _ = self.recordings.send(recordings::Whole { cause: id, recording });
        } else if let Body::ScreenCommand(recording::MediaCommand::Keep { recording }) = envelope.body {
            let _ = self.recordings.send(recordings::Whole { cause: id, recording });
        } else if let Body::DataCommand(command) = envelope.body {
            self.store(id, command);
        } else {
            tracing::error!(kind, "nothing the data centre takes");
        }
    }

    fn store(&self, id: MessageId, command: data::Command) {
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
