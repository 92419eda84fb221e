//! Expressions of the `if` verb: `== != < <= > >= && || ! in`, parentheses, texts, whole numbers,
//! `true` and `false`, variables by name. There is no arithmetic and no call.

use std::borrow::Cow;
use std::cmp::Ordering;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::vars::{Value, Variables, is_variable};

/// How deep parentheses, `!` and lists may nest.
const MAX_DEPTH: u32 = 16;
/// The most bytes an expression may have.
const MAX_BYTES: usize = 1000;

/// A condition. An unknown variable is an empty text. A text compared with a number is read as one
/// if it is one; `<` and its like compare as numbers where both sides are, else as texts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Expr(Term);

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Value(Value),
    Variable(Box<str>),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Compare(Box<(Self, Comparison, Self)>),
    /// Whether the first equals one of the others.
    In(Box<Self>, Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Expr {
    /// Whether it holds.
    pub(crate) fn holds(&self, vars: &Variables) -> bool {
        self.0.holds(vars)
    }
}

impl Term {
    fn holds(&self, vars: &Variables) -> bool {
        match self {
            Self::Value(_) | Self::Variable(_) => truth(&self.value(vars)),
            Self::Not(term) => !term.holds(vars),
            Self::And(terms) => terms.iter().all(|t| t.holds(vars)),
            Self::Or(terms) => terms.iter().any(|t| t.holds(vars)),
            Self::Compare(sides) => {
                let (left, how, right) = &**sides;
                how.holds(&left.value(vars), &right.value(vars))
            }
            Self::In(term, list) => {
                let value = term.value(vars);
                list.iter().any(|item| equal(&value, &item.value(vars)))
            }
        }
    }

    fn value<'v>(&'v self, vars: &'v Variables) -> Cow<'v, Value> {
        match self {
            Self::Value(value) => Cow::Borrowed(value),
            Self::Variable(name) => vars.value(name),
            Self::Not(_) | Self::And(_) | Self::Or(_) | Self::Compare(_) | Self::In(..) => {
                Cow::Owned(Value::Bool(self.holds(vars)))
            }
        }
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Self::Equal => equal(left, right),
            Self::NotEqual => !equal(left, right),
            Self::Less => order(left, right) == Ordering::Less,
            Self::LessOrEqual => order(left, right) != Ordering::Greater,
            Self::Greater => order(left, right) == Ordering::Greater,
            Self::GreaterOrEqual => order(left, right) != Ordering::Less,
        }
    }
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(b) => *b,
        Value::Int(n) => *n != 0,
        Value::Text(text) => !text.is_empty() && text != "false",
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) => Some(*n),
        Value::Text(text) => text.parse().ok(),
        Value::Bool(_) => None,
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    // Two texts are compared letter by letter: "007" and "7" are different customers.
    if matches!(left, Value::Int(_)) || matches!(right, Value::Int(_)) {
        return number(left).is_some_and(|l| number(right) == Some(l));
    }
    left.as_text() == right.as_text()
}

fn order(left: &Value, right: &Value) -> Ordering {
    match (number(left), number(right)) {
        (Some(l), Some(r)) => l.cmp(&r),
        (Some(_), None) | (None, Some(_)) | (None, None) => left.as_text().cmp(&right.as_text()),
    }
}

impl TryFrom<String> for Expr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("an expression has more than {MAX_BYTES} bytes"));
        }
        let mut reader = Reader { rest: &text, depth: 0 };
        let term = reader.or().map_err(|why| format!("expression `{text}`: {why}"))?;
        reader.skip_blanks();
        if !reader.rest.is_empty() {
            return Err(format!("expression `{text}`: `{}` is not understood", reader.rest));
        }
        Ok(Self(term))
    }
}

impl JsonSchema for Expr {
    fn schema_name() -> Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": MAX_BYTES,
            "description": "A condition, for example `choice == 1 && lang in [\"zh-CN\", \"zh-TW\"]`.",
        })
    }
}

/// A recursive-descent reader; `depth` bounds its recursion.
struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

impl Reader<'_> {
    fn or(&mut self) -> Result<Term, String> {
        self.list_of("||", Self::and, Term::Or)
    }

    fn and(&mut self) -> Result<Term, String> {
        self.list_of("&&", Self::comparison, Term::And)
    }

    fn list_of(
        &mut self,
        sign: &str,
        mut part: impl FnMut(&mut Self) -> Result<Term, String>,
        make: impl FnOnce(Vec<Term>) -> Term,
    ) -> Result<Term, String> {
        let first = part(self)?;
        if !self.take(sign) {
            return Ok(first);
        }
        let mut terms = vec![first, part(self)?];
        while self.take(sign) {
            terms.push(part(self)?);
        }
        Ok(make(terms))
    }

    fn comparison(&mut self) -> Result<Term, String> {
        let left = self.operand()?;
        if self.take_word("in") {
            return Ok(Term::In(Box::new(left), self.list()?));
        }
        // The longer signs first: `<=` begins like `<`.
        let signs = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let Some((_, how)) = signs.into_iter().find(|(sign, _)| self.take(sign)) else {
            return Ok(left);
        };
        Ok(Term::Compare(Box::new((left, how, self.operand()?))))
    }

    fn list(&mut self) -> Result<Vec<Term>, String> {
        if !self.take("[") {
            return Err("`in` is followed by a list such as `[1, 2]`".to_owned());
        }
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(items);
        }
        loop {
            items.push(self.operand()?);
            if self.take("]") {
                return Ok(items);
            }
            if !self.take(",") {
                return Err("a list's items are parted by `,` and end with `]`".to_owned());
            }
        }
    }

    fn operand(&mut self) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("it nests deeper than {MAX_DEPTH}"));
        }
        let term = self.operand_within();
        self.depth -= 1;
        term
    }

    fn operand_within(&mut self) -> Result<Term, String> {
        if self.take("!") {
            return Ok(Term::Not(Box::new(self.operand()?)));
        }
        if self.take("(") {
            let term = self.or()?;
            return if self.take(")") { Ok(term) } else { Err("a `(` without its `)`".to_owned()) };
        }
        self.skip_blanks();
        for quote in ['"', '\''] {
            if let Some(behind) = self.rest.strip_prefix(quote) {
                let (text, rest) = behind.split_once(quote).ok_or("a text without its closing quote")?;
                self.rest = rest;
                return Ok(Term::Value(Value::Text(text.to_owned())));
            }
        }
        self.word()
    }

    fn word(&mut self) -> Result<Term, String> {
        let negative = usize::from(self.rest.starts_with('-'));
        let behind = &self.rest[negative..];
        let len = behind.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (word, rest) = self.rest.split_at(negative + len);
        if len == 0 {
            return Err(if rest.is_empty() {
                "it ends too early".to_owned()
            } else {
                format!("`{rest}` is no value")
            });
        }
        self.rest = rest;
        match word {
            "true" => Ok(Term::Value(Value::Bool(true))),
            "false" => Ok(Term::Value(Value::Bool(false))),
            _ if word.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'-') => {
                let number = word.parse().map_err(|_| format!("`{word}` is no whole number"))?;
                Ok(Term::Value(Value::Int(number)))
            }
            _ if is_variable(word) => Ok(Term::Variable(word.into())),
            _ => Err(format!("`{word}`: {}", super::vars::NAME_RULE)),
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip_blanks();
        // `!` alone must not be taken out of `!=`.
        let Some(rest) = self.rest.strip_prefix(sign).filter(|rest| sign != "!" || !rest.starts_with('='))
        else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let Some(rest) = self.rest.strip_prefix(word) else { return false };
        if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = rest;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(text: &str) -> Result<Expr, String> {
        Expr::try_from(text.to_owned())
    }

    fn vars() -> Variables {
        let mut vars = Variables::default();
        for (name, value) in [("choice", "1"), ("name", "Ada"), ("age", "18"), ("pin_secret", "4711")] {
            vars.set(name, value.into()).unwrap();
        }
        vars.set("ok", Value::Bool(true)).unwrap();
        vars.set("n", Value::Int(-3)).unwrap();
        vars
    }

    #[test]
    fn expressions_hold_as_they_read() {
        for (text, holds) in [
            ("choice == 1", true),
            ("choice == '1'", true),
            ("choice == '01'", false),
            ("choice != 1", false),
            ("age >= 18 && age < 19", true),
            ("age < 9", false),
            ("name < 'Bob'", true),
            ("n <= -3 && n > -4", true),
            ("ok", true),
            ("!ok || name == \"Ada\"", true),
            ("!(ok && nobody)", true),
            ("choice in [2, 1]", true),
            ("name in ['Bob', 'Cid']", false),
            ("name in []", false),
            ("nobody == ''", true),
            ("inside == ''", true),
            ("pin_secret == 4711", true),
            ("false || true && !false", true),
        ] {
            assert_eq!(expr(text).unwrap().holds(&vars()), holds, "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_with_its_reason() {
        for (text, why) in [
            ("", "it ends too early"),
            ("a ==", "it ends too early"),
            ("(a", "a `(` without its `)`"),
            ("a b", "`b` is not understood"),
            ("a in 5", "`in` is followed by a list"),
            ("a == 'x", "a text without its closing quote"),
            ("A == 1", "a variable's name"),
            ("99999999999999999999 == a", "is no whole number"),
            ("a + 1", "`+ 1` is not understood"),
        ] {
            let error = expr(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn an_expression_nests_sixteen_deep_and_no_deeper() {
        let nested = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
        assert!(expr(&nested(15)).is_ok());
        assert!(expr(&nested(16)).unwrap_err().contains("deeper than 16"));
        assert!(expr(&"!".repeat(900)).unwrap_err().contains("deeper than 16"));
    }
}
