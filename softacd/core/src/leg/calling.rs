//! A leg we call: one INVITE to each contact at once, the first 2xx wins, the rest is taken back.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::access::{Cause, Command, Event};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{Mono, UserUri};
use serde::{Deserialize, Serialize};

use super::up::Up;
use super::{ELSEWHERE, Leg, Who, farewell};
use crate::body;
use crate::dialog::offer::Agreed;
use crate::dialog::{Dialog, Says};
use crate::edge::{ALLOW, Edge, SDP};
use crate::hop::Hop;
use crate::io::Output;
use crate::reject;
use crate::sip::{Host, Response, Uri};
use crate::timers::{Alarm, LegTimer, Timer};
use crate::transaction::invite::{Head, Heard};

/// A call to be made.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) who: Who,
    /// Where to: each with the way there, if it is known without asking.
    pub(crate) to: Vec<(Uri, Option<Hop>)>,
    pub(crate) from: UserUri,
    pub(crate) display: Option<String>,
    pub(crate) offer: Sdp,
    pub(crate) ring_s: u32,
}

/// A leg whose INVITEs are out.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Calling {
    pub(crate) who: Who,
    pub(crate) tag: u64,
    call_id: String,
    /// The value of From, with our tag.
    from: String,
    offer: String,
    forks: Vec<Fork>,
    /// When it has rung long enough.
    until: Mono,
    /// Whether anything has come back.
    #[serde(skip)]
    heard: bool,
    /// Whether cti knows that it rings.
    #[serde(skip)]
    rings: bool,
    /// An answer in a provisional response: the final one may leave it out.
    #[serde(skip)]
    early: Option<Sdp>,
    /// The most telling refusal so far.
    #[serde(skip)]
    worst: Option<u16>,
    #[serde(skip)]
    alarm: Option<Alarm>,
}

/// One INVITE of a call.
#[derive(Debug, Serialize, Deserialize)]
struct Fork {
    /// The number of its transaction.
    number: u64,
    uri: String,
    /// None while its host name is looked up.
    hop: Option<Hop>,
}

impl Calling {
    /// Sends the INVITEs, behind the record.
    pub(crate) fn start(call: Call, edge: &mut Edge) -> Option<Self> {
        let mut who = call.who;
        if call.to.is_empty() {
            who.tell(edge, Event::Refused { leg: who.id, cause: Cause::NotRegistered });
            return None;
        }
        let tag = edge.random();
        let until = edge.now.mono + Duration::from_secs(u64::from(call.ring_s.max(1)));
        let mut calling = Self {
            who,
            tag,
            call_id: format!("{:016x}{:016x}", edge.random(), edge.random()),
            from: from(&call.from, call.display.as_deref(), tag, edge),
            offer: call.offer.to_string(),
            forks: vec![],
            until,
            heard: false,
            rings: false,
            early: None,
            worst: None,
            alarm: Some(edge.timers.set(until, Timer::Leg(who.id, LegTimer::Ring))),
        };
        let mut asked = vec![];
        for (uri, hop) in call.to {
            let number = edge.random();
            let hop = hop.map(|h| edge.outward(h));
            if hop.is_none() {
                asked.push((number, uri.host.to_string(), uri.port_or_default()));
            }
            calling.forks.push(Fork { number, uri: uri.as_str().to_owned(), hop });
        }
        calling.store(edge);
        calling.send_all(edge);
        for (query, host, port) in asked {
            edge.emit(Output::Resolve { query, host, port });
        }
        Some(calling)
    }

    /// After a restart: the INVITEs go out again as they were, which their receivers take for repeats.
    pub(crate) fn resume(&mut self, edge: &mut Edge) {
        let until = self.until.max(edge.now.mono + Duration::from_secs(1));
        self.alarm = Some(edge.timers.set(until, Timer::Leg(self.who.id, LegTimer::Ring)));
        // A name that was being looked up is not looked up again: cti calls anew.
        self.forks.retain(|f| f.hop.is_some());
        self.send_all(edge);
    }

    /// The transactions whose host names are being looked up.
    pub(crate) fn queries(&self) -> impl Iterator<Item = u64> {
        self.forks.iter().filter(|f| f.hop.is_none()).map(|f| f.number)
    }

    /// A host name has been looked up.
    pub(crate) fn resolved(
        mut self: Box<Self>,
        query: u64,
        address: Option<SocketAddr>,
        edge: &mut Edge,
    ) -> Option<Leg> {
        let Some(fork) = self.forks.iter_mut().find(|f| f.number == query && f.hop.is_none()) else {
            return Some(Leg::Calling(self));
        };
        let hop = address.and_then(|peer| Some(Hop::by(&fork.uri.parse().ok()?, peer)));
        let Some(hop) = hop.map(|h| edge.outward(h)) else { return self.failed(query, None, edge) };
        fork.hop = Some(hop);
        self.store(edge);
        let at = self.forks.iter().position(|f| f.number == query);
        at.into_iter().for_each(|at| self.send(at, edge));
        Some(Leg::Calling(self))
    }

    pub(super) fn command(mut self: Box<Self>, command: Command, edge: &mut Edge) -> Option<Leg> {
        match command {
            Command::Release { cause, .. } => {
                edge.forget(self.who.key());
                self.take_back(cause, edge);
                None
            }
            Command::Call { .. }
            | Command::Summon { .. }
            | Command::Ring { .. }
            | Command::Progress { .. }
            | Command::Answer { .. }
            | Command::Update { .. }
            | Command::TransferTold { .. } => Some(Leg::Calling(self)),
        }
    }

    /// It has rung long enough.
    pub(super) fn rang_out(mut self: Box<Self>, edge: &mut Edge) -> Option<Leg> {
        let cause = if self.heard { Cause::NoAnswer } else { Cause::Unreachable };
        self.take_back(Cause::NoAnswer, edge);
        self.refused(cause, edge);
        None
    }

    pub(super) fn heard(
        mut self: Box<Self>,
        number: u64,
        heard: &Heard,
        response: &Response,
        source: Hop,
        edge: &mut Edge,
    ) -> Option<Leg> {
        self.heard = true;
        match heard {
            Heard::Nothing => Some(Leg::Calling(self)),
            Heard::Provisional => {
                self.provisional(response, edge);
                Some(Leg::Calling(self))
            }
            Heard::Accepted => self.accepted(number, response, source, edge),
            Heard::Refused => self.failed(number, Some(response.status), edge),
        }
    }

    /// One INVITE was refused, or nothing came back to it.
    pub(super) fn failed(
        mut self: Box<Self>,
        number: u64,
        status: Option<u16>,
        edge: &mut Edge,
    ) -> Option<Leg> {
        self.forks.retain(|f| f.number != number);
        if let Some(status) = status {
            self.worst = Some(self.worst.map_or(status, |w| more_telling(w, status)));
        }
        let final_for_all = status.is_some_and(|s| s >= 600);
        if !self.forks.is_empty() && !final_for_all {
            return Some(Leg::Calling(self));
        }
        self.take_back(Cause::Normal, edge);
        let cause = self.worst.map_or(Cause::Unreachable, reject::cause);
        self.refused(cause, edge);
        None
    }

    fn provisional(&mut self, response: &Response, edge: &mut Edge) {
        // A queued or forwarded call does not ring yet.
        if !matches!(response.status, 180 | 183) {
            return;
        }
        let sdp = body::sdp(&response.headers, &response.body).ok().flatten();
        if self.rings && (sdp.is_none() || sdp == self.early) {
            return;
        }
        self.rings = true;
        self.early = sdp.clone().or_else(|| self.early.take());
        self.who.tell(edge, Event::Ringing { leg: self.who.id, sdp });
    }

    fn accepted(
        mut self: Box<Self>,
        number: u64,
        response: &Response,
        source: Hop,
        edge: &mut Edge,
    ) -> Option<Leg> {
        let (Some(out), Ok(to)) = (edge.invites.of(number), response.headers.to()) else {
            return Some(Leg::Calling(self));
        };
        let (head, to_tag) = (out.head.clone(), to.tag().unwrap_or_default().to_owned());
        let mut dialog = Dialog::answered(&head, self.tag, &response.headers, &to, source);
        self.forks.retain(|f| f.number != number);
        self.take_back(Cause::AnsweredElsewhere, edge);
        let branch = edge.random();
        let ack = dialog.request(edge, "ACK", head.seq, branch, &Says::default());
        let answer =
            body::sdp(&response.headers, &response.body).ok().flatten().or_else(|| self.early.take());
        let Some(answer) = answer else {
            // Our offer has no answer that could be read: there is nothing to speak by.
            edge.acknowledge(number, &to_tag, &mut dialog.hop, ack);
            farewell(&mut dialog, self.who.id, Cause::NotAcceptable, edge);
            self.refused(Cause::NotAcceptable, edge);
            return None;
        };
        let agreed = Agreed::offered(self.offer);
        let mut up = Up::called(self.who, dialog, agreed, response.headers.lists("Allow", "UPDATE"));
        up.answered_by(&answer, &response.headers, edge);
        up.store(edge);
        edge.acknowledge(number, &to_tag, &mut up.dialog.hop, ack);
        up.who.tell(edge, Event::Answered { leg: up.who.id, sdp: Some(answer) });
        Some(Leg::Up(Box::new(up)))
    }

    /// Takes back every INVITE that is still out.
    fn take_back(&mut self, cause: Cause, edge: &mut Edge) {
        if let Some(alarm) = self.alarm.take() {
            edge.timers.cancel(alarm);
        }
        let reason = if cause == Cause::AnsweredElsewhere { ELSEWHERE } else { "" };
        for fork in self.forks.drain(..) {
            edge.cancel(fork.number, reason);
        }
    }

    fn refused(mut self: Box<Self>, cause: Cause, edge: &mut Edge) {
        edge.forget(self.who.key());
        self.who.tell(edge, Event::Refused { leg: self.who.id, cause });
    }

    fn send_all(&mut self, edge: &mut Edge) {
        (0..self.forks.len()).for_each(|at| self.send(at, edge));
    }

    /// Sends the INVITE of one contact. The same leg gives the same bytes again after a restart.
    fn send(&mut self, at: usize, edge: &mut Edge) {
        let Fork { number, uri, hop } = &mut self.forks[at];
        let Some(hop) = hop else { return };
        let head = Head {
            to: format!("<{}>", bare_target(uri)),
            uri: uri.clone(),
            routes: String::new(),
            from: self.from.clone(),
            call_id: self.call_id.clone(),
            seq: 1,
        };
        let mut text = format!("INVITE {uri} SIP/2.0\r\n");
        edge.via(&mut text, *hop, *number);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "Max-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\n{}{ALLOW}Supported: timer\r\n\
             Content-Type: {SDP}\r\nContent-Length: {}\r\n\r\n{}",
            head.from,
            head.to,
            head.call_id,
            edge.contact(*hop),
            self.offer.len(),
            self.offer
        );
        edge.invite(*number, self.who.id, head, hop, Bytes::from(text));
    }
}

/// A 2xx nobody wants any more, because it crossed our CANCEL or came from a second phone: it is
/// acknowledged and hung up.
pub(crate) fn hang_up(number: u64, response: &Response, source: Hop, edge: &mut Edge) {
    let (Some(out), Ok(to)) = (edge.invites.of(number), response.headers.to()) else { return };
    let (leg, head) = (out.leg, out.head.clone());
    let mut dialog = Dialog::answered(&head, 0, &response.headers, &to, source);
    let branch = edge.random();
    let ack = dialog.request(edge, "ACK", head.seq, branch, &Says::default());
    edge.acknowledge(number, to.tag().unwrap_or_default(), &mut dialog.hop, ack);
    farewell(&mut dialog, leg, Cause::Normal, edge);
}

/// Which of two refusals says more about the person called (after RFC 3261 section 16.7).
fn more_telling(a: u16, b: u16) -> u16 {
    let rank = |s: u16| match s {
        600.. => 0,
        486 => 1,
        480 => 2,
        400..=499 => 3,
        500..=599 => 4,
        _ => 5,
    };
    if rank(b) < rank(a) { b } else { a }
}

/// The value of From: whose call it is.
fn from(user: &UserUri, display: Option<&str>, tag: u64, edge: &Edge) -> String {
    let here = edge.advertised(Hop::Udp { local: 0, peer: SocketAddr::from(([0, 0, 0, 0], 0)) }).ip();
    let uri = match user {
        UserUri::Sip(address) => format!("sip:{address}").parse().ok(),
        UserUri::Phone(_) | UserUri::Web(_) | UserUri::Customer(_) | UserUri::Channel { .. } => None,
    };
    let uri = uri.unwrap_or_else(|| Uri::sip(Some(user.bare()), Host::from(here), None));
    let mut address = crate::sip::NameAddr::new(uri);
    address.display = display.filter(|d| !d.is_empty()).map(str::to_owned);
    address.params.set("tag", &format!("{tag:016x}"));
    address.to_string()
}

/// A contact without the parameters that mean nothing in a To; a user may hold semicolons.
fn bare_target(uri: &str) -> &str {
    let host = uri.find('@').unwrap_or(0);
    let end = uri[host..].find([';', '?']).map_or(uri.len(), |at| host + at);
    &uri[..end]
}
