//! Browsers that speak to the echo and hear themselves (G23), and what calls that ended leave behind. The browser's
//! side is the state machine of the `rtc` crate, which the centre is built on too: it is the one part the load
//! generator shares with what it measures.

mod call;
mod peer;
mod soak;

use std::io;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::goals::{self, Figure};
use super::server::Server;
use super::spread::Spread;
use crate::catalogue::bench::CATALOGUE;
use crate::cli::BenchArgs;
use crate::failure::Failure;
use crate::out;

use call::Call;
use peer::Heard;

/// Calls that are set up at once.
const AT_ONCE: usize = 8;
/// How long they talk before anything is counted.
const WARM: Duration = Duration::from_secs(2);

/// Measures both.
///
/// # Errors
/// The centre does not start, or a call is not answered.
pub(super) fn measure(args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let runtime = Runtime::new().map_err(Failure::io("the load generator"))?;
    // No phone is called here.
    let server = Server::start(CATALOGUE, ([127, 0, 0, 1], 9).into())?;
    runtime.block_on(async {
        let mut figures = talk(&server, args).await?;
        if args.sessions > 0 {
            figures.extend(soak::measure(&server, args.sessions as usize).await?);
        }
        Ok(figures)
    })
}

async fn talk(server: &Server, args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let count = args.peers as usize;
    out::note(format!("{count} browsers hear their echo for {} s", args.seconds));
    // What only the first call needs is there before memory is counted.
    end(open(server, 0, 1).await?).await.map_err(failed())?;
    tokio::time::sleep(WARM).await;
    let empty = server.cost();
    let calls = open(server, 1, count).await?;
    let (mut connected, mut heard) = (Spread::default(), Spread::default());
    for call in &calls {
        connected.add(call.connected);
        heard.add(call.heard);
    }
    let opened = server.cost();
    let talked: Duration = calls.iter().map(|call| call.up.elapsed()).sum();

    let load = Duration::from_secs(args.seconds);
    let talking = calls.into_iter().map(|mut call| async move {
        call.talk(WARM).await?;
        call.take();
        call.talk(load).await?;
        let came = call.take();
        Ok((call, came))
    });
    let mut talking: JoinSet<io::Result<(Call, Heard)>> = talking.collect();
    tokio::time::sleep(WARM).await;
    let before = server.cost();
    tokio::time::sleep(load).await;
    let after = server.cost();

    let (mut calls, mut sum) = (vec![], Heard::default());
    while let Some(done) = talking.join_next().await {
        let (call, came) = done.map_err(io::Error::other).and_then(|done| done).map_err(failed())?;
        sum.add(&came);
        calls.push(call);
    }
    end(calls).await.map_err(failed())?;
    let cpu = (after.cpu - before.cpu).as_secs_f64() / load.as_secs_f64() / count as f64;
    // Those that were up talked while others came.
    let opening = (opened.cpu - empty.cpu).as_secs_f64() - cpu * talked.as_secs_f64();
    let set_up = opening * 1000.0 / count as f64;
    let due = count as f64 * 50.0 * load.as_secs_f64();
    Ok(vec![
        Figure::of("G23", "CPU of a browser that hears its echo", 100.0 * cpu, goals::PEER_CPU),
        Figure::of(
            "G23",
            "its memory (RSS)",
            (before.rss_kib - empty.rss_kib) / count as f64,
            goals::PEER_MEMORY,
        ),
        Figure::beside("browsers: packets sent, of those due", 100.0 * sum.sent as f64 / due, "%"),
        Figure::beside(
            "browsers: packets that came, of those sent",
            100.0 * sum.came as f64 / sum.sent.max(1) as f64,
            "%",
        ),
        Figure::beside("browsers: packets lost on the way back", sum.lost as f64, "packets"),
        Figure::beside("browsers: CPU of a set-up", set_up, "CPU-ms"),
        Figure::beside("browsers: offer until connected, p50", connected.ms(50.0), "ms"),
        Figure::beside("browsers: offer until connected, p99", connected.ms(99.0), "ms"),
        Figure::beside("browsers: offer until heard, p50", heard.ms(50.0), "ms"),
        Figure::beside("browsers: offer until heard, p99", heard.ms(99.0), "ms"),
    ])
}

/// Calls of the `first` customer and those behind.
async fn open(server: &Server, first: usize, count: usize) -> Result<Vec<Call>, Failure> {
    let (mut opening, mut calls, mut next) = (JoinSet::new(), Vec::with_capacity(count), first);
    // Those that are up go on while others come.
    let mut up: JoinSet<io::Result<Call>> = JoinSet::new();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    while calls.len() + up.len() < count {
        while opening.len() < AT_ONCE && next < first + count {
            opening.spawn(Call::open(next, server.http));
            next += 1;
        }
        let Some(call) = opening.join_next().await else { break };
        let mut call = call.map_err(io::Error::other).and_then(|call| call).map_err(failed())?;
        let mut stopped = stopped.clone();
        up.spawn(async move {
            // The sender is kept until all have ended.
            let over = async { drop(stopped.wait_for(|over| *over).await) };
            call.until(over).await?;
            Ok(call)
        });
    }
    // Nobody listens where none came up.
    let _ = stop.send(true);
    while let Some(call) = up.join_next().await {
        calls.push(call.map_err(io::Error::other).and_then(|call| call).map_err(failed())?);
    }
    Ok(calls)
}

/// Hangs all up.
async fn end(calls: Vec<Call>) -> io::Result<()> {
    let mut ending: JoinSet<io::Result<()>> = calls.into_iter().map(Call::end).collect();
    while let Some(ended) = ending.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

fn failed() -> impl FnOnce(io::Error) -> Failure {
    Failure::io("a browser's call")
}
