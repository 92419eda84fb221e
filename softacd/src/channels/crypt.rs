//! How WeChat's family proves and encrypts its callbacks.

use aes::Aes256;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockDecryptMut, KeyIvInit};
use sha1::{Digest, Sha1};

use super::adapter::hex;

/// Keys come without their padding, and their last bits need not be zero.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// Padding goes up to this many bytes, whatever the cipher's block is.
const PADDING: u8 = 32;

/// The lower-case hex SHA-1 of `parts`, sorted and put together.
pub(super) fn signature(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    hex(&Sha1::digest(parts.concat()))
}

/// Compares in a time that does not tell where the first difference is.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

/// The key of an `EncodingAESKey` of 43 characters.
pub(super) fn aes_key(encoded: &str) -> Option<[u8; 32]> {
    LENIENT.decode(encoded).ok()?.try_into().ok()
}

/// The text in `encrypted`, if it is for `receiver`: sixteen bytes of chance, its length, itself, the receiver.
pub(super) fn decrypt(encrypted: &str, key: &[u8; 32], receiver: &str) -> Option<Vec<u8>> {
    let mut bytes = LENIENT.decode(encrypted).ok()?;
    let iv: [u8; 16] = key[..16].try_into().ok()?;
    let cipher = cbc::Decryptor::<Aes256>::new(key.into(), &iv.into());
    let plain = cipher.decrypt_padded_mut::<NoPadding>(&mut bytes).ok()?;
    let pad = *plain.last().filter(|pad| (1..=PADDING).contains(*pad))?;
    let plain = plain.get(..plain.len().checked_sub(usize::from(pad))?)?;
    let length = u32::from_be_bytes(plain.get(16..20)?.try_into().ok()?);
    let end = 20_usize.checked_add(usize::try_from(length).ok()?)?;
    let (text, to) = (plain.get(20..end)?, plain.get(end..)?);
    (to == receiver.as_bytes()).then(|| text.to_vec())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) const ENCRYPTED: &str = "Q3stYC6hdFzMh9T8HCvyDOfoxogh1MJuVqHQl4PjVXgRey9WjoSHn6qXCObB2LuGmckofDzickbgAEoz+0IWrhmjtxaF0MDGaNvVZQBkrjUtNQ+cwnNefkTTuzdOQZge1knfUBPQ4IA00ofifmqdWKGVTmsUdN8xg9kOhRf2t7aSjFL1CDsQ0mM6wB4Wr3C+t8ejUaLmIdK+a+K3MzoFH8VXQR/fD75BAw+61+FFb/bOX0krd2hSMYvxWvoQogy/S+YrEyA/qZZOY9hE1z3UNPFk8onJZJWhH2raqP/Fc+Bj/WOVzsVUTLG6vwik2STy3R5cvhhwfrqJdZ8qXvrtt4+hfQ7wM6TF1Yxfdk43ns/4ZY5CT34s5/IuHlVFCyRa";

    /// The vector was made by an independent implementation.
    #[test]
    fn signatures_and_encryption_are_those_of_the_protocol() {
        let plain = signature(&["ngcctoken", "1700000000", "abcdef"]);
        assert_eq!(plain, "2f52cf972aad732f8c0ab87957bb14344d74f34b");
        let signed = signature(&["ngcctoken", "1700000000", "abcdef", ENCRYPTED]);
        assert_eq!(signed, "c1e5e96f7f206ff6ff552b1ae919f2c2180080f7");
        let key = aes_key("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").unwrap();
        let text = decrypt(ENCRYPTED, &key, "wx0123456789abcdef").unwrap();
        assert_eq!(text.len(), 222);
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("<Content><![CDATA[你好]]></Content>"), "{text}");
        assert_eq!(decrypt(ENCRYPTED, &key, "wxother"), None, "it is for another account");
        assert_eq!(decrypt(&ENCRYPTED[4..], &key, "wx0123456789abcdef"), None);
        for bad in ["", "AAAA", "é", &"A".repeat(64)] {
            assert_eq!(decrypt(bad, &key, "wx0123456789abcdef"), None, "{bad}");
        }
        assert_eq!(aes_key("short"), None);
    }
}
