//! What is counted of a stream that comes in, for our reports (RFC 3550 appendix A).

use ngcc_proto::Mono;

use super::rtcp::Block;
use super::rtp::{Packet, seq_ahead};
use super::sample_clock;

/// The counts of one SSRC.
#[derive(Clone, Debug)]
pub struct Reception {
    ssrc: u32,
    first: u32,
    highest: u32,
    received: u32,
    expected_told: u32,
    received_told: u32,
    transit: u32,
    /// In 16ths, as appendix A.8 keeps it.
    jitter: u32,
    report: Option<(u32, Mono)>,
}

impl Reception {
    /// Counts from a stream's first packet on.
    pub fn new(packet: &Packet<'_>, now: Mono) -> Self {
        Self {
            ssrc: packet.ssrc,
            first: u32::from(packet.seq),
            highest: u32::from(packet.seq),
            received: 1,
            expected_told: 0,
            received_told: 0,
            transit: sample_clock(now).wrapping_sub(packet.timestamp),
            jitter: 0,
            report: None,
        }
    }

    /// Whose stream it is.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Counts a further packet.
    pub fn count(&mut self, packet: &Packet<'_>, now: Mono) {
        self.received = self.received.wrapping_add(1);
        let ahead = seq_ahead(packet.seq, self.highest as u16);
        if ahead > 0 {
            self.highest = self.highest.wrapping_add(u32::from(ahead.cast_unsigned()));
        }
        let transit = sample_clock(now).wrapping_sub(packet.timestamp);
        let difference = transit.wrapping_sub(self.transit).cast_signed().unsigned_abs();
        self.transit = transit;
        // A leap of the timestamps (a hold, a pause) is no jitter.
        if difference < 8_000 {
            self.jitter = self.jitter.wrapping_add(difference).wrapping_sub((self.jitter + 8) >> 4);
        }
    }

    /// The other side's sender report came, with the middle 32 bits of its NTP time.
    pub fn reported(&mut self, ntp_middle: u32, now: Mono) {
        self.report = Some((ntp_middle, now));
    }

    /// Our block about the stream; begins a new interval.
    pub fn block(&mut self, now: Mono) -> Block {
        let expected = self.highest.wrapping_sub(self.first).wrapping_add(1);
        let lost = expected.wrapping_sub(self.received).cast_signed();
        let expected_now = expected.wrapping_sub(self.expected_told);
        let received_now = self.received.wrapping_sub(self.received_told);
        (self.expected_told, self.received_told) = (expected, self.received);
        let lost_now = u64::from(expected_now.saturating_sub(received_now));
        let fraction =
            if expected_now == 0 { 0 } else { (lost_now * 256 / u64::from(expected_now)).min(255) };
        let (last_report, delay) = self.report.map_or((0, 0), |(ntp, at)| {
            let delay = now.since(at).as_micros() * 65_536 / 1_000_000;
            (ntp, u32::try_from(delay).unwrap_or(u32::MAX))
        });
        Block {
            ssrc: self.ssrc,
            fraction_lost: fraction as u8,
            lost,
            highest: self.highest,
            jitter: self.jitter >> 4,
            last_report,
            delay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u16, timestamp: u32) -> Packet<'static> {
        Packet { marker: false, payload_type: 0, seq, timestamp, ssrc: 5, payload: &[] }
    }

    #[test]
    fn loss_is_told_over_the_wrap_around() {
        let mut reception = Reception::new(&packet(0xFFFE, 0), Mono(0));
        for (i, seq) in [0xFFFFu16, 0, 2, 3].into_iter().enumerate() {
            let n = i as u64 + 1;
            reception.count(&packet(seq, n as u32 * 160), Mono(n * 20_000));
        }
        let block = reception.block(Mono(100_000));
        assert_eq!((block.lost, block.fraction_lost, block.highest), (1, 42, 0x1_0003));
        assert_eq!(block.jitter, 0);
        assert_eq!(reception.block(Mono(100_000)).fraction_lost, 0, "nothing was lost since");
    }

    #[test]
    fn jitter_and_the_delay_since_the_last_report_are_told() {
        let mut reception = Reception::new(&packet(1, 0), Mono(0));
        for n in 1..200u64 {
            let late = if n % 2 == 0 { 10_000 } else { 0 };
            reception.count(&packet(n as u16 + 1, n as u32 * 160), Mono(n * 20_000 + late));
        }
        reception.reported(77, Mono(4_000_000));
        let block = reception.block(Mono(4_500_000));
        assert!((70..=80).contains(&block.jitter), "10 ms are 80 samples: {}", block.jitter);
        assert_eq!((block.last_report, block.delay), (77, 32_768));
    }
}
