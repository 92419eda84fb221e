//! Who takes part: tickets, coming and going, handing over, the end, and the start after a kill.

use std::time::Duration;

use ngcc_collab_core::{Limits, Line};
use ngcc_proto::collab::{Command, Event, Kind, Ticket, Who, Why};
use ngcc_proto::fact::By;
use ngcc_proto::{CollabId, SessionId};
use serde_json::json;

use crate::world::*;

fn joined(who: Who) -> Event {
    Event::Joined { collab: COLLAB, who }
}

fn away(who: Who) -> Event {
    Event::Away { collab: COLLAB, who }
}

fn customer() -> Who {
    Who::User(user())
}

fn alice() -> Who {
    Who::Agent(agent("alice"))
}

#[test]
fn both_ends_are_invited_the_customer_first_and_a_repeat_is_answered_the_same() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Cobrowse, By::Agent, None));
    let first = world.told();
    let [Event::Invited { who: a, ticket: one, .. }, Event::Invited { who: b, ticket: two, .. }] = &first[..]
    else {
        panic!("two invitations: {first:?}")
    };
    assert_eq!((a, b), (&customer(), &alice()));
    assert_ne!(one, two);
    assert!([one, two].iter().all(|t| t.0.len() == 32 && t.0.bytes().all(|b| b.is_ascii_hexdigit())));
    world.command(establish(COLLAB, Kind::Cobrowse, By::Agent, None));
    assert_eq!(world.told(), first);
    world.command(Command::Invite { collab: COLLAB, who: customer() });
    assert_eq!(world.told(), first[..1]);
    world.command(establish(COLLAB, Kind::Document, By::Agent, None));
    assert_eq!(world.told(), [Event::Refused { collab: COLLAB, why: Why::Forbidden }]);
    world.command(Command::Invite { collab: COLLAB, who: Who::Agent(agent("bob")) });
    assert_eq!(world.told(), [Event::Refused { collab: COLLAB, why: Why::Forbidden }]);
}

#[test]
fn what_cannot_be_set_up_or_is_not_there_is_refused() {
    let mut world = World::with(Limits { collabs: 1, ..Limits::default() });
    world.command(establish(COLLAB, Kind::Form, By::Agent, None));
    assert_eq!(world.told(), [Event::Refused { collab: COLLAB, why: Why::Unsupported }], "no form");
    world.command(establish(COLLAB, Kind::Document, By::Agent, None));
    world.told();
    let other = CollabId(2);
    world.command(establish(other, Kind::Document, By::Agent, None));
    assert_eq!(world.told(), [Event::Refused { collab: other, why: Why::TooMany }]);
    world.command(Command::Invite { collab: other, who: customer() });
    world.command(Command::Agent {
        collab: other,
        session: SESSION,
        agent: Some(agent("bob")),
        display: "Bob".to_owned(),
    });
    let unavailable = Event::Refused { collab: other, why: Why::Unavailable };
    assert_eq!(world.told(), [unavailable.clone(), unavailable]);
    world.command(Command::End { collab: other, why: Why::Closed });
    assert_eq!(world.told(), [Event::Ended { collab: other, by: By::Centre, why: Why::Closed }]);
}

#[test]
fn a_ticket_opens_its_own_end_of_its_own_collaboration() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Cobrowse, By::Customer, None));
    let (customers, agents) = world.tickets();
    world.clear();
    world.open(CUSTOMER, &customers);
    let ready = world.only(CUSTOMER, "ready");
    assert_eq!(ready["me"], "customer");
    assert_eq!((&ready["kind"], &ready["by"]), (&json!("cobrowse"), &json!("customer")));
    assert_eq!(ready["consents"], json!({ "view": true, "pointer": false, "control": false }));
    assert_eq!(ready["state"], json!(null));
    assert_eq!(ready["people"]["customer"], json!({ "name": "Zoë", "here": true }));
    assert_eq!(ready["people"]["agent"], json!({ "name": "Alice W.", "here": false }));
    assert_eq!(world.told(), [joined(customer())]);
    world.open(AGENT, &agents);
    assert_eq!(world.only(CUSTOMER, "people")["agent"]["here"], true);
    assert_eq!(world.heard(AGENT)[0].1["me"], "agent");
    for bad in ["", "x", &agents.0[1..], &agents.0.to_uppercase().replace(char::is_numeric, "0")] {
        world.open(Line(9), &Ticket(bad.to_owned()));
        assert_eq!(std::mem::take(&mut world.shut), [(Line(9), 4401)], "{bad}");
    }
    world.open_in(CollabId(2), Line(9), &agents);
    assert_eq!(world.shut, [over(Line(9))]);
}

#[test]
fn a_customer_has_one_page_and_an_agent_a_few() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Document, By::Agent, None));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.clear();
    world.open(Line(3), &customers);
    assert_eq!(world.shut, [(CUSTOMER, 4409)]);
    assert_eq!(world.told(), [], "they were here and are here");
    world.say(CUSTOMER, "leave", json!({}));
    assert!(world.told().is_empty(), "what the replaced page still sends is not heard");
    world.close(CUSTOMER);
    world.clear();
    for line in 10..15 {
        world.open(Line(line), &agents);
    }
    assert_eq!(world.shut, [(Line(10), 4409)], "the fifth takes the place of the first");
}

#[test]
fn an_end_that_is_gone_has_thirty_seconds_to_come_back() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Document, By::Agent, None));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.open(AGENT, &agents);
    world.clear();
    world.close(CUSTOMER);
    assert_eq!(world.told(), [away(customer())]);
    assert_eq!(world.only(AGENT, "people")["customer"]["here"], false);
    world.wait(Duration::from_secs(29));
    world.open(Line(3), &customers);
    assert_eq!(world.told(), [joined(customer())]);
    world.wait(Duration::from_secs(60));
    assert!(world.told().is_empty(), "the grace is over because they came");
    world.close(AGENT);
    world.clear();
    world.wait(Duration::from_secs(30));
    assert_eq!(world.told(), [ended(By::Agent, Why::Left)]);
    assert_eq!(world.only(Line(3), "ended")["why"], "left");
    assert_eq!(world.shut, [over(Line(3))]);
    assert!(world.records.is_empty(), "nothing of it is kept");
    assert_eq!(ngcc_proto::Core::deadline(&world.core), None);
}

#[test]
fn either_end_may_leave_and_cti_may_end_it() {
    let mut world = World::joined(Kind::Document, By::Agent);
    world.say(CUSTOMER, "leave", json!({}));
    assert_eq!(world.told(), [ended(By::Customer, Why::Left)]);
    let answer = world.said.iter().find(|(line, _)| *line == CUSTOMER).unwrap();
    assert_eq!(answer.1, json!({ "type": "ended", "id": "f", "data": { "why": "left" } }));
    assert_eq!(world.only(AGENT, "ended")["why"], "left");
    assert_eq!(world.shut, [over(CUSTOMER), over(AGENT)]);
    assert!(world.records.is_empty());
    let mut world = World::joined(Kind::Cobrowse, By::Agent);
    world.command(Command::End { collab: COLLAB, why: Why::Closed });
    assert_eq!(world.told(), [ended(By::Centre, Why::Closed)]);
    assert_eq!(world.only(CUSTOMER, "ended")["why"], "closed");
    assert_eq!(world.shut, [over(CUSTOMER), over(AGENT)]);
    assert!(world.records.is_empty());
}

#[test]
fn another_agent_takes_over_and_every_consent_but_the_view_is_void() {
    let mut world = World::joined(Kind::Cobrowse, By::Customer);
    for what in ["pointer", "control"] {
        world.say(CUSTOMER, "consent", json!({ "what": what, "on": true }));
    }
    world.clear();
    world.command(Command::Agent {
        collab: COLLAB,
        session: SESSION,
        agent: Some(agent("bob")),
        display: "Bob".to_owned(),
    });
    assert_eq!(world.only(AGENT, "ended")["why"], "handed_over");
    assert_eq!(world.shut, [over(AGENT)]);
    let customer = world.heard(CUSTOMER);
    assert_eq!(
        customer[0],
        (
            "people".to_owned(),
            json!({
                "customer": { "name": "Zoë", "here": true }, "agent": { "name": "Bob", "here": false },
                "viewers": [],
            })
        )
    );
    assert_eq!(customer[1].1, json!({ "view": true, "pointer": false, "control": false }));
    let told = world.told();
    let [Event::Invited { who, ticket, .. }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(*who, Who::Agent(agent("bob")));
    world.open(Line(5), ticket);
    assert_eq!(world.heard(Line(5))[0].1["me"], "agent");
    world.say(AGENT, "leave", json!({}));
    assert_eq!(world.told(), [joined(Who::Agent(agent("bob")))], "the agent before has no say any more");
    world.command(Command::Agent {
        collab: COLLAB,
        session: SESSION,
        agent: Some(agent("bob")),
        display: "Bob".to_owned(),
    });
    assert_eq!(world.told(), told, "the same agent is only invited again");
}

#[test]
fn handed_over_alone_it_belongs_to_another_session_before_and_after_a_kill() {
    let mut world = World::joined(Kind::Document, By::Agent);
    let session = SessionId(8);
    world.clear();
    world.command(Command::Agent { collab: COLLAB, session, agent: None, display: String::new() });
    assert_eq!(world.only(AGENT, "ended")["why"], "handed_over");
    let nobody = world.heard(CUSTOMER);
    assert_eq!(nobody[0].1["agent"], json!({ "name": null, "here": false }), "nobody has it meanwhile");
    let (alice, display) = (Some(agent("alice")), "Alice".to_owned());
    world.command(Command::Agent { collab: COLLAB, session, agent: alice, display });
    let back = world.heard(CUSTOMER);
    assert_eq!(back[0].1["agent"]["name"], "Alice", "nobody else took it: it is hers again");
    let bob = || (Some(agent("bob")), "Bob".to_owned());
    let (who, display) = bob();
    world.command(Command::Agent { collab: COLLAB, session, agent: who, display });
    world.restart();
    world.told();
    // cti asks again for what it is not sure of: it is the same collaboration, of the session it has gone to.
    let Command::Establish { kind, user, user_display, by, form, record, .. } =
        establish(COLLAB, Kind::Document, By::Agent, None)
    else {
        panic!("establish");
    };
    let (agent, agent_display) = (bob().0.expect("bob"), bob().1);
    world.command(Command::Establish {
        collab: COLLAB,
        session,
        kind,
        user,
        user_display,
        agent,
        agent_display,
        by,
        form,
        record,
    });
    let told = world.told();
    assert!(matches!(told[..], [Event::Invited { .. }, Event::Invited { .. }]), "{told:?}");
}

#[test]
fn the_ticket_of_an_agent_who_was_replaced_opens_nothing() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Document, By::Agent, None));
    let (_, old) = world.tickets();
    world.command(Command::Agent {
        collab: COLLAB,
        session: SESSION,
        agent: Some(agent("bob")),
        display: "Bob".to_owned(),
    });
    world.open(AGENT, &old);
    assert_eq!(world.shut, [(AGENT, 4401)]);
}

#[test]
fn after_a_kill_what_stood_stands_and_the_same_tickets_open_it() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Cobrowse, By::Agent, None));
    let (customers, agents) = world.tickets();
    world.open(CUSTOMER, &customers);
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    world.say(CUSTOMER, "consent", json!({ "what": "pointer", "on": true }));
    world.say(CUSTOMER, "pause", json!({ "on": true }));
    world.command(establish(CollabId(2), Kind::Document, By::Agent, None));
    world.clear();
    world.restart();
    let restored = Event::Restored { collabs: vec![COLLAB, CollabId(2)] };
    assert_eq!(world.told(), [restored, away(customer())], "who never came is not away");
    world.open(Line(11), &customers);
    let ready = world.only(Line(11), "ready");
    assert_eq!(ready["consents"], json!({ "view": true, "pointer": true, "control": false }));
    assert_eq!((&ready["paused"], &ready["by"]), (&json!(true), &json!("agent")));
    world.open(Line(12), &agents);
    assert_eq!(world.told(), [joined(customer()), joined(alice())]);
    world.close(Line(11));
    world.told();
    world.restart();
    world.told();
    world.wait(Duration::from_secs(30));
    assert_eq!(world.told().len(), 1, "whoever does not come back after a start has left too");
    assert_eq!(world.records.len(), 1);
}

#[test]
fn records_that_cannot_be_read_are_told_from_those_that_can() {
    use ngcc_proto::{Core as _, Key, Kind as Of};
    let mut world = World::joined(Kind::Document, By::Agent);
    let (key, bytes) = world.records.pop_first().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let newer = text.replacen("\"v\":1", "\"v\":2", 1);
    let now = world.now;
    for (key, bytes) in [
        (key, &newer.into_bytes()[..]),
        (key, b"{"),
        (Key { n: 1, ..key }, b"{}"),
        (Key { kind: Of::Dialog, ..key }, &bytes),
    ] {
        assert!(world.core.restore(key, bytes, now).is_err());
    }
    assert!(world.core.restore(key, &bytes, now).is_ok());
}
