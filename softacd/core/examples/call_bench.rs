//! How much CPU a caller's call costs this core: INVITE, answer, ACK, BYE, with its records, its messages to cti
//! and the forgetting of its transactions. `cargo run --release -p ngcc-softacd-core --example call_bench`.

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ngcc_proto::access::{Command, Event};
use ngcc_proto::config::ForAccess;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{Body, Core, Effect, Envelope, Ids, LegId, Now, Rng};
use ngcc_softacd_core::{Access, Input, Output, Settings};

const CALLS: u32 = 50_000;
const SDP: &str = "v=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n";

#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]
fn main() {
    let edge: SocketAddr = ([127, 0, 0, 1], 5060).into();
    let mut access = Access::new(Settings::on(edge, "ngcc"), Rng::from_u64(1));
    let mut ids = Ids::new(Rng::from_u64(2));
    let mut now = Now::default().plus(Duration::from_secs(1_700_000_000));
    access.restored(now);
    access.configure(ForAccess::default());
    let answer: Sdp = SDP.parse().expect("a good description");
    let (mut records, mut bytes_of_records) = (0u64, 0usize);
    let start = Instant::now();
    for n in 0..CALLS {
        now = now.plus(Duration::from_micros(500));
        let request = |method: &str, seq: u32, to: &str, body: &str| {
            format!(
                "{method} sip:1000@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-{n}-{seq}{method}\r\n\
                 From: sipp <sip:sipp@127.0.0.1:5061>;tag=1SIPpTag00{n}\r\nTo: 1000 <sip:1000@127.0.0.1:5060>{to}\r\n\
                 Call-ID: {n}-1@127.0.0.1\r\nCSeq: {seq} {method}\r\nContact: sip:sipp@127.0.0.1:5061\r\nMax-Forwards: 70\r\n\
                 Subject: Performance Test\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let mut leg: Option<LegId> = None;
        let mut tag = String::new();
        let mut drain = |access: &mut Access, leg: &mut Option<LegId>, tag: &mut String| {
            while let Some(effect) = access.poll() {
                match effect {
                    Effect::Persist { bytes, .. } => {
                        records += 1;
                        bytes_of_records += bytes.len();
                    }
                    Effect::Forget { .. } => {}
                    Effect::Emit { output: Output::Send(envelope), .. } => {
                        if let Body::AccessEvent(Event::Arrived { leg: id, .. }) = envelope.body {
                            *leg = Some(id);
                        }
                    }
                    Effect::Emit { output, .. } => {
                        if let Output::Transmit { bytes, .. } = &output
                            && bytes.starts_with(b"SIP/2.0 200")
                            && let Some((_, behind)) = String::from_utf8_lossy(bytes).split_once("5060>;tag=")
                        {
                            behind[..16].clone_into(tag);
                        }
                        black_box(output);
                    }
                }
            }
        };
        let datagram = |text: String| Input::Datagram {
            peer: ([127, 0, 0, 1], 5061).into(),
            local: 0,
            at: now.mono,
            bytes: Bytes::from(text),
        };
        access.handle(datagram(request("INVITE", 1, "", SDP)), now);
        drain(&mut access, &mut leg, &mut tag);
        let leg_id = leg.expect("the call has arrived");
        let command = Command::Answer { leg: leg_id, sdp: answer.clone() };
        access.handle(Envelope::new(&mut ids, now.wall, None, None, command).into(), now);
        drain(&mut access, &mut leg, &mut tag);
        let to = format!(";tag={tag}");
        access.handle(datagram(request("ACK", 1, &to, "")), now);
        drain(&mut access, &mut leg, &mut tag);
        access.handle(datagram(request("BYE", 2, &to, "")), now);
        access.wake(now);
        drain(&mut access, &mut leg, &mut tag);
    }
    let each = start.elapsed() / CALLS;
    println!(
        "{each:?} a call, {} records of {} bytes each; left: {:?}",
        records / u64::from(CALLS),
        bytes_of_records / usize::try_from(records).unwrap_or(1),
        access.census()
    );
}
