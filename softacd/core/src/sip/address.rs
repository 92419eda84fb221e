//! `name-addr` and `addr-spec`: From, To, Contact, Route and their kin.

use std::fmt;
use std::str::FromStr;

use super::head::Unreadable;
use super::param::{self, Params};
use super::text::{Set, elements, quoted, skip_blanks, trim, unescape, write_quoted};
use super::uri::{Uri, UriParts};

/// A URI with an optional display name and the header's own parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NameAddr {
    /// The display name, without quotes and escapes.
    pub display: Option<String>,
    /// The URI.
    pub uri: Uri,
    /// The parameters behind it: `tag`, `q`, `expires`, …
    pub params: Params,
}

/// What a Contact header may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacts {
    /// `*`: every one of them.
    Any,
    /// These; empty when there is no Contact.
    These(Vec<NameAddr>),
}

impl NameAddr {
    /// Just a URI.
    pub fn new(uri: Uri) -> Self {
        Self { display: None, uri, params: Params::new() }
    }

    /// The `tag`, if it has one.
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag").filter(|t| !t.is_empty())
    }
}

impl FromStr for NameAddr {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        AddressParts::read(text).and_then(AddressParts::owned).ok_or(Unreadable::Malformed("address"))
    }
}

/// Always with brackets, so that what follows belongs to the header; the URI as it came.
impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            let mut text = String::with_capacity(display.len() + 3);
            write_quoted(&mut text, display);
            text.push(' ');
            f.write_str(&text)?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// What stands in no display name without quotes, blanks aside.
static NOT_PLAIN: Set = Set::new(false, b",;:<>\\\"").and_controls();

/// An address still lying in the text it was read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct AddressParts<'a> {
    display: Option<&'a str>,
    uri: &'a str,
    params: &'a str,
}

impl<'a> AddressParts<'a> {
    /// Reads one address; `None` when it is malformed in any part.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let text = trim(text);
        let parts = match quoted(text) {
            Some((_, rest)) => {
                let display = &text[..text.len() - rest.len()];
                Self::bracketed(Some(display), skip_blanks(rest).strip_prefix('<')?)?
            }
            None => match text.find(['<', ';', '"']) {
                Some(at) if text.as_bytes()[at] == b'<' => {
                    Self::bracketed(Self::plain_display(&text[..at])?, &text[at + 1..])?
                }
                Some(_) | None => Self::bare(text)?,
            },
        };
        (UriParts::read(parts.uri).is_ok() && param::check(parts.params)).then_some(parts)
    }

    /// The tag among the parameters.
    pub(super) fn tag(&self) -> Option<&'a str> {
        param::find(self.params, "tag")
    }

    fn bracketed(display: Option<&'a str>, behind: &'a str) -> Option<Self> {
        let (uri, params) = behind.split_once('>')?;
        Some(Self { display, uri, params })
    }

    /// A display name without quotes: words. Letters outside ASCII are let through, separators are not
    /// (RFC 4475 section 3.1.2.15).
    fn plain_display(text: &'a str) -> Option<Option<&'a str>> {
        let text = trim(text);
        let bad = |b: u8| NOT_PLAIN.has(b) && b != b' ' && b != b'\t';
        (!text.bytes().any(bad)).then_some((!text.is_empty()).then_some(text))
    }

    /// Without brackets, parameters belong to the header, and a URI with `?` or `,` is not allowed
    /// (RFC 3261 section 20).
    fn bare(text: &'a str) -> Option<Self> {
        let end = text.find([' ', '\t', ';']).unwrap_or(text.len());
        let (uri, params) = text.split_at(end);
        (!uri.contains(['?', ','])).then_some(Self { display: None, uri, params })
    }

    fn owned(self) -> Option<NameAddr> {
        let display = self.display.map(|d| match quoted(d) {
            Some((inner, _)) => unescape(inner).into_owned(),
            None => d.to_owned(),
        });
        Some(NameAddr {
            display: display.filter(|d| !d.is_empty()),
            uri: self.uri.parse().ok()?,
            params: Params::of_checked(self.params),
        })
    }
}

/// Whether `value` is a list of addresses, or (where `star` allows it) a single `*`.
pub(super) fn check_list(value: &str, star: bool) -> bool {
    (star && trim(value) == "*") || elements(value).all(|e| AddressParts::read(e).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_and_print() {
        for (text, display, uri, printed) in [
            (
                "caller<sip:c@example.com>;tag=323",
                Some("caller"),
                "sip:c@example.com",
                "\"caller\" <sip:c@example.com>;tag=323",
            ),
            ("sip:c@example.com ;   tag = 1", None, "sip:c@example.com", "<sip:c@example.com>;   tag = 1"),
            (r#""J \\\"" <sip:a@b>"#, Some("J \\\""), "sip:a@b", r#""J \\\"" <sip:a@b>"#),
            ("a b  c <tel:+1>", Some("a b  c"), "tel:+1", "\"a b  c\" <tel:+1>"),
            ("sip:a@b;p=\"<x>\"", None, "sip:a@b", "<sip:a@b>;p=\"<x>\""),
        ] {
            let address: NameAddr = text.parse().unwrap();
            assert_eq!((address.display.as_deref(), address.uri.as_str()), (display, uri), "{text}");
            assert_eq!(address.to_string(), printed);
            assert_eq!(address.to_string().parse::<NameAddr>(), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "\"Mr. J. User <sip:j@example.com>",
            "\"Watson, Thomas\" < sip:t@example.org >",
            "<sip:a@b",
            "Bell, Alexander <sip:a@b>;tag=43",
            "sip:a@b?Route=%3Csip:x%3E",
            "<sip:a@b>;;",
            "<sip:a@b> x",
            "*",
            "sip:a@b c",
        ] {
            assert!(bad.parse::<NameAddr>().is_err(), "{bad}");
        }
    }
}
