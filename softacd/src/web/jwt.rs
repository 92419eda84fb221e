//! A page's proof of who its user is, as a JSON Web Token (RFC 7519): one algorithm, HS256, whatever the token says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::Wall;
use ngcc_proto::contact::Given;
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::Sha256;

/// The longest token, in bytes.
const LONGEST: usize = 12 * 1024;
/// How far ahead its end may lie, in seconds.
const LONGEST_LIFE: f64 = 24.0 * 3600.0;
/// How far the clock of whoever made it may be from ours, in seconds.
const LEEWAY: f64 = 60.0;

/// Why a token proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// It is no token, of another algorithm, or not signed with the secret.
    Unproved,
    /// It lacks `sub` or `exp`, or a claim is not as it must be.
    Claims,
    /// Its time is over, or has not begun.
    Time,
    /// It is good for longer than a day.
    Long,
}

impl Bad {
    /// For whoever mends the page.
    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::Unproved => "the token is not signed by HS256 with the identity secret",
            Self::Claims => {
                "the token needs `sub` and `exp`; `name` is a text, `attributes` at most 32 texts by key, 4 KiB in all"
            }
            Self::Time => "the token has expired, or is not good yet",
            Self::Long => "the token is good for more than 24 hours",
        }
    }
}

/// What a token proves.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    /// The customer's id.
    pub(super) sub: String,
    /// Their name.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// What the company's own system knows of them.
    #[serde(default)]
    pub(super) attributes: Option<Given>,
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    iat: Option<f64>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    /// What must be understood: nothing is.
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

/// What `token` proves at `now`.
pub(super) fn read(key: &[u8], token: &str, now: Wall) -> Result<Claims, Bad> {
    let claims: Claims = serde_json::from_slice(&proved(key, token)?).map_err(|_| Bad::Claims)?;
    let now = now.0 as f64 / 1000.0;
    if claims.exp <= now || claims.nbf.into_iter().chain(claims.iat).any(|from| from > now + LEEWAY) {
        return Err(Bad::Time);
    }
    if claims.exp > now + LONGEST_LIFE + LEEWAY {
        return Err(Bad::Long);
    }
    Ok(claims)
}

/// The bytes that a token has signed.
fn proved(key: &[u8], token: &str) -> Result<Vec<u8>, Bad> {
    if token.len() > LONGEST {
        return Err(Bad::Unproved);
    }
    let mut parts = token.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Bad::Unproved);
    };
    let bytes = |part: &str| BASE64.decode(part).map_err(|_| Bad::Unproved);
    let header: Header = serde_json::from_slice(&bytes(head)?).map_err(|_| Bad::Unproved)?;
    let jwt = header.typ.is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
    if header.alg != "HS256" || !jwt || header.crit.is_some() {
        return Err(Bad::Unproved);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Bad::Unproved)?;
    mac.update(&token.as_bytes()[..head.len() + 1 + claims.len()]);
    mac.verify_slice(&bytes(signature)?).map_err(|_| Bad::Unproved)?;
    bytes(claims)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: Wall = Wall(1_700_000_000_000);

    fn signed(key: &[u8], header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        format!("{text}.{}", BASE64.encode(mac.finalize().into_bytes()))
    }

    fn token(claims: &Value) -> String {
        signed(b"s3cret", &json!({ "alg": "HS256", "typ": "JWT" }), claims)
    }

    fn claims(exp: i64) -> Value {
        json!({ "sub": "4711", "name": "Ann", "exp": exp, "attributes": { "tier": "gold" } })
    }

    /// RFC 7515, appendix A.1.
    #[test]
    fn the_example_of_the_standard_is_proved_by_its_key_alone() {
        let key = BASE64
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
            eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
            dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let claims: Value = serde_json::from_slice(&proved(&key, token).unwrap()).unwrap();
        assert_eq!(claims, json!({ "iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true }));
        assert_eq!(proved(b"another", token), Err(Bad::Unproved));
        assert_eq!(proved(&key, &token.replace("eyJpc3M", "eyJpc3N")), Err(Bad::Unproved));
        assert_eq!(read(&key, token, NOW).unwrap_err(), Bad::Claims, "it does not say who");
    }

    #[test]
    fn a_token_proves_who_its_bearer_is_and_what_is_known_of_them() {
        let read = read(b"s3cret", &token(&claims(1_700_000_100)), NOW).unwrap();
        assert_eq!((read.sub.as_str(), read.name.as_deref()), ("4711", Some("Ann")));
        let attributes = read.attributes.unwrap();
        assert_eq!(
            attributes.iter().map(|(key, value)| (key, value.0.as_str())).collect::<Vec<_>>(),
            [("tier", "gold")]
        );
    }

    #[test]
    fn no_other_algorithm_and_no_other_secret_prove_anything() {
        let claims = claims(1_700_000_100);
        for header in [
            json!({ "alg": "none" }),
            json!({ "alg": "hs256" }),
            json!({ "alg": "HS384" }),
            json!({ "alg": "RS256" }),
            json!({ "typ": "JWT" }),
            json!({ "alg": "HS256", "crit": ["exp"] }),
            json!({ "alg": "HS256", "typ": "at+jwt" }),
        ] {
            let token = signed(b"s3cret", &header, &claims);
            assert_eq!(read(b"s3cret", &token, NOW).unwrap_err(), Bad::Unproved, "{header}");
        }
        let good = token(&claims);
        let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
        let short = &good[..good.len() - 4];
        let twice = format!("{good}.{good}");
        let long = token(&json!({ "sub": "x".repeat(LONGEST), "exp": 1_700_000_100 }));
        for bad in ["", ".", "..", &unsigned, short, &twice, &long] {
            assert_eq!(read(b"s3cret", bad, NOW).unwrap_err(), Bad::Unproved, "{bad:.40}");
        }
        assert_eq!(read(b"another", &good, NOW).unwrap_err(), Bad::Unproved);
        assert_eq!(read(b"", &good, NOW).unwrap_err(), Bad::Unproved);
    }

    #[test]
    fn a_token_is_good_for_its_time_and_for_a_day_at_the_most() {
        let at = |claims: Value| read(b"s3cret", &token(&claims), NOW).map(drop);
        let now = 1_700_000_000;
        assert_eq!(at(claims(now)), Err(Bad::Time));
        assert_eq!(at(claims(now - 1)), Err(Bad::Time));
        assert_eq!(at(claims(now + 1)), Ok(()));
        assert_eq!(at(claims(now + 24 * 3600)), Ok(()));
        assert_eq!(at(claims(now + 24 * 3600 + 61)), Err(Bad::Long));
        for claim in ["nbf", "iat"] {
            let mut claims = claims(now + 3600);
            claims[claim] = json!(now + 59);
            assert_eq!(at(claims.clone()), Ok(()), "{claim}");
            claims[claim] = json!(now + 61);
            assert_eq!(at(claims), Err(Bad::Time), "{claim}");
        }
    }

    #[test]
    fn a_token_without_its_claims_or_with_odd_ones_proves_nothing() {
        for claims in [
            json!({ "sub": "4711" }),
            json!({ "exp": 1_700_000_100 }),
            json!({ "sub": 4711, "exp": 1_700_000_100 }),
            json!({ "sub": "4711", "exp": "1700000100" }),
            json!({ "sub": "4711", "exp": 1_700_000_100, "attributes": { "a": { "b": "c" } } }),
            json!({ "sub": "4711", "exp": 1_700_000_100, "attributes": { "a": "x".repeat(2000) } }),
            json!([]),
        ] {
            assert_eq!(read(b"s3cret", &token(&claims), NOW).unwrap_err(), Bad::Claims, "{claims}");
        }
    }
}
