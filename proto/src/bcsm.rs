//! `bcsm`: S4's two extended messages between the agent's seat and the automatic service, carried by cti.
//! The owner seat is implied: "some other agent" cannot be written.

use serde::{Deserialize, Serialize};

use crate::flow::Vars;
use crate::id::{ConferenceId, LegId, RunId};

/// Counts a session's hand-overs. A message of an old turn is answered stale and never executed.
pub type Turn = u32;

/// What the automatic service is to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AutoRun {
    /// Go on with a suspended run: behind its `to-human` step by the exit `returned`, or again with
    /// the step it was taken away from.
    Resume {
        /// The run.
        run: RunId,
    },
    /// Run a named flow; the suspended one stays suspended.
    Flow {
        /// Minted by cti.
        run: RunId,
        /// The flow's name.
        flow: String,
    },
}

/// Agent to automatic service (S4-03).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToAuto {
    /// This hand-over's number.
    pub turn: Turn,
    /// Where.
    pub conference: ConferenceId,
    /// The customer's leg.
    pub leg: LegId,
    /// What to run.
    pub run: AutoRun,
    /// What the agent passes along (S4-10).
    pub args: Vars,
}

/// Why the automatic service gives the customer back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackBecause {
    /// Its flow came to a `to-human` step.
    Asked,
    /// Its flow came to its end.
    Ended,
    /// It failed (S4-12).
    Failed,
}

/// Automatic service to agent (S4-04).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToHuman {
    /// The turn of the `ToAuto` it answers.
    pub turn: Turn,
    /// The run.
    pub run: RunId,
    /// Why.
    pub because: BackBecause,
    /// What it found out; no `*_secret` among it.
    pub outcome: Vars,
}
