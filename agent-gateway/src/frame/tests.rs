//! Frames in and out.

use ngcc_proto::seat::Device;
use serde_json::json;

use super::*;

fn asked(frame: Value) -> Result<Asked, Bad> {
    console(read(&frame.to_string()).expect("a frame"))
}

fn code(frame: Value) -> &'static str {
    asked(frame).expect_err("it is taken").code
}

#[test]
fn verbs_are_those_of_the_seat_vocabulary() {
    let frame =
        json!({"type": "seat", "id": "7", "data": {"what": {"type": "sign_in", "device": "browser"}}});
    let what = Verb::SignIn { device: Device::Browser };
    assert_eq!(asked(frame), Ok(Asked::Seat { session: None, what }));
    let phone = json!({"type": "seat", "data": {"what": {"type": "sign_in", "device": {"phone": "7001"}}}});
    let what = Verb::SignIn { device: Device::Phone("7001".to_owned()) };
    assert_eq!(asked(phone), Ok(Asked::Seat { session: None, what }));
    let session = SessionId(5);
    let frame = json!({"type": "seat", "data": {"session": session, "what": {"type": "hold", "on": true}}});
    assert_eq!(asked(frame), Ok(Asked::Seat { session: Some(session), what: Verb::Hold { on: true } }));
    assert_eq!(asked(json!({"type": "rtc.token"})), Ok(Asked::RtcToken));
}

#[test]
fn what_the_server_says_itself_is_nothing_a_page_may_say() {
    for word in ["away", "back"] {
        assert_eq!(code(json!({"type": "seat", "data": {"what": {"type": word}}})), "unknown", "{word}");
    }
    for word in ["here", "stored"] {
        assert_eq!(
            code(json!({"type": "im", "data": {"type": word, "agent": "agent:bob"}})),
            "bad",
            "{word}"
        );
    }
}

#[test]
fn the_sender_of_a_message_is_not_for_the_page_to_say() {
    let frame = json!({"type": "im", "data": {
        "type": "send", "from": "agent:sue", "to": "agent:bob", "key": "k1", "text": "hello", "quote": null,
    }});
    let text = Text("hello".to_owned());
    let to = ngcc_proto::im::To::Person(AgentUri::new("bob").unwrap());
    let expected = Im::Send { to, key: "k1".to_owned(), text, quote: None, file: None, names: Vec::new() };
    assert_eq!(asked(frame), Ok(Asked::Im(expected)), "`from` has no place in what is read");
}

#[test]
fn what_is_too_long_empty_or_unknown_is_refused_by_name() {
    let say = |text: String, key: &str| {
        let content = json!({"kind": "text", "text": text});
        json!({"type": "seat", "data": {"what": {"type": "say", "key": key, "content": content, "private": false}}})
    };
    assert!(asked(say("x".repeat(MAX_TEXT), "k")).is_ok());
    for (text, key) in [("x".repeat(MAX_TEXT + 1), "k"), (" ".to_owned(), "k"), ("x".to_owned(), "")] {
        assert_eq!(code(say(text, key)), "bad");
    }
    assert_eq!(code(say("x".to_owned(), &"k".repeat(MAX_KEY + 1))), "bad");
    let notice = json!({"kind": "notice", "word": "to_auto"});
    let frame = json!({"type": "seat", "data": {"what": {"type": "say", "key": "k", "content": notice}}});
    assert_eq!(code(frame), "bad", "only the centre writes notices");
    assert_eq!(
        code(json!({"type": "seat", "data": {"what": {"type": "dial", "to": "9".repeat(300)}}})),
        "bad"
    );
    assert_eq!(code(json!({"type": "seat", "data": {"what": {"type": "fly"}}})), "bad");
    assert_eq!(code(json!({"type": "fly"})), "unknown");
}

#[test]
fn what_is_asked_of_the_colleagues_exchange_is_bounded() {
    let im = |data: Value| json!({"type": "im", "data": data});
    let group = ngcc_proto::GroupId(1);
    let many = vec!["agent:bob"; 101];
    for data in [
        json!({"type": "look", "with": "agent:bob", "limit": 201}),
        json!({"type": "look", "with": "bob"}),
        json!({"type": "look", "with": "agent:bob", "at": {"is": "yesterday"}}),
        json!({"type": "search", "words": " "}),
        json!({"type": "search", "words": "x".repeat(201)}),
        json!({"type": "search", "words": "x", "limit": 51}),
        json!({"type": "make", "key": "k", "name": "", "members": []}),
        json!({"type": "make", "key": "k", "name": "x".repeat(121), "members": []}),
        json!({"type": "make", "key": "k", "name": "x", "members": many}),
        json!({"type": "change", "key": "k", "group": group, "change": {"to": "made", "name": "x", "members": []}}),
        json!({"type": "change", "key": "k", "group": group, "change": {"to": "added", "who": many}}),
        json!({"type": "send", "key": "k", "to": "agent:bob", "text": "x", "names": many}),
        json!({"type": "send", "key": "k", "to": "agent:bob", "text": ""}),
    ] {
        assert_eq!(code(im(data.clone())), "bad", "{data}");
    }
    let file = json!({"file": ngcc_proto::FileId(1), "name": "a.png", "mime": "image/png", "size": 3});
    for data in [
        json!({"type": "send", "key": "k", "to": group, "file": file}),
        json!({"type": "look", "with": group, "at": {"is": "around", "n": 7}}),
        json!({"type": "change", "key": "k", "group": group, "change": {"to": "left"}}),
        json!({"type": "list"}),
        json!({"type": "search", "words": "发货"}),
    ] {
        assert!(asked(im(data.clone())).is_ok(), "{data}");
    }
}

#[test]
fn what_is_no_frame_is_told_from_a_frame_that_is_not_taken() {
    for text in ["", "[]", "{}", "7", r#"{"type":7}"#, r#"{"type":"seat","id":7}"#, "{\"type\":\"x\""] {
        assert!(read(text).is_none(), "{text}");
    }
    let long = json!({"type": "ok", "id": "i".repeat(MAX_ID + 1)}).to_string();
    assert!(read(&long).is_none());
}

#[test]
fn a_seat_is_forced_from_now_on() {
    let force = |to: Value| {
        let frame = json!({"type": "force", "data": {"agent": "agent:alice", "to": to}});
        supervisor(read(&frame.to_string()).unwrap())
    };
    let Ok(Supervised::Force(asked)) = force(json!({"is": "not_ready", "since": 3})) else { panic!() };
    let now = Wall(9);
    assert_eq!(asked.to.at(now), Ok(Availability::NotReady { reason: "forced".to_owned(), since: now }));
    assert!(force(json!({"is": "talking"})).is_err());
    let long = ForceTo::NotReady { reason: Some("x".repeat(MAX_WORD + 1)) };
    assert!(long.at(now).is_err());
}

#[test]
fn frames_out_carry_the_id_they_answer() {
    assert_eq!(ok("a").as_str(), r#"{"type":"ok","id":"a"}"#);
    assert_eq!(refused("a", "no").as_str(), r#"{"type":"refused","id":"a","data":{"why":"no"}}"#);
    assert_eq!(
        error(None, &unknown()).as_str(),
        r#"{"type":"error","data":{"code":"unknown","detail":"no such frame"}}"#
    );
}
