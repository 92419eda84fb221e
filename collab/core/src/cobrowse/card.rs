//! Card numbers: found in whatever text they stand in, however they are grouped, and masked.

use std::borrow::Cow;

/// What stands for what is not shown, whatever its length was.
pub(super) const MASK: &str = "•••";
/// A card number has so many digits.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// A row of digits that is longer than any number that means something is masked unread.
const ENDLESS: usize = 64;
/// Blanks and dashes between two groups of one number, at the most; a row of blanks counts as one.
const BETWEEN: u8 = 3;

/// Digits that stand without anything between them.
#[derive(Debug)]
struct Group {
    from: usize,
    to: usize,
    digits: Vec<u8>,
    /// Whether only blanks and dashes part it from the group before.
    joined: bool,
}

/// `text` with every card number masked.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
    replace(text, &found(&groups(text), true))
}

/// The same where numbers stand in rows that mean something else, as in a style: only digits without anything
/// between them are looked at.
pub(super) fn mask_whole(text: &str) -> Cow<'_, str> {
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
    replace(text, &found(&groups(text), false))
}

/// Whether there are enough digits at all: most texts have few. A digit that is no ASCII has such bytes only.
fn may_hold(text: &str) -> bool {
    text.bytes().filter(|byte| byte.is_ascii_digit() || !byte.is_ascii()).count() >= *DIGITS.start()
}

/// Whether `text` is a part that a card number may be split into: digits, blanks and dashes.
pub(super) fn is_part(text: &str) -> bool {
    let mut digits = 0;
    text.len() <= 64
        && text.chars().all(|c| {
            digits += usize::from(digit(c).is_some());
            digit(c).is_some() || between(c).is_some()
        })
        && (1..=19).contains(&digits)
}

/// Which of `parts` ([`is_part`]), as they follow each other on the page, are one card number together. What is
/// whole within one part is [`mask`]'s business.
pub(super) fn split(parts: &[&str]) -> Vec<bool> {
    let mut masked = vec![false; parts.len()];
    let groups: Vec<(usize, Vec<u8>)> = parts
        .iter()
        .enumerate()
        .flat_map(|(n, part)| groups(part).into_iter().map(move |group| (n, group.digits)))
        .collect();
    for from in 0..groups.len() {
        let mut digits = vec![];
        for (to, group) in groups.iter().enumerate().skip(from) {
            digits.extend_from_slice(&group.1);
            if digits.len() > *DIGITS.end() {
                break;
            }
            if is_card(&digits) && looks_split(&groups[from..=to]) {
                (groups[from].0..=groups[to].0).for_each(|n| masked[n] = true);
            }
        }
    }
    masked
}

/// Whether groups are as large as those of a number that is split: equally, but for the last, or as the cards of
/// four, six and five. Prices in the cells of a table are not.
fn looks_split(groups: &[(usize, Vec<u8>)]) -> bool {
    let sizes: Vec<usize> = groups.iter().map(|group| group.1.len()).collect();
    let Some((last, others)) = sizes.split_last() else { return false };
    let even = others.iter().all(|size| Some(size) == sizes.first() && last <= size);
    even || sizes == [4, 6, 5] || sizes == [4, 6, 4] || sizes.len() == 2
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![];
    // How much has come since the last digit; more than may be: the next group begins anew.
    let (mut since, mut blank) = (u8::MAX, false);
    for (at, c) in text.char_indices() {
        if let Some(value) = digit(c) {
            match groups.last_mut().filter(|_| since == 0) {
                Some(group) => {
                    group.digits.push(value);
                    group.to = at + c.len_utf8();
                }
                None => groups.push(Group {
                    from: at,
                    to: at + c.len_utf8(),
                    digits: vec![value],
                    joined: since <= BETWEEN,
                }),
            }
            (since, blank) = (0, false);
        } else if let Some(width) = between(c) {
            let again = blank && c.is_whitespace();
            since = since.saturating_add(if again { 0 } else { width });
            blank = c.is_whitespace();
        } else {
            (since, blank) = (u8::MAX, false);
        }
    }
    groups
}

/// The spans of card numbers; `rows`: also those of several groups.
fn found(groups: &[Group], rows: bool) -> Vec<(usize, usize)> {
    let mut spans = vec![];
    let mut at = 0;
    while at < groups.len() {
        let end = if rows { row(&groups[at..]) } else { None };
        if let Some(count) = end {
            spans.push((groups[at].from, groups[at + count - 1].to));
            at += count;
            continue;
        }
        if holds(&groups[at].digits) {
            spans.push((groups[at].from, groups[at].to));
        }
        at += 1;
    }
    spans
}

/// How many groups from the first on are one number: the most that are.
fn row(groups: &[Group]) -> Option<usize> {
    let mut digits = vec![];
    let mut count = None;
    for (n, group) in groups.iter().enumerate() {
        digits.extend_from_slice(&group.digits[..group.digits.len().min(ENDLESS)]);
        if (n > 0 && !group.joined) || digits.len() > *DIGITS.end() {
            break;
        }
        if is_card(&digits) {
            count = Some(n + 1);
        }
    }
    count
}

/// Whether a card number stands somewhere in a row of digits.
fn holds(digits: &[u8]) -> bool {
    let within = |length| digits.windows(length).any(is_card);
    digits.len() > ENDLESS || DIGITS.into_iter().any(within)
}

/// The check that every card number meets (ISO/IEC 7812-1, annex B).
fn is_card(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, &digit)| match (n % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    DIGITS.contains(&digits.len()) && sum.is_multiple_of(10)
}

/// The value of a digit, also of one as wide as an ideograph.
fn digit(c: char) -> Option<u8> {
    let wide = u32::from(c).checked_sub(0xff10).filter(|value| *value < 10);
    c.to_digit(10).or(wide).and_then(|value| u8::try_from(value).ok())
}

/// What may stand between two groups, and how much it counts; what cannot be seen counts nothing.
fn between(c: char) -> Option<u8> {
    if matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}') {
        return Some(0);
    }
    let dash = matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '·' | '\u{ff0d}');
    (dash || c.is_whitespace()).then_some(1)
}

fn replace<'a>(text: &'a str, spans: &[(usize, usize)]) -> Cow<'a, str> {
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (from, to) in spans {
        out.push_str(&text[done..*from]);
        out.push_str(MASK);
        done = *to;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_masked_however_they_are_written() {
        for number in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111\u{a0}1111\u{2009}1111 1111",
            "4111 - 1111 - 1111 - 1111",
            "4111\n   1111\n   1111\n   1111",
            "41\u{200b}11111111111111",
            "４１１１１１１１１１１１１１１１",
            "3782 822463 10005",
            "4222222222222",
            "6304 0000 0000 0000 000",
            "004111111111111111",
        ] {
            assert_eq!(mask(&format!("paid with {number}, thanks")), format!("paid with {MASK}, thanks"));
        }
        assert_eq!(mask("12 4111 1111 1111 1111 12/26"), format!("12 {MASK} 12/26"));
        assert_eq!(mask(&"1".repeat(100)), MASK);
    }

    #[test]
    fn other_numbers_stay() {
        for other in [
            "",
            "4111 1111 1111 1112",
            "4111, 1111, 1111, 1111",
            "call 0800 123 456 or 0800 123 457",
            "411111111111",
            "2026-11-26 12:00",
            "(4111)(1111)(1111)(1111)",
        ] {
            assert_eq!(mask(other), other);
        }
        assert_eq!(mask_whole("4111 1111 1111 1111"), "4111 1111 1111 1111");
        assert_eq!(mask_whole("a4111111111111111b"), format!("a{MASK}b"));
    }

    #[test]
    fn a_number_in_pieces_is_found_and_a_table_is_not() {
        assert_eq!(split(&["4111", "1111", "1111", "1111"]), [true; 4]);
        assert_eq!(
            split(&["4", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1"]),
            [true; 16]
        );
        assert_eq!(split(&["99", "41111111", "11111111"]), [false, true, true]);
        assert_eq!(split(&["3782", "822463", "10005", "5"])[..3], [true; 3]);
        assert_eq!(split(&["12", "4111", "111", "11111", "1111"]), [false; 5]);
        assert!(is_part(" 4111 ") && is_part("4") && !is_part("4111a") && !is_part("  ") && !is_part(""));
    }
}
