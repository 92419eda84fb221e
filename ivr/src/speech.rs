//! Speech by `espeak-ng`, a child process a text, cached on disk by text, voice and rate.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use ngcc_ivr_core::{AskId, Input};
use ngcc_runtime::{Counter, Inbox};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

use crate::resample::{RATE, to_8k};
use crate::sounds::Sounds;
use crate::wave;

static MADE: Counter = Counter::new("ngcc_speech_made_total", "Texts that were synthesized.");
static FAILED: Counter = Counter::new("ngcc_speech_failed_total", "Texts that could not be synthesized.");

/// The most bytes a synthesis may give: about six minutes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The most bytes the disk cache keeps; the files not touched for longest go first.
const MAX_DISK: u64 = 256 * 1024 * 1024;
/// How many new files are written between two looks at the cache's size.
const LOOK_EVERY: u64 = 200;

/// What is configured of speech.
#[derive(Clone, Debug)]
pub struct SpeechSettings {
    /// The program.
    pub program: PathBuf,
    /// Its voice for a language tag, where it is not the tag itself.
    pub voices: BTreeMap<String, String>,
    /// How many texts are made at a time.
    pub at_once: usize,
    /// How long one may take.
    pub timeout: Duration,
}

impl Default for SpeechSettings {
    fn default() -> Self {
        let voices = [("zh", "cmn"), ("zh-cn", "cmn"), ("zh-tw", "cmn"), ("zh-hk", "yue"), ("en", "en-us")];
        Self {
            program: "espeak-ng".into(),
            voices: voices.into_iter().map(|(tag, voice)| (tag.to_owned(), voice.to_owned())).collect(),
            at_once: 2,
            timeout: Duration::from_secs(10),
        }
    }
}

impl SpeechSettings {
    /// `text` as samples at 8 kHz, made anew: for whoever speaks from outside, as the demo's callers do.
    ///
    /// # Errors
    /// The program is not there, fails or takes too long, in words.
    pub async fn say(&self, text: &str, lang: &str) -> Result<Vec<i16>, String> {
        self.samples(text, &self.voice(lang)).await.map_err(|error| error.to_string())
    }

    async fn samples(&self, text: &str, voice: &str) -> Result<Vec<i16>, SpeechError> {
        let made = tokio::time::timeout(self.timeout, self.synthesize(text, voice)).await;
        let bytes = made.map_err(|_| SpeechError::TimedOut)??;
        let samples = tokio::task::spawn_blocking(move || {
            let wave = wave::from_pipe(&bytes)?;
            Ok::<_, String>(to_8k(&wave.samples, wave.rate))
        });
        samples.await.map_err(|error| error.to_string()).flatten().map_err(SpeechError::Failed)
    }

    /// The voice for a language tag: a configured one, of the tag or its language, else the tag in lower case.
    fn voice(&self, lang: &str) -> String {
        let tag = lang.trim_start_matches('-').to_ascii_lowercase();
        let language = tag.split('-').next().unwrap_or_default();
        let named = |tag: &str| self.voices.get(tag).cloned();
        let voice = named(&tag);
        // `en` has a voice of its own accent; `en-gb` is one itself.
        voice.or_else(|| (language == "zh").then(|| named(language)).flatten()).unwrap_or(tag)
    }

    async fn synthesize(&self, text: &str, voice: &str) -> Result<Vec<u8>, SpeechError> {
        let failed = |error: io::Error| SpeechError::Failed(error.to_string());
        let mut child = Command::new(&self.program)
            .args(["--stdout", "--stdin", "-v", voice])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                if error.kind() == io::ErrorKind::NotFound {
                    return SpeechError::Missing(self.program.display().to_string());
                }
                failed(error)
            })?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(SpeechError::Failed("no pipe".to_owned()));
        };
        // Written and read at once: neither side may wait for a full pipe.
        let write = async {
            // A program that ends before it has read everything says why by its status.
            let _ = stdin.write_all(text.as_bytes()).await;
            drop(stdin);
        };
        let mut bytes = Vec::new();
        let mut limited = stdout.take(MAX_BYTES + 1);
        let ((), read) = tokio::join!(write, limited.read_to_end(&mut bytes));
        read.map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(SpeechError::Failed("the text is too long".to_owned()));
        }
        let status = child.wait().await.map_err(failed)?;
        if !status.success() || bytes.is_empty() {
            return Err(SpeechError::Failed(format!("voice `{voice}`: {status}")));
        }
        Ok(bytes)
    }
}

/// See the module.
pub(crate) struct Speech {
    sounds: Sounds,
    maker: Arc<Maker>,
}

struct Maker {
    settings: SpeechSettings,
    dir: PathBuf,
    turns: Semaphore,
    told_missing: AtomicBool,
    written: AtomicU64,
}

impl Speech {
    pub(crate) fn new(settings: SpeechSettings, dir: PathBuf, inbox: Inbox<Input>) -> Self {
        let turns = Semaphore::new(settings.at_once.max(1));
        let (told_missing, written) = (AtomicBool::new(false), AtomicU64::new(0));
        let maker = Arc::new(Maker { settings, dir, turns, told_missing, written });
        Self { sounds: Sounds::new(inbox), maker }
    }

    /// Makes speech of `text`; `Spoken` answers.
    pub(crate) fn speak(&self, ask: AskId, text: String, lang: &str) {
        let voice = self.maker.settings.voice(lang);
        let key = key(&text, &voice);
        if !self.sounds.must_be_made(&key, ask) {
            return;
        }
        let (sounds, maker) = (self.sounds.clone(), Arc::clone(&self.maker));
        tokio::spawn(async move {
            let sound = maker.sound(&key, &text, &voice).await;
            if let Err(error) = &sound {
                FAILED.inc();
                maker.report(error, &voice);
            }
            sounds.made(&key, sound.map_err(|error| error.to_string()), true);
        });
    }
}

/// Why there is no speech.
#[derive(Debug, thiserror::Error)]
enum SpeechError {
    #[error("speech needs the program `{0}`, which is not installed")]
    Missing(String),
    #[error("the speech program took too long")]
    TimedOut,
    #[error("the speech program failed: {0}")]
    Failed(String),
}

/// The name of a made text in memory and on disk.
fn key(text: &str, voice: &str) -> String {
    let mut hash = Sha256::new();
    for part in [text.as_bytes(), voice.as_bytes(), &RATE.to_le_bytes()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Maker {
    async fn sound(&self, key: &str, text: &str, voice: &str) -> Result<Arc<[i16]>, SpeechError> {
        let path = self.dir.join(format!("{key}.wav"));
        if let Some(samples) = read_cached(&path).await {
            return Ok(samples.into());
        }
        // Nobody closes it.
        let _turn = self.turns.acquire().await.map_err(|_| SpeechError::TimedOut)?;
        let samples = self.settings.samples(text, voice).await?;
        MADE.inc();
        self.write_cached(&path, &samples).await;
        Ok(samples.into())
    }

    /// A full disk costs the cache, not the call.
    async fn write_cached(&self, path: &Path, samples: &[i16]) {
        let Ok(file) = wave::to_file(samples) else { return };
        let part = path.with_extension("part");
        let written = match tokio::fs::write(&part, file).await {
            Ok(()) => tokio::fs::rename(&part, path).await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::warn!(%error, "made speech cannot be cached");
        }
        if self.written.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            let dir = self.dir.clone();
            // Its result is only the smaller directory.
            drop(tokio::task::spawn_blocking(move || make_room(&dir, MAX_DISK)));
        }
    }

    fn report(&self, error: &SpeechError, voice: &str) {
        match error {
            SpeechError::Missing(_) if self.told_missing.swap(true, Ordering::Relaxed) => {}
            SpeechError::Missing(_) | SpeechError::TimedOut | SpeechError::Failed(_) => {
                tracing::error!(%error, voice, "no speech");
            }
        }
    }
}

async fn read_cached(path: &Path) -> Option<Vec<i16>> {
    let bytes = tokio::fs::read(path).await.ok()?;
    let wave = wave::from_file(&bytes).ok().filter(|wave| wave.rate == RATE)?;
    Some(wave.samples)
}

/// Deletes the oldest files until the rest has at most `most` bytes.
fn make_room(dir: &Path, most: u64) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let about = entry.metadata().ok()?;
            Some((about.modified().ok()?, about.len(), entry.path()))
        })
        .collect();
    files.sort();
    let mut size: u64 = files.iter().map(|(_, len, _)| len).sum();
    for (_, len, path) in files {
        if size <= most {
            return;
        }
        // One that another process has deleted is gone as well.
        let _ = std::fs::remove_file(path);
        size -= len;
    }
}

#[cfg(test)]
mod tests;
