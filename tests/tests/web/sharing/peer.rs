//! A browser's peer connection for the pictures of one screen, by the WebRTC crate's own state machine; the test that has
//! it drives it.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_PCMU, MIME_TYPE_VP8, MediaEngine};
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
use rtc::sansio::Protocol as _;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};

/// How long it is waited for a datagram before it is done what is due.
const WAIT: Duration = Duration::from_millis(2);
const PICTURES: u32 = 2222;
/// The most of a picture in one packet: small, so that most take several.
const PIECE: usize = 300;
/// Of our packets: an extension, a picture id of fifteen bits.
const DESCRIPTOR: usize = 4;

/// See the module.
pub(super) struct Peer {
    socket: UdpSocket,
    address: SocketAddr,
    peer: RTCPeerConnection,
    pictures: RTCRtpSenderId,
    state: RTCPeerConnectionState,
    seq: u16,
    timestamp: u32,
    partial: Vec<u8>,
    /// The pictures it was shown.
    pub(super) seen: Vec<Vec<u8>>,
}

impl Peer {
    pub(super) fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.set_read_timeout(Some(WAIT)).expect("it waits for a moment only");
        let address = socket.local_addr().expect("an address");
        let mut engine = MediaEngine::default();
        let (voice, vp8) = (codec(MIME_TYPE_PCMU, 8000, 0), codec(MIME_TYPE_VP8, 90_000, 96));
        engine.register_codec(voice.clone(), RtpCodecKind::Audio).expect("a codec");
        engine.register_codec(vp8.clone(), RtpCodecKind::Video).expect("a codec");
        let builder = RTCPeerConnectionBuilder::new().with_media_engine(engine);
        let mut peer = builder.build(Instant::now()).expect("a connection");
        peer.add_track(track(RtpCodecKind::Audio, 1111, voice.rtp_codec)).expect("a track");
        let pictures = peer.add_track(track(RtpCodecKind::Video, PICTURES, vp8.rtp_codec)).expect("a track");
        let base_config = CandidateConfig {
            network: "udp".to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            component: 1,
            ..CandidateConfig::default()
        };
        let candidate = CandidateHostConfig { base_config, ..CandidateHostConfig::default() };
        let candidate = RTCIceCandidate::from(&candidate.new_candidate_host().expect("a candidate"));
        peer.add_local_candidate(candidate.to_json().expect("a candidate")).expect("it is taken");
        let (state, seen, partial) = (RTCPeerConnectionState::New, vec![], vec![]);
        Self { socket, address, peer, pictures, state, seq: 60_000, timestamp: 0, partial, seen }
    }

    /// Its offer with no sound, and its pictures in this direction only.
    pub(super) fn offer(&mut self, pictures: &str) -> String {
        let offer = self.peer.create_offer(None).expect("an offer");
        self.peer.set_local_description(Instant::now(), offer).expect("it stands");
        let sdp = self.peer.local_description().expect("a description").sdp;
        let mut is_sound = true;
        let lines = sdp.lines().map(|line| {
            is_sound = if line.starts_with("m=") { line.starts_with("m=audio") } else { is_sound };
            match line {
                "a=sendrecv" | "a=sendonly" | "a=recvonly" => {
                    format!("a={}\r\n", if is_sound { "inactive" } else { pictures })
                }
                line => format!("{line}\r\n"),
            }
        });
        lines.collect()
    }

    pub(super) fn answered(&mut self, sdp: &str) {
        let answer = RTCSessionDescription::answer(sdp.to_owned()).expect("an answer");
        self.peer.set_remote_description(Instant::now(), answer).expect("it is taken");
    }

    pub(super) fn is_connected(&self) -> bool {
        self.state == RTCPeerConnectionState::Connected
    }

    /// Sends a picture (RFC 7741), a frame's time behind the one before.
    pub(super) fn show(&mut self, picture: &[u8]) {
        self.timestamp += 3000;
        let count = picture.len().div_ceil(PIECE);
        for (i, piece) in picture.chunks(PIECE).enumerate() {
            let mut payload = vec![if i == 0 { 0x90 } else { 0x80 }, 0x80, 0x80, 1];
            payload.extend_from_slice(piece);
            let header = Header {
                version: 2,
                marker: i + 1 == count,
                payload_type: 96,
                sequence_number: self.seq,
                timestamp: self.timestamp,
                ssrc: PICTURES,
                ..Header::default()
            };
            self.seq = self.seq.wrapping_add(1);
            let packet = Packet { header, payload: Bytes::from(payload) };
            let mut sender = self.peer.rtp_sender(self.pictures).expect("a sender");
            sender.write_rtp(Instant::now(), packet).expect("it is sent");
        }
        self.send();
    }

    /// Takes what comes, waiting for a moment only, and does what is due.
    pub(super) fn step(&mut self) {
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
            // What the connection does not take is told by its state.
            let _ = self.peer.handle_read(TaggedBytesMut { now: Instant::now(), transport, message });
        }
        // As above.
        let _ = self.peer.handle_timeout(Instant::now());
        while let Some(event) = self.peer.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.state = state;
            }
        }
        while let Some(TaggedRTCMessage { message, .. }) = self.peer.poll_read() {
            let RTCMessage::RtpPacket(_, packet) = message else { continue };
            self.partial.extend_from_slice(packet.payload.get(DESCRIPTOR..).unwrap_or_default());
            if packet.header.marker {
                self.seen.push(std::mem::take(&mut self.partial));
            }
        }
        self.send();
    }

    fn send(&mut self) {
        while let Some(datagram) = self.peer.poll_write() {
            // Lost like any other.
            let _ = self.socket.send_to(&datagram.message, datagram.transport.peer_addr);
        }
    }
}

fn codec(mime: &str, clock_rate: u32, payload_type: u8) -> RTCRtpCodecParameters {
    let channels = u16::from(clock_rate == 8000);
    let rtp_codec =
        RTCRtpCodec { mime_type: mime.to_owned(), clock_rate, channels, ..RTCRtpCodec::default() };
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
