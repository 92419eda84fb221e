//! Chats through the house: the same flows, queues and seats; words that are acknowledged once they are stored.

use ngcc_proto::access::{self, Caller, Cause};
use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::chat::{self, Choice, Content, Nack, Status, Text};
use ngcc_proto::fact::What;
use ngcc_proto::flow::{self, Vars};
use ngcc_proto::seat::{Slot, Told, Verb};
use ngcc_proto::{Body, LegId, RunId, SessionId, UserUri};

use crate::world::{World, sales, words_of};

/// Agents with a console each.
fn desk(agents: &[&str]) -> World {
    let mut w = World::new(sales(agents));
    for name in agents {
        w.sits_at_browser(name);
    }
    w
}

/// A chat with an agent who has taken it.
fn together(w: &mut World, dialled: &str) -> (LegId, SessionId) {
    let leg = w.chat(dialled);
    w.accepts("alice");
    (leg, w.session_of(leg))
}

fn heard(w: &World, run: RunId) -> Vec<(u64, String)> {
    let heard = |c: flow::Command| match c {
        flow::Command::Heard { run: r, seq, text } if r == run => Some((seq, text.expose().to_owned())),
        _ => None,
    };
    w.sent_flow().into_iter().filter_map(heard).collect()
}

fn says(w: &mut World, run: RunId, n: u32, text: &str) {
    let choices = vec![Choice { value: "1".into(), label: "Sales".into() }];
    w.say(flow::Event::Say { run, n, text: Text(text.into()), choices });
}

#[test]
fn s0_02_a_chat_ends_in_self_service_without_any_human() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    let start = w.sent_flow().into_iter().find(|c| matches!(c, flow::Command::Start { .. }));
    assert!(matches!(
        start,
        Some(flow::Command::Start { medium: ngcc_proto::fact::Medium::Chat, answered: true, .. })
    ));
    says(&mut w, run, 0, "Hello");
    w.writes(leg, "k1", "1");
    assert_eq!(w.shown_to(leg), ["automation: Hello", "customer: 1"]);
    assert_eq!(heard(&w, run), [(2, "1".to_owned())]);
    assert_eq!(w.acked(leg), [("k1".to_owned(), 2)]);
    w.runs.remove(&run);
    w.say(flow::Event::Ended { run, vars: Vars::new() });
    assert_eq!(w.released(leg), Some(Cause::Normal));
    assert_eq!(w.status_of(leg), Some(Status::Closed));
    assert!(w.media.is_empty() && w.phases.is_empty(), "a chat has no media");
    assert!(!w.story().contains(&"reserved"));
    w.assert_clean();
}

#[test]
fn s0_03_a_chat_goes_from_its_flow_to_an_agent_and_both_are_told_everything() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.human(run, "sales");
    assert_eq!(w.status_of(leg), Some(Status::Ringing));
    let session = w.session_of(leg);
    assert!(matches!(w.chats["alice"][..], [Slot::Alerting { .. }]));
    assert!(w.agent_leg("alice").is_none(), "no call is made for a chat");
    w.accepts("alice");
    assert_eq!(w.status_of(leg), Some(Status::Talk { display: "alice".into(), unreachable: false }));
    w.writes(leg, "k1", "I want a bed");
    w.agent_writes("alice", session, "a1", "Which?");
    assert_eq!(w.shown_to(leg), ["joined", "customer: I want a bed", "agent: Which?"]);
    assert_eq!(w.read_by("alice"), ["joined", "customer: I want a bed", "agent: Which?"]);
    let accepted = w.told.iter().any(|(_, t)| matches!(t, Told::Accepted { key, seq: 3, .. } if key == "a1"));
    assert!(accepted);
    w.asks_about("alice", session, Verb::HangUp);
    assert_eq!(w.released(leg), Some(Cause::Normal));
    assert!(matches!(w.chats["alice"][..], [Slot::WrapUp { .. }]));
    w.secs(31);
    assert!(w.chats["alice"].is_empty());
    w.assert_clean();
}

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
fn s2_05_a_chat_that_is_with_an_agent_stays_with_that_agent() {
    let mut w = desk(&["alice", "bob"]);
    let leg = w.chat("2000");
    let owner = if w.offer_to("alice").is_some() { "alice" } else { "bob" };
    w.accepts(owner);
    for n in 0..20 {
        w.writes(leg, &format!("k{n}"), "more");
    }
    assert_eq!(w.read_by(owner).len(), 21);
    assert!(w.read_by(if owner == "alice" { "bob" } else { "alice" }).is_empty());
}

#[test]
fn an_agent_serves_as_many_chats_as_configured_and_a_call_besides() {
    let mut config = sales(&["alice"]);
    config.seats[0].settings.chats = 2;
    let mut w = World::new(config);
    w.sits_at_browser("alice");
    let mut chats = vec![];
    for n in 0..3 {
        chats.push(w.chat_of("2000", UserUri::Web(format!("v{n}"))));
        if w.offer_to("alice").is_some() {
            w.accepts("alice");
        }
    }
    let (third, before) = (chats[2], w.chats["alice"].clone());
    assert_eq!(before.len(), 2);
    assert!(matches!(w.status_of(third), Some(Status::Queue { position: 1, .. })));
    let caller = w.call("2000");
    w.accepts("alice");
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }), "voice excludes nothing");
    assert_eq!(w.chats["alice"], before);
    w.hang_up(chats[0]);
    assert!(matches!(w.status_of(third), Some(Status::Queue { .. })), "still wrapping up after the first");
    w.secs(31);
    w.accepts("alice");
    assert!(matches!(w.status_of(third), Some(Status::Talk { .. })));
    for leg in [chats[1], third, caller] {
        w.hang_up(leg);
    }
    w.secs(31);
    w.assert_clean();
}

#[test]
fn s3_03_calls_and_chats_wait_in_one_ordered_list() {
    let mut w = desk(&["alice"]);
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let first = w.chat("2000");
    w.secs(1);
    let second = w.call("2000");
    w.secs(1);
    let gold = w.chat_of("2001", UserUri::Web("gold".into()));
    w.asks("alice", Verb::Ready);
    let offers: Vec<SessionId> = w
        .told
        .iter()
        .filter_map(|(_, t)| if let Told::Offered { session, .. } = t { Some(*session) } else { None })
        .collect();
    let call = w.live().into_iter().find(|s| s.user == UserUri::Phone("100".into())).unwrap().id;
    assert_eq!(offers, [w.session_of(gold), w.session_of(first), call]);
    assert!(w.agent_leg("alice").is_some());
    w.hang_up(second);
}

#[test]
fn a_freed_seat_takes_the_head_of_what_it_has_a_slot_for() {
    let mut config = sales(&["alice"]);
    config.seats[0].settings.chats = 1;
    config.queues[0].1.wrap_up_s = 0;
    let mut w = World::new(config);
    w.sits_at_browser("alice");
    let talking = w.call("2000");
    w.accepts("alice");
    let call = w.call("2000");
    w.secs(1);
    let chat = w.chat("2000");
    assert!(
        matches!(w.chats["alice"][..], [Slot::Alerting { .. }]),
        "the chat passes the call: its slot is free"
    );
    w.accepts("alice");
    w.hang_up(talking);
    assert!(matches!(w.slot("alice"), Slot::Alerting { .. }), "and the call gets the voice slot");
    w.hang_up(chat);
    w.hang_up(call);
}

#[test]
fn chats_need_a_console_even_where_calls_go_to_a_phone() {
    let mut w = World::new(sales(&["alice"]));
    let leg = w.chat("2000");
    assert!(matches!(w.status_of(leg), Some(Status::Queue { .. })), "a phone alone cannot chat");
    w.asks("alice", Verb::Look);
    w.accepts("alice");
    assert!(matches!(w.status_of(leg), Some(Status::Talk { .. })));
    let caller = w.call("2000");
    assert!(w.rings("alice"), "and the phone rings besides");
    w.asks("alice", Verb::Away);
    w.secs(31);
    assert!(matches!(w.status_of(leg), Some(Status::Queue { .. })), "the chat waits again");
    assert!(
        matches!(w.availability("alice"), ngcc_proto::seat::Availability::NotReady { .. }),
        "it rang out"
    );
    w.hang_up(caller);
}

#[test]
fn a_chat_is_not_sent_to_a_phone_nor_into_a_room() {
    let mut w = desk(&["alice"]);
    for dialled in ["7001", "9"] {
        let leg = w.chat(dialled);
        assert_eq!(w.released(leg), Some(Cause::NotAcceptable));
    }
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.ask(run, flow::Ask::Transfer { to: "7001".into(), ring_s: 5 });
    assert_eq!(w.resumed(run).as_deref(), Some("failed"));
    w.sent.clear();
    w.ask(run, flow::Ask::Conference { room: "blue".into() });
    assert_eq!(w.resumed(run).as_deref(), Some("failed"));
    w.hang_up(leg);
    w.assert_clean();
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
fn s4_03_to_05_a_chat_goes_to_and_fro_with_the_same_agent_and_in_between_the_agent_is_silent() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.human(run, "sales");
    w.accepts("alice");
    let session = w.session_of(leg);
    for turn in 1..=5 {
        w.asks_about("alice", session, Verb::ToAuto { flow: None, args: Vars::new() });
        assert_eq!(w.status_of(leg), Some(Status::InIvr { display: "alice".into() }));
        let before = w.read_by("alice").len();
        w.writes(leg, &format!("k{turn}"), "secret order number");
        says(&mut w, run, turn, "thank you");
        assert_eq!(w.read_by("alice").len(), before, "the owner does not read along");
        let key = format!("a{turn}");
        w.agent_writes("alice", session, &key, "hello?");
        let refused = w
            .told
            .iter()
            .any(|(_, t)| matches!(t, Told::NotAccepted { key: k, why: Nack::Forbidden, .. } if *k == key));
        assert!(refused, "and is not heard");
        w.give_back(run, turn, BackBecause::Asked);
        assert!(matches!(w.status_of(leg), Some(Status::Talk { .. })));
        assert!(matches!(w.chats["alice"][..], [Slot::Talking { .. }]));
    }
    let facts = w.operate(ngcc_proto::operate::Command::Chain { session });
    let ngcc_proto::operate::Event::Chain { facts } = facts else { panic!() };
    assert_eq!(facts.iter().filter(|f| matches!(f.what, What::Queued { .. })).count(), 1, "no new place");
    assert_eq!(heard(&w, run).len(), 5);
    w.hang_up(leg);
    w.secs(31);
    assert_eq!(w.stored.len(), 1);
    w.assert_clean();
}

#[test]
fn s4_09_the_agent_takes_the_customer_of_a_chat_back_and_gives_them_again() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    let to_auto = || Verb::ToAuto { flow: Some("pay".into()), args: Vars::new() };
    w.asks_about("alice", session, to_auto());
    assert!(matches!(w.status_of(leg), Some(Status::InIvr { .. })));
    w.asks_about("alice", session, Verb::TakeBack);
    assert!(matches!(w.status_of(leg), Some(Status::Talk { .. })));
    w.asks_about("alice", session, to_auto());
    w.hang_up(leg);
    assert!(w.runs.is_empty());
    assert!(matches!(w.chats["alice"][..], [Slot::WrapUp { .. }]));
}

#[test]
fn s4_11_the_agent_of_a_chat_is_lost_while_the_automation_has_the_customer() {
    let mut w = desk(&["alice", "bob"]);
    w.asks("bob", Verb::NotReady { reason: "break".into() });
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.human(run, "sales");
    w.accepts("alice");
    let session = w.session_of(leg);
    w.asks_about("alice", session, Verb::ToAuto { flow: None, args: Vars::new() });
    w.asks("alice", Verb::Away);
    w.secs(31);
    assert_eq!(w.status_of(leg), Some(Status::SelfService));
    w.writes(leg, "k1", "still here");
    assert_eq!(heard(&w, run).len(), 1, "the automation goes on");
    w.asks("bob", Verb::Ready);
    w.asks("alice", Verb::Back);
    w.asks("alice", Verb::Ready);
    w.give_back(run, 1, BackBecause::Asked);
    assert!(w.offer_to("alice").is_some(), "that agent rather than another");
}

#[test]
fn what_a_run_wants_masked_is_stored_masked_and_heard_by_the_run_alone() {
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.asks_about("alice", session, Verb::ToAuto { flow: Some("pay".into()), args: Vars::new() });
    w.asks_about("alice", session, Verb::Listen { on: true });
    let run = w.run_named("pay").unwrap();
    w.say(flow::Event::Listening { run, secret: true });
    w.writes(leg, "k1", "4929 1234");
    assert_eq!(heard(&w, run).last().map(|(_, text)| text.as_str()), Some("4929 1234"));
    assert_eq!(w.shown_to(leg).last().map(String::as_str), Some("customer: masked"));
    assert_eq!(w.read_by("alice").last().map(String::as_str), Some("customer: masked"));
    assert!(!format!("{:?}", w.store.of(session)).contains("4929"));
    for (_, bytes) in w.log.values() {
        assert!(!String::from_utf8_lossy(bytes).contains("4929"));
    }
    w.writes(leg, "k2", "thanks");
    assert_eq!(w.shown_to(leg).last().map(String::as_str), Some("customer: thanks"), "one message only");
}

#[test]
fn a_masked_entry_outlives_a_restart_at_every_stage() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.say(flow::Event::Listening { run, secret: true });
    w.crash();
    w.store.mute = true;
    w.writes(leg, "k1", "4711");
    w.store.mute = false;
    w.crash();
    w.writes(leg, "k1", "4711");
    let session = w.session_of(leg);
    assert!(matches!(w.store.of(session)[..], [chat::Message { content: Content::Masked, .. }]));
    assert_eq!(heard(&w, run), [(1, "4711".to_owned())]);
    assert_eq!(w.acked(leg), [("k1".to_owned(), 1)]);
}

#[test]
fn a_chat_is_as_before_after_a_restart_at_every_stage() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.crash();
    w.writes(leg, "k1", "hello");
    assert_eq!(heard(&w, run).len(), 1);
    w.human(run, "sales");
    w.crash();
    assert_eq!(w.status_of(leg), Some(Status::Ringing), "offered anew");
    w.accepts("alice");
    w.crash();
    let session = w.session_of(leg);
    assert!(matches!(w.chats["alice"][..], [Slot::Talking { .. }]));
    assert!(matches!(w.status_of(leg), Some(Status::Talk { .. })));
    w.writes(leg, "k2", "are you there?");
    w.agent_writes("alice", session, "a1", "yes");
    assert_eq!(w.read_by("alice"), ["joined", "customer: are you there?", "agent: yes"]);
    w.asks_about("alice", session, Verb::ToAuto { flow: None, args: Vars::new() });
    w.crash();
    assert!(matches!(w.status_of(leg), Some(Status::InIvr { .. })));
    w.give_back(run, 1, BackBecause::Asked);
    w.crash();
    w.hang_up(leg);
    w.crash();
    assert!(matches!(w.chats["alice"][..], [Slot::WrapUp { .. }]));
    w.secs(31);
    w.assert_clean();
    let facts = w.stored.values().next().unwrap();
    let said = facts.iter().filter(|f| matches!(f.what, What::Said { .. })).count();
    assert_eq!(said, w.store.of(session).len(), "each message is one fact");
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
fn s1_07_a_visitor_who_leaves_or_is_silently_lost_is_recorded_and_shown() {
    use ngcc_proto::seat::Presence;
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.say(access::Event::Unreachable { leg });
    let contact = w.contact("alice", session).unwrap();
    assert_eq!(contact.customer, Presence::Gone { since: w.now.wall });
    assert_eq!(w.read_by("alice").last().map(String::as_str), Some("gone"));
    w.secs(600);
    assert!(w.contact("alice", session).is_some(), "a chat's customer has no grace");
    w.say(access::Event::Reattached { leg });
    assert_eq!(w.contact("alice", session).unwrap().customer, Presence::Here);
    assert!(!w.shown_to(leg).iter().any(|m| m == "gone" || m == "back"));
    w.hang_up(leg);
    assert_eq!(w.contact("alice", session).unwrap().customer, Presence::Left);
    w.secs(31);
    assert_eq!(w.contact("alice", session), None);
    let facts = w.stored.values().next().unwrap();
    assert!(facts.iter().any(|f| matches!(f.what, What::LegUnreachable { .. })));
}

#[test]
fn a_place_in_the_queue_is_told_at_most_once_in_five_seconds_with_an_estimate() {
    let mut w = desk(&["alice"]);
    let served = w.chat_of("2000", UserUri::Web("first".into()));
    w.secs(7);
    w.accepts("alice");
    w.asks("alice", Verb::NotReady { reason: "busy".into() });
    let legs: Vec<LegId> = (0..4).map(|n| w.chat_of("2000", UserUri::Web(format!("v{n}")))).collect();
    assert_eq!(w.status_of(legs[3]), Some(Status::Queue { position: 4, estimate_s: Some(7) }));
    let told = w.clients[&legs[3]].len();
    for leg in &legs[..3] {
        w.hang_up(*leg);
    }
    assert_eq!(w.clients[&legs[3]].len(), told);
    w.secs(5);
    assert_eq!(w.clients[&legs[3]].len(), told + 1);
    assert_eq!(w.status_of(legs[3]), Some(Status::Queue { position: 1, estimate_s: Some(7) }));
    w.hang_up(served);
}

#[test]
fn web_callers_are_told_where_they_stand_and_phones_are_not() {
    let mut w = desk(&["alice"]);
    let caller = w.call("2000");
    assert!(!w.clients.contains_key(&caller));
    w.hang_up(caller);
    let leg = w.arrive("2000", Caller::Anonymous);
    let Some(envelope) = w.inbox.back_mut() else { panic!() };
    let Body::AccessEvent(access::Event::Arrived { user, medium, .. }) = &mut envelope.body else { panic!() };
    (*user, *medium) = (UserUri::Web("vis_9".into()), ngcc_proto::fact::Medium::Video);
    w.run();
    let summoned =
        w.sent_to_access().into_iter().any(|c| matches!(c, access::Command::Summon { video: true, .. }));
    assert!(summoned, "a video caller is offered as such");
    w.accepts("alice");
    assert_eq!(w.status_of(leg), Some(Status::Talk { display: "alice".into(), unreachable: false }));
    w.sent.clear();
    w.tell_restored();
    w.run();
    assert!(matches!(w.clients[&leg][..], [chat::Command::Opened { .. }, ..]));
    let again = w.clients[&leg].iter().filter(|c| matches!(c, chat::Command::Opened { .. })).count();
    assert_eq!(again, 2, "told again after the edge restarted");
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
fn s1_04_visitors_go_to_whoever_has_fewest_chats_when_the_longest_idle_is_asked() {
    let mut w = desk(&["alice", "bob"]);
    for n in 0..6 {
        w.chat_of("2000", UserUri::Web(format!("v{n}")));
    }
    assert_eq!((w.chats["alice"].len(), w.chats["bob"].len()), (3, 3));
}

#[test]
fn s1_04_visitors_are_assigned_in_turn_or_strictly_by_priority() {
    use ngcc_proto::config::Strategy;
    for (strategy, expected) in [(Strategy::RoundRobin, [2, 2, 2]), (Strategy::AgentPriority, [4, 2, 0])] {
        let mut config = sales(&["alice", "bob", "carol"]);
        let queue = &mut config.queues[0].1;
        queue.strategy = strategy;
        for (level, member) in (0..).zip(&mut queue.members) {
            member.level = level;
        }
        let mut w = World::new(config);
        for name in ["alice", "bob", "carol"] {
            w.sits_at_browser(name);
        }
        for n in 0..6 {
            w.chat_of("2000", UserUri::Web(format!("v{n}")));
        }
        assert_eq!(["alice", "bob", "carol"].map(|name| w.chats[name].len()), expected);
    }
}

#[test]
fn s2_04_visitors_go_at_random_to_agents_who_are_normal_and_to_nobody_else() {
    let names = ["alice", "bob", "carol", "dave", "erin", "frank"];
    let mut config = sales(&names);
    config.queues[0].1.strategy = ngcc_proto::config::Strategy::Random;
    config.queues[0].1.wrap_up_s = 0;
    let mut w = World::new(config);
    for name in names {
        w.sits_at_browser(name);
    }
    w.asks("erin", Verb::NotReady { reason: "busy".into() });
    w.asks("frank", Verb::SignOut);
    let mut seen = [0u32; 6];
    for n in 0..800 {
        let leg = w.chat_of("2000", UserUri::Web(format!("v{n}")));
        let chosen = names.iter().position(|name| w.offer_to(name).is_some()).unwrap();
        seen[chosen] += 1;
        w.hang_up(leg);
    }
    assert_eq!((seen[4], seen[5]), (0, 0), "busy and exited ones are never chosen");
    let chi2: f64 = seen[..4].iter().map(|&n| (f64::from(n) - 200.0).powi(2) / 200.0).sum();
    assert!(chi2 < 16.3, "chi-square {chi2} of {seen:?}: p < 0.001 above 16.3 at 3 degrees");
}

#[test]
fn s1_03_who_does_not_start_customer_service_is_never_assigned_and_who_does_is() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::SignOut);
    w.asks("alice", Verb::Look);
    let leg = w.chat("2000");
    assert!(w.offer_to("alice").is_none(), "the messenger alone");
    w.asks("alice", Verb::SignIn { device: ngcc_proto::seat::Device::Browser });
    w.accepts("alice");
    assert!(matches!(w.status_of(leg), Some(Status::Talk { .. })));
}

#[test]
fn s4_08_the_agent_of_a_chat_is_told_of_the_return_and_reads_what_was_written_meanwhile() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.human(run, "sales");
    w.accepts("alice");
    let session = w.session_of(leg);
    w.asks_about("alice", session, Verb::ToAuto { flow: None, args: Vars::new() });
    w.writes(leg, "k1", "my number is 42");
    w.asks_about("alice", session, Verb::Resume { after: 0 });
    let replayed = |w: &World| -> Vec<u64> {
        let replay = |(_, t): &(String, Told)| match t {
            Told::Replay { messages, .. } => Some(messages.iter().map(|m| m.seq).collect::<Vec<_>>()),
            _ => None,
        };
        w.told.iter().filter_map(replay).next_back().unwrap_or_default()
    };
    assert_eq!(replayed(&w), [1, 2], "not while they are together");
    w.give_back(run, 1, BackBecause::Asked);
    assert!(w.told.iter().any(|(_, t)| matches!(t, Told::Returned { session: s, .. } if *s == session)));
    assert!(replayed(&w).contains(&3), "but afterwards");
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
fn who_calls_out_of_a_chat_gets_the_same_agent_and_the_chat_is_not_idle_meanwhile() {
    let mut w = desk(&["alice", "bob"]);
    let chat = w.chat("2000");
    let (owner, other) = if w.offer_to("alice").is_some() { ("alice", "bob") } else { ("bob", "alice") };
    w.accepts(owner);
    let call = |w: &mut World, user: &str| {
        let leg = w.arrive("2000", Caller::Anonymous);
        let Some(envelope) = w.inbox.back_mut() else { panic!() };
        let Body::AccessEvent(access::Event::Arrived { user: u, beside, .. }) = &mut envelope.body else {
            panic!()
        };
        (*u, *beside) = (UserUri::Web(user.into()), Some(chat));
        w.run();
        leg
    };
    let leg = call(&mut w, "vis_1");
    assert!(w.agent_leg(owner).is_some() && w.agent_leg(other).is_none());
    w.accepts(owner);
    w.secs(3 * 1800);
    assert_eq!(w.released(chat), None);
    w.crash();
    w.secs(1700);
    assert_eq!(w.released(chat), None);
    w.hang_up(leg);
    w.secs(1799);
    assert_eq!(w.released(chat), None, "its silence counts from the end of the call");
    w.secs(2);
    assert_eq!(w.released(chat), Some(Cause::TimedOut));
    let chat = w.chat("2000");
    let stranger = call(&mut w, "vis_2");
    assert!(w.agent_leg("alice").is_some() || w.agent_leg("bob").is_some(), "a stranger goes the usual way");
    w.hang_up(stranger);
    w.hang_up(chat);
}
