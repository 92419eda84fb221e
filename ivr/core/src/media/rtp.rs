//! RTP packets (RFC 3550 section 5.1): reading bounded, writing our twelve bytes.

/// Bytes of a header without contributing sources or an extension: all we write.
pub const HEADER: usize = 12;
/// The longest payload that is taken: 120 ms of G.711, well within an Ethernet frame.
pub const MAX_PAYLOAD: usize = 960;

/// A packet, its payload still in the buffer it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The marker bit: a talk spurt begins.
    pub marker: bool,
    /// The payload type.
    pub payload_type: u8,
    /// The sequence number.
    pub seq: u16,
    /// The timestamp.
    pub timestamp: u32,
    /// The sender's synchronization source.
    pub ssrc: u32,
    /// The payload without padding.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a datagram; none if it is no RTP version 2 packet or says lengths it has not.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_at_checked(HEADER)?;
        if head[0] >> 6 != 2 {
            return None;
        }
        rest = rest.get(usize::from(head[0] & 0x0F) * 4..)?;
        if head[0] & 0x10 != 0 {
            let (extension, behind) = rest.split_at_checked(4)?;
            let words = u16::from_be_bytes([extension[2], extension[3]]);
            rest = behind.get(usize::from(words) * 4..)?;
        }
        if head[0] & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            if padding == 0 {
                return None;
            }
            rest = rest.get(..rest.len().checked_sub(padding)?)?;
        }
        Some(Self {
            marker: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7F,
            seq: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload: rest,
        })
    }

    /// Appends header and payload to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut head = [0; HEADER];
        head[0] = 0x80;
        head[1] = u8::from(self.marker) << 7 | (self.payload_type & 0x7F);
        head[2..4].copy_from_slice(&self.seq.to_be_bytes());
        head[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        head[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&head);
        out.extend_from_slice(self.payload);
    }
}

/// How far sequence number `a` is ahead of `b`, over the wrap-around.
pub fn seq_ahead(a: u16, b: u16) -> i16 {
    a.wrapping_sub(b).cast_signed()
}

/// How far timestamp `a` is ahead of `b`, over the wrap-around.
pub fn time_ahead(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Packet<'static> =
        Packet { marker: true, payload_type: 8, seq: 0xFFFE, timestamp: 7, ssrc: 9, payload: &[1, 2, 3] };

    #[test]
    fn a_packet_reads_as_it_is_written() {
        let mut bytes = vec![];
        PACKET.write(&mut bytes);
        assert_eq!(bytes.len(), HEADER + 3);
        assert_eq!(Packet::parse(&bytes), Some(PACKET));
    }

    #[test]
    fn sources_extension_and_padding_are_stripped() {
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 2, 0x80 | 8, 0xFF, 0xFE, 0, 0, 0, 7, 0, 0, 0, 9];
        bytes.extend([0xAA; 8]);
        bytes.extend([0xBE, 0xDE, 0, 1, 5, 5, 5, 5]);
        bytes.extend([1, 2, 3, 0, 0, 3]);
        assert_eq!(Packet::parse(&bytes), Some(PACKET));
    }

    #[test]
    fn a_length_that_lies_is_refused_and_nothing_panics() {
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for _ in 0..100 {
            assert_eq!(Packet::parse(&bytes), None);
            bytes.push(0xFF);
        }
        assert_eq!(Packet::parse(&[]), None);
        assert_eq!(Packet::parse(&[0x40; 12]), None);
        assert_eq!(Packet::parse(&[0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), None, "padding of no byte");
    }

    #[test]
    fn ahead_goes_over_the_wrap_around() {
        assert_eq!(seq_ahead(1, 0xFFFF), 2);
        assert_eq!(time_ahead(0xFFFF_FFFF, 9), -10);
    }
}
