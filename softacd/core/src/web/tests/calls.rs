//! Calls of browsers: made, answered, summoned, found again.

use super::*;

#[test]
fn a_call_of_a_browser_rings_is_answered_and_hung_up() {
    let mut bench = Bench::new();
    bench.browser(2, Owner::User(user("v1")));
    assert_eq!(bench.said_to(2), [Tell::CallsReady { legs: vec![] }]);
    let offer: Sdp =
        format!("{SOUND}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n").parse().unwrap();
    let (entry, name) = ("1000".to_owned(), Some("\u{202e}Zoë\r\n".to_owned()));
    bench.call(2, CallAsk::Begin { entry, name, lang: None, beside: None, offer: offer.clone() });
    let events = bench.events();
    let [Event::Arrived { leg, display, medium, offer: Some(told), .. }] = &events[..] else { panic!() };
    assert_eq!((display.as_deref(), *medium, told), (Some("Zoë"), Medium::Video, &offer));
    let leg = *leg;
    bench.cti(None, Command::Ring { leg });
    bench.cti(None, Command::Answer { leg, sdp: sdp() });
    assert_eq!(bench.events(), [Event::Answered { leg, sdp: None }]);
    let answer = Tell::Answer { leg, sdp: sdp() };
    assert_eq!(bench.said_to(2), [Tell::Created { leg }, Tell::Ringing { leg }, answer, Tell::Up { leg }]);
    let digit = Secret::new("5");
    bench.call(2, CallAsk::Key { leg, digit: digit.clone() });
    bench.call(2, CallAsk::Candidate { leg, candidate: String::new() });
    bench.call(2, CallAsk::Hold { leg, on: true });
    bench.call(2, CallAsk::Bye { leg });
    let candidate = Event::Candidate { leg, candidate: String::new() };
    let hold = Event::HoldAsked { leg, held: true };
    let left = Event::Left { leg, cause: Cause::Normal };
    assert_eq!(bench.events(), [Event::Digit { leg, digit }, candidate, hold, left]);
    assert_eq!(bench.said_to(2), [Tell::Bye { leg, cause: Cause::Normal }]);
    assert!(bench.records.is_empty());
}

#[test]
fn a_call_joins_the_session_of_the_customers_own_chat_and_no_other() {
    let mut bench = Bench::new();
    let (chat, session) = bench.open_chat();
    bench.browser(2, Owner::User(user("v1")));
    bench.browser(3, Owner::User(user("v2")));
    bench.said.clear();
    let begin = || CallAsk::Begin {
        entry: "1000".to_owned(),
        name: None,
        lang: None,
        beside: Some(session),
        offer: sdp(),
    };
    bench.call(3, begin());
    assert_eq!(bench.said_to(3), [Tell::Wrong { why: Wrong::Unknown, leg: None }]);
    assert!(bench.told.is_empty());
    bench.call(2, begin());
    assert!(matches!(bench.events()[..], [Event::Arrived { beside: Some(leg), .. }] if leg == chat));
}

#[test]
fn a_customer_has_so_many_calls_and_an_agent_begins_none() {
    let mut bench = Bench::new();
    bench.browser(2, Owner::User(user("v1")));
    bench.browser(3, agent());
    let begin =
        || CallAsk::Begin { entry: "1000".to_owned(), name: None, lang: None, beside: None, offer: sdp() };
    (0..5).for_each(|_| bench.call(2, begin()));
    assert_eq!(bench.said_to(2).pop(), Some(Tell::Wrong { why: Wrong::TooMany, leg: None }));
    assert_eq!(bench.events().len(), 4);
    bench.call(3, begin());
    assert_eq!(bench.said_to(3), [Tell::Wrong { why: Wrong::Forbidden, leg: None }]);
}

#[test]
fn nobody_touches_a_call_of_somebody_else() {
    let mut bench = Bench::new();
    let leg = bench.call_up();
    bench.browser(3, Owner::User(user("v2")));
    bench.said.clear();
    bench.call(3, CallAsk::Key { leg, digit: Secret::new("1") });
    bench.call(3, CallAsk::Offer { leg, offer: sdp() });
    let wrong = Tell::Wrong { why: Wrong::Unknown, leg: Some(leg) };
    assert_eq!(bench.said_to(3), [wrong.clone(), wrong]);
    bench.call(3, CallAsk::Reattach { leg, offer: sdp() });
    bench.call(3, CallAsk::Bye { leg });
    let bye = Tell::Bye { leg, cause: Cause::Lost };
    assert_eq!(bench.said_to(3), [bye.clone(), bye]);
    assert!(bench.told.is_empty() && bench.core.census().web_legs == 1);
}

#[test]
fn a_call_outlives_its_socket_and_is_found_up() {
    let mut bench = Bench::new();
    let leg = bench.call_up();
    bench.close(2);
    assert_eq!(bench.events(), [Event::Unreachable { leg }]);
    bench.browser(4, Owner::User(user("v1")));
    assert_eq!(bench.events(), [Event::Reattached { leg }]);
    assert_eq!(bench.said_to(4), [Tell::CallsReady { legs: vec![Found { leg, state: State::Up }] }]);
    bench.browser(5, Owner::User(user("v1")));
    assert_eq!(bench.shut, [(Line(4), Shut::Replaced)]);
    bench.close(4);
    assert!(bench.told.is_empty());
}

#[test]
fn an_answer_to_an_offer_that_another_has_replaced_goes_nowhere() {
    let mut bench = Bench::new();
    bench.browser(2, Owner::User(user("v1")));
    bench.call(
        2,
        CallAsk::Begin { entry: "1000".to_owned(), name: None, lang: None, beside: None, offer: sdp() },
    );
    let Some(Event::Arrived { leg, .. }) = bench.events().pop() else { panic!() };
    bench.close(2);
    bench.browser(3, Owner::User(user("v1")));
    bench.call(3, CallAsk::Reattach { leg, offer: sdp() });
    bench.said.clear();
    bench.cti(None, Command::Answer { leg, sdp: sdp() });
    assert_eq!(bench.said_to(3), [Tell::Up { leg }], "that answer has the keys of the page before");
    bench.cti(None, Command::Update { leg, sdp: None });
    assert_eq!(bench.said_to(3), [Tell::Wrong { why: Wrong::NotAcceptable, leg: Some(leg) }]);
}

#[test]
fn an_agents_browser_is_summoned_offers_and_is_answered() {
    let mut bench = Bench::new();
    let leg: LegId = bench.ids.mint(Wall(1));
    bench.browser(7, agent());
    bench.said.clear();
    bench.cti(None, summon(leg));
    assert_eq!(bench.said_to(7), [Tell::Summon { leg, video: true, ring_s: 20 }]);
    bench.call(7, CallAsk::Offer { leg, offer: sdp() });
    assert_eq!(bench.events(), [Event::Summoned { leg, offer: sdp() }]);
    bench.wait(Duration::from_secs(30));
    assert!(bench.told.is_empty(), "how long it rings is for cti to say");
    bench.cti(None, Command::Answer { leg, sdp: sdp() });
    assert_eq!(bench.said_to(7), [Tell::Answer { leg, sdp: sdp() }, Tell::Up { leg }]);
    bench.cti(None, Command::Release { leg, cause: Cause::Normal });
    assert_eq!(bench.said_to(7), [Tell::Bye { leg, cause: Cause::Normal }]);
    assert!(bench.records.is_empty());
}

#[test]
fn a_summons_waits_for_a_browser_that_comes_late_and_says_how_long_it_still_rings() {
    let mut bench = Bench::new();
    let leg: LegId = bench.ids.mint(Wall(1));
    bench.cti(None, summon(leg));
    assert!(bench.told.is_empty(), "an agent whose page is being reloaded has not missed anything");
    bench.wait(Duration::from_millis(1_200));
    bench.browser(7, agent());
    let found = Tell::CallsReady { legs: vec![Found { leg, state: State::Calling }] };
    assert_eq!(bench.said_to(7), [found, Tell::Summon { leg, video: true, ring_s: 19 }]);
    bench.call(7, CallAsk::Offer { leg, offer: sdp() });
    assert_eq!(bench.events(), [Event::Summoned { leg, offer: sdp() }]);
    bench.cti(None, Command::Answer { leg, sdp: sdp() });
    assert_eq!(bench.said_to(7), [Tell::Answer { leg, sdp: sdp() }, Tell::Up { leg }]);
}

#[test]
fn a_summons_that_nobody_hears_declines_or_answers_is_refused() {
    let mut bench = Bench::new();
    let legs: [LegId; 3] = std::array::from_fn(|_| bench.ids.mint(Wall(1)));
    bench.cti(None, summon(legs[0]));
    bench.wait(Duration::from_millis(19_999));
    assert!(bench.told.is_empty());
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.events(), [Event::Refused { leg: legs[0], cause: Cause::NotRegistered }]);
    bench.browser(7, agent());
    bench.cti(None, summon(legs[1]));
    bench.call(7, CallAsk::Bye { leg: legs[1] });
    assert_eq!(bench.events(), [Event::Refused { leg: legs[1], cause: Cause::Declined }]);
    bench.cti(None, summon(legs[2]));
    bench.close(7);
    bench.wait(Duration::from_secs(19));
    assert!(bench.told.is_empty(), "a page that is reloaded is waited for");
    bench.browser(8, agent());
    assert!(bench.said.contains(&(Line(8), None, Tell::Summon { leg: legs[2], video: true, ring_s: 1 })));
    bench.wait(Duration::from_secs(1));
    assert_eq!(bench.events(), [Event::Refused { leg: legs[2], cause: Cause::NoAnswer }]);
    assert!(bench.records.is_empty());
}

#[test]
fn a_summons_is_taken_back_before_a_browser_has_come() {
    let mut bench = Bench::new();
    let leg: LegId = bench.ids.mint(Wall(1));
    bench.cti(None, summon(leg));
    bench.cti(None, Command::Release { leg, cause: Cause::Cancelled });
    bench.browser(7, agent());
    assert_eq!(bench.said_to(7), [Tell::CallsReady { legs: vec![] }]);
    bench.wait(Duration::from_secs(20));
    assert!(bench.told.is_empty() && bench.records.is_empty());
}

#[test]
fn a_summons_outlives_a_kill_and_still_ends_in_time() {
    let mut bench = Bench::new();
    let leg: LegId = bench.ids.mint(Wall(1));
    bench.browser(7, agent());
    bench.cti(None, summon(leg));
    bench.restart();
    assert_eq!(bench.events(), [Event::Restored { legs: vec![(leg, Stage::Calling)] }]);
    bench.wait(Duration::from_secs(20));
    assert_eq!(bench.events(), [Event::Refused { leg, cause: Cause::NotRegistered }], "no browser came back");
}
