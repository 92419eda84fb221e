//! Two phones call one another directly: what the phone promises to tests of the centre holds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ngcc_phone::{Call, Codec, Ended, Phone, PhoneError, PhoneSettings, Sound, sine};

const SOON: Duration = Duration::from_secs(5);

async fn phone(user: &str) -> Phone {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
    Phone::start(PhoneSettings::new(nowhere, user)).await.expect("the phones talk")
}

fn at(user: &str, phone: &Phone) -> String {
    format!("sip:{user}@{}", phone.address())
}

struct Pair {
    alice: Phone,
    bob: Phone,
    out: Call,
    back: Call,
}

async fn talking() -> Pair {
    let (alice, bob) = (phone("alice").await, phone("bob").await);
    let out = alice.call(&at("bob", &bob)).await.expect("the phones talk");
    let incoming = bob.next_call(SOON).await.expect("the phones talk");
    assert_eq!(incoming.caller(), "alice");
    incoming.ring();
    out.ringing().await.expect("the phones talk");
    let back = incoming.answer().await.expect("the phones talk");
    out.answered().await.expect("the phones talk");
    Pair { alice, bob, out, back }
}

#[tokio::test]
async fn each_hears_the_others_tone_and_nothing_else() {
    let call = talking().await;
    call.out.speak(Sound::Tone(425.0));
    call.back.speak(Sound::Tone(610.0));
    call.back.keeps_hearing_only(&[425.0], Duration::from_secs(1)).await.unwrap();
    call.out.hears_only(&[610.0], SOON).await.unwrap();
    assert!(call.out.hears_tone(425.0, Duration::from_millis(500)).await.is_err());
    assert!(call.out.hears_silence(Duration::from_millis(200)).await.is_err());
    call.back.speak(Sound::Silence);
    call.out.hears_silence(Duration::from_millis(500)).await.unwrap();
    let report = call.back.report();
    assert_eq!((report.ssrcs.len(), report.lost, report.late, report.time_went_back), (1, 0, 0, 0));
}

#[tokio::test]
async fn keys_by_telephone_event_arrive_once_each_and_in_order() {
    let call = talking().await;
    call.out.press("12#").await;
    for key in ['1', '2', '#'] {
        call.back.hears_key(key, SOON).await.unwrap();
    }
    assert_eq!(call.back.keys(), "12#");
    assert!(call.back.hears_key('4', Duration::from_millis(300)).await.is_err());
}

#[tokio::test]
async fn a_prompt_is_known_from_another() {
    let call = talking().await;
    let wave = |hz: f64| -> Vec<i16> {
        sine(hz, 8000).iter().zip(sine(3.0, 8000)).map(|(a, b)| a / 8 * (b / 1000)).collect()
    };
    call.out.speak(Sound::Pcm(Arc::new(wave(300.0))));
    assert!(call.back.hears_prompt(&wave(350.0), Duration::from_secs(2)).await.is_err());
    call.back.hears_prompt(&wave(300.0), SOON).await.unwrap();
}

#[tokio::test]
async fn hold_stops_the_held_side_and_is_seen_by_it() {
    let call = talking().await;
    call.back.speak(Sound::Tone(610.0));
    call.out.hears_tone(610.0, SOON).await.unwrap();
    call.out.hold().await.unwrap();
    call.back.held_by_other(SOON).await.unwrap();
    call.out.hears_silence(Duration::from_millis(400)).await.unwrap();
    call.out.unhold().await.unwrap();
    call.out.hears_tone(610.0, SOON).await.unwrap();
}

#[tokio::test]
async fn either_side_may_hang_up() {
    let call = talking().await;
    call.back.hang_up().await.unwrap();
    assert_eq!(call.out.ended(SOON).await.unwrap(), Ended::Remote);
    let call = talking().await;
    call.out.hang_up().await.unwrap();
    assert_eq!(call.back.ended(SOON).await.unwrap(), Ended::Remote);
}

#[tokio::test]
async fn a_caller_may_give_up_and_a_callee_refuse() {
    let (alice, bob) = (phone("alice").await, phone("bob").await);
    let out = alice.call(&at("bob", &bob)).await.unwrap();
    let incoming = bob.next_call(SOON).await.unwrap();
    incoming.ring();
    out.ringing().await.unwrap();
    out.hang_up().await.unwrap();
    assert_eq!(incoming.cancelled(SOON).await.unwrap(), Ended::Cancelled(None));

    let out = alice.call(&at("bob", &bob)).await.unwrap();
    bob.next_call(SOON).await.unwrap().reject(486);
    assert_eq!(out.ended(SOON).await.unwrap(), Ended::Refused(486));
}

#[tokio::test]
async fn phones_without_a_common_codec_do_not_talk() {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
    let mut settings = PhoneSettings::new(nowhere, "alice");
    settings.codecs = vec![Codec::Pcma];
    let alice = Phone::start(settings.clone()).await.unwrap();
    settings.codecs = vec![Codec::Pcmu];
    let bob = Phone::start(settings).await.unwrap();
    let out = alice.call(&at("bob", &bob)).await.unwrap();
    let refused = bob.next_call(SOON).await.unwrap().answer().await;
    assert!(matches!(refused, Err(PhoneError::Ended(Ended::Refused(488)))));
    assert_eq!(out.ended(SOON).await.unwrap(), Ended::Refused(488));
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_a_lost_ack_is_asked_for_again() {
    let (alice, bob) = (phone("alice").await, phone("bob").await);
    alice.set_drop_ack(true);
    let out = alice.call(&at("bob", &bob)).await.unwrap();
    let answering = tokio::spawn({
        let incoming = bob.next_call(SOON).await.unwrap();
        incoming.answer()
    });
    out.answered().await.unwrap();
    alice.set_drop_ack(false);
    let asked = Instant::now();
    let back = answering.await.unwrap().unwrap();
    assert!(asked.elapsed() > Duration::from_millis(100), "the ACK came before it was asked for again");
    back.hang_up().await.unwrap();
    out.ended(SOON).await.unwrap();
}

#[tokio::test]
async fn a_deaf_phone_answers_nothing() {
    let call = talking().await;
    call.alice.set_deaf(true);
    let bye = tokio::time::timeout(Duration::from_secs(1), call.back.hang_up()).await;
    assert!(bye.is_err());
    let repeats = call.bob.trace().iter().filter(|t| t.message.method() == "BYE").count();
    assert_eq!(repeats, 1, "a repeat is no new message in the trace");
}

#[tokio::test]
async fn the_dialog_outlives_many_requests() {
    let call = talking().await;
    for _ in 0..5 {
        call.out.info_digit('5').await.unwrap();
        call.out.refresh().await.unwrap();
        call.back.refresh().await.unwrap();
    }
    assert!(call.out.is_up() && call.back.is_up());
}
