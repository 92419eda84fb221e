//! Any text as a session description: what is accepted prints and reads back as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ngcc_proto::sdp::Sdp;

fuzz_target!(|text: &str| {
    let Ok(sdp) = text.parse::<Sdp>() else { return };
    let printed = sdp.to_string();
    let again: Sdp = printed.parse().expect("what is printed is accepted");
    // An empty name prints as `-`: so it is the text that stays.
    assert_eq!(again.to_string(), printed);
    let _ = sdp.holds();
    for section in &sdp.media {
        let _ = (sdp.address(section), sdp.direction(section), section.rtpmaps().count());
    }
});
