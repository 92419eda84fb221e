//! Speech that the centre makes: a caller hears the words of a flow, with what the flow has found out put into them.

use std::process::{Command, Stdio};

use ngcc_phone::correlation;
use ngcc_proto::config::{Catalogue, Route};
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, catalogue, flow, number};
use ngcc_tests::sounds::read_wav;
use serde_json::json;

/// What the synthesiser says, at the 8 kHz of a phone: made here by the program itself.
fn spoken(text: &str, voice: &str) -> Vec<i16> {
    let out = Command::new("espeak-ng")
        .args(["--stdout", "-v", voice, text])
        .stdin(Stdio::null())
        .output()
        .expect("espeak-ng is installed");
    assert!(out.status.success(), "{out:?}");
    let rate = u32::from_le_bytes(out.stdout[24..28].try_into().expect("a rate"));
    // A pipe's WAV does not know its length.
    let data = out.stdout.windows(4).position(|w| w == b"data").expect("samples") + 8;
    let mut whole = out.stdout;
    let size = u32::try_from(whole.len() - data).expect("a short text");
    whole[data - 4..data].copy_from_slice(&size.to_le_bytes());
    let samples = read_wav(&whole).expect("a whole file");
    let step = f64::from(rate) / 8000.0;
    // The mean of what falls into one sample: plain, and good enough to know a voice again.
    let at = |n: f64| (n * step) as usize;
    (0..(samples.len() as f64 / step) as usize - 1)
        .map(|n| {
            let part = &samples[at(n as f64)..at(n as f64 + 1.0).max(at(n as f64) + 1)];
            (part.iter().map(|s| i64::from(*s)).sum::<i64>() / part.len() as i64) as i16
        })
        .collect()
}

fn house() -> Catalogue {
    let mut house = catalogue();
    house.numbers.push(number("1500", Route::Flow("balance".to_owned())));
    house.flows.push(flow(json!({"name": "balance", "version": 1, "media": ["voice"], "start": "ask", "nodes": {
        "ask": {"verb": "collect", "prompt": "choose", "variable": "account", "min": 4, "max": 4,
            "terminator": "", "timeout_s": 60, "next": "tell"},
        "tell": {"verb": "say", "text": {"en": "The account ${account} has a balance of ninety three dollars."},
            "next": "wait"},
        "wait": {"verb": "play", "prompt": "patience", "times": 0}
    }})));
    house
}

#[tokio::test]
async fn s3_02_an_automatic_service_speaks_the_words_of_its_flow_with_what_the_caller_has_keyed_in() {
    let (right, wrong) = ("The account 4071", "The account 5826");
    let centre = Centre::start_with(&house(), &[]).await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1500").await.unwrap();
    u.answered().await.unwrap();
    u.hears_something(SOON).await.unwrap();
    u.press("4071").await;
    let rest = " has a balance of ninety three dollars.";
    u.hears_prompt(&spoken(&format!("{right}{rest}"), "en-us"), SOON).await.unwrap();
    let heard = u.recording();
    let likeness = |text: &str| correlation(&heard, &spoken(&format!("{text}{rest}"), "en-us"));
    assert!(likeness(right) > likeness(wrong) + 0.1, "{} {}", likeness(right), likeness(wrong));
}
