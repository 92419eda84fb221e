//! A world of one edge: virtual time, raw SIP text in, bytes and messages out. It reads SIP with plain
//! string searching, not with the parser under test.
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::access::{Cause, Command, Event, Target};
use ngcc_proto::config::{ForAccess, PhoneAccount};
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
        self.put(ForAccess { version: 1, phones, banned: vec![] });
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
        self.configure(vec![account("7001"), account("7002")]);
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
            .filter_map(|o| match o {
                Output::Transmit { to, bytes } => {
                    Some(Sent { to, text: String::from_utf8(bytes.to_vec()).unwrap() })
                }
                Output::Send(_)
                | Output::Connect { .. }
                | Output::Close { .. }
                | Output::Resolve { .. }
                | Output::WebSend { .. }
                | Output::WebClose { .. } => None,
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
                | Output::WebClose { .. } => None,
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

/// A response to a request of ours.
pub(crate) fn answer(request: &str, status: u16, tag: &str, more: &str, body: &str) -> String {
    let to = value(request, "To");
    let to = if to.contains(";tag=") || tag.is_empty() { to } else { format!("{to};tag={tag}") };
    let kind = if body.starts_with("v=") { "Content-Type: application/sdp\r\n" } else { "" };
    format!(
        "SIP/2.0 {status} X\r\nVia: {}\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\n{more}{kind}Content-Length: {}\r\n\r\n{body}",
        value(request, "Via"),
        value(request, "From"),
        value(request, "Call-ID"),
        value(request, "CSeq"),
        body.len()
    )
}

/// A header's value.
pub(crate) fn value(text: &str, name: &str) -> String {
    has(text, name).unwrap_or_else(|| panic!("no {name} in {text}"))
}

pub(crate) fn has(text: &str, name: &str) -> Option<String> {
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let line =
        head.lines().skip(1).find(|l| l.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

pub(crate) fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

pub(crate) fn status(text: &str) -> u16 {
    text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("no response: {text}"))
}

pub(crate) fn between(text: &str, open: &str, close: &str) -> String {
    let behind = text.split_once(open).unwrap_or_else(|| panic!("no {open} in {text}")).1;
    behind.split(close).next().unwrap_or_default().to_owned()
}

pub(crate) fn tag(value: &str) -> String {
    format!(";tag={}", value.split_once(";tag=").unwrap_or_else(|| panic!("no tag in {value}")).1)
}

fn number(text: &str) -> u32 {
    text.split(' ').next().unwrap().parse().unwrap()
}

/// Whatever leaves is a message that reads back.
pub(crate) fn check(text: &str) {
    assert!(parse(text.as_bytes()).is_ok(), "{text}");
}

/// A REGISTER of `user` from `from`.
pub(crate) fn register(from: SocketAddr, user: &str, seq: u32, more: &str) -> String {
    format!(
        "REGISTER sip:{EDGE} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-r{}-{user}-{seq};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:{user}@{EDGE}>;tag=r1\r\nTo: <sip:{user}@{EDGE}>\r\nCall-ID: reg-{user}\r\nCSeq: {seq} REGISTER\r\n\
         {more}Content-Length: 0\r\n\r\n",
        from.port()
    )
}

/// An Authorization line that answers the `nth` challenge of a 401 or 407.
pub(crate) fn credentials(
    refusal: &str,
    nth: usize,
    user: &str,
    secret: &str,
    method: Method,
    uri: &str,
    count: u32,
) -> String {
    let lines = refusal.lines().filter(|l| l.contains("-Authenticate:"));
    let line = lines.clone().nth(nth).unwrap_or_else(|| panic!("no challenge in {refusal}"));
    let (name, challenge) = line.split_once(": ").unwrap();
    let challenge: Challenge = challenge.parse().unwrap();
    let auth = Auth { nc: format!("{count:08x}"), cnonce: "0a4f113b".to_owned() };
    let ha1 = ha1(challenge.algorithm, user, &challenge.realm, secret);
    let response = response(challenge.algorithm, &ha1, &challenge.nonce, Some(&auth), &method, uri);
    let credentials = Credentials {
        username: user.to_owned(),
        realm: challenge.realm,
        nonce: challenge.nonce,
        uri: uri.to_owned(),
        response,
        algorithm: challenge.algorithm,
        opaque: None,
        qop: Some(auth),
    };
    let header = if name.starts_with("WWW") { "Authorization" } else { "Proxy-Authorization" };
    format!("{header}: {credentials}\r\n")
}
