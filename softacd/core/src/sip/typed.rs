//! Headers read as what they mean. Of an accepted message Via, From, To, Call-ID, CSeq, Contact, Route,
//! Record-Route and Max-Forwards are well-formed; of one just being built they may be missing.

use std::str::FromStr;

use super::address::{AddressParts, Contacts, NameAddr};
use super::digest::{Challenge, Credentials};
use super::head::{Headers, Unreadable};
use super::method::Method;
use super::param;
use super::text::{elements, is_blank, is_token, lossy, number, trim};
use super::via::Via;

/// Who refreshes a session (RFC 4028).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Who sends the request.
    Uac,
    /// Who answers it.
    Uas,
}

/// A Session-Expires header (RFC 4028 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// Seconds.
    pub delta: u32,
    /// Who refreshes, if that is said.
    pub refresher: Option<Refresher>,
}

impl Headers {
    /// Every Via, topmost first.
    ///
    /// # Errors
    /// There is none, or one is malformed.
    pub fn via(&self) -> Result<Vec<Via>, Unreadable> {
        let list = self.list_of("Via")?;
        if list.is_empty() { Err(Unreadable::Missing("Via")) } else { Ok(list) }
    }

    /// The topmost Via.
    ///
    /// # Errors
    /// There is none, or it is malformed.
    pub fn top_via(&self) -> Result<Via, Unreadable> {
        let line = self.lossy("Via").ok_or(Unreadable::Missing("Via"))?;
        elements(&line).next().unwrap_or_default().parse()
    }

    /// From.
    ///
    /// # Errors
    /// There is none, or it is malformed.
    pub fn from(&self) -> Result<NameAddr, Unreadable> {
        self.one("From")
    }

    /// To.
    ///
    /// # Errors
    /// There is none, or it is malformed.
    pub fn to(&self) -> Result<NameAddr, Unreadable> {
        self.one("To")
    }

    /// The tag of the From.
    pub fn from_tag(&self) -> Option<&str> {
        self.tag_of("From")
    }

    /// The tag of the To.
    pub fn to_tag(&self) -> Option<&str> {
        self.tag_of("To")
    }

    /// Call-ID.
    ///
    /// # Errors
    /// There is none.
    pub fn call_id(&self) -> Result<&str, Unreadable> {
        self.get("Call-ID").ok_or(Unreadable::Missing("Call-ID"))
    }

    /// CSeq: its number, below 2^31, and its method.
    ///
    /// # Errors
    /// There is none, or it is malformed.
    pub fn cseq(&self) -> Result<(u32, Method), Unreadable> {
        let text = self.get("CSeq").ok_or(Unreadable::Missing("CSeq"))?;
        let (n, method) = cseq_parts(text).ok_or(Unreadable::Malformed("CSeq"))?;
        Ok((n, Method::parse(method).ok_or(Unreadable::Malformed("CSeq"))?))
    }

    /// The first Contact that is an address.
    pub fn contact(&self) -> Option<NameAddr> {
        elements(&self.lossy("Contact")?).next()?.parse().ok()
    }

    /// All Contacts.
    ///
    /// # Errors
    /// One is malformed, or a `*` is not the only one.
    pub fn contacts(&self) -> Result<Contacts, Unreadable> {
        if self.bytes("Contact") == Some(b"*") && self.lines("Contact").nth(1).is_none() {
            return Ok(Contacts::Any);
        }
        self.list_of("Contact").map(Contacts::These)
    }

    /// The Route set, first hop first.
    ///
    /// # Errors
    /// One is malformed.
    pub fn route(&self) -> Result<Vec<NameAddr>, Unreadable> {
        self.list_of("Route")
    }

    /// The Record-Route set, topmost first.
    ///
    /// # Errors
    /// One is malformed.
    pub fn record_route(&self) -> Result<Vec<NameAddr>, Unreadable> {
        self.list_of("Record-Route")
    }

    /// Refer-To (RFC 3515).
    ///
    /// # Errors
    /// There is none, or it is malformed.
    pub fn refer_to(&self) -> Result<NameAddr, Unreadable> {
        self.one("Refer-To")
    }

    /// Max-Forwards.
    pub fn max_forwards(&self) -> Option<u8> {
        u8::try_from(number(self.get("Max-Forwards")?)?).ok()
    }

    /// Content-Length.
    pub fn content_length(&self) -> Option<usize> {
        usize::try_from(number(self.get("Content-Length")?)?).ok()
    }

    /// The media type of the body, in lower case, without parameters.
    pub fn content_type(&self) -> Option<String> {
        let media = self.get("Content-Type")?.split(';').next()?;
        Some(media.split_ascii_whitespace().collect::<String>().to_ascii_lowercase())
    }

    /// Expires in seconds; too large a number is the largest.
    pub fn expires(&self) -> Option<u32> {
        self.seconds("Expires")
    }

    /// Min-SE in seconds (RFC 4028).
    pub fn min_se(&self) -> Option<u32> {
        self.seconds("Min-SE")
    }

    /// Session-Expires.
    pub fn session_expires(&self) -> Option<SessionExpires> {
        let refresher = match param::find(self.params("Session-Expires")?, "refresher") {
            Some(who) if who.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(who) if who.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            Some(_) | None => None,
        };
        Some(SessionExpires { delta: self.seconds("Session-Expires")?, refresher })
    }

    /// Retry-After in seconds.
    pub fn retry_after(&self) -> Option<u32> {
        let text = self.get("Retry-After")?;
        let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
        Some(saturated(number(&text[..end])?))
    }

    /// RSeq (RFC 3262).
    pub fn rseq(&self) -> Option<u32> {
        u32::try_from(number(self.get("RSeq")?)?).ok()
    }

    /// RAck (RFC 3262): the RSeq, the CSeq and the method of the response acknowledged.
    pub fn rack(&self) -> Option<(u32, u32, Method)> {
        let (rseq, cseq) = self.get("RAck")?.split_once([' ', '\t'])?;
        let (n, method) = cseq_parts(cseq)?;
        Some((u32::try_from(number(rseq)?).ok()?, n, Method::parse(method)?))
    }

    /// Replaces (RFC 3891): Call-ID, to-tag and from-tag.
    pub fn replaces(&self) -> Option<(String, String, String)> {
        replaces_parts(self.get("Replaces")?)
    }

    /// The option tags or tokens of `name` (`Require`, `Supported`, `Unsupported`, `Proxy-Require`,
    /// `Accept`, …), one an item, over all its lines.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.lines(name).filter_map(|l| std::str::from_utf8(l).ok());
        lines.flat_map(elements).filter(|e| !e.is_empty())
    }

    /// Whether `name` lists `token`, without regard to case.
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.all(name).any(|t| t.eq_ignore_ascii_case(token))
    }

    /// The methods of Allow.
    pub fn allow(&self) -> Vec<Method> {
        self.all("Allow").filter_map(Method::parse).collect()
    }

    /// The Digest credentials of Authorization; other schemes are passed over.
    pub fn authorization(&self) -> impl Iterator<Item = Credentials> {
        self.parsed("Authorization")
    }

    /// The Digest credentials of Proxy-Authorization.
    pub fn proxy_authorization(&self) -> impl Iterator<Item = Credentials> {
        self.parsed("Proxy-Authorization")
    }

    /// The Digest challenges of WWW-Authenticate, in the challenger's order.
    pub fn www_authenticate(&self) -> impl Iterator<Item = Challenge> {
        self.parsed("WWW-Authenticate")
    }

    /// The Digest challenges of Proxy-Authenticate.
    pub fn proxy_authenticate(&self) -> impl Iterator<Item = Challenge> {
        self.parsed("Proxy-Authenticate")
    }

    fn parsed<T: FromStr>(&self, name: &'static str) -> impl Iterator<Item = T> {
        self.lines(name).filter_map(|l| std::str::from_utf8(l).ok()?.parse().ok())
    }

    fn one(&self, name: &'static str) -> Result<NameAddr, Unreadable> {
        let text = self.lossy(name).ok_or(Unreadable::Missing(name))?;
        text.parse().map_err(|_| Unreadable::Malformed(name))
    }

    fn list_of<T: FromStr>(&self, name: &'static str) -> Result<Vec<T>, Unreadable> {
        let mut list = vec![];
        for line in self.lines(name) {
            for element in elements(&lossy(line)) {
                list.push(element.parse().map_err(|_| Unreadable::Malformed(name))?);
            }
        }
        Ok(list)
    }

    fn tag_of(&self, name: &str) -> Option<&str> {
        AddressParts::read(self.get(name)?)?.tag().filter(|t| !t.is_empty())
    }

    fn seconds(&self, name: &str) -> Option<u32> {
        let text = self.get(name)?;
        let digits = text.split(';').next().map(trim)?;
        Some(saturated(number(digits)?))
    }

    fn params(&self, name: &str) -> Option<&str> {
        let text = self.get(name)?;
        Some(text.find(';').map_or("", |at| &text[at..]))
    }
}

/// The parts of a Replaces value, also as a Refer-To carries it: Call-ID, to-tag, from-tag.
pub fn replaces_parts(text: &str) -> Option<(String, String, String)> {
    let (call_id, params) = text.split_at(text.find(';')?);
    let tag = |name| param::find(params, name).map(str::to_owned);
    Some((trim(call_id).to_owned(), tag("to-tag")?, tag("from-tag")?))
}

/// The number and the method's name of a CSeq value.
pub(super) fn cseq_parts(text: &str) -> Option<(u32, &str)> {
    let (n, method) = text.split_at(text.bytes().position(is_blank)?);
    let n = u32::try_from(number(n)?).ok().filter(|n| *n < 1 << 31)?;
    let method = trim(method);
    is_token(method).then_some((n, method))
}

fn saturated(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
