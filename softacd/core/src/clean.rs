//! Names that people give themselves, as far as they are passed on.

/// The longest name that is passed on, in characters.
const LONGEST: usize = 128;

/// `name` without what cannot be seen or turns the text around it, cut; none if nothing is left.
pub(crate) fn name(name: &str) -> Option<String> {
    let clean: String = name.chars().filter(|c| !c.is_control() && !turns(*c)).take(LONGEST).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// `lang` if it has the form of a language tag (RFC 5646).
pub(crate) fn lang(lang: &str) -> Option<String> {
    let tag = lang.len() <= 35
        && lang.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
    tag.then(|| lang.to_owned())
}

/// The bidirectional controls (Unicode Annex 9), the line and paragraph separators, and the byte order mark.
fn turns(c: char) -> bool {
    matches!(
        c,
        '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_and_loses_what_cannot_be_seen() {
        assert_eq!(name("  Zoë \u{202e}gpj.exe\r\n\u{0}"), Some("Zoë gpj.exe".to_owned()));
        assert_eq!(name(" \u{200f}\t"), None);
        assert_eq!(lang("zh-CN"), Some("zh-CN".to_owned()));
        assert_eq!((lang(""), lang("en_GB"), lang("e'n"), lang(&"a-".repeat(20))), (None, None, None, None));
        assert_eq!(name(&"é".repeat(500)).map(|n| n.chars().count()), Some(128));
    }
}
