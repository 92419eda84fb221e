//! A seat: an agent's place. Availability, what comes after the present contact, and one voice slot.
//! S2's states are read off it: normal = ready with a free slot, exited = logged out, busy = the rest.

pub(crate) mod command;

use ngcc_proto::config;
use ngcc_proto::fact::{SeatRecord, VERSION};
use ngcc_proto::seat::{Availability, Device, Slot};
use ngcc_proto::{AgentUri, Mono, Now, SeatId};

use crate::queue::QueueNo;

/// The reason given to a seat that let an offer ring out.
const MISSED: &str = "missed";

/// One agent's place.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) id: SeatId,
    pub(crate) agent: AgentUri,
    /// None: the configuration has not come yet, or it holds the seat no longer.
    pub(crate) settings: Option<config::Agent>,
    pub(crate) device: Device,
    pub(crate) availability: Availability,
    pub(crate) pending: Option<Availability>,
    /// Always what the sessions' facts say (`Session::slot`), never set by itself.
    pub(crate) slot: Slot,
    pub(crate) idle_since: Mono,
    pub(crate) missed: u32,
    /// It refused an offer a moment ago and is left in peace.
    pub(crate) resting: bool,
    pub(crate) queues: Vec<QueueNo>,
    /// It stands among the free members of its queues.
    pub(crate) standing: bool,
    /// It was configured to be ready by itself when it was last looked at, or has been kept from an
    /// earlier start.
    pub(crate) auto_ready: bool,
}

impl Seat {
    /// A seat of which nothing more is known.
    pub(crate) fn new(id: SeatId, agent: AgentUri) -> Self {
        Self {
            id,
            agent,
            settings: None,
            device: Device::Browser,
            availability: Availability::LoggedOut,
            pending: None,
            slot: Slot::Free,
            idle_since: Mono(0),
            missed: 0,
            resting: false,
            queues: vec![],
            standing: false,
            auto_ready: false,
        }
    }

    /// The phone it is rung on; a seat without one takes no calls.
    pub(crate) fn phone(&self) -> Option<&str> {
        match &self.device {
            Device::Phone(name) => Some(name),
            Device::Browser => None,
        }
    }

    /// Whether it may be given a call now.
    pub(crate) fn eligible(&self) -> bool {
        matches!(self.availability, Availability::Ready { .. })
            && self.slot == Slot::Free
            && !self.resting
            && self.settings.is_some()
            && self.phone().is_some()
    }

    /// Becomes `next` now, or after the present contact.
    pub(crate) fn become_or_pend(&mut self, next: Availability, now: Now) {
        if self.slot == Slot::Free {
            self.pending = None;
            self.become_now(next, now);
        } else {
            self.pending = Some(next);
        }
    }

    /// Becomes `next`. Coming back to work forgives what was missed and starts the idle clock.
    pub(crate) fn become_now(&mut self, next: Availability, now: Now) {
        if matches!(next, Availability::Ready { .. })
            && !matches!(self.availability, Availability::Ready { .. })
        {
            self.missed = 0;
            self.idle_since = now.mono;
        }
        self.availability = next;
    }

    /// An offer was not taken; `most` in a row (0: any number) make it not ready.
    pub(crate) fn miss(&mut self, most: u32, now: Now) {
        if !matches!(self.availability, Availability::Ready { .. }) {
            return;
        }
        self.missed = self.missed.saturating_add(1);
        if most != 0 && self.missed >= most {
            let reason = MISSED.to_owned();
            self.become_or_pend(Availability::NotReady { reason, since: now.wall }, now);
        }
    }

    /// The slot is free again. After a contact the idle clock starts anew; what was pending comes true.
    pub(crate) fn freed(&mut self, after_contact: bool, now: Now) {
        if after_contact {
            self.idle_since = now.mono;
        }
        if let Some(next) = self.pending.take() {
            self.become_now(next, now);
        }
    }

    /// What is kept of it.
    pub(crate) fn record(&self) -> SeatRecord {
        SeatRecord {
            v: VERSION,
            seat: self.id,
            agent: self.agent.clone(),
            device: self.device.clone(),
            availability: self.availability.clone(),
            pending: self.pending.clone(),
            idle_since: self.idle_since,
            missed: self.missed,
        }
    }

    /// Takes the kept record back.
    pub(crate) fn restore(&mut self, record: SeatRecord) {
        self.agent = record.agent;
        self.device = record.device;
        self.availability = record.availability;
        self.pending = record.pending;
        self.idle_since = record.idle_since;
        self.missed = record.missed;
        self.auto_ready = true;
    }
}
