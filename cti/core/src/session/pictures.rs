//! Who shows themselves: read off what the media server answered to their browser's last offer, so that pictures which
//! cannot be carried are promised to nobody.

use ngcc_proto::fact::{Medium, What};
use ngcc_proto::sdp::{Direction, Sdp};
use ngcc_proto::{LegId, SessionId};

use crate::Cti;
use crate::session::Session;

impl Cti {
    /// The media of a leg is agreed: whoever is on the other side is shown whether pictures come with it.
    pub(crate) fn pictures_agreed(&mut self, id: SessionId, leg: LegId, answer: &Sdp) {
        let come = takes_pictures(answer);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let changed =
            if come { session.live.pictures.insert(leg) } else { session.live.pictures.remove(&leg) };
        if !changed {
            return;
        }
        let added = What::MediumAdded { medium: Medium::Video };
        let known = session.medium == Medium::Video || session.facts.iter().any(|fact| fact.what == added);
        if come && !known {
            self.record(id, added);
        }
        self.step.touch(id);
    }
}

impl Session {
    /// Whether the customer shows themselves.
    pub(crate) fn customer_shows(&self) -> bool {
        self.customer().is_some_and(|customer| self.live.pictures.contains(&customer.id))
    }

    /// Whether anybody else shows a picture to the customer.
    pub(crate) fn shows_to_customer(&self) -> bool {
        let customer = self.customer().map(|customer| customer.id);
        self.live.pictures.iter().any(|leg| Some(*leg) != customer && self.leg(*leg).is_some())
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
