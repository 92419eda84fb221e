//! Who a customer and an agent are, in one grammar for every channel.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A URI that is not of the grammar.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` is no {what}: {why}")]
pub struct BadUri {
    /// `user URI` or `agent URI`.
    pub what: &'static str,
    /// What was read (cut at 64 characters).
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// A customer, by the way they came: `tel:+8613800138000`, `sip:bob@example.com`, `web:vis_…`,
/// `channel:wechat/openid`, `customer:4711`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserUri {
    /// A phone number: an optional `+`, then 1 to 32 digits, `*` or `#` (RFC 3966 without visual separators).
    Phone(String),
    /// A SIP address of record `user@host`.
    Sip(String),
    /// A web visitor's id.
    Web(String),
    /// A person on a messaging channel.
    Channel {
        /// The channel's name.
        channel: String,
        /// The channel's own id of the person.
        id: String,
    },
    /// A customer who signed in with the company.
    Customer(String),
}

/// An agent, by user name: `agent:alice`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentUri(String);

const MAX: usize = 256;

fn bad(what: &'static str, text: &str, why: &'static str) -> BadUri {
    BadUri { what, text: text.chars().take(64).collect(), why }
}

impl UserUri {
    /// The number or name a person would dial or read, without the scheme.
    pub fn bare(&self) -> &str {
        match self {
            Self::Phone(s) | Self::Sip(s) | Self::Web(s) | Self::Customer(s) => s,
            Self::Channel { id, .. } => id,
        }
    }
}

impl AgentUri {
    /// The URI of the user name `name`: 1 to 64 of lower-case letters, digits, `.`, `-`, `_`.
    ///
    /// # Errors
    /// [`BadUri`] for any other name.
    pub fn new(name: &str) -> Result<Self, BadUri> {
        let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(ok) {
            return Err(bad("agent URI", name, "a user name has 1 to 64 of a–z, 0–9, `.`, `-`, `_`"));
        }
        Ok(Self(name.to_owned()))
    }

    /// The user name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserUri {
    type Err = BadUri;
    fn from_str(text: &str) -> Result<Self, BadUri> {
        let err = |why| bad("user URI", text, why);
        if text.len() > MAX || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(err("at most 256 characters, none of them blank"));
        }
        let (scheme, rest) = text.split_once(':').ok_or_else(|| err("a scheme is missing"))?;
        if rest.is_empty() {
            return Err(err("nothing stands behind the scheme"));
        }
        match scheme {
            "tel" => {
                let digits = rest.strip_prefix('+').unwrap_or(rest);
                let ok = digits.bytes().all(|b| b.is_ascii_digit() || b == b'*' || b == b'#');
                if !ok || digits.is_empty() || digits.len() > 32 {
                    return Err(err("a number has 1 to 32 digits"));
                }
                Ok(Self::Phone(rest.to_owned()))
            }
            "sip" => Ok(Self::Sip(rest.to_owned())),
            "web" => Ok(Self::Web(rest.to_owned())),
            "customer" => Ok(Self::Customer(rest.to_owned())),
            "channel" => {
                let (channel, id) =
                    rest.split_once('/').ok_or_else(|| err("a channel URI is channel:name/id"))?;
                if channel.is_empty() || id.is_empty() {
                    return Err(err("a channel URI is channel:name/id"));
                }
                Ok(Self::Channel { channel: channel.to_owned(), id: id.to_owned() })
            }
            _ => Err(err("the scheme is none of tel, sip, web, channel, customer")),
        }
    }
}

impl fmt::Display for UserUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(s) => write!(f, "tel:{s}"),
            Self::Sip(s) => write!(f, "sip:{s}"),
            Self::Web(s) => write!(f, "web:{s}"),
            Self::Channel { channel, id } => write!(f, "channel:{channel}/{id}"),
            Self::Customer(s) => write!(f, "customer:{s}"),
        }
    }
}

impl FromStr for AgentUri {
    type Err = BadUri;
    fn from_str(text: &str) -> Result<Self, BadUri> {
        let name =
            text.strip_prefix("agent:").ok_or_else(|| bad("agent URI", text, "it begins with `agent:`"))?;
        Self::new(name)
    }
}

impl fmt::Display for AgentUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "agent:{}", self.0)
    }
}

macro_rules! as_text {
    ($($name:ty),*) => {$(
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
as_text!(UserUri, AgentUri);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_read_as_they_print() {
        for text in
            ["tel:+8613800138000", "sip:bob@example.com", "web:v1", "channel:wechat/oX/1", "customer:4711"]
        {
            assert_eq!(text.parse::<UserUri>().map(|u| u.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("agent:alice".parse::<AgentUri>().map(|a| a.name().to_owned()), Ok("alice".to_owned()));
    }

    #[test]
    fn what_is_no_uri_is_refused_with_its_reason() {
        for text in ["", "tel:", "tel:+", "tel:12a", "fax:1", "channel:x", "sip:a b", "alice"] {
            assert!(text.parse::<UserUri>().is_err(), "{text}");
        }
        for text in ["alice", "agent:", "agent:Ålice", "agent:a b"] {
            assert!(text.parse::<AgentUri>().is_err(), "{text}");
        }
    }
}
