//! The media server's shell: media workers with their sockets, speech, recorded prompts and web
//! requests, around `ngcc_ivr_core`. It decides nothing.
#![forbid(unsafe_code)]

mod http;
pub mod media;
mod prompts;
mod recorder;
mod resample;
mod shell;
mod sounds;
mod speech;
mod wave;

use std::sync::{Arc, OnceLock};

use ngcc_ivr_core as core;
use ngcc_ivr_core::Input;
use ngcc_proto::{Ids, Role};
use ngcc_runtime::{Driver, House, Inbox, drive};
use thiserror::Error;

pub use http::WebSettings;
pub use media::{MediaError, MediaSettings, PeerError, Workers};
pub use speech::SpeechSettings;

/// What is configured of the media server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Ports, addresses, threads.
    pub media: MediaSettings,
    /// Speech.
    pub speech: SpeechSettings,
    /// Which web servers flows may ask.
    pub web: WebSettings,
    /// The most bytes of one recording of a screen.
    pub recording: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            media: MediaSettings::default(),
            speech: SpeechSettings::default(),
            web: WebSettings::default(),
            recording: 1024 * 1024 * 1024,
        }
    }
}

/// Why the media server cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The media workers cannot be had.
    #[error("media workers: {0}")]
    Media(#[from] MediaError),
    /// The directory for speech cannot be made.
    #[error("speech directory: {0}")]
    Speech(std::io::Error),
    /// The core's log cannot be opened.
    #[error(transparent)]
    House(#[from] ngcc_runtime::StartError),
}

/// The running media server. It stops with the house.
pub struct Ivr {
    driver: Driver<Input>,
}

impl Ivr {
    /// Returns when it has stopped.
    pub async fn closed(self) {
        self.driver.closed().await;
    }
}

/// Starts the media server in `house`: prompts lie in `prompts/`, made speech in `speech/` of its data
/// directory. Must be called inside a tokio runtime.
///
/// # Errors
/// [`StartError`].
pub fn start(settings: Settings, house: &House) -> Result<Ivr, StartError> {
    house.expect("ivr");
    let events: Arc<OnceLock<Inbox<Input>>> = Arc::default();
    let to = Arc::clone(&events);
    let recorder = recorder::Recorder::start(house, settings.recording, move |collab, loss| {
        if let Some(inbox) = to.get() {
            inbox.put(Input::Unrecorded { collab, loss });
        }
    });
    let (to, clock) = (Arc::clone(&events), house.clock.clone());
    let films = recorder.clone();
    let workers = Workers::start(
        settings.media,
        move || clock.now(),
        // No leg is there before the core is, so nothing is said before the inbox is known.
        move |event| {
            if let Some(inbox) = to.get() {
                inbox.put(Input::Worker(event));
            }
        },
        move |collab, frame| films.frame(collab, frame),
    )?;
    let fingerprint = workers.fingerprint().to_owned();
    let speech_dir = house.data_dir.join("speech");
    std::fs::create_dir_all(&speech_dir).map_err(StartError::Speech)?;
    let prompt_dir = house.data_dir.join("prompts");
    let rng = house.rng();
    let bus = Arc::clone(&house.bus);
    let (speech, web, time) = (settings.speech, settings.web, house.clock.clone());
    let latest = shell::LatestConfig::default();
    let kept = latest.clone();
    let driver = drive(
        house,
        "ivr",
        // A rebuilt core draws on: the same ids must not come again.
        {
            let rng = std::sync::Mutex::new(rng);
            move || {
                let mut rng = rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                core::Ivr::new(Ids::new(rng.fork())).presenting(fingerprint.clone())
            }
        },
        |inbox| {
            let speech = speech::Speech::new(speech, speech_dir, inbox.clone());
            let prompts = prompts::Prompts::new(prompt_dir, inbox.clone());
            let web = http::Web::new(web, time, inbox.clone());
            shell::Performer::new(bus, workers, shell::Makers { speech, prompts, web, recorder }, inbox, kept)
        },
    )?;
    // The first and only time: the cell was made above.
    let _ = events.set(driver.inbox.clone());
    latest.attach(&house.bus, &driver.inbox, Role::Ivr);
    house.ready("ivr");
    Ok(Ivr { driver })
}
