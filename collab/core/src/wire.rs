//! The wire form of frames (docs/websockets.md): JSON in, typed and bounded; JSON out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_proto::collab::Ticket;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::ask::{Act, Ask, Entry, Grant};
use crate::tell::{Tell, Wrong};

/// The longest id of a frame, in bytes.
pub const MAX_ID: usize = 64;
/// How deeply a frame may nest: a page's elements lie two levels apart.
const DEEPEST: usize = 512;

/// A frame of a page's.
#[derive(Debug)]
pub struct Frame {
    kind: String,
    /// Its own id, to be repeated in the answer; none if it is longer than [`MAX_ID`].
    pub id: Option<String>,
    data: Map<String, Value>,
}

impl Frame {
    /// Reads a frame; none: it is none, or nests deeper than any page does.
    pub fn read(text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(rename = "type")]
            kind: String,
            #[serde(default)]
            id: Option<String>,
            #[serde(default)]
            data: Value,
        }
        if depth(text) > DEEPEST {
            return None;
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        reader.disable_recursion_limit();
        let Raw { kind, id, data } = Raw::deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        let data = if let Value::Object(data) = data { data } else { Map::new() };
        Some(Self { kind, id: id.filter(|id| id.len() <= MAX_ID), data })
    }

    /// The ticket, if it is a first frame.
    pub fn ticket(&self) -> Option<Ticket> {
        let ticket = self.data.get("ticket").and_then(Value::as_str)?;
        (self.kind == "auth").then(|| Ticket(ticket.to_owned()))
    }

    /// What it asks.
    ///
    /// # Errors
    /// [`Wrong::UnknownType`] and [`Wrong::Bad`]: the connection stays.
    pub fn ask(mut self) -> Result<Ask, Wrong> {
        let ask = match self.kind.as_str() {
            "consent" => Ask::Consent { what: self.take("what")?, on: self.take("on")? },
            "ask" => Ask::Request { what: self.take::<Grant>("what")? },
            "pause" => Ask::Pause { on: self.take("on")? },
            "leave" => Ask::Leave,
            "rr" => match self.data.remove("events") {
                Some(Value::Array(events)) => Ask::Events(events),
                Some(_) | None => return Err(Wrong::Bad),
            },
            "act" => Ask::Act(self.take::<Act>("act")?),
            "answer" if self.data.contains_key("n") => {
                Ask::Opened { n: self.take("n")?, taken: self.take("taken")? }
            }
            "answer" => Ask::Answer { act: self.take("act")?, taken: self.take("taken")? },
            "over" => Ask::Over { node: self.take("node")? },
            "fill" => Ask::Fill { field: self.take("field")?, value: entry(self.data.remove("value"))? },
            "focus" => Ask::Focus { field: self.take("field")? },
            "confirm" => Ask::Confirm,
            "y" => {
                let update: String = self.take("update")?;
                Ask::Update(BASE64.decode(update).map_err(|_| Wrong::Bad)?)
            }
            "aware" => Ask::Aware(self.data.remove("state").ok_or(Wrong::Bad)?.to_string()),
            "push" => Ask::Push { url: self.take("url")? },
            "remove" => Ask::Remove { file: self.take("file")? },
            _ => return Err(Wrong::UnknownType),
        };
        if ask.fits() { Ok(ask) } else { Err(Wrong::Bad) }
    }

    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Wrong> {
        serde_json::from_value(self.data.remove(name).unwrap_or(Value::Null)).map_err(|_| Wrong::Bad)
    }
}

/// What a field is filled with: a text, a tick, a number as it is written; nothing takes out what is there.
fn entry(value: Option<Value>) -> Result<Entry, Wrong> {
    match value {
        Some(Value::String(text)) => Ok(Entry::Text(text)),
        Some(Value::Bool(tick)) => Ok(Entry::Tick(tick)),
        Some(Value::Number(number)) => Ok(Entry::Text(number.to_string())),
        Some(Value::Null) => Ok(Entry::Text(String::new())),
        Some(Value::Array(_) | Value::Object(_)) | None => Err(Wrong::Bad),
    }
}

/// How deeply brackets nest, outside strings. What is no JSON is refused by its reader.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        if quoted {
            (quoted, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A frame of the server's; `id` is that of the frame it answers.
pub fn write(id: Option<&str>, tell: &Tell) -> String {
    if let Tell::Rr { events, .. } = tell {
        // Events are JSON already, and there may be megabytes of them.
        let size = events.iter().map(|event| event.len() + 1).sum::<usize>();
        let mut text = String::with_capacity(size + 64);
        text.push_str(r#"{"type":"rr","data":{"events":["#);
        for (n, event) in events.iter().enumerate() {
            if n > 0 {
                text.push(',');
            }
            text.push_str(event);
        }
        text.push_str("]}}");
        return text;
    }
    let mut frame = json!({ "type": tell.word(), "data": data(tell) });
    if let Some(id) = id {
        frame["id"] = json!(id);
    }
    frame.to_string()
}

fn data(tell: &Tell) -> Value {
    match tell {
        Tell::Ready(ready) => json!(ready),
        Tell::People(people) => json!(people),
        Tell::Consents(consents) => json!(consents),
        Tell::Asked { what } => json!({ "what": what, "by": "agent" }),
        Tell::Paused { on } => json!({ "on": on }),
        Tell::GoesOn { until } => json!({ "until": until }),
        Tell::Rr { events, .. } => json!({ "events": &events[..] }),
        Tell::Snap | Tell::Confirmed => json!({}),
        Tell::Acted { n } => json!({ "n": n }),
        Tell::Act { n, act } => json!({ "n": n, "act": act, "by": "agent" }),
        Tell::Answered { act, taken } => json!({ "act": act, "taken": taken }),
        Tell::Over { node } => json!({ "node": node }),
        Tell::Filled { field, value, by } => json!({ "field": field, "value": value, "by": by }),
        Tell::FilledUnseen { field, filled, by } => json!({ "field": field, "filled": filled, "by": by }),
        Tell::Focus { field, by } => json!({ "field": field, "by": by }),
        Tell::Y { update } => json!({ "update": update }),
        Tell::Aware { state, by } => {
            // It was JSON when it came.
            let state: Value = serde_json::from_str(state).unwrap_or_default();
            json!({ "state": state, "by": by })
        }
        Tell::Pushed(link) => json!({ "n": link.n, "url": link.url, "by": link.by, "state": link.state }),
        Tell::LinkAnswered { n, taken, by } => json!({ "n": n, "taken": taken, "by": by }),
        Tell::File(file) => json!(file),
        Tell::Removed { file } => json!({ "file": file }),
        Tell::Ended { why } => json!({ "why": why }),
        Tell::Wrong(wrong) => {
            let (code, detail) = wrong.words();
            json!({ "code": code, "detail": detail })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str) -> Result<Ask, Wrong> {
        Frame::read(text).unwrap().ask()
    }

    #[test]
    fn frames_are_read_as_the_page_of_the_protocol_says() {
        let consent = r#"{"type":"consent","data":{"what":"pointer","on":true}}"#;
        assert_eq!(ask(consent), Ok(Ask::Consent { what: Grant::Pointer, on: true }));
        let act = r#"{"type":"act","data":{"act":{"is":"click","node":7}}}"#;
        assert_eq!(ask(act), Ok(Ask::Act(Act::Click { node: 7 })));
        let fill = r#"{"type":"fill","data":{"field":"n","value":12.5}}"#;
        let filled = Ask::Fill { field: "n".to_owned(), value: Entry::Text("12.5".to_owned()) };
        assert_eq!(ask(fill), Ok(filled));
        assert_eq!(ask(r#"{"type":"y","data":{"update":"AAA="}}"#), Ok(Ask::Update(vec![0, 0])));
        assert_eq!(ask(r#"{"type":"focus","data":{"field":null}}"#), Ok(Ask::Focus { field: None }));
        assert_eq!(ask(r#"{"type":"leave"}"#), Ok(Ask::Leave));
        let answer = r#"{"type":"answer","data":{"n":3,"taken":true}}"#;
        assert_eq!(ask(answer), Ok(Ask::Opened { n: 3, taken: true }));
        let push = r#"{"type":"push","data":{"url":"https://shop.example/a?b#c"}}"#;
        assert_eq!(ask(push), Ok(Ask::Push { url: "https://shop.example/a?b#c".to_owned() }));
        for bad in [
            r#"{"type":"consent","data":{"what":"camera","on":true}}"#,
            r#"{"type":"act","data":{"act":{"is":"click","node":-1}}}"#,
            r#"{"type":"act","data":{"act":{"is":"open","url":"javascript:1"}}}"#,
            r#"{"type":"y","data":{"update":"?"}}"#,
            r#"{"type":"rr","data":{"events":{}}}"#,
            r#"{"type":"fill","data":{"field":"n"}}"#,
            r#"{"type":"answer","data":{"act":1}}"#,
            r#"{"type":"answer","data":{"n":1}}"#,
            r#"{"type":"push","data":{"url":"/cart"}}"#,
            r#"{"type":"push","data":{"url":"https://shop.example@evil.example"}}"#,
            r#"{"type":"remove","data":{"file":"../../etc/passwd"}}"#,
        ] {
            assert_eq!(ask(bad), Err(Wrong::Bad), "{bad}");
        }
        let large = format!(r#"{{"type":"aware","data":{{"state":"{}"}}}}"#, "x".repeat(2048));
        assert_eq!(ask(&large), Err(Wrong::Bad));
        assert_eq!(ask(r#"{"type":"auth"}"#), Err(Wrong::UnknownType));
        for none in ["", "[]", "{}", r#"{"type":7}"#, r#"{"type":"leave"} x"#] {
            assert!(Frame::read(none).is_none(), "{none}");
        }
    }

    #[test]
    fn a_deep_page_is_read_and_a_deeper_frame_is_none() {
        let nested =
            |n: usize| format!(r#"{{"type":"rr","data":{{"events":{}{}}}}}"#, "[".repeat(n), "]".repeat(n));
        assert!(matches!(ask(&nested(500)), Ok(Ask::Events(_))));
        assert!(Frame::read(&nested(511)).is_none());
        assert!(Frame::read(&nested(100_000)).is_none());
        assert_eq!(depth(r#"{"a":"[[\"[["}"#), 1);
    }

    #[test]
    fn frames_are_written_with_the_id_of_what_they_answer() {
        let error = write(Some("k"), &Tell::Wrong(Wrong::Masked));
        let read: Value = serde_json::from_str(&error).unwrap();
        assert_eq!(read["id"], "k");
        assert_eq!(read["data"]["code"], "masked");
        let events = [r#"{"type":4}"#.into(), r#"{"type":2}"#.into()].into();
        let text = write(None, &Tell::Rr { events, fresh: true });
        assert_eq!(text, r#"{"type":"rr","data":{"events":[{"type":4},{"type":2}]}}"#);
    }

    #[test]
    fn a_ticket_is_taken_of_a_first_frame_only() {
        let frame = |text: &str| Frame::read(text).unwrap().ticket();
        assert_eq!(frame(r#"{"type":"auth","data":{"ticket":"t"}}"#), Some(Ticket("t".to_owned())));
        assert_eq!(frame(r#"{"type":"leave","data":{"ticket":"t"}}"#), None);
        assert_eq!(frame(r#"{"type":"auth"}"#), None);
    }
}
