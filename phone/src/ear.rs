//! What the phone hears: every packet's sound with its arrival, and questions about it that wait for
//! the answer instead of sleeping.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::sync::watch;
use tokio::time::timeout_at;

use crate::locked;
use crate::report::{Seen, StreamReport, report};
use crate::rtp::{Packet, key_of};
use crate::sdp::Codec;
use crate::tone::{FRAME, correlation, loudness, share_of_tone, strongest};

/// What was waited for in vain, and what was heard instead.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("did not hear {wanted}; heard {instead}")]
pub struct NotHeard {
    /// What was waited for.
    pub wanted: String,
    /// The last of what came.
    pub instead: String,
}

/// Quieter than this (root mean square) is silence; a companded silence and its rounding stay below.
const SILENCE: f64 = 60.0;
/// Packets looked at together for a tone: 200 ms.
const WINDOW: usize = 10;
/// Sound that was under way when silence was asked for may still come in this time.
const SETTLE: Duration = Duration::from_millis(1000);

/// Everything heard in one call.
pub struct Ear {
    heard: Mutex<Heard>,
    news: watch::Sender<u64>,
}

#[derive(Default)]
struct Heard {
    frames: Vec<Frame>,
    seen: Vec<Seen>,
    keys: Vec<char>,
    /// The end of a key comes three times with one timestamp.
    last_key: Option<u32>,
    keys_taken: usize,
    prompt_from: usize,
}

struct Frame {
    at: Instant,
    ssrc: u32,
    timestamp: u32,
    samples: Vec<i16>,
}

impl Ear {
    pub(crate) fn new() -> Self {
        Self { heard: Mutex::default(), news: watch::Sender::new(0) }
    }

    pub(crate) fn take(&self, packet: &Packet, keys: Option<u8>) {
        let mut heard = locked(&self.heard);
        let Packet { ssrc, seq, timestamp, .. } = *packet;
        let at = Instant::now();
        heard.seen.push(Seen { at, ssrc, seq, timestamp });
        if let Some(codec) = Codec::of(packet.payload_type) {
            let samples = codec.decode(&packet.payload);
            heard.frames.push(Frame { at, ssrc, timestamp, samples });
        } else if Some(packet.payload_type) == keys {
            heard.take_key(packet);
        }
        drop(heard);
        self.news.send_modify(|n| *n += 1);
    }

    /// Waits until `found` says so of what has come, or says what came instead.
    async fn until(
        &self,
        within: Duration,
        wanted: impl Fn() -> String,
        mut found: impl FnMut(&mut Heard) -> bool,
    ) -> Result<(), NotHeard> {
        let deadline = tokio::time::Instant::now() + within;
        let mut news = self.news.subscribe();
        loop {
            news.mark_unchanged();
            if found(&mut locked(&self.heard)) {
                return Ok(());
            }
            if !matches!(timeout_at(deadline, news.changed()).await, Ok(Ok(()))) {
                return Err(NotHeard { wanted: wanted(), instead: locked(&self.heard).describe() });
            }
        }
    }

    /// Waits for a tone of `hz` among whatever else is heard from now on.
    ///
    /// # Errors
    /// [`NotHeard`] after `within`.
    pub async fn hears_tone(&self, hz: f64, within: Duration) -> Result<(), NotHeard> {
        let from = self.frames();
        let wanted = || format!("a tone of {hz} Hz");
        self.until(within, wanted, |h| {
            h.window(from).is_some_and(|w| audible(&w) && share_of_tone(&w, hz) > 0.2)
        })
        .await
    }

    /// Waits for these tones and nothing besides them, from now on.
    ///
    /// # Errors
    /// [`NotHeard`] after `within`.
    pub async fn hears_only(&self, tones: &[f64], within: Duration) -> Result<(), NotHeard> {
        let from = self.frames();
        self.until(
            within,
            || format!("only {tones:?} Hz"),
            |h| h.window(from).is_some_and(|w| only(&w, tones)),
        )
        .await
    }

    /// Like `hears_only`, and then for all of `time`: one window in five may be broken by a lost packet.
    ///
    /// # Errors
    /// [`NotHeard`] if the tones do not come within 3 s or do not stay.
    pub async fn keeps_hearing_only(&self, tones: &[f64], time: Duration) -> Result<(), NotHeard> {
        self.hears_only(tones, Duration::from_secs(3)).await?;
        let (from, frames) = (self.frames(), (time.as_millis() / 20) as usize);
        let wanted = || format!("only {tones:?} Hz for {time:?}");
        self.until(time * 2 + SETTLE, wanted, |h| {
            let Some(stretch) = h.frames.get(from..from + frames) else { return false };
            let windows: Vec<bool> = stretch.chunks_exact(WINDOW).map(|w| only(&joined(w), tones)).collect();
            windows.iter().filter(|&&good| !good).count() * 5 <= windows.len()
        })
        .await
    }

    /// Waits for `time` in which nothing louder than silence comes; it begins within a second.
    ///
    /// # Errors
    /// [`NotHeard`] if something is heard.
    pub async fn hears_silence(&self, time: Duration) -> Result<(), NotHeard> {
        let asked = Instant::now();
        let give_up = asked + time + SETTLE;
        loop {
            let loud = locked(&self.heard).last_loud().filter(|at| *at > asked).unwrap_or(asked);
            let now = Instant::now();
            if now >= loud + time {
                return Ok(());
            }
            if loud + time > give_up {
                let instead = locked(&self.heard).describe();
                return Err(NotHeard { wanted: format!("silence for {time:?}"), instead });
            }
            tokio::time::sleep_until((loud + time).into()).await;
        }
    }

    /// Waits for music: a second of sound that is neither silence nor one of the phones' tones.
    ///
    /// # Errors
    /// [`NotHeard`] after `within`.
    pub async fn hears_music(&self, within: Duration) -> Result<(), NotHeard> {
        let from = self.frames();
        self.until(
            within,
            || "music".to_owned(),
            |h| {
                let Some(second) = h.frames.get(from..).and_then(|f| f.last_chunk::<50>()) else {
                    return false;
                };
                let loud = second.iter().filter(|f| loudness(&f.samples) > SILENCE).count();
                let whole = joined(second);
                loud >= 40 && strongest(&whole).first().is_none_or(|(_, share)| *share < 0.9)
            },
        )
        .await
    }

    /// Waits for any sound.
    ///
    /// # Errors
    /// [`NotHeard`] after `within`.
    pub async fn hears_something(&self, within: Duration) -> Result<(), NotHeard> {
        let from = self.frames();
        self.until(within, || "anything".to_owned(), |h| h.window(from).is_some_and(|w| audible(&w))).await
    }

    /// Waits for the recording `wanted` (8 kHz), heard since the call began or since `forget`:
    /// correlation of at least 0.9 at the best lag.
    ///
    /// # Errors
    /// [`NotHeard`] after `within`.
    pub async fn hears_prompt(&self, wanted: &[i16], within: Duration) -> Result<(), NotHeard> {
        let mut next = 0;
        let mut best = 0.0_f64;
        let words = || format!("the prompt of {} ms", wanted.len() / 8);
        let outcome = self
            .until(within, words, |h| {
                // A look costs much more than a packet: one look each 200 ms of new sound is enough.
                if h.frames.len() < next {
                    return false;
                }
                next = h.frames.len() + WINDOW;
                best = best.max(correlation(&h.timeline(h.prompt_from), wanted));
                best >= 0.9
            })
            .await;
        // The last look may have been up to a window before the deadline.
        let last = || correlation(&locked(&self.heard).timeline_from_mark(), wanted);
        match outcome {
            Err(_) if last() >= 0.9 => Ok(()),
            Err(mut not) => {
                not.instead.push_str(&format!(", best correlation {best:.2}"));
                Err(not)
            }
            Ok(()) => Ok(()),
        }
    }

    /// Lets `hears_prompt` and `recording` begin here.
    pub fn forget(&self) {
        let mut heard = locked(&self.heard);
        heard.prompt_from = heard.frames.len();
    }

    /// Everything heard since the call began or since `forget`, as one recording at 8 kHz.
    pub fn recording(&self) -> Vec<i16> {
        locked(&self.heard).timeline_from_mark()
    }

    /// Waits for the next key by telephone-event, which must be `key`.
    ///
    /// # Errors
    /// [`NotHeard`] after `within`, or where another key came.
    pub async fn hears_key(&self, key: char, within: Duration) -> Result<(), NotHeard> {
        let mut came = None;
        let wanted = || format!("the key {key}");
        self.until(within, wanted, |h| {
            came = h.keys.get(h.keys_taken).copied();
            h.keys_taken += usize::from(came.is_some());
            came.is_some()
        })
        .await?;
        match came {
            Some(k) if k == key => Ok(()),
            other => Err(NotHeard { wanted: wanted(), instead: format!("the key {other:?}") }),
        }
    }

    /// Every key that came by telephone-event.
    pub fn keys(&self) -> String {
        locked(&self.heard).keys.iter().collect()
    }

    /// Of the whole stream.
    pub fn report(&self) -> StreamReport {
        report(&locked(&self.heard).seen)
    }

    /// Of the stream since `from`, the last packet before it included.
    pub fn report_since(&self, from: Instant) -> StreamReport {
        let heard = locked(&self.heard);
        let first = heard.seen.partition_point(|s| s.at < from).saturating_sub(1);
        report(&heard.seen[first..])
    }

    fn frames(&self) -> usize {
        locked(&self.heard).frames.len()
    }
}

impl Heard {
    fn take_key(&mut self, packet: &Packet) {
        if let Some((key, true)) = key_of(&packet.payload)
            && self.last_key != Some(packet.timestamp)
        {
            self.last_key = Some(packet.timestamp);
            self.keys.push(key);
        }
    }

    /// The newest 200 ms, if they all came since `from`.
    fn window(&self, from: usize) -> Option<Vec<i16>> {
        self.frames.get(from..)?.last_chunk::<WINDOW>().map(|w| joined(w))
    }

    fn last_loud(&self) -> Option<Instant> {
        self.frames.iter().rev().take(200).find(|f| loudness(&f.samples) > SILENCE).map(|f| f.at)
    }

    fn timeline_from_mark(&self) -> Vec<i16> {
        self.timeline(self.prompt_from)
    }

    /// The sound since `from` laid out by timestamp, holes of up to a second filled with silence.
    fn timeline(&self, from: usize) -> Vec<i16> {
        let mut out: Vec<i16> = Vec::new();
        let mut before: Option<&Frame> = None;
        for frame in self.frames.get(from..).unwrap_or_default() {
            if let Some(b) = before.filter(|b| b.ssrc == frame.ssrc) {
                let expected = b.timestamp.wrapping_add(b.samples.len() as u32);
                let hole = frame.timestamp.wrapping_sub(expected);
                if hole <= 8000 {
                    out.resize(out.len() + hole as usize, 0);
                }
            }
            out.extend(&frame.samples);
            before = Some(frame);
        }
        out
    }

    fn describe(&self) -> String {
        let Some(last) = self.frames.last() else { return "no packet".to_owned() };
        let from = self.frames.len().saturating_sub(WINDOW);
        let window = joined(&self.frames[from..]);
        let age = last.at.elapsed().as_millis();
        let tones: Vec<String> =
            strongest(&window).iter().map(|(hz, share)| format!("{hz} Hz {:.0} %", share * 100.0)).collect();
        let (count, level) = (self.frames.len(), loudness(&window));
        format!("{count} packets, the last {age} ms ago, level {level:.0}, {}", tones.join(", "))
    }
}

fn joined(frames: &[Frame]) -> Vec<i16> {
    let mut out = Vec::with_capacity(frames.len() * FRAME);
    for frame in frames {
        out.extend(&frame.samples);
    }
    out
}

fn audible(window: &[i16]) -> bool {
    loudness(window) > SILENCE * 2.0
}

fn only(window: &[i16], tones: &[f64]) -> bool {
    let shares: Vec<f64> = tones.iter().map(|hz| share_of_tone(window, *hz)).collect();
    audible(window) && shares.iter().all(|s| *s > 0.08) && shares.iter().sum::<f64>() > 0.9
}
