//! The one call everything serves: prompt, key, music, agent, talk, hang-up, wrap-up, record.

use std::time::Duration;

use ngcc_phone::Sound;
use ngcc_proto::access::Cause;
use ngcc_proto::fact::{By, What};
use ngcc_proto::seat::{Availability, Slot};
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, conversation, registered};
use ngcc_tests::look::adds_up;
use ngcc_tests::sounds::{AGENT, CUSTOMER, prompt};

use crate::CASCADE;

#[tokio::test]
async fn a_caller_hears_the_prompt_presses_one_hears_music_and_talks_to_an_agent() {
    let centre = Centre::start().await;
    let agent = registered(&centre, "7001").await;
    let bob = registered(&centre, "7002").await;
    centre.tell_not_ready("bob").await;
    let customer = caller(&centre, "13800138000").await;

    let u = customer.call("1000").await.unwrap();
    u.answered().await.unwrap();
    u.hears_prompt(&prompt("welcome"), SOON).await.unwrap();
    u.hears_prompt(&prompt("choose"), SOON).await.unwrap();
    u.press("1").await;

    let offered = agent.next_call(SOON).await.unwrap();
    assert_eq!(offered.caller(), "13800138000");
    offered.ring();
    u.hears_music(SOON).await.unwrap();
    let g = offered.answer().await.unwrap();

    u.speak(Sound::Tone(CUSTOMER));
    g.speak(Sound::Tone(AGENT));
    g.keeps_hearing_only(&[CUSTOMER], Duration::from_secs(1)).await.unwrap();
    u.keeps_hearing_only(&[AGENT], Duration::from_secs(1)).await.unwrap();

    u.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();
    centre.until_seat("alice", |_, slot| matches!(slot, Slot::WrapUp { .. })).await;
    centre.until_free("alice").await;

    let row = centre.stored(1).await.remove(0);
    assert!(adds_up(&row), "{row:#?}");
    assert_eq!((row.agent.as_deref(), row.queue.as_deref()), (Some("alice"), Some("sales")));
    assert_eq!((row.by, row.cause, row.dialled.as_str()), (By::Customer, Cause::Normal, "1000"));
    assert!(row.self_service_ms > 500 && row.talk_ms > 1000 && row.wrap_up_ms > 500, "{row:#?}");
    assert!(bob.next_call(Duration::from_millis(100)).await.is_err(), "who is not ready is not called");
}

#[tokio::test]
async fn the_facts_of_a_call_tell_its_story_without_a_gap() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    let session = centre.live().await.remove(0).id;
    call.u.hang_up().await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    centre.stored(1).await;
    let facts = centre.facts(session).await;
    assert!(facts.iter().enumerate().all(|(n, f)| f.n as usize == n), "{facts:#?}");
    assert!(facts.windows(2).all(|w| w[0].mono <= w[1].mono), "time goes forward");
    let at = |wanted: fn(&What) -> bool| {
        facts
            .iter()
            .position(|f| wanted(&f.what))
            .unwrap_or_else(|| panic!("a fact is missing in {facts:#?}"))
    };
    let story = [
        at(|w| matches!(w, What::Opened { .. })),
        at(|w| matches!(w, What::FlowStarted { .. })),
        at(|w| matches!(w, What::Queued { .. })),
        at(|w| matches!(w, What::Reserved { .. })),
        at(|w| matches!(w, What::Alerting { .. })),
        at(|w| matches!(w, What::Joined { .. })),
        at(|w| matches!(w, What::AgentReleased { .. })),
        at(|w| matches!(w, What::Closed { .. })),
        at(|w| matches!(w, What::WrapUpEnded { .. })),
    ];
    assert!(story.is_sorted(), "{story:?} in {facts:#?}");
}

#[tokio::test]
async fn after_a_call_the_agent_wraps_up_and_takes_the_next_one() {
    let centre = Centre::start_with(&ngcc_tests::house::one_agent(), &[]).await;
    let first = conversation(&centre).await;
    first.g.hang_up().await.unwrap();
    first.u.ended(CASCADE).await.unwrap();
    let second = caller(&centre, "13800138001").await;
    let u = second.call("2000").await.unwrap();
    u.answered().await.unwrap();
    let offered = first.agent.next_call(SOON).await.unwrap();
    let seat = centre.seat("alice").await;
    assert!(matches!(seat.availability, Availability::Ready { .. }), "{seat:?}");
    let g = offered.answer().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    u.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();
    assert!(centre.stored(2).await.iter().all(adds_up));
}
