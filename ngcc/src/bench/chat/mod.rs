//! Chats: visitors' connections held (G21), and their messages through the exchange to consoles (G22).

mod talkers;
mod tally;

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::{AbortHandle, JoinSet};

use super::consoles::Consoles;
use super::goals::{self, Figure};
use super::server::{Cost, Server};
use super::web;
use crate::catalogue::bench::{CHAT, CHAT_AGENTS, CHAT_NUMBER, CHATS};
use crate::cli::BenchArgs;
use crate::failure::Failure;
use crate::{doctor, out, serve};

use talkers::Talkers;
use tally::Tally;

/// Places that are left for consoles and plain requests.
const SPARE: usize = 200;
/// The most connections: what the centre takes, less the talkers' and the consoles'.
const MOST: usize = 48_000;
/// Connections that are opened at once.
const AT_ONCE: usize = 64;
/// The first rate of messages; each next one is twice as high.
const FIRST_RATE: usize = 200;
/// Messages a second of one visitor; 2 are let through.
const OF_ONE: f64 = 1.8;
/// How long the last messages of a load may take.
const LAST: Duration = Duration::from_secs(10);

/// Measures both.
///
/// # Errors
/// The centre does not start, or a connection is refused.
pub(super) fn measure(args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let runtime = Runtime::new().map_err(Failure::io("the load generator"))?;
    // No phone is called here.
    let server = Server::start(CHAT, ([127, 0, 0, 1], 9).into())?;
    runtime.block_on(async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let wanted = args.sockets.map_or(MOST, |sockets| sockets as usize).min(room());
        let (mut figures, held) = hold(&server, wanted, args).await?;
        figures.extend(write(&server, wanted, args).await?);
        held.into_iter().for_each(|page| page.abort());
        let threads = server.cost().threads as f64;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        figures.push(Figure::of("G20", "chat: threads", threads, goals::threads(cores)));
        Ok(figures)
    })
}

/// How many connections the centre takes, beside the talkers' and the consoles'.
fn room() -> usize {
    serve::most_connections(doctor::descriptors()).saturating_sub(SPARE + CHAT_AGENTS * CHATS).clamp(1, MOST)
}

/// Opens that many connections and lets them be.
async fn hold(
    server: &Server,
    count: usize,
    args: &BenchArgs,
) -> Result<(Vec<Figure>, Vec<AbortHandle>), Failure> {
    out::note(format!("{count} visitors connect, and stay for {} s", args.seconds));
    let before = server.cost();
    let pages = open(server, 0, count).await?;
    let opened = server.cost();
    let mut held = Vec::with_capacity(count);
    for mut page in pages {
        // It answers pings until it is ended.
        held.push(tokio::spawn(async move { while page.text().await.is_ok() {} }).abort_handle());
    }
    let start = server.cost();
    tokio::time::sleep(Duration::from_secs(args.seconds)).await;
    let end = server.cost();
    let still = held.iter().filter(|page| !page.is_finished()).count();
    let each = |kib: f64| kib / count as f64;
    Ok((
        vec![
            Figure::beside("visitors' connections held", still as f64, "sockets"),
            Figure::of(
                "G21",
                "memory of a connection (RSS)",
                each(end.rss_kib - before.rss_kib),
                goals::SOCKET_MEMORY,
            ),
            Figure::beside(
                "CPU to let one visitor in",
                opened.micros_since(&before) / count as f64,
                "CPU-µs",
            ),
            Figure::beside("CPU of all that are idle", percent(&start, &end, args), "% of a core"),
        ],
        held,
    ))
}

/// Customers' pages from the `first` on.
async fn open(server: &Server, first: usize, count: usize) -> Result<Vec<web::Page>, Failure> {
    let mut opening = JoinSet::new();
    let mut pages = Vec::with_capacity(count);
    let mut next = first;
    while pages.len() < count {
        while opening.len() < AT_ONCE && next < first + count {
            opening.spawn(web::visitor(next, server.http, CHAT_NUMBER));
            next += 1;
        }
        let Some(opened) = opening.join_next().await else { break };
        let opened = opened.map_err(std::io::Error::other).and_then(|page| page);
        pages.push(opened.map_err(Failure::io("a visitor"))?);
    }
    Ok(pages)
}

/// Visitors write to consoles, more and more often, until it is too much.
async fn write(server: &Server, silent: usize, args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let count = (CHAT_AGENTS * CHATS).min(silent);
    out::note(format!("{count} visitors begin to chat with {CHAT_AGENTS} agents"));
    let tally = Tally::new(count);
    let heard = tally.clone();
    let consoles = Consoles::open(server, move |frame| heard.came(frame)).await;
    let consoles = consoles.map_err(Failure::io("a console"))?;
    let pages = open(server, silent, count).await?;
    let before = server.cost();
    let talkers = Talkers::begin(pages, &tally).await.map_err(Failure::io("a chat"))?;
    let each = server.cost().micros_since(&before) / count as f64;
    let mut figures = vec![
        Figure::of("G21", "memory of a console (RSS)", consoles.memory_kib, goals::SOCKET_MEMORY),
        Figure::beside("CPU from a visitor's wish to the chat", each, "CPU-µs"),
    ];
    let idle = idle(server, args).await;

    let mut rates: Vec<usize> = std::iter::successors(Some(FIRST_RATE), |rate| Some(rate * 2))
        .take_while(|rate| (*rate as f64) < count as f64 * OF_ONE)
        .collect();
    if rates.is_empty() {
        rates.push((count as f64 * OF_ONE).max(1.0) as usize);
    }
    for rate in rates {
        let (more, enough) = load(server, &talkers, &tally, rate, idle, args).await?;
        figures.extend(more);
        consoles.check().map_err(Failure::io("a console"))?;
        if enough {
            break;
        }
    }
    Ok(figures)
}

/// What the centre costs a second while nobody writes, in CPU-µs.
async fn idle(server: &Server, args: &BenchArgs) -> f64 {
    let before = server.cost();
    tokio::time::sleep(Duration::from_secs(args.seconds)).await;
    server.cost().micros_since(&before) / args.seconds as f64
}

/// One rate; whether a higher one makes no sense.
async fn load(
    server: &Server,
    talkers: &Talkers,
    tally: &Tally,
    rate: usize,
    idle: f64,
    args: &BenchArgs,
) -> Result<(Vec<Figure>, bool), Failure> {
    out::note(format!("{rate} messages a second for {} s", args.seconds));
    let began = std::time::Instant::now();
    let before = server.cost();
    let sent = talkers.write(rate, Duration::from_secs(args.seconds)).await;
    tally.settled(sent, LAST).await;
    let cpu = server.cost().micros_since(&before) - idle * began.elapsed().as_secs_f64();
    let mut came = tally.take();
    let (lost, wrong) = (sent.saturating_sub(came.there.count()), came.doubled + came.late);
    let p99 = came.there.ms(99.0);
    let of = |what: &str| format!("chat, {rate} a second: {what}");
    let figures = vec![
        Figure::beside(of("visitor to console, p50"), came.there.ms(50.0), "ms"),
        Figure::of("G22", of("visitor to console, p99"), p99, goals::MESSAGE_P99),
        Figure::of("G22", of("without what silence costs"), cpu / sent.max(1) as f64, goals::MESSAGE_CPU),
        Figure::beside(of("visitor to acknowledgement, p50"), came.acked.ms(50.0), "ms"),
        Figure::beside(of("visitor to acknowledgement, p99"), came.acked.ms(99.0), "ms"),
        Figure::beside(of("lost"), lost as f64, "messages"),
        Figure::beside(of("doubled or out of order"), wrong as f64, "messages"),
        Figure::beside(of("refused"), came.refused as f64, "messages"),
        Figure::beside(
            of("sent, of those due"),
            100.0 * sent as f64 / (rate as f64 * args.seconds as f64),
            "%",
        ),
    ];
    Ok((figures, p99 > 500.0 || lost > 0 || came.refused > 0))
}

fn percent(before: &Cost, after: &Cost, args: &BenchArgs) -> f64 {
    after.micros_since(before) / 1e4 / args.seconds as f64
}
