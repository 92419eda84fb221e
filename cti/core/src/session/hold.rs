//! Hold: the phone's own key, or the agent's command.

use ngcc_proto::fact::{By, What};
use ngcc_proto::{LegId, SessionId};

use super::{How, Whose};
use crate::Cti;

impl Cti {
    /// A phone's hold key, or its release.
    pub(crate) fn hold_asked(&mut self, id: SessionId, leg: LegId, held: bool) {
        let Some(session) = self.sessions.get(&id) else { return };
        match session.whose(leg) {
            Whose::Customer => self.hold(id, By::Customer, held),
            Whose::Partner => self.hold(id, By::Agent, held),
            Whose::Offered | Whose::Dialled | Whose::Consulted | Whose::Member | Whose::Nobody => {}
        }
    }

    /// Holds or takes off hold. Who held is the one who takes off; nothing is held while the customer is
    /// with the automatic service.
    pub(crate) fn hold(&mut self, id: SessionId, by: By, on: bool) {
        let Some(with) = self.sessions.get(&id).and_then(|session| session.together()) else { return };
        match (with.how, on) {
            (How::Talk, true) => self.record(id, What::Held { by }),
            (How::Held(holder), false) if holder == by => self.record(id, What::Unheld { by }),
            (How::Talk | How::Held(_) | How::InIvr { .. } | How::Consulting | How::Conference, _) => {}
        }
    }
}
