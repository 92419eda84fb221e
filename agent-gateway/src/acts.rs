//! What a supervisor does, by REST or by WebSocket alike: noted first, then done. Nothing is done that could not be
//! noted.

use ngcc_proto::collab::{Kind, Ticket};
use ngcc_proto::seat::Availability;
use ngcc_proto::{AgentUri, CollabId, SessionId, ask, supervise};
use serde::Serialize;

use crate::gate::{Gate, unexpected};
use crate::problem::Problem;

/// Who does it, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Doer {
    /// The user name.
    pub(crate) user: String,
    /// The address.
    pub(crate) from: String,
}

/// Notes an act; returns when it is on disk.
///
/// # Errors
/// It could not be noted.
pub(crate) async fn note(gate: &Gate, doer: &Doer, act: &str, on: &str) -> Result<(), Problem> {
    let act = ask::Act {
        at: gate.desk.now().wall,
        user: doer.user.clone(),
        act: act.to_owned(),
        on: on.to_owned(),
        from: doer.from.clone(),
    };
    match gate.ask_stored(ask::Command::Note { act }).await? {
        ask::Event::Noted => Ok(()),
        ask::Event::Failed { .. } => Err(Problem::unavailable()),
        ask::Event::History { .. }
        | ask::Event::Transcript { .. }
        | ask::Event::Recording { .. }
        | ask::Event::Audit { .. } => Err(unexpected("ask")),
    }
}

/// Makes a seat be this, free of everything.
///
/// # Errors
/// It could not be noted, or the centre refuses it.
pub(crate) async fn force(
    gate: &Gate,
    doer: &Doer,
    agent: AgentUri,
    to: Availability,
) -> Result<(), Problem> {
    note(gate, doer, "force_state", agent.name()).await?;
    done(gate, supervise::Command::Force { by: doer.user.clone(), agent, to }).await
}

/// Ends a session.
///
/// # Errors
/// It could not be noted, or the centre refuses it.
pub(crate) async fn end(gate: &Gate, doer: &Doer, session: SessionId) -> Result<(), Problem> {
    note(gate, doer, "end_session", &session.to_string()).await?;
    done(gate, supervise::Command::End { by: doer.user.clone(), session }).await
}

/// The board as it is now.
///
/// # Errors
/// cti does not answer.
pub(crate) async fn board(gate: &Gate) -> Result<supervise::Board, Problem> {
    match gate.ask_supervise(supervise::Command::Board).await? {
        supervise::Event::Board(board) => Ok(board),
        supervise::Event::Done | supervise::Event::Watching { .. } | supervise::Event::Refused { .. } => {
            Err(unexpected("supervise"))
        }
    }
}

/// What a supervisor who may look on is invited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Invited {
    /// The session.
    session: SessionId,
    /// Which.
    collab: CollabId,
    /// What.
    kind: Kind,
    /// Opens `/ws/collab/<collab>`.
    ticket: Ticket,
}

/// Lets a supervisor look on at what a customer and an agent share.
///
/// # Errors
/// It could not be noted, or the centre refuses it.
pub(crate) async fn watch(
    gate: &Gate,
    doer: &Doer,
    display: String,
    collab: CollabId,
    board: u64,
) -> Result<Invited, Problem> {
    let by = AgentUri::new(&doer.user).map_err(|e| Problem::bad(e.to_string()))?;
    note(gate, doer, "watch_shared", &collab.to_string()).await?;
    match gate.ask_supervise(supervise::Command::Watch { by, display, collab, board }).await? {
        supervise::Event::Watching { session, collab, kind, ticket } => {
            Ok(Invited { session, collab, kind, ticket })
        }
        supervise::Event::Refused { why } => Err(Problem::refused(why)),
        supervise::Event::Done | supervise::Event::Board(_) => Err(unexpected("supervise")),
    }
}

/// A supervisor looks on no longer.
///
/// # Errors
/// The centre does not answer.
pub(crate) async fn unwatch(gate: &Gate, doer: &Doer, collab: CollabId, board: u64) -> Result<(), Problem> {
    let by = AgentUri::new(&doer.user).map_err(|e| Problem::bad(e.to_string()))?;
    done(gate, supervise::Command::Unwatch { by, collab, board }).await
}

async fn done(gate: &Gate, command: supervise::Command) -> Result<(), Problem> {
    match gate.ask_supervise(command).await? {
        supervise::Event::Done => Ok(()),
        supervise::Event::Refused { why } => Err(Problem::refused(why)),
        supervise::Event::Board(_) | supervise::Event::Watching { .. } => Err(unexpected("supervise")),
    }
}
