//! Sealed tokens: claims that their bearer can read and nobody can change, with an end. Who issues one and
//! who opens it need not be the same role: both derive the key from the data directory.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ngcc_proto::{AgentUri, MessageId, UserUri, Wall};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::StartError;
use crate::house::House;
use crate::key::mac;

/// The longest token that is looked at.
const LONGEST: usize = 2048;

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadToken {
    /// It was not sealed with this key, or has been changed.
    #[error("the token is not one of ours")]
    Foreign,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

/// Whose calls a browser carries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// A customer: a visitor of a page, or one the page knows.
    User(UserUri),
    /// An agent, who signed in.
    Agent(AgentUri),
}

/// The claims of a token of purpose [`RtcClaims::PURPOSE`]: it opens `/ws/rtc` once, within
/// [`RtcClaims::GOOD_MS`] milliseconds. Whoever has signed a person in seals one for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtcClaims {
    /// Whose calls.
    pub who: Bearer,
    /// Freshly minted at the present time: the token is good for one use, and for none after a restart of
    /// the one who opens it.
    pub once: MessageId,
}

impl RtcClaims {
    /// The purpose of their [`Sealer`].
    pub const PURPOSE: &'static str = "rtc";
    /// How long a token is good, in milliseconds.
    pub const GOOD_MS: i64 = 60_000;
}

/// Seals and opens the tokens of one purpose.
#[derive(Clone)]
pub struct Sealer {
    key: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    claims: T,
    until: Wall,
}

impl Sealer {
    /// The sealer of `purpose` in this house; the same after every start.
    ///
    /// # Errors
    /// The house's key cannot be read.
    pub fn of(house: &House, purpose: &str) -> Result<Self, StartError> {
        Ok(Self { key: house.secret(purpose)? })
    }

    /// A token for `claims` that is good until `until`. To be used once only, the claims need an id that the
    /// one who opens it remembers.
    pub fn seal(&self, claims: &impl Serialize, until: Wall) -> String {
        // Claims are small structs of strings and numbers: JSON takes all of them.
        let body = serde_json::to_vec(&Sealed { claims, until }).expect("claims are plain data");
        let body = BASE64.encode(body);
        let tag = BASE64.encode(mac(&self.key, body.as_bytes()));
        format!("{body}.{tag}")
    }

    /// The claims of a token.
    ///
    /// # Errors
    /// [`BadToken`]; claims of another shape count as foreign.
    pub fn open<T: DeserializeOwned>(&self, token: &str, now: Wall) -> Result<T, BadToken> {
        let (body, tag) =
            token.split_once('.').filter(|_| token.len() <= LONGEST).ok_or(BadToken::Foreign)?;
        let tag = BASE64.decode(tag).map_err(|_| BadToken::Foreign)?;
        if !same(&tag, &mac(&self.key, body.as_bytes())) {
            return Err(BadToken::Foreign);
        }
        let body = BASE64.decode(body).map_err(|_| BadToken::Foreign)?;
        let sealed: Sealed<T> = serde_json::from_slice(&body).map_err(|_| BadToken::Foreign)?;
        if now.0 >= sealed.until.0 { Err(BadToken::Expired) } else { Ok(sealed.claims) }
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// Compares in a time that does not tell where the first difference is.
fn same(a: &[u8], b: &[u8; 32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer { key: [byte; 32] }
    }

    #[test]
    fn claims_come_back_until_their_time_is_over() {
        let token = sealer(1).seal(&("visitor", 7), Wall(1000));
        assert_eq!(sealer(1).open::<(String, u32)>(&token, Wall(999)), Ok(("visitor".to_owned(), 7)));
        assert_eq!(sealer(1).open::<(String, u32)>(&token, Wall(1000)), Err(BadToken::Expired));
    }

    #[test]
    fn a_changed_or_foreign_token_opens_nothing() {
        let token = sealer(1).seal(&"alice", Wall(1000));
        assert_eq!(sealer(2).open::<String>(&token, Wall(0)), Err(BadToken::Foreign));
        let other = sealer(1).seal(&"bob", Wall(1000));
        let mixed = format!("{}.{}", other.split_once('.').unwrap().0, token.split_once('.').unwrap().1);
        for bad in [mixed.as_str(), "", ".", "a.b", &token[1..], &"x".repeat(5000)] {
            assert_eq!(sealer(1).open::<String>(bad, Wall(0)), Err(BadToken::Foreign), "{bad}");
        }
        assert_eq!(sealer(1).open::<u32>(&token, Wall(0)), Err(BadToken::Foreign), "claims of another shape");
    }

    #[test]
    fn the_claims_of_a_call_say_whose_it_is() {
        let once = MessageId(7);
        for who in [Bearer::User("web:v1".parse().unwrap()), Bearer::Agent(AgentUri::new("alice").unwrap())] {
            let claims = RtcClaims { who, once };
            let token = sealer(1).seal(&claims, Wall(RtcClaims::GOOD_MS));
            assert_eq!(sealer(1).open::<RtcClaims>(&token, Wall(0)), Ok(claims));
        }
    }
}
