//! What of a run outlives a restart, and how the runs go on after one.

use ngcc_proto::bcsm::{BackBecause, ToHuman, Turn};
use ngcc_proto::flow::{Event, Vars};
use ngcc_proto::{ConferenceId, Kind, LegId, Now, RunId, SessionId};
use serde::{Deserialize, Serialize};

use super::{Run, Runs};
use crate::flow::machine::Machine;
use crate::flow::position::Position;
use crate::legs::Legs;
use crate::out::Out;

const VERSION: u32 = 1;

/// A run's record. It holds no secret variable and no key.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    v: u32,
    run: RunId,
    conference: ConferenceId,
    leg: LegId,
    session: Option<SessionId>,
    turn: Option<Turn>,
    /// Only an announcement keeps it suspended: it goes on by itself.
    #[serde(default)]
    pushed_aside: bool,
    position: Position,
}

impl Record {
    pub(super) fn of(id: RunId, run: &Run) -> Self {
        Self {
            v: VERSION,
            run: id,
            conference: run.conference,
            leg: run.leg,
            session: run.session,
            turn: run.turn,
            pushed_aside: run.pushed_aside,
            position: run.machine.position(),
        }
    }

    /// Whether what it serves is there still. A chat has no media here that could be lost.
    fn lives(&self, legs: &Legs) -> bool {
        self.position.chats() || legs.has(self.leg)
    }
}

impl Runs {
    /// Takes back one record.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn restore(&mut self, bytes: &[u8]) -> Result<(), String> {
        let record: Record = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if record.v != VERSION {
            return Err(format!("it is of version {}", record.v));
        }
        self.shelf.restored_runs.push(record);
        Ok(())
    }

    /// Every record is back. Flows' texts come with the configuration; runs and commands wait for it.
    pub(crate) fn restored(&mut self, now: Now) {
        self.shelf.wait_until(now.mono + super::CONFIG_WAIT);
    }

    /// The legs are back, or lost: the runs that still have theirs.
    pub(crate) fn rebound(&mut self, legs: &Legs, now: Now, out: &mut Out) -> Vec<RunId> {
        let (alive, lost): (Vec<Record>, Vec<Record>) =
            std::mem::take(&mut self.shelf.restored_runs).into_iter().partition(|record| record.lives(legs));
        for record in lost {
            out.forget(Kind::FlowRun, record.run.0);
        }
        let ids = alive.iter().map(|record| record.run).collect();
        self.shelf.restored_runs = alive;
        self.shelf.rebound = true;
        self.go_on(legs, now, out);
        ids
    }

    /// Once legs and texts are there, the runs of before go on, and then what came in the meantime.
    pub(super) fn go_on(&mut self, legs: &Legs, now: Now, out: &mut Out) {
        if self.shelf.waits() {
            return;
        }
        for record in std::mem::take(&mut self.shelf.restored_runs) {
            if record.lives(legs) {
                self.go_on_with(record, now, out);
            } else {
                out.forget(Kind::FlowRun, record.run.0);
            }
        }
        self.take_up_deferred(legs, now, out);
    }

    fn go_on_with(&mut self, record: Record, now: Now, out: &mut Out) {
        let Record { run: id, conference, leg, session, turn, pushed_aside, position, .. } = record;
        let forms = self.shelf.forms();
        let flow = self.shelf.flow(&position.flow);
        let machine = flow.and_then(|flow| Machine::restored(position, flow, forms, now));
        let machine = match machine {
            Ok(machine) => machine,
            Err(why) => {
                out.forget(Kind::FlowRun, id.0);
                let (because, node) = (BackBecause::Failed, String::new());
                match turn {
                    Some(turn) => {
                        out.send(
                            now,
                            session,
                            None,
                            ToHuman { turn, run: id, because, outcome: Vars::new() },
                        );
                    }
                    None => out.send(now, session, None, Event::Failed { run: id, node, why }),
                }
                return;
            }
        };
        self.insert(id, Run { turn, ..Run::new(machine, conference, leg, session) });
        self.step(id, now, out, |machine| {
            if pushed_aside { machine.resume("", Vars::new(), now) } else { machine.go_on(now) }
        });
    }
}
