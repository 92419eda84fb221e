//! Attributes as a customer's page or system gives them: few, short and flat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::chat::Text;

/// The most attributes that are given at once.
pub const MAX_GIVEN: usize = 32;
/// The longest key, in bytes.
pub const MAX_KEY: usize = 64;
/// The longest value, in bytes.
pub const MAX_VALUE: usize = 1024;
/// The most bytes of all that are given at once.
const MAX_BYTES: usize = 4 * 1024;

/// Attributes within their bounds: at most [`MAX_GIVEN`], 4 KiB in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Text>")]
pub struct Given(BTreeMap<String, Text>);

/// Attributes that are none. It says no value.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadGiven {
    /// Too many.
    #[error("at most 32 attributes are given at once")]
    Many,
    /// Too long in all.
    #[error("attributes have at most 4 KiB in all")]
    Long,
    /// A key.
    #[error("a key of an attribute has 1 to 64 of a–z, A–Z, 0–9, `.`, `-`, `_`")]
    Key,
    /// A value.
    #[error("a value of an attribute has at most 1024 bytes, and no control characters")]
    Value,
}

impl Given {
    /// These attributes.
    ///
    /// # Errors
    /// [`BadGiven`]: they are too many, too long, or of other letters.
    pub fn new(given: BTreeMap<String, Text>) -> Result<Self, BadGiven> {
        if given.len() > MAX_GIVEN {
            return Err(BadGiven::Many);
        }
        if given.iter().map(|(key, value)| key.len() + value.0.len()).sum::<usize>() > MAX_BYTES {
            return Err(BadGiven::Long);
        }
        if !given.keys().all(|key| fits_key(key)) {
            return Err(BadGiven::Key);
        }
        if !given.values().all(|value| fits_value(&value.0)) {
            return Err(BadGiven::Value);
        }
        Ok(Self(given))
    }

    /// By key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<String, Text>> for Given {
    type Error = BadGiven;
    fn try_from(given: BTreeMap<String, Text>) -> Result<Self, BadGiven> {
        Self::new(given)
    }
}

/// Whether it can be an attribute's key.
pub fn fits_key(key: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-_".contains(&b);
    !key.is_empty() && key.len() <= MAX_KEY && key.bytes().all(plain)
}

/// Whether it can be an attribute's value.
pub fn fits_value(value: &str) -> bool {
    value.len() <= MAX_VALUE && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Given, BadGiven> {
        Given::new(pairs.into_iter().map(|(key, value)| (key, Text(value))).collect())
    }

    #[test]
    fn attributes_are_few_short_and_flat() {
        let many = |n: usize, length: usize| (0..n).map(move |i| (format!("k{i}"), "x".repeat(length)));
        assert!(given(many(MAX_GIVEN, 100)).is_ok());
        assert_eq!(given(many(MAX_GIVEN + 1, 1)), Err(BadGiven::Many));
        assert_eq!(given(many(MAX_GIVEN, 200)), Err(BadGiven::Long));
        assert_eq!(given([("a b".to_owned(), String::new())]), Err(BadGiven::Key));
        assert_eq!(given([(String::new(), String::new())]), Err(BadGiven::Key));
        assert_eq!(given([("a".to_owned(), "x".repeat(MAX_VALUE + 1))]), Err(BadGiven::Value));
        assert_eq!(given([("a".to_owned(), "x\ny".to_owned())]), Err(BadGiven::Value));
        assert!(serde_json::from_str::<Given>(r#"{"a": {"b": "c"}}"#).is_err());
        assert!(serde_json::from_str::<Given>(r#"{"a": 1}"#).is_err());
    }
}
