//! A shared screen: whose browsers carry its pictures, and when they may be seen.

use ngcc_proto::access::{self, Cause, Stage};
use ngcc_proto::media::{self, Part, Phase};
use ngcc_proto::{ConferenceId, LegId};

use super::*;
use crate::world::{EdgeLeg, sdp};

fn screen(code: Option<String>) -> Verb {
    Verb::Collaborate { kind: Kind::Screen, code, user: None, form: None }
}

fn theirs() -> Who {
    Who::User(ann())
}

fn of(name: &str) -> Who {
    Who::Agent(agent(name))
}

/// A chat in which alice has asked for the screen, and both have joined.
fn asked() -> (World, LegId, SessionId, CollabId) {
    let (mut w, leg, session) = chat();
    w.asks_about("alice", session, screen(None));
    let collab = *w.collabs_of(session).last().unwrap();
    w.both_join(collab);
    (w, leg, session, collab)
}

impl World {
    /// An end's browser offers its leg.
    pub(super) fn shows(&mut self, collab: CollabId, who: Who) -> LegId {
        let leg: LegId = self.ids.mint(self.now.wall);
        self.edge.insert(leg, EdgeLeg { stage: Stage::Arrived, phone: None });
        self.say(Call::Screen { collab, who, leg, offer: sdp() });
        leg
    }

    fn notes(&mut self, collab: CollabId, act: Act) {
        self.say(Event::Noted { collab, by: By::Customer, act, what: "view".to_owned() });
    }

    /// Where the pictures of a leg go, and in which phase.
    fn place(&self, leg: LegId) -> (ConferenceId, Part, Phase) {
        let (conference, part) = self.media[&leg];
        (conference, part, self.phases[&conference])
    }
}

#[test]
fn s3_08_a_screen_has_a_conference_of_its_own_and_is_seen_by_the_customers_leave_only() {
    let (mut w, _, session, collab) = asked();
    let customer = w.shows(collab, theirs());
    let (conference, part, phase) = w.place(customer);
    assert_eq!((part, phase), (Part::User, Phase::Hold), "nothing is seen before the customer allows it");
    assert_eq!(w.edge[&customer].stage, Stage::Answered);
    let shown = |w: &World| w.contact("alice", session).unwrap().shared[0].shows;
    assert!(shown(&w), "alice's console knows that there is something to be seen");
    let alices = w.shows(collab, of("alice"));
    assert_eq!(w.place(alices), (conference, Part::Agent, Phase::Hold));
    w.notes(collab, Act::Consent);
    assert_eq!(w.place(alices).2, Phase::Talk);
    w.notes(collab, Act::Pause);
    assert_eq!(w.place(alices).2, Phase::Hold, "whatever the page still sends");
    w.notes(collab, Act::Resume);
    assert_eq!(w.place(alices).2, Phase::Talk);
    w.notes(collab, Act::Revoke);
    assert_eq!(w.place(alices).2, Phase::Hold);
    let story = words(&w.facts_of(session));
    assert_eq!(story.iter().filter(|word| **word == "collab-leg-added").count(), 2);
}

#[test]
fn s3_06_a_customer_who_asks_has_allowed_it_and_the_end_closes_every_leg() {
    let (mut w, leg, session) = chat();
    w.say(Call::Asked { user: ann(), leg, kind: Kind::Screen });
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    let [customer, alices] = [theirs(), of("alice")].map(|who| w.shows(collab, who));
    assert_eq!(w.place(alices).2, Phase::Talk);
    w.sharing.stands.clear();
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    assert!(w.media.is_empty() && [customer, alices].iter().all(|leg| !w.edge.contains_key(leg)));
    assert!(matches!(w.chats["alice"][..], [Slot::Talking { .. }]), "the session goes on");
    w.hang_up(leg);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn s3_09_nobody_else_may_carry_the_pictures_and_nothing_comes_of_it() {
    let (mut w, _, _, collab) = asked();
    let eve = Who::User(UserUri::Web("eve".into()));
    for (which, who) in [(collab, eve), (collab, of("bob")), (CollabId(99), theirs())] {
        let leg = w.shows(which, who);
        assert_eq!(w.released(leg), Some(Cause::Forbidden));
    }
    assert!(w.media.is_empty());
    let (mut w, _, session) = chat();
    let page = established(&mut w, session);
    let leg = w.shows(page, theirs());
    assert_eq!(w.released(leg), Some(Cause::Forbidden), "what is shared is no screen");
}

#[test]
fn s3_08_a_phone_caller_who_has_read_out_a_code_shows_the_screen_and_the_call_is_untouched() {
    let mut w = desk(&["alice"]);
    w.sharing.pages.insert(ann());
    let caller = w.call("2000");
    w.accepts("alice");
    let session = w.live()[0].id;
    w.say(Call::CodeAsked { user: ann() });
    let code = w.sharing.answers.iter().find_map(|answer| match answer {
        Answer::Code { code, .. } => Some(code.clone()),
        _ => None,
    });
    w.asks_about("alice", session, screen(code));
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    let talk = w.place(caller);
    let customer = w.shows(collab, theirs());
    assert_ne!(w.place(customer).0, talk.0, "beside the call");
    w.edge.remove(&customer);
    w.say(access::Event::Left { leg: customer, cause: Cause::Normal });
    assert!(!w.media.contains_key(&customer));
    assert_eq!(w.place(caller), talk);
    w.hang_up(caller);
    assert!(w.media.is_empty() && w.sharing.stands.is_empty());
}

#[test]
fn s3_10_a_transfer_shuts_the_first_agents_picture_and_the_next_one_sees_it() {
    let mut w = desk(&["alice", "bob"]);
    w.sharing.pages.insert(ann());
    w.asks("bob", Verb::NotReady { reason: "lunch".into() });
    let (_, session) = together(&mut w, "2000");
    w.asks_about("alice", session, screen(None));
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    let [customer, alices] = [theirs(), of("alice")].map(|who| w.shows(collab, who));
    w.asks("bob", Verb::Ready);
    w.asks_about("alice", session, Verb::Transfer { to: seat::To::Agent("bob".into()) });
    assert!(!w.media.contains_key(&alices) && w.released(alices) == Some(Cause::Normal));
    assert!(w.media.contains_key(&customer), "the customer's page sends on");
    w.accepts("bob");
    let late = w.shows(collab, of("alice"));
    assert_eq!(w.released(late), Some(Cause::Forbidden));
    let bobs = w.shows(collab, of("bob"));
    assert_eq!(w.place(bobs).0, w.place(customer).0);
}

#[test]
fn s3_11_a_leg_outlives_its_connection_for_the_grace_and_a_new_one_takes_its_place() {
    let (mut w, _, _, collab) = asked();
    let first = w.shows(collab, theirs());
    w.say(access::Event::Unreachable { leg: first });
    w.secs(20);
    w.say(access::Event::Reattached { leg: first });
    w.say(access::Event::Reoffered { leg: first, offer: Some(sdp()) });
    let updated = |w: &World| {
        let update = |e: &ngcc_proto::Envelope| matches!(&e.body, Body::AccessCommand(access::Command::Update { leg, sdp: Some(_) }) if *leg == first);
        w.sent.iter().any(update)
    };
    assert!(updated(&w));
    w.secs(31);
    assert!(w.media.contains_key(&first), "its grace runs no longer");
    let second = w.shows(collab, theirs());
    assert_eq!(w.released(first), Some(Cause::AnsweredElsewhere));
    w.say(media::Event::PeerLost { leg: second });
    w.secs(31);
    assert_eq!(w.released(second), Some(Cause::Unreachable));
    assert!(w.media.is_empty());
}

#[test]
fn s3_11_after_a_kill_the_legs_that_both_servers_hold_go_on_and_the_others_are_let_go() {
    let (mut w, leg, _, collab) = asked();
    w.notes(collab, Act::Consent);
    let [customer, alices] = [theirs(), of("alice")].map(|who| w.shows(collab, who));
    let place = w.place(alices);
    w.media.remove(&customer);
    w.crash();
    assert_eq!(w.released(customer), Some(Cause::Lost));
    assert_eq!(w.place(alices), place);
    let again = w.shows(collab, theirs());
    assert_eq!(w.place(again).0, place.0);
    w.notes(collab, Act::Pause);
    assert_eq!(w.place(alices).2, Phase::Hold);
    w.edge.remove(&alices);
    w.tell_restored();
    w.run();
    assert!(!w.media.contains_key(&alices), "softacd alone has restarted and lost it");
    w.hang_up(leg);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn s3_09_a_browser_that_cannot_show_its_screen_says_so() {
    let (mut w, _, _, collab) = asked();
    w.say(Call::Declined { user: ann(), collab, cannot: true });
    assert!(w.sharing.stands.contains_key(&collab), "another page of theirs takes part");
    w.say(Event::Away { collab, who: theirs() });
    w.say(Call::Declined { user: ann(), collab, cannot: true });
    let told = w.told.iter().any(|(_, t)| matches!(t, Told::CollabEnded { why: Why::Unsupported, .. }));
    assert!(told && w.sharing.stands.is_empty());
}
