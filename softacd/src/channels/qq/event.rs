//! What QQ posts.

use ring::signature::Ed25519KeyPair;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::channels::adapter::{Answer, Brought, Denied, Turn, What, hex};

/// The most files of one message.
const MAX_ATTACHMENTS: usize = 16;

/// What a payload is for.
mod op {
    pub(super) const DISPATCH: u8 = 0;
    pub(super) const TAKEN: u8 = 12;
    pub(super) const VALIDATE: u8 = 13;
}

#[derive(Deserialize)]
struct Payload {
    op: u8,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    t: Option<String>,
    #[serde(default)]
    d: Value,
}

#[derive(Deserialize)]
struct Validation {
    plain_token: String,
    event_ts: String,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    author: Author,
    #[serde(default)]
    content: String,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
struct Author {
    user_openid: String,
}

#[derive(Deserialize)]
struct Attachment {
    url: String,
    #[serde(default)]
    filename: Option<String>,
}

#[derive(Deserialize)]
struct Friend {
    openid: String,
}

/// Reads what is proved to be the provider's: its question whether this is the place, or an event.
pub(super) fn read(key: &Ed25519KeyPair, body: &[u8]) -> Result<Turn, Denied> {
    let payload: Payload = serde_json::from_slice(body)
        .map_err(|_| Denied::Unreadable("the body is no event: {op, t, id, d}"))?;
    match payload.op {
        op::VALIDATE => validated(key, payload.d),
        op::DISPATCH => {
            let ack = |d: u8| json(&json!({ "op": op::TAKEN, "d": d }));
            // What is not taken is sent again if this says so, not by the status.
            Ok(Turn { later: ack(1), ..Turn::new(brought(payload)?, ack(0)) })
        }
        _ => Err(Denied::Unreadable("op is 0, an event, or 13, the question whether this is the place")),
    }
}

/// The answer to the question whether this is the place. What is signed can be no event: whoever had a signature under
/// text of their choice could write for anybody.
fn validated(key: &Ed25519KeyPair, d: Value) -> Result<Turn, Denied> {
    let bad = Denied::Unreadable("d is {plain_token, event_ts} of letters and digits");
    let Validation { plain_token, event_ts } = serde_json::from_value(d).map_err(|_| bad)?;
    let plain = |text: &str| text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if !plain(&plain_token) || !plain(&event_ts) {
        return Err(bad);
    }
    let signature = hex(key.sign(format!("{event_ts}{plain_token}").as_bytes()).as_ref());
    Ok(Turn::new(None, json(&json!({ "plain_token": plain_token, "signature": signature }))))
}

fn json(value: &Value) -> Answer {
    Answer { content_type: "application/json", ..Answer::text(value.to_string()) }
}

/// What an event brings; nothing where nobody need know: groups, and what only concerns messages that answer nothing.
fn brought(payload: Payload) -> Result<Vec<Brought>, Denied> {
    let Payload { t, id, d, .. } = payload;
    let all = match t.as_deref().unwrap_or_default() {
        "C2C_MESSAGE_CREATE" => message(d)?,
        event @ ("FRIEND_ADD" | "FRIEND_DEL") => {
            let Friend { openid } =
                serde_json::from_value(d).map_err(|_| Denied::Unreadable("d is {openid, timestamp}"))?;
            let id = id.ok_or(Denied::Unreadable("the event's id is missing"))?;
            let what = if event == "FRIEND_ADD" { What::Comes } else { What::Goes };
            let reply = Some(format!("event_id:{id}"));
            vec![Brought { from: openid, name: None, id, reply, thread: None, what }]
        }
        _ => vec![],
    };
    let plain = |one: &Brought| one.from.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if all.iter().all(plain) { Ok(all) } else { Err(Denied::Unreadable("an openid has letters and digits")) }
}

/// A message is its text, then its files; each is known again by itself.
fn message(d: Value) -> Result<Vec<Brought>, Denied> {
    let message: Message = serde_json::from_value(d)
        .map_err(|_| Denied::Unreadable("d is {id, author: {user_openid}, content, attachments}"))?;
    let Message { id, author, content, attachments } = message;
    if attachments.len() > MAX_ATTACHMENTS {
        return Err(Denied::Unreadable("a message has at most 16 attachments"));
    }
    let one = |id: String, reply: &str, what| Brought {
        from: author.user_openid.clone(),
        name: None,
        id,
        reply: Some(format!("msg_id:{reply}")),
        thread: None,
        what,
    };
    let said = !content.trim().is_empty();
    let text = said.then(|| one(id.clone(), &id, What::Text(content)));
    let file = |(n, Attachment { url, filename }): (usize, Attachment)| {
        let name = filename.filter(|name| !name.is_empty()).unwrap_or_else(|| "file".to_owned());
        one(format!("{id} {n}"), &id, What::Media { id: url, name })
    };
    Ok(text.into_iter().chain(attachments.into_iter().enumerate().map(file)).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::{HeaderMap, HeaderValue, Method};
    use ngcc_proto::Wall;

    use super::super::{Qq, tests::qq};
    use super::*;
    use crate::channels::adapter::Request;

    fn signed(qq: &Qq, body: &str) -> String {
        hex(qq.key.as_ref().unwrap().sign(format!("1725442341{body}").as_bytes()).as_ref())
    }

    fn read(qq: &Qq, body: &str) -> Result<Turn, Denied> {
        read_signed(qq, &signed(qq, body), body)
    }

    fn read_signed(qq: &Qq, signature: &str, body: &str) -> Result<Turn, Denied> {
        let mut headers = HeaderMap::new();
        let value = |text| HeaderValue::from_str(text).expect("plain text");
        headers.insert("x-signature-ed25519", value(signature));
        headers.insert("x-signature-timestamp", HeaderValue::from_static("1725442341"));
        let (method, query, body) = (Method::POST, BTreeMap::new(), body.as_bytes());
        qq.read(&Request { method: &method, query: &query, headers: &headers, body, now: Wall(0) })
    }

    /// The vector of the provider's own documents.
    #[test]
    fn the_question_whether_this_is_the_place_is_answered_with_a_signature() {
        let qq = qq();
        let ask = |token: &str| {
            read(&qq, &format!(r#"{{"d":{{"plain_token":"{token}","event_ts":"1725442341"}},"op":13}}"#))
        };
        let answer = ask("Arq0D5A61EgUu4OxUvOp").unwrap().answer;
        assert_eq!(
            serde_json::from_str::<Value>(&answer.body).unwrap(),
            json!({
                "plain_token": "Arq0D5A61EgUu4OxUvOp",
                "signature": "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d01bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706",
            })
        );
        let event = r#"{\"op\":0}"#;
        assert!(matches!(ask(event), Err(Denied::Unreadable(_))), "nobody gets an event signed");
    }

    #[test]
    fn events_are_read_and_unsigned_ones_are_not() {
        let qq = qq();
        let body = r#"{"op":0,"id":"e1","t":"C2C_MESSAGE_CREATE","d":{"id":"ROBOT1.0_x!","author":{"user_openid":"E4F4"},"content":"你好","attachments":[{"url":"https://multimedia.example/1","filename":"a.png"},{"url":"//multimedia.example/2"}]}}"#;
        let turn = read(&qq, body).unwrap();
        assert_eq!(
            (turn.answer.body.as_str(), turn.later.body.as_str()),
            (r#"{"d":0,"op":12}"#, r#"{"d":1,"op":12}"#)
        );
        let [text, first, second] = turn.brought.as_slice() else { panic!("{turn:?}") };
        assert_eq!((text.id.as_str(), &text.what), ("ROBOT1.0_x!", &What::Text("你好".into())));
        assert_eq!(text.reply.as_deref(), Some("msg_id:ROBOT1.0_x!"));
        let media = What::Media { id: "https://multimedia.example/1".into(), name: "a.png".into() };
        assert_eq!((first.id.as_str(), &first.what), ("ROBOT1.0_x! 0", &media));
        assert_eq!((second.id.as_str(), second.from.as_str()), ("ROBOT1.0_x! 1", "E4F4"));
        let came = r#"{"op":0,"id":"FRIEND_ADD:1","t":"FRIEND_ADD","d":{"openid":"E4F4","timestamp":1}}"#;
        let came = read(&qq, came).unwrap().brought.pop().unwrap();
        assert_eq!((came.what, came.reply.as_deref()), (What::Comes, Some("event_id:FRIEND_ADD:1")));
        let group = r#"{"op":0,"id":"e2","t":"GROUP_AT_MESSAGE_CREATE","d":{"id":"m"}}"#;
        assert!(read(&qq, group).unwrap().brought.is_empty());
        for bad in [r#"{"op":0,"t":"C2C_MESSAGE_CREATE","d":{}}"#, r#"{"op":3}"#, "no"] {
            assert!(matches!(read(&qq, bad), Err(Denied::Unreadable(_))), "{bad}");
        }
        let path = body.replace("E4F4", "../x");
        assert!(matches!(read(&qq, &path), Err(Denied::Unreadable(_))));
        for forged in ["", "00", &"0".repeat(128), &"z".repeat(128)] {
            assert_eq!(read_signed(&qq, forged, body), Err(Denied::Unsigned), "{forged}");
        }
    }
}
