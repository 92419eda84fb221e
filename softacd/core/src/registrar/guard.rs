//! Who proves to be a phone of ours (RFC 3261 section 22, RFC 8760): SHA-256 is asked for first, MD5 is
//! taken. A name that is not known goes the same way in the same time as a wrong secret.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ngcc_proto::config::PhoneAccount;
use ngcc_proto::{Mono, Rng};

use super::nonce::{Nonces, Worth};
use crate::sip::digest::{Algorithm, Challenge, Credentials};
use crate::sip::{Request, Uri};

/// Phones and their secrets.
#[derive(Debug)]
pub(crate) struct Guard {
    nonces: Nonces,
    /// Stands in for the secret of a name that is not known.
    nobody: String,
    phones: BTreeMap<String, PhoneAccount>,
}

/// What credentials prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The secret of this phone.
    Of(String),
    /// The right secret on a nonce that is used up.
    Stale,
    /// Nothing: they are wrong.
    Wrong,
    /// There are none.
    Missing,
}

impl Guard {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let nobody = format!("{:032x}", rng.u128());
        Self { nonces: Nonces::new(rng), nobody, phones: BTreeMap::new() }
    }

    /// Takes what is configured.
    pub(crate) fn configure(&mut self, phones: Vec<PhoneAccount>) {
        self.phones = phones.into_iter().map(|p| (p.name.clone(), p)).collect();
    }

    pub(crate) fn phone(&self, name: &str) -> Option<&PhoneAccount> {
        self.phones.get(name)
    }

    /// Whether a phone of that name can prove itself.
    pub(crate) fn has_secret(&self, name: &str) -> bool {
        self.phone(name).is_some_and(|p| p.ha1_sha256.is_some() || p.ha1_md5.is_some())
    }

    /// The challenge lines of a 401 (`WWW-Authenticate`) or 407 (`Proxy-Authenticate`) to `request`.
    pub(crate) fn challenge(
        &mut self,
        request: &Request,
        header: &str,
        realm: &str,
        stale: bool,
        now: Mono,
    ) -> String {
        let nonce = self.nonces.make(now);
        let mut lines = String::with_capacity(320);
        for &algorithm in algorithms(request) {
            let challenge = Challenge {
                realm: realm.to_owned(),
                nonce: nonce.clone(),
                algorithm,
                opaque: None,
                auth: true,
                stale,
            };
            // Writing to a String cannot fail.
            let _ = write!(lines, "{header}: {challenge}\r\n");
        }
        lines
    }

    /// What the first credentials for our realm prove about `request`.
    pub(crate) fn prove(
        &mut self,
        mut credentials: impl Iterator<Item = Credentials>,
        realm: &str,
        request: &Request,
        now: Mono,
    ) -> Proof {
        let Some(given) = credentials.find(|c| c.realm == realm) else { return Proof::Missing };
        let account = self.phones.get(&given.username);
        let ha1 = account.and_then(|p| match given.algorithm {
            Algorithm::Sha256 => p.ha1_sha256.as_deref(),
            Algorithm::Md5 => p.ha1_md5.as_deref(),
        });
        let right = given.prove(ha1.unwrap_or(&self.nobody), &request.method);
        let count = given.qop.as_ref().and_then(|q| q.count());
        match (right && ha1.is_some() && is_about(&given.uri, &request.uri), count) {
            (true, Some(count)) => match self.nonces.spend(&given.nonce, count, now) {
                Worth::Fresh => Proof::Of(given.username),
                Worth::Stale => Proof::Stale,
            },
            // Without a count the same proof could be sent again.
            (true, None) | (false, _) => Proof::Wrong,
        }
    }
}

/// What a client is asked for, the better one first. Some give up where anything but MD5 is asked for, instead of
/// passing over what they do not know (RFC 8760 section 2.3); MD5 would be taken from them in any case.
fn algorithms(request: &Request) -> &'static [Algorithm] {
    const GIVE_UP: [&str; 2] = ["baresip v0.", "baresip v1."];
    let agent = request.headers.get("User-Agent").unwrap_or_default();
    if GIVE_UP.iter().any(|old| agent.starts_with(old)) {
        return &[Algorithm::Md5];
    }
    &[Algorithm::Sha256, Algorithm::Md5]
}

/// Whether the digest's URI is the request's: the same text, or at least the same user and host.
fn is_about(text: &str, uri: &Uri) -> bool {
    text == uri.as_str()
        || text.parse::<Uri>().is_ok_and(|told| told.user == uri.user && told.host == uri.host)
}
