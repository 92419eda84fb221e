//! Who hears whom: the table of the acceptance document, cell by cell.

use ngcc_ivr_core::media::{Ear, Mouth, carries_keys, hears};
use ngcc_proto::media::{Part, Phase};

const EARS: [(&str, Ear); 6] = [
    ("U", Ear::Leg(Part::User)),
    ("G", Ear::Leg(Part::Agent)),
    ("G2", Ear::Leg(Part::Second)),
    ("A", Ear::Automation),
    ("S", Ear::Leg(Part::Supervisor)),
    ("R", Ear::Recorder),
];
const MOUTHS: [(&str, Mouth); 6] = [
    ("U", Mouth::Leg(Part::User)),
    ("G", Mouth::Leg(Part::Agent)),
    ("G2", Mouth::Leg(Part::Second)),
    ("S", Mouth::Leg(Part::Supervisor)),
    ("A", Mouth::Automation),
    ("music", Mouth::Music),
];

/// A row: the phase, then what U, G, G2, A, S and R hear.
const TABLE: [(Phase, [&str; 6]); 13] = [
    (Phase::SelfService, ["A", "", "", "U", "A U", "A U"]),
    (Phase::Queue { music: true }, ["A music", "", "", "U", "A U", "A U"]),
    (Phase::Queue { music: false }, ["A", "", "", "U", "A U", "A U"]),
    (Phase::Talk, ["G", "U", "U", "", "U G", "U G"]),
    (Phase::Hold, ["music", "", "", "", "U G", "U"]),
    (Phase::Consult, ["music", "G2", "G", "", "G G2", "G G2"]),
    (Phase::Conference, ["U G G2 S A", "U G G2 S A", "U G G2 S A", "", "U G G2 S A", "U G G2 S A"]),
    (Phase::InIvr { listen: false, secure: false }, ["A", "", "", "U", "", "A U"]),
    (Phase::InIvr { listen: true, secure: false }, ["A", "A U", "A U", "U", "A U", "A U"]),
    (Phase::InIvr { listen: false, secure: true }, ["A", "", "", "U", "", ""]),
    (Phase::InIvr { listen: true, secure: true }, ["A", "", "", "U", "", ""]),
    (Phase::Whisper, ["G", "U S", "U S", "", "U G", "U G"]),
    (Phase::Barge, ["G S", "U S", "U S", "", "U G G2 S A", "U G G2 S A"]),
];

#[test]
fn s4_13_the_function_is_the_table() {
    for (phase, row) in TABLE {
        for ((ear_name, ear), cell) in EARS.into_iter().zip(row) {
            let expected: Vec<&str> = cell.split_whitespace().collect();
            for (mouth_name, mouth) in MOUTHS {
                assert_eq!(
                    hears(phase, ear, mouth),
                    expected.contains(&mouth_name),
                    "{phase:?}: {ear_name} hears {mouth_name}"
                );
            }
        }
    }
}

#[test]
fn the_customers_keys_go_with_the_voice_but_never_past_a_listening_automation() {
    for (phase, row) in TABLE {
        let automation_listens = row[3].contains('U');
        for ((ear_name, ear), cell) in EARS.into_iter().zip(row) {
            let hears_the_customer = cell.split_whitespace().any(|name| name == "U");
            let expected = hears_the_customer && !automation_listens;
            assert_eq!(carries_keys(phase, ear), expected, "{phase:?}: keys to {ear_name}");
        }
    }
}
