//! Which messages of the customer a run was told of. One that dies on the way to it is told again after the restart; a
//! run takes each number once.

use std::collections::{BTreeMap, VecDeque};

use ngcc_proto::chat::Message;
use ngcc_proto::{RunId, Secret, SessionId, flow};

use super::replay::Reader;
use crate::Cti;
use crate::session::Session;

/// As many as a run keeps without having read them.
const MOST: usize = 32;

/// The latest messages that a run was told of, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct ToldRun {
    run: Option<RunId>,
    seqs: VecDeque<u64>,
    /// The last of its texts that the store has, since this start of ours.
    said: Option<(RunId, u32)>,
    /// Messages that are on their way to the store, by their key: who had the customer when they came, and which of its
    /// texts was the last then, if that is known.
    under_way: BTreeMap<String, (Option<RunId>, Option<u32>)>,
}

impl ToldRun {
    /// A message goes to this run.
    pub(crate) fn note(&mut self, run: RunId, seq: u64) {
        if self.run != Some(run) {
            (self.run, self.seqs) = (Some(run), VecDeque::new());
        }
        if self.seqs.len() == MOST {
            self.seqs.pop_front();
        }
        self.seqs.push_back(seq);
    }

    /// The store has the run's text of this number; 0: the run begins.
    pub(crate) fn has_said(&mut self, run: RunId, n: u32) {
        self.said = Some((run, n));
    }

    /// A message has come while `run` had the customer.
    pub(crate) fn comes(&mut self, key: &str, run: Option<RunId>) {
        if self.under_way.len() == MOST {
            self.under_way.pop_first();
        }
        let said = self.said.filter(|(of, _)| Some(*of) == run).map(|(_, n)| n);
        self.under_way.entry(key.to_owned()).or_insert((run, said));
    }

    /// It is stored: behind which text of this run it came, if that is known.
    fn behind(&mut self, key: &str, run: Option<RunId>) -> Option<u32> {
        let (of, said) = self.under_way.remove(key)?;
        // What came before the run had the customer came before all its texts.
        if of == run { said } else { Some(0) }
    }

    /// The run that the customer speaks to was told of this message.
    fn has(&self, run: Option<RunId>, seq: u64) -> bool {
        run.is_some() && self.run == run && self.seqs.contains(&seq)
    }
}

impl Cti {
    /// What the customer wrote goes to the run that has them, behind what it may have to be told again.
    pub(crate) fn run_hears(&mut self, id: SessionId, (seq, key): (u64, &str), text: Secret, masked: bool) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let run = session.hearing_run();
        let behind = session.told.behind(key, run);
        if let Some(run) = run.filter(|_| masked || !session.live.catching_up) {
            self.tell(Some(id), flow::Command::Heard { run, seq, text, behind });
        }
    }

    /// After a restart: what the store has that nobody was told of, and what a run may not have kept.
    pub(crate) fn catch_up(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id).filter(|s| !s.is_call() && !s.is_closed()) else {
            return;
        };
        let run = session.hearing_run();
        let told = session.told.seqs.front().filter(|_| run.is_some() && session.told.run == run);
        let after = told.map_or(session.story.last_seq, |first| (first - 1).min(session.story.last_seq));
        session.live.catching_up = true;
        self.read(id, Reader::CatchUp(id), after);
    }

    /// Everything up to this number has been read, or nothing was there; what has been stored since then goes to the run now.
    pub(crate) fn is_caught_up(&mut self, id: SessionId, last: Option<u64>) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let told = session.told.seqs.back().filter(|_| session.told.run == session.hearing_run());
        let behind = told.is_some_and(|told| last.is_none_or(|last| *told > last));
        session.live.catching_up = behind;
        match last.filter(|_| behind) {
            Some(last) => {
                self.read(id, Reader::CatchUp(id), last);
            }
            // Nothing was there when it was read.
            None if behind => self.catch_up(id),
            None => {}
        }
    }
}

impl Session {
    /// A run was told of this message, and may have lost it in a crash.
    pub(super) fn may_have_lost(&self, message: &Message) -> bool {
        self.told.has(self.hearing_run(), message.seq)
    }
}
