//! What a request is answered: those of a dialog go to their leg, new ones are taken or refused in the order
//! of RFC 3261 section 8.2. What is refused here leaves nothing behind.

use ngcc_proto::Mono;

use crate::access::Access;
use crate::deny::Deny;
use crate::edge::{ALLOW, SDP, SUPPORTED};
use crate::hop::Hop;
use crate::incoming::Incoming;
use crate::leg::{Leg, Wanted, transfer_target, unsupported};
use crate::registrar::Proof;
use crate::sip::{Method, Request, Scheme, Uri, replaces_parts};
use crate::transaction::hex16;
use crate::transaction::served::Stage;

impl Access {
    pub(crate) fn request(&mut self, request: Request, source: Hop, at: Mono) {
        let Some(incoming) = Incoming::read(request, source) else { return };
        match incoming.request.method {
            Method::Ack => self.ack(incoming),
            Method::Cancel => self.cancel(&incoming),
            Method::Invite
            | Method::Bye
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
                if !self.is_repeat(&incoming) {
                    match incoming.request.headers.to_tag().map(hex16) {
                        Some(tag) => self.in_dialog(tag, incoming),
                        None => self.out_of_dialog(&incoming, at),
                    }
                }
            }
        }
    }

    /// A repeat of what is in work or done gets the same answer again.
    fn is_repeat(&mut self, incoming: &Incoming) -> bool {
        match self.edge.served.stage(incoming.key) {
            None => return false,
            Some(Stage::Working(id)) => {
                if let Some(Leg::Arrived(leg)) = self.legs.get(*id) {
                    leg.again(&mut self.edge);
                }
            }
            Some(Stage::Answered(bytes)) => {
                let bytes = bytes.clone();
                incoming.say(&mut self.edge, bytes);
            }
            Some(Stage::Refused(_)) => self.edge.refuse_again(incoming.key),
            Some(Stage::Storing | Stage::Over) => {}
        }
        true
    }

    fn ack(&mut self, incoming: Incoming) {
        if self.edge.refusal_acknowledged(incoming.key) {
            return;
        }
        let tag = incoming.request.headers.to_tag().and_then(hex16);
        let Some(id) = tag.and_then(|tag| self.legs.by_tag(tag)) else { return };
        let edge = &mut self.edge;
        self.legs
            .step(id, |leg| if belongs(&leg, &incoming) { leg.request(incoming, edge) } else { Some(leg) });
    }

    fn cancel(&mut self, incoming: &Incoming) {
        let working = match self.edge.served.stage(incoming.key) {
            None => return incoming.answer(&mut self.edge, &Deny::plain(481)),
            Some(Stage::Working(id)) => Some(*id),
            // Too late: it has its final answer.
            Some(Stage::Storing | Stage::Answered(_) | Stage::Refused(_) | Stage::Over) => None,
        };
        let tag = working.and_then(|id| self.legs.get(id)).map(Leg::tag);
        incoming.say(&mut self.edge, incoming.asked.reply(200, tag.or(Some(incoming.key.0)), "", None));
        if let Some(id) = working {
            let edge = &mut self.edge;
            self.legs.step(id, |leg| leg.cancelled(edge));
        }
    }

    fn in_dialog(&mut self, tag: Option<u64>, incoming: Incoming) {
        let id = tag.and_then(|tag| self.legs.by_tag(tag));
        let Some(id) = id.filter(|id| self.legs.get(*id).is_some_and(|leg| belongs(leg, &incoming))) else {
            return incoming.answer(&mut self.edge, &Deny::plain(481));
        };
        if let Some(deny) = unsupported(&incoming) {
            return incoming.deny(&mut self.edge, &deny);
        }
        if incoming.request.method != Method::Refer || !matches!(self.legs.get(id), Some(Leg::Up(_))) {
            let edge = &mut self.edge;
            return self.legs.step(id, |leg| leg.request(incoming, edge));
        }
        match self.wanted(&incoming) {
            Err(deny) => incoming.deny(&mut self.edge, &deny),
            Ok(wanted) => {
                if let Some(Leg::Up(up)) = self.legs.get_mut(id) {
                    up.referred(&incoming, wanted, &mut self.edge);
                }
            }
        }
    }

    /// Where a REFER wants the call to go.
    fn wanted(&self, incoming: &Incoming) -> Result<Wanted, Deny> {
        let uri = transfer_target(incoming)?.uri;
        let ours = self.is_ours(&uri);
        let to = match (&uri.user, ours) {
            (Some(user), true) => user.clone(),
            (_, _) => uri.as_str().split('?').next().unwrap_or_default().to_owned(),
        };
        let Some(named) = uri.header("Replaces") else { return Ok(Wanted { to, replaces: None }) };
        let (call_id, to_tag, from_tag) = replaces_parts(&named).ok_or_else(|| Deny::plain(400))?;
        // Who writes it sees the dialog from the other side (RFC 3891 section 3); either reading names one leg.
        let find = |ours: &str, theirs: &str| {
            let id = self.legs.by_tag(hex16(ours)?)?;
            self.legs.get(id)?.dialog()?.is_of(&call_id, theirs).then_some(id)
        };
        let replaces = find(&to_tag, &from_tag).or_else(|| find(&from_tag, &to_tag));
        if replaces.is_none() && ours {
            return Err(Deny::plain(481));
        }
        Ok(Wanted { to, replaces })
    }

    fn out_of_dialog(&mut self, incoming: &Incoming, at: Mono) {
        if self.admission.is_banned(incoming.source.peer().ip(), self.edge.now.mono) {
            return;
        }
        let done = match incoming.request.method {
            Method::Invite => self.acceptable(incoming).and_then(|()| self.arrive(incoming, at)),
            Method::Register => self.acceptable(incoming).and_then(|()| self.register(incoming)),
            Method::Options => self.acceptable(incoming).map(|()| self.options(incoming)),
            Method::Bye | Method::Update | Method::Prack | Method::Info | Method::Refer => {
                Err(Deny::plain(481))
            }
            Method::Message => self.acceptable(incoming).and_then(|()| self.texted(incoming, at)),
            Method::Notify | Method::Subscribe | Method::Publish => Err(Deny::method()),
            Method::Other(_) => Err(Deny::with(501, ALLOW)),
            Method::Ack | Method::Cancel => Ok(()),
        };
        if let Err(deny) = done {
            incoming.answer(&mut self.edge, &deny);
        }
    }

    /// What every new request must be.
    fn acceptable(&self, incoming: &Incoming) -> Result<(), Deny> {
        let request = &incoming.request;
        // We would send a call on as one of our own (RFC 7332): a chain of such servers must come to an end.
        // What ends here is done, whatever it says (RFC 4475 section 3.3.11).
        if incoming.is_invite() && request.headers.max_forwards() == Some(0) {
            return Err(Deny::plain(483));
        }
        match request.uri.scheme {
            Scheme::Sip | Scheme::Tel => {}
            Scheme::Sips | Scheme::Other(_) => return Err(Deny::plain(416)),
        }
        if !self.is_ours(&request.uri) {
            return Err(Deny::plain(404));
        }
        unsupported(incoming).map_or(Ok(()), Err)
    }

    /// Whether a URI's host is one of our names or addresses; a telephone number has none.
    pub(crate) fn is_ours(&self, uri: &Uri) -> bool {
        if uri.scheme == Scheme::Tel {
            return true;
        }
        let settings = &self.edge.settings;
        match uri.host.ip() {
            Some(ip) => {
                settings.addresses.contains(&ip)
                    || settings.udp.iter().chain(settings.tcp.as_ref()).any(|a| a.ip() == ip)
                    || settings.domains.iter().any(|d| uri.host.is(d))
            }
            None => settings.domains.iter().any(|d| uri.host.is(d)),
        }
    }

    fn options(&mut self, incoming: &Incoming) {
        let lines = format!("{ALLOW}{SUPPORTED}Accept: {SDP}\r\nAccept-Encoding: identity\r\n");
        incoming.answer(&mut self.edge, &Deny::with(200, lines));
    }

    fn register(&mut self, incoming: &Incoming) -> Result<(), Deny> {
        if self.configured.is_none() {
            return Err(Deny::later(503, 1));
        }
        let request = &incoming.request;
        let (now, realm) = (self.edge.now.mono, &self.edge.settings.realm);
        let guard = &mut self.registrar.guard;
        let stale = match guard.prove(request.headers.authorization(), realm, request, now) {
            Proof::Of(phone) => {
                let lines = self.registrar.register(&phone, incoming, &mut self.edge)?;
                incoming.done(&mut self.edge, 200, &lines, None);
                return Ok(());
            }
            Proof::Stale => true,
            Proof::Missing => false,
            Proof::Wrong => {
                self.admission.was_wrong(incoming.source.peer().ip(), now, &self.edge.settings.limits);
                false
            }
        };
        Err(Deny::with(401, guard.challenge(request, "WWW-Authenticate", realm, stale, now)))
    }
}

fn belongs(leg: &Leg, incoming: &Incoming) -> bool {
    leg.dialog().is_some_and(|d| d.is_of(incoming.call_id(), incoming.their_tag()))
}
