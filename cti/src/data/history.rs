//! A closed session's facts folded into what reports read: its phases, its visits to queues, its legs.
//! Pure: nothing here touches the database.

mod legs;
mod phases;
mod visits;

use ngcc_proto::admin::ClosedSession;
use ngcc_proto::fact::{Fact, Medium, What};
use ngcc_proto::{Mono, SessionId, Wall};
use thiserror::Error;

use super::book::SeatNames;
pub(crate) use legs::LegRow;
pub(crate) use visits::Visit;

/// What is stored of a session beside its chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(crate) session: ClosedSession,
    pub(crate) visits: Vec<Visit>,
    pub(crate) legs: Vec<LegRow>,
}

/// A chain that is none.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum NoHistory {
    /// It has no facts, or begins otherwise.
    #[error("the chain does not begin with `opened`")]
    NotOpened,
    /// It is not over.
    #[error("the chain has no `closed`")]
    NotClosed,
}

/// When the session began, on both scales: durations are counted from here, so that rounding cannot
/// make the parts differ from the whole.
#[derive(Clone, Copy, Debug)]
struct Start {
    mono: Mono,
    wall: Wall,
}

impl Start {
    /// Whole milliseconds from the beginning to `at`.
    fn ms(self, at: Mono) -> u64 {
        at.ms_since(self.mono)
    }

    /// `at` on the calendar; a place in a queue may be older than the session's first fact.
    fn wall(self, at: Mono) -> i64 {
        let later = i64::try_from(at.ms_since(self.mono)).unwrap_or(i64::MAX);
        let earlier = i64::try_from(self.mono.ms_since(at)).unwrap_or(i64::MAX);
        self.wall.0.saturating_add(later).saturating_sub(earlier)
    }
}

/// Folds a whole chain. `seats` names the agents of seats that came by transfer, without a reservation.
pub(crate) fn fold(facts: &[Fact], seats: &SeatNames) -> Result<History, NoHistory> {
    let Some(first) = facts.first() else { return Err(NoHistory::NotOpened) };
    let What::Opened { user, dialled, display, medium, .. } = &first.what else {
        return Err(NoHistory::NotOpened);
    };
    let start = Start { mono: first.mono, wall: first.at };
    let closed = facts.iter().find_map(|fact| {
        let What::Closed { by, cause } = &fact.what else { return None };
        Some((*by, *cause, fact.mono))
    });
    let Some((by, cause, end)) = closed else { return Err(NoHistory::NotClosed) };
    let spent = phases::spent(facts, start);
    let visits = visits::visits(facts, start, end);
    let session = ClosedSession {
        id: first.session,
        user: user.to_string(),
        dialled: dialled.clone(),
        opened: start.wall,
        total_ms: start.ms(end),
        self_service_ms: spent.self_service,
        queue_ms: spent.queue,
        ring_ms: spent.ring,
        talk_ms: spent.talk,
        hold_ms: spent.hold,
        in_ivr_ms: spent.in_ivr,
        other_ms: spent.other,
        wrap_up_ms: phases::wrap_up_ms(facts),
        agent: legs::last_owner(facts, seats),
        queue: visits.first().map(|visit| visit.queue.clone()),
        cause,
        by,
        media: media(*medium, facts),
        display: display.clone(),
        disposition: facts.iter().rev().find_map(|fact| {
            let What::Disposed { code, .. } = &fact.what else { return None };
            Some(code.clone())
        }),
        messages: 0,
        beside: beside(facts),
    };
    Ok(History { session, visits, legs: legs::legs(facts, start, seats) })
}

/// The first medium and those that were added, each once.
fn media(first: Medium, facts: &[Fact]) -> Vec<Medium> {
    let mut media = vec![first];
    for fact in facts {
        if let What::MediumAdded { medium } = fact.what
            && !media.contains(&medium)
        {
            media.push(medium);
        }
    }
    media
}

/// The customer's other sessions, each once.
fn beside(facts: &[Fact]) -> Vec<SessionId> {
    let mut beside = vec![];
    for fact in facts {
        if let What::StandsBeside { session } = fact.what
            && !beside.contains(&session)
        {
            beside.push(session);
        }
    }
    beside
}

#[cfg(test)]
mod tests;
