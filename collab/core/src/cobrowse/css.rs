//! Styles: without comments, and with the addresses in them cleaned.

use super::{address, card};

/// The mark by which rrweb parts one style into the texts of its element.
const SPLIT: &str = "/* rr_split */";

/// A style sheet, a rule or a declaration that may be passed on.
pub(super) fn clean(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = special(rest) {
        let (before, from) = rest.split_at(at);
        plain(before, &mut out);
        rest = if from.starts_with("/*") {
            comment(from, &mut out)
        } else if let Some(opened) = from.strip_prefix('(') {
            if is_address(before) {
                inside(opened, &mut out)
            } else {
                out.push('(');
                opened
            }
        } else {
            string(from, &mut out)
        };
    }
    plain(rest, &mut out);
    out
}

/// Where the next comment, string or bracket begins.
fn special(css: &str) -> Option<usize> {
    let mut found = css.match_indices(['/', '"', '\'', '(']).map(|(at, _)| at);
    found.find(|at| !css[*at..].starts_with('/') || css[*at..].starts_with("/*"))
}

fn plain(text: &str, out: &mut String) {
    out.push_str(&card::mask_whole(&address::bare(text)));
}

/// Whether a bracket behind this takes an address. Whoever writes the name with escapes has something to hide: a
/// name with one is taken for it.
fn is_address(before: &str) -> bool {
    let name =
        before.rsplit(|c: char| !(c.is_alphanumeric() || "-_\\".contains(c))).next().unwrap_or_default();
    name.contains('\\') || ["url", "src", "url-prefix"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A comment; what is behind it.
fn comment<'a>(from: &'a str, out: &mut String) -> &'a str {
    let Some(end) = from[2..].find("*/") else { return "" };
    let (comment, rest) = from.split_at(end + 4);
    if comment == SPLIT {
        out.push_str(SPLIT);
    }
    rest
}

/// What stands in the brackets of an address; what is behind it. One that is not closed ends the style.
fn inside<'a>(opened: &'a str, out: &mut String) -> &'a str {
    let start = opened.trim_start();
    let quote = start.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (inner, behind) = match quote {
        Some(quote) => match quoted(start, quote) {
            Some((inner, behind)) => (inner, behind.trim_start().strip_prefix(')')),
            None => (start, None),
        },
        None => match start.split_once(')') {
            Some((inner, behind)) => (inner, Some(behind)),
            None => (start, None),
        },
    };
    let Some(behind) = behind else {
        out.push_str("(\"\")");
        return "";
    };
    let inner = inner.trim();
    let shown = if address::is_reference(inner) { Some(inner.to_owned()) } else { address::clean(inner) };
    let shown = shown.filter(|shown| !shown.contains(['"', '\\', '\n'])).unwrap_or_default();
    out.push_str("(\"");
    out.push_str(&shown);
    out.push_str("\")");
    behind
}

/// A string; what is behind it. One that is not closed ends the style.
fn string<'a>(from: &'a str, out: &mut String) -> &'a str {
    let quote = if from.starts_with('"') { '"' } else { '\'' };
    let Some((inner, behind)) = quoted(from, quote) else { return "" };
    // In an import or a set of pictures an address stands without a name before it.
    let path =
        !inner.contains(char::is_whitespace) && inner.contains(['/', '.']) && inner.contains(['?', '#']);
    let shown =
        if path { address::clean(inner).unwrap_or_default() } else { address::text(inner).into_owned() };
    out.push(quote);
    // Cleaning only takes away, but it may take the escape from before what it escaped.
    let odd = shown.len() - shown.trim_end_matches('\\').len();
    out.push_str(if odd % 2 == 1 { &shown[..shown.len() - 1] } else { &shown });
    out.push(quote);
    behind
}

/// What stands between the quotes at the beginning of `from`, and what is behind them.
fn quoted(from: &str, quote: char) -> Option<(&str, &str)> {
    let body = &from[1..];
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        if c == quote && !escaped {
            return Some((&body[..at], &body[at + 1..]));
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_styles_are_cleaned_and_the_rest_stays() {
        for (css, shown) in [
            ("a{background:url(/i.png?t=s3cret)}", r#"a{background:url("/i.png")}"#),
            ("a{background:URL( 'https://h/i.png#s3cret' )}", r#"a{background:URL("https://h/i.png")}"#),
            ("a{fill:url(#grad)}", r##"a{fill:url("#grad")}"##),
            ("a{b:url(javascript:x)}", r#"a{b:url("")}"#),
            (r"a{b:u\72l(/i?s3cret)}", r#"a{b:u\72l("/i")}"#),
            ("@import '/x.css?s3cret';p{}", "@import '/x.css';p{}"),
            ("@import \"https://h/x.css?s3cret\";", "@import \"https://h/x.css\";"),
            ("a{width:calc((1px + 2px)/3)}/* s3cret */b{}", "a{width:calc((1px + 2px)/3)}b{}"),
            ("a{}/* rr_split */b{}", "a{}/* rr_split */b{}"),
            ("a::before{content:'4111 1111 1111 1111'}", "a::before{content:'•••'}"),
            ("a::before{content:'why?'}", "a::before{content:'why?'}"),
            ("a{margin:4111 1111 1111 1111}", "a{margin:4111 1111 1111 1111}"),
            ("a{b:url(/i?s3cret", r#"a{b:url("")"#),
            ("a{content:'s3cret", "a{content:"),
            ("a{}/* s3cret", "a{}"),
            ("@namespace https://h/?s3cret;", "@namespace https://h/"),
        ] {
            assert_eq!(clean(css), shown);
        }
    }
}
