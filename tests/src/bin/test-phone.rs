//! The test phone as a process, for tests that are not written in Rust: one JSON command a line on
//! standard input, one JSON answer a line on standard output (`{"ok":true}` or `{"error":"…"}`).
//!
//! `test-phone <server> <user> [<secret> [<display>]]`; an empty secret is none.

use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use ngcc_phone::{Call, Phone, PhoneSettings, Sound};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::channel;

/// How long anything may take that names no time of its own.
const PATIENCE_MS: u64 = 15_000;

/// One thing to do.
#[derive(Deserialize)]
#[serde(untagged)]
enum Order {
    /// Of the phone.
    Phone(PhoneOrder),
    /// In the call.
    Call(CallOrder),
}

/// What a phone does.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum PhoneOrder {
    /// Register.
    Register,
    /// Call, and wait for the answer.
    Call { to: String },
    /// Wait for a call and answer it.
    Answer {
        #[serde(default = "patience")]
        within_ms: u64,
    },
}

/// What is done in a call.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum CallOrder {
    /// Speak a tone; 0 is silence.
    Speak { hz: f64 },
    /// Press keys.
    Press { keys: String },
    /// Hear these tones and no other.
    Hears {
        hz: Vec<f64>,
        #[serde(default = "patience")]
        within_ms: u64,
    },
    /// Hear these tones and no other for a while.
    KeepsHearing { hz: Vec<f64>, for_ms: u64 },
    /// Hear music.
    HearsMusic {
        #[serde(default = "patience")]
        within_ms: u64,
    },
    /// Hear anything at all.
    HearsSomething {
        #[serde(default = "patience")]
        within_ms: u64,
    },
    /// Hear nothing for a while.
    HearsSilence { for_ms: u64 },
    /// What keys were heard.
    Keys,
    /// Hang up.
    HangUp,
    /// Wait until the other side has ended the call.
    Ended {
        #[serde(default = "patience")]
        within_ms: u64,
    },
}

fn patience() -> u64 {
    PATIENCE_MS
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut words = std::env::args().skip(1);
    let server: SocketAddr =
        words.next().and_then(|w| w.parse().ok()).expect("test-phone <server> <user> [<secret>]");
    let user = words.next().expect("test-phone <server> <user> [<secret>]");
    let mut settings = PhoneSettings::new(server, &user);
    settings.secret = words.next().filter(|secret| !secret.is_empty());
    settings.display = words.next();
    let phone = Phone::start(settings).await.expect("the phone's socket");
    let mut call = None;
    let (sender, mut lines) = channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = lines.recv().await {
        let answer = match serde_json::from_str::<Order>(&line) {
            Ok(order) => obey(&phone, &mut call, order).await,
            Err(error) => Err(error.to_string()),
        };
        let answer = answer.unwrap_or_else(|error| json!({ "error": error }));
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}").and_then(|()| out.flush()).expect("standard output");
    }
}

async fn obey(phone: &Phone, call: &mut Option<Call>, order: Order) -> Result<Value, String> {
    let ms = Duration::from_millis;
    match order {
        Order::Phone(PhoneOrder::Register) => {
            phone.register(3600).await.map_err(told)?;
        }
        Order::Phone(PhoneOrder::Call { to }) => {
            let made = phone.call(&to).await.map_err(told)?;
            made.answered().await.map_err(told)?;
            *call = Some(made);
        }
        Order::Phone(PhoneOrder::Answer { within_ms }) => {
            let offered = phone.next_call(ms(within_ms)).await.map_err(told)?;
            offered.ring();
            *call = Some(offered.answer().await.map_err(told)?);
        }
        Order::Call(order) => return in_call(call.as_ref().ok_or("there is no call")?, order).await,
    }
    Ok(json!({ "ok": true }))
}

async fn in_call(call: &Call, order: CallOrder) -> Result<Value, String> {
    let ms = Duration::from_millis;
    match order {
        CallOrder::Speak { hz } => call.speak(if hz > 0.0 { Sound::Tone(hz) } else { Sound::Silence }),
        CallOrder::Press { keys } => call.press(&keys).await,
        CallOrder::Hears { hz, within_ms } => call.hears_only(&hz, ms(within_ms)).await.map_err(told)?,
        CallOrder::KeepsHearing { hz, for_ms } => {
            call.keeps_hearing_only(&hz, ms(for_ms)).await.map_err(told)?;
        }
        CallOrder::HearsMusic { within_ms } => call.hears_music(ms(within_ms)).await.map_err(told)?,
        CallOrder::HearsSomething { within_ms } => call.hears_something(ms(within_ms)).await.map_err(told)?,
        CallOrder::HearsSilence { for_ms } => call.hears_silence(ms(for_ms)).await.map_err(told)?,
        CallOrder::Keys => return Ok(json!({ "ok": true, "keys": call.keys() })),
        CallOrder::HangUp => call.hang_up().await.map_err(told)?,
        CallOrder::Ended { within_ms } => {
            call.ended(ms(within_ms)).await.map_err(told)?;
        }
    }
    Ok(json!({ "ok": true }))
}

fn told(error: impl ToString) -> String {
    error.to_string()
}
