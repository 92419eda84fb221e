//! Whether the stream that came is whole: its sources, its sequence, and the longest time without a packet.

use std::time::{Duration, Instant};

/// One packet that came, without its sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) ssrc: u32,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
}

/// What can be said of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamReport {
    /// Packets that came.
    pub packets: usize,
    /// Sources in the order of their first packet; one, unless the sender broke the stream.
    pub ssrcs: Vec<u32>,
    /// Packets missing from the sequence.
    pub lost: u32,
    /// Packets that came behind a later one, or twice.
    pub late: u32,
    /// The longest time between two packets.
    pub longest_gap: Duration,
    /// The largest step backwards of the timestamp between two packets in sequence; zero is right.
    pub time_went_back: u32,
}

pub(crate) fn report(seen: &[Seen]) -> StreamReport {
    let mut report = StreamReport { packets: seen.len(), ..StreamReport::default() };
    for packet in seen {
        if !report.ssrcs.contains(&packet.ssrc) {
            report.ssrcs.push(packet.ssrc);
        }
    }
    let mut newest: Option<&Seen> = None;
    for packet in seen {
        let Some(before) = newest.filter(|b| b.ssrc == packet.ssrc) else {
            newest = Some(packet);
            continue;
        };
        let step = packet.seq.wrapping_sub(before.seq);
        if step == 0 || step >= 0x8000 {
            report.late += 1;
            continue;
        }
        report.lost += u32::from(step) - 1;
        let back = before.timestamp.wrapping_sub(packet.timestamp);
        if back < 0x8000_0000 {
            report.time_went_back = report.time_went_back.max(back);
        }
        newest = Some(packet);
    }
    report.longest_gap = seen.windows(2).map(|w| w[1].at - w[0].at).max().unwrap_or_default();
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_losses_and_repeats_are_counted() {
        let start = Instant::now();
        let packet = |ms, seq: u16| Seen {
            at: start + Duration::from_millis(ms),
            ssrc: 1,
            seq,
            timestamp: u32::from(seq) * 160,
        };
        let seen = [packet(0, 65_534), packet(20, 65_535), packet(40, 0), packet(41, 0), packet(140, 3)];
        // The timestamp runs back once because this test derives it from a wrapping number.
        let whole = report(&seen);
        assert_eq!((whole.packets, whole.lost, whole.late), (5, 2, 1));
        assert_eq!(whole.longest_gap, Duration::from_millis(99));
        assert_eq!(whole.ssrcs, [1]);
    }
}
