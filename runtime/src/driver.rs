//! The one loop around a core: inputs in, records written, outputs performed in their class's order.

mod figures;
mod held;
mod restore;
mod run;

use std::collections::VecDeque;

use ngcc_proto::{Core, Mono, Now};
use tokio::task::JoinHandle;

use crate::error::StartError;
use crate::house::House;
use crate::inbox::Inbox;
use crate::log::Log;

/// What carries out a core's outputs. It runs inside the loop: it must not block, and answers come
/// back through the inbox.
pub trait Shell<C: Core>: Send + 'static {
    /// Performs one output. Everything persisted before it has met its class.
    fn perform(&mut self, output: C::Output, now: Now);

    /// The core has panicked and stands again, rebuilt from its log; what lived only in its memory is gone.
    fn rebuilt(&mut self, now: Now) {
        let _ = now;
    }
}

/// A core that is being driven.
#[derive(Debug)]
pub struct Driver<I> {
    /// Where its inputs go.
    pub inbox: Inbox<I>,
    task: JoinHandle<()>,
}

impl<I> Driver<I> {
    /// Returns when the core has stopped and its log is on disk.
    pub async fn closed(self) {
        let _ = self.task.await;
    }
}

/// Opens the log `name`, gives the records back to `make`'s core and drives it until the house stops.
/// `make` is called again when the core has panicked; `shell` is made once, with the inbox for answers.
/// Must be called inside a tokio runtime.
///
/// # Errors
/// The log cannot be opened.
pub fn drive<C, S>(
    house: &House,
    name: &'static str,
    make: impl Fn() -> C + Send + 'static,
    shell: impl FnOnce(Inbox<C::Input>) -> S,
) -> Result<Driver<C::Input>, StartError>
where
    C: Core + Send + 'static,
    C::Input: Send + 'static,
    C::Output: Send + 'static,
    S: Shell<C>,
{
    let dir = house.data_dir.join("log").join(name);
    let log = Log::open(name, &dir).map_err(|source| StartError::Log { name, source })?;
    Ok(drive_on(house, name, log, make, shell))
}

fn drive_on<C, S>(
    house: &House,
    name: &'static str,
    mut log: Log,
    make: impl Fn() -> C + Send + 'static,
    shell: impl FnOnce(Inbox<C::Input>) -> S,
) -> Driver<C::Input>
where
    C: Core + Send + 'static,
    C::Input: Send + 'static,
    C::Output: Send + 'static,
    S: Shell<C>,
{
    house.keep_time();
    let (inbox, outlet) = Inbox::new(name, house.inbox_ceiling());
    let shell = shell(inbox.clone());
    let restored = restore::restore(name, &make, &mut log, &house.clock, restore::Occasion::Start);
    let run = run::Run {
        name,
        house: house.clone(),
        make,
        core: restored.core,
        shell,
        log,
        outlet,
        inbox: inbox.clone(),
        inputs: Vec::new(),
        effects: restored.effects,
        ready: VecDeque::new(),
        held: held::Held::new(),
        not_before: Mono::default(),
        figures: figures::Figures::of(name),
    };
    let (part, stop) = (house.part(), house.stop.clone());
    let task = tokio::spawn(async move {
        if tokio::spawn(run.run()).await.is_err_and(|error| error.is_panic()) {
            // Not the core but the loop: nothing here is left to go on with, and a restart loses nothing.
            tracing::error!(core = name, "the loop has panicked: the process ends");
            stop.begin();
        }
        drop(part);
    });
    Driver { inbox, task }
}

#[cfg(test)]
mod tests;
