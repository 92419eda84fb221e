//! Workers with real sockets on 127.0.0.0/8, and phones around them that speak tones and say what they heard.

mod phones;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ngcc_ivr_core::media::keys::code_of;
use ngcc_ivr_core::worker::{Sound, Stream};
use ngcc_proto::media::{Part, Phase};
use ngcc_proto::{ConferenceId, Mono, Wall};

use super::*;
use phones::{Phone, best_correlation, speak, tone};

const CONFERENCE: ConferenceId = ConferenceId(1);
/// Long enough for any machine; what is awaited ends it.
const PATIENCE: Duration = Duration::from_secs(10);

struct House {
    workers: Workers,
    news: Receiver<FromWorker>,
}

impl House {
    fn new(workers: usize) -> Self {
        Self::with(MediaSettings { workers: Some(workers), ..settings() })
    }

    fn with(settings: MediaSettings) -> Self {
        // A test that has seen enough hangs up its end.
        Self::telling(settings, |sender, news| drop(sender.send(news)))
    }

    fn telling(settings: MediaSettings, tell: fn(&Sender<FromWorker>, FromWorker)) -> Self {
        let (sender, news) = channel();
        let began = Instant::now();
        let clock = move || {
            let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
            Now { mono: Mono(1_000_000 + began.elapsed().as_micros() as u64), wall: Wall(wall as i64) }
        };
        let workers = Workers::start(settings, clock, move |news| tell(&sender, news), |_, _| {}).unwrap();
        Self { workers, news }
    }

    /// A phone in a conference, its media agreed.
    fn phone(&self, leg: u128, conference: ConferenceId, part: Part) -> Phone {
        let address = self.workers.bind(LegId(leg)).unwrap();
        let phone = Phone::new(address);
        self.open(leg, conference, part, &phone);
        phone
    }

    fn open(&self, leg: u128, conference: ConferenceId, part: Part, phone: &Phone) {
        let stream = Some(stream(leg, phone));
        self.workers.send(ToWorker::Open { leg: LegId(leg), conference, part, stream });
    }

    fn phase(&self, phase: Phase) {
        self.workers.send(ToWorker::Phase { conference: CONFERENCE, phase });
    }

    fn play(&self, samples: &[i16]) {
        let (play, sound) = (1, Sound::Pcm(samples.into()));
        self.workers.send(ToWorker::Play { conference: CONFERENCE, play, sound, repeat: false });
    }
}

fn settings() -> MediaSettings {
    MediaSettings { local: Ipv4Addr::LOCALHOST.into(), ports: None, ..MediaSettings::default() }
}

fn stream(leg: u128, phone: &Phone) -> Stream {
    Stream {
        remote: Some(phone.address()),
        codec: phone.codec,
        payload_type: phone.payload_type(),
        telephone_event: Some(101),
        send: true,
        receive: true,
        ssrc: leg as u32 + 1000,
        seq: 65_530,
        timestamp: 5,
        web: false,
        video: None,
    }
}

/// Lets the phones speak until each hears what it should, and nothing it should not: tones in Hz.
fn hear(phones: &mut [&mut Phone], expected: &[&[f64]], all: &[f64]) {
    let until = Instant::now() + PATIENCE;
    loop {
        speak(phones, 25);
        let heard: Vec<Vec<f64>> = phones
            .iter_mut()
            .map(|phone| {
                let sound = phone.take_sound();
                all.iter().copied().filter(|&hz| tone(&sound, hz) > 0.1).collect()
            })
            .collect();
        if heard.iter().zip(expected).all(|(heard, expected)| heard == expected) {
            return;
        }
        assert!(Instant::now() < until, "heard {heard:?}, not {expected:?}");
    }
}

#[test]
fn s4_13_two_and_three_legs_hear_what_each_phase_says() {
    let house = House::new(2);
    let mut user = house.phone(1, CONFERENCE, Part::User).saying(400.0);
    let mut agent = house.phone(2, CONFERENCE, Part::Agent).saying(1000.0);
    const ALL: [f64; 4] = [400.0, 1000.0, 1500.0, 2100.0];
    house.phase(Phase::Talk);
    hear(&mut [&mut user, &mut agent], &[&[1000.0], &[400.0]], &ALL);
    let mut supervisor = house.phone(3, CONFERENCE, Part::Supervisor).in_alaw().saying(1500.0);
    house.workers.send(ToWorker::Stream { leg: LegId(3), stream: stream(3, &supervisor) });
    let samples: Vec<i16> = phones::wave(2100.0, 8000 * 20);
    let rows: [(Phase, [&[f64]; 3]); 6] = [
        (Phase::Talk, [&[1000.0], &[400.0], &[400.0, 1000.0]]),
        (Phase::Whisper, [&[1000.0], &[400.0, 1500.0], &[400.0, 1000.0]]),
        (Phase::Barge, [&[1000.0, 1500.0], &[400.0, 1500.0], &[400.0, 1000.0, 2100.0]]),
        (Phase::InIvr { listen: false, secure: false }, [&[2100.0], &[], &[]]),
        (Phase::InIvr { listen: true, secure: false }, [&[2100.0], &[400.0, 2100.0], &[400.0, 2100.0]]),
        (Phase::InIvr { listen: true, secure: true }, [&[2100.0], &[], &[]]),
    ];
    for (phase, cells) in rows {
        house.phase(phase);
        house.workers.send(ToWorker::StopPlaying { conference: CONFERENCE });
        house.play(&samples);
        hear(&mut [&mut user, &mut agent, &mut supervisor], &cells, &ALL);
    }
    for phone in [&user, &agent, &supervisor] {
        phone.assert_unbroken();
    }
}

#[test]
fn a_prompt_is_heard_as_it_was_said_and_its_end_is_told() {
    let house = House::new(1);
    let mut user = house.phone(1, CONFERENCE, Part::User);
    // Two tones sweeping against each other: like speech, it matches itself at one place only.
    let prompt: Vec<i16> = (0..16_000)
        .map(|i| {
            let t = f64::from(i) / 8000.0;
            ((300.0 * t + 200.0 * t * t).sin() * 5000.0 + (2000.0 * t - 400.0 * t * t).cos() * 3000.0) as i16
        })
        .collect();
    house.play(&prompt);
    assert_eq!(
        house.news.recv_timeout(PATIENCE).unwrap(),
        FromWorker::Played { conference: CONFERENCE, play: 1 }
    );
    user.listen_until(|phone| phone.sound().len() >= prompt.len());
    let correlation = best_correlation(user.sound(), &prompt);
    assert!(correlation >= 0.9, "{correlation}");
}

#[test]
fn music_is_heard_in_queue_and_hold_and_ends_with_the_talk() {
    let house = House::new(1);
    let mut user = house.phone(1, CONFERENCE, Part::User);
    let agent = house.phone(2, CONFERENCE, Part::Agent);
    for phase in [Phase::Queue { music: true }, Phase::Hold] {
        house.phase(phase);
        user.take_sound();
        user.listen_until(|phone| phone.sound().len() >= 8000);
        assert!(user.sound().iter().any(|s| s.abs() > 1000), "{phase:?}");
    }
    house.phase(Phase::Talk);
    let mut agent = agent.saying(1000.0);
    hear(&mut [&mut user, &mut agent], &[&[1000.0], &[]], &[1000.0]);
    assert!(agent.sound().is_empty(), "the agent never heard the music");
}

#[test]
fn an_echo_comes_back_and_every_key_is_told_once() {
    let house = House::new(1);
    let mut user = house.phone(1, CONFERENCE, Part::User).saying(700.0);
    house.workers.send(ToWorker::Echo { leg: LegId(1), on: true });
    hear(&mut [&mut user], &[&[700.0]], &[700.0]);
    let mut keys = String::new();
    for key in "12#*0".chars() {
        user.press(code_of(key).unwrap());
        match house.news.recv_timeout(PATIENCE).unwrap() {
            FromWorker::Digit { leg: LegId(1), digit } => keys.push_str(digit.expose()),
            other @ (FromWorker::Digit { .. }
            | FromWorker::Played { .. }
            | FromWorker::Silent { .. }
            | FromWorker::PeerUp { .. }
            | FromWorker::PeerLost { .. }) => {
                panic!("{other:?}")
            }
        }
    }
    assert_eq!(keys, "12#*0");
}

#[test]
fn a_leg_moves_between_workers_with_its_ports_and_its_stream() {
    let house = House::new(2);
    let mut user = house.phone(1, CONFERENCE, Part::User).saying(400.0);
    let mut agent = house.phone(2, ConferenceId(2), Part::Agent).saying(1000.0);
    let place =
        |leg, conference, part| house.workers.send(ToWorker::Place { leg: LegId(leg), conference, part });
    for round in 0..6 {
        house.phase(Phase::Talk);
        place(2, CONFERENCE, Part::Agent);
        hear(&mut [&mut user, &mut agent], &[&[1000.0], &[400.0]], &[400.0, 1000.0]);
        // To a worker of its own, on to a third place, and what is said of it meanwhile is not lost.
        place(2, ConferenceId(10 + round), Part::User);
        place(2, ConferenceId(20 + round), Part::User);
        house.workers.send(ToWorker::Echo { leg: LegId(2), on: true });
        hear(&mut [&mut user, &mut agent], &[&[], &[1000.0]], &[400.0, 1000.0]);
        house.workers.send(ToWorker::Echo { leg: LegId(2), on: false });
    }
    user.assert_unbroken();
    agent.assert_unbroken();
}

#[test]
fn a_leg_alone_that_changes_its_part_keeps_its_conference() {
    let house = House::new(2);
    let mut user = house.phone(1, CONFERENCE, Part::Agent).saying(400.0);
    house.play(&phones::wave(2100.0, 8000 * 20));
    let place = ToWorker::Place { leg: LegId(1), conference: CONFERENCE, part: Part::User };
    house.workers.send(place);
    hear(&mut [&mut user], &[&[2100.0]], &[2100.0]);
}

#[test]
fn an_attacker_neither_hears_nor_is_heard() {
    let house = House::new(1);
    let mut user = house.phone(1, CONFERENCE, Part::User).saying(400.0);
    let mut agent = house.phone(2, CONFERENCE, Part::Agent).saying(1000.0);
    house.phase(Phase::Talk);
    let mut attackers: Vec<Phone> = [user.server(), agent.server()]
        .map(|server| Phone::on(Ipv4Addr::new(127, 0, 0, 66).into(), server).saying(2100.0))
        .into();
    for attacker in &mut attackers {
        speak(&mut [attacker], 1);
    }
    for _ in 0..5 {
        let [one, two] = &mut attackers[..] else { unreachable!() };
        speak(&mut [&mut user, &mut agent, one, two], 20);
    }
    assert!(attackers.iter_mut().all(|a| a.take_sound().is_empty()), "bleed");
    for (phone, hz) in [(&mut user, 1000.0), (&mut agent, 400.0)] {
        let sound = phone.take_sound();
        assert!(tone(&sound, hz) > 0.95 && tone(&sound, 2100.0) < 0.001, "inject");
        phone.assert_unbroken();
    }
}

#[test]
fn after_a_restart_the_same_ports_and_numbers_go_on() {
    let house = House::new(1);
    let mut user = house.phone(1, CONFERENCE, Part::User).saying(400.0);
    house.workers.send(ToWorker::Echo { leg: LegId(1), on: true });
    hear(&mut [&mut user], &[&[400.0]], &[400.0]);
    let port = user.server().port();
    house.workers.stop();
    let house = House::new(1);
    assert_eq!(house.workers.rebind(LegId(1), port).unwrap(), user.server());
    let jumped = Stream { seq: 5000, timestamp: 900_000, ..stream(1, &user) };
    house.workers.send(ToWorker::Open {
        leg: LegId(1),
        conference: CONFERENCE,
        part: Part::User,
        stream: Some(jumped),
    });
    house.workers.send(ToWorker::Echo { leg: LegId(1), on: true });
    user.take_sound();
    user.forget_numbers();
    hear(&mut [&mut user], &[&[400.0]], &[400.0]);
    assert_eq!(user.first_number(), Some(5000));
    assert!(matches!(house.workers.rebind(LegId(2), port), Err(MediaError::Io(_))), "it is held");
}

#[test]
fn a_silent_leg_is_told_and_a_closed_one_gives_its_ports_back() {
    let first = Phone::new((Ipv4Addr::LOCALHOST, 9).into()).address().port() & !1;
    let house = House::with(MediaSettings {
        ports: Some(first..=first + 1),
        rest: Duration::ZERO,
        silent_after: Duration::from_millis(100),
        ..settings()
    });
    let until = Instant::now() + PATIENCE;
    for leg in 1..4 {
        // Closing is the worker's: the pair comes back a little later.
        let address = loop {
            match house.workers.bind(LegId(leg)) {
                Ok(address) => break address,
                Err(error) => assert!(Instant::now() < until, "{error}"),
            }
        };
        assert_eq!(address.port(), first);
        let phone = Phone::new(address);
        house.open(leg, CONFERENCE, Part::User, &phone);
        assert_eq!(house.news.recv_timeout(PATIENCE).unwrap(), FromWorker::Silent { leg: LegId(leg) });
        house.workers.send(ToWorker::Close { leg: LegId(leg) });
    }
}

#[test]
fn what_is_bound_and_never_opened_is_given_back_by_close() {
    let house = House::with(settings());
    let address = house.workers.bind(LegId(1)).unwrap();
    assert_eq!((address.ip(), address.port() % 2), (IpAddr::V4(Ipv4Addr::LOCALHOST), 0));
    assert!(std::net::UdpSocket::bind(address).is_err());
    house.workers.send(ToWorker::Close { leg: LegId(1) });
    assert!(std::net::UdpSocket::bind(address).is_ok());
}

#[test]
fn a_panic_costs_one_conference_and_the_worker_goes_on() {
    let settings = MediaSettings { workers: Some(1), ..settings() };
    let house = House::telling(settings, |sender, news| {
        assert!(!matches!(news, FromWorker::Digit { leg: LegId(3), .. }), "this key is poison");
        drop(sender.send(news));
    });
    let mut user = house.phone(1, CONFERENCE, Part::User).saying(400.0);
    let mut agent = house.phone(2, CONFERENCE, Part::Agent).saying(1000.0);
    let mut poisoner = house.phone(3, ConferenceId(2), Part::User);
    house.phase(Phase::Talk);
    hear(&mut [&mut user, &mut agent], &[&[1000.0], &[400.0]], &[400.0, 1000.0]);
    poisoner.press(5);
    assert_eq!(house.news.recv_timeout(PATIENCE).unwrap(), FromWorker::Silent { leg: LegId(3) });
    assert!(std::net::UdpSocket::bind(poisoner.server()).is_ok(), "its ports are closed");
    hear(&mut [&mut user, &mut agent], &[&[1000.0], &[400.0]], &[400.0, 1000.0]);
    user.assert_unbroken();
}
