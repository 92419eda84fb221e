//! The operator looks at the running centre and acts in it.

use ngcc_proto::access::Target;
use ngcc_proto::fact::{Medium, What};
use ngcc_proto::media::{self, Part};
use ngcc_proto::operate::{Command, Event, LiveQueue, LiveSeat, LiveSession};
use ngcc_proto::{ConferenceId, LegId, Role, SessionId, UserUri, seat};

use crate::Cti;
use crate::session::{Answer, Destination, Session};

/// The most sessions that are listed at once.
const MAX_LISTED: u32 = 10_000;
/// How long a phone rings that the operator calls, in seconds.
const RING_S: u32 = 30;

impl Cti {
    /// The operator asks; every command has one answer.
    pub(crate) fn operate(&mut self, command: Command) {
        let event = match command {
            Command::Sessions { limit } => self.live_sessions(limit),
            Command::Seats => Event::Seats { seats: self.live_seats() },
            Command::Queues => Event::Queues { queues: self.live_queues() },
            Command::Chain { session } => {
                let facts = self.sessions.get(&session).map(|session| session.facts.clone());
                Event::Chain { facts: facts.unwrap_or_default() }
            }
            Command::Place { first, number } => self.place_call(first, number),
            Command::End { session } => match self.end_for("operator", session) {
                Ok(()) => Event::Done,
                Err(why) => Event::Refused { why: why.to_owned() },
            },
            Command::Seat(command) => self.act_for_agent(command),
        };
        self.tell(None, event);
    }

    fn live_sessions(&self, limit: u32) -> Event {
        let live = || self.sessions.values().filter(|session| !session.is_closed());
        let limit = usize::try_from(limit.min(MAX_LISTED)).unwrap_or(0);
        let sessions = live().take(limit).map(|session| self.live_session(session)).collect();
        Event::Sessions { total: live().count() as u64, sessions }
    }

    fn live_session(&self, session: &Session) -> LiveSession {
        let owner = session.together().and_then(|with| self.resources.seat(with.seat?));
        LiveSession {
            id: session.id,
            user: session.user.clone(),
            dialled: session.dialled.clone(),
            phase: session.word().to_owned(),
            owner: owner.map(|seat| seat.agent.clone()),
            since: session.since,
        }
    }

    fn live_seats(&self) -> Vec<LiveSeat> {
        let live = |seat: &crate::seat::Seat| LiveSeat {
            agent: seat.agent.clone(),
            availability: seat.availability.clone(),
            voice: seat.voice.clone(),
            chats: seat.chats(),
        };
        self.resources.seats().map(live).collect()
    }

    fn live_queues(&self) -> Vec<LiveQueue> {
        let now = self.step.now.mono;
        let live = |queue: &crate::queue::Queue| LiveQueue {
            name: queue.name.clone(),
            waiting: queue.waiting() as u64,
            longest_ms: queue.oldest().map_or(0, |since| now.ms_since(since)),
            free: self.resources.free_members(queue),
        };
        self.resources.queues.by_name().map(live).collect()
    }

    /// Calls `first`; once it has answered it goes where the number leads.
    fn place_call(&mut self, first: Target, number: String) -> Event {
        let Some((route, _)) = self.plan.resolve(&number) else {
            return Event::Refused { why: format!("{number} leads nowhere") };
        };
        if !self.leads_somewhere(&route) {
            return Event::Refused { why: format!("what {number} leads to is not configured") };
        }
        let (user, known) = match &first {
            Target::Phone(name) => (UserUri::Phone(name.clone()), self.phones.contains(name)),
            Target::Uri(uri) => (UserUri::Sip(uri.trim_start_matches("sip:").to_owned()), true),
        };
        if !known {
            return Event::Refused { why: "there is no such phone".to_owned() };
        }
        let at = self.step.now.wall;
        let (id, leg): (SessionId, LegId) = (self.ids.mint(at), self.ids.mint(at));
        let conference: ConferenceId = self.ids.mint(at);
        self.exchange.open(id, Role::Access.first());
        self.record(
            id,
            What::Opened { user, display: None, dialled: number, medium: Medium::Voice, conference },
        );
        self.record(id, What::LegAdded { leg, part: Part::User, seat: None });
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.next = Some(Destination::Route(route));
            session.live.call = Some((first, RING_S));
            session.live.answer = Answer::Opening;
        }
        self.tell(Some(id), media::Command::Open { leg, conference, part: Part::User, offer: None });
        Event::Placed { session: id }
    }

    /// What an agent would ask at a console, asked by the operator; the console is told of it as of any other.
    fn act_for_agent(&mut self, command: seat::Command) -> Event {
        let seat::Command { agent, session, what } = command;
        match self.obey(&agent, session, what) {
            Ok(()) => Event::Done,
            Err(why) => Event::Refused { why: why.to_owned() },
        }
    }
}
