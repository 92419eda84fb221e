//! Recorded prompts: WAV files of 16-bit mono at 8 or 16 kHz, at most ten minutes. A file that is
//! replaced is heard anew within a second.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ngcc_ivr_core::{AskId, Input};
use ngcc_runtime::Inbox;

use crate::resample::to_8k;
use crate::sounds::{Sound, Sounds};
use crate::wave;

/// The longest prompt in seconds.
const MAX_SECONDS: usize = 600;
/// The largest file: ten minutes at 16 kHz, and room for what else a WAV file may hold.
const MAX_BYTES: u64 = 20 * 1024 * 1024;
/// How long a prompt is taken as unchanged.
const FRESH: Duration = Duration::from_secs(1);
/// The most prompts that are kept in memory.
const MAX_KEPT: usize = 64;

/// See the module.
pub(crate) struct Prompts {
    dir: PathBuf,
    sounds: Sounds,
    kept: Arc<Mutex<HashMap<String, Kept>>>,
}

#[derive(Clone)]
struct Kept {
    sound: Arc<[i16]>,
    changed: SystemTime,
    len: u64,
    seen: Instant,
}

impl Prompts {
    pub(crate) fn new(dir: PathBuf, inbox: Inbox<Input>) -> Self {
        Self { dir, sounds: Sounds::new(inbox), kept: Arc::default() }
    }

    /// Loads a prompt; `Spoken` answers.
    pub(crate) fn load(&self, ask: AskId, name: &str) {
        if let Some(kept) = self.kept().get(name).filter(|kept| kept.seen.elapsed() < FRESH) {
            return self.sounds.answer(ask, Ok(Arc::clone(&kept.sound)));
        }
        if !is_name(name) {
            return self.sounds.answer(ask, Err(format!("`{name}` is no prompt's name")));
        }
        if !self.sounds.must_be_made(name, ask) {
            return;
        }
        let (sounds, kept, name) = (self.sounds.clone(), Arc::clone(&self.kept), name.to_owned());
        let path = self.dir.join(format!("{name}.wav"));
        tokio::task::spawn_blocking(move || {
            let before = lock(&kept).get(&name).cloned();
            let read = read(&path, before).map_err(|why| format!("prompt `{name}`: {why}"));
            let sound: Sound = read.map(|new| {
                let sound = Arc::clone(&new.sound);
                keep(&mut lock(&kept), &name, new);
                sound
            });
            if let Err(why) = &sound {
                tracing::warn!(%why, "no prompt");
            }
            sounds.made(&name, sound, false);
        });
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Kept>> {
        lock(&self.kept)
    }
}

fn lock(kept: &Mutex<HashMap<String, Kept>>) -> std::sync::MutexGuard<'_, HashMap<String, Kept>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep(kept: &mut HashMap<String, Kept>, name: &str, new: Kept) {
    if kept.len() >= MAX_KEPT
        && !kept.contains_key(name)
        && let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.seen).map(|(name, _)| name.clone())
    {
        kept.remove(&oldest);
    }
    kept.insert(name.to_owned(), new);
}

/// The prompt's file, or what was read before where it has not changed.
fn read(path: &Path, before: Option<Kept>) -> Result<Kept, String> {
    let seen = Instant::now();
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    let changed = about.modified().map_err(|error| error.to_string())?;
    let len = about.len();
    if let Some(same) = before.filter(|before| before.changed == changed && before.len == len) {
        return Ok(Kept { seen, ..same });
    }
    if len > MAX_BYTES {
        return Err(format!("the file has more than {MAX_BYTES} bytes"));
    }
    let wave = wave::from_file(&std::fs::read(path).map_err(|error| error.to_string())?)?;
    if wave.rate != 8000 && wave.rate != 16_000 {
        return Err(format!("its rate is {} Hz; 8000 and 16000 are played", wave.rate));
    }
    if wave.samples.len() > MAX_SECONDS * wave.rate as usize {
        return Err("it is longer than ten minutes".to_owned());
    }
    Ok(Kept { sound: to_8k(&wave.samples, wave.rate).into(), changed, len, seen })
}

fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn load(prompts: &Prompts, outlet: &mut ngcc_runtime::inbox::Outlet<Input>, name: &str) -> Sound {
        prompts.load(1, name);
        let mut inputs = Vec::new();
        outlet.take(&mut inputs, 1).await;
        let input = inputs.remove(0);
        let Input::Spoken { sound, .. } = input else { panic!("{input:?}") };
        sound
    }

    #[tokio::test]
    async fn prompts_are_read_once_and_bad_ones_told() {
        let dir = std::env::temp_dir().join(format!("ngcc-prompts-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("good.wav"), wave::to_file(&[7; 1600]).unwrap()).unwrap();
        std::fs::write(dir.join("text.wav"), b"hello").unwrap();
        let (inbox, mut outlet) = Inbox::new("prompts", 100);
        let prompts = Prompts::new(dir.clone(), inbox);

        let first = load(&prompts, &mut outlet, "good").await.unwrap();
        assert_eq!(&first[..], [7; 1600]);
        let again = load(&prompts, &mut outlet, "good").await.unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        for (name, told) in
            [("gone", "No such file"), ("text", "prompt `text`: "), ("../good", "is no prompt's name")]
        {
            let why = load(&prompts, &mut outlet, name).await.unwrap_err();
            assert!(why.contains(told), "{name}: {why}");
        }
    }

    #[test]
    fn a_changed_file_is_read_again_and_an_unchanged_one_is_not() {
        let path = std::env::temp_dir().join(format!("ngcc-prompt-{}.wav", std::process::id()));
        std::fs::write(&path, wave::to_file(&[1; 100]).unwrap()).unwrap();
        let first = read(&path, None).unwrap();
        let same = read(&path, Some(first.clone())).unwrap();
        assert!(Arc::ptr_eq(&first.sound, &same.sound));
        std::fs::write(&path, wave::to_file(&[2; 50]).unwrap()).unwrap();
        assert_eq!(&read(&path, Some(first)).unwrap().sound[..], [2; 50]);
    }
}
