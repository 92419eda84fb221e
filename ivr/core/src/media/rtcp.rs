//! RTCP (RFC 3550 section 6): compound sender and receiver reports, CNAME and BYE; of what comes, what a report needs.

use ngcc_proto::Wall;

/// How often a leg reports, in microseconds (RFC 3550's minimum interval).
pub const INTERVAL_US: u64 = 5_000_000;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
/// Feedback about a payload (RFC 4585), and which: a lost picture, the wish for a full one (RFC 5104), another's wishes.
const FEEDBACK: u8 = 206;
const LOST_PICTURE: u8 = 1;
const FULL_PICTURE: u8 = 4;
const OTHER: u8 = 15;

/// What is told of a stream that comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Whose stream.
    pub ssrc: u32,
    /// Packets lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost in all; repeats can make it negative. 24 bits.
    pub lost: i32,
    /// The highest sequence number, with the count of wrap-arounds above it.
    pub highest: u32,
    /// Interarrival jitter in timestamp units.
    pub jitter: u32,
    /// The middle 32 bits of the last sender report's time; 0 before one came.
    pub last_report: u32,
    /// The time since then, in 65536ths of a second.
    pub delay: u32,
}

/// What is told of the stream that goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// NTP time: seconds since 1900 and 2^-32 seconds.
    pub ntp: u64,
    /// The same moment as a timestamp of the stream.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Payload bytes sent.
    pub octets: u32,
}

/// A compound packet of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Our SSRC.
    pub ssrc: u32,
    /// What we sent, if anything: a sender report, else a receiver report.
    pub sent: Option<Sent>,
    /// What we received, if anything.
    pub block: Option<Block>,
    /// Whether the stream ends with it.
    pub bye: bool,
}

/// Asks the other side for a key frame (RFC 4585 section 6.3.1), behind an empty report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Our SSRC.
    pub ours: u32,
    /// The SSRC of its pictures.
    pub theirs: u32,
}

/// Tells the other side how much it may send (draft-alvestrand-rmcat-remb), to stand behind a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Our SSRC.
    pub ours: u32,
    /// The SSRC it is about.
    pub theirs: u32,
    /// Bits a second.
    pub bits: u32,
}

impl Ask {
    /// Appends the compound packet to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        head(out, 0, RECEIVER_REPORT, 1);
        word(out, self.ours);
        head(out, LOST_PICTURE, FEEDBACK, 2);
        word(out, self.ours);
        word(out, self.theirs);
    }
}

impl Cap {
    /// Appends the packet to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        // Eighteen bits, and how often they are doubled.
        let exponent = 14u32.saturating_sub(self.bits.leading_zeros());
        head(out, OTHER, FEEDBACK, 5);
        word(out, self.ours);
        word(out, 0);
        out.extend_from_slice(b"REMB");
        word(out, 1 << 24 | exponent << 18 | self.bits >> exponent);
        word(out, self.theirs);
    }
}

/// The SSRCs whose pictures a compound packet of the other side says it has lost or wants in full.
pub fn lost_pictures(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let mut rest = bytes;
    let packets = std::iter::from_fn(move || {
        let (head, behind) = rest.split_at_checked(4)?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]])) * 4;
        let (body, next) = behind.split_at_checked(length)?;
        rest = next;
        let about = match (head[1], head[0] & 0x1F) {
            (FEEDBACK, LOST_PICTURE) => read(body, 4),
            // The common header names nobody: the first entry does.
            (FEEDBACK, FULL_PICTURE) => read(body, 8),
            _ => None,
        };
        Some(about)
    });
    packets.flatten()
}

/// What a compound packet of the other side holds that is of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The sender and the middle 32 bits of its NTP time, of a sender report.
    pub report: Option<(u32, u32)>,
    /// What the other side tells of our stream.
    pub block: Option<Block>,
    /// Whether it says good-bye.
    pub bye: bool,
}

/// The NTP time of a wall time.
pub fn ntp(wall: Wall) -> u64 {
    let ms = u64::try_from(wall.0).unwrap_or(0);
    let seconds = ms / 1000 + 2_208_988_800;
    (seconds << 32) | (((ms % 1000) << 32) / 1000)
}

impl Report {
    /// Appends the compound packet to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let count = u8::from(self.block.is_some());
        let block_words = if count == 1 { 6 } else { 0 };
        match self.sent {
            Some(sent) => {
                head(out, count, SENDER_REPORT, 6 + block_words);
                word(out, self.ssrc);
                out.extend_from_slice(&sent.ntp.to_be_bytes());
                [sent.timestamp, sent.packets, sent.octets].into_iter().for_each(|w| word(out, w));
            }
            None => {
                head(out, count, RECEIVER_REPORT, 1 + block_words);
                word(out, self.ssrc);
            }
        }
        if let Some(block) = self.block {
            let lost = block.lost.clamp(-0x80_0000, 0x7F_FFFF).cast_unsigned() & 0xFF_FFFF;
            word(out, block.ssrc);
            word(out, u32::from(block.fraction_lost) << 24 | lost);
            [block.highest, block.jitter, block.last_report, block.delay]
                .into_iter()
                .for_each(|w| word(out, w));
        }
        // The name is drawn from the SSRC: it tells nothing about the machine.
        let name = format!("{:08x}@ngcc", self.ssrc);
        let item = 2 + name.len();
        let padded = (item / 4 + 1) * 4;
        head(out, 1, DESCRIPTION, 1 + padded / 4);
        word(out, self.ssrc);
        out.extend_from_slice(&[1, name.len() as u8]);
        out.extend_from_slice(name.as_bytes());
        out.resize(out.len() + padded - item, 0);
        if self.bye {
            head(out, 1, BYE, 1);
            word(out, self.ssrc);
        }
    }
}

impl Received {
    /// Reads a compound packet; none if it is not one. `ours` is our SSRC, whose block is kept.
    pub fn parse(bytes: &[u8], ours: u32) -> Option<Self> {
        let mut received = Self::default();
        let mut rest = bytes;
        let mut first = true;
        while !rest.is_empty() {
            let (head, behind) = rest.split_at_checked(4)?;
            let kind = head[1];
            if head[0] >> 6 != 2 || first && !matches!(kind, SENDER_REPORT | RECEIVER_REPORT) {
                return None;
            }
            let length = usize::from(u16::from_be_bytes([head[2], head[3]])) * 4;
            let (body, next) = behind.split_at_checked(length)?;
            let count = usize::from(head[0] & 0x1F);
            match kind {
                SENDER_REPORT => {
                    received.report = Some((read(body, 0)?, read(body, 4)? << 16 | read(body, 8)? >> 16));
                    received.blocks(body.get(24..)?, count, ours)?;
                }
                RECEIVER_REPORT => received.blocks(body.get(4..)?, count, ours)?,
                BYE => received.bye = true,
                _ => {}
            }
            rest = next;
            first = false;
        }
        (!first).then_some(received)
    }

    fn blocks(&mut self, bytes: &[u8], count: usize, ours: u32) -> Option<()> {
        for b in bytes.get(..count * 24)?.chunks_exact(24) {
            if read(b, 0)? != ours {
                continue;
            }
            let lost = read(b, 4)?;
            self.block = Some(Block {
                ssrc: ours,
                fraction_lost: (lost >> 24) as u8,
                lost: (lost << 8).cast_signed() >> 8,
                highest: read(b, 8)?,
                jitter: read(b, 12)?,
                last_report: read(b, 16)?,
                delay: read(b, 20)?,
            });
        }
        Some(())
    }
}

/// `words` counts those behind the header word.
fn head(out: &mut Vec<u8>, count: u8, kind: u8, words: usize) {
    out.extend_from_slice(&[0x80 | count, kind]);
    out.extend_from_slice(&(words as u16).to_be_bytes());
}

fn word(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn read(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: Block = Block {
        ssrc: 7,
        fraction_lost: 64,
        lost: -3,
        highest: 0x1_0005,
        jitter: 12,
        last_report: 99,
        delay: 65_536,
    };

    #[test]
    fn a_sender_report_with_its_block_reads_as_it_is_written() {
        let ntp = ntp(Wall(1_700_000_000_500));
        let sent = Sent { ntp, timestamp: 800, packets: 5, octets: 800 };
        let mut bytes = vec![];
        Report { ssrc: 1, sent: Some(sent), block: Some(BLOCK), bye: true }.write(&mut bytes);
        assert_eq!(bytes.len() % 4, 0);
        let received = Received::parse(&bytes, 7).unwrap();
        assert_eq!(received.report, Some((1, (ntp >> 16) as u32)));
        assert_eq!(received.block, Some(BLOCK));
        assert!(received.bye);
        assert_eq!(Received::parse(&bytes, 8).unwrap().block, None, "another's block is not ours");
    }

    #[test]
    fn half_a_second_is_half_of_the_fraction() {
        assert_eq!(ntp(Wall(500)), 2_208_988_800 << 32 | 1 << 31);
    }

    #[test]
    fn a_cut_or_lying_packet_is_refused_and_nothing_panics() {
        let mut bytes = vec![];
        Report { ssrc: 1, sent: None, block: Some(BLOCK), bye: false }.write(&mut bytes);
        assert!(Received::parse(&bytes, 7).is_some());
        assert_eq!(Received::parse(&[], 7), None);
        for cut in 1..32 {
            assert_eq!(Received::parse(&bytes[..cut], 7), None, "cut at {cut}");
        }
        let mut more = bytes.clone();
        more[0] = 0x80 | 31;
        assert_eq!(Received::parse(&more, 7), None, "more blocks than bytes");
        let mut other = bytes;
        other[1] = DESCRIPTION;
        assert_eq!(Received::parse(&other, 7), None, "a compound packet begins with a report");
    }
}
