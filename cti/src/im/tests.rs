//! The colleagues' exchange on a bus, with its real file.

mod groups;
mod old;
mod one;
mod search;
mod servers;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ngcc_proto::chat::Text;
use ngcc_proto::config::{Catalogue, Centre, User};
use ngcc_proto::im::{Listed, Message, Part, Said};
use ngcc_proto::{SessionId, Wall, admin, data};
use ngcc_runtime::Settings as HouseSettings;
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;

struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("ngcc-im-{}-{n}", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A house with the data centre and the colleagues' exchange, and somebody who listens at the gateway and in cti.
struct Running {
    house: House,
    voice: Ids,
    told: UnboundedReceiver<Envelope>,
}

impl Running {
    async fn start(place: &Place) -> Self {
        let house = House::open(HouseSettings { seed: Some(1), ..HouseSettings::at(&place.0) }).unwrap();
        let (tell, told) = unbounded_channel();
        for role in [Role::Operator, Role::Cti, Role::Gateway] {
            let tell = tell.clone();
            house.bus.attach(role, Box::new(move |envelope| drop(tell.send(envelope))));
        }
        let settings = crate::Settings {
            realm: "test".to_owned(),
            centre: Centre::default(),
            banned: Vec::new(),
            loopback_passwords: Vec::new(),
            keep_recordings: Duration::from_secs(30 * 24 * 60 * 60),
            flow_check: |_, _| Ok(()),
        };
        let data = crate::start_data_centre(settings, &house).await.unwrap();
        start(&house, data.colleagues()).await.unwrap();
        let mut running = Self { voice: house.ids(), house, told };
        let users = ["alice", "bob", "carol", "dave"].map(|name| User {
            name: name.to_owned(),
            display: String::new(),
            roles: Vec::new(),
            password: None,
        });
        let catalogue = Catalogue { users: users.to_vec(), ..Catalogue::default() };
        let id = running.send(admin::Command::Import { catalogue, replace: false });
        while running.next().await.cause != Some(id) {}
        running
    }

    fn send(&mut self, body: impl Into<Body>) -> MessageId {
        let envelope = Envelope::new(&mut self.voice, self.house.clock.now().wall, None, None, body);
        let id = envelope.id;
        self.house.bus.send(envelope);
        id
    }

    async fn next(&mut self) -> Envelope {
        let next = tokio::time::timeout(Duration::from_secs(30), self.told.recv()).await;
        next.expect("a message comes").unwrap()
    }

    async fn told(&mut self) -> Event {
        loop {
            if let Body::ImEvent(event) = self.next().await.body {
                return event;
            }
        }
    }

    /// Stored, and forwarded after that to these; the message, and its number in each one's box.
    async fn told_to(&mut self, command: Command, to: &[&str]) -> (Message, Vec<u64>) {
        self.send(command);
        let first = self.told().await;
        let Event::Stored { message, .. } = first else { panic!("{first:?}") };
        let mut numbers = Vec::new();
        for name in to {
            let next = self.told().await;
            let Event::Message { agent: who, seq, message: copy } = next else { panic!("{next:?}") };
            assert_eq!((who, &copy), (agent(name), &message));
            numbers.push(seq);
        }
        (message, numbers)
    }

    /// Stored, and forwarded after that; its number in the box.
    async fn sent(&mut self, from: &str, to: &str, key: &str) -> (u64, Message) {
        let (message, numbers) = self.told_to(write(from, to, key), &[to]).await;
        (numbers[0], message)
    }

    /// Refused, and why.
    async fn refused(&mut self, command: Command) -> String {
        self.send(command);
        let told = self.told().await;
        let Event::Refused { why, .. } = told else { panic!("{told:?}") };
        why
    }

    /// What comes to somebody who is here again.
    async fn waiting(&mut self, who: &str) -> Vec<(u64, Message)> {
        self.send(Command::Here { agent: agent(who) });
        let end = self.send(Command::List { agent: agent(who) });
        let mut messages = Vec::new();
        loop {
            let envelope = self.next().await;
            if let Body::ImEvent(Event::Message { seq, message, .. }) = envelope.body {
                messages.push((seq, message));
            } else if envelope.cause == Some(end) {
                return messages;
            }
        }
    }

    /// Waits until everything sent before is done.
    async fn settled(&mut self) {
        let end = self.send(Command::List { agent: agent("alice") });
        while self.next().await.cause != Some(end) {}
    }

    /// The next event that the exchange tells: what it has answered.
    async fn asked(&mut self, question: Command) -> Event {
        let id = self.send(question);
        loop {
            let envelope = self.next().await;
            if let (Body::ImEvent(event), true) = (envelope.body, envelope.cause == Some(id)) {
                return event;
            }
        }
    }

    async fn conversation(&mut self, question: Command) -> Vec<Message> {
        let told = self.asked(question).await;
        let Event::Conversation { messages, .. } = told else { panic!("{told:?}") };
        messages
    }

    async fn list(&mut self, who: &str) -> Vec<Listed> {
        let told = self.asked(Command::List { agent: agent(who) }).await;
        let Event::Conversations { list, .. } = told else { panic!("{told:?}") };
        list
    }

    async fn stop(self) {
        self.house.stop.begin();
        self.house.closed().await;
    }

    async fn lock(&self, file: &str) -> SqliteConnection {
        let url = format!("sqlite://{}", self.house.data_dir.join(file).display());
        let mut other = SqliteConnection::connect(&url).await.unwrap();
        other.execute("BEGIN EXCLUSIVE").await.unwrap();
        other
    }
}

fn agent(name: &str) -> AgentUri {
    AgentUri::new(name).unwrap()
}

fn person(name: &str) -> To {
    To::Person(agent(name))
}

fn say(from: &str, to: To, key: &str, text: &str) -> Command {
    let said = Said { text: Text(text.to_owned()), ..Said::default() };
    Command::Send { from: agent(from), to, key: key.to_owned(), said }
}

fn write(from: &str, to: &str, key: &str) -> Command {
    say(from, person(to), key, &format!("text of {key}"))
}

fn look(who: &str, with: To, at: Part, limit: u32) -> Command {
    Command::Look { agent: agent(who), with, at, limit }
}

fn text(message: &Message) -> &str {
    match &message.what {
        What::Said(said) => &said.text.0,
        What::Changed { .. } => "",
    }
}

fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(text).collect()
}

fn keep(key: &str) -> data::Command {
    data::Command::Keep {
        session: SessionId(1),
        sender: "customer".to_owned(),
        key: key.to_owned(),
        by: ngcc_proto::chat::Author::Customer,
        content: ngcc_proto::chat::Content::Text {
            text: Text("a customer's words".to_owned()),
            choices: vec![],
        },
        private: false,
    }
}

fn keys(messages: &[(u64, Message)]) -> Vec<&str> {
    messages.iter().map(|(_, message)| text(message).trim_start_matches("text of ")).collect()
}
