//! Calls set up and ended, without media: answered by a flow (G1), and through to a phone (G4, G5); and what they
//! leave behind (G17).

use std::time::Duration;

use super::callers::{After, Outcome};
use super::goals::{self, Figure};
use super::{Bench, PATIENCE};
use crate::failure::Failure;
use crate::out;

/// RFC 3261's transactions are remembered for 32 s; what is there after them stays.
const TAIL: Duration = Duration::from_secs(35);
/// Two-leg calls come at this part of the rate: each is two calls of work on either side.
const TWO_LEG_PART: f64 = 0.4;

/// Measures both.
///
/// # Errors
/// None today; calls that fail are figures.
pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>, Failure> {
    // Code, caches and buffers are warm before anything is counted.
    load(bench, bench.rate, Duration::from_secs(2), |_| "1000".to_owned());
    let before = bench.cost();
    out::note(format!("calls answered by a flow: {} a second for {} s", bench.rate, bench.load.as_secs()));
    let ivr = load(bench, bench.rate, bench.load, |_| "1000".to_owned());
    let rate = bench.rate * TWO_LEG_PART;
    out::note(format!("two-leg calls: {rate} a second for {} s", bench.load.as_secs()));
    let two_leg = load(bench, rate, bench.load, |i| format!("4{:04}", i % 100 + 1));
    bench.agents.take_offers();
    out::note(format!("{} s until the last transaction is forgotten", TAIL.as_secs()));
    std::thread::sleep(TAIL);
    let left = (bench.cost().pss_kib - before.pss_kib) / 1024.0;

    let mut figures = vec![Figure::of("G1", "call answered by a flow", ivr.cpu_ms, goals::CALL_CPU)];
    figures.extend(ivr.beside("flow", bench.rate));
    figures.push(Figure::of("G4", "two-leg call", two_leg.cpu_ms, goals::TWO_LEG_CPU));
    let (mut p50, mut p99) = (two_leg.outcome.set_up.clone(), two_leg.outcome.set_up.clone());
    figures.push(Figure::of("G5", "two-leg INVITE to 200, p50", p50.ms(50.0), goals::TWO_LEG_P50));
    figures.push(Figure::of("G5", "two-leg INVITE to 200, p99", p99.ms(99.0), goals::TWO_LEG_P99));
    figures.extend(two_leg.beside("two-leg", rate));
    let calls = ivr.calls + two_leg.calls;
    figures.push(Figure::of("G17", format!("left behind by {calls} calls (Pss)"), left, goals::LEFT_BEHIND));
    Ok(figures)
}

struct Load {
    calls: usize,
    cpu_ms: f64,
    outcome: Outcome,
}

fn load(bench: &mut Bench, rate: f64, time: Duration, dial: impl Fn(usize) -> String) -> Load {
    let calls = (rate * time.as_secs_f64()) as usize;
    let before = bench.cost();
    let range = bench.callers.offer(calls, rate, After::HangUp, dial);
    bench.callers.over(&range, PATIENCE);
    // The last sessions are being stored.
    std::thread::sleep(Duration::from_millis(500));
    let cpu = bench.cost().cpu - before.cpu;
    Load {
        calls,
        cpu_ms: cpu.as_secs_f64() * 1000.0 / calls.max(1) as f64,
        outcome: bench.callers.outcome(&range),
    }
}

impl Load {
    fn beside(&self, what: &str, rate: f64) -> Vec<Figure> {
        let mut set_up = self.outcome.set_up.clone();
        vec![
            Figure::beside(format!("{what}: calls offered at {rate:.0}/s"), self.calls as f64, "calls"),
            Figure::beside(format!("{what}: answered"), self.outcome.answered as f64, "calls"),
            Figure::beside(format!("{what}: failed"), self.outcome.failed as f64, "calls"),
            Figure::beside(format!("{what}: sent again"), self.outcome.repeats as f64, "messages"),
            Figure::beside(format!("{what}: INVITE to 200, p50"), set_up.ms(50.0), "ms"),
            Figure::beside(format!("{what}: INVITE to 200, p99"), set_up.ms(99.0), "ms"),
        ]
    }
}
