//! The browsers' side of the edge: WebSockets, visitors' tokens and files. It says who somebody is and what they
//! may send; what their frames mean is the core's business.

mod auth;
mod http;
mod jwt;
mod lines;
pub(crate) mod often;
mod people;
mod socket;
mod wire;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use ngcc_proto::{Ids, MessageId};
use ngcc_runtime::{Clock, House, Https, Inbox, Origins, RtcClaims, Sealer, StartError, Stop, Uploads};
use ngcc_softacd_core::Input;
use tokio::sync::Semaphore;

use crate::settings::Web;
use crate::witness::Witness;
use often::{Often, Once};
use people::VisitorClaims;
use socket::{Came, Door};

pub(crate) use lines::WebLines;

/// How long a stop waits for browsers to be told of it.
const FAREWELL: Duration = Duration::from_secs(3);
/// Files that are taken at once.
const TAKEN_AT_ONCE: usize = 64;
/// Files of one visitor a minute.
const FILES: usize = 30;
/// Links that are opened from one address a minute.
const LINKS: usize = 10;
/// Times a minute that one visitor's pages say something of them.
const CLAIMS: usize = 30;
/// The time for which comers and files are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// What every request needs. Clones are the same.
#[derive(Clone)]
pub(crate) struct Doors(Arc<Inner>);

pub(crate) struct Inner {
    web: Web,
    origins: Origins,
    clock: Clock,
    stop: Stop,
    inbox: Inbox<Input>,
    lines: WebLines,
    uploads: Uploads,
    visitors: Sealer,
    rtc: Sealer,
    epoch: String,
    ids: Mutex<Ids>,
    once: Mutex<Once>,
    comers: Mutex<Often<IpAddr>>,
    senders: Mutex<Often<String>>,
    followers: Mutex<Often<IpAddr>>,
    claimants: Mutex<Often<String>>,
    witness: Witness,
    taking: Semaphore,
}

impl std::ops::Deref for Doors {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Doors(…)")
    }
}

impl Doors {
    /// Opens the store of files and derives the keys of the tokens.
    ///
    /// # Errors
    /// The data directory cannot be used.
    pub(crate) fn open(
        web: Web,
        house: &House,
        inbox: Inbox<Input>,
        lines: WebLines,
        witness: Witness,
    ) -> Result<Self, StartError> {
        let now = house.clock.now().wall;
        let mut ids = house.ids();
        let epoch: MessageId = ids.mint(now);
        let uploads = Uploads::open(house)
            .map_err(|source| StartError::DataDir { path: house.data_dir.join("uploads"), source })?;
        // Browsers are told of a stop before the house counts as closed.
        let (part, stop, open) = (house.part(), house.stop.clone(), lines.clone());
        tokio::spawn(async move {
            stop.wait().await;
            open.empty(FAREWELL).await;
            drop(part);
        });
        Ok(Self(Arc::new(Inner {
            origins: Origins::new(&web.origins, web.without_origin),
            clock: house.clock.clone(),
            stop: house.stop.clone(),
            inbox,
            lines,
            uploads,
            visitors: Sealer::of(house, VisitorClaims::PURPOSE)?,
            rtc: Sealer::of(house, RtcClaims::PURPOSE)?,
            epoch: epoch.to_string(),
            ids: Mutex::new(ids),
            once: Mutex::new(Once::new(now)),
            comers: Mutex::new(Often::new(web.visitors_per_minute, MINUTE)),
            senders: Mutex::new(Often::new(FILES, MINUTE)),
            followers: Mutex::new(Often::new(LINKS, MINUTE)),
            claimants: Mutex::new(Often::new(CLAIMS, MINUTE)),
            witness,
            taking: Semaphore::new(TAKEN_AT_ONCE),
            web,
        })))
    }

    /// The routes of browsers.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/ws/visitor", any(visitor))
            .route("/ws/rtc", any(rtc))
            .route("/api/v1/visitors", post(http::create).options(http::preflight))
            .route("/api/v1/uploads", post(http::put).options(http::preflight))
            .route("/api/v1/uploads/{file}", get(http::get).options(http::preflight))
            .with_state(self.clone())
    }

    fn mint(&self) -> MessageId {
        lock(&self.ids).mint(self.clock.now().wall)
    }

    fn once(&self) -> MutexGuard<'_, Once> {
        lock(&self.once)
    }

    fn comers(&self) -> MutexGuard<'_, Often<IpAddr>> {
        lock(&self.comers)
    }

    fn followers(&self) -> MutexGuard<'_, Often<IpAddr>> {
        lock(&self.followers)
    }

    fn claimants(&self) -> MutexGuard<'_, Often<String>> {
        lock(&self.claimants)
    }

    fn senders(&self) -> MutexGuard<'_, Often<String>> {
        lock(&self.senders)
    }
}

/// The address somebody comes from. A listener that does not say makes all of them one.
fn address(peer: Option<SocketAddr>) -> IpAddr {
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a request came by TLS.
type Tls = Option<Extension<Https>>;

/// From where a request came, where the listener says so.
type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

async fn visitor(
    State(doors): State<Doors>,
    tls: Tls,
    peer: Peer,
    headers: HeaderMap,
    up: WebSocketUpgrade,
) -> Response {
    let origin = doors.origins.of(&headers, tls.is_some());
    open(doors, origin, up, Door::Visitor, peer)
}

async fn rtc(
    State(doors): State<Doors>,
    tls: Tls,
    peer: Peer,
    headers: HeaderMap,
    up: WebSocketUpgrade,
) -> Response {
    let origin = doors.origins.of(&headers, tls.is_some());
    open(doors, origin, up, Door::Rtc, peer)
}

/// Before the upgrade: may a page of this origin, and is there a place?
fn open(doors: Doors, origin: Option<String>, upgrade: WebSocketUpgrade, door: Door, peer: Peer) -> Response {
    let Some(origin) = origin else { return StatusCode::FORBIDDEN.into_response() };
    let Some(seat) = doors.lines.seat().filter(|_| !doors.stop.has_begun()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let from = often::neighbourhood(address(peer.map(|Extension(ConnectInfo(peer))| peer)));
    upgrade
        .read_buffer_size(socket::BUFFER)
        .write_buffer_size(socket::BUFFER)
        .max_message_size(socket::CEILING)
        .max_frame_size(socket::CEILING)
        .on_upgrade(move |socket| socket::serve(doors, socket, Came { door, origin, from }, seat))
}

#[cfg(test)]
mod tests;
