//! Changes of a page (rrweb's mutations): nodes that come and go, attributes and texts that change.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::attributes::{self, Of};
use super::card::MASK;
use super::element::Tag;
use super::mirror::{Mirror, Odd, What};
use super::tree::{self, Place};

/// How often nodes that come before what holds them are tried again.
const PASSES: usize = 8;

/// The change as it may be seen.
pub(super) fn clean(mut data: Map<String, Value>, mirror: &mut Mirror) -> Result<Value, Odd> {
    let mut list = |name: &str| match data.remove(name) {
        Some(Value::Array(list)) => Ok(list),
        Some(_) | None => Err(Odd),
    };
    let (removes, adds) = (list("removes")?, list("adds")?);
    let (changed, texts) = (list("attributes")?, list("texts")?);
    let mut gone = BTreeSet::new();
    let removes =
        removes.iter().map(|entry| remove(entry, &mut gone, mirror)).collect::<Result<Vec<_>, _>>()?;
    let mut touched = vec![];
    let adds = all_added(adds, &mut touched, mirror)?;
    let attributes = changed
        .into_iter()
        .filter_map(|entry| change(entry, &gone, mirror).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    let mut texts = texts
        .into_iter()
        .filter_map(|entry| retext(entry, &gone, &mut touched, mirror).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    // What was harmless in pieces may be a card number now: every piece of it is masked, also those seen before.
    for id in touched {
        for id in mirror.split_around(id) {
            mirror.retext(id, MASK);
            texts.push(json!({ "id": id, "value": MASK }));
        }
    }
    let mut out = tree::object([
        ("source", 0.into()),
        ("texts", texts.into()),
        ("attributes", attributes.into()),
        ("removes", removes.into()),
        ("adds", adds.into()),
    ]);
    if data.get("isAttachIframe") == Some(&Value::Bool(true)) {
        out["isAttachIframe"] = true.into();
    }
    Ok(out)
}

fn remove(entry: &Value, gone: &mut BTreeSet<u64>, mirror: &mut Mirror) -> Result<Value, Odd> {
    let id = tree::id(entry.get("id"))?;
    let parent = tree::id(entry.get("parentId"))?;
    mirror.remove(id);
    gone.insert(id);
    let mut out = json!({ "parentId": parent, "id": id });
    if entry.get("isShadow") == Some(&Value::Bool(true)) {
        out["isShadow"] = true.into();
    }
    Ok(out)
}

/// Every node that comes, in the order in which they came.
fn all_added(adds: Vec<Value>, touched: &mut Vec<u64>, mirror: &mut Mirror) -> Result<Vec<Value>, Odd> {
    let mut out: Vec<Option<Value>> = vec![None; adds.len()];
    let mut left: Vec<(usize, Value)> = adds.into_iter().enumerate().collect();
    for _ in 0..PASSES {
        let mut again = vec![];
        for (n, entry) in left {
            let parent = tree::id(entry.get("parentId"))?;
            if mirror.has(parent) {
                out[n] = Some(add(entry, parent, touched, mirror)?);
            } else {
                again.push((n, entry));
            }
        }
        left = again;
        if left.is_empty() {
            return out.into_iter().collect::<Option<_>>().ok_or(Odd);
        }
    }
    Err(Odd)
}

fn add(entry: Value, parent: u64, touched: &mut Vec<u64>, mirror: &mut Mirror) -> Result<Value, Odd> {
    let Value::Object(mut entry) = entry else { return Err(Odd) };
    let beside = |name: &str| match entry.get(name) {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(id) => tree::id(Some(id)).map(Value::from),
    };
    let (next, previous) = (beside("nextId")?, beside("previousId")?);
    let node = entry.remove("node").ok_or(Odd)?;
    let id = tree::id(node.get("id"))?;
    if node.get("type") == Some(&0.into()) {
        // A frame holds one document: the next takes the place of the one before.
        mirror.documents(parent).into_iter().for_each(|old| mirror.remove(old));
    }
    if id == parent || is_within(parent, id, mirror) {
        return Err(Odd);
    }
    let node = tree::clean(node, Place::under(parent, mirror), mirror)?;
    touched.push(id);
    let mut out = tree::object([("parentId", parent.into()), ("nextId", next), ("node", node)]);
    if !previous.is_null() {
        out["previousId"] = previous;
    }
    Ok(out)
}

/// Whether `node` stands in `other`.
fn is_within(node: u64, other: u64, mirror: &Mirror) -> bool {
    let mut at = mirror.parent(node);
    // No deeper than the mirror lets nodes lie: a scope is not told further up either.
    for _ in 0..super::mirror::DEEPEST {
        match at {
            Some(id) if id == other => return true,
            Some(id) => at = mirror.parent(id),
            None => return false,
        }
    }
    true
}

/// An element's attributes change; none: it is gone already.
fn change(entry: Value, gone: &BTreeSet<u64>, mirror: &mut Mirror) -> Result<Option<Value>, Odd> {
    let Value::Object(mut entry) = entry else { return Err(Odd) };
    let id = tree::id(entry.get("id"))?;
    let Some(Value::Object(changed)) = entry.remove("attributes") else { return Err(Odd) };
    if !mirror.has(id) {
        return if gone.contains(&id) { Ok(None) } else { Err(Odd) };
    }
    mirror.remark(id, &changed);
    let scope = mirror.scope(id);
    let element = mirror.element(id).ok_or(Odd)?;
    let of = Of {
        tag: element.tag,
        name: &element.name,
        svg: element.svg,
        field: element.field.as_deref(),
        scope,
    };
    let shown = Value::Object(attributes::clean(of, changed));
    Ok(Some(tree::object([("id", id.into()), ("attributes", shown)])))
}

/// A text changes; none: it is gone already.
fn retext(
    entry: Value,
    gone: &BTreeSet<u64>,
    touched: &mut Vec<u64>,
    mirror: &mut Mirror,
) -> Result<Option<Value>, Odd> {
    let id = tree::id(entry.get("id"))?;
    let value = match entry.get("value") {
        Some(Value::String(text)) => Some(text.as_str()),
        Some(Value::Null) => None,
        Some(_) | None => return Err(Odd),
    };
    if !mirror.has(id) {
        return if gone.contains(&id) { Ok(None) } else { Err(Odd) };
    }
    match mirror.what(id) {
        Some(What::Text { .. }) => {}
        Some(What::Silent) => return Ok(Some(json!({ "id": id, "value": "" }))),
        Some(What::Document | What::Element(_)) | None => return Err(Odd),
    }
    let tag = mirror.parent(id).and_then(|parent| mirror.element(parent)).map_or(Tag::Other, |e| e.tag);
    let text = tree::text(value.unwrap_or_default(), mirror.scope(id), tag);
    mirror.retext(id, &text);
    touched.push(id);
    Ok(Some(json!({ "id": id, "value": value.map(|_| text) })))
}
