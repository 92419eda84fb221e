//! `flow`: cti ⇄ ivr. Self-service scripts at run time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::Cause;
use crate::chat::{Choice, Text};
use crate::fact::Medium;
use crate::id::{ConferenceId, LegId, RunId};
use crate::secret::{Secret, hop};
use crate::uri::AgentUri;

/// Flow variables that cross a border: ≤ 32 keys, ≤ 4 KiB in all.
pub type Vars = BTreeMap<String, String>;

/// The most keys a [`Vars`] may have.
pub const MAX_VARS: usize = 32;
/// The most bytes of keys and values a [`Vars`] may have.
pub const MAX_VARS_BYTES: usize = 4096;

/// Whether `vars` is within its limits.
pub fn vars_fit(vars: &Vars) -> bool {
    vars.len() <= MAX_VARS && vars.iter().map(|(k, v)| k.len() + v.len()).sum::<usize>() <= MAX_VARS_BYTES
}

/// cti to ivr.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Run a flow for a customer's leg, from its start.
    Start {
        /// Minted by cti.
        run: RunId,
        /// Where it speaks.
        conference: ConferenceId,
        /// Whom it serves.
        leg: LegId,
        /// The flow's name; its newest version is taken and kept for the run.
        flow: String,
        /// Variables it starts with (`caller`, `dialled`, and others).
        vars: Vars,
        /// Whether the leg is answered already.
        answered: bool,
        /// What the customer came by: in a chat the run writes and reads instead of speaking and hearing.
        medium: Medium,
    },
    /// The customer of a chat has written to the run. A number that was heard already is dropped.
    Heard {
        /// The run.
        run: RunId,
        /// The message's number in the session.
        seq: u64,
        /// What was written; it may be what the run asked to be masked.
        #[serde(with = "hop")]
        text: Secret,
        /// Which of the run's own texts it came behind, by that text's number, 0 for none; nothing where that is not
        /// known. What has crossed a question is no answer to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        behind: Option<u32>,
    },
    /// The leg has been answered.
    Answered {
        /// The run.
        run: RunId,
    },
    /// What a suspended `to-human` or `queue` step learns before the join: whom it got (S4-01).
    AgentFound {
        /// The run.
        run: RunId,
        /// The agent.
        agent: AgentUri,
        /// The agent's public number, to be announced.
        public: String,
    },
    /// Go on behind the step that asked, by this exit.
    Resume {
        /// The run.
        run: RunId,
        /// The exit's name: `returned`, `no_agent`, `full`, `timeout`, `done`, `refused`, …
        exit: String,
        /// Variables to set.
        vars: Vars,
    },
    /// Stop where it is and wait: the agent has taken the customer back (S4-09). `ToAuto` goes on with the same step.
    Suspend {
        /// The run.
        run: RunId,
    },
    /// End it.
    Stop {
        /// The run.
        run: RunId,
    },
}

/// What a flow asks of the house. The run is suspended until `Resume`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Ask {
    /// A human (`to-human`, `queue`).
    Human {
        /// The queue's name.
        queue: String,
        /// Added to the queue's priority; higher is sooner.
        priority: i32,
        /// An agent to be preferred.
        prefer: Option<AgentUri>,
        /// How long to wait at the most, in seconds; none takes the queue's.
        max_wait_s: Option<u32>,
        /// `to-human`: the agent may hand the customer back to this step. `queue`: never comes back.
        returns: bool,
    },
    /// A transfer to a number or URI; exits `busy`, `no_answer`, `failed`, and `done` when the other side hung up first.
    Transfer {
        /// Where to.
        to: String,
        /// How long to ring, in seconds.
        ring_s: u32,
    },
    /// A place in a conference room; exit `done` is never taken while the caller stays.
    Conference {
        /// The room's name.
        room: String,
    },
    /// An agent's sign-in by PIN (feature code); exits `done`, `refused`.
    SignIn {
        /// The PIN.
        #[serde(with = "hop")]
        pin: Secret,
    },
    /// End the customer's leg.
    HangUp {
        /// Why.
        cause: Cause,
    },
}

/// ivr to cti.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The first verb that needs media has been reached: answer the leg (or give it early media). `Answered` goes on.
    AnswerNeeded {
        /// The run.
        run: RunId,
        /// 183 with early media rather than 200.
        early: bool,
    },
    /// The run writes to the customer of a chat.
    Say {
        /// The run.
        run: RunId,
        /// Its own number for it: after a restart the run may say it again with the same number.
        n: u32,
        /// The text.
        text: Text,
        /// Replies to choose from.
        choices: Vec<Choice>,
    },
    /// The run of a chat waits for the customer's next message.
    Listening {
        /// The run.
        run: RunId,
        /// What comes is to be masked: it is not stored.
        secret: bool,
    },
    /// The run of a chat is busy with an answer: the customer is shown that somebody writes.
    Typing {
        /// The run.
        run: RunId,
    },
    /// The run has come to a node: what an agent is shown while it serves their customer, and the path so far.
    Step {
        /// The run.
        run: RunId,
        /// The node's name.
        node: String,
        /// Its verb.
        verb: String,
        /// The choice that led here, as the menu names it; keys of a `collect` are never told.
        chose: Option<String>,
    },
    /// The flow asks.
    Asked {
        /// The run.
        run: RunId,
        /// What.
        ask: Ask,
        /// Its non-secret variables: what it has found out so far.
        #[serde(default, skip_serializing_if = "Vars::is_empty")]
        vars: Vars,
    },
    /// The flow has come to its end.
    Ended {
        /// The run.
        run: RunId,
        /// Its non-secret variables.
        vars: Vars,
    },
    /// The flow cannot go on: unknown flow, step limit, a verb's error without an exit for it (S4-12).
    Failed {
        /// The run.
        run: RunId,
        /// At which node.
        node: String,
        /// Why, for the trace; holds nothing a customer entered.
        why: String,
    },
}
