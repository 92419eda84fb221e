//! One caller with a socket, and the house it calls.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ngcc_ivr::{MediaSettings, Settings};
use ngcc_proto::config::{Flow, ForIvr};
use ngcc_proto::envelope::Body;
use ngcc_proto::flow::{self, Vars};
use ngcc_proto::media::{self, Part};
use ngcc_proto::{ConferenceId, Envelope, Ids, LegId, Role, RunId, SessionId};
use ngcc_runtime::House;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub(crate) const LEG: LegId = LegId(1);
pub(crate) const RUN: RunId = RunId(2);
pub(crate) const ROOM: ConferenceId = ConferenceId(3);

/// A house with nothing in it but the media server.
pub(crate) struct Centre {
    house: House,
    ivr: ngcc_ivr::Ivr,
    ids: Ids,
    told: UnboundedReceiver<Body>,
}

impl Centre {
    pub(crate) fn open(dir: &Path, wiring: ngcc_runtime::Wiring) -> Self {
        let settings = ngcc_runtime::Settings { wiring, ..ngcc_runtime::Settings::at(dir) };
        let house = House::open(settings).unwrap();
        let (tell, told) = unbounded_channel();
        house.bus.attach(
            Role::Cti,
            Box::new(move |envelope: Envelope| {
                // Nobody listens once a test has ended.
                let _ = tell.send(envelope.body);
            }),
        );
        let media = MediaSettings { local: [127, 0, 0, 1].into(), ports: None, ..MediaSettings::default() };
        let ivr = ngcc_ivr::start(Settings { media, ..Settings::default() }, &house).unwrap();
        let ids = house.ids();
        let mut centre = Self { house, ivr, ids, told };
        let text = include_str!("../../flows/main.json").to_owned();
        let flows = vec![Flow { name: "main".to_owned(), text }];
        centre.send(ForIvr { version: 1, flows, ..ForIvr::default() });
        centre
    }

    pub(crate) fn send(&mut self, body: impl Into<Body>) {
        let at = self.house.clock.now().wall;
        self.house.bus.send(Envelope::new(&mut self.ids, at, Some(SessionId(9)), None, body));
    }

    /// The next thing cti is told that `pick` takes.
    pub(crate) async fn told<T>(&mut self, pick: impl Fn(&Body) -> Option<T>) -> T {
        let next = async {
            loop {
                let body = self.told.recv().await.expect("the media server runs");
                if let Some(found) = pick(&body) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), next).await.expect("cti is told in time")
    }

    /// The caller's leg, open, with the flow `main` running for it.
    pub(crate) async fn call(&mut self, caller: &mut Caller) {
        let offer = Some(caller.offer());
        self.send(media::Command::Open { leg: LEG, conference: ROOM, part: Part::User, offer });
        let sdp = self
            .told(|body| {
                let Body::MediaEvent(media::Event::Opened { sdp, .. }) = body else { return None };
                Some(sdp.clone())
            })
            .await;
        let port = sdp.first("audio").unwrap().port;
        caller.socket.connect(("127.0.0.1", port)).unwrap();
        let vars = Vars::from([("lang".to_owned(), "en".to_owned())]);
        let flow = "main".to_owned();
        self.send(flow::Command::Start {
            run: RUN,
            conference: ROOM,
            leg: LEG,
            flow,
            vars,
            answered: true,
            medium: ngcc_proto::fact::Medium::Voice,
        });
    }

    pub(crate) async fn close(self) {
        self.house.stop.begin();
        self.ivr.closed().await;
        self.house.closed().await;
    }
}

/// An RTP endpoint that hears µ-law and presses keys.
pub(crate) struct Caller {
    socket: UdpSocket,
    seq: u16,
    timestamp: u32,
}

/// A packet as it was heard.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) seq: u16,
    pub(crate) ssrc: u32,
    pub(crate) loud: bool,
}

impl Caller {
    pub(crate) fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self { socket, seq: 1, timestamp: 1 }
    }

    fn offer(&self) -> ngcc_proto::sdp::Sdp {
        let port = self.socket.local_addr().unwrap().port();
        let text = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        );
        text.parse().unwrap()
    }

    /// The next packet.
    pub(crate) fn hear(&self) -> Heard {
        let mut packet = [0; 2048];
        let len = self.socket.recv(&mut packet).expect("a packet comes in time");
        assert_eq!((packet[0], len), (0x80, 172), "20 ms of µ-law");
        let seq = u16::from_be_bytes([packet[2], packet[3]]);
        let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        // µ-law with its bits turned: the segment says how loud.
        let loud = packet[12..len].iter().any(|code| (!code & 0x7F) > 0x40);
        Heard { seq, ssrc, loud }
    }

    /// Hears until something is said, for ten seconds at the most.
    pub(crate) fn hear_speech(&self) -> Heard {
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            let heard = self.hear();
            if heard.loud {
                return heard;
            }
        }
        panic!("nothing was said");
    }

    /// Presses a key: RFC 4733, its end three times.
    pub(crate) fn press(&mut self, key: u8) {
        self.timestamp += 1600;
        for (i, (end, duration)) in
            [(0u8, 160u16), (0, 320), (0x80, 480), (0x80, 480), (0x80, 480)].iter().enumerate()
        {
            let marker = if i == 0 { 0x80 } else { 0 };
            let mut packet = vec![0x80, 101 | marker];
            packet.extend(self.seq.to_be_bytes());
            packet.extend(self.timestamp.to_be_bytes());
            packet.extend([0, 0, 0, 77, key, 10 | end]);
            packet.extend(duration.to_be_bytes());
            self.socket.send(&packet).unwrap();
            self.seq += 1;
        }
    }
}

/// A directory of its own.
pub(crate) fn dir(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("ngcc-ivr-{name}-{}", std::process::id()));
    // It may not be there.
    let _ = std::fs::remove_dir_all(&dir);
    dir
}
