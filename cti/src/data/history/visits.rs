//! A session's visits to queues.

use ngcc_proto::Mono;
use ngcc_proto::fact::{Fact, WaitEnd, What};

use super::Start;

/// One visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) queue: String,
    /// Milliseconds since 1970.
    pub(crate) since: i64,
    pub(crate) wait_ms: u64,
    pub(crate) end: WaitEnd,
    /// Who answered.
    pub(crate) agent: Option<String>,
}

struct Open {
    queue: String,
    since: Mono,
}

/// The visits in order. A place that is given back (`Queued` again while it is open) is one visit.
pub(super) fn visits(facts: &[Fact], start: Start, closed: Mono) -> Vec<Visit> {
    let mut visits = Vec::new();
    let mut open: Option<Open> = None;
    let mut reserved: Option<&str> = None;
    for fact in facts {
        let what = &fact.what;
        if let What::Queued { queue, since, .. } = what
            && open.as_ref().is_none_or(|open| open.queue != *queue)
        {
            visits.extend(open.take().map(|open| abandoned(open, start, fact.mono)));
            open = Some(Open { queue: queue.clone(), since: *since });
        } else if let What::Reserved { agent, .. } = what {
            reserved = Some(agent.name());
        } else if let What::Dequeued { queue, end, wait_ms } = what {
            let since = start.wall(open.take().map_or(fact.mono, |open| open.since));
            let agent = (*end == WaitEnd::Answered).then_some(reserved).flatten().map(str::to_owned);
            visits.push(Visit { queue: queue.clone(), since, wait_ms: *wait_ms, end: *end, agent });
        }
    }
    visits.extend(open.take().map(|open| abandoned(open, start, closed)));
    visits
}

/// A wait that the session's end (or another queue) cut short.
fn abandoned(open: Open, start: Start, at: Mono) -> Visit {
    Visit {
        queue: open.queue,
        since: start.wall(open.since),
        wait_ms: at.ms_since(open.since),
        end: WaitEnd::Abandoned,
        agent: None,
    }
}
