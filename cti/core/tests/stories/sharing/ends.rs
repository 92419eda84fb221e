//! How what is shared ends, changes hands, comes back and outlives a restart.

use super::*;

#[test]
fn s3_10_either_end_leaves_and_the_other_is_told_and_the_session_goes_on() {
    let (mut w, _, session) = chat();
    let collab = established(&mut w, session);
    w.sharing.stands.clear();
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    let told = w.told.iter().any(|(_, t)| matches!(t, Told::CollabEnded { why: Why::Left, .. }));
    assert!(told && trace(&w).contains(&"ended Left".to_owned()));
    assert!(matches!(w.chats["alice"][..], [Slot::Talking { .. }]));
    let collab = established(&mut w, session);
    w.asks_about("alice", session, Verb::EndCollab { collab });
    assert!(trace(&w).contains(&"end Left".to_owned()) && w.sharing.stands.is_empty());
}

#[test]
fn s3_10_it_ends_with_its_session() {
    let (mut w, leg, session) = chat();
    established(&mut w, session);
    w.hang_up(leg);
    assert!(w.sharing.stands.is_empty());
    w.secs(31);
    w.assert_clean();
}

#[test]
fn a_transfer_takes_what_is_shared_to_the_next_owner() {
    let mut w = desk(&["alice", "bob"]);
    w.sharing.pages.insert(ann());
    w.asks("bob", Verb::NotReady { reason: "lunch".into() });
    let (_, session) = together(&mut w, "2000");
    let collab = established(&mut w, session);
    w.asks("bob", Verb::Ready);
    w.asks_about("alice", session, Verb::Transfer { to: seat::To::Agent("bob".into()) });
    assert!(trace(&w).ends_with(&["agent -".to_owned()]), "alice is out at once: {:?}", trace(&w));
    w.accepts("bob");
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("bob")));
    assert!(trace(&w).ends_with(&["agent bob".to_owned(), "invited agent:bob".to_owned()]));
    w.say(Event::Joined { collab, who: Who::Agent(agent("alice")) });
    assert!(!w.contact("bob", session).unwrap().shared[0].agent, "alice's word counts no more");
    w.say(Event::Joined { collab, who: Who::Agent(agent("bob")) });
    assert!(w.contact("bob", session).unwrap().shared[0].agent);
}

#[test]
fn s3_11_a_page_or_a_console_that_comes_back_is_invited_again() {
    let (mut w, _, session) = chat();
    established(&mut w, session);
    w.sent.clear();
    w.say(Call::Here { user: ann() });
    assert_eq!(trace(&w), ["invited web:vis_1"]);
    w.sent.clear();
    w.asks("alice", Verb::Look);
    assert_eq!(trace(&w), ["invited agent:alice"]);
    let invited = w.facts_of(session);
    assert_eq!(
        words(&invited).iter().filter(|word| **word == "collab-invited").count(),
        2,
        "noted once an end"
    );
}

#[test]
fn it_outlives_a_restart_of_cti_and_what_is_lost_is_told() {
    let (mut w, _, session) = chat();
    let collab = established(&mut w, session);
    w.crash();
    assert!(w.contact("alice", session).unwrap().shared[0].customer);
    w.say(Call::Here { user: ann() });
    assert!(trace(&w).ends_with(&["invited web:vis_1".to_owned()]));
    // The collaboration server starts without it.
    w.sharing.stands.clear();
    w.say(Event::Restored { collabs: vec![CollabId(9)] });
    assert!(trace(&w).contains(&"ended Unavailable".to_owned()));
    assert!(trace(&w).contains(&"end Closed".to_owned()), "nobody knows the ninth");
    assert!(w.contact("alice", session).unwrap().shared.iter().all(|s| s.collab != collab));
}

#[test]
fn what_was_mapped_when_cti_died_is_established_after_its_start() {
    let (mut w, _, session) = chat();
    w.sharing.edge_down = true;
    w.asks_about("alice", session, collaborate());
    assert_eq!(trace(&w), ["mapped"]);
    w.sharing.edge_down = false;
    w.crash();
    assert!(trace(&w).contains(&"invited agent:alice".to_owned()), "{:?}", trace(&w));
}

#[test]
fn s0_08_nobody_is_idle_while_both_are_at_work_together() {
    let (mut w, leg, session) = chat();
    let collab = established(&mut w, session);
    w.secs(4000);
    assert!(w.released(leg).is_none());
    w.sharing.stands.clear();
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    w.secs(1801);
    assert!(w.released(leg).is_some());
}

#[test]
fn an_end_that_is_invited_and_does_not_come_is_waited_for_two_minutes() {
    let (mut w, leg, session) = chat();
    w.asks_about("alice", session, collaborate());
    let collab = w.collabs_of(session)[0];
    w.say(Event::Joined { collab, who: Who::Agent(agent("alice")) });
    w.secs(119);
    assert!(w.sharing.stands.contains_key(&collab));
    w.secs(2);
    assert!(trace(&w).ends_with(&["end Left".to_owned(), "ended Left".to_owned()]), "{:?}", trace(&w));
    assert!(w.released(leg).is_none(), "the chat goes on");
    established(&mut w, session);
    w.secs(600);
    assert_eq!(w.sharing.stands.len(), 1, "who has come is not waited for any longer");
}
