//! What a kill, a rebuilt core and a restarted cti leave of chats and calls.

use super::*;

#[test]
fn after_a_kill_chats_and_calls_are_held_unreachable_and_go_on_when_their_pages_come() {
    let mut bench = Bench::new();
    let (chat, session) = bench.open_chat();
    let call = bench.call_up();
    bench.restart();
    let events = bench.events();
    let Event::Restored { legs } = &events[0] else { panic!("Restored comes first: {events:?}") };
    assert_eq!(legs[..], [(chat, Stage::Answered), (call, Stage::Answered)]);
    assert_eq!(events[1..], [Event::Unreachable { leg: chat }, Event::Unreachable { leg: call }]);
    bench.page(1, "v1");
    let open = Open { id: session, last_seq: 0 };
    assert_eq!(bench.said_to(1), [Tell::ChatReady { session: Some(open) }]);
    bench.browser(2, Owner::User(user("v1")));
    assert_eq!(bench.said_to(2), [Tell::CallsReady { legs: vec![Found { leg: call, state: State::Up }] }]);
    assert_eq!(bench.events(), [Event::Reattached { leg: chat }, Event::Reattached { leg: call }]);
    bench.call(2, CallAsk::Reattach { leg: call, offer: sdp() });
    assert_eq!(bench.events(), [Event::Reoffered { leg: call, offer: Some(sdp()) }]);
    bench.cti(None, Command::Update { leg: call, sdp: Some(sdp()) });
    assert_eq!(bench.said_to(2), [Tell::Answer { leg: call, sdp: sdp() }]);
}

#[test]
fn when_cti_has_been_restarted_a_page_catches_up_by_itself() {
    let mut bench = Bench::new();
    let (leg, session) = bench.open_chat();
    bench.cti(Some(session), chat::Command::Deliver { leg, message: message(1) });
    bench.cti(Some(session), chat::Command::Opened { leg, session, medium: Medium::Chat });
    assert_eq!(bench.told.pop(), Some(Body::ChatEvent(chat::Event::Resume { leg, after: 1 })));
}

#[test]
fn a_line_from_before_a_rebuild_is_asked_to_come_again() {
    let mut bench = Bench::new();
    bench.chat(9, "k", ChatAsk::Say(text("hello")));
    assert_eq!(bench.shut, [(Line(9), Shut::Stopping)]);
    assert!(bench.told.is_empty());
}
