//! The loop itself.

use std::collections::VecDeque;
use std::io;
use std::mem::{Discriminant, discriminant};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::{Duration, Instant};

use ngcc_proto::{Class, Core, Effect, Mono};

use super::Shell;
use super::figures::Figures;
use super::held::Held;
use super::restore::{self, Occasion};
use crate::house::House;
use crate::inbox::{Inbox, Outlet};
use crate::log::{Log, SyncJob};

/// The most inputs between two writes: enough to share one, few enough that no output waits long.
const BUDGET: usize = 64;
/// How often a log that cannot be written is tried again.
const RETRY: Duration = Duration::from_millis(100);
/// How often it is tried once a stop has begun.
const LAST_TRIES: u32 = 10;
/// The least time between two wakes: a core whose deadline does not move must not keep the loop busy.
const LEAST_WAIT: Duration = Duration::from_millis(1);

/// A core with everything around it.
pub(super) struct Run<C: Core, S, M> {
    pub(super) name: &'static str,
    pub(super) house: House,
    pub(super) make: M,
    pub(super) core: C,
    pub(super) shell: S,
    pub(super) log: Log,
    pub(super) outlet: Outlet<C::Input>,
    /// Keeps the outlet open when nobody else holds the inbox.
    pub(super) inbox: Inbox<C::Input>,
    pub(super) inputs: Vec<C::Input>,
    /// What the core asked for and is not committed yet.
    pub(super) effects: Vec<Effect<C::Output>>,
    pub(super) ready: VecDeque<C::Output>,
    pub(super) held: Held<C::Output>,
    pub(super) not_before: Mono,
    pub(super) figures: Figures,
}

enum Turn {
    Work,
    Synced(SyncJob, io::Result<()>),
    Stop,
}

enum Worked {
    Whole,
    /// The core panicked; what it had not taken yet is in `inputs`.
    Broken,
}

impl<C, S, M> Run<C, S, M>
where
    C: Core,
    S: Shell<C>,
    M: Fn() -> C,
{
    /// Runs until the house stops.
    pub(super) async fn run(mut self) {
        let stop = self.house.stop.clone();
        let mut stopped = pin!(stop.wait());
        self.commit().await;
        loop {
            let deadline = self.core.deadline().map(|(at, _)| at.max(self.not_before));
            let wait = deadline.map(|at| self.house.clock.until(at));
            let turn = tokio::select! {
                biased;
                (job, result) = self.held.synced() => Turn::Synced(job, result),
                () = &mut stopped => Turn::Stop,
                _ = self.outlet.take(&mut self.inputs, BUDGET) => Turn::Work,
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => Turn::Work,
            };
            match turn {
                Turn::Work => self.work_and_commit().await,
                Turn::Synced(job, result) => self.synced(job, result),
                Turn::Stop => break,
            }
        }
        self.finish().await;
    }

    async fn work_and_commit(&mut self) {
        let began = Instant::now();
        while let Worked::Broken = self.work() {
            // What was decided before the panic stands; the rest is taken by the core's successor.
            self.commit().await;
            self.rebuild();
        }
        self.commit().await;
        self.figures.batch(began.elapsed(), self.inbox.depth(), self.log.len());
    }

    /// A wake if one is due, then the inputs.
    fn work(&mut self) -> Worked {
        let now = self.house.clock.now();
        let due = self.core.deadline().is_some_and(|(at, _)| at.max(self.not_before) <= now.mono);
        if due {
            self.figures.wake();
            self.not_before = now.mono + LEAST_WAIT;
            if !self.guarded(None, |core| core.wake(now)) {
                return Worked::Broken;
            }
        }
        let mut inputs = std::mem::take(&mut self.inputs).into_iter();
        while let Some(input) = inputs.next() {
            let kind = discriminant(&input);
            let now = self.house.clock.now();
            if !self.guarded(Some(kind), |core| core.handle(input, now)) {
                self.inputs = inputs.collect();
                return Worked::Broken;
            }
        }
        Worked::Whole
    }

    /// One call of the core and the draining of what it asks for. After a panic nothing of it is left; false.
    fn guarded(&mut self, kind: Option<Discriminant<C::Input>>, call: impl FnOnce(&mut C)) -> bool {
        let before = self.effects.len();
        let (core, effects) = (&mut self.core, &mut self.effects);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            call(core);
            effects.extend(std::iter::from_fn(|| core.poll()));
        }));
        self.figures.handled();
        if outcome.is_err() {
            self.effects.truncate(before);
            self.figures.panicked();
            // The kind only: an input may hold digits.
            tracing::error!(core = self.name, input = ?kind, "panic; the input is set aside");
        }
        outcome.is_ok()
    }

    fn rebuild(&mut self) {
        let rebuilt =
            restore::restore(self.name, &self.make, &mut self.log, &self.house.clock, Occasion::Panic);
        self.core = rebuilt.core;
        self.effects = rebuilt.effects;
        self.shell.rebuilt(self.house.clock.now());
    }

    /// One write for everything the batch persisted, then its outputs. Nothing is performed, and no
    /// input taken, while the log cannot be written.
    async fn commit(&mut self) {
        for effect in self.effects.drain(..) {
            match effect {
                Effect::Persist { key, bytes } => self.log.append(key, &bytes),
                Effect::Forget { key } => self.log.forget(key),
                Effect::Emit { after: Class::Process, output } => self.ready.push_back(output),
                Effect::Emit { after: Class::Host, output } => self.held.wait(output),
            }
        }
        let mut last_tries = LAST_TRIES;
        while let Err(error) = self.log.write() {
            self.figures.stalled(true);
            tracing::error!(core = self.name, %error, "the log cannot be written: everything waits for it");
            if self.house.stop.has_begun() {
                last_tries -= 1;
                if last_tries == 0 {
                    self.ready.clear();
                    self.held.abandon();
                    return;
                }
            }
            tokio::time::sleep(RETRY).await;
        }
        self.figures.stalled(false);
        self.perform();
    }

    fn perform(&mut self) {
        while let Some(output) = self.ready.pop_front() {
            self.perform_one(output);
        }
        self.held.start(&mut self.log, Duration::ZERO);
    }

    fn perform_one(&mut self, output: C::Output) {
        let now = self.house.clock.now();
        let shell = &mut self.shell;
        if catch_unwind(AssertUnwindSafe(|| shell.perform(output, now))).is_err() {
            self.figures.panicked();
            tracing::error!(core = self.name, "panic in the shell; the output is lost");
        }
    }

    fn synced(&mut self, job: SyncJob, result: io::Result<()>) {
        match result {
            Ok(()) => {
                for output in self.held.done() {
                    self.perform_one(output);
                }
                self.held.start(&mut self.log, Duration::ZERO);
            }
            Err(error) => {
                self.figures.sync_failed();
                tracing::error!(core = self.name, %error, "the log cannot be synced: what needs it waits");
                self.held.failed();
                self.log.sync_failed(job);
                self.held.start(&mut self.log, RETRY);
            }
        }
    }

    /// Takes what is in the inbox still, and syncs.
    async fn finish(mut self) {
        self.outlet.take_now(&mut self.inputs, self.inbox.depth());
        self.work_and_commit().await;
        for _ in 0..LAST_TRIES {
            self.held.start_last(&mut self.log);
            let (job, result) = self.held.synced().await;
            let failed = result.is_err();
            self.synced(job, result);
            if !failed && !self.held.is_waiting() {
                break;
            }
        }
        tracing::debug!(core = self.name, "stopped");
    }
}
