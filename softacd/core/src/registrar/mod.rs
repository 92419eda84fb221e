//! The registrar (RFC 3261 section 10): who is a phone of ours, and where it is.

mod bindings;
mod guard;
mod nonce;

use std::fmt::Write as _;
use std::time::Duration;

use ngcc_proto::Rng;

pub(crate) use bindings::{Binding, Bindings};
pub(crate) use guard::{Guard, Proof};

use crate::deny::Deny;
use crate::edge::Edge;
use crate::hop::Hop;
use crate::incoming::Incoming;
use crate::sip::{Contacts, NameAddr, Uri};

/// The shortest registration we take, in seconds.
const MIN_EXPIRES: u32 = 10;
/// What is granted where nothing is asked for.
const DEFAULT_EXPIRES: u32 = 60;
/// The most that is granted.
const MAX_EXPIRES: u32 = 3600;
/// The most Contacts that one REGISTER is read for.
const MOST_CONTACTS: usize = 20;

/// Phones, their secrets and their bindings.
#[derive(Debug)]
pub(crate) struct Registrar {
    pub(crate) guard: Guard,
    pub(crate) bindings: Bindings,
}

impl Registrar {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        Self { guard: Guard::new(rng), bindings: Bindings::default() }
    }

    /// The bindings of phones that are no longer configured go.
    pub(crate) fn prune(&mut self, edge: &mut Edge) {
        let gone: Vec<String> =
            self.bindings.phones().filter(|p| self.guard.phone(p).is_none()).cloned().collect();
        gone.iter().for_each(|phone| self.bindings.set(phone, vec![], edge));
    }

    /// Where the phone is called: where it registered, else its fixed contact. Empty: nowhere.
    pub(crate) fn targets(&self, phone: &str) -> Vec<(Uri, Option<Hop>)> {
        let Some(account) = self.guard.phone(phone) else { return vec![] };
        let bound = self.bindings.of(phone).iter();
        let bound: Vec<_> = bound.filter_map(|b| Some((b.uri.parse().ok()?, Some(b.hop)))).collect();
        if !bound.is_empty() {
            return bound;
        }
        let fixed = account.contact.as_deref().and_then(|c| c.parse::<Uri>().ok()).filter(Uri::is_sip);
        fixed.map(|uri| (Hop::of(&uri), uri)).map(|(hop, uri)| (uri, hop)).into_iter().collect()
    }

    /// Does a REGISTER of the phone `phone`, which has proved its secret: the lines of the 200.
    pub(crate) fn register(
        &mut self,
        phone: &str,
        incoming: &Incoming,
        edge: &mut Edge,
    ) -> Result<String, Deny> {
        let headers = &incoming.request.headers;
        let aor = headers.to().map_err(|_| Deny::plain(400))?;
        if aor.uri.user.as_deref() != Some(phone) {
            return Err(Deny::plain(403));
        }
        match headers.contacts().map_err(|_| Deny::plain(400))? {
            Contacts::Any if headers.expires() == Some(0) => self.bindings.set(phone, vec![], edge),
            Contacts::Any => return Err(Deny::plain(400)),
            Contacts::These(contacts) if contacts.is_empty() => {}
            Contacts::These(contacts) => {
                let list = self.changed(phone, &contacts, incoming, edge)?;
                self.bindings.set(phone, list, edge);
            }
        }
        Ok(self.lines(phone, edge))
    }

    /// The bindings as the REGISTER makes them: all of it or nothing.
    fn changed(
        &self,
        phone: &str,
        contacts: &[NameAddr],
        incoming: &Incoming,
        edge: &Edge,
    ) -> Result<Vec<Binding>, Deny> {
        if contacts.len() > MOST_CONTACTS {
            return Err(Deny::plain(400));
        }
        let headers = &incoming.request.headers;
        let mut list = self.bindings.of(phone).to_vec();
        for contact in contacts {
            if !contact.uri.is_sip() {
                return Err(Deny::plain(400));
            }
            let own = contact.params.get("expires").map(|e| e.parse().unwrap_or(DEFAULT_EXPIRES));
            let expires = own.or_else(|| headers.expires()).unwrap_or(DEFAULT_EXPIRES).min(MAX_EXPIRES);
            if (1..MIN_EXPIRES).contains(&expires) {
                return Err(Deny::with(423, format!("Min-Expires: {MIN_EXPIRES}\r\n")));
            }
            let old = list.iter().position(|b| b.uri == contact.uri.as_str()).map(|at| list.remove(at));
            if old.is_some_and(|old| old.call_id == incoming.call_id() && incoming.seq <= old.seq) {
                // RFC 3261 section 10.3: an older request that comes late changes nothing.
                return Err(Deny::plain(500));
            }
            if expires == 0 {
                continue;
            }
            list.push(Binding {
                uri: contact.uri.as_str().to_owned(),
                hop: incoming.source.for_contact(&contact.uri),
                call_id: incoming.call_id().to_owned(),
                seq: incoming.seq,
                until: edge.now.mono + Duration::from_secs(u64::from(expires)),
            });
        }
        // A phone that comes back under new addresses leaves its old ones behind: the first to lapse go.
        list.sort_by_key(|b| b.until);
        let over = list.len().saturating_sub(edge.settings.limits.bindings_per_phone);
        list.drain(..over);
        Ok(list)
    }

    fn lines(&self, phone: &str, edge: &Edge) -> String {
        let mut lines = String::new();
        for b in self.bindings.of(phone) {
            let left = b.until.since(edge.now.mono).as_secs();
            // Writing to a String cannot fail.
            let _ = write!(lines, "Contact: <{}>;expires={left}\r\n", b.uri);
        }
        lines
    }
}
