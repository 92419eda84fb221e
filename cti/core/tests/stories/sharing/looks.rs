//! Who looks on: whoever is in the session beside its owner, and supervisors from the board.

use ngcc_proto::collab::Place;
use ngcc_proto::supervise::{self, SharedRow};

use super::handed::on_the_phone;
use super::*;

/// A call of somebody's with alice, beside which Ann's page is shared; bob is free.
fn call() -> (World, ngcc_proto::LegId, SessionId, CollabId) {
    on_the_phone(KIND)
}

fn consult(w: &mut World) {
    w.asks("alice", Verb::Consult { to: seat::To::Agent("bob".into()) });
}

fn viewers(w: &World, collab: CollabId) -> Vec<String> {
    w.sharing.looks.get(&collab).into_iter().flatten().map(|agent| agent.name().to_owned()).collect()
}

fn watch(collab: CollabId) -> supervise::Command {
    watch_from(collab, 1)
}

fn watch_from(collab: CollabId, board: u64) -> supervise::Command {
    supervise::Command::Watch { by: agent("sue"), display: "Sue".into(), collab, board }
}

fn unwatch_from(collab: CollabId, board: u64) -> supervise::Command {
    supervise::Command::Unwatch { by: agent("sue"), collab, board }
}

fn answers(w: &World) -> Vec<supervise::Event> {
    let said = w.sent.iter().filter_map(|envelope| match &envelope.body {
        Body::SuperviseEvent(event) => Some(event.clone()),
        _ => None,
    });
    said.collect()
}

fn rows(w: &mut World) -> Vec<SharedRow> {
    w.say(supervise::Command::Board);
    match answers(w).pop() {
        Some(supervise::Event::Board(board)) => board.shared,
        other => panic!("no board: {other:?}"),
    }
}

#[test]
fn who_is_consulted_looks_on_from_the_answer_until_they_leave() {
    let (mut w, _, session, collab) = call();
    consult(&mut w);
    assert!(viewers(&w, collab).is_empty(), "whoever is rung has seen nothing yet");
    w.accepts("bob");
    assert_eq!(viewers(&w, collab), ["bob"]);
    let invited = w.told.iter().rev().find_map(|(name, told)| match told {
        Told::Invited { me, .. } => Some((name.clone(), *me)),
        _ => None,
    });
    assert_eq!(invited, Some(("bob".into(), Place::Viewer)));
    w.say(Event::Joined { collab, who: Who::Viewer(agent("bob")) });
    w.asks("alice", Verb::Merge);
    assert_eq!(viewers(&w, collab), ["bob"], "a conference changes nothing");
    w.asks_about("bob", session, Verb::EndCollab { collab });
    assert!(refused(&w).contains("not yours"), "{}", refused(&w));
    w.agent_hangs_up("bob");
    assert!(viewers(&w, collab).is_empty());
    let told = w.told.iter().any(|(name, t)| name == "bob" && matches!(t, Told::CollabEnded { .. }));
    assert!(told && w.sharing.stands.contains_key(&collab), "it goes on without them");
    let story = words(&w.facts_of(session));
    assert_eq!(story.iter().filter(|word| **word == "collab-viewer").count(), 2);
}

#[test]
fn who_is_consulted_and_takes_the_customer_is_the_agent_and_looks_on_no_longer() {
    let (mut w, caller, session, collab) = call();
    consult(&mut w);
    w.accepts("bob");
    w.asks("alice", Verb::CompleteTransfer);
    assert_eq!(w.sharing.stands[&collab].1, Some(agent("bob")));
    w.say(Event::Joined { collab, who: Who::Agent(agent("bob")) });
    assert!(w.contact("bob", session).unwrap().shared[0].agent);
    assert_eq!(trace(&w).iter().filter(|said| said.starts_with("viewer")).count(), 1, "{:?}", trace(&w));
    w.hang_up(caller);
    assert!(w.sharing.stands.is_empty());
}

#[test]
fn a_console_that_comes_back_is_invited_again_to_look_on_and_a_restart_forgets_nobody() {
    let (mut w, _, _, collab) = call();
    consult(&mut w);
    w.accepts("bob");
    w.say(Event::Joined { collab, who: Who::Viewer(agent("bob")) });
    w.sent.clear();
    // They did not come back in time: they stay away until their console is there again.
    w.say(Event::Left { collab, agent: agent("bob"), why: Why::Left });
    assert!(trace(&w).is_empty(), "{:?}", trace(&w));
    w.asks("bob", Verb::Look);
    assert_eq!(trace(&w), ["viewer bob true", "invited agent:bob"]);
    w.crash();
    w.asks("alice", Verb::CancelConsult);
    assert!(viewers(&w, collab).is_empty());
}

#[test]
fn a_supervisor_watches_what_is_shared_and_stops() {
    let (mut w, _, session) = chat();
    let collab = established(&mut w, session);
    let [row] = &rows(&mut w)[..] else { panic!("one row") };
    assert_eq!((row.collab, row.session, row.agent.name(), row.viewers), (collab, session, "alice", 0));
    w.sent.clear();
    w.say(watch(collab));
    let watching = answers(&w);
    let [supervise::Event::Watching { session: of, collab: which, kind: KIND, .. }] = &watching[..] else {
        panic!("{watching:?}")
    };
    assert_eq!((*of, *which), (session, collab));
    let asked = w.sent.iter().find(|e| matches!(e.body, Body::SuperviseEvent(_))).unwrap().cause;
    let viewer = w.sent.iter().find(|e| matches!(e.body, Body::CollabCommand(_))).unwrap().cause;
    assert!(asked.is_some() && asked == viewer, "the answer names the question");
    w.say(Event::Joined { collab, who: Who::Viewer(agent("sue")) });
    assert_eq!(rows(&mut w)[0].viewers, 1);
    w.say(supervise::Command::Unwatch { by: agent("sue"), collab, board: 1 });
    assert_eq!(answers(&w).pop(), Some(supervise::Event::Done));
    assert!(viewers(&w, collab).is_empty() && rows(&mut w)[0].viewers == 0);
    let looks = |fact: &ngcc_proto::fact::Fact| match &fact.what {
        What::CollabViewer { agent, watches: true, on, .. } => Some((agent.name().to_owned(), *on)),
        _ => None,
    };
    let facts: Vec<(String, bool)> = w.facts_of(session).iter().filter_map(looks).collect();
    assert_eq!(facts, [("sue".to_owned(), true), ("sue".to_owned(), false)]);
}

#[test]
fn who_cannot_watch_is_told_why_and_whoever_waits_is_told_when_it_is_over() {
    let (mut w, _, session) = chat();
    let refusal = |w: &World| match answers(w).pop() {
        Some(supervise::Event::Refused { why }) => why,
        other => panic!("{other:?}"),
    };
    w.say(watch(CollabId(99)));
    assert!(refusal(&w).contains("over"));
    let collab = established(&mut w, session);
    w.say(supervise::Command::Watch { by: agent("alice"), display: String::new(), collab, board: 1 });
    assert!(refusal(&w).contains("already"));
    // The collaboration server's own no.
    w.sharing.down = true;
    w.say(watch(collab));
    w.say(Event::Left { collab, agent: agent("sue"), why: Why::TooMany });
    assert!(refusal(&w).contains("as many"));
    w.say(watch(collab));
    w.sent.clear();
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    assert!(refusal(&w).contains("over"));
    let looked = words(&w.facts_of(session)).contains(&"collab-viewer");
    assert!(!looked, "nobody was let in");
}

#[test]
fn a_supervisor_with_two_boards_looks_on_until_the_last_of_them_does_not() {
    let (mut w, _, session, collab) = call();
    for board in [1, 2] {
        w.say(watch_from(collab, board));
    }
    let lets_in =
        |w: &World| answers(w).iter().filter(|a| matches!(a, supervise::Event::Watching { .. })).count();
    assert_eq!(lets_in(&w), 2, "each board is answered");
    let comings = words(&w.facts_of(session)).into_iter().filter(|word| *word == "collab-viewer").count();
    assert_eq!(comings, 1, "it is one person");
    w.say(unwatch_from(collab, 1));
    assert_eq!(viewers(&w, collab), ["sue"], "the other board goes on");
    w.say(unwatch_from(collab, 1));
    w.say(unwatch_from(collab, 2));
    assert!(viewers(&w, collab).is_empty());

    // Boards that wait when it ends are both told so.
    w.sharing.down = true;
    for board in [1, 2] {
        w.say(watch_from(collab, board));
    }
    w.sent.clear();
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    let refused = answers(&w).iter().filter(|a| matches!(a, supervise::Event::Refused { .. })).count();
    assert_eq!(refused, 2);
}

#[test]
fn who_looks_on_sees_the_screen_while_everybody_is_shown_that_they_are_here_and_not_longer() {
    use ngcc_proto::media::{Part, Phase};
    let (mut w, _, session, collab) = on_the_phone(Kind::Screen);
    let customer = w.shows(collab, Who::User(ann()));
    let conference = w.media[&customer].0;
    w.say(Event::Noted { collab, by: By::Customer, act: Act::Consent, what: "view".to_owned() });
    consult(&mut w);
    w.accepts("bob");
    assert_eq!(viewers(&w, collab), ["bob"]);
    let (bob, looks) = (Who::Agent(agent("bob")), Who::Viewer(agent("bob")));
    let early = w.shows(collab, bob.clone());
    assert!(!w.media.contains_key(&early), "nobody is shown that bob looks on yet");
    w.say(Event::Joined { collab, who: looks.clone() });
    let leg = w.shows(collab, bob.clone());
    assert_eq!(w.media[&leg], (conference, Part::Second));
    assert_eq!(w.phases[&conference], Phase::Talk);
    w.say(Event::Away { collab, who: looks.clone() });
    assert!(!w.media.contains_key(&leg), "and no longer");
    w.say(Event::Joined { collab, who: looks });
    let leg = w.shows(collab, bob);
    w.crash();
    assert!(w.media.contains_key(&leg), "it outlives a restart");
    w.asks_about("alice", session, Verb::CancelConsult);
    assert!(!w.media.contains_key(&leg) && w.media.contains_key(&customer));

    w.say(watch(collab));
    w.say(Event::Joined { collab, who: Who::Viewer(agent("sue")) });
    assert!(rows(&mut w)[0].shows);
    let sues = w.shows(collab, Who::Agent(agent("sue")));
    assert_eq!(w.media[&sues], (conference, Part::Second));
    let carol = w.shows(collab, Who::Agent(agent("carol")));
    assert!(!w.media.contains_key(&carol), "who takes no part sees nothing");
    w.say(unwatch_from(collab, 1));
    assert!(!w.media.contains_key(&sues));
    // Whoever looked on and has it now sees it as its agent.
    w.say(watch(collab));
    w.asks_about("alice", session, Verb::EndCollab { collab });
    assert!(!w.media.contains_key(&customer));
}
