//! The next hop of a message: a transport and an address.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::io::Conn;
use crate::sip::Uri;

/// Where a peer is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hop {
    /// By datagrams.
    Udp {
        /// From which of our sockets.
        local: u8,
        peer: SocketAddr,
    },
    /// By a connection.
    Tcp {
        peer: SocketAddr,
        /// The one it came on; when that has ended, another is made.
        #[serde(skip)]
        conn: Option<Conn>,
    },
}

impl Hop {
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Self::Tcp { .. })
    }

    pub(crate) fn peer(self) -> SocketAddr {
        match self {
            Self::Udp { peer, .. } | Self::Tcp { peer, .. } => peer,
        }
    }

    /// The connection it names, of a stream.
    pub(crate) fn conn(self) -> Option<Conn> {
        match self {
            Self::Udp { .. } => None,
            Self::Tcp { conn, .. } => conn,
        }
    }

    /// The name of the transport in a Via.
    pub(crate) fn transport(self) -> &'static str {
        match self {
            Self::Udp { .. } => "UDP",
            Self::Tcp { .. } => "TCP",
        }
    }

    /// Where `uri` leads, if its host is numeric and we speak its transport.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        Some(Self::by(uri, SocketAddr::new(uri.host.ip()?, uri.port_or_default())))
    }

    /// The transport `uri` asks for, to the address its host was resolved to.
    pub(crate) fn by(uri: &Uri, peer: SocketAddr) -> Self {
        match uri.params.get("transport") {
            Some(t) if t.eq_ignore_ascii_case("tcp") => Self::Tcp { peer, conn: None },
            Some(_) | None => Self::Udp { local: 0, peer },
        }
    }

    /// Where requests to the contact `uri` go, whose owner was heard from `self`. A contact that names an
    /// address of a private net while its owner's is public lies behind a translator, and a name would
    /// have to be resolved: both are reached the way they came (RFC 3581, RFC 5626).
    pub(crate) fn for_contact(self, uri: &Uri) -> Self {
        let Some(told) = Self::of(uri) else { return self };
        let (there, here) = (told.peer(), self.peer());
        let hidden = is_private(there.ip()) && !is_private(here.ip());
        if hidden || there.ip().is_loopback() != here.ip().is_loopback() {
            return self;
        }
        match (self, told) {
            // The connection it came on serves as long as it lasts.
            (Self::Tcp { conn, .. }, _) => Self::Tcp { peer: there, conn },
            (Self::Udp { local, .. }, Self::Udp { .. }) => Self::Udp { local, peer: there },
            (Self::Udp { .. }, Self::Tcp { .. }) => told,
        }
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(a) => a.is_private() || a.is_loopback() || a.is_link_local(),
        IpAddr::V6(a) => a.is_loopback() || a.is_unique_local() || a.is_unicast_link_local(),
    }
}
