//! Our stream toward one leg. Whatever it carries — a mix, a prompt, another leg's packets, a key — it is one SSRC
//! whose sequence numbers and timestamps go on, so that no switch between them is heard.

use ngcc_proto::Mono;

use super::rtcp::Sent;
use super::rtp::{Packet, seq_ahead, time_ahead};
use super::{FRAME, sample_clock};

/// Our side of a stream.
#[derive(Clone, Debug)]
pub struct Outgoing {
    ssrc: u32,
    /// The sequence number sent last.
    seq: u16,
    /// The timestamp behind everything that was sent.
    end: u32,
    /// Our timestamp at sample clock 0.
    base: u32,
    carries: Carries,
    last_sent: Option<(u32, Mono)>,
    packets: u32,
    octets: u32,
    packets_told: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carries {
    Nothing,
    /// Frames of our own clock.
    Frames,
    /// Packets of another leg, on its clock.
    Relay(Relay),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Relay {
    leg: u32,
    ssrc: u32,
    /// The newest sequence number of the source.
    newest: u16,
    /// The oldest of the source's sequence numbers that keeps its distance to `newest` on our side.
    oldest: u16,
    shift: u32,
}

/// Where a packet stands in our stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// A talk spurt begins.
    pub marker: bool,
    /// Our sequence number.
    pub seq: u16,
    /// Our timestamp.
    pub timestamp: u32,
}

/// How far a source's timestamps may leave our clock before they are shifted anew: 1 s.
const DRIFT: i32 = 8_000;
/// How far a source's sequence numbers may leap and still be told as loss.
const LEAP: i16 = 250;
/// How late a packet may be and still be passed on.
const LATE: i16 = -50;

impl Outgoing {
    /// A stream whose first packet has `seq` and, sent at `now`, `timestamp`.
    pub fn new(ssrc: u32, seq: u16, timestamp: u32, now: Mono) -> Self {
        Self {
            ssrc,
            seq: seq.wrapping_sub(1),
            end: timestamp,
            base: timestamp.wrapping_sub(sample_clock(now)),
            carries: Carries::Nothing,
            last_sent: None,
            packets: 0,
            octets: 0,
            packets_told: 0,
        }
    }

    /// Our SSRC.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Places the frame of the tick at `due`; none if what was sent already reaches further than that.
    pub fn frame(&mut self, due: Mono) -> Option<Place> {
        let gap = time_ahead(self.clock(due), self.end);
        let goes_on = self.carries == Carries::Frames && gap <= FRAME as i32 / 2;
        if self.leads(due) {
            return None;
        }
        if !goes_on {
            self.end = self.next(due);
            self.carries = Carries::Frames;
        }
        self.seq = self.seq.wrapping_add(1);
        let place = Place { marker: !goes_on, seq: self.seq, timestamp: self.end };
        self.end = self.end.wrapping_add(FRAME as u32);
        self.sent(place.timestamp, FRAME, due);
        Some(place)
    }

    /// What was relayed ends here: what the source sent until the next relay was not lost, it was not for this leg.
    pub fn cut(&mut self) {
        self.carries = Carries::Nothing;
    }

    /// Places a packet of a key that began with timestamp `began`; sound goes on behind it.
    pub fn key(&mut self, began: u32, duration: u16, first: bool, now: Mono) -> Place {
        self.carries = Carries::Frames;
        self.seq = self.seq.wrapping_add(1);
        let end = began.wrapping_add(u32::from(duration));
        self.end = if time_ahead(end, self.end) > 0 { end } else { self.end };
        self.sent(began, 4, now);
        Place { marker: first, seq: self.seq, timestamp: began }
    }

    /// Places a packet of the leg tagged `leg`; none for a repeat, for one too late to be of use, and while what was
    /// sent before it reaches further than now.
    pub fn relay(&mut self, leg: u32, packet: &Packet<'_>, now: Mono) -> Option<Place> {
        let place = match self.relayed(leg, packet, now) {
            Some(mut relay) => {
                let ahead = seq_ahead(packet.seq, relay.newest);
                let seq = self.seq.wrapping_add_signed(ahead);
                if ahead > 0 {
                    relay.newest = packet.seq;
                    self.seq = seq;
                } else if ahead == 0 || ahead < LATE || seq_ahead(packet.seq, relay.oldest) < 0 {
                    return None;
                }
                self.carries = Carries::Relay(relay);
                Place { marker: packet.marker, seq, timestamp: packet.timestamp.wrapping_add(relay.shift) }
            }
            None if self.leads(now) => return None,
            None => {
                let timestamp = self.next(now);
                let shift = timestamp.wrapping_sub(packet.timestamp);
                self.carries = Carries::Relay(Relay {
                    leg,
                    ssrc: packet.ssrc,
                    newest: packet.seq,
                    oldest: packet.seq,
                    shift,
                });
                self.seq = self.seq.wrapping_add(1);
                Place { marker: true, seq: self.seq, timestamp }
            }
        };
        let end = place.timestamp.wrapping_add(packet.payload.len() as u32);
        self.end = if time_ahead(end, self.end) > 0 { end } else { self.end };
        self.sent(place.timestamp, packet.payload.len(), now);
        Some(place)
    }

    /// A packet of the relayed leg is kept back (a key): the ones behind it close up, so that it is not missed.
    pub fn keep_back(&mut self, leg: u32, packet: &Packet<'_>, now: Mono) {
        let Some(mut relay) = self.relayed(leg, packet, now) else { return };
        let ahead = seq_ahead(packet.seq, relay.newest);
        if ahead > 0 {
            self.seq = self.seq.wrapping_add_signed(ahead - 1);
            relay.newest = packet.seq;
            relay.oldest = packet.seq.wrapping_add(1);
            self.carries = Carries::Relay(relay);
        }
    }

    /// The timestamp of what is sent next, were it our own.
    pub fn next(&self, now: Mono) -> u32 {
        let clock = self.clock(now);
        if time_ahead(clock, self.end) > 0 { clock } else { self.end }
    }

    /// What a sender report tells; none if nothing was sent since the last one.
    pub fn report(&mut self, ntp: u64, now: Mono) -> Option<Sent> {
        let (timestamp, at) = self.last_sent.filter(|_| self.packets != self.packets_told)?;
        self.packets_told = self.packets;
        let since = sample_clock(now).wrapping_sub(sample_clock(at));
        Some(Sent {
            ntp,
            timestamp: timestamp.wrapping_add(since),
            packets: self.packets,
            octets: self.octets,
        })
    }

    /// The relay that `packet` goes on with; none if it has to begin anew.
    fn relayed(&self, leg: u32, packet: &Packet<'_>, now: Mono) -> Option<Relay> {
        let Carries::Relay(relay) = self.carries else { return None };
        let drift = time_ahead(packet.timestamp.wrapping_add(relay.shift), self.clock(now));
        let same = relay.leg == leg && relay.ssrc == packet.ssrc;
        let near = seq_ahead(packet.seq, relay.newest).unsigned_abs() <= LEAP.unsigned_abs();
        (same && near && drift.abs() <= DRIFT).then_some(relay)
    }

    /// Whether a switch now would put our timestamps a frame ahead of our clock: leads would add up, switch by switch,
    /// and fill the receiver's buffer. The frame is left out instead.
    fn leads(&self, now: Mono) -> bool {
        time_ahead(self.end, self.clock(now)) >= FRAME as i32
    }

    fn clock(&self, now: Mono) -> u32 {
        self.base.wrapping_add(sample_clock(now))
    }

    fn sent(&mut self, timestamp: u32, octets: usize, now: Mono) {
        self.last_sent = Some((timestamp, now));
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(octets as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(seq: u16, timestamp: u32) -> Packet<'static> {
        Packet { marker: false, payload_type: 0, seq, timestamp, ssrc: 3, payload: &[0; FRAME] }
    }

    fn ms(ms: u64) -> Mono {
        Mono(ms * 1000)
    }

    #[test]
    fn relay_and_frames_follow_each_other_without_a_leap() {
        let mut out = Outgoing::new(1, 0xFFFC, 0xFFFF_FF00, ms(1000));
        let mut last: Option<Place> = None;
        for n in 0..60u64 {
            let now = ms(1000 + n * 20);
            // Five frames, five packets of one leg, five of another, and again.
            let place = match n / 5 % 3 {
                0 => out.frame(now).unwrap(),
                leg => out
                    .relay(leg as u32, &packet(500 + n as u16, 7 * leg as u32 + n as u32 * 160), now)
                    .unwrap(),
            };
            if let Some(last) = last {
                assert_eq!(seq_ahead(place.seq, last.seq), 1, "packet {n}");
                assert_eq!(time_ahead(place.timestamp, last.timestamp), 160, "packet {n}");
                assert_eq!(place.marker, n % 5 == 0, "packet {n}");
            } else {
                assert_eq!((place.seq, place.timestamp), (0xFFFC, 0xFFFF_FF00));
            }
            last = Some(place);
        }
    }

    #[test]
    fn a_thousand_switches_between_two_phases_of_the_frame_do_not_run_ahead() {
        let mut out = Outgoing::new(1, 1, 0, ms(0));
        let mut left_out = 0;
        for n in 0..2000u64 {
            // The leg's packets come 11 ms behind our ticks.
            let (at, place) = if n % 2 == 0 {
                (n * 20, out.frame(ms(n * 20)))
            } else {
                (n * 20 + 11, out.relay(2, &packet(n as u16, n as u32 * 160), ms(n * 20 + 11)))
            };
            let Some(place) = place else {
                left_out += 1;
                continue;
            };
            let lead = time_ahead(place.timestamp, at as u32 * 8);
            assert!((0..160).contains(&lead), "packet {n} leads by {lead} samples");
        }
        assert!(left_out < 1000, "{left_out}");
    }

    #[test]
    fn a_pause_is_a_gap_of_time_and_not_of_numbers() {
        let mut out = Outgoing::new(1, 1, 0, ms(0));
        let first = out.frame(ms(0)).unwrap();
        let second = out.frame(ms(500)).unwrap();
        assert_eq!((second.seq, second.timestamp, second.marker), (first.seq + 1, 4000, true));
    }

    #[test]
    fn loss_stays_visible_a_repeat_is_dropped_and_a_late_packet_keeps_its_number() {
        let mut out = Outgoing::new(1, 100, 0, ms(0));
        let seqs = |out: &mut Outgoing, list: &[u16]| -> Vec<Option<u16>> {
            list.iter()
                .map(|&s| out.relay(2, &packet(s, u32::from(s) * 160), ms(20)).map(|p| p.seq))
                .collect()
        };
        assert_eq!(
            seqs(&mut out, &[10, 11, 13, 13, 12, 9]),
            [Some(100), Some(101), Some(103), None, Some(102), None]
        );
    }

    #[test]
    fn a_key_that_is_kept_back_leaves_no_hole() {
        let mut out = Outgoing::new(1, 100, 0, ms(0));
        out.relay(2, &packet(10, 1600), ms(20)).unwrap();
        for seq in 11..15 {
            out.keep_back(2, &packet(seq, 1760), ms(40));
        }
        let place = out.relay(2, &packet(15, 2400), ms(120)).unwrap();
        assert_eq!((place.seq, place.timestamp), (101, 160 + 800), "the first went out with 160 at 20 ms");
        assert_eq!(out.relay(2, &packet(12, 1760), ms(120)), None, "older than what was kept back");
    }

    #[test]
    fn a_source_that_leaps_is_shifted_onto_our_clock_again() {
        let mut out = Outgoing::new(1, 100, 0, ms(0));
        out.relay(2, &packet(10, 1600), ms(20)).unwrap();
        let place = out.relay(2, &packet(11, 0x8000_0000), ms(40)).unwrap();
        assert_eq!((place.seq, place.timestamp, place.marker), (101, 320, true));
        let place = out.relay(2, &packet(40_000, 0x8000_00A0), ms(60)).unwrap();
        assert_eq!((place.seq, place.timestamp, place.marker), (102, 480, true));
    }

    #[test]
    fn a_sender_report_tells_what_was_sent_once() {
        let mut out = Outgoing::new(1, 1, 1000, ms(0));
        assert_eq!(out.report(5, ms(0)), None);
        out.frame(ms(0)).unwrap();
        out.frame(ms(20)).unwrap();
        let sent = out.report(5, ms(30)).unwrap();
        assert_eq!((sent.timestamp, sent.packets, sent.octets), (1000 + 240, 2, 320));
        assert_eq!(out.report(5, ms(40)), None);
    }
}
