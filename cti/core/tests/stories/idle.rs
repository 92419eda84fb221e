//! S0-08: the idle timer of chats, in virtual time.

use ngcc_proto::access::{self, Cause};
use ngcc_proto::seat::{Slot, Verb};
use ngcc_proto::{LegId, SessionId, chat, flow};

use crate::world::{World, sales};

const T1: u64 = 1800;

fn desk() -> World {
    let mut w = World::new(sales(&["alice"]));
    w.sits_at_browser("alice");
    w
}

fn together(w: &mut World) -> (LegId, SessionId) {
    let leg = w.chat("2000");
    w.accepts("alice");
    (leg, w.session_of(leg))
}

fn warnings(w: &World, leg: LegId) -> usize {
    w.shown_to(leg).iter().filter(|m| *m == "closes soon").count()
}

#[test]
fn s0_08_both_sides_are_warned_and_then_the_session_is_released_at_t1() {
    let mut w = desk();
    let (leg, session) = together(&mut w);
    w.secs(T1 - 121);
    assert_eq!(warnings(&w, leg), 0);
    w.secs(2);
    assert_eq!(warnings(&w, leg), 1);
    assert_eq!(w.read_by("alice").last().map(String::as_str), Some("closes soon"));
    w.secs(118);
    assert_eq!(w.released(leg), None, "at T1 - 1 s it lives");
    w.secs(2);
    assert_eq!(w.released(leg), Some(Cause::TimedOut), "at T1 + 1 s it does not");
    assert_eq!(w.status_of(leg), Some(chat::Status::Closed));
    assert!(matches!(w.chats["alice"][..], [Slot::WrapUp { .. }]));
    assert!(w.contact("alice", session).is_some());
    w.secs(31);
    w.assert_clean();
}

#[test]
fn s0_08_activity_of_either_side_and_the_wish_to_stay_start_it_again() {
    let mut w = desk();
    let (leg, session) = together(&mut w);
    for n in 0..6 {
        w.secs(T1 - 1);
        match n % 3 {
            0 => w.writes(leg, &format!("k{n}"), "x"),
            1 => w.agent_writes("alice", session, &format!("a{n}"), "x"),
            _ => w.say(chat::Event::KeepOpen { leg }),
        }
    }
    assert_eq!(w.released(leg), None);
    assert_eq!(warnings(&w, leg), 6, "each silence has its own warning");
    w.secs(T1 + 1);
    assert_eq!(w.released(leg), Some(Cause::TimedOut));
}

#[test]
fn s0_08_it_runs_in_self_service_and_frees_the_run() {
    let mut w = desk();
    let leg = w.chat("1000");
    w.secs(T1 - 1);
    assert_eq!(w.runs.len(), 1);
    w.secs(2);
    assert_eq!(w.released(leg), Some(Cause::TimedOut));
    w.assert_clean();
}

#[test]
fn s0_08_waiting_and_ringing_suspend_it() {
    let mut w = desk();
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let leg = w.chat("1000");
    w.secs(T1 - 5);
    let run = w.run_of(leg);
    w.human(run, "sales");
    w.secs(3 * T1);
    assert_eq!(w.released(leg), None, "whoever waits is not idle");
    w.asks("alice", Verb::Ready);
    w.accepts("alice");
    w.secs(T1 - 1);
    assert_eq!(w.released(leg), None, "and begins anew with the agent");
    w.secs(2);
    assert_eq!(w.released(leg), Some(Cause::TimedOut));
}

#[test]
fn s0_08_it_survives_a_restart_and_warns_once() {
    for (before, crash) in [(T1 - 600, 1), (T1 - 100, 3)] {
        let mut w = desk();
        let (leg, _) = together(&mut w);
        w.secs(before);
        for _ in 0..crash {
            w.crash();
        }
        w.secs(T1 - before - 1);
        assert_eq!(w.released(leg), None);
        assert_eq!(warnings(&w, leg), 1);
        w.secs(2);
        assert_eq!(w.released(leg), Some(Cause::TimedOut));
    }
    let mut w = desk();
    let (leg, _) = together(&mut w);
    w.secs(T1 - 10);
    w.say(chat::Event::KeepOpen { leg });
    w.crash();
    w.secs(T1 - 1);
    assert_eq!(w.released(leg), None, "a wish to stay is remembered");
}

#[test]
fn s0_08_calls_have_no_idle_timer_and_a_lost_visitor_is_let_go_by_it() {
    let mut w = desk();
    let caller = w.call("2000");
    w.accepts("alice");
    w.secs(5 * T1);
    assert_eq!(w.released(caller), None);
    w.hang_up(caller);
    w.secs(31);
    let (leg, _) = together(&mut w);
    w.secs(10);
    w.say(access::Event::Unreachable { leg });
    w.secs(T1 - 11);
    assert_eq!(w.released(leg), None);
    w.secs(2);
    assert_eq!(w.released(leg), Some(Cause::TimedOut));
}

#[test]
fn s0_08_a_flow_that_gives_the_customer_to_nobody_starts_it_again() {
    let mut w = desk();
    w.asks("alice", Verb::SignOut);
    let leg = w.chat("1000");
    let run = w.run_of(leg);
    w.secs(1000);
    w.ask(
        run,
        flow::Ask::Human {
            queue: "sales".into(),
            priority: 0,
            prefer: None,
            max_wait_s: Some(60),
            returns: true,
        },
    );
    w.secs(61);
    assert_eq!(w.resumed(run).as_deref(), Some("timeout"));
    w.secs(T1 - 2);
    assert_eq!(w.released(leg), None);
    w.secs(3);
    assert_eq!(w.released(leg), Some(Cause::TimedOut));
}
