//! What has happened at Telegram.

use serde::Deserialize;
use serde_json::Value;

use crate::channels::adapter::{Brought, What};

/// An update, which is known again by its number.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Update {
    pub(in super::super) number: i64,
    pub(in super::super) brought: Vec<Brought>,
    /// The button that was pressed, which turns until that is noticed.
    pub(in super::super) pressed: Option<String>,
}

impl Update {
    /// What can be read of `value`; none if it has no number.
    pub(super) fn of(value: Value) -> Option<Self> {
        let number = value.get("update_id").and_then(Value::as_i64)?;
        Some(read(value).unwrap_or(Self { number, brought: vec![], pressed: None }))
    }
}

#[derive(Deserialize)]
struct Raw {
    update_id: i64,
    message: Option<Message>,
    callback_query: Option<Pressed>,
    my_chat_member: Option<Member>,
}

#[derive(Deserialize)]
struct Message {
    from: Option<User>,
    chat: Chat,
    text: Option<String>,
    caption: Option<String>,
    /// The same in several sizes, the largest last.
    #[serde(default)]
    photo: Vec<File>,
    document: Option<File>,
    voice: Option<File>,
    audio: Option<File>,
    video: Option<File>,
    video_note: Option<File>,
    sticker: Option<Sticker>,
    location: Option<Location>,
    contact: Option<Contact>,
}

#[derive(Deserialize)]
struct Pressed {
    id: String,
    from: User,
    message: Option<Message>,
    data: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    chat: Chat,
    new_chat_member: Status,
}

#[derive(Deserialize)]
struct Status {
    status: String,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct User {
    first_name: String,
    last_name: Option<String>,
}

#[derive(Deserialize)]
struct File {
    file_id: String,
    file_name: Option<String>,
}

#[derive(Deserialize)]
struct Sticker {
    emoji: Option<String>,
}

#[derive(Deserialize)]
struct Location {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Contact {
    phone_number: String,
    first_name: String,
}

/// Reads an update; none if it is none. What does not concern a chat with one person brings nothing.
pub(super) fn read(value: Value) -> Option<Update> {
    let Raw { update_id: number, message, callback_query, my_chat_member } =
        serde_json::from_value(value).ok()?;
    let mut pressed = None;
    let (chat, user, all) = match (message, callback_query, my_chat_member) {
        (Some(Message { from: user, chat, .. }), ..) if chat.kind != "private" => (chat, user, vec![]),
        (Some(mut message), ..) => {
            let user = message.from.take();
            let all = said(&mut message);
            (message.chat, user, all)
        }
        (None, Some(Pressed { id, from, message: Some(message), data }), _) => {
            pressed = Some(id);
            (message.chat, Some(from), data.map(What::Text).into_iter().collect())
        }
        (None, None, Some(Member { chat, new_chat_member })) => {
            // They have stopped the bot. That they have come is said by what they say first.
            let gone = new_chat_member.status == "kicked";
            (chat, None, gone.then_some(What::Goes).into_iter().collect())
        }
        (None, Some(_), _) | (None, None, None) => return Some(Update { number, brought: vec![], pressed }),
    };
    let name = user.map(|User { first_name, last_name }| match last_name {
        Some(last_name) => format!("{first_name} {last_name}"),
        None => first_name,
    });
    let one = |(n, what): (usize, What)| Brought {
        from: chat.id.to_string(),
        name: name.clone(),
        id: if n == 0 { number.to_string() } else { format!("{number} {n}") },
        reply: None,
        thread: None,
        what,
    };
    let private = chat.kind == "private";
    let brought = all.into_iter().filter(|_| private).enumerate().map(one).collect();
    Some(Update { number, brought, pressed })
}

/// What a message says, in order: a file, then its caption.
fn said(message: &mut Message) -> Vec<What> {
    let file = |file: Option<File>, name: &str| {
        let File { file_id, file_name } = file?;
        Some(What::Media { id: file_id, name: file_name.unwrap_or_else(|| name.to_owned()) })
    };
    let text = message.text.take().map(|text| {
        // The button by which everybody begins, with or without what a link of ours has put behind it.
        let begins = text == "/start" || text.starts_with("/start ");
        if begins { What::Comes } else { What::Text(text) }
    });
    let sticker = message.sticker.take().and_then(|sticker| sticker.emoji).map(What::Text);
    let place = message.location.take().map(|at| What::Text(format!("({}, {})", at.latitude, at.longitude)));
    let contact = message.contact.take();
    let contact = contact.map(|who| What::Text(format!("{} {}", who.first_name, who.phone_number)));
    let all = [
        text,
        file(message.photo.pop(), "photo.jpg"),
        file(message.document.take(), "document"),
        file(message.voice.take(), "voice.ogg"),
        file(message.audio.take(), "audio"),
        file(message.video.take(), "video.mp4"),
        file(message.video_note.take(), "video.mp4"),
        sticker,
        place,
        contact,
        message.caption.take().map(What::Text),
    ];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(more: Value) -> Vec<Brought> {
        let mut message = json!({
            "message_id": 1,
            "from": { "id": 42, "is_bot": false, "first_name": "Ann", "last_name": "Lee" },
            "chat": { "id": 42, "type": "private" },
            "date": 1_700_000_000,
        });
        let Value::Object(more) = more else { panic!("{more}") };
        message.as_object_mut().unwrap().extend(more);
        read(json!({ "update_id": 7, "message": message })).unwrap().brought
    }

    #[test]
    fn messages_are_read() {
        let [text] = &message(json!({ "text": "hello" }))[..] else { panic!() };
        assert_eq!((text.from.as_str(), text.name.as_deref()), ("42", Some("Ann Lee")));
        assert_eq!((text.id.as_str(), &text.what), ("7", &What::Text("hello".into())));
        let photo = json!({ "photo": [{ "file_id": "s" }, { "file_id": "l" }], "caption": "see?" });
        let [photo, caption] = &message(photo)[..] else { panic!() };
        assert_eq!(photo.what, What::Media { id: "l".into(), name: "photo.jpg".into() });
        assert_eq!((caption.id.as_str(), &caption.what), ("7 1", &What::Text("see?".into())));
        let what = |more: Value| message(more).pop().unwrap().what;
        assert_eq!(what(json!({ "text": "/start from-the-shop" })), What::Comes);
        let document = json!({ "document": { "file_id": "d", "file_name": "a.pdf" } });
        assert_eq!(what(document), What::Media { id: "d".into(), name: "a.pdf".into() });
        let place = json!({ "location": { "latitude": 31.2, "longitude": 121.5 } });
        assert_eq!(what(place), What::Text("(31.2, 121.5)".into()));
        let contact = json!({ "contact": { "phone_number": "+86139", "first_name": "Bo" } });
        assert_eq!(what(contact), What::Text("Bo +86139".into()));
        assert!(message(json!({ "dice": { "value": 3 } })).is_empty());
        assert!(message(json!({ "text": "hi", "chat": { "id": -5, "type": "group" } })).is_empty());
    }

    #[test]
    fn buttons_and_leaving_are_read_and_what_is_no_update_is_not() {
        let chat = json!({ "id": 42, "type": "private" });
        let from = json!({ "id": 42, "first_name": "Ann" });
        let query = json!({ "id": "q", "from": from, "message": { "chat": chat }, "data": "2" });
        let pressed = read(json!({ "update_id": 8, "callback_query": query })).unwrap();
        assert_eq!(
            (pressed.pressed.as_deref(), &pressed.brought[0].what),
            (Some("q"), &What::Text("2".into()))
        );
        let member = json!({ "chat": chat, "new_chat_member": { "status": "kicked" } });
        let gone = read(json!({ "update_id": 9, "my_chat_member": member })).unwrap();
        assert_eq!(gone.brought[0].what, What::Goes);
        assert_eq!(read(json!({ "message": {} })), None);
        // It is passed over, and not asked for again.
        let odd = Update::of(json!({ "update_id": 10, "message": "?" })).unwrap();
        assert_eq!((odd.number, odd.brought.len()), (10, 0));
    }
}
