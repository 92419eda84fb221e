//! SIP text: made and searched.

use super::*;

/// A response to a request of ours.
pub(crate) fn answer(request: &str, status: u16, tag: &str, more: &str, body: &str) -> String {
    let to = value(request, "To");
    let to = if to.contains(";tag=") || tag.is_empty() { to } else { format!("{to};tag={tag}") };
    let kind = if body.starts_with("v=") { "Content-Type: application/sdp\r\n" } else { "" };
    format!(
        "SIP/2.0 {status} X\r\nVia: {}\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\n{more}{kind}Content-Length: {}\r\n\r\n{body}",
        value(request, "Via"),
        value(request, "From"),
        value(request, "Call-ID"),
        value(request, "CSeq"),
        body.len()
    )
}

/// A header's value.
pub(crate) fn value(text: &str, name: &str) -> String {
    has(text, name).unwrap_or_else(|| panic!("no {name} in {text}"))
}

pub(crate) fn has(text: &str, name: &str) -> Option<String> {
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let line =
        head.lines().skip(1).find(|l| l.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

pub(crate) fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

pub(crate) fn status(text: &str) -> u16 {
    text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("no response: {text}"))
}

pub(crate) fn between(text: &str, open: &str, close: &str) -> String {
    let behind = text.split_once(open).unwrap_or_else(|| panic!("no {open} in {text}")).1;
    behind.split(close).next().unwrap_or_default().to_owned()
}

pub(crate) fn tag(value: &str) -> String {
    format!(";tag={}", value.split_once(";tag=").unwrap_or_else(|| panic!("no tag in {value}")).1)
}

pub(crate) fn number(text: &str) -> u32 {
    text.split(' ').next().unwrap().parse().unwrap()
}

/// Whatever leaves is a message that reads back.
pub(crate) fn check(text: &str) {
    assert!(parse(text.as_bytes()).is_ok(), "{text}");
}

/// A REGISTER of `user` from `from`.
pub(crate) fn register(from: SocketAddr, user: &str, seq: u32, more: &str) -> String {
    format!(
        "REGISTER sip:{EDGE} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-r{}-{user}-{seq};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:{user}@{EDGE}>;tag=r1\r\nTo: <sip:{user}@{EDGE}>\r\nCall-ID: reg-{user}\r\nCSeq: {seq} REGISTER\r\n\
         {more}Content-Length: 0\r\n\r\n",
        from.port()
    )
}

/// An Authorization line that answers the `nth` challenge of a 401 or 407.
pub(crate) fn credentials(
    refusal: &str,
    nth: usize,
    user: &str,
    secret: &str,
    method: Method,
    uri: &str,
    count: u32,
) -> String {
    let lines = refusal.lines().filter(|l| l.contains("-Authenticate:"));
    let line = lines.clone().nth(nth).unwrap_or_else(|| panic!("no challenge in {refusal}"));
    let (name, challenge) = line.split_once(": ").unwrap();
    let challenge: Challenge = challenge.parse().unwrap();
    let auth = Auth { nc: format!("{count:08x}"), cnonce: "0a4f113b".to_owned() };
    let ha1 = ha1(challenge.algorithm, user, &challenge.realm, secret);
    let response = response(challenge.algorithm, &ha1, &challenge.nonce, Some(&auth), &method, uri);
    let credentials = Credentials {
        username: user.to_owned(),
        realm: challenge.realm,
        nonce: challenge.nonce,
        uri: uri.to_owned(),
        response,
        algorithm: challenge.algorithm,
        opaque: None,
        qop: Some(auth),
    };
    let header = if name.starts_with("WWW") { "Authorization" } else { "Proxy-Authorization" };
    format!("{header}: {credentials}\r\n")
}
