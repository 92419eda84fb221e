//! The board, and what a supervisor does about it; and an agent's command given by the operator.

use ngcc_proto::access::Cause;
use ngcc_proto::fact::What;
use ngcc_proto::flow::Vars;
use ngcc_proto::media::Phase;
use ngcc_proto::seat::{self, Availability, Slot, Verb};
use ngcc_proto::supervise::{Board, Command, Event};
use ngcc_proto::{Body, UserUri, operate};

use crate::world::{World, agent, sales};

fn ask(w: &mut World, command: Command) -> Event {
    let id = w.put(None, None, command);
    let from = w.sent.len();
    w.run();
    let answers: Vec<Event> = w.sent[from..]
        .iter()
        .filter(|e| e.cause == Some(id))
        .filter_map(|e| if let Body::SuperviseEvent(event) = &e.body { Some(event.clone()) } else { None })
        .collect();
    assert_eq!(answers.len(), 1, "one answer");
    answers[0].clone()
}

pub(crate) fn board(w: &mut World) -> Board {
    match ask(w, Command::Board) {
        Event::Board(board) => board,
        other => panic!("{other:?}"),
    }
}

fn not_ready() -> Availability {
    Availability::NotReady { reason: "forced".into(), since: ngcc_proto::Wall(0) }
}

fn force(w: &mut World, name: &str, to: Availability) -> Event {
    ask(w, Command::Force { by: "carol".into(), agent: agent(name), to })
}

#[test]
fn the_board_shows_queues_seats_and_who_waits_in_order() {
    let mut w = World::new(sales(&["alice", "bob"]));
    w.sits_at_browser("alice");
    w.asks("bob", Verb::SignOut);
    w.call("2000");
    w.accepts("alice");
    let start = w.now.wall;
    w.secs(5);
    for (dialled, name) in [("2000", "first"), ("2000", "second"), ("2001", "gold")] {
        w.asks("alice", Verb::NotReady { reason: "no chats".into() });
        w.chat_of(dialled, UserUri::Web(name.into()));
        w.secs(1);
    }
    let board = board(&mut w);
    let waiting: Vec<&str> = board.waiting.iter().map(|row| row.user.bare()).collect();
    assert_eq!(waiting, ["gold", "first", "second"]);
    assert_eq!(board.waiting[1].since.ms_since(start), 5_000);
    assert_eq!(board.sessions, 4);
    let sales = board.queues.iter().find(|row| row.name == "sales").unwrap();
    assert_eq!((sales.waiting, sales.longest_ms, sales.free, sales.signed_in), (2, 3_000, 0, 1));
    let alice = board.seats.iter().find(|row| row.agent.name() == "alice").unwrap();
    assert!(matches!(alice.voice, Slot::Talking { .. }));
    assert_eq!((alice.since, alice.chat_capacity), (start, 4));
}

#[test]
fn a_forced_seat_is_free_at_once_and_its_customers_go_to_the_head() {
    let mut w = World::new(sales(&["alice"]));
    w.sits_at_browser("alice");
    let caller = w.call("2000");
    w.accepts("alice");
    let chat = w.chat("2000");
    w.accepts("alice");
    w.secs(60);
    w.asks("alice", Verb::Hold { on: true });
    assert_eq!(force(&mut w, "alice", not_ready()), Event::Done);
    assert_eq!(w.slot("alice"), Slot::Free);
    assert!(w.chats["alice"].is_empty() && w.agent_leg("alice").is_none());
    assert!(matches!(w.availability("alice"), Availability::NotReady { reason, .. } if reason == "forced"));
    assert_eq!(w.phase_of(caller), Some(Phase::Queue { music: true }));
    assert_eq!(w.queues()["sales"].longest_ms, 60_000, "with their original time");
    w.crash();
    assert_eq!(w.slot("alice"), Slot::Free, "also after a restart");
    w.asks("alice", Verb::Ready);
    w.accepts("alice");
    w.accepts("alice");
    w.hang_up(caller);
    w.hang_up(chat);
    w.secs(31);
    for facts in w.stored.values() {
        let who = facts.iter().find_map(|f| match &f.what {
            What::Intervened { by, act } => Some((by.as_str(), act.as_str())),
            _ => None,
        });
        assert_eq!(who, Some(("carol", "force")));
    }
    w.assert_clean();
}

#[test]
fn forcing_ends_an_offer_a_wrap_up_and_an_in_ivr_phase_too() {
    let mut w = World::new(sales(&["alice", "bob"]));
    w.asks("bob", Verb::NotReady { reason: "break".into() });
    let caller = w.call("2000");
    assert!(w.rings("alice"));
    force(&mut w, "alice", not_ready());
    assert!(!w.rings("alice"));
    w.asks("bob", Verb::Ready);
    assert!(w.rings("bob"), "the next one is asked");
    w.answer("bob");
    w.hang_up(caller);
    assert!(matches!(w.slot("bob"), Slot::WrapUp { .. }));
    force(&mut w, "bob", Availability::Ready { since: ngcc_proto::Wall(0) });
    assert_eq!(w.slot("bob"), Slot::Free);
    let caller = w.call("1000");
    let run = w.run_of(caller);
    w.human(run, "sales");
    w.answer("bob");
    w.asks("bob", Verb::ToAuto { flow: None, args: Vars::new() });
    force(&mut w, "bob", Availability::LoggedOut);
    assert_eq!(w.slot("bob"), Slot::Free);
    assert_eq!(w.phase_of(caller), Some(Phase::SelfService), "the automation goes on");
    w.hang_up(caller);
    w.assert_clean();
}

#[test]
fn a_direct_call_of_a_forced_seat_ends_and_an_unknown_seat_is_refused() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("8001");
    w.answer("alice");
    force(&mut w, "alice", not_ready());
    assert_eq!(w.released(caller), Some(Cause::Normal));
    let ringing = w.call("8001");
    assert!(w.released(ringing).is_some());
    assert!(matches!(force(&mut w, "nobody", not_ready()), Event::Refused { .. }));
    w.assert_clean();
}

#[test]
fn a_supervisor_ends_a_session_and_is_named_in_it() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    w.answer("alice");
    let session = w.live()[0].id;
    assert_eq!(ask(&mut w, Command::End { by: "carol".into(), session }), Event::Done);
    assert_eq!(w.released(caller), Some(Cause::Normal));
    assert!(matches!(ask(&mut w, Command::End { by: "carol".into(), session }), Event::Refused { .. }));
    w.secs(31);
    assert!(w.story().contains(&"intervened"));
}

#[test]
fn the_operator_gives_an_agents_command() {
    let mut w = World::new(sales(&["alice"]));
    let command = |what| operate::Command::Seat(seat::Command { agent: agent("alice"), session: None, what });
    let lunch = Verb::NotReady { reason: "lunch".into() };
    assert_eq!(w.operate(command(lunch)), operate::Event::Done);
    assert!(matches!(w.availability("alice"), Availability::NotReady { .. }), "the console is told too");
    assert!(matches!(w.operate(command(Verb::EndWrapUp)), operate::Event::Refused { .. }));
}
