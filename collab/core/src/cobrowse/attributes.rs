//! An element's attributes, as far as they are passed on.

use serde_json::{Map, Value};

use super::card::{self, MASK};
use super::element::{Field, Scope, Tag};
use super::{address, css};

/// All that is passed on of a field that is masked, or of what stands in something that is: how it looks, and
/// nothing that could repeat what is in it.
const LOOKS: [&str; 35] = [
    "align",
    "autocomplete",
    "class",
    "cols",
    "colspan",
    "contenteditable",
    "dir",
    "disabled",
    "fill",
    "for",
    "height",
    "hidden",
    "id",
    "lang",
    "multiple",
    "name",
    "readonly",
    "required",
    "role",
    "rows",
    "rowspan",
    "size",
    "stroke",
    "style",
    "tabindex",
    "type",
    "viewBox",
    "width",
    "wrap",
    "xmlns",
    "rr_width",
    "rr_height",
    "rr_scrollLeft",
    "rr_scrollTop",
    "open",
];
/// Attributes that are addresses.
const ADDRESSES: [&str; 13] = [
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "background",
    "cite",
    "xlink:href",
    "longdesc",
    "usemap",
    "icon",
    "profile",
    "data",
];
/// Attributes that are never passed on: they run, load, or prove something.
const NEVER: [&str; 9] =
    ["srcdoc", "nonce", "integrity", "ping", "manifest", "http-equiv", "is", "rr_src", "rr_dataurl"];
/// Shapes of drawings: rows of numbers that mean something else than a card.
const SHAPES: [&str; 9] = [
    "d",
    "points",
    "viewbox",
    "transform",
    "values",
    "keytimes",
    "keysplines",
    "gradienttransform",
    "patterntransform",
];
/// What `meta` says that changes how a page looks.
const SIGHT: [&str; 3] = ["viewport", "color-scheme", "theme-color"];
/// What `link` leads to that changes how a page looks.
const SHEETS: [&str; 3] = ["stylesheet", "icon", "_csstext"];
/// The longest name of an attribute, in bytes.
const LONGEST_NAME: usize = 128;

/// What an element is, for its attributes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of<'a> {
    pub(super) tag: Tag,
    pub(super) name: &'a str,
    pub(super) svg: bool,
    pub(super) field: Option<&'a Field>,
    /// What holds in the element.
    pub(super) scope: Scope,
}

/// The attributes that may be passed on, each as it may be.
pub(super) fn clean(of: Of<'_>, attributes: Map<String, Value>) -> Map<String, Value> {
    let whole = context(&attributes);
    let mut out: Map<String, Value> = Map::new();
    for (name, value) in attributes {
        if let Some(value) = one(of, &whole, &name, value) {
            out.insert(name, value);
        }
    }
    split(&mut out);
    out
}

/// What other attributes of the same element say of one.
#[derive(Default)]
struct Context {
    name: String,
    rel: String,
}

fn context(attributes: &Map<String, Value>) -> Context {
    let lower =
        |name: &str| attributes.get(name).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    Context { name: lower("name"), rel: lower("rel") }
}

/// Whether a field's value is not to be seen, or anything of the element.
fn is_tight(of: Of<'_>) -> bool {
    of.scope.masked || of.field.is_some_and(|field| !of.scope.value_is_shown(field))
}

fn one(of: Of<'_>, whole: &Context, name: &str, value: Value) -> Option<Value> {
    let lower = name.to_ascii_lowercase();
    let plain = |c: char| c.is_alphanumeric() || "-_:.@".contains(c);
    let odd = name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain);
    if odd || lower.starts_with("on") || NEVER.contains(&lower.as_str()) && !is_picture(of, &lower) {
        return None;
    }
    if value.is_null() {
        return Some(value);
    }
    if matches!(lower.as_str(), "value" | "checked" | "selected") {
        return state(of, &lower, value);
    }
    if is_tight(of) && !LOOKS.contains(&name) && !lower.starts_with("data-ngcc-") {
        return None;
    }
    let drop = match of.tag {
        Tag::Script | Tag::Base | Tag::Plugin => !LOOKS.contains(&name),
        Tag::Frame => lower == "src",
        Tag::Meta => lower == "content" && !SIGHT.contains(&whole.name.as_str()),
        Tag::Link => {
            let shows = whole.rel.split_whitespace().any(|word| SHEETS.contains(&word));
            matches!(lower.as_str(), "href" | "imagesrcset") && !shows
        }
        Tag::Style | Tag::Canvas | Tag::Field { .. } | Tag::Choice | Tag::Other => false,
    };
    if drop {
        return None;
    }
    match value {
        Value::String(text) => string(of, &lower, text).map(Value::String),
        Value::Number(number) => {
            (card::mask(&number.to_string()) == number.to_string()).then_some(Value::Number(number))
        }
        Value::Bool(_) => Some(value),
        Value::Object(rules) if lower == "style" => style(rules).map(Value::Object),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether it is a picture that the page has drawn into itself: not what a customer draws on a surface.
fn is_picture(of: Of<'_>, lower: &str) -> bool {
    lower == "rr_dataurl" && of.name == "img" && !of.scope.masked
}

/// What is in a field: its value, its tick, or which choice is taken.
fn state(of: Of<'_>, lower: &str, value: Value) -> Option<Value> {
    let shown = match of.field {
        Some(field) => of.scope.value_is_shown(field),
        // An item of a list and a choice have values of the page's own; whatever else has one may be a field.
        None => {
            !of.scope.masked && (of.scope.shown || (lower == "value" && matches!(of.name, "option" | "li")))
        }
    };
    if shown {
        return match value {
            Value::String(text) => Some(Value::String(address::text(&text).into_owned())),
            Value::Bool(_) => Some(value),
            Value::Number(number) => Some(Value::String(card::mask(&number.to_string()).into_owned())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
    }
    let hidden = of.field.is_some_and(|field| field.hidden);
    let empty = value.as_str().is_some_and(str::is_empty);
    // That a field is filled is seen, not with how much. Of a hidden one nothing is seen.
    (lower == "value" && !hidden && !empty).then(|| Value::String(MASK.to_owned()))
}

fn string(of: Of<'_>, lower: &str, text: String) -> Option<String> {
    if lower == "style" || lower == "_csstext" {
        return Some(css::clean(&text));
    }
    if ADDRESSES.contains(&lower) || lower == "rr_dataurl" {
        if of.svg && of.name != "a" && address::is_reference(&text) {
            return Some(text);
        }
        return address::clean(&text);
    }
    if matches!(lower, "srcset" | "imagesrcset") {
        return Some(sources(&text));
    }
    if address::runs(&text) {
        return None;
    }
    if of.svg && SHAPES.contains(&lower) {
        return Some(card::mask_whole(&text).into_owned());
    }
    if of.svg && text.contains("url(") {
        return Some(css::clean(&text));
    }
    let start = text.trim_start();
    if start.starts_with(['/', '.', '?']) && !start.contains(char::is_whitespace) {
        return address::clean(&text);
    }
    Some(address::text(&text).into_owned())
}

/// Pictures to choose from, each with its address and for what it is.
fn sources(text: &str) -> String {
    let mut out = vec![];
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    while !rest.is_empty() {
        let (from, behind) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
        let alone = from.ends_with(',');
        let (what, behind) =
            if alone { ("", behind) } else { behind.split_at(behind.find(',').unwrap_or(behind.len())) };
        let short = what.len() <= 16 && what.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
        if let Some(shown) = address::clean(from.trim_end_matches(',')).filter(|_| short) {
            out.push(format!("{shown} {}", what.trim()).trim().to_owned());
        }
        rest = behind.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    out.join(", ")
}

/// A change of single declarations: `{property: value | [value, priority] | false}`.
fn style(rules: Map<String, Value>) -> Option<Map<String, Value>> {
    let mut out = Map::new();
    for (property, value) in rules {
        if !property.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            return None;
        }
        let value = match value {
            Value::String(text) => Value::String(css::clean(&text)),
            Value::Bool(false) => Value::Bool(false),
            Value::Array(parts) => {
                let part = |part: &Value| part.as_str().map(|text| Value::String(css::clean(text)));
                Value::Array(parts.iter().map(part).collect::<Option<_>>()?)
            }
            Value::Null | Value::Bool(true) | Value::Number(_) | Value::Object(_) => return None,
        };
        out.insert(property, value);
    }
    Some(out)
}

/// Masks a card number that several attributes hold in pieces.
fn split(attributes: &mut Map<String, Value>) {
    let pieces: Vec<String> = attributes
        .iter()
        .filter(|(_, value)| value.as_str().is_some_and(card::is_part))
        .map(|(name, _)| name.clone())
        .collect();
    let texts: Vec<&str> =
        pieces.iter().filter_map(|name| attributes.get(name).and_then(Value::as_str)).collect();
    let masked = card::split(&texts);
    for (name, _) in pieces.iter().zip(masked).filter(|(_, masked)| *masked) {
        attributes.insert(name.clone(), Value::String(MASK.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::element;
    use super::*;

    fn cleaned(name: &str, scope: Scope, attributes: Value) -> Value {
        let Value::Object(attributes) = attributes else { panic!("an object") };
        let tag = element::tag(name);
        let scope = scope.within(element::marks(&attributes));
        let field = element::field(tag, name, &attributes);
        let svg = matches!(name, "use" | "path" | "svg");
        Value::Object(clean(Of { tag, name, svg, field: field.as_ref(), scope }, attributes))
    }

    fn bare(name: &str, attributes: Value) -> Value {
        cleaned(name, Scope::default(), attributes)
    }

    #[test]
    fn of_a_field_only_its_looks_are_shown_unless_its_author_says_so() {
        let full = json!({ "type": "text", "id": "i", "value": "s", "placeholder": "p", "data-v": "s", "title": "s", "aria-valuetext": "s" });
        assert_eq!(bare("input", full.clone()), json!({ "type": "text", "id": "i", "value": MASK }));
        let shown = Scope { shown: true, ..Scope::default() };
        assert_eq!(cleaned("input", shown, full.clone()), full);
        assert_eq!(cleaned("input", Scope { masked: true, ..shown }, full)["value"], MASK);
        for secret in [
            json!({ "type": "PassWord", "value": "s" }),
            json!({ "type": "file", "value": "s" }),
            json!({ "autocomplete": "billing cc-number", "value": "s" }),
            json!({ "autocomplete": "one-time-code", "value": "s" }),
            json!({ "type": "text", "data-rr-is-password": "true", "value": "s" }),
        ] {
            assert_eq!(cleaned("input", shown, secret.clone())["value"], MASK, "{secret}");
        }
        assert_eq!(
            cleaned("input", shown, json!({ "type": "Hidden", "value": "s" })),
            json!({ "type": "Hidden" })
        );
        assert_eq!(bare("input", json!({ "type": "submit", "value": "Pay 5 €" }))["value"], MASK);
        assert_eq!(
            bare("input", json!({ "type": "checkbox", "checked": true })),
            json!({ "type": "checkbox" })
        );
        assert_eq!(bare("option", json!({ "value": "de", "selected": true })), json!({ "value": "de" }));
        assert_eq!(bare("x-field", json!({ "value": "s" })), json!({ "value": MASK }));
    }

    #[test]
    fn what_runs_or_loads_is_dropped() {
        assert_eq!(
            bare("a", json!({ "onclick": "x()", "OnLoad": "x()", "href": "javascript:x()" })),
            json!({})
        );
        assert_eq!(
            bare("iframe", json!({ "srcdoc": "<b>", "src": "https://a/", "rr_src": "https://a/" })),
            json!({})
        );
        assert_eq!(bare("script", json!({ "src": "/x.js", "id": "s" })), json!({ "id": "s" }));
        assert_eq!(bare("meta", json!({ "http-equiv": "refresh", "content": "0;url=/x" })), json!({}));
        assert_eq!(
            bare("meta", json!({ "name": "csrf-token", "content": "s" })),
            json!({ "name": "csrf-token" })
        );
        let viewport = json!({ "name": "viewport", "content": "width=device-width" });
        assert_eq!(bare("meta", viewport.clone()), viewport);
        assert_eq!(bare("link", json!({ "rel": "preload", "href": "/a" })), json!({ "rel": "preload" }));
        assert_eq!(bare("set", json!({ "to": "java script:x()" })), json!({}));
        assert_eq!(bare("canvas", json!({ "rr_dataURL": "data:image/png;base64,AA" })), json!({}));
        assert_eq!(bare("p", json!({ "a b": "1", "x": [1], "y": { "z": 1 } })), json!({}));
    }

    #[test]
    fn addresses_lose_their_queries_wherever_they_stand() {
        let out = bare(
            "img",
            json!({ "src": "/a?s3cret", "srcset": "/a.png?s3cret 1x, https://h/b.png#s3cret 2x", "data-next": "/n?s3cret", "style": "background:url(/b?s3cret)" }),
        );
        let shown = json!({ "src": "/a", "srcset": "/a.png 1x, https://h/b.png 2x", "data-next": "/n", "style": "background:url(\"/b\")" });
        assert_eq!(out, shown);
        assert_eq!(bare("use", json!({ "href": "#icon" })), json!({ "href": "#icon" }));
        assert_eq!(bare("a", json!({ "href": "#token" })), json!({ "href": "" }));
        let moved =
            bare("p", json!({ "style": { "background": ["url(/a?s3cret)", "important"], "color": false } }));
        assert_eq!(moved, json!({ "style": { "background": ["url(\"/a\")", "important"], "color": false } }));
    }

    #[test]
    fn card_numbers_are_masked_in_one_attribute_and_over_several() {
        assert_eq!(bare("p", json!({ "title": "4111 1111 1111 1111" }))["title"], MASK);
        let pieces =
            json!({ "data-a": "4111", "data-b": "1111", "data-c": "1111", "data-d": "1111", "title": "x" });
        let out = bare("p", pieces);
        assert_eq!(
            out,
            json!({ "data-a": MASK, "data-b": MASK, "data-c": MASK, "data-d": MASK, "title": "x" })
        );
        assert_eq!(bare("p", json!({ "data-n": 4_111_111_111_111_111_u64 })), json!({}));
        assert_eq!(bare("path", json!({ "d": "M 4111 1111 1111 1111" }))["d"], "M 4111 1111 1111 1111");
    }
}
