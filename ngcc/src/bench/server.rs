//! The centre under measurement: a child process of this very binary on free loopback ports and a data directory of
//! its own, and what the kernel says it costs.

use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::catalogue::bench;
use crate::failure::Failure;

/// How long a start may take.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How much longer for each password.
const KEPT_PASSWORD: Duration = Duration::from_millis(200);

/// A running centre; it is ended, and its data removed, when this is dropped.
pub(super) struct Server {
    child: Child,
    dir: PathBuf,
    /// Where it takes SIP over UDP.
    pub(super) sip: SocketAddr,
    /// Where it takes HTTP and WebSockets.
    pub(super) http: SocketAddr,
    /// From the start of the process to its readiness.
    pub(super) start: Duration,
}

/// What the kernel says about the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// CPU time since its start.
    pub(super) cpu: Duration,
    /// Proportional set size in KiB.
    pub(super) pss_kib: f64,
    /// Resident set size in KiB.
    pub(super) rss_kib: f64,
    /// Open descriptors.
    pub(super) descriptors: usize,
    /// Threads.
    pub(super) threads: usize,
}

impl Cost {
    /// CPU time since an earlier look, in microseconds.
    pub(super) fn micros_since(&self, before: &Self) -> f64 {
        self.cpu.saturating_sub(before.cpu).as_secs_f64() * 1e6
    }
}

#[derive(Deserialize)]
struct Ready {
    sip_udp: SocketAddr,
    http: SocketAddr,
}

impl Server {
    /// Starts one with that catalogue, whose phones are called at `agents`.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn start(catalogue: &str, agents: SocketAddr) -> Result<Self, Failure> {
        Self::start_with(catalogue, agents, START_LIMIT, |dir| bench::write(dir, agents.port()))
    }

    /// Starts one with that many agents, whose passwords take their time to be kept.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn start_idle(agents: usize) -> Result<Self, Failure> {
        let limit = START_LIMIT + KEPT_PASSWORD * u32::try_from(agents).unwrap_or(u32::MAX);
        // No phone is called here.
        Self::start_with(bench::IDLE, ([127, 0, 0, 1], 9).into(), limit, |dir| bench::write_idle(dir, agents))
    }

    fn start_with(
        catalogue: &str,
        agents: SocketAddr,
        limit: Duration,
        write: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<Self, Failure> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let n = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("ngcc-bench-{}-{n}", std::process::id()));
        let io = || Failure::io(format!("{} cannot be used", dir.display()));
        // What an earlier run of the same process id left behind.
        let _ = std::fs::remove_dir_all(&dir);
        write(&dir).map_err(io())?;
        let program = std::env::current_exe().map_err(io())?;
        let began = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--import"])
            .arg(dir.join(catalogue))
            .arg("--data")
            .arg(dir.join("data"))
            .args(["--set", "sip.udp=127.0.0.1:0", "--set", "sip.tcp=127.0.0.1:0"])
            .args(["--set", "http.listen=127.0.0.1:0", "--set", "http.metrics=127.0.0.1:0"])
            .args(["--set", "https.on=false"])
            .args(["--set", "media.local=127.0.0.1", "--set", "log.level=warn"])
            .args(["--set", "sip.max_legs=100000"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(io())?;
        let Some(stdout) = child.stdout.take() else {
            return Err(Failure::Start("the centre has no standard output".to_owned()));
        };
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // A line that cannot be read is no readiness; neither is one that nobody waits for any more.
            let _ = BufReader::new(stdout).read_line(&mut line).map(|_| tell.send(line));
        });
        let line = told.recv_timeout(limit).unwrap_or_default();
        let start = began.elapsed();
        // From here on dropping it ends the child.
        let mut server = Self { child, dir, sip: agents, http: agents, start };
        let Ok(Ready { sip_udp, http }) = serde_json::from_str(&line) else {
            return Err(Failure::Start(
                "the centre to be measured did not start; it says why above".to_owned(),
            ));
        };
        (server.sip, server.http) = (sip_udp, http);
        Ok(server)
    }

    /// What it has cost so far.
    pub(super) fn cost(&self) -> Cost {
        let proc = PathBuf::from(format!("/proc/{}", self.child.id()));
        let read = |name: &str| std::fs::read_to_string(proc.join(name)).unwrap_or_default();
        let (maps, status) = (read("smaps_rollup"), read("status"));
        let descriptors = std::fs::read_dir(proc.join("fd")).map_or(0, Iterator::count);
        Cost {
            cpu: cpu_of(&read("stat")).unwrap_or_default(),
            pss_kib: number_of(&maps, "Pss:"),
            rss_kib: number_of(&maps, "Rss:"),
            descriptors,
            threads: number_of(&status, "Threads:") as usize,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is measured no more, and what it kept is of no use to anybody.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The number behind `key` at the beginning of a line; 0 where there is none.
fn number_of(text: &str, key: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse().ok());
    found.unwrap_or(0.0)
}

/// User and system time of `/proc/<pid>/stat`, whose unit is 10 ms on Linux.
fn cpu_of(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(|field| field.parse::<u64>().ok());
    let ticks = times.next()?? + times.next()??;
    Some(Duration::from_millis(ticks * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_user_and_system_time_whatever_the_program_is_called() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 3 0 0";
        assert_eq!(cpu_of(stat), Some(Duration::from_secs(2)));
        assert_eq!(cpu_of(""), None);
    }
}
