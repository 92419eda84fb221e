//! The customer's own leg: its media, its answer, and where it goes from there.

use ngcc_proto::access::{self, Cause};
use ngcc_proto::config::Route;
use ngcc_proto::fact::{By, What};
use ngcc_proto::flow;
use ngcc_proto::media;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{LegId, SessionId, UserUri};

use super::arrive::{offer_key, room_conference, route_takes_chats};
use super::wait::Wish;
use super::{Answer, Destination, LegStage};
use crate::Cti;
use crate::session::call::DEFAULT_RING_S;

impl Cti {
    /// The customer's media is open.
    pub(crate) fn customer_opened(&mut self, id: SessionId, leg: LegId, sdp: Sdp) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if let Some((to, ring_s)) = session.live.call.take() {
            session.live.answer = Answer::Sent;
            let dialled = UserUri::Phone(session.dialled.clone());
            let from = self.shown_number(id).unwrap_or(dialled);
            self.tell(Some(id), access::Command::Call { leg, to, from, display: None, offer: sdp, ring_s });
            return;
        }
        match std::mem::replace(&mut session.live.answer, Answer::Sent) {
            Answer::Opening => session.live.answer = Answer::Ready(Box::new(sdp)),
            Answer::Wanted => {
                self.tell(Some(id), access::Command::Answer { leg, sdp });
            }
            Answer::Ready(_) | Answer::Sent => return,
        }
        self.go_on(id);
    }

    /// Has the customer's leg answered, now or as soon as its media is open.
    pub(crate) fn answer_customer(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(leg) = session.customer().map(|leg| leg.id) else { return };
        match std::mem::replace(&mut session.live.answer, Answer::Sent) {
            Answer::Opening | Answer::Wanted => session.live.answer = Answer::Wanted,
            Answer::Ready(sdp) => {
                self.tell(Some(id), access::Command::Answer { leg, sdp: *sdp });
            }
            Answer::Sent => {}
        }
    }

    /// The customer's leg is up.
    pub(crate) fn customer_answered(&mut self, id: SessionId, leg: LegId, sdp: Option<Sdp>) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.customer().is_none_or(|customer| customer.stage != LegStage::New) {
            return;
        }
        session.live.answer = Answer::Sent;
        let asked = session.live.answer_for.take();
        if let Some(sdp) = sdp {
            self.tell(Some(id), media::Command::Answered { leg, sdp });
        }
        self.record(id, What::LegAnswered { leg });
        self.forget_offer(id);
        if let Some(run) = asked {
            self.tell(Some(id), flow::Command::Answered { run });
        }
        self.go_on_answered(id);
    }

    /// What had to wait for the answer.
    fn go_on_answered(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        match session.live.next.take() {
            Some(Destination::HangUp) => self.end(id, By::Automation, Cause::Normal),
            Some(Destination::Route(route)) => self.go(id, route),
            Some(feature @ Destination::Feature { .. }) => session.live.next = Some(feature),
            None => {}
        }
    }

    /// The kept offer has served.
    pub(crate) fn forget_offer(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if std::mem::take(&mut session.live.offer_kept) {
            self.step.forget(offer_key(id));
        }
    }

    /// What had to wait for the customer's media.
    fn go_on(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        match session.live.next.take() {
            Some(Destination::Route(route)) => self.go(id, route),
            Some(Destination::Feature { code, agent }) => self.feature(id, code, &agent),
            Some(Destination::HangUp) | None => {}
        }
    }

    /// Sends the customer where `route` leads: at arrival, or by a transfer.
    pub(crate) fn go(&mut self, id: SessionId, route: Route) {
        let call = self.sessions.get(&id).is_some_and(super::Session::is_call);
        match route {
            route if !call && !route_takes_chats(&route) => self.end(id, By::Centre, Cause::NotAcceptable),
            Route::Flow(flow) => self.start_main(id, &flow),
            Route::Queue(queue) => {
                self.answer_customer(id);
                self.enqueue(id, Wish { queue, priority: 0, prefer: None, max_wait_s: None });
            }
            Route::Agent(name) => self.ask_agent(id, &name),
            Route::Phone(name) => self.dial(id, access::Target::Phone(name), DEFAULT_RING_S),
            Route::Uri(uri) => self.dial(id, access::Target::Uri(uri), DEFAULT_RING_S),
            Route::Conference(room) => self.enter_room(id, &room),
        }
    }

    /// Runs the flow that serves the customer; its slot may have been taken at arrival already.
    pub(crate) fn start_main(&mut self, id: SessionId, flow: &str) {
        let Some(session) = self.sessions.get(&id) else { return };
        if session.main_run().is_none() {
            if !self.resources.self_service.is_free() {
                self.end(id, By::Centre, Cause::Overloaded);
                return;
            }
            let run = self.ids.mint(self.step.now.wall);
            self.record(id, What::FlowStarted { run, flow: flow.to_owned() });
        }
        let Some(run) = self.sessions.get(&id).and_then(|s| s.main_run()).map(|run| run.id) else { return };
        self.start_run(id, run);
    }

    /// Tells ivr to run a flow whose start is recorded.
    pub(crate) fn start_run(&mut self, id: SessionId, run: ngcc_proto::RunId) {
        self.tell_phase(id);
        let Some(session) = self.sessions.get(&id) else { return };
        let (Some(run), Some(leg)) = (session.run(run), session.customer()) else { return };
        let (run_id, vars) = (run.id, session.given_vars());
        let command = flow::Command::Start {
            run: run.id,
            conference: session.conference_now(),
            leg: leg.id,
            flow: run.flow.clone(),
            vars,
            answered: leg.stage != LegStage::New,
            medium: session.medium,
        };
        self.tell(Some(id), command);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.told.has_said(run_id, 0);
        }
    }

    /// Puts the customer into a conference room.
    pub(crate) fn enter_room(&mut self, id: SessionId, room: &str) {
        self.answer_customer(id);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(customer) = session.customer().copied() else { return };
        let conference = room_conference(room);
        if conference != session.conference_now() {
            session.live.room = Some(conference);
            self.tell(Some(id), media::Command::Place { leg: customer.id, conference, part: customer.part });
        }
        self.record(id, What::Joined { leg: customer.id, seat: None });
    }

    /// Tells ivr the phase, if it has changed.
    pub(crate) fn tell_phase(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(phase) = session.phase() else { return };
        let now = (session.conference_now(), phase);
        if session.live.phase == Some(now) {
            return;
        }
        session.live.phase = Some(now);
        let (conference, phase) = now;
        self.tell(Some(id), media::Command::Phase { conference, phase });
    }
}
