//! Agents' consoles that are connected and idle: how many one instance holds, and what each takes.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::goals::{self, Figure};
use super::server::Server;
use super::web;
use crate::catalogue::bench::{CHAT_PASSWORD, idle_agent};
use crate::cli::BenchArgs;
use crate::failure::Failure;
use crate::{doctor, out, serve};

/// Consoles that are opened at once: the centre compares one password for two cores at a time.
const AT_ONCE: usize = 4;
/// Consoles that are opened before memory is counted: what only the first ones need is there then.
const WARM: usize = 50;
/// Connections left for requests.
const SPARE: usize = 200;
/// How long what the last sign-ins have caused is let come to rest.
const SETTLE: Duration = Duration::from_secs(5);

/// Measures.
///
/// # Errors
/// The centre does not start, or a console is refused.
pub(super) fn measure(args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let runtime = Runtime::new().map_err(Failure::io("the load generator"))?;
    let room = serve::most_connections(doctor::descriptors()).saturating_sub(SPARE).max(1);
    let count = (args.agents as usize).min(room);
    out::note(format!("a centre starts with {count} agents; keeping their passwords takes its time"));
    let server = Server::start_idle(count)?;
    runtime.block_on(hold(&server, count, args))
}

async fn hold(server: &Server, count: usize, args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    out::note(format!("{count} agents sign in, and stay for {} s", args.seconds));
    let warm = WARM.min(count / 2);
    let mut held = open(server, 0..warm).await?;
    let before = server.cost();
    held.extend(open(server, warm..count).await?);
    sleep(SETTLE).await;
    let start = server.cost();
    sleep(Duration::from_secs(args.seconds)).await;
    let end = server.cost();
    let still = held.iter().filter(|page| !page.is_finished()).count();
    let each = (start.rss_kib - before.rss_kib) / (count - warm) as f64;
    let idle = end.micros_since(&start) / 1e4 / args.seconds as f64;
    let figures = vec![
        Figure::beside("consoles held", still as f64, "sockets"),
        Figure::of("G21", "memory of an idle console (RSS)", each, goals::SOCKET_MEMORY),
        Figure::beside(
            "CPU of a sign-in, with its password",
            start.micros_since(&before) / (count - warm) as f64,
            "CPU-µs",
        ),
        Figure::beside("CPU of all consoles that are idle", idle, "% of a core"),
    ];
    held.iter().for_each(AbortHandle::abort);
    Ok(figures)
}

/// Signs these agents in and keeps their consoles connected.
async fn open(server: &Server, agents: std::ops::Range<usize>) -> Result<Vec<AbortHandle>, Failure> {
    let (mut opening, mut held) = (JoinSet::new(), Vec::with_capacity(agents.len()));
    let (mut agents, http) = (agents, server.http);
    loop {
        while opening.len() < AT_ONCE
            && let Some(n) = agents.next()
        {
            // An address may only sign in so often.
            opening.spawn(async move { web::console(n * 10, http, &idle_agent(n), CHAT_PASSWORD).await });
        }
        let Some(opened) = opening.join_next().await else { return Ok(held) };
        let page = opened.map_err(std::io::Error::other).and_then(|page| page);
        let mut page = page.map_err(Failure::io("a console"))?;
        // It answers pings until it is ended.
        held.push(tokio::spawn(async move { while page.text().await.is_ok() {} }).abort_handle());
    }
}
