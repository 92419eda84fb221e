//! Files that are written, cut off, too large, and told of; read by a reader of the tests' own.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use ngcc_ivr_core::film::Size;
use ngcc_ivr_core::film::webm::{block_head, cluster_time, element, head_length};
use ngcc_proto::{Body, Mono, Role};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);
const ONE: CollabId = CollabId(1);
const SESSION: SessionId = SessionId(7);

/// A recorder, what it tells the data centre, and what it tells the core.
struct Bench {
    recorder: Recorder,
    kept: UnboundedReceiver<Recording>,
    core: UnboundedReceiver<(CollabId, Loss)>,
    house: House,
}

impl Bench {
    fn open(place: &Path, most: u64) -> Self {
        let house = House::open(ngcc_runtime::Settings::at(place)).unwrap();
        let (tell, kept) = unbounded_channel();
        let data = move |envelope: Envelope| {
            let Body::ScreenCommand(MediaCommand::Keep { recording }) = envelope.body else { panic!() };
            // Who does not listen any more does not need it.
            let _ = tell.send(recording);
        };
        house.bus.attach(Role::Data, Box::new(data));
        let (lose, core) = unbounded_channel();
        let recorder = Recorder::start(&house, most, move |collab, loss| {
            // As above.
            let _ = lose.send((collab, loss));
        });
        Self { recorder, kept, core, house }
    }

    fn begin(&self) {
        self.recorder.put(ONE, Strip::Begin { session: SESSION });
    }

    /// A picture, so many milliseconds behind the start of this test's own count.
    fn frame(&self, at_ms: u64, is_key: bool, bytes: &[u8]) {
        let key = is_key.then_some(Size { width: 320, height: 240 });
        let at = Mono(1_000_000 + at_ms * 1000);
        self.recorder.frame(ONE, Frame { at, key, bytes: bytes.to_vec() });
    }

    async fn recording(&mut self) -> Recording {
        timeout(LIMIT, self.kept.recv()).await.expect("told in time").expect("the writer runs")
    }

    async fn lost(&mut self) -> (CollabId, Loss) {
        timeout(LIMIT, self.core.recv()).await.expect("told in time").expect("the writer runs")
    }

    /// As a kill leaves it: whatever was written is there, and nothing is told.
    async fn kill(self) {
        let Self { recorder, house, .. } = self;
        drop(recorder);
        house.stop.begin();
        timeout(LIMIT, house.closed()).await.expect("everything is written");
    }
}

fn place(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ngcc-films-{}-{name}", std::process::id()))
}

fn read(place: &Path) -> Vec<u8> {
    let mut bytes = vec![];
    Recordings::of_screens(place).read(ONE).unwrap().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Each picture's time, whether it is a key frame, and what it is.
fn pictures(file: &[u8]) -> Vec<(u64, bool, Vec<u8>)> {
    let (mut at, mut time, mut found) = (head_length(), 0, vec![]);
    while at < file.len() {
        if let Some(begun) = cluster_time(&file[at..]) {
            (time, at) = (begun, at + 18);
            continue;
        }
        let block = block_head(&file[at..]).expect("a block or a cluster, and nothing torn");
        let end = at + block.length as usize;
        found.push((time + block.after, block.is_key, file[at + 9..end].to_vec()));
        at = end;
    }
    found
}

fn bytes(file: &[u8]) -> Vec<Vec<u8>> {
    pictures(file).into_iter().map(|(.., bytes)| bytes).collect()
}

#[tokio::test]
async fn a_recording_goes_on_behind_its_last_whole_picture_and_is_told_whole_at_its_end() {
    let place = place("torn");
    let bench = Bench::open(&place, 1 << 20);
    bench.begin();
    bench.frame(0, false, b"of before the first key frame");
    bench.frame(40, true, b"one");
    bench.frame(80, false, &[2; 500_000]);
    bench.frame(120, false, b"three");
    bench.kill().await;
    let whole = read(&place);
    let file = Recordings::of_screens(&place).part(ONE).unwrap().unwrap();
    file.write_all_at(&[0xA3, 0x10, 0, 1, 0, 0x81, 0, 99], whole.len() as u64).unwrap();
    let mut bench = Bench::open(&place, 1 << 20);
    bench.recorder.finish_all_but(vec![ONE]);
    bench.begin();
    bench.frame(9_000, true, b"four");
    bench.frame(20_000, false, b"five");
    bench.recorder.put(ONE, Strip::End);
    let recording = bench.recording().await;
    assert_eq!((recording.collab, recording.session, recording.kind), (ONE, SESSION, Kind::Screen));
    let file = read(&place);
    assert_eq!(recording.bytes, file.len() as u64);
    let pictures = pictures(&file);
    assert_eq!(
        bytes(&file),
        [b"one".to_vec(), vec![2; 500_000], b"three".to_vec(), b"four".to_vec(), b"five".to_vec()]
    );
    let times: Vec<u64> = pictures.iter().map(|(at, ..)| *at).collect();
    assert_eq!(times[..3], [0, 40, 80]);
    assert!(times[3] > 80 && times[4] == times[3] + 11_000, "{times:?}");
    assert_eq!(recording.ended, Wall(recording.started.0 + times[4] as i64 + 40));
    // Every size is known now, and where the key frames are.
    let ebml = element(&file).unwrap();
    let segment = ebml.head + ebml.size.unwrap() as usize;
    let outer = element(&file[segment..]).unwrap();
    assert_eq!(outer.size, Some((file.len() - segment - outer.head) as u64));
    let cues = element(&file[head_length() - 64 * 1024..]).unwrap();
    assert_eq!((cues.id, cues.size), (0x1C53_BB6B, Some(2 * 23)), "one of each key frame");
    bench.recorder.put(ONE, Strip::Known);
    bench.kill().await;
    assert!(Recordings::of_screens(&place).open().unwrap().is_empty(), "nobody need be told again");
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn a_file_torn_at_any_place_goes_on_behind_what_is_whole_of_it() {
    let place = place("anywhere");
    let mut bench = Bench::open(&place, 1 << 20);
    bench.begin();
    for n in 0..3u8 {
        bench.frame(u64::from(n) * 40, n != 1, &[n; 5]);
    }
    bench.recorder.put(ONE, Strip::End);
    bench.recording().await;
    bench.kill().await;
    let whole = read(&place);
    for cut in (0..40).chain(head_length() - 2..=whole.len()) {
        let path = place.join("cut");
        std::fs::write(&path, &whole[..cut]).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let left = Reel::read(file).unwrap().map(|_| bytes(&std::fs::read(&path).unwrap()).len());
        // A cluster's head, a block's head, and five bytes.
        let ends = [(18 + 14, 1), (18 + 14 * 2, 2), ((18 + 14) * 2 + 14, 3)];
        let expected = ends.iter().rev().find(|(end, _)| cut >= head_length() + end).map(|(_, count)| *count);
        assert_eq!(left, expected, "{cut} of {}", whole.len());
    }
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn what_stood_when_the_server_was_killed_and_does_not_any_more_is_told_at_each_start_until_it_is_known()
{
    let place = place("orphan");
    let bench = Bench::open(&place, 1 << 20);
    bench.begin();
    bench.frame(0, true, b"one");
    bench.kill().await;
    let mut told = vec![];
    for _ in 0..2 {
        let mut bench = Bench::open(&place, 1 << 20);
        bench.recorder.finish_all_but(vec![]);
        told.push(bench.recording().await);
        bench.kill().await;
    }
    assert_eq!(told[0], told[1], "word for word and byte for byte");
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn a_recording_that_is_as_large_as_one_may_be_says_so_takes_nothing_more_and_is_kept() {
    let place = place("full");
    let most = head_length() as u64 + 300;
    let mut bench = Bench::open(&place, most);
    bench.begin();
    bench.frame(0, true, b"one");
    bench.frame(40, false, &[2; 300]);
    bench.frame(80, false, b"small enough, and too late");
    assert_eq!(bench.lost().await, (ONE, Loss::Full));
    bench.recorder.put(ONE, Strip::End);
    assert!(bench.recording().await.bytes <= most);
    assert_eq!(bytes(&read(&place)), [b"one"]);
    bench.kill().await;
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn where_nothing_can_be_written_the_core_is_told_and_where_nothing_was_shown_nobody_is() {
    let place = place("disk");
    let mut bench = Bench::open(&place, 1 << 20);
    bench.begin();
    bench.recorder.put(ONE, Strip::End);
    std::fs::write(place.join("recordings"), "a file where the directory should be").unwrap();
    bench.begin();
    bench.frame(0, true, b"one");
    assert_eq!(bench.lost().await, (ONE, Loss::Disk));
    assert!(bench.kept.try_recv().is_err());
    bench.kill().await;
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test]
async fn what_waits_for_the_disk_is_bounded_and_the_recording_that_would_be_too_much_ends() {
    let place = place("slow");
    let mut bench = Bench::open(&place, 1 << 20);
    let recorder = bench.recorder.clone();
    // As if the disk had not taken any of it yet.
    recorder.waiting.fetch_add(WAITING, Ordering::Relaxed);
    bench.begin();
    bench.frame(0, true, b"one");
    assert_eq!(bench.lost().await, (ONE, Loss::Disk));
    assert_eq!(recorder.waiting.load(Ordering::Relaxed), WAITING, "it counts no more");
    drop(recorder);
    bench.kill().await;
    std::fs::remove_dir_all(place).unwrap();
}
