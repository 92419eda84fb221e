//! Calls of browsers.

use ngcc_proto::LegId;
use ngcc_proto::media::{Command, Event, Part, Phase};

use super::browser::Browser;
use super::house::{Centre, PHONE, Phone, WEB, deadline, dir, tone};

/// Lets browser and phone go on until `enough`.
fn until(browser: &mut Browser, mut enough: impl FnMut(&mut Browser) -> bool) {
    let until = deadline();
    while !enough(browser) {
        assert!(std::time::Instant::now() < until, "in time; it is {:?}", browser.state);
        browser.step();
    }
}

/// Lets both speak until each hears the other's tone.
fn talk(browser: &mut Browser, phone: &mut Phone) {
    browser.sound.clear();
    let (mut spoken, mut heard) = (std::time::Instant::now(), vec![]);
    until(browser, |browser| {
        if spoken.elapsed().as_millis() >= 20 {
            spoken += std::time::Duration::from_millis(20);
            phone.speak(1000.0);
        }
        heard.extend(phone.sound());
        let recent = |sound: &[i16]| sound[sound.len().saturating_sub(3200)..].to_vec();
        browser.sound.len() >= 3200
            && tone(&recent(&browser.sound), 1000.0) > 0.9
            && tone(&recent(&heard), 400.0) > 0.9
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s0_01_a_browser_and_a_phone_hear_each_other() {
    let mut centre = Centre::open(&dir("talk"));
    let mut browser = Browser::new(false).saying(400.0);
    let answer = centre.leg(WEB, Part::User, browser.offer()).await;
    browser.answered(&answer);
    let mut phone = centre.phone(PHONE, Part::Agent).await;
    centre.phase(Phase::Talk);
    until(&mut browser, |browser| browser.is_connected());
    centre.up(WEB).await;
    talk(&mut browser, &mut phone);
    centre.close().await;
}

/// A browser and a phone in talk, connected.
async fn connected(centre: &mut Centre) -> (Browser, Phone) {
    let mut browser = Browser::new(false).saying(400.0);
    let answer = centre.leg(WEB, Part::User, browser.offer()).await;
    browser.answered(&answer);
    let phone = centre.phone(PHONE, Part::Agent).await;
    centre.phase(Phase::Talk);
    until(&mut browser, |browser| browser.is_connected());
    centre.up(WEB).await;
    (browser, phone)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_page_takes_the_leg_over_and_the_old_one_is_heard_no_longer() {
    let mut centre = Centre::open(&dir("reattach"));
    let (mut old, mut phone) = connected(&mut centre).await;
    talk(&mut old, &mut phone);
    let ssrc = old.voices[0];

    let mut new = Browser::new(false).saying(400.0);
    let answer = centre.reoffer(WEB, new.offer()).await.expect("a new page is answered");
    new.answered(&answer);
    until(&mut new, |new| new.is_connected());
    centre.up(WEB).await;
    talk(&mut new, &mut phone);
    assert!(new.voices.iter().all(|&voice| voice == ssrc), "our stream goes on");
    until(&mut old, |old| !old.is_connected());
    old.sound.clear();
    old.says = Some(700.0);
    let mut heard = vec![];
    until(&mut new, |_| {
        old.step();
        heard.extend(phone.sound());
        heard.len() >= 8000
    });
    assert!(old.sound.is_empty() && tone(&heard, 700.0) < 0.01);
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_with_another_certificate_than_it_offered_is_never_heard() {
    let mut centre = Centre::open(&dir("certificate"));
    let mut browser = Browser::new(false).saying(400.0);
    let mut offer = browser.offer();
    let sections = offer.media.iter_mut().flat_map(|section| &mut section.attributes);
    for attribute in offer.attributes.iter_mut().chain(sections).filter(|a| a.name == "fingerprint") {
        attribute.value = Some(format!("sha-256 {}", ["AB"; 32].join(":")));
    }
    let answer = centre.leg(WEB, Part::User, offer).await;
    browser.answered(&answer);
    let mut phone = centre.phone(PHONE, Part::Agent).await;
    centre.phase(Phase::Talk);
    centre.told_while(&Event::PeerLost { leg: WEB }, || browser.step());
    assert!(!browser.is_connected());
    // It says what it likes: there are no keys to hear it with.
    let until = std::time::Instant::now() + std::time::Duration::from_millis(500);
    while std::time::Instant::now() < until {
        browser.step();
        phone.speak(1000.0);
    }
    assert!(phone.sound().is_empty() && browser.sound.is_empty());
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_leaves_is_told_and_its_leg_waits_for_the_next() {
    let mut centre = Centre::open(&dir("leave"));
    let (mut browser, mut phone) = connected(&mut centre).await;
    browser.close();
    centre.lost(WEB).await;
    let mut next = Browser::new(false).saying(400.0);
    let answer = centre.reoffer(WEB, next.offer()).await.expect("the leg is still there");
    next.answered(&answer);
    centre.told_while(&Event::PeerUp { leg: WEB }, || next.step());
    talk(&mut next, &mut phone);

    centre.send(Command::Close { leg: WEB });
    until(&mut next, |next| !next.is_connected());
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_of_the_server_the_leg_waits_for_its_browser_on_the_same_port() {
    let dir = dir("restart");
    let mut centre = Centre::open(&dir);
    let (browser, _phone) = connected(&mut centre).await;
    centre.close().await;
    drop(browser);

    let mut centre = Centre::open(&dir);
    let restored = |event: &Event| {
        let Event::Restored { legs, .. } = event else { return None };
        Some(legs.clone())
    };
    assert_eq!(centre.told(restored).await, [WEB, PHONE]);
    let mut browser = Browser::new(false).saying(400.0);
    let answer = centre.reoffer(WEB, browser.offer()).await.expect("the leg is still there");
    browser.answered(&answer);
    centre.told_while(&Event::PeerUp { leg: WEB }, || browser.step());
    let mut third = centre.phone(LegId(5), Part::Supervisor).await;
    let mut heard = vec![];
    until(&mut browser, |_| {
        heard.extend(third.sound());
        heard.len() >= 8000
    });
    assert!(tone(&heard[4000..], 400.0) > 0.9, "its part and its conference's phase hold");
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_offer_of_the_same_page_goes_on_over_the_same_connection() {
    let mut centre = Centre::open(&dir("renegotiate"));
    let (mut browser, mut phone) = connected(&mut centre).await;
    let answer = centre.reoffer(WEB, browser.offer()).await.expect("it is answered");
    browser.answered(&answer);
    talk(&mut browser, &mut phone);
    assert!(browser.is_connected());
    let mut offer = browser.offer();
    let media = &mut offer.media[0];
    media.attributes.retain(|a| a.name != "sendrecv");
    media.attributes.push(ngcc_proto::sdp::Attribute::new("sendonly", None));
    centre.reoffer(WEB, offer).await.expect("it is answered");
    let mut heard = vec![];
    until(&mut browser, |browser| {
        phone.speak(1000.0);
        heard.extend(phone.sound());
        if heard.len() < 4000 {
            // What was on its way before the answer may still come.
            browser.sound.clear();
        }
        heard.len() >= 8000
    });
    assert!(tone(&heard, 400.0) > 0.9 && browser.sound.is_empty(), "it is heard and not spoken to");
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_browser_on_its_port_is_neither_heard_nor_answered() {
    let mut centre = Centre::open(&dir("stranger"));
    let (mut browser, mut phone) = connected(&mut centre).await;
    let answer = centre.reoffer(WEB, browser.offer()).await.unwrap();
    let port = answer.first("audio").unwrap().port;
    let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.connect(("127.0.0.1", port)).unwrap();
    stranger.set_nonblocking(true).unwrap();
    let mut rtp = vec![0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9];
    rtp.extend(super::house::frame(700.0, 0));
    let mut heard = vec![];
    until(&mut browser, |_| {
        stranger.send(&rtp).unwrap();
        stranger.send(b"\0\x01\0\0\x21\x12\xa4\x42aaaaaaaaaaaa").unwrap();
        stranger.send(&[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        heard.extend(phone.sound());
        heard.len() >= 8000
    });
    assert!(tone(&heard, 400.0) > 0.9 && tone(&heard, 700.0) < 0.01);
    assert!(stranger.recv(&mut [0; 100]).is_err(), "nothing is sent to it");
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_go_from_browser_to_browser_under_our_name() {
    let mut centre = Centre::open(&dir("video"));
    let (mut user, mut agent) = (Browser::new(true), Browser::new(true));
    let answer = centre.leg(WEB, Part::User, user.offer()).await;
    user.answered(&answer);
    let answer = centre.leg(PHONE, Part::Agent, agent.offer()).await;
    agent.answered(&answer);
    centre.phase(Phase::Talk);
    until(&mut user, |user| {
        agent.step();
        user.is_connected() && agent.is_connected()
    });
    // A key frame's first packet (RFC 7741), told by the last byte from what else is shown.
    let (mut seq, mut payload) = (0, [0x90u8, 0x80, 0x80, 5, 0x10, 77]);
    until(&mut user, |user| {
        (seq, payload[3]) = (seq + 1, payload[3].wrapping_add(1));
        user.show(seq, u32::from(seq) * 3000, &payload);
        agent.step();
        agent.seen.iter().filter(|packet| packet.payload[..].ends_with(&[77])).count() >= 5
    });
    let ours = answer.first("video").unwrap().values("ssrc").next().unwrap().to_owned();
    let ssrcs = agent.seen.iter().map(|packet| packet.header.ssrc.to_string());
    assert!(ssrcs.clone().all(|ssrc| ours.starts_with(&ssrc)), "as the answer says");
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_falls_silent_is_lost_and_up_again_when_it_is_back() {
    let mut centre = Centre::open(&dir("silence"));
    let (mut browser, mut phone) = connected(&mut centre).await;
    // It is not driven on: no check and no sound comes from it.
    centre.lost(WEB).await;
    centre.told_while(&Event::PeerUp { leg: WEB }, || browser.step());
    talk(&mut browser, &mut phone);
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_speaks_opus_alone_and_a_phone_hear_each_other() {
    let mut centre = Centre::open(&dir("opus"));
    let mut browser = Browser::in_opus().saying(400.0);
    let answer = centre.leg(WEB, Part::User, browser.offer()).await;
    assert_eq!(answer.first("audio").unwrap().formats, ["111"]);
    browser.answered(&answer);
    let mut phone = centre.phone(PHONE, Part::Agent).await;
    centre.phase(Phase::Talk);
    until(&mut browser, |browser| browser.is_connected());
    talk(&mut browser, &mut phone);
    centre.close().await;
}
