//! Calls of browsers.

use ngcc_proto::LegId;
use ngcc_proto::media::{Command, Event, Part, Phase};

use super::browser::Browser;
use super::house::{Centre, PHONE, Phone, ROOM, WEB, deadline, dir, tone};

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
