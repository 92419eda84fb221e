//! What a file is, by its bytes; and a name that is only a name.

/// The longest name, in characters and in bytes.
const LONGEST: (usize, usize) = (128, 255);

/// Looks at a file as it passes.
#[derive(Debug, Default)]
pub(super) struct Look {
    head: Vec<u8>,
    /// The bytes of a character that has begun.
    rest: Vec<u8>,
    not_text: bool,
}

impl Look {
    pub(super) fn at(&mut self, chunk: &[u8]) {
        self.head.extend(chunk.iter().take(16 - self.head.len().min(16)));
        if self.not_text {
            return;
        }
        self.rest.extend_from_slice(chunk);
        let (whole, cut) = match std::str::from_utf8(&self.rest) {
            Ok(text) => (text.len(), true),
            // No error length: the end of what is there is the beginning of a character.
            Err(error) => (error.valid_up_to(), error.error_len().is_none()),
        };
        let plain = |b: &u8| *b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x0c);
        self.not_text = !cut || !self.rest[..whole].iter().all(plain);
        self.rest.drain(..whole);
    }

    /// One of a closed list of types; whatever is not recognised is bytes.
    pub(super) fn mime(&self) -> &'static str {
        let head = self.head.as_slice();
        match head {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            [b'%', b'P', b'D', b'F', b'-', ..] => "application/pdf",
            _ if !self.not_text && self.rest.is_empty() => "text/plain",
            _ => "application/octet-stream",
        }
    }
}

/// The last part of a path, without what cannot be seen or turns the text around it.
pub(super) fn name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let seen: String = last.chars().filter(|c| !hidden(*c)).collect();
    let mut out = String::new();
    for c in seen.trim().trim_start_matches('.').chars().take(LONGEST.0) {
        if out.len() + c.len_utf8() > LONGEST.1 {
            break;
        }
        out.push(c);
    }
    if out.is_empty() { "file".to_owned() } else { out }
}
