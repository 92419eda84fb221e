//! Runs of flows: which one serves which leg, what it is told, and the turns of S4's hand-overs.

mod acts;
mod bot;
mod commands;
mod record;
mod shelf;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use ngcc_proto::bcsm::Turn;
use ngcc_proto::{ConferenceId, Kind, LegId, MessageId, Mono, Now, RunId, SessionId};

use crate::flow::Fetched;
use crate::flow::desk::Act;
use crate::flow::machine::{Machine, Stage, Stamp};
use crate::legs::Legs;
use crate::out::{AskId, Out};
use crate::worker::{Sound, ToWorker};
use record::Record;
use shelf::Shelf;

/// How long a restart waits for the flows' texts before it goes on without them.
const CONFIG_WAIT: Duration = Duration::from_secs(5);

/// Every run, by id.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    runs: BTreeMap<RunId, Run>,
    by_leg: BTreeSet<(LegId, RunId)>,
    asked: HashMap<AskId, RunId>,
    due: BTreeSet<(Mono, RunId)>,
    shelf: Shelf,
}

/// One run, where it speaks, and for whom.
#[derive(Debug)]
struct Run {
    machine: Machine,
    conference: ConferenceId,
    leg: LegId,
    session: Option<SessionId>,
    /// The last message about it.
    cause: Option<MessageId>,
    /// The hand-over it answers, where the agent's seat waits for it.
    turn: Option<Turn>,
    waits_for: WaitsFor,
    /// When it is woken, as it stands in `due`.
    due: Option<Mono>,
    /// Where it stood when it was last written down.
    saved: Option<Stamp>,
    /// Another run speaks; this one's node is entered again after it.
    pushed_aside: bool,
}

/// What a run has asked of the shell or the workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WaitsFor {
    Nothing,
    /// Speech or a prompt, to be played then.
    Sound {
        ask: AskId,
        repeat: bool,
    },
    /// The end of a sound.
    Play(AskId),
    /// A web server.
    Web(AskId),
}

impl WaitsFor {
    fn ask(self) -> Option<AskId> {
        match self {
            Self::Nothing => None,
            Self::Sound { ask, .. } | Self::Play(ask) | Self::Web(ask) => Some(ask),
        }
    }
}

impl Runs {
    /// A key of a customer; whether a run listens to it.
    pub(crate) fn key(&mut self, leg: LegId, key: char, now: Now, out: &mut Out) -> bool {
        let Some(id) = self.of_leg(leg).find(|id| self.runs.get(id).is_some_and(|run| run.machine.listens()))
        else {
            return false;
        };
        self.step(id, now, out, |machine| machine.key(key, now));
        true
    }

    /// A sound has come to its end.
    pub(crate) fn played(&mut self, play: AskId, now: Now, out: &mut Out) {
        let Some(id) = self.asked.remove(&play) else { return };
        self.settled(id, Ok(()), now, out);
    }

    /// Speech is there, or is not.
    pub(crate) fn spoken(&mut self, ask: AskId, sound: Result<Arc<[i16]>, String>, now: Now, out: &mut Out) {
        let Some(id) = self.asked.remove(&ask) else { return };
        let Some(run) = self.runs.get_mut(&id) else { return };
        let WaitsFor::Sound { repeat, .. } = run.waits_for else { return };
        match sound {
            Ok(samples) if !samples.is_empty() => {
                let play = out.ask(now);
                run.waits_for = WaitsFor::Play(play);
                self.asked.insert(play, id);
                let (conference, sound) = (run.conference, Sound::Pcm(samples));
                out.worker(ToWorker::Play { conference, play, sound, repeat });
            }
            // Nothing to be heard: it is over as soon as it begins.
            Ok(_) => self.settled(id, Ok(()), now, out),
            Err(why) => self.settled(id, Err(why), now, out),
        }
    }

    /// What a run was saying is over.
    fn settled(&mut self, id: RunId, said: Result<(), String>, now: Now, out: &mut Out) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        run.waits_for = WaitsFor::Nothing;
        let leg = run.leg;
        self.step(id, now, out, |machine| machine.said(said, now));
        self.call_back(leg, now, out);
    }

    /// A web server has answered.
    pub(crate) fn fetched(&mut self, ask: AskId, fetched: &Fetched, now: Now, out: &mut Out) {
        let Some(id) = self.asked.remove(&ask) else { return };
        let Some(run) = self.runs.get_mut(&id) else { return };
        run.waits_for = WaitsFor::Nothing;
        self.step(id, now, out, |machine| machine.fetched(fetched, now));
    }

    /// A leg is in another conference: its runs speak there.
    pub(crate) fn placed(&mut self, leg: LegId, conference: ConferenceId, now: Now, out: &mut Out) {
        for id in self.of_leg(leg).collect::<Vec<_>>() {
            if let Some(run) = self.runs.get_mut(&id) {
                run.conference = conference;
                run.saved = None;
            }
            self.step(id, now, out, |_| Vec::new());
        }
    }

    /// The leg does not hear the automation any more: an announcement breaks off.
    pub(crate) fn unheard(&mut self, leg: LegId, now: Now, out: &mut Out) {
        for id in self.of_leg(leg).collect::<Vec<_>>() {
            self.step(id, now, out, Machine::unheard);
        }
    }

    /// The leg is gone, and with it its runs.
    pub(crate) fn leg_closed(&mut self, leg: LegId, out: &mut Out) {
        for id in self.of_leg(leg).collect::<Vec<_>>() {
            self.remove(id, out);
        }
    }

    /// Everything due is done.
    pub(crate) fn wake(&mut self, legs: &Legs, now: Now, out: &mut Out) {
        if self.shelf.waited_long_enough(now.mono) {
            self.stock_nothing(legs, now, out);
        }
        while let Some(&(at, id)) = self.due.first().filter(|(at, _)| *at <= now.mono) {
            self.due.remove(&(at, id));
            self.step(id, now, out, |machine| machine.wake(now));
        }
    }

    /// When to wake.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        let due = self.due.first().map(|(at, _)| *at);
        due.into_iter().chain(self.shelf.until()).min()
    }

    fn of_leg(&self, leg: LegId) -> impl Iterator<Item = RunId> {
        self.by_leg.range((leg, RunId(0))..=(leg, RunId(u128::MAX))).map(|(_, run)| *run)
    }

    /// Lets a run's machine take one thing, writes down where it stands, and does what it wants.
    fn step(&mut self, id: RunId, now: Now, out: &mut Out, take: impl FnOnce(&mut Machine) -> Vec<Act>) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let acts = take(&mut run.machine);
        let due = run.machine.due();
        if run.due != due {
            run.due.and_then(|at| self.due.take(&(at, id)));
            due.map(|at| self.due.insert((at, id)));
            run.due = due;
        }
        let stands = Some(run.machine.stamp());
        if run.saved != stands && run.machine.stage() != Stage::Over {
            run.saved = stands;
            out.persist(Kind::FlowRun, id.0, &Record::of(id, run));
        }
        for act in acts {
            self.perform(id, act, now, out);
        }
    }

    /// Runs of a leg that were pushed aside by an announcement go on after it.
    fn call_back(&mut self, leg: LegId, now: Now, out: &mut Out) {
        for id in self.of_leg(leg).collect::<Vec<_>>() {
            let aside = self.runs.get_mut(&id).is_some_and(|run| std::mem::take(&mut run.pushed_aside));
            if aside {
                self.step(id, now, out, |machine| machine.resume("", ngcc_proto::flow::Vars::new(), now));
            }
        }
    }

    /// Takes a run out of every list; what it was saying falls silent.
    fn remove(&mut self, id: RunId, out: &mut Out) {
        let Some(mut run) = self.runs.remove(&id) else { return };
        for act in run.machine.stop() {
            match act {
                Act::Hush => hush(&run, out),
                Act::Echo(on) => out.worker(ToWorker::Echo { leg: run.leg, on }),
                Act::AnswerNeeded { .. }
                | Act::Speak { .. }
                | Act::Load { .. }
                | Act::Music
                | Act::Say(_)
                | Act::Listening { .. }
                | Act::Step { .. }
                | Act::Fetch(_)
                | Act::AskBot(_)
                | Act::Typing
                | Act::Ask(_)
                | Act::Ended(_)
                | Act::Failed { .. } => {}
            }
        }
        run.waits_for.ask().map(|ask| self.asked.remove(&ask));
        run.due.map(|at| self.due.remove(&(at, id)));
        self.by_leg.remove(&(run.leg, id));
        out.forget(Kind::FlowRun, id.0);
    }
}

/// Stops what a run is saying, if it has begun.
fn hush(run: &Run, out: &mut Out) {
    if matches!(run.waits_for, WaitsFor::Play(_)) {
        out.worker(ToWorker::StopPlaying { conference: run.conference });
    }
}
