//! Words of a chat: acknowledged once they are stored, told to whoever takes part, read again by whoever was away.

use ngcc_proto::access::Cause;
use ngcc_proto::chat::{self, Choice, Content, Nack, Text};
use ngcc_proto::flow::Ask;
use ngcc_proto::seat::{Told, Verb};
use ngcc_proto::{LegId, SessionId};

use crate::world::{desk, says, together, words_of};

#[test]
fn no_text_of_a_chat_is_in_any_record_or_fact() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.writes(leg, "k1", "hippopotamus");
    w.agent_writes("alice", session, "a1", "rhinoceros");
    for (_, bytes) in w.log.values() {
        let record = String::from_utf8_lossy(bytes);
        assert!(!record.contains("hippopotamus") && !record.contains("rhinoceros"), "{record}");
    }
}

#[test]
fn what_is_sent_again_is_acknowledged_again_and_shown_once() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    for _ in 0..3 {
        w.writes(leg, "k1", "hello");
        w.agent_writes("alice", session, "a1", "hi");
    }
    assert_eq!(w.shown_to(leg), ["joined", "customer: hello", "agent: hi"]);
    assert_eq!(w.read_by("alice").len(), 3);
    assert_eq!(w.acked(leg).len(), 3);
    assert_eq!(w.store.of(session).len(), 3);
}

#[test]
fn what_cannot_be_stored_is_not_acknowledged_and_sent_again() {
    let mut w = desk(&["alice"]);
    let (leg, _) = together(&mut w, "2000");
    w.store.works = false;
    w.writes(leg, "k1", "hello");
    assert!(w.acked(leg).is_empty());
    w.store.works = true;
    w.writes(leg, "k1", "hello");
    assert_eq!(w.acked(leg), [("k1".to_owned(), 2)]);
    assert_eq!(w.shown_to(leg), ["joined", "customer: hello"]);
}

#[test]
fn what_may_not_be_said_is_refused_and_not_stored() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    let before = w.store.of(session).len();
    let long = "x".repeat(chat::MAX_TEXT + 1);
    let choices = vec![Choice { value: "1".into(), label: "1".into() }];
    let bad = [
        ("k", words_of(" ")),
        ("k", words_of(&long)),
        ("", words_of("x")),
        ("k", Content::Masked),
        ("k", Content::Text { text: Text("x".into()), choices }),
    ];
    for (key, content) in bad {
        w.say(chat::Event::Said { leg, key: key.into(), content });
        let last = w.clients[&leg].last().cloned();
        assert!(matches!(last, Some(chat::Command::Refused { .. })), "{last:?}");
    }
    let stranger = LegId(77);
    w.writes(stranger, "k", "hello");
    assert!(matches!(w.clients[&stranger][..], [chat::Command::Refused { why: Nack::Unknown, .. }]));
    w.asks_about(
        "alice",
        SessionId(9),
        Verb::Say { key: "k".into(), content: words_of("x"), private: false },
    );
    assert!(matches!(w.told.last(), Some((_, Told::Refused { .. }))));
    assert_eq!(w.store.of(session).len(), before);
}

#[test]
fn a_message_that_was_stored_when_the_centre_died_is_told_after_the_restart() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.store.mute = true;
    w.writes(leg, "k1", "lost?");
    w.store.mute = false;
    w.crash();
    assert_eq!(w.read_by("alice").last().map(String::as_str), Some("customer: lost?"));
    w.writes(leg, "k1", "lost?");
    assert_eq!(w.acked(leg), [("k1".to_owned(), 2)]);
    assert_eq!(w.store.of(session).len(), 2);
    assert_eq!(w.read_by("alice").len(), 2, "told once");
}

#[test]
fn a_client_takes_up_where_it_was_and_sees_no_note() {
    let mut w = desk(&["alice"]);
    w.page = 2;
    let (leg, session) = together(&mut w, "2000");
    for n in 1..=4 {
        w.writes(leg, &format!("k{n}"), &format!("m{n}"));
    }
    let note = Verb::Say { key: "n1".into(), content: words_of("a difficult one"), private: true };
    w.asks_about("alice", session, note);
    assert!(!w.shown_to(leg).iter().any(|m| m.contains("difficult")));
    assert_eq!(w.read_by("alice").last().map(String::as_str), Some("agent: a difficult one"));
    w.say(chat::Event::Resume { leg, after: 2 });
    let replays: Vec<(Vec<u64>, bool)> = w.clients[&leg]
        .iter()
        .filter_map(|c| match c {
            chat::Command::Replay { messages, more, .. } => {
                Some((messages.iter().map(|m| m.seq).collect(), *more))
            }
            _ => None,
        })
        .collect();
    assert_eq!(replays, [(vec![3, 4], true), (vec![5], false)]);
    w.told.clear();
    w.asks_about("alice", session, Verb::Resume { after: 4 });
    let seqs: Vec<u64> = w
        .told
        .iter()
        .filter_map(|(_, t)| if let Told::Replay { messages, .. } = t { Some(messages) } else { None })
        .flatten()
        .map(|m| m.seq)
        .collect();
    assert_eq!(seqs, [5, 6], "agents see the note");
    w.asks_about("alice", SessionId(1), Verb::Resume { after: 0 });
    assert!(matches!(w.told.last(), Some((_, Told::Refused { .. }))), "and nobody else's session");
}

#[test]
fn who_asks_while_the_store_does_not_answer_is_told_so_and_gets_everything_later() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.writes(leg, "k1", "hello?");
    w.told.clear();
    w.store.works = false;
    w.say(chat::Event::Resume { leg, after: 0 });
    w.asks_about("alice", session, Verb::Resume { after: 0 });
    w.store_gives_up();
    let refused = |c: &chat::Command| matches!(c, chat::Command::NotReplayed { .. });
    assert_eq!(w.clients[&leg].iter().filter(|c| refused(c)).count(), 1);
    assert!(matches!(w.told.last(), Some((_, Told::NotReplayed { session: s })) if *s == session));
    w.store.works = true;
    w.say(chat::Event::Resume { leg, after: 0 });
    w.asks_about("alice", session, Verb::Resume { after: 0 });
    let whole = |messages: &[chat::Message]| messages.len() == w.store.of(session).len();
    let last = w.clients[&leg].last();
    assert!(matches!(last, Some(chat::Command::Replay { messages, more: false, .. }) if whole(messages)));
    let told = w.told.last();
    assert!(matches!(told, Some((_, Told::Replay { messages, more: false, .. })) if whole(messages)));
}

#[test]
fn what_could_not_be_read_after_a_restart_is_told_as_soon_as_the_store_answers() {
    let mut w = desk(&["alice"]);
    let (leg, _) = together(&mut w, "2000");
    w.store.mute = true;
    w.writes(leg, "k1", "lost?");
    (w.store.mute, w.store.works) = (false, false);
    w.told.clear();
    w.crash();
    w.store_gives_up();
    w.store_gives_up();
    assert!(w.read_by("alice").is_empty());
    w.store.works = true;
    w.store_gives_up();
    assert_eq!(w.read_by("alice"), ["customer: lost?"]);
}

#[test]
fn typing_and_receipts_go_both_ways() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.say(chat::Event::Typing { leg });
    w.say(chat::Event::Read { leg, seq: 1 });
    assert!(w.told.iter().any(|(_, t)| matches!(t, Told::Typing { session: s, .. } if *s == session)));
    assert!(w.told.iter().any(|(_, t)| matches!(t, Told::Read { seq: 1, .. })));
    w.asks_about("alice", session, Verb::Typing);
    w.asks_about("alice", session, Verb::Read { seq: 1 });
    assert!(w.clients[&leg].iter().any(|c| matches!(c, chat::Command::Typing { .. })));
    assert!(w.clients[&leg].iter().any(|c| matches!(c, chat::Command::Read { seq: 1, .. })));
}

#[test]
fn notes_and_a_disposition_are_kept_in_wrap_up_too() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.hang_up(leg);
    let dispose = Verb::Dispose { code: "sold".into(), note: Some(Text("two beds".into())) };
    w.asks_about("alice", session, dispose);
    assert_eq!(w.contact("alice", session).unwrap().disposition.as_deref(), Some("sold"));
    let note = w.store.of(session).pop().unwrap();
    assert!(note.private && note.content == words_of("two beds"));
    w.agent_writes("alice", session, "a9", "are you still there?");
    assert!(w.told.iter().any(|(_, t)| matches!(t, Told::NotAccepted { why: Nack::Closed, .. })));
    w.secs(31);
    assert!(w.story().contains(&"disposed"));
    w.assert_clean();
}

#[test]
fn lines_of_a_flow_and_of_the_centre_wait_for_the_store_in_their_order() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.store.works = false;
    for n in 0..3 {
        says(&mut w, run, n, &format!("line {n}"));
    }
    assert!(w.shown_to(leg).is_empty());
    w.secs(10);
    w.store.works = true;
    w.secs(2);
    assert_eq!(w.shown_to(leg), ["automation: line 0", "automation: line 1", "automation: line 2"]);
    w.store.mute = true;
    says(&mut w, run, 3, "line 3");
    w.store.mute = false;
    w.secs(6);
    assert_eq!(w.shown_to(leg).len(), 4, "an answer that was lost is asked for again, and shown once");
    w.hang_up(leg);
    w.assert_clean();
}

#[test]
fn the_last_words_of_a_flow_are_told_before_it_hangs_up() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.store.works = false;
    says(&mut w, run, 1, "goodbye");
    w.ask(run, Ask::HangUp { cause: Cause::Normal });
    assert_eq!(w.released(leg), None, "they are not stored yet");
    w.store.works = true;
    w.secs(5);
    assert_eq!(w.shown_to(leg), ["automation: goodbye"]);
    assert_eq!(w.released(leg), Some(Cause::Normal));
}

#[test]
fn s0_10_a_session_is_stored_after_the_last_note_about_it() {
    let mut w = desk(&["alice"]);
    let (_, session) = together(&mut w, "2000");
    w.store.works = false;
    let note = Some(Text("a note".into()));
    w.asks_about("alice", session, Verb::Dispose { code: "question".into(), note });
    w.asks_about("alice", session, Verb::HangUp);
    w.asks_about("alice", session, Verb::EndWrapUp);
    assert!(!w.stored.contains_key(&session), "its note is not on disk yet");
    w.store.works = true;
    w.secs(5);
    assert!(w.stored.contains_key(&session));
    assert!(w.store.of(session).iter().any(|message| message.private), "{:?}", w.store.of(session));
}
