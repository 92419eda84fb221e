//! What a MESSAGE carries (RFC 3428): plain text, also in a CPIM wrapper (RFC 3862), or that its sender writes (RFC 3994).

use crate::deny::Deny;
use crate::sip::Headers;

/// The media type of who writes (RFC 3994).
pub(super) const COMPOSING: &str = "application/im-iscomposing+xml";

const ACCEPT: &str =
    "Accept: text/plain, message/cpim, application/im-iscomposing+xml\r\nAccept-Encoding: identity\r\n";

/// What somebody does by a MESSAGE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// They say this.
    Text(String),
    /// They write.
    Typing,
    /// Nothing: they write no longer.
    Nothing,
}

pub(super) fn said(headers: &Headers, body: &[u8]) -> Result<Said, Deny> {
    if headers.get("Content-Encoding").is_some_and(|e| !e.trim().eq_ignore_ascii_case("identity")) {
        return Err(Deny::with(415, ACCEPT));
    }
    if body.is_empty() {
        return Ok(Said::Nothing);
    }
    let kind = headers.get("Content-Type").unwrap_or("text/plain");
    let body = std::str::from_utf8(body).map_err(|_| Deny::with(415, ACCEPT))?;
    if media(kind) == "message/cpim" {
        // Its own headers, then those of what it wraps, then that.
        let (_, wrapped) = split(body)?;
        let (head, body) = split(wrapped)?;
        let named = |line: &str| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
        };
        let kind = head.lines().find_map(named);
        return of(kind.as_deref().unwrap_or("text/plain"), body);
    }
    of(kind, body)
}

fn of(kind: &str, body: &str) -> Result<Said, Deny> {
    match media(kind).as_str() {
        "text/plain" if is_utf8(kind) => Ok(Said::Text(body.to_owned())),
        COMPOSING if body.contains(">active<") => Ok(Said::Typing),
        COMPOSING => Ok(Said::Nothing),
        _ => Err(Deny::with(415, ACCEPT)),
    }
}

/// The body that says whether somebody writes; without a word they stop after 90 seconds.
pub(super) fn state(on: bool) -> String {
    let state = if on { "<state>active</state><refresh>90</refresh>" } else { "<state>idle</state>" };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\">{state}</isComposing>\r\n"
    )
}

fn split(text: &str) -> Result<(&str, &str), Deny> {
    let blank = ["\r\n\r\n", "\n\n"].iter().filter_map(|mark| Some((text.find(mark)?, mark.len())));
    let (at, mark) = blank.min().ok_or_else(|| Deny::plain(400))?;
    Ok((&text[..at], &text[at + mark..]))
}

fn media(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a text is of the character set we read; without a word it is.
fn is_utf8(kind: &str) -> bool {
    let named = |part: &str| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    };
    kind.split(';').find_map(named).is_none_or(|set| ["utf-8", "utf8", "us-ascii"].contains(&set.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &str) -> Result<Said, u16> {
        let mut headers = Headers::new();
        headers.push("Content-Type", kind);
        said(&headers, body.as_bytes()).map_err(|deny| deny.status)
    }

    #[test]
    fn text_is_read_plain_and_wrapped_and_other_kinds_are_refused() {
        let text = |text: &str| Ok(Said::Text(text.to_owned()));
        assert_eq!(read("text/plain", "Grüße"), text("Grüße"));
        assert_eq!(read("Text/Plain; Charset=\"UTF-8\"", "hi"), text("hi"));
        assert_eq!(read("text/plain;charset=gbk", "hi"), Err(415));
        assert_eq!(read("text/html", "<b>hi</b>"), Err(415));
        let cpim = "From: <im:ann@example.org>\r\nTo: <im:shop@example.org>\r\n\r\nContent-type: text/plain; charset=utf-8\r\n\r\nhello\r\n\r\nagain";
        assert_eq!(read("message/CPIM", cpim), text("hello\r\n\r\nagain"));
        assert_eq!(read("message/cpim", "no blank line"), Err(400));
        let html = "From: <im:a@b>\n\nContent-Type: text/html\n\nhi";
        assert_eq!(read("message/cpim", html), Err(415));
    }

    #[test]
    fn who_writes_is_told_from_who_has_stopped() {
        let state = |state: &str| {
            let xml = format!(
                "<?xml version=\"1.0\"?><isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>{state}</state></isComposing>"
            );
            read("application/im-iscomposing+xml", &xml)
        };
        assert_eq!(state("active"), Ok(Said::Typing));
        assert_eq!(state("idle"), Ok(Said::Nothing));
        // What we write ourselves is read as what it says.
        assert_eq!(of(COMPOSING, &super::state(true)), Ok(Said::Typing));
        assert_eq!(of(COMPOSING, &super::state(false)), Ok(Said::Nothing));
        assert_eq!(said(&Headers::new(), b""), Ok(Said::Nothing));
        assert_eq!(said(&Headers::new(), b"\xff").map_err(|deny| deny.status), Err(415));
    }
}
