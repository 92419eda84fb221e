//! What a request carries: the offer or answer in it, also inside a multipart body, and the keys of an
//! INFO. What cannot be read is refused as RFC 3261 section 8.2.3 says.

use ngcc_proto::Secret;
use ngcc_proto::sdp::Sdp;

use crate::deny::Deny;
use crate::sip::Headers;

const ACCEPT_SDP: &str = "Accept: application/sdp\r\nAccept-Encoding: identity\r\n";
const ACCEPT_KEYS: &str = "Accept: application/dtmf-relay, application/dtmf\r\n";
/// The most parts of a multipart body that are looked at.
const MOST_PARTS: usize = 16;

/// The session description a message carries; none without a body, or where the body may be ignored.
pub(crate) fn sdp(headers: &Headers, body: &[u8]) -> Result<Option<Sdp>, Deny> {
    if body.is_empty() {
        return Ok(None);
    }
    if headers.get("Content-Encoding").is_some_and(|e| !e.trim().eq_ignore_ascii_case("identity")) {
        return Err(Deny::with(415, ACCEPT_SDP));
    }
    let description = match headers.content_type().unwrap_or_default().as_str() {
        "application/sdp" => Some(body),
        "multipart/mixed" | "multipart/alternative" => boundary(headers).and_then(|b| part(body, b)),
        _ => None,
    };
    match description {
        Some(text) => read(text).map(Some),
        None if is_optional(headers) => Ok(None),
        None => Err(Deny::with(415, ACCEPT_SDP)),
    }
}

/// Refuses an asker who reads no session description, which is what every answer to an INVITE carries. One
/// without an Accept reads it (RFC 3261 section 20.1).
pub(crate) fn reads_sdp(headers: &Headers) -> Result<(), Deny> {
    let reads = |range: &str| {
        let kind = range.split(';').next().unwrap_or_default().trim();
        ["application/sdp", "application/*", "*/*"].iter().any(|k| k.eq_ignore_ascii_case(kind))
    };
    if headers.has("Accept") && !headers.all("Accept").any(reads) {
        return Err(Deny::with(406, ACCEPT_SDP));
    }
    Ok(())
}

/// The key of an INFO; none if it carries no key (a heartbeat, or a hook flash).
pub(crate) fn key(headers: &Headers, body: &[u8]) -> Result<Option<Secret>, Deny> {
    if body.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(body).map_err(|_| Deny::plain(400))?;
    let value = match headers.content_type().unwrap_or_default().as_str() {
        "application/dtmf" => text.trim(),
        "application/dtmf-relay" => {
            let signal = text
                .lines()
                .filter_map(|l| l.split_once('='))
                .find(|(n, _)| n.trim().eq_ignore_ascii_case("signal"));
            signal.ok_or_else(|| Deny::plain(400))?.1.trim()
        }
        _ => return Err(Deny::with(415, ACCEPT_KEYS)),
    };
    Ok(match value {
        "10" => Some(Secret::new("*")),
        "11" => Some(Secret::new("#")),
        "12" => Some(Secret::new("A")),
        "13" => Some(Secret::new("B")),
        "14" => Some(Secret::new("C")),
        "15" => Some(Secret::new("D")),
        one if one.len() == 1 && "0123456789*#ABCDabcd".contains(one) => {
            Some(Secret::new(one.to_ascii_uppercase()))
        }
        _ => None,
    })
}

fn read(text: &[u8]) -> Result<Sdp, Deny> {
    // Names in a description may be of any encoding; what matters in it is ASCII.
    String::from_utf8_lossy(text).parse().map_err(|_| Deny::plain(400))
}

fn is_optional(headers: &Headers) -> bool {
    let disposition = headers.get("Content-Disposition").unwrap_or_default().to_ascii_lowercase();
    disposition.split(';').any(|p| p.split_whitespace().collect::<String>() == "handling=optional")
}

fn boundary(headers: &Headers) -> Option<&str> {
    let value = headers
        .get("Content-Type")?
        .split(';')
        .skip(1)
        .filter_map(|p| p.split_once('='))
        .find(|(n, _)| n.trim().eq_ignore_ascii_case("boundary"))?;
    let text = value.1.trim().trim_matches('"');
    (!text.is_empty() && text.len() <= 70).then_some(text)
}

/// The first part of a multipart body that is a session description (RFC 2046 section 5.1).
fn part<'a>(body: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let text = std::str::from_utf8(body).ok()?;
    let mark = format!("--{boundary}");
    text.split(mark.as_str()).skip(1).take(MOST_PARTS).find_map(|part| {
        let (head, inner) = part.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
        let is_sdp = head.lines().filter_map(|l| l.split_once(':')).any(|(n, v)| {
            n.trim().eq_ignore_ascii_case("content-type")
                && v.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("application/sdp"))
        });
        is_sdp.then(|| inner.strip_suffix("\r\n").unwrap_or(inner).as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(content_type: &str) -> Headers {
        let mut headers = Headers::new();
        headers.push("Content-Type", content_type);
        headers
    }

    #[test]
    fn keys_are_read_in_both_forms_and_nothing_else_is() {
        for (kind, body, want) in [
            ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", Some("5")),
            ("Application/DTMF-Relay", "Signal= *\r\n", Some("*")),
            ("application/dtmf-relay", "Signal=11\r\n", Some("#")),
            ("application/dtmf-relay", "Signal=16\r\n", None),
            ("application/dtmf", "a", Some("A")),
            ("application/dtmf", "55", None),
        ] {
            let key = key(&headers(kind), body.as_bytes()).unwrap();
            assert_eq!(key.as_ref().map(Secret::expose), want, "{kind} {body:?}");
        }
        assert_eq!(key(&headers("text/plain"), b"5").unwrap_err().status, 415);
        assert_eq!(key(&headers("application/dtmf-relay"), b"Duration=1\r\n").unwrap_err().status, 400);
    }

    #[test]
    fn a_description_is_found_in_a_multipart_body() {
        let body = "--b1\r\nContent-Type: application/isup\r\n\r\nxx\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n\
            v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 9 RTP/AVP 0\r\n--b1--\r\n";
        let sdp = sdp(&headers("multipart/mixed; boundary=\"b1\""), body.as_bytes()).unwrap().unwrap();
        assert_eq!(sdp.media.len(), 1);
    }

    #[test]
    fn a_body_of_another_kind_is_refused_unless_it_is_optional() {
        assert_eq!(sdp(&headers("text/plain"), b"hi").unwrap_err().status, 415);
        let mut optional = headers("text/plain");
        optional.push("Content-Disposition", "render; handling = optional");
        assert_eq!(sdp(&optional, b"hi"), Ok(None));
        assert_eq!(sdp(&headers("application/sdp"), b"v=1").unwrap_err().status, 400);
    }
}
