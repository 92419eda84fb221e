//! The play-out over clean and bad paths, in virtual time.

use super::*;

struct Path {
    jitter: Jitter,
    /// What the sender said, one byte value a frame.
    sent: u32,
    base: u32,
    seq: u16,
}

impl Path {
    fn new(base: u32, seq: u16) -> Self {
        Self { jitter: Jitter::new(Codec::Pcmu), sent: 0, base, seq }
    }

    /// The sender's frame `n`, whose bytes tell its number.
    fn put(&mut self, n: u32) {
        let payload = [mark(n); FRAME];
        self.jitter.put(&Packet {
            marker: n == 0,
            payload_type: 0,
            seq: self.seq.wrapping_add(n as u16),
            timestamp: self.base.wrapping_add(n * FRAME as u32),
            ssrc: 1,
            payload: &payload,
        });
    }

    fn send(&mut self) {
        self.put(self.sent);
        self.sent += 1;
    }

    fn take(&mut self) -> Heard {
        let mut out = [0; FRAME];
        match self.jitter.take(&mut out) {
            false => Heard::Nothing,
            true => (0..64).find(|&n| out.iter().all(|&s| s == level(n))).map_or(Heard::Else, Heard::Frame),
        }
    }
}

/// Which of 64 loud levels was heard, something else (a repetition that fades), or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Frame(u32),
    Else,
    Nothing,
}

fn mark(n: u32) -> u8 {
    0x80 + (n % 64) as u8
}

fn level(n: u32) -> i16 {
    let mut one = [0];
    g711::decode(Codec::Pcmu, &[mark(n)], &mut one);
    one[0]
}

#[test]
fn a_clean_path_is_heard_whole_after_one_frame() {
    let mut path = Path::new(5000, 1);
    for n in 0..1000 {
        path.send();
        let heard = path.take();
        assert_eq!(heard, if n == 0 { Heard::Nothing } else { Heard::Frame((n - 1) % 64) });
        assert!(path.jitter.depth() <= 2 * FRAME, "{}", path.jitter.depth());
    }
}

#[test]
fn timestamps_and_sequence_numbers_wrap_unheard() {
    let mut path = Path::new(0u32.wrapping_sub(50 * 160 + 33), 0xFFF0);
    for n in 0..200 {
        path.send();
        let heard = path.take();
        assert!(n == 0 || heard == Heard::Frame((n - 1) % 64), "frame {n}: {heard:?}");
    }
}

#[test]
fn a_lost_frame_is_repeated_and_a_long_loss_fades_to_nothing() {
    let mut path = Path::new(0, 1);
    for _ in 0..10 {
        path.send();
        path.take();
    }
    path.sent += 1;
    assert_eq!(path.take(), Heard::Frame(9));
    path.send();
    assert_eq!(path.take(), Heard::Else, "frame 10 is lost: 9 again, softer");
    path.send();
    assert_eq!(path.take(), Heard::Frame(11));
    assert_eq!(path.take(), Heard::Frame(12));
    let rest: Vec<Heard> = (0..6).map(|_| path.take()).collect();
    assert_eq!(rest[..4], [Heard::Else; 4]);
    assert_eq!(rest[4..], [Heard::Nothing; 2]);
}

#[test]
fn a_repeated_packet_is_heard_once_and_reordered_ones_in_order() {
    let mut path = Path::new(0, 0xFFFE);
    path.put(0);
    path.put(1);
    assert_eq!(path.take(), Heard::Nothing);
    path.put(3);
    assert_eq!(path.take(), Heard::Frame(0));
    path.put(2);
    path.put(0);
    path.put(0);
    assert_eq!(path.take(), Heard::Frame(1));
    path.put(2);
    assert_eq!(path.take(), Heard::Frame(2));
    assert_eq!(path.take(), Heard::Frame(3));
    assert_eq!(path.jitter.depth(), 0);
}

#[test]
fn a_late_path_takes_on_delay_once_and_gives_it_back() {
    let mut path = Path::new(0, 1);
    let mut missed = 0;
    for n in 0..400u32 {
        // Frames of the bad time come three ticks late, all of them.
        let late = if (50..100).contains(&n) { 3 } else { 0 };
        if late == 0 {
            if path.sent < n.min(100) && n >= 100 {
                while path.sent < n {
                    path.send();
                }
            }
            path.send();
        } else if n >= 53 {
            path.send();
        }
        missed += u32::from(n > 0 && !matches!(path.take(), Heard::Frame(_)));
    }
    assert!(missed <= 4, "{missed} frames missed");
    for _ in 0..1000 {
        path.send();
        path.take();
    }
    assert!(path.jitter.depth() <= 2 * FRAME, "{}", path.jitter.depth());
}

#[test]
fn the_delay_never_exceeds_200_ms() {
    let mut path = Path::new(0, 1);
    for burst in 0..50 {
        for _ in 0..(burst % 17) {
            path.take();
        }
        for _ in 0..(burst % 17) {
            path.send();
        }
        assert!(path.jitter.depth() as i32 <= MOST + STEP, "{}", path.jitter.depth());
    }
}

#[test]
fn a_new_source_or_a_leap_of_the_timestamps_begins_anew() {
    let mut path = Path::new(0, 1);
    for _ in 0..10 {
        path.send();
        path.take();
    }
    path.sent += 100_000;
    path.send();
    path.take();
    path.send();
    assert_eq!(path.take(), Heard::Frame((path.sent - 2) % 64));
    let payload = [mark(7); FRAME];
    let other = Packet { marker: false, payload_type: 0, seq: 9, timestamp: 77, ssrc: 2, payload: &payload };
    path.jitter.put(&other);
    path.take();
    assert_eq!(path.take(), Heard::Frame(7));
}

#[test]
fn packets_of_30_ms_are_heard_whole() {
    let mut jitter = Jitter::new(Codec::Pcma);
    let (mut out, mut silent) = ([0; FRAME], 0);
    for n in 0..300u32 {
        if n % 3 != 2 {
            let k = n / 3 * 2 + n % 3;
            let payload = [0x55 ^ 0x91; 240];
            let (seq, timestamp) = (k as u16, k * 240);
            jitter.put(&Packet {
                marker: false,
                payload_type: 8,
                seq,
                timestamp,
                ssrc: 1,
                payload: &payload,
            });
        }
        silent += u32::from(!jitter.take(&mut out));
    }
    assert!(silent <= 1, "{silent}");
    assert!(out.iter().all(|&s| s == out[0]));
}
