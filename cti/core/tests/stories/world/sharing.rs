//! The application server's and the collaboration server's part in the world: they answer as the real ones do.

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::access::{self, Caller, Stage};
use ngcc_proto::collab::{Answer, Call, Command, Event, Kind, Ticket, Who};
use ngcc_proto::fact::{Fact, Medium, What};
use ngcc_proto::{AgentUri, CollabId, Key, Kind as KeyKind, LegId, MessageId, SessionId, UserUri};

use super::{EdgeLeg, World};

/// What the two servers hold.
#[derive(Default)]
pub(crate) struct Sharing {
    /// Users who have a page.
    pub(crate) pages: BTreeSet<UserUri>,
    /// The collaboration server answers nothing.
    pub(crate) down: bool,
    /// The application server answers nothing.
    pub(crate) edge_down: bool,
    /// What is established: user and agent.
    pub(crate) stands: BTreeMap<CollabId, (UserUri, Option<AgentUri>)>,
    /// Who looks on.
    pub(crate) looks: BTreeMap<CollabId, BTreeSet<AgentUri>>,
    /// What pages were told.
    pub(crate) answers: Vec<Answer>,
}

impl World {
    pub(super) fn edge_shares(&mut self, session: Option<SessionId>, cause: MessageId, answer: Answer) {
        self.sharing.answers.push(answer.clone());
        if self.sharing.edge_down {
            return;
        }
        match answer {
            Answer::Mapped { collab, kind, user, agent, .. } => {
                let call = match self.sharing.pages.contains(&user) {
                    true => Call::Establish { collab, kind, user, agent },
                    false => Call::Absent { collab, user },
                };
                self.put(session, Some(cause), call);
            }
            Answer::Fetch { collab, kind, user, dialled } => {
                if self.sharing.pages.contains(&user) {
                    self.arrives_to_share(&dialled, user, Some((collab, kind)));
                } else {
                    self.put(None, Some(cause), Call::Absent { collab, user });
                }
            }
            Answer::Invited { .. } | Answer::Refused { .. } | Answer::Ended { .. } | Answer::Code { .. } => {}
        }
    }

    pub(super) fn collab_does(&mut self, session: Option<SessionId>, cause: MessageId, command: Command) {
        if self.sharing.down {
            return;
        }
        let invited = |collab: CollabId, who: Who| {
            let ticket = Ticket(format!("{collab}-{who:?}"));
            Event::Invited { collab, who, ticket }
        };
        match command {
            Command::Establish { collab, user, agent, .. } => {
                self.sharing.stands.insert(collab, (user.clone(), Some(agent.clone())));
                self.put(session, Some(cause), invited(collab, Who::User(user)));
                self.put(session, Some(cause), invited(collab, Who::Agent(agent)));
            }
            Command::Invite { collab, who } => {
                self.put(session, Some(cause), invited(collab, who));
            }
            Command::Agent { collab, agent, .. } => {
                if let Some((_, at)) = self.sharing.stands.get_mut(&collab) {
                    at.clone_from(&agent);
                }
                if let Some(agent) = agent {
                    self.put(session, Some(cause), invited(collab, Who::Agent(agent)));
                }
            }
            Command::Viewer { collab, agent, on, .. } => {
                let looks = self.sharing.looks.entry(collab).or_default();
                if on {
                    looks.insert(agent.clone());
                    self.put(session, Some(cause), invited(collab, Who::Viewer(agent)));
                } else {
                    looks.remove(&agent);
                }
            }
            Command::GoesOn { .. } => {}
            Command::End { collab, .. } => {
                self.sharing.stands.remove(&collab);
            }
        }
    }

    /// A customer's page comes to share: by itself, or because an agent called.
    pub(crate) fn arrives_to_share(
        &mut self,
        dialled: &str,
        user: UserUri,
        collab: Option<(CollabId, Kind)>,
    ) -> LegId {
        let leg: LegId = self.ids.mint(self.now.wall);
        self.edge.insert(leg, EdgeLeg { stage: Stage::Answered, phone: None });
        self.sharing.pages.insert(user.clone());
        let event = access::Event::Arrived {
            leg,
            user,
            display: Some("Ann".into()),
            lang: None,
            dialled: dialled.into(),
            caller: Caller::Anonymous,
            medium: Medium::Chat,
            beside: None,
            collab: collab.map(Box::new),
            offer: None,
        };
        self.put(None, None, event);
        leg
    }

    /// A page of theirs shows a code: which.
    pub(crate) fn shown_code(&mut self, user: UserUri) -> Option<String> {
        self.say(Call::CodeAsked { user });
        self.sharing.answers.iter().rev().find_map(|answer| match answer {
            Answer::Code { code, .. } => Some(code.clone()),
            _ => None,
        })
    }

    /// Both ends connect.
    pub(crate) fn both_join(&mut self, collab: CollabId) {
        let (user, agent) = self.sharing.stands[&collab].clone();
        self.say(Event::Joined { collab, who: Who::User(user) });
        self.say(Event::Joined { collab, who: Who::Agent(agent.unwrap()) });
    }

    /// The facts of a session, live or stored.
    pub(crate) fn facts_of(&self, session: SessionId) -> Vec<Fact> {
        if let Some(facts) = self.stored.get(&session) {
            return facts.clone();
        }
        let own =
            |key: &&Key| key.kind == KeyKind::SessionFact && key.id == session.0 && key.n < u32::MAX - 1;
        let keys = self.log.keys().filter(own);
        keys.map(|key| serde_json::from_slice(&self.log[key].1).unwrap()).collect()
    }

    /// The collaborations that live sessions' facts have brought about, in order.
    pub(crate) fn collabs_of(&self, session: SessionId) -> Vec<CollabId> {
        let facts = self.facts_of(session);
        let asked = facts.iter().filter_map(|fact| match &fact.what {
            What::CollabAsked { collab, .. } => Some(*collab),
            _ => None,
        });
        asked.collect()
    }
}
