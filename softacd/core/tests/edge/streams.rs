//! The same over TCP: framing, replies on the connection, new connections where the old one has ended.

use std::time::Duration;

use ngcc_proto::access::{Cause, Command, Event, Target};
use ngcc_softacd_core::{Conn, Flow, Input, Output};

use crate::world::*;

fn over_tcp(text: &str) -> String {
    text.replace("SIP/2.0/UDP", "SIP/2.0/TCP")
}

fn opened(w: &mut World, conn: u64, port: u16) {
    w.handle(Input::Opened { conn: Conn(conn), peer: peer(port) });
}

fn closed(w: &World) -> bool {
    w.outputs.iter().any(|o| matches!(o, Output::Close { .. }))
}

#[test]
fn a_call_over_a_stream_is_answered_on_it_and_nothing_is_repeated() {
    let mut w = World::new();
    opened(&mut w, 1, 50_001);
    let invite = over_tcp(&Invite::new(peer(6001)).text());
    let (a, b) = invite.split_at(100);
    w.hears_on(1, a);
    assert!(w.sent().is_empty());
    w.hears_on(1, b);
    assert_eq!(w.sent()[0].to, Flow::Tcp { conn: Conn(1) });
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.release(leg, Cause::Busy);
    assert_eq!(status(&w.one()), 486);
    w.pass(Duration::from_secs(20));
    assert!(w.sent().is_empty());
}

#[test]
fn two_messages_in_one_piece_are_two_and_pings_are_answered() {
    let mut w = World::new();
    opened(&mut w, 1, 50_001);
    let options =
        over_tcp(&Invite { body: None, ..Invite::new(peer(6001)) }.text().replace("INVITE", "OPTIONS"));
    w.hears_on(1, &format!("{options}\r\n\r\n{options}"));
    let sent = w.sent();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[1].text, "\r\n");
    assert_eq!((status(&sent[0].text), status(&sent[2].text)), (200, 200));
}

#[test]
fn a_200_over_a_stream_is_repeated_until_its_ack_all_the_same() {
    let mut w = World::new();
    opened(&mut w, 1, 50_001);
    let invite = over_tcp(&Invite::new(peer(6001)).text());
    w.hears_on(1, &invite);
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    w.one();
    w.pass(Duration::from_millis(600));
    assert_eq!(status(&w.one()), 200);
}

#[test]
fn a_leg_whose_connection_has_ended_is_reached_by_a_new_one() {
    let mut w = World::new();
    opened(&mut w, 1, 50_001);
    let invite = over_tcp(&Invite::new(peer(6001)).text()).replace("6001>\r\n", "6001;transport=tcp>\r\n");
    w.hears_on(1, &invite);
    let told = w.told();
    let [Event::Arrived { leg, .. }] = told[..] else { panic!("{told:?}") };
    w.sent();
    w.put(Command::Answer { leg, sdp: sdp(1, "sendrecv") });
    let ok = w.one();
    let ack = over_tcp(&Talk::of_caller(leg, peer(6001), &invite, &ok).request("ACK", "", ""));
    w.hears_on(1, &ack);
    w.handle(Input::Closed { conn: Conn(1) });
    w.told();
    w.release(leg, Cause::Normal);
    let connect = w
        .outputs
        .iter()
        .find_map(|o| if let Output::Connect { conn, peer } = o { Some((*conn, *peer)) } else { None });
    let (conn, to) = connect.unwrap();
    assert_eq!(to, peer(6001), "where it listens, by its Contact");
    let bye = w.sent().pop().unwrap();
    assert_eq!(bye.to, Flow::Tcp { conn });
    assert!(bye.text.starts_with("BYE ") && bye.text.contains("Via: SIP/2.0/TCP"));
}

#[test]
fn a_call_to_a_peer_that_takes_no_connection_is_unreachable() {
    let mut w = World::new();
    let leg = w.leg();
    w.call(leg, Target::Uri("sip:a@127.0.0.1:6000;transport=tcp".to_owned()));
    let Some(Output::Connect { conn, .. }) =
        w.outputs.iter().find(|o| matches!(o, Output::Connect { .. })).cloned()
    else {
        panic!("{:?}", w.outputs)
    };
    w.handle(Input::Closed { conn });
    assert_eq!(w.told(), [Event::Refused { leg, cause: Cause::Unreachable }]);
}

#[test]
fn a_message_that_never_ends_costs_its_connection() {
    let mut w = World::new();
    opened(&mut w, 1, 50_001);
    w.hears_on(1, "INVITE sip:1000@127.0.0.1 SIP/2.0\r\n");
    for _ in 0..30 {
        w.pass(Duration::from_secs(1));
        w.hears_on(1, "X: y\r\n");
    }
    assert!(!closed(&w));
    w.pass(Duration::from_secs(3));
    assert!(closed(&w), "a line a second is not a sign of life");
}

#[test]
fn a_connection_that_says_nothing_is_closed() {
    let mut w = World::new();
    opened(&mut w, 1, 50_001);
    w.pass(Duration::from_secs(33));
    assert!(closed(&w));
}

#[test]
fn a_stream_that_cannot_be_framed_is_answered_and_closed() {
    let mut w = World::new();
    opened(&mut w, 1, 50_001);
    let invite = over_tcp(&Invite::new(peer(6001)).text()).replace("Content-Length: ", "Content-Length: -");
    w.hears_on(1, &invite);
    assert_eq!(status(&w.sent()[0].text), 400);
    assert!(closed(&w));
    w.hears_on(1, &invite);
    assert!(w.sent().is_empty() && w.told().is_empty());
}
