//! A file read by a reader of the test's own.

use super::*;

const SIZE: Size = Size { width: 1280, height: 720 };
const SESSION: SessionId = SessionId(0x0123_4567_89AB_CDEF_0011_2233_4455_6677);
const SINCE: Wall = Wall(1_700_000_000_123);

/// An element and what is in it, of a file whose sizes are all known.
fn elements(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
    let mut found = vec![];
    while !bytes.is_empty() {
        let element = element(bytes).expect("an element");
        let (value, rest) = bytes[element.head..].split_at(element.size.expect("a known size") as usize);
        found.push((element.id, value));
        bytes = rest;
    }
    found
}

fn only<'a>(all: &[(u32, &'a [u8])], id: u32) -> &'a [u8] {
    let mut of: Vec<&[u8]> = all.iter().filter(|(of, _)| *of == id).map(|(_, value)| *value).collect();
    assert_eq!(of.len(), 1, "{id:X} stands there once");
    of.remove(0)
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Three clusters of two pictures, the first and the last with a key frame; finished.
fn file(cues: usize) -> Vec<u8> {
    let mut out = head(SESSION, SINCE, SIZE);
    let mut all = vec![];
    for n in 0..3u64 {
        let place = out.len();
        cluster(&mut out, n * 4000);
        block(&mut out, 0, n != 1, &[n as u8; 300]);
        block(&mut out, 33, false, &[n as u8, 7]);
        let size = known_size((out.len() - place - 12) as u64);
        out[place + 4..place + 12].copy_from_slice(&size);
        if n != 1 {
            all.push(Cue { at: n * 4000, place: place as u64 });
        }
    }
    all.extend((all.len()..cues).map(|n| Cue { at: n as u64 * 20, place: 70_000 }));
    for (at, patch) in ending(out.len() as u64, 8073, &all) {
        let at = at as usize;
        out[at..at + patch.len()].copy_from_slice(&patch);
    }
    out
}

#[test]
fn a_finished_file_says_how_long_it_is_what_is_in_it_and_where_its_key_frames_are() {
    let bytes = file(0);
    let top = elements(&bytes);
    assert_eq!(top.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [EBML, SEGMENT]);
    assert_eq!(only(&elements(top[0].1), 0x4282), b"webm");
    let segment = top[1].1;
    let parts = elements(segment);
    let kinds: Vec<u32> = parts.iter().map(|(id, _)| *id).collect();
    assert_eq!(kinds, [INFO, TRACKS, CUES, VOID, CLUSTER, CLUSTER, CLUSTER]);
    let info = elements(parts[0].1);
    assert_eq!(f64::from_be_bytes(only(&info, DURATION).try_into().unwrap()), 8073.0);
    assert_eq!(number(only(&info, 0x2A_D7B1)), 1_000_000);
    let track = elements(only(&elements(parts[1].1), 0xAE));
    assert_eq!(only(&track, 0x86), b"V_VP8");
    let video = elements(only(&track, VIDEO));
    assert_eq!((number(only(&video, WIDTH)), number(only(&video, HEIGHT))), (1280, 720));
    let cues = elements(parts[2].1);
    let cues: Vec<(u64, u64)> = cues
        .iter()
        .map(|(_, cue)| {
            let cue = elements(cue);
            let place = elements(only(&cue, 0xB7));
            (number(only(&cue, 0xB3)), number(only(&place, 0xF1)))
        })
        .collect();
    assert_eq!(cues.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 8000]);
    for (at, place) in cues {
        let bytes = &segment[place as usize..];
        assert_eq!(cluster_time(bytes), Some(at), "each place is that of its cluster");
        assert_eq!(block_head(&bytes[CLUSTER_HEAD..]), Some(Block { length: 309, after: 0, is_key: true }));
    }
    let blocks = elements(parts[5].1);
    assert_eq!(blocks.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [TIMESTAMP, BLOCK, BLOCK]);
    assert_eq!(blocks[2].1, [0x81, 0, 33, 0, 1, 7]);
}

#[test]
fn what_stands_in_front_is_of_one_length_and_says_of_what_it_is() {
    let made = head(SESSION, SINCE, SIZE);
    assert_eq!(made.len(), head_length());
    assert_eq!(beginning(&made), Some(Beginning { session: SESSION, since: SINCE }));
    let whole = file(0);
    assert_eq!(beginning(&whole[..made.len()]), Some(Beginning { session: SESSION, since: SINCE }));
    for cut in (0..300).chain([made.len() - 1]) {
        assert_eq!(beginning(&made[..cut]), None, "{cut}");
    }
}

#[test]
fn more_key_frames_than_there_is_room_for_are_left_out_evenly() {
    for count in [MOST_CUES, MOST_CUES + 1, 10 * MOST_CUES] {
        let bytes = file(count);
        let segment = elements(elements(&bytes)[1].1);
        let listed = elements(only(&segment, CUES)).len();
        assert!(listed <= MOST_CUES && listed * 3 > MOST_CUES, "{listed} of {count}");
        assert_eq!(segment.iter().filter(|(id, _)| *id == CLUSTER).count(), 3);
    }
}

#[test]
fn a_head_that_is_cut_off_or_none_is_not_read_and_nothing_panics() {
    let mut out = vec![];
    cluster(&mut out, 77);
    block(&mut out, 1, true, &[1; 20]);
    assert_eq!(cluster_time(&out), Some(77));
    assert_eq!(element(&out).map(|element| element.size), Some(None), "it is not known yet");
    assert_eq!(block_head(&out), None);
    assert_eq!(cluster_time(&out[CLUSTER_HEAD..]), None);
    for cut in 0..CLUSTER_HEAD {
        assert_eq!(cluster_time(&out[..cut]), None);
    }
    for first in 0..=255 {
        for length in 0..20 {
            let bytes = vec![first; length];
            let (_, _, _) = (element(&bytes), cluster_time(&bytes), block_head(&bytes));
            assert_eq!(beginning(&bytes), None);
        }
    }
}
