//! Chats through the house: the same flows, queues and seats as calls, in slots of their own.

use ngcc_proto::access::{self, Caller, Cause};
use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::chat::{self, Status};
use ngcc_proto::fact::What;
use ngcc_proto::flow::{self, Vars};
use ngcc_proto::seat::{Slot, Told, Verb};
use ngcc_proto::{Body, LegId, SessionId, UserUri, Wall};

use crate::world::{World, desk, heard, sales, says, together};

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
    assert_eq!(
        w.status_of(leg),
        Some(Status::Talk { display: "alice".into(), unreachable: false, pictures: false })
    );
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
fn the_agent_is_shown_how_far_what_they_write_has_come_on_a_messaging_channel() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("2000");
    let session = w.session_of(leg);
    w.accepts("alice");
    let shown = |w: &World| w.contact("alice", session).and_then(|contact| contact.delivery);
    assert_eq!(shown(&w), None);
    for (up_to, sends) in [(1, 3), (2, 0)] {
        let window = Some(chat::Window { sends: Some(sends), until: Wall(90_000) });
        let delivery = chat::Delivery { up_to, refused: vec![1], window, stuck: false };
        w.say(chat::Event::Delivered { leg, delivery: delivery.clone() });
        assert_eq!(shown(&w), Some(delivery));
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
fn s1_07_a_visitor_who_leaves_or_is_silently_lost_is_recorded_and_shown() {
    use ngcc_proto::seat::Presence;
    let mut w = desk(&["alice"]);
    let (leg, session) = together(&mut w, "2000");
    w.say(access::Event::Unreachable { leg });
    let contact = w.contact("alice", session).unwrap();
    assert_eq!(contact.customer, Presence::Gone { since: w.now.wall });
    w.crash();
    w.secs(5);
    assert_eq!(w.read_by("alice").last().map(String::as_str), Some("gone"));
    w.crash();
    w.secs(600);
    assert!(w.contact("alice", session).is_some(), "a chat's customer has no grace");
    w.say(access::Event::Reattached { leg });
    assert_eq!(w.contact("alice", session).unwrap().customer, Presence::Here);
    let lines = w.read_by("alice");
    assert_eq!(lines[lines.len() - 2..], ["gone", "back"], "each once, over restarts too");
    w.say(access::Event::Unreachable { leg });
    assert!(matches!(w.contact("alice", session).unwrap().customer, Presence::Gone { .. }));
    w.secs(2);
    w.say(access::Event::Reattached { leg });
    assert_eq!(w.read_by("alice"), lines, "one page that gives way to the next is no line");
    assert!(!w.shown_to(leg).iter().any(|m| m == "gone" || m == "back"));
    w.hang_up(leg);
    assert_eq!(w.contact("alice", session).unwrap().customer, Presence::Left);
    w.secs(31);
    assert_eq!(w.contact("alice", session), None);
    let facts = w.stored.values().next().unwrap();
    assert!(facts.iter().any(|f| matches!(f.what, What::LegUnreachable { .. })));
}

#[test]
fn s1_06_a_visitor_sees_that_the_agent_is_away_unless_a_page_gives_way_to_the_next() {
    let mut w = desk(&["alice"]);
    let (leg, _) = together(&mut w, "2000");
    let talk = |unreachable| Some(Status::Talk { display: "alice".into(), unreachable, pictures: false });
    for (away, seen) in [(4, false), (6, true)] {
        w.asks("alice", Verb::Away);
        w.secs(away);
        assert_eq!(w.status_of(leg), talk(seen));
        w.asks("alice", Verb::Back);
        assert_eq!(w.status_of(leg), talk(false));
    }
    w.asks("alice", Verb::Away);
    w.secs(29);
    assert_eq!(w.status_of(leg), talk(true));
    w.secs(2);
    assert!(matches!(w.status_of(leg), Some(Status::Queue { .. })));
    assert_eq!(w.shown_to(leg).last().map(String::as_str), Some("left"));
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
    assert_eq!(
        w.status_of(leg),
        Some(Status::Talk { display: "alice".into(), unreachable: false, pictures: false })
    );
    w.sent.clear();
    w.tell_restored();
    w.run();
    assert!(matches!(w.clients[&leg][..], [chat::Command::Opened { .. }, ..]));
    let again = w.clients[&leg].iter().filter(|c| matches!(c, chat::Command::Opened { .. })).count();
    assert_eq!(again, 2, "told again after the edge restarted");
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
    let (one, two) = (w.session_of(chat), w.session_of(leg));
    for (session, beside) in [(one, two), (two, one)] {
        assert_eq!(
            w.contact(owner, session).unwrap().beside,
            Some(beside),
            "the console shows them together"
        );
    }
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
    w.secs(31);
    for (session, beside) in [(one, two), (two, one)] {
        let named =
            w.stored[&session].iter().filter(|f| f.what == What::StandsBeside { session: beside }).count();
        assert_eq!(named, 1, "the records of both name the other");
    }
    let chat = w.chat("2000");
    let stranger = call(&mut w, "vis_2");
    assert!(w.agent_leg("alice").is_some() || w.agent_leg("bob").is_some(), "a stranger goes the usual way");
    w.hang_up(stranger);
    w.hang_up(chat);
}
