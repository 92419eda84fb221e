//! What a supervisor does, by REST or by WebSocket alike: noted first, then done. Nothing is done that could not be
//! noted.

use ngcc_proto::seat::Availability;
use ngcc_proto::{AgentUri, SessionId, ask, supervise};

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
        supervise::Event::Done | supervise::Event::Refused { .. } => Err(unexpected("supervise")),
    }
}

async fn done(gate: &Gate, command: supervise::Command) -> Result<(), Problem> {
    match gate.ask_supervise(command).await? {
        supervise::Event::Done => Ok(()),
        supervise::Event::Refused { why } => Err(Problem::refused(why)),
        supervise::Event::Board(_) => Err(unexpected("supervise")),
    }
}
