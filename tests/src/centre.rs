//! A centre as its operator runs it: the real binary as a process of its own, on free ports of
//! 127.0.0.1 and in a data directory of its own. It can be killed, started again and looked into.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ngcc_proto::config::Catalogue;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::binary::binary;
use crate::house;
use crate::sounds;

/// How long a start may take before the test gives up; the promise itself is asserted where it counts.
pub(crate) const START: Duration = Duration::from_secs(20);

/// The line a centre writes when it is ready.
#[derive(Clone, Debug, Deserialize)]
struct Ready {
    sip_udp: SocketAddr,
    sip_tcp: SocketAddr,
    http: SocketAddr,
    metrics: SocketAddr,
}

/// A running centre.
pub struct Centre {
    dir: PathBuf,
    ready: Ready,
    child: Child,
    settings: Vec<String>,
    /// What it is launched with in its environment.
    environment: Vec<(&'static str, String)>,
}

impl Centre {
    /// Starts a centre with the catalogue of [`house::catalogue`].
    pub async fn start() -> Self {
        Self::start_with(&house::catalogue(), &[]).await
    }

    /// Starts a centre with a catalogue and settings (`key=value`) of the test's own.
    pub async fn start_with(catalogue: &Catalogue, settings: &[&str]) -> Self {
        Self::start_in(fresh_dir(), catalogue, settings, vec![]).await
    }

    /// The same on a machine that believes this certificate (PEM).
    pub async fn start_believing(catalogue: &Catalogue, certificate: &str) -> Self {
        let dir = fresh_dir();
        fs::create_dir_all(&dir).expect("a directory");
        let path = dir.join("believed.pem");
        fs::write(&path, certificate).expect("a certificate is written");
        let believed = ("SSL_CERT_FILE", path.display().to_string());
        Self::start_in(dir, catalogue, &[], vec![believed]).await
    }

    async fn start_in(
        dir: PathBuf,
        catalogue: &Catalogue,
        settings: &[&str],
        environment: Vec<(&'static str, String)>,
    ) -> Self {
        fs::create_dir_all(dir.join("data/prompts")).expect("a data directory");
        for (name, samples) in sounds::prompts() {
            let path = dir.join(format!("data/prompts/{name}.wav"));
            fs::write(path, sounds::wav(&samples)).expect("a prompt is written");
        }
        // JSON is YAML.
        let text = serde_json::to_string_pretty(catalogue).expect("a catalogue is JSON");
        fs::write(dir.join("catalogue.yaml"), text).expect("a catalogue is written");
        let mut all: Vec<String> = ["http.listen", "http.metrics", "sip.udp", "sip.tcp"]
            .map(|key| format!("{key}=127.0.0.1:0"))
            .to_vec();
        all.extend(["media.local=127.0.0.1", "media.first_port=0", "https.on=false"].map(str::to_owned));
        all.extend(settings.iter().map(|s| (*s).to_owned()));
        let (child, ready) = launch(&dir, &all, &environment, true).await;
        Self { dir, ready, child, settings: all, environment }
    }

    /// Where SIP over UDP is.
    pub fn sip(&self) -> SocketAddr {
        self.ready.sip_udp
    }

    /// Where SIP over TCP is.
    pub fn sip_tcp(&self) -> SocketAddr {
        self.ready.sip_tcp
    }

    /// Where HTTP is.
    pub fn http(&self) -> SocketAddr {
        self.ready.http
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Everything it has written to standard error.
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.dir.join("stderr.log")).unwrap_or_default()
    }

    /// Ends the process as a crash would.
    pub async fn kill9(&mut self) {
        self.child.kill().await.expect("the process can be killed");
    }

    /// Starts it again on the same data and ports; answers how long it took until it was ready.
    pub async fn restart(&mut self) -> Duration {
        let begun = Instant::now();
        let ports = [
            ("http.listen", self.ready.http),
            ("http.metrics", self.ready.metrics),
            ("sip.udp", self.ready.sip_udp),
            ("sip.tcp", self.ready.sip_tcp),
        ];
        let mut settings = self.settings.clone();
        settings.extend(ports.map(|(key, address)| format!("{key}={address}")));
        (self.child, self.ready) = launch(&self.dir, &settings, &self.environment, false).await;
        begun.elapsed()
    }

    /// `kill -9` and start again.
    pub async fn crash(&mut self) -> Duration {
        self.kill9().await;
        self.restart().await
    }

    /// Asks it to stop (SIGTERM) and waits until it has; answers whether it said all was well.
    pub async fn stop(&mut self) -> bool {
        let pid = self.pid().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs");
        assert!(told.success(), "the process {pid} is there");
        let ended = timeout(START, self.child.wait()).await.expect("it stops in time");
        ended.expect("its end can be seen").success()
    }

    /// Runs `ngcc` on its data directory and reads the JSON it answers.
    ///
    /// # Panics
    /// Where the command fails or answers something else.
    pub async fn ask<T: DeserializeOwned>(&self, words: &[&str]) -> T {
        let (success, text) = self.command(words).await;
        assert!(success, "ngcc {words:?}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("ngcc {words:?} answered {text}: {e}"))
    }

    /// Runs `ngcc` on its data directory; answers whether it succeeded and what it wrote.
    pub async fn command(&self, words: &[&str]) -> (bool, String) {
        let mut command = Command::new(binary());
        command.args(["--json", "--data"]).arg(self.data()).args(words).current_dir(&self.dir);
        let output =
            timeout(START, command.output()).await.expect("ngcc answers in time").expect("ngcc runs");
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status.success(), text)
    }

    /// Waits for the first text that was synthesized, and reads it as it is kept.
    ///
    /// # Panics
    /// Where none comes.
    pub async fn until_spoken(&self) -> Vec<i16> {
        let begun = Instant::now();
        loop {
            let kept = fs::read_dir(self.data().join("speech")).into_iter().flatten().flatten();
            let file = kept.map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "wav"));
            if let Some(samples) = file.and_then(|f| fs::read(f).ok()).and_then(|b| sounds::read_wav(&b)) {
                return samples;
            }
            assert!(begun.elapsed() < START, "nothing was synthesized");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Every file of its data directory, and its standard error, that holds `text`.
    pub fn files_that_hold(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        search(&self.dir, text.as_bytes(), &mut found);
        found
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        if std::thread::panicking() {
            // The test's own output says where to look.
            let log = self.stderr();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(60)..].join("\n");
            let text = format!("--- {} ---\n{tail}\n", self.dir.display());
            let _ = io::stderr().write_all(text.as_bytes());
        } else {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

fn fresh_dir() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("ngcc-tests-{}-{n}", std::process::id()))
}

async fn launch(
    dir: &Path,
    settings: &[String],
    environment: &[(&str, String)],
    import: bool,
) -> (Child, Ready) {
    let log = fs::OpenOptions::new().create(true).append(true).open(dir.join("stderr.log"));
    let mut command = Command::new(binary());
    command.arg("--data").arg(dir.join("data"));
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.arg("serve");
    if import {
        command.arg("--import").arg(dir.join("catalogue.yaml"));
    }
    if let Ok(bus) = std::env::var("NGCC_TEST_BUS") {
        command.args(["--bus", &bus]);
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    command.stderr(log.expect("a file for standard error"));
    let mut child = command.spawn().expect("ngcc starts");
    let stdout = child.stdout.take().expect("its standard output");
    let mut lines = BufReader::new(stdout).lines();
    let line = timeout(START, lines.next_line())
        .await
        .expect("it is ready in time")
        .expect("its output can be read");
    let tail = || fs::read_to_string(dir.join("stderr.log")).unwrap_or_default();
    let line = line.unwrap_or_else(|| panic!("it ended before it was ready:\n{}", tail()));
    let ready = serde_json::from_str(&line).unwrap_or_else(|e| panic!("the readiness line {line}: {e}"));
    (child, ready)
}

fn search(dir: &Path, bytes: &[u8], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path, bytes, found);
        } else if fs::read(&path).is_ok_and(|text| text.windows(bytes.len()).any(|w| w == bytes)) {
            found.push(path);
        }
    }
}
