//! Nodes as rrweb serialises them: read, put into the mirror, and written anew with what may be seen of them.

use serde_json::{Map, Value};

use super::attributes::{self, Of};
use super::card::{self, MASK};
use super::element::{self, Scope, Tag};
use super::mirror::{DEEPEST, Element, Mirror, Odd, What};
use super::{address, css};

/// The longest name of an element, in bytes.
const LONGEST_TAG: usize = 64;

/// Where a node stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) parent: Option<u64>,
    pub(super) scope: Scope,
    /// What the parent is, if that is an element.
    pub(super) tag: Tag,
    pub(super) depth: usize,
}

impl Place {
    /// In a node that is known.
    pub(super) fn under(parent: u64, mirror: &Mirror) -> Self {
        let tag = mirror.element(parent).map_or(Tag::Other, |element| element.tag);
        Self { parent: Some(parent), scope: mirror.scope(parent), tag, depth: 0 }
    }
}

/// A node with everything in it, as it may be seen.
pub(super) fn clean(node: Value, place: Place, mirror: &mut Mirror) -> Result<Value, Odd> {
    let mut out = one(node, place, mirror)?;
    let mut pieces = vec![];
    gather(&mut out, &mut pieces);
    mask_pieces(pieces, mirror);
    Ok(out)
}

/// An object of values that are moved into it: what `json!` takes by name it copies, and a page is large.
pub(super) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(entries.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
}

/// The number of a node.
pub(super) fn id(value: Option<&Value>) -> Result<u64, Odd> {
    value.and_then(Value::as_u64).ok_or(Odd)
}

fn one(node: Value, place: Place, mirror: &mut Mirror) -> Result<Value, Odd> {
    let Value::Object(mut node) = node else { return Err(Odd) };
    let kind = node.get("type").and_then(Value::as_u64).ok_or(Odd)?;
    let number = id(node.get("id"))?;
    if place.depth > DEEPEST {
        return Err(Odd);
    }
    let mut out = Map::new();
    out.insert("type".to_owned(), kind.into());
    out.insert("id".to_owned(), number.into());
    if let Some(root) = node.get("rootId") {
        out.insert("rootId".to_owned(), id(Some(root))?.into());
    }
    let shadow = is_true(&node, "isShadow");
    if shadow {
        out.insert("isShadow".to_owned(), true.into());
    }
    let scope = if shadow { place.scope.across() } else { place.scope };
    let at = At { number, shadow, place: Place { scope, ..place } };
    match kind {
        0 => document(&mut node, at, &mut out, mirror)?,
        1 => doctype(&node, at, &mut out, mirror)?,
        2 => element(&mut node, at, &mut out, mirror)?,
        3 => {
            let text = node.get("textContent").and_then(Value::as_str).ok_or(Odd)?;
            let text = self::text(text, scope, place.tag);
            let piece = card::is_part(&text).then(|| text.as_str().into());
            mirror.insert(number, place.parent, shadow, What::Text { piece })?;
            if is_true(&node, "isStyle") && place.tag == Tag::Style {
                out.insert("isStyle".to_owned(), true.into());
            }
            out.insert("textContent".to_owned(), text.into());
        }
        // What the page's author has noted is for nobody.
        4 | 5 => {
            mirror.insert(number, place.parent, shadow, What::Silent)?;
            out.insert("textContent".to_owned(), "".into());
        }
        _ => return Err(Odd),
    }
    Ok(Value::Object(out))
}

/// A node's number and where it stands.
#[derive(Clone, Copy)]
struct At {
    number: u64,
    shadow: bool,
    place: Place,
}

fn is_true(node: &Map<String, Value>, name: &str) -> bool {
    node.get(name) == Some(&Value::Bool(true))
}

fn document(
    node: &mut Map<String, Value>,
    at: At,
    out: &mut Map<String, Value>,
    mirror: &mut Mirror,
) -> Result<(), Odd> {
    mirror.insert(at.number, at.place.parent, at.shadow, What::Document)?;
    if let Some(mode @ ("BackCompat" | "CSS1Compat")) = node.get("compatMode").and_then(Value::as_str) {
        out.insert("compatMode".to_owned(), mode.into());
    }
    let scope = at.place.scope.across();
    children(node, at, scope, Tag::Other, out, mirror)
}

fn doctype(
    node: &Map<String, Value>,
    at: At,
    out: &mut Map<String, Value>,
    mirror: &mut Mirror,
) -> Result<(), Odd> {
    mirror.insert(at.number, at.place.parent, at.shadow, What::Silent)?;
    for name in ["name", "publicId", "systemId"] {
        let text = node.get(name).and_then(Value::as_str).unwrap_or_default();
        let known = text.len() <= 128 && !text.contains(['?', '#']) && card::mask(text) == text;
        out.insert(name.to_owned(), if known { text } else { "" }.into());
    }
    Ok(())
}

fn element(
    node: &mut Map<String, Value>,
    at: At,
    out: &mut Map<String, Value>,
    mirror: &mut Mirror,
) -> Result<(), Odd> {
    let name = node.get("tagName").and_then(Value::as_str).ok_or(Odd)?;
    let plain = |c: char| c.is_alphanumeric() || "-_.:".contains(c);
    let known = name.len() <= LONGEST_TAG && name.starts_with(char::is_alphabetic) && name.chars().all(plain);
    // A name that no browser would take: it stays as something that holds its place.
    let name = if known && card::mask(name) == name { name } else { "div" };
    let lower = name.to_ascii_lowercase();
    out.insert("tagName".to_owned(), name.into());
    let Some(Value::Object(given)) = node.remove("attributes") else { return Err(Odd) };
    let svg = is_true(node, "isSVG");
    for flag in ["isSVG", "isShadowHost", "isCustom", "needBlock"] {
        if is_true(node, flag) {
            out.insert(flag.to_owned(), true.into());
        }
    }
    let tag = element::tag(&lower);
    let marks = element::marks(&given);
    let field = element::field(tag, &lower, &given).map(Box::new);
    let what = Element { tag, name: lower.into(), svg, marks, field };
    mirror.insert(at.number, at.place.parent, at.shadow, What::Element(what))?;
    let scope = at.place.scope.within(marks);
    let known = mirror.element(at.number).ok_or(Odd)?;
    let of = Of { tag, name: &known.name, svg, field: known.field.as_deref(), scope };
    out.insert("attributes".to_owned(), Value::Object(attributes::clean(of, given)));
    children(node, at, scope, tag, out, mirror)
}

fn children(
    node: &mut Map<String, Value>,
    at: At,
    scope: Scope,
    tag: Tag,
    out: &mut Map<String, Value>,
    mirror: &mut Mirror,
) -> Result<(), Odd> {
    let Some(Value::Array(nodes)) = node.remove("childNodes") else { return Err(Odd) };
    let place = Place { parent: Some(at.number), scope, tag, depth: at.place.depth + 1 };
    let shown = nodes.into_iter().map(|node| one(node, place, mirror)).collect::<Result<Vec<_>, _>>()?;
    out.insert("childNodes".to_owned(), Value::Array(shown));
    Ok(())
}

/// A text as it may be seen where it stands; `tag`: what it stands in.
pub(super) fn text(text: &str, scope: Scope, tag: Tag) -> String {
    match tag {
        Tag::Script => return String::new(),
        Tag::Style if scope.masked => return String::new(),
        Tag::Style => return css::clean(text),
        Tag::Field { area: true }
        | Tag::Field { area: false }
        | Tag::Choice
        | Tag::Frame
        | Tag::Plugin
        | Tag::Meta
        | Tag::Link
        | Tag::Base
        | Tag::Canvas
        | Tag::Other => {}
    }
    let typed = tag == Tag::Field { area: true } && !scope.shown;
    if text.trim().is_empty() {
        return text.to_owned();
    }
    if typed || !scope.text_is_shown() { MASK.to_owned() } else { address::text(text).into_owned() }
}

/// The texts that may be pieces of a card number, in the order of the page; what is not one parts those around it.
fn gather<'a>(node: &'a mut Value, pieces: &mut Vec<Option<(u64, &'a mut String)>>) {
    let Value::Object(node) = node else { return };
    let number = node.get("id").and_then(Value::as_u64).unwrap_or_default();
    let mut nodes = None;
    for (name, value) in node.iter_mut() {
        match value {
            Value::String(text) if name == "textContent" => {
                if card::is_part(text) {
                    pieces.push(Some((number, text)));
                } else if !text.trim().is_empty() {
                    pieces.push(None);
                }
            }
            Value::Array(children) if name == "childNodes" => nodes = Some(children),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {}
        }
    }
    nodes.into_iter().flatten().for_each(|node| gather(node, pieces));
}

fn mask_pieces(pieces: Vec<Option<(u64, &mut String)>>, mirror: &mut Mirror) {
    let mut row: Vec<(u64, &mut String)> = vec![];
    for piece in pieces.into_iter().chain([None]) {
        if let Some(piece) = piece {
            row.push(piece);
            continue;
        }
        let texts: Vec<&str> = row.iter().map(|(_, text)| text.as_str()).collect();
        let masked = card::split(&texts);
        for ((number, text), _) in row.drain(..).zip(masked).filter(|(_, masked)| *masked) {
            MASK.clone_into(text);
            mirror.retext(number, MASK);
        }
    }
}
