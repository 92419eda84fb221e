//! S4 in chats: the customer goes to and fro between automation and agent, and each reads what is theirs.

use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::chat::{self, Author, Content, Nack, Status};
use ngcc_proto::fact::What;
use ngcc_proto::flow::{self, Vars};
use ngcc_proto::seat::{Slot, Told, Verb};

use crate::world::{World, desk, heard, says, together};

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
fn what_a_run_was_told_of_before_a_crash_it_is_told_of_again_and_of_nothing_that_was_for_others() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.writes(leg, "k1", "one");
    w.writes(leg, "k2", "two");
    let again = |w: &World| heard(w, run).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(again(&w), ["one", "two"]);
    w.sent.clear();
    w.crash();
    assert_eq!(again(&w), ["one", "two"], "a run takes each number once");

    // What comes while it is read waits behind it.
    w.sent.clear();
    w.store.works = false;
    w.crash();
    w.store.works = true;
    w.writes(leg, "k3", "three");
    assert!(again(&w).is_empty());
    w.store_gives_up();
    assert_eq!(again(&w), ["one", "two", "three"]);

    // What was said to an agent in between is not the run's.
    w.human(run, "sales");
    w.accepts("alice");
    w.writes(leg, "k4", "for alice");
    let session = w.session_of(leg);
    w.asks_about("alice", session, Verb::ToAuto { flow: None, args: Vars::new() });
    w.writes(leg, "k5", "four");
    w.sent.clear();
    w.crash();
    assert_eq!(again(&w), ["one", "two", "three", "four"]);
}

#[test]
fn while_a_flow_is_busy_with_an_answer_the_customer_sees_that_somebody_writes_and_not_after() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    let typing = |w: &World| {
        let told = w.clients[&leg].iter();
        told.filter(|c| matches!(c, chat::Command::Typing { by: Author::Automation, .. })).count()
    };
    w.say(flow::Event::Typing { run });
    assert_eq!(typing(&w), 1);
    w.human(run, "sales");
    w.accepts("alice");
    w.say(flow::Event::Typing { run });
    assert_eq!(typing(&w), 1, "an agent has them");
}

#[test]
fn s4_10_what_a_flow_found_out_stands_with_the_first_agent_also_after_a_restart() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    let found = [("account", "4711"), ("dialled", "1000")];
    let vars = found.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let ask = flow::Ask::Human {
        queue: "sales".to_owned(),
        priority: 0,
        prefer: None,
        max_wait_s: None,
        returns: true,
    };
    w.say(flow::Event::Asked { run, ask, vars });
    w.accepts("alice");
    let shown = |w: &World| {
        let contact =
            |t: &Told| if let Told::Contact { contact } = t { Some(contact.vars.clone()) } else { None };
        w.told.iter().rev().find_map(|(_, told)| contact(told)).expect("a contact")
    };
    let account = Vars::from([("account".to_owned(), "4711".to_owned())]);
    assert_eq!(shown(&w), account, "and not what every flow is given");
    w.told.clear();
    w.crash();
    assert_eq!(shown(&w), account);
}

#[test]
fn a_run_is_told_behind_which_of_its_texts_a_message_came() {
    let mut w = desk(&["alice"]);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    let behind = |w: &World| {
        let of = |c: &flow::Command| {
            if let flow::Command::Heard { behind, .. } = c { Some(*behind) } else { None }
        };
        w.sent_flow().iter().filter_map(of).collect::<Vec<_>>()
    };
    w.writes(leg, "k1", "hello");
    w.say(flow::Event::Say { run, n: 1, text: chat::Text("Your name?".into()), choices: vec![] });
    w.writes(leg, "k2", "Ann");
    assert_eq!(behind(&w), [Some(0), Some(1)]);
    w.sent.clear();
    w.crash();
    assert_eq!(behind(&w), [None, None], "after a restart nobody knows");
}
