//! Letters: an answer names the latest, whoever is written to is known for long, and what comes back is told.

use ngcc_proto::AgentUri;
use ngcc_proto::chat::Notice;
use ngcc_softacd_core::channel::mark_of;

use super::*;

fn mail() -> World {
    let mut world = World::new();
    world.channels = vec![channel("mail", ChannelKind::Email)];
    world.configure(vec![]);
    world
}

impl World {
    /// A letter of `from` in the thread of `thread`.
    fn letter(&mut self, from: &str, key: &str, thread: Option<u64>, act: Act) {
        self.handle(Input::ChannelHeard(Heard {
            ticket: 1,
            channel: "mail".to_owned(),
            from: from.to_owned(),
            name: Some("Ann".to_owned()),
            key: key.to_owned(),
            reply: Some(Text(format!("re {key}"))),
            thread,
            act,
        }));
    }

    fn posts(&mut self) -> Vec<Post> {
        let post = |output| if let Output::ChannelSend(post) = output { Some(post) } else { None };
        std::mem::take(&mut self.outputs).into_iter().filter_map(post).collect()
    }

    fn tells(&mut self, leg: LegId, seq: u64, by: Author, content: Content) {
        let message =
            Message { seq, id: MessageId(u128::from(seq)), at: Wall(0), by, content, private: false };
        self.put(chat::Command::Deliver { leg, message });
    }

    fn took(&mut self, n: u64) {
        let (channel, to) = ("mail".to_owned(), "ann".to_owned());
        self.handle(Input::ChannelSent { channel, to, n, outcome: Outcome::Sent });
    }
}

#[test]
fn an_answer_names_the_latest_letter_and_who_has_written_it() {
    let mut w = mail();
    w.letter("ann", "m1", None, Act::Says(text("hello")));
    let leg = w.opened();
    w.posts();
    w.tells(leg, 1, Author::Centre, Content::Notice(Notice::Joined { display: "Bo".into() }));
    assert_eq!(w.posts(), [], "that somebody has come is no letter");
    w.tells(leg, 2, Author::Automation, text("one"));
    let [one] = &w.posts()[..] else { panic!() };
    assert_eq!((one.automatic, one.session, one.seq), (true, Some(SESSION), 2));
    assert_eq!((one.reply.clone(), one.mark), (Some(Text("re m1".into())), mark_of("mail", "ann")));
    w.took(one.n);
    w.letter("ann", "m2", None, Act::Says(text("more")));
    w.restart(Duration::from_secs(60));
    w.put(chat::Command::Opened { leg, session: SESSION, medium: Medium::Chat });
    w.posts();
    let by = Author::Agent { agent: AgentUri::new("bo").unwrap(), display: "Bo".into() };
    let replay = Message { seq: 3, id: MessageId(3), at: Wall(0), by, content: text("two"), private: false };
    w.put(chat::Command::Replay { leg, messages: vec![replay], more: false });
    let [two] = &w.posts()[..] else { panic!() };
    assert_eq!((two.automatic, two.reply.clone()), (false, Some(Text("re m2".into()))));
    assert!(two.n > one.n);
}

#[test]
fn a_letter_of_a_known_thread_is_theirs_whoever_it_is_from_and_what_is_not_known_is_its_senders() {
    let mut w = mail();
    w.letter("ann", "m1", None, Act::Says(text("hello")));
    w.opened();
    w.letter("ann-at-home", "m2", Some(mark_of("mail", "ann")), Act::Says(text("me again")));
    assert_eq!(w.access.census().channel_legs, 1);
    assert_eq!(w.said().last().map(String::as_str), Some("me again"));
    w.letter("bo", "m3", Some(mark_of("mail", "nobody")), Act::Says(text("hello")));
    assert_eq!(w.access.census().channel_legs, 2);
}

#[test]
fn whoever_was_written_to_is_known_for_a_month_and_no_number_is_given_twice() {
    let mut w = mail();
    w.letter("ann", "m1", None, Act::Says(text("hello")));
    let leg = w.opened();
    w.posts();
    w.tells(leg, 1, Author::Automation, text("one"));
    let first = w.posts()[0].n;
    w.took(first);
    w.release(leg, Cause::Normal);
    w.pass(29 * DAY);
    assert!(!w.records.is_empty(), "they may still answer");
    w.pass(2 * DAY);
    assert!(w.records.is_empty(), "and then nothing is left");
    w.letter("ann", "m2", None, Act::Says(text("hello")));
    let leg = w.opened();
    w.posts();
    w.tells(leg, 1, Author::Automation, text("one"));
    assert!(w.posts()[0].n > first);
}

#[test]
fn a_letter_that_comes_back_is_told_as_refused_while_its_session_is_open() {
    let mut w = mail();
    let mark = Some(mark_of("mail", "ann"));
    let refused = |w: &mut World| {
        let delivered = |body| {
            let Body::ChatEvent(chat::Event::Delivered { delivery, .. }) = body else { return None };
            Some(delivery.refused)
        };
        w.envelopes().into_iter().filter_map(|envelope| delivered(envelope.body)).next_back()
    };
    w.letter("ann", "m1", None, Act::Says(text("hello")));
    let leg = w.opened();
    for seq in 1..=2 {
        w.tells(leg, seq, Author::Automation, text("one"));
        let n = w.posts()[0].n;
        w.took(n);
    }
    refused(&mut w);
    w.letter("mailer", "b1", mark, Act::Returned { session: SESSION, seq: 2 });
    assert_eq!(refused(&mut w), Some(vec![2]));
    w.letter("mailer", "b2", mark, Act::Returned { session: SESSION, seq: 1 });
    assert_eq!(refused(&mut w), Some(vec![1, 2]));
    w.letter("mailer", "b3", mark, Act::Returned { session: SessionId(8), seq: 1 });
    w.letter("mailer", "b4", None, Act::Returned { session: SESSION, seq: 3 });
    assert_eq!(refused(&mut w), None, "another session's, and nobody's");
    let answers = w.out().answers;
    assert!(answers.iter().all(|(_, taken)| *taken), "{answers:?}");
    assert_eq!(w.access.census().channel_legs, 1, "no report begins a session");
}
