//! Counters, gauges and histograms, as statics that register themselves by name on first use, and
//! their text form for Prometheus. Atomic, without labels but one.

mod text;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

pub(crate) use text::render;

/// A count that only rises.
#[derive(Debug)]
pub struct Counter {
    about: About,
    value: AtomicU64,
}

/// A number that rises and falls.
#[derive(Debug)]
pub struct Gauge {
    about: About,
    value: AtomicI64,
}

/// How values spread over fixed buckets; made for durations in seconds.
#[derive(Debug)]
pub struct Histogram {
    about: About,
    cells: Cells,
}

/// Counters that differ in one label.
#[derive(Debug)]
pub struct CounterBy {
    about: About,
    by: By<AtomicU64>,
}

/// Gauges that differ in one label.
#[derive(Debug)]
pub struct GaugeBy {
    about: About,
    by: By<AtomicI64>,
}

#[derive(Debug)]
struct About {
    name: &'static str,
    help: &'static str,
    known: AtomicBool,
}

#[derive(Debug)]
struct By<T: 'static> {
    label: &'static str,
    cells: RwLock<BTreeMap<&'static str, &'static T>>,
}

/// One counter among its like.
#[derive(Clone, Copy, Debug)]
pub struct CounterCell(&'static AtomicU64);

/// One gauge among its like.
#[derive(Clone, Copy, Debug)]
pub struct GaugeCell(&'static AtomicI64);

/// Upper bounds in seconds: 10 µs to 10 s.
const BOUNDS: [f64; 16] =
    [1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 1.0, 2.5, 10.0];

#[derive(Debug)]
struct Cells {
    counts: [AtomicU64; 17],
    /// In nanoseconds: atomic and exact.
    sum: AtomicU64,
}

enum Series {
    Counter(&'static Counter),
    Gauge(&'static Gauge),
    Histogram(&'static Histogram),
    CounterBy(&'static CounterBy),
    GaugeBy(&'static GaugeBy),
}

fn registry() -> &'static Mutex<BTreeMap<&'static str, Series>> {
    static REGISTRY: OnceLock<Mutex<BTreeMap<&'static str, Series>>> = OnceLock::new();
    REGISTRY.get_or_init(Mutex::default)
}

impl About {
    const fn new(name: &'static str, help: &'static str) -> Self {
        Self { name, help, known: AtomicBool::new(false) }
    }

    /// Registers on first use. The first static of a name wins: two of one name are a bug that shows
    /// as a figure that stands still.
    fn know(&self, series: impl FnOnce() -> Series) {
        if self.known.load(Ordering::Relaxed) || self.known.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut registry = registry().lock().unwrap_or_else(PoisonError::into_inner);
        registry.entry(self.name).or_insert_with(series);
    }
}

impl Counter {
    /// A counter called `name` (ending in `_total`), at 0.
    pub const fn new(name: &'static str, help: &'static str) -> Self {
        Self { about: About::new(name, help), value: AtomicU64::new(0) }
    }

    /// Shows it in `/metrics` before anything has been counted.
    pub fn register(&'static self) {
        self.about.know(|| Series::Counter(self));
    }

    /// Counts one.
    pub fn inc(&'static self) {
        self.add(1);
    }

    /// Counts `n`.
    pub fn add(&'static self, n: u64) {
        self.register();
        self.value.fetch_add(n, Ordering::Relaxed);
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }
}

impl Gauge {
    /// A gauge called `name`, at 0.
    pub const fn new(name: &'static str, help: &'static str) -> Self {
        Self { about: About::new(name, help), value: AtomicI64::new(0) }
    }

    /// Shows it in `/metrics` before it was set.
    pub fn register(&'static self) {
        self.about.know(|| Series::Gauge(self));
    }

    /// Sets it.
    pub fn set(&'static self, value: i64) {
        self.register();
        self.value.store(value, Ordering::Relaxed);
    }

    /// Moves it by `delta`.
    pub fn add(&'static self, delta: i64) {
        self.register();
        self.value.fetch_add(delta, Ordering::Relaxed);
    }

    /// Its value.
    pub fn get(&self) -> i64 {
        self.value.load(Ordering::Relaxed)
    }
}

impl Histogram {
    /// An empty histogram called `name` (ending in `_seconds`).
    pub const fn new(name: &'static str, help: &'static str) -> Self {
        let cells = Cells { counts: [const { AtomicU64::new(0) }; 17], sum: AtomicU64::new(0) };
        Self { about: About::new(name, help), cells }
    }

    /// Counts a duration.
    pub fn observe(&'static self, took: std::time::Duration) {
        self.about.know(|| Series::Histogram(self));
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|&bound| seconds <= bound).unwrap_or(BOUNDS.len());
        self.cells.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.cells.sum.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.cells.counts.iter().map(|cell| cell.load(Ordering::Relaxed)).sum()
    }
}

impl<T: Default> By<T> {
    const fn new(label: &'static str) -> Self {
        Self { label, cells: RwLock::new(BTreeMap::new()) }
    }

    /// The cell of a label's value. Values are static, so there are as many as stand in the sources.
    fn with(&self, value: &'static str) -> &'static T {
        if let Some(cell) = self.cells.read().unwrap_or_else(PoisonError::into_inner).get(value) {
            return cell;
        }
        let mut cells = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        cells.entry(value).or_insert_with(|| Box::leak(Box::default()))
    }
}

impl CounterBy {
    /// Counters called `name` that differ in `label`.
    pub const fn new(name: &'static str, help: &'static str, label: &'static str) -> Self {
        Self { about: About::new(name, help), by: By::new(label) }
    }

    /// The one whose label is `value`; keep it where it is used often.
    pub fn with(&'static self, value: &'static str) -> CounterCell {
        self.about.know(|| Series::CounterBy(self));
        CounterCell(self.by.with(value))
    }
}

impl GaugeBy {
    /// Gauges called `name` that differ in `label`.
    pub const fn new(name: &'static str, help: &'static str, label: &'static str) -> Self {
        Self { about: About::new(name, help), by: By::new(label) }
    }

    /// The one whose label is `value`; keep it where it is used often.
    pub fn with(&'static self, value: &'static str) -> GaugeCell {
        self.about.know(|| Series::GaugeBy(self));
        GaugeCell(self.by.with(value))
    }
}

impl CounterCell {
    /// Counts one.
    pub fn inc(self) {
        self.add(1);
    }

    /// Counts `n`.
    pub fn add(self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The count.
    pub fn get(self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl GaugeCell {
    /// Sets it.
    pub fn set(self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Moves it by `delta`.
    pub fn add(self, delta: i64) {
        self.0.fetch_add(delta, Ordering::Relaxed);
    }

    /// Its value.
    pub fn get(self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}
