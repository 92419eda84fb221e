//! What the headers of an acceptable message must be (RFC 3261 sections 8.1.1, 16.3 and 20).

use super::address::{self, AddressParts};
use super::head::Headers;
use super::method::Method;
use super::name::Name;
use super::parse::Fault;
use super::text::{elements, lossy, number};
use super::typed::cseq_parts;
use super::via::ViaParts;

/// Checks that what a message must have is there, that nothing is doubled that stands once, and that
/// nothing we act on is malformed. `method` is that of a request. Max-Forwards may be missing: RFC 2543
/// did not have it.
pub(super) fn headers(headers: &Headers, method: Option<&Method>) -> Result<(), Fault> {
    let mut seen = 0;
    let (mut contacts, mut star) = (0, false);
    for (name, value) in headers.known() {
        if name.stands_once() && seen & name.bit() != 0 {
            return Err((400, "Doubled Header"));
        }
        seen |= name.bit();
        if name == Name::Contact {
            contacts += 1;
            star |= value == b"*";
        }
        value_of(name, &lossy(value), method).map_err(|reason| (400, reason))?;
    }
    // RFC 3261 section 10.2.2: the star stands alone.
    if star && contacts > 1 {
        return Err((400, "Malformed Contact"));
    }
    for (name, reason) in [
        (Name::Via, "Missing Via"),
        (Name::From, "Missing From"),
        (Name::To, "Missing To"),
        (Name::CallId, "Missing Call-ID"),
        (Name::CSeq, "Missing CSeq"),
    ] {
        if seen & name.bit() == 0 {
            return Err((400, reason));
        }
    }
    Ok(())
}

fn value_of(name: Name, value: &str, method: Option<&Method>) -> Result<(), &'static str> {
    let (good, reason) = match name {
        Name::Via => (elements(value).all(|e| ViaParts::read(e).is_some()), "Malformed Via"),
        Name::From => (AddressParts::read(value).is_some(), "Malformed From"),
        Name::To => (AddressParts::read(value).is_some(), "Malformed To"),
        Name::CallId => {
            (!value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic()), "Malformed Call-ID")
        }
        Name::CSeq => {
            let (_, named) = cseq_parts(value).ok_or("Malformed CSeq")?;
            (method.is_none_or(|m| m.as_str() == named), "CSeq Method Mismatch")
        }
        Name::MaxForwards => (number(value).is_some_and(|n| n <= 255), "Malformed Max-Forwards"),
        Name::Contact => (address::check_list(value, true), "Malformed Contact"),
        Name::Route => (address::check_list(value, false), "Malformed Route"),
        Name::RecordRoute => (address::check_list(value, false), "Malformed Record-Route"),
        // RFC 3261 section 20.17: GMT only.
        Name::Date => (value.ends_with(" GMT"), "Malformed Date"),
        // Read where they matter; a malformed one there has an answer of its own.
        Name::Allow
        | Name::Authorization
        | Name::ContentLength
        | Name::ContentType
        | Name::Event
        | Name::Expires
        | Name::MinSe
        | Name::RAck
        | Name::ReferTo
        | Name::Replaces
        | Name::Require
        | Name::RSeq
        | Name::SessionExpires
        | Name::Supported => return Ok(()),
    };
    if good { Ok(()) } else { Err(reason) }
}
