//! Session control (S0-06): a first message is weighed, a session is opened for it, and its media with it.

use std::time::Duration;

use ngcc_proto::access::{self, Caller, Cause, Event};
use ngcc_proto::config::Route;
use ngcc_proto::fact::What;
use ngcc_proto::media::{self, Part};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{ConferenceId, Key, Kind, LegId, SessionId};
use serde::{Deserialize, Serialize};

use super::Destination;
use crate::Cti;
use crate::exchange::{Arrival, ends_leg};
use crate::facts::json;
use crate::feature::Code;
use crate::lane::Lane;
use crate::timer::Timer;

/// How long after a failure session control is asked again the first time; then twice as long each time.
const ASK_AGAIN: Duration = Duration::from_millis(100);
/// How often it is asked again.
const ASK_AGAIN_TIMES: u32 = 5;

/// Why no session was opened.
enum Refusal {
    /// It never will be.
    Never(Cause),
    /// Something is short, or not there yet.
    NotNow,
}

/// A caller's offer, kept until the leg is up, so that a restart can answer it.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptOffer {
    v: u16,
    pub(crate) leg: LegId,
    pub(crate) offer: Sdp,
}

/// The record of a session's kept offer: behind every number a fact can have.
pub(crate) fn offer_key(session: SessionId) -> Key {
    Key { kind: Kind::SessionFact, id: session.0, n: u32::MAX }
}

/// The conference of a room: one and the same for everybody who names it, before and after a restart.
pub(crate) fn room_conference(room: &str) -> ConferenceId {
    // 128-bit FNV-1a.
    let (basis, prime) =
        (0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, 0x0000_0000_0100_0000_0000_0000_0000_013b);
    ConferenceId(room.bytes().fold(basis, |hash: u128, byte| (hash ^ u128::from(byte)).wrapping_mul(prime)))
}

/// Whether a chat can go there: not to a phone, nor into a conference room.
pub(crate) fn route_takes_chats(route: &Route) -> bool {
    match route {
        Route::Flow(_) | Route::Queue(_) | Route::Agent(_) => true,
        Route::Phone(_) | Route::Uri(_) | Route::Conference(_) => false,
    }
}

impl Cti {
    /// Somebody calls in.
    pub(crate) fn arrived(&mut self, arrival: Arrival) {
        if !self.exchange.keeps(arrival.leg) {
            self.ask_session_control(arrival);
        }
    }

    /// The deadline of a kept first message.
    pub(crate) fn ask_again(&mut self, leg: LegId) {
        if let Some(arrival) = self.exchange.take_kept(leg) {
            self.step.cause = Some(arrival.message);
            self.ask_session_control(arrival);
        }
    }

    /// An event of a leg without a session: a kept caller may have given up.
    pub(crate) fn stray(&mut self, event: &Event) {
        if let Event::Refused { leg, cause } = event {
            self.begins_not(*leg, *cause);
        }
        if let Some(leg) = ends_leg(event)
            && self.exchange.take_kept(leg).is_some()
        {
            self.timers.cancel(Timer::AskAgain(leg));
        }
    }

    fn ask_session_control(&mut self, mut arrival: Arrival) {
        self.exchange.asked += 1;
        let leg = arrival.leg;
        match self.weigh(&arrival) {
            Ok(to) => self.open_session(arrival, to),
            Err(Refusal::Never(cause)) => self.turn_away(leg, cause),
            Err(Refusal::NotNow) if arrival.tries < ASK_AGAIN_TIMES => {
                let again = self.step.now.mono + ASK_AGAIN * 2u32.pow(arrival.tries);
                arrival.tries += 1;
                if self.exchange.keep(arrival) {
                    self.timers.set(Timer::AskAgain(leg), again);
                } else {
                    self.turn_away(leg, Cause::Overloaded);
                }
            }
            Err(Refusal::NotNow) => self.turn_away(leg, Cause::Overloaded),
        }
    }

    fn turn_away(&mut self, leg: LegId, cause: Cause) {
        self.tell(None, access::Command::Release { leg, cause });
    }

    /// Asks the dial plan, then the resource centre.
    fn weigh(&self, arrival: &Arrival) -> Result<Destination, Refusal> {
        if self.version.is_none() {
            return Err(Refusal::NotNow);
        }
        if let (Caller::Phone(phone), Some(code)) = (&arrival.caller, Code::of_number(&arrival.dialled)) {
            let seat = self.resources.of_phone(phone).ok_or(Refusal::Never(Cause::Forbidden))?;
            let agent = seat.agent.clone();
            return Ok(Destination::Feature { code, agent });
        }
        if let Some(route) = self.owner_beside(arrival) {
            return Ok(Destination::Route(route));
        }
        let called = self.is_fetched(arrival.collab, &arrival.dialled)
            || self.is_wished_for(arrival.leg, &arrival.dialled);
        let route = if called {
            self.plan.resolve(&arrival.dialled).map(|(route, _)| route).ok_or(Cause::NotFound)
        } else {
            self.plan.lookup(&arrival.dialled, &arrival.caller)
        }
        .map_err(Refusal::Never)?;
        if !self.leads_somewhere(&route) {
            return Err(Refusal::Never(Cause::NotFound));
        }
        if Lane::of(arrival.medium) == Lane::Chat && !route_takes_chats(&route) {
            return Err(Refusal::Never(Cause::NotAcceptable));
        }
        if matches!(route, Route::Flow(_)) && !self.resources.self_service.is_free() {
            return Err(Refusal::NotNow);
        }
        Ok(Destination::Route(route))
    }

    /// The chat of the same customer from which the call comes.
    fn chat_beside(&self, arrival: &Arrival) -> Option<SessionId> {
        let chat = self.exchange.of_leg(arrival.beside?)?;
        let session = self.sessions.get(&chat)?;
        (session.user == arrival.user && !session.is_call()).then_some(chat)
    }

    /// Who calls out of a chat with an agent gets that agent, if the agent can take a call.
    fn owner_beside(&self, arrival: &Arrival) -> Option<Route> {
        let session = self.sessions.get(&self.chat_beside(arrival)?)?;
        let seat = self.resources.seat(session.together()?.seat?)?;
        seat.standing[Lane::of(arrival.medium)].then(|| Route::Agent(seat.agent.name().to_owned()))
    }

    /// Whether what the route names is configured.
    pub(crate) fn leads_somewhere(&self, route: &Route) -> bool {
        match route {
            Route::Flow(name) => self.flows.contains(name),
            Route::Queue(name) => self.resources.queues.find(name).is_some(),
            Route::Agent(name) => self.resources.of_agent(name).is_some(),
            Route::Phone(name) => self.phones.contains(name),
            Route::Conference(name) | Route::Uri(name) => !name.is_empty(),
        }
    }

    fn open_session(&mut self, arrival: Arrival, to: Destination) {
        let beside = self.chat_beside(&arrival);
        let Arrival { from, leg, user, display, lang, dialled, medium, collab, offer, .. } = arrival;
        let at = self.step.now.wall;
        let id: SessionId = self.ids.mint(at);
        let conference = match &to {
            Destination::Route(Route::Conference(room)) => room_conference(room),
            Destination::Route(_) | Destination::Feature { .. } | Destination::HangUp => self.ids.mint(at),
        };
        self.exchange.open(id, from);
        self.record(id, What::Opened { user, display, dialled, medium, conference });
        self.record(id, What::LegAdded { leg, part: Part::User, seat: None });
        let caller = collab.and_then(|(collab, kind)| self.came_to_share(id, collab, kind));
        if let Destination::Route(Route::Flow(flow)) = &to {
            let run = self.ids.mint(at);
            self.record(id, What::FlowStarted { run, flow: flow.clone() });
        }
        if let Some(offer) = &offer {
            self.step.persist(offer_key(id), json(&KeptOffer { v: 1, leg, offer: offer.clone() }));
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.offer_kept = offer.is_some();
        }
        if let Some(chat) = beside {
            self.stand_beside(id, chat);
        }
        self.tell_opened(id);
        match Lane::of(medium) {
            Lane::Chat if self.chat_begins(id, leg) => {}
            Lane::Chat => match caller {
                // Whoever called need not be asked.
                Some(seat) => {
                    self.begun_by(id, leg, seat);
                }
                None => self.begin_chat(id, leg, to),
            },
            Lane::Voice => {
                if let Some(seat) = caller {
                    self.resources.unlock(seat, self.step.now);
                }
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.live.next = Some(to);
                    session.aside.lang = lang;
                }
                self.tell(Some(id), media::Command::Open { leg, conference, part: Part::User, offer });
            }
        }
    }
}
