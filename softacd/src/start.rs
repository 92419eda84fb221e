//! The start of the edge: sockets first, so that a port in use is told before anything else begins.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use ngcc_proto::config::ForAccess;
use ngcc_proto::{Body, Role};
use ngcc_runtime::{Driver, House, drive};
use ngcc_softacd_core::{Access as Core, Input, Settings as CoreSettings};
use thiserror::Error;
use tokio::net::{TcpListener, UdpSocket};

use crate::channels::Channels;
use crate::lines::Lines;
use crate::settings::Settings;
use crate::shell::Edge;
use crate::web::{Doors, WebLines};
use crate::witness::Witness;
use crate::{local, udp};

/// A start that failed, in words for the operator.
#[derive(Debug, Error)]
pub enum StartError {
    /// A port cannot be listened on.
    #[error("{transport} port {} on {} cannot be opened ({source}): stop whatever uses it, or choose another with `{key}`", address.port(), address.ip())]
    Listen {
        /// `UDP` or `TCP`.
        transport: &'static str,
        /// The address asked for.
        address: SocketAddr,
        /// The setting it comes from.
        key: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// There is no UDP address to listen on.
    #[error("no SIP address to listen on: set `sip.udp`")]
    NoAddress,
    /// The core's log cannot be used.
    #[error(transparent)]
    House(#[from] ngcc_runtime::StartError),
}

/// The edge, serving.
#[derive(Debug)]
pub struct Access {
    /// Where it listens for datagrams, with the real ports.
    pub udp: Vec<SocketAddr>,
    /// Where it listens for connections.
    pub tcp: Option<SocketAddr>,
    doors: Doors,
    channels: Channels,
    driver: Driver<Input>,
}

impl Access {
    /// The routes of browsers: `/ws/visitor`, `/ws/rtc`, `/api/v1/visitors` and `/api/v1/uploads`; and `/hooks/<channel>`
    /// of messaging channels. Serve it with connect info of `SocketAddr`, so that comers are counted by address.
    pub fn router(&self) -> Router {
        self.doors.router().merge(self.channels.router())
    }

    /// Returns when the core has stopped and its log is on disk.
    pub async fn closed(self) {
        self.driver.closed().await;
    }
}

/// Opens the sockets, gives the core its records back and serves.
///
/// # Errors
/// [`StartError`]: a port is in use, or the log cannot be opened.
pub async fn start(settings: Settings, house: &House) -> Result<Access, StartError> {
    house.expect("access");
    let sockets = open_udp(&settings.udp)?;
    let addresses: Vec<SocketAddr> = sockets.iter().filter_map(|s| s.local_addr().ok()).collect();
    let listener = match settings.tcp {
        Some(address) => Some(listen(address, addresses.first().map_or(0, SocketAddr::port)).await?),
        None => None,
    };
    let tcp = listener.as_ref().and_then(|l| l.local_addr().ok());
    let fails =
        |source| StartError::Listen { transport: "UDP", address: settings.udp[0], key: "sip.udp", source };
    let ears: Vec<_> =
        sockets.iter().map(std::net::UdpSocket::try_clone).collect::<Result<_, _>>().map_err(fails)?;
    let ears: Vec<_> = ears.into_iter().map(UdpSocket::from_std).collect::<Result<_, _>>().map_err(fails)?;

    let core = core_settings(&settings, &addresses, tcp);
    // A core that is rebuilt after a failure knows no phone until it is told again: what it was told last is kept.
    let config: Arc<Mutex<Option<ForAccess>>> = Arc::default();
    let latest = Arc::clone(&config);
    let rngs = house.clone();
    let make = move || {
        let mut access = Core::new(core.clone(), rngs.rng());
        let known = config.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.into_iter().for_each(|config| access.configure(config));
        access
    };
    let mut lines = None;
    let web = WebLines::new(settings.web.connections);
    let browsers = web.clone();
    let witness = Witness::new(house);
    let channels = Channels::open(house, settings.web.max_upload, witness.clone())?;
    let adapters = channels.clone();
    let (bus, clock, connections) = (Arc::clone(&house.bus), house.clock.clone(), settings.connections);
    let driver = drive(house, "access", make, |inbox| {
        let own = Lines::new(connections, inbox.clone(), clock);
        lines = Some(own.clone());
        adapters.attach(inbox.clone());
        Edge { bus, udp: sockets, lines: own, web: browsers, channels: adapters, inbox }
    })?;
    let told = channels.clone();
    let doors = Doors::open(settings.web, house, driver.inbox.clone(), web, witness.clone())?;
    driver.inbox.attach_watching(&house.bus, Role::Access, move |envelope| {
        if let Body::ConfigAccess(config) = &envelope.body {
            *latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(config.clone());
            told.configure(&config.channels);
        } else if let Body::ContactNoted(noted) = &envelope.body {
            witness.answer(envelope.cause, *noted);
        }
    });
    for (local, ear) in (0..=u8::MAX).zip(ears) {
        tokio::spawn(udp::receive(ear, local, driver.inbox.clone(), house.clock.clone(), house.stop.clone()));
    }
    if let (Some(listener), Some(lines)) = (listener, lines) {
        tokio::spawn(lines.accept(listener, house.stop.clone()));
    }
    house.ready("access");
    tracing::info!(udp = ?addresses, ?tcp, "sip edge serves");
    Ok(Access { udp: addresses, tcp, doors, channels, driver })
}

fn open_udp(addresses: &[SocketAddr]) -> Result<Vec<std::net::UdpSocket>, StartError> {
    if addresses.is_empty() {
        return Err(StartError::NoAddress);
    }
    let fails =
        |address| move |source| StartError::Listen { transport: "UDP", address, key: "sip.udp", source };
    addresses.iter().map(|&address| udp::open(address).map_err(fails(address))).collect()
}

/// Port 0 takes the UDP socket's number where that is free: people expect one port for both.
async fn listen(address: SocketAddr, like: u16) -> Result<TcpListener, StartError> {
    if address.port() == 0
        && let Ok(listener) = TcpListener::bind(SocketAddr::new(address.ip(), like)).await
    {
        return Ok(listener);
    }
    let fails = |source| StartError::Listen { transport: "TCP", address, key: "sip.tcp", source };
    TcpListener::bind(address).await.map_err(fails)
}

fn core_settings(settings: &Settings, udp: &[SocketAddr], tcp: Option<SocketAddr>) -> CoreSettings {
    let everywhere = udp.iter().chain(&tcp).any(|a| a.ip().is_unspecified());
    let outward = settings.external.or_else(|| local::outward().filter(|_| everywhere));
    let outward = outward.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let told = |a: &SocketAddr| {
        let ip = match settings.external {
            Some(external) if external.is_ipv4() == a.is_ipv4() => external,
            Some(_) | None if a.ip().is_unspecified() => outward,
            Some(_) | None => a.ip(),
        };
        SocketAddr::new(ip, a.port())
    };
    CoreSettings {
        realm: settings.realm.clone(),
        domains: settings.domains.clone(),
        addresses: if everywhere {
            local::addresses()
        } else {
            udp.iter().chain(&tcp).map(SocketAddr::ip).collect()
        },
        udp: udp.iter().map(told).collect(),
        tcp: tcp.as_ref().map(told),
        anonymous: settings.anonymous,
        limits: settings.limits.clone(),
        web: settings.web.limits,
    }
}
