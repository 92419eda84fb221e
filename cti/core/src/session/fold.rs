//! How facts make a session: the one place where its stage changes, at run time and after a restart alike.

use std::mem;

use ngcc_proto::fact::{By, ConsultEnd, Fact, OfferEnd, Suspended, What};
use ngcc_proto::media::Part;
use ngcc_proto::{LegId, Now, RunId, SeatId, Wall};

use super::{Asking, How, Leg, LegStage, Offer, Run, RunStage, Session, Side, Stage, Together};
use crate::queue::{Order, Place, QueueNo, Queues};
use crate::resource::Reservation;

impl Asking {
    /// Its word in a `FlowSuspended` fact.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Queue => "queue",
            Self::Transfer => "transfer",
            Self::Conference => "conference",
            Self::SignIn => "sign_in",
        }
    }

    fn of_word(word: &str) -> Self {
        [Self::Queue, Self::Transfer, Self::Conference, Self::SignIn]
            .into_iter()
            .find(|asking| asking.word() == word)
            .unwrap_or(Self::Human)
    }
}

impl Session {
    /// The session that an `Opened` fact begins; none for any other fact.
    pub(crate) fn begun(fact: &Fact) -> Option<Self> {
        let What::Opened { user, display, dialled, medium, conference } = &fact.what else { return None };
        let now = Now { mono: fact.mono, wall: fact.at };
        let session = Self::opened(fact.session, user.clone(), dialled.clone(), *medium, *conference, now);
        Some(Self { display: display.clone(), ..session })
    }

    /// Takes one more fact into account.
    pub(crate) fn fold(&mut self, fact: &Fact, queues: &mut Queues) {
        self.story.fold(fact);
        match &fact.what {
            What::CollabAsked { .. }
            | What::CollabMapped { .. }
            | What::CollabEstablished { .. }
            | What::CollabInvited { .. }
            | What::CollabJoined { .. }
            | What::CollabAway { .. }
            | What::CollabViewer { .. }
            | What::CollabGoesOn { .. }
            | What::CollabNoted { .. }
            | What::CollabLegAdded { .. }
            | What::CollabLegLeft { .. }
            | What::CollabMoved { .. }
            | What::CollabEnded { .. } => self.fold_shared(fact),
            What::Opened { .. }
            | What::Stale { .. }
            | What::Intervened { .. }
            | What::MediumAdded { .. }
            | What::StandsBeside { .. }
            | What::Transferred { .. }
            | What::Disposed { .. } => {}
            What::Said { seq, by, .. } => self.said(*seq, *by),
            What::ConsultStarted { leg, seat, to } => {
                let via = self.came_through(queues);
                self.side = Some(Side { leg: *leg, seat: *seat, to: to.clone(), via });
                self.how_is(How::Consulting);
            }
            What::ConsultEnded { leg, end, .. } => self.consult_ended(*leg, *end),
            What::LegAdded { leg, part, seat } => self.leg_added(*leg, *part, *seat),
            What::LegAnswered { leg } | What::LegReattached { leg } => self.leg_is(*leg, LegStage::Up),
            What::LegUnreachable { leg } => self.leg_is(*leg, LegStage::Unreachable),
            What::LegLeft { leg, .. } => self.leg_left(*leg),
            What::FlowStarted { run, flow } => self.flow_started(*run, flow),
            What::FlowSuspended(Suspended { run, ask, .. }) => {
                self.run_is(*run, RunStage::Asked(Asking::of_word(ask)));
            }
            What::FlowResumed { run, .. } => self.flow_resumed(*run),
            What::FlowEnded { run, .. } => self.runs.retain(|r| r.id != *run),
            What::Queued { queue, priority, since } => {
                let order = Order { priority: std::cmp::Reverse(*priority), since: *since, session: self.id };
                let place = Place { queue: queues.number(queue), lane: self.lane(), order };
                self.stage = Stage::Waiting(place);
            }
            What::Dequeued { .. } => self.dequeued(),
            What::Reserved { reservation, seat, leg, .. } => {
                let claim = Reservation::of_fact(*reservation, *seat);
                self.reserved(Offer { claim, leg: *leg, alerting: false });
            }
            What::Alerting { .. } => {
                if let Stage::Offered { offer, .. } = &mut self.stage {
                    offer.alerting = true;
                }
            }
            What::OfferEnded { end, .. } => self.offer_ended(*end, queues),
            What::Joined { leg, seat } => self.joined(*leg, *seat, queues),
            What::Held { by } => self.how_is(How::Held(*by)),
            What::Unheld { .. } => self.how_is(How::Talk),
            What::ToAuto { turn, run, flow, .. } => {
                self.turn = *turn;
                self.how_is(How::InIvr { run: *run, named: flow.is_some() });
            }
            What::ToHuman { .. } => self.is_back(),
            What::AgentReleased { seat, wrap_up_until, .. } => {
                self.agent_released(*seat);
                if let Some(until) = wrap_up_until {
                    let ms = i64::try_from(until.ms_since(fact.mono)).unwrap_or(i64::MAX);
                    self.wrap_ups.push((*seat, *until, Wall(fact.at.0.saturating_add(ms))));
                }
            }
            What::WrapUpEnded { seat, .. } => self.wrap_ups.retain(|(id, _, _)| id != seat),
            What::Closed { .. } => {
                self.stage = Stage::Closed;
                self.side = None;
                self.legs.clear();
                self.runs.clear();
            }
        }
    }

    /// What the customer says goes to the run that has them.
    fn said(&mut self, seq: u64, by: By) {
        if let Some(run) = self.hearing_run().filter(|_| by == By::Customer) {
            self.told.note(run, seq);
        }
    }

    fn leg_added(&mut self, id: LegId, part: Part, seat: Option<SeatId>) {
        self.legs.push(Leg { id, part, seat, stage: LegStage::New });
        let plain = part == Part::Agent && seat.is_none();
        if plain && matches!(self.stage, Stage::Arriving | Stage::SelfService) {
            self.stage = Stage::Dialling { leg: id };
        }
    }

    fn leg_is(&mut self, id: LegId, stage: LegStage) {
        if let Some(leg) = self.legs.iter_mut().find(|leg| leg.id == id) {
            leg.stage = stage;
        }
    }

    fn leg_left(&mut self, id: LegId) {
        self.legs.retain(|leg| leg.id != id);
        let dialled = matches!(&self.stage, Stage::Dialling { leg } if *leg == id);
        let plain = matches!(&self.stage, Stage::With(with) if with.leg == id && with.seat.is_none());
        if dialled || plain {
            self.stage = self.without_partner();
        }
        let conference = self.together().is_some_and(|with| with.how == How::Conference);
        if conference && self.members().is_empty() {
            self.how_is(How::Talk);
        }
    }

    fn consult_ended(&mut self, leg: LegId, end: ConsultEnd) {
        let Some(side) = self.side.take_if(|side| side.leg == leg) else { return };
        match end {
            ConsultEnd::Completed => {
                self.part_is(leg, Part::Agent);
                let how = if self.members().is_empty() { How::Talk } else { How::Conference };
                self.stage = Stage::With(Together { leg, seat: side.seat, via: side.via, how });
            }
            ConsultEnd::Merged => self.how_is(How::Conference),
            ConsultEnd::Cancelled | ConsultEnd::Left => {
                let others = self.members().iter().any(|member| member.id != leg);
                self.how_is(if others { How::Conference } else { How::Talk });
            }
        }
    }

    fn part_is(&mut self, id: LegId, part: Part) {
        if let Some(leg) = self.legs.iter_mut().find(|leg| leg.id == id) {
            leg.part = part;
        }
    }

    /// Where it stands when nobody is with the customer, nobody is called and no place is held.
    fn without_partner(&self) -> Stage {
        if self.main_run().is_some() { Stage::SelfService } else { Stage::Arriving }
    }

    fn flow_started(&mut self, id: RunId, flow: &str) {
        let while_waiting = self.place().is_some();
        self.runs.push(Run { id, flow: flow.to_owned(), stage: RunStage::Running, while_waiting });
        if matches!(self.stage, Stage::Arriving) {
            self.stage = Stage::SelfService;
        }
    }

    fn run_is(&mut self, id: RunId, stage: RunStage) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == id) {
            run.stage = stage;
        }
    }

    fn flow_resumed(&mut self, id: RunId) {
        self.run_is(id, RunStage::Running);
        if matches!(self.stage, Stage::Arriving) {
            self.stage = Stage::SelfService;
        }
    }

    fn dequeued(&mut self) {
        if self.waiting().is_some() {
            self.stage = self.without_partner();
        }
    }

    fn reserved(&mut self, offer: Offer) {
        let place = self.waiting();
        self.stage = Stage::Offered { place, offer };
    }

    /// The queue it waited in last. Whoever gets it without a place of their own, by a transfer or from a
    /// conference, has the same work after it.
    fn came_through(&self, queues: &mut Queues) -> Option<QueueNo> {
        self.story.queued.as_ref().map(|(queue, ..)| queues.number(queue))
    }

    fn offer_ended(&mut self, end: OfferEnd, queues: &mut Queues) {
        let resting = self.without_partner();
        let Stage::Offered { place, offer } = mem::replace(&mut self.stage, resting) else { return };
        if end == OfferEnd::Accepted {
            let leg = offer.leg;
            let seat = offer.claim.commit().seat;
            let via = self.came_through(queues);
            self.stage = Stage::With(Together { leg, seat: Some(seat), via, how: How::Talk });
            return;
        }
        offer.claim.release();
        if let Some(place) = place {
            self.stage = Stage::Waiting(place);
        }
    }

    fn joined(&mut self, leg: LegId, seat: Option<SeatId>, queues: &mut Queues) {
        if self.customer().is_some_and(|customer| customer.id == leg) {
            self.stage = Stage::InRoom;
            return;
        }
        let via = self.came_through(queues);
        self.part_is(leg, Part::Agent);
        let how = if self.members().is_empty() { How::Talk } else { How::Conference };
        self.stage = Stage::With(Together { leg, seat, via, how });
    }

    fn how_is(&mut self, how: How) {
        if let Stage::With(with) = &mut self.stage {
            with.how = how;
        }
    }

    fn is_back(&mut self) {
        if let Stage::Unattended { .. } = &self.stage {
            self.stage = self.without_partner();
        }
        self.how_is(How::Talk);
    }

    fn agent_released(&mut self, seat: SeatId) {
        let Some(with) = self.together().filter(|with| with.seat == Some(seat)) else { return };
        self.stage = match with.how {
            How::InIvr { run, .. } => Stage::Unattended { run, seat, via: with.via },
            How::Talk | How::Held(_) | How::Consulting | How::Conference => self.without_partner(),
        };
    }
}
