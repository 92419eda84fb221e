//! What a loop tells about itself.

use std::time::Duration;

use crate::metrics::{CounterBy, CounterCell, GaugeBy, GaugeCell, Histogram};

static HANDLED: CounterBy =
    CounterBy::new("ngcc_core_handled_total", "Inputs and wakes a core has taken.", "core");
static WAKES: CounterBy = CounterBy::new("ngcc_core_wakes_total", "Deadlines a core was woken for.", "core");
static PANICS: CounterBy = CounterBy::new(
    "ngcc_core_panics_total",
    "Panics in a core or its shell, each with its input set aside.",
    "core",
);
static DEPTH: GaugeBy = GaugeBy::new("ngcc_inbox_depth", "Inputs that wait in an inbox.", "core");
static RECORDS: GaugeBy = GaugeBy::new("ngcc_log_records", "Records that live in a log.", "core");
static STALLED: GaugeBy =
    GaugeBy::new("ngcc_log_stalled", "1 while a log cannot be written and its core waits.", "core");
static UNSYNCED: CounterBy =
    CounterBy::new("ngcc_log_sync_failures_total", "Syncs of a log that failed.", "core");
static BATCH: Histogram = Histogram::new(
    "ngcc_core_batch_seconds",
    "From taking a batch of inputs to having performed its outputs.",
);

/// The cells of one core.
pub(super) struct Figures {
    handled: CounterCell,
    wakes: CounterCell,
    panics: CounterCell,
    depth: GaugeCell,
    records: GaugeCell,
    stalled: GaugeCell,
    unsynced: CounterCell,
}

impl Figures {
    pub(super) fn of(core: &'static str) -> Self {
        Self {
            handled: HANDLED.with(core),
            wakes: WAKES.with(core),
            panics: PANICS.with(core),
            depth: DEPTH.with(core),
            records: RECORDS.with(core),
            stalled: STALLED.with(core),
            unsynced: UNSYNCED.with(core),
        }
    }

    pub(super) fn handled(&self) {
        self.handled.inc();
    }

    pub(super) fn wake(&self) {
        self.wakes.inc();
    }

    pub(super) fn panicked(&self) {
        self.panics.inc();
    }

    pub(super) fn stalled(&self, stalled: bool) {
        self.stalled.set(i64::from(stalled));
    }

    pub(super) fn sync_failed(&self) {
        self.unsynced.inc();
    }

    pub(super) fn batch(&self, took: Duration, depth: usize, records: usize) {
        BATCH.observe(took);
        self.depth.set(i64::try_from(depth).unwrap_or(i64::MAX));
        self.records.set(i64::try_from(records).unwrap_or(i64::MAX));
    }
}
