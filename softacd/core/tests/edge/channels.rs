//! People on messaging channels: taken once, answered when it is on disk, sent in order, and never more than one may.

mod letters;

use std::time::Duration;

use ngcc_proto::access::{Cause, Event};
use ngcc_proto::chat::{self, Author, Choice, Content, Message, Text};
use ngcc_proto::config::{Channel, ChannelAccount, ChannelKind};
use ngcc_proto::fact::Medium;
use ngcc_proto::{Body, Envelope, LegId, MessageId, Secret, SessionId, Wall};
use ngcc_softacd_core::channel::{Act, Heard, Outcome, Piece, Post};
use ngcc_softacd_core::{Input, Output};

use crate::world::World;

const SESSION: SessionId = SessionId(7);
/// The first number to somebody new, by the clock: whoever was forgotten gets none a second time.
const ONE: u64 = 1_700_000_000_001;
const DAY: Duration = Duration::from_secs(86_400);

fn channel(name: &str, kind: ChannelKind) -> ChannelAccount {
    let settings = Channel {
        name: name.to_owned(),
        kind,
        entry: "shop".to_owned(),
        account: String::new(),
        url: String::new(),
        lang: "en".to_owned(),
        mail: None,
        secrets: None,
    };
    ChannelAccount { settings, secrets: Secret::new("{}") }
}

fn world() -> World {
    let mut world = World::new();
    world.channels = vec![
        channel("wx", ChannelKind::Wechat),
        channel("qq", ChannelKind::Qq),
        channel("app", ChannelKind::Generic),
    ];
    world.configure(vec![]);
    world
}

fn text(text: &str) -> Content {
    Content::Text { text: Text(text.to_owned()), choices: vec![] }
}

/// What has been posted and answered since the last look.
#[derive(Debug, Default, PartialEq)]
struct Out {
    posts: Vec<(u64, String)>,
    /// What they answer.
    replies: Vec<Option<String>>,
    answers: Vec<(u64, bool)>,
}

impl World {
    fn acts(&mut self, channel: &str, ticket: u64, key: &str, act: Act) {
        self.handle(Input::ChannelHeard(Heard {
            ticket,
            channel: channel.to_owned(),
            from: "ann".to_owned(),
            name: Some("Ann".to_owned()),
            key: key.to_owned(),
            reply: Some(Text(format!("re {key}"))),
            thread: None,
            act,
        }));
    }

    fn writes(&mut self, channel: &str, ticket: u64, key: &str) {
        self.acts(channel, ticket, key, Act::Says(text(key)));
    }

    /// The leg of a session that has just begun and is opened.
    fn opened(&mut self) -> LegId {
        let told = self.envelopes();
        let leg = told.iter().find_map(|envelope| {
            let Body::AccessEvent(Event::Arrived { leg, medium, dialled, user, display, .. }) =
                &envelope.body
            else {
                return None;
            };
            assert_eq!((dialled.as_str(), display.as_deref()), ("shop", Some("Ann")));
            assert_eq!(*medium, Medium::Chat);
            assert!(user.to_string().starts_with("channel:") && user.to_string().ends_with("/ann"));
            Some(*leg)
        });
        let leg = leg.expect("a session begins");
        self.put(chat::Command::Opened { leg, session: SESSION, medium: Medium::Chat });
        leg
    }

    fn delivers(&mut self, leg: LegId, seq: u64, content: Content) {
        let message = Message {
            seq,
            id: MessageId(u128::from(seq)),
            at: Wall(0),
            by: Author::Automation,
            content,
            private: false,
        };
        self.put(chat::Command::Deliver { leg, message });
    }

    fn became(&mut self, channel: &str, n: u64, outcome: Outcome) {
        let (channel, to) = (channel.to_owned(), "ann".to_owned());
        self.handle(Input::ChannelSent { channel, to, n, outcome });
    }

    fn out(&mut self) -> Out {
        let mut out = Out::default();
        for output in std::mem::take(&mut self.outputs) {
            if let Output::ChannelSend(Post { n, reply, piece: Piece::Text(text), .. }) = output {
                out.posts.push((n, text.0));
                out.replies.push(reply.map(|reply| reply.0));
            } else if let Output::ChannelAnswer { ticket, taken } = output {
                out.answers.push((ticket, taken));
            }
        }
        out
    }

    fn said(&mut self) -> Vec<String> {
        let said = |body: Body| {
            let Body::ChatEvent(chat::Event::Said { content: Content::Text { text, .. }, .. }) = body else {
                return None;
            };
            Some(text.0)
        };
        self.envelopes().into_iter().filter_map(|envelope| said(envelope.body)).collect()
    }
}

#[test]
fn a_message_is_answered_when_it_is_on_disk_and_taken_once_however_often_it_comes() {
    let mut w = world();
    w.writes("app", 1, "k1");
    assert_eq!(w.access.census().channel_legs, 1);
    let leg = w.opened();
    assert_eq!(w.out(), Out::default(), "it is not on disk");
    // The provider has waited long enough and sends it again.
    w.writes("app", 2, "k1");
    assert_eq!(w.out().answers, []);
    w.put(chat::Command::Accepted { leg, key: "k1".into(), seq: 1, at: Wall(0) });
    assert_eq!(w.out().answers, [(1, true), (2, true)]);
    w.restart(Duration::from_secs(1));
    w.writes("app", 3, "k1");
    assert!(w.said().is_empty(), "it is known after a restart");
    assert_eq!(w.out().answers, [(3, true)]);
}

#[test]
fn a_message_that_is_not_taken_is_left_to_the_provider() {
    let mut w = world();
    w.writes("nowhere", 1, "k1");
    assert_eq!(w.out().answers, [(1, false)]);
    w.writes("app", 2, "k1");
    let leg = w.opened();
    w.put(chat::Command::Refused { leg, key: "k1".into(), why: chat::Nack::Closed });
    assert_eq!(w.out().answers, [(2, false)]);
    w.writes("app", 3, "k2");
    w.release(leg, Cause::Normal);
    assert_eq!(w.out().answers, [(3, false)], "its session has ended meanwhile");
    w.writes("app", 4, "k2");
    assert_ne!(w.opened(), leg, "another begins");
    w.acts("app", 5, "k3", Act::Says(text("  ")));
    assert_eq!(w.out().answers, [(5, true)], "nothing, which would never be taken");
    let floods = 40;
    (0..floods).for_each(|n| w.writes("app", 100 + n, &format!("f{n}")));
    let refused = w.out().answers.iter().filter(|(_, taken)| !taken).count();
    assert_eq!(refused, 23, "twenty in ten seconds, three of them before");
}

#[test]
fn what_is_said_goes_out_in_order_one_at_a_time_and_again_after_a_failure_and_a_restart() {
    let mut w = world();
    w.writes("app", 1, "k1");
    let leg = w.opened();
    w.out();
    w.delivers(leg, 1, text("one"));
    w.delivers(leg, 2, text("two"));
    w.delivers(leg, 2, text("two"));
    assert_eq!(w.out().posts, [(ONE, "one".into())]);
    w.became("app", ONE, Outcome::Later);
    assert_eq!(w.out().posts, []);
    w.pass(Duration::from_secs(2));
    assert_eq!(w.out().posts, [(ONE, "one".into())], "after a pause");
    w.became("app", ONE, Outcome::Sent);
    assert_eq!(w.out().posts, [(ONE + 1, "two".into())]);
    // Nothing tells whether it was taken: it is sent again, and cti is asked for what came meanwhile.
    w.restart(Duration::from_secs(60));
    w.outputs.clear();
    w.pass(Duration::from_millis(10));
    assert_eq!(w.out().posts, [(ONE + 1, "two".into())]);
    w.put(chat::Command::Opened { leg, session: SESSION, medium: Medium::Chat });
    let resumes = |e: Envelope| matches!(e.body, Body::ChatEvent(chat::Event::Resume { after: 2, .. }));
    assert!(w.envelopes().into_iter().any(resumes));
    // The session ends: what is not out yet still goes.
    w.release(leg, Cause::Normal);
    w.became("app", ONE + 1, Outcome::Later);
    w.pass(Duration::from_secs(2));
    assert_eq!(w.out().posts, [(ONE + 1, "two".into())]);
    w.became("app", ONE + 1, Outcome::Sent);
    w.pass(2 * DAY);
    assert!(w.records.is_empty() && w.access.census().timers == 0, "and then nothing is left");
}

#[test]
fn a_provider_that_counts_is_never_sent_more_than_it_lets_through() {
    let mut w = world();
    w.writes("wx", 1, "k1");
    let leg = w.opened();
    w.out();
    for seq in 1..=5 {
        w.delivers(leg, seq, text(&format!("m{seq}")));
        let posts = w.out().posts;
        assert_eq!(posts.len(), 1);
        w.became("wx", posts[0].0, Outcome::Sent);
    }
    w.delivers(leg, 6, text("m6"));
    w.delivers(leg, 7, text("m7"));
    assert_eq!(w.out().posts, [], "five within 48 hours of a message");
    w.writes("wx", 2, "k2");
    assert_eq!(w.out().posts, [(7, "m6\nm7".into())], "what waits goes as one");
    w.became("wx", 7, Outcome::Shut);
    w.pass(2 * DAY);
    assert_eq!(w.out().posts, [], "the provider says that it is shut");
    w.acts("wx", 3, "k3", Act::Comes);
    assert_eq!(w.out().posts, [(7, "m6\nm7".into())], "an act opens it for a minute");
    w.became("wx", 7, Outcome::Refused);
    w.pass(Duration::from_secs(61));
    w.delivers(leg, 8, text("m8"));
    assert_eq!(w.out().posts, []);
}

#[test]
fn a_refusal_that_a_message_has_overtaken_does_not_shut_what_the_message_has_opened() {
    let mut w = world();
    w.writes("wx", 1, "k1");
    let leg = w.opened();
    w.delivers(leg, 1, text("m1"));
    assert_eq!(w.out().posts, [(1, "m1".into())]);
    w.writes("wx", 2, "k2");
    w.became("wx", 1, Outcome::Shut);
    assert_eq!(w.out().posts, [(1, "m1".into())], "it was shut before they wrote");
    w.became("wx", 1, Outcome::Shut);
    assert_eq!(w.out().posts, [], "it is shut still");
}

#[test]
fn an_answer_names_what_it_answers_and_goes_again_as_it_was() {
    let mut w = world();
    w.writes("qq", 1, "k1");
    let leg = w.opened();
    w.out();
    w.delivers(leg, 1, text("m1"));
    let out = w.out();
    assert_eq!((out.posts, out.replies), (vec![(1, "m1".into())], vec![Some("re k1".into())]));
    // Nobody knows whether it was taken: what waits behind it may not change it.
    w.became("qq", 1, Outcome::Later);
    w.delivers(leg, 2, text("m2"));
    w.delivers(leg, 3, text("m3"));
    w.pass(Duration::from_secs(2));
    assert_eq!(w.out().posts, [(1, "m1".into())]);
    w.became("qq", 1, Outcome::Sent);
    assert_eq!(w.out().posts, [(3, "m2\nm3".into())], "what has only waited goes as one");
    w.became("qq", 3, Outcome::Sent);
    w.pass(Duration::from_secs(3600));
    w.delivers(leg, 4, text("m4"));
    assert_eq!(w.out().posts, [], "an hour is over");
    w.writes("qq", 2, "k2");
    let out = w.out();
    assert_eq!((out.posts, out.replies), (vec![(4, "m4".into())], vec![Some("re k2".into())]));
    w.delivers(leg, 5, text("m5"));
    w.restart(Duration::from_secs(60));
    w.outputs.clear();
    w.pass(Duration::from_millis(10));
    let out = w.out();
    assert_eq!((out.posts, out.replies), (vec![(4, "m4".into())], vec![Some("re k2".into())]));
}

#[test]
fn what_is_tried_before_the_first_configuration_has_come_is_tried_again() {
    let mut w = world();
    w.writes("qq", 1, "k1");
    let leg = w.opened();
    w.delivers(leg, 1, text("m1"));
    w.restart_unconfigured(Duration::from_secs(1));
    w.outputs.clear();
    w.pass(Duration::from_millis(10));
    assert_eq!(w.out().posts, [(1, "m1".into())]);
    // No adapter is there yet.
    w.became("qq", 1, Outcome::Later);
    w.configure(vec![]);
    w.pass(Duration::from_secs(2));
    assert_eq!(w.out().posts, [(1, "m1".into())]);
}

#[test]
fn a_choice_is_understood_by_what_is_listed_for_it() {
    let mut w = world();
    w.writes("app", 1, "k1");
    let leg = w.opened();
    let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
    let choices = vec![choice("sales", "Sales"), choice("back", "Send it back")];
    w.delivers(leg, 1, Content::Text { text: Text("What is it?".into()), choices });
    assert_eq!(w.out().posts, [(ONE, "What is it?\n1  Sales\n2  Send it back".into())]);
    w.acts("app", 2, "k2", Act::Says(text("2")));
    assert_eq!(w.said(), ["back"]);
}

#[test]
fn whoever_goes_or_whose_channel_is_removed_has_left() {
    let mut w = world();
    let left = |w: &mut World| {
        w.told().iter().any(|event| matches!(event, Event::Left { cause: Cause::Normal, .. }))
    };
    w.acts("wx", 1, "k1", Act::Comes);
    w.acts("wx", 2, "k2", Act::Goes);
    assert!(left(&mut w));
    assert_eq!(w.out().answers, [(1, true), (2, true)]);
    w.acts("app", 3, "k3", Act::Comes);
    w.told();
    w.channels.pop();
    w.configure(vec![]);
    assert!(left(&mut w));
    assert_eq!(w.access.census().channel_legs, 0);
}

#[test]
fn cti_is_told_how_far_what_is_written_has_come_and_how_much_more_the_provider_takes() {
    let mut w = world();
    w.writes("wx", 1, "k1");
    let leg = w.opened();
    let told = |w: &mut World| {
        let delivered = |envelope: Envelope| {
            let Body::ChatEvent(chat::Event::Delivered { delivery, .. }) = envelope.body else { return None };
            Some(delivery)
        };
        w.envelopes().into_iter().rev().find_map(delivered)
    };
    let window =
        |sends| Some(chat::Window { sends: Some(sends), until: Wall(w.now.wall.0 + 2 * 86_400_000) });
    let [five, four, none] = [window(5), window(4), window(0)];
    let all = |up_to, refused: &[u64], window, stuck| {
        Some(chat::Delivery { up_to, refused: refused.to_vec(), window, stuck })
    };
    w.delivers(leg, 1, text("m1"));
    assert_eq!(told(&mut w), all(0, &[], five, false));
    w.became("wx", 1, Outcome::Later);
    assert_eq!(told(&mut w), None, "one failure is over before anybody reads of it");
    w.pass(Duration::from_secs(2));
    w.became("wx", 1, Outcome::Later);
    assert_eq!(told(&mut w), all(0, &[], five, true));
    w.pass(Duration::from_secs(3));
    w.became("wx", 1, Outcome::Sent);
    assert_eq!(told(&mut w), all(1, &[], four, false));
    w.delivers(leg, 2, text("m2"));
    w.became("wx", 2, Outcome::Refused);
    assert_eq!(told(&mut w), all(2, &[2], four, false));
    w.delivers(leg, 3, text("m3"));
    w.became("wx", 3, Outcome::Shut);
    assert_eq!(told(&mut w), all(2, &[2], none, false));
    // A cti that has started again is told again.
    w.put(chat::Command::Opened { leg, session: SESSION, medium: Medium::Chat });
    assert_eq!(told(&mut w), all(2, &[2], none, false));
}

#[test]
fn however_many_have_come_and_gone_the_next_one_finds_room() {
    let mut w = world();
    let writes = |w: &mut World, from: usize, key: &str, act: Act| {
        let (from, key, reply) = (format!("p{from}"), key.to_owned(), None);
        let channel = "app".to_owned();
        w.handle(Input::ChannelHeard(Heard {
            ticket: 1,
            channel,
            from,
            name: None,
            key,
            reply,
            thread: None,
            act,
        }));
        w.outputs.clear();
        w.order.clear();
    };
    for from in 0..100_000 {
        writes(&mut w, from, "k1", Act::Comes);
        writes(&mut w, from, "k2", Act::Goes);
    }
    assert_eq!(w.records.len(), 100_000, "they are known again if their providers repeat themselves");
    writes(&mut w, 100_000, "k1", Act::Comes);
    assert_eq!((w.records.len(), w.access.census().channel_legs), (100_000, 1));
}
