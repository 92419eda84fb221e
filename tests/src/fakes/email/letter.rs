//! Letters as their writers' programs make them, and what a reader sees of ours: by hand, so that neither has the
//! centre's own idea of them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{ADDRESS, Act, CHECKED_BY, CUSTOMERS, PICTURE, Value, json};

/// More than is taken of one letter.
const HUGE: usize = 26 << 20;

/// A customer's letter; an answer to `latest`, if they have one.
pub(super) fn of(
    person: &str,
    id: &str,
    act: &Act<'_>,
    latest: Option<(String, String)>,
    signed: bool,
) -> Vec<u8> {
    let verdict = if signed { "pass" } else { "fail" };
    let mut head = format!(
        "Authentication-Results: {CHECKED_BY};\r\n\tdmarc={verdict} header.from={CUSTOMERS}\r\n\
         Return-Path: <{person}@{CUSTOMERS}>\r\nFrom: Ann <{person}@{CUSTOMERS}>\r\nTo: {ADDRESS}\r\n\
         Message-ID: <{id}.{person}@{CUSTOMERS}>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0800\r\nMIME-Version: 1.0\r\n"
    );
    let mut quote = String::new();
    if let Some((id, text)) = latest {
        head.push_str(&format!("In-Reply-To: {id}\r\nReferences: {id}\r\nSubject: Re: your message\r\n"));
        quote = "\r\n\r\nOn Mon, Jan 5, 2026 at 9:59 AM The Shop <support@shop.example>\r\nwrote:\r\n\r\n"
            .to_owned();
        text.lines().for_each(|line| quote.push_str(&format!("> {line}\r\n")));
    }
    let file = |kind: &str, name: &str, bytes: &[u8]| {
        let encoded = BASE64.encode(bytes);
        let lines: Vec<&str> =
            (0..encoded.len()).step_by(76).map(|at| &encoded[at..encoded.len().min(at + 76)]).collect();
        format!(
            "Content-Type: multipart/mixed; boundary=\"b0rder\"\r\n\r\n--b0rder\r\nContent-Type: text/plain\r\n\r\n{quote}\r\n\
             --b0rder\r\nContent-Type: {kind}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{}\r\n--b0rder--\r\n",
            lines.join("\r\n")
        )
    };
    let rest = match act {
        Act::Writes(text) | Act::Presses(text) => {
            format!(
                "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}{quote}\r\n"
            )
        }
        Act::Shows => file("image/png", "cat.png", PICTURE),
        Act::Overdoes => file("video/mp4", "holidays.mp4", &vec![7; HUGE * 3 / 4]),
    };
    format!("{head}{rest}").into_bytes()
}

/// The report that the letter `id` has not been delivered.
pub(super) fn bounce(id: &str) -> Vec<u8> {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.shop.example\r\nTo: {ADDRESS}\r\nMessage-ID: <b1@mx.shop.example>\r\n\
         Auto-Submitted: auto-replied\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b0unce\"\r\n\r\n\
         --b0unce\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
         --b0unce\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.shop.example\r\n\r\n\
         Final-Recipient: rfc822; ann@{CUSTOMERS}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         --b0unce\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: {ADDRESS}\r\nMessage-ID: {id}\r\nSubject: Re: x\r\n\r\n\
         --b0unce--\r\n"
    )
    .into_bytes()
}

/// What a reader sees of a letter of ours.
pub(super) fn told(to: &str, raw: &str) -> Value {
    let (headers, body) = read(raw);
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let mut told = json!({
        "to": to.strip_suffix(&format!("@{CUSTOMERS}")).unwrap_or(to),
        "from": header("from"),
        "subject": header("subject"),
        "id": header("message-id"),
        "in_reply_to": header("in-reply-to"),
        "references": header("references"),
        "auto_submitted": header("auto-submitted"),
        "reply_to": header("reply-to"),
    });
    let kind = header("content-type");
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        told["text"] = json!(
            String::from_utf8(decoded(&headers, body)).expect("UTF-8").trim_end().replace("\r\n", "\n")
        );
        return told;
    };
    let boundary = format!("--{}", boundary.trim_matches('"'));
    for part in body.split(&boundary as &str).skip(1).filter(|part| !part.starts_with("--")) {
        let (headers, body) = read(part.trim_start_matches("\r\n"));
        let bytes = decoded(&headers, body);
        if headers.get("content-disposition").is_some_and(|how| how.contains("cat.png")) {
            told["picture"] = json!(bytes == PICTURE);
        } else {
            told["text"] = json!(String::from_utf8_lossy(&bytes).trim_end());
        }
    }
    told
}

pub(in super::super) fn picture(message: &Value) -> Option<bool> {
    message["picture"].as_bool()
}

/// Headers, unfolded and by their names in lower case, and what follows them.
fn read(raw: &str) -> (BTreeMap<String, String>, &str) {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw, ""));
    let head = head.replace("\r\n\t", " ").replace("\r\n ", " ");
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    (head.lines().filter_map(header).collect(), body)
}

fn decoded(headers: &BTreeMap<String, String>, body: &str) -> Vec<u8> {
    match headers.get("content-transfer-encoding").map(String::as_str) {
        Some("base64") => {
            let body: String = body.split_whitespace().collect();
            BASE64.decode(body).expect("base64")
        }
        Some("quoted-printable") => {
            let body = body.replace("=\r\n", "");
            let mut parts = body.split('=');
            let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
            for part in parts {
                let (code, rest) = part.split_at(2);
                bytes.push(u8::from_str_radix(code, 16).expect("hex"));
                bytes.extend_from_slice(rest.as_bytes());
            }
            bytes
        }
        Some(_) | None => body.as_bytes().to_vec(),
    }
}
