//! Digest access authentication (RFC 3261 section 22, RFC 8760): its two headers and its arithmetic.
//! Nonces, counters and who is known are the registrar's.

use std::fmt;
use std::str::FromStr;

use md5::Md5;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::method::Method;
use super::text::{element_end, is_token, quoted, skip_blanks, trim, unescape, write_quoted};

/// The most parameters credentials or a challenge may have.
const MAX_FIELDS: usize = 32;

/// A hash of RFC 8760.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `MD5`, also where none is named.
    Md5,
    /// `SHA-256`.
    Sha256,
}

impl Algorithm {
    /// As it stands on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// Hashes text to lower-case hexadecimal digits.
    pub fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }

    fn of(name: Option<&str>) -> Option<Self> {
        let Some(name) = name else { return Some(Self::Md5) };
        [Self::Md5, Self::Sha256].into_iter().find(|a| a.name().eq_ignore_ascii_case(name))
    }
}

/// A header that carries no Digest we can use: another scheme, another algorithm, or malformed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("no usable digest: {0}")]
pub struct NoDigest(&'static str);

/// What an Authorization or Proxy-Authorization header says.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub username: String,
    /// The realm.
    pub realm: String,
    /// The nonce answered.
    pub nonce: String,
    /// The digest-uri, as it came: the hash is taken over these bytes.
    pub uri: String,
    /// The answer, in hexadecimal digits as they came.
    pub response: String,
    /// The hash.
    pub algorithm: Algorithm,
    /// What the challenger wanted back.
    pub opaque: Option<String>,
    /// With `qop=auth`, the counter as it came and the client's nonce; `None` of RFC 2069 clients.
    pub qop: Option<Auth>,
}

/// The fields that come with `qop=auth`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Auth {
    /// Eight hexadecimal digits, as they came.
    pub nc: String,
    /// The client's nonce.
    pub cnonce: String,
}

impl Auth {
    /// The counter as a number.
    pub fn count(&self) -> Option<u32> {
        u32::from_str_radix(&self.nc, 16).ok()
    }
}

/// What a WWW-Authenticate or Proxy-Authenticate header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The realm.
    pub realm: String,
    /// The nonce.
    pub nonce: String,
    /// The hash.
    pub algorithm: Algorithm,
    /// To be given back.
    pub opaque: Option<String>,
    /// Whether `qop=auth` is offered.
    pub auth: bool,
    /// Whether only the nonce was too old.
    pub stale: bool,
}

/// H(user:realm:secret), the only form in which a secret is kept.
pub fn ha1(algorithm: Algorithm, user: &str, realm: &str, secret: &str) -> String {
    algorithm.hash(&format!("{user}:{realm}:{secret}"))
}

/// The answer to a challenge (RFC 8760 section 2.5, RFC 2617 section 3.2.2). `uri` is the digest-uri as it
/// stands in the header.
pub fn response(
    algorithm: Algorithm,
    ha1: &str,
    nonce: &str,
    qop: Option<&Auth>,
    method: &Method,
    uri: &str,
) -> String {
    let ha2 = algorithm.hash(&format!("{method}:{uri}"));
    match qop {
        Some(Auth { nc, cnonce }) => algorithm.hash(&format!("{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}")),
        None => algorithm.hash(&format!("{ha1}:{nonce}:{ha2}")),
    }
}

/// Compares in a time that depends on the lengths only.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differing, (x, y)| differing | (x ^ y)) == 0
}

impl Credentials {
    /// Whether the answer is the one that `ha1` gives for `method`, in constant time.
    pub fn prove(&self, ha1: &str, method: &Method) -> bool {
        let right = response(self.algorithm, ha1, &self.nonce, self.qop.as_ref(), method, &self.uri);
        same(right.as_bytes(), self.response.to_ascii_lowercase().as_bytes())
    }
}

impl FromStr for Credentials {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let fields = Fields::read(text)?;
        let need = |name, why| fields.get(name).ok_or(NoDigest(why));
        let qop = match fields.get("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => Some(Auth {
                nc: need("nc", "qop without nc")?,
                cnonce: need("cnonce", "qop without cnonce")?,
            }),
            Some(_) => return Err(NoDigest("a qop that was not offered")),
        };
        Ok(Self {
            username: need("username", "no username")?,
            realm: need("realm", "no realm")?,
            nonce: need("nonce", "no nonce")?,
            uri: need("uri", "no uri")?,
            response: need("response", "no response")?,
            algorithm: fields.algorithm()?,
            opaque: fields.get("opaque"),
            qop,
        })
    }
}

impl FromStr for Challenge {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let fields = Fields::read(text)?;
        Ok(Self {
            realm: fields.get("realm").ok_or(NoDigest("no realm"))?,
            nonce: fields.get("nonce").ok_or(NoDigest("no nonce"))?,
            algorithm: fields.algorithm()?,
            opaque: fields.get("opaque"),
            auth: fields
                .get("qop")
                .is_some_and(|q| q.split(',').any(|q| trim(q).eq_ignore_ascii_case("auth"))),
            stale: fields.get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")),
        })
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::from("Digest realm=");
        write_quoted(&mut out, &self.realm);
        out.push_str(",nonce=");
        write_quoted(&mut out, &self.nonce);
        if let Some(opaque) = &self.opaque {
            out.push_str(",opaque=");
            write_quoted(&mut out, opaque);
        }
        if self.stale {
            out.push_str(",stale=true");
        }
        out.push_str(",algorithm=");
        out.push_str(self.algorithm.name());
        if self.auth {
            out.push_str(",qop=\"auth\"");
        }
        f.write_str(&out)
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::from("Digest ");
        let quoted = [
            ("username", &self.username),
            ("realm", &self.realm),
            ("nonce", &self.nonce),
            ("uri", &self.uri),
            ("response", &self.response),
        ];
        for (name, value) in quoted.into_iter().chain(self.opaque.as_ref().map(|o| ("opaque", o))) {
            out.push_str(name);
            out.push('=');
            write_quoted(&mut out, value);
            out.push(',');
        }
        out.push_str("algorithm=");
        out.push_str(self.algorithm.name());
        if let Some(Auth { nc, cnonce }) = &self.qop {
            out.push_str(&format!(",qop=auth,nc={nc},cnonce="));
            write_quoted(&mut out, cnonce);
        }
        f.write_str(&out)
    }
}

/// What a log may show: who, never the answer.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({} in {}, {})", self.username, self.realm, self.algorithm.name())
    }
}

/// `name=value` pairs behind the scheme, as they came.
struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    fn read(text: &'a str) -> Result<Self, NoDigest> {
        let (scheme, mut rest) = text.split_once([' ', '\t']).ok_or(NoDigest("no parameters"))?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Err(NoDigest("another scheme"));
        }
        let mut fields = vec![];
        loop {
            let end = element_end(rest);
            let (name, value) = rest[..end].split_once('=').ok_or(NoDigest("a parameter without a value"))?;
            let (name, value) = (trim(name), trim(value));
            let whole = match quoted(value) {
                Some((_, behind)) => skip_blanks(behind).is_empty(),
                None => !value.contains('"'),
            };
            let doubled = fields.iter().any(|(n, _): &(&str, _)| n.eq_ignore_ascii_case(name));
            if !is_token(name) || !whole || doubled || fields.len() == MAX_FIELDS {
                return Err(NoDigest("malformed, doubled or too many parameters"));
            }
            fields.push((name, value));
            let Some(behind) = rest.get(end + 1..) else { return Ok(Self(fields)) };
            rest = behind;
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(quoted(value).map_or_else(|| (*value).to_owned(), |(inner, _)| unescape(inner).into_owned()))
    }

    fn algorithm(&self) -> Result<Algorithm, NoDigest> {
        Algorithm::of(self.get("algorithm").as_deref()).ok_or(NoDigest("an algorithm we do not have"))
    }
}

fn hex(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| char::from(HEX[usize::from(n)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 section 3.9.1, with both hashes.
    #[test]
    fn the_examples_of_the_rfc_come_out() {
        let qop = Auth {
            nc: "00000001".to_owned(),
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".to_owned(),
        };
        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
        for (algorithm, right) in [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let ha1 = ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
            let get = Method::Other("GET".into());
            assert_eq!(response(algorithm, &ha1, nonce, Some(&qop), &get, "/dir/index.html"), right);
        }
    }

    #[test]
    fn credentials_read_print_and_prove() {
        let text = r#"Digest username="bob \"b\"", realm="biloxi.com",nonce="dcd98b", uri="sip:bob@biloxi.com;x=%41",
             qop=auth , nc=00000001,cnonce="0a,4f", response="00", opaque="5ccc", algorithm=sha-256"#
            .replace("\n", " ");
        let mut got: Credentials = text.parse().unwrap();
        assert_eq!((got.username.as_str(), got.uri.as_str()), ("bob \"b\"", "sip:bob@biloxi.com;x=%41"));
        assert_eq!((got.algorithm, got.qop.as_ref().unwrap().count()), (Algorithm::Sha256, Some(1)));
        assert_eq!(got.qop.as_ref().unwrap().cnonce, "0a,4f");
        let ha1 = ha1(Algorithm::Sha256, &got.username, "biloxi.com", "zanzibar");
        assert!(!got.prove(&ha1, &Method::Register));
        got.response =
            response(Algorithm::Sha256, &ha1, "dcd98b", got.qop.as_ref(), &Method::Register, &got.uri);
        assert!(got.prove(&ha1, &Method::Register));
        assert!(!got.prove(&ha1, &Method::Invite));
        assert_eq!(got.to_string().parse(), Ok(got.clone()));
        assert!(!format!("{got:?}").contains(&got.response));
    }

    #[test]
    fn a_challenge_reads_as_it_prints() {
        let challenge = Challenge {
            realm: "ngcc".to_owned(),
            nonce: "abc=".to_owned(),
            algorithm: Algorithm::Sha256,
            opaque: None,
            auth: true,
            stale: true,
        };
        let text = challenge.to_string();
        assert_eq!(text, r#"Digest realm="ngcc",nonce="abc=",stale=true,algorithm=SHA-256,qop="auth""#);
        assert_eq!(text.parse(), Ok(challenge));
    }

    #[test]
    fn what_is_no_usable_digest_is_refused() {
        for bad in [
            "NoOneKnowsThisScheme opaque-data=here",
            "Digest",
            "Digest realm",
            "Digest realm=\"open",
            "Digest realm=\"a\", realm=\"b\", nonce=\"c\"",
            "Digest realm=\"a\", nonce=\"c\", algorithm=SHA-512-256",
        ] {
            assert!(bad.parse::<Challenge>().is_err(), "{bad}");
        }
        assert!("Digest x=y,realm=a,nonce=b".parse::<Challenge>().is_ok());
        let many: String = (0..MAX_FIELDS).map(|i| format!("x{i}=y,")).collect();
        assert!(format!("Digest {many}realm=a,nonce=b").parse::<Challenge>().is_err());
    }

    #[test]
    fn only_equal_bytes_are_the_same() {
        assert!(same(b"ab", b"ab") && same(b"", b""));
        assert!(!same(b"ab", b"aB") && !same(b"ab", b"abc"));
    }
}
