//! What a console is shown of a contact: whole, and again whenever anything in it has changed.

use ngcc_proto::media::Part;
use ngcc_proto::seat::{Contact, Party, Presence, Slot, Standing, Told};
use ngcc_proto::{SeatId, SessionId, Wall};

use super::slot_session;
use crate::Cti;
use crate::session::{How, Leg, LegStage, Session, Together};

impl Cti {
    /// Tells the session's agents how it stands, if that is not what they were told last.
    pub(crate) fn tell_contacts(&mut self, id: SessionId) {
        let shown = self.shown.get(&id).into_iter().flat_map(|seats| seats.keys().copied());
        let mut seats: Vec<SeatId> =
            self.sessions.get(&id).into_iter().flat_map(Session::seats).chain(shown).collect();
        seats.sort_unstable();
        seats.dedup();
        for seat in seats {
            self.tell_contact(id, seat);
        }
    }

    fn tell_contact(&mut self, id: SessionId, seat: SeatId) {
        if !self.resources.seat(seat).is_some_and(|seat| seat.console) {
            // Whoever comes back is told everything anew.
            return self.hide(id, seat);
        }
        let contact = self.sessions.get(&id).and_then(|session| self.contact(session, seat));
        let shown = self.shown.get(&id).and_then(|seats| seats.get(&seat));
        match contact {
            Some(contact) if shown == Some(&contact) => {}
            Some(contact) => {
                self.shown.entry(id).or_default().insert(seat, contact.clone());
                self.tell_seat(id, seat, Told::Contact { contact: Box::new(contact) });
            }
            None if shown.is_some() => {
                self.hide(id, seat);
                self.tell_seat(id, seat, Told::Gone { session: id });
            }
            None => {}
        }
    }

    fn hide(&mut self, id: SessionId, seat: SeatId) {
        if let Some(seats) = self.shown.get_mut(&id) {
            seats.remove(&seat);
            if seats.is_empty() {
                self.shown.remove(&id);
            }
        }
    }

    /// Everything of the seat is told anew: its console has just come.
    pub(crate) fn look(&mut self, seat: SeatId) {
        self.console_here(seat);
        let agent = self.resources.seat(seat).map(|seat| seat.agent.clone());
        for session in self.contacts_of(seat) {
            self.hide(session, seat);
            self.tell_offer_again(session, seat);
            self.step.touch(session);
            if let Some(agent) = &agent {
                self.agent_here(session, agent);
            }
        }
        self.resources.tell_again(seat);
    }

    /// The sessions in the seat's slots.
    pub(crate) fn contacts_of(&self, seat: SeatId) -> Vec<SessionId> {
        let Some(seat) = self.resources.seat(seat) else { return vec![] };
        slot_session(&seat.voice).into_iter().chain(seat.chats.keys().copied()).collect()
    }

    fn contact(&self, session: &Session, seat: SeatId) -> Option<Contact> {
        let standing = standing(session, seat)?;
        let place = session.story.queued.as_ref().map(|(queue, _, _)| queue.clone());
        let own = session.legs.iter().find(|leg| leg.seat == Some(seat)).map(|leg| leg.id);
        Some(Contact {
            session: session.id,
            medium: session.medium,
            user: session.user.clone(),
            display: session.display.clone(),
            dialled: session.dialled.clone(),
            queue: place,
            since: session.since,
            joined: session.story.joined,
            standing,
            customer: presence(session),
            pictures: session.customer_shows(),
            path: session.path(),
            vars: session.story.found.clone(),
            parties: session.legs.iter().map(|leg| self.party(session, leg)).collect(),
            leg: own.filter(|_| session.is_call()),
            last_seq: session.story.last_seq,
            disposition: session.story.disposition.clone(),
            shared: session.shown_shared(),
            alone: session.is_apart(),
            beside: session.story.beside,
            delivery: session.live.delivery.clone(),
        })
    }

    fn party(&self, session: &Session, leg: &Leg) -> Party {
        let seat = leg.seat.map(|seat| self.display_of(seat));
        let name = match leg.part {
            Part::User => session.display.clone().unwrap_or_else(|| session.user.bare().to_owned()),
            Part::Second if session.side.as_ref().is_some_and(|side| side.leg == leg.id) => {
                let to = session.side.as_ref().map(|side| side.to.clone());
                seat.or(to).unwrap_or_default()
            }
            Part::Agent | Part::Second | Part::Supervisor => seat.unwrap_or_else(|| session.dialled.clone()),
        };
        Party { leg: leg.id, part: leg.part, name, up: leg.stage == LegStage::Up }
    }
}

impl Session {
    /// Every seat that has something of it.
    fn seats(&self) -> Vec<SeatId> {
        let beside = self.legs.iter().filter(|leg| leg.part == Part::Second).filter_map(|leg| leg.seat);
        self.seat().into_iter().chain(beside).chain(self.wrap_ups.iter().map(|(seat, _, _)| *seat)).collect()
    }
}

fn standing(session: &Session, seat: SeatId) -> Option<Standing> {
    if session.offer().is_some_and(|offer| offer.claim.seat() == seat) {
        return Some(if session.live.dials.is_some() { Standing::Dialling } else { Standing::Alerting });
    }
    if let Some(Together { how, .. }) = session.together().filter(|with| with.seat == Some(seat)) {
        return Some(match how {
            How::Talk
                if !session.is_apart() && session.customer().is_none_or(|leg| leg.stage == LegStage::New) =>
            {
                Standing::Dialling
            }
            How::Talk => Standing::Talk,
            How::Held(_) => Standing::Hold,
            How::Conference => Standing::Conference,
            How::Consulting => Standing::Consult {
                with: session.side.as_ref().map(|side| side.to.clone()).unwrap_or_default(),
                answered: session.side_answered(),
                swapped: session.live.swapped,
            },
            How::InIvr { run, .. } => {
                let flow = session.run(run).map(|run| run.flow.clone()).unwrap_or_default();
                let step = session.aside.step.as_ref().filter(|(at, _, _)| *at == run);
                let step = step.map(|(_, node, verb)| (node.clone(), verb.clone()));
                Standing::InIvr { flow, step, listen: session.aside.listen }
            }
        });
    }
    match session.side_slot(seat) {
        Some(Slot::Alerting { .. }) => return Some(Standing::Alerting),
        Some(_) if session.side.as_ref().is_some_and(|side| side.seat == Some(seat)) => {
            return Some(Standing::Talk);
        }
        Some(_) => return Some(Standing::Conference),
        None => {}
    }
    let until: Wall = session.wrap_ups.iter().find(|(id, _, _)| *id == seat)?.2;
    let until = session.held_for(seat).map_or(until, |held| until.max(held));
    Some(Standing::WrapUp { until })
}

fn presence(session: &Session) -> Presence {
    match session.customer().map(|leg| leg.stage) {
        Some(LegStage::New | LegStage::Up) => Presence::Here,
        Some(LegStage::Unreachable) => Presence::Gone { since: session.story.gone },
        // A call out has no customer before it is on its way, and one between agents none at all.
        None if !session.is_closed() => Presence::Here,
        None => Presence::Left,
    }
}
