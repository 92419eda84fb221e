//! A request in hand: what was read of it once, and how it is answered.

use bytes::Bytes;

use crate::deny::Deny;
use crate::edge::Edge;
use crate::hop::Hop;
use crate::sip::{Method, Request};
use crate::transaction::TxKey;
use crate::transaction::asked::{Asked, complete, key, way_back};

/// A request that came to us.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) request: Request,
    pub(crate) key: TxKey,
    pub(crate) asked: Asked,
    /// Where it came from.
    pub(crate) source: Hop,
    /// The number of its CSeq.
    pub(crate) seq: u32,
}

impl Incoming {
    /// Reads what every request needs. None: it lacks what the parser has let through unseen.
    pub(crate) fn read(mut request: Request, source: Hop) -> Option<Self> {
        let mut via = request.headers.top_via().ok()?;
        let (seq, _) = request.headers.cseq().ok()?;
        let call_id = request.headers.call_id().ok()?;
        let key = key(&request.method, &via, call_id, request.headers.from_tag().unwrap_or_default(), seq);
        if complete(&mut via, source.peer()) {
            request.headers.set_top_via(&via);
        }
        let asked = Asked::of(&request.headers, request.headers.to_tag().is_some(), way_back(&via, source));
        Some(Self { request, key, asked, source, seq })
    }

    pub(crate) fn is_invite(&self) -> bool {
        self.request.method == Method::Invite
    }

    pub(crate) fn call_id(&self) -> &str {
        self.request.headers.call_id().unwrap_or_default()
    }

    pub(crate) fn their_tag(&self) -> &str {
        self.request.headers.from_tag().unwrap_or_default()
    }

    /// Sends a response that needs no transaction.
    pub(crate) fn say(&self, edge: &mut Edge, bytes: Bytes) {
        let mut hop = self.asked.hop;
        edge.send(&mut hop, bytes);
    }

    /// Does what a request other than INVITE asks: its final response, remembered for its repeats.
    pub(crate) fn done(&self, edge: &mut Edge, status: u16, lines: &str, sdp: Option<&str>) {
        let bytes = self.asked.reply(status, Some(self.tag()), lines, sdp);
        self.say(edge, bytes.clone());
        edge.finish(self.key, self.asked.hop, bytes);
    }

    /// Refuses a request within a dialog.
    pub(crate) fn deny(&self, edge: &mut Edge, deny: &Deny) {
        if self.is_invite() {
            let bytes = self.asked.reply(deny.status, None, &deny.lines, None);
            edge.refuse(self.key, self.asked.hop, bytes);
        } else {
            self.done(edge, deny.status, &deny.lines, None);
        }
    }

    /// Refuses what comes while another offer is open (RFC 3261 section 14.2).
    pub(crate) fn busy(&self, edge: &mut Edge) {
        let seconds = edge.ids.rng().below(11);
        self.deny(edge, &Deny::later(500, seconds));
    }

    /// Answers without keeping anything (RFC 3261 section 8.2.7): a repeat is answered anew, in the same words.
    pub(crate) fn answer(&self, edge: &mut Edge, deny: &Deny) {
        self.say(edge, self.asked.reply(deny.status, Some(self.tag()), &deny.lines, None));
    }

    /// Our To tag where no dialog comes of it: the same for every repeat.
    fn tag(&self) -> u64 {
        self.key.0
    }
}
