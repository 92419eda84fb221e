//! The media workers: a few threads that own every RTP socket and the 20 ms clock. Each conference lives on one of
//! them, so that a packet is sent on by the thread that received it. What they do is `ngcc_ivr_core::media`.

mod peer;
mod ports;
mod router;
mod schedule;
mod slots;
mod worker;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ngcc_ivr_core::film::Frame;
use ngcc_ivr_core::media::{Limits, Music};
use ngcc_ivr_core::worker::{FromWorker, ToWorker};
use ngcc_proto::{CollabId, LegId, Now};

use peer::Identity;
pub use peer::PeerError;
use ports::{Pair, Ports};
use router::Router;
use worker::{Lent, Order, Post};

/// What is configured of media.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// The address sockets are bound to.
    pub local: IpAddr,
    /// The address that is advertised; none advertises `local`, or the address of the default route if that is
    /// unspecified.
    pub external: Option<IpAddr>,
    /// The UDP ports, in pairs from an even one on; none takes what the system gives.
    pub ports: Option<RangeInclusive<u16>>,
    /// How many threads; none takes one a core, two at the least.
    pub workers: Option<usize>,
    /// After which time without a packet a leg is told silent.
    pub silent_after: Duration,
    /// How long a pair of ports rests between two legs.
    pub rest: Duration,
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self {
            local: Ipv4Addr::UNSPECIFIED.into(),
            external: None,
            ports: Some(20_000..=29_999),
            workers: None,
            silent_after: Duration::from_secs(60),
            rest: Duration::from_secs(1),
        }
    }
}

/// Why media cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Every pair of ports is taken or rests.
    #[error("no pair of media ports is free")]
    NoPort,
    /// The system refused.
    #[error("media socket: {0}")]
    Io(#[from] io::Error),
    /// There is no certificate to show browsers.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// The running workers. Dropping them stops them.
pub struct Workers {
    router: Mutex<Router>,
    ports: Arc<Mutex<Ports>>,
    advertised: IpAddr,
    identity: Arc<Identity>,
    posts: Vec<Post>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts them. `events` and, with every picture that is to be recorded, `films` are called on their threads and must
    /// not block.
    ///
    /// # Errors
    /// When the system gives no poller or thread.
    pub fn start(
        settings: MediaSettings,
        clock: impl Fn() -> Now + Send + Sync + 'static,
        events: impl Fn(FromWorker) + Send + Sync + 'static,
        films: impl Fn(CollabId, Frame) + Send + Sync + 'static,
    ) -> Result<Self, MediaError> {
        let MediaSettings { local, external, ports, workers, silent_after, rest } = settings;
        let cores = || std::thread::available_parallelism().map_or(2, usize::from).max(2);
        let identity = Arc::new(Identity::generate()?);
        let ports = Arc::new(Mutex::new(Ports::new(local, ports, rest)));
        let lent = Lent {
            clock: Arc::new(clock),
            events: Arc::new(events),
            films: Arc::new(films),
            ports: Arc::clone(&ports),
            music: Arc::new(Music::compose()),
            limits: Limits { silent_after_us: u64::try_from(silent_after.as_micros()).unwrap_or(u64::MAX) },
            identity: Arc::clone(&identity),
        };
        let mut started = Self {
            router: Mutex::new(Router::default()),
            ports,
            advertised: external.unwrap_or_else(|| reachable(local)),
            identity,
            posts: vec![],
            threads: vec![],
        };
        for i in 0..workers.unwrap_or_else(cores).max(1) {
            let (post, thread) = worker::spawn(i, lent.clone())?;
            started.posts.push(post);
            started.threads.push(thread);
        }
        lock(&started.router).count_workers(started.posts.len());
        Ok(started)
    }

    /// SHA-256 of the certificate that browsers are shown, as `a=fingerprint` has it.
    pub fn fingerprint(&self) -> &str {
        self.identity.fingerprint()
    }

    /// Binds a leg's ports; the address to advertise. They are held until [`ToWorker::Open`] or [`ToWorker::Close`].
    ///
    /// # Errors
    /// When no pair is free.
    pub fn bind(&self, leg: LegId) -> Result<SocketAddr, MediaError> {
        let pair = lock(&self.ports).take(Instant::now())?;
        Ok(self.hold(leg, pair))
    }

    /// Binds the ports that a leg had before a restart; to be done before the first [`Workers::bind`].
    ///
    /// # Errors
    /// When somebody else has taken them.
    pub fn rebind(&self, leg: LegId, port: u16) -> Result<SocketAddr, MediaError> {
        let pair = lock(&self.ports).take_this(port)?;
        Ok(self.hold(leg, pair))
    }

    /// Gives a command to the worker it concerns; one for a leg or conference that is not there is ignored.
    pub fn send(&self, command: ToWorker) {
        let mut router = lock(&self.router);
        let leg = match &command {
            ToWorker::Close { leg } => Some(*leg),
            ToWorker::Open { .. }
            | ToWorker::Stream { .. }
            | ToWorker::Connect { .. }
            | ToWorker::Restart { .. }
            | ToWorker::Place { .. }
            | ToWorker::Phase { .. }
            | ToWorker::Record { .. }
            | ToWorker::Play { .. }
            | ToWorker::StopPlaying { .. }
            | ToWorker::Echo { .. } => None,
        };
        if let Some(pair) = leg.and_then(|leg| router.let_go(leg)) {
            self.give_back(pair);
        }
        // Orders are posted under the lock: two commands of one leg never overtake each other.
        for (worker, order) in router.route(command, &self.posts) {
            self.posts[worker].send(order);
        }
    }

    /// Stops every worker and waits for them.
    pub fn stop(self) {
        drop(self);
    }

    fn hold(&self, leg: LegId, pair: Pair) -> SocketAddr {
        let address = SocketAddr::new(self.advertised, pair.port);
        if let Some(unused) = lock(&self.router).hold(leg, pair) {
            self.give_back(unused);
        }
        address
    }

    fn give_back(&self, pair: Pair) {
        let port = pair.port;
        drop(pair);
        lock(&self.ports).give_back(port, Instant::now());
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.posts.iter().for_each(|post| post.send(Order::Stop));
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a media worker had panicked");
            }
        }
    }
}

/// A worker that panicked leaves these whole: they are changed in single steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An address others can reach us at, when bound to any: the one the default route starts from.
fn reachable(local: IpAddr) -> IpAddr {
    if !local.is_unspecified() {
        return local;
    }
    let towards = if local.is_ipv4() { "192.0.2.1:9" } else { "[2001:db8::1]:9" };
    // Connecting a UDP socket sends nothing.
    let found = std::net::UdpSocket::bind(SocketAddr::new(local, 0))
        .and_then(|socket| socket.connect(towards).map(|()| socket))
        .and_then(|socket| socket.local_addr());
    match found {
        Ok(address) => address.ip(),
        Err(_) if local.is_ipv4() => Ipv4Addr::LOCALHOST.into(),
        Err(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    }
}

#[cfg(test)]
mod tests;
