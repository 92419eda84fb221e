//! RSA2, as Alipay calls it: RSA by PKCS #1 v1.5 over SHA-256. Keys come as their makers write them: PEM or its bare
//! base64; a private key as PKCS #8 or PKCS #1, a public one as X.509 has it or as PKCS #1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};

/// How X.509 says that a key is RSA's (RFC 3279).
const ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// What signs.
pub(super) struct Private(RsaKeyPair);

impl Private {
    /// The key that `text` holds; none if it is none of 2048 to 4096 bits.
    pub(super) fn new(text: &str) -> Option<Self> {
        let bytes = bytes(text)?;
        RsaKeyPair::from_pkcs8(&bytes).or_else(|_| RsaKeyPair::from_der(&bytes)).ok().map(Self)
    }

    /// The signature under `message` in base64; none if chance fails.
    pub(super) fn sign(&self, message: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(BASE64.encode(signature))
    }

    /// Its public key as X.509 has it, in base64.
    pub(super) fn public(&self) -> String {
        let key = element(BIT_STRING, &[&[0], self.0.public_key().as_ref()].concat());
        BASE64.encode(element(SEQUENCE, &[&ALGORITHM[..], &key].concat()))
    }
}

/// What a signature is checked with.
pub(super) struct Public(Vec<u8>);

impl Public {
    /// The key that `text` holds; none if it is no base64.
    pub(super) fn new(text: &str) -> Option<Self> {
        let bytes = bytes(text)?;
        let inner = content(SEQUENCE, &bytes).and_then(|all| all.strip_prefix(&ALGORITHM));
        match inner {
            Some(key) => content(BIT_STRING, key)?.strip_prefix(&[0]).map(|key| Self(key.to_vec())),
            None => Some(Self(bytes)),
        }
    }

    /// Whether the base64 `signature` under `message` is right.
    pub(super) fn knows(&self, message: &[u8], signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0);
        BASE64.decode(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let base64: String = lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    BASE64.decode(base64).ok().filter(|bytes| !bytes.is_empty())
}

/// An element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let used = length.iter().position(|byte| *byte > 0).unwrap_or(length.len() - 1);
    let short = content.len() < 0x80;
    let count = u8::try_from(length.len() - used).unwrap_or(0x7f);
    let head = if short { vec![tag] } else { vec![tag, 0x80 | count] };
    [&head, &length[used..], content].concat()
}

/// What the element of DER at the beginning of `bytes` holds, if it has this tag.
fn content(tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    let (&first, rest) = bytes.strip_prefix(&[tag])?.split_first()?;
    let count = usize::from(first & 0x7f);
    if first & 0x80 == 0 {
        return rest.get(..count);
    }
    let (length, rest) = rest.split_at_checked(count).filter(|_| count <= 4)?;
    rest.get(..length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
}
