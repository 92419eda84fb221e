//! Letters as programs in use make them, and what nobody makes but an attacker.

use ngcc_proto::chat::{MAX_TEXT, Text};
use ngcc_proto::config::MailMark;
use ngcc_proto::{FileId, SessionId, Wall};
use ngcc_softacd_core::channel::{MAX_PERSON, MAX_REPLY, Piece, Post, mark_of};
use proptest::prelude::*;

use super::compose;
use super::guard::Why;
use super::read::{Account, Found, read};
use super::thread::{Answered, Marks};
use crate::channels::adapter::{Brought, What};

fn account() -> Account {
    Account {
        channel: "mail".into(),
        address: "support@shop.example".into(),
        checked_by: "mx.shop.example".into(),
        marks: Marks::new("mail", "support@shop.example", "s3cret"),
        zh: false,
    }
}

fn brought(raw: &[u8]) -> Vec<Brought> {
    match read(raw, true, &account()) {
        Found::Brought { brought, .. } => brought,
        Found::Nothing(why) => panic!("put aside: {why:?}"),
    }
}

fn aside(raw: &str) -> Option<Why> {
    match read(raw.as_bytes(), true, &account()) {
        Found::Brought { .. } => None,
        Found::Nothing(why) => Some(why),
    }
}

fn post(to: &str, automatic: bool) -> Post {
    Post {
        channel: "mail".into(),
        to: to.into(),
        n: 3,
        again: false,
        reply: Some(Text(
            Answered::new("q1@x.example", &["q0@x.example".to_owned()], "Order 7").into_reply(),
        )),
        mark: mark_of("mail", to),
        session: Some(SessionId(9)),
        seq: 5,
        automatic,
        piece: Piece::Text(Text("Yes — 是的".into())),
    }
}

fn letter(post: &Post, mark: MailMark) -> String {
    let marks = account().marks;
    let from =
        compose::From { address: "support@shop.example", display: "小店", marks: &marks, mark, zh: true };
    let made = compose::compose(&from, post, b"file".to_vec(), Wall(1_767_578_400_000));
    String::from_utf8(made.unwrap().formatted()).unwrap()
}

#[test]
fn a_letter_is_read_with_its_subject_and_its_files() {
    let raw = "From: =?GB18030?B?0KHA7g==?= <Li@X.example>\r\nTo: support@shop.example\r\nMessage-ID: <m1@x.example>\r\n\
        Subject: =?GBK?B?tqm1pQ==?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
        --a\r\nContent-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6ww==\r\n\
        --a\r\nContent-Type: text/html\r\n\r\n<p>no</p>\r\n--a--\r\n\
        --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <i>\r\n\r\nAAEC\r\n\
        --b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;\r\n filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf\r\n\r\n%PDF\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nFrom: bo@x.example\r\nSubject: in it\r\n\r\ninner\r\n--b--\r\n";
    let all = brought(raw.as_bytes());
    assert_eq!((all[0].from.as_str(), all[0].name.as_deref()), ("li@x.example", Some("小李")));
    assert_eq!((all[0].id.as_str(), all[0].thread), ("m1@x.example 0", None));
    assert_eq!(all[0].what, What::Text("订单\n\n你好".into()));
    let file = |name: &str, bytes: &[u8]| What::File { name: name.into(), bytes: bytes.to_vec() };
    assert_eq!(all[1].what, file("image.png", &[0, 1, 2]));
    assert_eq!(all[2].what, file("发票.pdf", b"%PDF"));
    let What::File { name, bytes } = &all[3].what else { panic!("{all:?}") };
    assert!(name == "message.eml" && String::from_utf8_lossy(bytes).contains("inner"), "{name}: {bytes:?}");
    assert_eq!(all.len(), 4);
}

#[test]
fn charsets_are_those_of_letters() {
    for (charset, bytes, text) in [
        ("gbk", &b"\xc4\xe3\xba\xc3"[..], "你好"),
        ("gb18030", b"\x95\x32\x82\x36", "𠀀"),
        ("big5", b"\xa7\x41\xa6\x6e", "你好"),
        ("iso-2022-jp", b"\x1b$B$3\x1b(B", "こ"),
        ("windows-1252", b"caf\xe9 \x80", "café €"),
        ("utf-8", "你好".as_bytes(), "你好"),
        ("nobody-knows", b"hello", "hello"),
    ] {
        let head = format!("From: a@x.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n");
        let all = brought(&[head.as_bytes(), bytes].concat());
        assert_eq!(all[0].what, What::Text(text.into()), "{charset}");
    }
}

#[test]
fn what_only_a_page_says_is_read_and_what_says_nothing_has_come() {
    let page = "From: a@x.example\r\nIn-Reply-To: <q@x.example>\r\nContent-Type: text/html\r\n\r\n\
        <div>Yes &amp; no.</div><div>On Monday, Support wrote:<blockquote>Is it?</blockquote></div>";
    assert_eq!(brought(page.as_bytes())[0].what, What::Text("Yes & no.".into()));
    assert_eq!(brought(b"From: a@x.example\r\n\r\n\r\n")[0].what, What::Comes);
    let twice = "From: a@x.example\r\nSubject: help\r\n\r\nhelp me\r\n";
    assert_eq!(brought(twice.as_bytes())[0].what, What::Text("help me".into()));
    let forwarded =
        "From: a@x.example\r\nSubject: Fwd: x\r\n\r\nlook\r\n\r\nOn Monday, Bo wrote:\r\n> this\r\n";
    let What::Text(text) = &brought(forwarded.as_bytes())[0].what else { panic!() };
    assert!(text.ends_with("> this"), "a letter that answers nothing is whole: {text}");
}

#[test]
fn a_long_letter_is_there_whole() {
    let raw = format!("From: a@x.example\r\n\r\n{}", "很长 ".repeat(4000));
    let all = brought(raw.as_bytes());
    let [What::Text(text), What::File { name, bytes }] = [&all[0].what, &all[1].what] else {
        panic!("{all:?}")
    };
    assert!(text.len() <= MAX_TEXT && text.len() > MAX_TEXT - 8);
    assert_eq!(
        (name.as_str(), String::from_utf8_lossy(bytes).matches("很长").count()),
        ("whole-message.txt", 4000)
    );
}

#[test]
fn of_a_letter_that_is_too_large_what_cannot_be_had_is_named() {
    let raw = "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n\
        --b\r\nContent-Type: video/mp4; name=a.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC";
    let Found::Brought { brought, .. } = read(raw.as_bytes(), false, &account()) else { panic!() };
    let whats: Vec<_> = brought.into_iter().map(|one| one.what).collect();
    assert_eq!(whats, [What::Text("see".into()), What::Lost { name: "a.mp4".into() }]);
    let plain = "From: a@x.example\r\nSubject: Log\r\n\r\nbegins";
    let Found::Brought { brought, .. } = read(plain.as_bytes(), false, &account()) else { panic!() };
    assert_eq!(brought[1].what, What::Lost { name: "Log.eml".into() });
}

#[test]
fn an_answer_belongs_to_whom_ours_was_for() {
    let ours = post("ann@x.example", false);
    let id = account().marks.id(&ours);
    let of = |from: &str, headers: &str| {
        brought(format!("From: {from}\r\n{headers}\r\nYes.\r\n").as_bytes()).remove(0)
    };
    let own = of("Ann@x.example", &format!("In-Reply-To: <{id}>\r\nSubject: Re: Order 7\r\n"));
    assert_eq!((own.thread, own.what), (Some(ours.mark), What::Text("Yes.".into())));
    let other = of(
        "ann@home.example",
        &format!("References: <other@x.example>\r\n <{id}>\r\nSubject: Re: Order 7\r\n"),
    );
    assert_eq!((other.thread, other.what), (Some(ours.mark), What::Text("[ann@home.example]\nYes.".into())));
    let to = format!("To: Shop <{}>, bo@x.example\r\n", account().marks.tagged(ours.mark));
    assert_eq!(of("ann@x.example", &to).thread, Some(ours.mark));
    let about = format!("Subject: Re: Order 7 [#{}]\r\n", account().marks.tag(ours.mark));
    assert_eq!(of("ann@x.example", &about).thread, Some(ours.mark));
    let forged = format!("In-Reply-To: <{}>\r\nSubject: Order 7\r\n", id.replace(&id[..4], "ffff"));
    let forged = of("eve@x.example", &forged);
    assert_eq!((forged.thread, forged.what), (None, What::Text("Order 7\n\nYes.".into())));
}

#[test]
fn ours_names_what_it_answers_and_who_has_written_it() {
    let ours = letter(&post("ann@x.example", false), MailMark::None);
    assert!(
        ours.contains("In-Reply-To: <q1@x.example>\r\n")
            && ours.contains("References: <q0@x.example> <q1@x.example>\r\n"),
        "{ours}"
    );
    assert!(ours.contains("Subject: Re: Order 7\r\n") && ours.contains("To: ann@x.example\r\n"), "{ours}");
    assert!(!ours.contains("Auto-Submitted") && !ours.contains("Reply-To: support"), "{ours}");
    let theirs = ours.replace("support@", "other@").replace("Message-ID: <", "Message-ID: <x");
    assert_eq!(brought(theirs.as_bytes())[0].what, What::Text("Re: Order 7\n\nYes — 是的".into()));
    let automatic = letter(&post("ann@x.example", true), MailMark::Address);
    assert!(
        automatic.contains("Auto-Submitted: auto-replied\r\n") && automatic.contains("Reply-To: support+"),
        "{automatic}"
    );
    let tag = account().marks.tag(mark_of("mail", "ann@x.example"));
    let tagged = letter(&post("ann@x.example", true), MailMark::Subject);
    assert!(tagged.replace("\r\n ", " ").contains(&format!("Subject: Re: Order 7 [#{tag}]")), "{tagged}");
    let file = Piece::File { file: FileId(1), name: "发票 1.pdf".into(), mime: "application/pdf".into() };
    let file = letter(&Post { piece: file, reply: None, ..post("ann@x.example", false) }, MailMark::None);
    assert!(!file.contains("In-Reply-To"), "{file}");
    let read = mail_parser::MessageParser::default().parse(&file).unwrap();
    assert_eq!(
        (read.subject(), read.attachment(0).unwrap().contents()),
        (Some("Re: 您的来信"), &b"file"[..])
    );
    let injected = Answered::new("q1@x.example", &[], "a\r\nBcc: eve@x.example");
    let injected = Post { reply: Some(Text(injected.into_reply())), ..post("ann@x.example", false) };
    assert!(!letter(&injected, MailMark::None).contains("\r\nBcc"));
}

#[test]
fn what_must_not_go_round_in_circles_is_put_aside() {
    let with = |headers: &str| aside(&format!("From: ann@x.example\r\n{headers}\r\nhello\r\n"));
    assert_eq!(with(""), None);
    assert_eq!(with("Auto-Submitted: auto-replied\r\n"), Some(Why::Automatic));
    assert_eq!(with("List-Id: <l.x.example>\r\n"), Some(Why::List));
    assert_eq!(with("Authentication-Results: mx.shop.example; dmarc=fail\r\n"), Some(Why::Forged));
    let id = account().marks.id(&post("ann@x.example", false));
    assert_eq!(with(&format!("Message-ID: <{id}>\r\n")), Some(Why::Own));
    assert_eq!(aside("From: Shop <SUPPORT@shop.example>\r\n\r\nhello\r\n"), Some(Why::Own));
    for nobody in
        ["", "From: undisclosed\r\n", "From: <>\r\n", &format!("From: {}@x.example\r\n", "a".repeat(300))]
    {
        assert_eq!(
            aside(&format!("To: x@x.example\r\n{nobody}\r\nhello\r\n")),
            Some(Why::Unreadable),
            "{nobody}"
        );
    }
    assert_eq!(aside(""), Some(Why::Unreadable));
}

#[test]
fn what_comes_back_is_known_by_its_id() {
    let ours = post("ann@x.example", false);
    let id = account().marks.id(&ours);
    let report = |action: &str, original: &str| {
        format!(
            "From: MAILER-DAEMON@x.example\r\nAuto-Submitted: auto-replied\r\nReturn-Path: <>\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nSorry\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: {action}\r\n\
             --b\r\n{original}\r\n--b--\r\n"
        )
    };
    let headers = format!("Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}>\r\n");
    let whole =
        format!("Content-Type: message/rfc822\r\n\r\nFrom: a@x\r\nMessage-ID: <{id}>\r\n\r\nhello\r\n");
    for original in [&headers, &whole] {
        let all = brought(report("failed", original).as_bytes());
        assert_eq!(
            (all[0].thread, &all[0].what),
            (Some(ours.mark), &What::Returned { session: SessionId(9), seq: 5 })
        );
        assert_eq!(aside(&report("delayed", original)), Some(Why::Automatic), "it may still come");
    }
    assert_eq!(aside(&report("failed", &headers.replace(&id[..4], "ffff"))), Some(Why::Automatic));
}

#[test]
fn letters_within_letters_without_end_end() {
    let deep = format!("From: a@x.example\r\n{}", "Content-Type: message/rfc822\r\n\r\n".repeat(300_000));
    assert_eq!(brought(deep.as_bytes()).len(), 1);
    let wide = format!(
        "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\n\r\nx\r\n".repeat(100_000)
    );
    assert!(brought(wide.as_bytes()).len() <= 20);
    let quotes =
        format!("From: a@x.example\r\nSubject: Re: x\r\n\r\n{}", "On Monday, Bo wrote:\r\n".repeat(100_000));
    assert!(brought(quotes.as_bytes()).len() <= 2);
}

/// Whatever comes is read or put aside, and what is read keeps the bounds.
fn holds(raw: &[u8], whole: bool) {
    let Found::Brought { brought, .. } = read(raw, whole, &account()) else { return };
    assert!((1..=20).contains(&brought.len()));
    for one in brought {
        assert!(one.from.len() <= MAX_PERSON && one.reply.is_none_or(|reply| reply.len() <= MAX_REPLY));
        match one.what {
            What::Text(text) => assert!(!text.trim().is_empty() && text.len() <= MAX_TEXT),
            What::File { name, bytes } => assert!(name.len() <= 300 && bytes.len() <= raw.len() * 3 + 100),
            What::Lost { name } => assert!(name.len() <= 310),
            What::Pressed(_) | What::Media { .. } => panic!("no letter does that"),
            What::Comes | What::Goes | What::Is { .. } | What::Unsent(_) | What::Returned { .. } => {}
        }
    }
}

/// Pieces of letters, put together in any order.
const PIECES: [&str; 24] = [
    "From: Ann <ann@x.example>\r\n",
    "From: =?utf-8?Q?=E4?= <a@b>\r\n",
    "Subject: =?GBK?B?tqm1pQ==?= =?x?y?z?=\r\n",
    "Message-ID: <m@x>\r\n",
    "In-Reply-To: <a@b> <c@d>\r\n",
    "References: <a@b>\r\n <c@d>\r\n",
    "Content-Type: multipart/mixed; boundary=\"b\"\r\n",
    "Content-Type: multipart/report; boundary=b\r\n",
    "Content-Type: multipart/digest; boundary=b\r\n",
    "Content-Type: message/rfc822\r\n",
    "Content-Type: text/html; charset=gb18030\r\n",
    "Content-Type: text/plain; charset=utf-7; name*0*=UTF-8''%E5; name*1=x\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "Content-Disposition: attachment; filename=\"../../x\r\n.y\"\r\n",
    "\r\n",
    "--b\r\n",
    "--b--\r\n",
    "<p>&amp;<blockquote>a</p>&#x;<br",
    "> quoted\r\n",
    "On Monday, Ann wrote:\r\n",
    "=E4=\r\n=",
    "begin 644 x\r\n",
    "你好\r\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn whatever_comes_is_bounded(order in prop::collection::vec(0..PIECES.len(), 0..60), noise in prop::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut raw: Vec<u8> = order.iter().flat_map(|n| PIECES[*n].bytes()).collect();
        let at = at.index(raw.len() + 1);
        raw.splice(at..at, noise);
        holds(&raw, whole);
        holds(&[PIECES[0].as_bytes(), &raw].concat(), whole);
    }
}
