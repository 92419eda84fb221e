//! What a person on a channel reads: a channel has no client of ours that words the centre's lines.

use ngcc_proto::chat::{Choice, Content, Notice};

use super::io::Piece;
use super::rule::Buttons;

/// The most bytes that a button gives back.
pub const MAX_DATA: usize = 64;

/// The centre's line in the channel's language; none where the person need not know.
fn notice(notice: &Notice, zh: bool) -> Option<String> {
    let text = match notice {
        Notice::Joined { display } if zh => format!("{display} 为您服务"),
        Notice::Joined { display } => format!("{display} joined"),
        Notice::Left { display } if zh => format!("{display} 已离开"),
        Notice::Left { display } => format!("{display} left"),
        Notice::ToAuto if zh => "已转到自动服务".to_owned(),
        Notice::ToAuto => "You are with the automatic service".to_owned(),
        Notice::ToHuman if zh => "已转回人工服务".to_owned(),
        Notice::ToHuman => "You are with the agent again".to_owned(),
        Notice::Transferred { to } if zh => format!("已转接到 {to}"),
        Notice::Transferred { to } => format!("You are being transferred to {to}"),
        Notice::ClosesSoon { .. } if zh => "会话即将因长时间无消息而结束，回复任意内容即可继续".to_owned(),
        Notice::ClosesSoon { .. } => "This chat will be closed soon unless you write".to_owned(),
        Notice::CustomerGone | Notice::CustomerBack => return None,
    };
    Some(text)
}

/// What is typed to choose the `n`th: its value where values are as short as keys, otherwise its number.
fn key(choices: &[Choice], n: usize) -> String {
    let short = choices.iter().all(|choice| choice.value.chars().count() <= 2);
    if short { choices[n].value.clone() } else { (n + 1).to_string() }
}

/// `text` with what may be chosen below it, each with what is typed for it.
pub fn listed(text: &str, choices: &[Choice]) -> String {
    let mut all = text.to_owned();
    for (n, choice) in choices.iter().enumerate() {
        all.push_str(&format!("\n{}  {}", key(choices, n), choice.label));
    }
    all
}

/// A message as pieces that a channel of at most `most` bytes a text takes, which may have `buttons`.
pub(super) fn pieces(content: &Content, zh: bool, (most, buttons): (usize, Option<Buttons>)) -> Vec<Piece> {
    let fits = |choices: &[Choice]| {
        let fits =
            |of: &Buttons| choices.len() <= of.most && choices.iter().all(|c| c.label.len() <= of.label);
        buttons.filter(|of| !choices.is_empty() && fits(of))
    };
    match content {
        Content::Text { text, choices } if fits(choices).is_some() => {
            let mut all = cut(&text.0, fits(choices).map_or(most, |of| of.text.min(most)));
            let asks = |last| match last {
                Some(Piece::Text(text)) => Piece::Asks { text, choices: choices.clone() },
                // Buttons stand below a text: there is one, as content without is none.
                other => other.unwrap_or_else(|| Piece::Text(text.clone())),
            };
            let last = asks(all.pop());
            all.push(last);
            all
        }
        Content::Text { text, choices } => cut(&listed(&text.0, choices), most),
        Content::File { file, name, mime, .. } => {
            vec![Piece::File { file: *file, name: name.clone(), mime: mime.clone() }]
        }
        Content::Notice(line) => notice(line, zh).map(|text| cut(&text, most)).unwrap_or_default(),
        Content::Masked => vec![],
    }
}

/// `text` in parts of at most `most` bytes, cut between characters.
fn cut(text: &str, most: usize) -> Vec<Piece> {
    let mut parts = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        let end =
            (0..=most.min(rest.len())).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end.max(1));
        parts.push(Piece::Text(ngcc_proto::chat::Text(part.to_owned())));
        rest = behind;
    }
    parts
}

/// What somebody means who types `text` where `choices` were offered.
pub(super) fn meant(text: &str, choices: &[Choice]) -> Option<String> {
    let typed = text.trim();
    if choices.iter().any(|choice| choice.value == typed) {
        return Some(typed.to_owned());
    }
    let by_label = choices.iter().find(|choice| choice.label.to_lowercase() == typed.to_lowercase());
    let by_key = || (0..choices.len()).find(|&n| key(choices, n) == typed).map(|n| &choices[n]);
    by_label.or_else(by_key).map(|choice| choice.value.clone())
}

#[cfg(test)]
mod tests {
    use ngcc_proto::chat::Text;

    use super::*;

    fn choices(all: &[(&str, &str)]) -> Vec<Choice> {
        all.iter()
            .map(|(value, label)| Choice { value: (*value).to_owned(), label: (*label).to_owned() })
            .collect()
    }

    fn texts(pieces: Vec<Piece>) -> Vec<String> {
        let text = |piece| if let Piece::Text(text) = piece { text.0 } else { String::new() };
        pieces.into_iter().map(text).collect()
    }

    #[test]
    fn choices_are_listed_by_what_is_typed_for_them_and_understood_by_key_and_label() {
        let menu = choices(&[("1", "Sales"), ("2", "Service")]);
        let text = Content::Text { text: Text("What is it?".into()), choices: menu.clone() };
        assert_eq!(texts(pieces(&text, false, (100, None))), ["What is it?\n1  Sales\n2  Service"]);
        let long = choices(&[("sales", "Sales"), ("back", "Send it back")]);
        assert_eq!(meant(" 2 ", &long), Some("back".to_owned()));
        assert_eq!(meant("SALES", &long), Some("sales".to_owned()));
        assert_eq!(meant("2", &menu), Some("2".to_owned()));
        assert_eq!(meant("what?", &menu), None);
    }

    #[test]
    fn where_there_are_buttons_choices_stand_below_the_end_of_the_text() {
        let menu = choices(&[("1", "Sales"), ("2", "Service")]);
        let text = Content::Text { text: Text("What is it?".into()), choices: menu.clone() };
        let buttons = Buttons { most: 2, label: 7, text: 100 };
        let [first, last] = &pieces(&text, false, (8, Some(buttons)))[..] else { panic!() };
        assert_eq!(*first, Piece::Text(Text("What is ".into())));
        assert_eq!(*last, Piece::Asks { text: Text("it?".into()), choices: menu });
        let small = Buttons { text: 4, ..buttons };
        assert_eq!(pieces(&text, false, (100, Some(small))).len(), 3, "cut as what stands above buttons is");
        for few in [Buttons { most: 1, ..buttons }, Buttons { label: 6, ..buttons }] {
            let list = texts(pieces(&text, false, (100, Some(few))));
            assert_eq!(list, ["What is it?\n1  Sales\n2  Service"], "they do not fit on buttons");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = Content::Text { text: Text("你好你好".into()), choices: vec![] };
        assert_eq!(texts(pieces(&text, true, (7, None))), ["你好", "你好"]);
    }

    #[test]
    fn the_centres_lines_are_worded_in_the_channels_language() {
        let joined = Content::Notice(Notice::Joined { display: "小李".into() });
        assert_eq!(texts(pieces(&joined, true, (100, None))), ["小李 为您服务"]);
        assert!(pieces(&Content::Notice(Notice::CustomerGone), false, (100, None)).is_empty());
        assert!(pieces(&Content::Masked, false, (100, None)).is_empty());
    }
}
