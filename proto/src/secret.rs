//! Digits and other secrets. `Secret` has no `Serialize`: a type that holds one cannot be written to
//! a log, a fact or a frame. The one hop that carries a digit to the flow that asked names
//! [`hop`] on its field, and nothing else may (a test reads the sources for it).

use std::fmt;

/// Text that must not be seen: keys a caller pressed, PINs, passwords.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Takes `text` out of sight.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How many characters it has: all that may be told.
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `#[serde(with = "ngcc_proto::secret::hop")]`: the wire form of the one hop between cti and ivr.
pub mod hop {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    /// Writes the text itself.
    pub fn serialize<S: Serializer>(secret: &Secret, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(secret.expose())
    }

    /// Reads the text itself.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Secret, D::Error> {
        Ok(Secret::new(String::deserialize(d)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Secret::new("4711")), "Secret(…)");
    }
}
