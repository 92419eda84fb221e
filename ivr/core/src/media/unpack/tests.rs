//! Pictures in pieces, out of order, in part, and twice.

use ngcc_proto::Rng;

use super::*;

/// The `n`th picture's bytes: a frame tag, of a key frame with its size too, and what tells it from any other.
fn picture(n: u32, is_key: bool, length: usize) -> Vec<u8> {
    let mut bytes = vec![u8::from(!is_key), 0, 0];
    if is_key {
        bytes.extend([0x9D, 0x01, 0x2A, 0x40, 0x01, 0xF0, 0x00]);
    }
    bytes.extend(n.to_be_bytes());
    bytes.extend((0..length).map(|i| (i as u32 * 7 + n) as u8));
    bytes
}

/// A packet that is not in a buffer of somebody else's.
#[derive(Clone, Debug)]
struct Sent {
    seq: u16,
    timestamp: u32,
    marker: bool,
    payload: Vec<u8>,
}

/// A picture in packets of `most` bytes at the most.
fn packets(seq: &mut u16, timestamp: u32, bytes: &[u8], most: usize) -> Vec<Sent> {
    let count = bytes.len().div_ceil(most);
    let pieces = bytes.chunks(most).enumerate().map(|(i, piece)| {
        // Extended, a picture id of fifteen bits; the first begins the first partition.
        let mut payload = vec![if i == 0 { 0x90 } else { 0x80 }, 0x80, 0x81, timestamp as u8];
        payload.extend_from_slice(piece);
        let sent = Sent { seq: *seq, timestamp, marker: i + 1 == count, payload };
        *seq = seq.wrapping_add(1);
        sent
    });
    pieces.collect()
}

impl Unpacker {
    fn get(&mut self, sent: &Sent, at: u64) {
        let Sent { seq, timestamp, marker, payload } = sent;
        let (seq, timestamp, marker) = (*seq, *timestamp, *marker);
        self.put(&Packet { marker, payload_type: 96, seq, timestamp, ssrc: 1, payload }, Mono(at));
    }

    fn all(&mut self) -> Vec<Picture> {
        std::iter::from_fn(|| self.next()).collect()
    }

    fn bytes(&mut self) -> Vec<Vec<u8>> {
        self.all().into_iter().map(|picture| picture.bytes).collect()
    }
}

#[test]
fn pictures_begin_with_a_key_frame_and_are_whole_whatever_order_their_packets_come_in() {
    let mut seq = 65_534;
    let [early, key, delta] = [picture(0, false, 10), picture(1, true, 3000), picture(2, false, 2000)];
    let mut sent = packets(&mut seq, 3000, &early, 1000);
    sent.extend(packets(&mut seq, 6000, &key, 1000));
    sent.extend(packets(&mut seq, 9000, &delta, 1000));
    let mut unpacker = Unpacker::new();
    for i in [0, 2, 1, 4, 6, 5, 3, 3] {
        unpacker.get(&sent[i], i as u64);
    }
    let pictures = unpacker.all();
    assert_eq!(pictures.len(), 1, "the other one is not whole");
    assert_eq!((&pictures[0].bytes, pictures[0].timestamp), (&key, 6000));
    assert_eq!(pictures[0].key, Some(Size { width: 320, height: 240 }));
    unpacker.get(&sent[7], 7);
    assert_eq!(unpacker.bytes(), [delta]);
}

#[test]
fn what_is_lost_costs_everything_up_to_the_next_key_frame() {
    let mut seq = 10;
    let mut unpacker = Unpacker::new();
    let all: Vec<Vec<u8>> = (0..6).map(|n| picture(n, n == 0 || n == 4, 1500)).collect();
    for (n, bytes) in all.iter().enumerate() {
        for (i, sent) in packets(&mut seq, n as u32 * 3000, bytes, 1000).iter().enumerate() {
            if (n, i) != (2, 1) {
                unpacker.get(sent, n as u64 * 33_000);
            }
        }
    }
    assert_eq!(
        unpacker.bytes(),
        all[..2],
        "the third is not whole, and nothing is known of the next packets"
    );
    let due = unpacker.due().unwrap();
    unpacker.late(Mono(due.0 - 1));
    assert!(unpacker.bytes().is_empty());
    unpacker.late(due);
    assert_eq!(unpacker.bytes(), all[4..]);
    assert_eq!((unpacker.due(), unpacker.waits()), (None, false));
}

#[test]
fn padding_alone_counts_and_a_missing_end_or_an_odd_header_is_as_good_as_lost() {
    let mut seq = 10;
    let mut unpacker = Unpacker::new();
    let key = picture(0, true, 10);
    let padding = |seq: &mut u16| {
        *seq += 1;
        Sent { seq: *seq - 1, timestamp: 0, marker: false, payload: vec![] }
    };
    packets(&mut seq, 0, &key, 1000).iter().for_each(|sent| unpacker.get(sent, 0));
    unpacker.get(&padding(&mut seq), 0);
    packets(&mut seq, 3000, &picture(1, false, 5), 1000).iter().for_each(|sent| unpacker.get(sent, 0));
    assert_eq!(unpacker.bytes().len(), 2);
    for spoil in [|sent: &mut Sent| sent.marker = false, |sent: &mut Sent| sent.payload = vec![0xFF, 0x80]] {
        let mut sent = packets(&mut seq, 6000, &picture(2, false, 5), 1000);
        spoil(&mut sent[0]);
        unpacker.get(&sent[0], 0);
        packets(&mut seq, 9000, &picture(3, false, 5), 1000).iter().for_each(|sent| unpacker.get(sent, 0));
        assert!(unpacker.bytes().is_empty() && unpacker.waits());
        packets(&mut seq, 12_000, &key, 1000).iter().for_each(|sent| unpacker.get(sent, 0));
        assert_eq!(unpacker.bytes(), [&key[..]]);
    }
    // A key frame that does not say its size is none.
    let mut odd = picture(4, true, 5);
    odd[3] = 0;
    packets(&mut seq, 15_000, &odd, 1000).iter().for_each(|sent| unpacker.get(sent, 0));
    assert!(unpacker.bytes().is_empty() && unpacker.waits());
}

#[test]
fn no_picture_is_larger_than_one_may_be_and_no_more_packets_wait_than_may() {
    let mut unpacker = Unpacker::new();
    let mut seq = 0;
    packets(&mut seq, 0, &picture(0, true, 5_000_000), 1400).iter().for_each(|sent| unpacker.get(sent, 0));
    assert!(unpacker.bytes().is_empty() && unpacker.partial.is_none());
    seq += 1;
    for sent in packets(&mut seq, 3000, &picture(1, false, 200_000), 1000) {
        unpacker.get(&sent, 0);
        assert!(unpacker.held.len() <= WINDOW);
    }
}

#[test]
fn a_sender_that_counts_anew_is_followed() {
    let mut unpacker = Unpacker::new();
    for mut seq in [100, 40_000, 9] {
        packets(&mut seq, 0, &picture(1, true, 10), 1000).iter().for_each(|sent| unpacker.get(sent, 0));
        assert_eq!(unpacker.bytes().len(), 1, "{seq}");
    }
}

/// Packets are lost, come late and come twice: whatever comes out was sent, in the order in which it was sent, and
/// nothing comes out without what it is made of.
#[test]
fn whatever_the_network_does_only_what_was_sent_comes_out_and_never_without_what_it_is_made_of() {
    for seed in 0..300 {
        let mut rng = Rng::from_u64(seed);
        let mut pick = |below: u64| rng.u64() % below;
        let mut seq = pick(65_536) as u16;
        let (mut sent, mut pictures) = (vec![], vec![]);
        for n in 0..60 {
            let bytes = picture(n, n == 0 || pick(8) == 0, pick(4000) as usize);
            sent.extend(packets(&mut seq, n * 3000, &bytes, 1 + pick(1200) as usize + 20));
            pictures.push(bytes);
        }
        let (loss, span) = (pick(12), 1 + pick(100));
        let mut came: Vec<(u64, &Sent)> = vec![];
        for (i, one) in sent.iter().enumerate() {
            for _ in 0..1 + u64::from(pick(20) == 0) {
                if pick(100) >= loss {
                    came.push((i as u64 + pick(span), one));
                }
            }
        }
        came.sort_by_key(|(at, _)| *at);
        let mut unpacker = Unpacker::new();
        let mut out = vec![];
        for (at, one) in came {
            unpacker.get(one, at * 1000);
            unpacker.late(Mono(at * 1000));
            out.extend(unpacker.all());
        }
        let mut last = None;
        for picture in out {
            let n = pictures.iter().position(|sent| *sent == picture.bytes).expect("it was sent");
            let is_next = last.is_some_and(|last| n == last + 1);
            let is_later = last.is_none_or(|last| n > last);
            assert!(if picture.key.is_some() { is_later } else { is_next }, "{seed}: {n} behind {last:?}");
            last = Some(n);
        }
        assert!(loss > 0 || span > 1 || last == Some(59), "{seed}: nothing was lost");
    }
}
