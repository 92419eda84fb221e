//! What every machine of this core speaks through: the outbox, the clockwork, the transactions, the
//! connections. It carries; it decides nothing about calls.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::SocketAddr;

use bytes::Bytes;
use ngcc_proto::{Class, Effect, Envelope, Ids, Key, Now};

use crate::hop::Hop;
use crate::io::{Flow, Output};
use crate::links::Links;
use crate::settings::Settings;
use crate::texting::Texts;
use crate::timers::Timers;
use crate::transaction::invite::Invites;
use crate::transaction::request::Requests;
use crate::transaction::served::Served;

/// The methods we take, as an `Allow` header line.
pub(crate) const ALLOW: &str =
    "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO, UPDATE, PRACK, REFER, MESSAGE\r\n";
/// The extensions we have, as a `Supported` header line.
pub(crate) const SUPPORTED: &str = "Supported: 100rel, timer\r\n";
/// The one content type of an offer.
pub(crate) const SDP: &str = "application/sdp";

/// The ground under legs and registrations.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) settings: Settings,
    pub(crate) ids: Ids,
    pub(crate) now: Now,
    pub(crate) timers: Timers,
    pub(crate) served: Served,
    pub(crate) requests: Requests,
    pub(crate) invites: Invites,
    pub(crate) links: Links,
    pub(crate) texts: Texts,
    out: VecDeque<Effect<Output>>,
}

impl Edge {
    pub(crate) fn new(settings: Settings, ids: Ids) -> Self {
        Self {
            settings,
            ids,
            now: Now::default(),
            timers: Timers::default(),
            served: Served::default(),
            requests: Requests::default(),
            invites: Invites::default(),
            links: Links::default(),
            texts: Texts::default(),
            out: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Effect<Output>> {
        self.out.pop_front()
    }

    pub(crate) fn emit(&mut self, output: Output) {
        self.out.push_back(Effect::Emit { after: Class::Process, output });
    }

    pub(crate) fn tell(&mut self, envelope: Envelope) {
        self.emit(Output::Send(envelope));
    }

    pub(crate) fn persist(&mut self, key: Key, bytes: Vec<u8>) {
        self.out.push_back(Effect::Persist { key, bytes });
    }

    pub(crate) fn forget(&mut self, key: Key) {
        self.out.push_back(Effect::Forget { key });
    }

    /// Sends one message. A stream whose connection has ended gets a new one, which `hop` then names.
    pub(crate) fn send(&mut self, hop: &mut Hop, bytes: Bytes) {
        let to = match hop {
            Hop::Udp { local, peer } => Flow::Udp { local: *local, peer: *peer },
            Hop::Tcp { peer, conn } => {
                let live = conn.filter(|c| self.links.is_open(*c)).or_else(|| self.links.to(*peer));
                let live = live.unwrap_or_else(|| self.connect(*peer));
                *conn = Some(live);
                Flow::Tcp { conn: live }
            }
        };
        self.emit(Output::Transmit { to, bytes });
    }

    /// A fresh tag or branch number: 64 bits nobody can guess.
    pub(crate) fn random(&mut self) -> u64 {
        self.ids.rng().u64()
    }

    /// `hop` from a socket of the peer's address family.
    pub(crate) fn outward(&self, hop: Hop) -> Hop {
        match hop {
            Hop::Udp { peer, .. } => {
                let local = self.settings.udp.iter().position(|a| a.is_ipv4() == peer.is_ipv4()).unwrap_or(0);
                Hop::Udp { local: u8::try_from(local).unwrap_or(0), peer }
            }
            Hop::Tcp { .. } => hop,
        }
    }

    /// The address peers on `hop` are told to send to.
    pub(crate) fn advertised(&self, hop: Hop) -> SocketAddr {
        let udp = |local: u8| self.settings.udp.get(usize::from(local)).or_else(|| self.settings.udp.first());
        let address = match hop {
            Hop::Udp { local, .. } => udp(local),
            Hop::Tcp { .. } => self.settings.tcp.as_ref().or_else(|| udp(0)),
        };
        address.copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 5060)))
    }

    /// Our own `Contact` header line.
    pub(crate) fn contact(&self, hop: Hop) -> String {
        let at = self.advertised(hop);
        match hop {
            Hop::Udp { .. } => format!("Contact: <sip:ngcc@{at}>\r\n"),
            Hop::Tcp { .. } => format!("Contact: <sip:ngcc@{at};transport=tcp>\r\n"),
        }
    }

    /// Our own `Via` header line for transaction `number`.
    pub(crate) fn via(&self, out: &mut String, hop: Hop, number: u64) {
        let at = self.advertised(hop);
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "Via: SIP/2.0/{} {at};rport;branch={}\r\n",
            hop.transport(),
            super::transaction::branch(number)
        );
    }
}
