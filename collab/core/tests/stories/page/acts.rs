//! What an agent may do on a shared page, and what stands in the record of it.

use super::*;

#[test]
fn an_act_needs_what_it_needs_and_is_numbered() {
    let mut world = shared(fields());
    world.clear();
    let acts = [
        (json!({ "is": "pointer", "x": 1.0, "y": 2.0 }), "pointer"),
        (json!({ "is": "stroke", "points": [[1.0, 2.0], [3.0, 4.0]] }), "pointer"),
        (json!({ "is": "clear" }), "pointer"),
        (json!({ "is": "click", "node": 14 }), "control"),
        (json!({ "is": "input", "node": 10, "value": "Oak St" }), "control"),
        (json!({ "is": "check", "node": 16, "on": false }), "control"),
        (json!({ "is": "scroll", "x": 0.0, "y": 10.0 }), "control"),
    ];
    for (act, _) in &acts {
        world.say(AGENT, "act", json!({ "act": act }));
        world.refused(AGENT, "consent");
    }
    for (n, (act, what)) in acts.iter().enumerate() {
        world.say(CUSTOMER, "consent", json!({ "what": what, "on": true }));
        world.clear();
        world.say(AGENT, "act", json!({ "act": act }));
        assert_eq!(world.only(AGENT, "acted")["n"], n + 1);
        assert_eq!(world.only(CUSTOMER, "act"), json!({ "n": n + 1, "act": act, "by": "agent" }));
    }
    world.say(CUSTOMER, "over", json!({ "node": 10 }));
    assert_eq!(world.only(AGENT, "over")["node"], 10);
}

#[test]
fn what_is_masked_takes_nothing_and_what_is_secret_not_even_a_proposal() {
    let mut world = granted();
    let mut act = |act: Value, code: &str| {
        world.say(AGENT, "act", json!({ "act": act }));
        if code.is_empty() {
            assert!(world.heard(AGENT)[0].0 == "acted", "{act}");
        } else {
            world.refused(AGENT, code);
        }
        world.clear();
    };
    let input = |node: u64| json!({ "is": "input", "node": node, "value": "x" });
    let propose = |node: u64| json!({ "is": "propose", "node": node, "value": "x" });
    let click = |node: u64| json!({ "is": "click", "node": node });
    let check = |node: u64| json!({ "is": "check", "node": node, "on": true });
    act(input(10), "");
    act(propose(10), "");
    act(input(11), "masked");
    act(propose(11), "");
    act(click(11), "");
    for secret in [12, 15] {
        act(input(secret), "masked");
        act(propose(secret), "masked");
        act(click(secret), "masked");
    }
    act(check(13), "masked");
    act(click(13), "masked");
    act(check(16), "");
    act(click(14), "");
    for none in [77, 21, 1] {
        act(click(none), "unknown_node");
        act(input(none), "unknown_node");
    }
    act(propose(14), "bad");
    act(check(10), "bad");
}

#[test]
fn a_proposal_is_answered_by_the_customer_once() {
    let mut world = shared(fields());
    world.clear();
    world.say(AGENT, "act", json!({ "act": { "is": "propose", "node": 11, "value": "Oslo" } }));
    assert_eq!(world.told(), [noted(By::Agent, Act::Propose, "city")]);
    world.clear();
    world.say(CUSTOMER, "answer", json!({ "act": 1, "taken": true }));
    assert_eq!(world.only(AGENT, "answered"), json!({ "act": 1, "taken": true }));
    assert_eq!(world.told(), [noted(By::Customer, Act::Confirm, "city")]);
    world.say(CUSTOMER, "answer", json!({ "act": 1, "taken": true }));
    world.refused(CUSTOMER, "bad");
    world.say(AGENT, "act", json!({ "act": { "is": "open", "url": "https://shop.example/help" } }));
    assert_eq!(world.told(), [noted(By::Agent, Act::Propose, "open")]);
    world.clear();
    world.say(CUSTOMER, "answer", json!({ "act": 2, "taken": false }));
    assert_eq!(world.only(AGENT, "answered"), json!({ "act": 2, "taken": false }));
    assert!(world.told().is_empty());
    world.say(AGENT, "act", json!({ "act": { "is": "open", "url": "javascript:alert(1)" } }));
    world.refused(AGENT, "bad");
}

#[test]
fn control_is_noted_once_a_second_at_the_most() {
    let mut world = granted();
    for _ in 0..5 {
        world.say(AGENT, "act", json!({ "act": { "is": "click", "node": 14 } }));
    }
    assert_eq!(world.told(), [noted(By::Agent, Act::Control, "click")]);
    world.wait(Duration::from_secs(1));
    world.say(AGENT, "act", json!({ "act": { "is": "input", "node": 10, "value": "x" } }));
    assert_eq!(world.told(), [noted(By::Agent, Act::Control, "street")]);
}

#[test]
fn nobody_acts_on_a_page_that_is_not_there() {
    let mut world = granted();
    world.close(CUSTOMER);
    world.clear();
    world.say(AGENT, "act", json!({ "act": { "is": "click", "node": 14 } }));
    world.refused(AGENT, "forbidden");
}

#[test]
fn a_field_that_was_secret_stays_so_whatever_becomes_of_it() {
    let mut world = granted();
    let turned =
        change(json!({ "attributes": [{ "id": 12, "attributes": { "type": "text", "value": "s3cret" } }] }));
    let moved = change(json!({
        "removes": [{ "parentId": 3, "id": 12 }],
        "adds": [add(20, element(12, "input", json!({ "type": "text", "value": "s3cret" }), vec![]))],
    }));
    world.say(CUSTOMER, "rr", json!({ "events": [turned, moved, typed(12, "s3cret")] }));
    let shown = Value::from(world.shown(AGENT)).to_string();
    assert!(shown.contains("•••") && !shown.contains("s3cret"), "{shown}");
    world.say(AGENT, "act", json!({ "act": { "is": "propose", "node": 12, "value": "x" } }));
    world.refused(AGENT, "masked");
}

#[test]
fn another_agent_sees_the_page_from_its_last_snapshot() {
    let mut world = shared(paragraph());
    world.command(Command::Agent {
        collab: COLLAB,
        session: SESSION,
        agent: Some(agent("bob")),
        display: "Bob".to_owned(),
    });
    let (_, ticket) = {
        let told = world.told();
        let Some(Event::Invited { who, ticket, .. }) = told.into_iter().next_back() else {
            panic!("invited")
        };
        (who, ticket)
    };
    world.clear();
    world.open(Line(8), &ticket);
    assert_eq!(world.shown(Line(8)).len(), 2);
}

#[test]
fn the_record_is_not_flooded_and_taking_back_is_never_refused() {
    let mut world = shared(fields());
    world.clear();
    let mut noted = 0;
    for n in 0..100 {
        world.say(CUSTOMER, "consent", json!({ "what": "pointer", "on": true }));
        world.say(CUSTOMER, "consent", json!({ "what": "pointer", "on": false }));
        world.say(CUSTOMER, "pause", json!({ "on": true }));
        assert!(n > 0 || world.told.len() == 3);
        assert!(world.said.iter().any(|(line, frame)| *line == AGENT && frame["type"] == "paused"));
        world.say(CUSTOMER, "pause", json!({ "on": false }));
        world.say(AGENT, "act", json!({ "act": { "is": "propose", "node": 11, "value": "x" } }));
        noted += world.told().len();
    }
    assert!(noted <= 41, "{noted}");
    world.clear();
    world.wait(Duration::from_secs(10));
    world.say(CUSTOMER, "pause", json!({ "on": false }));
    assert_eq!(world.told().len(), 1, "a while later it goes on");
}
