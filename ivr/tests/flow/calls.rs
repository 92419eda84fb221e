//! Calls through the shell.

use ngcc_proto::bcsm::{AutoRun, ToAuto, ToHuman};
use ngcc_proto::envelope::Body;
use ngcc_proto::flow::{Ask, Event, Vars};
use ngcc_proto::media::{self, Phase};
use ngcc_proto::{LegId, RunId};
use ngcc_runtime::Wiring;

use super::caller::{Caller, Centre, LEG, ROOM, RUN, dir};

fn asked(body: &Body) -> Option<String> {
    let Body::FlowEvent(Event::Asked { ask: Ask::Human { queue, .. }, .. }) = body else { return None };
    Some(queue.clone())
}

fn given_back(body: &Body) -> Option<ToHuman> {
    let Body::ToHuman(back) = body else { return None };
    Some(back.clone())
}

fn restored(body: &Body) -> Option<(Vec<LegId>, Vec<RunId>)> {
    let Body::MediaEvent(media::Event::Restored { legs, runs, .. }) = body else { return None };
    Some((legs.clone(), runs.clone()))
}

/// The demonstration from the first word to the second hand-over.
async fn a_call_over(wiring: Wiring, name: &str) {
    let mut centre = Centre::open(&dir(name), wiring);
    let mut caller = Caller::new();
    centre.call(&mut caller).await;
    caller.hear_speech();
    caller.press(1);
    assert_eq!(centre.told(asked).await, "sales");

    centre.send(media::Command::Phase {
        conference: ROOM,
        phase: Phase::InIvr { listen: false, secure: false },
    });
    let run = AutoRun::Resume { run: RUN };
    centre.send(ToAuto { turn: 1, conference: ROOM, leg: LEG, run, args: Vars::new() });
    caller.hear_speech();
    for key in [4, 2, 11] {
        caller.press(key);
    }
    let back = centre.told(given_back).await;
    assert_eq!((back.turn, back.outcome["customer_number"].as_str()), (1, "42"));
    assert_eq!(back.outcome["result"], "entered");
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s4_a_caller_hears_the_flow_and_its_keys_lead_on() {
    a_call_over(Wiring::Direct, "call").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_call_goes_over_a_bus_that_writes_reads_and_repeats() {
    a_call_over(Wiring::Serialising { seed: 4 }, "bus").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_goes_on_in_the_same_node_on_the_same_port() {
    let dir = dir("restart");
    let mut centre = Centre::open(&dir, Wiring::Direct);
    let mut caller = Caller::new();
    centre.call(&mut caller).await;
    let before = caller.hear_speech();
    centre.close().await;

    let mut centre = Centre::open(&dir, Wiring::Direct);
    let (legs, runs) = centre.told(restored).await;
    assert_eq!((legs, runs), (vec![LEG], vec![RUN]));
    let mut after = caller.hear_speech();
    // What the first server had sent may still lie in the socket.
    while after.seq.wrapping_sub(before.seq) < 500 {
        after = caller.hear();
    }
    assert_eq!(after.ssrc, before.ssrc);
    caller.hear_speech();
    caller.press(1);
    assert_eq!(centre.told(asked).await, "sales");
    centre.close().await;
}
