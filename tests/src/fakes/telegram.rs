//! Telegram's bot interface: it calls, or is asked; choices are buttons below a text.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Act, Asked, Callback, Fault, Inner, PATIENCE, PICTURE, answer, locked};

/// The bot's token.
pub(super) const TOKEN: &str = "42:a-b0t";
/// What callbacks carry.
pub(super) const SECRET_TOKEN: &str = "c4lls";

/// The number of an update that a test calls `id`.
fn number(id: &str) -> i64 {
    id.bytes().fold(0, |all, byte| all * 256 + i64::from(byte))
}

pub(super) fn update(person: &str, id: &str, act: &Act<'_>) -> Value {
    let person: i64 = person.parse().expect("people have numbers there");
    let from = json!({ "id": person, "is_bot": false, "first_name": "Ann" });
    let chat = json!({ "id": person, "type": "private" });
    let mut message = json!({ "message_id": 1, "from": from, "chat": chat, "date": 1_700_000_000 });
    match act {
        Act::Writes(text) => message["text"] = json!(text),
        Act::Shows => {
            message["photo"] =
                json!([{ "file_id": "small", "width": 90 }, { "file_id": "p1", "width": 800 }]);
        }
        Act::Overdoes => message["video"] = json!({ "file_id": "huge", "file_name": "holidays.mp4" }),
        Act::Presses(value) => {
            let query = json!({ "id": id, "from": from, "message": message, "data": value });
            return json!({ "update_id": number(id), "callback_query": query });
        }
    }
    json!({ "update_id": number(id), "message": message })
}

pub(super) fn callback(update: &Value, signed: bool) -> Callback {
    let secret = if signed { SECRET_TOKEN } else { "c4llz" };
    let headers = vec![("X-Telegram-Bot-Api-Secret-Token", secret.to_owned())];
    Callback { query: String::new(), headers, body: update.to_string().into_bytes() }
}

/// A callback was answered: a button that was pressed is noticed by that.
pub(super) fn answered(inner: &Inner, body: &str, act: &Act<'_>) {
    if matches!(act, Act::Presses(_)) {
        let call: Value = serde_json::from_str(body).expect("the answer is a call");
        assert_eq!(call["method"], "answerCallbackQuery");
        noticed(inner, &call);
    }
}

fn noticed(inner: &Inner, call: &Value) {
    let id = call["callback_query_id"].as_str().expect("the button's id");
    locked(&inner.noticed).insert(id.to_owned());
}

/// Keeps an update until it is taken; what a callback would have been answered.
pub(super) async fn waits(inner: &Inner, update: Value, act: &Act<'_>) -> u16 {
    let number = update["update_id"].as_i64().expect("its number");
    let query = update["callback_query"]["id"].as_str().map(str::to_owned);
    inner.updates.send_modify(|(from, all)| {
        if number >= *from && all.iter().all(|waiting| waiting["update_id"] != number) {
            all.push(update);
        }
    });
    let mut updates = inner.updates.subscribe();
    let taken = timeout(PATIENCE, updates.wait_for(|(from, _)| *from > number)).await;
    let fine = taken.is_ok_and(|taken| taken.is_ok());
    // Whoever asks for more has noticed what they were told before.
    let noticed = query.is_none_or(|query| locked(&inner.noticed).contains(&query));
    assert!(noticed || !matches!(act, Act::Presses(_)), "the button turns");
    if fine { 200 } else { 503 }
}

/// The answer to what never fails: questions for what has happened, and for files.
pub(super) async fn without_fault(inner: &Inner, asked: &Asked) -> Option<Response> {
    let path = asked.path.strip_prefix("/file/bot").map(|rest| (true, rest));
    let (file, rest) = path.or_else(|| asked.path.strip_prefix("/bot").map(|rest| (false, rest)))?;
    let method = rest.strip_prefix(TOKEN)?.strip_prefix('/')?;
    match (file, method) {
        (true, "photos/1.png") => Some(([(header::CONTENT_TYPE, "image/png")], PICTURE).into_response()),
        (false, "getFile") if asked.json() == json!({ "file_id": "p1" }) => {
            Some(fine(&json!({ "file_id": "p1", "file_path": "photos/1.png" })))
        }
        (false, "getUpdates") => Some(updates(inner, &asked.json()).await),
        (false, "answerCallbackQuery") => {
            noticed(inner, &asked.json());
            Some(fine(&json!(true)))
        }
        _ => None,
    }
}

/// What has happened; what is below the number that is asked for is forgotten.
async fn updates(inner: &Inner, call: &Value) -> Response {
    let asked = call["offset"].as_i64().unwrap_or(i64::MIN);
    inner.updates.send_if_modified(|(from, all)| {
        let more = asked > *from;
        *from = asked.max(*from);
        all.retain(|update| update["update_id"].as_i64() >= Some(asked));
        more
    });
    let mut updates = inner.updates.subscribe();
    let wait = Duration::from_secs(call["timeout"].as_u64().expect("how long to wait"));
    let found = match timeout(wait, updates.wait_for(|(_, all)| !all.is_empty())).await {
        Ok(found) => found.expect("it serves").1.clone(),
        Err(_) => vec![],
    };
    fine(&json!(found))
}

pub(super) fn asked(inner: &Inner, asked: &Asked, fault: Option<Fault>) -> Response {
    let Some(method) = asked.path.strip_prefix("/bot").and_then(|rest| rest.strip_prefix(TOKEN)) else {
        return refusal(401, &json!({}));
    };
    if fault == Some(Fault::Expired) {
        return refusal(401, &json!({}));
    }
    if fault == Some(Fault::Shut) {
        return refusal(429, &json!({ "retry_after": 1 }));
    }
    match method {
        "/sendMessage" => {
            let mut message = asked.json();
            // What their screen shows: the buttons below the text.
            let rows = message["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
            let mut text = message["text"].as_str().expect("a text").to_owned();
            for button in rows.iter().flat_map(|row| row.as_array().expect("a row")) {
                let word = |name: &str| button[name].as_str().expect("of the button").to_owned();
                text.push_str(&format!("\n{}  {}", word("callback_data"), word("text")));
            }
            message["text"] = json!(text);
            inner.takes(message);
            fine(&json!({ "message_id": 2 }))
        }
        "/sendChatAction" => {
            inner.takes(asked.json());
            fine(&json!(true))
        }
        "/getFile" => refusal(400, &json!({})),
        "/sendPhoto" => {
            let form = String::from_utf8_lossy(&asked.body).into_owned();
            let person =
                form.split_once("name=\"chat_id\"\r\n\r\n").and_then(|(_, rest)| rest.split_once("\r\n"));
            let person = person.map(|(person, _)| person).expect("whom it is for");
            let whole = asked.body.windows(PICTURE.len()).any(|part| part == PICTURE)
                && form.contains("name=\"photo\"; filename=\"cat.png\"");
            inner.takes(json!({ "chat_id": person, "photo": whole }));
            fine(&json!({ "message_id": 3 }))
        }
        _ => refusal(404, &json!({})),
    }
}

fn fine(result: &Value) -> Response {
    answer(StatusCode::OK, &json!({ "ok": true, "result": result }))
}

fn refusal(code: u16, parameters: &Value) -> Response {
    let status = StatusCode::from_u16(code).expect("a status");
    answer(status, &json!({ "ok": false, "error_code": code, "description": "no", "parameters": parameters }))
}

pub(super) fn picture(message: &Value) -> Option<bool> {
    message["photo"].as_bool()
}
