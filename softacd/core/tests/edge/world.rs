//! A world of one edge: virtual time, raw SIP text in, bytes and messages out. It reads SIP with plain
//! string searching, not with the parser under test.
mod text;

pub(crate) use text::*;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::access::{Cause, Command, Event, Target};
use ngcc_proto::config::{ChannelAccount, ForAccess, PhoneAccount};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{Body, Core, Effect, Envelope, Ids, Key, LegId, Now, Rng};
use ngcc_softacd_core::sip::digest::{Algorithm, Auth, Challenge, Credentials, ha1, response};
use ngcc_softacd_core::sip::{Method, parse};
use ngcc_softacd_core::{Access, Conn, Flow, Input, Output, Settings};

/// Where a message went and what it was.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) to: Flow,
    pub(crate) text: String,
}

pub(crate) struct World {
    pub(crate) access: Access,
    pub(crate) now: Now,
    pub(crate) records: BTreeMap<Key, Vec<u8>>,
    pub(crate) order: Vec<Key>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) persists: usize,
    /// Messaging channels, as configured.
    pub(crate) channels: Vec<ChannelAccount>,
    settings: Settings,
    ids: Ids,
    seed: u64,
}

pub(crate) const EDGE: &str = "127.0.0.1:5060";
pub(crate) const SECRET: &str = "s3cret";
pub(crate) const REALM: &str = "ngcc";

pub(crate) fn peer(n: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], n))
}

pub(crate) fn sdp(version: u64, direction: &str) -> Sdp {
    let text = format!(
        "v=0\r\no=- 7 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na={direction}\r\n"
    );
    text.parse().unwrap()
}

pub(crate) fn account(name: &str) -> PhoneAccount {
    PhoneAccount {
        name: name.to_owned(),
        ha1_md5: Some(ha1(Algorithm::Md5, name, REALM, SECRET)),
        ha1_sha256: Some(ha1(Algorithm::Sha256, name, REALM, SECRET)),
        contact: None,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::on(EDGE.parse().unwrap(), REALM);
        settings.domains.push("pbx.example".to_owned());
        change(&mut settings);
        let start = Now::default().plus(Duration::from_secs(1_700_000_000));
        let access = Access::new(settings.clone(), Rng::from_u64(1));
        let mut world = Self {
            access,
            now: start,
            records: BTreeMap::new(),
            order: vec![],
            outputs: vec![],
            persists: 0,
            channels: vec![],
            settings,
            ids: Ids::new(Rng::from_u64(99)),
            seed: 1,
        };
        world.access.restored(world.now);
        world.drain();
        world.outputs.clear();
        world.configure(vec![account("7001"), account("7002")]);
        world
    }

    pub(crate) fn configure(&mut self, phones: Vec<PhoneAccount>) {
        self.put(ForAccess { version: 1, phones, channels: self.channels.clone(), ..ForAccess::default() });
    }

    pub(crate) fn put(&mut self, body: impl Into<Body>) {
        let envelope = Envelope::new(&mut self.ids, self.now.wall, None, None, body);
        self.handle(Input::Envelope(envelope));
    }

    pub(crate) fn handle(&mut self, input: Input) {
        self.access.handle(input, self.now);
        self.drain();
    }

    /// A datagram from `from`.
    pub(crate) fn hears(&mut self, from: SocketAddr, text: &str) {
        let at = self.now.mono;
        self.handle(Input::Datagram {
            peer: from,
            local: 0,
            at,
            bytes: Bytes::copy_from_slice(text.as_bytes()),
        });
    }

    pub(crate) fn hears_on(&mut self, conn: u64, text: &str) {
        let at = self.now.mono;
        self.handle(Input::Received { conn: Conn(conn), at, bytes: Bytes::copy_from_slice(text.as_bytes()) });
    }

    /// Lets time pass, waking whenever the core wants.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        while let Some((at, _)) = self.access.deadline().filter(|(at, _)| *at <= end.mono) {
            let wait = at.since(self.now.mono);
            self.now = self.now.plus(wait);
            self.access.wake(self.now);
            self.drain();
        }
        self.now = self.now.plus(end.mono.since(self.now.mono));
    }

    /// Dies and comes back `away` later with what was stored.
    pub(crate) fn restart(&mut self, away: Duration) {
        self.restart_unconfigured(away);
        self.configure(vec![account("7001"), account("7002")]);
    }

    /// The same up to where the configuration comes.
    pub(crate) fn restart_unconfigured(&mut self, away: Duration) {
        self.seed += 1;
        self.outputs.clear();
        self.now = self.now.plus(away);
        self.access = Access::new(self.settings.clone(), Rng::from_u64(self.seed));
        for key in self.order.clone() {
            if let Some(bytes) = self.records.get(&key) {
                self.access.restore(key, bytes, self.now).unwrap();
            }
        }
        self.access.restored(self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.access.poll() {
            match effect {
                Effect::Persist { key, bytes } => {
                    self.persists += 1;
                    self.order.retain(|k| *k != key);
                    self.order.push(key);
                    self.records.insert(key, bytes);
                }
                Effect::Forget { key } => {
                    self.order.retain(|k| *k != key);
                    self.records.remove(&key);
                }
                Effect::Emit { output, .. } => self.outputs.push(output),
            }
        }
    }

    /// What was sent since the last look.
    pub(crate) fn sent(&mut self) -> Vec<Sent> {
        let (sent, rest) =
            std::mem::take(&mut self.outputs).into_iter().partition(|o| matches!(o, Output::Transmit { .. }));
        self.outputs = rest;
        let sent: Vec<Output> = sent;
        sent.into_iter()
            .filter_map(|o| {
                let Output::Transmit { to, bytes } = o else { return None };
                Some(Sent { to, text: String::from_utf8(bytes.to_vec()).unwrap() })
            })
            .collect()
    }

    /// The one message sent since the last look.
    pub(crate) fn one(&mut self) -> String {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "one message: {sent:#?}");
        check(&sent[0].text);
        sent[0].text.clone()
    }

    /// The first lines of what was sent since the last look.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        self.sent().iter().map(|s| s.text.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// What cti was told since the last look.
    pub(crate) fn told(&mut self) -> Vec<Event> {
        let event = |envelope: Envelope| {
            let Body::AccessEvent(event) = envelope.body else {
                panic!("{} is no event of ours", envelope.body.name())
            };
            event
        };
        self.envelopes().into_iter().map(event).collect()
    }

    pub(crate) fn envelopes(&mut self) -> Vec<Envelope> {
        let (told, rest) =
            std::mem::take(&mut self.outputs).into_iter().partition(|o| matches!(o, Output::Send(_)));
        self.outputs = rest;
        let told: Vec<Output> = told;
        told.into_iter()
            .filter_map(|o| match o {
                Output::Send(e) => Some(e),
                Output::Transmit { .. }
                | Output::Connect { .. }
                | Output::Close { .. }
                | Output::Resolve { .. }
                | Output::WebSend { .. }
                | Output::WebClose { .. }
                | Output::ChannelSend(_)
                | Output::ChannelWriting(_)
                | Output::ChannelAnswer { .. }
                | Output::ChannelAsk { .. } => None,
            })
            .collect()
    }

    pub(crate) fn leg(&mut self) -> LegId {
        self.ids.mint(self.now.wall)
    }

    /// A caller's INVITE up to its answer and ACK.
    pub(crate) fn caller_up(&mut self, from: SocketAddr) -> Talk {
        let invite = Invite::new(from).text();
        self.hears(from, &invite);
        let Some(Event::Arrived { leg, .. }) = self.told().pop() else { panic!("no Arrived") };
        self.sent();
        self.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
        let ok = self.one();
        assert!(ok.starts_with("SIP/2.0 200"), "{ok}");
        let mut talk = Talk::of_caller(leg, from, &invite, &ok);
        let ack = talk.request("ACK", "", "");
        self.hears(from, &ack);
        assert!(matches!(self.told()[..], [Event::Answered { sdp: None, .. }]));
        talk.seq = 1;
        talk
    }

    /// A call of ours to `to` up to its answer and ACK.
    pub(crate) fn callee_up(&mut self, to: SocketAddr) -> Talk {
        let leg = self.leg();
        self.call(leg, Target::Uri(format!("sip:0001@{to}")));
        let invite = self.one();
        let ok = answer(
            &invite,
            200,
            "c1",
            &format!("Contact: <sip:0001@{to}>\r\nAllow: INVITE, UPDATE\r\n"),
            &sdp(5, "sendrecv").to_string(),
        );
        self.hears(to, &ok);
        let ack = self.one();
        assert!(ack.starts_with("ACK "), "{ack}");
        assert!(matches!(self.told()[..], [Event::Answered { sdp: Some(_), .. }]));
        Talk::of_callee(leg, to, &invite, &ok)
    }

    pub(crate) fn call(&mut self, leg: LegId, to: Target) {
        self.put(Command::Call {
            leg,
            to,
            from: "tel:13800138000".parse().unwrap(),
            display: Some("Zhang \"Three\"".to_owned()),
            offer: sdp(1, "sendrecv"),
            ring_s: 20,
        });
    }

    pub(crate) fn release(&mut self, leg: LegId, cause: Cause) {
        self.put(Command::Release { leg, cause });
    }
}

/// An INVITE to be varied.
#[derive(Clone)]
pub(crate) struct Invite {
    pub(crate) from: SocketAddr,
    pub(crate) user: String,
    pub(crate) to: String,
    pub(crate) call_id: String,
    pub(crate) branch: String,
    pub(crate) seq: u32,
    pub(crate) more: String,
    pub(crate) body: Option<String>,
}

impl Invite {
    pub(crate) fn new(from: SocketAddr) -> Self {
        Self {
            from,
            user: "bob".to_owned(),
            to: format!("sip:1000@{EDGE}"),
            call_id: format!("call-{}", from.port()),
            branch: format!("z9hG4bK-{}", from.port()),
            seq: 1,
            more: String::new(),
            body: Some(sdp(1, "sendrecv").to_string()),
        }
    }

    pub(crate) fn text(&self) -> String {
        let Self { from, user, to, call_id, branch, seq, more, body } = self;
        let kind = if body.is_some() { "Content-Type: application/sdp\r\n" } else { "" };
        let body = body.as_deref().unwrap_or_default();
        format!(
            "INVITE {to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch={branch};rport\r\nMax-Forwards: 70\r\n\
             From: \"Bob\" <sip:{user}@127.0.0.1>;tag=b1\r\nTo: <{to}>\r\nCall-ID: {call_id}\r\nCSeq: {seq} INVITE\r\n\
             Contact: <sip:{user}@{from}>\r\n{more}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// The ACK of a refusal, or the CANCEL: the same branch.
    pub(crate) fn same(&self, method: &str, to_tag: &str) -> String {
        let Self { from, user, to, call_id, branch, seq, .. } = self;
        format!(
            "{method} {to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch={branch};rport\r\nMax-Forwards: 70\r\n\
             From: \"Bob\" <sip:{user}@127.0.0.1>;tag=b1\r\nTo: <{to}>{to_tag}\r\nCall-ID: {call_id}\r\n\
             CSeq: {seq} {method}\r\nContent-Length: 0\r\n\r\n"
        )
    }
}

/// The other side of a dialog.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub(crate) leg: LegId,
    pub(crate) at: SocketAddr,
    pub(crate) call_id: String,
    pub(crate) theirs: String,
    pub(crate) ours: String,
    pub(crate) target: String,
    pub(crate) seq: u32,
    pub(crate) n: u32,
}

impl Talk {
    pub(crate) fn of_caller(leg: LegId, at: SocketAddr, invite: &str, ok: &str) -> Self {
        Self {
            leg,
            at,
            call_id: value(invite, "Call-ID"),
            theirs: value(invite, "From"),
            ours: value(ok, "To"),
            target: between(&value(ok, "Contact"), "<", ">"),
            seq: number(&value(invite, "CSeq")),
            n: 0,
        }
    }

    pub(crate) fn of_callee(leg: LegId, at: SocketAddr, invite: &str, ok: &str) -> Self {
        Self {
            leg,
            at,
            call_id: value(invite, "Call-ID"),
            theirs: value(ok, "To"),
            ours: value(invite, "From"),
            target: between(&value(invite, "Contact"), "<", ">"),
            seq: 100,
            n: 0,
        }
    }

    /// A request of the other side, with the next number (an ACK repeats the last).
    pub(crate) fn request(&mut self, method: &str, more: &str, body: &str) -> String {
        if method != "ACK" {
            self.seq += 1;
        }
        self.n += 1;
        let Self { at, call_id, theirs, ours, target, seq, n, .. } = self;
        let kind = if body.starts_with("v=") { "Content-Type: application/sdp\r\n" } else { "" };
        format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK-t{}-{n};rport\r\nMax-Forwards: 70\r\n\
             From: {theirs}\r\nTo: {ours}\r\nCall-ID: {call_id}\r\nCSeq: {seq} {method}\r\nContact: <sip:x@{at}>\r\n\
             {more}{kind}Content-Length: {}\r\n\r\n{body}",
            at.port(),
            body.len()
        )
    }
}
