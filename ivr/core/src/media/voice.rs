//! The automation's mouth: sounds said one after the other, a frame at a time.

use std::collections::VecDeque;

use super::FRAME;
use super::music::Music;
use crate::worker::{PlayId, Sound};

/// What is still to be said.
#[derive(Default)]
pub struct Voice {
    sayings: VecDeque<Saying>,
}

struct Saying {
    play: PlayId,
    sound: Sound,
    repeat: bool,
    /// Samples that have been said.
    said: usize,
}

/// What is said in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// Nothing: the mouth is shut, or pauses.
    Nothing,
    /// These samples, a frame's worth or the rest of a sound.
    Samples(&'a [i16]),
    /// Music, from where it is.
    Music,
}

impl Voice {
    /// Says `sound` behind what is being said.
    pub fn say(&mut self, play: PlayId, sound: Sound, repeat: bool) {
        self.sayings.push_back(Saying { play, sound, repeat, said: 0 });
    }

    /// Forgets everything.
    pub fn hush(&mut self) {
        self.sayings.clear();
    }

    /// Whether there is anything to say, a pause too.
    pub fn speaks(&self) -> bool {
        !self.sayings.is_empty()
    }

    /// This frame.
    pub fn frame(&self) -> Said<'_> {
        let Some(saying) = self.sayings.front() else { return Said::Nothing };
        match &saying.sound {
            Sound::Pcm(samples) => {
                let from = saying.said.min(samples.len());
                Said::Samples(&samples[from..samples.len().min(from + FRAME)])
            }
            Sound::Music => Said::Music,
            Sound::Silence(_) => Said::Nothing,
        }
    }

    /// On to the next frame; the name of the sound that this one ended.
    pub fn advance(&mut self) -> Option<PlayId> {
        let saying = self.sayings.front_mut()?;
        saying.said += FRAME;
        let length = match &saying.sound {
            Sound::Pcm(samples) => samples.len(),
            Sound::Music => Music::SAMPLES,
            Sound::Silence(ms) => usize::try_from(*ms).unwrap_or(usize::MAX).saturating_mul(8),
        };
        if saying.said < length {
            return None;
        }
        saying.said = 0;
        if saying.repeat {
            return None;
        }
        self.sayings.pop_front().map(|ended| ended.play)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_follow_each_other_and_each_tells_its_end() {
        let mut voice = Voice::default();
        voice.say(1, Sound::Pcm(vec![5; FRAME + 10].into()), false);
        voice.say(2, Sound::Silence(20), false);
        voice.say(3, Sound::Pcm(vec![].into()), false);
        let mut heard = vec![];
        while voice.speaks() {
            let samples = match voice.frame() {
                Said::Samples(samples) => samples.len(),
                Said::Nothing | Said::Music => 0,
            };
            heard.push((samples, voice.advance()));
        }
        assert_eq!(heard, [(FRAME, None), (10, Some(1)), (0, Some(2)), (0, Some(3))]);
        assert_eq!(voice.frame(), Said::Nothing);
    }

    #[test]
    fn a_repeated_sound_goes_on_until_hushed() {
        let mut voice = Voice::default();
        voice.say(1, Sound::Pcm(vec![5; 2 * FRAME].into()), true);
        voice.say(2, Sound::Music, true);
        for _ in 0..9 {
            assert!(matches!(voice.frame(), Said::Samples(s) if s.len() == FRAME));
            assert_eq!(voice.advance(), None);
        }
        voice.hush();
        assert!(!voice.speaks());
    }
}
