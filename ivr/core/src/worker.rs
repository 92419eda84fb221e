//! The border between the ivr core, which decides, and the media workers, which move packets on the 20 ms clock.

use std::net::SocketAddr;
use std::sync::Arc;

use ngcc_proto::media::{Part, Phase};
use ngcc_proto::{CollabId, ConferenceId, LegId, Secret};

/// A voice codec a leg speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// G.711 µ-law, 8 kHz.
    Pcmu,
    /// G.711 A-law, 8 kHz.
    Pcma,
}

/// How a leg's packets look and where they go. Persisted as it is: a restart goes on from it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stream {
    /// Where packets are sent; none before the remote answer, or while it holds with no address.
    pub remote: Option<SocketAddr>,
    /// The codec, the same both ways.
    pub codec: Codec,
    /// Its payload type.
    pub payload_type: u8,
    /// The payload type of telephone-event (RFC 4733), if it was agreed.
    pub telephone_event: Option<u8>,
    /// Whether we may send (the remote side receives).
    pub send: bool,
    /// Whether what comes in is heard.
    pub receive: bool,
    /// Our SSRC.
    pub ssrc: u32,
    /// Our first sequence number.
    pub seq: u16,
    /// Our first timestamp.
    pub timestamp: u32,
    /// Whether packets go through a browser's connection ([`Connect`]) and not to `remote`.
    #[serde(default)]
    pub web: bool,
    /// Its pictures, if any were agreed.
    #[serde(default)]
    pub video: Option<VideoStream>,
}

/// A picture codec a browser's leg speaks. Pictures are forwarded, never decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VideoCodec {
    /// VP8 (RFC 7741).
    Vp8,
    /// H.264 constrained baseline, packetization mode 1 (RFC 6184).
    H264,
}

/// How a leg's pictures look. Their clock is 90 kHz.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VideoStream {
    /// The codec, the same both ways.
    pub codec: VideoCodec,
    /// Its payload type.
    pub payload_type: u8,
    /// Whether we may send.
    pub send: bool,
    /// Whether what comes in is shown.
    pub receive: bool,
    /// Our SSRC.
    pub ssrc: u32,
}

/// Our ICE credentials for one connection (RFC 8445 section 5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceKeys {
    /// The user fragment.
    pub ufrag: String,
    /// The password.
    pub password: Secret,
}

/// A browser's connection: ICE-lite on the leg's RTP port, DTLS-SRTP over it (RFC 8445, 5763, 5764).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// Our credentials.
    pub ours: IceKeys,
    /// The browser's user fragment.
    pub theirs: String,
    /// SHA-256 of the certificates the browser may show (RFC 8122).
    pub fingerprints: Vec<[u8; 32]>,
    /// Whether we begin the DTLS handshake.
    pub active: bool,
    /// The payload type of Opus, of a browser that speaks nothing else; its stream is µ-law under the same type.
    pub opus: Option<u8>,
}

/// Names one sound that was asked for, for its end.
pub type PlayId = u64;

/// A sound for the automation's mouth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sound {
    /// Samples at 8 kHz, mono.
    Pcm(Arc<[i16]>),
    /// Hold music, from where it is now.
    Music,
    /// Silence of this many milliseconds.
    Silence(u32),
}

/// To the workers. A leg's sockets are handed over beside `Open` by the shell, which bound them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToWorker {
    /// A leg begins; its conference too, if it is the first.
    Open {
        /// The leg.
        leg: LegId,
        /// Its conference.
        conference: ConferenceId,
        /// Its part.
        part: Part,
        /// Its stream; none before the remote answer to our offer.
        stream: Option<Stream>,
    },
    /// The stream of an open leg is now this.
    Stream {
        /// The leg.
        leg: LegId,
        /// The stream.
        stream: Stream,
    },
    /// A browser's connection for an open leg, in place of the one it had; `PeerUp` tells that it stands.
    Connect {
        /// The leg.
        leg: LegId,
        /// The connection.
        connect: Box<Connect>,
    },
    /// The browser of an open leg has restarted ICE: its connection goes on under these credentials.
    Restart {
        /// The leg.
        leg: LegId,
        /// Our credentials.
        ours: IceKeys,
        /// The browser's user fragment.
        theirs: String,
    },
    /// A leg changes conference or part.
    Place {
        /// The leg.
        leg: LegId,
        /// Where to.
        conference: ConferenceId,
        /// As what.
        part: Part,
    },
    /// A conference's phase.
    Phase {
        /// The conference.
        conference: ConferenceId,
        /// The phase.
        phase: Phase,
    },
    /// The pictures of a conference's `User` are recorded while they are shown, or no longer.
    Record {
        /// The conference.
        conference: ConferenceId,
        /// Whose recording it is; none ends it.
        collab: Option<CollabId>,
    },
    /// The automation says this, after what it is saying now; `Played` tells its end.
    Play {
        /// The conference.
        conference: ConferenceId,
        /// Its name.
        play: PlayId,
        /// What.
        sound: Sound,
        /// Again and again until `StopPlaying`.
        repeat: bool,
    },
    /// The automation falls silent, and forgets what it was still to say. No `Played` comes for it.
    StopPlaying {
        /// The conference.
        conference: ConferenceId,
    },
    /// A leg hears itself.
    Echo {
        /// The leg.
        leg: LegId,
        /// On or off.
        on: bool,
    },
    /// A leg ends; its conference with the last one.
    Close {
        /// The leg.
        leg: LegId,
    },
}

/// From the workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromWorker {
    /// A sound has been said to its end.
    Played {
        /// The conference.
        conference: ConferenceId,
        /// Its name.
        play: PlayId,
    },
    /// A key, once, at its end or after its longest time (RFC 4733).
    Digit {
        /// The leg.
        leg: LegId,
        /// The key.
        digit: Secret,
    },
    /// Nothing has come for the configured time; told once until something comes again.
    Silent {
        /// The leg.
        leg: LegId,
    },
    /// A leg's browser is connected.
    PeerUp {
        /// The leg.
        leg: LegId,
    },
    /// A leg's browser has gone, or could not prove who it is.
    PeerLost {
        /// The leg.
        leg: LegId,
    },
}
