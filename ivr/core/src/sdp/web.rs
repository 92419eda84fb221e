//! The capability answer to a browser (RFC 8829): one bundled, multiplexed transport, ICE-lite, DTLS-SRTP. Sound is
//! G.711, which every browser offers (RFC 7874); pictures are VP8 or H.264.

use ngcc_proto::access::Cause;
use ngcc_proto::sdp::{Attribute, Direction, Media, Sdp};

use super::{Agreed, Local, audio, describe, payload_types, refused, speak};
use crate::worker::{Codec, IceKeys, VideoCodec};

/// What a browser's media is carried over.
const PROTO: &str = "UDP/TLS/RTP/SAVPF";
/// Kilobits a second that a browser may send us of pictures.
pub const VIDEO_KBPS: u32 = 1500;
/// The most fingerprints that are taken of an offer.
const MAX_FINGERPRINTS: usize = 8;

/// What an offer says of the browser's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// `o=`: which peer connection it is.
    pub session: u64,
    /// Its ICE user fragment.
    pub ufrag: String,
    /// SHA-256 of its certificates.
    pub fingerprints: Vec<[u8; 32]>,
    /// Whether it waits for us to begin the DTLS handshake.
    pub passive: bool,
}

/// Our side of the connection.
#[derive(Clone, Debug)]
pub struct Ours<'a> {
    /// Our credentials.
    pub keys: &'a IceKeys,
    /// SHA-256 of our certificate, as `a=fingerprint` has it.
    pub fingerprint: &'a str,
    /// The SSRC of our sound.
    pub ssrc: u32,
    /// The SSRC of our pictures, and the codecs they may have.
    pub video: Option<(u32, &'a [VideoCodec])>,
}

/// What is agreed of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// The codec.
    pub codec: VideoCodec,
    /// Its payload type.
    pub payload_type: u8,
    /// The direction as we see it.
    pub direction: Direction,
}

/// An answer and what it agrees.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What to send.
    pub sdp: Sdp,
    /// The sound.
    pub agreed: Agreed,
    /// Whether its codec is Opus, which the connection turns into µ-law.
    pub opus: bool,
    /// The pictures, if any.
    pub pictures: Option<Pictures>,
}

/// Whether an offer comes from a browser.
pub fn is_web(offer: &Sdp) -> bool {
    offer.first("audio").is_some_and(|section| section.proto == PROTO)
}

/// Who offers.
///
/// # Errors
/// `NotAcceptable` when something is missing that a connection needs.
pub fn browser(offer: &Sdp) -> Result<Browser, Cause> {
    let section = offer.first("audio").ok_or(Cause::NotAcceptable)?;
    let value = |name: &str| {
        let mut all = section.attributes.iter().chain(&offer.attributes).filter(|a| a.name == name);
        all.find_map(|a| a.value.as_deref())
    };
    let of_section: Vec<&str> = section.values("fingerprint").collect();
    let of_session = offer.attributes.iter().filter(|a| a.name == "fingerprint");
    let fingerprints = match of_section.is_empty() {
        true => of_session.filter_map(|a| fingerprint(a.value.as_deref()?)).take(MAX_FINGERPRINTS).collect(),
        false => of_section.into_iter().filter_map(fingerprint).take(MAX_FINGERPRINTS).collect(),
    };
    let ufrag = value("ice-ufrag").filter(|u| (4..=256).contains(&u.len())).ok_or(Cause::NotAcceptable)?;
    let browser = Browser {
        session: offer.id,
        ufrag: ufrag.to_owned(),
        fingerprints,
        passive: value("setup") == Some("passive"),
    };
    let whole = !browser.fingerprints.is_empty() && section.has("rtcp-mux");
    whole.then_some(browser).ok_or(Cause::NotAcceptable)
}

/// Our answer: the first audio section, the first video section if a codec of it may be used, every other refused.
///
/// # Errors
/// `NotAcceptable` when no sound can be agreed.
pub fn answer(offer: &Sdp, browser: &Browser, local: &Local, ours: &Ours<'_>) -> Result<Answer, Cause> {
    let audible = || offer.media.iter().enumerate().filter(|(_, section)| usable(section));
    // Toward phones nothing is to be turned from one codec into another: Opus only where there is no other.
    let (heard, agreed, opus) = audible()
        .find_map(|(i, section)| Some((i, speak(offer, section)?, false)))
        .or_else(|| audible().find_map(|(i, section)| Some((i, speak_opus(offer, section)?, true))))
        .ok_or(Cause::NotAcceptable)?;
    let seen = ours.video.and_then(|(ssrc, codecs)| {
        let sections = offer.media.iter().enumerate();
        let mut seen = sections.filter_map(|(i, s)| Some((i, ssrc, pictures(offer, s, codecs)?)));
        seen.find(|(i, ..)| *i != heard)
    });
    let mut mids: Vec<&str> = vec![];
    let sections = offer.media.iter().enumerate().map(|(i, section)| {
        let (mut media, ssrc) = match seen {
            Some((seen, ssrc, pictures)) if i == seen => (video(local.port, section, &pictures), ssrc),
            Some(_) | None if i == heard => {
                let codec = [(agreed.codec, agreed.payload_type)];
                let (event, way) = (agreed.telephone_event, agreed.direction);
                let mut media = audio(local.port, PROTO, &codec, event, way);
                if opus {
                    let map = format!("{} opus/48000/2", agreed.payload_type);
                    media.attributes[0] = Attribute::new("rtpmap", Some(&map));
                }
                (media, ours.ssrc)
            }
            Some(_) | None => {
                let mut media = refused(section);
                media.attributes.extend(section.values("mid").map(|mid| Attribute::new("mid", Some(mid))));
                media.attributes.push(Attribute::new("inactive", None));
                return media;
            }
        };
        mids.extend(section.values("mid").next());
        connection(&mut media, section, browser, local, ours, ssrc);
        media
    });
    let media = sections.collect();
    let mut sdp = describe(local, media);
    sdp.attributes.push(Attribute::new("ice-lite", None));
    sdp.attributes.push(Attribute::new("group", Some(&format!("BUNDLE {}", mids.join(" ")))));
    sdp.attributes.push(Attribute::new("msid-semantic", Some("WMS ngcc")));
    Ok(Answer { sdp, agreed, opus, pictures: seen.map(|(.., pictures)| pictures) })
}

/// A section with port 0 is refused, unless it waits to be bundled (RFC 9143).
fn usable(section: &Media) -> bool {
    section.proto == PROTO && (section.port != 0 || section.has("bundle-only"))
}

/// What of `section`'s sound we can speak in Opus. Its keys come another way: their clock would not be that of ours.
fn speak_opus(offer: &Sdp, section: &Media) -> Option<Agreed> {
    let opus = |pt: &u8| {
        let mut maps = section.rtpmaps().filter(|map| map.payload_type == *pt);
        maps.any(|map| map.encoding.eq_ignore_ascii_case("opus") && (map.clock, map.channels) == (48_000, 2))
    };
    let payload_type = payload_types(section).into_iter().find(opus).filter(|_| section.kind == "audio")?;
    Some(Agreed {
        codec: Codec::Pcmu,
        payload_type,
        telephone_event: None,
        remote: None,
        direction: offer.direction(section).mirrored(),
    })
}

/// `a=fingerprint:sha-256 AB:CD:…`; any other digest is not taken.
fn fingerprint(value: &str) -> Option<[u8; 32]> {
    let (digest, hex) = value.trim().split_once(' ')?;
    if !digest.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let mut bytes = [0; 32];
    let mut parts = hex.trim().split(':');
    for byte in &mut bytes {
        *byte = parts.next().filter(|p| p.len() == 2).and_then(|p| u8::from_str_radix(p, 16).ok())?;
    }
    parts.next().is_none().then_some(bytes)
}

/// Whether pictures in this codec are offered.
pub fn shows(offer: &Sdp, codec: VideoCodec) -> bool {
    offer.media.iter().any(|section| pictures(offer, section, &[codec]).is_some())
}

/// What `section` says of pictures that `codecs` allow, in the browser's order.
fn pictures(offer: &Sdp, section: &Media, codecs: &[VideoCodec]) -> Option<Pictures> {
    if section.kind != "video" || !usable(section) {
        return None;
    }
    let (codec, payload_type) = payload_types(section).into_iter().find_map(|pt| {
        let codec = video_codec(section, pt).filter(|codec| codecs.contains(codec))?;
        Some((codec, pt))
    })?;
    Some(Pictures { codec, payload_type, direction: offer.direction(section).mirrored() })
}

fn video_codec(section: &Media, payload_type: u8) -> Option<VideoCodec> {
    let map = section.rtpmaps().find(|map| map.payload_type == payload_type && map.clock == 90_000)?;
    if map.encoding.eq_ignore_ascii_case("VP8") {
        return Some(VideoCodec::Vp8);
    }
    let format = format_of(section, payload_type)?.to_ascii_lowercase();
    let says = |name: &str| {
        format.split(';').find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    };
    // Constrained baseline: profile 42 with the flag that a baseline or main decoder can read it.
    let constrained = says("profile-level-id").is_some_and(|id| id.starts_with("42e0"));
    let h264 = map.encoding.eq_ignore_ascii_case("H264") && constrained;
    (h264 && says("packetization-mode").as_deref() == Some("1")).then_some(VideoCodec::H264)
}

fn format_of(section: &Media, payload_type: u8) -> Option<&str> {
    section.values("fmtp").find_map(|v| {
        let (pt, format) = v.split_once(' ')?;
        (pt.parse() == Ok(payload_type)).then_some(format)
    })
}

/// A video section of ours.
fn video(port: u16, section: &Media, pictures: &Pictures) -> Media {
    let pt = pictures.payload_type;
    let name = match pictures.codec {
        VideoCodec::Vp8 => "VP8",
        VideoCodec::H264 => "H264",
    };
    let mut attributes = vec![Attribute::new("rtpmap", Some(&format!("{pt} {name}/90000")))];
    // A level is an upper bound of each direction; the browser's own serves both.
    if let (VideoCodec::H264, Some(format)) = (pictures.codec, format_of(section, pt)) {
        attributes.push(Attribute::new("fmtp", Some(&format!("{pt} {format}"))));
    }
    for feedback in ["goog-remb", "ccm fir", "nack pli"] {
        attributes.push(Attribute::new("rtcp-fb", Some(&format!("{pt} {feedback}"))));
    }
    attributes.push(Attribute::new(pictures.direction.name(), None));
    Media {
        kind: "video".to_owned(),
        port,
        proto: PROTO.to_owned(),
        formats: vec![pt.to_string()],
        connection: None,
        attributes,
    }
}

/// What every accepted section says of the one connection.
fn connection(
    media: &mut Media,
    section: &Media,
    browser: &Browser,
    local: &Local,
    ours: &Ours<'_>,
    ssrc: u32,
) {
    let mut say = |name: &str, value: Option<&str>| media.attributes.push(Attribute::new(name, value));
    if let Some(mid) = section.values("mid").next() {
        say("mid", Some(mid));
    }
    say("rtcp-mux", None);
    say("ice-ufrag", Some(&ours.keys.ufrag));
    say("ice-pwd", Some(ours.keys.password.expose()));
    say("fingerprint", Some(&format!("sha-256 {}", ours.fingerprint)));
    say("setup", Some(if browser.passive { "active" } else { "passive" }));
    // RFC 8445 section 5.1.2.1: the one host candidate of component 1.
    let Local { ip, port, .. } = local;
    say("candidate", Some(&format!("1 1 udp 2130706431 {ip} {port} typ host")));
    say("end-of-candidates", None);
    let kind = &section.kind;
    say("msid", Some(&format!("ngcc {kind}")));
    say("ssrc", Some(&format!("{ssrc} cname:{ssrc:08x}@ngcc")));
}
