//! Which free agent a caller gets: one file a strategy. Each keeps a queue's free members in the order it
//! needs, so that a pick costs O(log n) however many there are.

mod agent_priority;
mod longest_idle;
mod random;
mod round_robin;

use ngcc_proto::config::Strategy;
use ngcc_proto::{Mono, Rng, SeatId};

use agent_priority::AgentPriority;
use longest_idle::LongestIdle;
use random::Random;
use round_robin::RoundRobin;

/// A free member of a queue, with all that a strategy may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) seat: SeatId,
    /// Lower is asked first by `agent-priority`.
    pub(crate) level: u16,
    /// The place in the queue's list of members.
    pub(crate) position: u32,
    pub(crate) idle_since: Mono,
    /// How many chats it has, where it may have several.
    pub(crate) load: u32,
}

/// Who was picked, and the key that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) seat: SeatId,
    pub(crate) position: u32,
    pub(crate) key: String,
}

/// A queue's free members.
#[derive(Debug)]
pub(crate) enum Free {
    LongestIdle(LongestIdle),
    RoundRobin(RoundRobin),
    Random(Random),
    AgentPriority(AgentPriority),
}

impl Free {
    /// Nobody yet.
    pub(crate) fn new(strategy: Strategy) -> Self {
        match strategy {
            Strategy::LongestIdle => Self::LongestIdle(LongestIdle::default()),
            Strategy::RoundRobin => Self::RoundRobin(RoundRobin::default()),
            Strategy::Random => Self::Random(Random::default()),
            Strategy::AgentPriority => Self::AgentPriority(AgentPriority::default()),
        }
    }

    /// The strategy's name, as configured.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::LongestIdle(_) => "longest-idle",
            Self::RoundRobin(_) => "round-robin",
            Self::Random(_) => "random",
            Self::AgentPriority(_) => "agent-priority",
        }
    }

    /// A member has become free.
    pub(crate) fn insert(&mut self, candidate: Candidate) {
        match self {
            Self::LongestIdle(free) => free.insert(candidate),
            Self::RoundRobin(free) => free.insert(candidate),
            Self::Random(free) => free.insert(candidate),
            Self::AgentPriority(free) => free.insert(candidate),
        }
    }

    /// A member is free no longer.
    pub(crate) fn remove(&mut self, candidate: Candidate) {
        match self {
            Self::LongestIdle(free) => free.remove(candidate),
            Self::RoundRobin(free) => free.remove(candidate),
            Self::Random(free) => free.remove(candidate),
            Self::AgentPriority(free) => free.remove(candidate),
        }
    }

    /// How many are free.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::LongestIdle(free) => free.len(),
            Self::RoundRobin(free) => free.len(),
            Self::Random(free) => free.len(),
            Self::AgentPriority(free) => free.len(),
        }
    }

    /// The next one to be asked; `last` is the position that was asked last. Nothing is taken out.
    pub(crate) fn pick(&self, last: Option<u32>, rng: &mut Rng) -> Option<Pick> {
        match self {
            Self::LongestIdle(free) => free.pick(),
            Self::RoundRobin(free) => free.pick(last),
            Self::Random(free) => free.pick(rng),
            Self::AgentPriority(free) => free.pick(),
        }
    }
}

#[cfg(test)]
mod tests;
