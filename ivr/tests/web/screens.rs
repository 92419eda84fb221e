//! Legs of a shared screen: pictures one way, and no sound at all.

use ngcc_proto::media::{Command, Part, Phase};
use ngcc_proto::sdp::{Attribute, Direction, Sdp};
use ngcc_proto::{ConferenceId, LegId};

use super::browser::Browser;
use super::house::{Centre, PHONE, WEB, deadline, dir, tone};

const SCREEN: ConferenceId = ConferenceId(30);
const CUSTOMER: LegId = LegId(31);
const AGENT: LegId = LegId(32);

/// The browser's offer with no sound, and its pictures in this direction only.
fn offer(browser: &mut Browser, pictures: &str) -> Sdp {
    let mut offer = browser.offer();
    for section in &mut offer.media {
        let direction = if section.kind == "audio" { "inactive" } else { pictures };
        let other =
            |a: &Attribute| !["sendrecv", "sendonly", "recvonly", "inactive"].contains(&a.name.as_str());
        section.attributes.retain(other);
        section.attributes.push(Attribute::new(direction, None));
    }
    offer
}

/// Opens a leg of the screen; the answer.
async fn open(centre: &mut Centre, leg: LegId, part: Part, browser: &mut Browser, pictures: &str) -> Sdp {
    let answer = centre.leg_in(SCREEN, leg, part, offer(browser, pictures)).await;
    browser.answered(&answer);
    answer
}

fn drive(browsers: &mut [&mut Browser], mut enough: impl FnMut(&mut [&mut Browser]) -> bool) {
    let until = deadline();
    while !enough(browsers) {
        assert!(std::time::Instant::now() < until, "in time");
        browsers.iter_mut().for_each(|browser| browser.step());
    }
}

/// A key frame's first packet (RFC 7741), told by its last byte from what else is shown.
struct Film(u16);

impl Film {
    fn run(&mut self, browser: &mut Browser) {
        self.0 += 1;
        let picture = [0x90, 0x80, 0x80, self.0 as u8, 0x10, 77];
        browser.show(self.0, u32::from(self.0) * 3000, &picture);
    }
}

fn ours(browser: &Browser) -> usize {
    browser.seen.iter().filter(|packet| packet.payload.ends_with(&[77])).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_08_a_screen_goes_one_way_beside_a_call_and_its_ports_are_given_back() {
    let mut centre = Centre::open(&dir("screen"));
    let mut caller = Browser::new(false).saying(400.0);
    let answer = centre.leg(WEB, Part::User, caller.offer()).await;
    caller.answered(&answer);
    let mut phone = centre.phone(PHONE, Part::Agent).await;
    centre.phase(Phase::Talk);

    let (mut customer, mut agent) = (Browser::new(true), Browser::new(true));
    let answer = open(&mut centre, CUSTOMER, Part::User, &mut customer, "sendonly").await;
    let port = answer.first("audio").unwrap().port;
    let directions: Vec<Direction> = answer.media.iter().map(|section| answer.direction(section)).collect();
    assert_eq!(directions, [Direction::Inactive, Direction::RecvOnly]);
    centre.send(Command::Phase { conference: SCREEN, phase: Phase::Hold });
    let answer = open(&mut centre, AGENT, Part::Agent, &mut agent, "recvonly").await;
    assert_eq!(answer.direction(answer.first("video").unwrap()), Direction::SendOnly);
    let connected = |all: &mut [&mut Browser]| all.iter().all(|browser| browser.is_connected());
    drive(&mut [&mut customer, &mut agent, &mut caller], connected);

    // On hold the agent is shown the slate, whatever the page sends.
    let mut film = Film(0);
    drive(&mut [&mut customer, &mut agent], |all| {
        film.run(all[0]);
        !all[1].seen.is_empty()
    });
    assert_eq!(ours(&agent), 0);
    centre.send(Command::Phase { conference: SCREEN, phase: Phase::Talk });
    let mut heard = vec![];
    drive(&mut [&mut customer, &mut agent, &mut caller], |all| {
        film.run(all[0]);
        phone.speak(1000.0);
        heard.extend(phone.sound());
        ours(all[1]) >= 20 && heard.len() >= 8000
    });
    assert!(tone(&heard[heard.len() - 1600..], 400.0) > 0.9, "the call goes on");
    assert!(customer.seen.is_empty() && customer.sound.is_empty() && agent.sound.is_empty());

    centre.send(Command::Close { leg: CUSTOMER });
    centre.send(Command::Close { leg: AGENT });
    drive(&mut [&mut customer, &mut agent], |all| all.iter().all(|browser| !browser.is_connected()));
    drive(&mut [&mut caller], |_| std::net::UdpSocket::bind(("127.0.0.1", port)).is_ok());
    assert!(caller.is_connected());
    centre.close().await;
}
