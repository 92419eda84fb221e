//! S0-05: who gets the last agent, and who is next.

use std::time::Duration;

use ngcc_phone::{Call, Phone};
use ngcc_proto::config::Route;
use ngcc_proto::fact::What;
use ngcc_proto::seat::Slot;
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, number, one_agent, queue, registered};

use crate::CASCADE;

async fn callers(centre: &Centre, number: &str, count: u32) -> Vec<(Phone, Call)> {
    let mut phones = Vec::new();
    for n in 0..count {
        phones.push(caller(centre, &format!("138001380{n:02}")).await);
    }
    let mut calls = Vec::new();
    for phone in phones {
        let call = phone.call(number).await.unwrap();
        calls.push((phone, call));
    }
    for (_, call) in &calls {
        call.answered().await.unwrap();
    }
    calls
}

#[tokio::test]
async fn s0_05_of_twenty_callers_at_once_one_gets_the_agent_and_a_freed_agent_goes_to_the_head() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let agent = registered(&centre, "7001").await;
    let calls = callers(&centre, "2000", 20).await;
    let first = agent.next_call(SOON).await.unwrap();
    centre.until_waiting("sales", 19).await;
    assert!(agent.next_call(Duration::from_secs(1)).await.is_err(), "two offers for one agent");

    // The order of the queue is the order of the sessions' first moments in it.
    let mut order = Vec::new();
    for session in centre.live().await {
        let facts = centre.facts(session.id).await;
        let queued = facts.iter().find(|f| matches!(f.what, What::Queued { .. })).map(|f| (f.mono, f.n));
        let reserved = facts.iter().any(|f| matches!(f.what, What::Reserved { .. }));
        if !reserved {
            order.push((queued.unwrap(), session.user.bare().split('@').next().unwrap().to_owned()));
        }
    }
    order.sort();
    let served = first.caller();
    first.answer().await.unwrap();
    let hang_up = |user: String| {
        let found = calls.iter().find(|(phone, _)| phone.user() == user);
        found.unwrap_or_else(|| panic!("{user} is one of the callers")).1.clone()
    };
    hang_up(served).hang_up().await.unwrap();
    let newcomer = caller(&centre, "13900139000").await;
    let late = newcomer.call("2000").await.unwrap();
    for (_, expected) in order.iter().take(3) {
        let next = agent.next_call(SOON).await.unwrap();
        assert_eq!(next.caller(), *expected, "the freed agent goes to the head of the queue");
        let g = next.answer().await.unwrap();
        hang_up(expected.clone()).hang_up().await.unwrap();
        g.ended(CASCADE).await.unwrap();
    }
    late.hang_up().await.unwrap();
}

#[tokio::test]
async fn s0_05_who_is_refused_goes_back_to_the_head_with_the_old_time() {
    let mut house = ngcc_tests::house::catalogue();
    house.queues[0].max_missed = 0;
    let centre = Centre::start_with(&house, &[]).await;
    let alice = registered(&centre, "7001").await;
    let bob = registered(&centre, "7002").await;
    let calls = callers(&centre, "2000", 1).await;
    let (offered, other) = tokio::select! {
        call = alice.next_call(SOON) => (call.unwrap(), &bob),
        call = bob.next_call(SOON) => (call.unwrap(), &alice),
    };
    offered.reject(486);
    let next = other.next_call(SOON).await.unwrap();
    next.answer().await.unwrap();
    let session = centre.live().await.remove(0).id;
    let facts = centre.facts(session).await;
    let since: Vec<_> = facts
        .iter()
        .filter_map(|f| if let What::Queued { since, .. } = &f.what { Some(*since) } else { None })
        .collect();
    assert!(since.windows(2).all(|w| w[0] == w[1]), "a place that is given back keeps its time: {since:?}");
    drop(calls);
}

#[tokio::test]
async fn s3_03_one_ordered_list_serves_every_queue_of_an_agent() {
    let mut house = one_agent();
    house.queues.push(queue("gold", &["alice"]));
    house.queues[1].priority = 10;
    house.numbers.push(number("2001", Route::Queue("gold".to_owned())));
    let centre = Centre::start_with(&house, &[]).await;
    let agent = registered(&centre, "7001").await;
    let (busy, one, two, gold) = (
        caller(&centre, "13800138000").await,
        caller(&centre, "13800138001").await,
        caller(&centre, "13800138002").await,
        caller(&centre, "13800138003").await,
    );
    let mut now = busy.call("2000").await.unwrap();
    let mut g = agent.next_call(SOON).await.unwrap().answer().await.unwrap();
    let mut waiting = Vec::new();
    for (phone, number) in [(&one, "2000"), (&two, "2000"), (&gold, "2001")] {
        let call = phone.call(number).await.unwrap();
        call.answered().await.unwrap();
        call.hears_music(SOON).await.unwrap();
        waiting.push((phone.user().to_owned(), call));
    }
    for expected in ["13800138003", "13800138001", "13800138002"] {
        now.hang_up().await.unwrap();
        g.ended(CASCADE).await.unwrap();
        let next = agent.next_call(SOON).await.unwrap();
        assert_eq!(next.caller(), expected);
        g = next.answer().await.unwrap();
        now = waiting.iter().find(|(user, _)| user == expected).unwrap().1.clone();
    }
}

#[tokio::test]
async fn an_unanswered_offer_goes_to_the_next_agent_and_the_first_is_not_ready_any_more() {
    let mut house = ngcc_tests::house::catalogue();
    house.queues[0].ring_s = 2;
    let centre = Centre::start_with(&house, &[]).await;
    let alice = registered(&centre, "7001").await;
    let bob = registered(&centre, "7002").await;
    let calls = callers(&centre, "2000", 1).await;
    let (offered, name, other) = tokio::select! {
        call = alice.next_call(SOON) => (call.unwrap(), "alice", &bob),
        call = bob.next_call(SOON) => (call.unwrap(), "bob", &alice),
    };
    offered.ring();
    offered.cancelled(SOON).await.unwrap();
    let next = other.next_call(SOON).await.unwrap();
    let g = next.answer().await.unwrap();
    let seat = centre.seat(name).await;
    let missed = matches!(&seat.availability, ngcc_proto::seat::Availability::NotReady { reason, .. } if reason == "missed");
    assert!(missed && matches!(seat.voice, Slot::Free), "{seat:?}");
    calls[0].1.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();
}

#[tokio::test]
async fn s0_05_a_dead_phone_frees_its_lock_when_the_lease_ends() {
    let mut house = ngcc_tests::house::catalogue();
    house.queues[0].ring_s = 2;
    let centre = Centre::start_with(&house, &[]).await;
    let dead = registered(&centre, "7001").await;
    dead.set_deaf(true);
    let bob = registered(&centre, "7002").await;
    let calls = callers(&centre, "2000", 1).await;
    let g = bob.next_call(SOON).await.unwrap().answer().await.unwrap();
    assert!(matches!(centre.seat("alice").await.voice, Slot::Free));
    calls[0].1.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();
}
