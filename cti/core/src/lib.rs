//! cti's core: the part of ngcc that decides. Sessions, resources, queues, seats and hand-overs live here;
//! it knows no SIP and touches no sample. This file only dispatches: each arm calls one chapter.
#![forbid(unsafe_code)]

mod assign;
mod auto;
mod chat;
mod collab;
mod configure;
mod exchange;
mod facts;
mod feature;
mod lane;
mod numbers;
mod operate;
mod outage;
mod queue;
mod reconcile;
mod resource;
mod restart;
mod seat;
mod session;
mod settle;
mod step;
mod supervise;
mod timer;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ngcc_proto::seat::Contact;
use ngcc_proto::{
    AgentUri, Body, CollabId, Core, Effect, Envelope, Ids, Key, LegId, MessageId, Mono, Now, RestoreError,
    SeatId, SessionId, Why, access, config, data, media,
};

use chat::begin::Beginning;
use chat::replay::Reader;
use collab::{Codes, Fetch, Links, Watcher};
use exchange::Exchange;
use numbers::DialPlan;
use resource::ResourceCentre;
use restart::Restart;
use session::Session;
use step::Step;
use timer::{Timer, Timers};

/// What cti is told: messages on the exchange.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A message for cti.
    Envelope(Envelope),
}

impl From<Envelope> for Input {
    fn from(envelope: Envelope) -> Self {
        Self::Envelope(envelope)
    }
}

/// What cti asks its shell to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Put a message on the exchange.
    Send(Envelope),
}

/// The deciding core: session control, resource centre, queue server, exchange.
#[derive(Debug)]
pub struct Cti {
    ids: Ids,
    step: Step,
    out: VecDeque<Effect<Output>>,
    exchange: Exchange,
    plan: DialPlan,
    /// The configuration's version; none until the first has come.
    version: Option<u64>,
    centre: config::Centre,
    flows: BTreeSet<String>,
    phones: BTreeSet<String>,
    forms: BTreeMap<String, config::Form>,
    /// Codes that join a browser to a phone call.
    codes: Codes,
    /// Links that bring a browser into a session.
    links: Links,
    /// Users whom agents call, and a session of theirs has not begun.
    fetches: BTreeMap<CollabId, Fetch>,
    /// Chats that agents wish to begin, by the customer's leg that is to be.
    beginnings: BTreeMap<LegId, Beginning>,
    /// Supervisors who look on from boards of theirs, or ask to.
    watchers: BTreeMap<(CollabId, AgentUri), Watcher>,
    sessions: BTreeMap<SessionId, Session>,
    resources: ResourceCentre,
    timers: Timers,
    restart: Restart,
    pins: BTreeMap<MessageId, SessionId>,
    /// Reads of messages that are under way, and for whom.
    reads: BTreeMap<MessageId, Reader>,
    /// Contacts as their agents were told them last.
    shown: BTreeMap<SessionId, BTreeMap<SeatId, Contact>>,
}

impl Cti {
    /// A centre that knows nothing yet; `ids` mints everything it names and makes its draws.
    pub fn new(ids: Ids) -> Self {
        Self {
            ids,
            step: Step::default(),
            out: VecDeque::new(),
            exchange: Exchange::default(),
            plan: DialPlan::default(),
            version: None,
            centre: config::Centre::default(),
            flows: BTreeSet::new(),
            phones: BTreeSet::new(),
            forms: BTreeMap::new(),
            codes: Codes::default(),
            links: Links::default(),
            fetches: BTreeMap::new(),
            beginnings: BTreeMap::new(),
            watchers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            resources: ResourceCentre::default(),
            timers: Timers::default(),
            restart: Restart::default(),
            pins: BTreeMap::new(),
            reads: BTreeMap::new(),
            shown: BTreeMap::new(),
        }
    }

    /// How often session control has been asked to open a session (S0-06).
    pub fn session_control_asked(&self) -> u64 {
        self.exchange.asked
    }

    /// How many messages have passed the exchange, either way (S0-07).
    pub fn hops(&self) -> u64 {
        self.exchange.hops
    }

    /// How many sessions are kept, closed ones that are not stored yet among them.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Rows, legs and runs in the routing table.
    pub fn routes(&self) -> (usize, usize, usize) {
        self.exchange.sizes()
    }

    /// Sends a message that the present input led to.
    pub(crate) fn tell(&mut self, session: Option<SessionId>, body: impl Into<Body>) -> MessageId {
        let envelope = Envelope::new(&mut self.ids, self.step.now.wall, session, self.step.cause, body);
        let id = envelope.id;
        let envelope = self.exchange.address(envelope);
        self.step.send(envelope);
        id
    }

    fn dispatch(&mut self, envelope: Envelope) {
        let session = self.exchange.session_of(&envelope.body);
        match envelope.body {
            Body::AccessEvent(event) => self.access_event(session, envelope.id, envelope.from, event),
            Body::MediaEvent(media::Event::Restored { legs, runs, recordings }) => {
                self.ivr_restored(legs, runs);
                self.recordings_restored(recordings);
            }
            Body::MediaEvent(media::Event::Unrecorded { collab, loss }) => self.unrecorded(collab, loss),
            Body::MediaEvent(event) => self.media_event(session, event),
            Body::FlowEvent(event) => self.flow_event(session, event),
            Body::ToHuman(to_human) => self.given_back(session, to_human),
            Body::SeatCommand(command) => self.agent_asks(command),
            Body::ChatEvent(event) => self.chat_event(session, event),
            Body::DataEvent(event) => self.data_event(envelope.cause, event),
            Body::OperateCommand(command) => self.operate(command),
            Body::SuperviseCommand(command) => self.supervise(command),
            Body::CollabCall(call) => self.collab_call(call),
            Body::CollabEvent(event) => self.collab_event(event),
            Body::ConfigCti(config) => self.configure(config),
            // `Exchange::admit` lets in only what is addressed to cti.
            Body::AccessCommand(_)
            | Body::CollabAnswer(_)
            | Body::CollabCommand(_)
            | Body::RecordingCommand(_)
            | Body::RecordingEvent(_)
            | Body::ScreenCommand(_)
            | Body::ScreenEvent(_)
            | Body::MediaCommand(_)
            | Body::FlowCommand(_)
            | Body::ToAuto(_)
            | Body::SeatEvent(_)
            | Body::ContactCommand(_)
            | Body::ContactEvidence(_)
            | Body::ContactNoted(_)
            | Body::ContactEvent(_)
            | Body::DataCommand(_)
            | Body::AdminCommand(_)
            | Body::AdminEvent(_)
            | Body::OperateEvent(_)
            | Body::ConfigAccess(_)
            | Body::ChatCommand(_)
            | Body::SuperviseEvent(_)
            | Body::ImCommand(_)
            | Body::ImEvent(_)
            | Body::AuthCommand(_)
            | Body::AuthEvent(_)
            | Body::AskCommand(_)
            | Body::AskEvent(_)
            | Body::ChannelCommand(_)
            | Body::ChannelEvent(_)
            | Body::ChannelChange(_)
            | Body::ChannelChanged(_)
            | Body::ConfigGateway(_)
            | Body::ConfigIvr(_) => {}
        }
    }

    fn data_event(&mut self, cause: Option<MessageId>, event: data::Event) {
        match event {
            data::Event::Stored { sessions } => {
                for session in sessions {
                    self.stored(session);
                }
            }
            data::Event::PinChecked { agent, right } => self.pin_checked(cause, &agent, right),
            data::Event::Kept { session, sender, key, message, repeat } => {
                self.kept(session, &sender, key, message, repeat);
            }
            data::Event::NotKept { session, sender, key } => self.not_kept(session, &sender, &key),
            data::Event::Messages { session, messages, more } => {
                self.messages_read(cause, session, messages, more);
            }
            data::Event::NotRead { session } => self.messages_not_read(cause, session),
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::AskAgain(leg) => self.ask_again(leg),
            Timer::Lease(session) => self.lease_over(session),
            Timer::Side(session) => self.side_late(session),
            Timer::QueueWait(session) => self.wait_over(session),
            Timer::Pin(session) => self.pin_unchecked(session),
            Timer::WrapUp(seat, session) => self.wrap_up_late(seat, session),
            Timer::GoesOn(collab) => self.outlived(collab),
            Timer::Rest(seat) => self.rested(seat),
            Timer::Grace(leg) => self.grace_over(leg),
            Timer::Idle(session) => self.idle_over(session),
            Timer::Gone(session) => self.customer_gone(session),
            Timer::Line(session) => self.keep_next(session),
            Timer::Status(session) => self.step.touch(session),
            Timer::Console(seat) => self.console_over(seat),
            Timer::Store(session) => self.store(session),
            Timer::Reconcile => self.reconcile_late(),
            Timer::Collab(collab) => self.collab_late(collab),
            Timer::Begins(leg) => self.begins_not(leg, access::Cause::TimedOut),
        }
    }

    fn access_event(
        &mut self,
        session: Option<SessionId>,
        message: MessageId,
        from: ngcc_proto::End,
        event: access::Event,
    ) {
        match (session, event) {
            (_, access::Event::Restored { legs }) => self.access_restored(legs),
            (
                None,
                access::Event::Arrived {
                    leg,
                    user,
                    display,
                    lang,
                    dialled,
                    caller,
                    medium,
                    beside,
                    collab,
                    offer,
                },
            ) => {
                self.arrived(exchange::Arrival {
                    message,
                    from,
                    leg,
                    user,
                    display,
                    lang,
                    dialled,
                    caller,
                    medium,
                    beside,
                    collab: collab.map(|wish| *wish),
                    offer,
                    tries: 0,
                });
            }
            (Some(session), event) => self.leg_event(session, event),
            (None, event) => self.stray(&event),
        }
    }
}

impl Core for Cti {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, input: Input, now: Now) {
        let Input::Envelope(envelope) = input;
        self.step.begin(now, Some(envelope.id));
        if self.exchange.admit(&envelope) {
            self.dispatch(envelope);
            self.settle();
        }
    }

    fn wake(&mut self, now: Now) {
        self.step.begin(now, None);
        while let Some(timer) = self.timers.take_due(now.mono) {
            self.fire(timer);
            self.settle();
        }
    }

    fn poll(&mut self) -> Option<Effect<Output>> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<(Mono, Why)> {
        self.timers.next()
    }

    fn restore(&mut self, key: Key, bytes: &[u8], now: Now) -> Result<(), RestoreError> {
        self.step.begin(now, None);
        self.take_record_back(key, bytes)
    }

    fn restored(&mut self, now: Now) {
        self.step.begin(now, None);
        self.rebuild();
        self.watch_consoles(true);
        self.settle();
    }

    fn rebuilt(&mut self, now: Now) {
        self.step.begin(now, None);
        self.rebuild();
        self.watch_consoles(false);
        self.settle();
    }
}
