//! Signatures of Standard Webhooks: whoever is posted something knows by them who sent it, when, and that it is whole.
//!
//! `webhook-signature` is `v1,` and the base64 HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key that both ends have. It does not show itself.
pub struct WebhookKey(Vec<u8>);

impl WebhookKey {
    /// The key of a secret as it is configured: the bytes behind `whsec_` in base64, or the text itself.
    pub fn new(secret: &str) -> Self {
        let encoded = secret.strip_prefix("whsec_").and_then(|encoded| BASE64.decode(encoded).ok());
        Self(encoded.unwrap_or_else(|| secret.as_bytes().to_vec()))
    }

    /// `webhook-signature` of a message: `id` and `at` (in seconds since 1970) are those of its headers.
    pub fn sign(&self, id: &str, at: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the Standard Webhooks libraries.
    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let key = WebhookKey::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_is_no_base64_is_the_key_itself() {
        let (plain, odd) = (WebhookKey::new("s3cret"), WebhookKey::new("whsec_%"));
        assert_eq!(plain.0, b"s3cret");
        assert_eq!(odd.0, b"whsec_%");
        assert_eq!(format!("{plain:?}"), "WebhookKey(…)");
    }
}
