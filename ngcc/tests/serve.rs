//! `ngcc serve` as a process: readiness, the control socket, one process a data directory, orderly stop.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "what a test's own helpers cannot do ends the test")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Ran, Scratch};
use serde_json::Value;

const LOOPBACK: &[&str] = &[
    "--set",
    "sip.udp=127.0.0.1:0",
    "--set",
    "sip.tcp=127.0.0.1:0",
    "--set",
    "http.listen=127.0.0.1:0",
    "--set",
    "https.listen=127.0.0.1:0",
    "--set",
    "http.metrics=127.0.0.1:0",
    "--set",
    "media.local=127.0.0.1",
    "--set",
    "media.first_port=0",
];

/// A running centre; killed when dropped.
struct Serving {
    child: Child,
    ready: Value,
}

impl Serving {
    fn start(scratch: &Scratch, args: &[&str]) -> Self {
        let mut all = args.to_vec();
        all.extend_from_slice(LOOPBACK);
        let mut child = scratch.ngcc(&all).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|e| panic!("no readiness: {e}: {line}"));
        Self { child, ready }
    }

    fn at(&self, key: &str) -> SocketAddr {
        self.ready[key].as_str().unwrap().parse().unwrap()
    }

    fn get(&self, listener: &str, path: &str) -> String {
        use std::io::Write as _;
        let mut stream = TcpStream::connect(self.at(listener)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// SIGTERM, and the exit code.
    fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::yield_now();
        }
        panic!("it did not stop");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

#[test]
fn a_centre_says_where_it_listens_serves_and_stops_in_order() {
    let scratch = Scratch::new("serve");
    let serving = Serving::start(&scratch, &["serve"]);

    assert_eq!(serving.ready["ready"], true);
    assert_eq!(serving.ready["pid"], serving.child.id());
    assert!(serving.get("http", "/readyz").starts_with("HTTP/1.1 200"), "{}", serving.get("http", "/readyz"));
    assert!(serving.get("http", "/healthz").starts_with("HTTP/1.1 200"));
    assert!(serving.get("metrics", "/metrics").contains("# TYPE"));

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (us, sip) = (socket.local_addr().unwrap(), serving.at("sip_udp"));
    let options = format!(
        "OPTIONS sip:{sip} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKx;rport\r\nMax-Forwards: 70\r\n\
         From: <sip:a@{us}>;tag=1\r\nTo: <sip:{sip}>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    socket.send_to(options.as_bytes(), sip).unwrap();
    let mut buffer = [0; 4096];
    let n = socket.recv(&mut buffer).unwrap();
    assert!(buffer[..n].starts_with(b"SIP/2.0 200"), "{}", String::from_utf8_lossy(&buffer[..n]));

    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn https_is_served_with_a_certificate_that_names_this_machine_and_is_the_same_after_a_restart() {
    use std::io::Write as _;
    use std::sync::Arc;

    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName};

    let scratch = Scratch::new("https");
    let mut certificates = Vec::new();
    for name in ["localhost", "127.0.0.1"] {
        let serving = Serving::start(&scratch, &["serve"]);
        let pem = scratch.0.join("data/keys/https.pem");
        let certificate = CertificateDer::from_pem_file(&pem).unwrap();
        certificates.push(std::fs::read(&pem).unwrap());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(name).unwrap();
        let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(serving.at("https")).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        // A peer that closes without a goodbye of TLS has sent everything all the same.
        let _ = stream.read_to_string(&mut text);
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("strict-transport-security"), "{text}");
        assert_eq!(serving.stop(), Some(0));
    }
    assert_eq!(certificates[0], certificates[1], "a browser that took it is not asked again");
}

#[test]
fn the_console_and_the_interface_are_served_beside_health_and_nothing_may_be_inline() {
    let scratch = Scratch::new("web");
    let serving = Serving::start(&scratch, &["serve"]);
    let me = serving.get("http", "/api/v1/me");
    assert!(me.starts_with("HTTP/1.1 401") && me.contains("not_signed_in"), "{me}");
    for path in ["/", "/console/", "/readyz", "/nowhere"] {
        let answer = serving.get("http", path);
        assert!(answer.contains("content-security-policy: default-src 'self'"), "{path}: {answer}");
        assert!(!answer.contains("strict-transport-security"), "{path}: {answer}");
    }
    assert!(serving.get("http", "/demo/status").starts_with("HTTP/1.1 404"), "there is no demo here");
}

#[test]
fn the_control_socket_belongs_to_its_owner_and_the_command_line_uses_it() {
    let scratch = Scratch::new("control");
    let serving = Serving::start(&scratch, &["serve"]);
    let socket = std::path::PathBuf::from(serving.ready["control"].as_str().unwrap());
    let mode = std::fs::metadata(scratch.0.join(socket)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    ok(scratch.run(&["user", "add", "alice", "--display", "Alice", "--role", "agent"]));
    ok(scratch.run(&["phone", "add", "7001", "--secret", "geheim"]));
    ok(scratch.run(&["agent", "add", "alice", "--phone", "7001", "--pin", "4711"]));
    ok(scratch.run(&["queue", "add", "sales", "--member", "alice", "--ring", "15"]));
    ok(scratch.run(&["number", "add", "2000", "--to", "queue:sales", "--public", "true"]));
    let queues = ok(scratch.run(&["queue", "list", "--json"])).json();
    assert_eq!((queues[0]["name"].as_str(), queues[0]["ring_s"].as_u64()), (Some("sales"), Some(15)));

    let again = scratch.run(&["queue", "add", "sales"]);
    assert!(again.code == Some(1) && again.err.contains("is there already"), "{again:?}");
    let gone = scratch.run(&["queue", "show", "support"]);
    assert!(gone.code == Some(1) && gone.err.contains("no queue `support`"), "{gone:?}");
    let refused = scratch.run(&["number", "add", "3000", "--to", "queue:support"]);
    assert!(refused.code == Some(1) && refused.err.contains("support"), "{refused:?}");

    let seats = ok(scratch.run(&["agent", "status", "--json"])).json();
    assert_eq!(seats[0]["agent"], "agent:alice");
    let live = ok(scratch.run(&["call", "list", "--json"])).json();
    assert_eq!(live["total"], 0);
    let nobody = scratch.run(&["agent", "ready", "zoe"]);
    assert!(nobody.code == Some(1) && nobody.err.contains("zoe"), "{nobody:?}");

    let exported = ok(scratch.run(&["export"])).out;
    assert!(
        exported.contains("sales") && !exported.contains("geheim") && !exported.contains("4711"),
        "{exported}"
    );
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn without_a_server_the_command_line_opens_the_data_centre_itself() {
    let scratch = Scratch::new("alone");
    ok(scratch.run(&["user", "add", "bob", "--role", "agent"]));
    ok(scratch.run(&["export", "first.yaml"]));
    ok(scratch.run(&["user", "remove", "bob"]));
    assert_eq!(ok(scratch.run(&["user", "list", "--json"])).json(), serde_json::json!([]));
    ok(scratch.run(&["import", "first.yaml"]));
    assert_eq!(ok(scratch.run(&["user", "list", "--json"])).json()[0]["name"], "bob");

    let serving = Serving::start(&scratch, &["serve"]);
    assert_eq!(ok(scratch.run(&["user", "list", "--json"])).json()[0]["name"], "bob");
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn a_data_directory_is_never_opened_twice() {
    let scratch = Scratch::new("twice");
    let _serving = Serving::start(&scratch, &["serve"]);
    let mut args = vec!["serve"];
    args.extend_from_slice(LOOPBACK);
    let second = scratch.run(&args);
    assert_eq!(second.code, Some(2), "{second:?}");
    assert!(second.err.contains("in use"), "{second:?}");
}

#[test]
fn a_port_in_use_is_one_line_with_the_port_the_setting_and_what_to_do() {
    let scratch = Scratch::new("port");
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let mut args = vec!["serve"];
    args.extend_from_slice(LOOPBACK);
    let set = format!("sip.udp={at}");
    args.extend(["--set", &set]);
    let ran = scratch.run(&args);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let line = ran.err.lines().find(|l| l.starts_with("ngcc: ")).unwrap_or_default().to_owned();
    assert!(
        line.contains(&at.port().to_string()) && line.contains("sip.udp") && line.contains("another"),
        "{ran:?}"
    );
}

#[test]
fn a_catalogue_that_is_refused_keeps_the_centre_from_starting() {
    let scratch = Scratch::new("refused");
    scratch.write("c.yaml", "numbers:\n- {number: '1', to: {queue: nowhere}}\n");
    let mut args = vec!["serve", "--import", "c.yaml"];
    args.extend_from_slice(LOOPBACK);
    let ran = scratch.run(&args);
    assert!(ran.code != Some(0) && ran.err.contains("nowhere"), "{ran:?}");
}

#[test]
fn the_demo_starts_with_its_agents_and_listens_on_this_machine_only() {
    let scratch = Scratch::new("demo");
    let serving = Serving::start(&scratch, &["demo"]);
    let numbers = ok(scratch.run(&["number", "list", "--json", "--data", "data/demo"])).json();
    assert!(numbers.as_array().unwrap().iter().any(|n| n["number"] == "1000"), "{numbers}");
    let status = serving.get("http", "/demo/status");
    assert!(status.starts_with("HTTP/1.1 403"), "`x` is no name of this machine: {status}");
    assert_eq!(serving.stop(), Some(0));

    let ran = scratch.run(&["demo", "--set", "sip.udp=0.0.0.0:0"]);
    assert!(ran.code == Some(2) && ran.err.contains("sip.udp") && ran.err.contains("127.0.0.1"), "{ran:?}");
}
