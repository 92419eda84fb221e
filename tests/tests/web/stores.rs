//! Two message servers: customers' and colleagues' conversations at once, each in its own store, and one of
//! them out of order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ngcc_proto::fact::What;
use ngcc_tests::centre::Centre;
use serde_json::json;

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{QUEUE, by_chance, catalogue, lock, one_agent, store, unlock};

#[tokio::test]
async fn s2_01_s2_02_s2_03_s2_06_two_customers_and_two_agents_at_once_and_each_store_has_its_own_only() {
    let centre = Centre::start_with(&by_chance(), &[]).await;
    let mut agents = [Agent::ready(&centre, "alice").await, Agent::ready(&centre, "bob").await];
    let mut customers = [Customer::new(&centre, QUEUE).await, Customer::new(&centre, QUEUE).await];
    // One customer with each agent.
    let mut sessions = Vec::new();
    for (n, customer) in customers.iter_mut().enumerate() {
        customer.say("k0", &format!("customer {n} begins")).await;
        let id = centre.until_live("it is offered", |l| l.len() > n).await[n].id;
        let fact = centre.until_fact(id, "an offer", |w| matches!(w, What::Reserved { .. })).await;
        let What::Reserved { agent, .. } = fact.what else { panic!("{fact:?}") };
        let with = usize::from(agent.name() == "bob");
        sessions.push((with, agents[with].accept().await));
    }
    for round in 0..5 {
        for (n, customer) in customers.iter_mut().enumerate() {
            let (with, session) = sessions[n].clone();
            let (key, text) = (format!("c{round}"), format!("customer {n} says {round}"));
            customer.write(&key, &text).await;
            let answer = format!("answer {round} to {n}");
            agents[with].write(&session, &format!("a{n}{round}"), &answer).await;
            let (from, to) = (n, ["bob", "alice"][n]);
            agents[from].im_write(to, &format!("m{n}{round}"), &format!("colleague {n} says {round}")).await;
            agents[with].reads(&session, &text).await;
            customer.reads(&answer).await;
            agents[1 - n].im_reads(&format!("colleague {n} says {round}")).await;
        }
    }
    let texts = |sql: &'static str, file: &'static str| {
        let centre = &centre;
        async move {
            let mut store = store(centre, file).await;
            sqlx::query_scalar::<_, String>(sql).fetch_all(&mut store).await.unwrap()
        }
    };
    let customers_ = texts("SELECT body FROM messages WHERE body LIKE '%\"text\"%'", "customers.db").await;
    let colleagues = texts("SELECT text FROM messages", "colleagues.db").await;
    assert_eq!((customers_.len(), colleagues.len()), (2 + 20, 10), "{customers_:#?} {colleagues:#?}");
    assert!(customers_.iter().all(|b| !b.contains("colleague")), "{customers_:#?}");
    assert!(colleagues.iter().all(|t| t.starts_with("colleague")), "{colleagues:#?}");
}

#[tokio::test]
async fn s2_04_s2_05_visitors_are_given_by_chance_to_who_is_normal_and_stay_with_whom_they_got() {
    let centre = Centre::start_with(&by_chance(), &[]).await;
    let mut agents = BTreeMap::from([
        ("alice", Agent::ready(&centre, "alice").await),
        ("bob", Agent::ready(&centre, "bob").await),
    ]);
    let mut chosen = BTreeSet::new();
    for n in 0..20 {
        let mut customer = Customer::new(&centre, QUEUE).await;
        customer.say("k0", "Hello?").await;
        let session = customer.opened().await;
        let fact = centre
            .until_fact(session.parse().unwrap(), "an offer", |w| matches!(w, What::Reserved { .. }))
            .await;
        let What::Reserved { agent, why, .. } = fact.what else { panic!("{fact:?}") };
        assert!(why.contains("random"), "{why}");
        let agent_ = agents.get_mut(agent.name()).expect("a member");
        agent_.accept().await;
        chosen.insert(agent.name().to_owned());
        for more in 1..=3 {
            let text = format!("{n} goes on {more}");
            customer.say(&format!("k{more}"), &text).await;
            agent_.reads(&session, &text).await;
        }
        customer.end().await;
        if chosen.len() == 2 && n >= 3 {
            break;
        }
    }
    assert_eq!(chosen.len(), 2, "chance chose one of two twenty times");
    // Busy and exited ones are never chosen.
    let bob = agents.get_mut("bob").unwrap();
    bob.ask(None, json!({ "type": "not_ready", "reason": "break" })).await;
    for _ in 0..4 {
        let mut customer = Customer::new(&centre, QUEUE).await;
        customer.say("k0", "Hello?").await;
        agents.get_mut("alice").unwrap().accept().await;
        customer.end().await;
    }
}

#[tokio::test]
async fn s2_07_while_the_customers_store_is_locked_colleagues_go_on_and_afterwards_nothing_is_lost() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut carol = Agent::sign_in(&centre, "carol").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k0", "Hello?").await;
    let session = alice.accept().await;
    let locked = lock(&centre, "customers.db").await;
    ann.write("k1", "Is it locked?").await;
    for n in 0..5 {
        let text = format!("we go on {n}");
        alice.im("carol", &format!("m{n}"), &text).await;
        carol.im_reads(&text).await;
    }
    let early = ann.page.as_mut().unwrap().drain(Duration::from_millis(500), |_| {}).await;
    assert!(!early.iter().any(|f| f["type"] == "ack"), "acknowledged before it was stored: {early:?}");
    unlock(locked).await;
    // As the page does while no acknowledgement comes: the same key again.
    ann.write("k1", "Is it locked?").await;
    ann.acked("k1").await;
    alice.reads(&session, "Is it locked?").await;
    let mut customers = store(&centre, "customers.db").await;
    let count = "SELECT count(*) FROM messages WHERE body LIKE '%Is it locked%'";
    let stored: i64 = sqlx::query_scalar(count).fetch_one(&mut customers).await.unwrap();
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn s2_07_while_the_colleagues_store_is_locked_customers_go_on_and_afterwards_nothing_is_lost() {
    let centre = Centre::start_with(&catalogue(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut carol = Agent::sign_in(&centre, "carol").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k0", "Hello?").await;
    let session = alice.accept().await;
    let locked = lock(&centre, "colleagues.db").await;
    alice.im_write("carol", "m1", "Are you there?").await;
    for n in 0..5 {
        let text = format!("we go on {n}");
        ann.say(&format!("k{n}x"), &text).await;
        alice.reads(&session, &text).await;
    }
    unlock(locked).await;
    alice.im("carol", "m1", "Are you there?").await;
    carol.im_reads("Are you there?").await;
    assert_eq!(carol.box_.len(), 1, "{:#?}", carol.box_);
}
