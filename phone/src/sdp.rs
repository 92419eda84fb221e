//! Session descriptions of one audio stream: what the phone says and what it takes from the other side.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// An audio codec at 8 kHz, 20 ms a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 µ-law, payload type 0.
    Pcmu,
    /// G.711 A-law, payload type 8.
    Pcma,
}

impl Codec {
    pub(crate) fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }

    pub(crate) fn of(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU/8000",
            Self::Pcma => "PCMA/8000",
        }
    }
}

/// Which way sound goes, seen from who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Way {
    fn text(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// What an answerer who wants `self` may say to `offered` (RFC 3264 section 6.1).
    pub(crate) fn answering(self, offered: Self) -> Self {
        let sends = matches!(self, Self::SendRecv | Self::SendOnly);
        let receives = matches!(self, Self::SendRecv | Self::RecvOnly);
        let may_send = matches!(offered, Self::SendRecv | Self::RecvOnly);
        let may_receive = matches!(offered, Self::SendRecv | Self::SendOnly);
        match (sends && may_send, receives && may_receive) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Whether the side that was told this may send.
    pub(crate) fn lets_the_other_send(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// What the other side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Theirs {
    pub(crate) rtp: SocketAddr,
    pub(crate) codecs: Vec<Codec>,
    pub(crate) keys: Option<u8>,
    pub(crate) way: Way,
}

/// What the phone says.
#[derive(Clone, Debug)]
pub(crate) struct Ours {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) id: u64,
    pub(crate) version: u64,
    pub(crate) codecs: Vec<Codec>,
    pub(crate) keys: u8,
    pub(crate) way: Way,
    /// The session's name.
    pub(crate) name: String,
}

impl Ours {
    pub(crate) fn text(&self) -> String {
        let family = if self.ip.is_ipv4() { "IP4" } else { "IP6" };
        let (ip, name) = (self.ip, &self.name);
        let mut out = format!(
            "v=0\r\no=phone {} {} IN {family} {ip}\r\ns={name}\r\nc=IN {family} {ip}\r\nt=0 0\r\nm=audio {} RTP/AVP",
            self.id, self.version, self.port
        );
        for codec in &self.codecs {
            let _ = write!(out, " {}", codec.payload_type());
        }
        let _ = write!(out, " {}\r\n", self.keys);
        for codec in &self.codecs {
            let _ = write!(out, "a=rtpmap:{} {}\r\n", codec.payload_type(), codec.name());
        }
        let keys = self.keys;
        let _ = write!(out, "a=rtpmap:{keys} telephone-event/8000\r\na=fmtp:{keys} 0-15\r\na=ptime:20\r\n");
        let _ = write!(out, "a={}\r\n", self.way.text());
        out
    }
}

/// Reads the first audio stream that is not refused; none where there is none.
pub(crate) fn read(text: &str) -> Option<Theirs> {
    let mut ip: Option<IpAddr> = None;
    let mut audio: Option<Theirs> = None;
    let mut way = Way::SendRecv;
    for line in text.lines() {
        let (kind, value) = line.split_once('=')?;
        match (kind, &mut audio) {
            ("m", Some(_)) => break,
            ("m", None) => audio = media_line(value),
            ("c", found) => {
                let address = value.split_whitespace().nth(2)?.parse().ok()?;
                ip = Some(address);
                if let Some(theirs) = found {
                    theirs.rtp.set_ip(address);
                }
            }
            ("a", found) => {
                way = direction(value).unwrap_or(way);
                if let (Some(theirs), Some(keys)) = (found, telephone_event(value)) {
                    theirs.keys = Some(keys);
                }
            }
            _ => {}
        }
    }
    let mut theirs = audio?;
    if theirs.rtp.ip().is_unspecified() {
        theirs.rtp.set_ip(ip?);
    }
    theirs.way = way;
    Some(theirs)
}

fn media_line(value: &str) -> Option<Theirs> {
    let mut words = value.split_whitespace();
    let (media, port, profile) = (words.next()?, words.next()?.parse::<u16>().ok()?, words.next()?);
    if media != "audio" || port == 0 || profile != "RTP/AVP" {
        return None;
    }
    let codecs = words.filter_map(|w| w.parse().ok()).filter_map(Codec::of).collect();
    Some(Theirs { rtp: SocketAddr::from(([0, 0, 0, 0], port)), codecs, keys: None, way: Way::SendRecv })
}

fn direction(value: &str) -> Option<Way> {
    [Way::SendRecv, Way::SendOnly, Way::RecvOnly, Way::Inactive].into_iter().find(|w| w.text() == value)
}

fn telephone_event(value: &str) -> Option<u8> {
    let (number, name) = value.strip_prefix("rtpmap:")?.split_once(' ')?;
    name.eq_ignore_ascii_case("telephone-event/8000").then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let ours = Ours {
            ip: IpAddr::from([127, 0, 0, 1]),
            port: 4000,
            id: 1,
            version: 2,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            keys: 101,
            way: Way::SendOnly,
            name: "-".to_owned(),
        };
        let theirs = read(&ours.text()).unwrap();
        let rtp = "127.0.0.1:4000".parse().unwrap();
        assert_eq!(theirs, Theirs { rtp, codecs: ours.codecs, keys: Some(101), way: Way::SendOnly });
    }

    #[test]
    fn a_refused_stream_is_no_stream() {
        assert_eq!(read("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n"), None);
    }

    #[test]
    fn an_answer_never_gives_more_than_was_offered() {
        assert_eq!(Way::SendRecv.answering(Way::SendOnly), Way::RecvOnly);
        assert_eq!(Way::SendOnly.answering(Way::SendOnly), Way::Inactive);
        assert_eq!(Way::SendRecv.answering(Way::SendRecv), Way::SendRecv);
    }
}
