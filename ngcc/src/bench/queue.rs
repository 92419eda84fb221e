//! The queue: idle agents (G11), and a backlog of a thousand (G12, G14, G16).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::agents::Offer;
use super::callers::After;
use super::goals::{self, Figure};
use super::spread::Spread;
use super::{Bench, PATIENCE};
use crate::failure::Failure;
use crate::out;

/// Agents.
const AGENTS: f64 = 100.0;
/// How long an agent talks.
const TALK: Duration = Duration::from_secs(2);
/// New calls a second while agents are idle: at most 40 of the hundred talk.
const IDLE_RATE: f64 = 20.0;
/// Callers that come at once for the backlog.
const BACKLOG: usize = 1100;
/// How quickly they come.
const BACKLOG_RATE: f64 = 400.0;

/// Measures both.
///
/// # Errors
/// None today; calls that fail are figures.
pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>, Failure> {
    bench.agents.take_offers();
    bench.agents.hold(Some(TALK));
    let (mut figures, idle_cpu) = idle(bench);
    figures.extend(backlog(bench, idle_cpu));
    bench.agents.hold(None);
    Ok(figures)
}

fn idle(bench: &mut Bench) -> (Vec<Figure>, f64) {
    out::note(format!("calls to idle agents: {IDLE_RATE} a second for {} s", bench.load.as_secs()));
    let count = (IDLE_RATE * bench.load.as_secs_f64()) as usize;
    let before = bench.cost();
    let calls = bench.callers.offer(count, IDLE_RATE, After::Stay, |_| "2001".to_owned());
    bench.callers.over(&calls, PATIENCE);
    let cpu = (bench.cost().cpu - before.cpu).as_secs_f64() * 1000.0 / count.max(1) as f64;
    let mut wait = Spread::default();
    for offer in bench.agents.take_offers() {
        let invited = offer.call.and_then(|n| bench.callers.invited(n));
        wait.extend(invited.map(|at| offer.at - at));
    }
    let figures = vec![
        Figure::of("G11", "idle agent: INVITE to INVITE, p50", wait.ms(50.0), goals::OFFER_P50),
        Figure::of("G11", "idle agent: INVITE to INVITE, p99", wait.ms(99.0), goals::OFFER_P99),
        Figure::beside(
            "idle agents: offers, of calls",
            100.0 * wait.count() as f64 / count.max(1) as f64,
            "%",
        ),
        Figure::of("G14", "call to an idle agent", cpu, goals::QUEUED_CPU),
    ];
    (figures, cpu)
}

fn backlog(bench: &mut Bench, idle_cpu: f64) -> Vec<Figure> {
    out::note(format!("{BACKLOG} callers at once for {AGENTS} agents who talk {} s", TALK.as_secs()));
    let before = bench.cost();
    let began = Instant::now();
    let calls = bench.callers.offer(BACKLOG, BACKLOG_RATE, After::Stay, |_| "2001".to_owned());
    bench.callers.settled(&calls, PATIENCE);
    let waiting = bench.cost();
    let drained = bench.callers.over(&calls, PATIENCE * 2);
    let took = began.elapsed().as_secs_f64();
    let cpu = (bench.cost().cpu - before.cpu).as_secs_f64() * 1000.0 / BACKLOG as f64;
    let offers = bench.agents.take_offers();
    let mut next = freed_to_offered(&offers);
    let doubles = double_offers(&offers);
    let per_call = (waiting.pss_kib - before.pss_kib) / BACKLOG as f64;
    let growth = 100.0 * (cpu / idle_cpu.max(f64::MIN_POSITIVE) - 1.0);
    if !drained {
        out::note("the backlog did not drain in time");
    }
    vec![
        Figure::of("G12", "backlog: agent free to next offer, p50", next.ms(50.0), goals::NEXT_P50),
        Figure::of("G12", "backlog: agent free to next offer, p99", next.ms(99.0), goals::NEXT_P99),
        Figure::beside("backlog: offers timed", next.count() as f64, "offers"),
        Figure::of("G14", "queued call", cpu, goals::QUEUED_CPU),
        Figure::of("G14", "more than with idle agents", growth.max(0.0), goals::QUEUED_GROWTH),
        Figure::of("G16", "memory of a waiting call (Pss)", per_call, goals::WAITING_MEMORY),
        Figure::beside("backlog: offered twice", doubles as f64, "calls"),
        Figure::beside("backlog: until all were served", took, "s"),
        Figure::beside("backlog: the same, at best", BACKLOG as f64 / AGENTS * TALK.as_secs_f64(), "s"),
    ]
}

/// From an agent's hang-up to the next call at the same agent.
fn freed_to_offered(offers: &[Offer]) -> Spread {
    let mut freed: HashMap<&str, Instant> = HashMap::new();
    let mut spread = Spread::default();
    for offer in offers {
        if let Some(at) = freed.remove(offer.agent.as_str()) {
            spread.add(offer.at.saturating_duration_since(at));
        }
        if let Some(at) = offer.freed {
            freed.insert(&offer.agent, at);
        }
    }
    spread
}

/// Calls that were offered more than once.
fn double_offers(offers: &[Offer]) -> usize {
    let mut times: HashMap<usize, usize> = HashMap::new();
    for n in offers.iter().filter_map(|offer| offer.call) {
        *times.entry(n).or_default() += 1;
    }
    times.values().filter(|times| **times > 1).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_the_next_offer_is_taken_agent_by_agent() {
        let t = Instant::now();
        let at = |ms| t + Duration::from_millis(ms);
        let offer = |agent: &str, call, came, freed: Option<u64>| Offer {
            agent: agent.to_owned(),
            call: Some(call),
            at: at(came),
            freed: freed.map(at),
            media: None,
        };
        let offers = [offer("a", 1, 0, Some(10)), offer("b", 2, 1, Some(90)), offer("a", 3, 14, None)];
        let mut spread = freed_to_offered(&offers);
        assert_eq!((spread.count(), spread.ms(50.0)), (1, 4.0));
        assert_eq!(double_offers(&offers), 0);
        assert_eq!(double_offers(&[offer("a", 1, 0, None), offer("b", 1, 1, None)]), 1);
    }
}
