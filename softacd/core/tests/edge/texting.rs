//! SIP MESSAGE: answered when it is on disk, its sender answered by MESSAGE, in order, also after failures and a restart.

use std::net::SocketAddr;
use std::time::Duration;

use ngcc_proto::access::{Caller, Cause, Event};
use ngcc_proto::chat::{self, Author, Content, Message, Text};
use ngcc_proto::fact::Medium;
use ngcc_proto::{Body, LegId, MessageId, SessionId, Wall};
use ngcc_softacd_core::sip::Method;

use crate::world::*;

const SESSION: SessionId = SessionId(7);

/// A MESSAGE, the `n`th of `user` at `from`.
fn text(from: SocketAddr, user: &str, n: u32, more: &str, said: &str) -> String {
    format!(
        "MESSAGE sip:1000@{EDGE} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK-m{n}-{};rport\r\nMax-Forwards: 70\r\n\
         From: \"Ann\" <sip:{user}>;tag=m{n}\r\nTo: <sip:1000@{EDGE}>\r\nCall-ID: text-{n}-{}\r\nCSeq: {n} MESSAGE\r\n\
         {more}Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{said}",
        from.port(),
        from.port(),
        said.len()
    )
}

impl World {
    /// What cti was told of chats since the last look, beside what was said.
    fn heard(&mut self) -> Vec<String> {
        let chat = |body: Body| if let Body::ChatEvent(event) = body { Some(event) } else { None };
        let told = |event: chat::Event| match event {
            chat::Event::Typing { .. } => Some("typing".to_owned()),
            chat::Event::Delivered { delivery: chat::Delivery { up_to, refused, stuck, .. }, .. } => {
                Some(format!("up to {up_to}, refused {refused:?}{}", if stuck { ", stuck" } else { "" }))
            }
            chat::Event::Resume { .. } => None,
            other @ (chat::Event::Said { .. } | chat::Event::Read { .. } | chat::Event::KeepOpen { .. }) => {
                panic!("{other:?}")
            }
        };
        self.envelopes().into_iter().filter_map(|envelope| chat(envelope.body)).filter_map(told).collect()
    }

    /// Somebody's first text is on disk; the leg of their session.
    fn texted(&mut self, from: SocketAddr, first: &str) -> LegId {
        self.hears(from, first);
        let told = self.envelopes();
        let leg = told.iter().find_map(|envelope| {
            let Body::AccessEvent(Event::Arrived { leg, medium, caller, .. }) = &envelope.body else {
                return None;
            };
            assert_eq!((medium, caller), (&Medium::Chat, &Caller::Anonymous));
            Some(*leg)
        });
        let leg = leg.expect("a session begins");
        self.put(chat::Command::Opened { leg, session: SESSION, medium: Medium::Chat });
        let key = told.iter().find_map(|envelope| {
            let Body::ChatEvent(chat::Event::Said { key, .. }) = &envelope.body else { return None };
            Some(key.clone())
        });
        self.put(chat::Command::Accepted { leg, key: key.expect("a text"), seq: 1, at: Wall(0) });
        self.says(leg, 1, Author::Customer, "hello");
        assert_eq!(status(&self.one()), 202);
        self.outputs.clear();
        leg
    }

    fn says(&mut self, leg: LegId, seq: u64, by: Author, said: &str) {
        let content = Content::Text { text: Text(said.to_owned()), choices: vec![] };
        let message =
            Message { seq, id: MessageId(u128::from(seq)), at: Wall(0), by, content, private: false };
        self.put(chat::Command::Deliver { leg, message });
    }
}

#[test]
fn a_text_is_answered_once_it_is_on_disk_and_taken_once_however_often_it_comes() {
    let mut w = World::new();
    let ann = peer(6001);
    let first = text(ann, "ann@example.org", 1, "", "Grüße");
    w.hears(ann, &first);
    let told = w.envelopes();
    let [leg, key] = [0, 1].map(|i| &told[i].body);
    let Body::AccessEvent(Event::Arrived { leg, user, dialled, .. }) = leg else { panic!("{leg:?}") };
    assert_eq!((user.to_string().as_str(), dialled.as_str()), ("sip:ann@example.org", "1000"));
    let Body::ChatEvent(chat::Event::Said { key, content, .. }) = key else { panic!("{key:?}") };
    assert_eq!(*content, Content::Text { text: Text("Grüße".into()), choices: vec![] });
    w.hears(ann, &first);
    assert!(w.sent().is_empty() && w.envelopes().is_empty(), "it is on its way to the disk");
    let (leg, key) = (*leg, key.clone());
    w.put(chat::Command::Accepted { leg, key, seq: 1, at: Wall(0) });
    let accepted = w.one();
    assert_eq!(status(&accepted), 202);
    w.hears(ann, &first);
    assert_eq!(w.one(), accepted, "a repeat");
    assert!(w.envelopes().is_empty());
    w.pass(Duration::from_secs(40));
    w.restart(Duration::from_secs(1));
    w.outputs.clear();
    w.hears(ann, &first);
    assert_eq!(status(&w.one()), 202, "it is known by what was stored");
    assert!(w.envelopes().is_empty());
}

#[test]
fn a_text_that_is_not_taken_is_asked_for_later() {
    let mut w = World::new();
    let ann = peer(6001);
    w.hears(ann, &text(ann, "ann@example.org", 1, "", "hi"));
    let Some(Body::AccessEvent(Event::Arrived { leg, .. })) = w.envelopes().first().map(|e| e.body.clone())
    else {
        panic!("no session")
    };
    w.release(leg, Cause::NotFound);
    let refused = w.one();
    assert_eq!((status(&refused), value(&refused, "Retry-After").as_str()), (503, "10"));
    for n in 2..60 {
        w.hears(ann, &text(ann, "ann@example.org", n, "", "flood"));
    }
    let busy = w.sent().iter().filter(|s| status(&s.text) == 503).count();
    assert!(busy >= 30, "no more than twenty within ten seconds: {busy}");
}

#[test]
fn what_is_written_goes_back_in_order_and_again_after_a_failure_and_a_restart() {
    let mut w = World::new();
    let ann = peer(6001);
    let leg = w.texted(ann, &text(ann, "ann@example.org", 1, "", "hi"));
    w.says(leg, 2, Author::Automation, "one");
    w.says(leg, 3, Author::Automation, "two");
    let one = w.one();
    assert!(one.starts_with("MESSAGE sip:ann@example.org SIP/2.0\r\n"), "{one}");
    assert_eq!((body(&one), value(&one, "Content-Type").as_str()), ("one", "text/plain;charset=UTF-8"));
    assert!(value(&one, "From").starts_with("<sip:1000@127.0.0.1>;tag="), "{one}");
    w.pass(Duration::from_millis(600));
    assert_eq!(w.one(), one, "UDP may lose it");
    w.hears(ann, &answer(&one, 503, "a1", "", ""));
    w.heard();
    assert!(w.sent().is_empty());
    w.pass(Duration::from_millis(1100));
    let again = w.one();
    assert_eq!(body(&again), "one");
    assert_ne!(value(&again, "Via"), value(&one, "Via"), "another request");
    w.hears(ann, &answer(&again, 200, "a1", "", ""));
    let two = w.one();
    assert_eq!(body(&two), "two");
    assert_eq!(w.heard(), ["up to 2, refused []"]);
    w.restart(Duration::from_secs(1));
    w.outputs.clear();
    w.pass(Duration::from_millis(10));
    assert_eq!(
        w.one(),
        two,
        "nobody knows whether it came: the same request, which its receiver takes for a repeat"
    );
    w.put(chat::Command::Opened { leg, session: SESSION, medium: Medium::Chat });
    w.hears(ann, &answer(&two, 415, "a1", "", ""));
    let heard = w.heard();
    assert_eq!(heard.last().map(String::as_str), Some("up to 3, refused [3]"), "{heard:?}");
    // Nothing is left when they are forgotten.
    w.release(leg, Cause::Normal);
    w.pass(Duration::from_secs(2 * 86_400));
    assert!(w.records.is_empty());
    assert_eq!((w.access.census().timers, w.access.census().requests, w.access.census().served), (0, 0, 0));
}

#[test]
fn one_who_is_never_reached_is_given_up_after_about_an_hour_and_the_agent_is_told() {
    let mut w = World::new();
    let ann = peer(6001);
    let leg = w.texted(ann, &text(ann, "ann@example.org", 1, "", "hi"));
    w.says(leg, 2, Author::Automation, "one");
    w.pass(Duration::from_secs(600));
    let heard = w.heard();
    assert_eq!(heard.last().map(String::as_str), Some("up to 1, refused [], stuck"));
    w.pass(Duration::from_secs(3 * 3600));
    assert_eq!(w.heard(), ["up to 2, refused [2]"]);
    let tries = w.sent().iter().filter(|s| body(&s.text) == "one").count();
    assert!(tries > 100, "{tries}");
}

#[test]
fn a_phone_of_the_house_proves_itself_and_is_answered_where_it_is_registered() {
    let mut w = World::new();
    let (desk, mobile) = (peer(7001), peer(7002));
    for (at, seq) in [(desk, 1), (mobile, 3)] {
        w.hears(at, &register(at, "7001", seq, &format!("Contact: <sip:7001@{at}>\r\n")));
        let proof = credentials(&w.one(), 0, "7001", SECRET, Method::Register, &format!("sip:{EDGE}"), 1);
        w.hears(at, &register(at, "7001", seq + 1, &format!("Contact: <sip:7001@{at}>\r\n{proof}")));
        assert_eq!(status(&w.one()), 200);
    }
    let user = format!("7001@{EDGE}");
    let plain = text(mobile, &user, 1, "", "hi");
    w.hears(mobile, &plain);
    let challenge = w.one();
    assert_eq!(status(&challenge), 407);
    assert!(w.envelopes().is_empty(), "nothing comes in unproved");
    let proof = credentials(&challenge, 0, "7001", SECRET, Method::Message, &format!("sip:1000@{EDGE}"), 1);
    let leg = w.texted(mobile, &text(mobile, &user, 2, &proof, "hi"));
    w.says(leg, 2, Author::Automation, "one");
    let sent = w.sent();
    let ngcc_softacd_core::Flow::Udp { peer: to, .. } = sent[0].to else { panic!("{:?}", sent[0]) };
    assert_eq!(to, mobile, "the phone they wrote by");
    assert!(sent[0].text.starts_with(&format!("MESSAGE sip:7001@{mobile} SIP/2.0")), "{}", sent[0].text);
}

#[test]
fn a_name_that_nobody_proves_is_another_person_at_another_address() {
    let mut w = World::new();
    let (ann, other) = (peer(6001), SocketAddr::from(([127, 0, 0, 9], 6001)));
    let leg = w.texted(ann, &text(ann, "ann@example.org", 1, "", "hi"));
    assert_ne!(w.texted(other, &text(other, "ann@example.org", 2, "", "it is me")), leg);
    w.says(leg, 2, Author::Automation, "for Ann");
    let sent = w.sent();
    let ngcc_softacd_core::Flow::Udp { peer: to, .. } = sent[0].to else { panic!("{:?}", sent[0]) };
    assert_eq!((to, sent.len()), (ann, 1));
}

#[test]
fn what_is_no_text_is_refused_and_typing_is_passed_on() {
    let mut w = World::new();
    let ann = peer(6001);
    let kind = |n: u32, kind: &str, said: &str| {
        text(ann, "ann@example.org", n, "", said).replace("text/plain", kind)
    };
    w.hears(ann, &kind(1, "text/html", "<b>hi</b>"));
    let refused = w.one();
    assert_eq!(status(&refused), 415);
    assert!(value(&refused, "Accept").contains("text/plain"));
    w.hears(ann, &kind(2, "application/im-iscomposing+xml", "<state>active</state>"));
    assert_eq!(status(&w.one()), 200);
    assert!(w.envelopes().is_empty(), "who only begins to write has no session yet");
    w.texted(ann, &text(ann, "ann@example.org", 3, "", "hi"));
    w.hears(ann, &kind(4, "application/im-iscomposing+xml", "<state>active</state>"));
    assert_eq!(w.heard(), ["typing"]);
}

#[test]
fn who_shows_it_is_told_that_somebody_writes_and_nobody_else_is() {
    let mut w = World::new();
    let ann = peer(6001);
    let leg = w.texted(ann, &text(ann, "ann@example.org", 1, "", "hi"));
    let by = || Author::Agent { agent: ngcc_proto::AgentUri::new("a").unwrap(), display: "A".into() };
    let types = |w: &mut World| w.put(chat::Command::Typing { leg, by: by() });
    types(&mut w);
    assert!(w.sent().is_empty(), "nobody knows whether that phone shows it");
    let composing = "application/im-iscomposing+xml";
    let active =
        text(ann, "ann@example.org", 2, "", "<state>active</state>").replace("text/plain", composing);
    w.hears(ann, &active);
    assert_eq!(status(&w.one()), 200);
    let held = w.persists;
    types(&mut w);
    let shown = w.one();
    assert_eq!(value(&shown, "Content-Type"), composing);
    assert!(body(&shown).contains("<state>active</state>"), "{shown}");
    w.hears(ann, &answer(&shown, 200, "a1", "", ""));
    types(&mut w);
    assert!(w.sent().is_empty(), "it stands for a while");
    w.pass(Duration::from_millis(10_100));
    let ended = w.one();
    assert!(body(&ended).contains("<state>idle</state>"), "{ended}");
    w.hears(ann, &answer(&ended, 481, "a2", "", ""));
    assert_eq!(w.persists, held, "nothing of it is stored");
    w.says(leg, 2, Author::Automation, "one");
    assert_eq!(body(&w.one()), "one", "and what is written goes as ever");
}
