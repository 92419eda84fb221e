//! The load generator against itself: its callers call its agents, so that a figure it prints is not its own fault.

use std::time::Duration;

use super::agents::Agents;
use super::callers::{After, Callers};
use super::rtp::{Out, Ports};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn callers_who_hang_up_are_answered_and_their_calls_end() {
    let ports = Ports::open(2).unwrap();
    let agents = Agents::open(ports.at.clone()).unwrap();
    let callers = Callers::open(agents.at, ports.at.clone()).unwrap();

    let calls = callers.offer(50, 1000.0, After::HangUp, |i| format!("{i:04}"));
    assert!(callers.over(&calls, SOON));

    let outcome = callers.outcome(&calls);
    assert_eq!((outcome.answered, outcome.failed, outcome.set_up.count()), (50, 0, 50));
    let offers = agents.take_offers();
    assert_eq!(offers.len(), 50);
    assert_eq!((offers[7].agent.as_str(), offers[7].call), ("0007", Some(calls.start + 7)));
}

#[test]
fn agents_hang_up_after_their_time_and_it_is_noted() {
    let ports = Ports::open(1).unwrap();
    let agents = Agents::open(ports.at.clone()).unwrap();
    agents.hold(Some(Duration::from_millis(30)));
    let callers = Callers::open(agents.at, ports.at.clone()).unwrap();

    let calls = callers.offer(3, 1000.0, After::Stay, |_| "0001".to_owned());
    assert!(callers.over(&calls, SOON), "they end by the agents' BYE");

    for offer in agents.take_offers() {
        let freed = offer.freed.unwrap();
        assert!(freed - offer.at >= Duration::from_millis(30));
    }
}

#[test]
fn a_call_to_nobody_is_repeated_and_is_no_answer() {
    let ports = Ports::open(1).unwrap();
    let deaf = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let callers = Callers::open(deaf.local_addr().unwrap(), ports.at.clone()).unwrap();
    let calls = callers.offer(1, 1000.0, After::HangUp, |_| "1".to_owned());
    assert!(!callers.settled(&calls, Duration::from_millis(700)));
    let outcome = callers.outcome(&calls);
    assert_eq!((outcome.failed, outcome.answered), (1, 0));
    assert!(outcome.repeats >= 1);
}

#[test]
fn rtp_goes_where_the_answers_say() {
    let (caller_ports, agent_ports) = (Ports::open(2).unwrap(), Ports::open(2).unwrap());
    let agents = Agents::open(agent_ports.at.clone()).unwrap();
    let callers = Callers::open(agents.at, caller_ports.at.clone()).unwrap();
    let calls = callers.offer(4, 1000.0, After::Stay, |_| "0001".to_owned());
    assert!(callers.settled(&calls, SOON));

    let streams: Vec<Out> =
        calls.filter_map(|n| callers.media(n)).map(|(port, to)| Out { port, to }).collect();
    assert_eq!(streams.len(), 4);
    let sending = caller_ports.send(streams);
    let mut packets = 0;
    while packets < 20 {
        packets += agent_ports.take().packets;
    }
    drop(sending);
}
