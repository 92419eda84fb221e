//! The file of a recording: WebM with one track of VP8 (RFC 9559, RFC 8794, webmproject.org/docs/container). It is written
//! by append, so that what a kill leaves plays to its last whole block. Everything in front of the first cluster is of one
//! length: once it is over, its duration and the places of its key frames are written into room that was left there.

use ngcc_proto::{SessionId, Wall};

use super::Size;

mod read;

pub use read::{Beginning, Block, Element, beginning, block_head, cluster_time, element};

const EBML: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CUES: u32 = 0x1C53_BB6B;
const CLUSTER: u32 = 0x1F43_B675;
const BLOCK: u32 = 0xA3;
const TIMESTAMP: u32 = 0xE7;
const VOID: u32 = 0xEC;
const DURATION: u32 = 0x4489;
const DATE: u32 = 0x4461;
const UUID: u32 = 0x73A4;
const VIDEO: u32 = 0xE0;
const WIDTH: u32 = 0xB0;
const HEIGHT: u32 = 0xBA;

/// A size that is not known yet, in eight bytes.
const UNKNOWN: u64 = 0x00FF_FFFF_FFFF_FFFF;
/// The date that dates are counted from, in milliseconds since 1970: 2001.
const EPOCH_MS: i64 = 978_307_200_000;
/// Bytes kept for the places of key frames.
const ROOM: usize = 64 * 1024;
/// Bytes of one such place.
const CUE: usize = 23;
/// The most of them that fit between a head of eight bytes and the head of what is left.
const MOST_CUES: usize = (ROOM - 8 - 9) / CUE;
/// Bytes of a cluster's head: its id, its size in eight bytes, and its time.
pub const CLUSTER_HEAD: usize = 4 + 8 + 6;
/// Where a cluster's size lies behind its beginning, and where what is in it begins.
pub const CLUSTER_SIZE: (u64, u64) = (4, 12);
/// Bytes of a block's head.
pub const BLOCK_HEAD: usize = 9;
/// The longest time, in milliseconds, that a cluster takes in.
pub const CLUSTER_MS: u64 = 5_000;

/// Where a key frame lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cue {
    /// When it is shown, in milliseconds.
    pub at: u64,
    /// Where its cluster begins in the file.
    pub place: u64,
}

/// Everything in front of the first cluster: of which session it is, when it began, and how large its first picture is.
pub fn head(session: SessionId, since: Wall, size: Size) -> Vec<u8> {
    let mut out = vec![];
    put(&mut out, EBML, |e| {
        for (id, value) in [(0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8)] {
            put(e, id, |e| e.push(value));
        }
        put(e, 0x4282, |e| e.extend(b"webm"));
        put(e, 0x4287, |e| e.push(4));
        put(e, 0x4285, |e| e.push(2));
    });
    id(&mut out, SEGMENT);
    size8(&mut out, UNKNOWN);
    put(&mut out, INFO, |e| {
        // Times are in milliseconds.
        put(e, 0x2A_D7B1, |e| e.extend(1_000_000u32.to_be_bytes()));
        put(e, 0x4D80, |e| e.extend(b"ngcc"));
        put(e, 0x5741, |e| e.extend(b"ngcc"));
        let date = since.0.saturating_sub(EPOCH_MS).saturating_mul(1_000_000);
        put(e, DATE, |e| e.extend(date.to_be_bytes()));
        put(e, UUID, |e| e.extend(session.0.to_be_bytes()));
        // Where the duration is to stand.
        put(e, VOID, |e| e.extend([0; 9]));
    });
    put(&mut out, TRACKS, |e| {
        put(e, 0xAE, |e| {
            for (id, value) in [(0xD7, 1), (0x73C5, 1), (0x83, 1), (0x9C, 0)] {
                put(e, id, |e| e.push(value));
            }
            put(e, 0x86, |e| e.extend(b"V_VP8"));
            put(e, VIDEO, |e| {
                put(e, WIDTH, |e| e.extend(size.width.to_be_bytes()));
                put(e, HEIGHT, |e| e.extend(size.height.to_be_bytes()));
            });
        });
    });
    void(&mut out, ROOM);
    out
}

/// How long [`head`] is, whatever stands in it.
pub fn head_length() -> usize {
    blank().len()
}

/// A cluster's head, with a size that is not known yet; `at` in milliseconds.
pub fn cluster(out: &mut Vec<u8>, at: u64) {
    id(out, CLUSTER);
    size8(out, UNKNOWN);
    // Four bytes are 49 days.
    put(out, TIMESTAMP, |e| e.extend((at as u32).to_be_bytes()));
}

/// One picture, `after` milliseconds behind its cluster's time.
pub fn block(out: &mut Vec<u8>, after: u64, is_key: bool, bytes: &[u8]) {
    id(out, BLOCK);
    let size = bytes.len() as u32 + 4;
    out.extend((size | 1 << 28).to_be_bytes());
    // Of the first track.
    out.push(0x81);
    out.extend((after as u16).to_be_bytes());
    out.push(if is_key { 0x80 } else { 0 });
    out.extend_from_slice(bytes);
}

/// A size in eight bytes, as it is written over one that was not known.
pub fn known_size(bytes: u64) -> Vec<u8> {
    let mut out = vec![];
    size8(&mut out, bytes);
    out
}

/// What is written in front when the recording is over, and where: of a file of `length` bytes whose last picture ends at
/// `ends` milliseconds. Where there are more key frames than there is room for, some are left out, evenly.
pub fn ending(length: u64, ends: u64, cues: &[Cue]) -> Vec<(u64, Vec<u8>)> {
    let front = blank();
    let segment = place(&front, SEGMENT);
    let behind = (segment + 12) as u64;
    let mut duration = vec![];
    put(&mut duration, DURATION, |e| e.extend((ends as f64).to_be_bytes()));
    let mut index = vec![];
    if !cues.is_empty() {
        put(&mut index, CUES, |e| {
            for cue in cues.iter().step_by(cues.len().div_ceil(MOST_CUES)) {
                put(e, 0xBB, |e| {
                    put(e, 0xB3, |e| e.extend((cue.at as u32).to_be_bytes()));
                    put(e, 0xB7, |e| {
                        put(e, 0xF7, |e| e.push(1));
                        put(e, 0xF1, |e| e.extend(cue.place.saturating_sub(behind).to_be_bytes()));
                    });
                });
            }
        });
    }
    let left = ROOM - index.len();
    void(&mut index, left);
    vec![
        ((front.len() - ROOM) as u64, index),
        ((place(&front, TRACKS) - duration.len()) as u64, duration),
        (segment as u64 + 4, known_size(length.saturating_sub(behind))),
    ]
}

/// A head of nothing, to read off it where everything stands.
fn blank() -> Vec<u8> {
    head(SessionId(0), Wall(0), Size { width: 1, height: 1 })
}

/// Where an element of a blank head begins: nothing else in it reads like its id.
fn place(blank: &[u8], wanted: u32) -> usize {
    blank.windows(4).position(|four| four == wanted.to_be_bytes()).unwrap_or_default()
}

fn id(out: &mut Vec<u8>, id: u32) {
    let bytes = id.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    out.extend_from_slice(&bytes[zeros..]);
}

/// Eight bytes, of which the first bit says so.
fn size8(out: &mut Vec<u8>, size: u64) {
    out.extend((size | 1 << 56).to_be_bytes());
}

/// An element with what is in it: one byte of size, or four.
fn put(out: &mut Vec<u8>, name: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = vec![];
    fill(&mut inner);
    id(out, name);
    match inner.len() {
        short @ 0..127 => out.push(0x80 | short as u8),
        long => out.extend((long as u32 | 1 << 28).to_be_bytes()),
    }
    out.extend(inner);
}

/// An element of nothing, `length` bytes with its head; nine at the least.
fn void(out: &mut Vec<u8>, length: usize) {
    id(out, VOID);
    size8(out, length as u64 - 9);
    out.resize(out.len() + length - 9, 0);
}

#[cfg(test)]
mod tests;
