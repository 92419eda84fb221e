//! Keys: who is told them, and to whom they go on.

use super::*;

#[test]
fn the_customers_keys_are_told_and_go_on_to_the_agent_in_talk() {
    let mut room = talk();
    room.press(U, 5);
    assert_eq!(room.digits(), [(U, "5".to_owned())]);
    let events = room.heard_keys(G);
    assert_eq!(events, [5]);
    assert!(room.heard(G).iter().all(|p| p.payload_type == 96), "the agent's own payload type");
}

#[test]
fn s4_13_keys_of_the_owner_seat_are_told_and_passed_to_nobody() {
    for phase in [Phase::Talk, Phase::Conference, Phase::Barge, Phase::InIvr { listen: true, secure: false }]
    {
        let mut room = talk();
        room.join(Part::Supervisor, Codec::Pcmu);
        room.phase(phase);
        room.press(G, 8);
        room.press(S, 9);
        assert_eq!(room.digits(), [(G, "8".to_owned()), (S, "9".to_owned())]);
        room.run(20, |_| {});
        for slot in [U, G, S] {
            assert!(room.heard_keys(slot).is_empty(), "{phase:?}");
        }
    }
}

#[test]
fn keys_kept_back_leave_no_hole_in_what_the_customer_hears() {
    let mut room = talk();
    room.run(10, |room| room.speak(G, 500.0));
    room.press(G, 8);
    room.run(10, |room| room.speak(G, 500.0));
    let heard = room.heard(U);
    assert!(heard.len() >= 19);
    assert!(heard.windows(2).all(|p| seq_ahead(p[1].seq, p[0].seq) == 1));
}

#[test]
fn sound_beside_a_key_is_muted() {
    let mut room = talk();
    room.key_packet(U, 3, 160, false);
    room.speak(U, 697.0);
    assert!(room.heard(G).iter().all(|p| p.payload_type == 96), "no tone beside the event");
    room.key_packet(U, 3, 320, true);
    room.speak(U, 400.0);
    assert_eq!(room.heard(G).last().map(|p| p.payload_type), Some(0));
}

#[test]
fn in_a_mix_the_customers_keys_are_sent_as_events_of_ours() {
    let mut room = talk();
    room.join(Part::Supervisor, Codec::Pcmu);
    room.phase(Phase::Barge);
    room.run(20, |room| (0..3).for_each(|slot| room.speak(slot, 500.0)));
    room.press(U, 1);
    room.press(U, 11);
    room.run(40, |room| (0..3).for_each(|slot| room.speak(slot, 500.0)));
    assert_eq!(room.heard_keys(G), [1, 11]);
    assert!(room.heard(G).windows(2).all(|p| seq_ahead(p[1].seq, p[0].seq) == 1));
}

#[test]
fn keys_in_self_service_and_in_secure_go_to_nobody_but_the_flow() {
    for phase in [
        Phase::SelfService,
        Phase::Queue { music: true },
        Phase::InIvr { listen: true, secure: false },
        Phase::InIvr { listen: true, secure: true },
    ] {
        let mut room = talk();
        room.join(Part::Supervisor, Codec::Pcmu);
        room.phase(phase);
        room.press(U, 4);
        room.run(20, |_| {});
        assert_eq!(room.digits(), [(U, "4".to_owned())]);
        assert!(room.heard_keys(G).is_empty() && room.heard_keys(S).is_empty(), "{phase:?}");
    }
}

#[test]
fn a_key_whose_end_was_lost_is_told_after_200_ms() {
    let mut room = talk();
    room.key_packet(U, 7, 160, false);
    room.run(9, |_| {});
    assert_eq!(room.digits(), []);
    room.run(3, |_| {});
    assert_eq!(room.digits(), [(U, "7".to_owned())]);
}
