//! Texts of a flow: `${variable}` templates, and texts by language.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::vars::{Variables, is_secret, is_variable};

/// The most characters a template may have.
pub(crate) const MAX_TEMPLATE: usize = 2000;
/// The most bytes a filled-in template has; what is longer is cut.
const MAX_FILLED: usize = 4096;

/// A text with `${variable}` in it. An unknown variable, and any secret one, reads as nothing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(Box<str>),
    Variable(Box<str>),
}

impl Template {
    /// The text with the variables' values in it.
    pub(crate) fn fill(&self, vars: &Variables) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable(name) => filled.push_str(&vars.text(name)),
            }
        }
        cut(&mut filled, MAX_FILLED);
        filled
    }

    /// The secret variables that stand in it: none may be said, sent or copied.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.variables().filter(|name| is_secret(name))
    }

    /// The variables that stand in it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(&**name),
            Piece::Text(_) => None,
        })
    }

    /// The one variable it consists of, if it is nothing but that.
    pub(crate) fn sole_variable(&self) -> Option<&str> {
        match &self.0[..] {
            [Piece::Variable(name)] => Some(name),
            _ => None,
        }
    }

    /// What stands before the first variable.
    pub(crate) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            Some(Piece::Variable(_)) | None => "",
        }
    }
}

/// Cuts `text` at `max` bytes, at a character's border.
pub(crate) fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.chars().count() > MAX_TEMPLATE {
            return Err(format!("a text has more than {MAX_TEMPLATE} characters"));
        }
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once("${") {
            let Some((name, after)) = behind.split_once('}') else {
                return Err("`${` without a `}` behind it".to_owned());
            };
            if !is_variable(name) {
                return Err(format!("`${{{name}}}`: {}", super::vars::NAME_RULE));
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before.into()));
            }
            pieces.push(Piece::Variable(name.into()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.into()));
        }
        Ok(Self(pieces))
    }
}

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": MAX_TEMPLATE,
            "description": "A text; `${name}` stands for a variable's value. Secret variables read as nothing.",
        })
    }
}

/// One text in several languages, by language tag (`en`, `zh-CN`).
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Texts(BTreeMap<String, Template>);

impl Texts {
    /// The text in the first of `wanted` that is there (a tag, or another of the same language),
    /// else in the first language there is; with its tag.
    pub(crate) fn pick<'t>(&'t self, wanted: &[&str]) -> Option<(&'t str, &'t Template)> {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let find = |want: &str| {
            let exact = self.0.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(want));
            exact.or_else(|| self.0.iter().find(|(tag, _)| primary(tag) == primary(want)))
        };
        let found = wanted.iter().filter(|w| !w.is_empty()).find_map(|w| find(w));
        found.or_else(|| self.0.first_key_value()).map(|(tag, text)| (tag.as_str(), text))
    }

    /// The text in every language, filled in.
    pub(crate) fn all(&self, vars: &Variables) -> impl Iterator<Item = String> {
        self.0.values().map(|text| text.fill(vars))
    }

    /// Whether it is 1 to `most` characters without a variable in every language.
    pub(crate) fn is_plain(&self, most: usize) -> bool {
        let plain = |text: &Template| {
            text.variables().next().is_none() && (1..=most).contains(&text.beginning().chars().count())
        };
        self.0.values().all(plain)
    }

    /// What is wrong with it.
    pub(crate) fn problems(&self, key: &str) -> Vec<String> {
        let mut found = Vec::new();
        if self.0.is_empty() {
            found.push(format!("`{key}` has no language"));
        }
        for (tag, text) in &self.0 {
            if tag.is_empty()
                || tag.len() > 35
                || !tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            {
                found.push(format!("`{key}`: `{tag}` is no language tag such as `en` or `zh-CN`"));
            }
            found
                .extend(text.secrets().map(|name| format!("`{key}`: `{name}` is secret and cannot be said")));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_template_is_filled_and_knows_no_secret() {
        let mut vars = Variables::default();
        vars.set("name", "Ada".into()).unwrap();
        vars.set("pin_secret", "4711".into()).unwrap();
        assert_eq!(template("Hello ${name}, ${nobody}${pin_secret}!").fill(&vars), "Hello Ada, !");
        assert_eq!(template("${pin_secret}").secrets().collect::<Vec<_>>(), ["pin_secret"]);
    }

    #[test]
    fn a_template_that_does_not_close_is_refused() {
        assert!(Template::try_from("a ${b".to_owned()).is_err());
        assert!(Template::try_from("a ${B c}".to_owned()).is_err());
    }

    #[test]
    fn a_text_is_picked_by_tag_then_by_language_then_at_all() {
        let texts: Texts = serde_json::from_str(r#"{"zh-CN":"你好","en":"hello","de":"hallo"}"#).unwrap();
        assert_eq!(texts.pick(&["zh-cn"]).unwrap().0, "zh-CN");
        assert_eq!(texts.pick(&["zh-TW"]).unwrap().0, "zh-CN");
        assert_eq!(texts.pick(&["", "fr", "en-GB"]).unwrap().0, "en");
        assert_eq!(texts.pick(&["fr"]).unwrap().0, "de");
    }
}
