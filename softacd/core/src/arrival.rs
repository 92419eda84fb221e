//! A call comes in: who calls, whom, by what right. It becomes a leg, or is refused without a trace.

use std::hash::{DefaultHasher, Hasher as _};

use ngcc_proto::access::{Caller, Event};
use ngcc_proto::{LegId, Mono, UserUri};

use crate::access::Access;
use crate::body;
use crate::clean;
use crate::deny::Deny;
use crate::dialog::Dialog;
use crate::incoming::Incoming;
use crate::leg::{Arrival, Arrived, Leg};
use crate::registrar::Proof;
use crate::sip::{NameAddr, Scheme, Uri};
use crate::transaction::hex16;

impl Access {
    /// Takes a new INVITE that is acceptable in itself.
    pub(crate) fn arrive(&mut self, incoming: &Incoming, at: Mono) -> Result<(), Deny> {
        if self.configured.is_none() {
            return Err(Deny::later(503, 1));
        }
        let (now, limits) = (self.edge.now.mono, &self.edge.settings.limits);
        self.admission
            .admit(self.legs.len(), at, now, limits, self.edge.ids.rng())
            .map_err(|seconds| Deny::later(503, seconds))?;
        let merged = call(incoming);
        // Our own INVITE come back, or the same one by a second path (RFC 3261 sections 8.2.2.2 and 16.3).
        let loops = hex16(incoming.their_tag()).is_some_and(|tag| self.legs.by_tag(tag).is_some());
        if loops || self.legs.by_call(merged).is_some() {
            return Err(Deny::plain(482));
        }
        let headers = &incoming.request.headers;
        let from = headers.from().map_err(|_| Deny::plain(400))?;
        let timer = Arrival::timer(incoming)?;
        body::reads_sdp(headers)?;
        let offer = body::sdp(headers, &incoming.request.body)?;
        let caller = self.caller(incoming, &from)?;
        let tag = self.edge.random();
        let dialog = Dialog::asked(headers, &from, incoming.call_id(), incoming.seq, tag, incoming.source)
            .ok_or_else(|| Deny::plain(400))?;
        let id: LegId = self.edge.ids.mint(self.edge.now.wall);
        let arrival = Arrival { dialog, merged, offer, timer };
        let mut leg = Arrived::take(id, &arrival, incoming, &mut self.edge);
        leg.store(&mut self.edge);
        let event = Event::Arrived {
            lang: None,
            medium: ngcc_proto::fact::Medium::Voice,
            beside: None,
            collab: None,
            leg: id,
            user: user(&from.uri),
            display: from.display.as_deref().and_then(clean::name),
            dialled: dialled(&incoming.request.uri),
            caller,
            offer: arrival.offer,
        };
        leg.who.tell(&mut self.edge, event);
        self.legs.insert(Leg::Arrived(Box::new(leg)));
        Ok(())
    }

    /// By what right somebody calls. A From that names a phone of ours must be proven; without credentials and
    /// without such a claim a caller is anonymous.
    pub(crate) fn caller(&mut self, incoming: &Incoming, from: &NameAddr) -> Result<Caller, Deny> {
        let claimed = from.uri.user.as_deref().filter(|_| self.is_ours(&from.uri));
        let claimed = claimed.filter(|user| self.registrar.guard.has_secret(user));
        let request = &incoming.request;
        let (now, realm) = (self.edge.now.mono, &self.edge.settings.realm);
        let guard = &mut self.registrar.guard;
        let stale = match guard.prove(request.headers.proxy_authorization(), realm, request, now) {
            Proof::Of(phone) if claimed.is_none_or(|c| c == phone) => return Ok(Caller::Phone(phone)),
            Proof::Of(_) => return Err(Deny::plain(403)),
            Proof::Missing if claimed.is_none() && self.edge.settings.anonymous => {
                return Ok(Caller::Anonymous);
            }
            Proof::Missing => false,
            Proof::Stale => true,
            Proof::Wrong => {
                self.admission.was_wrong(incoming.source.peer().ip(), now, &self.edge.settings.limits);
                false
            }
        };
        Err(Deny::with(407, guard.challenge(request, "Proxy-Authenticate", realm, stale, now)))
    }
}

/// What tells one call from another before it has a dialog: its Call-ID and its From tag.
fn call(incoming: &Incoming) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(incoming.call_id().as_bytes());
    hasher.write_u8(0xff);
    hasher.write(incoming.their_tag().as_bytes());
    hasher.finish()
}

/// Whom a URI names: a number, or an address.
pub(crate) fn user(uri: &Uri) -> UserUri {
    let clean = |text: &str| {
        text.chars().filter(|c| !c.is_control() && !c.is_whitespace()).take(120).collect::<String>()
    };
    let user = uri.user.as_deref().map(clean).unwrap_or_default();
    let number = if uri.scheme == Scheme::Tel { digits(&user) } else { user.clone() };
    if let Ok(number) = format!("tel:{number}").parse() {
        return number;
    }
    let host = clean(&uri.host.to_string());
    let address = if user.is_empty() { host } else { format!("{user}@{host}") };
    let address = if address.is_empty() { "anonymous".to_owned() } else { address };
    UserUri::Sip(address)
}

/// What was dialled: the user part; of a telephone number without its visual separators.
pub(crate) fn dialled(uri: &Uri) -> String {
    let user = uri.user.as_deref().unwrap_or_default();
    if uri.scheme == Scheme::Tel { digits(user) } else { user.to_owned() }
}

fn digits(number: &str) -> String {
    number.chars().filter(|c| !"-.()".contains(*c)).collect()
}
