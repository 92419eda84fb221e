//! The capability answer: which codec, payload types, address and direction a leg's audio has (RFC 3264 for G.711 and
//! telephone-event over RTP/AVP). Offer/answer state — who may offer when — is softacd's.

use std::net::{IpAddr, SocketAddr};

use ngcc_proto::access::Cause;
use ngcc_proto::sdp::{Attribute, Direction, Media, Sdp};

use crate::worker::{Codec, Stream};

pub mod web;

/// Milliseconds of sound in each of our packets.
const PTIME: u32 = 20;
/// The payload type we offer telephone-event with.
const OFFERED_EVENT: u8 = 101;
const EVENT: &str = "telephone-event";
/// What we speak, preferred first, under the payload types RFC 3551 gives.
const CODECS: [(Codec, u8); 2] = [(Codec::Pcmu, 0), (Codec::Pcma, 8)];

/// Our side of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The address we advertise.
    pub ip: IpAddr,
    /// The RTP port.
    pub port: u16,
    /// `o=`: the session id, the same as long as the leg lives.
    pub id: u64,
    /// `o=`: the version of the first description; later ones count on from what was said last.
    pub version: u64,
}

/// What an offer and its answer have agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The codec.
    pub codec: Codec,
    /// Its payload type.
    pub payload_type: u8,
    /// The payload type of telephone-event, if agreed.
    pub telephone_event: Option<u8>,
    /// Where to send; none while the other side holds without an address (`c=0.0.0.0`).
    pub remote: Option<SocketAddr>,
    /// The direction as we see it.
    pub direction: Direction,
}

impl Agreed {
    /// The stream this agrees, ours beginning with the given numbers.
    pub fn stream(&self, ssrc: u32, seq: u16, timestamp: u32) -> Stream {
        let (send, receive) = match self.direction {
            Direction::SendRecv => (true, true),
            Direction::SendOnly => (true, false),
            Direction::RecvOnly => (false, true),
            Direction::Inactive => (false, false),
        };
        Stream {
            remote: self.remote,
            codec: self.codec,
            payload_type: self.payload_type,
            telephone_event: self.telephone_event,
            send,
            receive,
            ssrc,
            seq,
            timestamp,
            web: false,
            video: None,
        }
    }
}

/// Our answer to `offer`: the first audio section we can speak, every other one refused with port 0.
///
/// # Errors
/// `NotAcceptable` when no section can be accepted: no common codec, encrypted media, no usable address, or packets
/// shorter than ours.
pub fn answer(offer: &Sdp, local: &Local) -> Result<(Sdp, Agreed), Cause> {
    let (chosen, agreed) = offer
        .media
        .iter()
        .enumerate()
        .find_map(|(i, section)| Some((i, agree(offer, section)?)))
        .filter(|(i, _)| offer.address(&offer.media[*i]).is_some_and(|a| a.is_ipv4() == local.ip.is_ipv4()))
        .ok_or(Cause::NotAcceptable)?;
    let sections = offer.media.iter().enumerate().map(|(i, section)| match i == chosen {
        true => audio(
            local.port,
            &section.proto,
            &[(agreed.codec, agreed.payload_type)],
            agreed.telephone_event,
            agreed.direction,
        ),
        false => refused(section),
    });
    Ok((describe(local, sections.collect()), agreed))
}

/// Our answer to a further offer on a leg we have described as `ours`: its version is one higher only if it differs.
///
/// # Errors
/// As [`answer`].
pub fn reanswer(offer: &Sdp, local: &Local, ours: &Sdp) -> Result<(Sdp, Agreed), Cause> {
    let (sdp, agreed) = answer(offer, local)?;
    Ok((revised(ours, sdp), agreed))
}

/// Our own offer: PCMU, PCMA and telephone-event, both ways.
pub fn offer(local: &Local) -> Sdp {
    describe(local, vec![audio(local.port, "RTP/AVP", &CODECS, Some(OFFERED_EVENT), Direction::SendRecv)])
}

/// A further offer of ours on a leg we have described as `ours`: as many sections, what was agreed first and under its
/// payload types, both ways again.
pub fn reoffer(local: &Local, ours: &Sdp) -> Sdp {
    let sections = ours.media.iter().map(|section| {
        if section.port == 0 {
            return refused(section);
        }
        let types = payload_types(section);
        let agreed: Vec<(Codec, u8)> =
            types.iter().filter_map(|&pt| Some((codec_of(section, pt)?, pt))).collect();
        let new = CODECS.iter().filter(|(codec, pt)| agreed.iter().all(|(c, p)| c != codec && p != pt));
        let codecs: Vec<(Codec, u8)> = agreed.iter().chain(new).copied().collect();
        let event = types.iter().copied().find(|&pt| is(section, pt, EVENT)).unwrap_or(OFFERED_EVENT);
        audio(local.port, &section.proto, &codecs, Some(event), Direction::SendRecv)
    });
    revised(ours, describe(local, sections.collect()))
}

/// What the other side's answer to our offer agrees.
///
/// # Errors
/// `NotAcceptable` when it refuses our section or answers with what was not offered.
pub fn accept(answer: &Sdp) -> Result<Agreed, Cause> {
    answer.media.iter().find_map(|section| agree(answer, section)).ok_or(Cause::NotAcceptable)
}

/// `fresh` as the successor of `previous`: the same id, and a version one higher only if anything else differs.
pub(crate) fn revised(previous: &Sdp, fresh: Sdp) -> Sdp {
    let same = Sdp { id: previous.id, version: previous.version, ..fresh };
    if same == *previous { same } else { Sdp { version: previous.version.wrapping_add(1), ..same } }
}

/// What `section` of the other side's description agrees with what we can do.
fn agree(sdp: &Sdp, section: &Media) -> Option<Agreed> {
    if !matches!(section.proto.as_str(), "RTP/AVP" | "RTP/AVPF") || section.port == 0 {
        return None;
    }
    let address = sdp.address(section)?;
    let remote = (!address.is_unspecified()).then_some(SocketAddr::new(address, section.port));
    Some(Agreed { remote, ..speak(sdp, section)? })
}

/// What of `section`'s sound we can speak, whatever carries it.
fn speak(sdp: &Sdp, section: &Media) -> Option<Agreed> {
    let shortest = section.values("maxptime").filter_map(|v| v.trim().parse::<u32>().ok()).next();
    if section.kind != "audio" || shortest.is_some_and(|ms| ms < PTIME) {
        return None;
    }
    let types = payload_types(section);
    let (codec, payload_type) = types.iter().find_map(|&pt| Some((codec_of(section, pt)?, pt)))?;
    Some(Agreed {
        codec,
        payload_type,
        telephone_event: types.iter().copied().find(|&pt| is(section, pt, EVENT)),
        remote: None,
        direction: sdp.direction(section).mirrored(),
    })
}

fn payload_types(section: &Media) -> Vec<u8> {
    section.formats.iter().filter_map(|f| f.parse().ok()).filter(|&pt| pt < 128).collect()
}

fn codec_of(section: &Media, payload_type: u8) -> Option<Codec> {
    let mapped = section.rtpmaps().any(|map| map.payload_type == payload_type);
    match payload_type {
        0 if !mapped => Some(Codec::Pcmu),
        8 if !mapped => Some(Codec::Pcma),
        _ if is(section, payload_type, "PCMU") => Some(Codec::Pcmu),
        _ if is(section, payload_type, "PCMA") => Some(Codec::Pcma),
        _ => None,
    }
}

fn is(section: &Media, payload_type: u8, encoding: &str) -> bool {
    section.rtpmaps().any(|map| {
        map.payload_type == payload_type
            && map.encoding.eq_ignore_ascii_case(encoding)
            && (map.clock, map.channels) == (8000, 1)
    })
}

fn describe(local: &Local, media: Vec<Media>) -> Sdp {
    Sdp {
        user: "-".to_owned(),
        id: local.id,
        version: local.version,
        origin: local.ip,
        name: "-".to_owned(),
        connection: Some(local.ip),
        attributes: vec![],
        media,
    }
}

/// An audio section of ours.
fn audio(port: u16, proto: &str, codecs: &[(Codec, u8)], event: Option<u8>, direction: Direction) -> Media {
    let mut attributes: Vec<Attribute> = codecs
        .iter()
        .map(|(codec, pt)| match codec {
            Codec::Pcmu => format!("{pt} PCMU/8000"),
            Codec::Pcma => format!("{pt} PCMA/8000"),
        })
        .chain(event.map(|pt| format!("{pt} {EVENT}/8000")))
        .map(|map| Attribute::new("rtpmap", Some(&map)))
        .collect();
    attributes.extend(event.map(|pt| Attribute::new("fmtp", Some(&format!("{pt} 0-15")))));
    attributes.push(Attribute::new("ptime", Some(&PTIME.to_string())));
    attributes.push(Attribute::new(direction.name(), None));
    Media {
        kind: "audio".to_owned(),
        port,
        proto: proto.to_owned(),
        formats: codecs.iter().map(|(_, pt)| *pt).chain(event).map(|pt| pt.to_string()).collect(),
        connection: None,
        attributes,
    }
}

fn refused(section: &Media) -> Media {
    Media { port: 0, connection: None, attributes: vec![], ..section.clone() }
}

#[cfg(test)]
#[path = "sdp_tests.rs"]
mod tests;
