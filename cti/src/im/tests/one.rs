//! Between two: stored, forwarded, brought again, shown.

use ngcc_proto::im::Quote;

use super::*;

#[tokio::test]
async fn s1_08_a_message_is_stored_first_then_forwarded_and_a_repeat_is_stored_once() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let (seq, first) = running.sent("alice", "bob", "k1").await;
    assert_eq!((seq, first.n, first.from.name(), &first.to), (1, 1, "alice", &person("bob")));
    running.send(write("alice", "bob", "k1"));
    let (from, key) = (agent("alice"), "k1".to_owned());
    assert_eq!(running.told().await, Event::Stored { from, key, message: first });
    let (seq, other) = running.sent("carol", "bob", "k1").await;
    assert_eq!((seq, other.n), (2, 1), "keys of two senders are two keys, and two conversations count apart");
    let (seq, back) = running.sent("bob", "alice", "k1").await;
    assert_eq!((seq, back.n), (1, 2), "each box counts by itself, and a conversation in both directions");
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
        to: person("bob"),
        key: "k1".to_owned(),
        at: Wall(5),
        what: What::Said(Said { text: Text("text of k1".to_owned()), ..Said::default() }),
    };
    store.write(&[Write::Put(Box::new(draft))]).await.unwrap();
    drop(store);
    let mut again = Running::start(&place).await;
    assert_eq!(keys(&again.waiting("bob").await), ["k1"]);
    again.send(write("alice", "bob", "k1"));
    let told = again.told().await;
    let Event::Stored { message, .. } = told else { panic!("{told:?}") };
    assert_eq!(message.id, MessageId(7), "the sender, who has heard nothing, sends again");
    again.send(Command::Got { agent: agent("bob"), seq: 1 });
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
    let end = |who: &str, with: &str| look(who, person(with), Part::Newest, 200);
    let all = running.conversation(end("alice", "bob")).await;
    assert_eq!(all.iter().map(|m| m.n).collect::<Vec<_>>(), [6, 5, 4, 3, 2, 1]);
    assert_eq!(running.conversation(end("bob", "alice")).await, all);
    let (mut seen, mut at) = (Vec::new(), Part::Newest);
    loop {
        let told = running.asked(look("alice", person("bob"), at, 2)).await;
        let Event::Conversation { messages, older, newer, .. } = told else { panic!("{told:?}") };
        assert_eq!((older, newer), (messages[1].n > 1, !seen.is_empty()));
        at = Part::Before { n: messages[1].n };
        seen.extend(messages);
        if !older {
            break;
        }
    }
    assert_eq!(seen, all);
    let of = |messages: Vec<Message>| messages.iter().map(|m| m.n).collect::<Vec<_>>();
    let around = look("alice", person("bob"), Part::Around { n: 3 }, 4);
    assert_eq!(of(running.conversation(around).await), [5, 4, 3, 2]);
    let behind = look("alice", person("bob"), Part::After { n: 2 }, 2);
    assert_eq!(of(running.conversation(behind).await), [4, 3], "the next ones, not the last ones");
    assert_eq!(running.conversation(end("alice", "carol")).await, []);
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
        to: person(to),
        key: key.to_owned(),
        said: Said { text: Text(text.to_owned()), quote, ..Said::default() },
    };
    for (command, reason) in [
        (send("nobody", "k", "x", None), "there is no colleague `nobody`"),
        (send("bob", "", "x", None), "a key has 1 to 64 bytes"),
        (send("bob", "k", " ", None), "a text has 1 to 8192 bytes"),
        (send("bob", "k", &"x".repeat(8193), None), "a text has 1 to 8192 bytes"),
        (send("bob", "k", "x", Some(quote(6))), "at most 5 lines are quoted, each of at most 8192 bytes"),
    ] {
        assert_eq!(running.refused(command).await, reason);
    }
    assert_eq!(running.waiting("bob").await, []);
    let (message, _) = running.told_to(send("bob", "k", "look at this", Some(quote(5))), &["bob"]).await;
    let What::Said(said) = &message.what else { panic!("{message:?}") };
    assert_eq!(said.quote, Some(quote(5)));
    assert_eq!(running.waiting("bob").await, [(1, message)]);
}

#[tokio::test]
async fn a_full_box_is_brought_a_page_at_a_time_and_nothing_new_overtakes_it() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for n in 0..450 {
        running.send(write("alice", "bob", &n.to_string()));
    }
    running.settled().await;
    let first = running.waiting("bob").await;
    let numbers = |page: &[(u64, Message)]| (page[0].0, page[page.len() - 1].0);
    assert_eq!(numbers(&first), (1, 200));
    let (last, _) = running.told_to(write("carol", "bob", "new"), &[]).await;
    let mut pages = Vec::new();
    for up_to in [200, 400] {
        running.send(Command::Got { agent: agent("bob"), seq: up_to - 1 });
        running.send(Command::Got { agent: agent("bob"), seq: up_to });
        let end = running.send(Command::List { agent: agent("bob") });
        let mut page = Vec::new();
        loop {
            let envelope = running.next().await;
            if let Body::ImEvent(Event::Message { seq, message, .. }) = envelope.body {
                page.push((seq, message));
            } else if envelope.cause == Some(end) {
                break;
            }
        }
        pages.push(page);
    }
    assert_eq!((numbers(&pages[0]), numbers(&pages[1])), ((201, 400), (401, 451)));
    assert_eq!(pages[1][50].1, last);
    let (_, numbers) = running.told_to(write("carol", "bob", "live"), &["bob"]).await;
    assert_eq!(numbers, [452], "what comes behind it is told at once");
}
