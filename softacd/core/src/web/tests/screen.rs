//! The legs of a shared screen, beside a person's calls.

use ngcc_proto::CollabId;
use ngcc_proto::collab::{Call, Who};

use super::*;

const COLLAB: CollabId = CollabId(7);

fn end(name: &str) -> Owner {
    Owner::Screen { collab: COLLAB, who: Who::User(user(name)) }
}

fn show() -> CallAsk {
    CallAsk::Show { collab: COLLAB, offer: sdp() }
}

/// The screen of v1, up, on line 4.
fn shown(bench: &mut Bench) -> LegId {
    bench.shared.clear();
    bench.browser(4, end("v1"));
    bench.call(4, show());
    let [Call::Screen { collab: COLLAB, who, leg, .. }] = &bench.shared[..] else {
        panic!("{:?}", bench.shared)
    };
    assert_eq!(*who, Who::User(user("v1")));
    let leg = *leg;
    bench.cti(None, Command::Answer { leg, sdp: sdp() });
    assert_eq!(bench.events(), [Event::Answered { leg, sdp: None }]);
    let answer = Tell::Answer { leg, sdp: sdp() };
    let ready = Tell::CallsReady { legs: vec![] };
    assert_eq!(bench.said_to(4), [ready, Tell::Created { leg }, answer, Tell::Up { leg }]);
    leg
}

#[test]
fn a_screen_and_a_call_of_one_person_know_nothing_of_each_other() {
    let mut bench = Bench::new();
    let call = bench.call_up();
    let screen = shown(&mut bench);
    assert!(bench.shut.is_empty(), "the call's browser stays");
    bench.call(4, CallAsk::Bye { leg: call });
    bench.call(2, CallAsk::Reattach { leg: screen, offer: sdp() });
    assert!(bench.told.is_empty(), "neither has the other's leg");
    bench.browser(5, end("v1"));
    assert_eq!(bench.shut, [(Line(4), Shut::Replaced)]);
    let legs = vec![Found { leg: screen, state: State::Up }];
    assert_eq!(bench.said_to(5), [Tell::CallsReady { legs }]);
    bench.call(5, CallAsk::Reattach { leg: screen, offer: sdp() });
    assert_eq!(bench.events(), [Event::Reoffered { leg: screen, offer: Some(sdp()) }]);
    bench.close(5);
    assert_eq!(bench.events(), [Event::Unreachable { leg: screen }]);
    bench.cti(None, Command::Release { leg: screen, cause: Cause::Unreachable });
    assert_eq!(bench.core.census().web_legs, 1);
}

#[test]
fn a_screen_is_offered_on_its_own_connection_only_and_once() {
    let mut bench = Bench::new();
    bench.browser(2, Owner::User(user("v1")));
    bench.browser(3, agent());
    bench.said.clear();
    bench.call(2, show());
    bench.call(3, show());
    bench.browser(4, end("v1"));
    bench.call(4, CallAsk::Show { collab: CollabId(8), offer: sdp() });
    let (entry, offer) = ("1000".to_owned(), sdp());
    bench.call(4, CallAsk::Begin { entry, name: None, lang: None, beside: None, offer });
    let wrong = |why| Tell::Wrong { why, leg: None };
    let told: Vec<Tell> = std::mem::take(&mut bench.said).into_iter().map(|(.., tell)| tell).collect();
    let refused = wrong(Wrong::Forbidden);
    let ready = Tell::CallsReady { legs: vec![] };
    assert_eq!(told, [refused.clone(), refused.clone(), ready, refused.clone(), refused]);
    assert!(bench.shared.is_empty() && bench.told.is_empty());
    bench.call(4, show());
    bench.call(4, show());
    assert_eq!(bench.shared.len(), 1);
    assert_eq!(bench.said_to(4).pop(), Some(wrong(Wrong::TooMany)));
}

#[test]
fn a_screen_outlives_a_kill() {
    let mut bench = Bench::new();
    let leg = shown(&mut bench);
    bench.restart();
    let restored = Event::Restored { legs: vec![(leg, Stage::Answered)] };
    assert_eq!(bench.events(), [restored, Event::Unreachable { leg }]);
    bench.browser(6, end("v1"));
    assert_eq!(bench.events(), [Event::Reattached { leg }]);
}
