//! Both buses: what is sent arrives once, in order, and with nothing but what can be written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ngcc_proto::{Envelope, Ids, LegId, Rng, Role, Secret, Wall, access, operate};
use ngcc_runtime::{Bus, Inbox, Sink, direct, serialising};

fn digit(ids: &mut Ids, n: u32) -> Envelope {
    let digit = Secret::new((n % 10).to_string());
    Envelope::new(ids, Wall(5), None, None, access::Event::Digit { leg: LegId(u128::from(n)), digit })
}

fn counting(count: Arc<AtomicUsize>) -> Sink {
    Box::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    })
}

fn buses() -> [Arc<dyn Bus>; 2] {
    [direct(), serialising(7)]
}

#[tokio::test]
async fn every_envelope_is_taken_once_and_in_order() {
    for bus in buses() {
        let mut ids = Ids::new(Rng::from_u64(1));
        let sent: Vec<Envelope> = (0..2000).map(|n| digit(&mut ids, n)).collect();
        let (inbox, mut outlet) = Inbox::<Envelope>::new("bus-test", 10_000);
        inbox.attach_to(&bus, Role::Cti);
        sent.iter().for_each(|envelope| bus.send(envelope.clone()));
        let mut got = Vec::new();
        outlet.take_now(&mut got, 10_000);
        assert_eq!(got, sent);
    }
}

#[test]
fn the_serialising_bus_repeats_about_one_in_ten() {
    let (bus, count) = (serialising(7), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    bus.attach(Role::Cti, counting(counted));
    let mut ids = Ids::new(Rng::from_u64(1));
    (0..2000).for_each(|n| bus.send(digit(&mut ids, n)));
    let came = count.load(Ordering::Relaxed);
    assert!((2100..2300).contains(&came), "{came} of 2000");
}

#[tokio::test]
async fn what_is_sent_before_its_receiver_has_come_is_kept_in_order() {
    for bus in buses() {
        let mut ids = Ids::new(Rng::from_u64(1));
        let sent: Vec<Envelope> = (0..100).map(|n| digit(&mut ids, n)).collect();
        sent[..50].iter().for_each(|envelope| bus.send(envelope.clone()));
        let (inbox, mut outlet) = Inbox::<Envelope>::new("bus-late", 10_000);
        inbox.attach_to(&bus, Role::Cti);
        sent[50..].iter().for_each(|envelope| bus.send(envelope.clone()));
        let mut got = Vec::new();
        outlet.take_now(&mut got, 10_000);
        assert_eq!(got, sent);
    }
}

#[test]
fn an_envelope_goes_to_its_role_only_and_a_tap_sees_all() {
    for bus in buses() {
        let (cti, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, tapped) = (Arc::clone(&cti), Arc::clone(&seen));
        bus.attach(Role::Cti, counting(counted));
        bus.tap(Box::new(move |_| {
            tapped.fetch_add(1, Ordering::Relaxed);
        }));
        let mut ids = Ids::new(Rng::from_u64(3));
        bus.send(Envelope::new(&mut ids, Wall(1), None, None, operate::Command::Seats));
        bus.send(Envelope::new(&mut ids, Wall(1), None, None, operate::Event::Done));
        assert!(cti.load(Ordering::Relaxed) >= 1);
        assert_eq!(seen.load(Ordering::Relaxed), 2);
    }
}
