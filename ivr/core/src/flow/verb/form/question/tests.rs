//! Fields as questions, and what a message answers.

use ngcc_proto::config::FieldBy;

use super::*;

fn field(kind: FieldKind, options: &[&str]) -> Field {
    let options = options.iter().map(|option| (*option).to_owned()).collect();
    Field { name: "f".to_owned(), label: "F".to_owned(), kind, options, required: true, by: FieldBy::Both }
}

fn asked(field: &Field) -> Asked<'_> {
    Asked { field, variable: "f".to_owned(), secret: field.kind == FieldKind::Secret }
}

fn values(question: (String, Vec<Choice>)) -> Vec<String> {
    question.1.into_iter().map(|choice| choice.value).collect()
}

fn text(answer: Answer) -> String {
    let Answer::Value(Value::Text(text)) = answer else { panic!("{answer:?}") };
    text
}

#[test]
fn an_option_is_chosen_by_its_number_or_its_text() {
    let field = field(FieldKind::Choice, &["Red wine", "White wine"]);
    let (asked, words) = (asked(&field), Words::of(false));
    assert_eq!(values(asked.question(&Offers::default(), words)), ["1", "2"]);
    for written in ["2", "２", " white  WINE", "ＷＨＩＴＥ wine"] {
        assert_eq!(text(asked.answer(written, &Offers::default(), false)), "White wine", "{written}");
    }
    for written in ["0", "3", "white", "2."] {
        assert_eq!(
            asked.answer(written, &Offers::default(), false),
            Answer::Refused(Refusal::Option),
            "{written}"
        );
    }
}

#[test]
fn options_that_are_numbers_are_chosen_by_what_they_say() {
    let (words, none) = (Words::of(false), Offers::default());
    let same = field(FieldKind::Choice, &["1", "2", "3"]);
    assert_eq!(values(asked(&same).question(&none, words)), ["1", "2", "3"]);
    let seats = field(FieldKind::Choice, &["2", "4", "1"]);
    assert_eq!(values(asked(&seats).question(&none, words)), ["2", "4", "1"]);
    assert_eq!(text(asked(&seats).answer("2", &none, false)), "2");
    assert_eq!(text(asked(&seats).answer("1", &none, false)), "1");
    assert_eq!(asked(&seats).answer("3", &none, false), Answer::Refused(Refusal::Option));
    // On a channel without buttons these would be typed by another number than they are.
    let sums = field(FieldKind::Choice, &["2", "100"]);
    let (shown, choices) = asked(&sums).question(&none, words);
    assert_eq!((shown.as_str(), choices.len()), ("F\nWrite one of these:\n2\n100", 0));
    assert_eq!(text(asked(&sums).answer("100", &none, false)), "100");
}

#[test]
fn as_many_options_are_replies_as_there_is_room_for() {
    let all: Vec<String> = (0..12).map(|n| format!("Option {n}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (field, words) = (field(FieldKind::Choice, &all), Words::of(false));
    assert_eq!(asked(&field).question(&Offers::default(), words).1.len(), MAX_CHOICES);
    let (shown, choices) = asked(&field).question(&Offers { keep: None, leave_out: true }, words);
    assert!(shown.ends_with("\n11  Option 10\n12  Option 11"), "{shown}");
    assert_eq!(choices, [Choice { value: "-".to_owned(), label: "Leave out".to_owned() }]);
    assert_eq!(text(asked(&field).answer("12", &Offers::default(), false)), "Option 11");
}

#[test]
fn the_longest_list_is_within_a_text() {
    let option = "选".repeat(128);
    let field = field(FieldKind::Choice, &[option.as_str(); 64]);
    let (shown, _) = asked(&field).question(&Offers::default(), Words::of(true));
    assert!(shown.len() <= MAX_QUESTION && shown.lines().count() == 66, "{}", shown.len());
    assert!(shown.ends_with('…'));
}

#[test]
fn an_option_comes_before_a_word_that_leads_elsewhere() {
    let job = field(FieldKind::Choice, &["Agent", "Back", "-"]);
    let offers = Offers { keep: None, leave_out: true };
    for (n, option) in job.options.iter().enumerate() {
        assert_eq!(text(asked(&job).answer(option, &offers, true)), job.options[n]);
    }
    assert_eq!(asked(&job).answer("cancel", &offers, true), Answer::Said(Said::Cancel));
    assert_eq!(asked(&job).answer("leave out", &offers, true), Answer::LeaveOut);
}

#[test]
fn what_is_kept_is_shortened_on_its_reply_and_offered_only_where_it_stands() {
    let field = field(FieldKind::Text, &[]);
    let offers = Offers { keep: Some("字".repeat(100)), leave_out: false };
    let (_, choices) = asked(&field).question(&offers, Words::of(true));
    assert_eq!(choices[0].label, format!("保留：{}…", "字".repeat(20)));
    for written in ["=", "＝", "保留", "KEEP"] {
        assert_eq!(asked(&field).answer(written, &offers, false), Answer::Keep);
        assert_eq!(text(asked(&field).answer(written, &Offers::default(), false)), written);
    }
}

#[test]
fn words_of_either_language_are_understood() {
    for word in ["Yes", "是", "y", "true"] {
        let tick = field(FieldKind::Tick, &[]);
        assert_eq!(asked(&tick).answer(word, &Offers::default(), false), Answer::Value(Value::Bool(true)));
    }
    for word in ["back", "返 回"] {
        assert_eq!(said(word, false), Some(Said::Back));
    }
    assert_eq!((said("human", false), said("human", true)), (None, Some(Said::Human)));
    assert_eq!(said("0", true), None);
}
