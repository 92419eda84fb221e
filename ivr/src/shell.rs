//! Performs what the core wants: messages to the bus, ports and sounds to the workers, the rest to
//! tasks that answer through the inbox.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ngcc_ivr_core::worker::ToWorker;
use ngcc_ivr_core::{Input, Ivr, Output};
use ngcc_proto::envelope::Body;
use ngcc_proto::media::Event;
use ngcc_proto::{ConferenceId, Envelope, LegId, Now, Role};
use ngcc_runtime::{Bus, Inbox, Shell};

use crate::http::Web;
use crate::media::Workers;
use crate::prompts::Prompts;
use crate::recorder::Recorder;
use crate::speech::Speech;

/// The last configuration that came: a core that was rebuilt is given it again.
#[derive(Clone, Default)]
pub(crate) struct LatestConfig(Arc<Mutex<Option<Envelope>>>);

impl LatestConfig {
    /// Takes what the bus carries to `role`, each envelope once, and remembers the configuration.
    pub(crate) fn attach(&self, bus: &Arc<dyn Bus>, inbox: &Inbox<Input>, role: Role) {
        let latest = self.clone();
        inbox.attach_watching(bus, role, move |envelope| {
            if matches!(envelope.body, Body::ConfigIvr(_)) {
                *latest.lock() = Some(envelope.clone());
            }
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Envelope>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever makes what the core asks for, beside the workers.
pub(crate) struct Makers {
    pub(crate) speech: Speech,
    pub(crate) prompts: Prompts,
    pub(crate) web: Web,
    pub(crate) recorder: Recorder,
}

/// See the module.
pub(crate) struct Performer {
    bus: Arc<dyn Bus>,
    workers: Workers,
    makers: Makers,
    inbox: Inbox<Input>,
    latest: LatestConfig,
    /// What the workers hold, for a core that was rebuilt while they ran on.
    held: BTreeMap<LegId, Held>,
    /// Legs the workers hold and a rebuilt core has not claimed yet.
    unclaimed: BTreeSet<LegId>,
}

struct Held {
    address: SocketAddr,
    /// None before the workers have it.
    conference: Option<ConferenceId>,
}

impl Performer {
    pub(crate) fn new(
        bus: Arc<dyn Bus>,
        workers: Workers,
        makers: Makers,
        inbox: Inbox<Input>,
        latest: LatestConfig,
    ) -> Self {
        let (held, unclaimed) = (BTreeMap::new(), BTreeSet::new());
        Self { bus, workers, makers, inbox, latest, held, unclaimed }
    }

    fn bound(&mut self, leg: LegId, address: Result<SocketAddr, crate::MediaError>) {
        match &address {
            Ok(address) => {
                self.held.insert(leg, Held { address: *address, conference: None });
            }
            Err(error) => tracing::warn!(leg.id = %leg, %error, "no ports for a leg"),
        }
        self.inbox.put(Input::Bound { leg, address: address.map_err(|error| error.to_string()) });
    }

    fn rebind(&mut self, leg: LegId, port: u16) {
        if self.unclaimed.remove(&leg)
            && let Some(held) = self.held.get(&leg)
        {
            let address = Ok(held.address);
            self.inbox.put(Input::Bound { leg, address });
            return;
        }
        let address = self.workers.rebind(leg, port);
        self.bound(leg, address);
    }

    fn worker(&mut self, command: ToWorker) {
        match &command {
            ToWorker::Open { leg, conference, part, stream } => {
                let Some(held) = self.held.get_mut(leg) else { return };
                let before = held.conference.replace(*conference);
                if before.is_some() {
                    // The workers have it from before the core was rebuilt.
                    let (leg, conference, part) = (*leg, *conference, *part);
                    self.workers.send(ToWorker::Place { leg, conference, part });
                    if let Some(stream) = stream.clone() {
                        self.workers.send(ToWorker::Stream { leg, stream });
                    }
                    return;
                }
            }
            ToWorker::Place { leg, conference, .. } => {
                if let Some(held) = self.held.get_mut(leg) {
                    held.conference = Some(*conference);
                }
            }
            ToWorker::Close { leg } => {
                self.held.remove(leg);
                self.unclaimed.remove(leg);
            }
            ToWorker::Stream { .. }
            | ToWorker::Connect { .. }
            | ToWorker::Restart { .. }
            | ToWorker::Phase { .. }
            | ToWorker::Record { .. }
            | ToWorker::Play { .. }
            | ToWorker::StopPlaying { .. }
            | ToWorker::Echo { .. } => {}
        }
        self.workers.send(command);
    }

    fn send(&mut self, envelope: Envelope) {
        if matches!(envelope.body, Body::MediaEvent(Event::Restored { .. })) {
            // What a rebuilt core does not know of is nobody's.
            for leg in std::mem::take(&mut self.unclaimed) {
                self.worker(ToWorker::Close { leg });
            }
        }
        self.bus.send(envelope);
    }
}

impl Shell<Ivr> for Performer {
    fn perform(&mut self, output: Output, _: Now) {
        match output {
            Output::Send(envelope) => self.send(envelope),
            Output::Bind { leg } => {
                let address = self.workers.bind(leg);
                self.bound(leg, address);
            }
            Output::Rebind { leg, port } => self.rebind(leg, port),
            Output::Worker(command) => self.worker(command),
            Output::Speak { ask, text, lang } => self.makers.speech.speak(ask, text, &lang),
            Output::Load { ask, prompt } => self.makers.prompts.load(ask, &prompt),
            Output::Record { collab, strip } => self.makers.recorder.put(collab, strip),
            Output::Recorded { standing } => self.makers.recorder.finish_all_but(standing),
            Output::Fetch { ask, fetch } => self.makers.web.fetch(ask, fetch),
        }
    }

    fn rebuilt(&mut self, _: Now) {
        self.unclaimed = self.held.keys().copied().collect();
        // The new core asks for every sound again; the old ones belong to nobody.
        let speaking: BTreeSet<ConferenceId> =
            self.held.values().filter_map(|held| held.conference).collect();
        for conference in speaking {
            self.workers.send(ToWorker::StopPlaying { conference });
        }
        for (leg, _) in self.held.iter().filter(|(_, held)| held.conference.is_some()) {
            self.workers.send(ToWorker::Echo { leg: *leg, on: false });
        }
        if let Some(config) = self.latest.lock().clone() {
            self.inbox.put(Input::Envelope(config));
        }
    }
}

#[cfg(test)]
mod tests;
