//! Two message servers: each has its own, and either may be down alone.

use super::*;

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
    assert_eq!(
        running.conversation(look("bob", person("alice"), Part::Newest, 10)).await.len(),
        1,
        "reading goes on"
    );
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
