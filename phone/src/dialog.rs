//! A dialog (RFC 3261 section 12): who is who, which number comes next, and the way back.

use std::net::SocketAddr;

use crate::line::{Line, next_hop};
use crate::message::{self, Message};

pub(crate) struct Dialog {
    pub(crate) call_id: String,
    pub(crate) own_tag: String,
    /// From of what the phone sends in it, tag included.
    own: String,
    /// To of what the phone sends in it; the tag comes with the first answer.
    pub(crate) remote: String,
    target: String,
    routes: Vec<String>,
    pub(crate) cseq: u32,
    pub(crate) remote_cseq: u32,
}

impl Dialog {
    /// Of the phone's own INVITE, before any answer.
    pub(crate) fn calling(invite: &Message) -> Self {
        let header = |name| invite.header(name).unwrap_or_default().to_owned();
        Self {
            call_id: header("Call-ID"),
            own_tag: invite.tag("From").unwrap_or_default().to_owned(),
            own: header("From"),
            remote: header("To"),
            target: message::uri(&header("To")).to_owned(),
            routes: Vec::new(),
            cseq: invite.cseq(),
            remote_cseq: 0,
        }
    }

    /// Of an INVITE that came.
    pub(crate) fn called(invite: &Message, own_tag: &str) -> Self {
        let header = |name| invite.header(name).unwrap_or_default().to_owned();
        Self {
            call_id: header("Call-ID"),
            own_tag: own_tag.to_owned(),
            own: format!("{};tag={own_tag}", header("To")),
            remote: header("From"),
            target: message::uri(&header("Contact")).to_owned(),
            routes: invite.all("Record-Route").flat_map(routes).collect(),
            cseq: 100,
            remote_cseq: invite.cseq(),
        }
    }

    /// Takes the callee's tag, target and routes from an answer to the phone's INVITE.
    pub(crate) fn confirm(&mut self, answer: &Message) {
        if let Some(to) = answer.header("To") {
            self.remote = to.to_owned();
        }
        self.retarget(answer);
        let mut back: Vec<String> = answer.all("Record-Route").flat_map(routes).collect();
        back.reverse();
        self.routes = back;
    }

    /// Takes a new target from a re-INVITE, an UPDATE or their answers.
    pub(crate) fn retarget(&mut self, message: &Message) {
        if let Some(contact) = message.header("Contact") {
            self.target = message::uri(contact).to_owned();
        }
    }

    /// The next request in it, and where it goes.
    pub(crate) fn request(&mut self, line: &Line, method: &str) -> (Message, SocketAddr) {
        self.cseq += 1;
        let cseq = self.cseq;
        self.numbered(line, method, cseq)
    }

    /// A request with a given number: an ACK has its INVITE's.
    pub(crate) fn numbered(&self, line: &Line, method: &str, cseq: u32) -> (Message, SocketAddr) {
        let mut request = Message::request(method, &self.target)
            .with("Via", line.via())
            .with("Max-Forwards", "70")
            .with("From", &*self.own)
            .with("To", &*self.remote)
            .with("Call-ID", &*self.call_id)
            .with("CSeq", format!("{cseq} {method}"))
            .with("Contact", line.contact());
        for route in &self.routes {
            request = request.with("Route", &**route);
        }
        let hop = self.routes.first().map_or(self.target.as_str(), |r| message::uri(r));
        (request, next_hop(line, hop))
    }

    /// What names this dialog in a Replaces header of a third party.
    pub(crate) fn replaces(&self) -> String {
        let remote_tag = message::param(&self.remote, "tag").unwrap_or_default();
        format!("{};to-tag={remote_tag};from-tag={}", self.call_id, self.own_tag)
    }
}

/// The entries of one Route or Record-Route header line.
fn routes(value: &str) -> Vec<String> {
    value.split(",").map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()).collect()
}
