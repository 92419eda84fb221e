//! One tick's mix: every sound is added once an ear class, each listener hears the sum without himself (N−1).
//! Listeners who hear the same share one encoding.

use ngcc_proto::media::{Part, Phase};

use super::matrix::{Ear, Mouth, hears};
use super::{FRAME, Samples, g711};
use crate::worker::Codec;

/// A frame of encoded sound.
pub type Encoded = [u8; FRAME];

/// The sounds of a tick and what has been made of them; its room is used again.
pub struct Mix {
    sounds: Vec<Sound>,
    /// Which of the sounds is whose, by slot.
    by_slot: Vec<Option<u16>>,
    classes: [Option<Box<Class>>; PARTS.len()],
    own: Encoded,
}

struct Sound {
    mouth: Mouth,
    samples: Samples,
}

/// What ears of one part hear: the sum of all of it, and its encodings.
struct Class {
    fresh: bool,
    sum: [i32; FRAME],
    encoded: [Option<Encoded>; 2],
}

/// A listener of the mix.
#[derive(Clone, Copy, Debug)]
pub struct Listener {
    /// The slot of the leg.
    pub slot: usize,
    /// Its part.
    pub part: Part,
    /// Whether it hears itself.
    pub echo: bool,
    /// Its codec.
    pub codec: Codec,
}

const PARTS: [Part; 4] = [Part::User, Part::Agent, Part::Second, Part::Supervisor];
/// Nothing louder than this is no sound: it adds nothing, and its sender shares the others' encoding. A-law has no
/// zero, its silence is 8.
const SILENCE: i16 = 8;

impl Default for Mix {
    fn default() -> Self {
        Self { sounds: vec![], by_slot: vec![], classes: [const { None }; PARTS.len()], own: [0; FRAME] }
    }
}

impl Mix {
    /// Forgets the last tick.
    pub fn begin(&mut self) {
        self.sounds.clear();
        self.by_slot.clear();
        self.classes.iter_mut().flatten().for_each(|class| class.fresh = false);
    }

    /// Adds the automation's sound, or music.
    pub fn add(&mut self, mouth: Mouth, samples: Samples) {
        self.sounds.push(Sound { mouth, samples });
    }

    /// Adds the sound of the leg in `slot`.
    pub fn add_leg(&mut self, slot: usize, part: Part, samples: Samples) {
        if samples.iter().all(|s| (-SILENCE..=SILENCE).contains(s)) {
            return;
        }
        if self.by_slot.len() <= slot {
            self.by_slot.resize(slot + 1, None);
        }
        self.by_slot[slot] = u16::try_from(self.sounds.len()).ok();
        self.add(Mouth::Leg(part), samples);
    }

    /// What `listener` hears in `phase`.
    pub fn hear(&mut self, phase: Phase, listener: Listener) -> &Encoded {
        let Listener { slot, part, echo, codec } = listener;
        let class = self.classes[part as usize].get_or_insert_with(|| Box::new(Class::new()));
        if !class.fresh {
            class.fill(phase, part, &self.sounds);
        }
        let own = self.by_slot.get(slot).copied().flatten().map(|i| &self.sounds[usize::from(i)].samples);
        let summed = hears(phase, Ear::Leg(part), Mouth::Leg(part));
        match (own, echo, summed) {
            (Some(own), true, false) => {
                self.own = class.encode_with(codec, own, 1);
                &self.own
            }
            (Some(own), false, true) => {
                self.own = class.encode_with(codec, own, -1);
                &self.own
            }
            (Some(_), true, true) | (Some(_), false, false) | (None, _, _) => class.encode(codec),
        }
    }
}

impl Class {
    fn new() -> Self {
        Self { fresh: false, sum: [0; FRAME], encoded: [None; 2] }
    }

    fn fill(&mut self, phase: Phase, part: Part, sounds: &[Sound]) {
        self.fresh = true;
        self.encoded = [None; 2];
        self.sum = [0; FRAME];
        for sound in sounds.iter().filter(|s| hears(phase, Ear::Leg(part), s.mouth)) {
            for (sum, &sample) in self.sum.iter_mut().zip(&sound.samples) {
                *sum += i32::from(sample);
            }
        }
    }

    fn encode(&mut self, codec: Codec) -> &Encoded {
        let sum = &self.sum;
        self.encoded[codec as usize].get_or_insert_with(|| saturated(codec, |i| sum[i]))
    }

    fn encode_with(&self, codec: Codec, own: &Samples, times: i32) -> Encoded {
        saturated(codec, |i| self.sum[i] + times * i32::from(own[i]))
    }
}

fn saturated(codec: Codec, at: impl Fn(usize) -> i32) -> Encoded {
    let mut samples = [0; FRAME];
    for (i, sample) in samples.iter_mut().enumerate() {
        *sample = at(i).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
    }
    let mut bytes = [0; FRAME];
    g711::encode(codec, &samples, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(codec: Codec, level: i32) -> Encoded {
        saturated(codec, |_| level)
    }

    fn listener(slot: usize, codec: Codec) -> Listener {
        Listener { slot, part: Part::User, echo: false, codec }
    }

    #[test]
    fn each_hears_exactly_the_sum_without_himself() {
        let levels = [1000i16, 200, 30, 0, -4000];
        let mut mix = Mix::default();
        for codec in [Codec::Pcmu, Codec::Pcma] {
            mix.begin();
            for (slot, &level) in levels.iter().enumerate() {
                mix.add_leg(slot, Part::User, [level; FRAME]);
            }
            let all: i32 = levels.iter().map(|&l| i32::from(l)).sum();
            for (slot, &level) in levels.iter().enumerate() {
                let heard = *mix.hear(Phase::Conference, listener(slot, codec));
                assert_eq!(heard, encoded(codec, all - i32::from(level)), "slot {slot}");
            }
            let stranger = *mix.hear(Phase::Conference, listener(77, codec));
            assert_eq!(stranger, encoded(codec, all));
        }
    }

    #[test]
    fn a_sum_too_loud_saturates_and_does_not_wrap() {
        let mut mix = Mix::default();
        mix.begin();
        (0..100).for_each(|slot| mix.add_leg(slot, Part::User, [i16::MIN; FRAME]));
        assert_eq!(
            *mix.hear(Phase::Conference, listener(0, Codec::Pcmu)),
            encoded(Codec::Pcmu, i32::from(i16::MIN))
        );
        mix.begin();
        (0..100).for_each(|slot| mix.add_leg(slot, Part::User, [i16::MAX; FRAME]));
        assert_eq!(
            *mix.hear(Phase::Conference, listener(0, Codec::Pcma)),
            encoded(Codec::Pcma, i32::from(i16::MAX))
        );
    }

    #[test]
    fn the_phase_decides_what_is_summed_and_echo_adds_oneself() {
        let mut mix = Mix::default();
        mix.begin();
        mix.add_leg(0, Part::User, [100; FRAME]);
        mix.add_leg(1, Part::Agent, [1000; FRAME]);
        mix.add_leg(2, Part::Supervisor, [4000; FRAME]);
        mix.add(Mouth::Automation, [16_000; FRAME]);
        let mut hear = |phase, slot, part, echo| {
            mix.classes.iter_mut().flatten().for_each(|c| c.fresh = false);
            *mix.hear(phase, Listener { slot, part, echo, codec: Codec::Pcmu })
        };
        assert_eq!(hear(Phase::Whisper, 1, Part::Agent, false), encoded(Codec::Pcmu, 4100));
        assert_eq!(hear(Phase::Whisper, 0, Part::User, false), encoded(Codec::Pcmu, 1000));
        assert_eq!(hear(Phase::Whisper, 0, Part::User, true), encoded(Codec::Pcmu, 1100));
        assert_eq!(hear(Phase::Conference, 0, Part::User, false), encoded(Codec::Pcmu, 21_000));
        assert_eq!(hear(Phase::SelfService, 0, Part::User, false), encoded(Codec::Pcmu, 16_000));
    }
}
