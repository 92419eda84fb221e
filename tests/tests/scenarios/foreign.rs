//! Clients that are not ours: baresip talks, SIPp calls in numbers.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use ngcc_phone::{Sound, share_of_tone, sine};
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SECRET, SOON, registered};
use ngcc_tests::sounds::{AGENT, CUSTOMER, wav};
use tokio::process::Command;
use tokio::time::timeout;

use crate::CASCADE;

/// A fresh directory that baresip takes as its home.
fn baresip_home(centre: &Centre, target: &Path) {
    fs::create_dir_all(target).unwrap();
    fs::write(target.join("say.wav"), wav(&sine(CUSTOMER, 8000 * 60))).unwrap();
    let config = format!(
        "net_interface 127.0.0.1\nsip_listen 127.0.0.1:0\naudio_player aufile,/dev/null\n\
         audio_source aufile,{home}/say.wav\naudio_alert aufile,/dev/null\naudio_srate 8000\n\
         audio_channels 1\nrtp_ports 40000-49998\nmodule_path {modules}\nmodule g711.so\nmodule aufile.so\n\
         module sndfile.so\nsnd_path {home}\nmodule_app account.so\nmodule_app menu.so\n",
        home = target.display(),
        modules = module_path(),
    );
    fs::write(target.join("config"), config).unwrap();
    let server = centre.sip();
    let account = format!(
        "<sip:7003@{server};transport=udp>;auth_user=7003;auth_pass={SECRET};regint=60;audio_codecs=pcmu/8000\n"
    );
    fs::write(target.join("accounts"), account).unwrap();
    fs::write(target.join("contacts"), "").unwrap();
}

fn module_path() -> &'static str {
    [
        "/usr/lib/baresip/modules",
        "/usr/lib/x86_64-linux-gnu/baresip/modules",
        "/usr/lib/aarch64-linux-gnu/baresip/modules",
    ]
    .into_iter()
    .find(|p| Path::new(p).is_dir())
    .unwrap_or("/usr/lib/baresip/modules")
}

#[tokio::test]
async fn baresip_registers_calls_and_hears_and_is_heard() {
    let centre = Centre::start().await;
    let callee = registered(&centre, "7001").await;
    let home = centre.data().join("baresip");
    baresip_home(&centre, &home);
    let mut baresip = Command::new("baresip")
        .args(["-v", "-f"])
        .arg(&home)
        .args(["-e", &format!("/dial sip:7001@{}", centre.sip()), "-t", "20"])
        .stdin(Stdio::null())
        .stdout(fs::File::create(home.join("out.log")).unwrap())
        .stderr(fs::File::create(home.join("err.log")).unwrap())
        .kill_on_drop(true)
        .spawn()
        .expect("baresip is installed (tests/setup test)");
    let log = || fs::read_to_string(home.join("out.log")).unwrap_or_default();
    let ringing = callee.next_call(SOON).await.unwrap_or_else(|e| panic!("{e}: {}", log()));
    assert_eq!(ringing.caller(), "7003");
    let g = ringing.answer().await.unwrap();
    g.speak(Sound::Tone(AGENT));
    g.hears_only(&[CUSTOMER], SOON).await.unwrap_or_else(|e| panic!("{e}: {}", log()));
    g.keeps_hearing_only(&[CUSTOMER], Duration::from_secs(2)).await.unwrap();
    g.hang_up().await.unwrap();
    // It writes its recording to the end when the call ends, and only then says so.
    let over = async {
        while !log().contains("terminated") {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    timeout(CASCADE, over).await.expect("baresip hears of the end");
    baresip.kill().await.unwrap();
    let heard = heard_by(&home);
    assert!(share_of_tone(&heard, AGENT) > 0.8, "baresip heard {}", share_of_tone(&heard, AGENT));
}

/// A second from the middle of what baresip received.
fn heard_by(home: &Path) -> Vec<i16> {
    let dump = fs::read_dir(home)
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().ends_with("dec.wav")));
    let bytes = fs::read(dump.expect("baresip dumped what it heard")).unwrap();
    let samples: Vec<i16> = bytes[44..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
    samples[6000..14_000].to_vec()
}

#[tokio::test]
async fn sipp_calls_two_hundred_times_and_every_call_is_answered() {
    let centre = Centre::start().await;
    let home = centre.data().join("sipp");
    fs::create_dir_all(&home).unwrap();
    let mut sipp = Command::new("sipp");
    sipp.args([
        "-sn",
        "uac",
        "-s",
        "1000",
        "-i",
        "127.0.0.1",
        "-m",
        "200",
        "-r",
        "20",
        "-d",
        "500",
        "-nostdin",
    ])
    .args(["-trace_stat", "-stf", "stat.csv"])
    .arg(centre.sip().to_string())
    .current_dir(&home)
    .stdin(Stdio::null())
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .kill_on_drop(true);
    let output = timeout(Duration::from_secs(120), sipp.output()).await.expect("SIPp ends");
    let output = output.expect("SIPp is installed (tests/setup test)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let statistics = fs::read_to_string(home.join("stat.csv")).unwrap();
    assert_eq!((figure(&statistics, "SuccessfulCall(C)"), figure(&statistics, "FailedCall(C)")), (200, 0));
    assert_eq!(centre.stored(200).await.len(), 200);
}

/// The last value of a column of SIPp's statistics.
fn figure(statistics: &str, column: &str) -> u64 {
    let mut lines = statistics.lines();
    let at = lines.next().and_then(|head| head.split(';').position(|name| name == column)).expect("a column");
    let last = lines.next_back().and_then(|line| line.split(';').nth(at)).expect("a value");
    last.parse().expect("a number")
}
