//! The lexical ground of RFC 3261 section 25.1: tokens, blanks, quoted strings, percent escapes, lists.

use std::borrow::Cow;

/// A set of bytes, as a table: every byte of a message is asked about more than once.
pub(super) struct Set([bool; 256]);

impl Set {
    /// The bytes of `list`, with the letters and digits where `alphanumeric` says so.
    pub(super) const fn new(alphanumeric: bool, list: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut i = 0;
        while i < list.len() {
            table[list[i] as usize] = true;
            i += 1;
        }
        let mut b = 0u8;
        while alphanumeric && b < 128 {
            table[b as usize] |= b.is_ascii_alphanumeric();
            b += 1;
        }
        Self(table)
    }

    /// The same with the blank and all control characters.
    pub(super) const fn and_controls(mut self) -> Self {
        let mut b = 0;
        while b <= b' ' {
            self.0[b as usize] = true;
            b += 1;
        }
        self.0[0x7f] = true;
        self
    }

    /// Whether `b` is one of them.
    pub(super) fn has(&self, b: u8) -> bool {
        self.0[usize::from(b)]
    }
}

static TOKEN: Set = Set::new(true, b"-.!%*_+`'~");

/// A byte of the `token` rule.
pub(super) fn is_token_byte(b: u8) -> bool {
    TOKEN.has(b)
}

/// Bytes as text; what is no UTF-8 becomes replacement characters.
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    // The lossy conversion looks at every character by itself; hardly ever is it needed.
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// A `token`: at least one byte, all of them token bytes.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// A blank of linear white space; line ends are gone once a header is unfolded.
pub(super) fn is_blank(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

/// `text` without the blanks in front.
pub(super) fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// `text` without the blanks on both sides.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// `text` without the blanks on both sides.
pub(super) fn trim_bytes(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Splits a quoted string off the front: what stands between the quotes (escapes kept), and the rest.
/// Control characters stand in it behind a backslash only, line ends never.
pub(super) fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let bytes = inner.as_bytes();
    let mut i = 0;
    loop {
        match bytes.get(i)? {
            b'"' => return Some((&inner[..i], &inner[i + 1..])),
            b'\\' if matches!(bytes.get(i + 1)?, b'\r' | b'\n') => return None,
            // The escaped byte is skipped unseen; of a longer character the tail is no quote and no backslash.
            b'\\' => i += 2,
            0..=8 | 10..=31 => return None,
            _ => i += 1,
        }
    }
}

/// A quoted string's inside, with its escapes resolved.
pub(super) fn unescape(inner: &str) -> Cow<'_, str> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    Cow::Owned(out)
}

/// Writes `text` as a quoted string. Line ends become blanks: a value never opens a new header.
pub(super) fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '\r' | '\n' => out.push(' '),
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // Control characters may only stand as quoted pairs.
            '\0'..='\x1f' | '\x7f' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Whether every `%` of `text` opens an escape of two hexadecimal digits.
pub(super) fn escapes_are_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(i, &b)| b != b'%' || escaped(bytes, i).is_some())
}

fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |i: usize| char::from(*bytes.get(i)?).to_digit(16);
    u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
}

/// Resolves percent escapes. Escapes that do not make UTF-8 leave the text as it came.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match (bytes[i] == b'%').then(|| escaped(bytes, i)).flatten() {
            Some(b) => {
                out.push(b);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Writes `text` with every byte escaped that is neither `unreserved` nor one of `also`.
pub(super) fn encode(out: &mut String, text: &str, also: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b) || also.contains(&b) {
            out.push(char::from(b));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(b >> 4)]));
            out.push(char::from(HEX[usize::from(b & 15)]));
        }
    }
}

/// The elements of a comma-separated list. Commas in quotes and in angle brackets do not count;
/// an element may be empty, and whoever reads it refuses that.
pub(super) fn elements(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = element_end(text);
        rest = text.get(end + 1..);
        Some(trim(&text[..end]))
    })
}

/// Where the first element of a list ends: at a comma, or at the end of `text`.
pub(super) fn element_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut quotes, mut brackets, mut i) = (false, false, 0);
    while i < bytes.len() {
        match bytes[i] {
            b'\\' if quotes => i += 1,
            b'"' if !brackets => quotes = !quotes,
            b'<' if !quotes => brackets = true,
            b'>' if !quotes => brackets = false,
            b',' if !quotes && !brackets => return i,
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}

/// A number of decimal digits only; too large a one is the largest.
pub(super) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.bytes().fold(0u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0'))))
}
