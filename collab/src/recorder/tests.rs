//! Files that are written, cut off, too large, and told of.

use std::path::PathBuf;
use std::time::Duration;

use ngcc_collab_core::Tell;
use ngcc_proto::{Body, Role};
use ngcc_runtime::Outlet;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);
const ONE: CollabId = CollabId(1);

/// A recorder, what it tells the data centre, and what it tells the core.
struct Bench {
    recorder: Recorder,
    kept: UnboundedReceiver<Recording>,
    core: Outlet<Input>,
    files: Recordings,
    house: House,
}

impl Bench {
    fn open(place: &PathBuf, most: u64) -> Self {
        let house = House::open(ngcc_runtime::Settings::at(place)).unwrap();
        let (tell, kept) = unbounded_channel();
        let data = move |envelope: Envelope| {
            let Body::RecordingCommand(Command::Keep { recording }) = envelope.body else { panic!() };
            // Who does not listen any more does not need it.
            let _ = tell.send(recording);
        };
        house.bus.attach(Role::Data, Box::new(data));
        let (inbox, core) = Inbox::new("collab", 100);
        let recorder = Recorder::start(&house, most, inbox);
        Self { recorder, kept, core, files: Recordings::in_house(&house.data_dir), house }
    }

    fn begin(&self) {
        let (session, kind, since) = (SessionId(7), Kind::Document, Wall(1000));
        self.recorder.put(ONE, Strip::Begin { session, kind, since });
    }

    fn entry(&self, at: u64, words: &str) {
        self.recorder.put(ONE, Strip::Entry { at, tell: Tell::Y { update: words.into() } });
    }

    async fn recording(&mut self) -> Recording {
        timeout(LIMIT, self.kept.recv()).await.expect("told in time").expect("the writer runs")
    }

    /// As a kill leaves it: whatever was written is there, and nothing is told.
    async fn kill(self) {
        let Self { recorder, house, core, .. } = self;
        drop(recorder);
        house.stop.begin();
        timeout(LIMIT, house.closed()).await.expect("everything is written");
        drop(core);
    }
}

fn place(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ngcc-recorder-{}-{name}", std::process::id()))
}

fn lines(place: &std::path::Path) -> Vec<String> {
    use std::io::Read as _;
    let mut text = String::new();
    Recordings::in_house(place).read(ONE).unwrap().unwrap().read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_recording_goes_on_behind_its_last_whole_line_and_is_told_whole_at_its_end() {
    use std::io::Write as _;
    let place = place("torn");
    let bench = Bench::open(&place, 10_000);
    bench.begin();
    bench.entry(5, "one");
    bench.kill().await;
    let (mut file, bytes) = Recordings::in_house(&place).append(ONE).unwrap();
    file.write_all(b"{\"at\":6,\"fra").unwrap();
    drop(file);
    let mut bench = Bench::open(&place, 10_000);
    bench.recorder.finish_all_but(vec![ONE]);
    bench.begin();
    bench.entry(70, "two");
    bench.recorder.put(ONE, Strip::End);
    let recording = bench.recording().await;
    assert_eq!((recording.collab, recording.session, recording.kind), (ONE, SessionId(7), Kind::Document));
    assert_eq!((recording.started, recording.ended), (Wall(1000), Wall(1070)));
    let lines = lines(&place);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with(r#"{"v":1,"collab":"#), "the beginning stands there once: {}", lines[0]);
    assert_eq!(lines[2], r#"{"at":70,"frame":{"data":{"update":"two"},"type":"y"}}"#);
    assert!(recording.bytes > bytes);
    assert_eq!(recording.bytes, bench.files.read(ONE).unwrap().unwrap().metadata().unwrap().len());
    bench.recorder.put(ONE, Strip::Known);
    bench.kill().await;
    assert!(Recordings::in_house(&place).open().unwrap().is_empty(), "nobody need be told again");
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn what_stood_when_the_server_was_killed_and_does_not_any_more_is_told_at_the_next_start() {
    let place = place("orphan");
    let bench = Bench::open(&place, 10_000);
    bench.begin();
    bench.entry(5, "one");
    bench.kill().await;
    let mut bench = Bench::open(&place, 10_000);
    bench.recorder.finish_all_but(vec![]);
    assert_eq!(bench.recording().await.ended, Wall(1005));
    bench.kill().await;
    let mut bench = Bench::open(&place, 10_000);
    bench.recorder.finish_all_but(vec![]);
    assert_eq!(bench.recording().await.ended, Wall(1005), "and again until it is known");
    bench.kill().await;
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn a_recording_that_is_as_large_as_one_may_be_says_so_and_takes_nothing_more() {
    let place = place("full");
    let mut bench = Bench::open(&place, 300);
    bench.begin();
    bench.entry(5, "one");
    bench.entry(6, &"x".repeat(300));
    bench.entry(7, "small enough, and too late");
    let mut told = vec![];
    timeout(LIMIT, bench.core.take(&mut told, 1)).await.expect("told in time");
    assert!(matches!(told[..], [Input::Unrecorded { collab: ONE, loss: Loss::Full }]), "{told:?}");
    bench.recorder.put(ONE, Strip::End);
    assert_eq!(bench.recording().await.ended, Wall(1006));
    let lines = lines(&place);
    assert_eq!(
        lines[1..],
        [r#"{"at":5,"frame":{"data":{"update":"one"},"type":"y"}}"#, r#"{"at":6,"full":true}"#]
    );
    bench.kill().await;
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn where_nothing_can_be_written_the_core_is_told() {
    let place = place("disk");
    let mut bench = Bench::open(&place, 10_000);
    std::fs::write(place.join("recordings"), "a file where the directory should be").unwrap();
    bench.begin();
    bench.entry(5, "one");
    let mut told = vec![];
    timeout(LIMIT, bench.core.take(&mut told, 1)).await.expect("told in time");
    assert!(matches!(told[..], [Input::Unrecorded { collab: ONE, loss: Loss::Disk }]), "{told:?}");
    bench.kill().await;
    std::fs::remove_dir_all(place).unwrap();
}
