//! Conferences in virtual time: who is sent what, relay and mix, keys, continuity, silence.

mod media_keys;
mod media_room;

use media_room::{Room, say, tone};
use ngcc_ivr_core::media::FRAME;
use ngcc_ivr_core::media::rtp::{seq_ahead, time_ahead};
use ngcc_ivr_core::worker::{Codec, FromWorker, Sound};
use ngcc_proto::media::{Part, Phase};

const U: usize = 0;
const G: usize = 1;
const S: usize = 2;

fn talk() -> Room {
    let mut room = Room::new();
    room.join(Part::User, Codec::Pcmu);
    room.join(Part::Agent, Codec::Pcmu);
    room.phase(Phase::Talk);
    room
}

#[test]
fn two_with_one_codec_are_relayed_on_receipt_and_need_no_tick() {
    let mut room = talk();
    assert!(!room.conference.needs_ticks());
    room.speak(U, 400.0);
    let heard = room.heard(G);
    assert_eq!(heard.len(), 1, "sent on before any tick");
    assert_eq!(heard[0].payload_type, 0);
    assert_eq!(heard[0].ssrc, Room::ssrc(G), "our SSRC, not the customer's");
    assert_eq!(room.heard(U).len(), 0, "nobody hears himself");
}

#[test]
fn two_with_different_codecs_are_mixed() {
    let mut room = Room::new();
    room.join(Part::User, Codec::Pcmu);
    room.join(Part::Agent, Codec::Pcma);
    room.phase(Phase::Talk);
    room.run(50, |room| {
        room.speak(U, 400.0);
        room.speak(G, 1000.0);
    });
    assert!(tone(&room.sound(G), 400.0) > 0.9 && tone(&room.sound(U), 1000.0) > 0.9);
}

#[test]
fn s4_13_each_phase_sends_each_ear_what_the_table_says() {
    let automation = Sound::Pcm(say(2100.0, 8000 * 60));
    for (phase, cells) in [
        (Phase::SelfService, ["A", "", "A U"]),
        (Phase::Queue { music: false }, ["A", "", "A U"]),
        (Phase::Talk, ["G", "U", "U G"]),
        (Phase::Hold, ["M", "", "U G"]),
        (Phase::Conference, ["G S A", "U S A", "U G A"]),
        (Phase::InIvr { listen: false, secure: false }, ["A", "", ""]),
        (Phase::InIvr { listen: true, secure: false }, ["A", "A U", "A U"]),
        (Phase::InIvr { listen: true, secure: true }, ["A", "", ""]),
        (Phase::Whisper, ["G", "U S", "U G"]),
        (Phase::Barge, ["G S", "U S", "U G A"]),
    ] {
        let mut room = talk();
        room.join(Part::Supervisor, Codec::Pcma);
        room.phase(phase);
        if phase != Phase::Hold {
            room.play(1, automation.clone(), false);
        }
        room.run(100, |room| {
            room.speak(U, 400.0);
            room.speak(G, 1000.0);
            room.speak(S, 1500.0);
        });
        for (ear, cell) in cells.into_iter().enumerate() {
            let sound = room.sound(ear);
            assert_eq!(sound.is_empty(), cell.is_empty(), "{phase:?} ear {ear}");
            for (name, hz) in [("U", 400.0), ("G", 1000.0), ("S", 1500.0), ("A", 2100.0)] {
                let loud = tone(&sound, hz) > 0.15;
                assert_eq!(
                    loud,
                    cell.contains(name),
                    "{phase:?}: ear {ear} hears {name}: {}",
                    tone(&sound, hz)
                );
            }
        }
    }
}

#[test]
fn going_between_relay_prompt_music_and_mix_never_breaks_our_stream() {
    let mut room = talk();
    room.join(Part::Supervisor, Codec::Pcma);
    let phases = [
        Phase::Talk,
        Phase::Hold,
        Phase::Barge,
        Phase::InIvr { listen: true, secure: false },
        Phase::Talk,
        Phase::Conference,
        Phase::SelfService,
    ];
    for (i, phase) in phases.into_iter().cycle().take(40).enumerate() {
        room.phase(phase);
        if i % 3 == 0 {
            room.play(9, Sound::Pcm(say(2100.0, 400)), false);
        }
        room.run(7, |room| (0..3).for_each(|slot| room.speak(slot, 500.0)));
    }
    for slot in 0..3 {
        let heard = room.heard(slot);
        assert!(heard.len() > 100, "{}", heard.len());
        for pair in heard.windows(2) {
            assert_eq!(pair[1].ssrc, pair[0].ssrc);
            assert_eq!(seq_ahead(pair[1].seq, pair[0].seq), 1, "leg {slot}");
            let step = time_ahead(pair[1].timestamp, pair[0].timestamp);
            let waited = (pair[1].at.0 - pair[0].at.0) as i32 / 125;
            assert!(step >= FRAME as i32, "leg {slot}: {step}");
            assert!(
                (step - waited).abs() <= 2 * FRAME as i32,
                "leg {slot}: {step} samples in a time of {waited}"
            );
        }
        let (first, last) = (&heard[0], &heard[heard.len() - 1]);
        let ran = time_ahead(last.timestamp, first.timestamp) - ((last.at.0 - first.at.0) / 125) as i32;
        assert!(ran.abs() <= FRAME as i32, "leg {slot} ran {ran} samples ahead of the clock");
    }
}

#[test]
fn what_the_other_side_said_meanwhile_is_not_missed_when_the_relay_goes_on() {
    let mut room = talk();
    let both = |room: &mut Room| (0..2).for_each(|slot| room.speak(slot, 500.0));
    room.run(10, both);
    room.phase(Phase::InIvr { listen: false, secure: false });
    room.run(50, both);
    room.phase(Phase::Talk);
    room.run(10, both);
    for slot in [U, G] {
        let heard = room.heard(slot);
        assert_eq!(heard.len(), 20);
        assert!(heard.windows(2).all(|p| seq_ahead(p[1].seq, p[0].seq) == 1), "leg {slot}");
        assert_eq!(time_ahead(heard[19].timestamp, heard[0].timestamp), 69 * 160, "leg {slot}");
    }
}

#[test]
fn a_prompt_is_sent_sample_for_sample_and_its_end_is_told() {
    let mut room = Room::new();
    room.join(Part::User, Codec::Pcma);
    let prompt = say(700.0, 8000);
    room.play(4, Sound::Pcm(prompt.clone()), false);
    room.play(5, Sound::Silence(100), false);
    room.run(50, |_| {});
    assert_eq!(room.news(), [FromWorker::Played { conference: Room::ID, play: 4 }]);
    let heard = room.sound(U);
    assert_eq!(heard.len(), 8000);
    assert!(heard.iter().zip(prompt.iter()).all(|(h, p)| (h - p).abs() <= 16 + p.abs() / 16));
    room.run(5, |_| {});
    assert_eq!(room.news(), [FromWorker::Played { conference: Room::ID, play: 5 }]);
    assert!(!room.conference.needs_ticks(), "nothing more to say");
}

#[test]
fn a_hushed_prompt_tells_no_end() {
    let mut room = Room::new();
    room.join(Part::User, Codec::Pcmu);
    room.play(4, Sound::Pcm(say(700.0, 8000)), true);
    room.run(80, |_| {});
    room.conference.stop_playing(&room.desk);
    room.run(50, |_| {});
    assert_eq!(room.news(), []);
    assert_eq!(room.heard(U).len(), 80);
}

#[test]
fn music_plays_in_queue_and_hold_at_the_place_the_clock_gives_and_a_prompt_silences_it() {
    let mut rooms: Vec<Room> = (0..2).map(|_| Room::new()).collect();
    for room in &mut rooms {
        room.join(Part::User, Codec::Pcmu);
    }
    rooms[0].phase(Phase::Queue { music: true });
    rooms[1].phase(Phase::Hold);
    rooms.iter_mut().for_each(|room| room.run(100, |_| {}));
    let (queue, hold) = (rooms[0].sound(U), rooms[1].sound(U));
    assert_eq!(queue, hold, "both hear the same place");
    assert!(queue.iter().any(|s| s.abs() > 1000));
    rooms[0].play(1, Sound::Pcm(say(2100.0, 16_000)), false);
    rooms[0].run(100, |_| {});
    assert!(tone(&rooms[0].sound(U)[16_000..], 2100.0) > 0.95);
}

#[test]
fn a_third_address_is_neither_heard_nor_sent_to() {
    let mut room = talk();
    room.speak_from("198.51.100.66:4000", U, 400.0);
    room.speak_from("198.51.100.66:666", U, 400.0);
    assert_eq!(room.heard(G).len(), 0);
    room.speak(G, 400.0);
    assert_eq!(room.heard(U).len(), 1);
    assert!(room.sent_only_to_members());
}

#[test]
fn junk_from_the_right_host_does_not_latch() {
    let mut room = talk();
    room.bytes_from("192.0.2.1:50000", U, &[0x80; 20]);
    room.bytes_from("192.0.2.1:50000", U, b"no packet");
    room.speak_from("192.0.2.1:50002", U, 400.0);
    assert_eq!(room.heard(G).len(), 1);
}

#[test]
fn echo_is_oneself_and_nothing_else() {
    let mut room = Room::new();
    room.join(Part::User, Codec::Pcmu);
    room.conference.set_echo(U, true, &room.desk);
    room.speak(U, 400.0);
    room.press(U, 2);
    assert_eq!(room.heard(U).len(), 1);
    assert_eq!(room.digits(), [(U, "2".to_owned())]);
    room.conference.set_echo(U, false, &room.desk);
    room.speak(U, 400.0);
    assert_eq!(room.heard(U).len(), 1);
}

#[test]
fn silence_is_told_once_until_something_comes_again() {
    let mut room = talk();
    room.run(100, |room| room.speak(U, 400.0));
    let silent = |room: &mut Room| {
        let leg = Room::leg(U);
        room.news().into_iter().filter(|n| *n == FromWorker::Silent { leg }).count()
    };
    room.run(50 * 59, |_| {});
    assert_eq!(silent(&mut room), 0);
    room.run(50 * 200, |_| {});
    assert_eq!(silent(&mut room), 1);
    room.speak(U, 400.0);
    room.run(50 * 61, |_| {});
    assert_eq!(silent(&mut room), 1);
}

#[test]
fn a_leg_that_may_not_send_is_not_told_silent_and_one_that_may_not_receive_is_sent_nothing() {
    let mut room = talk();
    room.restream(U, |stream| (stream.receive, stream.send) = (false, false));
    room.restream(G, |stream| stream.receive = false);
    room.speak(U, 400.0);
    room.speak(G, 400.0);
    room.run(50 * 70, |_| {});
    assert_eq!(room.news(), []);
    assert!(room.heard(U).is_empty() && room.heard(G).is_empty());
}

#[test]
fn a_renewed_stream_with_the_same_ssrc_goes_on_where_it_was() {
    let mut room = talk();
    room.run(10, |room| room.speak(U, 400.0));
    room.restream(G, |stream| stream.remote = Some("192.0.2.2:7000".parse().unwrap()));
    room.run(10, |room| room.speak(U, 400.0));
    let heard = room.heard(G);
    assert_eq!(heard.len(), 20);
    assert!(heard.windows(2).all(|p| seq_ahead(p[1].seq, p[0].seq) == 1 && p[1].ssrc == p[0].ssrc));
    assert_eq!(heard[19].to, "192.0.2.2:7000".parse().unwrap());
}

#[test]
fn comfort_noise_is_a_sign_of_life_and_is_not_passed_on() {
    let mut room = talk();
    room.run(50 * 70, |room| {
        room.packet(U, 13, &[40]);
        room.speak(G, 400.0);
    });
    assert_eq!(room.news(), []);
    assert!(room.heard(G).is_empty());
    room.speak(U, 400.0);
    assert_eq!(room.heard(G).len(), 1);
}

#[test]
fn whatever_bytes_come_nothing_panics_and_our_streams_stay_whole() {
    let mut room = talk();
    room.join(Part::Supervisor, Codec::Pcma);
    let mut rng = ngcc_proto::Rng::from_u64(11);
    for i in 0..60_000u64 {
        let slot = rng.below(3) as usize;
        let mut bytes: Vec<u8> = (0..rng.below(200)).map(|_| rng.u64() as u8).collect();
        if let [first, second, ..] = &mut bytes[..] {
            // Mostly what passes the first look: version 2, and a payload type that is agreed.
            *first = 0x80 | ((*first & 0x3F) * u8::from(i % 3 == 0));
            *second = [0, 8, 96, 13, 200, 201, *second][rng.below(7) as usize];
        }
        let address = format!("192.0.2.{}:4000", slot + 1);
        room.bytes_from(&address, slot, &bytes);
        let from = address.parse().unwrap();
        room.conference.rtcp(slot, from, &bytes, room.now().mono);
        if i % 10 == 0 {
            room.phase([Phase::Talk, Phase::Barge, Phase::Hold, Phase::Conference][rng.below(4) as usize]);
            room.run(1, |_| {});
        }
    }
    for slot in [U, G, S] {
        assert!(room.heard(slot).iter().all(|h| h.ssrc == Room::ssrc(slot) && h.payload.len() <= 960));
    }
}

#[test]
fn every_leg_reports_every_five_seconds_to_the_port_above() {
    let mut room = talk();
    room.run(50 * 20, |room| room.speak(U, 400.0));
    let reports = room.reports(G);
    assert!((3..=4).contains(&reports.len()), "{}", reports.len());
    assert!(reports.iter().all(|r| r.to.port() % 2 == 1 && r.bytes[1] == 200), "sender reports");
    let receiver = room.reports(U);
    assert!(receiver.iter().all(|r| r.bytes[1] == 201), "U is sent nothing: receiver reports");
    room.conference.bye(U, room.now(), &mut room.desk);
    room.collect();
    assert!(
        room.reports(U).last().unwrap().bytes.ends_with(&[0x81, 203, 0, 1, 0, 0, 0, 100]),
        "ssrc 100 says bye"
    );
}

#[test]
fn in_a_room_of_many_each_hears_all_the_others() {
    let mut room = Room::new();
    for _ in 0..6 {
        room.join(Part::User, Codec::Pcmu);
    }
    room.phase(Phase::Conference);
    let tones = [400.0, 700.0, 1000.0, 1300.0, 1600.0, 1900.0];
    room.run(60, |room| tones.iter().enumerate().for_each(|(slot, &hz)| room.speak(slot, hz)));
    for slot in 0..6 {
        let sound = room.sound(slot);
        for (other, &hz) in tones.iter().enumerate() {
            assert_eq!(tone(&sound, hz) > 0.1, other != slot, "leg {slot}, {hz} Hz: {}", tone(&sound, hz));
        }
    }
}
