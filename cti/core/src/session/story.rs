//! What an agent is shown of a session and what its timers count from: read off its facts, one by one.

use ngcc_proto::fact::{By, Fact, Suspended, What};
use ngcc_proto::flow::Vars;
use ngcc_proto::seat::Declined;
use ngcc_proto::{AgentUri, Mono, SessionId, Wall};

/// Beside a session's stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    /// The queue it waited in last, with its priority and the time that counts.
    pub(crate) queued: Option<(String, i32, Mono)>,
    /// When the present wait began: later than what counts, for a customer who was given back.
    pub(crate) waits_from: Mono,
    /// To whom it was offered last.
    asked: Option<AgentUri>,
    /// Who declined it last and said why; nobody, once an agent has it.
    pub(crate) declined: Option<Declined>,
    /// When agent and customer came together last.
    pub(crate) joined: Option<Wall>,
    /// What automation found out, from every time it gave the customer on.
    pub(crate) found: Vars,
    /// What its agent said it was about.
    pub(crate) disposition: Option<String>,
    /// The customer's latest other session: the call out of a chat, or the chat out of which a call came.
    pub(crate) beside: Option<SessionId>,
    /// The number of the last message.
    pub(crate) last_seq: u64,
    /// The number of the last message before the customer went to the automatic service.
    pub(crate) before_auto: u64,
    /// When the customer's connection was lost last.
    pub(crate) gone: Wall,
    /// When one of the sides last did something (S0-08).
    pub(crate) active: Mono,
}

impl Story {
    /// Takes one more fact into account.
    pub(crate) fn fold(&mut self, fact: &Fact) {
        if stirs(&fact.what) {
            self.active = fact.mono;
        }
        match &fact.what {
            What::Queued { queue, priority, since } => {
                self.queued = Some((queue.clone(), *priority, *since));
                self.waits_from = fact.mono;
            }
            What::Reserved { agent, .. } => self.asked = Some(agent.clone()),
            What::OfferEnded { reason: Some(reason), .. } => {
                self.declined = self.asked.clone().map(|by| Declined { by, reason: *reason });
            }
            What::Joined { .. } => {
                self.joined = Some(fact.at);
                self.declined = None;
            }
            What::ToAuto { .. } => self.before_auto = self.last_seq,
            What::ToHuman { outcome, .. } | What::FlowSuspended(Suspended { found: outcome, .. }) => {
                let outcome = outcome.iter().map(|(key, value)| (key.clone(), value.clone()));
                self.found.extend(outcome);
            }
            What::StandsBeside { session } => self.beside = Some(*session),
            What::Disposed { code, .. } => self.disposition = Some(code.clone()),
            What::Said { seq, .. } => self.last_seq = self.last_seq.max(*seq),
            What::LegUnreachable { .. } => self.gone = fact.at,
            What::Opened { .. }
            | What::CollabAsked { .. }
            | What::CollabEnded { .. }
            | What::CollabMapped { .. }
            | What::CollabEstablished { .. }
            | What::CollabInvited { .. }
            | What::CollabJoined { .. }
            | What::CollabAway { .. }
            | What::CollabViewer { .. }
            | What::CollabGoesOn { .. }
            | What::CollabNoted { .. }
            | What::CollabLegAdded { .. }
            | What::CollabLegLeft { .. }
            | What::CollabMoved { .. }
            | What::LegAdded { .. }
            | What::LegAnswered { .. }
            | What::LegReattached { .. }
            | What::LegLeft { .. }
            | What::FlowStarted { .. }
            | What::FlowResumed { .. }
            | What::FlowEnded { .. }
            | What::Dequeued { .. }
            | What::Alerting { .. }
            | What::OfferEnded { reason: None, .. }
            | What::MediumAdded { .. }
            | What::Held { .. }
            | What::Unheld { .. }
            | What::Stale { .. }
            | What::Intervened { .. }
            | What::ConsultStarted { .. }
            | What::ConsultEnded { .. }
            | What::Transferred { .. }
            | What::AgentReleased { .. }
            | What::WrapUpEnded { .. }
            | What::Closed { .. } => {}
        }
    }
}

/// Whether a fact is an act of one of the sides. What the centre says, and a connection that comes and goes, are none.
fn stirs(what: &What) -> bool {
    !matches!(
        what,
        What::Said { by: By::Centre, .. }
            | What::LegUnreachable { .. }
            | What::LegReattached { .. }
            | What::Stale { .. }
            | What::Intervened { .. }
            | What::CollabAway { .. }
            | What::CollabLegLeft { .. }
    )
}
