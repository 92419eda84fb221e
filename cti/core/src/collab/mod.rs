//! What a customer and an agent share (S3): asked for by either, mapped to the session's owner, established by the
//! application server, and part of the session from then on. Its ids come from the session, its agent is the owner.

mod ask;
mod code;
mod hand;
mod link;
mod look;
mod outlive;
mod screen;
mod serve;

use ngcc_proto::collab::{Kind, Who};
use ngcc_proto::fact::{By, Fact, What};
use ngcc_proto::seat::Shared;
use ngcc_proto::{AgentUri, CollabId, SessionId, UserUri, Wall};

use crate::Cti;
use crate::session::Session;

pub(crate) use ask::Wish;
pub(crate) use code::Codes;
pub(crate) use hand::ONLY_PEOPLE;
pub(crate) use link::Links;
use look::Viewer;
pub(crate) use look::Watcher;
use outlive::GoesOn;
use screen::Screen;
pub(crate) use serve::Fetch;

/// The most that one session shares at once.
const MAX_AT_ONCE: usize = 4;
/// The most consents and acts of one collaboration that become facts; what comes after them is in the server's log.
const MAX_NOTED: u32 = 500;

/// Something that customer and agent share, or are about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Collab {
    pub(crate) id: CollabId,
    pub(crate) kind: Kind,
    pub(crate) by: By,
    /// Who takes part on the customer's side.
    pub(crate) user: UserUri,
    /// Whose page does so in their place, where they have none of their own.
    page: Option<UserUri>,
    pub(crate) form: Option<String>,
    pub(crate) step: Step,
    invited: Both,
    here: Both,
    viewers: Vec<Viewer>,
    /// How often somebody came to look on or ceased to.
    looks: u32,
    /// Its session is over.
    goes_on: Option<GoesOn>,
    noted: u32,
    /// Whether it is recorded, as was decided when it was established.
    recorded: bool,
    /// Who sees what, where a screen is shown.
    screen: Screen,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It waits for the session to have an owner.
    Asked,
    /// The application server is told of this owner.
    Mapped(AgentUri),
    /// The collaboration server has it, with this agent; none while the session waits for its next owner.
    Established(Option<AgentUri>),
}

/// Something of each end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Both {
    user: bool,
    agent: bool,
}

impl Both {
    fn is_both(self) -> bool {
        self.user && self.agent
    }

    fn set(&mut self, who: &Who, on: bool) {
        match who {
            Who::User(_) => self.user = on,
            Who::Agent(_) => self.agent = on,
            Who::Viewer(_) => {}
        }
    }
}

impl Collab {
    fn agent(&self) -> Option<&AgentUri> {
        match &self.step {
            Step::Asked => None,
            Step::Mapped(agent) => Some(agent),
            Step::Established(agent) => agent.as_ref(),
        }
    }

    /// By whose pages the customer's side is reached.
    pub(crate) fn at(&self) -> &UserUri {
        self.page.as_ref().unwrap_or(&self.user)
    }

    /// As what a browser takes part that is proven to be of `who`; none where it does not. Whoever looks on does so
    /// while everybody is shown that they are here.
    fn part_of(&self, who: &Who) -> Option<Who> {
        match who {
            Who::User(page) => (page == self.at()).then(|| Who::User(self.user.clone())),
            Who::Agent(agent) if self.agent() == Some(agent) => Some(who.clone()),
            Who::Agent(agent) | Who::Viewer(agent) => {
                let looks = |viewer: &&Viewer| viewer.agent == *agent && viewer.here;
                self.viewers.iter().find(looks).map(|viewer| Who::Viewer(viewer.agent.clone()))
            }
        }
    }

    fn is_established(&self) -> bool {
        matches!(self.step, Step::Established(_))
    }

    /// Whether `who` takes part or looks on now.
    fn has(&self, who: &Who) -> bool {
        match who {
            Who::User(user) => *user == self.user,
            Who::Agent(agent) => self.agent() == Some(agent),
            Who::Viewer(agent) => self.viewers.iter().any(|viewer| viewer.agent == *agent),
        }
    }

    fn fold(&mut self, fact: &Fact) {
        let what = &fact.what;
        if let What::CollabMapped { agent, .. } = what {
            self.step = match (&self.step, agent) {
                (Step::Established(_), agent) => Step::Established(agent.clone()),
                (Step::Asked | Step::Mapped(_), Some(agent)) => Step::Mapped(agent.clone()),
                (Step::Asked | Step::Mapped(_), None) => Step::Asked,
            };
            (self.invited.agent, self.here.agent) = (false, false);
            // Whoever owns it looks on no longer.
            self.viewers.retain(|viewer| agent.as_ref() != Some(&viewer.agent));
        } else if let What::CollabEstablished { recorded, .. } = what {
            self.step = Step::Established(self.agent().cloned());
            self.recorded = *recorded;
        } else if let What::CollabInvited { who, .. } = what {
            self.invited.set(who, true);
        } else if let What::CollabViewer { agent, watches, on, .. } = what {
            self.fold_viewer(agent, *watches, *on);
        } else if let What::CollabGoesOn { seat, until, .. } = what {
            let ms = i64::try_from(until.ms_since(fact.mono)).unwrap_or(i64::MAX);
            let wall = Wall(fact.at.0.saturating_add(ms));
            self.goes_on = Some(GoesOn { seat: *seat, until: *until, wall });
        } else if let What::CollabJoined { who: Who::Viewer(agent), .. } = what {
            self.viewer_is(agent, true);
        } else if let What::CollabAway { who: Who::Viewer(agent), .. } = what {
            self.viewer_is(agent, false);
        } else if let What::CollabJoined { who, .. } = what {
            self.here.set(who, true);
        } else if let What::CollabAway { who, .. } = what {
            self.here.set(who, false);
        } else if let What::CollabNoted { .. } = what {
            self.noted += 1;
            self.screen.noted(what);
        } else if let What::CollabLegAdded { leg, who, conference, .. } = what {
            self.screen.leg_added(*leg, who, *conference);
        } else if let What::CollabLegLeft { leg, .. } = what {
            self.screen.leg_left(*leg);
        }
    }
}

/// Which collaboration a fact is about.
pub(crate) fn collab_of(what: &What) -> Option<CollabId> {
    if let What::CollabAsked { collab, .. }
    | What::CollabMapped { collab, .. }
    | What::CollabEstablished { collab, .. }
    | What::CollabInvited { collab, .. }
    | What::CollabJoined { collab, .. }
    | What::CollabAway { collab, .. }
    | What::CollabViewer { collab, .. }
    | What::CollabGoesOn { collab, .. }
    | What::CollabNoted { collab, .. }
    | What::CollabLegAdded { collab, .. }
    | What::CollabLegLeft { collab, .. }
    | What::CollabMoved { collab, .. }
    | What::CollabEnded { collab, .. } = what
    {
        return Some(*collab);
    }
    None
}

impl Session {
    /// Takes a fact about something shared into account.
    pub(crate) fn fold_shared(&mut self, fact: &Fact) {
        let what = &fact.what;
        if let What::CollabAsked { collab, kind, by, user, page, form } = what {
            self.shared.push(Collab {
                id: *collab,
                kind: *kind,
                by: *by,
                user: user.clone(),
                page: page.clone(),
                form: form.clone(),
                step: Step::Asked,
                invited: Both::default(),
                here: Both::default(),
                viewers: vec![],
                looks: 0,
                goes_on: None,
                noted: 0,
                recorded: false,
                screen: Screen::of(*by),
            });
        } else if let What::CollabEnded { collab, .. } = what {
            self.shared.retain(|shared| shared.id != *collab);
        } else if let What::CollabMoved { collab, way } = what {
            self.fold_moved(*collab, way);
        } else if let Some(id) = collab_of(what)
            && let Some(shared) = self.shared.iter_mut().find(|shared| shared.id == id)
        {
            shared.fold(fact);
        }
    }

    /// Something that is shared.
    pub(crate) fn shares(&self, id: CollabId) -> Option<&Collab> {
        self.shared.iter().find(|shared| shared.id == id)
    }

    /// Whether customer and agent are at work together on something: nobody is idle then (S0-08).
    pub(crate) fn is_shared_live(&self) -> bool {
        self.shared.iter().any(|shared| shared.here.is_both())
    }

    /// What is shared, as an agent sees it.
    pub(crate) fn shown_shared(&self) -> Vec<Shared> {
        let shown = |shared: &Collab| Shared {
            collab: shared.id,
            kind: shared.kind,
            by: shared.by,
            customer: shared.here.user,
            agent: shared.here.agent,
            until: shared.goes_on.map(|goes_on| goes_on.wall),
            shows: shared.screen.is_shown(),
        };
        self.shared.iter().map(shown).collect()
    }
}

impl Cti {
    /// The session of something shared, and what is known of it.
    fn shared(&self, id: CollabId) -> Option<(SessionId, &Collab)> {
        let session = self.exchange.of_collab(id)?;
        Some((session, self.sessions.get(&session)?.shares(id)?))
    }

    /// The agent who owns the session.
    fn owner_agent(&self, id: SessionId) -> Option<AgentUri> {
        let (seat, _) = self.owner(id)?;
        Some(self.resources.seat(seat)?.agent.clone())
    }
}
