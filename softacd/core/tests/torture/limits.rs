//! What is bounded, what is answered beyond the bounds, and what is never answered.

use ngcc_softacd_core::sip::{MAX_HEADERS, MAX_LINE, MAX_PARAMS, Message, Reject, parse};

const HEAD: &str =
    "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:b@c>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n";

fn options(more: &str) -> String {
    format!("OPTIONS sip:a@example.com SIP/2.0\r\n{HEAD}CSeq: 1 OPTIONS\r\n{more}\r\n")
}

/// The status a datagram is answered with; `None` when it is accepted, 0 when it is dropped.
fn verdict(datagram: impl AsRef<[u8]>) -> Option<u16> {
    match parse(datagram.as_ref()) {
        Ok(Message::Request(_) | Message::Response(_)) => None,
        Err(bad) => match bad.why {
            Reject::Answer { status, .. } => {
                assert!(bad.answer().is_some_and(|answer| answer.status == status));
                Some(status)
            }
            Reject::Drop => Some(0),
        },
    }
}

#[test]
fn what_is_at_the_limit_passes_and_what_is_beyond_is_refused() {
    let fill = |n: usize| "Note: y\r\n".repeat(n);
    assert_eq!(verdict(options(&fill(MAX_HEADERS - 5))), None);
    assert_eq!(verdict(options(&fill(MAX_HEADERS - 4))), Some(513));
    let line = |n: usize| format!("Note: {}\r\n", "y".repeat(n - 6));
    assert_eq!(verdict(options(&line(MAX_LINE))), None);
    assert_eq!(verdict(options(&line(MAX_LINE + 1))), Some(513));
    assert_eq!(verdict(options(&line(8_000).repeat(4))), None);
    assert_eq!(verdict(options(&line(8_000).repeat(5))), Some(513));
    let contact = |n: usize| format!("Contact: <sip:a@b>{}\r\n", ";p".repeat(n));
    assert_eq!(verdict(options(&contact(MAX_PARAMS))), None);
    assert_eq!(verdict(options(&contact(MAX_PARAMS + 1))), Some(400));
}

#[test]
fn a_request_uri_too_long_is_told_as_such() {
    let long = options("").replace("sip:a@example.com", &format!("sip:{}@example.com", "a".repeat(MAX_LINE)));
    assert_eq!(verdict(long), Some(414));
}

#[test]
fn lines_that_may_be_cut_otherwise_elsewhere_are_refused() {
    for more in
        ["X: a\nY: b\r\n", "X: a\rY: b\r\n", "X: a\0b\r\n", "X: a\u{1}\r\n", "X\r\n", ": a\r\n", "X Y: a\r\n"]
    {
        assert_eq!(verdict(options(more)), Some(400), "{more:?}");
    }
    assert_eq!(verdict(options("").replace("\r\n", "\n")), Some(400));
    assert_eq!(verdict(options("").trim_end()), Some(400), "no empty line");
}

#[test]
fn a_header_that_stands_once_is_not_doubled_in_any_form() {
    for more in [
        "i: y\r\n",
        "CALL-ID : y\r\n",
        "t: <sip:z@b>\r\n",
        "l: 0\r\nContent-Length: 0\r\n",
        "CSeq: 1 OPTIONS\r\n",
    ] {
        assert_eq!(verdict(options(more)), Some(400), "{more:?}");
    }
    assert_eq!(verdict(options("Contact: *\r\n")), None);
    assert_eq!(verdict(options("Contact: *\r\nm: <sip:a@b>\r\n")), Some(400));
    assert_eq!(verdict(options("Contact: *, <sip:a@b>\r\n")), Some(400));
}

#[test]
fn every_mandatory_header_is_missed() {
    for (line, name) in [
        ("From: <sip:b@c>;tag=1\r\n", "From"),
        ("To: <sip:a@b>\r\n", "To"),
        ("Call-ID: x\r\n", "Call-ID"),
        ("CSeq: 1 OPTIONS\r\n", "CSeq"),
    ] {
        assert_eq!(verdict(options("").replace(line, "")), Some(400), "{name}");
    }
    let no_via = options("").replace("Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n", "");
    assert_eq!(verdict(no_via), Some(0), "without a Via there is nobody to answer");
}

#[test]
fn what_is_no_request_is_never_answered() {
    assert_eq!(verdict(options("X\r\n").replace("OPTIONS", "ACK")), Some(0), "an ACK");
    let response = format!("SIP/2.0 200 OK\r\n{HEAD}CSeq: 1 OPTIONS\r\n\r\n");
    assert_eq!(verdict(&response), None);
    for bad in
        ["SIP/2.0 99 X", "SIP/2.0 700 X", "SIP/2.0 2000 X", "SIP/3.0 200 OK", "SIP/2.0  200 OK", "SIP/2.0"]
    {
        assert_eq!(verdict(response.replace("SIP/2.0 200 OK", bad)), Some(0), "{bad}");
    }
    for noise in [
        "",
        "\r\n",
        "\r\n\r\n",
        "\0\0\0\0",
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\u{1}\u{1}\0\0!\u{12}\u{a4}B",
    ] {
        assert_eq!(verdict(noise), Some(0), "{noise:?}");
    }
}

#[test]
fn line_ends_before_a_message_are_skipped() {
    assert_eq!(verdict(format!("\r\n\r\n{}", options(""))), None);
}

#[test]
fn a_cseq_number_stays_below_two_to_the_31st() {
    let with = |n: &str| verdict(options("").replace("CSeq: 1", &format!("CSeq: {n}")));
    assert_eq!(with("2147483647"), None);
    assert_eq!(with("2147483648"), Some(400));
    assert_eq!(with("-1"), Some(400));
    assert_eq!(with("+1"), Some(400));
}
