//! Seats: signing in and out, ready and not ready, wrap-up, feature codes, configuration while live.

use ngcc_proto::access::Cause;
use ngcc_proto::flow::{self, Ask};
use ngcc_proto::operate;
use ngcc_proto::seat::{Availability, Device, Slot, Told, Verb};
use ngcc_proto::{Secret, access};

use crate::world::{World, sales};

fn phone(name: &str) -> Device {
    Device::Phone(format!("p-{name}"))
}

#[test]
fn what_is_asked_for_during_a_contact_comes_true_after_it() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    w.answer("alice");
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }));
    w.hang_up(caller);
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }), "still wrapping up");
    w.secs(31);
    assert!(matches!(w.availability("alice"), Availability::NotReady { reason, .. } if reason == "lunch"));
    w.call("2000");
    assert!(!w.rings("alice"));
    w.asks("alice", Verb::Ready);
    assert!(w.rings("alice"));
}

#[test]
fn s2_04_signed_out_and_not_ready_agents_are_never_chosen() {
    let mut w = World::new(sales(&["alice", "bob"]));
    w.asks("alice", Verb::SignOut);
    w.asks("bob", Verb::NotReady { reason: "break".into() });
    w.call("2000");
    assert!(!w.rings("alice") && !w.rings("bob"));
    w.asks("alice", Verb::Ready);
    assert!(w.told.iter().any(|(a, t)| a == "alice" && matches!(t, Told::Refused { .. })), "sign in first");
    w.asks("alice", Verb::SignIn { device: phone("alice") });
    assert!(w.rings("alice"));
}

#[test]
fn two_agents_cannot_sit_at_one_phone() {
    let mut w = World::new(sales(&["alice", "bob"]));
    w.asks("bob", Verb::SignOut);
    for device in [phone("alice"), Device::Phone("nowhere".into())] {
        w.asks("bob", Verb::SignIn { device });
        assert_eq!(w.availability("bob"), Availability::LoggedOut);
    }
    w.asks("bob", Verb::SignIn { device: Device::Phone("7001".into()) });
    w.asks("alice", Verb::SignOut);
    w.call("2000");
    assert!(w.phone_leg("7001").is_some(), "bob is rung where he sits");
}

#[test]
fn an_offer_can_be_declined_by_its_own_id_only() {
    let mut w = World::new(sales(&["alice"]));
    w.call("2000");
    let Slot::Alerting { reservation, .. } = w.slot("alice") else { panic!("it rings") };
    w.asks("alice", Verb::Decline { reservation: ngcc_proto::ReservationId(7), reason: None });
    assert!(w.rings("alice"));
    w.asks("alice", Verb::Decline { reservation, reason: None });
    assert!(!w.rings("alice"));
    assert!(matches!(w.availability("alice"), Availability::NotReady { .. }));
}

#[test]
fn a_wrap_up_is_ended_by_hand_or_by_its_deadline() {
    let mut w = World::new(sales(&["alice"]));
    for by_hand in [true, false] {
        let caller = w.call("2000");
        w.answer("alice");
        w.hang_up(caller);
        let Slot::WrapUp { until, .. } = w.slot("alice") else { panic!("she wraps up") };
        assert_eq!(until.ms_since(w.now.wall), 30_000);
        if by_hand {
            w.asks("alice", Verb::EndWrapUp);
        } else {
            w.secs(30);
        }
        assert_eq!(w.slot("alice"), Slot::Free);
    }
    w.assert_clean();
}

#[test]
fn signing_in_by_phone_asks_for_the_pin() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::SignOut);
    for (pin, exit, signed_in) in [("1111", "refused", false), ("1234", "done", true)] {
        let leg = w.call_from("p-alice", "*11");
        let run = w.run_of(leg);
        assert_eq!(w.runs[&run].flow, "sign-in");
        w.ask(run, Ask::SignIn { pin: Secret::new(pin) });
        assert_eq!(w.resumed(run), Some(exit.into()));
        assert_eq!(matches!(w.availability("alice"), Availability::Ready { .. }), signed_in);
        w.runs.remove(&run);
        w.say(flow::Event::Ended { run, vars: flow::Vars::new() });
    }
    w.assert_clean();
    for (_, bytes) in w.log.values() {
        assert!(!String::from_utf8_lossy(bytes).contains("1234"), "no PIN in any record");
    }
}

#[test]
fn a_feature_code_is_done_and_confirmed_or_declined() {
    let mut w = World::new(sales(&["alice"]));
    let leg = w.call_from("p-alice", "*13");
    assert!(matches!(w.availability("alice"), Availability::NotReady { .. }));
    let run = w.run_of(leg);
    assert_eq!(w.runs[&run].flow, "feature-not-ready", "a flow of that name says so");
    w.hang_up(leg);
    let leg = w.call_from("p-alice", "*12");
    assert!(matches!(w.availability("alice"), Availability::Ready { .. }));
    assert_eq!(w.released(leg), Some(Cause::Normal), "without one it is answered and hung up");
    assert!(
        w.sent_to_access().iter().any(|c| matches!(c, access::Command::Answer { leg: l, .. } if *l == leg))
    );
    let leg = w.call_from("p-alice", "*14");
    assert_eq!(w.released(leg), Some(Cause::Declined), "there is no wrap-up to end");
    let stranger = w.call_from("7001", "*12");
    assert_eq!(w.released(stranger), Some(Cause::Forbidden));
    let anonymous = w.call("*12");
    assert_eq!(w.released(anonymous), Some(Cause::NotFound));
    w.assert_clean();
}

#[test]
fn a_removed_seat_serves_its_contact_to_the_end() {
    let mut w = World::new(sales(&["alice", "bob"]));
    let caller = w.call("2000");
    w.answer("alice");
    let mut c = sales(&["alice", "bob"]);
    c.version = 2;
    c.seats.remove(0);
    w.say(c);
    assert_eq!(w.released(caller), None);
    w.hang_up(caller);
    w.secs(31);
    let seats = w.operate(operate::Command::Seats);
    assert!(matches!(seats, operate::Event::Seats { seats } if seats.len() == 1));
    assert_eq!(
        w.log.keys().filter(|k| k.kind == ngcc_proto::Kind::Seat).count(),
        1,
        "its record is forgotten"
    );
    w.assert_clean();
}

#[test]
fn an_agent_who_signed_out_stays_so_when_something_else_is_configured() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::SignOut);
    let mut c = sales(&["alice", "bob"]);
    c.version = 2;
    w.say(c);
    assert_eq!(w.availability("alice"), Availability::LoggedOut);
    assert!(matches!(w.availability("bob"), Availability::Ready { .. }));
    let old = sales(&["alice"]);
    w.say(old);
    assert!(
        matches!(w.operate(operate::Command::Seats), operate::Event::Seats { seats } if seats.len() == 2)
    );
}

#[test]
fn the_operator_sees_and_ends_and_places_calls() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    w.answer("alice");
    let live = w.live();
    assert_eq!((live.len(), live[0].phase.as_str()), (1, "talk"));
    assert_eq!(live[0].owner, Some(crate::world::agent("alice")));
    assert_eq!(w.operate(operate::Command::End { session: live[0].id }), operate::Event::Done);
    assert_eq!(w.released(caller), Some(Cause::Normal));
    let again = w.operate(operate::Command::End { session: live[0].id });
    assert!(matches!(again, operate::Event::Refused { .. }));
    w.secs(31);
    w.assert_clean();

    let first = access::Target::Phone("7001".into());
    let placed = w.operate(operate::Command::Place { first: first.clone(), number: "2000".into() });
    assert!(matches!(placed, operate::Event::Placed { .. }));
    w.answer_phone("7001");
    assert!(w.rings("alice"));
    w.answer("alice");
    let leg = w.phone_leg("7001").unwrap();
    w.hang_up(leg);
    w.secs(31);
    w.assert_clean();
    let nowhere = w.operate(operate::Command::Place { first, number: "4711".into() });
    assert!(matches!(nowhere, operate::Event::Refused { .. }));
}

#[test]
fn the_operator_sees_how_long_the_longest_wait_is() {
    let mut w = World::new(sales(&["alice"]));
    w.asks("alice", Verb::SignOut);
    for _ in 0..3 {
        w.call("2000");
        w.secs(5);
    }
    let sales = w.queues()["sales"].clone();
    assert_eq!((sales.waiting, sales.longest_ms, sales.free), (3, 15_000, 0));
}
