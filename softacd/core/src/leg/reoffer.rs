//! New offers in a call that is up (re-INVITE, UPDATE; RFC 3261 section 14, RFC 3311): a refresh is answered
//! with what was agreed on, a change is put to cti, and two at once give way.

use ngcc_proto::access::Event;
use ngcc_proto::sdp::Sdp;
use serde::{Deserialize, Serialize};

use super::session::{Terms, renewed};
use super::up::Up;
use crate::body;
use crate::deny::Deny;
use crate::dialog::offer::{Agreed, Offer};
use crate::edge::{ALLOW, Edge, SUPPORTED};
use crate::incoming::Incoming;
use crate::transaction::TxKey;
use crate::transaction::asked::Asked;

/// An offer of the other side that waits for cti.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Open {
    asked: Asked,
    key: TxKey,
    seq: u32,
    /// Whether it is a re-INVITE; otherwise an UPDATE.
    invite: bool,
    /// What is agreed on once it is answered.
    next: Agreed,
    /// Whether the other side wants us to offer.
    ours_to_offer: bool,
    timer: Option<Terms>,
}

impl Open {
    /// Refuses it.
    pub(super) fn refuse(self, deny: &Deny, edge: &mut Edge) {
        let bytes = self.asked.reply(deny.status, None, &deny.lines, None);
        if self.invite {
            edge.refuse(self.key, self.asked.hop, bytes);
        } else {
            let mut hop = self.asked.hop;
            edge.send(&mut hop, bytes.clone());
            edge.finish(self.key, hop, bytes);
        }
    }
}

impl Up {
    /// A re-INVITE.
    pub(super) fn reinvited(&mut self, incoming: &Incoming, edge: &mut Edge) {
        if self.refreshing.is_some() {
            return incoming.deny(edge, &Deny::plain(491));
        }
        if self.open.is_some() || self.unacknowledged.is_some() {
            return incoming.busy(edge);
        }
        match self.read(incoming) {
            Ok((offer, timer)) => self.weigh(incoming, offer, timer, edge),
            Err(deny) => incoming.deny(edge, &deny),
        }
    }

    /// An UPDATE.
    pub(super) fn updated(&mut self, incoming: &Incoming, edge: &mut Edge) {
        match self.read(incoming) {
            Err(deny) => incoming.deny(edge, &deny),
            Ok((None, timer)) => self.refreshed_by(incoming, timer, None, edge),
            Ok((Some(_), _)) if self.refreshing.is_some() => incoming.deny(edge, &Deny::plain(491)),
            Ok((Some(_), _)) if self.open.is_some() => {
                incoming.busy(edge);
            }
            Ok((offer, timer)) => self.weigh(incoming, offer, timer, edge),
        }
    }

    fn read(&mut self, incoming: &Incoming) -> Result<(Option<Sdp>, Option<Terms>), Deny> {
        let timer = Terms::asked(&incoming.request.headers)?;
        let offer = body::sdp(&incoming.request.headers, &incoming.request.body)?;
        Ok((offer, timer))
    }

    fn weigh(&mut self, incoming: &Incoming, offer: Option<Sdp>, timer: Option<Terms>, edge: &mut Edge) {
        let hold = match offer.as_ref().map(|o| self.agreed.weigh(o)) {
            Some(Offer::Refresh) => {
                let ours = self.agreed.ours.clone();
                return self.refreshed_by(incoming, timer, ours, edge);
            }
            Some(Offer::Change { hold }) => hold,
            None => None,
        };
        self.dialog.retarget(&incoming.request.headers, incoming.source);
        let mut next = self.agreed.clone();
        if let Some(offer) = &offer {
            next.set_theirs(offer);
        }
        self.open = Some(Open {
            asked: incoming.asked.clone(),
            key: incoming.key,
            seq: incoming.seq,
            invite: incoming.is_invite(),
            next,
            ours_to_offer: offer.is_none(),
            timer,
        });
        self.store(edge);
        edge.served.open(incoming.key, self.who.id);
        if incoming.is_invite() {
            incoming.say(edge, incoming.asked.reply(100, None, "", None));
        }
        let leg = self.who.id;
        self.who.tell(edge, Event::Reoffered { leg, offer });
        if let Some(held) = hold {
            self.who.tell(edge, Event::HoldAsked { leg, held });
        }
    }

    /// A refresh is answered from what is agreed on; nobody is asked.
    fn refreshed_by(
        &mut self,
        incoming: &Incoming,
        timer: Option<Terms>,
        sdp: Option<String>,
        edge: &mut Edge,
    ) {
        self.dialog.retarget(&incoming.request.headers, incoming.source);
        self.timer = renewed(self.timer.take(), timer, self.who.id, edge);
        let lines = self.lines(&incoming.asked, timer, edge);
        if incoming.is_invite() {
            let bytes = incoming.asked.reply(200, None, &lines, sdp.as_deref());
            self.send_ok(incoming.seq, bytes, incoming.asked.hop, false, false, edge);
            edge.accepted(incoming.key);
        } else {
            self.store(edge);
            incoming.done(edge, 200, &lines, sdp.as_deref());
        }
    }

    /// cti's answer to the open offer.
    pub(super) fn update(&mut self, sdp: Option<&Sdp>, edge: &mut Edge) {
        let Some(open) = self.open.take() else { return };
        let Some(sdp) = sdp else {
            self.store(edge);
            return open.refuse(&Deny::plain(488), edge);
        };
        let Open { asked, key, seq, invite, next, ours_to_offer, timer } = open;
        self.agreed = next;
        self.agreed.set_ours(sdp);
        self.timer = renewed(self.timer.take(), timer, self.who.id, edge);
        let lines = self.lines(&asked, timer, edge);
        let bytes = asked.reply(200, None, &lines, self.agreed.ours.as_deref());
        if invite {
            self.send_ok(seq, bytes, asked.hop, false, ours_to_offer, edge);
            edge.accepted(key);
        } else {
            self.store(edge);
            let mut hop = asked.hop;
            edge.send(&mut hop, bytes.clone());
            edge.finish(key, hop, bytes);
        }
    }

    /// The other side takes its re-INVITE back.
    pub(super) fn reoffer_cancelled(&mut self, edge: &mut Edge) {
        if let Some(open) = self.open.take_if(|open| open.invite) {
            self.store(edge);
            open.refuse(&Deny::plain(487), edge);
        }
    }

    fn lines(&self, asked: &Asked, timer: Option<Terms>, edge: &Edge) -> String {
        let timer = timer.map(Terms::lines).unwrap_or_default();
        format!("{}{ALLOW}{SUPPORTED}{timer}", edge.contact(asked.hop))
    }
}
