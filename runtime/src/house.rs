//! The house: what every part is given at start.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ngcc_proto::{Ids, Rng};
use tokio::sync::watch;

use crate::bus::{self, Bus};
use crate::clock::{self, Clock};
use crate::error::StartError;
use crate::health::Health;
use crate::stop::Stop;
use crate::uploads::heap::Files;

/// How the house is opened.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where everything that must survive lies; made if it is not there.
    pub data_dir: PathBuf,
    /// Which bus.
    pub wiring: Wiring,
    /// A fixed seed makes a run repeatable: for tests only, as its tags and nonces can be guessed.
    pub seed: Option<u64>,
    /// The most inputs an inbox holds. More than was admitted at the edges never comes, so a full one is a bug.
    pub inbox_ceiling: usize,
    /// The program that scans files that are handed over, and its arguments; empty: they are not scanned.
    pub scan: Vec<String>,
}

/// Which bus carries the envelopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiring {
    /// Values are moved.
    Direct,
    /// Every envelope is written and read back, and some are repeated.
    Serialising {
        /// Which ones are repeated.
        seed: u64,
    },
}

impl Settings {
    /// The ordinary settings for a data directory.
    pub fn at(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            wiring: Wiring::Direct,
            seed: None,
            inbox_ceiling: 262_144,
            scan: vec![],
        }
    }
}

/// What every part is given: time, randomness, the bus, the data directory, the stop. Clones are the same house.
#[derive(Clone)]
pub struct House {
    /// The time.
    pub clock: Clock,
    /// Between the roles.
    pub bus: Arc<dyn Bus>,
    /// Where everything that must survive lies.
    pub data_dir: PathBuf,
    /// When to stop.
    pub stop: Stop,
    inner: Arc<Inner>,
}

struct Inner {
    rng: Mutex<Rng>,
    health: Arc<Health>,
    inbox_ceiling: usize,
    scan: Vec<String>,
    files: Mutex<Option<Files>>,
    live: watch::Sender<usize>,
    keeps_time: AtomicBool,
    /// Held for as long as the house stands: two processes on one directory would destroy its logs.
    _lock: File,
}

/// Keeps [`House::closed`] waiting for as long as it lives.
#[derive(Debug)]
pub struct Part(watch::Sender<usize>);

impl Drop for Part {
    fn drop(&mut self) {
        self.0.send_modify(|live| *live -= 1);
    }
}

impl House {
    /// Opens the data directory and locks it.
    ///
    /// # Errors
    /// The directory cannot be made or written, another process uses it, or the system gives no randomness.
    pub fn open(settings: Settings) -> Result<Self, StartError> {
        let Settings { data_dir, wiring, seed, inbox_ceiling, scan } = settings;
        let fails = |source| StartError::DataDir { path: data_dir.clone(), source };
        fs::create_dir_all(&data_dir).map_err(fails)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(data_dir.join("lock"))
            .map_err(fails)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StartError::InUse { path: data_dir }),
            Err(TryLockError::Error(source)) => return Err(fails(source)),
        }
        let rng = match seed {
            Some(seed) => Rng::from_u64(seed),
            None => Rng::from_seed(system_seed().map_err(StartError::Randomness)?),
        };
        let bus = match wiring {
            Wiring::Direct => bus::direct(),
            Wiring::Serialising { seed } => bus::serialising(seed),
        };
        let inner = Inner {
            rng: Mutex::new(rng),
            health: Arc::default(),
            inbox_ceiling,
            scan,
            files: Mutex::default(),
            live: watch::channel(0).0,
            keeps_time: AtomicBool::new(false),
            _lock: lock,
        };
        Ok(Self { clock: Clock::open(&data_dir), bus, data_dir, stop: Stop::new(), inner: Arc::new(inner) })
    }

    /// A generator of its own for the asker.
    pub fn rng(&self) -> Rng {
        self.inner.rng.lock().unwrap_or_else(PoisonError::into_inner).fork()
    }

    /// A mint of its own for the asker.
    pub fn ids(&self) -> Ids {
        Ids::new(self.rng())
    }

    /// Says that `role` belongs to the house and is not ready yet.
    pub fn expect(&self, role: &'static str) {
        self.inner.health.set(role, false);
    }

    /// Says that `role` is ready.
    pub fn ready(&self, role: &'static str) {
        self.inner.health.set(role, true);
    }

    /// Keeps [`House::closed`] waiting until it is dropped: for a task that has something to finish.
    pub fn part(&self) -> Part {
        self.inner.live.send_modify(|live| *live += 1);
        Part(self.inner.live.clone())
    }

    /// Returns when every driver and [`Part`] has ended; they do after [`Stop::begin`].
    pub async fn closed(&self) {
        // The sender lives in `self`, so the wait can only end by the count.
        let _ = self.inner.live.subscribe().wait_for(|live| *live == 0).await;
        self.clock.note();
    }

    /// Notes the time every second until the stop, so that the scale goes on after a crash. Once a house.
    pub(crate) fn keep_time(&self) {
        if self.inner.keeps_time.swap(true, Ordering::Relaxed) {
            return;
        }
        let (clock, stop) = (self.clock.clone(), self.stop.clone());
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(clock::NOTE_EVERY);
            while !stop.has_begun() {
                tick.tick().await;
                clock.note();
            }
        });
    }

    /// A key of its own for `purpose`, the same after every start. It is derived from the one key of the data
    /// directory, which is made at the first start and readable by its owner only.
    ///
    /// # Errors
    /// The key's file cannot be read or made.
    pub fn secret(&self, purpose: &str) -> Result<[u8; 32], StartError> {
        let path = self.data_dir.join("keys").join("house.key");
        let master = crate::key::read_or_make(&path, system_seed)
            .map_err(|source| StartError::DataDir { path: path.clone(), source })?;
        Ok(crate::key::derive(&master, purpose))
    }

    /// The files that were handed over, once somebody has opened them.
    pub(crate) fn files(&self) -> &Mutex<Option<Files>> {
        &self.inner.files
    }

    /// The program that scans them, and its arguments.
    pub(crate) fn scan(&self) -> &[String] {
        &self.inner.scan
    }

    pub(crate) fn health(&self) -> Arc<Health> {
        Arc::clone(&self.inner.health)
    }

    pub(crate) fn inbox_ceiling(&self) -> usize {
        self.inner.inbox_ceiling
    }
}

fn system_seed() -> std::io::Result<[u8; 32]> {
    let mut seed = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut seed)?;
    Ok(seed)
}
