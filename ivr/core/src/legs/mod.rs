//! Media legs: their ports, offers and answers, and the phases of their conferences. Packets are the
//! workers' business; this decides what each leg's stream is and keeps it over a restart.

mod film;
mod record;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use ngcc_proto::access::Cause;
use ngcc_proto::media::{Event, Part, Phase};
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{ConferenceId, Kind, LegId, MessageId, Now, SessionId};

use crate::ivr::Output;
use crate::media::{Ear, Mouth, hears};
use crate::out::Out;
use crate::sdp;
use crate::worker::{ToWorker, VideoCodec};
use film::Films;
use wire::{Link, Means, Wire};

/// Every leg, and every conference that has one.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    legs: BTreeMap<LegId, Leg>,
    conferences: BTreeMap<ConferenceId, Conference>,
    films: Films,
    /// After a start: legs whose ports are not bound again yet.
    rebinding: BTreeSet<LegId>,
    /// Whether cti has been told what outlived the restart.
    told: bool,
    /// SHA-256 of the certificate that browsers are shown.
    fingerprint: Option<String>,
}

/// Every picture codec, for a conference that shows none yet.
const CODECS: [VideoCodec; 2] = [VideoCodec::Vp8, VideoCodec::H264];

/// A leg that begins.
#[derive(Debug)]
pub(crate) struct NewLeg {
    pub(crate) conference: ConferenceId,
    pub(crate) part: Part,
    pub(crate) offer: Option<Sdp>,
    pub(crate) session: Option<SessionId>,
    pub(crate) cause: MessageId,
}

/// What others want to know of a leg.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) part: Part,
    pub(crate) session: Option<SessionId>,
    pub(crate) cause: Option<MessageId>,
    /// Whether the automation hears the customer now.
    pub(crate) heard: bool,
}

#[derive(Debug)]
struct Leg {
    conference: ConferenceId,
    part: Part,
    session: Option<SessionId>,
    /// The last message about it.
    cause: Option<MessageId>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Its ports are being bound.
    Binding { offer: Option<Sdp> },
    /// Its ports of before the restart are being bound again.
    Rebinding(Wire),
    /// The workers have it.
    Open(Wire),
}

/// A conference begins with its first leg and ends with its last.
#[derive(Debug)]
struct Conference {
    phase: Phase,
    legs: BTreeSet<LegId>,
    session: Option<SessionId>,
}

impl Legs {
    /// Serves browsers too, with the certificate of this fingerprint.
    pub(crate) fn present(&mut self, fingerprint: String) {
        self.fingerprint = Some(fingerprint);
    }

    /// Whether the leg's media is there.
    pub(crate) fn has(&self, leg: LegId) -> bool {
        self.legs.get(&leg).is_some_and(|leg| matches!(leg.state, State::Open(_)))
    }

    pub(crate) fn about(&self, leg: LegId) -> Option<About> {
        let leg = self.legs.get(&leg)?;
        let phase = self.conferences.get(&leg.conference)?.phase;
        let heard = hears(phase, Ear::Automation, Mouth::Leg(Part::User));
        Some(About { part: leg.part, session: leg.session, cause: leg.cause, heard })
    }

    /// Makes a leg: its ports first. A leg that is there already is not made twice.
    pub(crate) fn open(&mut self, leg: LegId, new: NewLeg, out: &mut Out) {
        if self.legs.contains_key(&leg) {
            return;
        }
        let NewLeg { conference, part, offer, session, cause } = new;
        self.join(leg, conference, session);
        let state = State::Binding { offer };
        self.legs.insert(leg, Leg { conference, part, session, cause: Some(cause), state });
        out.emit(Output::Bind { leg });
    }

    /// The ports are bound, or there are none.
    pub(crate) fn bound(&mut self, id: LegId, address: Result<SocketAddr, String>, now: Now, out: &mut Out) {
        let Some(leg) = self.legs.get_mut(&id) else {
            // Closed in the meantime: the ports are given back.
            out.worker(ToWorker::Close { leg: id });
            return;
        };
        match (std::mem::replace(&mut leg.state, State::Binding { offer: None }), address) {
            (State::Open(wire), _) => leg.state = State::Open(wire),
            (State::Rebinding(wire), Ok(address)) => {
                leg.state = State::Open(Wire { address, ..wire });
                self.rebinding.remove(&id);
                self.persist_leg(id, out);
            }
            (State::Rebinding(_), Err(_)) => self.remove(id, out),
            (State::Binding { offer }, Ok(address)) => {
                let codecs = self.codecs_beside(id, offer.as_ref());
                let means = Means { fingerprint: self.fingerprint.as_deref(), codecs: &codecs };
                match Wire::begin(address, offer.as_ref(), means, now, out) {
                    Ok((wire, link)) => self.opened(id, wire, link, now, out),
                    Err(cause) => {
                        out.worker(ToWorker::Close { leg: id });
                        self.refuse(id, cause, now, out);
                    }
                }
            }
            (State::Binding { .. }, Err(_)) => self.refuse(id, Cause::Overloaded, now, out),
        }
    }

    /// The remote answer to our offer. One that cannot be used closes the leg.
    pub(crate) fn answered(&mut self, id: LegId, answer: &Sdp, cause: MessageId, now: Now, out: &mut Out) {
        let Some((leg, wire)) = self.open_leg(id, cause) else { return };
        match sdp::accept(answer) {
            Ok(agreed) => {
                wire.agree(&agreed, now, out);
                self.persist_leg(id, out);
                self.tell_stream(id, out);
            }
            Err(why) => {
                let session = leg.session;
                self.remove(id, out);
                out.worker(ToWorker::Close { leg: id });
                out.send(now, session, Some(cause), Event::Failed { leg: id, cause: why });
            }
        }
    }

    /// A new remote offer, or the wish for one of ours.
    pub(crate) fn reoffer(
        &mut self,
        id: LegId,
        offer: Option<&Sdp>,
        cause: MessageId,
        now: Now,
        out: &mut Out,
    ) {
        let (codecs, fingerprint) = (self.codecs_beside(id, offer), self.fingerprint.clone());
        let means = Means { fingerprint: fingerprint.as_deref(), codecs: &codecs };
        let Some((leg, wire)) = self.open_leg(id, cause) else { return };
        let session = leg.session;
        let (sdp, link) = match offer {
            Some(offer) => wire.reanswer(offer, means, now, out).ok().unzip(),
            None => (wire.reoffer(), None),
        };
        if sdp.is_some() {
            self.persist_leg(id, out);
        }
        if let Some(link) = link {
            self.tell_stream(id, out);
            link_up(id, link, out);
            self.check_film(id, now, out);
        }
        out.send(now, session, Some(cause), Event::Reanswered { leg: id, sdp });
    }

    /// Puts a leg into another conference or part.
    pub(crate) fn place(&mut self, id: LegId, conference: ConferenceId, part: Part, out: &mut Out) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let (from, session) = (leg.conference, leg.session);
        (leg.conference, leg.part) = (conference, part);
        if from != conference {
            self.leave(id, from, out);
            self.join(id, conference, session);
        }
        if self.has(id) {
            self.persist_leg(id, out);
            out.worker(ToWorker::Place { leg: id, conference, part });
            self.tell_phase(conference, out);
        }
    }

    /// Changes a conference's phase; whether the customer hears the automation in it.
    pub(crate) fn phase(&mut self, id: ConferenceId, phase: Phase, out: &mut Out) -> bool {
        if let Some(conference) = self.conferences.get_mut(&id).filter(|c| c.phase != phase) {
            conference.phase = phase;
            self.persist_conference(id, out);
            self.tell_phase(id, out);
        }
        hears(phase, Ear::Leg(Part::User), Mouth::Automation)
    }

    /// The legs of a conference.
    pub(crate) fn in_conference(&self, id: ConferenceId) -> impl Iterator<Item = LegId> {
        self.conferences.get(&id).into_iter().flat_map(|conference| conference.legs.iter().copied())
    }

    /// Ends a leg.
    pub(crate) fn close(&mut self, id: LegId, out: &mut Out) {
        let open = self.has(id);
        self.remove(id, out);
        // The ports of one that is still being bound are given back when its `Bound` comes.
        if open {
            out.worker(ToWorker::Close { leg: id });
        }
    }

    fn opened(&mut self, id: LegId, wire: Wire, link: Link, now: Now, out: &mut Out) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let (session, cause, conference) = (leg.session, leg.cause, leg.conference);
        let sdp = wire.ours.clone();
        leg.state = State::Open(wire);
        self.persist_leg(id, out);
        // The first leg brings its conference's record along.
        if self.conferences.get(&conference).is_some_and(|c| c.legs.len() == 1) {
            self.persist_conference(conference, out);
        }
        self.tell_worker_of_open(id, out);
        link_up(id, link, out);
        self.check_film(id, now, out);
        out.send(now, session, cause, Event::Opened { leg: id, sdp });
    }

    /// A leg that never opened.
    fn refuse(&mut self, id: LegId, cause: Cause, now: Now, out: &mut Out) {
        let Some(leg) = self.legs.get(&id) else { return };
        let (session, led_here) = (leg.session, leg.cause);
        self.remove(id, out);
        out.send(now, session, led_here, Event::Failed { leg: id, cause });
    }

    fn remove(&mut self, id: LegId, out: &mut Out) {
        let Some(leg) = self.legs.remove(&id) else { return };
        self.rebinding.remove(&id);
        if !matches!(leg.state, State::Binding { offer: Some(_) }) {
            out.forget(Kind::MediaLeg, id.0);
        }
        self.leave(id, leg.conference, out);
    }

    fn open_leg(&mut self, id: LegId, cause: MessageId) -> Option<(About, &mut Wire)> {
        let mut about = self.about(id)?;
        let leg = self.legs.get_mut(&id)?;
        let State::Open(wire) = &mut leg.state else { return None };
        leg.cause = Some(cause);
        about.cause = leg.cause;
        Some((about, wire))
    }

    /// The picture codecs a leg may use: the one its conference shows already, or any. What is recorded is VP8, which
    /// every browser speaks (RFC 7742), wherever it is offered.
    fn codecs_beside(&self, id: LegId, offer: Option<&Sdp>) -> Vec<VideoCodec> {
        let leg = self.legs.get(&id);
        let recorded = leg.is_some_and(|leg| self.film_of(leg.conference).is_some());
        let best = recorded && offer.is_some_and(|offer| sdp::web::shows(offer, VideoCodec::Vp8));
        let conference = leg.and_then(|leg| self.conferences.get(&leg.conference));
        let others = conference.into_iter().flat_map(|c| &c.legs).filter(|other| **other != id);
        let mut shown = others.filter_map(|other| match &self.legs.get(other)?.state {
            State::Open(wire) => wire.video(),
            State::Binding { .. } | State::Rebinding(_) => None,
        });
        let any = if best { &CODECS[..1] } else { &CODECS[..] };
        shown.next().map_or_else(|| any.to_vec(), |codec| vec![codec])
    }

    fn join(&mut self, leg: LegId, conference: ConferenceId, session: Option<SessionId>) {
        let fresh = || Conference { phase: Phase::SelfService, legs: BTreeSet::new(), session };
        self.conferences.entry(conference).or_insert_with(fresh).legs.insert(leg);
    }

    fn leave(&mut self, leg: LegId, id: ConferenceId, out: &mut Out) {
        let Some(conference) = self.conferences.get_mut(&id) else { return };
        conference.legs.remove(&leg);
        if conference.legs.is_empty() {
            self.conferences.remove(&id);
            out.forget(Kind::Conference, id.0);
        }
    }

    fn tell_stream(&self, id: LegId, out: &mut Out) {
        let Some(leg) = self.legs.get(&id) else { return };
        let State::Open(Wire { stream: Some(stream), .. }) = &leg.state else { return };
        out.worker(ToWorker::Stream { leg: id, stream: stream.clone() });
    }

    /// Workers know a conference from its first leg on: each that joins brings the phase along.
    fn tell_phase(&self, id: ConferenceId, out: &mut Out) {
        let Some(conference) = self.conferences.get(&id) else { return };
        if conference.legs.iter().any(|leg| self.has(*leg)) {
            out.worker(ToWorker::Phase { conference: id, phase: conference.phase });
            if let Some(collab) = self.film_of(id) {
                out.worker(ToWorker::Record { conference: id, collab: Some(collab) });
            }
        }
    }
}

fn link_up(leg: LegId, link: Link, out: &mut Out) {
    match link {
        Link::Same => {}
        Link::Restarted { ours, theirs } => out.worker(ToWorker::Restart { leg, ours, theirs }),
        Link::New(connect) => out.worker(ToWorker::Connect { leg, connect }),
    }
}
