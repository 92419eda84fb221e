//! Messages a second, on one core: `cargo run --release -p ngcc-softacd-core --example parse_bench`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and tells its result"
)]

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use ngcc_softacd_core::sip::{Message, Response, parse_bytes};

const INVITE: &str = "INVITE sip:service@127.0.0.1:5060 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-12345-1-0\r\n\
    From: sipp <sip:sipp@127.0.0.1:5061>;tag=12345SIPpTag001\r\n\
    To: service <sip:service@127.0.0.1:5060>\r\n\
    Call-ID: 1-12345@127.0.0.1\r\n\
    CSeq: 1 INVITE\r\n\
    Contact: sip:sipp@127.0.0.1:5061\r\n\
    Max-Forwards: 70\r\n\
    Subject: Performance Test\r\n\
    Content-Type: application/sdp\r\n\
    Content-Length: 129\r\n\
    \r\n\
    v=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

const ROUNDS: u32 = 200_000;

fn request(bytes: &Bytes) -> Option<Message> {
    parse_bytes(bytes.clone()).ok()
}

/// Parses, reads the headers a call needs, and prints the answer.
fn answer(bytes: &Bytes) -> Option<Vec<u8>> {
    let Message::Request(request) = parse_bytes(bytes.clone()).ok()? else { return None };
    let headers = &request.headers;
    black_box((headers.top_via().ok()?, headers.from().ok()?, headers.to().ok()?, headers.cseq().ok()?));
    black_box((headers.contact()?, headers.call_id().ok()?));
    let mut response = Response::to(&request, 200);
    response.tag("8d4f1a2b");
    response.headers.push("Contact", "<sip:127.0.0.1:5060>");
    Some(response.to_bytes())
}

fn measure<T>(what: &str, mut work: impl FnMut() -> Option<T>) {
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..ROUNDS {
                assert!(black_box(work()).is_some());
            }
            start.elapsed()
        })
        .min()
        .unwrap_or_default();
    let each = best.as_secs_f64() / f64::from(ROUNDS);
    println!("{what}: {:.0} ns, {:.0} a second", each * 1e9, 1.0 / each);
}

fn main() {
    let bytes = Bytes::from_static(INVITE.as_bytes());
    println!("INVITE of {} bytes", bytes.len());
    measure("parse", || request(&bytes));
    measure("parse, read six headers, answer", || answer(&bytes));
}
