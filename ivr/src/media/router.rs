//! Which worker has which leg and conference. All legs of a conference are on one worker; a leg that is placed into a
//! conference of another worker moves there with its sockets.

use std::collections::HashMap;

use ngcc_ivr_core::worker::ToWorker;
use ngcc_proto::{ConferenceId, LegId};

use super::ports::Pair;
use super::worker::{Order, Post};

/// Where everything is, as of the last command.
#[derive(Default)]
pub(super) struct Router {
    held: HashMap<LegId, Pair>,
    legs: HashMap<LegId, ConferenceId>,
    conferences: HashMap<ConferenceId, Home>,
    /// How many legs each worker has.
    load: Vec<usize>,
}

struct Home {
    worker: usize,
    legs: usize,
}

impl Router {
    pub(super) fn count_workers(&mut self, count: usize) {
        self.load = vec![0; count];
    }

    /// Keeps a bound pair until its leg is opened; the one that was kept before, if any.
    pub(super) fn hold(&mut self, leg: LegId, pair: Pair) -> Option<Pair> {
        self.held.insert(leg, pair)
    }

    /// The pair of a leg that was never opened.
    pub(super) fn let_go(&mut self, leg: LegId) -> Option<Pair> {
        self.held.remove(&leg)
    }

    /// Who has to do what.
    pub(super) fn route(&mut self, command: ToWorker, posts: &[Post]) -> Vec<(usize, Order)> {
        let worker = match &command {
            ToWorker::Open { leg, conference, .. } => {
                let (leg, conference) = (*leg, *conference);
                let Some(pair) = self.held.remove(&leg) else {
                    tracing::error!(leg.id = %leg, "a media leg is opened that has no ports");
                    return vec![];
                };
                let worker = self.enter(leg, conference);
                return vec![(worker, Order::Open(command, pair))];
            }
            // A change of part alone: the conference must not end when its last leg goes round.
            ToWorker::Place { leg, conference, .. } if self.legs.get(leg) == Some(conference) => {
                self.worker_of(*leg)
            }
            ToWorker::Place { leg, conference, part } => {
                let (leg, conference, part) = (*leg, *conference, *part);
                let Some(from) = self.leave(leg) else { return vec![] };
                let to = self.enter(leg, conference);
                if from == to {
                    return vec![(from, Order::Do(command))];
                }
                let give = Order::Give { leg, conference, part, to: posts[to].clone() };
                return vec![(to, Order::Expect(leg, conference)), (from, give)];
            }
            ToWorker::Close { leg } => self.leave(*leg),
            ToWorker::Stream { leg, .. }
            | ToWorker::Connect { leg, .. }
            | ToWorker::Restart { leg, .. }
            | ToWorker::Echo { leg, .. } => self.worker_of(*leg),
            ToWorker::Phase { conference, .. }
            | ToWorker::Record { conference, .. }
            | ToWorker::Play { conference, .. }
            | ToWorker::StopPlaying { conference } => {
                self.conferences.get(conference).map(|home| home.worker)
            }
        };
        worker.map(|worker| (worker, Order::Do(command))).into_iter().collect()
    }

    fn worker_of(&self, leg: LegId) -> Option<usize> {
        self.conferences.get(self.legs.get(&leg)?).map(|home| home.worker)
    }

    /// Counts a leg into a conference, which begins on the least loaded worker.
    fn enter(&mut self, leg: LegId, conference: ConferenceId) -> usize {
        let lightest = || (0..self.load.len()).min_by_key(|&w| self.load[w]).unwrap_or_default();
        let home = self.conferences.entry(conference).or_insert_with(|| Home { worker: lightest(), legs: 0 });
        home.legs += 1;
        self.load[home.worker] += 1;
        self.legs.insert(leg, conference);
        home.worker
    }

    /// Counts a leg out of its conference, which ends with the last one; the worker that has it.
    fn leave(&mut self, leg: LegId) -> Option<usize> {
        let conference = self.legs.remove(&leg)?;
        let home = self.conferences.get_mut(&conference)?;
        let worker = home.worker;
        home.legs -= 1;
        self.load[worker] -= 1;
        if home.legs == 0 {
            self.conferences.remove(&conference);
        }
        Some(worker)
    }
}
