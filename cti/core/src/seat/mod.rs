//! A seat: an agent's place. Availability, what comes after the present contacts, one voice slot and a number
//! of chat slots. S2's states are read off it: normal = ready with a free slot, exited = logged out, busy = the
//! rest.

pub(crate) mod command;
mod contact;
pub(crate) mod sign_in;

use std::collections::BTreeMap;

use ngcc_proto::config;
use ngcc_proto::fact::{SeatRecord, VERSION};
use ngcc_proto::seat::{Availability, Device, Slot};
use ngcc_proto::{AgentUri, Mono, Now, SeatId, SessionId, Wall};

use crate::lane::{Lane, PerLane};
use crate::queue::{QueueNo, Standing};

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
    /// Always what the sessions' facts say (`Session::slot`), never set by itself; so are the chats.
    pub(crate) voice: Slot,
    /// Since when the voice slot is what it is.
    pub(crate) voice_since: Wall,
    /// The chat slots that are not free, by session.
    pub(crate) chats: BTreeMap<SessionId, Slot>,
    /// Chat slots that are locked for chats which the agent wishes to begin.
    pub(crate) locked: u32,
    pub(crate) idle_since: Mono,
    pub(crate) missed: u32,
    /// It refused an offer a moment ago and is left in peace.
    pub(crate) resting: bool,
    /// A page of the agent's is open.
    pub(crate) console: bool,
    /// None has been open for longer than one page takes to give way to the next.
    pub(crate) away: bool,
    pub(crate) queues: Vec<QueueNo>,
    /// It stands among the free members of its queues, with such a slot.
    pub(crate) standing: PerLane<bool>,
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
            voice: Slot::Free,
            voice_since: Wall(0),
            chats: BTreeMap::new(),
            locked: 0,
            idle_since: Mono(0),
            missed: 0,
            resting: false,
            console: false,
            away: false,
            queues: vec![],
            standing: PerLane::default(),
            auto_ready: false,
        }
    }

    /// The name its customers and colleagues see.
    pub(crate) fn display(&self) -> String {
        let shown = self.settings.as_ref().map(|settings| settings.display.as_str()).unwrap_or_default();
        if shown.is_empty() { self.agent.name().to_owned() } else { shown.to_owned() }
    }

    /// Whether calls reach it in the agent's browser.
    pub(crate) fn in_browser(&self) -> bool {
        self.device == Device::Browser
    }

    /// How many chats it takes at once.
    pub(crate) fn chat_capacity(&self) -> u32 {
        self.settings.as_ref().map_or(0, |settings| settings.chats)
    }

    /// Its chat slots that are not free, oldest session first.
    pub(crate) fn chats(&self) -> Vec<Slot> {
        self.chats.values().cloned().collect()
    }

    /// Since when its voice slot or, if that is free, its availability is what it is.
    pub(crate) fn since(&self) -> Wall {
        match &self.availability {
            Availability::Ready { since } | Availability::NotReady { since, .. }
                if self.voice == Slot::Free =>
            {
                *since
            }
            Availability::Ready { .. } | Availability::NotReady { .. } | Availability::LoggedOut => {
                self.voice_since
            }
        }
    }

    /// Whether nothing is in any of its slots.
    pub(crate) fn is_idle(&self) -> bool {
        self.voice == Slot::Free && self.chats.is_empty() && self.locked == 0
    }

    /// What a session makes of it.
    pub(crate) fn slot_of(&self, session: SessionId) -> Option<&Slot> {
        let voice = Some(&self.voice).filter(|slot| slot_session(slot) == Some(session));
        self.chats.get(&session).or(voice)
    }

    /// The kinds of slot in which it may be given a contact now. Whoever is about to stop is given none.
    pub(crate) fn open_lanes(&self) -> Vec<Lane> {
        let works = matches!(self.availability, Availability::Ready { .. })
            && self.pending.as_ref().is_none_or(|next| matches!(next, Availability::Ready { .. }))
            && !self.resting
            && self.settings.is_some();
        if !works {
            return vec![];
        }
        Lane::ALL.into_iter().filter(|lane| self.has_free(*lane)).collect()
    }

    /// As what it stands in its queues, until anything of it changes.
    pub(crate) fn stands_as(&self, lane: Lane) -> Standing {
        let chats = u32::try_from(self.chats.len()).unwrap_or(u32::MAX);
        let load = if lane == Lane::Chat { chats } else { 0 };
        Standing { lane, idle_since: self.idle_since, load }
    }

    fn has_free(&self, lane: Lane) -> bool {
        match lane {
            Lane::Voice => self.voice == Slot::Free && (self.console || !self.in_browser()),
            // Every chat needs a page, whatever device the calls go to.
            Lane::Chat => {
                let most = usize::try_from(self.chat_capacity()).unwrap_or(usize::MAX);
                let locked = usize::try_from(self.locked).unwrap_or(usize::MAX);
                self.console && self.chats.len().saturating_add(locked) < most
            }
        }
    }

    /// Becomes `next` now, or after the present contacts. Coming back to work waits for a call only.
    pub(crate) fn become_or_pend(&mut self, next: Availability, now: Now) {
        if self.may_become(&next) {
            self.pending = None;
            self.become_now(next, now);
        } else {
            self.pending = Some(next);
        }
    }

    fn may_become(&self, next: &Availability) -> bool {
        match next {
            Availability::Ready { .. } => self.voice == Slot::Free,
            Availability::NotReady { .. } | Availability::LoggedOut => self.is_idle(),
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

    /// Puts what a session makes of a slot into it.
    pub(crate) fn put(&mut self, lane: Lane, session: SessionId, slot: Slot, now: Now) {
        let before = match lane {
            Lane::Voice => {
                // A wrap-up that waits for something longer or no longer is the same one.
                if !matches!((&self.voice, &slot), (Slot::WrapUp { .. }, Slot::WrapUp { .. })) {
                    self.voice_since = now.wall;
                }
                Some(std::mem::replace(&mut self.voice, slot.clone()))
            }
            Lane::Chat if slot == Slot::Free => self.chats.remove(&session),
            Lane::Chat => self.chats.insert(session, slot.clone()),
        };
        if slot == Slot::Free {
            let offered = matches!(before, Some(Slot::Reserved { .. } | Slot::Alerting { .. }));
            self.freed(!offered, now);
        }
    }

    /// Whether `slot` is what the session has in it already, or another session is there.
    pub(crate) fn is_put(&self, lane: Lane, session: SessionId, slot: &Slot) -> bool {
        match lane {
            Lane::Voice => {
                self.voice == *slot || slot_session(&self.voice).is_some_and(|owner| owner != session)
            }
            Lane::Chat => self.chats.get(&session).unwrap_or(&Slot::Free) == slot,
        }
    }

    /// A lock is over, and with it what kept the agent from what is pending.
    pub(crate) fn unlocked(&mut self, now: Now) {
        self.locked = self.locked.saturating_sub(1);
        self.freed(false, now);
    }

    /// A slot is free again. After a contact the idle clock starts anew; what was pending comes true.
    fn freed(&mut self, after_contact: bool, now: Now) {
        if after_contact {
            self.idle_since = now.mono;
        }
        if let Some(next) = self.pending.take() {
            self.become_or_pend(next, now);
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
            console: self.console,
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
        self.console = record.console;
        self.auto_ready = true;
    }
}

/// The session that has a slot.
pub(crate) fn slot_session(slot: &Slot) -> Option<SessionId> {
    match slot {
        Slot::Free => None,
        Slot::Reserved { session, .. }
        | Slot::Alerting { session, .. }
        | Slot::Talking { session, .. }
        | Slot::Held { session, .. }
        | Slot::Consulting { session, .. }
        | Slot::InIvr { session, .. }
        | Slot::WrapUp { session, .. } => Some(*session),
    }
}
