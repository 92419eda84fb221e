//! A restart: facts make the sessions again, and the routing table, slots, places and deadlines are read
//! off them. What the other modules still hold is laid beside it in `reconcile.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ngcc_proto::access::Stage as Edge;
use ngcc_proto::fact::{Fact, SeatRecord, VERSION, What};
use ngcc_proto::seat::Slot;
use ngcc_proto::{Key, Kind, LegId, RestoreError, Role, RunId, SeatId, SessionId};
use serde::Deserialize;

use crate::Cti;
use crate::chat::notice::GONE;
use crate::queue::Cursor;
use crate::session::arrive::{KeptOffer, offer_key};
use crate::session::aside::{Aside, aside_key};
use crate::session::{LegStage, Session};
use crate::timer::Timer;

/// How long the other modules may take to tell what they hold.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// What is waited for after a start.
#[derive(Debug, Default)]
pub(crate) struct Restart {
    /// Sessions that were restored and are not reconciled yet.
    pub(crate) sessions: Vec<SessionId>,
    /// They have had time enough to tell.
    pub(crate) late: bool,
    /// Who has told something since the start.
    pub(crate) heard: Heard,
    pub(crate) edge: Option<BTreeMap<LegId, Edge>>,
    pub(crate) ivr: Option<Held>,
    pub(crate) offers: BTreeMap<SessionId, KeptOffer>,
    pub(crate) asides: BTreeMap<SessionId, Aside>,
}

/// Who has told what it holds since cti started. Whoever does so again has restarted alone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) edge: bool,
    pub(crate) ivr: bool,
}

/// What ivr still holds.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) legs: BTreeSet<LegId>,
    pub(crate) runs: BTreeSet<RunId>,
}

impl std::fmt::Debug for KeptOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptOffer").field("leg", &self.leg).finish_non_exhaustive()
    }
}

impl Restart {
    /// Whether restored sessions wait to be reconciled.
    pub(crate) fn is_open(&self) -> bool {
        !self.sessions.is_empty()
    }
}

fn read<'a, T: Deserialize<'a>>(kind: Kind, bytes: &'a [u8]) -> Result<T, RestoreError> {
    serde_json::from_slice(bytes).map_err(|e| RestoreError { kind, why: e.to_string() })
}

impl Cti {
    /// Takes one record back.
    pub(crate) fn take_record_back(&mut self, key: Key, bytes: &[u8]) -> Result<(), RestoreError> {
        match key.kind {
            Kind::SessionFact if key.n == u32::MAX => {
                let offer: KeptOffer = read(key.kind, bytes)?;
                self.restart.offers.insert(SessionId(key.id), offer);
            }
            Kind::SessionFact if key.n == u32::MAX - 1 => {
                self.restart.asides.insert(SessionId(key.id), read(key.kind, bytes)?);
            }
            Kind::SessionFact => self.take_fact_back(key, read(key.kind, bytes)?)?,
            Kind::Seat => {
                let record: SeatRecord = read(key.kind, bytes)?;
                self.resources.seat_or_new(record.seat, &record.agent).restore(record.clone());
            }
            Kind::Cursor => self.resources.queues.restore(&read::<Cursor>(key.kind, bytes)?),
            Kind::Dialog
            | Kind::Binding
            | Kind::WebLeg
            | Kind::Channel
            | Kind::MediaLeg
            | Kind::FlowRun
            | Kind::Conference
            | Kind::Recording
            | Kind::Collab => {
                return Err(RestoreError { kind: key.kind, why: "not a record of cti".to_owned() });
            }
        }
        Ok(())
    }

    fn take_fact_back(&mut self, key: Key, fact: Fact) -> Result<(), RestoreError> {
        let err = |why: String| RestoreError { kind: Kind::SessionFact, why };
        if fact.v != VERSION || fact.session.0 != key.id || fact.n != key.n {
            return Err(err(format!("fact {} of version {} does not belong to its key", fact.n, fact.v)));
        }
        if let (0, Some(session)) = (fact.n, Session::begun(&fact)) {
            self.sessions.entry(fact.session).or_insert(session);
        }
        let Some(session) = self.sessions.get_mut(&fact.session) else {
            // The first facts are gone: the session is stored, and the process died while it forgot them.
            self.step.forget(key);
            return Ok(());
        };
        let next = session.facts.len();
        match usize::try_from(fact.n).unwrap_or(usize::MAX).cmp(&next) {
            std::cmp::Ordering::Less => Ok(()),
            std::cmp::Ordering::Greater => Err(err(format!("fact {} came where {next} was due", fact.n))),
            std::cmp::Ordering::Equal => {
                if let What::Reserved { seat, agent, .. } = &fact.what {
                    self.resources.seat_or_new(*seat, agent);
                }
                session.fold(&fact, &mut self.resources.queues);
                session.facts.push(fact);
                Ok(())
            }
        }
    }

    /// Every record is there: the routing table, slots, places and deadlines are read off the sessions.
    pub(crate) fn rebuild(&mut self) {
        let ids: Vec<SessionId> = self.sessions.keys().copied().collect();
        for id in ids {
            self.rebuild_session(id);
        }
        for (id, aside) in std::mem::take(&mut self.restart.asides) {
            match self.sessions.get_mut(&id).filter(|session| !session.is_closed()) {
                Some(session) => {
                    session.live.aside_kept = Some(aside.clone());
                    session.aside = aside;
                }
                None => self.step.forget(aside_key(id)),
            }
        }
        let stray: Vec<SessionId> = self.restart.offers.keys().copied().collect();
        for id in stray {
            if self.sessions.get(&id).is_none_or(Session::is_closed) {
                self.restart.offers.remove(&id);
                self.step.forget(offer_key(id));
            }
        }
        if self.restart.is_open() {
            self.timers.set(Timer::Reconcile, self.step.now.mono + PATIENCE);
        }
    }

    fn rebuild_session(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.live.offer_kept = self.restart.offers.contains_key(&id);
        if session.is_over() {
            return self.store(id);
        }
        let lane = session.lane();
        let seats: Vec<SeatId> =
            session.seat().into_iter().chain(session.wrap_ups.iter().map(|(seat, _, _)| *seat)).collect();
        let slots: Vec<(SeatId, Slot)> =
            seats.into_iter().filter_map(|id| Some((id, session.slot(id)?))).collect();
        for (seat, until, _) in &session.wrap_ups {
            self.timers.set(Timer::WrapUp(*seat, id), *until);
        }
        for (timer, until) in session.deadlines_of_shared() {
            self.timers.set(timer, until);
        }
        let grace = Duration::from_secs(self.centre.grace_s.into());
        for leg in &session.legs {
            self.exchange.add_leg(leg.id, id);
            match leg.stage {
                LegStage::Unreachable if session.is_call() => {
                    self.timers.set(Timer::Grace(leg.id), self.step.now.mono + grace);
                }
                LegStage::Unreachable => self.timers.set(Timer::Gone(id), self.step.now.mono + GONE),
                LegStage::New | LegStage::Up => {}
            }
        }
        for shared in &session.shared {
            self.exchange.add_collab(shared.id, id, shared.at());
            shared.screen_legs().for_each(|leg| self.exchange.add_leg(leg, id));
        }
        for run in &session.runs {
            self.exchange.add_run(run.id, id);
            self.resources.self_service.take();
        }
        if let Some(place) = session.waiting() {
            self.resources.enter(place, None);
        }
        if !session.is_closed() {
            self.exchange.open(id, Role::Access.first());
            self.restart.sessions.push(id);
        }
        for (seat, slot) in slots {
            let now = self.step.now;
            self.resources.change(seat, |seat| seat.put(lane, id, slot, now));
        }
    }
}
