//! What of a VP8 payload has to be read and changed for its numbers to go on over a change of source, and for what it
//! holds to be put together again.

use crate::film::Size;

/// Where the numbers of a VP8 payload descriptor lie (RFC 7741 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Vp8 {
    /// Whether a picture begins.
    pub(super) begins: bool,
    /// Whether a key frame does.
    pub(super) key: bool,
    /// Where what is behind the descriptor begins.
    pub(super) body: usize,
    /// The picture id's place, whether it has 15 bits, and the id.
    picture: Option<(usize, bool, u16)>,
    layer: Option<(usize, u8)>,
}

impl Vp8 {
    /// Reads a payload's descriptor; none if it says more than there is.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let (mut at, mut picture, mut layer) = (1, None, None);
        if first & 0x80 != 0 {
            let extension = *payload.get(at)?;
            at += 1;
            if extension & 0x80 != 0 {
                let id = *payload.get(at)?;
                let long = id & 0x80 != 0;
                let low = if long { *payload.get(at + 1)? } else { 0 };
                let id = if long { u16::from_be_bytes([id & 0x7F, low]) } else { u16::from(id) };
                picture = Some((at, long, id));
                at += if long { 2 } else { 1 };
            }
            if extension & 0x40 != 0 {
                layer = Some((at, *payload.get(at)?));
                at += 1;
            }
            at += usize::from(extension & 0x30 != 0);
        }
        // The start of the first partition, whose header says in its lowest bit that it is no key frame (RFC 6386).
        let begins = first & 0x10 != 0 && first & 0x07 == 0;
        let key = begins && payload.get(at)? & 1 == 0;
        Some(Self { begins, key, body: at, picture, layer })
    }

    /// The picture id; 0 without one.
    pub(super) fn picture(&self) -> u16 {
        self.picture.map_or(0, |(.., id)| id)
    }

    /// The index of the base layer; 0 without one.
    pub(super) fn layer(&self) -> u8 {
        self.layer.map_or(0, |(_, index)| index)
    }

    /// Shifts the numbers in the payload they were read from.
    pub(super) fn shift(&self, payload: &mut [u8], picture: u16, layer: u8) {
        if let Some((at, long, id)) = self.picture {
            let id = id.wrapping_add(picture);
            if long {
                let [high, low] = (id & 0x7FFF | 0x8000).to_be_bytes();
                payload[at..at + 2].copy_from_slice(&[high, low]);
            } else {
                payload[at] = id as u8 & 0x7F;
            }
        }
        if let Some((at, index)) = self.layer {
            payload[at] = index.wrapping_add(layer);
        }
    }
}

/// The size that a key frame's header tells (RFC 6386 section 9.1); none if it is no key frame's.
pub(super) fn size(frame: &[u8]) -> Option<Size> {
    let head = frame.get(..10)?;
    let is_key = head[0] & 1 == 0 && head[3..6] == [0x9D, 0x01, 0x2A];
    // Above the fourteen bits of each stands how a player may scale it.
    let side = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]) & 0x3FFF;
    let size = Size { width: side(6), height: side(8) };
    (is_key && size.width > 0 && size.height > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_picture_ids_and_layers_are_read_and_shifted() {
        let mut short = [0x90, 0x80, 0x7F, 0x10];
        let numbers = Vp8::parse(&short).unwrap();
        assert!(numbers.key && numbers.picture() == 127);
        numbers.shift(&mut short, 2, 9);
        assert_eq!(short, [0x90, 0x80, 0x01, 0x10], "seven bits come round");

        let mut long = [0x90, 0xE0, 0xFF, 0xFE, 250, 0x20, 0x11];
        let numbers = Vp8::parse(&long).unwrap();
        assert!(!numbers.key && (numbers.picture(), numbers.layer()) == (0x7FFE, 250));
        numbers.shift(&mut long, 3, 10);
        assert_eq!(long, [0x90, 0xE0, 0x80, 0x01, 4, 0x20, 0x11], "fifteen bits and eight too");
    }

    #[test]
    fn a_descriptor_without_numbers_stays_as_it_is_and_a_cut_one_is_none() {
        let mut bare = [0x10, 0x10, 1, 2];
        let numbers = Vp8::parse(&bare).unwrap();
        numbers.shift(&mut bare, 5, 5);
        assert!(numbers.key && bare == [0x10, 0x10, 1, 2]);
        for cut in 0..3 {
            assert_eq!(Vp8::parse(&[0x90, 0x80, 0x80, 1][..cut]), None);
        }
    }
}
