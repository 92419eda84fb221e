//! The transfer key of the partner's phone: blind to a number, or attended with the call it holds besides.

use ngcc_proto::access::{self, Cause};
use ngcc_proto::config::Route;
use ngcc_proto::fact::{By, What};
use ngcc_proto::media::{self, Part};
use ngcc_proto::{LegId, RunId, SessionId};

use super::{How, Session, Together, Whose};
use crate::Cti;

impl Cti {
    /// A phone asks to transfer. Customers may not; nor may an agent whose customer is with the
    /// automatic service.
    pub(crate) fn transfer_asked(&mut self, id: SessionId, leg: LegId, to: &str, replaces: Option<LegId>) {
        let partner = |s: &Session| s.whose(leg) == Whose::Partner;
        let with = self.sessions.get(&id).filter(|s| partner(s)).and_then(Session::together);
        let Some(with) = with.filter(|with| !matches!(with.how, How::InIvr { .. })) else {
            return self.transfer_told(id, leg, Cause::Forbidden);
        };
        match replaces {
            Some(other) => self.attended(id, with, other),
            None => match self.destination(to) {
                Some(route) => self.blind(id, with, route),
                None => self.transfer_told(id, leg, Cause::NotFound),
            },
        }
    }

    fn transfer_told(&mut self, id: SessionId, leg: LegId, ended: Cause) {
        self.tell(Some(id), access::Command::TransferTold { leg, ended: Some(ended) });
    }

    fn blind(&mut self, id: SessionId, with: Together, route: Route) {
        self.part(id, with);
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
        self.transfer_told(id, with.leg, Cause::Normal);
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
