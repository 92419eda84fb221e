//! `ngcc bench`: measures a centre of its own, a child process on loopback with the catalogue of `deploy/bench`, and
//! prints each figure beside what it must be and where it is to go. The load generator shares no code with what it
//! measures; the centre's cost is what the kernel says about its process.

mod agents;
mod callers;
mod chat;
mod collab;
mod conference;
mod consoles;
mod goals;
mod idle;
mod media;
mod queue;
mod rtp;
mod server;
mod set_up;
mod spread;
#[cfg(test)]
mod tests;
mod web;
mod webrtc;
mod words;

use std::time::Duration;

use agents::Agents;
use callers::Callers;
use goals::{Figure, Report};
use rtp::Ports;
use server::Server;

use crate::catalogue::bench::CATALOGUE;
use crate::cli::{BenchArgs, BenchKind};
use crate::failure::Failure;
use crate::out;

/// Sockets the callers' and the agents' RTP is spread over, so that no receive buffer runs over.
const MEDIA_SOCKETS: usize = 8;
/// How long calls may take to be answered, or to end.
const PATIENCE: Duration = Duration::from_secs(40);

/// Everything a measurement works with.
struct Bench {
    server: Server,
    callers: Callers,
    agents: Agents,
    caller_ports: Ports,
    agent_ports: Ports,
    /// How long each load runs.
    load: Duration,
    /// New calls a second for set-up.
    rate: f64,
    /// The most threads the server was seen with.
    threads: usize,
    /// One datagram sent and received on this machine, in microseconds: what no relay can go below.
    floor: f64,
}

/// Measures what is asked for and prints it.
///
/// # Errors
/// The centre does not start, a socket cannot be opened, or calls fail that must not.
pub(crate) fn run(args: &BenchArgs, json: bool) -> Result<(), Failure> {
    let wanted = |kind| args.what.contains(&kind) || args.what.contains(&BenchKind::All);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let floor = rtp::floor().map_err(Failure::io("a socket of the load generator"))? / 1000.0;
    let mut figures = vec![Figure::beside("floor: one datagram sent and received", floor, "µs")];
    let calls = [BenchKind::Sip, BenchKind::Media, BenchKind::Conference, BenchKind::Queue];
    if calls.into_iter().any(wanted) {
        figures.extend(of_calls(args, floor, cores, wanted)?);
    }
    if wanted(BenchKind::Chat) {
        figures.extend(chat::measure(args)?);
    }
    if wanted(BenchKind::Consoles) {
        figures.extend(idle::measure(args)?);
    }
    if wanted(BenchKind::Collab) {
        figures.extend(collab::measure(args)?);
    }
    if wanted(BenchKind::Webrtc) {
        figures.extend(webrtc::measure(args)?);
    }
    Report { cores, release: !cfg!(debug_assertions), figures }.print(json);
    Ok(())
}

/// What is measured with phones.
fn of_calls(
    args: &BenchArgs,
    floor: f64,
    cores: usize,
    wanted: impl Fn(BenchKind) -> bool,
) -> Result<Vec<Figure>, Failure> {
    let mut bench = Bench::open(args, floor)?;
    let mut figures = bench.at_rest();
    if wanted(BenchKind::Sip) {
        figures.extend(set_up::measure(&mut bench)?);
    }
    if wanted(BenchKind::Media) {
        figures.extend(media::measure(&mut bench)?);
    }
    if wanted(BenchKind::Conference) {
        figures.extend(conference::measure(&mut bench)?);
    }
    if wanted(BenchKind::Queue) {
        figures.extend(queue::measure(&mut bench)?);
    }
    let threads = goals::threads(cores);
    figures.push(Figure::of("G20", "threads at the most", bench.threads as f64, threads));
    Ok(figures)
}

impl Bench {
    fn open(args: &BenchArgs, floor: f64) -> Result<Self, Failure> {
        let sockets = || Failure::io("a socket of the load generator");
        let caller_ports = Ports::open(MEDIA_SOCKETS).map_err(sockets())?;
        let agent_ports = Ports::open(MEDIA_SOCKETS).map_err(sockets())?;
        let agents = Agents::open(agent_ports.at.clone()).map_err(sockets())?;
        let server = Server::start(CATALOGUE, agents.at)?;
        let callers = Callers::open(server.sip, caller_ports.at.clone()).map_err(sockets())?;
        let load = Duration::from_secs(args.seconds);
        let rate = f64::from(args.rate);
        Ok(Self { server, callers, agents, caller_ports, agent_ports, load, rate, threads: 0, floor })
    }

    /// The centre before its first call.
    fn at_rest(&mut self) -> Vec<Figure> {
        std::thread::sleep(Duration::from_secs(1));
        let cost = self.cost();
        vec![
            Figure::of(
                "G19",
                "start until SIP and HTTP are ready",
                self.server.start.as_secs_f64(),
                goals::START,
            ),
            Figure::of("G19", "memory at rest (Pss)", cost.pss_kib / 1024.0, goals::IDLE_MEMORY),
        ]
    }

    fn cost(&mut self) -> server::Cost {
        let cost = self.server.cost();
        self.threads = self.threads.max(cost.threads);
        cost
    }

    /// Some calls that stay, all answered.
    fn standing(
        &self,
        count: usize,
        dial: impl Fn(usize) -> String,
    ) -> Result<std::ops::Range<usize>, Failure> {
        let calls = self.callers.offer(count, 100.0, callers::After::Stay, dial);
        self.callers.settled(&calls, PATIENCE);
        let outcome = self.callers.outcome(&calls);
        if outcome.failed > 0 {
            return Err(Failure::Refused(vec![format!(
                "{} of {count} calls were not answered",
                outcome.failed
            )]));
        }
        Ok(calls)
    }

    /// Ends them again.
    fn end(&self, calls: &std::ops::Range<usize>) {
        self.callers.hang_up(calls, 500.0);
        if !self.callers.over(calls, PATIENCE) {
            out::note("some calls did not end in time");
        }
    }
}
