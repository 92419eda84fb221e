//! Waiting for an agent (S0-04, S0-05): a place in a queue, what is heard meanwhile, and how a wait ends.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::config::Wait;
use ngcc_proto::fact::{By, WaitEnd, What};
use ngcc_proto::flow::{self, Vars};
use ngcc_proto::{Mono, RunId, SeatId, SessionId};

use super::Session;
use crate::Cti;
use crate::timer::Timer;

/// How often a wait that is too long looks again while an offer rings.
const WHILE_RINGING: Duration = Duration::from_secs(1);

/// What a customer wishes of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) queue: String,
    /// Added to the queue's own.
    pub(crate) priority: i32,
    pub(crate) prefer: Option<SeatId>,
    pub(crate) max_wait_s: Option<u32>,
}

impl Cti {
    /// Gives the customer a place in a queue; at the end of the step it is seen whether anybody is free.
    pub(crate) fn enqueue(&mut self, id: SessionId, wish: Wish) {
        let Some(lane) = self.sessions.get(&id).map(Session::lane) else { return };
        let Some(no) = self.resources.queues.find(&wish.queue) else {
            return self.not_admitted(id, wish.queue, "no_agent", Cause::NotFound);
        };
        let queue = self.resources.queues.get(no);
        let Some((_, settings)) = &queue.configured else { return };
        if queue.members().len() == 0 {
            return self.not_admitted(id, wish.queue, "no_agent", Cause::Unreachable);
        }
        let most = settings.max_len.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        if queue.free(lane) == 0 && queue.waiting() >= most {
            return self.not_admitted(id, wish.queue, "full", Cause::Busy);
        }
        let priority = settings.priority.saturating_add(wish.priority);
        let longest = wish.max_wait_s.or(settings.max_wait_s);
        let since = self.resources.since(self.step.now.mono);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.prefer = wish.prefer;
        }
        self.wait(id, wish.queue, priority, since, longest);
    }

    /// Takes a place; what is heard meanwhile, and the longest wait, begin.
    fn wait(&mut self, id: SessionId, queue: String, priority: i32, since: Mono, longest: Option<u32>) {
        let no = self.resources.queues.find(&queue);
        let settings = no.and_then(|no| self.resources.queues.get(no).configured.as_ref());
        let wait = settings.map_or(Wait::Music, |(_, settings)| settings.wait.clone());
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.silent = wait == Wait::Silence;
        }
        self.record(id, What::Queued { queue, priority, since });
        if let Some(longest) = longest {
            let until = self.step.now.mono + Duration::from_secs(longest.into());
            self.timers.set(Timer::QueueWait(id), until);
        }
        if let Wait::Flow(flow) = wait {
            self.start_wait_flow(id, flow);
        }
    }

    /// Gives a customer the place again that was theirs, with the time that counted all along; false if they
    /// had none.
    pub(crate) fn wait_again(&mut self, id: SessionId) -> bool {
        let queued = self.sessions.get(&id).and_then(|session| session.story.queued.clone());
        let Some((queue, priority, since)) = queued else { return false };
        let no = self.resources.queues.find(&queue);
        let settings = no.and_then(|no| self.resources.queues.get(no).configured.as_ref());
        let longest = settings.and_then(|(_, settings)| settings.max_wait_s);
        self.wait(id, queue, priority, since, longest);
        true
    }

    /// S0-04: where humans are short the customer is given self-service while the place is kept; where
    /// that is short too, the queue server alone.
    fn start_wait_flow(&mut self, id: SessionId, flow: String) {
        // What was handed over alone has nobody who would hear it.
        if self.sessions.get(&id).is_none_or(Session::is_apart) {
            return;
        }
        if self.flows.contains(&flow) && self.resources.self_service.is_free() {
            let run: RunId = self.ids.mint(self.step.now.wall);
            self.record(id, What::FlowStarted { run, flow });
            self.start_run(id, run);
        }
    }

    fn not_admitted(&mut self, id: SessionId, queue: String, exit: &str, cause: Cause) {
        self.record(id, What::Dequeued { queue, end: WaitEnd::NotAdmitted, wait_ms: 0 });
        self.without_agent(id, exit, cause);
    }

    /// The longest wait has been reached.
    pub(crate) fn wait_over(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        if session.waiting().is_some() {
            self.dequeue(id, WaitEnd::TimedOut);
            self.without_agent(id, "timeout", Cause::TimedOut);
        } else if session.place().is_some() {
            self.timers.set(Timer::QueueWait(id), self.step.now.mono + WHILE_RINGING);
        }
    }

    /// The queue is configured no longer.
    pub(crate) fn queue_gone(&mut self, id: SessionId) {
        self.dequeue(id, WaitEnd::Withdrawn);
        self.without_agent(id, "no_agent", Cause::Unreachable);
    }

    /// Records that the wait is over, and ends what was heard while it lasted.
    pub(crate) fn dequeue(&mut self, id: SessionId, end: WaitEnd) {
        let Some(place) = self.sessions.get(&id).and_then(|session| session.place()) else { return };
        let queue = self.resources.queues.get(place.queue).name.clone();
        let wait_ms = self.step.now.mono.ms_since(place.order.since);
        if end == WaitEnd::Answered {
            self.resources.queues.waited(place.queue, wait_ms);
        }
        self.record(id, What::Dequeued { queue, end, wait_ms });
        self.end_wait_flow(id);
    }

    /// Ends the flow that was heard while waiting.
    pub(crate) fn end_wait_flow(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(run) = session.runs.iter().find(|run| run.while_waiting).map(|run| run.id) else { return };
        self.stop_run(id, run);
    }

    /// Stops a run and takes its slot back.
    pub(crate) fn stop_run(&mut self, id: SessionId, run: RunId) {
        self.tell(Some(id), flow::Command::Stop { run });
        self.record(id, What::FlowEnded { run, failed: None });
    }

    /// No agent will come: the flow that asked goes on by `exit`, and a customer without one is released.
    pub(crate) fn without_agent(&mut self, id: SessionId, exit: &str, cause: Cause) {
        match self.sessions.get(&id).and_then(|session| session.asking_human()) {
            Some(run) => self.resume(id, run, exit),
            None => self.end(id, By::Centre, cause),
        }
    }

    /// A suspended run goes on by one of its exits.
    pub(crate) fn resume(&mut self, id: SessionId, run: RunId, exit: &str) {
        self.record(id, What::FlowResumed { run, exit: exit.to_owned() });
        self.tell_phase(id);
        self.tell(Some(id), flow::Command::Resume { run, exit: exit.to_owned(), vars: Vars::new() });
    }
}
