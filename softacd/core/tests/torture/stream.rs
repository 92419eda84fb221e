//! Messages out of a stream: cut anywhere, several at once, and what an attacker makes of it.

use ngcc_softacd_core::sip::{Frame, Frames, MAX_BODY, MAX_HEAD, Message, Method, PONG, parse};

use crate::support;

const OPTIONS: &str = "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n\
    From: <sip:b@c>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n";

fn with(headers: &str, body: &str) -> Vec<u8> {
    format!("{OPTIONS}{headers}\r\n{body}").into_bytes()
}

fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Frames::new();
    frames.push(bytes);
    std::iter::from_fn(|| frames.next()).collect()
}

/// Asserts that the stream is answered `status` once, and given up.
fn closes_with(bytes: &[u8], status: u16) {
    let mut frames = Frames::new();
    frames.push(bytes);
    let Some(Frame::Refused { bad, close: true }) = frames.next() else { panic!("{}", bytes.escape_ascii()) };
    assert_eq!(bad.answer().unwrap().status, status);
    frames.push(&with("Content-Length: 0\r\n", ""));
    assert!(frames.next().is_none(), "nothing comes out of a stream that is given up");
    assert_eq!(frames.waiting(), 0);
}

#[test]
fn messages_come_out_whole_however_they_are_cut() {
    let first = with("Content-Length: 5\r\n", "hello");
    let second = with("l: 0\r\n", "");
    let all = [first.as_slice(), b"\r\n", &second].concat();
    let whole = [parse(&first).unwrap(), parse(&second).unwrap()];
    for at in 0..=all.len() {
        let mut frames = Frames::new();
        let mut got = vec![];
        for part in [&all[..at], &all[at..]] {
            frames.push(part);
            got.extend(std::iter::from_fn(|| frames.next()));
        }
        let got: Vec<Message> = got
            .into_iter()
            .map(|frame| match frame {
                Frame::Message(message) => *message,
                Frame::Ping | Frame::Refused { .. } => panic!("cut at {at}: {frame:?}"),
            })
            .collect();
        assert_eq!(got, whole, "cut at {at}");
        assert_eq!(frames.waiting(), 0);
    }
}

#[test]
fn every_acceptable_message_of_the_corpus_comes_out_byte_by_byte() {
    for bytes in support::corpus() {
        let Ok(message) = parse(&bytes) else { continue };
        let printed = message.to_bytes();
        let mut frames = Frames::new();
        let mut got = vec![];
        for byte in &printed {
            frames.push(std::slice::from_ref(byte));
            got.extend(std::iter::from_fn(|| frames.next()));
        }
        let [Frame::Message(one)] = got.as_slice() else { panic!("{got:?} of {}", printed.escape_ascii()) };
        assert_eq!(one.to_bytes(), printed);
    }
}

#[test]
fn an_unfinished_message_is_told_as_waiting() {
    let mut frames = Frames::new();
    let bytes = with("Content-Length: 5\r\n", "hell");
    frames.push(&bytes);
    assert!(frames.next().is_none());
    assert_eq!(frames.waiting(), bytes.len());
    frames.push(b"o");
    assert!(matches!(frames.next(), Some(Frame::Message(_))));
}

#[test]
fn a_double_line_end_is_a_ping_and_a_single_one_is_nothing() {
    assert!(matches!(frames(b"\r\n\r\n")[..], [Frame::Ping]));
    assert!(frames(PONG).is_empty());
    let with_message = [b"\r\n".as_slice(), &with("Content-Length: 0\r\n", "")].concat();
    assert!(matches!(frames(&with_message)[..], [Frame::Message(_)]));
    let mut split = Frames::new();
    let answers: Vec<Frame> = ["\r", "\n\r", "\n"]
        .into_iter()
        .filter_map(|part| {
            split.push(part.as_bytes());
            split.next()
        })
        .collect();
    assert!(matches!(answers[..], [Frame::Ping]), "{answers:?}");
}

#[test]
fn a_stream_whose_lengths_cannot_be_trusted_is_closed() {
    let body = "INVITE sip:smuggled@example.com SIP/2.0\r\n\r\n";
    closes_with(&with("", body), 400);
    closes_with(&with("Content-Length: -1\r\n", body), 400);
    closes_with(&with("Content-Length: 4x\r\n", body), 400);
    closes_with(&with("Content-Length: 0\r\nContent-Length: 43\r\n", body), 400);
    closes_with(&with("Content-Length: 0\r\nl : 43\r\n", body), 400);
    closes_with(&with("Content-Length: 0, 43\r\n", body), 400);
    closes_with(&with("Content-Length: 99999999999999999999999\r\n", body), 513);
    closes_with(&with(&format!("Content-Length: {}\r\n", MAX_BODY + 1), body), 513);
    closes_with(&with("Content-Length: 0\nX: y\r\n", body), 400);
    closes_with(&with("X: a\rb\r\nContent-Length: 0\r\n", body), 400);
}

#[test]
fn a_refused_message_whose_end_is_known_leaves_the_stream_open() {
    let bad = String::from_utf8(with("Content-Length: 5\r\n", "hello")).unwrap().replace("tag=1", ";");
    let all = [bad.as_bytes(), &with("Content-Length: 0\r\n", "")].concat();
    let got = frames(&all);
    let [Frame::Refused { bad, close: false }, Frame::Message(good)] = got.as_slice() else {
        panic!("{got:?}")
    };
    assert_eq!(bad.answer().unwrap().status, 400);
    let Message::Request(good) = good.as_ref() else { panic!("a response") };
    assert_eq!(good.method, Method::Options);
}

#[test]
fn a_head_without_end_is_given_up() {
    let mut frames = Frames::new();
    frames.push(OPTIONS.as_bytes());
    for _ in 0..MAX_HEAD / 100 {
        frames.push(format!("X: {}\r\n", "y".repeat(95)).as_bytes());
    }
    let Some(Frame::Refused { bad, close: true }) = frames.next() else { panic!("it waits for ever") };
    assert_eq!(bad.answer().unwrap().status, 513);
    assert_eq!(frames.waiting(), 0);
}

#[test]
fn what_is_no_sip_at_all_closes_without_an_answer() {
    let mut stream = Frames::new();
    stream.push(b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
    let Some(Frame::Refused { bad, close: true }) = stream.next() else { panic!("it is taken for SIP") };
    assert!(bad.answer().is_none());
}
