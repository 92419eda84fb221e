//! Who hears whom, on the sound itself: the table of S4-13 cell by cell for customer, agent and automation.

use std::time::Duration;

use ngcc_phone::Sound;
use ngcc_proto::seat::Verb;
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, one_agent, speaking};
use ngcc_tests::sounds::{AGENT, AUTOMATION, CUSTOMER, WAITING};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn s4_13_in_self_service_the_customer_hears_the_automation_alone() {
    let centre = Centre::start().await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1001").await.unwrap();
    u.answered().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    u.keeps_hearing_only(&[AUTOMATION], SECOND).await.unwrap();
}

#[tokio::test]
async fn s4_13_in_the_queue_the_customer_hears_music_or_the_wait_flow() {
    let mut house = one_agent();
    house.queues.push(ngcc_tests::house::queue("slow", &["alice"]));
    house.queues[1].wait = ngcc_proto::config::Wait::Flow("patience".to_owned());
    house
        .numbers
        .push(ngcc_tests::house::number("2001", ngcc_proto::config::Route::Queue("slow".to_owned())));
    let centre = Centre::start_with(&house, &[]).await;
    centre.tell_not_ready("alice").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("2000").await.unwrap();
    u.answered().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    u.hears_music(SOON).await.unwrap();
    let v = customer.call("2001").await.unwrap();
    v.answered().await.unwrap();
    v.keeps_hearing_only(&[WAITING], SECOND).await.unwrap();
}

#[tokio::test]
async fn s4_13_in_talk_each_hears_the_other_and_the_agents_keys_reach_nobody() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.u.keeps_hearing_only(&[AGENT], SECOND).await.unwrap();
    call.g.keeps_hearing_only(&[CUSTOMER], SECOND).await.unwrap();
    call.g.press("1234").await;
    call.u.hears_only(&[AGENT], SOON).await.unwrap();
    assert_eq!(call.u.keys(), "", "the agent's keys are passed to nobody");
}

#[tokio::test]
async fn s4_13_on_hold_the_customer_hears_music_and_the_agent_nothing() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.u.hears_only(&[AGENT], SOON).await.unwrap();
    call.g.hold().await.unwrap();
    call.u.hears_music(SOON).await.unwrap();
    assert!(call.u.hears_tone(AGENT, SECOND).await.is_err(), "the agent is heard on hold");
    call.g.hears_silence(SECOND).await.unwrap();
    call.g.unhold().await.unwrap();
    call.u.keeps_hearing_only(&[AGENT], SECOND).await.unwrap();
    call.g.keeps_hearing_only(&[CUSTOMER], SECOND).await.unwrap();
}

#[tokio::test]
async fn s4_13_in_ivr_customer_and_automation_hear_each_other_and_the_agent_neither() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    call.g.press("*8").await;
    call.u.keeps_hearing_only(&[AUTOMATION], SECOND).await.unwrap();
    call.g.hears_silence(SECOND).await.unwrap();
    // The agent's keys reach neither the customer nor the flow, which waits for four.
    call.g.press("5678").await;
    call.u.keeps_hearing_only(&[AUTOMATION], SECOND).await.unwrap();
    assert_eq!(call.u.keys(), "");
    // The automation hears the customer: four keys, and the agent is back.
    call.u.press("2222").await;
    call.u.keeps_hearing_only(&[AGENT], SECOND).await.unwrap();
    call.g.keeps_hearing_only(&[CUSTOMER], SECOND).await.unwrap();
    assert_eq!(call.g.keys(), "", "what the customer types for the automation is not the agent's to hear");
}

#[tokio::test]
async fn s4_13_in_ivr_an_agent_who_listens_hears_both_and_is_heard_by_neither() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    call.g.press("*8").await;
    call.g.hears_silence(SECOND).await.unwrap();
    centre.seat_asks("alice", Verb::Listen { on: true }).await;
    call.g.keeps_hearing_only(&[CUSTOMER, AUTOMATION], SECOND).await.unwrap();
    call.u.keeps_hearing_only(&[AUTOMATION], SECOND).await.unwrap();
    centre.seat_asks("alice", Verb::Listen { on: false }).await;
    call.g.hears_silence(SECOND).await.unwrap();
}

#[tokio::test]
async fn s4_13_in_ivr_secure_nobody_but_the_automation_hears_the_customer_not_even_who_listens() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    // The flow asks for a card number, which is a secret.
    let flow = Some("service".to_owned());
    centre.seat_asks("alice", Verb::ToAuto { flow, args: Default::default() }).await;
    centre.seat_asks("alice", Verb::Listen { on: true }).await;
    call.u.keeps_hearing_only(&[AUTOMATION], SECOND).await.unwrap();
    call.u.press("1234").await;
    call.g.hears_silence(SECOND).await.unwrap();
    assert_eq!(call.g.keys(), "", "no key of the customer's reaches the agent");
    centre.seat_asks("alice", Verb::TakeBack).await;
    call.g.keeps_hearing_only(&[CUSTOMER], SECOND).await.unwrap();
    call.u.keeps_hearing_only(&[AGENT], SECOND).await.unwrap();
}

#[tokio::test]
async fn the_stream_a_phone_hears_is_one_stream_through_every_phase() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.u.hears_only(&[AGENT], SOON).await.unwrap();
    call.g.hold().await.unwrap();
    call.u.hears_music(SOON).await.unwrap();
    call.g.unhold().await.unwrap();
    call.u.hears_only(&[AGENT], SOON).await.unwrap();
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("2222").await;
    call.u.hears_only(&[AGENT], SOON).await.unwrap();
    for (who, report) in [("customer", call.u.report()), ("agent", call.g.report())] {
        assert_eq!(report.ssrcs.len(), 1, "{who}: {report:?}");
        assert_eq!((report.late, report.time_went_back), (0, 0), "{who}: {report:?}");
        assert!(report.lost * 100 <= report.packets as u32, "{who}: {report:?}");
    }
}

#[tokio::test]
async fn three_in_a_room_hear_the_others_and_not_themselves() {
    let centre = Centre::start().await;
    let tones = [CUSTOMER, AGENT, AUTOMATION];
    let mut calls = Vec::new();
    for (n, tone) in tones.iter().enumerate() {
        let phone = caller(&centre, &format!("1380013800{n}")).await;
        let call = phone.call("377").await.unwrap();
        call.answered().await.unwrap();
        call.speak(Sound::Tone(*tone));
        calls.push((phone, call, *tone));
    }
    for (_, call, own) in &calls {
        let others: Vec<f64> = tones.iter().copied().filter(|t| t != own).collect();
        call.keeps_hearing_only(&others, SECOND).await.unwrap();
    }
    let (_phone, gone, tone) = calls.remove(0);
    gone.hang_up().await.unwrap();
    let left: Vec<f64> = tones.iter().copied().filter(|t| *t != tone).collect();
    calls[0].1.hears_only(&left[1..], SOON).await.unwrap();
    calls[1].1.hears_only(&left[..1], SOON).await.unwrap();
}

#[tokio::test]
async fn a_caller_hears_itself_at_the_echo() {
    let centre = Centre::start().await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1002").await.unwrap();
    u.answered().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    u.keeps_hearing_only(&[CUSTOMER], SECOND).await.unwrap();
}

#[tokio::test]
async fn a_stranger_who_sprays_the_media_port_is_not_heard() {
    let centre = Centre::start().await;
    let call = speaking(&centre).await;
    call.g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    let target = call.u.remote_media().unwrap();
    let stranger = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    let spray = tokio::spawn(async move {
        let mut clock = tokio::time::interval(Duration::from_millis(20));
        for n in 0..100_u16 {
            clock.tick().await;
            let mut packet = vec![0x80, 0];
            packet.extend(n.to_be_bytes());
            packet.extend((u32::from(n) * 160).to_be_bytes());
            packet.extend([9, 9, 9, 9]);
            packet.extend([0x80; 160]);
            let _ = stranger.send_to(&packet, target).await;
        }
    });
    call.g.keeps_hearing_only(&[CUSTOMER], SECOND).await.unwrap();
    call.u.keeps_hearing_only(&[AGENT], SECOND).await.unwrap();
    spray.await.unwrap();
}
