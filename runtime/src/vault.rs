//! Secrets that are needed again: encrypted where they are stored, with a key derived from the data directory's own.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_proto::{Rng, Secret};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::error::StartError;
use crate::house::House;

/// Locks texts of one purpose away (AES-256-GCM, NIST SP 800-38D). Clones are the same.
#[derive(Clone)]
pub struct Vault {
    key: [u8; 32],
}

impl Vault {
    /// The vault of `purpose` in this house; the same after every start.
    ///
    /// # Errors
    /// The house's key cannot be read.
    pub fn of(house: &House, purpose: &str) -> Result<Self, StartError> {
        Ok(Self { key: house.secret(purpose)? })
    }

    /// The vault of a key.
    pub fn of_key(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// `text` as it may be stored. `rng` must be seeded by the operating system.
    pub fn lock(&self, text: &str, rng: &mut Rng) -> String {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&rng.u128().to_le_bytes()[..NONCE_LEN]);
        let mut sealed = text.as_bytes().to_vec();
        let done = self.cipher().seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed,
        );
        done.expect("a text in memory is shorter than the cipher's limit");
        BASE64.encode([nonce.as_slice(), &sealed].concat())
    }

    /// The text of what `lock` made; none if it was locked with another key, or has been changed.
    pub fn unlock(&self, locked: &str) -> Option<Secret> {
        let mut bytes = BASE64.decode(locked).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.cipher().open_in_place(nonce, Aad::empty(), sealed).ok()?;
        Some(Secret::new(String::from_utf8(text.to_vec()).ok()?))
    }

    fn cipher(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.key).expect("the cipher takes 32 bytes"))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_locked_comes_back_and_what_was_changed_does_not() {
        let (vault, mut rng) = (Vault::of_key([1; 32]), Rng::from_u64(1));
        let locked = vault.lock("s3cret", &mut rng);
        assert_ne!(vault.lock("s3cret", &mut rng), locked, "no two are alike");
        assert_eq!(vault.unlock(&locked), Some(Secret::new("s3cret")));
        assert_eq!(Vault::of_key([2; 32]).unlock(&locked), None);
        let changed = format!("A{}", &locked[1..]);
        for bad in [changed.as_str(), "", "AAAA", "é"] {
            assert!(vault.unlock(bad).is_none() || bad == locked, "{bad}");
        }
    }
}
