//! Nonces that are checked without having been kept: their time and a MAC over it. Only what was proven
//! with one is remembered, for as long as it lives, so that nothing proven counts twice (RFC 7616 section 3.3).

use std::collections::BTreeMap;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::{Mono, Rng};
use sha2::Sha256;

/// How long a nonce lives.
const LIFE: Duration = Duration::from_secs(300);
/// The most nonces whose counts are remembered.
const MOST: usize = 50_000;

/// When a nonce was made, and which of that moment it is.
type Name = (u64, u32);

/// Makes and checks nonces.
#[derive(Debug)]
pub(crate) struct Nonces {
    key: [u8; 32],
    made: u32,
    /// The highest count proven with each.
    used: BTreeMap<Name, u32>,
    /// Nonces up to this one are taken for used up: their counts had to be forgotten.
    floor: Name,
}

/// What a nonce is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// It is ours, alive, and this count is its first use.
    Fresh,
    /// It is not ours (any more), or this count was used.
    Stale,
}

impl Nonces {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let mut key = [0; 32];
        for part in key.chunks_mut(8) {
            part.copy_from_slice(&rng.u64().to_le_bytes());
        }
        Self { key, made: 0, used: BTreeMap::new(), floor: (0, 0) }
    }

    /// A new one.
    pub(crate) fn make(&mut self, now: Mono) -> String {
        self.made = self.made.wrapping_add(1);
        let stamp = format!("{:016x}{:08x}", now.0, self.made);
        let mac = self.mac(&stamp);
        stamp + &mac
    }

    /// What `nonce` is worth with `count`, of which a right answer was given.
    pub(crate) fn spend(&mut self, nonce: &str, count: u32, now: Mono) -> Worth {
        let Some(name) = self.read(nonce) else { return Worth::Stale };
        let born = Mono(name.0);
        if born > now || now.since(born) > LIFE || name <= self.floor {
            return Worth::Stale;
        }
        if self.used.get(&name).is_some_and(|last| count <= *last) || count == 0 {
            return Worth::Stale;
        }
        self.used.insert(name, count);
        while self.used.first_key_value().is_some_and(|(old, _)| now.since(Mono(old.0)) > LIFE) {
            self.used.pop_first();
        }
        if self.used.len() > MOST
            && let Some((oldest, _)) = self.used.pop_first()
        {
            self.floor = oldest;
        }
        Worth::Fresh
    }

    fn read(&self, nonce: &str) -> Option<Name> {
        let (stamp, mac) = nonce.split_at_checked(24)?;
        if !crate::sip::digest::same(self.mac(stamp).as_bytes(), mac.as_bytes()) {
            return None;
        }
        Some((u64::from_str_radix(&stamp[..16], 16).ok()?, u32::from_str_radix(&stamp[16..], 16).ok()?))
    }

    /// 128 bits of HMAC-SHA-256, in hexadecimal digits.
    fn mac(&self, stamp: &str) -> String {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return String::new() };
        mac.update(stamp.as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes.iter().take(16).map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_worth_something_once_a_count_and_for_its_life() {
        let mut nonces = Nonces::new(&mut Rng::from_u64(1));
        let start = Mono(1_000_000_000);
        let nonce = nonces.make(start);
        assert_ne!(nonce, nonces.make(start));
        assert_eq!(nonces.spend(&nonce, 1, start), Worth::Fresh);
        assert_eq!(nonces.spend(&nonce, 1, start), Worth::Stale);
        assert_eq!(nonces.spend(&nonce, 3, start), Worth::Fresh);
        assert_eq!(nonces.spend(&nonce, 2, start), Worth::Stale);
        assert_eq!(nonces.spend(&nonce, 4, start + LIFE), Worth::Fresh);
        assert_eq!(nonces.spend(&nonce, 5, start + LIFE + Duration::from_secs(1)), Worth::Stale);
    }

    #[test]
    fn a_nonce_of_another_house_is_stale() {
        let (mut ours, mut theirs) = (Nonces::new(&mut Rng::from_u64(1)), Nonces::new(&mut Rng::from_u64(2)));
        let now = Mono(5);
        let nonce = theirs.make(now);
        assert_eq!(ours.spend(&nonce, 1, now), Worth::Stale);
        assert_eq!(ours.spend("", 1, now), Worth::Stale);
        assert_eq!(ours.spend(&"é".repeat(30), 1, now), Worth::Stale);
    }

    #[test]
    fn counts_are_forgotten_with_their_nonces_worth() {
        let mut nonces = Nonces::new(&mut Rng::from_u64(1));
        let now = Mono(5_000_000);
        let first = nonces.make(now);
        assert_eq!(nonces.spend(&first, 1, now), Worth::Fresh);
        for _ in 0..MOST {
            let next = nonces.make(now);
            assert_eq!(nonces.spend(&next, 1, now), Worth::Fresh);
        }
        assert_eq!(nonces.used.len(), MOST);
        assert_eq!(nonces.spend(&first, 1, now), Worth::Stale, "forgotten is not forgiven");
    }
}
