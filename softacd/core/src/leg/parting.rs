//! A leg that cti has released while our 200 waits for its ACK: the BYE must wait too (RFC 3261 section 15).

use ngcc_proto::access::Cause;

use super::unacknowledged::Unacknowledged;
use super::{Leg, Who, farewell};
use crate::deny::Deny;
use crate::dialog::Dialog;
use crate::edge::Edge;
use crate::incoming::Incoming;
use crate::sip::Method;

/// A leg that ends with its ACK.
#[derive(Debug)]
pub(crate) struct Parting {
    pub(crate) who: Who,
    pub(crate) dialog: Dialog,
    pub(super) answer: Unacknowledged,
    pub(super) cause: Cause,
}

impl Parting {
    pub(super) fn request(mut self: Box<Self>, incoming: &Incoming, edge: &mut Edge) -> Option<Leg> {
        match incoming.request.method {
            Method::Ack if incoming.seq == self.answer.seq => {
                self.answer.stop(edge);
                farewell(&mut self.dialog, self.who.id, self.cause, edge);
                None
            }
            Method::Bye => {
                self.answer.stop(edge);
                incoming.done(edge, 200, "", None);
                None
            }
            Method::Ack => Some(Leg::Parting(self)),
            Method::Invite
            | Method::Cancel
            | Method::Options
            | Method::Register
            | Method::Info
            | Method::Update
            | Method::Prack
            | Method::Refer
            | Method::Notify
            | Method::Subscribe
            | Method::Message
            | Method::Publish
            | Method::Other(_) => {
                incoming.deny(edge, &Deny::plain(481));
                Some(Leg::Parting(self))
            }
        }
    }

    pub(super) fn wake(mut self: Box<Self>, edge: &mut Edge) -> Option<Leg> {
        if self.answer.again(self.who.id, edge) {
            return Some(Leg::Parting(self));
        }
        farewell(&mut self.dialog, self.who.id, self.cause, edge);
        None
    }
}
