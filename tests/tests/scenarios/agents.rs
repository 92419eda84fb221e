//! Agents by their phones: feature codes, states, and what a wrong one answers.

use ngcc_phone::Ended;
use ngcc_proto::seat::{Availability, Slot};
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{PIN, SOON, caller, conversation, one_agent, registered};
use ngcc_tests::sounds::{AUTOMATION, prompt};

use crate::CASCADE;

#[tokio::test]
async fn an_agent_signs_in_by_phone_with_the_pin_serves_and_signs_out() {
    let mut house = one_agent();
    house.agents[0].auto_ready = false;
    let centre = Centre::start_with(&house, &[]).await;
    let phone = registered(&centre, "7001").await;
    assert!(matches!(centre.seat("alice").await.availability, Availability::LoggedOut));

    let sign_in = phone.call("*11").await.unwrap();
    sign_in.answered().await.unwrap();
    sign_in.hears_only(&[AUTOMATION], SOON).await.unwrap();
    sign_in.press("0000").await;
    sign_in.hears_prompt(&prompt("welcome"), SOON).await.unwrap();
    sign_in.ended(CASCADE).await.unwrap();
    assert!(
        matches!(centre.seat("alice").await.availability, Availability::LoggedOut),
        "a wrong PIN signed in"
    );

    let sign_in = phone.call("*11").await.unwrap();
    sign_in.answered().await.unwrap();
    sign_in.hears_only(&[AUTOMATION], SOON).await.unwrap();
    sign_in.press(PIN).await;
    sign_in.ended(CASCADE).await.unwrap();
    centre.until_seat("alice", |a, _| !matches!(a, Availability::LoggedOut)).await;
    phone.call("*12").await.unwrap().ended(CASCADE).await.unwrap();
    centre.until_free("alice").await;

    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("2000").await.unwrap();
    let g = phone.next_call(SOON).await.unwrap().answer().await.unwrap();
    u.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();
    phone.call("*10").await.unwrap().ended(CASCADE).await.unwrap();
    centre.until_seat("alice", |a, _| matches!(a, Availability::LoggedOut)).await;
}

#[tokio::test]
async fn an_agent_is_not_ready_ready_and_ends_the_wrap_up_by_feature_codes() {
    let mut house = one_agent();
    house.queues[0].wrap_up_s = 600;
    let centre = Centre::start_with(&house, &[]).await;
    let call = conversation(&centre).await;
    call.u.hang_up().await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    centre.until_seat("alice", |_, slot| matches!(slot, Slot::WrapUp { .. })).await;
    call.agent.call("*14").await.unwrap().ended(CASCADE).await.unwrap();
    centre.until_free("alice").await;
    call.agent.call("*13").await.unwrap().ended(CASCADE).await.unwrap();
    centre.until_seat("alice", |a, _| matches!(a, Availability::NotReady { .. })).await;
    call.agent.call("*12").await.unwrap().ended(CASCADE).await.unwrap();
    centre.until_free("alice").await;
}

#[tokio::test]
async fn a_feature_code_is_nothing_to_a_stranger() {
    let centre = Centre::start().await;
    let stranger = caller(&centre, "13800138000").await;
    let ended = stranger.call("*12").await.unwrap().ended(SOON).await.unwrap();
    assert!(matches!(ended, Ended::Refused(_)), "{ended:?}");
}

#[tokio::test]
async fn an_operator_sees_and_changes_agents_by_the_command_line() {
    let centre = Centre::start().await;
    let (done, text) = centre.command(&["agent", "not-ready", "alice", "--reason", "lunch"]).await;
    assert!(done, "{text}");
    let lunch = |a: &Availability| matches!(a, Availability::NotReady { reason, .. } if reason == "lunch");
    centre.until_seat("alice", |a, _| lunch(a)).await;
    let (done, text) = centre.command(&["agent", "ready", "alice"]).await;
    assert!(done, "{text}");
    centre.until_free("alice").await;
}

#[tokio::test]
async fn an_agent_who_is_added_while_calls_wait_takes_the_first_of_them() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    centre.tell_not_ready("alice").await;
    let phone = registered(&centre, "7002").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("2000").await.unwrap();
    u.answered().await.unwrap();
    u.hears_music(SOON).await.unwrap();
    let later = centre.data().join("later.yaml");
    let mut more = ngcc_tests::house::catalogue();
    more.flows.clear();
    std::fs::write(&later, serde_json::to_string(&more).unwrap()).unwrap();
    let (done, text) = centre.command(&["import", &later.to_string_lossy()]).await;
    assert!(done, "{text}");
    assert_eq!(phone.next_call(SOON).await.unwrap().caller(), "13800138000");
}
