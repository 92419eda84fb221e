//! What a console is shown: contacts whole, whenever anything in them changes, and again for whoever looks.

use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::fact::{OfferEnd, What};
use ngcc_proto::flow::{self, Vars};
use ngcc_proto::media::Phase;
use ngcc_proto::seat::{Contact, DeclineReason, Declined, Presence, Slot, Standing, To, Told, Verb};
use ngcc_proto::{SessionId, UserUri, Wall};

use crate::board::board;
use crate::world::{World, agent, sales};

fn desk() -> World {
    let mut w = World::new(sales(&["alice"]));
    w.sits_at_browser("alice");
    w
}

fn only(w: &mut World) -> SessionId {
    let live = w.live();
    assert_eq!(live.len(), 1);
    live[0].id
}

#[test]
fn a_contact_is_shown_in_each_of_its_stages_and_gone_at_the_end() {
    let mut w = desk();
    let caller = w.call("1000");
    let run = w.run_of(caller);
    for (node, chose) in [("menu", None), ("sub", Some("Sales")), ("ask", Some("Beds"))] {
        let chose = chose.map(str::to_owned);
        w.say(flow::Event::Step { run, node: node.into(), verb: "menu".into(), chose });
    }
    w.human(run, "sales");
    let session = only(&mut w);
    let c = w.contact("alice", session).unwrap();
    assert_eq!(
        (c.standing, c.joined, c.path.clone()),
        (Standing::Alerting, None, vec!["Sales".into(), "Beds".into()])
    );
    let offered = w.told.iter().find_map(|(_, t)| match t {
        Told::Offered { path, queue, .. } => Some((path.clone(), queue.clone())),
        _ => None,
    });
    assert_eq!(offered, Some((c.path, Some("sales".into()))));
    w.accepts("alice");
    let c = w.contact("alice", session).unwrap();
    assert_eq!((c.standing, c.joined), (Standing::Talk, Some(w.now.wall)));
    assert_eq!((c.parties.len(), c.leg), (2, w.agent_leg("alice")));
    w.asks("alice", Verb::Hold { on: true });
    assert_eq!(w.contact("alice", session).unwrap().standing, Standing::Hold);
    w.asks("alice", Verb::ToAuto { flow: None, args: Vars::new() });
    w.say(flow::Event::Step { run, node: "pay".into(), verb: "collect".into(), chose: None });
    let step = Some(("pay".to_owned(), "collect".to_owned()));
    let standing = |c: Contact| c.standing;
    let in_ivr = |listen| Some(Standing::InIvr { flow: "main".into(), step: step.clone(), listen });
    assert_eq!(w.contact("alice", session).map(standing), in_ivr(false));
    w.asks("alice", Verb::Listen { on: true });
    assert_eq!(w.contact("alice", session).map(standing), in_ivr(true));
    w.give_back(run, 1, BackBecause::Asked);
    let c = w.contact("alice", session).unwrap();
    assert_eq!((c.standing, c.vars.get("result").map(String::as_str)), (Standing::Talk, Some("42")));
    w.hang_up(caller);
    let c = w.contact("alice", session).unwrap();
    assert!(matches!(c.standing, Standing::WrapUp { .. }));
    assert_eq!(c.customer, Presence::Left);
    w.asks("alice", Verb::EndWrapUp);
    assert_eq!(w.contact("alice", session), None);
    w.assert_clean();
}

#[test]
fn nothing_is_told_twice_and_whoever_looks_is_told_everything() {
    let mut w = desk();
    w.call("2000");
    w.accepts("alice");
    let chat = w.chat("2000");
    w.accepts("alice");
    let told = w.told.len();
    w.asks("alice", Verb::Back);
    assert!(!w.told[told..].iter().any(|(_, t)| matches!(t, Told::Contact { .. })));
    let told = w.told.len();
    w.asks("alice", Verb::Look);
    let contacts: Vec<SessionId> = w.told[told..]
        .iter()
        .filter_map(|(_, t)| if let Told::Contact { contact } = t { Some(contact.session) } else { None })
        .collect();
    assert_eq!(contacts.len(), 2);
    assert!(contacts.contains(&w.session_of(chat)));
    let state = w.told[told..]
        .iter()
        .any(|(_, t)| matches!(t, Told::State { chat_capacity: 4, chats, .. } if chats.len() == 1));
    assert!(state);
}

#[test]
fn a_console_is_shown_everything_again_after_a_restart() {
    let mut w = desk();
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.say(flow::Event::Step { run, node: "a".into(), verb: "menu".into(), chose: Some("Beds".into()) });
    w.human(run, "sales");
    w.accepts("alice");
    let session = w.session_of(leg);
    w.writes(leg, "k1", "x");
    w.asks_about("alice", session, Verb::ToAuto { flow: None, args: Vars::new() });
    w.say(flow::Event::Step { run, node: "pay".into(), verb: "collect".into(), chose: None });
    let before = w.contact("alice", session);
    w.told.clear();
    w.crash();
    assert_eq!(w.contact("alice", session), before);
    w.hang_up(leg);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn the_path_and_names_in_it_are_bounded() {
    let mut w = desk();
    let leg = w.chat_of("1000", UserUri::Web("v".into()));
    let run = w.run_of(leg);
    for n in 0..40 {
        let chose = Some(format!("{n}{}", "x".repeat(200)));
        w.say(flow::Event::Step { run, node: "n".into(), verb: "menu".into(), chose });
    }
    w.human(run, "sales");
    let path = w.contact("alice", w.session_of(leg)).unwrap().path;
    assert_eq!(path.len(), 16);
    assert!(path[15].starts_with("39x") && path.iter().all(|p| p.len() == 64));
}

#[test]
fn while_a_secret_is_asked_for_nobody_but_the_automation_hears_or_keys() {
    let mut w = desk();
    let caller = w.call("2000");
    w.accepts("alice");
    w.asks("alice", Verb::ToAuto { flow: Some("pay".into()), args: Vars::new() });
    w.asks("alice", Verb::Listen { on: true });
    let run = w.run_named("pay").unwrap();
    let phase = |w: &World| w.phase_of(caller);
    assert_eq!(phase(&w), Some(Phase::InIvr { listen: true, secure: false }));
    w.say(flow::Event::Listening { run, secret: true });
    assert_eq!(phase(&w), Some(Phase::InIvr { listen: true, secure: true }));
    w.crash();
    assert_eq!(phase(&w), Some(Phase::InIvr { listen: true, secure: true }), "also after a restart");
    w.say(flow::Event::Listening { run, secret: false });
    assert!(matches!(phase(&w), Some(Phase::InIvr { secure: false, .. })));
    w.say(flow::Event::Listening { run, secret: true });
    w.asks("alice", Verb::TakeBack);
    assert_eq!(phase(&w), Some(Phase::Talk));
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));
}

/// The offer that the agent was told last: its claim, when it was made and when it lapses.
fn told_last(w: &World, name: &str) -> Option<(ngcc_proto::ReservationId, Wall, Wall, u64)> {
    w.told.iter().rev().find_map(|(to, told)| match told {
        Told::Offered { reservation, at, until, waited_ms, .. } if to == name => {
            Some((*reservation, *at, *until, *waited_ms))
        }
        _ => None,
    })
}

#[test]
fn whoever_looks_while_it_rings_is_told_the_offer_again_with_what_is_left_of_its_time() {
    let mut w = desk();
    let (begun, _) = (w.call("2000"), w.chat("2000"));
    let first = told_last(&w, "alice");
    assert!(first.is_some());
    for _ in 0..2 {
        w.secs(4);
        w.told.clear();
        w.asks("alice", Verb::Look);
        let offers: Vec<_> = w
            .told
            .iter()
            .filter_map(|(_, told)| match told {
                Told::Offered { at, until, .. } => Some(until.ms_since(*at)),
                _ => None,
            })
            .collect();
        assert_eq!(offers, [20_000, 20_000], "the call's and the chat's, at their own times");
        assert_eq!(told_last(&w, "alice"), first);
    }
    w.accepts("alice");
    w.accepts("alice");
    w.told.clear();
    w.asks("alice", Verb::Look);
    assert_eq!(told_last(&w, "alice"), None, "what has been taken is offered no longer");
    w.hang_up(begun);
}

#[test]
fn a_consulted_agent_who_looks_is_told_the_offer_again_and_one_who_dials_is_told_none() {
    let mut w = World::new(sales(&["alice", "bob"]));
    for name in ["alice", "bob"] {
        w.sits_at_browser(name);
    }
    w.asks("bob", Verb::NotReady { reason: "break".into() });
    w.call("2000");
    w.accepts("alice");
    w.asks("bob", Verb::Ready);
    w.asks("alice", Verb::Consult { to: To::Agent("bob".into()) });
    let first = told_last(&w, "bob");
    assert!(first.is_some());
    w.secs(3);
    w.told.clear();
    w.asks("bob", Verb::Look);
    assert_eq!(told_last(&w, "bob"), first);
    let reservation = w.offer_to("bob").unwrap();
    w.asks("bob", Verb::Decline { reservation, reason: Some(DeclineReason::Technical) });
    let session = only(&mut w);
    let ended = w.facts(session).into_iter().find_map(|fact| match fact.what {
        What::ConsultEnded { reason, .. } => Some(reason),
        _ => None,
    });
    assert_eq!(ended, Some(Some(DeclineReason::Technical)));
}

#[test]
fn who_declined_and_why_is_noted_and_told_to_whoever_is_asked_next() {
    let mut w = World::new(sales(&["alice", "bob"]));
    for name in ["alice", "bob"] {
        w.sits_at_browser(name);
    }
    w.asks("bob", Verb::NotReady { reason: "break".into() });
    w.call("2000");
    let session = only(&mut w);
    let reservation = w.offer_to("alice").unwrap();
    w.asks("alice", Verb::Decline { reservation, reason: Some(DeclineReason::WrongSkill) });
    let noted = w.facts(session).into_iter().find_map(|fact| match fact.what {
        What::OfferEnded { end: OfferEnd::Declined, reason, .. } => Some(reason),
        _ => None,
    });
    assert_eq!(noted, Some(Some(DeclineReason::WrongSkill)));
    let declined = Some(Declined { by: agent("alice"), reason: DeclineReason::WrongSkill });
    assert_eq!(board(&mut w).waiting[0].declined, declined, "the board shows it");
    w.crash();
    assert_eq!(board(&mut w).waiting[0].declined, declined, "also after a restart");
    w.asks("bob", Verb::Ready);
    let told = w.told.iter().rev().find_map(|(to, told)| match told {
        Told::Offered { declined, .. } if to == "bob" => Some(declined.clone()),
        _ => None,
    });
    assert_eq!(told, Some(declined));
    w.accepts("bob");
}
