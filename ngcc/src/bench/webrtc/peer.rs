//! A browser's peer connection that speaks µ-law, fifty packets a second, and counts what it hears.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_PCMU, MediaEngine};
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
use tokio::net::UdpSocket;

const SSRC: u32 = 1111;
const PERIOD: Duration = Duration::from_millis(20);
/// Samples of one packet.
const FRAME: usize = 160;
/// The largest datagram.
const LARGEST: usize = 2048;
/// How long nothing may be due at most.
const IDLE: Duration = Duration::from_secs(1);

/// What was said and heard.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    /// Packets sent.
    pub(super) sent: u64,
    /// Packets that came.
    pub(super) came: u64,
    /// Packets that are missing among those that came, by their numbers.
    pub(super) lost: u64,
}

impl Heard {
    /// Takes another's.
    pub(super) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.came += other.came;
        self.lost += other.lost;
    }
}

/// A peer connection.
pub(super) struct Peer {
    socket: UdpSocket,
    address: SocketAddr,
    peer: RTCPeerConnection,
    voice: RTCRtpSenderId,
    state: RTCPeerConnectionState,
    frames: usize,
    due: Instant,
    /// The number of the latest packet that came.
    last: Option<u16>,
    /// What was said and heard.
    pub(super) count: Heard,
}

impl Peer {
    /// One that has not offered yet.
    ///
    /// # Errors
    /// A socket cannot be opened.
    pub(super) async fn open() -> io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let codec = codec();
        let mut engine = MediaEngine::default();
        engine.register_codec(codec.clone(), RtpCodecKind::Audio).map_err(io::Error::other)?;
        let now = Instant::now();
        let built = RTCPeerConnectionBuilder::new().with_media_engine(engine).build(now);
        let mut peer = built.map_err(io::Error::other)?;
        let voice = peer.add_track(track(codec.rtp_codec)).map_err(io::Error::other)?;
        let base_config = CandidateConfig {
            network: "udp".to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            component: 1,
            ..CandidateConfig::default()
        };
        let host = CandidateHostConfig { base_config, ..CandidateHostConfig::default() };
        let candidate = RTCIceCandidate::from(&host.new_candidate_host().map_err(io::Error::other)?);
        peer.add_local_candidate(candidate.to_json().map_err(io::Error::other)?).map_err(io::Error::other)?;
        let state = RTCPeerConnectionState::New;
        Ok(Self {
            socket,
            address,
            peer,
            voice,
            state,
            frames: 0,
            due: now,
            last: None,
            count: Heard::default(),
        })
    }

    /// Its offer.
    ///
    /// # Errors
    /// It cannot be made.
    pub(super) fn offer(&mut self) -> io::Result<String> {
        let offer = self.peer.create_offer(None).map_err(io::Error::other)?;
        self.peer.set_local_description(Instant::now(), offer).map_err(io::Error::other)?;
        let local = self.peer.local_description();
        local.map(|local| local.sdp).ok_or_else(|| io::Error::other("there is no offer"))
    }

    /// Takes the answer.
    ///
    /// # Errors
    /// It does not fit the offer.
    pub(super) fn answered(&mut self, sdp: &str) -> io::Result<()> {
        let answer = RTCSessionDescription::answer(sdp.to_owned()).map_err(io::Error::other)?;
        self.peer.set_remote_description(Instant::now(), answer).map_err(io::Error::other)
    }

    /// Whether it may speak.
    pub(super) fn is_connected(&self) -> bool {
        self.state == RTCPeerConnectionState::Connected
    }

    /// Takes leave.
    ///
    /// # Errors
    /// It was not open.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.peer.close().map_err(io::Error::other)?;
        self.send();
        Ok(())
    }

    /// Waits for what comes or is due next, and does it. Safe to drop half-way.
    ///
    /// # Errors
    /// The connection ends, or a socket fails.
    pub(super) async fn step(&mut self) -> io::Result<()> {
        self.send();
        let now = Instant::now();
        let mut next = self.peer.poll_timeout().unwrap_or(now + IDLE).min(now + IDLE);
        if self.is_connected() {
            next = next.min(self.due);
        }
        tokio::select! {
            readable = self.socket.readable() => {
                readable?;
                self.read();
            }
            () = tokio::time::sleep_until(next.into()) => {}
        }
        let now = Instant::now();
        // What the connection does not take is told by its state.
        let _ = self.peer.handle_timeout(now);
        if self.is_connected() && now >= self.due {
            // One that comes late speaks on from now.
            self.due = (self.due + PERIOD).max(now - 5 * PERIOD);
            self.speak(now)?;
        }
        self.hear();
        self.send();
        let lost = [RTCPeerConnectionState::Failed, RTCPeerConnectionState::Closed].contains(&self.state);
        if lost { Err(io::Error::other("the peer connection is lost")) } else { Ok(()) }
    }

    fn read(&mut self) {
        let mut buffer = [0; LARGEST];
        while let Ok((length, peer_addr)) = self.socket.try_recv_from(&mut buffer) {
            let transport = TransportContext {
                local_addr: self.address,
                peer_addr,
                ecn: None,
                transport_protocol: TransportProtocol::UDP,
            };
            let message = BytesMut::from(&buffer[..length]);
            // As in `step`.
            let _ = self.peer.handle_read(TaggedBytesMut { now: Instant::now(), transport, message });
        }
    }

    fn speak(&mut self, now: Instant) -> io::Result<()> {
        let header = Header {
            version: 2,
            payload_type: 0,
            sequence_number: (self.frames & 0xFFFF) as u16,
            timestamp: (self.frames * FRAME) as u32,
            ssrc: SSRC,
            ..Header::default()
        };
        // A wave of 500 Hz, near enough, in µ-law.
        let payload: Bytes = (0..FRAME).map(|i| if i / 8 % 2 == 0 { 0xA0 } else { 0x20 }).collect();
        self.frames += 1;
        self.count.sent += 1;
        let mut sender = self.peer.rtp_sender(self.voice).ok_or_else(|| io::Error::other("no sender"))?;
        sender.write_rtp(now, Packet { header, payload }).map_err(io::Error::other)
    }

    fn hear(&mut self) {
        while let Some(event) = self.peer.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.state = state;
                if self.is_connected() {
                    self.due = Instant::now();
                }
            }
        }
        while let Some(TaggedRTCMessage { message, .. }) = self.peer.poll_read() {
            let RTCMessage::RtpPacket(_, packet) = message else { continue };
            let number = packet.header.sequence_number;
            self.count.came += 1;
            let ahead = self.last.map_or(1, |last| number.wrapping_sub(last));
            // One that comes behind its place was counted as lost: it is not.
            if ahead < 0x8000 {
                self.count.lost += u64::from(ahead.saturating_sub(1));
                self.last = Some(number);
            } else {
                self.count.lost = self.count.lost.saturating_sub(1);
            }
        }
    }

    fn send(&mut self) {
        while let Some(datagram) = self.peer.poll_write() {
            // Lost like any other.
            let _ = self.socket.try_send_to(&datagram.message, datagram.transport.peer_addr);
        }
    }
}

fn codec() -> RTCRtpCodecParameters {
    let rtp_codec = RTCRtpCodec {
        mime_type: MIME_TYPE_PCMU.to_owned(),
        clock_rate: 8000,
        channels: 1,
        ..RTCRtpCodec::default()
    };
    RTCRtpCodecParameters { rtp_codec, payload_type: 0 }
}

fn track(codec: RTCRtpCodec) -> MediaStreamTrack {
    let coding = RTCRtpCodingParameters { ssrc: Some(SSRC), ..RTCRtpCodingParameters::default() };
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: coding,
        codec,
        ..RTCRtpEncodingParameters::default()
    };
    let name = || "voice".to_owned();
    MediaStreamTrack::new("bench".to_owned(), name(), name(), RtpCodecKind::Audio, vec![encoding])
}
