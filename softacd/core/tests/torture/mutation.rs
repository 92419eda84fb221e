//! Mutations of the corpus from a seed: nothing panics, nothing takes long, and whatever is accepted
//! prints and reads back as itself.
#![allow(clippy::disallowed_methods, reason = "a bound on the time spent reads the clock")]

use std::time::Instant;

use ngcc_proto::Rng;
use ngcc_softacd_core::sip::{Frame, Frames, MAX_PARAMS, Message, Uri, parse};

use crate::support;

/// How many mutations a run makes: some seconds of them.
const ROUNDS: u64 = 300_000;

/// What breaks parsers: separators, escapes, quotes, line ends, edges of numbers.
const MORSELS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\r\n ",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"\"",
    b"\\",
    b"\\\"",
    b"<",
    b">",
    b"@",
    b"%",
    b"%00",
    b"%zz",
    b"[",
    b"]",
    b"[::1]",
    b":::",
    b"?",
    b"=",
    b"*",
    b"/",
    b"SIP/2.0",
    b"sip:",
    b"tel:",
    b"-1",
    b"0",
    b"2147483647",
    b"2147483648",
    b"4294967296",
    b"18446744073709551616",
    b"\xff\xfe",
    b"\xc3\xa9",
    b"\xf0\x9f\x98\x80",
    b"Content-Length: ",
    b"l:",
    b"Via: ",
    b"v:",
    b"CSeq: 1 INVITE\r\n",
    b"Contact: *\r\n",
    b";;",
    b",,",
    b"%n%s%x",
];

fn size(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

fn mutate(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut Rng) {
    let at = |rng: &mut Rng, bytes: &[u8]| size(rng.below(bytes.len() as u64 + 1));
    for _ in 0..=rng.below(4) {
        let from = at(rng, bytes);
        let to = (from + size(rng.below(24))).min(bytes.len());
        match rng.below(8) {
            0 if from < bytes.len() => bytes[from] ^= 1 << rng.below(8),
            1 if from < bytes.len() => bytes[from] = rng.below(256).to_le_bytes()[0],
            2 => drop(bytes.drain(from..to)),
            3 => bytes.truncate(from),
            4 => {
                let copy = bytes[from..to].to_vec();
                let place = at(rng, bytes);
                for _ in 0..=rng.below(30) {
                    bytes.splice(place..place, copy.iter().copied());
                }
            }
            5 => {
                let other = &corpus[size(rng.below(corpus.len() as u64))];
                let start = at(rng, other);
                let end = (start + size(rng.below(80))).min(other.len());
                bytes.splice(from..to, other[start..end].iter().copied());
            }
            _ => {
                let morsel = MORSELS[size(rng.below(MORSELS.len() as u64))];
                bytes.splice(from..if rng.below(2) == 0 { from } else { to }, morsel.iter().copied());
            }
        }
    }
}

fn text(message: &Message) -> String {
    message.to_bytes().escape_ascii().to_string()
}

/// Reads everything there is to read.
fn read_all(message: &Message) {
    let h = message.headers();
    assert!(
        h.via().is_ok() && h.top_via().is_ok() && h.from().is_ok() && h.to().is_ok(),
        "{}",
        text(message)
    );
    assert!(h.call_id().is_ok() && h.cseq().is_ok() && h.contacts().is_ok(), "{}", text(message));
    assert!(h.route().is_ok() && h.record_route().is_ok(), "{}", text(message));
    let _ = (h.contact(), h.max_forwards(), h.expires(), h.session_expires(), h.min_se(), h.retry_after());
    let _ = (
        h.rack(),
        h.rseq(),
        h.replaces(),
        h.refer_to(),
        h.content_type(),
        h.allow(),
        h.from_tag(),
        h.to_tag(),
    );
    let _ = (h.authorization().count(), h.www_authenticate().count(), h.all("Supported").count());
    for via in h.via().unwrap() {
        let _ = (via.received(), via.rport());
        assert_eq!(via.to_string().parse(), Ok(via));
    }
    for address in [h.from().unwrap(), h.to().unwrap()] {
        let again = address.to_string().parse().map_err(|_| address.to_string());
        assert_eq!(again, Ok(address));
    }
}

#[test]
fn mutated_messages_neither_panic_nor_print_otherwise_than_they_read() {
    let corpus = support::corpus();
    let mut rng = Rng::from_u64(0x5109_4475);
    let (mut accepted, mut answered, mut dropped) = (0u32, 0u32, 0u32);
    let start = Instant::now();
    for round in 0..ROUNDS {
        let mut bytes = corpus[size(round) % corpus.len()].clone();
        mutate(&mut bytes, &corpus, &mut rng);
        match parse(&bytes) {
            Ok(message) => {
                accepted += 1;
                support::reads_back(&message);
                read_all(&message);
            }
            Err(bad) => match bad.answer() {
                Some(answer) => {
                    answered += 1;
                    let printed = answer.to_bytes();
                    let ends = printed.windows(4).filter(|w| w == b"\r\n\r\n").count();
                    assert_eq!(ends, 1, "an answer holds one message: {}", printed.escape_ascii());
                }
                None => dropped += 1,
            },
        }
    }
    // Each of the three outcomes is met often, or the mutations test nothing.
    assert!(accepted > 10_000 && answered > 10_000 && dropped > 1_000, "{accepted} {answered} {dropped}");
    assert!(start.elapsed().as_secs() < 60, "linear time: {:?}", start.elapsed());
}

#[test]
fn a_mutated_stream_ends_in_messages_or_in_a_close() {
    let corpus = support::corpus();
    let mut rng = Rng::from_u64(0x3261_1803);
    for round in 0..20_000 {
        let mut bytes = corpus[round % corpus.len()].clone();
        mutate(&mut bytes, &corpus, &mut rng);
        bytes.extend_from_slice(&corpus[(round * 7) % corpus.len()]);
        let (mut frames, mut given) = (Frames::new(), 0);
        for part in bytes.chunks(1 + size(rng.below(700))) {
            frames.push(part);
            while let Some(frame) = frames.next() {
                given += 1;
                if let Frame::Message(message) = frame {
                    support::reads_back(&message);
                }
            }
        }
        assert!(given <= bytes.len() / 4 + 1, "every frame takes bytes");
    }
}

#[test]
fn a_mutated_uri_prints_what_it_was_read_from() {
    let seeds = [
        "sip:alice;day=tuesday:pw@[2001:db8::10]:5070;transport=tcp;lr?Replaces=a%40b&x=y",
        "tel:+358-555-1234567;phone-context=example.com",
        "urn:service:sos",
        "sips:%75ser@example.com",
    ];
    let corpus: Vec<Vec<u8>> = seeds.iter().map(|s| s.as_bytes().to_vec()).collect();
    let mut rng = Rng::from_u64(0x3986);
    let mut good = 0;
    for round in 0..100_000 {
        let mut bytes = corpus[round % corpus.len()].clone();
        mutate(&mut bytes, &corpus, &mut rng);
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(uri) = text.parse::<Uri>() {
            good += 1;
            assert_eq!(uri.as_str(), text);
            let _ = (uri.header("Replaces"), uri.params.has("lr"));
            if uri.params.iter().count() == MAX_PARAMS {
                continue;
            }
            let longer = uri.with("x", "1");
            assert_eq!(longer.as_str().parse(), Ok(longer));
        }
    }
    assert!(good > 5_000, "{good}");
}

#[test]
fn long_repetitions_take_linear_time() {
    let head = "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\n\
        To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n";
    let start = Instant::now();
    for (front, filler) in [
        ("Contact: ", "<sip:a@b>,"),
        ("Contact: \"", "\\\""),
        ("Via: ", "SIP/2.0/UDP h,"),
        ("X: a", "\r\n "),
        ("Contact: <sip:a@b>", ";a=b"),
        ("Route: ", "<"),
        ("Authorization: Digest ", "a=b,"),
        ("Refer-To: <sip:a@b?", "Replaces=x&"),
    ] {
        for _ in 0..20 {
            let long = filler.repeat(60_000 / filler.len());
            let _ = parse(format!("{head}{front}{long}\r\n\r\n").as_bytes());
            let fits = filler.repeat(8_000 / filler.len());
            let _ = parse(format!("{head}{front}{fits}\r\n\r\n").as_bytes()).map(|m| read_all(&m));
        }
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
