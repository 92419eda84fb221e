//! S4: automatic and human service hand the customer to and fro, always with the same agent.

use std::time::Duration;

use ngcc_phone::{Ended, Sound};
use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::fact::{By, Fact, What};
use ngcc_proto::seat::{Slot, Verb};
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, one_agent, registered, speaking};
use ngcc_tests::look::adds_up;
use ngcc_tests::sounds::{AGENT, AUTOMATION, CUSTOMER};

use crate::CASCADE;

fn to_humans(facts: &[Fact]) -> Vec<&What> {
    facts.iter().map(|f| &f.what).filter(|w| matches!(w, What::ToHuman { .. })).collect()
}

#[tokio::test]
async fn s4_05_ten_hand_overs_there_and_back_with_the_same_agent_and_no_new_place_in_a_queue() {
    let centre = Centre::start().await;
    let bob = registered(&centre, "7002").await;
    let call = speaking(&centre).await;
    let session = centre.live().await.remove(0).id;
    for cycle in 0..10 {
        call.g.press("*8").await;
        call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
        call.u.press(&format!("{:04}", 2000 + cycle)).await;
        call.together(SOON).await;
    }
    let facts = centre.facts(session).await;
    let count = |wanted: fn(&What) -> bool| facts.iter().filter(|f| wanted(&f.what)).count();
    assert_eq!(count(|w| matches!(w, What::ToAuto { .. })), 10);
    assert_eq!(to_humans(&facts).len(), 10);
    assert_eq!(count(|w| matches!(w, What::Queued { .. } | What::Reserved { .. })), 2, "one place, one lock");
    call.u.hang_up().await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    let row = centre.stored(1).await.remove(0);
    assert!(adds_up(&row) && row.in_ivr_ms > 0 && row.agent.as_deref() == Some("alice"), "{row:#?}");
    assert!(bob.next_call(Duration::from_millis(100)).await.is_err(), "another agent was called");
}

#[tokio::test]
async fn s4_10_what_the_automation_finds_out_comes_back_with_the_customer() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    let session = centre.live().await.remove(0).id;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("2468").await;
    call.together(SOON).await;
    let facts = centre.facts(session).await;
    let back = to_humans(&facts);
    let [What::ToHuman { turn: 1, by: By::Automation, because: Some(BackBecause::Asked), outcome }] =
        back[..]
    else {
        panic!("one hand-over back, the first turn, by the automation: {back:#?}");
    };
    assert_eq!(outcome.get("account").map(String::as_str), Some("2468"));
    assert_eq!(outcome.get("result").map(String::as_str), Some("account 2468"));
}

#[tokio::test]
async fn s4_10_the_agent_passes_parameters_to_a_named_flow() {
    let mut house = ngcc_tests::house::catalogue();
    house.flows.push(ngcc_tests::house::flow(serde_json::json!({
        "name": "poll", "version": 1, "media": ["voice"], "start": "grade", "nodes": {
            "grade": {"verb": "collect", "prompt": "enter", "variable": "grade", "min": 1, "max": 1,
                "terminator": "", "timeout_s": 60, "next": "done"},
            "done": {"verb": "set", "vars": {"answer": "${topic} ${grade}"}}
        }
    })));
    let centre = Centre::start_with(&house, &[]).await;
    let call = speaking(&centre).await;
    let session = centre.live().await.remove(0).id;
    let args = [("topic".to_owned(), "service".to_owned())].into();
    centre.seat_asks("alice", Verb::ToAuto { flow: Some("poll".to_owned()), args }).await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("7").await;
    call.together(SOON).await;
    let facts = centre.facts(session).await;
    let back = to_humans(&facts);
    let [What::ToHuman { because: Some(BackBecause::Ended), outcome, .. }] = back[..] else {
        panic!("the flow's end gives back: {back:#?}");
    };
    assert_eq!(outcome.get("answer").map(String::as_str), Some("service 7"));
}

#[tokio::test]
async fn s4_09_the_agent_takes_the_customer_back_and_the_automation_goes_on_where_it_was() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    let session = centre.live().await.remove(0).id;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("24").await;
    call.g.press("*9").await;
    call.together(SOON).await;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("1357").await;
    call.together(SOON).await;
    let facts = centre.facts(session).await;
    let by: Vec<By> = facts
        .iter()
        .filter_map(|f| if let What::ToHuman { by, .. } = &f.what { Some(*by) } else { None })
        .collect();
    assert_eq!(by, [By::Agent, By::Automation]);
}

#[tokio::test]
async fn s4_09_crossing_hand_overs_end_with_customer_and_agent_together_and_one_turn() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    let session = centre.live().await.remove(0).id;
    for _ in 0..3 {
        call.g.press("*8").await;
        call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
        call.u.press("246").await;
        // The last key sends the customer back while the agent takes them back.
        tokio::join!(call.u.press("8"), call.g.press("*9"));
        call.together(SOON).await;
    }
    let facts = centre.facts(session).await;
    let turns: Vec<u32> = facts
        .iter()
        .filter_map(|f| if let What::ToHuman { turn, .. } = &f.what { Some(*turn) } else { None })
        .collect();
    assert_eq!(turns, [1, 2, 3], "each turn ends once, whoever was first: {facts:#?}");
}

#[tokio::test]
async fn s4_06_until_the_customer_hangs_up_the_agent_takes_nobody_else() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let call = speaking(&centre).await;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    let seat = centre.seat("alice").await;
    assert!(matches!(seat.voice, Slot::InIvr { .. }), "{seat:?}");
    let second = caller(&centre, "13800138001").await;
    let waiting = second.call("2000").await.unwrap();
    waiting.answered().await.unwrap();
    waiting.hears_music(SOON).await.unwrap();
    centre.until_waiting("sales", 1).await;
    assert!(
        call.agent.next_call(Duration::from_secs(2)).await.is_err(),
        "the agent is offered a second call"
    );
    call.u.hang_up().await.unwrap();
    assert_eq!(call.g.ended(CASCADE).await.unwrap(), Ended::Remote);
    assert_eq!(call.agent.next_call(SOON).await.unwrap().caller(), "13800138001");
}

#[tokio::test]
async fn s4_11_the_agents_link_is_lost_and_the_automation_goes_on_then_the_same_agent_is_asked_first() {
    let mut house = ngcc_tests::house::catalogue();
    house.queues[0].members.reverse();
    let centre = Centre::start_with(&house, &[]).await;
    let bob = registered(&centre, "7002").await;
    centre.tell_not_ready("bob").await;
    let call = speaking(&centre).await;
    centre.tell_ready("bob").await;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.g.hang_up().await.unwrap();
    call.u.keeps_hearing_only(&[AUTOMATION], Duration::from_secs(1)).await.unwrap();
    centre.until_free("alice").await;
    call.u.press("2468").await;
    let again = call.agent.next_call(SOON).await.unwrap();
    assert_eq!(again.caller(), "13800138000");
    let g = again.answer().await.unwrap();
    g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    assert!(
        bob.next_call(Duration::from_millis(100)).await.is_err(),
        "the one whom the queue would ask first was asked"
    );
}

#[tokio::test]
async fn s4_12_a_flow_that_fails_gives_the_customer_back_at_once() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    let session = centre.live().await.remove(0).id;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("9999").await;
    call.together(SOON).await;
    let facts = centre.facts(session).await;
    let back = to_humans(&facts);
    assert!(matches!(back[..], [What::ToHuman { because: Some(BackBecause::Failed), .. }]), "{back:#?}");
}

#[tokio::test]
async fn s4_01_the_agents_number_is_announced_before_the_join() {
    let mut house = one_agent();
    house.flows.push(ngcc_tests::house::flow(serde_json::json!({
        "name": "announce", "version": 1, "media": ["voice"], "start": "human", "nodes": {
            "human": {"verb": "to-human", "queue": "sales",
                "announce": {"en": "You are being connected with number ${agent_number}."}}
        }
    })));
    let to = ngcc_proto::config::Route::Flow("announce".to_owned());
    house.numbers.push(ngcc_tests::house::number("1003", to));
    house.agents[0].public_number = "4 7 1 1".to_owned();
    let centre = Centre::start_with(&house, &[]).await;
    let agent = registered(&centre, "7001").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1003").await.unwrap();
    u.answered().await.unwrap();
    let offered = agent.next_call(SOON).await.unwrap();
    offered.ring();
    // The announcement is synthesized once and kept: what is kept is what must be heard.
    let spoken = centre.until_spoken().await;
    u.hears_prompt(&spoken, SOON).await.unwrap();
    let g = offered.answer().await.unwrap();
    g.speak(Sound::Tone(AGENT));
    u.hears_only(&[AGENT], SOON).await.unwrap();
}

#[tokio::test]
async fn s0_03_self_service_and_human_service_alternate_in_one_session() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("2468").await;
    call.together(SOON).await;
    call.u.hang_up().await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    let row = centre.stored(1).await.remove(0);
    assert!(row.self_service_ms > 0 && row.talk_ms > 0 && row.in_ivr_ms > 0 && adds_up(&row), "{row:#?}");
}
