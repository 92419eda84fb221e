//! Conferences in which everybody talks (G10): many small rooms, and one large one.

use std::time::Duration;

use super::Bench;
use super::goals::{self, Figure};
use super::rtp::Out;
use crate::failure::Failure;
use crate::out;

/// How long they talk before anything is counted.
const WARM: Duration = Duration::from_secs(2);

/// Measures both shapes.
///
/// # Errors
/// A call is not answered.
pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>, Failure> {
    let small = shape(bench, 100, 3)?;
    let large = shape(bench, 1, 100)?;
    let spread = 100.0 * (small.max(large) / small.min(large).max(f64::MIN_POSITIVE) - 1.0);
    Ok(vec![
        Figure::of("G10", "100 rooms of 3, all talk", small, goals::MIX_CPU),
        Figure::of("G10", "1 room of 100, all talk", large, goals::MIX_CPU),
        Figure::of("G10", "how far the two shapes lie apart", spread, goals::MIX_SPREAD),
    ])
}

/// CPU-ms per participant-second.
fn shape(bench: &mut Bench, rooms: usize, members: usize) -> Result<f64, Failure> {
    out::note(format!("{rooms} x {members} in a room talk for {} s", bench.load.as_secs()));
    let count = rooms * members;
    let calls = bench.standing(count, |i| format!("3{}{:03}", members, i % rooms))?;
    let streams = calls.clone().filter_map(|n| bench.callers.media(n)).map(|(port, to)| Out { port, to });
    let sending = bench.caller_ports.send(streams.collect());
    std::thread::sleep(WARM);
    bench.caller_ports.take();
    let before = bench.cost();
    std::thread::sleep(bench.load);
    let after = bench.cost();
    let came = bench.caller_ports.take();
    drop(sending);
    bench.end(&calls);
    let due = count as f64 * 50.0 * bench.load.as_secs_f64();
    if (came.packets as f64) < 0.9 * due {
        out::note(format!("only {} of {due} packets came", came.packets));
    }
    Ok((after.cpu - before.cpu).as_secs_f64() * 1000.0 / (count as f64 * bench.load.as_secs_f64()))
}
