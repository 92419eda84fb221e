//! What is shared outlives its contact, where the queue says so (S3-10).

use super::*;

/// A chat of Ann's with alice whose page is shared, and may be for `seconds` after it.
fn shared(seconds: u32, wrap_up_s: u32) -> (World, ngcc_proto::LegId, SessionId, CollabId) {
    let (mut w, leg, session) = chat();
    let mut config = w.config.clone();
    config.version += 1;
    for (_, queue) in &mut config.queues {
        (queue.share_outlives_s, queue.wrap_up_s) = (seconds, wrap_up_s);
    }
    w.config = config.clone();
    w.say(config);
    let collab = established(&mut w, session);
    w.sent.clear();
    (w, leg, session, collab)
}

fn wraps_up(w: &World) -> bool {
    matches!(w.chats["alice"][..], [Slot::WrapUp { .. }])
}

fn ends(w: &World, session: SessionId) -> Vec<&'static str> {
    let facts = w.facts_of(session);
    let from =
        facts.iter().position(|fact| matches!(fact.what, What::CollabGoesOn { .. })).unwrap_or(facts.len());
    words(&facts[from..])
}

#[test]
fn s3_10_it_outlives_its_session_while_the_seat_wraps_up_and_ends_in_time() {
    let (mut w, leg, session, collab) = shared(600, 30);
    w.hang_up(leg);
    assert_eq!(trace(&w), ["goes on"]);
    assert!(w.sharing.stands.contains_key(&collab));
    assert!(w.contact("alice", session).unwrap().shared[0].until.is_some());
    w.secs(599);
    assert!(wraps_up(&w), "its own thirty seconds are over, and the seat waits for what is shared");
    w.secs(2);
    assert_eq!(trace(&w), ["goes on", "end Closed", "ended Closed"]);
    assert!(w.chats["alice"].is_empty());
    assert!(
        ends(&w, session).ends_with(&["closed", "collab-ended", "wrap-up-ended"]),
        "{:?}",
        ends(&w, session)
    );
    w.assert_clean();
}

#[test]
fn s3_10_a_wrap_up_goes_on_when_what_was_shared_ends_before_it() {
    let (mut w, leg, _, collab) = shared(600, 30);
    w.hang_up(leg);
    w.secs(5);
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    w.secs(20);
    assert!(wraps_up(&w));
    w.secs(6);
    assert!(w.chats["alice"].is_empty());
    w.assert_clean();
}

#[test]
fn s3_10_without_a_wrap_up_of_its_own_the_seat_is_free_with_the_end_of_the_sharing() {
    let (mut w, leg, session, collab) = shared(600, 0);
    w.hang_up(leg);
    w.secs(60);
    assert!(wraps_up(&w));
    // Both may come and go meanwhile: the time that is left is the same.
    w.say(Event::Away { collab, who: Who::User(ann()) });
    w.say(Call::Here { user: ann() });
    w.say(Event::Joined { collab, who: Who::User(ann()) });
    w.say(Call::Declined { user: ann(), collab, cannot: false });
    assert!(
        trace(&w).ends_with(&["end Declined".to_owned(), "ended Declined".to_owned()]),
        "{:?}",
        trace(&w)
    );
    assert!(w.chats["alice"].is_empty());
    let freed = words(&w.facts_of(session)).into_iter().filter(|word| *word == "wrap-up-ended").count();
    assert_eq!(freed, 1);
    w.assert_clean();
}

#[test]
fn s3_10_the_agent_may_end_either_and_the_other_goes_as_it_should() {
    let (mut w, leg, session, collab) = shared(600, 30);
    w.hang_up(leg);
    w.asks_about("alice", session, Verb::EndCollab { collab });
    assert!(w.sharing.stands.is_empty() && wraps_up(&w), "the wrap-up has its own time");
    w.asks_about("alice", session, Verb::EndWrapUp);
    assert!(w.chats["alice"].is_empty());
    w.assert_clean();

    let (mut w, leg, session, _) = shared(600, 30);
    w.hang_up(leg);
    w.asks_about("alice", session, Verb::EndWrapUp);
    assert!(w.sharing.stands.is_empty() && w.chats["alice"].is_empty());
    assert!(trace(&w).ends_with(&["end Closed".to_owned(), "ended Closed".to_owned()]));
    w.assert_clean();
}

#[test]
fn s3_10_only_a_hang_up_is_outlived_and_only_what_both_are_at_work_on() {
    let (mut w, _, session, _) = shared(600, 30);
    w.say(ngcc_proto::supervise::Command::End { by: "sue".into(), session });
    assert!(w.sharing.stands.is_empty(), "the centre's end is the end");
    let (mut w, leg, _, collab) = shared(600, 30);
    w.say(Event::Away { collab, who: Who::Agent(agent("alice")) });
    w.hang_up(leg);
    assert!(w.sharing.stands.is_empty(), "nobody looks at it");
    let (mut w, leg, _, _) = shared(0, 30);
    w.hang_up(leg);
    assert!(w.sharing.stands.is_empty(), "the queue says nothing else");
    let (mut w, leg, _, _) = shared(600, 30);
    w.hang_up(leg);
    let to = seat::Availability::LoggedOut;
    w.say(ngcc_proto::supervise::Command::Force { by: "sue".into(), agent: agent("alice"), to });
    assert!(
        w.sharing.stands.is_empty() && w.chats["alice"].is_empty(),
        "a forced seat is free of everything"
    );
}

#[test]
fn s3_10_what_goes_on_outlives_a_restart_and_its_loss_frees_the_seat() {
    let (mut w, leg, _, collab) = shared(600, 30);
    w.hang_up(leg);
    w.secs(100);
    w.crash();
    assert!(wraps_up(&w));
    w.say(Event::Restored { collabs: vec![collab] });
    assert!(trace(&w).ends_with(&["goes on".to_owned()]), "{:?}", trace(&w));
    w.secs(490);
    assert!(wraps_up(&w));
    w.secs(15);
    assert!(w.chats["alice"].is_empty() && w.sharing.stands.is_empty());
    w.assert_clean();

    let (mut w, leg, _, _) = shared(600, 30);
    w.hang_up(leg);
    w.secs(100);
    w.say(Event::Restored { collabs: vec![] });
    assert!(trace(&w).ends_with(&["ended Unavailable".to_owned()]));
    assert!(w.chats["alice"].is_empty());
}

#[test]
fn s3_10_on_a_phone_call_it_goes_on_and_the_seat_takes_no_call_meanwhile() {
    let mut w = desk(&["alice"]);
    w.sharing.pages.insert(ann());
    let mut config = w.config.clone();
    config.version += 1;
    config.queues[0].1.share_outlives_s = 60;
    w.config = config.clone();
    w.say(config);
    let caller = w.call("2000");
    w.accepts("alice");
    let session = w.live()[0].id;
    let code = w.shown_code(ann());
    w.asks_about("alice", session, Verb::Collaborate { kind: KIND, code, user: None, form: None });
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    w.agent_hangs_up("alice");
    assert!(w.released(caller).is_some() && w.sharing.stands.contains_key(&collab));
    let next = w.call("2000");
    w.secs(40);
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }) && !w.rings("alice"), "the slot is taken");
    w.secs(21);
    assert!(w.sharing.stands.is_empty() && w.offer_to("alice").is_some(), "and free once");
    w.hang_up(next);
}
