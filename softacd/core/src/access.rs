//! The core: what comes in is given to whom it concerns. What a new request is answered stands in `request`
//! and `arrival`; what becomes of calls, in `leg`.

use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use ngcc_proto::access::{Command, Event, Target};
use ngcc_proto::config::ForAccess;
use ngcc_proto::{
    Body, Core, Effect, Envelope, Ids, Key, Kind, LegId, MessageId, Mono, Now, RestoreError, Rng, SessionId,
    Why,
};

use crate::admission::Admission;
use crate::channel::Channels;
use crate::edge::Edge;
use crate::hop::Hop;
use crate::io::{Conn, Input, Output};
use crate::leg::{Call, Calling, Leg, Legs, Who, hang_up};
use crate::registrar::Registrar;
use crate::settings::Settings;
use crate::sip::{self, Bad, Frame, Message, Method, Response, Uri};
use crate::timers::Timer;
use crate::transaction;
use crate::transaction::invite::Heard;
use crate::transaction::request::Ended;
use crate::web::Web;

/// softacd's core: every SIP call and registration at the edge of the centre.
pub struct Access {
    pub(crate) edge: Edge,
    pub(crate) legs: Legs,
    pub(crate) registrar: Registrar,
    pub(crate) admission: Admission,
    web: Web,
    pub(crate) channels: Channels,
    /// Host names that are being looked up, and for which leg.
    queries: HashMap<u64, LegId>,
    /// The version of what is configured; none before the first has come.
    pub(crate) configured: Option<u64>,
}

/// How much of everything there is; for gauges and for tests that nothing is left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Legs.
    pub legs: usize,
    /// Requests that came in, open or remembered.
    pub served: usize,
    /// Requests of ours under way, INVITEs apart.
    pub requests: usize,
    /// INVITEs of ours, open or remembered.
    pub invites: usize,
    /// Timers.
    pub timers: usize,
    /// Legs of browsers.
    pub web_legs: usize,
    /// Browsers' connections.
    pub lines: usize,
    /// Sessions of people on messaging channels.
    pub channel_legs: usize,
}

impl Access {
    /// An edge without calls; `rng` must be seeded by the operating system, as tags and nonces come from it.
    pub fn new(settings: Settings, mut rng: Rng) -> Self {
        let registrar = Registrar::new(&mut rng);
        let admission = Admission::new(&settings.limits);
        let edge = Edge::new(settings, Ids::new(rng));
        let (legs, web, channels) = (Legs::default(), Web::default(), Channels::default());
        Self { edge, legs, registrar, admission, web, channels, queries: HashMap::new(), configured: None }
    }

    /// Takes what is configured; an older version than the last changes nothing.
    pub fn configure(&mut self, config: ForAccess) {
        if self.configured.is_some_and(|v| config.version < v) {
            return;
        }
        self.configured = Some(config.version);
        self.admission.bar(config.banned);
        self.registrar.guard.configure(config.phones);
        self.registrar.prune(&mut self.edge);
        self.channels.configure(config.channels, &mut self.edge);
    }

    /// How much of everything there is.
    pub fn census(&self) -> Census {
        Census {
            legs: self.legs.len(),
            served: self.edge.served.len(),
            requests: self.edge.requests.len(),
            invites: self.edge.invites.len(),
            timers: self.edge.timers.len(),
            web_legs: self.web.legs(),
            lines: self.web.lines(),
            channel_legs: self.channels.len(),
        }
    }

    fn envelope(&mut self, envelope: Envelope) {
        let Envelope { id, session, body, .. } = envelope;
        if let Body::AccessCommand(command) = body {
            self.command(command, session, id);
        } else if let Body::ChatCommand(command) = body {
            if self.channels.has(command.leg()) {
                return self.channels.told(command, session, id, &mut self.edge);
            }
            self.web.told(command, session, id, &mut self.edge);
        } else if let Body::CollabAnswer(answer) = body {
            self.web.shared(answer, session, id, &mut self.edge);
        } else if let Body::ConfigAccess(config) = body {
            self.configure(config);
        } else if let Body::ChannelCommand(command) = body {
            // How providers fare is known to who speaks to them.
            self.edge.emit(Output::ChannelAsk { cause: id, command });
        }
    }

    fn command(&mut self, command: Command, session: Option<SessionId>, cause: MessageId) {
        if let Command::Call { leg, to, from, display, offer, ring_s } = command {
            if self.legs.get(leg).is_some() {
                return;
            }
            let to = self.targets(to);
            let who = Who { id: leg, session, last: Some(cause) };
            let call = Call { who, to, from, display, offer, ring_s };
            if let Some(calling) = Calling::start(call, &mut self.edge) {
                self.queries.extend(calling.queries().map(|query| (query, leg)));
                self.legs.insert(Leg::Calling(Box::new(calling)));
            }
            return;
        }
        let edge = &mut self.edge;
        if let Command::Release { leg, cause } = command
            && self.channels.has(leg)
        {
            return self.channels.release(leg, cause, edge);
        }
        if self.web.takes(&command) {
            return self.web.command(command, session, cause, edge);
        }
        self.legs.step(command.leg(), |leg| leg.command(command, session, cause, edge));
    }

    fn targets(&self, to: Target) -> Vec<(Uri, Option<Hop>)> {
        match to {
            Target::Phone(name) => self.registrar.targets(&name),
            Target::Uri(text) => match text.parse::<Uri>() {
                Ok(uri) if uri.is_sip() => vec![(uri.clone(), Hop::of(&uri))],
                Ok(_) | Err(_) => vec![],
            },
        }
    }

    fn datagram(&mut self, source: Hop, at: Mono, bytes: Bytes) {
        if self.admission.is_barred(source.peer().ip()) {
            return;
        }
        match sip::parse_bytes(bytes) {
            Ok(message) => self.message(message, source, at),
            Err(bad) => self.bad(&bad, source),
        }
    }

    fn received(&mut self, conn: Conn, at: Mono, bytes: &Bytes) {
        let Some(peer) = self.edge.links.peer(conn) else {
            // A connection from before a rebuild of this core.
            return self.edge.emit(Output::Close { conn });
        };
        if self.admission.is_barred(peer.ip()) {
            return self.edge.close(conn);
        }
        let source = Hop::Tcp { peer, conn: Some(conn) };
        if let Some(frames) = self.edge.links.frames(conn) {
            frames.push(bytes);
        }
        let mut whole = 0;
        while let Some(frame) = self.edge.links.frames(conn).and_then(sip::Frames::next) {
            whole += 1;
            match frame {
                Frame::Message(message) => self.message(*message, source, at),
                Frame::Ping => self.edge.send(&mut source.clone(), Bytes::from_static(sip::PONG)),
                Frame::Refused { bad, close } => {
                    self.bad(&bad, source);
                    if close {
                        return self.edge.close(conn);
                    }
                }
            }
        }
        let rest = self.edge.links.frames(conn).is_some_and(|f| f.waiting() > 0);
        self.edge.heard(conn, rest, whole);
    }

    /// A message that is not accepted is answered where it came from, statelessly.
    fn bad(&mut self, bad: &Bad, source: Hop) {
        if let Some(answer) = bad.answer() {
            self.edge.send(&mut source.clone(), Bytes::from(answer.to_bytes()));
        }
    }

    fn message(&mut self, message: Message, source: Hop, at: Mono) {
        match message {
            Message::Request(request) => self.request(request, source, at),
            Message::Response(response) => self.response(&response, source),
        }
    }

    fn response(&mut self, response: &Response, source: Hop) {
        let Ok(via) = response.headers.top_via() else { return };
        let Some(number) = via.branch().and_then(transaction::number) else { return };
        let Ok((_, method)) = response.headers.cseq() else { return };
        let edge = &mut self.edge;
        if method != Method::Invite {
            let ended = edge.request_answered(number, response.status);
            return self.ended(ended);
        }
        let Some(leg) = edge.invites.of(number).map(|out| out.leg) else { return };
        let to_tag = response.headers.to_tag().unwrap_or_default();
        let heard = edge.invite_answered(number, response, to_tag);
        if self.legs.get(leg).is_some() {
            self.legs.step(leg, |leg| leg.heard(number, &heard, response, source, edge));
        } else if heard == Heard::Accepted {
            hang_up(number, response, source, edge);
        }
    }

    fn closed(&mut self, conn: Conn) {
        self.edge.closed(conn);
        for number in self.edge.invites.stranded(conn) {
            if let Some(leg) = self.edge.invite_stranded(number) {
                self.unheard(leg, number);
            }
        }
        for number in self.edge.requests.stranded(conn) {
            let ended = self.edge.request_stranded(number);
            self.ended(ended);
        }
    }

    fn ended(&mut self, ended: Option<Ended>) {
        let edge = &mut self.edge;
        match ended {
            None => {}
            Some(Ended::Of(outcome)) => self.legs.step(outcome.leg, |leg| leg.outcome(outcome, edge)),
            Some(Ended::Text { number, status }) => self.text_ended(number, status),
        }
    }

    fn unheard(&mut self, leg: LegId, number: u64) {
        let edge = &mut self.edge;
        self.legs.step(leg, |leg| leg.unheard(number, edge));
    }

    fn ring(&mut self, timer: Timer) {
        let edge = &mut self.edge;
        match timer {
            Timer::Leg(id, timer) => self.legs.step(id, |leg| leg.wake(timer, edge)),
            Timer::Request(number) => {
                let ended = edge.wake_request(number);
                self.ended(ended);
            }
            Timer::Invite(number) => {
                if let Some(leg) = edge.wake_invite(number) {
                    self.unheard(leg, number);
                }
            }
            Timer::Refusal(key) => edge.wake_refusal(key),
            Timer::Finished => edge.wake_finished(),
            Timer::Bindings(phone) => self.registrar.bindings.lapse(&phone, edge),
            Timer::Link(conn) => edge.close(conn),
            Timer::Summons(leg) => self.web.summoned_in_vain(leg, edge),
            Timer::Channel(talk) => self.channels.wake(talk, edge),
            Timer::Writing(talk) => self.channels.stopped(talk, edge),
        }
    }
}

/// What a log may show: how much there is, never whose secrets.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.census().fmt(f)
    }
}

impl Core for Access {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        self.edge.now = now;
        match input {
            Input::Envelope(envelope) => self.envelope(envelope),
            Input::Datagram { peer, local, at, bytes } => self.datagram(Hop::Udp { local, peer }, at, bytes),
            Input::Opened { conn, peer } => self.edge.opened(conn, peer),
            Input::Received { conn, at, bytes } => self.received(conn, at, &bytes),
            Input::Closed { conn } => self.closed(conn),
            Input::Resolved { query, address } => {
                let Some(id) = self.queries.remove(&query) else { return };
                let edge = &mut self.edge;
                self.legs.step(id, |leg| match leg {
                    Leg::Calling(calling) => calling.resolved(query, address, edge),
                    other @ (Leg::Arrived(_) | Leg::Up(_) | Leg::Parting(_)) => Some(other),
                });
            }
            Input::WebOpened { line, peer } => self.web.opened(line, peer, &mut self.edge),
            Input::WebFrame { line, id, ask } => self.web.frame(line, id, ask, &mut self.edge),
            Input::WebClosed { line } => self.web.closed(line, &mut self.edge),
            Input::ChannelHeard(heard) => self.channels.heard(heard, &mut self.edge),
            Input::ChannelSent { channel, to, n, outcome } => {
                self.channels.sent(&channel, &to, n, &outcome, &mut self.edge);
            }
        }
        self.send_texts();
    }

    fn wake(&mut self, now: Now) {
        self.edge.now = now;
        while let Some(timer) = self.edge.timers.due(now.mono) {
            self.ring(timer);
        }
        self.send_texts();
    }

    fn poll(&mut self) -> Option<Effect<Output>> {
        self.edge.poll()
    }

    fn deadline(&self) -> Option<(Mono, Why)> {
        self.edge.timers.next()
    }

    fn restore(&mut self, key: Key, bytes: &[u8], now: Now) -> Result<(), RestoreError> {
        self.edge.now = now;
        if key.kind == Kind::Dialog {
            self.legs.insert(Leg::read(key, bytes)?);
            return Ok(());
        }
        if key.kind == Kind::Binding {
            return self.registrar.bindings.restore(key, bytes, &mut self.edge);
        }
        if key.kind == Kind::WebLeg {
            return self.web.restore(key, bytes);
        }
        if key.kind == Kind::Channel {
            return self.channels.restore(key, bytes);
        }
        Err(RestoreError { kind: key.kind, why: "softacd writes no such record".to_owned() })
    }

    fn restored(&mut self, now: Now) {
        self.edge.now = now;
        let edge = &mut self.edge;
        self.legs.iter_mut().for_each(|leg| leg.resume(edge));
        let calls = self.legs.iter().filter_map(|leg| Some((leg.who().id, leg.stage()?)));
        let legs = calls.chain(self.web.stages()).chain(self.channels.stages()).collect();
        let envelope = Envelope::new(&mut edge.ids, now.wall, None, None, Event::Restored { legs });
        edge.tell(envelope);
        self.web.resume(edge);
        self.channels.resume(edge);
    }
}
