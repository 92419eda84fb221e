//! Recordings of the pictures in a conference. They belong to what is shared, not to anybody's leg: they go on while
//! nobody is connected, and over a restart.

use std::collections::BTreeMap;

use ngcc_proto::media::{Event, Part};
use ngcc_proto::recording::Loss;
use ngcc_proto::{CollabId, ConferenceId, Kind, LegId, Now, SessionId};
use serde::{Deserialize, Serialize};

use super::{Legs, State};
use crate::film::Strip;
use crate::ivr::Output;
use crate::out::Out;
use crate::worker::{ToWorker, VideoCodec};

const VERSION: u32 = 1;

/// Every recording under way.
pub(super) type Films = BTreeMap<CollabId, Film>;

/// One recording, as it is stored too.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Film {
    v: u32,
    collab: CollabId,
    conference: ConferenceId,
    session: SessionId,
    /// It could not go on: what there is of it waits for its end.
    lost: bool,
}

impl Legs {
    /// Records what is shown in a conference. One that is under way goes on.
    pub(crate) fn record(
        &mut self,
        collab: CollabId,
        conference: ConferenceId,
        session: SessionId,
        out: &mut Out,
    ) {
        if self.films.contains_key(&collab) {
            return;
        }
        let film = Film { v: VERSION, collab, conference, session, lost: false };
        self.films.insert(collab, film);
        out.persist(Kind::Recording, collab.0, &film);
        out.emit(Output::Record { collab, strip: Strip::Begin { session } });
        self.tell_film(conference, out);
    }

    /// A recording has come to its end.
    pub(crate) fn end_recording(&mut self, collab: CollabId, out: &mut Out) {
        let Some(film) = self.films.remove(&collab) else { return };
        out.forget(Kind::Recording, collab.0);
        self.tell_film(film.conference, out);
        out.emit(Output::Record { collab, strip: Strip::End });
    }

    /// A recording cannot go on: nothing more is taken, and cti is told.
    pub(crate) fn unrecorded(&mut self, collab: CollabId, loss: Loss, now: Now, out: &mut Out) {
        let Some(film) = self.films.get_mut(&collab).filter(|film| !film.lost) else { return };
        film.lost = true;
        let film = *film;
        out.persist(Kind::Recording, collab.0, &film);
        self.tell_film(film.conference, out);
        out.send(now, Some(film.session), None, Event::Unrecorded { collab, loss });
    }

    /// Those under way, lost ones too: their end is still to come.
    pub(crate) fn recordings(&self) -> Vec<CollabId> {
        self.films.keys().copied().collect()
    }

    /// Takes back a recording's record.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn restore_recording(&mut self, bytes: &[u8]) -> Result<(), String> {
        let film: Film = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if film.v != VERSION {
            return Err(format!("it is of version {}", film.v));
        }
        self.films.insert(film.collab, film);
        Ok(())
    }

    /// Every record is back: the shell goes on with these recordings, and any other it finds has come to its end.
    pub(crate) fn go_on_recording(&self, out: &mut Out) {
        out.emit(Output::Recorded { standing: self.recordings() });
        for film in self.films.values().filter(|film| !film.lost) {
            let strip = Strip::Begin { session: film.session };
            out.emit(Output::Record { collab: film.collab, strip });
        }
    }

    /// The recording of a conference, while it goes on.
    pub(super) fn film_of(&self, conference: ConferenceId) -> Option<CollabId> {
        let mut films = self.films.values();
        films.find(|film| film.conference == conference && !film.lost).map(|film| film.collab)
    }

    /// Tells the workers whose recording a conference's pictures are for. A conference that nobody is in is told with its
    /// first leg.
    fn tell_film(&self, conference: ConferenceId, out: &mut Out) {
        let is_known = self.conferences.get(&conference).is_some_and(|c| c.legs.iter().any(|l| self.has(*l)));
        if is_known {
            out.worker(ToWorker::Record { conference, collab: self.film_of(conference) });
        }
    }

    /// What a leg has agreed on may be nothing that can be recorded.
    pub(super) fn check_film(&mut self, id: LegId, now: Now, out: &mut Out) {
        let Some(leg) = self.legs.get(&id).filter(|leg| leg.part == Part::User) else { return };
        let codec = match &leg.state {
            State::Open(wire) => wire.video(),
            State::Binding { .. } | State::Rebinding(_) => None,
        };
        if let (Some(collab), Some(VideoCodec::H264)) = (self.film_of(leg.conference), codec) {
            self.unrecorded(collab, Loss::Codec, now, out);
        }
    }
}
