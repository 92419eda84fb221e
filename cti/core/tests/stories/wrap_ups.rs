//! The work after a contact is its queue's to grant: whoever had the customer last has it, however they got them.

use ngcc_proto::LegId;
use ngcc_proto::seat::{Slot, To, Verb};

use crate::world::{World, desk, sales, together};

/// Alice at her browser with a customer who dialled `number`; bob at his, free.
fn talking(number: &str) -> (World, LegId) {
    let mut w = World::new(sales(&["alice", "bob"]));
    w.sits_at_browser("alice");
    w.asks("bob", Verb::NotReady { reason: "later".to_owned() });
    let caller = w.call(number);
    w.accepts("alice");
    w.sits_at_browser("bob");
    (w, caller)
}

fn to_bob() -> To {
    To::Agent("bob".to_owned())
}

#[test]
fn an_agent_to_whom_a_queues_customer_is_transferred_wraps_up_like_its_own() {
    let (mut w, caller) = talking("2000");
    w.asks("alice", Verb::Transfer { to: to_bob() });
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }), "{:?}", w.slot("alice"));
    w.accepts("bob");
    w.secs(31);
    assert_eq!(w.slot("alice"), Slot::Free);
    assert!(matches!(w.slot("bob"), Slot::Talking { .. }), "{:?}", w.slot("bob"));
    w.crash();
    w.hang_up(caller);
    assert!(matches!(w.slot("bob"), Slot::WrapUp { .. }), "{:?}", w.slot("bob"));
    w.secs(29);
    assert!(matches!(w.slot("bob"), Slot::WrapUp { .. }));
    w.secs(2);
    assert_eq!(w.slot("bob"), Slot::Free);
    w.assert_clean();
}

#[test]
fn whoever_is_left_with_the_customer_of_a_conference_wraps_up() {
    let (mut w, caller) = talking("2000");
    w.asks("alice", Verb::Consult { to: to_bob() });
    w.accepts("bob");
    w.asks("alice", Verb::Merge);
    w.asks("alice", Verb::HangUp);
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }), "{:?}", w.slot("alice"));
    w.hang_up(caller);
    assert!(matches!(w.slot("bob"), Slot::WrapUp { .. }), "{:?}", w.slot("bob"));
    w.secs(31);
    w.assert_clean();
}

#[test]
fn a_transferred_chat_is_wrapped_up_too() {
    let mut w = desk(&["alice", "bob"]);
    w.asks("bob", Verb::NotReady { reason: "later".to_owned() });
    let (leg, session) = together(&mut w, "2000");
    w.asks("bob", Verb::Ready);
    w.asks_about("alice", session, Verb::Transfer { to: to_bob() });
    w.accepts("bob");
    w.hang_up(leg);
    assert!(matches!(w.chats["bob"][..], [Slot::WrapUp { .. }]), "{:?}", w.chats["bob"]);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn a_customer_of_no_queue_leaves_no_work_behind() {
    let (mut w, caller) = talking("8001");
    w.asks("alice", Verb::Transfer { to: to_bob() });
    assert_eq!(w.slot("alice"), Slot::Free);
    w.accepts("bob");
    assert!(matches!(w.slot("bob"), Slot::Talking { .. }));
    w.hang_up(caller);
    assert_eq!(w.slot("bob"), Slot::Free);
    w.assert_clean();
}
