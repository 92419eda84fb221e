//! Giving a core its records back, at start and after a panic.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ngcc_proto::{Core, Effect, Key};

use crate::clock::Clock;
use crate::log::Log;

/// When a core is given its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The process has started.
    Start,
    /// The core has panicked.
    Panic,
}

/// A core that has its records, and what it asks for first.
pub(super) struct Restored<C: Core> {
    pub(super) core: C,
    pub(super) effects: Vec<Effect<C::Output>>,
}

enum Attempt<C: Core> {
    Whole(Restored<C>),
    /// This record panicked.
    Record(Key),
    /// `restored` (or `rebuilt`) panicked.
    Last,
}

/// Makes a core and gives it every record, in the order of their last write. A record that the core
/// refuses, or that makes it panic twice, is set aside: one poisoned record never keeps the centre down.
pub(super) fn restore<C: Core>(
    name: &'static str,
    make: &impl Fn() -> C,
    log: &mut Log,
    clock: &Clock,
    occasion: Occasion,
) -> Restored<C> {
    let mut panics: BTreeMap<Key, u32> = BTreeMap::new();
    let mut last = 0;
    loop {
        match attempt(make, log, clock, (last < 2).then_some(occasion)) {
            Attempt::Whole(restored) => return restored,
            Attempt::Record(key) => {
                let count = panics.entry(key).or_default();
                *count += 1;
                tracing::error!(core = name, kind = ?key.kind, count, "panic over a record");
                if *count == 2 {
                    log.set_aside(key, "the core panicked over it twice");
                }
            }
            Attempt::Last => {
                last += 1;
                tracing::error!(core = name, count = last, "panic after the last record");
            }
        }
    }
}

/// One try. `finish` is none after `restored` has panicked twice: the core then goes on without it
/// rather than not at all.
fn attempt<C: Core>(
    make: &impl Fn() -> C,
    log: &mut Log,
    clock: &Clock,
    finish: Option<Occasion>,
) -> Attempt<C> {
    let mut core = make();
    let mut effects = Vec::new();
    for key in log.keys_in_order() {
        let bytes = match log.read(key) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(error) => {
                log.set_aside(key, &error.to_string());
                continue;
            }
        };
        match catch_unwind(AssertUnwindSafe(|| core.restore(key, &bytes, clock.now()))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log.set_aside(key, &error.to_string()),
            Err(_) => return Attempt::Record(key),
        }
    }
    if let Some(occasion) = finish {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            match occasion {
                Occasion::Start => core.restored(clock.now()),
                Occasion::Panic => core.rebuilt(clock.now()),
            }
            effects.extend(std::iter::from_fn(|| core.poll()));
        }));
        if outcome.is_err() {
            return Attempt::Last;
        }
    }
    Attempt::Whole(Restored { core, effects })
}
