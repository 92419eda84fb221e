//! An agent brings a third in, gives the customer away, or calls out: who is with whom, and whose seat is free.

use ngcc_proto::access::Cause;
use ngcc_proto::media::{Part, Phase};
use ngcc_proto::seat::{Slot, Standing, To, Told, Verb};
use ngcc_proto::{LegId, SessionId};

use crate::world::{World, sales};

/// Alice at her browser with a customer; bob and carol at theirs, free.
fn talking() -> (World, LegId, SessionId) {
    let mut w = World::new(sales(&["alice", "bob", "carol"]));
    w.sits_at_browser("alice");
    let caller = w.call("2000");
    w.accepts("alice");
    for name in ["bob", "carol"] {
        w.sits_at_browser(name);
    }
    let Slot::Talking { session, .. } = w.slot("alice") else { panic!("{:?}", w.slot("alice")) };
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    (w, caller, session)
}

fn to(name: &str) -> To {
    To::Agent(name.to_owned())
}

fn standing(w: &World, name: &str, session: SessionId) -> Option<Standing> {
    w.contact(name, session).map(|contact| contact.standing)
}

fn refusal(w: &World) -> Option<String> {
    w.told.iter().rev().find_map(|(_, told)| match told {
        Told::Refused { why } => Some(why.clone()),
        _ => None,
    })
}

#[test]
fn a_consulted_agent_is_locked_rings_and_takes_the_customer_over() {
    let (mut w, caller, session) = talking();
    w.asks("alice", Verb::Consult { to: to("bob") });
    assert_eq!(w.phase_of(caller), Some(Phase::Consult), "the customer hears music");
    assert!(matches!(w.slot("bob"), Slot::Alerting { .. }), "{:?}", w.slot("bob"));
    assert!(matches!(w.slot("alice"), Slot::Consulting { .. }));
    let waiting = w.call("2000");
    assert!(matches!(w.slot("bob"), Slot::Alerting { .. }), "a locked seat is given to nobody else");
    w.accepts("bob");
    assert!(matches!(w.slot("bob"), Slot::Talking { .. }));
    assert_eq!(
        standing(&w, "alice", session),
        Some(Standing::Consult { with: "bob".to_owned(), answered: true, swapped: false })
    );
    w.asks("alice", Verb::CompleteTransfer);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }), "{:?}", w.slot("alice"));
    assert_eq!(standing(&w, "bob", session), Some(Standing::Talk));
    assert!(w.media.values().filter(|(c, p)| *c == w.media[&caller].0 && *p == Part::Agent).count() == 1);
    w.hang_up(caller);
    assert!(matches!(w.slot("bob"), Slot::WrapUp { .. }));
    w.hang_up(waiting);
    w.secs(61);
    w.assert_clean();
}

#[test]
fn a_consultation_that_is_cancelled_declined_or_unanswered_brings_the_customer_back() {
    for how in ["cancel", "decline", "silence", "leaves"] {
        let (mut w, caller, _) = talking();
        w.asks("alice", Verb::Consult { to: to("bob") });
        match how {
            "cancel" => w.asks("alice", Verb::CancelConsult),
            "decline" => {
                let reservation = w.offer_to("bob").unwrap();
                w.asks("bob", Verb::Decline { reservation, reason: None });
            }
            "silence" => w.secs(25),
            _ => {
                w.accepts("bob");
                w.asks("bob", Verb::HangUp);
            }
        }
        assert_eq!(w.phase_of(caller), Some(Phase::Talk), "{how}");
        assert!(matches!(w.slot("alice"), Slot::Talking { .. }), "{how}");
        assert_eq!(w.slot("bob"), Slot::Free, "{how}");
        w.hang_up(caller);
        w.secs(31);
        w.assert_clean();
    }
}

#[test]
fn the_owner_swaps_between_customer_and_colleague_and_who_is_left_hears_music() {
    let (mut w, caller, session) = talking();
    w.asks("alice", Verb::Consult { to: to("bob") });
    w.accepts("bob");
    let bob = w.agent_leg("bob").unwrap();
    w.asks("alice", Verb::Swap);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert_ne!(w.media[&bob].0, w.media[&caller].0, "the colleague waits in a room of their own");
    assert_eq!(w.phase_of(bob), Some(Phase::Queue { music: true }));
    w.asks("alice", Verb::Swap);
    assert_eq!(w.phase_of(caller), Some(Phase::Consult));
    assert_eq!(w.media[&bob], (w.media[&caller].0, Part::Second));
    w.asks("alice", Verb::Swap);
    w.asks("alice", Verb::Merge);
    assert_eq!(w.phase_of(caller), Some(Phase::Conference));
    assert_eq!(w.media[&bob], (w.media[&caller].0, Part::Second), "and is back for the conference");
    assert_eq!(standing(&w, "bob", session), Some(Standing::Conference));
}

#[test]
fn four_are_in_a_conference_and_it_ends_when_only_two_are_left() {
    let (mut w, caller, session) = talking();
    for name in ["bob", "carol"] {
        w.asks("alice", Verb::Consult { to: to(name) });
        w.accepts(name);
        w.asks("alice", Verb::Merge);
    }
    assert_eq!(w.phase_of(caller), Some(Phase::Conference));
    assert_eq!(w.contact("alice", session).unwrap().parties.len(), 4);
    let carol = w.agent_leg("carol").unwrap();
    w.asks("alice", Verb::Drop { leg: carol });
    assert_eq!((w.phase_of(caller), w.slot("carol")), (Some(Phase::Conference), Slot::Free));
    w.asks("alice", Verb::HangUp);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk), "bob has the customer now");
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    assert!(matches!(w.slot("bob"), Slot::Talking { .. }));
    w.hang_up(caller);
    w.secs(61);
    w.assert_clean();
}

#[test]
fn the_customer_who_hangs_up_frees_everybody_once() {
    let (mut w, caller, _) = talking();
    w.asks("alice", Verb::Consult { to: to("bob") });
    w.accepts("bob");
    w.hang_up(caller);
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    assert_eq!(w.slot("bob"), Slot::Free);
    w.secs(31);
    assert_eq!(w.story().iter().filter(|word| **word == "closed").count(), 1);
    w.assert_clean();
}

#[test]
fn nobody_is_transferred_into_nothing() {
    let (mut w, caller, _) = talking();
    for (target, why) in [
        (To::Agent("nobody".to_owned()), "there is no such agent"),
        (To::Agent("alice".to_owned()), "that agent is not free"),
        (To::Queue("nowhere".to_owned()), "there is no such queue"),
        (To::Flow("nothing".to_owned()), "there is no flow of that name"),
        (To::Number("999999".to_owned()), "that number leads nowhere"),
    ] {
        w.asks("alice", Verb::Transfer { to: target });
        assert_eq!(refusal(&w).as_deref(), Some(why));
        assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    }
}

#[test]
fn a_transfer_goes_to_an_agent_or_back_into_a_queue() {
    let (mut w, caller, session) = talking();
    w.asks("alice", Verb::Transfer { to: to("bob") });
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    assert!(matches!(w.slot("bob"), Slot::Alerting { .. }));
    w.accepts("bob");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.asks("bob", Verb::Transfer { to: To::Queue("sales".to_owned()) });
    assert!(matches!(w.slot("carol"), Slot::Alerting { .. }), "the queue's next free agent is asked");
    w.accepts("carol");
    assert_eq!(standing(&w, "carol", session), Some(Standing::Talk));
    w.hang_up(caller);
    w.secs(61);
    w.assert_clean();
}

#[test]
fn an_agent_calls_a_colleague_and_both_are_busy_until_one_hangs_up() {
    let (mut w, caller, _) = talking();
    w.asks("bob", Verb::Dial { to: "agent:carol".to_owned() });
    assert!(matches!(w.slot("carol"), Slot::Alerting { .. }), "{:?}", w.slot("carol"));
    w.accepts("carol");
    assert!(matches!(w.slot("bob"), Slot::Consulting { .. }), "{:?}", w.slot("bob"));
    let (bob, carol) = (w.agent_leg("bob").unwrap(), w.agent_leg("carol").unwrap());
    assert_eq!(w.media[&bob].0, w.media[&carol].0);
    assert_eq!(w.phase_of(bob), Some(Phase::Consult), "the two hear each other");
    w.asks("carol", Verb::HangUp);
    assert_eq!(w.slot("carol"), Slot::Free);
    assert!(!matches!(w.slot("bob"), Slot::Consulting { .. }));
    w.hang_up(caller);
    w.secs(61);
    w.assert_clean();
}

#[test]
fn s2_06_an_agent_calls_out_and_owns_the_session_from_the_first_second() {
    let (mut w, caller, _) = talking();
    w.asks("bob", Verb::Dial { to: "7001".to_owned() });
    let out = w.phone_leg("7001").expect("the phone is called");
    let Slot::Talking { session, .. } = w.slot("bob") else { panic!("{:?}", w.slot("bob")) };
    assert_eq!(standing(&w, "bob", session), Some(Standing::Dialling));
    w.answer_phone("7001");
    assert_eq!(standing(&w, "bob", session), Some(Standing::Talk));
    assert_eq!(w.phase_of(out), Some(Phase::Talk));
    w.hang_up(out);
    assert!(!matches!(w.slot("bob"), Slot::Talking { .. }));
    w.hang_up(caller);
    w.secs(61);
    w.assert_clean();
}

#[test]
fn a_call_out_that_nobody_answers_frees_the_agent() {
    let (mut w, caller, _) = talking();
    w.asks("bob", Verb::Dial { to: "7001".to_owned() });
    let out = w.phone_leg("7001").unwrap();
    w.edge.remove(&out);
    w.say(ngcc_proto::access::Event::Refused { leg: out, cause: Cause::Busy });
    assert!(!matches!(w.slot("bob"), Slot::Talking { .. } | Slot::Reserved { .. }), "{:?}", w.slot("bob"));
    w.hang_up(caller);
    w.secs(61);
    w.assert_clean();
}

#[test]
fn after_a_restart_a_conference_stands_and_an_unanswered_consultation_is_over() {
    let (mut w, caller, session) = talking();
    w.asks("alice", Verb::Consult { to: to("bob") });
    w.accepts("bob");
    w.asks("alice", Verb::Merge);
    w.asks("alice", Verb::Consult { to: to("carol") });
    w.crash();
    for name in ["alice", "bob", "carol"] {
        w.asks(name, Verb::Look);
    }
    assert_eq!(w.phase_of(caller), Some(Phase::Conference));
    assert_eq!(w.slot("carol"), Slot::Free);
    assert_eq!(standing(&w, "bob", session), Some(Standing::Conference));
    w.asks("alice", Verb::HangUp);
    assert!(matches!(w.slot("bob"), Slot::Talking { .. }));
    w.hang_up(caller);
    w.secs(61);
    w.assert_clean();
}
