//! What a chat's customer writes, compared as people mean it: without case, space and width.

use super::is_key;

/// What asks for a human at a menu that has no such choice.
const HUMAN: [&str; 5] = ["0", "human", "agent", "人工", "转人工"];

/// A message, and a label or word to compare it with, in one form.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(narrow).filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether a message asks for a human.
pub(super) fn asks_for_a_human(text: &str) -> bool {
    HUMAN.contains(&plain(text).as_str())
}

/// Whether a message asks for a human in words, where a lone `0` may be an answer.
pub(super) fn names_a_human(text: &str) -> bool {
    asks_for_a_human(text) && plain(text) != "0"
}

/// Whether a word stands in a message: between other letters only where its script has no spaces.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let word = plain(word);
    if word.is_ascii() {
        let text: String = text.chars().map(narrow).collect();
        return text.split(|c: char| !c.is_alphanumeric()).any(|part| plain(part) == word);
    }
    plain(text).contains(&word)
}

/// The keys a message consists of; spaces and hyphens between them and the key that ends an entry do not
/// count. None if there is anything else.
pub(super) fn keys(text: &str, terminator: &str) -> Option<String> {
    let all: String = plain(text).chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let keys = if terminator.is_empty() { &all } else { all.strip_suffix(terminator).unwrap_or(&all) };
    keys.chars().all(is_key).then(|| keys.to_owned())
}

/// The narrow form of a full-width character (Unicode, Halfwidth and Fullwidth Forms).
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_space_and_width_do_not_count() {
        assert_eq!(plain(" Ｓａｌｅｓ　Team "), "salesteam");
        assert_eq!(plain("１"), "1");
        assert!(names_a_human("Human") && !names_a_human("０") && asks_for_a_human("０"));
        assert!(asks_for_a_human("转 人工") && asks_for_a_human("ＡＧＥＮＴ") && !asks_for_a_human("agents"));
    }

    #[test]
    fn a_word_is_found_whole_and_a_chinese_one_anywhere() {
        assert!(has_word("I want to buy, please", "BUY") && !has_word("I am busy", "bus"));
        assert!(has_word("我想买东西", "买") && !has_word("我想卖东西", "买"));
    }

    #[test]
    fn keys_are_read_through_how_people_group_them() {
        assert_eq!(keys("12 34-５６#", "#").as_deref(), Some("123456"));
        assert_eq!(keys("12a", "").as_deref(), Some("12A"));
        assert_eq!(keys("12x", "#"), None);
    }
}
