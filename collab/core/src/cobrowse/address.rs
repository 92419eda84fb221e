//! Addresses: without queries and fragments, which carry tokens and what was typed, and none that runs.

use std::borrow::Cow;

use super::card;

/// Pictures and letters that lie in the address itself.
const CARRIED: [&str; 8] = [
    "data:image/png",
    "data:image/gif",
    "data:image/jpeg",
    "data:image/webp",
    "data:image/avif",
    "data:image/svg+xml",
    "data:font/",
    "data:application/font",
];
/// What never stands in anything that is passed on.
const RUNS: [&str; 4] = ["javascript:", "vbscript:", "data:text/html", "<script"];

/// An address that may be passed on; none: it may not.
pub(super) fn clean(address: &str) -> Option<String> {
    // What a browser passes over when it reads an address.
    let read: String = address.trim().chars().filter(|c| !c.is_control()).collect();
    let scheme = scheme(&read);
    let lower = scheme.map(str::to_ascii_lowercase);
    match lower.as_deref() {
        Some("data") => carried(&read),
        Some("http" | "https") => {
            let bare = cut(&read);
            let (start, rest) = bare.split_once(':')?;
            // Whoever signs in by the address does not show it.
            let host_at = rest.len() - rest.trim_start_matches(['/', '\\']).len();
            let (slashes, rest) = rest.split_at(host_at);
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = host.rsplit('@').next().unwrap_or(host);
            Some(card::mask(&format!("{start}:{slashes}{host}{path}")).into_owned())
        }
        Some("mailto" | "tel" | "sms") | None => Some(card::mask(cut(&read)).into_owned()),
        Some(_) => None,
    }
}

/// A fragment that names an element of the same drawing, as `#icon`.
pub(super) fn is_reference(address: &str) -> bool {
    let name = address.strip_prefix('#').unwrap_or_default();
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.".contains(c));
    first && plain && name.len() <= 64 && card::mask(name) == name
}

/// Whether something that would run stands in `text`, also with blanks in it.
pub(super) fn runs(text: &str) -> bool {
    if !text.contains([':', '<']) {
        return false;
    }
    let tight: String = text
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    RUNS.iter().any(|word| tight.contains(word))
}

/// A text without card numbers and without the queries and fragments of the addresses in it.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    match bare(text) {
        Cow::Borrowed(text) => card::mask(text),
        Cow::Owned(text) => Cow::Owned(card::mask(&text).into_owned()),
    }
}

/// A text without the queries and fragments of the absolute addresses in it.
pub(super) fn bare(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let ends = |c: char| c.is_whitespace() || "\"'<>`)]}|\\".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, from) = rest.split_at(at + 3);
        let (address, after) = from.split_at(from.find(ends).unwrap_or(from.len()));
        out.push_str(before);
        out.push_str(cut(address));
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Up to the query or fragment.
fn cut(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let first = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (first && plain).then_some(scheme)
}

fn carried(address: &str) -> Option<String> {
    let lower = address.get(..address.len().min(64)).unwrap_or(address).to_ascii_lowercase();
    let known = CARRIED.iter().any(|kind| lower.starts_with(kind));
    let (head, body) = address.split_once(',')?;
    if !known {
        return None;
    }
    if head.to_ascii_lowercase().ends_with(";base64") {
        let plain = body.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=%-_".contains(&b));
        return plain.then(|| address.to_owned());
    }
    (!runs(body)).then(|| format!("{head},{}", text(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_fragments_and_sign_ins_are_cut() {
        for (address, shown) in [
            ("https://shop.example/a/b?token=s3cret#x", "https://shop.example/a/b"),
            ("https://shop.example#access_token=s3cret", "https://shop.example"),
            ("/cart?id=1", "/cart"),
            ("?q=s3cret", ""),
            ("#s3cret", ""),
            ("//cdn.example/a.png?sig=s3cret", "//cdn.example/a.png"),
            ("https://bob:s3cret@shop.example/a", "https://shop.example/a"),
            ("  ht\ntps://shop.example/?s3cret ", "https://shop.example/"),
            ("mailto:a@b.example?subject=s3cret", "mailto:a@b.example"),
            ("/pay/4111111111111111/ok", "/pay/•••/ok"),
            ("data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo="),
        ] {
            assert_eq!(clean(address).as_deref(), Some(shown), "{address}");
        }
    }

    #[test]
    fn what_runs_or_is_unknown_is_no_address() {
        for bad in [
            "javascript:alert(1)",
            " java\tscript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "vbscript:x",
            "data:text/html,<script>1</script>",
            "data:application/json,1",
            "data:image/svg+xml,<svg><script>1</script></svg>",
            "data:image/png;base64,<script>",
            "data:image/png",
            "blob:https://shop.example/1",
            "file:///etc/passwd",
        ] {
            assert_eq!(clean(bad), None, "{bad}");
        }
        assert!(runs("x ; java\u{a}script :1") && !runs("read: this"));
        assert!(
            is_reference("#icon-1") && !is_reference("#4") && !is_reference("#a=b") && !is_reference("icon")
        );
    }

    #[test]
    fn addresses_in_texts_lose_their_queries_and_nothing_else_is_lost() {
        assert_eq!(
            text("see (https://a.example/b?c=d#e) and http://x/?y"),
            "see (https://a.example/b) and http://x/"
        );
        assert_eq!(text("what? nothing #1"), "what? nothing #1");
        assert_eq!(text(r#"{"url":"https://a/?t=1","n":2}"#), r#"{"url":"https://a/","n":2}"#);
    }
}
