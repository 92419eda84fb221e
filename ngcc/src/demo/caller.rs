//! A simulated caller: a SIP phone that presses its way to a person and then speaks, again and again, until the other
//! side hangs up or it has waited long enough.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ngcc_ivr::SpeechSettings;
use ngcc_phone::{Call, Phone, PhoneError, PhoneSettings, Sound};
use tokio::time::sleep;

/// The number that is dialled: the menu.
const DIALS: &str = "1000";
/// How long a caller listens before pressing a key, as people do.
const LISTENS: Duration = Duration::from_secs(2);
/// How often the words are said.
const EVERY: Duration = Duration::from_secs(9);
/// How often at most.
const TIMES: usize = 20;
/// What is said where no program speaks: a tone.
const TONE_HZ: f64 = 330.0;

/// Who calls, which key leads where they want to, and what they say.
const CALLERS: [(&str, &str, &str, &str); 3] = [
    (
        "13800138001",
        "Tom",
        "1",
        "Hello, this is Tom. I would like to order green tea for my office. Can you help me?",
    ),
    (
        "13800138002",
        "Ines",
        "3",
        "Good day. My teapot arrived yesterday, and the lid is broken. What can we do?",
    ),
    ("13800138003", "Wei", "1", "Hello. When will my parcel be here? I have been waiting for a week now."),
];

/// Calls, speaks and hangs up.
///
/// # Errors
/// What went wrong, in words.
pub(super) async fn call(sip: SocketAddr, speech: &SpeechSettings, n: usize) -> Result<(), String> {
    let (number, name, key, words) = CALLERS[n / super::SOME % CALLERS.len()];
    let sound = match speech.say(words, "en").await {
        Ok(samples) => Sound::Pcm(Arc::new(samples)),
        Err(_) => Sound::Tone(TONE_HZ),
    };
    let settings = PhoneSettings { display: Some(name.to_owned()), ..PhoneSettings::new(sip, number) };
    let phone = Phone::start(settings).await.map_err(told)?;
    let call = phone.call(DIALS).await.map_err(told)?;
    call.answered().await.map_err(told)?;
    sleep(LISTENS).await;
    call.press(key).await;
    speak(&call, &sound).await;
    if call.is_up() { call.hang_up().await.map_err(told) } else { Ok(()) }
}

/// Says it until the other side hangs up, or often enough.
async fn speak(call: &Call, sound: &Sound) {
    for _ in 0..TIMES {
        call.speak(sound.clone());
        if call.ended(EVERY).await.is_ok() {
            return;
        }
    }
}

fn told(error: PhoneError) -> String {
    error.to_string()
}
