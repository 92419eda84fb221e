//! What is kept of secrets: argon2id of passwords and PINs, HA1 of phones. The text itself is never stored.

use std::collections::BTreeMap;
use std::fmt::Write;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use md5::Md5;
use ngcc_proto::config::{Object, PhoneAccount};
use ngcc_proto::{Rng, Secret};
use ngcc_runtime::Vault;
use sha2::{Digest, Sha256};

/// A secret as it came, with what it is for.
#[derive(Clone)]
pub(super) enum Plain {
    /// A user's password.
    Password(String),
    /// An agent's PIN.
    Pin(String),
    /// A phone's digest secret.
    Digest { phone: String, secret: String },
    /// A channel's secrets, which are needed again: they are encrypted.
    Channel(BTreeMap<String, String>),
    /// A bot's secret, which is needed again: it is encrypted.
    Bot(String),
}

/// Takes the secret out of an object.
pub(super) fn take(object: &mut Object) -> Option<Plain> {
    match object {
        Object::User(user) => user.password.take().map(Plain::Password),
        Object::Agent(agent) => agent.pin.take().map(Plain::Pin),
        Object::Phone(phone) => {
            let secret = phone.secret.take()?;
            Some(Plain::Digest { phone: phone.name.clone(), secret })
        }
        Object::Channel(channel) => channel.secrets.take().map(Plain::Channel),
        Object::Bot(bot) => bot.secret.take().map(Plain::Bot),
        Object::Queue(_)
        | Object::Number(_)
        | Object::Flow(_)
        | Object::CannedReply(_)
        | Object::Disposition(_)
        | Object::Form(_) => None,
    }
}

/// What secrets are kept with.
#[derive(Clone, Debug)]
pub(super) struct Keeping {
    /// The realm of phones' secrets.
    pub(super) realm: String,
    /// Where what is needed again is locked away.
    pub(super) vault: Vault,
}

/// What is kept of it, where `before` was kept until now. A secret that is given again changes nothing: a new salt would
/// end every sign-in of a user whose password is still the same. Slow on purpose: for a blocking thread.
pub(super) fn keep_again(
    plain: &Plain,
    before: Option<&str>,
    keeping: &Keeping,
    rng: &mut Rng,
) -> Result<String, argon2::password_hash::Error> {
    match (plain, before) {
        (Plain::Password(text) | Plain::Pin(text), Some(before)) if matches(text, before) => {
            Ok(before.to_owned())
        }
        _ => keep(plain, keeping, rng),
    }
}

/// What is kept of it. Slow on purpose: for a blocking thread.
pub(super) fn keep(
    plain: &Plain,
    keeping: &Keeping,
    rng: &mut Rng,
) -> Result<String, argon2::password_hash::Error> {
    match plain {
        Plain::Password(password) => password_hash(password, rng),
        // A PIN has ten thousand values: no cost makes it safe, only the limit on attempts does.
        Plain::Pin(pin) => hash(pin, &Params::new(4096, 1, 1, None)?, rng),
        Plain::Digest { phone, secret } => {
            let text = format!("{phone}:{}:{secret}", keeping.realm);
            Ok(format!("{} {}", hex(&Md5::digest(&text)), hex(&Sha256::digest(&text))))
        }
        Plain::Channel(secrets) => {
            // Names and texts only: writing them to memory cannot fail.
            let text = serde_json::to_string(secrets).unwrap_or_default();
            Ok(keeping.vault.lock(&text, rng))
        }
        Plain::Bot(secret) => Ok(keeping.vault.lock(secret, rng)),
    }
}

/// What is kept of a password. Slow on purpose.
pub(super) fn password_hash(password: &str, rng: &mut Rng) -> Result<String, argon2::password_hash::Error> {
    hash(password, &Params::DEFAULT, rng)
}

/// A channel's secrets as softacd is told of them: a JSON object.
pub(super) fn unlocked(kept: Option<&str>, vault: &Vault) -> Secret {
    kept.and_then(|kept| vault.unlock(kept)).unwrap_or_else(|| Secret::new("{}"))
}

/// Whether `text` is what `kept` was made of. Slow on purpose.
pub(super) fn matches(text: &str, kept: &str) -> bool {
    PasswordHash::new(kept)
        .is_ok_and(|hash| Argon2::default().verify_password(text.as_bytes(), &hash).is_ok())
}

/// A phone as softacd is told of it.
pub(super) fn account(name: &str, contact: Option<&str>, kept: Option<&str>) -> PhoneAccount {
    let (md5, sha256) = kept.and_then(|kept| kept.split_once(' ')).unzip();
    PhoneAccount {
        name: name.to_owned(),
        ha1_md5: md5.map(str::to_owned),
        ha1_sha256: sha256.map(str::to_owned),
        contact: contact.map(str::to_owned),
    }
}

fn hash(text: &str, params: &Params, rng: &mut Rng) -> Result<String, argon2::password_hash::Error> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let salt = rng.u128().to_le_bytes();
    let hash: PasswordHash = argon2.hash_password_with_salt(text.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeping(realm: &str) -> Keeping {
        Keeping { realm: realm.to_owned(), vault: Vault::of_key([7; 32]) }
    }

    #[test]
    fn a_channels_secrets_are_encrypted_and_come_back() {
        let (mut rng, keeping) = (Rng::from_u64(1), keeping(""));
        let secrets = BTreeMap::from([("token".to_owned(), "s3cret".to_owned())]);
        let kept = keep(&Plain::Channel(secrets), &keeping, &mut rng).unwrap();
        assert!(!kept.contains("s3cret"));
        assert_eq!(unlocked(Some(&kept), &keeping.vault).expose(), r#"{"token":"s3cret"}"#);
        let other = Vault::of_key([8; 32]);
        assert_eq!(unlocked(Some(&kept), &other).expose(), "{}", "another house's key opens nothing");
    }

    #[test]
    fn a_secret_that_is_given_again_is_kept_as_it_was_and_another_is_not() {
        let (mut rng, keeping) = (Rng::from_u64(1), keeping("r"));
        let first = keep(&Plain::Password("x".to_owned()), &keeping, &mut rng).unwrap();
        let mut again = |text: &str| {
            keep_again(&Plain::Password(text.to_owned()), Some(&first), &keeping, &mut rng).unwrap()
        };
        assert_eq!(again("x"), first);
        let other = again("y");
        assert_ne!(other, first);
        assert!(matches("y", &other));
    }

    #[test]
    fn passwords_and_pins_are_argon2id_and_salted() {
        let (mut rng, keeping) = (Rng::from_u64(1), keeping(""));
        for (text, plain) in
            [("s3cret", Plain::Password("s3cret".to_owned())), ("2468", Plain::Pin("2468".to_owned()))]
        {
            let (kept, again) =
                (keep(&plain, &keeping, &mut rng).unwrap(), keep(&plain, &keeping, &mut rng).unwrap());
            assert!(kept.starts_with("$argon2id$v=19$"), "{kept}");
            assert!(!kept.contains(text));
            assert_ne!(kept, again);
            assert!(matches(text, &kept) && !matches("2469", &kept) && !matches("", &kept));
        }
        assert!(!matches("x", "no hash"));
    }

    /// The credentials of RFC 7616 section 3.9.1; the values by md5sum(1) and sha256sum(1).
    #[test]
    fn a_phones_ha1_covers_name_realm_and_secret() {
        let plain = Plain::Digest { phone: "Mufasa".to_owned(), secret: "Circle of Life".to_owned() };
        let kept = keep(&plain, &keeping("http-auth@example.org"), &mut Rng::from_u64(1)).unwrap();
        let account = account("Mufasa", None, Some(&kept));
        assert_eq!(account.ha1_md5.as_deref(), Some("3d78807defe7de2157e2b0b6573a855f"));
        assert_eq!(
            account.ha1_sha256.as_deref(),
            Some("7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232")
        );
    }
}
