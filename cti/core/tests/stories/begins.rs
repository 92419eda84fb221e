//! An agent begins a chat with a customer who has a page open (S2-06).

use ngcc_proto::seat::{Slot, Told, Verb};
use ngcc_proto::{UserUri, seat};

use crate::world::{World, agent, desk, words};

fn ann() -> UserUri {
    UserUri::Web("vis_1".into())
}

fn write_to(user: UserUri) -> Verb {
    Verb::WriteTo { user }
}

/// How alice's questions were answered, in order.
fn answers(w: &World) -> Vec<String> {
    let answer = |(to, told): &(String, Told)| match told {
        Told::Done if to == "alice" => Some("done".to_owned()),
        Told::Refused { why } if to == "alice" => Some(why.clone()),
        _ => None,
    };
    w.told.iter().filter_map(answer).collect()
}

#[test]
fn s2_06_an_agent_begins_a_chat_with_a_customer_and_owns_it_from_the_first_second() {
    let mut w = desk(&["alice"]);
    w.sharing.pages.insert(ann());
    w.told.clear();
    w.asks("alice", write_to(ann()));
    assert_eq!(answers(&w), ["done"]);
    let [session] = &w.live()[..] else { panic!("one session") };
    let (id, user) = (session.id, session.user.clone());
    assert_eq!(user, ann());
    assert!(matches!(w.chats["alice"][..], [Slot::Talking { session, .. }] if session == id));
    let facts = w.facts_of(id);
    let first = facts[0].at;
    assert!(facts.iter().all(|fact| fact.at == first), "nobody waits, and no flow asks: {:?}", words(&facts));
    assert!(words(&facts).contains(&"joined"), "{:?}", words(&facts));
    w.agent_writes("alice", id, "k1", "Your parcel is there.");
    let leg = *w.clients.keys().next().expect("the customer's page was told");
    assert_eq!(w.shown_to(leg), ["joined", "agent: Your parcel is there."]);
    w.writes(leg, "k2", "Thank you");
    assert_eq!(w.read_by("alice").last().unwrap(), "customer: Thank you");
    // A second chat with the same customer is not begun.
    w.asks("alice", write_to(ann()));
    assert_eq!(answers(&w).last().unwrap(), "the customer is in a chat already");
    assert_eq!(w.live().len(), 1);
}

#[test]
fn s2_06_a_customer_who_is_not_on_the_page_is_said_not_to_be_and_the_seat_is_free() {
    let mut w = desk(&["alice"]);
    w.told.clear();
    w.asks("alice", write_to(ann()));
    w.asks("alice", write_to(UserUri::Phone("7001".into())));
    assert_eq!(answers(&w), ["the customer is not on the page now", "only who has a page can be written to"]);
    w.sharing.edge_down = true;
    w.asks("alice", write_to(ann()));
    assert_eq!(answers(&w).len(), 2, "nobody has answered yet");
    w.secs(4);
    assert_eq!(answers(&w)[2], "the customer cannot be written to now: try again");
    assert!(w.live().is_empty() && w.chats["alice"].is_empty());
    w.sharing.edge_down = false;
    let leg = w.chat("2000");
    w.accepts("alice");
    assert!(w.contact("alice", w.session_of(leg)).is_some(), "whoever comes is given to her");
}

#[test]
fn s2_06_while_a_chat_is_being_begun_its_slot_is_given_to_nobody_and_the_agent_stays() {
    let mut w = desk(&["alice"]);
    let capacity = w.told.iter().rev().find_map(|(_, told)| match told {
        Told::State { chat_capacity, .. } => Some(*chat_capacity),
        _ => None,
    });
    w.sharing.edge_down = true;
    for _ in 0..capacity.unwrap() {
        w.asks("alice", write_to(ann()));
    }
    w.told.clear();
    w.asks("alice", write_to(ann()));
    assert_eq!(answers(&w), ["be ready, with a free slot for chats, first"]);
    w.chat_of("2000", UserUri::Web("vis_2".into()));
    let offered = |w: &World| w.told.iter().any(|(_, told)| matches!(told, Told::Offered { .. }));
    assert!(!offered(&w), "every slot is locked");
    w.say(seat::Command {
        agent: agent("alice"),
        session: None,
        what: Verb::NotReady { reason: "tea".into() },
    });
    let state = |w: &World| {
        w.told.iter().rev().find_map(|(_, told)| match told {
            Told::State { pending, .. } => Some(pending.is_some()),
            _ => None,
        })
    };
    assert_eq!(state(&w), Some(true), "she stays until it is known");
    w.asks("alice", Verb::Ready);
    w.secs(4);
    assert!(offered(&w), "who has waited is given to the slot that is free again");
}
