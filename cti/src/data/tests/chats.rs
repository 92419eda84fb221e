//! Customers' messages through the data centre: kept, read, and copied beside the chain of a closed session.

use std::time::Instant;

use ngcc_proto::MessageId;
use ngcc_proto::chat::{Author, Content, Message, Text};

use super::*;

fn keep(session: SessionId, key: &str, text: &str) -> data::Command {
    data::Command::Keep {
        session,
        sender: "customer".to_owned(),
        key: key.to_owned(),
        by: Author::Customer,
        content: Content::Text { text: Text(text.to_owned()), choices: Vec::new() },
        private: false,
    }
}

/// The chain of a chat that is over.
fn chat(n: u64, said: &[Message]) -> (SessionId, Vec<Fact>) {
    let (session, mut facts) = chain(n);
    if let What::Opened { medium, display, .. } = &mut facts[0].what {
        *medium = Medium::Chat;
        *display = Some("Ann".to_owned());
    }
    let closed = facts.pop().unwrap();
    for message in said {
        let what = What::Said { seq: message.seq, message: message.id, by: By::Customer };
        facts.push(Fact { what, ..facts[0].clone() });
    }
    facts.push(Fact { what: What::MediumAdded { medium: Medium::Voice }, ..facts[0].clone() });
    for other in [SessionId(8), SessionId(9)] {
        facts.push(Fact { what: What::StandsBeside { session: other }, ..facts[0].clone() });
    }
    facts.push(closed);
    let disposed = What::Disposed { seat: ngcc_proto::SeatId(1), code: "sale".to_owned() };
    facts.push(Fact { what: disposed, ..facts[0].clone() });
    for (fact, number) in facts.iter_mut().zip(0..) {
        fact.n = number;
    }
    (session, facts)
}

impl Running {
    async fn kept(&mut self, session: SessionId, key: &str, text: &str) -> (Message, bool) {
        let answer = self.ask(keep(session, key, text)).await;
        let Body::DataEvent(data::Event::Kept { message, repeat, .. }) = answer else { panic!("{answer:?}") };
        (message, repeat)
    }

    async fn messages(&mut self, session: SessionId) -> Vec<Message> {
        let answer =
            self.ask(data::Command::ReadMessages { session, after: 0, limit: 500, private: true }).await;
        let Body::DataEvent(data::Event::Messages { messages, .. }) = answer else { panic!("{answer:?}") };
        messages
    }

    async fn transcript(&mut self, place: &Place, session: SessionId) -> Vec<Message> {
        let database = Database::open(&place.0).await.unwrap();
        transcripts::read(&database, session).await.unwrap()
    }
}

#[tokio::test]
async fn a_message_is_acknowledged_with_its_number_and_a_repeat_with_the_same_also_after_a_restart() {
    let place = Place::new();
    let session = SessionId(7);
    let mut running = Running::start(&place).await;
    let (first, repeat) = running.kept(session, "k1", "hello").await;
    assert_eq!((first.seq, repeat), (1, false));
    running.stop().await;
    let mut again = Running::start(&place).await;
    assert_eq!(again.kept(session, "k1", "hello").await, (first.clone(), true));
    assert_eq!(again.kept(session, "k2", "there").await.0.seq, 2);
    assert_eq!(again.messages(session).await[0], first);
}

#[tokio::test]
async fn s2_07_a_locked_message_store_refuses_in_bounded_time_and_disturbs_nothing_else() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.import(catalogue(), true).await;
    running.kept(SessionId(7), "k1", "hello").await;
    let mut other = running.lock("customers.db").await;
    let began = Instant::now();
    let waiting: BTreeSet<MessageId> =
        (0..3000).map(|n| running.send(keep(SessionId(n), &n.to_string(), "x"))).collect();
    assert!(running.pin_is_right("alice", "2468").await, "agents sign in meanwhile");
    let (session, facts) = chain(1);
    running.send(data::Command::Store { session, facts });
    let (mut stored, mut refused) = (false, BTreeSet::new());
    while !stored || refused.len() < waiting.len() {
        let envelope = running.next().await;
        if let Body::DataEvent(data::Event::Stored { .. }) = envelope.body {
            stored = true;
        } else {
            let is_refusal = matches!(envelope.body, Body::DataEvent(data::Event::NotKept { .. }));
            assert!(is_refusal, "{}", envelope.body.name());
            refused.extend(envelope.cause);
        }
    }
    assert_eq!(refused, waiting);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(running.messages(SessionId(7)).await.len(), 1, "what is there is read meanwhile");
    other.execute("COMMIT").await.unwrap();
    assert_eq!(running.kept(SessionId(7), "k2", "again").await.0.seq, 2, "and nothing was numbered");
}

#[tokio::test]
async fn messages_that_cannot_be_read_are_refused_in_bounded_time_and_read_again_later() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let said = running.kept(SessionId(7), "k1", "hello").await.0;
    let url = format!("sqlite://{}", place.0.join("customers.db").display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    other.execute("ALTER TABLE messages RENAME TO elsewhere").await.unwrap();
    let began = Instant::now();
    let read = || data::Command::ReadMessages { session: SessionId(7), after: 0, limit: 500, private: true };
    // Far more than are asked of the store in that time.
    let waiting: BTreeSet<MessageId> = (0..500).map(|_| running.send(read())).collect();
    let mut refused = BTreeSet::new();
    while refused.len() < waiting.len() {
        let envelope = running.next().await;
        let is_refusal = matches!(envelope.body, Body::DataEvent(data::Event::NotRead { .. }));
        assert!(is_refusal, "{}", envelope.body.name());
        refused.extend(envelope.cause);
    }
    assert_eq!(refused, waiting);
    assert!(began.elapsed() < Duration::from_secs(16), "{:?}", began.elapsed());
    other.execute("ALTER TABLE elsewhere RENAME TO messages").await.unwrap();
    assert_eq!(running.messages(SessionId(7)).await, [said]);
}

#[tokio::test]
async fn s0_10_a_closed_chat_is_stored_with_its_messages_exactly_once() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let session = chain(4).0;
    let mut said = Vec::new();
    for n in 0..3 {
        said.push(running.kept(session, &n.to_string(), &format!("line {n}")).await.0);
    }
    for _ in 0..2 {
        let (session, facts) = chat(4, &said);
        running.send(data::Command::Store { session, facts });
        running.stored([session].into()).await;
    }
    assert_eq!(running.transcript(&place, session).await, said);
    let Event::History { sessions } = running.admin(Command::History { limit: 5 }).await else { panic!() };
    let [row] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!((row.messages, row.media.as_slice()), (3, &[Medium::Chat, Medium::Voice][..]));
    assert_eq!((row.display.as_deref(), row.disposition.as_deref()), (Some("Ann"), Some("sale")));
    assert_eq!(row.beside, [SessionId(8), SessionId(9)], "each that the customer had at the same time");
}

#[tokio::test]
async fn s0_10_messages_copied_before_a_crash_are_there_once_when_the_session_is_stored_again() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let session = chain(4).0;
    let said: Vec<Message> =
        [running.kept(session, "a", "x").await.0, running.kept(session, "b", "y").await.0].into();
    running.stop().await;
    // The process dies when the messages have been copied and the session has not been stored.
    let (database, store) =
        (Database::open(&place.0).await.unwrap(), messages::Store::open(&place.0).await.unwrap());
    let mut batch = [writer::Closed { session, facts: chat(4, &said).1, cause: MessageId(1), messages: 0 }];
    transcripts::copy(&database, &store, &mut batch).await.unwrap();
    assert_eq!(batch[0].messages, 2);
    drop((database, store));

    let mut again = Running::start(&place).await;
    let Event::History { sessions } = again.admin(Command::History { limit: 5 }).await else { panic!() };
    assert_eq!(sessions, []);
    let (_, facts) = chat(4, &said);
    again.send(data::Command::Store { session, facts });
    again.stored([session].into()).await;
    assert_eq!(again.transcript(&place, session).await, said);
}

#[tokio::test]
async fn twenty_thousand_messages_of_a_thousand_chats_are_numbered_without_a_gap() {
    const MESSAGES: u64 = 20_000;
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.config().await;
    let began = Instant::now();
    for n in 0..MESSAGES {
        running.send(keep(
            SessionId(u128::from(n % 1000)),
            &n.to_string(),
            "a line of ordinary length, as people write",
        ));
    }
    let mut seen: BTreeSet<(SessionId, u64)> = BTreeSet::new();
    while (seen.len() as u64) < MESSAGES {
        if let Body::DataEvent(data::Event::Kept { session, message, repeat: false, .. }) =
            running.next().await.body
        {
            seen.insert((session, message.seq));
        }
    }
    let took = began.elapsed();
    let wanted =
        (0..1000).flat_map(|session| (1..=MESSAGES / 1000).map(move |seq| (SessionId(session), seq)));
    assert_eq!(seen, wanted.collect());
    assert!(took < Duration::from_secs(20), "{took:?} for {MESSAGES} messages");
    println!("{:.0} messages a second", MESSAGES as f64 / took.as_secs_f64());
}
