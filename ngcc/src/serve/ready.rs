//! The word that the centre is ready: one JSON line for programs, a few lines for people.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use crate::catalogue::demo::{PASSWORD, PIN};
use crate::out;

/// Where everything listens.
#[derive(Debug, Serialize)]
pub(super) struct Ready {
    /// Always true: the line comes when it is.
    pub(super) ready: bool,
    /// SIP over UDP.
    pub(super) sip_udp: SocketAddr,
    /// SIP over TCP.
    pub(super) sip_tcp: SocketAddr,
    /// HTTP.
    pub(super) http: SocketAddr,
    /// HTTPS, if it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) https: Option<SocketAddr>,
    /// Metrics.
    pub(super) metrics: SocketAddr,
    /// The control socket.
    pub(super) control: PathBuf,
    /// The process.
    pub(super) pid: u32,
    /// Whether it is the demo.
    #[serde(skip)]
    pub(super) demo: bool,
}

/// Tells whoever reads standard output.
pub(super) fn tell(ready: &Ready) {
    if std::io::stdout().is_terminal() {
        words(ready).iter().for_each(out::line);
        return;
    }
    match serde_json::to_string(ready) {
        Ok(text) => out::line(text),
        Err(e) => tracing::error!(error = %e, "the readiness line cannot be written"),
    }
}

fn words(ready: &Ready) -> Vec<String> {
    let Ready { sip_udp, http, metrics, .. } = ready;
    let mut lines = vec![
        "ngcc is ready.".to_owned(),
        format!("  SIP      {sip_udp} (UDP), {} (TCP)", ready.sip_tcp),
        format!("  console  http://{http}/console/"),
        format!("  health   http://{http}/readyz     figures  http://{metrics}/metrics"),
    ];
    if let Some(https) = ready.https {
        lines.insert(
            3,
            format!("           https://{https}/console/ from another machine: only so has it a microphone"),
        );
    }
    if ready.demo {
        lines.extend([
            String::new(),
            format!("Open http://{http}/demo: a shop with its chat, and the agents' console (alice, bob; supervisor sue;"),
            format!("administrator root; password `{PASSWORD}`)."),
            format!("With phones: register 7001 and 7002 at {sip_udp} with the secret `{PASSWORD}`, sign in at the console"),
            format!("\"on my phone\", and dial sip:1000@{sip_udp} for the menu. *8 hands the caller to the automatic"),
            format!("service, *9 takes them back; *12 ready, *13 not ready, *14 end wrap-up, *10 sign out (PIN {PIN})."),
        ]);
    }
    let data = ready.control.parent().map(|dir| dir.display().to_string()).unwrap_or_default();
    lines.push(String::new());
    lines.push(format!(
        "`ngcc call list --data {data}` and `ngcc agent status --data {data}` look inside. Ctrl-C ends it."
    ));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(demo: bool) -> Ready {
        let at = SocketAddr::from(([127, 0, 0, 1], 5060));
        let control = PathBuf::from("data/control.sock");
        Ready {
            ready: true,
            sip_udp: at,
            sip_tcp: at,
            http: at,
            https: Some(at),
            metrics: at,
            control,
            pid: 1,
            demo,
        }
    }

    #[test]
    fn people_are_told_what_to_dial_in_the_demo() {
        assert!(words(&ready(true)).iter().any(|line| line.contains("sip:1000@127.0.0.1:5060")));
        assert!(!words(&ready(false)).iter().any(|line| line.contains("1000")));
    }

    #[test]
    fn programs_are_told_every_port() {
        let line = serde_json::to_value(ready(true)).unwrap();
        for key in ["sip_udp", "sip_tcp", "http", "https", "metrics"] {
            assert_eq!(line[key], "127.0.0.1:5060", "{key}");
        }
        assert_eq!((line["ready"].clone(), line["pid"].clone()), (true.into(), 1.into()));
        assert!(line.get("demo").is_none());
    }
}
