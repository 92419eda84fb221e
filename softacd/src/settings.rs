//! What the operator sets about the SIP edge.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ngcc_proto::Secret;
use ngcc_softacd_core::{Limits, WebLimits};

/// Where the edge listens and what it calls itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// UDP addresses to listen on; port 0 takes any free one.
    pub udp: Vec<SocketAddr>,
    /// The TCP address to listen on, if any; port 0 takes the first UDP socket's number, or any free one.
    pub tcp: Option<SocketAddr>,
    /// The address peers are told, where it is not the one we listen on (behind a translator, or on all
    /// interfaces). None: the one we listen on, or the one this machine speaks from.
    pub external: Option<IpAddr>,
    /// Names that a request URI may have as its host, besides our addresses.
    pub domains: Vec<String>,
    /// The realm of phones' secrets. Changing it makes every stored HA1 worthless.
    pub realm: String,
    /// Whether callers without credentials are let through to public numbers.
    pub anonymous: bool,
    /// The most TCP connections at once.
    pub connections: usize,
    /// What is shed and when.
    pub limits: Limits,
    /// The browsers' side.
    pub web: Web,
}

/// Which pages may speak to the edge, and how much.
#[derive(Clone, Debug)]
pub struct Web {
    /// Origins of pages that may (`https://shop.example`), besides those of our own host.
    pub origins: Vec<String>,
    /// Whether clients that name no origin may. No browser is one.
    pub without_origin: bool,
    /// What companies' pages prove their users' identities with; without it no identity is taken.
    pub identity_secret: Option<Secret>,
    /// The most bytes of one file.
    pub max_upload: u64,
    /// The most browsers at once.
    pub connections: usize,
    /// New visitors taken a minute of one address.
    pub visitors_per_minute: usize,
    /// What is shed and when.
    pub limits: WebLimits,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            origins: vec![],
            without_origin: false,
            identity_secret: None,
            max_upload: 25 * 1024 * 1024,
            connections: 50_000,
            visitors_per_minute: 30,
            limits: WebLimits::default(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060));
        Self {
            udp: vec![any],
            tcp: Some(any),
            external: None,
            domains: vec![],
            realm: "ngcc".to_owned(),
            anonymous: true,
            connections: 2000,
            limits: Limits::default(),
            web: Web::default(),
        }
    }
}
