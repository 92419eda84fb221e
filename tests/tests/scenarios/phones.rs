//! Phones of the house: registering, being called, holding, transferring, and being refused.

use std::time::Duration;

use ngcc_phone::{Algorithm, Direction, Ended, Phone, PhoneError, PhoneSettings, Sound};
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SECRET, SOON, caller, conversation, registered};
use ngcc_tests::look::adds_up;
use ngcc_tests::sounds::{AGENT, CUSTOMER, OTHER};
use rsip::prelude::{HeadersExt, ToTypedHeader, UntypedHeader};

use crate::CASCADE;

#[tokio::test]
async fn a_registered_phone_is_called_and_its_hold_key_gives_the_caller_music() {
    let centre = Centre::start().await;
    let callee = registered(&centre, "7003").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("7003").await.unwrap();
    let ringing = callee.next_call(SOON).await.unwrap();
    assert_eq!(ringing.caller(), "13800138000");
    ringing.ring();
    u.ringing().await.unwrap();
    // Somebody has to get up first.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let g = ringing.answer().await.unwrap();
    u.answered().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    g.speak(Sound::Tone(AGENT));
    u.hears_only(&[AGENT], SOON).await.unwrap();
    g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    g.hold().await.unwrap();
    u.hears_music(SOON).await.unwrap();
    g.unhold().await.unwrap();
    u.hears_only(&[AGENT], SOON).await.unwrap();
    g.hang_up().await.unwrap();
    u.ended(CASCADE).await.unwrap();
    let row = centre.stored(1).await.remove(0);
    assert!(adds_up(&row) && row.ring_ms >= 250 && row.talk_ms > 0 && row.hold_ms > 0, "{row:#?}");
}

#[tokio::test]
async fn a_callers_keys_reach_the_called_phone() {
    let centre = Centre::start().await;
    let callee = registered(&centre, "7003").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("7003").await.unwrap();
    let g = callee.next_call(SOON).await.unwrap().answer().await.unwrap();
    u.answered().await.unwrap();
    u.press("42#").await;
    for key in ['4', '2', '#'] {
        g.hears_key(key, SOON).await.unwrap();
    }
}

#[tokio::test]
async fn an_agent_refers_the_customer_to_a_phone() {
    let centre = Centre::start().await;
    let third = registered(&centre, "7003").await;
    let call = conversation(&centre).await;
    call.u.speak(Sound::Tone(CUSTOMER));
    let transfer = call.g.refer("7003").await.unwrap();
    let ringing = third.next_call(SOON).await.unwrap();
    ringing.ring();
    let t = ringing.answer().await.unwrap();
    t.speak(Sound::Tone(OTHER));
    assert_eq!(transfer.done(SOON).await.unwrap(), 200);
    call.u.hears_only(&[OTHER], SOON).await.unwrap();
    t.hears_only(&[CUSTOMER], SOON).await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    centre.until_free("alice").await;
    call.u.hang_up().await.unwrap();
    t.ended(CASCADE).await.unwrap();
    assert!(adds_up(&centre.stored(1).await[0]));
}

#[tokio::test]
async fn an_operator_connects_a_phone_with_a_number() {
    let centre = Centre::start().await;
    let (first, second) = (registered(&centre, "7003").await, registered(&centre, "7002").await);
    let (done, text) = centre.command(&["call", "place", "7003", "7002"]).await;
    assert!(done, "{text}");
    let one = first.next_call(SOON).await.unwrap().answer().await.unwrap();
    let two = second.next_call(SOON).await.unwrap().answer().await.unwrap();
    one.speak(Sound::Tone(AGENT));
    two.speak(Sound::Tone(OTHER));
    one.hears_only(&[OTHER], SOON).await.unwrap();
    two.hears_only(&[AGENT], SOON).await.unwrap();
    one.hang_up().await.unwrap();
    two.ended(CASCADE).await.unwrap();
}

#[tokio::test]
async fn an_attended_transfer_joins_the_customer_with_whom_the_agent_called() {
    let centre = Centre::start().await;
    let third = registered(&centre, "7003").await;
    let call = conversation(&centre).await;
    call.u.speak(Sound::Tone(CUSTOMER));
    call.g.hold().await.unwrap();
    call.u.hears_music(SOON).await.unwrap();
    let asking = call.agent.call("7003").await.unwrap();
    let t = third.next_call(SOON).await.unwrap().answer().await.unwrap();
    asking.answered().await.unwrap();
    t.speak(Sound::Tone(OTHER));
    asking.hears_only(&[OTHER], SOON).await.unwrap();
    let transfer = call.g.refer_replacing(&asking).await.unwrap();
    assert_eq!(transfer.done(SOON).await.unwrap(), 200);
    call.u.hears_only(&[OTHER], SOON).await.unwrap();
    t.hears_only(&[CUSTOMER], SOON).await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    asking.ended(CASCADE).await.unwrap();
}

#[tokio::test]
async fn a_phone_proves_its_secret_by_either_algorithm_and_over_either_transport() {
    let centre = Centre::start().await;
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let mut settings = PhoneSettings::new(centre.sip(), "7003").secret(SECRET);
        settings.algorithm = Some(algorithm);
        let phone = Phone::start(settings).await.unwrap();
        assert!(phone.register(120).await.unwrap() >= 60);
        // With the nonce it has, counted on, no further challenge is needed.
        let before = phone.trace().len();
        phone.register(120).await.unwrap();
        let answers: Vec<_> =
            phone.trace().into_iter().skip(before).filter_map(|t| t.message.status()).collect();
        assert_eq!(answers, [200], "{algorithm:?}");
        phone.unregister().await.unwrap();
    }
    let over_tcp = PhoneSettings::new(centre.sip_tcp(), "7003").secret(SECRET).tcp();
    let phone = Phone::start(over_tcp).await.unwrap();
    phone.register(120).await.unwrap();
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("7003").await.unwrap();
    let g = phone.next_call(SOON).await.unwrap().answer().await.unwrap();
    u.answered().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    u.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_name_are_refused_alike() {
    let centre = Centre::start().await;
    let mut seen = Vec::new();
    for (user, secret) in [("7003", "wrong"), ("7999", SECRET)] {
        let phone = Phone::start(PhoneSettings::new(centre.sip(), user).secret(secret)).await.unwrap();
        assert!(matches!(phone.register(60).await, Err(PhoneError::Refused { .. })), "{user}");
        let received = phone.trace().into_iter().filter(|t| t.direction == Direction::Received);
        seen.push(received.filter_map(|t| t.message.status()).collect::<Vec<_>>());
    }
    assert_eq!(seen[0], seen[1], "nobody learns which names exist");
}

#[tokio::test]
async fn what_cannot_be_reached_is_refused_with_its_own_reason() {
    let mut house = ngcc_tests::house::catalogue();
    house.numbers.iter_mut().find(|n| n.number == "1001").unwrap().public = false;
    let centre = Centre::start_with(&house, &[]).await;
    let busy = registered(&centre, "7001").await;
    let customer = caller(&centre, "13800138000").await;
    for (number, status) in [("5555", 404), ("1001", 403), ("7003", 480)] {
        let u = customer.call(number).await.unwrap();
        assert_eq!(u.ended(SOON).await.unwrap(), Ended::Refused(status), "{number}");
    }
    let u = customer.call("7001").await.unwrap();
    busy.next_call(SOON).await.unwrap().reject(486);
    assert_eq!(u.ended(SOON).await.unwrap(), Ended::Refused(486));
    // Who proves to be a phone of the house reaches what is not public.
    let own = registered(&centre, "7002").await;
    own.call("1001").await.unwrap().answered().await.unwrap();
}

#[tokio::test]
async fn a_lost_ack_is_asked_for_again_and_the_call_is_one_call() {
    let centre = Centre::start().await;
    let customer = caller(&centre, "13800138000").await;
    customer.set_drop_ack(true);
    let u = customer.call("1002").await.unwrap();
    u.answered().await.unwrap();
    customer.set_drop_ack(false);
    let ack = |t: &ngcc_phone::Traced| t.direction == Direction::Sent && t.message.method() == "ACK";
    customer.traced(SOON, ack).await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    u.hears_only(&[CUSTOMER], SOON).await.unwrap();
    u.hang_up().await.unwrap();
    assert_eq!(centre.stored(1).await.len(), 1);
}

#[tokio::test]
async fn keys_by_info_count_like_keys_by_rtp() {
    let centre = Centre::start().await;
    let agent = registered(&centre, "7001").await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1000").await.unwrap();
    u.answered().await.unwrap();
    u.info_digit('1').await.unwrap();
    agent.next_call(SOON).await.unwrap();
}

#[tokio::test]
async fn two_codecs_meet_in_one_call() {
    let centre = Centre::start().await;
    let mut settings = PhoneSettings::new(centre.sip(), "7003").secret(SECRET);
    settings.codecs = vec![ngcc_phone::Codec::Pcma];
    let callee = Phone::start(settings).await.unwrap();
    callee.register(60).await.unwrap();
    let mut settings = PhoneSettings::new(centre.sip(), "13800138000");
    settings.codecs = vec![ngcc_phone::Codec::Pcmu];
    let customer = Phone::start(settings).await.unwrap();
    let u = customer.call("7003").await.unwrap();
    let g = callee.next_call(SOON).await.unwrap().answer().await.unwrap();
    u.answered().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    g.speak(Sound::Tone(AGENT));
    g.keeps_hearing_only(&[CUSTOMER], Duration::from_secs(1)).await.unwrap();
    u.keeps_hearing_only(&[AGENT], Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn what_the_centre_writes_an_independent_parser_reads() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    call.g.hold().await.unwrap();
    call.g.unhold().await.unwrap();
    call.g.refer("5555").await.unwrap();
    call.u.hang_up().await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    let mut read = 0;
    for phone in [&call.customer, &call.agent] {
        for traced in phone.trace().into_iter().filter(|t| t.direction == Direction::Received) {
            let text = &traced.text;
            let message =
                rsip::SipMessage::try_from(text.as_bytes()).unwrap_or_else(|e| panic!("{e}:\n{text}"));
            message.from_header().unwrap().typed().unwrap();
            message.to_header().unwrap().typed().unwrap();
            message.via_header().unwrap().typed().unwrap();
            message.cseq_header().unwrap().typed().unwrap();
            assert!(!message.call_id_header().unwrap().value().is_empty());
            read += 1;
        }
    }
    assert!(read > 10, "{read} messages were read");
}
