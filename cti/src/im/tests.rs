//! The colleagues' exchange on a bus, with its real file.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ngcc_proto::config::{Catalogue, Centre, User};
use ngcc_proto::im::Message;
use ngcc_proto::{SessionId, admin, data};
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
            keep_recordings: std::time::Duration::from_secs(30 * 24 * 60 * 60),
            flow_check: |_, _| Ok(()),
        };
        let data = crate::start_data_centre(settings, &house).await.unwrap();
        start(&house, data.colleagues()).await.unwrap();
        let mut running = Self { voice: house.ids(), house, told };
        let users = ["alice", "bob", "carol"].map(|name| User {
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

    /// Stored, and forwarded after that.
    async fn sent(&mut self, from: &str, to: &str, key: &str) -> Message {
        self.send(write(from, to, key));
        let first = self.told().await;
        let Event::Stored { message, .. } = first else { panic!("{first:?}") };
        assert_eq!(self.told().await, Event::Message { message: message.clone() });
        message
    }

    /// What comes to somebody who is here again.
    async fn waiting(&mut self, who: &str) -> Vec<Message> {
        self.send(Command::Here { agent: agent(who) });
        let end = self.send(look(who, who, None, 1));
        let mut messages = Vec::new();
        loop {
            let envelope = self.next().await;
            if let Body::ImEvent(Event::Message { message }) = envelope.body {
                messages.push(message);
            } else if envelope.cause == Some(end) {
                return messages;
            }
        }
    }

    async fn conversation(&mut self, question: Command) -> Vec<Message> {
        self.send(question);
        let told = self.told().await;
        let Event::Conversation { messages, .. } = told else { panic!("{told:?}") };
        messages
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

fn write(from: &str, to: &str, key: &str) -> Command {
    let (from, to, text) = (agent(from), agent(to), Text(format!("text of {key}")));
    Command::Send { from, to, key: key.to_owned(), text, quote: None }
}

fn look(who: &str, with: &str, before: Option<Wall>, limit: u32) -> Command {
    Command::Look { agent: agent(who), with: agent(with), before, limit }
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

fn keys(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.text.0.trim_start_matches("text of ")).collect()
}

#[tokio::test]
async fn s1_08_a_message_is_stored_first_then_forwarded_and_a_repeat_is_stored_once() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let first = running.sent("alice", "bob", "k1").await;
    assert_eq!((first.seq, first.from.name(), first.to.name()), (1, "alice", "bob"));
    running.send(write("alice", "bob", "k1"));
    let (from, key) = (agent("alice"), "k1".to_owned());
    assert_eq!(running.told().await, Event::Stored { from, key, message: first });
    assert_eq!(running.sent("carol", "bob", "k1").await.seq, 2, "keys of two senders are two keys");
    assert_eq!(running.sent("bob", "alice", "k1").await.seq, 1, "each box counts by itself");
}

#[tokio::test]
async fn s1_08_who_was_offline_gets_everything_unacknowledged_at_the_next_sign_in_also_after_a_restart() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for key in ["a", "b", "c"] {
        running.sent("alice", "bob", key).await;
    }
    running.send(Command::Got { agent: agent("bob"), seq: 1 });
    assert_eq!(keys(&running.waiting("bob").await), ["b", "c"]);
    running.stop().await;
    let mut again = Running::start(&place).await;
    assert_eq!(keys(&again.waiting("bob").await), ["b", "c"]);
    again.send(Command::Got { agent: agent("bob"), seq: 99 });
    assert_eq!(keys(&again.waiting("bob").await), Vec::<&str>::new(), "nothing beyond what is there");
    again.send(Command::Got { agent: agent("bob"), seq: 1 });
    again.sent("alice", "bob", "d").await;
    assert_eq!(keys(&again.waiting("bob").await), ["d"], "the cursor never goes back");
}

#[tokio::test]
async fn s1_08_a_kill_between_storing_and_forwarding_delivers_once_after_the_start() {
    let place = Place::new();
    let running = Running::start(&place).await;
    running.stop().await;
    let store = Store::open(&place.0).await.unwrap();
    let draft = Draft {
        id: MessageId(7),
        from: agent("alice"),
        to: agent("bob"),
        key: "k1".to_owned(),
        at: Wall(5),
        text: Text("text of k1".to_owned()),
        quote: None,
    };
    store.write(&[Write::Put(draft)]).await.unwrap();
    drop(store);
    let mut again = Running::start(&place).await;
    assert_eq!(keys(&again.waiting("bob").await), ["k1"]);
    again.send(write("alice", "bob", "k1"));
    let told = again.told().await;
    let Event::Stored { message, .. } = told else { panic!("{told:?}") };
    assert_eq!(message.id, MessageId(7), "the sender, who has heard nothing, sends again");
    again.send(Command::Got { agent: agent("bob"), seq: message.seq });
    assert_eq!(again.waiting("bob").await, []);
}

#[tokio::test]
async fn a_conversation_is_shown_newest_first_page_by_page_to_both_and_nobody_else() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for n in 0..6 {
        let (from, to) = if n % 2 == 0 { ("alice", "bob") } else { ("bob", "alice") };
        running.sent(from, to, &n.to_string()).await;
    }
    running.sent("carol", "bob", "x").await;
    let all = running.conversation(look("alice", "bob", None, 200)).await;
    assert_eq!(keys(&all), ["5", "4", "3", "2", "1", "0"]);
    assert_eq!(running.conversation(look("bob", "alice", None, 200)).await, all);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = running.conversation(look("alice", "bob", before, 2)).await;
        let Some(last) = page.last() else { break };
        before = Some(last.at);
        seen.extend(page);
    }
    assert_eq!(seen, all);
    assert_eq!(running.conversation(look("alice", "carol", None, 200)).await, []);
}

#[tokio::test]
async fn what_may_not_be_sent_is_refused_with_a_reason_and_not_stored() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let quote = |lines: usize| Quote {
        session: SessionId(1),
        customer: "Ann".to_owned(),
        lines: vec![("Ann".to_owned(), Text("hello".to_owned())); lines],
    };
    let send = |to: &str, key: &str, text: &str, quote| Command::Send {
        from: agent("alice"),
        to: agent(to),
        key: key.to_owned(),
        text: Text(text.to_owned()),
        quote,
    };
    for (command, reason) in [
        (send("nobody", "k", "x", None), "there is no colleague `nobody`"),
        (send("bob", "", "x", None), "a key has 1 to 64 bytes"),
        (send("bob", "k", " ", None), "a text has 1 to 8192 bytes"),
        (send("bob", "k", &"x".repeat(8193), None), "a text has 1 to 8192 bytes"),
        (send("bob", "k", "x", Some(quote(6))), "at most 5 lines are quoted, each of at most 8192 bytes"),
    ] {
        running.send(command);
        let told = running.told().await;
        let Event::Refused { why, .. } = told else { panic!("{told:?}") };
        assert_eq!(why, reason);
    }
    assert_eq!(running.waiting("bob").await, []);
    running.send(send("bob", "k", "look at this", Some(quote(5))));
    let told = running.told().await;
    let Event::Stored { message, .. } = told else { panic!("{told:?}") };
    assert_eq!(message.quote, Some(quote(5)));
    running.told().await;
    assert_eq!(running.waiting("bob").await, [message]);
}

#[tokio::test]
async fn s2_03_each_store_holds_its_own_conversations_and_none_of_the_others() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.sent("alice", "bob", "between colleagues").await;
    running.send(keep("k"));
    while !matches!(running.next().await.body, Body::DataEvent(data::Event::Kept { .. })) {}
    running.stop().await;
    let holds = |store: &str, text: &str| {
        [store.to_owned(), format!("{store}-wal")].iter().any(|file| {
            let bytes = std::fs::read(place.0.join(file)).unwrap_or_default();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    };
    assert!(holds("colleagues.db", "between colleagues") && holds("customers.db", "a customer's words"));
    assert!(!holds("customers.db", "between colleagues") && !holds("colleagues.db", "a customer's words"));
}

#[tokio::test]
async fn s2_07_either_exchange_works_on_while_the_others_store_is_locked() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.sent("alice", "bob", "before").await;

    let mut colleagues = running.lock("colleagues.db").await;
    let began = Instant::now();
    running.send(write("alice", "bob", "during"));
    running.send(keep("k1"));
    let first = running.next().await.body;
    assert!(matches!(first, Body::DataEvent(data::Event::Kept { .. })), "customers first: {first:?}");
    let told = running.told().await;
    assert!(matches!(told, Event::Refused { .. }), "{told:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "in bounded time");
    assert_eq!(running.conversation(look("bob", "alice", None, 10)).await.len(), 1, "reading goes on");
    colleagues.execute("COMMIT").await.unwrap();
    running.sent("alice", "bob", "during").await;

    let mut customers = running.lock("customers.db").await;
    running.send(keep("k2"));
    running.sent("bob", "alice", "meanwhile").await;
    loop {
        let body = running.next().await.body;
        if let Body::DataEvent(event) = body {
            assert!(matches!(event, data::Event::NotKept { .. }), "{event:?}");
            break;
        }
    }
    customers.execute("COMMIT").await.unwrap();
    running.send(keep("k2"));
    let body = running.next().await.body;
    let Body::DataEvent(data::Event::Kept { message, .. }) = body else { panic!("{body:?}") };
    assert_eq!(message.seq, 2);
}
