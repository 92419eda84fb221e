//! The other way round than by a code: the agent makes a link, and whoever opens it first comes into the session.

use ngcc_proto::collab::LinkToken;

use super::*;

/// A phone call of alice's, and the session.
fn call() -> (World, ngcc_proto::LegId, SessionId) {
    let mut w = desk(&["alice", "bob"]);
    w.sharing.pages.insert(ann());
    w.asks("bob", Verb::NotReady { reason: "lunch".into() });
    let caller = w.call("2000");
    w.accepts("alice");
    let session = w.live()[0].id;
    (w, caller, session)
}

fn make(kind: Kind) -> Verb {
    Verb::MakeLink { kind, form: None }
}

/// The last link that alice was told.
fn link(w: &World) -> LinkToken {
    let last = w.told.iter().rev().find_map(|(name, t)| match t {
        Told::Link { token, .. } if name == "alice" => Some(token.clone()),
        _ => None,
    });
    last.expect("a link")
}

/// Why users were refused, in order.
fn not_good(w: &World) -> Vec<(UserUri, Why)> {
    let refused = w.sharing.answers.iter().filter_map(|a| match a {
        Answer::Refused { user, why, .. } => Some((user.clone(), *why)),
        _ => None,
    });
    refused.collect()
}

fn eve() -> UserUri {
    UserUri::Web("eve".into())
}

#[test]
fn s3_08_a_link_that_is_opened_brings_a_page_to_the_phone_call_as_a_code_does() {
    let (mut w, caller, session) = call();
    w.asks_about("alice", session, make(Kind::File));
    let token = link(&w);
    assert!(trace(&w).is_empty(), "nothing is shared before it is opened");
    w.say(Call::Followed { user: ann(), link: token.clone() });
    assert_eq!(
        trace(&w),
        ["mapped", "establish web:vis_1 agent:alice", "invited web:vis_1", "invited agent:alice"]
    );
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    assert!(w.contact("alice", session).unwrap().shared.iter().all(|s| s.customer && s.agent));
    // The page is loaded again: it is the same that it comes back to.
    w.say(Call::Followed { user: ann(), link: token.clone() });
    assert_eq!(w.collabs_of(session).len(), 1);
    w.say(Call::Followed { user: eve(), link: token.clone() });
    assert_eq!(not_good(&w), [(eve(), Why::Expired)], "it is good for one");
    w.asks_about("alice", session, Verb::EndCollab { collab });
    w.say(Call::Followed { user: ann(), link: token });
    assert_eq!(not_good(&w).last(), Some(&(ann(), Why::Expired)), "what has ended is not begun again");
    assert!(w.sharing.stands.is_empty());
    w.hang_up(caller);
}

#[test]
fn s3_09_a_link_that_is_too_old_unknown_or_of_a_call_that_is_over_brings_about_nothing() {
    let (mut w, caller, session) = call();
    w.say(Call::Followed { user: ann(), link: LinkToken::of(7) });
    w.asks_about("alice", session, make(Kind::Whiteboard));
    let old = link(&w);
    w.secs(601);
    w.say(Call::Followed { user: ann(), link: old.clone() });
    w.asks_about("alice", session, make(Kind::Whiteboard));
    let new = link(&w);
    assert_ne!(new, old);
    w.hang_up(caller);
    w.say(Call::Followed { user: ann(), link: new });
    let whys: Vec<Why> = not_good(&w).into_iter().map(|(_, why)| why).collect();
    assert_eq!(whys, [Why::Expired, Why::Expired, Why::Closed]);
    assert!(trace(&w).iter().all(|said| said.starts_with("refused")), "{:?}", trace(&w));
}

#[test]
fn s3_09_only_whoever_has_the_customer_makes_a_link_and_not_to_the_links_own_page() {
    let (mut w, _, session) = call();
    for (who, verb, why) in [
        ("bob", make(Kind::File), "not yours"),
        ("alice", make(Kind::Cobrowse), "own page"),
        ("alice", make(Kind::Form), "which form"),
    ] {
        w.asks_about(who, session, verb);
        assert!(refused(&w).contains(why), "{who}: {}", refused(&w));
    }
    assert!(!w.told.iter().any(|(_, t)| matches!(t, Told::Link { .. })));
}

#[test]
fn s3_08_a_link_leads_to_whoever_has_the_customer_when_it_is_opened() {
    let (mut w, _, session) = call();
    w.asks_about("alice", session, make(Kind::Document));
    let token = link(&w);
    w.asks("bob", Verb::Ready);
    w.asks_about("alice", session, Verb::Transfer { to: seat::To::Agent("bob".into()) });
    w.say(Call::Followed { user: ann(), link: token });
    assert!(trace(&w).is_empty(), "it waits as the customer does: {:?}", trace(&w));
    w.accepts("bob");
    assert_eq!(trace(&w)[1], "establish web:vis_1 agent:bob");
}

#[test]
fn s3_08_who_writes_by_a_channel_takes_part_under_that_uri_with_the_browser_that_opens_the_link() {
    let mut w = desk(&["alice"]);
    let by_channel = UserUri::Channel { channel: "app".into(), id: "ann-1".into() };
    let leg = w.chat_of("2000", by_channel.clone());
    w.accepts("alice");
    let session = w.session_of(leg);
    w.asks_about(
        "alice",
        session,
        Verb::Collaborate { kind: Kind::Screen, code: None, user: None, form: None },
    );
    assert!(refused(&w).contains("send them a link"), "{}", refused(&w));
    w.asks_about("alice", session, make(Kind::Screen));
    let token = link(&w);
    let page = UserUri::Web("vis_9".into());
    w.sharing.pages.insert(page.clone());
    w.say(Call::Followed { user: page.clone(), link: token });
    assert_eq!(
        trace(&w),
        ["mapped", "establish channel:app/ann-1 agent:alice", "invited web:vis_9", "invited agent:alice"]
    );
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    let facts = w.facts_of(session);
    let mapped = facts.iter().find_map(|fact| match &fact.what {
        What::CollabMapped { user, .. } => Some(user.clone()),
        _ => None,
    });
    assert_eq!(mapped, Some(by_channel.clone()), "user URI to agent URI, whatever the browser");
    // The browser carries the pictures in their place, and nobody else does.
    let eves = w.shows(collab, Who::User(UserUri::Web("eve".into())));
    let unproven = w.shows(collab, Who::User(by_channel.clone()));
    assert!(!w.media.contains_key(&eves) && !w.media.contains_key(&unproven));
    let pictures = w.shows(collab, Who::User(page.clone()));
    assert!(w.media.contains_key(&pictures));
    w.crash();
    w.sent.clear();
    w.say(Call::Here { user: page.clone() });
    assert_eq!(trace(&w), ["invited web:vis_9"]);
    // What else is shared comes to the same browser, without another link.
    w.asks_about(
        "alice",
        session,
        Verb::Collaborate { kind: Kind::File, code: None, user: None, form: None },
    );
    assert!(trace(&w).contains(&"establish channel:app/ann-1 agent:alice".to_owned()));
    w.say(Call::Declined { user: by_channel, collab, cannot: false });
    assert!(w.sharing.stands.contains_key(&collab), "a channel declines nothing");
    w.say(Call::Declined { user: page, collab, cannot: false });
    assert!(!w.sharing.stands.contains_key(&collab));
}
