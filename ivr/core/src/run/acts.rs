//! Doing what a run's machine wants.

use ngcc_proto::bcsm::{BackBecause, ToHuman};
use ngcc_proto::envelope::Body;
use ngcc_proto::flow::{Ask, Event, Vars};
use ngcc_proto::{Now, RunId};

use super::{Runs, WaitsFor, hush};
use crate::flow::chat::Written;
use crate::flow::desk::Act;
use crate::ivr::Output;
use crate::out::Out;
use crate::worker::{Sound, ToWorker};

impl Runs {
    pub(super) fn perform(&mut self, id: RunId, act: Act, now: Now, out: &mut Out) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        match act {
            Act::AnswerNeeded { early } => self.tell(id, Event::AnswerNeeded { run: id, early }, now, out),
            Act::Speak { text, lang, repeat } => {
                let ask = out.ask(now);
                self.wait_for(id, WaitsFor::Sound { ask, repeat });
                out.emit(Output::Speak { ask, text, lang });
            }
            Act::Load { prompt, repeat } => {
                let ask = out.ask(now);
                self.wait_for(id, WaitsFor::Sound { ask, repeat });
                out.emit(Output::Load { ask, prompt });
            }
            Act::Music => {
                let (play, conference) = (out.ask(now), run.conference);
                self.wait_for(id, WaitsFor::Play(play));
                out.worker(ToWorker::Play { conference, play, sound: Sound::Music, repeat: true });
            }
            Act::Hush => {
                hush(run, out);
                self.wait_for(id, WaitsFor::Nothing);
            }
            Act::Echo(on) => out.worker(ToWorker::Echo { leg: run.leg, on }),
            Act::Say(Written { n, text, choices }) => {
                self.tell(id, Event::Say { run: id, n, text, choices }, now, out);
            }
            Act::Listening { secret } => self.tell(id, Event::Listening { run: id, secret }, now, out),
            Act::Step { node, verb, chose } => {
                self.tell(id, Event::Step { run: id, node, verb: verb.to_owned(), chose }, now, out);
            }
            Act::Fetch(fetch) => {
                let ask = out.ask(now);
                self.wait_for(id, WaitsFor::Web(ask));
                out.emit(Output::Fetch { ask, fetch });
            }
            Act::AskBot(ask) => self.ask_bot(id, ask, now, out),
            Act::Typing => self.tell(id, Event::Typing { run: id }, now, out),
            Act::Ask(ask) => self.ask_house(id, ask, now, out),
            Act::Ended(vars) => {
                self.end(id, BackBecause::Ended, vars, Event::Ended { run: id, vars: Vars::new() }, now, out)
            }
            Act::Failed { node, why } => {
                let vars = run.machine.outcome();
                self.end(id, BackBecause::Failed, vars, Event::Failed { run: id, node, why }, now, out);
            }
        }
    }

    pub(super) fn wait_for(&mut self, id: RunId, what: WaitsFor) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        if let Some(ask) = run.waits_for.ask() {
            self.asked.remove(&ask);
        }
        run.waits_for = what;
        if let Some(ask) = what.ask() {
            self.asked.insert(ask, id);
        }
    }

    /// A step that asks for a human gives the customer back to the agent who waits for it (S4-05);
    /// everything else, and the first such step, goes to cti.
    fn ask_house(&mut self, id: RunId, ask: Ask, now: Now, out: &mut Out) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        match (run.turn, &ask) {
            (Some(turn), Ask::Human { .. }) => {
                run.turn = None;
                let outcome = run.machine.outcome();
                self.tell(id, ToHuman { turn, run: id, because: BackBecause::Asked, outcome }, now, out);
            }
            (
                Some(_) | None,
                Ask::Human { .. }
                | Ask::Transfer { .. }
                | Ask::Conference { .. }
                | Ask::SignIn { .. }
                | Ask::HangUp { .. },
            ) => {
                let vars = run.machine.outcome();
                self.tell(id, Event::Asked { run: id, ask, vars }, now, out);
            }
        }
    }

    /// The run is over: its seat hears of it if it waits, and cti otherwise.
    fn end(&mut self, id: RunId, because: BackBecause, vars: Vars, event: Event, now: Now, out: &mut Out) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let (session, cause) = (run.session, run.cause);
        let body: Body = match run.turn {
            Some(turn) => ToHuman { turn, run: id, because, outcome: vars }.into(),
            None => match event {
                Event::Ended { run, .. } => Event::Ended { run, vars }.into(),
                Event::Failed { .. }
                | Event::AnswerNeeded { .. }
                | Event::Asked { .. }
                | Event::Say { .. }
                | Event::Listening { .. }
                | Event::Typing { .. }
                | Event::Step { .. } => event.into(),
            },
        };
        self.remove(id, out);
        out.send(now, session, cause, body);
    }

    pub(super) fn tell(&mut self, id: RunId, body: impl Into<Body>, now: Now, out: &mut Out) {
        let Some(run) = self.runs.get(&id) else { return };
        out.send(now, run.session, run.cause, body);
    }
}
