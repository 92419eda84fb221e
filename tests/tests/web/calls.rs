//! Calls at an agent's browser, and calls and chats at one desk.

use std::time::{Duration, Instant};

use ngcc_phone::{Call, Phone};
use ngcc_proto::seat::Slot;
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::browser::Browser;
use crate::customer::Customer;
use crate::house::{QUEUE, one_agent};

/// Somebody calls and waits.
async fn calls(centre: &Centre, name: &str) -> (Phone, Call) {
    let phone = caller(centre, name).await;
    let call = phone.call(QUEUE).await.expect("a call");
    call.answered().await.expect("the queue answers");
    (phone, call)
}

#[tokio::test]
async fn an_agent_whose_page_is_just_being_loaded_when_a_call_comes_has_not_missed_it() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let (_phone, call) = calls(&centre, "13800138000").await;
    let offer = alice.offered().await;
    call.hears_music(SOON).await.expect("it waits");
    let seat = centre.seat("alice").await;
    assert!(matches!(seat.voice, Slot::Reserved { .. }), "{seat:?}");
    let mut browser = Browser::of(&centre, &mut alice).await;
    let summons = browser.summoned().await;
    let leg = &summons["leg"];
    assert_eq!(browser.found, json!([{ "leg": leg, "state": "calling" }]));
    assert!(summons["ring_s"].as_u64().is_some_and(|s| (1..=10).contains(&s)), "{summons}");
    browser.connects(leg).await;
    let session = alice.accept_it(&offer).await;
    call.hears_silence(Duration::from_millis(500)).await.expect("the music ends");
    call.hang_up().await.expect("the caller hangs up");
    assert_eq!(browser.bye(leg).await, "normal");
    alice.seat("gone", |s| s["type"] == "gone" && s["session"] == session.as_str()).await;
    assert!(matches!(centre.seat("alice").await.voice, Slot::Free));
}

#[tokio::test]
async fn a_call_that_no_browser_comes_for_is_missed_when_it_has_rung() {
    let mut house = one_agent();
    house.queues[0].ring_s = 2;
    let centre = Centre::start_with(&house, &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let (_phone, call) = calls(&centre, "13800138000").await;
    alice.offered().await;
    let offered = Instant::now();
    alice.seat("not ready", |s| s["type"] == "state" && s["availability"]["reason"] == "missed").await;
    assert!(offered.elapsed() > Duration::from_millis(1_500), "it rings for its whole time");
    centre.until_waiting("help", 1).await;
    call.hang_up().await.expect("the caller hangs up");
}

/// Who waits for Alice.
enum Who {
    Writes(Box<Customer>),
    /// The phone is there for as long as the call.
    Calls {
        _phone: Phone,
        call: Call,
        session: String,
    },
}

impl Who {
    async fn writes(centre: &Centre) -> Self {
        let mut customer = Customer::new(centre, QUEUE).await;
        customer.begin().await;
        customer.stands("queue").await;
        Self::Writes(Box::new(customer))
    }

    /// Somebody who has no session asks to draw together.
    async fn shares(centre: &Centre) -> Self {
        let mut customer = Customer::new(centre, QUEUE).await;
        customer
            .send(json!({ "type": "collab.ask", "id": "ask", "data": { "kind": "whiteboard", "entry": QUEUE } }))
            .await;
        customer.opened().await;
        customer.stands("queue").await;
        Self::Writes(Box::new(customer))
    }

    /// `known` are the sessions that there are before.
    async fn calls(centre: &Centre, name: &str) -> Self {
        let known: Vec<_> = centre.live().await.into_iter().map(|s| s.id).collect();
        let (phone, call) = calls(centre, name).await;
        call.hears_music(SOON).await.expect("it waits");
        let new = centre.live().await.into_iter().find(|s| !known.contains(&s.id)).expect("its session");
        Self::Calls { _phone: phone, call, session: new.id.to_string() }
    }

    fn session(&self) -> &str {
        match self {
            Self::Writes(customer) => customer.session.as_deref().expect("it is open"),
            Self::Calls { session, .. } => session,
        }
    }

    async fn leaves(self) {
        match self {
            Self::Writes(mut customer) => customer.end().await,
            Self::Calls { call, .. } => call.hang_up().await.expect("the caller hangs up"),
        }
    }
}

/// Takes the next offers, which are for these in this order.
async fn serves(alice: &mut Agent, browser: &mut Browser, expected: &[&Who]) {
    for who in expected {
        let offer: Value = alice.offered().await;
        assert_eq!(offer["session"], who.session(), "{offer}");
        if matches!(who, Who::Calls { .. }) {
            let leg = browser.summoned().await["leg"].clone();
            browser.connects(&leg).await;
        }
        alice.accept_it(&offer).await;
    }
}

#[tokio::test]
async fn s3_03_calls_and_chats_come_to_one_desk_in_the_order_of_their_arrival() {
    let mut house = one_agent();
    house.agents[0].chats = 2;
    let centre = Centre::start_with(&house, &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut browser = Browser::of(&centre, &mut alice).await;
    centre.tell_not_ready("alice").await;
    let first = Who::writes(&centre).await;
    let second = Who::calls(&centre, "13800138002").await;
    let third = Who::writes(&centre).await;
    let fourth = Who::calls(&centre, "13800138004").await;
    let fifth = Who::writes(&centre).await;

    centre.tell_ready("alice").await;
    serves(&mut alice, &mut browser, &[&first, &second, &third]).await;
    centre.until_waiting("help", 2).await;
    let seat = centre.seat("alice").await;
    assert_eq!(seat.chats.len(), 2, "one call and two chats are all she takes: {seat:?}");

    // Whoever is served next is next by time, whatever they come by.
    alice.ask(None, json!({ "type": "not_ready", "reason": "lunch" })).await;
    let sixth = Who::writes(&centre).await;
    for who in [first, second, third] {
        let session = who.session().to_owned();
        who.leaves().await;
        alice.seat("gone", |s| s["type"] == "gone" && s["session"] == session.as_str()).await;
    }
    centre.tell_ready("alice").await;
    serves(&mut alice, &mut browser, &[&fourth, &fifth, &sixth]).await;
    centre.until_waiting("help", 0).await;
    for who in [fourth, fifth, sixth] {
        who.leaves().await;
    }
}

#[tokio::test]
async fn s3_03_calls_chats_and_collaborations_come_to_one_desk_in_the_order_of_their_arrival() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut browser = Browser::of(&centre, &mut alice).await;
    centre.tell_not_ready("alice").await;
    let first = Who::shares(&centre).await;
    let second = Who::calls(&centre, "13800138002").await;
    let third = Who::writes(&centre).await;
    let fourth = Who::shares(&centre).await;
    centre.until_waiting("help", 4).await;
    centre.tell_ready("alice").await;
    serves(&mut alice, &mut browser, &[&first, &second, &third, &fourth]).await;
    for who in [&first, &fourth] {
        let invited = |s: &Value| s["type"] == "invited" && s["session"] == who.session();
        assert_eq!(alice.seat("invited", invited).await["kind"], "whiteboard");
    }
    for who in [first, second, third, fourth] {
        who.leaves().await;
    }
}
