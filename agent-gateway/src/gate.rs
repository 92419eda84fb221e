//! What every request and every socket shares.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ngcc_proto::auth::Grant;
use ngcc_proto::envelope::Body;
use ngcc_proto::{AgentUri, FileId, Mono, Wall, ask, auth, contact, im, supervise};
use ngcc_runtime::token::Bearer;
use ngcc_runtime::{House, Origins, RtcClaims, Sealer, StartError, Stop, Uploads};
use tokio::sync::{Notify, Semaphore, watch};

use crate::Settings;
use crate::desk::Desk;
use crate::hub::Hub;
use crate::problem::Problem;
use crate::rate::{Limiter, Rate, site};
use crate::readings::Readings;
use crate::ticket::Tickets;
use crate::token::Hash;

/// How long an answer of another part may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// The most sockets that have not shown a ticket yet.
const MAX_STRANGERS: usize = 1024;

/// Where colleagues' files lie in the data directory.
const COLLEAGUES: &str = "colleagues";
/// The most files that come at once.
const MAX_TAKING: usize = 32;

const MINUTE: Duration = Duration::from_secs(60);
/// Sign-ins of one address.
const SIGN_IN: Rate = Rate { burst: 10, per: MINUTE };
/// Requests of one sign-in.
const SESSION: Rate = Rate { burst: 300, per: MINUTE };
/// Requests of one address, which may be a whole office: a bound on what strangers cost.
const ADDRESS: Rate = Rate { burst: 6000, per: MINUTE };

/// What every request and every socket shares.
pub(crate) struct Gate {
    /// Asks the other parts.
    pub(crate) desk: Desk,
    /// Who is connected.
    pub(crate) hub: Hub,
    /// Which pages may speak to us.
    pub(crate) origins: Origins,
    /// Seals tokens for `/ws/rtc`.
    pub(crate) rtc: Sealer,
    /// Changes with every start.
    pub(crate) epoch: i64,
    /// When to stop.
    pub(crate) stop: Stop,
    /// Sockets that have not shown a ticket yet.
    pub(crate) strangers: Semaphore,
    /// How many sockets are open.
    pub(crate) sockets: watch::Sender<usize>,
    /// Files that people hand over.
    pub(crate) uploads: Uploads,
    /// Files that colleagues send each other: they lie apart, as their messages do.
    pub(crate) colleagues: Uploads,
    /// The most bytes of one.
    pub(crate) max_upload: u64,
    /// Where the data lie that all parts share: what was recorded of collaborations is there.
    pub(crate) data_dir: PathBuf,
    /// Files that are coming.
    pub(crate) taking: Semaphore,
    /// Somebody began to look at the board.
    pub(crate) board_wanted: Notify,
    /// A page came or went.
    pub(crate) presence_changed: Notify,
    tickets: Mutex<Tickets>,
    limits: Mutex<Limits>,
    readings: Mutex<Readings>,
}

struct Limits {
    sign_in: Limiter<IpAddr>,
    session: Limiter<Hash>,
    address: Limiter<IpAddr>,
}

impl Gate {
    /// Everything empty.
    pub(crate) fn open(settings: &Settings, house: &House) -> Result<Self, StartError> {
        let limits = Limits {
            sign_in: Limiter::new(SIGN_IN),
            session: Limiter::new(SESSION),
            address: Limiter::new(ADDRESS),
        };
        Ok(Self {
            desk: Desk::new(house, PATIENCE),
            hub: Hub::default(),
            origins: Origins::new(&settings.origins, false),
            rtc: Sealer::of(house, RtcClaims::PURPOSE)?,
            epoch: house.clock.now().wall.0,
            stop: house.stop.clone(),
            strangers: Semaphore::new(MAX_STRANGERS),
            sockets: watch::channel(0).0,
            uploads: Uploads::open(house)
                .map_err(|source| StartError::DataDir { path: house.data_dir.join("uploads"), source })?,
            data_dir: house.data_dir.clone(),
            colleagues: Uploads::open_in(house, COLLEAGUES)
                .map_err(|source| StartError::DataDir { path: house.data_dir.join(COLLEAGUES), source })?,
            max_upload: settings.max_upload,
            taking: Semaphore::new(MAX_TAKING),
            board_wanted: Notify::new(),
            presence_changed: Notify::new(),
            tickets: Mutex::default(),
            limits: Mutex::new(limits),
            readings: Mutex::default(),
        })
    }

    /// The tickets that are out.
    pub(crate) fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is reading which recording.
    pub(crate) fn readings(&self) -> MutexGuard<'_, Readings> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A one-time token with which this person's browser opens `/ws/rtc`.
    pub(crate) fn rtc_token(&self, who: AgentUri) -> String {
        let claims = RtcClaims { who: Bearer::Agent(who), once: self.desk.once() };
        let until = Wall(self.desk.now().wall.0.saturating_add(RtcClaims::GOOD_MS));
        self.rtc.seal(&claims, until)
    }

    /// Counts a sign-in of an address.
    pub(crate) fn count_sign_in(&self, address: IpAddr) -> Result<(), Problem> {
        self.count(|limits, now| limits.sign_in.take(site(address), now))
    }

    /// Counts a request of an address.
    pub(crate) fn count_address(&self, address: IpAddr) -> Result<(), Problem> {
        self.count(|limits, now| limits.address.take(site(address), now))
    }

    /// Counts a request of a sign-in.
    pub(crate) fn count_session(&self, sign_in: Hash) -> Result<(), Problem> {
        self.count(|limits, now| limits.session.take(sign_in, now))
    }

    fn count(&self, take: impl FnOnce(&mut Limits, Mono) -> Result<(), Duration>) -> Result<(), Problem> {
        let now = self.desk.now().mono;
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        take(&mut limits, now).map_err(Problem::too_many)
    }

    /// Whose sign-in it is. Asked each time, so that a sign-in ends everywhere at once.
    pub(crate) async fn resume(&self, sign_in: Hash) -> Result<Grant, Problem> {
        match self.ask_auth(auth::Command::Resume { token_hash: sign_in.to_string() }).await? {
            auth::Event::Granted { grant } => Ok(grant),
            auth::Event::Refused { .. } => Err(Problem::not_signed_in()),
            auth::Event::Done => Err(unexpected("auth")),
        }
    }

    /// Asks the data centre about a sign-in.
    pub(crate) async fn ask_auth(&self, command: auth::Command) -> Result<auth::Event, Problem> {
        let body = self.desk.ask(command).await?;
        if let Body::AuthEvent(event) = body { Ok(event) } else { Err(unexpected(body.name())) }
    }

    /// Asks the data centre for what is stored.
    pub(crate) async fn ask_stored(&self, command: ask::Command) -> Result<ask::Event, Problem> {
        let body = self.desk.ask(command).await?;
        if let Body::AskEvent(event) = body { Ok(event) } else { Err(unexpected(body.name())) }
    }

    /// Asks the data centre about customers.
    pub(crate) async fn ask_contacts(&self, command: contact::Command) -> Result<contact::Event, Problem> {
        let body = self.desk.ask(command).await?;
        if let Body::ContactEvent(event) = body { Ok(event) } else { Err(unexpected(body.name())) }
    }

    /// Asks the colleagues' exchange whether somebody may have a file.
    pub(crate) async fn may_have(&self, agent: AgentUri, file: FileId) -> Result<bool, Problem> {
        let body = self.desk.ask(im::Command::May { agent, file }).await?;
        if let Body::ImEvent(im::Event::May { allowed, .. }) = body {
            Ok(allowed)
        } else {
            Err(unexpected(body.name()))
        }
    }

    /// Asks cti as a supervisor.
    pub(crate) async fn ask_supervise(
        &self,
        command: supervise::Command,
    ) -> Result<supervise::Event, Problem> {
        let body = self.desk.ask(command).await?;
        if let Body::SuperviseEvent(event) = body { Ok(event) } else { Err(unexpected(body.name())) }
    }
}

/// An answer to another question: a bug of ours or of who answered.
pub(crate) fn unexpected(kind: &str) -> Problem {
    tracing::error!(kind, "no answer to what was asked");
    Problem::unavailable()
}
