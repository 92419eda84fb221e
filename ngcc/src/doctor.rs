//! `ngcc doctor`: looks whether this machine is fit to run the centre. Every finding says what to do.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use ngcc_runtime::House;
use serde::Serialize;

use crate::failure::Failure;
use crate::out;
use crate::settings::Settings;

/// Open files that a busy centre needs: two RTP sockets a leg, and room beside them.
const FILES_WANTED: usize = 16_384;
/// The beginning of 2026 in seconds since 1970: a clock before it is wrong.
const CLOCK_FLOOR: u64 = 1_767_225_600;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    Weak,
    Bad,
}

/// One check.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    found: String,
}

/// Runs every check and prints it.
///
/// # Errors
/// [`Failure::Refused`] with the checks that keep the centre from running.
pub(crate) fn run(settings: &Settings, running: bool, json: bool) -> Result<(), Failure> {
    let findings = examine(settings, running);
    if json {
        out::json(&findings);
    } else {
        for finding in &findings {
            let mark = match finding.verdict {
                Verdict::Good => "ok  ",
                Verdict::Weak => "weak",
                Verdict::Bad => "BAD ",
            };
            out::line(format!("{mark}  {:<16} {}", finding.check, finding.found));
        }
    }
    let bad: Vec<String> = findings
        .into_iter()
        .filter(|f| f.verdict == Verdict::Bad)
        .map(|f| format!("{}: {}", f.check, f.found))
        .collect();
    if bad.is_empty() { Ok(()) } else { Err(Failure::Refused(bad)) }
}

fn examine(settings: &Settings, running: bool) -> Vec<Finding> {
    let mut findings = vec![data_dir(&settings.data.dir, running)];
    if running {
        findings.push(good("ports", "a server of ours is running on this data directory".to_owned()));
    } else {
        findings.push(port("sip.udp", settings.sip.udp, |at| UdpSocket::bind(at).map(drop)));
        findings.push(port("sip.tcp", settings.sip.tcp, |at| TcpListener::bind(at).map(drop)));
        findings.push(port("http.listen", settings.http.listen, |at| TcpListener::bind(at).map(drop)));
        if settings.https.on {
            findings.push(port("https.listen", settings.https.listen, |at| TcpListener::bind(at).map(drop)));
        }
        findings.push(port("http.metrics", settings.http.metrics, |at| TcpListener::bind(at).map(drop)));
        let media = SocketAddr::new(settings.media.local, settings.media.first_port);
        findings.push(port("media.first_port", media, |at| UdpSocket::bind(at).map(drop)));
    }
    findings.push(speech(&settings.flow.speech));
    findings.push(open_files());
    findings.push(clock());
    findings
}

fn good(check: &'static str, found: String) -> Finding {
    Finding { check, verdict: Verdict::Good, found }
}

fn data_dir(dir: &Path, running: bool) -> Finding {
    let check = "data.dir";
    if running {
        return good(check, format!("{} is held by the running server", dir.display()));
    }
    match House::open(ngcc_runtime::Settings::at(dir)) {
        Ok(_house) => good(check, format!("{} can be written", dir.display())),
        Err(e) => Finding { check, verdict: Verdict::Bad, found: e.to_string() },
    }
}

fn port(check: &'static str, at: SocketAddr, bind: impl Fn(SocketAddr) -> std::io::Result<()>) -> Finding {
    match bind(at) {
        Ok(()) => good(check, format!("{at} is free")),
        Err(e) => {
            let found = format!("{at} cannot be bound ({e}): stop what uses it, or set {check} to another");
            Finding { check, verdict: Verdict::Bad, found }
        }
    }
}

fn speech(program: &Path) -> Finding {
    let check = "flow.speech";
    let run = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    match run {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            good(check, text.lines().next().unwrap_or_default().chars().take(80).collect())
        }
        Ok(_) | Err(_) => {
            let found =
                format!("{} is not there: `say` cannot speak; apt-get install espeak-ng", program.display());
            Finding { check, verdict: Verdict::Weak, found }
        }
    }
}

/// How many descriptors this process may open; none where it cannot be read, or is without limit.
pub(crate) fn descriptors() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let numbers = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    numbers.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
}

fn open_files() -> Finding {
    let check = "open files";
    match descriptors() {
        None => Finding { check, verdict: Verdict::Weak, found: "the limit cannot be read".to_owned() },
        Some(n) if n >= FILES_WANTED => good(check, format!("{n} allowed")),
        Some(n) => {
            let found =
                format!("{n} allowed, about {} calls at once; `ulimit -n {FILES_WANTED}` raises it", n / 4);
            Finding { check, verdict: Verdict::Weak, found }
        }
    }
}

fn clock() -> Finding {
    let check = "clock";
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) if since.as_secs() >= CLOCK_FLOOR => {
            good(check, ngcc_proto::Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).to_string())
        }
        Ok(_) | Err(_) => {
            let found = "the calendar is wrong: set it, or records will carry wrong times".to_owned();
            Finding { check, verdict: Verdict::Bad, found }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_found_with_the_setting_that_names_it() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let finding = port("sip.udp", taken.local_addr().unwrap(), |at| UdpSocket::bind(at).map(drop));
        assert_eq!(finding.verdict, Verdict::Bad);
        assert!(finding.found.contains("set sip.udp to another"), "{}", finding.found);
    }

    #[test]
    fn this_machine_has_a_clock_and_a_limit_of_files() {
        assert_eq!(clock().verdict, Verdict::Good);
        assert!(open_files().found.contains("allowed"));
    }
}
