//! What the core is given once, at its making.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Names, addresses and limits of this edge.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The realm of our challenges; phones' HA1 values are made with it.
    pub realm: String,
    /// Our domain names; compared without regard to case.
    pub domains: Vec<String>,
    /// Our addresses besides the advertised ones: what a request URI may name.
    pub addresses: Vec<IpAddr>,
    /// What peers are told to send to, one entry a UDP socket, in the order of their numbers; at least one.
    pub udp: Vec<SocketAddr>,
    /// The same for TCP; none: no TCP.
    pub tcp: Option<SocketAddr>,
    /// Whether callers without credentials are let through to the numbers that are public.
    pub anonymous: bool,
    /// What is shed and when.
    pub limits: Limits,
    /// The same for browsers.
    pub web: WebLimits,
}

/// Ceilings for browsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebLimits {
    /// The most legs of browsers at once.
    pub legs: usize,
    /// The most calls of one customer at once.
    pub calls_per_customer: usize,
    /// Messages and new calls taken of one person …
    pub messages: usize,
    /// … within this time.
    pub within: Duration,
    /// How often it is passed on that somebody writes, at the most.
    pub typing: Duration,
}

impl Default for WebLimits {
    fn default() -> Self {
        Self {
            legs: 50_000,
            calls_per_customer: 4,
            messages: 20,
            within: Duration::from_secs(10),
            typing: Duration::from_secs(3),
        }
    }
}

/// Ceilings. What is over them is refused, never queued.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The most legs at once.
    pub legs: usize,
    /// New INVITEs taken a second, sustained.
    pub invites_per_s: u32,
    /// New INVITEs taken at once after a quiet time.
    pub invite_burst: u32,
    /// New INVITEs are refused while inputs have waited longer than this.
    pub behind: Duration,
    /// The most phones' bindings at once, of one phone.
    pub bindings_per_phone: usize,
    /// Finished transactions remembered at once.
    pub finished: usize,
    /// Wrong credentials from one address within ten seconds before it is banned.
    pub failures: u32,
    /// How long it is banned.
    pub ban: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            legs: 50_000,
            invites_per_s: 10_000,
            invite_burst: 10_000,
            behind: Duration::from_secs(1),
            bindings_per_phone: 10,
            finished: 400_000,
            failures: 20,
            ban: Duration::from_secs(60),
        }
    }
}

impl Settings {
    /// An edge on one address, for UDP and TCP alike.
    pub fn on(address: SocketAddr, realm: &str) -> Self {
        Self {
            realm: realm.to_owned(),
            domains: vec![realm.to_owned()],
            addresses: vec![],
            udp: vec![address],
            tcp: Some(address),
            anonymous: true,
            limits: Limits::default(),
            web: WebLimits::default(),
        }
    }
}
