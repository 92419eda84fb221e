//! Any updates of a drawing or a text, from both ends in turn: what is taken is passed on as it is, and one who comes
//! late can read what stands.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use libfuzzer_sys::fuzz_target;
use ngcc_collab_core_fuzz::{AGENT, CUSTOMER, Room};
use ngcc_proto::collab::Kind;

fuzz_target!(|bytes: &[u8]| {
    let mut room = Room::joined(Kind::Whiteboard);
    let mut rest = bytes;
    let mut line = CUSTOMER;
    while let Some((length, behind)) = rest.split_first() {
        let (update, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        room.frame(line, &format!(r#"{{"type":"y","data":{{"update":"{}"}}}}"#, BASE64.encode(update)));
        (rest, line) = (behind, if line == CUSTOMER { AGENT } else { CUSTOMER });
    }
    for frame in &room.seen {
        if frame["type"] == "y" {
            let update = frame["data"]["update"].as_str().expect("an update");
            assert!(BASE64.decode(update).is_ok());
        }
    }
});
