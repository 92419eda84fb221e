//! The filter: what of a customer's page is passed on. It passes what it knows and has made anew; what it does not
//! understand it drops, and from there on everything until a full snapshot comes, as its mirror may be wrong.

use serde_json::{Map, Value, json};

use super::card::MASK;
use super::element::Takes;
use super::mirror::{Element, Mirror, Odd};
use super::tree::{self, Place};
use super::{address, change, css, element};

/// The most positions, ranges and rules of one event.
const MOST: usize = 2000;
/// The farthest that a number of a position goes.
const FARTHEST: f64 = 1e9;

/// What becomes of an event.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// It goes on.
    Pass(Value),
    /// The page as a whole.
    Whole(Value),
    /// Its address and size: it belongs before the snapshot that follows.
    Meta(Value),
    /// It shows nothing that is wanted.
    Drop,
    /// It cannot be understood: a snapshot is wanted.
    Odd,
}

/// A page as it is seen.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) mirror: Mirror,
    /// Whether the mirror is known to be right: a full snapshot has come, and everything since was understood.
    sound: bool,
}

impl Page {
    /// Looks at an event.
    pub(super) fn take(&mut self, event: Value) -> Verdict {
        let Value::Object(mut event) = event else { return self.odd() };
        let kind = event.get("type").and_then(Value::as_u64);
        let Some(time) = event.get("timestamp").and_then(number) else { return self.odd() };
        let delay = event.get("delay").and_then(number);
        let data = match event.remove("data") {
            Some(Value::Object(data)) => data,
            Some(_) | None => Map::new(),
        };
        let done = |kind: u64, data: Value| {
            let mut event =
                tree::object([("type", kind.into()), ("data", data), ("timestamp", time.clone())]);
            if let Some(delay) = &delay {
                event["delay"] = delay.clone();
            }
            event
        };
        match kind {
            Some(kind @ (0 | 1)) => Verdict::Pass(done(kind, json!({}))),
            Some(2) => match self.whole(data) {
                Ok(data) => Verdict::Whole(done(2, data)),
                Err(Odd) => self.odd(),
            },
            Some(3) if !self.sound => Verdict::Odd,
            Some(3) => match self.change(data) {
                Ok(Some(data)) => Verdict::Pass(done(3, data)),
                Ok(None) => Verdict::Drop,
                Err(Odd) => self.odd(),
            },
            Some(4) => match meta(&data) {
                Some(data) => Verdict::Meta(done(4, data)),
                None => self.odd(),
            },
            // What pages, plug-ins and loaders say of themselves.
            Some(5..=7) => Verdict::Drop,
            Some(_) | None => self.odd(),
        }
    }

    fn odd(&mut self) -> Verdict {
        self.sound = false;
        Verdict::Odd
    }

    fn whole(&mut self, mut data: Map<String, Value>) -> Result<Value, Odd> {
        (self.mirror, self.sound) = (Mirror::default(), false);
        let node = data.remove("node").ok_or(Odd)?;
        if node.get("type") != Some(&0.into()) {
            return Err(Odd);
        }
        let place =
            Place { parent: None, scope: element::Scope::default(), tag: element::Tag::Other, depth: 0 };
        let node = tree::clean(node, place, &mut self.mirror)?;
        let from = data.get("initialOffset").and_then(Value::as_object);
        let offset =
            |name: &str| from.and_then(|from| from.get(name)).and_then(number).unwrap_or_else(|| 0.into());
        self.sound = true;
        let offset = json!({ "top": offset("top"), "left": offset("left") });
        Ok(tree::object([("node", node), ("initialOffset", offset)]))
    }

    /// A change of any kind; none: it is known, and not passed on.
    fn change(&mut self, data: Map<String, Value>) -> Result<Option<Value>, Odd> {
        let source = data.get("source").and_then(Value::as_u64).ok_or(Odd)?;
        match source {
            0 => change::clean(data, &mut self.mirror).map(Some),
            1 | 6 | 12 => self.moves(source, &data).map(Some),
            2 => Ok(self.of(&data, &["type", "x", "y", "pointerType"], 2)),
            3 => Ok(self.of(&data, &["x", "y"], 3)),
            4 => Ok(size(&data)),
            5 => self.input(&data),
            8 => self.rules(&data),
            13 => self.declaration(&data),
            14 => self.selection(&data),
            15 => self.adopted(&data),
            // Players, surfaces, fonts, logs, new elements: what they hold cannot be looked into.
            7 | 9 | 10 | 11 | 16 => Ok(None),
            _ => Err(Odd),
        }
    }

    /// Numbers about a node that is there.
    fn of(&self, data: &Map<String, Value>, names: &[&str], source: u64) -> Option<Value> {
        let id = tree::id(data.get("id")).ok().filter(|id| self.mirror.has(*id))?;
        let mut out = json!({ "source": source, "id": id });
        for name in names {
            if let Some(value) = data.get(*name).and_then(number) {
                out[*name] = value;
            }
        }
        Some(out)
    }

    fn moves(&self, source: u64, data: &Map<String, Value>) -> Result<Value, Odd> {
        let positions = list(data, "positions")?;
        let position = |position: &Value| {
            let of = |name: &str| position.get(name).and_then(number);
            let id = tree::id(position.get("id")).ok().filter(|id| self.mirror.has(*id))?;
            Some(json!({ "x": of("x")?, "y": of("y")?, "id": id, "timeOffset": of("timeOffset")? }))
        };
        let positions: Vec<Value> = positions.iter().filter_map(position).collect();
        Ok(json!({ "source": source, "positions": positions }))
    }

    fn input(&self, data: &Map<String, Value>) -> Result<Option<Value>, Odd> {
        let id = tree::id(data.get("id"))?;
        let text = data.get("text").and_then(Value::as_str).ok_or(Odd)?;
        let ticked = data.get("isChecked").and_then(Value::as_bool).ok_or(Odd)?;
        if !self.mirror.has(id) {
            return Err(Odd);
        }
        let Some(Element { field: Some(field), .. }) = self.mirror.element(id) else { return Ok(None) };
        if field.hidden {
            return Ok(None);
        }
        let shown = self.mirror.scope(id).value_is_shown(field);
        let text = match (shown, text.is_empty()) {
            (true, _) => address::text(text).into_owned(),
            (false, true) => String::new(),
            (false, false) => MASK.to_owned(),
        };
        let mut out = json!({ "source": 5, "id": id, "text": text, "isChecked": ticked && shown });
        if let Some(Value::Bool(by_user)) = data.get("userTriggered") {
            out["userTriggered"] = (*by_user).into();
        }
        // Of a tick that is not shown there is nothing to tell: its text is the page's own.
        Ok((shown || field.takes == Takes::Value).then_some(out))
    }

    /// Which style it is about: that of a node, or one that was adopted.
    fn style(&self, data: &Map<String, Value>) -> Result<Value, Odd> {
        if let Some(style) = data.get("styleId").filter(|id| !id.is_null()) {
            return Ok(json!({ "styleId": tree::id(Some(style))? }));
        }
        let id = tree::id(data.get("id"))?;
        if self.mirror.has(id) { Ok(json!({ "id": id })) } else { Err(Odd) }
    }

    fn rules(&self, data: &Map<String, Value>) -> Result<Option<Value>, Odd> {
        let mut out = self.style(data)?;
        out["source"] = 8.into();
        if data.contains_key("removes") {
            let index = |entry: &Value| Ok(json!({ "index": index(entry.get("index"))? }));
            out["removes"] = list(data, "removes")?.iter().map(index).collect::<Result<Vec<_>, _>>()?.into();
        }
        if data.contains_key("adds") {
            out["adds"] = rules(data, "adds")?;
        }
        for name in ["replace", "replaceSync"] {
            if let Some(text) = data.get(name).and_then(Value::as_str) {
                out[name] = css::clean(text).into();
            }
        }
        Ok(Some(out))
    }

    fn declaration(&self, data: &Map<String, Value>) -> Result<Option<Value>, Odd> {
        let mut out = self.style(data)?;
        out["source"] = 13.into();
        out["index"] = index(data.get("index"))?;
        if let Some(Value::Object(set)) = data.get("set") {
            let text = |name: &str| set.get(name).and_then(Value::as_str).map(css::clean);
            out["set"] = json!({ "property": text("property").ok_or(Odd)?, "value": text("value") });
            if set.get("priority").and_then(Value::as_str) == Some("important") {
                out["set"]["priority"] = "important".into();
            }
        }
        if let Some(Value::Object(remove)) = data.get("remove") {
            let property = remove.get("property").and_then(Value::as_str).ok_or(Odd)?;
            out["remove"] = json!({ "property": css::clean(property) });
        }
        Ok(Some(out))
    }

    fn selection(&self, data: &Map<String, Value>) -> Result<Option<Value>, Odd> {
        let range = |range: &Value| {
            let node = |name: &str| tree::id(range.get(name)).ok().filter(|id| self.mirror.has(*id));
            let of = |name: &str| range.get(name).and_then(number);
            Some(json!({
                "start": node("start")?, "startOffset": of("startOffset")?,
                "end": node("end")?, "endOffset": of("endOffset")?,
            }))
        };
        let ranges: Vec<Value> = list(data, "ranges")?.iter().filter_map(range).collect();
        Ok(Some(json!({ "source": 14, "ranges": ranges })))
    }

    fn adopted(&self, data: &Map<String, Value>) -> Result<Option<Value>, Odd> {
        let id = tree::id(data.get("id"))?;
        if !self.mirror.has(id) {
            return Err(Odd);
        }
        let ids =
            list(data, "styleIds")?.iter().map(|id| tree::id(Some(id))).collect::<Result<Vec<_>, _>>()?;
        let mut out = json!({ "source": 15, "id": id, "styleIds": ids });
        if data.get("styles").is_some_and(|styles| !styles.is_null()) {
            let style = |style: &Value| {
                let style = style.as_object().ok_or(Odd)?;
                Ok(json!({ "styleId": tree::id(style.get("styleId"))?, "rules": rules(style, "rules")? }))
            };
            out["styles"] = list(data, "styles")?.iter().map(style).collect::<Result<Vec<_>, _>>()?.into();
        }
        Ok(Some(out))
    }
}

fn list<'a>(data: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], Odd> {
    let list = data.get(name).and_then(Value::as_array).ok_or(Odd)?;
    if list.len() <= MOST { Ok(list) } else { Err(Odd) }
}

/// A number that a position, a size or a time may have.
fn number(value: &Value) -> Option<Value> {
    let near = value.as_f64().is_some_and(|number| number.abs() <= FARTHEST);
    // Times are larger: thirteen digits that a card number might have too, but for their first.
    let time = value.as_u64().is_some_and(|number| number < 10_000_000_000_000);
    (near || time).then(|| value.clone())
}

/// The place of a rule: a number, or one at each depth.
fn index(value: Option<&Value>) -> Result<Value, Odd> {
    let small = |value: &Value| value.as_u64().filter(|n| *n < 1_000_000).map(Value::from);
    let value = value.ok_or(Odd)?;
    match value.as_array() {
        Some(all) => all.iter().map(small).collect::<Option<Vec<_>>>().map(Value::from).ok_or(Odd),
        None => small(value).ok_or(Odd),
    }
}

fn rules(data: &Map<String, Value>, name: &str) -> Result<Value, Odd> {
    let rule = |rule: &Value| {
        let text = rule.get("rule").and_then(Value::as_str).ok_or(Odd)?;
        let mut out = json!({ "rule": css::clean(text) });
        if rule.get("index").is_some_and(|at| !at.is_null()) {
            out["index"] = index(rule.get("index"))?;
        }
        Ok(out)
    };
    list(data, name)?.iter().map(rule).collect::<Result<Vec<_>, _>>().map(Value::from)
}

fn size(data: &Map<String, Value>) -> Option<Value> {
    let of = |name: &str| data.get(name).and_then(number);
    Some(json!({ "source": 4, "width": of("width")?, "height": of("height")? }))
}

fn meta(data: &Map<String, Value>) -> Option<Value> {
    let of = |name: &str| data.get(name).and_then(number);
    let href = data.get("href").and_then(Value::as_str)?;
    let href = address::clean(href).unwrap_or_default();
    Some(json!({ "href": href, "width": of("width")?, "height": of("height")? }))
}
