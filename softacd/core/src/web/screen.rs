//! The legs of a shared screen (S3): the customer's page sends what it captures, the agent's console takes it. Each has a
//! connection of its own, so that neither is mistaken for a call of that person, and a leg that is like a call's.

use ngcc_proto::CollabId;
use ngcc_proto::collab::{Call, Who};
use ngcc_proto::sdp::Sdp;

use super::{Line, Owner, Web, Wrong};
use crate::edge::Edge;

impl Web {
    /// An end's browser offers the leg of a shared screen: whether it takes part in that is cti's to say.
    pub(super) fn show(
        &mut self,
        line: Line,
        id: Option<String>,
        collab: CollabId,
        offer: Sdp,
        edge: &mut Edge,
    ) -> Result<(), Wrong> {
        // Not on the connection of that person's calls, nor on that of another screen.
        let owner = self.calls.owner(line).cloned().ok_or(Wrong::Forbidden)?;
        let who = match &owner {
            Owner::Screen { collab: of, who } if *of == collab => who.clone(),
            Owner::Screen { .. } | Owner::User(_) | Owner::Agent(_) => return Err(Wrong::Forbidden),
        };
        let person = match who.clone() {
            Who::User(user) => Owner::User(user),
            Who::Agent(agent) | Who::Viewer(agent) => Owner::Agent(agent),
        };
        if !self.pace.may(&person, edge.now.mono, &edge.settings.web) {
            return Err(Wrong::TooMany);
        }
        let mut call = self.calls.begun(line, id, owner, 1, edge)?;
        let leg = call.who.id;
        call.who.tell(edge, Call::Screen { collab, who, leg, offer });
        self.calls.insert(call);
        Ok(())
    }
}
