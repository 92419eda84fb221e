//! Packets: prompts played to many calls (G6, G16), and two-leg calls relayed (G8, G9).

use std::time::Duration;

use super::goals::{self, Figure};
use super::rtp::Out;
use super::{Bench, PATIENCE};
use crate::failure::Failure;
use crate::out;

/// Calls that hear a prompt.
const LISTENERS: usize = 200;
/// Two-leg calls.
const PAIRS: usize = 100;
/// How long streams run before anything is counted.
const WARM: Duration = Duration::from_secs(2);

/// Measures both.
///
/// # Errors
/// A call is not answered.
pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>, Failure> {
    let mut figures = playback(bench)?;
    figures.extend(relay(bench)?);
    Ok(figures)
}

fn playback(bench: &mut Bench) -> Result<Vec<Figure>, Failure> {
    out::note(format!("{LISTENERS} calls hear a prompt for {} s", bench.load.as_secs()));
    // The prompt is spoken and kept before memory is counted.
    let first = bench.standing(1, |_| "1001".to_owned())?;
    std::thread::sleep(WARM);
    bench.end(&first);
    let empty = bench.cost();
    let calls = bench.standing(LISTENERS, |_| "1001".to_owned())?;
    std::thread::sleep(WARM);
    bench.caller_ports.take();
    let before = bench.cost();
    std::thread::sleep(bench.load);
    let after = bench.cost();
    let mut came = bench.caller_ports.take();
    bench.end(&calls);

    let sent = (came.packets + came.lost).max(1) as f64;
    let due = LISTENERS as f64 * 50.0 * bench.load.as_secs_f64();
    let per_packet = micros(after.cpu - before.cpu) / sent;
    let per_call = (before.pss_kib - empty.pss_kib) / LISTENERS as f64;
    Ok(vec![
        Figure::of("G6", "playback", per_packet, goals::PLAYBACK_CPU),
        Figure::beside("playback, in floors", per_packet / bench.floor, "times"),
        Figure::of("G16", "memory of a call with media (Pss)", per_call, goals::CALL_MEMORY),
        Figure::beside("playback: packets that came, of those due", 100.0 * came.packets as f64 / due, "%"),
        Figure::beside("playback: packets lost", came.lost as f64, "packets"),
        Figure::beside("playback: off the 20 ms, p50", came.jitter.ms(50.0), "ms"),
        Figure::beside("playback: off the 20 ms, p99", came.jitter.ms(99.0), "ms"),
    ])
}

fn relay(bench: &mut Bench) -> Result<Vec<Figure>, Failure> {
    out::note(format!("{PAIRS} two-leg calls talk for {} s", bench.load.as_secs()));
    bench.agents.take_offers();
    bench.agents.hold(None);
    let calls = bench.standing(PAIRS, |i| format!("4{:04}", i % 100 + 1))?;
    let callers = calls.clone().filter_map(|n| bench.callers.media(n)).map(|(port, to)| Out { port, to });
    let offers = bench.agents.offers();
    let ports = bench.agent_ports.at.len();
    let agents = offers.iter().enumerate().filter_map(|(i, o)| Some(Out { port: i % ports, to: o.media? }));
    let sending = (bench.caller_ports.send(callers.collect()), bench.agent_ports.send(agents.collect()));
    std::thread::sleep(WARM);
    bench.caller_ports.take();
    bench.agent_ports.take();
    let before = bench.cost();
    std::thread::sleep(bench.load);
    let after = bench.cost();
    let (mut came, other) = (bench.caller_ports.take(), bench.agent_ports.take());
    drop(sending);
    bench.end(&calls);
    bench.callers.over(&calls, PATIENCE);

    let packets = (came.packets + other.packets).max(1) as f64;
    let due = PAIRS as f64 * 2.0 * 50.0 * bench.load.as_secs_f64();
    let per_packet = micros(after.cpu - before.cpu) / packets;
    came.delay.merge(other.delay);
    let ours = 100.0 * came.delay.count() as f64 / packets;
    Ok(vec![
        Figure::of("G8", "relay, per forwarded packet", per_packet, goals::RELAY_CPU),
        Figure::beside("relay, in floors", per_packet / bench.floor, "times"),
        Figure::of("G9", "relay: delay, p50", came.delay.ms(50.0), goals::RELAY_P50),
        Figure::of("G9", "relay: delay, p99", came.delay.ms(99.0), goals::RELAY_P99),
        Figure::beside("relay: packets that came, of those due", 100.0 * packets / due, "%"),
        Figure::beside("relay: packets that came as they were sent", ours, "%"),
    ])
}

fn micros(cpu: Duration) -> f64 {
    cpu.as_secs_f64() * 1e6
}
