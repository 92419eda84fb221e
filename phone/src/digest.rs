//! Digest credentials (RFC 3261 section 22, RFC 8760) from the side that proves its secret.

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::chance;
use crate::phone::Algorithm;

/// A challenge that came, kept so that the next request counts on with the same nonce.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    /// The header that answers it.
    answer_in: &'static str,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    qop: bool,
    count: u32,
}

/// Who proves what about which request.
pub(crate) struct Proof<'a> {
    pub(crate) user: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
}

impl Challenge {
    /// The first challenge among `headers` whose algorithm is `only`, or any of ours if none is given.
    pub(crate) fn choose(headers: &[(String, String)], only: Option<Algorithm>) -> Option<Self> {
        headers.iter().filter_map(|(name, value)| Self::read(name, value)).find(|c| {
            let wanted = only.unwrap_or(c.algorithm);
            c.algorithm == wanted
        })
    }

    fn read(name: &str, value: &str) -> Option<Self> {
        let answer_in = match name.to_ascii_lowercase().as_str() {
            "www-authenticate" => "Authorization",
            "proxy-authenticate" => "Proxy-Authorization",
            _ => return None,
        };
        let rest = value.strip_prefix("Digest ")?;
        let algorithm = match parameter(rest, "algorithm").as_deref() {
            None | Some("MD5") => Algorithm::Md5,
            Some("SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        let qop = parameter(rest, "qop").is_some_and(|q| q.split(',').any(|q| q.trim() == "auth"));
        Some(Self {
            answer_in,
            realm: parameter(rest, "realm")?,
            nonce: parameter(rest, "nonce")?,
            opaque: parameter(rest, "opaque"),
            algorithm,
            qop,
            count: 0,
        })
    }

    /// The next credentials for this nonce: the header's name and value.
    pub(crate) fn credentials(&mut self, proof: &Proof<'_>) -> (&'static str, String) {
        self.count += 1;
        let (count, cnonce) = (format!("{:08x}", self.count), format!("{:016x}", chance()));
        let Self { realm, nonce, .. } = self;
        let Proof { user, secret, method, uri } = proof;
        let ha1 = self.algorithm.hash(&format!("{user}:{realm}:{secret}"));
        let ha2 = self.algorithm.hash(&format!("{method}:{uri}"));
        let response = if self.qop {
            self.algorithm.hash(&format!("{ha1}:{nonce}:{count}:{cnonce}:auth:{ha2}"))
        } else {
            self.algorithm.hash(&format!("{ha1}:{nonce}:{ha2}"))
        };
        let name = self.algorithm.name();
        let mut value = format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={name}"
        );
        if self.qop {
            value.push_str(&format!(", qop=auth, nc={count}, cnonce=\"{cnonce}\""));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque=\"{opaque}\""));
        }
        (self.answer_in, value)
    }
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// One parameter of a challenge: quoted, or a token.
fn parameter(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    while let Some((key, behind)) = rest.split_once('=') {
        let key = key.trim_start_matches([',', ' ']).trim();
        let (value, next) = match behind.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => behind.split_once(',').unwrap_or((behind, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_those_of_the_standard() {
        // RFC 7616 section 3.9.1: Mufasa, Circle of Life.
        let ha1 = |a: Algorithm| a.hash("Mufasa:http-auth@example.org:Circle of Life");
        let rest = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v:00000001:f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ:auth";
        let response = |a: Algorithm| {
            let ha2 = a.hash("GET:/dir/index.html");
            a.hash(&format!("{}:{rest}:{ha2}", ha1(a)))
        };
        assert_eq!(response(Algorithm::Md5), "8ca523f5e9506fed4657c9700eebdbec");
        let sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert_eq!(response(Algorithm::Sha256), sha256);
    }

    #[test]
    fn the_nonce_count_rises_with_each_use() {
        let header =
            ("WWW-Authenticate", "Digest realm=\"a, b\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"");
        let headers = [(header.0.to_owned(), header.1.to_owned())];
        let mut challenge = Challenge::choose(&headers, None).unwrap();
        let proof = Proof { user: "u", secret: "s", method: "REGISTER", uri: "sip:h" };
        assert!(challenge.credentials(&proof).1.contains("nc=00000001"));
        let (name, second) = challenge.credentials(&proof);
        assert_eq!(name, "Authorization");
        assert!(second.contains("nc=00000002") && second.contains("realm=\"a, b\""), "{second}");
        assert!(Challenge::choose(&headers, Some(Algorithm::Md5)).is_none());
    }
}
