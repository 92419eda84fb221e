//! What is shared is handed over alone (S3-03): it waits, is offered and ends as a contact of its own, and the
//! conversation stays where it is.

use ngcc_proto::fact::Moved;
use ngcc_proto::seat::To;

use super::*;

/// A phone call of somebody's with alice, beside which Ann's page takes part in something; bob is free.
pub(super) fn on_the_phone(kind: Kind) -> (World, ngcc_proto::LegId, SessionId, CollabId) {
    let mut w = World::new(crate::world::sales(&["alice", "bob"]));
    w.sharing.pages.insert(ann());
    for name in ["alice", "bob"] {
        w.sits_at_browser(name);
    }
    w.asks("bob", Verb::NotReady { reason: "lunch".into() });
    let caller = w.call("2000");
    w.accepts("alice");
    let session = w.live()[0].id;
    let code = w.shown_code(ann());
    w.asks_about("alice", session, Verb::Collaborate { kind, code, user: None, form: None });
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    w.asks("bob", Verb::Ready);
    w.sent.clear();
    (w, caller, session, collab)
}

fn to_bob(collab: CollabId) -> Verb {
    Verb::HandOverShare { collab, to: To::Agent("bob".into()) }
}

fn to_sales(collab: CollabId) -> Verb {
    Verb::HandOverShare { collab, to: To::Queue("sales".into()) }
}

/// The session in which something shared is now.
fn apart(w: &mut World, from: SessionId) -> SessionId {
    w.live().iter().map(|session| session.id).find(|id| *id != from).expect("it has a session of its own")
}

fn story(w: &World, session: SessionId) -> Vec<&'static str> {
    words(&w.facts_of(session))
}

fn shares(w: &World, name: &str, session: SessionId) -> usize {
    w.contact(name, session).map_or(0, |contact| contact.shared.len())
}

#[test]
fn s3_03_what_is_shared_is_handed_to_a_colleague_and_the_conversation_stays() {
    let (mut w, caller, session, collab) = on_the_phone(KIND);
    w.asks_about("alice", session, to_bob(collab));
    assert_eq!(trace(&w), ["agent -"], "alice sees it no more, and nobody yet");
    let told = w.told.iter().any(|(name, told)| {
        name == "alice" && matches!(told, Told::CollabEnded { why: Why::HandedOver, .. })
    });
    assert!(told && shares(&w, "alice", session) == 0);
    let offered = w.told.iter().rev().find_map(|(name, told)| match told {
        Told::Offered { shared, .. } if name == "bob" => Some(shared.clone()),
        _ => None,
    });
    assert!(w.offer_to("bob").is_some(), "bob is offered it in a slot for chats");
    assert_eq!(offered, Some(vec![KIND]), "and is told what it is");
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }) && w.slot("bob") == Slot::Free);
    w.accepts("bob");
    let own = apart(&mut w, session);
    assert!(matches!(w.chats["bob"][..], [Slot::Talking { session, .. }] if session == own));
    assert_eq!(trace(&w), ["agent -", "agent bob", "invited agent:bob"]);
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("bob")));
    let contact = w.contact("bob", own).unwrap();
    assert!(contact.alone && contact.user == ann() && contact.shared[0].customer, "{contact:?}");
    let moved = |facts: &[ngcc_proto::fact::Fact]| {
        facts.iter().find_map(|fact| match &fact.what {
            What::CollabMoved { way, .. } => Some(*way),
            _ => None,
        })
    };
    assert_eq!(moved(&w.facts_of(session)), Some(Moved::To(own)));
    assert!(matches!(moved(&w.facts_of(own)), Some(Moved::From { session: from, .. }) if from == session));
    // The call's end is no end of it; its own is.
    w.hang_up(caller);
    w.secs(31);
    assert_eq!(shares(&w, "bob", own), 1);
    w.sharing.stands.clear();
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    assert!(w.chats["bob"].is_empty(), "it came through no queue: nothing is to be wrapped up");
    assert!(story(&w, own).ends_with(&["collab-ended", "agent-released", "leg-left", "closed"]));
    w.assert_clean();
}

#[test]
fn s3_03_calls_chats_and_collaborations_wait_in_one_ordered_list() {
    let mut w = desk(&["alice"]);
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let chat = w.chat_of("2000", UserUri::Web("vis_2".into()));
    w.secs(1);
    let share = w.arrives_to_share("2000", ann(), Some((CollabId(7), KIND)));
    w.run();
    w.secs(1);
    let call = w.call("2000");
    w.secs(1);
    let later = w.arrives_to_share("2000", UserUri::Web("vis_3".into()), Some((CollabId(8), Kind::Screen)));
    w.run();
    w.secs(1);
    let gold = w.arrives_to_share("2001", UserUri::Web("vis_4".into()), Some((CollabId(9), Kind::File)));
    w.run();
    let place = |w: &World, leg| match w.status_of(leg) {
        Some(chat::Status::Queue { position, .. }) => position,
        other => panic!("{other:?}"),
    };
    assert_eq!([chat, share, later, gold].map(|leg| place(&w, leg)), [1, 2, 4, 1], "the call is third");
    w.asks("alice", Verb::Ready);
    let offers: Vec<(SessionId, Vec<Kind>)> = w
        .told
        .iter()
        .filter_map(|(_, t)| match t {
            Told::Offered { session, shared, .. } => Some((*session, shared.clone())),
            _ => None,
        })
        .collect();
    let caller = w.live().into_iter().find(|s| s.user == UserUri::Phone("100".into())).unwrap().id;
    let expected = [
        (w.session_of(gold), vec![Kind::File]),
        (w.session_of(chat), vec![]),
        (w.session_of(share), vec![KIND]),
        (caller, vec![]),
        (w.session_of(later), vec![Kind::Screen]),
    ];
    assert_eq!(offers, expected);
    w.hang_up(call);
}

#[test]
fn s3_03_what_is_handed_to_a_queue_waits_in_the_one_list_behind_who_came_before() {
    let (mut w, _, session, collab) = on_the_phone(KIND);
    for name in ["alice", "bob"] {
        w.asks(name, Verb::NotReady { reason: "lunch".into() });
    }
    let first = w.chat_of("2000", UserUri::Web("vis_2".into()));
    w.secs(1);
    w.asks_about("alice", session, to_sales(collab));
    let own = w.live().iter().map(|s| s.id).max().unwrap();
    w.secs(1);
    let last = w.chat_of("2000", UserUri::Web("vis_3".into()));
    w.told.clear();
    w.asks("bob", Verb::Ready);
    let offers: Vec<SessionId> = w
        .told
        .iter()
        .filter_map(|(_, t)| if let Told::Offered { session, .. } = t { Some(*session) } else { None })
        .collect();
    assert_eq!(offers, [w.session_of(first), own, w.session_of(last)]);
    for _ in 0..3 {
        w.accepts("bob");
    }
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("bob")));
    w.asks_about("bob", own, Verb::EndCollab { collab });
    let wraps = |slot: &Slot| matches!(slot, Slot::WrapUp { session, .. } if *session == own);
    assert!(w.chats["bob"].iter().any(wraps), "wrapped up as the queue says: {:?}", w.chats["bob"]);
}

#[test]
fn while_it_waits_no_flow_runs_for_somebody_who_would_not_hear_it() {
    let (mut w, _, session, collab) = on_the_phone(KIND);
    w.config.version += 1;
    for (_, queue) in &mut w.config.queues {
        queue.wait = ngcc_proto::config::Wait::Flow("wait".into());
    }
    let config = w.config.clone();
    w.say(config);
    for name in ["alice", "bob"] {
        w.asks(name, Verb::NotReady { reason: "lunch".into() });
    }
    w.asks_about("alice", session, to_sales(collab));
    let own = apart(&mut w, session);
    assert!(story(&w, own).ends_with(&["queued"]), "{:?}", story(&w, own));
}

#[test]
fn what_nobody_takes_comes_back_to_whoever_has_the_conversation() {
    let (mut w, _, session, collab) = on_the_phone(KIND);
    w.asks_about("alice", session, to_bob(collab));
    let own = apart(&mut w, session);
    let reservation = w.offer_to("bob").unwrap();
    w.asks("bob", Verb::Decline { reservation, reason: None });
    assert_eq!(trace(&w), ["agent -", "agent alice", "invited agent:alice"]);
    assert_eq!(shares(&w, "alice", session), 1);
    assert!(!story(&w, own).contains(&"collab-ended"), "{:?}", story(&w, own));
    assert_eq!(w.live().len(), 1);
    // And nobody answers.
    w.secs(6);
    w.asks_about("alice", session, to_bob(collab));
    w.secs(30);
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("alice")));
    // Where nobody has the conversation any more, it is over.
    w.asks("bob", Verb::Ready);
    w.secs(6);
    w.asks_about("alice", session, to_bob(collab));
    w.asks_about("alice", session, Verb::HangUp);
    let reservation = w.offer_to("bob").unwrap();
    w.asks("bob", Verb::Decline { reservation, reason: None });
    assert!(trace(&w).contains(&"ended NoAgent".to_owned()), "{:?}", trace(&w));
    w.secs(31);
    w.assert_clean();
}

#[test]
fn what_cannot_be_handed_over_is_refused_in_words_and_stays() {
    let (mut w, _, session, collab) = on_the_phone(KIND);
    let mut refuses = |by: &str, to: To, words: &str| {
        let refusals = |w: &World| w.told.iter().filter(|(_, t)| matches!(t, Told::Refused { .. })).count();
        let before = refusals(&w);
        w.asks_about(by, session, Verb::HandOverShare { collab, to });
        assert!(refused(&w).contains(words) && refusals(&w) == before + 1, "{}", refused(&w));
    };
    refuses("alice", To::Agent("alice".into()), "that is you");
    refuses("alice", To::Agent("carol".into()), "no such agent");
    refuses("alice", To::Queue("none".into()), "no such queue");
    refuses("alice", To::Flow("main".into()), "a queue or an agent");
    refuses("alice", To::Number("2000".into()), "a queue or an agent");
    refuses("bob", To::Agent("bob".into()), "not yours");
    w.asks("bob", Verb::NotReady { reason: "lunch".into() });
    w.asks_about("alice", session, to_bob(collab));
    assert!(refused(&w).contains("not free"), "{}", refused(&w));
    assert_eq!(shares(&w, "alice", session), 1);
    w.sharing.down = true;
    w.asks_about("alice", session, Verb::MakeLink { kind: Kind::Document, form: None });
    let token = w.told.iter().rev().find_map(|(_, told)| match told {
        Told::Link { token, .. } => Some(token.clone()),
        _ => None,
    });
    w.say(Call::Followed { user: ann(), link: token.unwrap() });
    let asked = *w.collabs_of(session).last().unwrap();
    w.asks_about("alice", session, to_sales(asked));
    assert!(refused(&w).contains("not shared yet"), "{}", refused(&w));
    assert_eq!(w.live().len(), 1);
}

#[test]
fn handed_on_again_it_is_the_whole_contact_that_goes_and_no_flow_takes_it() {
    let (mut w, _, session, collab) = on_the_phone(KIND);
    w.asks_about("alice", session, to_bob(collab));
    w.accepts("bob");
    let own = apart(&mut w, session);
    w.asks_about("bob", own, Verb::Transfer { to: To::Flow("main".into()) });
    assert!(refused(&w).contains("a queue or an agent"), "{}", refused(&w));
    w.asks_about(
        "bob",
        own,
        Verb::Say { key: "k".into(), content: crate::world::words_of("Hello?"), private: false },
    );
    assert!(w.told.iter().any(|(_, t)| matches!(t, Told::NotAccepted { .. })), "nobody would read it");
    w.secs(6);
    w.asks_about("bob", own, Verb::HandOverShare { collab, to: To::Agent("alice".into()) });
    w.accepts("alice");
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("alice")));
    assert_eq!(w.live().len(), 2, "it is the same contact");
    // Its agent ends it.
    w.asks_about("alice", own, Verb::HangUp);
    assert!(w.sharing.stands.is_empty());
    assert_eq!(w.live().len(), 1);
}

#[test]
fn it_outlives_a_restart_while_it_is_offered_while_it_waits_and_when_it_is_taken() {
    let (mut w, _, session, collab) = on_the_phone(KIND);
    w.asks_about("alice", session, to_bob(collab));
    w.crash();
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("alice")), "nobody had taken it: it is back");
    w.secs(6);
    w.asks_about("alice", session, to_bob(collab));
    w.accepts("bob");
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("bob")));
    let own = apart(&mut w, session);
    w.say(Event::Joined { collab, who: Who::Agent(agent("bob")) });
    w.crash();
    let contact = w.contact("bob", own).unwrap();
    assert!(contact.alone && contact.shared[0].customer && contact.shared[0].agent, "{contact:?}");
    assert!(matches!(w.chats["bob"][..], [Slot::Talking { .. }]));
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    w.asks_about("bob", own, Verb::Transfer { to: To::Queue("gold".into()) });
    w.asks("bob", Verb::NotReady { reason: "lunch".into() });
    w.crash();
    assert_eq!(w.queues()["gold"].waiting, 1);
    w.asks("bob", Verb::Ready);
    w.secs(6);
    w.accepts("bob");
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("bob")));
}

#[test]
fn an_agent_who_is_lost_loses_it_to_the_queue_or_to_whoever_handed_it_over() {
    let (mut w, _, session, collab) = on_the_phone(KIND);
    w.asks_about("alice", session, to_bob(collab));
    w.accepts("bob");
    w.asks("bob", Verb::Away);
    w.secs(120);
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("alice")));
    assert_eq!(shares(&w, "alice", session), 1);
}

#[test]
fn a_screen_that_is_handed_over_goes_on_being_shown_and_is_seen_by_the_next_alone() {
    use ngcc_proto::media::{Part, Phase};
    let (mut w, _, session, collab) = on_the_phone(Kind::Screen);
    let customer = w.shows(collab, Who::User(ann()));
    let alices = w.shows(collab, Who::Agent(agent("alice")));
    w.say(Event::Noted { collab, by: By::Customer, act: Act::Consent, what: "view".to_owned() });
    let conference = w.media[&customer].0;
    w.asks_about("alice", session, to_bob(collab));
    assert!(!w.media.contains_key(&alices), "alice's picture is shut at once");
    w.accepts("bob");
    let bobs = w.shows(collab, Who::Agent(agent("bob")));
    assert_eq!(w.media[&bobs], (conference, Part::Agent));
    assert_eq!(w.phases[&conference], Phase::Talk, "what was granted is granted");
    let own = apart(&mut w, session);
    assert!(w.contact("bob", own).unwrap().shared[0].shows);
    w.crash();
    w.say(Event::Noted { collab, by: By::Customer, act: Act::Pause, what: "view".to_owned() });
    assert_eq!(w.phases[&conference], Phase::Hold);
    w.hang_up(customer);
    assert!(!w.contact("bob", own).unwrap().shared[0].shows, "its leg is of this session now");
}
