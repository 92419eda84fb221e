//! The edge on real sockets, with a stand-in for cti on the bus, read back by another SIP parser.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ngcc_proto::access::{Command, Event, Target};
use ngcc_proto::config::ForAccess;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{Body, Envelope, Ids, LegId, Rng, Role, Wall};
use ngcc_runtime::House;
use rsip::headers::{ToTypedHeader, UntypedHeader};
use rsip::message::HeadersExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::{Access, Settings, StartError, start};

const LIMIT: Duration = Duration::from_secs(10);
const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// A data directory that goes with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static N: AtomicU32 = AtomicU32::new(0);
        let n = N.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("ngcc-softacd-{}-{n}", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A directory that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Centre {
    house: House,
    access: Access,
    told: UnboundedReceiver<Event>,
    ids: Ids,
}

impl Centre {
    async fn open(place: &Place, port: u16) -> Self {
        let house = House::open(ngcc_runtime::Settings::at(&place.0)).unwrap();
        let (tell, told) = unbounded_channel();
        let cti = move |envelope: Envelope| {
            if let Body::AccessEvent(event) = envelope.body {
                // The test may be over before the last message.
                let _ = tell.send(event);
            }
        };
        house.bus.attach(Role::Cti, Box::new(cti));
        let mut ids = Ids::new(Rng::from_u64(5));
        house.bus.send(Envelope::new(
            &mut ids,
            Wall(0),
            None,
            None,
            ForAccess { version: 1, ..ForAccess::default() },
        ));
        let access = start(settings(port), &house).await.unwrap();
        Self { house, access, told, ids }
    }

    fn command(&mut self, command: Command) {
        self.house.bus.send(Envelope::new(&mut self.ids, Wall(0), None, None, command));
    }

    async fn next(&mut self) -> Event {
        timeout(LIMIT, self.told.recv()).await.expect("cti is told in time").unwrap()
    }

    async fn arrived(&mut self) -> LegId {
        loop {
            if let Event::Arrived { leg, .. } = self.next().await {
                return leg;
            }
        }
    }

    async fn close(self) {
        self.house.stop.begin();
        self.access.closed().await;
        timeout(LIMIT, self.house.closed()).await.unwrap();
    }
}

fn settings(port: u16) -> Settings {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    Settings { udp: vec![address], tcp: Some(SocketAddr::from(([127, 0, 0, 1], 0))), ..Settings::default() }
}

fn sdp() -> Sdp {
    SDP.parse().unwrap()
}

fn invite(transport: &str, from: SocketAddr, to: SocketAddr) -> String {
    format!(
        "INVITE sip:1000@{to} SIP/2.0\r\nVia: SIP/2.0/{transport} {from};branch=z9hG4bK-1;rport\r\nMax-Forwards: 70\r\n\
         From: <sip:bob@127.0.0.1>;tag=b1\r\nTo: <sip:1000@{to}>\r\nCall-ID: c1@{from}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:bob@{from}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{SDP}",
        SDP.len()
    )
}

fn request(method: &str, seq: u32, from: SocketAddr, to: SocketAddr, ok: &rsip::Response) -> String {
    format!(
        "{method} sip:ngcc@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-{method};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:bob@127.0.0.1>;tag=b1\r\nTo: {}\r\nCall-ID: c1@{from}\r\nCSeq: {seq} {method}\r\nContent-Length: 0\r\n\r\n",
        ok.to_header().unwrap().value()
    )
}

async fn hear(socket: &UdpSocket) -> String {
    let mut buffer = vec![0; 65_536];
    let n = timeout(LIMIT, socket.recv(&mut buffer)).await.expect("something is sent in time").unwrap();
    String::from_utf8(buffer[..n].to_vec()).unwrap()
}

/// The next response that is final.
async fn hear_final(socket: &UdpSocket) -> rsip::Response {
    loop {
        let text = hear(socket).await;
        let response = rsip::Response::try_from(text.as_bytes()).unwrap();
        if response.status_code.code() >= 200 {
            return response;
        }
    }
}

async fn caller(server: SocketAddr) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(server).await.unwrap();
    let own = socket.local_addr().unwrap();
    (socket, own)
}

#[tokio::test]
async fn a_call_over_udp_passes_and_another_parser_reads_what_we_write() {
    let place = Place::new();
    let mut centre = Centre::open(&place, 0).await;
    let server = centre.access.udp[0];
    let (phone, own) = caller(server).await;
    phone.send(invite("UDP", own, server).as_bytes()).await.unwrap();
    let leg = centre.arrived().await;
    centre.command(Command::Answer { leg, sdp: sdp() });
    let ok = hear_final(&phone).await;
    assert_eq!(ok.status_code.code(), 200);
    assert_eq!(ok.cseq_header().unwrap().typed().unwrap().seq, 1);
    assert!(ok.to_header().unwrap().tag().unwrap().is_some());
    phone.send(request("ACK", 1, own, server, &ok).as_bytes()).await.unwrap();
    assert_eq!(centre.next().await, Event::Answered { leg, sdp: None });
    phone.send(request("BYE", 2, own, server, &ok).as_bytes()).await.unwrap();
    assert_eq!(hear_final(&phone).await.status_code.code(), 200);
    assert!(matches!(centre.next().await, Event::Left { .. }));
    centre.close().await;
}

#[tokio::test]
async fn a_call_that_is_up_outlives_a_restart_on_the_same_port() {
    let place = Place::new();
    let mut centre = Centre::open(&place, 0).await;
    let server = centre.access.udp[0];
    let (phone, own) = caller(server).await;
    phone.send(invite("UDP", own, server).as_bytes()).await.unwrap();
    let leg = centre.arrived().await;
    centre.command(Command::Answer { leg, sdp: sdp() });
    let ok = hear_final(&phone).await;
    phone.send(request("ACK", 1, own, server, &ok).as_bytes()).await.unwrap();
    assert_eq!(centre.next().await, Event::Answered { leg, sdp: None });
    centre.close().await;

    let mut centre = Centre::open(&place, server.port()).await;
    let Event::Restored { legs } = centre.next().await else { panic!("Restored comes first") };
    assert_eq!(legs.len(), 1);
    phone.send(request("BYE", 2, own, server, &ok).as_bytes()).await.unwrap();
    assert_eq!(hear_final(&phone).await.status_code.code(), 200);
    assert!(matches!(centre.next().await, Event::Left { leg: left, .. } if left == leg));
    centre.close().await;
}

#[tokio::test]
async fn a_call_over_tcp_is_answered_on_its_connection() {
    let place = Place::new();
    let mut centre = Centre::open(&place, 0).await;
    let server = centre.access.tcp.unwrap();
    assert_eq!(server.port(), centre.access.udp[0].port(), "one port for both");
    let mut stream = TcpStream::connect(server).await.unwrap();
    let own = stream.local_addr().unwrap();
    stream.write_all(invite("TCP", own, server).as_bytes()).await.unwrap();
    let leg = centre.arrived().await;
    centre.command(Command::Answer { leg, sdp: sdp() });
    let mut heard = String::new();
    while !heard.contains("SIP/2.0 200 OK") || !heard.ends_with(SDP) {
        let mut buffer = [0; 4096];
        let n = timeout(LIMIT, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(n > 0, "the connection stays open: {heard}");
        heard.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
    }
    assert!(heard.starts_with("SIP/2.0 100 Trying"));
    centre.close().await;
}

#[tokio::test]
async fn a_phone_that_listens_on_tcp_is_connected_to_and_one_that_does_not_is_unreachable() {
    let place = Place::new();
    let mut centre = Centre::open(&place, 0).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = listener.local_addr().unwrap();
    let mut ids = Ids::new(Rng::from_u64(8));
    let call = |leg, to: String| Command::Call {
        leg,
        to: Target::Uri(to),
        from: "tel:1".parse().unwrap(),
        display: None,
        offer: sdp(),
        ring_s: 20,
    };
    let leg = ids.mint(Wall(1));
    centre.command(call(leg, format!("sip:a@localhost:{};transport=tcp", there.port())));
    let (mut stream, _) = timeout(LIMIT, listener.accept()).await.unwrap().unwrap();
    let mut buffer = [0; 4096];
    let n = timeout(LIMIT, stream.read(&mut buffer)).await.unwrap().unwrap();
    assert!(buffer[..n].starts_with(b"INVITE sip:a@localhost"));
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let other: LegId = ids.mint(Wall(1));
    centre.command(call(other, format!("sip:a@{nobody};transport=tcp")));
    loop {
        if let Event::Refused { leg, cause } = centre.next().await {
            assert_eq!((leg, cause), (other, ngcc_proto::access::Cause::Unreachable));
            break;
        }
    }
    centre.close().await;
}

#[tokio::test]
async fn a_port_in_use_is_told_in_one_line() {
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let place = Place::new();
    let house = House::open(ngcc_runtime::Settings::at(&place.0)).unwrap();
    let error = start(settings(port), &house).await.unwrap_err();
    let line = error.to_string();
    assert!(matches!(error, StartError::Listen { transport: "UDP", .. }));
    assert!(line.contains(&port.to_string()) && line.contains("sip.udp") && !line.contains('\n'), "{line}");
    drop(Arc::new(house));
}
