//! The transfer key of a phone (REFER, RFC 3515, RFC 3891, RFC 4488): put to cti, whose news go back by NOTIFY.

use std::fmt::Write as _;

use ngcc_proto::LegId;
use ngcc_proto::access::{Cause, Event};
use serde::{Deserialize, Serialize};

use super::up::Up;
use crate::deny::Deny;
use crate::dialog::Says;
use crate::edge::Edge;
use crate::incoming::Incoming;
use crate::reject;
use crate::sip::{NameAddr, reason_of};
use crate::transaction::request::Purpose;

/// A transfer that the other side has asked for and hears about.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Transfer {
    /// The number of the REFER, which names the subscription.
    id: u32,
}

/// Where a REFER wants the call to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// A number of ours, or a whole URI.
    pub(crate) to: String,
    /// The leg of ours that it names by its dialog.
    pub(crate) replaces: Option<LegId>,
}

impl Up {
    /// A REFER whose target has been read.
    pub(crate) fn referred(&mut self, incoming: &Incoming, wanted: Wanted, edge: &mut Edge) {
        if !self.dialog.take_number(incoming.seq) {
            return incoming.deny(edge, &Deny::later(500, 1));
        }
        if self.transfer.is_some() {
            return incoming.deny(edge, &Deny::later(500, 5));
        }
        let silent =
            incoming.request.headers.get("Refer-Sub").is_some_and(|v| v.trim().eq_ignore_ascii_case("false"));
        let mut lines = edge.contact(incoming.asked.hop);
        if silent {
            lines.push_str("Refer-Sub: false\r\n");
        }
        self.transfer = (!silent).then_some(Transfer { id: incoming.seq });
        self.store(edge);
        incoming.done(edge, 202, &lines, None);
        // RFC 3515 section 2.4.4: the subscription's state at once.
        self.notify(None, edge);
        let leg = self.who.id;
        let Wanted { to, replaces } = wanted;
        self.who.tell(edge, Event::TransferAsked { leg, to, replaces });
    }

    /// cti's news of the transfer.
    pub(super) fn transfer_told(&mut self, ended: Option<Cause>, edge: &mut Edge) {
        self.notify(ended, edge);
        if ended.is_some() {
            self.transfer = None;
            self.store(edge);
        }
    }

    fn notify(&mut self, ended: Option<Cause>, edge: &mut Edge) {
        let Some(transfer) = &self.transfer else { return };
        let status = ended.map_or(100, reject::transfer);
        let state = if ended.is_some() { "terminated;reason=noresource" } else { "active;expires=180" };
        let mut lines = edge.contact(self.dialog.hop);
        // Writing to a String cannot fail.
        let _ = write!(lines, "Event: refer;id={}\r\nSubscription-State: {state}\r\n", transfer.id);
        let fragment = format!("SIP/2.0 {status} {}\r\n", reason_of(status));
        let says = Says { lines: &lines, body: Some(("message/sipfrag;version=2.0", &fragment)) };
        let (seq, store) = self.dialog.next_number();
        if store {
            self.store(edge);
        }
        let number = edge.random();
        let bytes = self.dialog.request(edge, "NOTIFY", seq, number, &says);
        edge.ask(number, self.who.id, Purpose::Notify, &mut self.dialog.hop, bytes);
    }
}

/// The one target of a REFER.
pub(crate) fn target(incoming: &Incoming) -> Result<NameAddr, Deny> {
    // Exactly one, and one that can be called (RFC 3515 section 2.4.1).
    incoming.request.headers.refer_to().map_err(|_| Deny::plain(400))
}
