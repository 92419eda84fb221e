//! Whether the customer shows themselves: read off what the media server answered to their browser's last offer, so
//! that pictures which cannot be carried are promised to nobody.

use ngcc_proto::fact::{Medium, What};
use ngcc_proto::sdp::{Direction, Sdp};
use ngcc_proto::{LegId, SessionId};

use crate::Cti;

impl Cti {
    /// The media of a leg is agreed: if it is the customer's, their agents are shown whether pictures come with it.
    pub(crate) fn pictures_agreed(&mut self, id: SessionId, leg: LegId, answer: &Sdp) {
        let come = takes_pictures(answer);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.customer().is_none_or(|customer| customer.id != leg) || session.live.pictures == come {
            return;
        }
        session.live.pictures = come;
        let added = What::MediumAdded { medium: Medium::Video };
        let known = session.medium == Medium::Video || session.facts.iter().any(|fact| fact.what == added);
        if come && !known {
            self.record(id, added);
        }
        self.step.touch(id);
    }
}

/// Whether an answer of ours takes pictures in.
fn takes_pictures(answer: &Sdp) -> bool {
    answer.media.iter().any(|section| {
        section.kind == "video"
            && section.port != 0
            && matches!(answer.direction(section), Direction::SendRecv | Direction::RecvOnly)
    })
}
