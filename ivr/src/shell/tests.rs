//! The shell around the core, with a bus and workers of its own.

use super::*;

use ngcc_proto::envelope::Body;
use ngcc_proto::media::Part;
use ngcc_proto::{Ids, Rng, Wall};
use ngcc_runtime::inbox::Outlet;

use crate::http::WebSettings;
use crate::media::MediaSettings;
use crate::speech::SpeechSettings;

const NOW: Now = Now { mono: ngcc_proto::Mono(1), wall: Wall(1) };

fn performer(name: &'static str) -> (Performer, Outlet<Input>) {
    let (inbox, outlet) = Inbox::new(name, 100);
    let local = [127, 0, 0, 1].into();
    let media = MediaSettings { local, ports: None, workers: Some(1), ..MediaSettings::default() };
    let workers = Workers::start(media, || NOW, |_| {}, |_, _| {}).unwrap();
    let dir = std::env::temp_dir();
    let speech = Speech::new(SpeechSettings::default(), dir.clone(), inbox.clone());
    let prompts = Prompts::new(dir, inbox.clone());
    let web = Web::new(WebSettings::default(), inbox.clone());
    let bus = ngcc_runtime::direct();
    let config = LatestConfig::default();
    config.attach(&bus, &inbox, Role::Ivr);
    let place = std::env::temp_dir().join(format!("ngcc-{name}-{}", std::process::id()));
    let house = ngcc_runtime::House::open(ngcc_runtime::Settings::at(place)).unwrap();
    let recorder = Recorder::start(&house, 0, |_, _| {});
    let makers = Makers { speech, prompts, web, recorder };
    (Performer::new(bus, workers, makers, inbox, config), outlet)
}

fn bound(outlet: &mut Outlet<Input>) -> (LegId, u16) {
    let mut inputs = Vec::new();
    outlet.take_now(&mut inputs, 1);
    let Some(Input::Bound { leg, address: Ok(address) }) = inputs.pop() else { panic!("nothing is bound") };
    (leg, address.port())
}

fn open(performer: &mut Performer, leg: LegId) {
    let (conference, part) = (ConferenceId(1), Part::User);
    performer.perform(Output::Worker(ToWorker::Open { leg, conference, part, stream: None }), NOW);
}

#[test]
fn a_rebuilt_core_gets_its_ports_back_and_what_it_does_not_claim_is_closed() {
    let (mut performer, mut outlet) = performer("shell-rebuilt");
    let mut ports = Vec::new();
    for leg in [LegId(1), LegId(2)] {
        performer.perform(Output::Bind { leg }, NOW);
        ports.push(bound(&mut outlet));
        open(&mut performer, leg);
    }
    performer.rebuilt(NOW);
    performer.perform(Output::Rebind { leg: LegId(1), port: ports[0].1 }, NOW);
    assert_eq!(bound(&mut outlet), ports[0], "the port that is bound already");
    open(&mut performer, LegId(1));

    let mut ids = Ids::new(Rng::from_u64(1));
    let restored = Event::Restored { legs: vec![LegId(1)], runs: vec![], recordings: vec![] };
    performer.perform(Output::Send(Envelope::new(&mut ids, NOW.wall, None, None, restored)), NOW);
    assert_eq!(performer.held.keys().collect::<Vec<_>>(), [&LegId(1)]);
}

#[test]
fn a_rebuilt_core_gets_the_latest_configuration_again() {
    let (mut performer, mut outlet) = performer("shell-config");
    let mut ids = Ids::new(Rng::from_u64(1));
    for version in [1, 2] {
        let config = ngcc_proto::config::ForIvr { version, ..Default::default() };
        performer.bus.send(Envelope::new(&mut ids, NOW.wall, None, None, config));
    }
    let mut inputs = Vec::new();
    outlet.take_now(&mut inputs, 10);
    assert_eq!(inputs.len(), 2);
    performer.rebuilt(NOW);
    outlet.take_now(&mut inputs, 10);
    let Some(Input::Envelope(Envelope { body: Body::ConfigIvr(config), .. })) = inputs.pop() else {
        panic!()
    };
    assert_eq!((inputs.len(), config.version), (2, 2));
}

#[test]
fn a_leg_that_closes_is_no_longer_held() {
    let (mut performer, mut outlet) = performer("shell-close");
    performer.perform(Output::Bind { leg: LegId(1) }, NOW);
    bound(&mut outlet);
    open(&mut performer, LegId(1));
    performer.perform(Output::Worker(ToWorker::Close { leg: LegId(1) }), NOW);
    assert!(performer.held.is_empty());
}
