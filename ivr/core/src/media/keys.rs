//! Telephone-events (RFC 4733): one key for an event that came in many packets, and the packets of a key we send.

use std::collections::VecDeque;

use ngcc_proto::Mono;

use super::FRAME;
use super::rtp::time_ahead;

/// After this time without a packet a key is up: its end was lost.
pub const LOST_END_US: u64 = 200_000;
/// A key held longer is told now, not at its end.
pub const LONGEST_US: u64 = 5_000_000;

const SYMBOLS: &[u8; 16] = b"0123456789*#ABCD";
/// An event's duration has 16 bits: a longer one goes on as a segment behind it (RFC 4733 section 2.5.1.3).
const SEGMENT: u32 = 0xFFFF;

/// The payload of a telephone-event packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// 0 to 15: `0123456789*#ABCD`.
    pub code: u8,
    /// Whether the key is up.
    pub end: bool,
    /// How long it has been down, in samples.
    pub duration: u16,
}

impl Event {
    /// Reads a payload; none if it is no key.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[code, flags, d1, d0, ..] = payload else { return None };
        (code < 16).then(|| Self { code, end: flags & 0x80 != 0, duration: u16::from_be_bytes([d1, d0]) })
    }

    /// The payload.
    pub fn bytes(self) -> [u8; 4] {
        let [d1, d0] = self.duration.to_be_bytes();
        // 10: a level of -10 dBm0, which gateways that make tones of it expect.
        [self.code, if self.end { 0x8A } else { 0x0A }, d1, d0]
    }
}

/// The key of an event code.
pub fn symbol(code: u8) -> Option<char> {
    SYMBOLS.get(usize::from(code)).map(|&b| char::from(b))
}

/// The event code of a key.
pub fn code_of(key: char) -> Option<u8> {
    SYMBOLS.iter().position(|&s| char::from(s) == key.to_ascii_uppercase()).map(|i| i as u8)
}

/// Keys that come in.
#[derive(Clone, Default)]
pub struct Keys {
    down: Option<Down>,
    /// The timestamp of the last key that was told: its end comes three times.
    told: Option<u32>,
    /// The timestamp of the last key that began before the present phase: who listens now is not to have it.
    sealed: Option<u32>,
}

#[derive(Clone, Copy)]
struct Down {
    code: u8,
    timestamp: u32,
    began: Mono,
    last: Mono,
    told: bool,
}

/// Codes of keys told at once: two when an end was lost and the next key came complete.
pub type Told = [Option<u8>; 2];

impl Keys {
    /// An event packet came.
    pub fn event(&mut self, timestamp: u32, event: Event, now: Mono) -> Told {
        if self.told.is_some_and(|told| time_ahead(timestamp, told) <= 0) && !self.holds(timestamp) {
            return [None, None];
        }
        let mut told = [None, None];
        match &mut self.down {
            Some(down) if down.timestamp == timestamp || down.goes_on(timestamp, event.code) => {
                if self.sealed == Some(down.timestamp) {
                    self.sealed = Some(timestamp);
                }
                down.timestamp = timestamp;
                down.last = now;
            }
            Some(down) if time_ahead(timestamp, down.timestamp) < 0 => return [None, None],
            Some(_) | None => {
                told[0] = self.release();
                self.down = Some(Down { code: event.code, timestamp, began: now, last: now, told: false });
            }
        }
        if event.end {
            told[1] = self.release();
        } else {
            told[1] = self.tell_if_long(now);
        }
        told
    }

    /// A new phase begins: a key that is down, and the repeats of the last end, belong to the one before.
    pub fn seal(&mut self) {
        self.sealed = self.down.map(|down| down.timestamp).or(self.told);
    }

    /// Whether the event that began at `timestamp` belongs to an earlier phase.
    pub fn is_sealed(&self, timestamp: u32) -> bool {
        self.sealed == Some(timestamp)
    }

    /// Whether the key that is down belongs to an earlier phase.
    pub fn down_is_sealed(&self) -> bool {
        self.down.is_some_and(|down| self.is_sealed(down.timestamp))
    }

    /// Whether a key is down: sound beside it is not passed on.
    pub fn is_down(&self) -> bool {
        self.down.is_some()
    }

    /// When `expire` has something to do.
    pub fn deadline(&self) -> Option<Mono> {
        self.down.map(|down| Mono(down.last.0 + LOST_END_US))
    }

    /// Lets a key go whose end was lost.
    pub fn expire(&mut self, now: Mono) -> Option<u8> {
        self.deadline().filter(|&at| at <= now)?;
        self.release()
    }

    fn holds(&self, timestamp: u32) -> bool {
        self.down.is_some_and(|down| down.timestamp == timestamp)
    }

    fn release(&mut self) -> Option<u8> {
        let down = self.down.take()?;
        self.told = Some(down.timestamp);
        (!down.told).then_some(down.code)
    }

    fn tell_if_long(&mut self, now: Mono) -> Option<u8> {
        let down = self.down.as_mut()?;
        if down.told || now.0 < down.began.0 + LONGEST_US {
            return None;
        }
        down.told = true;
        Some(down.code)
    }
}

impl Down {
    fn goes_on(&self, timestamp: u32, code: u8) -> bool {
        self.code == code && timestamp == self.timestamp.wrapping_add(SEGMENT)
    }
}

/// Keys we send, one after the other: 100 ms each, the end three times, a pause behind.
#[derive(Clone, Default)]
pub struct Typing {
    waiting: VecDeque<u8>,
    press: Option<Press>,
}

#[derive(Clone, Copy)]
struct Press {
    code: u8,
    began: u32,
    frame: u16,
}

/// One packet of a key we send.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stroke {
    /// The payload.
    pub event: Event,
    /// The timestamp at which the key went down.
    pub began: u32,
    /// Whether it is the key's first packet.
    pub first: bool,
}

/// The most keys that wait to be sent; more are dropped.
const WAITING: usize = 32;
/// Frames a sent key lasts, then with its repeated ends, then with the pause behind it.
const PRESS: u16 = 5;
const ENDS: u16 = PRESS + 2;
const PAUSE: u16 = ENDS + 2;

impl Typing {
    /// Sends `code` when the keys before it have been sent.
    pub fn push(&mut self, code: u8) {
        if self.waiting.len() < WAITING {
            self.waiting.push_back(code);
        }
    }

    /// Whether frames are still needed.
    pub fn is_busy(&self) -> bool {
        self.press.is_some() || !self.waiting.is_empty()
    }

    /// The next frame's packet; none where sound is sent instead. A key begins at timestamp `now`.
    pub fn frame(&mut self, now: u32) -> Option<Stroke> {
        let mut press = match self.press.take() {
            Some(press) => press,
            None => Press { code: self.waiting.pop_front()?, began: now, frame: 0 },
        };
        press.frame += 1;
        let Press { code, began, frame } = press;
        self.press = (frame < PAUSE).then_some(press);
        let event = Event { code, end: frame >= PRESS, duration: frame.min(PRESS) * FRAME as u16 };
        (frame <= ENDS).then_some(Stroke { event, began, first: frame == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down(code: u8, duration: u16) -> Event {
        Event { code, end: false, duration }
    }

    fn up(code: u8, duration: u16) -> Event {
        Event { code, end: true, duration }
    }

    fn told(told: Told) -> Vec<u8> {
        told.into_iter().flatten().collect()
    }

    #[test]
    fn a_key_is_told_once_at_its_end_though_the_end_comes_three_times() {
        let mut keys = Keys::default();
        let mut heard = vec![];
        for (i, event) in
            [down(5, 160), down(5, 320), up(5, 480), up(5, 480), up(5, 480)].into_iter().enumerate()
        {
            heard.extend(told(keys.event(1000, event, Mono(i as u64 * 20_000))));
            assert_eq!(keys.is_down(), i < 2);
        }
        assert_eq!(heard, [5]);
        assert_eq!(keys.deadline(), None);
    }

    #[test]
    fn only_ends_and_only_starts_arriving_make_a_key_each() {
        let mut keys = Keys::default();
        assert_eq!(told(keys.event(1000, up(1, 480), Mono(0))), [1]);
        assert!(told(keys.event(2000, down(2, 160), Mono(100_000))).is_empty());
        assert_eq!(keys.expire(Mono(299_999)), None);
        assert_eq!(keys.expire(Mono(300_000)), Some(2));
        assert!(told(keys.event(2000, up(2, 800), Mono(310_000))).is_empty(), "its end came after all");
        assert!(!keys.is_down());
    }

    #[test]
    fn the_same_key_twice_is_two_keys_and_a_lost_end_does_not_swallow_the_next() {
        let mut keys = Keys::default();
        assert!(told(keys.event(1000, down(7, 160), Mono(0))).is_empty());
        assert_eq!(told(keys.event(3000, up(7, 480), Mono(90_000))), [7, 7]);
        assert!(
            told(keys.event(1000, up(7, 480), Mono(95_000))).is_empty(),
            "the first one's end, reordered"
        );
    }

    #[test]
    fn a_key_belongs_to_the_phase_in_which_it_began_with_all_its_ends() {
        let mut keys = Keys::default();
        keys.event(1000, up(1, 480), Mono(0));
        keys.seal();
        assert!(keys.is_sealed(1000) && !keys.is_sealed(2000), "the repeats of its end");
        keys.event(2000, down(2, 160), Mono(90_000));
        keys.seal();
        assert!(keys.down_is_sealed(), "it is still down");
        keys.event(2000 + SEGMENT, down(2, 160), Mono(9_000_000));
        assert!(keys.is_sealed(2000 + SEGMENT), "and goes on");
        keys.event(2000 + SEGMENT, up(2, 320), Mono(9_020_000));
        keys.event(200_000, down(3, 160), Mono(9_100_000));
        assert!(!keys.down_is_sealed());
    }

    #[test]
    fn timestamps_wrap_around() {
        let mut keys = Keys::default();
        assert_eq!(told(keys.event(0xFFFF_FF00, up(1, 160), Mono(0))), [1]);
        assert_eq!(told(keys.event(0x100, up(2, 160), Mono(90_000))), [2]);
        assert!(told(keys.event(0xFFFF_FF00, up(1, 160), Mono(91_000))).is_empty());
    }

    #[test]
    fn a_key_held_for_long_is_told_after_the_longest_time_and_only_then() {
        let mut keys = Keys::default();
        let mut heard = vec![];
        let mut timestamp = 0u32;
        for i in 0..600u64 {
            let mut duration = i * 160 - u64::from(timestamp);
            if duration > 0xFFFF {
                timestamp += SEGMENT;
                duration -= u64::from(SEGMENT);
            }
            heard.extend(told(keys.event(timestamp, down(11, duration as u16), Mono(i * 20_000))));
            assert_eq!(heard.len(), usize::from(i * 20_000 >= LONGEST_US));
        }
        heard.extend(told(keys.event(timestamp, up(11, 9), Mono(12_000_000))));
        assert_eq!(heard, [11]);
    }

    #[test]
    fn what_we_send_is_heard_as_those_keys_each_once() {
        let (mut typing, mut keys, mut heard) = (Typing::default(), Keys::default(), String::new());
        let typed = "0123456789*#ABCD11";
        typed.chars().filter_map(code_of).for_each(|code| typing.push(code));
        let mut packets = 0;
        for frame in 0..typed.len() as u32 * u32::from(PAUSE) {
            assert!(typing.is_busy());
            let Some(stroke) = typing.frame(frame * 160) else { continue };
            packets += 1;
            let event = Event::parse(&stroke.event.bytes()).unwrap();
            let codes = keys.event(stroke.began, event, Mono(u64::from(frame) * 20_000));
            heard.extend(told(codes).into_iter().filter_map(symbol));
        }
        assert!(!typing.is_busy());
        assert_eq!((heard.as_str(), packets), (typed, 7 * typed.len()));
    }

    #[test]
    fn what_is_no_key_is_not_read_as_one() {
        assert_eq!(code_of('x'), None);
        assert!(Event::parse(&[16, 0, 0, 0]).is_none() && Event::parse(&[1, 0, 0]).is_none());
    }
}
