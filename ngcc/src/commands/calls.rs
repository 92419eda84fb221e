//! `call` and what agents do: everything about what runs.

use ngcc_proto::access::Target;
use ngcc_proto::admin::{self, ClosedSession};
use ngcc_proto::operate::{self, LiveQueue, LiveSeat, LiveSession};
use ngcc_proto::seat::{self, Availability, Device, Slot, Verb};
use ngcc_proto::{AgentUri, SessionId};
use serde_json::json;

use super::objects::exported;
use crate::cli::{AgentState, CallCommand};
use crate::control::door::Door;
use crate::failure::Failure;
use crate::{out, trace};

/// Does what `call` says.
///
/// # Errors
/// The centre's reasons, no server or no answer.
pub(super) fn call(verb: CallCommand, door: &mut Door, json: bool) -> Result<(), Failure> {
    match verb {
        CallCommand::Place { first, number } => {
            let first = if first.starts_with("sip:") { Target::Uri(first) } else { Target::Phone(first) };
            let event = door.operate(operate::Command::Place { first, number })?;
            let operate::Event::Placed { session } = event else { return Err(strange()) };
            if json {
                out::json(&json!({ "session": session }));
            } else {
                out::line(session.to_string());
            }
            Ok(())
        }
        CallCommand::List { closed: true, limit } => {
            let event = door.admin(admin::Command::History { limit })?;
            let admin::Event::History { sessions } = event else { return Err(strange()) };
            list_closed(&sessions, json);
            Ok(())
        }
        CallCommand::List { closed: false, limit } => {
            let event = door.operate(operate::Command::Sessions { limit })?;
            let operate::Event::Sessions { total, sessions } = event else { return Err(strange()) };
            list_live(total, &sessions, json);
            Ok(())
        }
        CallCommand::Trace { session } => trace_session(session_id(&session)?, door, json),
        CallCommand::End { session } => {
            door.operate(operate::Command::End { session: session_id(&session)? })?;
            say(json, "ended");
            Ok(())
        }
    }
}

/// Does what an agent asks.
///
/// # Errors
/// The centre's reasons, no server or no answer.
pub(super) fn agent(state: AgentState, door: &mut Door, json: bool) -> Result<(), Failure> {
    let (name, what) = match state {
        AgentState::Status { name } => return status(name.as_deref(), door, json),
        AgentState::Ready { name } => (name, Verb::Ready),
        AgentState::NotReady { name, reason } => (name, Verb::NotReady { reason }),
        AgentState::SignOut { name } => (name, Verb::SignOut),
        AgentState::SignIn { name, phone } => {
            let device = match phone {
                Some(phone) => Device::Phone(phone),
                None => configured_device(&name, door)?,
            };
            (name, Verb::SignIn { device })
        }
    };
    let agent = AgentUri::new(&name).map_err(|e| Failure::NotFound(e.to_string()))?;
    let command = seat::Command { agent, session: None, what };
    match door.operate(operate::Command::Seat(command)) {
        Err(Failure::Refused(why)) => {
            Err(Failure::Refused(why.iter().map(|why| format!("agent `{name}`: {why}")).collect()))
        }
        Err(other) => Err(other),
        Ok(_) => Ok(()),
    }?;
    status(Some(&name), door, json)
}

/// Says how the queues stand.
///
/// # Errors
/// No server or no answer.
pub(super) fn queues(door: &mut Door, json: bool) -> Result<(), Failure> {
    let operate::Event::Queues { queues } = door.operate(operate::Command::Queues)? else {
        return Err(strange());
    };
    if json {
        out::json(&queues);
        return Ok(());
    }
    let row = |q: &LiveQueue| {
        let longest = format!("{}.{}", q.longest_ms / 1000, q.longest_ms % 1000 / 100);
        vec![q.name.clone(), q.waiting.to_string(), longest, q.free.to_string()]
    };
    let rows: Vec<Vec<String>> = queues.iter().map(row).collect();
    out::table(&["QUEUE", "WAITING", "LONGEST S", "FREE AGENTS"], &rows);
    Ok(())
}

fn configured_device(name: &str, door: &mut Door) -> Result<Device, Failure> {
    let agent = exported(door)?.agents.into_iter().find(|agent| agent.name == name);
    agent.map(|agent| agent.device).ok_or_else(|| Failure::NotFound(format!("no agent `{name}`")))
}

fn status(name: Option<&str>, door: &mut Door, json: bool) -> Result<(), Failure> {
    let operate::Event::Seats { mut seats } = door.operate(operate::Command::Seats)? else {
        return Err(strange());
    };
    if let Some(name) = name {
        seats.retain(|seat| seat.agent.name() == name);
        if seats.is_empty() {
            return Err(Failure::NotFound(format!("no agent `{name}`")));
        }
    }
    if json {
        out::json(&seats);
    } else {
        let rows: Vec<Vec<String>> = seats.iter().map(seat_row).collect();
        out::table(&["AGENT", "STATE", "CONTACT"], &rows);
    }
    Ok(())
}

fn seat_row(seat: &LiveSeat) -> Vec<String> {
    let state = match &seat.availability {
        Availability::LoggedOut => "signed out".to_owned(),
        Availability::Ready { since } => format!("ready since {since}"),
        Availability::NotReady { reason, since } => format!("not ready ({reason}) since {since}"),
    };
    let contact = match &seat.voice {
        Slot::Free => String::new(),
        Slot::Reserved { session, .. } => format!("reserved for {session}"),
        Slot::Alerting { session, .. } => format!("ringing for {session}"),
        Slot::Talking { session, .. } => format!("talking in {session}"),
        Slot::Held { session, .. } => format!("holding {session}"),
        Slot::Consulting { session, .. } => format!("consulting in {session}"),
        Slot::InIvr { session, .. } => format!("{session} is with the automatic service"),
        Slot::WrapUp { session, until } => format!("wrapping up {session} until {until}"),
    };
    vec![seat.agent.name().to_owned(), state, contact]
}

fn trace_session(session: SessionId, door: &mut Door, json: bool) -> Result<(), Failure> {
    let live = match door.operate(operate::Command::Chain { session }) {
        Ok(operate::Event::Chain { facts }) => facts,
        // A closed session can be read without a server.
        Err(Failure::NoServer(_) | Failure::Refused(_)) => Vec::new(),
        Ok(_) => return Err(strange()),
        Err(failure) => return Err(failure),
    };
    let facts = if live.is_empty() {
        let admin::Event::Chain { facts } = door.admin(admin::Command::Chain { session })? else {
            return Err(strange());
        };
        facts
    } else {
        live
    };
    if facts.is_empty() {
        return Err(Failure::NotFound(format!("no session {session}, neither live nor closed")));
    }
    if json {
        out::json(&facts);
    } else {
        trace::lines(&facts).iter().for_each(out::line);
    }
    Ok(())
}

fn list_live(total: u64, sessions: &[LiveSession], json: bool) {
    if json {
        out::json(&json!({ "total": total, "sessions": sessions }));
        return;
    }
    let row = |s: &LiveSession| {
        let owner = s.owner.as_ref().map(|a| a.name().to_owned()).unwrap_or_default();
        vec![
            s.id.to_string(),
            s.user.to_string(),
            s.dialled.clone(),
            s.phase.clone(),
            owner,
            s.since.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = sessions.iter().map(row).collect();
    out::table(&["SESSION", "CUSTOMER", "DIALLED", "PHASE", "OWNER", "SINCE"], &rows);
    out::line(format!("{total} live"));
}

fn list_closed(sessions: &[ClosedSession], json: bool) {
    if json {
        out::json(&sessions);
        return;
    }
    let row = |s: &ClosedSession| {
        let ms = |ms: u64| format!("{}.{:01}", ms / 1000, ms % 1000 / 100);
        vec![
            s.id.to_string(),
            s.user.clone(),
            s.dialled.clone(),
            s.opened.to_string(),
            ms(s.total_ms),
            ms(s.queue_ms),
            ms(s.talk_ms),
            s.agent.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = sessions.iter().map(row).collect();
    out::table(&["SESSION", "CUSTOMER", "DIALLED", "OPENED", "TOTAL S", "QUEUE S", "TALK S", "AGENT"], &rows);
}

fn session_id(text: &str) -> Result<SessionId, Failure> {
    text.parse().map_err(|e: ngcc_proto::id::BadId| Failure::NotFound(e.to_string()))
}

fn say(json: bool, word: &str) {
    if json {
        out::json(&json!({ "result": word }));
    } else {
        out::line(word);
    }
}

fn strange() -> Failure {
    Failure::NoAnswer("an answer to another question came".to_owned())
}
