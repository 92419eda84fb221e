//! Random tokens, and the hash by which one is known to whoever must not be able to use it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ngcc_proto::Rng;
use sha2::{Digest as _, Sha256};

/// The longest token that is looked at.
pub(crate) const LONGEST: usize = 128;

/// SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Hash([u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// 256 random bits as text that fits into a cookie and a URL.
pub(crate) fn fresh(rng: &mut Rng) -> String {
    let bytes: Vec<u8> = (0..2).flat_map(|_| rng.u128().to_be_bytes()).collect();
    BASE64.encode(bytes)
}

/// The hash of a token.
pub(crate) fn hash(token: &str) -> Hash {
    Hash(Sha256::digest(token.as_bytes()).into())
}

/// What a page must show beside its cookie to change anything: it follows from the cookie's token, which no
/// script can read, so a foreign page knows neither.
pub(crate) fn csrf(token: &str) -> String {
    hash(&format!("csrf:{token}")).to_string()
}

/// Compares in a time that does not tell where the first difference is.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let pairs = one.bytes().zip(other.bytes());
    one.len() == other.len() && pairs.fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_and_its_hash_does_not_show_in_logs() {
        let mut rng = Rng::from_u64(1);
        let (one, other) = (fresh(&mut rng), fresh(&mut rng));
        assert!(one.len() == 43 && one != other);
        assert_eq!(format!("{:?}", hash(&one)), "Hash(…)");
        // FIPS 180-2, appendix B.1.
        assert!(hash("abc").to_string().starts_with("ba7816bf8f01cfea"));
    }

    #[test]
    fn only_the_same_text_is_the_same() {
        assert!(same("abc", "abc") && same("", ""));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
