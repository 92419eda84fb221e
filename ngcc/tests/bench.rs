//! What `ngcc bench` measures with browsers, in small: that its load generator and a centre understand each other, and
//! that nothing is lost between them. The figures are those of a release build only.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "what a test's own helpers cannot do ends the test")]

mod common;

use common::Scratch;
use serde_json::Value;

/// Runs it; each figure by its name.
fn bench(args: &[&str]) -> impl Fn(&str) -> f64 + use<> {
    let scratch = Scratch::new(&format!("bench-{}", args[0]));
    let all: Vec<&str> = ["bench"].iter().chain(args).chain(&["--seconds", "1", "--json"]).copied().collect();
    let ran = scratch.run(&all);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let figures = ran.json()["figures"].as_array().unwrap().clone();
    move |what| {
        let named = |figure: &&Value| figure["what"].as_str().unwrap().ends_with(what);
        let figure = figures.iter().find(named).unwrap_or_else(|| panic!("{what} in {figures:?}"));
        figure["value"].as_f64().unwrap()
    }
}

#[test]
fn visitors_are_held_and_what_they_write_comes_to_consoles_once_and_in_order() {
    let figure = bench(&["chat", "--sockets", "30"]);
    assert_eq!(figure("connections held"), 30.0);
    assert_eq!([figure(": lost"), figure("doubled or out of order"), figure("refused")], [0.0; 3]);
    assert!(figure("sent, of those due") > 50.0 && figure("visitor to console, p50") > 0.0);
}

#[test]
fn idle_consoles_are_held() {
    let figure = bench(&["consoles", "--agents", "6"]);
    assert_eq!(figure("consoles held"), 6.0);
    assert!(figure("CPU of a sign-in, with its password") > 0.0);
}

#[test]
fn pages_are_shared_and_every_change_is_seen_by_the_agent_once() {
    let figure = bench(&["collab", "--shares", "3"]);
    assert_eq!(figure("pages shared at once"), 4.0);
    for rate in [1, 5] {
        let of = |what: &str| figure(&format!("{rate} changes a second each: {what}"));
        assert_eq!([of("lost"), of("doubled")], [0.0; 2]);
        assert!(of("seen") >= 4.0 && of("customer to agent, p50") > 0.0);
    }
}

/// With `NGCC_SOAK` ten thousand come and go, and what each leaves in memory is judged too.
#[test]
fn browsers_hear_their_echo_and_what_comes_and_goes_leaves_no_descriptor_behind() {
    let soak = std::env::var_os("NGCC_SOAK").is_some();
    let sessions = if soak { 10_000 } else { 20 };
    let figure = bench(&["webrtc", "--peers", "2", "--sessions", &sessions.to_string()]);
    assert!(figure("packets that came, of those sent") > 50.0 && figure("offer until heard, p50") > 0.0);
    assert_eq!(figure("calls that came, spoke and went"), f64::from(sessions));
    let (descriptors, threads) = ("descriptors more than at half", "threads more than at half");
    let left = "memory a call leaves (second half)";
    for what in [descriptors, threads, left] {
        println!("{what}: {}", figure(what));
    }
    assert_eq!(figure(descriptors), 0.0);
    assert!(figure(threads) <= 1.0, "one for a file that is just written, and none a call");
    assert!(!soak || figure(left) < 1000.0, "{} bytes a call", figure(left));
}
