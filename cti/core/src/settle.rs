//! The end of every step: work is given to whoever is free, phases and seats are told, what is over is stored.

use ngcc_proto::SessionId;
use ngcc_proto::access::Cause;
use ngcc_proto::fact::By;

use crate::Cti;
use crate::resource::Next;

/// The most facts a session may have.
const MAX_FACTS: usize = 10_000;

impl Cti {
    /// Brings everything to rest and hands the step over.
    pub(crate) fn settle(&mut self) {
        let shares = |id: &&SessionId| self.sessions.get(id).is_some_and(|s| !s.shared.is_empty());
        let sharing: Vec<SessionId> = self.step.touched().iter().filter(shares).copied().collect();
        for session in sharing {
            self.share_on(session);
            self.let_others_look(session);
        }
        while self.may_grant()
            && let Some(next) = self.resources.next(self.ids.rng())
        {
            match next {
                Next::Grant { session, seat, why } => self.offer(session, seat, why),
                Next::Gone { session } => self.queue_gone(session),
            }
        }
        let mut contacts = vec![];
        for session in self.step.take_touched() {
            self.end_endless(session);
            self.tell_phase(session);
            self.keep_aside(session);
            self.arm_idle(session);
            self.tell_status(session);
            contacts.push(session);
            if self.sessions.get(&session).is_some_and(|s| s.is_over() && s.live.stores == 0) {
                self.store(session);
            }
        }
        self.tell_seats();
        for session in contacts {
            self.tell_contacts(session);
        }
        if let Some(answer) = self.step.take_answer() {
            self.tell(None, answer);
        }
        self.step.finish(&mut self.out);
    }

    /// A session whose chain grows without end is ended: a phone that toggles hold, a flow in a circle.
    fn end_endless(&mut self, id: SessionId) {
        if self.sessions.get(&id).is_some_and(|session| session.facts.len() > MAX_FACTS) {
            self.end(id, By::Centre, Cause::Overloaded);
        }
    }

    /// Nobody is given work before the configuration is there and, after a restart, before it is known
    /// which legs have outlived it.
    fn may_grant(&self) -> bool {
        self.version.is_some() && !self.restart.is_open()
    }
}
