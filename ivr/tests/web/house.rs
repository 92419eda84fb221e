//! A house with nothing in it but the media server, and a phone.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ngcc_ivr::{MediaSettings, Settings};
use ngcc_ivr_core::media::rtp::Packet;
use ngcc_ivr_core::media::{FRAME, g711};
use ngcc_ivr_core::worker::Codec;
use ngcc_proto::envelope::Body;
use ngcc_proto::media::{Command, Event, Part, Phase};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{ConferenceId, Envelope, Ids, LegId, Role, SessionId};
use ngcc_runtime::House;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub(crate) const WEB: LegId = LegId(1);
pub(crate) const PHONE: LegId = LegId(2);
pub(crate) const ROOM: ConferenceId = ConferenceId(3);
/// Long enough for any machine; what is awaited ends it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Centre {
    house: House,
    ivr: ngcc_ivr::Ivr,
    ids: Ids,
    told: UnboundedReceiver<Body>,
}

impl Centre {
    pub(crate) fn open(dir: &Path) -> Self {
        let house = House::open(ngcc_runtime::Settings::at(dir)).unwrap();
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
        Self { house, ivr, ids, told }
    }

    pub(crate) fn send(&mut self, command: Command) {
        let at = self.house.clock.now().wall;
        self.house.bus.send(Envelope::new(&mut self.ids, at, Some(SessionId(9)), None, command));
    }

    pub(crate) fn phase(&mut self, phase: Phase) {
        self.send(Command::Phase { conference: ROOM, phase });
    }

    /// The next thing cti is told that `pick` takes.
    pub(crate) async fn told<T>(&mut self, pick: impl Fn(&Event) -> Option<T>) -> T {
        let next = async {
            loop {
                let body = self.told.recv().await.expect("the media server runs");
                if let Body::MediaEvent(event) = &body
                    && let Some(found) = pick(event)
                {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("cti is told in time")
    }

    /// Opens a leg with an offer; the answer.
    pub(crate) async fn leg(&mut self, leg: LegId, part: Part, offer: Sdp) -> Sdp {
        self.leg_in(ROOM, leg, part, offer).await
    }

    pub(crate) async fn leg_in(
        &mut self,
        conference: ConferenceId,
        leg: LegId,
        part: Part,
        offer: Sdp,
    ) -> Sdp {
        self.send(Command::Open { leg, conference, part, offer: Some(offer) });
        self.told(|event| {
            assert!(!matches!(event, Event::Failed { .. }), "{event:?}");
            let Event::Opened { leg: opened, sdp } = event else { return None };
            (*opened == leg).then(|| sdp.clone())
        })
        .await
    }

    /// Gives an open leg a new offer; the answer.
    pub(crate) async fn reoffer(&mut self, leg: LegId, offer: Sdp) -> Option<Sdp> {
        self.send(Command::Reoffer { leg, offer: Some(offer) });
        self.told(|event| {
            let Event::Reanswered { sdp, .. } = event else { return None };
            Some(sdp.clone())
        })
        .await
    }

    pub(crate) async fn up(&mut self, leg: LegId) {
        self.told(|event| (*event == Event::PeerUp { leg }).then_some(())).await
    }

    /// Waits until cti is told `awaited`, while the browser is driven on.
    pub(crate) fn told_while(&mut self, awaited: &Event, mut step: impl FnMut()) {
        let until = deadline();
        loop {
            step();
            match self.told.try_recv() {
                Ok(Body::MediaEvent(event)) if event == *awaited => return,
                Ok(_) => {}
                Err(TryRecvError::Empty) => assert!(Instant::now() < until, "{awaited:?} comes in time"),
                Err(TryRecvError::Disconnected) => panic!("the media server runs"),
            }
        }
    }

    pub(crate) async fn lost(&mut self, leg: LegId) {
        self.told(|event| (*event == Event::PeerLost { leg }).then_some(())).await
    }

    /// A phone's leg, open.
    pub(crate) async fn phone(&mut self, leg: LegId, part: Part) -> Phone {
        self.phone_in(ROOM, leg, part).await
    }

    pub(crate) async fn phone_in(&mut self, conference: ConferenceId, leg: LegId, part: Part) -> Phone {
        let phone = Phone::new();
        let answer = self.leg_in(conference, leg, part, phone.offer()).await;
        phone.socket.connect(("127.0.0.1", answer.first("audio").unwrap().port)).unwrap();
        phone
    }

    pub(crate) async fn close(self) {
        self.house.stop.begin();
        self.ivr.closed().await;
        self.house.closed().await;
    }
}

/// An RTP endpoint that speaks a tone in µ-law and hears.
pub(crate) struct Phone {
    socket: UdpSocket,
    seq: u16,
    sound: Vec<i16>,
}

impl Phone {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, seq: 0, sound: vec![] }
    }

    fn offer(&self) -> Sdp {
        let port = self.socket.local_addr().unwrap().port();
        let text = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        );
        text.parse().unwrap()
    }

    /// Says a frame of a tone.
    pub(crate) fn speak(&mut self, hz: f64) {
        let payload = frame(hz, usize::from(self.seq));
        let timestamp = u32::from(self.seq) * FRAME as u32;
        let packet =
            Packet { marker: false, payload_type: 0, seq: self.seq, timestamp, ssrc: 77, payload: &payload };
        let mut bytes = vec![];
        packet.write(&mut bytes);
        self.seq += 1;
        self.socket.send(&bytes).unwrap();
    }

    /// Everything heard since it was asked last.
    pub(crate) fn sound(&mut self) -> Vec<i16> {
        let mut buffer = [0; 2048];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let packet = Packet::parse(&buffer[..length]).unwrap();
            if packet.payload_type == 0 {
                self.sound.extend(decoded(packet.payload));
            }
        }
        std::mem::take(&mut self.sound)
    }
}

/// The `n`th frame of a tone, in µ-law.
pub(crate) fn frame(hz: f64, n: usize) -> [u8; FRAME] {
    let samples: Vec<i16> = (n * FRAME..(n + 1) * FRAME)
        .map(|i| ((i as f64 * hz * std::f64::consts::TAU / 8000.0).sin() * 4000.0) as i16)
        .collect();
    let mut bytes = [0; FRAME];
    g711::encode(Codec::Pcmu, &samples, &mut bytes);
    bytes
}

pub(crate) fn decoded(payload: &[u8]) -> Vec<i16> {
    let mut samples = vec![0; payload.len()];
    g711::decode(Codec::Pcmu, payload, &mut samples);
    samples
}

/// How much of the sound's power is a tone of `hz` (Goertzel): 1 is all of it.
pub(crate) fn tone(samples: &[i16], hz: f64) -> f64 {
    let frames: Vec<f64> = samples.chunks_exact(FRAME).map(|frame| tone_in_frame(frame, hz)).collect();
    if frames.is_empty() { 0.0 } else { frames.iter().sum::<f64>() / frames.len() as f64 }
}

fn tone_in_frame(samples: &[i16], hz: f64) -> f64 {
    let power: f64 = samples.iter().map(|&s| f64::from(s).powi(2)).sum();
    if power < 1.0 {
        return 0.0;
    }
    let coefficient = 2.0 * (std::f64::consts::TAU * hz / 8000.0).cos();
    let (mut a, mut b) = (0.0, 0.0);
    for &sample in samples {
        (a, b) = (f64::from(sample) + coefficient * a - b, a);
    }
    (a * a + b * b - coefficient * a * b) * 2.0 / (power * samples.len() as f64)
}

/// The moment by which something has to have happened.
pub(crate) fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// A directory of its own.
pub(crate) fn dir(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("ngcc-ivr-web-{name}-{}", std::process::id()));
    // It may not be there.
    let _ = std::fs::remove_dir_all(&dir);
    dir
}
