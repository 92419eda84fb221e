//! Vectors that an independent implementation made, with keys that open nothing.

use axum::http::HeaderMap;
use ngcc_proto::Wall;
use ngcc_proto::config::ChannelKind;

use super::*;
use crate::channels::adapter::{Brought, What};

const HINT: &str = "Q3stYC6hdFzMh9T8HCvyDCh9c+ep0zYzymB6Et/ZFApRIH6CqURiq6lfMfw9JyI/Iu7GLVlNPBBUXuwILrQtHr7ZFLBKrwd7hQklnMCu1Wq7f6d6DnfL1zA049lKvyYDUINw8FVmDHRpAdcac34LJRn+UjOGp8X7i+nDwa/HHCyXQMK8AiTmbR/MRI7Rw/J53eY14Cz/Csm74nAVNFII8Ixt+qfxlDtjjJphLC2eFNXAtzT15AkRxRe5wWbvjJxzqk8W8HLStHYsuVoU0j47/kCjpw6ECdCGLRI/7fzhpYVri7AmRZojaBgKhV9Iwi1iBDulfi3ySJLPAtDNmH8xd+hwZ3iiPYR/Ipa+sWh0fEpXdjKkHy6VhJgDbsaFy+1vLbvYFjRjYWeigZYvx11rFqWScvBVvDUA60snL4feKoAWKFK0HqchxcKpntpwdpu71EL5R11LXPeDcp+VKpzzLA==";
const HINT_SIGNED: &str = "6a26a5b2c70640653fd833807918aba63f6e1361";
const QUESTION: &str =
    "Q3stYC6hdFzMh9T8HCvyDH0IHJENRtL8kKsqSYgg4gClawqfEI4bjkd/sThBdy5aD+g79gZaEDEf8oiSyEF0Pw==";
const QUESTION_SIGNED: &str = "22ae90d0964ca3d264a098f8a1d938db4d9f8c76";
const NOW: Wall = Wall(1_615_478_590_000);

fn wecom() -> Wecom {
    let settings = Channel {
        name: "wecom".into(),
        kind: ChannelKind::Wecom,
        entry: "shop".into(),
        account: "ww12345678910".into(),
        url: String::new(),
        lang: "zh".into(),
        mail: None,
        secrets: None,
    };
    let secrets = [("token", "ngcctoken"), ("aes_key", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")];
    Wecom::new(&settings, &secrets.map(|(name, text)| (name.to_owned(), text.to_owned())).into())
}

fn read(wecom: &Wecom, method: Method, more: &[(&str, &str)], body: &str) -> Result<Turn, Denied> {
    let query = [&[("timestamp", "1348831860"), ("nonce", "n0nce")], more].concat();
    let query = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let (headers, body) = (HeaderMap::new(), body.as_bytes());
    wecom.read(&Request { method: &method, query: &query, headers: &headers, body, now: NOW })
}

#[test]
fn the_question_whether_this_is_the_place_is_answered_with_what_it_hides() {
    let wecom = wecom();
    let ask =
        |signed, echo: &str| read(&wecom, Method::GET, &[("msg_signature", signed), ("echostr", echo)], "");
    let answer = Answer::text("1616140317555161061");
    assert_eq!(ask(QUESTION_SIGNED, QUESTION).unwrap().answer, answer);
    assert_eq!(ask(QUESTION_SIGNED, &QUESTION.replace('+', " ")).unwrap().answer, answer);
    assert_eq!(ask(HINT_SIGNED, QUESTION), Err(Denied::Unsigned));
    assert_eq!(ask(QUESTION_SIGNED, HINT), Err(Denied::Unsigned));
}

#[test]
fn a_hint_is_noted_if_it_is_proved_and_for_this_corporation() {
    let wecom = wecom();
    let hint = |wecom: &Wecom, signed| {
        let body = format!("<xml><ToUserName>x</ToUserName><Encrypt>{HINT}</Encrypt></xml>");
        read(wecom, Method::POST, &[("msg_signature", signed)], &body)
    };
    assert_eq!(hint(&wecom, "0000000000000000000000000000000000000000"), Err(Denied::Unsigned));
    assert_eq!(
        read(&wecom, Method::POST, &[], "<xml><Event>kf_msg_or_event</Event></xml>"),
        Err(Denied::Unsigned)
    );
    let other = Wecom { corporation: "ww1".into(), ..self::wecom() };
    assert_eq!(hint(&other, HINT_SIGNED), Err(Denied::Unsigned));
    assert!(wecom.hints.take().is_empty() && other.hints.take().is_empty());
    assert_eq!(hint(&wecom, HINT_SIGNED), Ok(Turn::new(None, Answer::text("success"))));
    let hints: Vec<_> = wecom.hints.take().into_iter().collect();
    let token = "ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR";
    assert_eq!(hints, [("wkxxxxxxx".to_owned(), token.to_owned())]);
}

/// What a page brings whose one entry has these fields beside who and when.
fn brought(more: Value) -> Option<Brought> {
    let entry = json!({
        "msgid": "from_msgid_1", "open_kfid": "wk1", "external_userid": "wmA", "send_time": 1_615_478_585, "origin": 3,
    });
    let (Value::Object(mut entry), Value::Object(more)) = (entry, more) else { panic!("both are objects") };
    entry.extend(more);
    let page = json!({ "errcode": 0, "next_cursor": "c1", "has_more": 1, "msg_list": [entry] });
    let mut page = told::page(page, "wk1", NOW);
    assert_eq!((page.cursor.as_str(), page.more), ("c1", true));
    page.told.pop().map(|told| told.brought)
}

#[test]
fn what_customers_send_is_read() {
    let text = brought(json!({ "msgtype": "text", "text": { "content": "你好" } })).unwrap();
    assert_eq!((text.from.as_str(), text.id.as_str()), ("wmA", "from_msgid_1"));
    assert_eq!((text.reply.as_deref(), text.what), (Some("kf:wk1"), What::Text("你好".into())));
    let what = |kind: &str, part: Value| brought(json!({ "msgtype": kind, kind: part })).unwrap().what;
    let said = |text: &str| What::Text(text.to_owned());
    assert_eq!(what("text", json!({ "content": "Sales", "menu_id": "1" })), said("1"));
    for (kind, name) in [("image", "image"), ("voice", "voice.amr"), ("video", "video.mp4"), ("file", "file")]
    {
        let media = What::Media { id: "m1".into(), name: name.into() };
        assert_eq!(what(kind, json!({ "media_id": "m1" })), media);
    }
    let place = json!({ "latitude": 23.5, "longitude": 113.25, "name": "塔", "address": "路" });
    assert_eq!(what("location", place), said("塔 路 (23.5, 113.25)"));
    let link = json!({ "title": "T", "desc": "D", "url": "https://x.example/" });
    assert_eq!(what("link", link), said("T\nhttps://x.example/"));
    assert_eq!(what("miniprogram", json!({ "title": "T", "pagepath": "p" })), said("T\np"));
    assert_eq!(what("business_card", json!({ "userid": "u" })), said("[business_card]\nu"));
    assert_eq!(what("merged_msg", json!({})), said("[merged_msg]"));
    // Members of the corporation, and what is none of the protocol.
    let text = json!({ "content": "x" });
    assert_eq!(brought(json!({ "origin": 5, "msgtype": "text", "text": text })), None);
    for odd in [json!({ "external_userid": "a b" }), json!({ "msgid": "" }), json!({ "send_time": "x" })] {
        assert_eq!(brought(odd), None);
    }
}

#[test]
fn who_comes_may_be_greeted_for_a_while_and_what_failed_is_known_by_its_id() {
    let event =
        |of: Value| brought(json!({ "origin": 4, "msgtype": "event", "external_userid": null, "event": of }));
    let comes = json!({ "event_type": "enter_session", "external_userid": "wmA", "welcome_code": "CODE" });
    let came = event(comes.clone()).unwrap();
    assert_eq!((came.reply.as_deref(), came.what), (Some("code:CODE"), What::Comes));
    let late = json!({ "origin": 4, "msgtype": "event", "send_time": 1_615_478_000, "event": comes });
    assert_eq!(brought(late), None);
    let without = json!({ "event_type": "enter_session", "external_userid": "wmA", "welcome_code": "" });
    assert_eq!(event(without), None);
    let failed = |id: &str| {
        event(
            json!({ "event_type": "msg_send_fail", "external_userid": "wmA", "fail_msgid": id, "fail_type": 4 }),
        )
    };
    let ours = msgid("wmA", 1_700_000_000_123);
    assert!(ours.len() == 32 && ours.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{ours}");
    assert_eq!(failed(&ours).unwrap().what, What::Unsent(1_700_000_000_123));
    for other in [msgid("wmB", 1).as_str(), "", "MSG_ID", "0123456789012345zzzzzzzzzzzzzzzz"] {
        assert_eq!(failed(other), None, "{other}");
    }
    assert_eq!(event(json!({ "event_type": "servicer_status_change", "status": 1 })), None);
}

#[test]
fn a_file_has_the_name_of_its_attachment() {
    let name = |text: &[u8]| told::file_name(&header::HeaderValue::from_bytes(text).unwrap());
    assert_eq!(name(b"attachment; filename=\"cat.png\"").as_deref(), Some("cat.png"));
    assert_eq!(name("attachment; filename=猫.png".as_bytes()).as_deref(), Some("猫.png"));
    assert_eq!(name(b"attachment; filename=\"\""), None);
    assert_eq!(name(b"attachment"), None);
}

#[test]
fn files_go_as_what_the_provider_shows_and_menus_as_lists_where_it_cannot() {
    assert_eq!(kind("image/png", 100), "image");
    assert_eq!((kind("image/png", MAX_SHOWN + 1), kind("audio/amr", MAX_VOICE + 1)), ("file", "file"));
    assert_eq!(
        (kind("audio/amr", 5), kind("video/mp4", 5), kind("application/pdf", 5)),
        ("voice", "video", "file")
    );
    let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    let asked = menu("What?", &[choice("sales", "Sales"), choice(&"x".repeat(65), "More")]);
    let ids: Vec<_> =
        asked["msgmenu"]["list"].as_array().unwrap().iter().map(|item| &item["click"]["id"]).collect();
    assert_eq!(ids, ["sales", "2"]);
    assert_eq!(menu("What?", &[choice("1", "")])["text"]["content"], "What?\n1  ");
}
