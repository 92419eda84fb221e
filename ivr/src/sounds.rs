//! Sounds in memory, each made once however many calls ask for it at a time, and the newest kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ngcc_ivr_core::{AskId, Input};
use ngcc_runtime::Inbox;

/// The most samples that are kept in memory: 17 minutes at 8 kHz, 16 MiB.
const MAX_KEPT: usize = 8 * 1024 * 1024;
/// The most sounds that are being made.
const MAX_MAKING: usize = 1000;

/// Samples at 8 kHz, or why there are none.
pub(crate) type Sound = Result<Arc<[i16]>, String>;

/// See the module. Clones share one memory.
#[derive(Clone)]
pub(crate) struct Sounds {
    state: Arc<Mutex<State>>,
    inbox: Inbox<Input>,
}

#[derive(Default)]
struct State {
    kept: HashMap<String, Kept>,
    samples: usize,
    making: HashMap<String, Vec<AskId>>,
    uses: u64,
}

struct Kept {
    sound: Arc<[i16]>,
    used: u64,
}

impl Sounds {
    pub(crate) fn new(inbox: Inbox<Input>) -> Self {
        Self { state: Arc::default(), inbox }
    }

    /// Answers from memory, or with the sound that is being made already; true if the caller must make it,
    /// and tell [`Sounds::made`].
    pub(crate) fn must_be_made(&self, key: &str, ask: AskId) -> bool {
        let mut state = self.state();
        if let Some(sound) = state.take_kept(key) {
            drop(state);
            self.answer(ask, Ok(sound));
            return false;
        }
        if let Some(waiting) = state.making.get_mut(key) {
            waiting.push(ask);
            return false;
        }
        if state.making.len() >= MAX_MAKING {
            drop(state);
            self.answer(ask, Err("too many sounds are being made".to_owned()));
            return false;
        }
        state.making.insert(key.to_owned(), vec![ask]);
        true
    }

    /// The sound is there, or cannot be: everybody who waits for it hears so.
    pub(crate) fn made(&self, key: &str, sound: Sound, keep: bool) {
        let mut state = self.state();
        let waiting = state.making.remove(key).unwrap_or_default();
        if let (Ok(sound), true) = (&sound, keep) {
            state.keep(key, sound);
        }
        drop(state);
        for ask in waiting {
            self.answer(ask, sound.clone());
        }
    }

    /// Answers one request.
    pub(crate) fn answer(&self, ask: AskId, sound: Sound) {
        self.inbox.put(Input::Spoken { ask, sound });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_kept(&mut self, key: &str) -> Option<Arc<[i16]>> {
        self.uses += 1;
        let kept = self.kept.get_mut(key)?;
        kept.used = self.uses;
        Some(Arc::clone(&kept.sound))
    }

    fn keep(&mut self, key: &str, sound: &Arc<[i16]>) {
        if sound.len() > MAX_KEPT / 4 {
            return;
        }
        self.samples += sound.len();
        let kept = Kept { sound: Arc::clone(sound), used: self.uses };
        if let Some(old) = self.kept.insert(key.to_owned(), kept) {
            self.samples -= old.sound.len();
        }
        while self.samples > MAX_KEPT {
            let Some(oldest) = self.kept.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone())
            else {
                return;
            };
            self.samples -= self.kept.remove(&oldest).map_or(0, |kept| kept.sound.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(outlet: &mut ngcc_runtime::inbox::Outlet<Input>) -> Vec<(AskId, Sound)> {
        let mut inputs = Vec::new();
        outlet.take_now(&mut inputs, 100);
        let spoken = |input| {
            let Input::Spoken { ask, sound } = input else { panic!("{input:?}") };
            (ask, sound)
        };
        inputs.into_iter().map(spoken).collect()
    }

    #[test]
    fn a_sound_is_made_once_for_everybody_who_asks() {
        let (inbox, mut outlet) = Inbox::new("sounds-once", 100);
        let sounds = Sounds::new(inbox);
        assert!(sounds.must_be_made("a", 1));
        assert!(!sounds.must_be_made("a", 2));
        sounds.made("a", Ok(vec![1, 2].into()), true);
        assert!(!sounds.must_be_made("a", 3));
        let heard = answers(&mut outlet);
        assert_eq!(heard.iter().map(|(ask, _)| *ask).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(Arc::ptr_eq(heard[0].1.as_ref().unwrap(), heard[2].1.as_ref().unwrap()), "one memory");
    }

    #[test]
    fn a_failure_is_told_to_all_and_tried_again_by_the_next() {
        let (inbox, mut outlet) = Inbox::new("sounds-failure", 100);
        let sounds = Sounds::new(inbox);
        assert!(sounds.must_be_made("a", 1) && !sounds.must_be_made("a", 2));
        sounds.made("a", Err("no".to_owned()), true);
        assert_eq!(answers(&mut outlet), [(1, Err("no".to_owned())), (2, Err("no".to_owned()))]);
        assert!(sounds.must_be_made("a", 3));
    }

    #[test]
    fn the_sound_not_used_for_longest_makes_room() {
        let (inbox, _outlet) = Inbox::new("sounds-room", 1000);
        let sounds = Sounds::new(inbox);
        let long: Arc<[i16]> = vec![0; MAX_KEPT / 4].into();
        for (ask, key) in ["a", "b", "c", "d"].into_iter().enumerate() {
            assert!(sounds.must_be_made(key, ask as AskId));
            sounds.made(key, Ok(Arc::clone(&long)), true);
        }
        assert!(!sounds.must_be_made("a", 9), "used again");
        assert!(sounds.must_be_made("e", 10));
        sounds.made("e", Ok(long), true);
        assert!(!sounds.must_be_made("a", 11) && sounds.must_be_made("b", 12));
    }
}
