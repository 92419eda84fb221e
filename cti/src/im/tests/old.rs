//! A store of before there were groups.

use super::*;

/// What the file had then: Bob has had two of three from Alice, and Carol's message waits for him.
const OLD: &str = "
    INSERT INTO messages (id, sender, receiver, seq, key, at, text) VALUES
        ('msg_00000000000000000000000001', 'alice', 'bob', 1, 'k1', 5, 'text of 1'),
        ('msg_00000000000000000000000002', 'bob', 'alice', 1, 'k1', 6, 'text of 2'),
        ('msg_00000000000000000000000003', 'alice', 'bob', 2, 'k2', 6, 'text of 3'),
        ('msg_00000000000000000000000004', 'carol', 'bob', 3, 'k1', 7, 'text of 4'),
        ('msg_00000000000000000000000005', 'alice', 'bob', 4, 'k3', 8, '旧消息也能找到');
    INSERT INTO boxes (owner, got) VALUES ('bob', 2);
";

#[tokio::test]
async fn an_old_store_is_read_on_with_its_numbers_what_waits_and_what_counts_as_read() {
    const STEPS: &[(&str, &str)] = &[("colleagues", include_str!("../../../migrations/colleagues_0001.sql"))];
    let place = Place::new();
    std::fs::create_dir_all(&place.0).unwrap();
    let shape = crate::sqlite::Shape { file: "colleagues.db", page: 4096, steps: STEPS };
    let file = crate::sqlite::File::open(&place.0, &shape).await.unwrap();
    sqlx::raw_sql(OLD).execute(&file.write).await.unwrap();
    file.write.close().await;

    let mut running = Running::start(&place).await;
    let waiting = running.waiting("bob").await;
    let seen: Vec<_> = waiting.iter().map(|(seq, m)| (*seq, m.n, m.from.name(), text(m))).collect();
    assert_eq!(seen, [(3, 1, "carol", "text of 4"), (4, 4, "alice", "旧消息也能找到")]);
    let all = running.conversation(look("alice", person("bob"), Part::Newest, 50)).await;
    assert_eq!(texts(&all), ["旧消息也能找到", "text of 3", "text of 2", "text of 1"]);
    let unread: Vec<_> = running.list("bob").await.iter().map(|l| (l.with.clone(), l.unread)).collect();
    assert_eq!(unread, [(person("alice"), 1), (person("carol"), 1)]);
    assert_eq!(running.list("alice").await[0].unread, 1, "she had acknowledged nothing");
    running.send(write("alice", "bob", "k2"));
    let told = running.told().await;
    let Event::Stored { message, .. } = told else { panic!("{told:?}") };
    assert_eq!(message, all[1], "an old key is still known");
    let words = Text("也能找到".to_owned());
    let search = Command::Search { agent: agent("bob"), words, with: None, before: None, limit: 5 };
    let Event::Found { hits, .. } = running.asked(search).await else { panic!() };
    assert_eq!(hits.len(), 1);
    let (seq, next) = running.sent("alice", "bob", "new").await;
    assert_eq!((seq, next.n), (5, 5));
}
