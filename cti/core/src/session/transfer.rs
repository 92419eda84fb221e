//! The transfer key of the partner's phone: blind to a number, or attended with the call it holds besides.

use ngcc_proto::access::{self, Cause};
use ngcc_proto::chat::Notice;
use ngcc_proto::config::Route;
use ngcc_proto::fact::{By, What};
use ngcc_proto::media::{self, Part};
use ngcc_proto::seat::To;
use ngcc_proto::{LegId, RunId, SessionId};

use super::consult::name_of;
use super::{How, Session, Together, Whose};
use crate::Cti;
use crate::collab::ONLY_PEOPLE;
use crate::lane::Lane;
use crate::seat::command::Done;

impl Cti {
    /// A phone asks to transfer. Customers may not; nor may an agent whose customer is with the
    /// automatic service.
    pub(crate) fn transfer_asked(&mut self, id: SessionId, leg: LegId, to: &str, replaces: Option<LegId>) {
        let partner = |s: &Session| s.whose(leg) == Whose::Partner;
        let with = self.sessions.get(&id).filter(|s| partner(s)).and_then(Session::together);
        let Some(with) = with.filter(|with| matches!(with.how, How::Talk | How::Held(_))) else {
            return self.transfer_told(id, leg, Cause::Forbidden);
        };
        match replaces {
            Some(other) => self.attended(id, with, other),
            None => match self.destination(to) {
                Some(route) => {
                    self.transfer_told(id, leg, Cause::Normal);
                    self.blind(id, with, route, to);
                }
                None => self.transfer_told(id, leg, Cause::NotFound),
            },
        }
    }

    fn transfer_told(&mut self, id: SessionId, leg: LegId, ended: Cause) {
        self.tell(Some(id), access::Command::TransferTold { leg, ended: Some(ended) });
    }

    /// The console's transfer: at once, to a queue, an agent, a flow or a number.
    pub(crate) fn transfer(&mut self, id: SessionId, to: &To) -> Done {
        let session = self.sessions.get(&id).ok_or("there is no customer")?;
        let with = session.together().filter(|with| with.seat.is_some()).ok_or("there is no customer")?;
        let here = session.customer().is_some() || session.is_apart();
        if !matches!(with.how, How::Talk | How::Held(_)) || !here {
            return Err("first bring the customer back, alone");
        }
        let route = self.transfer_route(session, to)?;
        let name = name_of(to);
        self.blind(id, with, route, &name);
        Ok(())
    }

    /// Where a transfer leads, if whoever is there can take the customer: nobody is transferred into nothing.
    fn transfer_route(&self, session: &Session, to: &To) -> Result<Route, &'static str> {
        let route = match to {
            To::Queue(name) => Route::Queue(name.clone()),
            To::Agent(name) => Route::Agent(name.clone()),
            To::Flow(name) => Route::Flow(name.clone()),
            To::Number(number) => self.destination(number).ok_or("that number leads nowhere")?,
        };
        match &route {
            Route::Queue(_) | Route::Agent(_) => self.takes(&route, session.lane())?,
            Route::Flow(_) | Route::Phone(_) | Route::Uri(_) | Route::Conference(_) if session.is_apart() => {
                return Err(ONLY_PEOPLE);
            }
            Route::Flow(name) if !self.flows.contains(name) => return Err("there is no flow of that name"),
            Route::Flow(_) if !self.resources.self_service.is_free() => {
                return Err("no self-service is free");
            }
            Route::Phone(_) | Route::Uri(_) | Route::Conference(_) if !session.is_call() => {
                return Err("a chat goes to a queue, an agent or a flow");
            }
            Route::Flow(_) | Route::Phone(_) | Route::Uri(_) | Route::Conference(_) => {}
        }
        Ok(route)
    }

    /// Whether people are there who can take a customer into such a slot: of a queue anybody at all, an agent now.
    pub(crate) fn takes(&self, route: &Route, lane: Lane) -> Done {
        match route {
            Route::Queue(name) => {
                let queue = self.resources.queues.find(name).ok_or("there is no such queue")?;
                let served = self.resources.queues.get(queue).members().len() > 0;
                served.then_some(()).ok_or("nobody serves that queue")
            }
            Route::Agent(name) => {
                let seat = self.resources.of_agent(name).ok_or("there is no such agent")?;
                seat.standing[lane].then_some(()).ok_or("that agent is not free")
            }
            Route::Flow(_) | Route::Phone(_) | Route::Uri(_) | Route::Conference(_) => Ok(()),
        }
    }

    fn blind(&mut self, id: SessionId, with: Together, route: Route, to: &str) {
        let to: String = to.chars().take(128).collect();
        self.record(id, What::Transferred { from: with.seat, to: to.clone() });
        self.notice(id, Notice::Transferred { to });
        self.part(id, with);
        if let Some(seat) = with.seat {
            self.rest(seat);
        }
        self.go(id, route);
    }

    /// Lets the partner go and leaves the customer alone, without any flow.
    fn part(&mut self, id: SessionId, with: Together) {
        let Some(session) = self.sessions.get(&id) else { return };
        let runs: Vec<RunId> = session.runs.iter().map(|run| run.id).collect();
        for run in runs {
            self.stop_run(id, run);
        }
        if let Some(seat) = with.seat {
            self.release_agent(id, seat, with.via, Cause::Normal);
        }
        self.release(id, with.leg, Cause::Normal);
        self.leg_gone(id, with.leg, Cause::Normal);
    }

    /// The agent has called somebody on `other` and joins them with the customer.
    fn attended(&mut self, id: SessionId, with: Together, other: LegId) {
        let consult = self.exchange.of_leg(other).filter(|consult| *consult != id);
        let party = consult.and_then(|consult| {
            let session = self.sessions.get(&consult)?;
            let called = session.whose(other) == Whose::Customer;
            session.together().filter(|with| called && !matches!(with.how, How::InIvr { .. }))
        });
        let (Some(consult), Some(party)) = (consult, party) else {
            return self.transfer_told(id, with.leg, Cause::NotFound);
        };
        self.transfer_told(id, with.leg, Cause::Normal);
        self.part(id, with);
        if let Some(seat) = party.seat {
            self.record(consult, What::AgentReleased { seat, cause: Cause::Normal, wrap_up_until: None });
        }
        self.record(consult, What::LegLeft { leg: party.leg, cause: Cause::Normal });
        self.end(consult, By::Agent, Cause::Normal);
        self.record(id, What::LegAdded { leg: party.leg, part: Part::Agent, seat: party.seat });
        self.record(id, What::LegAnswered { leg: party.leg });
        let Some(conference) = self.sessions.get(&id).map(Session::conference_now) else { return };
        self.tell(Some(id), media::Command::Place { leg: party.leg, conference, part: Part::Agent });
        self.record(id, What::Joined { leg: party.leg, seat: party.seat });
    }
}
