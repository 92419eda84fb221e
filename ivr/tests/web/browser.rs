//! A browser's peer connection, by the WebRTC crate's own state machine, driven by the test that has it.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use ngcc_ivr_core::media::FRAME;
use ngcc_proto::sdp::Sdp;
use opus::{Application, Channels, Decoder, Encoder};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_PCMU, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::event::RTCPeerConnectionEvent;
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp::{header::Header, packet::Packet};
use rtc::rtp_transceiver::RTCRtpSenderId;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};

use super::house::{decoded, frame};

const VOICE: u32 = 1111;
const PICTURES: u32 = 2222;
const OPUS: u8 = 111;
const PERIOD: Duration = Duration::from_millis(20);

pub(crate) struct Browser {
    socket: UdpSocket,
    address: SocketAddr,
    peer: RTCPeerConnection,
    voice: RTCRtpSenderId,
    pictures: Option<RTCRtpSenderId>,
    pub(crate) state: RTCPeerConnectionState,
    opus: Option<(Encoder, Decoder)>,
    frames: usize,
    due: Instant,
    /// A tone it says, in Hz.
    pub(crate) says: Option<f64>,
    /// What it heard.
    pub(crate) sound: Vec<i16>,
    /// The packets of pictures it got.
    pub(crate) seen: Vec<Packet>,
    /// The SSRCs of the sound it got.
    pub(crate) voices: Vec<u32>,
}

impl Browser {
    pub(crate) fn new(video: bool) -> Self {
        Self::with(video, false)
    }

    /// One that speaks Opus alone.
    pub(crate) fn in_opus() -> Self {
        Self::with(false, true)
    }

    fn with(video: bool, opus: bool) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let mut engine = MediaEngine::default();
        let voice = if opus { codec(MIME_TYPE_OPUS, 48_000, OPUS) } else { codec(MIME_TYPE_PCMU, 8000, 0) };
        let coder = || {
            let encoder = Encoder::new(8000, Channels::Mono, Application::Voip).unwrap();
            (encoder, Decoder::new(8000, Channels::Mono).unwrap())
        };
        let vp8 = codec(MIME_TYPE_VP8, 90_000, 96);
        engine.register_codec(voice.clone(), RtpCodecKind::Audio).unwrap();
        engine.register_codec(vp8.clone(), RtpCodecKind::Video).unwrap();
        let now = Instant::now();
        let mut peer = RTCPeerConnectionBuilder::new().with_media_engine(engine).build(now).unwrap();
        let voice = peer.add_track(track(RtpCodecKind::Audio, VOICE, voice.rtp_codec)).unwrap();
        let pictures =
            video.then(|| peer.add_track(track(RtpCodecKind::Video, PICTURES, vp8.rtp_codec)).unwrap());
        let base_config = CandidateConfig {
            network: "udp".to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            component: 1,
            ..CandidateConfig::default()
        };
        let candidate = CandidateHostConfig { base_config, ..CandidateHostConfig::default() };
        let candidate = RTCIceCandidate::from(&candidate.new_candidate_host().unwrap());
        peer.add_local_candidate(candidate.to_json().unwrap()).unwrap();
        Self {
            socket,
            address,
            peer,
            voice,
            pictures,
            state: RTCPeerConnectionState::New,
            opus: opus.then(coder),
            frames: 0,
            due: now,
            says: None,
            sound: vec![],
            seen: vec![],
            voices: vec![],
        }
    }

    pub(crate) fn saying(self, hz: f64) -> Self {
        Self { says: Some(hz), ..self }
    }

    pub(crate) fn offer(&mut self) -> Sdp {
        let offer = self.peer.create_offer(None).unwrap();
        self.peer.set_local_description(Instant::now(), offer).unwrap();
        self.peer.local_description().unwrap().sdp.parse().unwrap()
    }

    pub(crate) fn answered(&mut self, answer: &Sdp) {
        let answer = RTCSessionDescription::answer(answer.to_string()).unwrap();
        self.peer.set_remote_description(Instant::now(), answer).unwrap();
    }

    /// Sends a packet of a picture.
    pub(crate) fn show(&mut self, seq: u16, timestamp: u32, payload: &[u8]) {
        let id = self.pictures.expect("it has a camera");
        let header = Header {
            version: 2,
            marker: true,
            payload_type: 96,
            sequence_number: seq,
            timestamp,
            ssrc: PICTURES,
            ..Header::default()
        };
        let packet = Packet { header, payload: Bytes::copy_from_slice(payload) };
        self.peer.rtp_sender(id).unwrap().write_rtp(Instant::now(), packet).unwrap();
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state == RTCPeerConnectionState::Connected
    }

    /// Takes leave.
    pub(crate) fn close(&mut self) {
        self.peer.close().unwrap();
        self.send();
    }

    /// Does what is due, for a few milliseconds.
    pub(crate) fn step(&mut self) {
        self.step_fast();
        std::thread::sleep(Duration::from_millis(2));
    }

    /// Does what is due.
    pub(crate) fn step_fast(&mut self) {
        self.send();
        let mut buffer = [0; 2048];
        while let Ok((length, peer_addr)) = self.socket.recv_from(&mut buffer) {
            let transport = TransportContext {
                local_addr: self.address,
                peer_addr,
                ecn: None,
                transport_protocol: TransportProtocol::UDP,
            };
            let message = BytesMut::from(&buffer[..length]);
            let datagram = TaggedBytesMut { now: Instant::now(), transport, message };
            // What the connection does not take is told by its state.
            let _ = self.peer.handle_read(datagram);
        }
        let now = Instant::now();
        // As above.
        let _ = self.peer.handle_timeout(now);
        if now >= self.due {
            self.due += PERIOD;
            self.speak(now);
        }
        self.hear();
        self.send();
    }

    fn speak(&mut self, now: Instant) {
        let Some(hz) = self.says.filter(|_| self.is_connected()) else { return };
        let said = frame(hz, self.frames);
        let (payload_type, ticks, payload) = match &mut self.opus {
            Some((encoder, _)) => (OPUS, 6, encoder.encode_vec(&decoded(&said), 400).unwrap()),
            None => (0, 1, said.to_vec()),
        };
        let header = Header {
            version: 2,
            payload_type,
            sequence_number: self.frames as u16,
            timestamp: (self.frames * FRAME * ticks) as u32,
            ssrc: VOICE,
            ..Header::default()
        };
        let payload = Bytes::from(payload);
        self.frames += 1;
        let sender = self.peer.rtp_sender(self.voice);
        sender.unwrap().write_rtp(now, Packet { header, payload }).unwrap();
    }

    fn hear(&mut self) {
        while let Some(event) = self.peer.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.state = state;
            }
        }
        while let Some(TaggedRTCMessage { message, .. }) = self.peer.poll_read() {
            let RTCMessage::RtpPacket(_, packet) = message else { continue };
            if packet.header.payload_type == 0 {
                self.voices.push(packet.header.ssrc);
                self.sound.extend(decoded(&packet.payload));
            } else if let (OPUS, Some((_, decoder))) = (packet.header.payload_type, &mut self.opus) {
                let mut samples = [0; 960];
                let count = decoder.decode(&packet.payload, &mut samples, false).unwrap();
                self.voices.push(packet.header.ssrc);
                self.sound.extend_from_slice(&samples[..count]);
            } else {
                self.seen.push(packet);
            }
        }
    }

    fn send(&mut self) {
        while let Some(datagram) = self.peer.poll_write() {
            // Lost like any other.
            let _ = self.socket.send_to(&datagram.message, datagram.transport.peer_addr);
        }
    }
}

fn codec(mime: &str, clock_rate: u32, payload_type: u8) -> RTCRtpCodecParameters {
    let rtp_codec = RTCRtpCodec {
        mime_type: mime.to_owned(),
        clock_rate,
        channels: if clock_rate == 48_000 { 2 } else { u16::from(clock_rate == 8000) },
        ..RTCRtpCodec::default()
    };
    RTCRtpCodecParameters { rtp_codec, payload_type }
}

fn track(kind: RtpCodecKind, ssrc: u32, codec: RTCRtpCodec) -> MediaStreamTrack {
    let coding = RTCRtpCodingParameters { ssrc: Some(ssrc), ..RTCRtpCodingParameters::default() };
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: coding,
        codec,
        ..RTCRtpEncodingParameters::default()
    };
    let name = format!("{kind}");
    MediaStreamTrack::new("stream".to_owned(), name.clone(), name, kind, vec![encoding])
}
