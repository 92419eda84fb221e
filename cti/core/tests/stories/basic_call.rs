//! A voice call through cti: flow, queue, offer, talk, hang-up, wrap-up, stored (S0-02 to S0-07, S0-10).

use crate::world::{World, sales};
use ngcc_proto::access::{self, Caller, Cause};
use ngcc_proto::media::Phase;
use ngcc_proto::seat::{Availability, Slot};
use ngcc_proto::{Body, Core, flow};

#[test]
fn s0_03_a_call_goes_from_its_flow_to_an_agent_and_is_stored_with_its_whole_chain() {
    let mut w = World::new(sales(&["alice"]));

    let caller = w.call("1000");
    let run = w.run_of(caller);
    assert!(w.runs[&run].answered, "the flow was told of the answer");
    assert_eq!(w.phase_of(caller), Some(Phase::SelfService));

    w.human(run, "sales");
    assert!(w.rings("alice"));
    assert!(matches!(w.slot("alice"), Slot::Alerting { .. }));
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));

    w.secs(3);
    w.answer("alice");
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));

    w.secs(60);
    w.hang_up(caller);
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    assert!(w.stored.is_empty(), "the wrap-up belongs to the session");

    w.secs(31);
    assert_eq!(w.slot("alice"), Slot::Free);
    let story = w.story();
    assert_eq!(
        story,
        [
            "opened",
            "leg-added",
            "flow-started",
            "leg-answered",
            "flow-suspended",
            "queued",
            "reserved",
            "leg-added",
            "alerting",
            "leg-answered",
            "dequeued",
            "offer-ended",
            "joined",
            "leg-left",
            "agent-released",
            "flow-ended",
            "leg-left",
            "closed",
            "wrap-up-ended"
        ]
    );
    w.assert_clean();
}

#[test]
fn s0_02_a_self_service_dialogue_ends_without_any_human_resource() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("1000");
    let run = w.run_of(caller);
    w.runs.remove(&run);
    w.say(flow::Event::Ended { run, vars: flow::Vars::new() });
    assert_eq!(w.released(caller), Some(Cause::Normal));
    assert!(!w.story().contains(&"reserved"));
    assert_eq!(w.slot("alice"), Slot::Free);
    w.assert_clean();
}

#[test]
fn s4_01_the_flow_learns_whom_it_got_before_the_join() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("1000");
    let run = w.run_of(caller);
    w.human(run, "sales");
    let found = w.sent_flow().into_iter().find_map(|c| match c {
        flow::Command::AgentFound { run: r, agent, public } => Some((r, agent.name().to_owned(), public)),
        _ => None,
    });
    assert_eq!(found, Some((run, "alice".to_owned(), "8000".to_owned())));
    assert!(w.rings("alice"), "and nobody has been joined yet");
}

#[test]
fn s0_06_a_first_message_is_kept_until_session_control_can_open_a_session() {
    let mut config = sales(&["alice"]);
    config.centre.self_service_slots = 1;
    let mut w = World::new(config);
    let first = w.call("1000");
    assert_eq!(w.cti.session_control_asked(), 1);

    let second = w.call("1000");
    assert_eq!(w.cti.session_control_asked(), 2);
    assert_eq!(w.cti.sessions(), 1, "no slot: not opened");
    w.pass(std::time::Duration::from_millis(350));
    assert_eq!(w.cti.session_control_asked(), 4, "asked again after 100 and after 200 ms");

    w.hang_up(first);
    w.secs(1);
    let run = w.run_of(second);
    assert!(w.runs[&run].answered, "the kept message flowed");
    let asked = w.cti.session_control_asked();
    w.keys(second, "12");
    w.hang_up(second);
    assert_eq!(w.cti.session_control_asked(), asked, "a known session asks nobody");
    w.assert_clean();
}

#[test]
fn s0_06_asking_again_is_bounded_and_a_caller_may_give_up_meanwhile() {
    let mut config = sales(&["alice"]);
    config.centre.self_service_slots = 0;
    let mut w = World::new(config);
    let leg = w.call("1000");
    w.secs(10);
    assert_eq!((w.cti.session_control_asked(), w.released(leg)), (6, Some(Cause::Overloaded)));

    let gone = w.call("1000");
    w.hang_up(gone);
    w.secs(10);
    assert_eq!((w.cti.session_control_asked(), w.released(gone)), (7, None));
    w.assert_clean();
}

#[test]
fn s0_06_a_call_before_the_configuration_is_not_lost() {
    let mut w = World::seeded(sales(&["alice"]), 3);
    w.cti.restored(w.now);
    w.tell_restored();
    let leg = w.arrive("2000", Caller::Anonymous);
    w.run();
    assert_eq!(w.cti.sessions(), 0);
    let config = w.config.clone();
    w.say(config);
    w.secs(1);
    assert!(w.rings("alice"));
    assert_eq!(w.released(leg), None);
}

#[test]
fn s0_07_every_message_has_passed_the_exchange_and_repeats_are_dropped() {
    let mut w = World::new(sales(&["alice"]));
    let (hops, sent) = (w.cti.hops(), w.sent.len());
    let leg = w.arrive("2000", Caller::Anonymous);
    let first = w.inbox[0].clone();
    let mut received = 0;
    while w.deliver_one() {
        received += 1;
    }
    let out = w.sent.len() - sent;
    assert_eq!(w.cti.hops() - hops, received + out as u64);

    let sent = w.sent.len();
    w.inbox.push_back(first);
    w.run();
    assert_eq!(w.sent.len(), sent, "a repeat changes nothing");
    assert!(w.sent.iter().skip(20).all(|e| e.cause.is_some()), "every message names what led to it");
    w.hang_up(leg);
}

#[test]
fn anonymous_callers_reach_only_what_is_public_and_unknown_numbers_are_refused() {
    let mut config = sales(&["alice"]);
    config.numbers[0].public = false;
    let mut w = World::new(config);
    let private = w.call("1000");
    let unknown = w.call("4711");
    let reserved = w.call("queue-sales");
    assert_eq!(w.released(private), Some(Cause::Forbidden));
    assert_eq!(w.released(unknown), Some(Cause::NotFound));
    assert_eq!(w.released(reserved), Some(Cause::Forbidden));
    let phone = w.call_from("7001", "queue-sales");
    assert_eq!(w.released(phone), None);
    assert!(w.rings("alice"));
}

#[test]
fn a_plain_call_rings_through_and_ends_when_either_side_hangs_up() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("7001");
    assert!(w.sent_to_access().contains(&access::Command::Ring { leg: caller }));
    w.answer_phone("7001");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    let callee = w.phone_leg("7001").unwrap();
    w.hang_up(callee);
    assert_eq!(w.released(caller), Some(Cause::Normal));
    w.assert_clean();

    let caller = w.call("7001");
    let callee = w.phone_leg("7001").unwrap();
    w.edge.remove(&callee);
    w.say(access::Event::Refused { leg: callee, cause: Cause::Busy });
    assert_eq!(w.released(caller), Some(Cause::Busy));
    w.assert_clean();
}

#[test]
fn a_called_phone_that_never_says_anything_is_given_up() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("7001");
    w.secs(23);
    assert_eq!(w.released(caller), Some(Cause::NoAnswer));
    w.assert_clean();
}

#[test]
fn everybody_who_dials_a_room_is_in_one_conference() {
    let mut w = World::new(sales(&["alice"]));
    let legs = [w.call("9"), w.call("9"), w.call("9")];
    let rooms: Vec<_> = legs.iter().map(|leg| w.media[leg].0).collect();
    assert!(rooms.iter().all(|room| *room == rooms[0]));
    assert_eq!(w.phase_of(legs[0]), Some(Phase::Conference));
    for leg in legs {
        w.hang_up(leg);
    }
    assert_eq!(w.stored.len(), 3);
    w.assert_clean();
}

#[test]
fn s0_09_a_closed_session_is_sent_again_until_it_is_stored() {
    let mut w = World::new(sales(&["alice"]));
    w.data_centre_works = false;
    let caller = w.call("1000");
    w.hang_up(caller);
    w.secs(12);
    assert_eq!(w.cti.sessions(), 1);
    let stores = w.sent.iter().filter(|e| matches!(e.body, Body::DataCommand(_))).count();
    assert_eq!(stores, 2, "at once, after 5 s, and not yet after 10 s more");
    w.data_centre_works = true;
    w.secs(10);
    w.assert_clean();
}

#[test]
fn a_flow_that_fails_releases_the_caller() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("1000");
    let run = w.run_of(caller);
    w.runs.remove(&run);
    w.say(flow::Event::Failed { run, node: "start".into(), why: "unknown verb".into() });
    assert_eq!(w.released(caller), Some(Cause::Failed));
    w.assert_clean();
}

#[test]
fn media_that_cannot_be_opened_turns_the_caller_away() {
    let mut w = World::new(sales(&["alice"]));
    w.ivr_works = false;
    let caller = w.call("2000");
    w.say(ngcc_proto::media::Event::Failed { leg: caller, cause: Cause::NotAcceptable });
    assert_eq!(w.released(caller), Some(Cause::NotAcceptable));
    assert_eq!(w.availability("alice"), Availability::Ready { since: w.now.wall });
    w.assert_clean();
}
