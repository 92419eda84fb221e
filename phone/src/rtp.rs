//! RTP packets and telephone-events (RFC 3550, RFC 4733), read and written.

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: Vec<u8>,
}

impl Packet {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = vec![0x80, self.payload_type | if self.marker { 0x80 } else { 0 }];
        out.extend(self.seq.to_be_bytes());
        out.extend(self.timestamp.to_be_bytes());
        out.extend(self.ssrc.to_be_bytes());
        out.extend(&self.payload);
        out
    }

    /// None for what is no RTP, RTCP on the same port included (RFC 5761 section 4).
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(12)?;
        let payload_type = head[1] & 0x7F;
        if head[0] >> 6 != 2 || (64..96).contains(&payload_type) {
            return None;
        }
        let mut rest = rest.get(usize::from(head[0] & 0x0F) * 4..)?;
        if head[0] & 0x10 != 0 {
            let words = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
            rest = rest.get(4 + words * 4..)?;
        }
        if head[0] & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            rest = rest.get(..rest.len().checked_sub(padding)?)?;
        }
        Some(Self {
            payload_type,
            marker: head[1] & 0x80 != 0,
            seq: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload: rest.to_vec(),
        })
    }
}

const KEYS: &str = "0123456789*#ABCD";

/// The event number of a key.
pub(crate) fn event_of(key: char) -> Option<u8> {
    KEYS.find(key.to_ascii_uppercase()).and_then(|n| u8::try_from(n).ok())
}

/// The key of a telephone-event payload, and whether it is an end.
pub(crate) fn key_of(payload: &[u8]) -> Option<(char, bool)> {
    let &[event, flags, _, _, ..] = payload else { return None };
    Some((KEYS.chars().nth(usize::from(event))?, flags & 0x80 != 0))
}

/// A telephone-event payload at −10 dBm0.
pub(crate) fn event_payload(event: u8, end: bool, duration: u16) -> Vec<u8> {
    let [high, low] = duration.to_be_bytes();
    vec![event, if end { 0x8A } else { 0x0A }, high, low]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_reads_as_it_was_written() {
        let packet = Packet {
            payload_type: 101,
            marker: true,
            seq: 65_535,
            timestamp: 7,
            ssrc: 9,
            payload: vec![1, 2],
        };
        assert_eq!(Packet::read(&packet.bytes()), Some(packet));
    }

    #[test]
    fn csrcs_extension_and_padding_are_passed_over() {
        let mut bytes = vec![0xB1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2];
        bytes.extend([9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 5, 5, 5, 5, 42, 0, 2]);
        assert_eq!(Packet::read(&bytes).unwrap().payload, [42]);
    }

    #[test]
    fn what_is_too_short_or_rtcp_is_no_packet() {
        assert_eq!(Packet::read(&[0x80; 11]), None);
        assert_eq!(Packet::read(&[0x80, 200, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(Packet::read(&[0xA0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9]), None);
    }

    #[test]
    fn a_key_survives_the_trip() {
        let event = event_of('#').unwrap();
        assert_eq!(key_of(&event_payload(event, true, 800)), Some(('#', true)));
        assert_eq!(event_of('x'), None);
    }
}
