//! What of a leg and of a conference outlives a restart.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use ngcc_proto::media::{Part, Phase};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{ConferenceId, Kind, LegId, Mono, Now, SessionId};
use serde::{Deserialize, Serialize};

use super::wire::Wire;
use super::{Conference, Leg, Legs, State};
use crate::ivr::Output;
use crate::out::Out;
use crate::worker::{Stream, ToWorker};

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LegRecord {
    v: u32,
    leg: LegId,
    conference: ConferenceId,
    part: Part,
    session: Option<SessionId>,
    address: SocketAddr,
    id: u64,
    ours: Sdp,
    stream: Option<Stream>,
    since: Mono,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ConferenceRecord {
    v: u32,
    conference: ConferenceId,
    phase: Phase,
    session: Option<SessionId>,
}

impl Legs {
    pub(super) fn persist_leg(&self, id: LegId, out: &mut Out) {
        let Some(leg) = self.legs.get(&id) else { return };
        let State::Open(wire) = &leg.state else { return };
        let Wire { address, id: sdp_id, mut ours, stream, since, .. } = wire.clone();
        // A connection does not outlive a restart: its password is not written down.
        ours.media.iter_mut().for_each(|section| section.attributes.retain(|a| a.name != "ice-pwd"));
        let (conference, part, session) = (leg.conference, leg.part, leg.session);
        let record = LegRecord {
            v: VERSION,
            leg: id,
            conference,
            part,
            session,
            address,
            id: sdp_id,
            ours,
            stream,
            since,
        };
        out.persist(Kind::MediaLeg, id.0, &record);
    }

    pub(super) fn persist_conference(&self, id: ConferenceId, out: &mut Out) {
        let Some(conference) = self.conferences.get(&id) else { return };
        let (phase, session) = (conference.phase, conference.session);
        out.persist(Kind::Conference, id.0, &ConferenceRecord { v: VERSION, conference: id, phase, session });
    }

    /// Takes back a leg's record.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn restore_leg(&mut self, bytes: &[u8], now: Now) -> Result<(), String> {
        let record: LegRecord = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if record.v != VERSION {
            return Err(format!("it is of version {}", record.v));
        }
        let LegRecord {
            leg: id, conference, part, session, address, id: sdp_id, ours, stream, since, ..
        } = record;
        let mut wire = Wire { address, id: sdp_id, ours, stream, since, web: None };
        wire.go_on(now);
        self.rebinding.insert(id);
        self.legs.insert(id, Leg { conference, part, session, cause: None, state: State::Rebinding(wire) });
        Ok(())
    }

    /// Takes back a conference's record.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn restore_conference(&mut self, bytes: &[u8]) -> Result<(), String> {
        let record: ConferenceRecord = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if record.v != VERSION {
            return Err(format!("it is of version {}", record.v));
        }
        let ConferenceRecord { conference, phase, session, .. } = record;
        self.conferences.insert(conference, Conference { phase, legs: BTreeSet::new(), session });
        Ok(())
    }

    /// Every record is back: the ports of before are bound again, ahead of any other.
    pub(crate) fn rebind(&mut self, out: &mut Out) {
        let legs: Vec<(LegId, ConferenceId, Option<SessionId>)> =
            self.legs.iter().map(|(id, leg)| (*id, leg.conference, leg.session)).collect();
        for (id, conference, session) in legs {
            self.join(id, conference, session);
        }
        let empty: Vec<ConferenceId> =
            self.conferences.iter().filter(|(_, c)| c.legs.is_empty()).map(|(id, _)| *id).collect();
        for id in empty {
            self.conferences.remove(&id);
            out.forget(Kind::Conference, id.0);
        }
        for (leg, state) in self.legs.iter().map(|(id, leg)| (*id, &leg.state)) {
            if let State::Rebinding(wire) = state {
                out.emit(Output::Rebind { leg, port: wire.address.port() });
            }
        }
    }

    /// The legs that outlived the restart, once it is known of each; and once only.
    pub(crate) fn take_rebound(&mut self, out: &mut Out) -> Option<Vec<LegId>> {
        if self.told || !self.rebinding.is_empty() {
            return None;
        }
        self.told = true;
        let alive: Vec<LegId> = self.legs.keys().copied().filter(|leg| self.has(*leg)).collect();
        for &id in &alive {
            self.tell_worker_of_open(id, out);
        }
        Some(alive)
    }

    pub(super) fn tell_worker_of_open(&self, id: LegId, out: &mut Out) {
        let Some(leg) = self.legs.get(&id) else { return };
        let State::Open(wire) = &leg.state else { return };
        let (conference, part, stream) = (leg.conference, leg.part, wire.stream.clone());
        out.worker(ToWorker::Open { leg: id, conference, part, stream });
        self.tell_phase(conference, out);
    }
}
