//! Forms that an agent and a customer fill together, or the customer alone with the automatic service; and what
//! their fields take.

use serde::{Deserialize, Serialize};

/// The most fields of one form.
pub const MAX_FIELDS: usize = 64;
/// The most options of one field.
pub const MAX_OPTIONS: usize = 64;
/// The most bytes that a field takes.
pub const MAX_VALUE: usize = 4096;

/// A form that an agent and a customer fill together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its name.
    pub name: String,
    /// What both see above it.
    #[serde(default)]
    pub label: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, unique in the form.
    pub name: String,
    /// What both see beside it.
    #[serde(default)]
    pub label: String,
    /// What it takes.
    #[serde(default)]
    pub kind: FieldKind,
    /// What may be chosen, where `kind` is `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Whether the form can be confirmed without it.
    #[serde(default)]
    pub required: bool,
    /// Who may fill it.
    #[serde(default)]
    pub by: FieldBy,
}

impl Field {
    /// What people see beside it: its label, else its name.
    pub fn title(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// Who fills it, whatever the form says: what the agent must not see they do not fill.
    pub fn filled_by(&self) -> FieldBy {
        if self.kind == FieldKind::Secret { FieldBy::Customer } else { self.by }
    }

    /// Whether it takes this text; see [`FieldKind::takes`].
    pub fn takes(&self, text: &str) -> bool {
        self.kind.takes(text, &self.options)
    }
}

/// What a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    Lines,
    /// A whole or decimal number.
    Number,
    /// A day, `2026-01-31`.
    Date,
    /// One of `options`.
    Choice,
    /// Yes or no.
    Tick,
    /// Something that the agent must not see: it shows there only that it is filled.
    Secret,
}

impl FieldKind {
    /// Whether a field of this kind, with these `options`, takes a text. Every kind takes an empty one, which takes
    /// out what is there; `true` and `false` are the texts of a tick.
    pub fn takes(self, text: &str, options: &[String]) -> bool {
        let plain = |lines: bool| {
            !text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t')))
        };
        let fits = || match self {
            Self::Text | Self::Secret => plain(false),
            Self::Lines => plain(true),
            Self::Number => is_number(text),
            Self::Date => is_day(text),
            Self::Choice => options.iter().any(|option| option == text),
            Self::Tick => matches!(text, "true" | "false"),
        };
        text.is_empty() || (text.len() <= MAX_VALUE && fits())
    }
}

/// Who may fill a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldBy {
    /// Agent and customer.
    #[default]
    Both,
    /// The customer alone; a secret field is always the customer's.
    Customer,
    /// The agent alone; the customer sees it.
    Agent,
}

/// A whole or decimal number as people write it.
pub fn is_number(text: &str) -> bool {
    let digits = |part: &str| (1..=18).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let bare = text.strip_prefix('-').unwrap_or(text);
    match bare.split_once(['.', ',']) {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(bare),
    }
}

/// A day of the calendar, `2026-01-31`.
pub fn is_day(text: &str) -> bool {
    let form = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(n, b)| if n == 4 || n == 7 { b == b'-' } else { b.is_ascii_digit() });
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    if !form {
        return false;
    }
    let (year, month, day) = (number(&text[..4]), number(&text[5..7]), number(&text[8..]));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_told_from_what_only_looks_like_them() {
        for number in ["0", "-12", "1.5", "1,5", "000123"] {
            assert!(is_number(number), "{number}");
        }
        for none in ["", "-", "1.", ".5", "1e9", "1 000", "+1", "NaN", "1.2.3", "１", "1234567890123456789"]
        {
            assert!(!is_number(none), "{none}");
        }
        for day in ["2026-01-31", "2024-02-29", "2000-02-29"] {
            assert!(is_day(day), "{day}");
        }
        for none in [
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "31.01.2026",
            "２０２６-01",
        ] {
            assert!(!is_day(none), "{none}");
        }
    }

    fn field(kind: FieldKind) -> Field {
        let options = vec!["Red".to_owned(), "Blue".to_owned()];
        let (name, label) = ("colour".to_owned(), String::new());
        Field { name, label, kind, options, required: false, by: FieldBy::Both }
    }

    #[test]
    fn each_kind_takes_its_texts_and_an_empty_one() {
        let long = "x".repeat(MAX_VALUE + 1);
        for (kind, takes, refuses) in [
            (FieldKind::Text, "Ada Lovelace", "two\nlines"),
            (FieldKind::Secret, "k3y", "k\u{0}"),
            (FieldKind::Lines, "two\r\n\tlines", "bell\u{7}"),
            (FieldKind::Number, "-1.5", "five"),
            (FieldKind::Date, "2026-01-31", "2026-02-30"),
            (FieldKind::Choice, "Blue", "blue"),
            (FieldKind::Tick, "false", "no"),
        ] {
            let field = field(kind);
            assert!(field.takes(takes) && field.takes(""), "{kind:?}");
            assert!(!field.takes(refuses) && !field.takes(&long), "{kind:?}");
        }
    }

    #[test]
    fn a_secret_is_the_customers_whoever_else_was_to_fill_it() {
        let mut field = field(FieldKind::Secret);
        assert_eq!((field.filled_by(), field.title()), (FieldBy::Customer, "colour"));
        (field.kind, field.by, field.label) = (FieldKind::Text, FieldBy::Agent, "Colour".to_owned());
        assert_eq!((field.filled_by(), field.title()), (FieldBy::Agent, "Colour"));
    }
}
