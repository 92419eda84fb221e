//! Any stream, cut into pieces by its own first byte: the same frames come out as in one piece.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ngcc_softacd_core::sip::{Frame, Frames};

fn frames(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut stream = Frames::new();
    let mut out = vec![];
    for piece in pieces {
        stream.push(&piece);
        while let Some(frame) = stream.next() {
            out.push(match frame {
                Frame::Message(message) => message.to_bytes(),
                Frame::Ping => b"ping".to_vec(),
                Frame::Refused { bad, close } => format!("{:?} {close}", bad.why).into_bytes(),
            });
        }
    }
    out
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, stream)) = bytes.split_first() else { return };
    let whole = frames(std::iter::once(stream.to_vec()));
    let cut = frames(stream.chunks(usize::from(*first) + 1).map(<[u8]>::to_vec));
    assert_eq!(whole, cut);
});
