//! S4: the customer goes between the automatic service and the same agent.

use ngcc_proto::access::{self, Cause};
use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::media::Phase;
use ngcc_proto::seat::{Slot, Told, Verb};
use ngcc_proto::{Body, LegId, RunId, flow};

use crate::world::{World, sales};

const IN_IVR: Phase = Phase::InIvr { listen: false, secure: false };

/// Customer and agent talk; the flow waits behind its to-human step.
fn talking(agents: &[&str]) -> (World, LegId, RunId) {
    let mut w = World::new(sales(agents));
    let caller = w.call("1000");
    let run = w.run_of(caller);
    w.human(run, "sales");
    w.answer("alice");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    (w, caller, run)
}

fn press(w: &mut World, keys: &str) {
    let leg = w.agent_leg("alice").unwrap();
    w.keys(leg, keys);
}

#[test]
fn s4_02_agent_automation_and_user_are_members_of_one_conference() {
    let (w, caller, _) = talking(&["alice"]);
    let agent = w.agent_leg("alice").unwrap();
    assert_eq!(w.media[&caller].0, w.media[&agent].0);
}

#[test]
fn s4_03_to_05_the_customer_goes_to_and_fro_and_it_is_always_the_same_agent() {
    let (mut w, caller, run) = talking(&["alice", "bob"]);
    let agent = w.agent_leg("alice").unwrap();
    for turn in 1..=5 {
        press(&mut w, "*8");
        assert_eq!(w.runs[&run].turn, Some(turn));
        assert_eq!(w.phase_of(caller), Some(IN_IVR));
        w.give_back(run, turn, BackBecause::Asked);
        assert_eq!(w.phase_of(caller), Some(Phase::Talk));
        assert_eq!(w.agent_leg("alice"), Some(agent), "the same leg of the same agent");
    }
    assert!(w.agent_leg("bob").is_none());
    w.hang_up(caller);
    w.secs(31);
    let story = w.story();
    let count = |word| story.iter().filter(|w| **w == word).count();
    assert_eq!((count("to-auto"), count("to-human"), count("queued"), count("reserved")), (5, 5, 1, 1));
    assert_eq!((count("agent-released"), count("wrap-up-ended"), count("closed")), (1, 1, 1));
    w.assert_clean();
}

#[test]
fn s4_06_the_agent_stays_in_call_state_and_takes_no_other_contact() {
    let (mut w, _, _) = talking(&["alice"]);
    press(&mut w, "*8");
    assert!(matches!(w.slot("alice"), Slot::InIvr { .. }));
    let other = w.call("2000");
    w.secs(300);
    assert_eq!(w.queues()["sales"].waiting, 1);
    assert!(matches!(w.slot("alice"), Slot::InIvr { .. }), "no wrap-up, no new contact");
    assert_eq!(w.released(other), None);
}

#[test]
fn s4_07_the_customer_hangs_up_while_with_the_automation() {
    let (mut w, caller, run) = talking(&["alice"]);
    press(&mut w, "*8");
    let agent = w.agent_leg("alice").unwrap();
    w.edge.remove(&caller);
    // The automation gives back in the same moment; the hang-up beats it.
    w.put(None, None, access::Event::Left { leg: caller, cause: Cause::Normal });
    w.give_back(run, 1, BackBecause::Asked);
    assert_eq!(w.released(agent), Some(Cause::Normal));
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    w.secs(31);
    let story = w.story();
    assert_eq!(story.iter().filter(|w| **w == "closed").count(), 1);
    assert_eq!(story.iter().filter(|w| **w == "wrap-up-ended").count(), 1);
    w.assert_clean();
}

#[test]
fn s4_08_the_agent_is_told_of_the_return_and_its_outcome() {
    let (mut w, _, run) = talking(&["alice"]);
    w.asks("alice", Verb::ToAuto { flow: None, args: flow::Vars::from([("order".into(), "7".into())]) });
    let args =
        w.sent.iter().find_map(|e| if let Body::ToAuto(m) = &e.body { Some(m.args.clone()) } else { None });
    assert_eq!(args.unwrap()["order"], "7", "S4-10: what the agent passes along");
    w.give_back(run, 1, BackBecause::Asked);
    let outcome = w.told.iter().find_map(|(agent, told)| match told {
        Told::Returned { outcome, .. } if agent == "alice" => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(outcome.unwrap()["result"], "42", "S4-10: what the automation found out");
}

#[test]
fn s4_09_the_agent_takes_the_customer_back_and_gives_them_again() {
    let (mut w, caller, run) = talking(&["alice"]);
    press(&mut w, "*8");
    press(&mut w, "*9");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(w.sent_flow().contains(&flow::Command::Suspend { run }));
    press(&mut w, "*8");
    assert_eq!(w.runs[&run].turn, Some(2), "the suspended run goes on");
}

#[test]
fn s4_09_crossing_messages_are_decided_by_the_order_of_arrival() {
    let (mut w, caller, run) = talking(&["alice"]);
    press(&mut w, "*8");
    // Take-back arrives first, the automation's return second: the return is stale.
    press(&mut w, "*9");
    w.give_back(run, 1, BackBecause::Asked);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    // A message of the old turn comes while the next turn runs: nothing is executed.
    press(&mut w, "*8");
    w.give_back(run, 1, BackBecause::Asked);
    assert_eq!(w.phase_of(caller), Some(IN_IVR));
    // The return arrives first, take-back second: take-back has nothing to take.
    w.give_back(run, 2, BackBecause::Asked);
    press(&mut w, "*9");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.hang_up(caller);
    w.secs(31);
    let story = w.story();
    assert_eq!(story.iter().filter(|w| **w == "stale").count(), 2);
    assert_eq!(story.iter().filter(|w| **w == "to-human").count(), 2);
}

#[test]
fn a_code_whose_second_key_comes_late_does_nothing() {
    let (mut w, caller, _) = talking(&["alice"]);
    press(&mut w, "*");
    w.secs(3);
    press(&mut w, "8");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    press(&mut w, "1*8");
    assert_eq!(w.phase_of(caller), Some(IN_IVR));
    w.keys(caller, "*9");
    assert_eq!(w.phase_of(caller), Some(IN_IVR), "the customer's keys are no codes");
}

#[test]
fn without_a_suspended_flow_there_is_nothing_to_go_back_to_but_a_named_flow_runs() {
    let mut w = World::new(sales(&["alice"]));
    let caller = w.call("2000");
    w.answer("alice");
    press(&mut w, "*8");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(w.told.iter().any(|(_, t)| matches!(t, Told::Refused { .. })));
    w.asks("alice", Verb::ToAuto { flow: Some("pay".into()), args: flow::Vars::new() });
    assert_eq!(w.phase_of(caller), Some(IN_IVR));
    let run = w.run_named("pay").unwrap();
    w.asks("alice", Verb::Listen { on: true });
    assert_eq!(w.phase_of(caller), Some(Phase::InIvr { listen: true, secure: false }));
    w.asks("alice", Verb::TakeBack);
    assert!(!w.runs.contains_key(&run), "a named run ends with its turn");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.hang_up(caller);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn s4_11_the_agent_is_lost_the_automation_goes_on_and_the_same_agent_is_preferred_afterwards() {
    let (mut w, caller, run) = talking(&["alice", "bob"]);
    press(&mut w, "*8");
    let agent = w.agent_leg("alice").unwrap();
    w.edge.remove(&agent);
    w.say(access::Event::Left { leg: agent, cause: Cause::Unreachable });
    assert_eq!(w.phase_of(caller), Some(Phase::SelfService), "the automation goes on");
    assert_eq!(w.released(caller), None);
    assert_eq!(w.slot("alice"), Slot::Free);
    // bob has been idle longer, and yet alice is asked.
    w.give_back(run, 1, BackBecause::Asked);
    assert!(w.rings("alice") && !w.rings("bob"));
    w.answer("alice");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    press(&mut w, "*8");
    assert_eq!(w.runs[&run].turn, Some(2));
}

#[test]
fn s4_11_a_link_that_is_back_in_time_changes_nothing() {
    let (mut w, caller, run) = talking(&["alice", "bob"]);
    press(&mut w, "*8");
    let agent = w.agent_leg("alice").unwrap();
    w.say(access::Event::Unreachable { leg: agent });
    w.secs(10);
    w.say(access::Event::Reattached { leg: agent });
    w.secs(40);
    w.give_back(run, 1, BackBecause::Asked);
    assert_eq!((w.phase_of(caller), w.agent_leg("alice")), (Some(Phase::Talk), Some(agent)));

    press(&mut w, "*8");
    w.say(access::Event::Unreachable { leg: agent });
    w.give_back(run, 2, BackBecause::Asked);
    assert_eq!(w.released(agent), Some(Cause::Unreachable), "she is not there to have the customer back");
    assert!(w.rings("alice"), "and is asked first when somebody is");
}

#[test]
fn s4_12_a_flow_that_fails_gives_the_customer_back() {
    let (mut w, caller, run) = talking(&["alice"]);
    press(&mut w, "*8");
    w.runs.remove(&run);
    w.say(flow::Event::Failed { run, node: "pay".into(), why: "http error".into() });
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert!(matches!(w.slot("alice"), Slot::Talking { .. }));

    w.asks("alice", Verb::ToAuto { flow: Some("pay".into()), args: flow::Vars::new() });
    let run = w.run_named("pay").unwrap();
    w.runs.remove(&run);
    w.give_back(run, 2, BackBecause::Failed);
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.hang_up(caller);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn the_agent_hangs_up_in_talk_and_the_session_is_over() {
    let (mut w, caller, _) = talking(&["alice"]);
    w.agent_hangs_up("alice");
    assert_eq!(w.released(caller), Some(Cause::Normal));
    w.asks("alice", Verb::EndWrapUp);
    assert_eq!(w.slot("alice"), Slot::Free);
    w.assert_clean();
}

#[test]
fn hold_is_put_on_and_taken_off_by_the_same_side() {
    let (mut w, caller, _) = talking(&["alice"]);
    let agent = w.agent_leg("alice").unwrap();
    w.say(access::Event::HoldAsked { leg: agent, held: true });
    assert_eq!(w.phase_of(caller), Some(Phase::Hold));
    assert!(matches!(w.slot("alice"), Slot::Held { .. }));
    w.say(access::Event::HoldAsked { leg: caller, held: false });
    assert_eq!(w.phase_of(caller), Some(Phase::Hold));
    w.say(access::Event::HoldAsked { leg: agent, held: false });
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.say(access::Event::Reoffered { leg: agent, offer: None });
    assert!(
        matches!(w.sent_to_access().last(), Some(access::Command::Update { leg, sdp: Some(_) }) if *leg == agent)
    );
    w.asks("alice", Verb::Hold { on: true });
    w.asks("alice", Verb::ToAuto { flow: None, args: flow::Vars::new() });
    assert_eq!(w.phase_of(caller), Some(IN_IVR), "held or not, the automation takes over");
}

#[test]
fn a_blind_transfer_takes_the_customer_to_where_the_number_leads() {
    let (mut w, caller, run) = talking(&["alice"]);
    let agent = w.agent_leg("alice").unwrap();
    let refused = access::Event::TransferAsked { leg: caller, to: "7001".into(), replaces: None };
    w.say(refused);
    assert!(
        w.sent_to_access()
            .contains(&access::Command::TransferTold { leg: caller, ended: Some(Cause::Forbidden) })
    );
    w.say(access::Event::TransferAsked { leg: agent, to: "4711".into(), replaces: None });
    assert!(
        w.sent_to_access()
            .contains(&access::Command::TransferTold { leg: agent, ended: Some(Cause::NotFound) })
    );
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));

    w.say(access::Event::TransferAsked { leg: agent, to: "7001".into(), replaces: None });
    assert!(
        w.sent_to_access()
            .contains(&access::Command::TransferTold { leg: agent, ended: Some(Cause::Normal) })
    );
    assert!(!w.runs.contains_key(&run));
    assert!(matches!(w.slot("alice"), Slot::WrapUp { .. }));
    w.answer_phone("7001");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    w.hang_up(caller);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn a_blind_transfer_to_a_queue_and_to_a_flow() {
    let (mut w, caller, _) = talking(&["alice", "bob"]);
    let agent = w.agent_leg("alice").unwrap();
    w.say(access::Event::TransferAsked { leg: agent, to: "2001".into(), replaces: None });
    w.answer("bob");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    let agent = w.agent_leg("bob").unwrap();
    w.say(access::Event::TransferAsked { leg: agent, to: "1000".into(), replaces: None });
    assert_eq!(w.phase_of(caller), Some(Phase::SelfService));
    assert!(w.runs[&w.run_of(caller)].answered);
    w.hang_up(caller);
    w.secs(31);
    w.assert_clean();
}

#[test]
fn an_attended_transfer_joins_the_customer_with_the_called_party() {
    let (mut w, caller, _) = talking(&["alice"]);
    let agent = w.agent_leg("alice").unwrap();
    let consult = w.call_from("p-alice", "7001");
    w.answer_phone("7001");
    let party = w.phone_leg("7001").unwrap();
    w.say(access::Event::TransferAsked { leg: agent, to: "7001".into(), replaces: Some(consult) });
    assert_eq!(w.media[&caller].0, w.media[&party].0, "they are in one conference");
    assert_eq!(w.phase_of(caller), Some(Phase::Talk));
    assert_eq!((w.released(agent), w.released(consult)), (Some(Cause::Normal), Some(Cause::Normal)));
    w.hang_up(party);
    assert_eq!(w.released(caller), Some(Cause::Normal));
    w.secs(31);
    w.assert_clean();
}
