//! One field: how it is asked for, and what a message answers.

use ngcc_proto::chat::{Choice, MAX_CHOICES};
use ngcc_proto::config::{self, Field, FieldKind};

use super::words::{Refusal, Said, Words, means, means_one_of, said};
use crate::flow::text::cut;
use crate::flow::vars::{self, Value, Variables};
use crate::flow::verb::reply::plain;

/// The most bytes of a question and of the summary; a text of the flow may stand before them.
pub(super) const MAX_QUESTION: usize = 4000;
/// The most bytes of what stands, on the reply that keeps it.
const MAX_KEPT: usize = 60;
/// What is shown of a secret, however long it is.
const DOTS: &str = "••••••";
/// What chooses to keep what stands. Where a message is an answer, no reply may be chosen by a number, and channels
/// without buttons number what is longer than two characters.
const KEEP: &str = "=";
/// What chooses to leave a field out.
const LEAVE_OUT: &str = "-";

/// A field as it is asked for.
#[derive(Debug)]
pub(super) struct Asked<'f> {
    pub(super) field: &'f Field,
    /// The variable its value goes to.
    pub(super) variable: String,
    /// Whether nobody but the flow may see it.
    pub(super) secret: bool,
}

/// What may be chosen besides an answer.
#[derive(Debug, Default)]
pub(super) struct Offers {
    /// To keep what stands, as it is shown.
    pub(super) keep: Option<String>,
    /// To leave the field out.
    pub(super) leave_out: bool,
}

/// What a message answers.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// This value.
    Value(Value),
    /// What stands is kept.
    Keep,
    /// The field is left out.
    LeaveOut,
    /// A word that leads elsewhere.
    Said(Said),
    /// Nothing that the field takes.
    Refused(Refusal),
}

/// How the options of a choice are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// As replies, each chosen by its number.
    Numbered,
    /// As replies, each chosen by its text.
    Named,
    /// In the text, with their numbers.
    Listed,
    /// In the text, without.
    Bare,
}

impl Offers {
    fn count(&self) -> usize {
        usize::from(self.keep.is_some()) + usize::from(self.leave_out)
    }

    fn choices(&self, words: &Words) -> impl Iterator<Item = Choice> {
        let keep = self.keep.as_ref().map(|stands| {
            let mut kept = stands.clone();
            cut(&mut kept, MAX_KEPT);
            let more = if kept.len() < stands.len() { "…" } else { "" };
            Choice { value: KEEP.to_owned(), label: format!("{}{}{kept}{more}", words.keep, words.colon) }
        });
        let out = Choice { value: LEAVE_OUT.to_owned(), label: words.leave_out.to_owned() };
        keep.into_iter().chain(self.leave_out.then_some(out))
    }
}

impl Asked<'_> {
    /// The question, and the replies below it.
    pub(super) fn question(&self, offers: &Offers, words: &Words) -> (String, Vec<Choice>) {
        let mut text = self.field.title().to_owned();
        let mut choices = Vec::new();
        let mut listed = Vec::new();
        let choice = |value: String, label: &str| Choice { value, label: label.to_owned() };
        match self.field.kind {
            FieldKind::Tick => {
                choices.push(choice("1".to_owned(), words.yes[0]));
                choices.push(choice("2".to_owned(), words.no[0]));
            }
            FieldKind::Choice => {
                let shown = self.how_shown(offers);
                for (n, option) in (1..).zip(&self.field.options) {
                    match shown {
                        Shown::Numbered => choices.push(choice(n.to_string(), option)),
                        Shown::Named => choices.push(choice(option.clone(), option)),
                        Shown::Listed => listed.push(format!("{n}  {option}")),
                        Shown::Bare => listed.push(option.clone()),
                    }
                }
            }
            FieldKind::Text | FieldKind::Lines | FieldKind::Number | FieldKind::Date | FieldKind::Secret => {}
        }
        let unseen = if self.secret { words.unseen } else { "" };
        let list = if listed.is_empty() { "" } else { words.listed };
        for hint in [unseen, self.hint(words), list].into_iter().filter(|hint| !hint.is_empty()) {
            text = format!("{text}\n{hint}");
        }
        if !listed.is_empty() {
            let room = MAX_QUESTION.saturating_sub(text.len() + 1);
            text = format!("{text}\n{}", joined(&listed, room));
        }
        choices.extend(offers.choices(words));
        (text, choices)
    }

    /// What the field takes, in a line.
    fn hint(&self, words: &Words) -> &'static str {
        match self.field.kind {
            FieldKind::Lines => words.lines,
            FieldKind::Number => words.number,
            FieldKind::Date => words.date,
            FieldKind::Text | FieldKind::Choice | FieldKind::Tick | FieldKind::Secret => "",
        }
    }

    /// Where an option is called by a number that another one has, numbers choose nothing.
    fn how_shown(&self, offers: &Offers) -> Shown {
        let options = &self.field.options;
        let number = |option: &String| plain(option).parse::<usize>().ok();
        let own = |(n, option): (usize, &String)| number(option).is_none_or(|called| called == n);
        let numbered = (1..).zip(options).all(own);
        let room = options.len() + offers.count() <= MAX_CHOICES;
        let short = options.iter().all(|option| option.chars().count() <= 2);
        match (numbered, room) {
            (true, true) => Shown::Numbered,
            (true, false) => Shown::Listed,
            (false, true) if short => Shown::Named,
            (false, _) => Shown::Bare,
        }
    }

    /// What stands in its variable, as people may see it; none: nothing does.
    pub(super) fn shown(&self, vars: &Variables, words: &Words) -> Option<String> {
        if self.secret {
            return (!vars.secret(&self.variable).is_empty()).then(|| DOTS.to_owned());
        }
        let value = vars.text(&self.variable);
        if value.is_empty() {
            return None;
        }
        match self.field.kind {
            FieldKind::Tick => Some(if value == "true" { words.yes[0] } else { words.no[0] }.to_owned()),
            FieldKind::Text
            | FieldKind::Lines
            | FieldKind::Number
            | FieldKind::Date
            | FieldKind::Choice
            | FieldKind::Secret => Some(value.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }

    /// What a message answers. An option comes before a word that means something else.
    pub(super) fn answer(&self, text: &str, offers: &Offers, human: bool) -> Answer {
        let text = text.trim();
        if let Some(chosen) = self.chosen(text, offers) {
            return chosen;
        }
        if offers.keep.is_some() && (plain(text) == KEEP || means(text, |words| words.keep)) {
            return Answer::Keep;
        }
        if offers.leave_out && (plain(text) == LEAVE_OUT || means(text, |words| words.leave_out)) {
            return Answer::LeaveOut;
        }
        match said(text, human) {
            Some(said) => Answer::Said(said),
            None => self.judged(text).map_or_else(Answer::Refused, Answer::Value),
        }
    }

    /// The option, or the yes or no, that a message chooses.
    fn chosen(&self, text: &str, offers: &Offers) -> Option<Answer> {
        let written = plain(text);
        match self.field.kind {
            FieldKind::Choice => {
                let options = &self.field.options;
                let by_text = || options.iter().find(|option| plain(option) == written);
                let numbered = matches!(self.how_shown(offers), Shown::Numbered | Shown::Listed);
                let number = written.parse::<usize>().ok().filter(|_| numbered);
                let by_number = number.and_then(|n| options.get(n.checked_sub(1)?));
                let option = options.iter().find(|option| *option == text).or_else(by_text).or(by_number);
                option.map(|option| Answer::Value(Value::Text(option.clone())))
            }
            FieldKind::Tick if written == "1" || means_one_of(text, |words| words.yes) => {
                Some(Answer::Value(Value::Bool(true)))
            }
            FieldKind::Tick if written == "2" || means_one_of(text, |words| words.no) => {
                let no = Answer::Value(Value::Bool(false));
                Some(if self.field.required { Answer::Refused(Refusal::MustBeYes) } else { no })
            }
            FieldKind::Text
            | FieldKind::Lines
            | FieldKind::Number
            | FieldKind::Date
            | FieldKind::Tick
            | FieldKind::Secret => None,
        }
    }

    /// The value that a text is.
    fn judged(&self, text: &str) -> Result<Value, Refusal> {
        // A variable cuts what is longer than it holds: nobody is to find half of what they wrote.
        let most = if self.secret { config::MAX_VALUE } else { vars::MAX_VALUE };
        if text.is_empty() {
            return Err(Refusal::Empty);
        }
        if text.len() > most {
            return Err(Refusal::TooLong);
        }
        let (value, refusal) = match self.field.kind {
            FieldKind::Number => (plain(text), Refusal::Number),
            FieldKind::Date => (plain(text), Refusal::Date),
            FieldKind::Choice => return Err(Refusal::Option),
            FieldKind::Tick => return Err(Refusal::Tick),
            FieldKind::Text | FieldKind::Secret => (text.to_owned(), Refusal::OneLine),
            FieldKind::Lines => (text.to_owned(), Refusal::Odd),
        };
        if self.field.takes(&value) { Ok(Value::Text(value)) } else { Err(refusal) }
    }
}

/// `lines` below one another in at most `most` bytes: where they have more, each has its share.
pub(super) fn joined(lines: &[String], most: usize) -> String {
    let whole: usize = lines.iter().map(|line| line.len() + 1).sum();
    let share = if whole <= most { most } else { (most / lines.len().max(1)).saturating_sub(4) };
    let short = |line: &String| {
        let mut text = line.clone();
        cut(&mut text, share);
        if text.len() < line.len() { text + "…" } else { text }
    };
    lines.iter().map(short).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
