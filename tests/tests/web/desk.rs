//! Agents and their colleagues: who sees whom how soon, who is told that somebody is gone, and that what was
//! written to a colleague comes once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ngcc_proto::fact::What;
use ngcc_proto::seat::Availability;
use ngcc_tests::centre::Centre;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{QUEUE, catalogue, one_agent, store};

/// Five times the second that is promised.
const SEEN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn s1_05_a_visitor_appears_at_the_agent_within_a_second_and_the_path_there_and_back_is_traced() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    let begun = Instant::now();
    ann.write("k1", "Hello?").await;
    let offer = alice.offered().await;
    let took = begun.elapsed();
    println!("the visitor appeared after {} ms", took.as_millis());
    assert!(took < SEEN, "{took:?}");
    let session = alice.accept_it(&offer).await;
    alice.reads(&session, "Hello?").await;
    alice.say(&session, "a1", "Hello!").await;
    ann.reads("Hello!").await;
    let facts = centre.facts(session.parse().unwrap()).await;
    let at = |wanted: &dyn Fn(&What) -> bool| facts.iter().position(|f| wanted(&f.what));
    let path = [
        at(&|w| matches!(w, What::Opened { .. })),
        at(&|w| matches!(w, What::Queued { .. })),
        at(&|w| matches!(w, What::Reserved { .. })),
        at(&|w| matches!(w, What::Joined { .. })),
        facts.iter().rposition(|f| matches!(f.what, What::Said { .. })),
    ];
    assert!(path.iter().all(Option::is_some) && path.is_sorted(), "{path:?} of {facts:#?}");
    let [opened, _, reserved, joined, said] = path.map(|at| at.expect("it is there"));
    let causes: Vec<_> =
        facts[..=said].iter().map(|f| f.cause.expect("every step names its cause")).collect();
    let arrival = causes[opened];
    assert!(
        causes[..=reserved].iter().all(|cause| *cause == arrival),
        "one arrival led to the agent: {facts:#?}"
    );
    let accept = causes[joined];
    let together: Vec<_> = facts[..=said].iter().filter(|f| f.cause == Some(accept)).map(|f| f.n).collect();
    assert!(
        accept != arrival && together.len() > 1 && together.windows(2).all(|n| n[0] + 1 == n[1]),
        "{facts:#?}"
    );
    let lines = facts[..=said].iter().filter(|f| matches!(f.what, What::Said { .. })).map(|f| f.cause);
    let lines: Vec<_> = lines.collect();
    let once: BTreeSet<_> = lines.iter().collect();
    assert!(lines.len() >= 2 && once.len() == lines.len(), "each line was stored by its own: {facts:#?}");
    let (done, trace) = centre.command(&["call", "trace", &session]).await;
    assert!(done && trace.contains("reserved") && !trace.contains("Hello"), "{trace}");
}

#[tokio::test]
async fn s1_06_an_agent_who_is_lost_is_recorded_gets_no_visitor_and_the_present_one_goes_to_another() {
    let centre = Centre::start_with(&catalogue(), &["centre.grace_s=2"]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Hello?").await;
    let session = alice.accept().await;
    ann.stands("talk").await;
    alice.cut();
    ann.find("unreachable", |f| f["data"]["status"]["unreachable"] == true).await;
    centre.until_seat("alice", |a, _| !matches!(a, Availability::Ready { .. })).await;
    let mut bob = Agent::ready(&centre, "bob").await;
    assert_eq!(bob.accept().await, session, "the visitor is assigned anew, in the same session");
    bob.tell(Some(&session), json!({ "type": "resume", "after": 0 })).await;
    bob.reads(&session, "Hello?").await;
    let talk = ann.find("bob", |f| f["data"]["status"]["display"] == "bob").await;
    assert_eq!(talk["data"]["status"]["is"], "talk", "{talk}");
    let mut eve = Customer::new(&centre, QUEUE).await;
    eve.say("k1", "Me too").await;
    let other = bob.accept().await;
    assert_eq!(eve.opened().await, other, "who is lost gets no new visitor");
    let facts = centre.facts(session.parse().unwrap()).await;
    assert!(facts.iter().any(|f| matches!(f.what, What::AgentReleased { .. })), "recorded: {facts:#?}");
}

#[tokio::test]
async fn s1_07_a_visitor_whose_connection_is_cut_is_shown_as_gone_and_as_back_and_recorded() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Hello?").await;
    let session = alice.accept().await;
    let shown = |presence: &'static str| {
        move |s: &Value| s["type"] == "contact" && s["contact"]["customer"]["is"] == presence
    };
    ann.cut();
    alice.seat("gone", shown("gone")).await;
    alice.say(&session, "a1", "Are you there?").await;
    ann.connect().await;
    alice.seat("here", shown("here")).await;
    ann.reads("Are you there?").await;
    let facts = centre.facts(session.parse().unwrap()).await;
    let has = |wanted: fn(&What) -> bool| facts.iter().any(|f| wanted(&f.what));
    assert!(has(|w| matches!(w, What::LegUnreachable { .. })), "{facts:#?}");
    assert!(has(|w| matches!(w, What::LegReattached { .. })), "{facts:#?}");
}

#[tokio::test]
async fn s1_08_a_colleagues_message_is_stored_first_and_comes_once_though_the_centre_is_killed_between() {
    let mut centre = Centre::start_with(&catalogue(), &[]).await;
    let mut alice = Agent::sign_in(&centre, "alice").await;
    // Carol is not here.
    alice.im("carol", "m1", "Lunch?").await;
    centre.kill9().await;
    centre.restart().await;
    let mut carol = Agent::sign_in(&centre, "carol").await;
    let message = carol.im_reads("Lunch?").await;
    assert_eq!((&message["from"], carol.copies.values().sum::<u32>()), (&json!("agent:alice"), 1));
    carol.got(message["seq"].as_u64().unwrap()).await;
    // Whoever is not sure sends again: it is stored once and comes to nobody twice.
    alice.connect().await;
    alice.im("carol", "m1", "Lunch?").await;
    alice.im("carol", "m2", "At one?").await;
    carol.im_reads("At one?").await;
    assert_eq!(carol.box_.len(), 2, "{:#?}", carol.box_);
    carol.cut();
    carol.box_.clear();
    carol.connect().await;
    carol.im_reads("At one?").await;
    alice.im("carol", "m3", "Or two?").await;
    carol.im_reads("Or two?").await;
    assert_eq!(carol.box_.len(), 2, "what was acknowledged does not come again: {:#?}", carol.box_);
}

#[tokio::test]
async fn s1_09_s1_10_one_sign_in_serves_chats_and_colleagues_and_the_visitor_sees_nothing_of_theirs() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut carol = Agent::sign_in(&centre, "carol").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Do you have it in blue?").await;
    let session = alice.accept().await;
    // On the one connection, in the middle of the chat.
    alice.im("carol", "m1", "Have we got it in blue?").await;
    carol.im_reads("Have we got it in blue?").await;
    carol.im("alice", "m2", "Only in red.").await;
    alice.im_reads("Only in red.").await;
    alice.say(&session, "a1", "Only in red, I am afraid.").await;
    ann.reads("Only in red, I am afraid.").await;
    let seen = serde_json::to_string(&ann.messages).unwrap();
    assert!(!seen.contains("Have we got") && !seen.contains("\"Only in red.\""), "{seen}");
    let mut customers = store(&centre, "customers.db").await;
    let count = "SELECT count(*) FROM messages WHERE body LIKE '%in blue%' OR body LIKE '%in red%'";
    let customers: i64 = sqlx::query_scalar(count).fetch_one(&mut customers).await.unwrap();
    assert_eq!(customers, 2, "the customers' store has the customer's words and the answer to them");
}
