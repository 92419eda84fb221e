//! The loop around a core that keeps sums: what leaves when, and what survives what.

mod disk;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use ngcc_proto::{Class, Core, Effect, Key, Kind, Mono, Now, RestoreError, Why};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;
use crate::house::Settings;
use crate::log::{Disk, HostDisk, SEGMENT};
use disk::Strict;

/// Adds to named sums; each sum is a record.
#[derive(Default)]
struct Sums {
    sums: BTreeMap<u32, u64>,
    out: VecDeque<Effect<Out>>,
    wake_at: Option<Mono>,
    broken: bool,
    poisoned_by: Option<&'static AtomicBool>,
}

#[derive(Debug)]
enum In {
    Add(u32, u64),
    AddAcknowledged(u32, u64),
    End(u32),
    Sleep(Duration),
    /// Adds, and panics before it is drained.
    AddAndPanic(u32, u64),
    /// From now on asking for the deadline panics.
    Break,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Out {
    Restored(Vec<(u32, u64)>),
    Rebuilt(Vec<(u32, u64)>),
    Sum(u32, u64),
    Acknowledged(u32, u64),
    Ended(u32),
    Woken,
}

impl Sums {
    fn add(&mut self, n: u32, amount: u64) -> u64 {
        let sum = self.sums.entry(n).or_default();
        *sum += amount;
        self.out.push_back(Effect::Persist { key: sum_key(n), bytes: sum.to_string().into_bytes() });
        *sum
    }

    fn emit(&mut self, after: Class, output: Out) {
        self.out.push_back(Effect::Emit { after, output });
    }
}

fn sum_key(n: u32) -> Key {
    Key { kind: Kind::Cursor, id: 0, n }
}

impl Core for Sums {
    type Input = In;
    type Output = Out;

    fn handle(&mut self, input: In, now: Now) {
        match input {
            In::Add(n, amount) => {
                let sum = self.add(n, amount);
                self.emit(Class::Process, Out::Sum(n, sum));
            }
            In::AddAcknowledged(n, amount) => {
                let sum = self.add(n, amount);
                self.emit(Class::Host, Out::Acknowledged(n, sum));
            }
            In::End(n) => {
                self.sums.remove(&n);
                self.out.push_back(Effect::Forget { key: sum_key(n) });
                self.emit(Class::Process, Out::Ended(n));
            }
            In::Sleep(wait) => self.wake_at = Some(now.mono + wait),
            In::Break => self.broken = true,
            In::AddAndPanic(n, amount) => {
                self.add(n, amount);
                panic!("as asked");
            }
        }
    }

    fn wake(&mut self, _now: Now) {
        self.wake_at = None;
        self.emit(Class::Process, Out::Woken);
    }

    fn poll(&mut self) -> Option<Effect<Out>> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<(Mono, Why)> {
        assert!(!self.broken, "as asked");
        self.wake_at.map(|at| (at, Why::Housekeeping))
    }

    fn restore(&mut self, key: Key, bytes: &[u8], _now: Now) -> Result<(), RestoreError> {
        let sum = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
        if let Some(poisoned) = self.poisoned_by
            && key.n == 66
        {
            poisoned.store(true, Ordering::Relaxed);
            panic!("poisoned");
        }
        let sum = sum.ok_or_else(|| RestoreError { kind: key.kind, why: "no number".to_owned() })?;
        self.sums.insert(key.n, sum);
        Ok(())
    }

    fn restored(&mut self, _now: Now) {
        let sums = self.sums.iter().map(|(n, sum)| (*n, *sum)).collect();
        self.emit(Class::Process, Out::Restored(sums));
    }

    fn rebuilt(&mut self, _now: Now) {
        let sums = self.sums.iter().map(|(n, sum)| (*n, *sum)).collect();
        self.emit(Class::Process, Out::Rebuilt(sums));
    }
}

struct Teller(UnboundedSender<Out>);

impl Shell<Sums> for Teller {
    fn perform(&mut self, output: Out, _now: Now) {
        self.0.send(output).unwrap();
    }
}

struct Bench {
    dir: PathBuf,
}

impl Bench {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { dir: std::env::temp_dir().join(format!("ngcc-driver-{}-{n}", std::process::id())) }
    }

    fn start(&self, disk: Arc<dyn Disk>) -> Running {
        self.start_with(disk, Sums::default)
    }

    fn start_with(&self, disk: Arc<dyn Disk>, make: impl Fn() -> Sums + Send + 'static) -> Running {
        let house = House::open(Settings { seed: Some(1), ..Settings::at(&self.dir) }).unwrap();
        let log = Log::open_on("sums", &self.dir.join("log/sums"), disk, SEGMENT).unwrap();
        let (tell, told) = unbounded_channel();
        let driver = drive_on(&house, "sums", log, make, |_| Teller(tell));
        Running { house, inbox: driver.inbox, told }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

struct Running {
    house: House,
    inbox: Inbox<In>,
    told: UnboundedReceiver<Out>,
}

impl Running {
    async fn next(&mut self) -> Out {
        let wait = Duration::from_secs(20);
        tokio::time::timeout(wait, self.told.recv()).await.expect("an output comes").expect("the core runs")
    }

    async fn stop(mut self) -> Vec<Out> {
        self.house.stop.begin();
        self.house.closed().await;
        let mut rest = Vec::new();
        while let Some(out) = self.told.recv().await {
            rest.push(out);
        }
        rest
    }
}

#[tokio::test]
async fn a_core_gets_back_what_lives_and_goes_on() {
    let bench = Bench::new();
    let mut first = bench.start(Arc::new(HostDisk));
    assert_eq!(first.next().await, Out::Restored(Vec::new()));
    first.inbox.put(In::Add(1, 5));
    first.inbox.put(In::Add(2, 7));
    first.inbox.put(In::Add(1, 1));
    first.inbox.put(In::End(2));
    assert_eq!(first.stop().await, [Out::Sum(1, 5), Out::Sum(2, 7), Out::Sum(1, 6), Out::Ended(2)]);
    let mut second = bench.start(Arc::new(HostDisk));
    assert_eq!(second.next().await, Out::Restored(vec![(1, 6)]));
}

#[tokio::test]
async fn an_output_of_class_host_is_never_performed_before_the_sync() {
    let (bench, disk) = (Bench::new(), Strict::gated());
    let mut running = bench.start(Arc::clone(&disk) as Arc<dyn Disk>);
    running.next().await;
    running.inbox.put(In::AddAcknowledged(1, 1));
    running.inbox.put(In::AddAcknowledged(1, 1));
    running.inbox.put(In::Add(2, 1));
    assert_eq!(running.next().await, Out::Sum(2, 1), "what is of class process passes");
    running.inbox.put(In::AddAcknowledged(1, 1));
    running.inbox.put(In::Add(2, 1));
    assert_eq!(running.next().await, Out::Sum(2, 2), "and goes on while a sync is under way");
    disk.allow(1);
    assert_eq!(running.next().await, Out::Acknowledged(1, 1));
    assert_eq!(running.next().await, Out::Acknowledged(1, 2));
    running.inbox.put(In::Add(2, 1));
    assert_eq!(
        running.next().await,
        Out::Sum(2, 3),
        "the third came after the sync had begun: it needs the next"
    );
    disk.allow(1);
    assert_eq!(running.next().await, Out::Acknowledged(1, 3));
    disk.allow(100);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_fails_is_done_again_and_keeps_the_order() {
    let (bench, disk) = (Bench::new(), Strict::gated());
    disk.syncs.lock().unwrap().failing = 2;
    let mut running = bench.start(Arc::clone(&disk) as Arc<dyn Disk>);
    running.next().await;
    running.inbox.put(In::AddAcknowledged(1, 1));
    running.inbox.put(In::AddAcknowledged(1, 1));
    disk.allow(100);
    assert_eq!(running.next().await, Out::Acknowledged(1, 1));
    assert_eq!(running.next().await, Out::Acknowledged(1, 2));
    assert_eq!(disk.syncs.lock().unwrap().failing, 0);
    running.stop().await;
    let mut second = bench.start(Arc::new(HostDisk));
    assert_eq!(second.next().await, Out::Restored(vec![(1, 2)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_nothing_leaves_and_nothing_is_lost() {
    let (bench, disk) = (Bench::new(), Arc::new(Strict::default()));
    let mut running = bench.start(Arc::clone(&disk) as Arc<dyn Disk>);
    running.next().await;
    disk.full.store(true, Ordering::SeqCst);
    for _ in 0..100 {
        running.inbox.put(In::Add(1, 1));
    }
    while disk.refused.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    assert!(running.told.is_empty());
    disk.full.store(false, Ordering::SeqCst);
    for sum in 1..=100 {
        assert_eq!(running.next().await, Out::Sum(1, sum));
    }
}

#[tokio::test]
async fn an_input_that_panics_is_set_aside_and_the_rest_is_taken() {
    let bench = Bench::new();
    let mut running = bench.start(Arc::new(HostDisk));
    running.next().await;
    for input in [In::Add(1, 5), In::AddAndPanic(1, 100), In::Add(1, 2), In::AddAndPanic(3, 1), In::Add(4, 4)]
    {
        running.inbox.put(input);
    }
    assert_eq!(running.next().await, Out::Sum(1, 5));
    assert_eq!(running.next().await, Out::Rebuilt(vec![(1, 5)]), "rebuilt from its log, without the hundred");
    assert_eq!(running.next().await, Out::Sum(1, 7));
    assert_eq!(running.next().await, Out::Rebuilt(vec![(1, 7)]));
    assert_eq!(running.next().await, Out::Sum(4, 4));
}

#[tokio::test]
async fn a_record_the_core_panics_over_twice_is_set_aside() {
    static MET: AtomicBool = AtomicBool::new(false);
    let bench = Bench::new();
    let mut first = bench.start(Arc::new(HostDisk));
    first.next().await;
    first.inbox.put(In::Add(66, 1));
    first.inbox.put(In::Add(1, 1));
    first.stop().await;
    let poisoned = || Sums { poisoned_by: Some(&MET), ..Sums::default() };
    let mut second = bench.start_with(Arc::new(HostDisk), poisoned);
    assert_eq!(second.next().await, Out::Restored(vec![(1, 1)]));
    assert!(MET.load(Ordering::Relaxed));
    let aside = std::fs::read_dir(bench.dir.join("log/sums/quarantine")).unwrap().count();
    assert_eq!(aside, 1);
    second.stop().await;
    let mut third = bench.start(Arc::new(HostDisk));
    assert_eq!(third.next().await, Out::Restored(vec![(1, 1)]), "it stays away");
}

#[tokio::test]
async fn a_deadline_wakes_the_core_once() {
    let bench = Bench::new();
    let mut running = bench.start(Arc::new(HostDisk));
    running.next().await;
    running.inbox.put(In::Sleep(Duration::from_millis(20)));
    assert_eq!(running.next().await, Out::Woken);
    running.inbox.put(In::Add(1, 1));
    assert_eq!(running.next().await, Out::Sum(1, 1));
    assert_eq!(running.stop().await, []);
}

#[tokio::test]
async fn a_loop_that_cannot_go_on_ends_the_process_in_order() {
    let bench = Bench::new();
    let mut running = bench.start(Arc::new(HostDisk));
    running.next().await;
    running.inbox.put(In::Add(1, 1));
    running.inbox.put(In::Break);
    assert_eq!(running.next().await, Out::Sum(1, 1));
    running.house.stop.wait().await;
    running.stop().await;
    let mut second = bench.start(Arc::new(HostDisk));
    assert_eq!(second.next().await, Out::Restored(vec![(1, 1)]));
}

#[tokio::test]
async fn a_data_directory_has_one_owner() {
    let bench = Bench::new();
    let first = House::open(Settings::at(&bench.dir)).unwrap();
    assert!(matches!(House::open(Settings::at(&bench.dir)), Err(StartError::InUse { .. })));
    drop(first);
    House::open(Settings::at(&bench.dir)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loop_is_fast() {
    let bench = Bench::new();
    let mut running = bench.start(Arc::new(HostDisk));
    running.next().await;
    let n = 200_000u32;
    let began = std::time::Instant::now();
    for i in 0..n {
        running.inbox.put(In::Add(i % 1000, 1));
    }
    for _ in 0..n {
        running.next().await;
    }
    let rate = f64::from(n) / began.elapsed().as_secs_f64();
    println!("{rate:.0} inputs a second, each persisted and answered");
    assert!(rate > 20_000.0, "{rate:.0} inputs a second");
}
