//! Ids: one type a thing, a short prefix and a ULID, so that no id can stand for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::rng::Rng;
use crate::time::Wall;

/// An id that does not read as one: of another kind, of a wrong length, or of a letter outside
/// Crockford's base 32.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` is no id of the form {prefix}_ and 26 letters or digits")]
pub struct BadId {
    /// What was read (cut at 64 characters).
    pub text: String,
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// Mints ids for one owner: the wall clock's milliseconds, then 80 bits of its own generator.
#[derive(Clone, Debug)]
pub struct Ids {
    rng: Rng,
}

impl Ids {
    /// A mint that draws from `rng`.
    pub fn new(rng: Rng) -> Self {
        Self { rng }
    }

    /// A fresh id of the kind asked for.
    pub fn mint<T: From<u128>>(&mut self, at: Wall) -> T {
        let ms = u128::from(u64::try_from(at.0).unwrap_or(0)) & 0xFFFF_FFFF_FFFF;
        T::from((ms << 80) | (self.rng.u128() >> 48))
    }

    /// The generator, for draws that are no ids.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn write_ulid(value: u128, out: &mut [u8; 26]) {
    for (i, slot) in out.iter_mut().enumerate() {
        let digit = (value >> (5 * (25 - i))) & 31;
        *slot = ALPHABET[digit as usize];
    }
}

fn read_ulid(text: &str) -> Option<u128> {
    if text.len() != 26 || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes().try_fold(0u128, |acc, b| {
        let digit = ALPHABET.iter().position(|&a| a == b.to_ascii_uppercase())?;
        Some((acc << 5) | digit as u128)
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;
        }

        impl From<u128> for $name {
            fn from(value: u128) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 26];
                write_ulid(self.0, &mut text);
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(read_ulid)
                    .map(Self)
                    .ok_or_else(|| BadId { text: text.chars().take(64).collect(), prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// One customer's contact, from arrival to close, whatever media it gains.
    SessionId "ses";
    /// One participant's part in a session; it outlives any connection that carries it.
    LegId "leg";
    /// An agent's place.
    SeatId "seat";
    /// A waiting line.
    QueueId "que";
    /// A self-service script, of any version.
    FlowId "flw";
    /// One run of a flow in a session.
    RunId "run";
    /// A person who signs in.
    UserId "usr";
    /// One message on the exchange.
    MessageId "msg";
    /// A claim on a seat's slot.
    ReservationId "res";
    /// A mixing place; a session has one from its first second.
    ConferenceId "cnf";
    /// A recording.
    RecordingId "rec";
    /// A file that somebody handed over.
    FileId "file";
    /// A customer, with all the ways in which they come.
    ContactId "con";
    /// A page, form or board that a customer and an agent share.
    CollabId "col";
    /// A group of colleagues who write to each other.
    GroupId "grp";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_prints_and_only_as_its_own_kind() {
        let mut ids = Ids::new(Rng::from_u64(1));
        let leg: LegId = ids.mint(Wall(1_700_000_000_000));
        assert_eq!(leg.to_string().parse::<LegId>(), Ok(leg));
        assert!(leg.to_string().parse::<SessionId>().is_err());
        assert!("leg_".parse::<LegId>().is_err());
        assert!("leg_8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<LegId>().is_err(), "130 bits do not fit");
        assert!("leg_0ZZZZZZZZZZZZZZZZZZZZZZZZé".parse::<LegId>().is_err());
    }

    #[test]
    fn ids_sort_by_time() {
        let mut ids = Ids::new(Rng::from_u64(1));
        let (a, b): (LegId, LegId) = (ids.mint(Wall(1000)), ids.mint(Wall(1001)));
        assert!(a < b && a.to_string() < b.to_string());
    }
}
