//! Customers' pages that are shared with agents (`/ws/collab`): what a shared page takes of memory and of a core, and
//! how late an agent sees a change. Every change passes the masking of the centre, as a browser's would.

mod page;
mod share;
mod tally;

use std::io;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::consoles::Consoles;
use super::goals::Figure;
use super::server::Server;
use crate::catalogue::bench::CHAT;
use crate::cli::BenchArgs;
use crate::failure::Failure;
use crate::out;

use share::{Invitations, Share};
use tally::Tally;

/// Pages that begin to be shared at once.
const AT_ONCE: usize = 8;
/// Changes a second of one page: one in which somebody types, scrolls and points without a break.
const RATES: [usize; 2] = [1, 5];
/// How long the last changes of a load may take.
const LAST: Duration = Duration::from_secs(10);

/// Measures them.
///
/// # Errors
/// The centre does not start, or a page is not shared.
pub(super) fn measure(args: &BenchArgs) -> Result<Vec<Figure>, Failure> {
    let runtime = Runtime::new().map_err(Failure::io("the load generator"))?;
    // No phone is called here.
    let server = Server::start(CHAT, ([127, 0, 0, 1], 9).into())?;
    runtime.block_on(async {
        let count = args.shares as usize;
        let (tally, invitations) = (Tally::default(), Invitations::default());
        let hear = invitations.clone();
        let consoles = Consoles::open(&server, move |frame| hear.heard(frame)).await.map_err(failed())?;
        let (mut figures, mut shares) = begin(&server, count, &tally, &invitations).await.map_err(failed())?;
        for rate in RATES {
            let load = Load { rate, seconds: args.seconds };
            let (more, back) = load.run(&server, shares, &tally).await.map_err(failed())?;
            figures.extend(more);
            shares = back;
            consoles.check().map_err(failed())?;
        }
        Ok(figures)
    })
}

fn failed() -> impl FnOnce(io::Error) -> Failure {
    Failure::io("a shared page")
}

/// That many customers share their page; each agent sees it when this returns.
async fn begin(
    server: &Server,
    count: usize,
    tally: &Tally,
    invitations: &Invitations,
) -> io::Result<(Vec<Figure>, Vec<Share>)> {
    out::note(format!("{count} customers share their page with agents"));
    // What only the first one needs is there before memory is counted.
    let mut shares = vec![Share::begin(server.http, 0, tally, invitations.clone()).await?];
    let before = server.cost();
    let (mut beginning, mut next) = (JoinSet::new(), 1);
    while shares.len() <= count {
        while beginning.len() < AT_ONCE && next <= count {
            beginning.spawn(Share::begin(server.http, next, tally, invitations.clone()));
            next += 1;
        }
        let Some(begun) = beginning.join_next().await else { break };
        shares.push(begun.map_err(io::Error::other)??);
    }
    let after = server.cost();
    let each = |all: f64| all / count as f64;
    let mut seen = tally.take().seen;
    let figures = vec![
        Figure::beside("pages shared at once", shares.len() as f64, "sessions"),
        Figure::beside("size of a page's snapshot", page::snapshot_bytes() as f64 / 1024.0, "KiB"),
        Figure::beside("memory of a shared page (RSS)", each(after.rss_kib - before.rss_kib), "KiB"),
        Figure::beside("CPU from the wish to the agent's sight", each(after.micros_since(&before)), "CPU-µs"),
        Figure::beside("snapshot: customer to agent, p50", seen.ms(50.0), "ms"),
        Figure::beside("snapshot: customer to agent, p99", seen.ms(99.0), "ms"),
    ];
    Ok((figures, shares))
}

/// All pages change at a rate.
struct Load {
    rate: usize,
    seconds: u64,
}

impl Load {
    async fn run(
        &self,
        server: &Server,
        shares: Vec<Share>,
        tally: &Tally,
    ) -> io::Result<(Vec<Figure>, Vec<Share>)> {
        let count = shares.len();
        out::note(format!("{count} pages change {} times a second for {} s", self.rate, self.seconds));
        let (pause, load) = (Duration::from_secs(1) / self.rate as u32, Duration::from_secs(self.seconds));
        let before = server.cost();
        let mut running: JoinSet<io::Result<(Share, usize)>> =
            shares.into_iter().map(|share| share.change(pause, load)).collect();
        let (mut back, mut sent) = (Vec::with_capacity(count), 0);
        while let Some(done) = running.join_next().await {
            let (share, changes) = done.map_err(io::Error::other)??;
            back.push(share);
            sent += changes;
        }
        tally.settled(LAST).await;
        let cpu = server.cost().micros_since(&before) / sent.max(1) as f64;
        let mut came = tally.take();
        let of = |what: &str| format!("{} changes a second each: {what}", self.rate);
        let share_of_core = cpu * self.rate as f64 / 1e6;
        let figures = vec![
            Figure::beside(of("customer to agent, p50"), came.seen.ms(50.0), "ms"),
            Figure::beside(of("customer to agent, p99"), came.seen.ms(99.0), "ms"),
            Figure::beside(of("CPU of a change"), cpu, "CPU-µs"),
            Figure::beside(of("sessions one core carries"), 1.0 / share_of_core.max(1e-9), "sessions"),
            Figure::beside(
                of("sent to an agent"),
                came.bytes as f64 / 1024.0 / (count as f64 * self.seconds as f64),
                "KiB/s",
            ),
            Figure::beside(of("lost"), came.lost as f64, "changes"),
            Figure::beside(of("doubled"), came.doubled as f64, "changes"),
            Figure::beside(of("seen"), came.seen.count() as f64, "changes"),
        ];
        Ok((figures, back))
    }
}
