//! Calls that come and go, one behind another: what each leaves behind.

use std::io;
use std::time::Duration;

use tokio::task::JoinSet;

use super::call::Call;
use super::failed;
use crate::bench::goals::{self, Figure};
use crate::bench::server::{Cost, Server};
use crate::failure::Failure;
use crate::out;

/// Calls at once.
const AT_ONCE: usize = 8;
/// How long each talks.
const TALK: Duration = Duration::from_millis(200);
/// Looks at the centre, evenly spread; the slope is that of the second half, when everything has its size.
const LOOKS: usize = 10;
/// Customers who have called before.
const BEFORE: usize = 100_000;
/// How long what ended may take to be put away before a look.
const QUIET: Duration = Duration::from_secs(2);

/// Measures that many calls.
///
/// # Errors
/// A call is not answered.
pub(super) async fn measure(server: &Server, sessions: usize) -> Result<Vec<Figure>, Failure> {
    out::note(format!("{sessions} browsers come, speak and go"));
    let mut looks = vec![(0, server.cost())];
    let mut done = 0;
    for look in 1..=LOOKS {
        let until = sessions * look / LOOKS;
        calls(server, done, until).await.map_err(failed())?;
        done = until;
        tokio::time::sleep(QUIET).await;
        looks.push((done, server.cost()));
        let (_, cost) = looks[look];
        out::note(format!(
            "{done}: {:.0} KiB, {} descriptors, {} threads",
            cost.rss_kib, cost.descriptors, cost.threads
        ));
    }
    let (first, half, last) = (looks[0].1, looks[LOOKS / 2].1, looks[LOOKS].1);
    let more = |of: fn(&Cost) -> usize, since: &Cost| of(&last) as f64 - of(since) as f64;
    Ok(vec![
        Figure::beside("soak: calls that came, spoke and went", sessions as f64, "calls"),
        Figure::of(
            "G17",
            "soak: memory a call leaves (second half)",
            slope(&looks[LOOKS / 2..]),
            goals::SESSION_SLOPE,
        ),
        Figure::beside("soak: memory more than before", (last.rss_kib - first.rss_kib) / 1024.0, "MiB"),
        Figure::beside("soak: descriptors more than at half", more(|cost| cost.descriptors, &half), ""),
        Figure::beside("soak: threads more than at half", more(|cost| cost.threads, &half), ""),
    ])
}

async fn calls(server: &Server, from: usize, to: usize) -> io::Result<()> {
    let (mut running, mut next): (JoinSet<io::Result<()>>, usize) = (JoinSet::new(), from);
    loop {
        while running.len() < AT_ONCE && next < to {
            let (n, http) = (BEFORE + next, server.http);
            running.spawn(async move {
                let mut call = Call::open(n, http).await?;
                call.talk(TALK).await?;
                call.end().await
            });
            next += 1;
        }
        let Some(ended) = running.join_next().await else { return Ok(()) };
        ended.map_err(io::Error::other)??;
    }
}

/// The slope of the line through the looks, in bytes a call (least squares).
fn slope(looks: &[(usize, Cost)]) -> f64 {
    let count = looks.len().max(1) as f64;
    let mean = |of: fn(&(usize, Cost)) -> f64| looks.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|(done, _)| *done as f64), mean(|(_, cost)| cost.rss_kib));
    let both: f64 = looks.iter().map(|(done, cost)| (*done as f64 - x) * (cost.rss_kib - y)).sum();
    let square: f64 = looks.iter().map(|(done, _)| (*done as f64 - x).powi(2)).sum();
    1024.0 * both / square.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_what_each_call_adds_whatever_was_there_before() {
        let look = |done: usize| {
            let rss_kib = 50_000.0 + done as f64 * 2.0;
            (done, Cost { cpu: Duration::ZERO, pss_kib: 0.0, rss_kib, descriptors: 0, threads: 0 })
        };
        let looks: Vec<(usize, Cost)> = [50, 60, 70].map(look).into();
        assert!((slope(&looks) - 2048.0).abs() < 1e-6);
        assert_eq!(slope(&looks[..1]), 0.0);
    }
}
