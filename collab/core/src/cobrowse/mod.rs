//! A shared page: what the customer's page sends is masked, kept from its last full snapshot on, and shown to the
//! agent; what the agent does on it is passed on as far as the customer has granted it.

mod acts;
mod address;
mod attributes;
mod card;
mod change;
mod css;
mod element;
mod filter;
mod kin;
mod mirror;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ngcc_proto::Mono;
use serde_json::Value;

use crate::desk::Desk;
use crate::io::Line;
use crate::tape::Running;
use crate::tell::{Consents, Tell};
use filter::{Page, Verdict};

/// A text without the card numbers that stand in it.
pub(crate) fn without_cards(text: &str) -> String {
    card::mask(text).into_owned()
}

/// What a shared page needs to know of its collaboration.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// The customer's page.
    pub(crate) customer: Option<Line>,
    /// The agent's.
    pub(crate) agents: Vec<Line>,
    /// What is granted.
    pub(crate) consents: Consents,
    /// Whether the page may be seen now.
    pub(crate) open: bool,
    /// The recording of what the agent sees, while one runs.
    pub(crate) tape: Option<Running>,
}

/// A shared page.
#[derive(Debug, Default)]
pub(crate) struct Cobrowse {
    page: Page,
    /// The page's address and size, as it goes before the next snapshot.
    meta: Option<Arc<str>>,
    kept: Kept,
    /// Agents' pages that have the last snapshot and everything behind it.
    live: BTreeSet<Line>,
    /// Whether the recording has, too. It has nothing that no agent was shown.
    taped: bool,
    /// When the customer's page was asked for a snapshot that has not come.
    snap: Option<Mono>,
    acts: u64,
    /// Proposals that the customer has not answered, each with what it is about.
    proposed: BTreeMap<u64, String>,
    /// When the agent's control was last noted.
    noted: Option<Mono>,
}

/// What a viewer who comes now is shown.
#[derive(Debug, Default)]
enum Kept {
    /// Nothing: no snapshot has come, or too much behind it.
    #[default]
    Nothing,
    /// The last snapshot and what came behind it.
    Since {
        /// In order.
        events: Vec<Arc<str>>,
        /// How large they are together.
        bytes: usize,
    },
}

impl Cobrowse {
    /// Everything of the page is out of date.
    pub(crate) fn clear(&mut self) {
        self.page = Page::default();
        self.kept = Kept::Nothing;
        self.meta = None;
        self.snap = None;
        self.live.clear();
        self.taped = false;
        self.proposed.clear();
    }

    /// Another page of the customer's has come: it sends a snapshot without being asked.
    pub(crate) fn begins(&mut self, now: Mono) {
        self.clear();
        self.snap = Some(now);
    }

    /// An agent's page has come.
    pub(crate) fn joined(&mut self, line: Line, stage: &Stage, desk: &mut Desk) {
        if !stage.open {
            return;
        }
        match &self.kept {
            Kept::Since { events, .. } => {
                let tell = Tell::Rr { events: events.clone().into(), fresh: true };
                self.live.insert(line);
                desk.say(line, None, tell.clone());
                if let Some(tape) = stage.tape.filter(|_| !self.taped) {
                    self.taped = true;
                    tape.entry(tell, desk);
                }
            }
            Kept::Nothing => self.ask(stage, desk),
        }
    }

    /// An agent's page is gone.
    pub(crate) fn left(&mut self, line: Line) {
        self.live.remove(&line);
        self.taped &= !self.live.is_empty();
    }

    /// An agent's page reads too slowly: it goes on with the next snapshot.
    pub(crate) fn lagged(&mut self, line: Line, stage: &Stage, desk: &mut Desk) {
        self.left(line);
        self.ask(stage, desk);
    }

    /// The page may be seen again: from the beginning.
    pub(crate) fn ask_anew(&mut self, stage: &Stage, desk: &mut Desk) {
        self.snap = None;
        self.ask(stage, desk);
    }

    /// Asks the customer's page for a full snapshot, unless it was asked just now.
    fn ask(&mut self, stage: &Stage, desk: &mut Desk) {
        let Some(line) = stage.customer.filter(|_| stage.open) else { return };
        if self.snap.is_some_and(|last| desk.now.mono.since(last) < desk.limits.snap) {
            return;
        }
        self.snap = Some(desk.now.mono);
        desk.say(line, None, Tell::Snap);
    }

    /// Events of the customer's page. While it may not be seen they are not looked at.
    pub(crate) fn events(&mut self, events: Vec<Value>, stage: &Stage, desk: &mut Desk) {
        if !stage.open {
            return;
        }
        let mut batch: Vec<Arc<str>> = vec![];
        let (mut fresh, mut wanted) = (false, false);
        for event in events {
            match self.page.take(event) {
                Verdict::Pass(event) => {
                    let event: Arc<str> = event.to_string().into();
                    wanted |= !self.keep(&event, desk);
                    batch.push(event);
                }
                Verdict::Meta(event) => self.meta = Some(event.to_string().into()),
                Verdict::Whole(event) => {
                    batch = self.meta.iter().cloned().chain([event.to_string().into()]).collect();
                    self.kept = Kept::Since { events: vec![], bytes: 0 };
                    self.snap = None;
                    (fresh, wanted) = (true, false);
                    for event in &batch {
                        wanted |= !self.keep(event, desk);
                    }
                }
                Verdict::Drop => {}
                Verdict::Odd => wanted = true,
            }
        }
        self.show(batch, fresh, stage, desk);
        if wanted {
            self.ask(stage, desk);
        }
    }

    /// Keeps an event for viewers who come later; whether there is still room.
    fn keep(&mut self, event: &Arc<str>, desk: &Desk) -> bool {
        let Kept::Since { events, bytes } = &mut self.kept else { return false };
        *bytes += event.len();
        events.push(Arc::clone(event));
        let room = *bytes <= desk.limits.page_bytes && events.len() <= desk.limits.page_events;
        if !room {
            self.kept = Kept::Nothing;
        }
        room
    }

    fn show(&mut self, batch: Vec<Arc<str>>, fresh: bool, stage: &Stage, desk: &mut Desk) {
        if batch.is_empty() {
            return;
        }
        if fresh {
            self.live = stage.agents.iter().copied().collect();
        } else {
            self.live.retain(|line| stage.agents.contains(line));
        }
        let tell = Tell::Rr { events: batch.into(), fresh };
        desk.say_all(self.live.iter().copied(), &tell);
        self.taped = (fresh || self.taped) && !self.live.is_empty() && stage.tape.is_some();
        if let Some(tape) = stage.tape.filter(|_| self.taped) {
            tape.entry(tell, desk);
        }
    }
}
