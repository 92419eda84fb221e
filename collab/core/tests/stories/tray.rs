//! A tray of files: who may put there and take from it, how much, and what becomes of the bytes.

use std::collections::BTreeSet;
use std::time::Duration;

use ngcc_collab_core::{Errand, Limits, Line, No, Reply, Stored, Wrong};
use ngcc_proto::FileId;
use ngcc_proto::collab::{Act, Command, Event, Kind, Ticket, Why};
use ngcc_proto::fact::By;
use serde_json::{Value, json};

use crate::world::*;

const NO: fn(Wrong) -> Reply = |wrong| Reply::No(No::Wrong(wrong));

fn stored(n: u128, size: u64) -> Stored {
    Stored { file: FileId(n), name: format!("{n}.png"), mime: "image/png".to_owned(), size }
}

fn shown(n: u64, file: u128, size: u64, by: &str) -> Value {
    json!({ "n": n, "file": FileId(file), "name": format!("{file}.png"), "mime": "image/png", "size": size, "by": by })
}

fn begun(limits: Limits, by: By) -> (World, Ticket, Ticket) {
    let mut world = World::with(limits);
    world.command(establish(COLLAB, Kind::File, by, None));
    let (customer, agent) = world.tickets();
    world.open(CUSTOMER, &customer);
    world.open(AGENT, &agent);
    world.clear();
    (world, customer, agent)
}

#[test]
fn a_file_is_told_to_both_and_had_by_both_and_taken_away_by_whoever_put_it() {
    let (mut world, customer, agent) = begun(Limits::default(), By::Customer);
    assert_eq!(world.errand(&customer, Errand::Put { size: Some(5) }), Reply::Yes);
    assert_eq!(world.errand(&customer, Errand::Get(FileId(1))), Reply::No(No::Unknown));
    assert_eq!(world.errand(&customer, Errand::Stored(stored(1, 5))), Reply::Yes);
    let put = Event::Noted { collab: COLLAB, by: By::Customer, act: Act::Put, what: "file".to_owned() };
    assert_eq!(world.told(), [put], "that it was, not what");
    for line in [CUSTOMER, AGENT] {
        assert_eq!(world.only(line, "file"), shown(1, 1, 5, "customer"));
    }
    for ticket in [&customer, &agent] {
        assert_eq!(world.errand(ticket, Errand::Get(FileId(1))), Reply::Yes);
    }
    world.say(AGENT, "remove", json!({ "file": FileId(1) }));
    world.refused(AGENT, "forbidden");
    world.say(CUSTOMER, "remove", json!({ "file": FileId(2) }));
    world.refused(CUSTOMER, "bad");
    assert!(world.discarded.is_empty());
    world.say(CUSTOMER, "remove", json!({ "file": FileId(1) }));
    assert_eq!(world.only(AGENT, "removed"), json!({ "file": FileId(1) }));
    assert_eq!(world.discarded, [FileId(1)]);
    assert_eq!(world.errand(&agent, Errand::Get(FileId(1))), Reply::No(No::Unknown));
}

#[test]
fn a_ticket_of_elsewhere_opens_nothing_and_what_came_with_it_is_not_kept() {
    let (mut world, customer, agent) = begun(Limits::default(), By::Customer);
    for ticket in [Ticket("x".repeat(32)), Ticket(String::new())] {
        for errand in [Errand::Put { size: None }, Errand::Get(FileId(1)), Errand::Stored(stored(3, 1))] {
            assert_eq!(world.errand(&ticket, errand), Reply::No(No::Ticket));
        }
    }
    assert_eq!(world.discarded, [FileId(3), FileId(3)]);
    world.command(Command::Agent {
        collab: COLLAB,
        session: SESSION,
        agent: Some(crate::world::agent("bob")),
        display: "Bob".to_owned(),
    });
    assert_eq!(world.errand(&agent, Errand::Put { size: None }), Reply::No(No::Ticket), "the next agent's");
    world.say(CUSTOMER, "leave", json!({}));
    assert_eq!(world.errand(&customer, Errand::Stored(stored(4, 1))), Reply::No(No::Ticket), "it is over");
    assert_eq!(world.discarded.last(), Some(&FileId(4)), "what came too late goes");
}

#[test]
fn the_agent_has_nothing_before_the_customer_agrees_and_nothing_once_they_do_not() {
    let (mut world, customer, agent) = begun(Limits::default(), By::Agent);
    for ticket in [&customer, &agent] {
        assert_eq!(world.errand(ticket, Errand::Put { size: None }), NO(Wrong::Consent));
        assert_eq!(world.errand(ticket, Errand::Stored(stored(1, 1))), NO(Wrong::Consent));
    }
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    assert_eq!(world.errand(&customer, Errand::Stored(stored(2, 9))), Reply::Yes);
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": false }));
    world.clear();
    assert_eq!(world.errand(&agent, Errand::Get(FileId(2))), NO(Wrong::Consent));
    assert_eq!(world.errand(&customer, Errand::Get(FileId(2))), Reply::Yes, "it is their own");
    world.open(Line(5), &agent);
    assert_eq!(world.only(Line(5), "ready")["state"]["files"], json!([]));
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": true }));
    assert_eq!(world.heard(Line(5))[1], ("file".to_owned(), shown(1, 2, 9, "customer")));
}

#[test]
fn so_many_files_so_many_bytes_and_so_often_and_no_more() {
    let limits = Limits { files: 3, tray_bytes: 100, ..Limits::default() };
    let (mut world, customer, agent) = begun(limits, By::Customer);
    assert_eq!(world.errand(&customer, Errand::Put { size: Some(101) }), NO(Wrong::Full));
    assert_eq!(world.errand(&customer, Errand::Stored(stored(1, 60))), Reply::Yes);
    assert_eq!(world.errand(&agent, Errand::Put { size: Some(41) }), NO(Wrong::Full));
    assert_eq!(world.errand(&agent, Errand::Put { size: None }), Reply::Yes);
    assert_eq!(
        world.errand(&agent, Errand::Stored(stored(2, 41))),
        NO(Wrong::Full),
        "it was larger than said"
    );
    assert_eq!(world.discarded, [FileId(2)]);
    assert_eq!(world.errand(&agent, Errand::Stored(stored(3, 40))), Reply::Yes);
    assert_eq!(world.errand(&agent, Errand::Put { size: None }), NO(Wrong::Full));
    world.say(CUSTOMER, "remove", json!({ "file": FileId(1) }));
    world.clear();
    assert_eq!(world.errand(&agent, Errand::Stored(stored(4, 1))), Reply::Yes);
    assert_eq!(world.only(CUSTOMER, "file"), shown(3, 4, 1, "agent"), "no number comes twice");
    assert_eq!(world.errand(&agent, Errand::Stored(stored(5, 1))), Reply::Yes);
    assert_eq!(world.errand(&agent, Errand::Put { size: Some(1) }), NO(Wrong::Full), "three are there");
    world.say(AGENT, "remove", json!({ "file": FileId(5) }));
    for _ in 0..19 {
        assert_eq!(world.errand(&agent, Errand::Put { size: Some(1) }), Reply::Yes);
    }
    assert_eq!(world.errand(&agent, Errand::Put { size: Some(1) }), NO(Wrong::TooMany));
    world.wait(Duration::from_secs(10));
    assert_eq!(world.errand(&agent, Errand::Put { size: Some(1) }), Reply::Yes);
}

#[test]
fn the_tray_is_found_after_a_kill_and_its_files_go_with_its_end() {
    let (mut world, customer, agent) = begun(Limits::default(), By::Customer);
    for (ticket, n) in [(&customer, 1), (&agent, 2), (&agent, 3)] {
        assert_eq!(world.errand(ticket, Errand::Stored(stored(n, 7))), Reply::Yes);
    }
    world.say(AGENT, "remove", json!({ "file": FileId(3) }));
    world.restart();
    assert_eq!(world.needed.last(), Some(&BTreeSet::from([FileId(1), FileId(2)])));
    world.clear();
    world.open(Line(8), &agent);
    let files = json!([shown(1, 1, 7, "customer"), shown(2, 2, 7, "agent")]);
    let largest = Limits::default().file_bytes;
    assert_eq!(world.only(Line(8), "ready")["state"], json!({ "files": files, "largest": largest }));
    assert_eq!(world.errand(&customer, Errand::Stored(stored(4, 7))), Reply::Yes);
    assert_eq!(world.only(Line(8), "file")["n"], 4);
    world.discarded.clear();
    world.command(Command::End { collab: COLLAB, why: Why::Closed });
    assert_eq!(world.discarded, [FileId(1), FileId(2), FileId(4)]);
    assert!(world.records.is_empty());
    world.restart();
    assert_eq!(world.needed.last(), Some(&BTreeSet::new()));
}

#[test]
fn other_collaborations_have_no_tray() {
    let mut world = World::new();
    world.command(establish(COLLAB, Kind::Url, By::Customer, None));
    let (customer, _) = world.tickets();
    assert_eq!(world.errand(&customer, Errand::Put { size: None }), NO(Wrong::Forbidden));
    assert_eq!(world.errand(&customer, Errand::Get(FileId(1))), Reply::No(No::Unknown));
    assert_eq!(world.errand(&customer, Errand::Stored(stored(1, 1))), NO(Wrong::Forbidden));
    assert_eq!(world.discarded, [FileId(1)]);
}

#[test]
fn who_looks_on_has_the_files_that_the_agent_has_and_puts_none_there() {
    let (mut world, customer, _) = begun(Limits::default(), By::Customer);
    assert_eq!(world.errand(&customer, Errand::Stored(stored(1, 5))), Reply::Yes);
    world.clear();
    world.command(Command::Viewer {
        collab: COLLAB,
        agent: agent("sue"),
        display: "Sue".to_owned(),
        on: true,
    });
    let Some(Event::Invited { ticket, .. }) = world.told().pop() else { panic!("an invitation") };
    assert_eq!(world.errand(&ticket, Errand::Get(FileId(1))), Reply::Yes);
    assert_eq!(world.errand(&ticket, Errand::Put { size: Some(1) }), NO(Wrong::Forbidden));
    assert_eq!(world.errand(&ticket, Errand::Stored(stored(2, 1))), NO(Wrong::Forbidden));
    assert_eq!(world.discarded, [FileId(2)]);
    world.say(CUSTOMER, "consent", json!({ "what": "view", "on": false }));
    assert_eq!(world.errand(&ticket, Errand::Get(FileId(1))), NO(Wrong::Consent));
}
