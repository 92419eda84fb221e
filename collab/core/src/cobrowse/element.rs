//! What an element is, as far as masking goes: a field or none, and what its author has marked it with.

use serde_json::{Map, Value};

use super::card;

/// A purpose of a field that is never shown, besides those that begin with `cc-` (HTML, autofill).
const PRIVATE: [&str; 3] = ["current-password", "new-password", "one-time-code"];
/// The longest name of a field that is noted.
const LONGEST_NAME: usize = 64;

/// What kind of element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// A style sheet.
    Style,
    /// A script.
    Script,
    /// What holds another document.
    Frame,
    /// A plug-in's.
    Plugin,
    /// `meta`.
    Meta,
    /// `link`.
    Link,
    /// `base`, which says how addresses are read.
    Base,
    /// A drawing surface.
    Canvas,
    /// A field; `area` where its value is its text.
    Field {
        /// Whether it is a text area.
        area: bool,
    },
    /// What can be chosen in a field.
    Choice,
    /// Anything else.
    Other,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Text, or one of several.
    Value,
    /// A tick.
    Tick,
    /// A click.
    Click,
}

/// A field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) takes: Takes,
    /// Whether it is never shown and takes nothing from an agent.
    pub(super) secret: bool,
    /// Whether the customer does not see it either.
    pub(super) hidden: bool,
    /// Its name, for the record.
    pub(super) name: String,
}

/// What an element's author has marked it with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// `data-ngcc-show`: the values of fields in it are shown.
    pub(super) show: bool,
    /// `data-ngcc-mask`: nothing of what stands in it is shown.
    pub(super) mask: bool,
    /// Its text is edited in place, as a field's.
    pub(super) editable: bool,
}

/// What holds for what stands somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) shown: bool,
    pub(super) masked: bool,
    pub(super) editable: bool,
}

impl Scope {
    /// In an element of these marks. What is masked stays so, whatever is marked further in.
    pub(super) fn within(self, marks: Marks) -> Self {
        Self {
            shown: self.shown || marks.show,
            masked: self.masked || marks.mask,
            editable: self.editable || marks.editable,
        }
    }

    /// In another document or in a shadow root: its author has not said there what is shown.
    pub(super) fn across(self) -> Self {
        Self { shown: false, ..self }
    }

    /// Whether a text here is one that nobody typed and nobody hides.
    pub(super) fn text_is_shown(self) -> bool {
        !self.masked && (self.shown || !self.editable)
    }

    /// Whether the value of this field is shown.
    pub(super) fn value_is_shown(self, field: &Field) -> bool {
        self.shown && !self.masked && !field.secret
    }
}

/// The kind of an element of this name.
pub(super) fn tag(name: &str) -> Tag {
    match name {
        "style" => Tag::Style,
        "script" => Tag::Script,
        "iframe" | "frame" | "fencedframe" | "portal" => Tag::Frame,
        "object" | "embed" | "applet" | "param" => Tag::Plugin,
        "meta" => Tag::Meta,
        "link" => Tag::Link,
        "base" => Tag::Base,
        "canvas" => Tag::Canvas,
        "input" | "select" | "button" | "output" => Tag::Field { area: false },
        "textarea" => Tag::Field { area: true },
        "option" => Tag::Choice,
        _ => Tag::Other,
    }
}

fn text<'a>(attributes: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    attributes.get(name).and_then(Value::as_str)
}

/// Whether an attribute is there: a change says that it is gone by null.
fn there(attributes: &Map<String, Value>, name: &str) -> bool {
    attributes.get(name).is_some_and(|value| !value.is_null())
}

/// The marks of an element that comes with these attributes.
pub(super) fn marks(attributes: &Map<String, Value>) -> Marks {
    Marks {
        show: there(attributes, "data-ngcc-show"),
        mask: there(attributes, "data-ngcc-mask"),
        editable: there(attributes, "contenteditable")
            && text(attributes, "contenteditable") != Some("false"),
    }
}

/// The marks of an element whose attributes change.
pub(super) fn remarked(marks: Marks, changed: &Map<String, Value>) -> Marks {
    let new = self::marks(changed);
    let or = |name: &str, new: bool, old: bool| if changed.contains_key(name) { new } else { old };
    Marks {
        show: or("data-ngcc-show", new.show, marks.show),
        mask: or("data-ngcc-mask", new.mask, marks.mask),
        // What was typed stays what was typed.
        editable: marks.editable || new.editable,
    }
}

/// The field that an element is, with these attributes; none if it is none.
pub(super) fn field(tag: Tag, name: &str, attributes: &Map<String, Value>) -> Option<Field> {
    let Tag::Field { .. } = tag else { return None };
    let kind = text(attributes, "type").unwrap_or_default().trim().to_ascii_lowercase();
    let takes = match (name, kind.as_str()) {
        ("input", "checkbox" | "radio") => Takes::Tick,
        ("button", _) | ("input", "button" | "submit" | "reset" | "image") => Takes::Click,
        _ => Takes::Value,
    };
    let called = text(attributes, "name").or_else(|| text(attributes, "id")).unwrap_or("field");
    let called: String = called.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let name = card::mask(&called).into_owned();
    Some(Field { takes, secret: is_secret(attributes), hidden: kind == "hidden", name })
}

/// Whether these attributes, or a change to them, make a field one that is never shown.
pub(super) fn is_secret(attributes: &Map<String, Value>) -> bool {
    let kind = text(attributes, "type").unwrap_or_default().trim().to_ascii_lowercase();
    let purpose = text(attributes, "autocomplete").unwrap_or_default().to_ascii_lowercase();
    let private = |word: &str| word.starts_with("cc-") || PRIVATE.contains(&word);
    matches!(kind.as_str(), "password" | "hidden" | "file")
        || purpose.split_whitespace().any(private)
        // rrweb's own mark of a field that shows its password.
        || there(attributes, "data-rr-is-password")
}
