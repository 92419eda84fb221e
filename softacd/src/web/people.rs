//! Who a browser says it is, and what proves it.

use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::collab::Who;
use ngcc_proto::contact::{Evidence, Given, Noted};
use ngcc_proto::{CollabId, Secret, UserUri};
use ngcc_runtime::{Bearer, RtcClaims};
use ngcc_softacd_core::web::{Owner, Peer, Shut};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::auth::{Auth, Identity};
use super::wire::dials;
use super::{Doors, jwt};

/// The longest id of a customer, in bytes.
const LONGEST_ID: usize = 128;

/// The claims of a visitor's token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct VisitorClaims {
    /// The visitor's id.
    pub(super) visitor: String,
    /// The origin of the pages it is good on.
    pub(super) origin: String,
}

impl VisitorClaims {
    /// The purpose of their sealer.
    pub(super) const PURPOSE: &'static str = "visitor";
    /// How long a token is good, in milliseconds.
    pub(super) const GOOD_MS: i64 = 30 * 24 * 3600 * 1000;

    /// By what name files know the visitor.
    pub(super) fn reader(&self) -> String {
        format!("web:{}", self.visitor)
    }
}

/// Why somebody is not let in: the code and the words of the `error` frame before the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Denied {
    pub(super) code: &'static str,
    pub(super) detail: &'static str,
    pub(super) why: Shut,
}

impl Denied {
    const fn because(code: &'static str, detail: &'static str) -> Self {
        Self { code, detail, why: Shut::Unauthenticated }
    }

    const TOKEN: Self = Self::because("token", "the token is not good here: ask for another");
}

/// Why what a page says of its user is not noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclaimed {
    /// It says something too often.
    Often,
    /// There are too many attributes.
    Many,
    /// The database does not answer.
    Later,
}

impl Unclaimed {
    /// The code and the words of the `error` frame.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Often => ("too_many", "attributes are set too often: wait a minute"),
            Self::Many => ("too_many", "a page sets at most 32 attributes"),
            Self::Later => ("unavailable", "attributes cannot be kept now: set them again"),
        }
    }
}

impl Doors {
    /// The visitor whose token this is, on a page of `origin`.
    pub(super) fn visitor(&self, token: &str, origin: &str) -> Option<VisitorClaims> {
        let claims: VisitorClaims = self.visitors.open(token, self.clock.now().wall).ok()?;
        (claims.origin == origin).then_some(claims)
    }

    /// Lets a customer's page in.
    pub(super) fn admit_page(&self, auth: Auth, origin: &str) -> Result<(VisitorClaims, Peer), Denied> {
        let claims = self.visitor(&auth.token, origin).ok_or(Denied::TOKEN)?;
        if !dials(&auth.entry) {
            return Err(Denied::because("bad", "`entry` is no number that can be dialled"));
        }
        let page = UserUri::Web(claims.visitor.clone());
        let (user, known) = match auth.identity {
            Some(identity) => self.customer(identity, &page)?,
            None => (page, None),
        };
        Ok((claims, Peer::Chat { user, entry: auth.entry, name: known.or(auth.name), lang: auth.lang }))
    }

    /// The customer whom an identity proves; it is noted that whoever comes by `page` is them.
    fn customer(&self, identity: Identity, page: &UserUri) -> Result<(UserUri, Option<String>), Denied> {
        let Some(secret) = &self.web.identity_secret else {
            return Err(Denied::because("identity_off", "no identity secret is configured on the server"));
        };
        let (id, name, proved, attributes) = match identity {
            Identity::Token { jwt } => {
                let read = jwt::read(secret.expose().as_bytes(), &jwt, self.clock.now().wall);
                let claims = read.map_err(|bad| Denied::because("identity", bad.detail()))?;
                (claims.sub, claims.name, true, claims.attributes)
            }
            Identity::Hash { id, name, hash } => {
                if !proves(secret, &id, &hash) {
                    return Err(Denied::because("identity", "the identity's hash does not prove it"));
                }
                (id, name, false, None)
            }
        };
        let short = id.len() <= LONGEST_ID;
        let customer: Option<UserUri> = format!("customer:{id}").parse().ok().filter(|_| short);
        let customer = customer.ok_or(Denied::because("identity", "the identity's id cannot be used"))?;
        self.witness.tell(Evidence::Proved {
            customer: customer.clone(),
            on: page.clone(),
            name: name.clone().map(|name| (name, proved)),
            attributes,
        });
        Ok((customer, name))
    }

    /// Notes what a page says of its user.
    pub(super) async fn claimed(
        &self,
        user: &UserUri,
        reader: &str,
        attributes: Given,
    ) -> Result<(), Unclaimed> {
        if !self.claimants().may(reader.to_owned(), self.clock.now().mono) {
            return Err(Unclaimed::Often);
        }
        match self.witness.told(Evidence::Claimed { user: user.clone(), attributes }).await {
            Some(Noted::Kept) => Ok(()),
            Some(Noted::Refused) => Err(Unclaimed::Many),
            Some(Noted::Later) | None => Err(Unclaimed::Later),
        }
    }

    /// Lets a browser in that carries calls, or the pictures of `collab` alone.
    pub(super) fn admit_calls(&self, token: &str, collab: Option<CollabId>) -> Result<Owner, Denied> {
        let now = self.clock.now().wall;
        let claims: RtcClaims = self.rtc.open(token, now).map_err(|_| Denied::TOKEN)?;
        if !self.once().take(claims.once, now) {
            return Err(Denied::TOKEN);
        }
        Ok(match (claims.who, collab) {
            (Bearer::User(user), None) => Owner::User(user),
            (Bearer::Agent(agent), None) => Owner::Agent(agent),
            (Bearer::User(user), Some(collab)) => Owner::Screen { collab, who: Who::User(user) },
            (Bearer::Agent(agent), Some(collab)) => Owner::Screen { collab, who: Who::Agent(agent) },
        })
    }

    /// A token for the calls of a customer.
    pub(super) fn rtc_token(&self, user: &UserUri) -> String {
        let now = self.clock.now().wall;
        let claims = RtcClaims { who: Bearer::User(user.clone()), once: self.mint() };
        self.rtc.seal(&claims, ngcc_proto::Wall(now.0 + RtcClaims::GOOD_MS))
    }
}

/// Whether `hash` is the HMAC-SHA256 of `id` in hexadecimal digits; compared in constant time.
fn proves(secret: &Secret, id: &str, hash: &str) -> bool {
    let digits = hash.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let pair = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok());
    let Some(bytes) = digits.chunks(2).map(pair).collect::<Option<Vec<u8>>>() else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(id.as_bytes());
    mac.verify_slice(&bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_proves_its_own_id_only() {
        // RFC 4231, test case 2.
        let (secret, id) = (Secret::new("Jefe"), "what do ya want for nothing?");
        let hash = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(proves(&secret, id, hash));
        assert!(!proves(&secret, "somebody else", hash));
        assert!(!proves(&Secret::new("other"), id, hash));
        for bad in ["", &hash[1..], &hash[2..], &"g".repeat(64), &"é".repeat(32)] {
            assert!(!proves(&secret, id, bad), "{bad}");
        }
    }
}
