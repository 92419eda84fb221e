//! SDP (RFC 8866) as a type: what offer/answer (RFC 3264) needs typed, the rest kept as it came.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// The most bytes a description may have.
pub const MAX_BYTES: usize = 16 * 1024;
/// The most lines a description may have.
pub const MAX_LINES: usize = 400;
/// The most media sections a description may have.
pub const MAX_MEDIA: usize = 16;

/// A description that is not SDP, with the line (from 1) and the reason.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("SDP line {line}: {why}")]
pub struct BadSdp {
    /// The line.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

/// A session description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdp {
    /// `o=`: user name.
    pub user: String,
    /// `o=`: session id.
    pub id: u64,
    /// `o=`: version; rises by one with every change.
    pub version: u64,
    /// `o=`: the address.
    pub origin: IpAddr,
    /// `s=`.
    pub name: String,
    /// `c=` of the whole session.
    pub connection: Option<IpAddr>,
    /// `a=` lines of the whole session.
    pub attributes: Vec<Attribute>,
    /// `m=` sections, in order.
    pub media: Vec<Media>,
}

/// One `a=` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// What stands before the colon.
    pub name: String,
    /// What stands behind it.
    pub value: Option<String>,
}

/// One `m=` section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `image`, `application`, …
    pub kind: String,
    /// The port; 0 refuses the section.
    pub port: u16,
    /// `RTP/AVP`, `RTP/SAVP`, `UDP/TLS/RTP/SAVPF`, …
    pub proto: String,
    /// Payload types or formats, preferred first.
    pub formats: Vec<String>,
    /// `c=` of the section.
    pub connection: Option<IpAddr>,
    /// `a=` lines of the section.
    pub attributes: Vec<Attribute>,
}

/// Which way media flows, as seen by who wrote the description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// Out only.
    SendOnly,
    /// In only.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// The attribute's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// The same as seen from the other side: what an answer may say at the most (RFC 3264 section 6.1).
    pub fn mirrored(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::SendRecv | Self::Inactive => self,
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive]
            .into_iter()
            .find(|d| d.name() == name)
    }
}

/// One `a=rtpmap` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpMap {
    /// The payload type.
    pub payload_type: u8,
    /// The encoding's name, as written; names compare without regard to case.
    pub encoding: String,
    /// The clock rate in Hz.
    pub clock: u32,
    /// Channels.
    pub channels: u8,
}

impl Attribute {
    /// `a=name` or `a=name:value`.
    pub fn new(name: &str, value: Option<&str>) -> Self {
        Self { name: name.to_owned(), value: value.map(str::to_owned) }
    }
}

impl Media {
    /// The values of every attribute `name`.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.attributes.iter().filter(move |a| a.name == name).filter_map(|a| a.value.as_deref())
    }

    /// Whether the flag `name` is there.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|a| a.name == name)
    }

    /// The readable `a=rtpmap` lines.
    pub fn rtpmaps(&self) -> impl Iterator<Item = RtpMap> {
        self.values("rtpmap").filter_map(|v| {
            let (pt, rest) = v.split_once(' ')?;
            let mut parts = rest.trim().split('/');
            Some(RtpMap {
                payload_type: pt.parse().ok()?,
                encoding: parts.next()?.to_owned(),
                clock: parts.next()?.parse().ok()?,
                channels: parts.next().map_or(Some(1), |c| c.parse().ok())?,
            })
        })
    }
}

impl Sdp {
    /// The first section of `kind`.
    pub fn first(&self, kind: &str) -> Option<&Media> {
        self.media.iter().find(|m| m.kind == kind)
    }

    /// Where media of `section` is sent to.
    pub fn address(&self, section: &Media) -> Option<IpAddr> {
        section.connection.or(self.connection)
    }

    /// The direction of `section`: its own, else the session's, else `sendrecv`.
    pub fn direction(&self, section: &Media) -> Direction {
        let of = |list: &[Attribute]| list.iter().rev().find_map(|a| Direction::of(&a.name));
        of(&section.attributes).or_else(|| of(&self.attributes)).unwrap_or_default()
    }

    /// Whether the sender of this asks for hold: `sendonly`, `inactive`, or the old `c=0.0.0.0`, in its first audio.
    pub fn holds(&self) -> bool {
        self.first("audio").is_some_and(|m| {
            matches!(self.direction(m), Direction::SendOnly | Direction::Inactive)
                || self.address(m).is_some_and(|a| a.is_unspecified())
        })
    }
}

impl fmt::Display for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let net = |a: &IpAddr| if a.is_ipv4() { "IP4" } else { "IP6" };
        let c = |f: &mut fmt::Formatter<'_>, a: &Option<IpAddr>| match a {
            Some(a) => write!(f, "c=IN {} {a}\r\n", net(a)),
            None => Ok(()),
        };
        let attributes = |f: &mut fmt::Formatter<'_>, list: &[Attribute]| {
            list.iter().try_for_each(|a| match &a.value {
                Some(v) => write!(f, "a={}:{v}\r\n", a.name),
                None => write!(f, "a={}\r\n", a.name),
            })
        };
        write!(
            f,
            "v=0\r\no={} {} {} IN {} {}\r\n",
            self.user,
            self.id,
            self.version,
            net(&self.origin),
            self.origin
        )?;
        write!(f, "s={}\r\n", if self.name.is_empty() { "-" } else { &self.name })?;
        c(f, &self.connection)?;
        f.write_str("t=0 0\r\n")?;
        attributes(f, &self.attributes)?;
        for m in &self.media {
            write!(f, "m={} {} {}", m.kind, m.port, m.proto)?;
            m.formats.iter().try_for_each(|x| write!(f, " {x}"))?;
            f.write_str("\r\n")?;
            c(f, &m.connection)?;
            attributes(f, &m.attributes)?;
        }
        Ok(())
    }
}

/// A token of the grammar: visible ASCII without blanks.
fn is_word(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| (0x21..0x7f).contains(&b))
}

fn connection(value: &str) -> Result<Option<IpAddr>, &'static str> {
    let mut parts = value.split(' ').filter(|p| !p.is_empty());
    let (Some("IN"), Some(net), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("a connection is `IN IP4|IP6 address`");
    };
    let text = text.split('/').next().unwrap_or_default();
    match text.parse::<IpAddr>() {
        Ok(a) if a.is_ipv4() == (net == "IP4") && (net == "IP4" || net == "IP6") => Ok(Some(a)),
        // A host name is legal and is never looked up here: such a section has no address.
        Err(_) if is_word(text) && (net == "IP4" || net == "IP6") => Ok(None),
        Ok(_) | Err(_) => Err("a connection's address is of another family than it says"),
    }
}

fn origin(sdp: &mut Sdp, value: &str) -> Result<(), &'static str> {
    let p: Vec<&str> = value.split(' ').filter(|p| !p.is_empty()).collect();
    let [user, id, version, "IN", _, address] = p[..] else {
        return Err("an origin has six fields");
    };
    // RFC 8866 lets both numbers be of any length: what does not fit 64 bits still names a session.
    let number = |s: &str| {
        (!s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()))
            .then(|| s.bytes().fold(0u64, |n, b| n.wrapping_mul(10).wrapping_add(u64::from(b - b'0'))))
            .ok_or("an origin's id and version are numbers")
    };
    sdp.user = user.to_owned();
    (sdp.id, sdp.version) = (number(id)?, number(version)?);
    sdp.origin = address.parse().unwrap_or(sdp.origin);
    Ok(())
}

fn media(value: &str) -> Result<Media, &'static str> {
    let mut p = value.split(' ').filter(|p| !p.is_empty());
    let (Some(kind), Some(port), Some(proto)) = (p.next(), p.next(), p.next()) else {
        return Err("a media line is `kind port proto format …`");
    };
    let port = port.split('/').next().and_then(|p| p.parse().ok()).ok_or("a port is a number up to 65535")?;
    let formats: Vec<String> = p.map(str::to_owned).collect();
    if formats.is_empty() || formats.len() > 64 {
        return Err("a media line has 1 to 64 formats");
    }
    Ok(Media {
        kind: kind.to_owned(),
        port,
        proto: proto.to_owned(),
        formats,
        connection: None,
        attributes: vec![],
    })
}

fn attribute(value: &str) -> Result<Attribute, &'static str> {
    let (name, value) = match value.split_once(':') {
        Some((n, v)) => (n, Some(v)),
        None => (value, None),
    };
    if !is_word(name) {
        return Err("an attribute has a name");
    }
    Ok(Attribute::new(name, value))
}

impl FromStr for Sdp {
    type Err = BadSdp;

    fn from_str(text: &str) -> Result<Self, BadSdp> {
        if text.len() > MAX_BYTES {
            return Err(BadSdp { line: 1, why: "longer than 16 KiB" });
        }
        let nowhere = IpAddr::from([0, 0, 0, 0]);
        let mut sdp = Self {
            user: "-".to_owned(),
            id: 0,
            version: 0,
            origin: nowhere,
            name: String::new(),
            connection: None,
            attributes: vec![],
            media: vec![],
        };
        let (mut seen_v, mut seen_o, mut seen_s) = (false, false, false);
        let mut last = 1;
        for (i, line) in text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).enumerate() {
            last = i + 1;
            let at = |why| BadSdp { line: last, why };
            if line.is_empty() {
                continue;
            }
            if last > MAX_LINES {
                return Err(at("more than 400 lines"));
            }
            let bytes = line.as_bytes();
            if bytes.len() < 2 || bytes[1] != b'=' || !bytes[0].is_ascii_lowercase() {
                return Err(at("a line is a letter, `=` and a value"));
            }
            let value = &line[2..];
            if value.bytes().any(|b| b == 0 || b == b'\r') {
                return Err(at("a value holds NUL or CR"));
            }
            if !seen_v && bytes[0] != b'v' {
                return Err(at("the first line is v=0"));
            }
            match bytes[0] {
                b'v' if value == "0" && !seen_v => seen_v = true,
                b'v' => return Err(at("the version is 0, once")),
                b'o' => {
                    origin(&mut sdp, value).map_err(at)?;
                    seen_o = true;
                }
                b's' => {
                    sdp.name = value.to_owned();
                    seen_s = true;
                }
                b'c' => {
                    let address = connection(value).map_err(at)?;
                    match sdp.media.last_mut() {
                        Some(m) => m.connection = address,
                        None => sdp.connection = address,
                    }
                }
                b'm' if sdp.media.len() == MAX_MEDIA => return Err(at("more than 16 media sections")),
                b'm' => sdp.media.push(media(value).map_err(at)?),
                b'a' => {
                    let a = attribute(value).map_err(at)?;
                    sdp.media.last_mut().map_or(&mut sdp.attributes, |m| &mut m.attributes).push(a);
                }
                _ => {}
            }
        }
        if !(seen_v && seen_o && seen_s) {
            return Err(BadSdp { line: last, why: "v=, o= and s= are all needed" });
        }
        Ok(sdp)
    }
}

impl Serialize for Sdp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sdp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=bob 2890844526 2 IN IP4 192.0.2.4\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n\
        m=audio 49172 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendonly\r\n";

    #[test]
    fn a_description_reads_as_it_prints() {
        let sdp: Sdp = OFFER.parse().unwrap();
        assert_eq!(sdp.to_string(), OFFER);
        let audio = sdp.first("audio").unwrap();
        assert_eq!((audio.port, sdp.address(audio)), (49172, Some([192, 0, 2, 4].into())));
        assert_eq!(sdp.direction(audio), Direction::SendOnly);
        assert!(sdp.holds());
        let map = audio.rtpmaps().next().unwrap();
        assert_eq!((map.payload_type, map.encoding.as_str(), map.clock), (101, "telephone-event", 8000));
    }

    #[test]
    fn what_is_no_description_is_refused_with_its_line() {
        for (text, line) in [
            ("", 1),
            ("o=- 1 1 IN IP4 1.1.1.1\r\n", 1),
            ("v=0\r\ns=-\r\n", 3),
            ("v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nm=audio 70000 RTP/AVP 0\r\n", 4),
            ("v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nc=IN IP6 1.2.3.4\r\n", 4),
        ] {
            assert_eq!(text.parse::<Sdp>().map_err(|e| e.line), Err(line), "{text:?}");
        }
    }
}
