//! cti as the binary starts it: the data centre and the deciding core on either bus.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ngcc_cti::{Settings, start};
use ngcc_proto::config::{Catalogue, Centre};
use ngcc_proto::seat::Availability;
use ngcc_proto::{Body, Envelope, Role, admin, operate};
use ngcc_runtime::{House, Wiring};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const CATALOGUE: &str = r#"{
    "agents": [{"name": "alice", "device": {"phone": "7001"}, "auto_ready": true, "pin": "2468"}, {"name": "bob"}],
    "phones": [{"name": "7001", "secret": "x"}],
    "queues": [{"name": "sales", "members": [{"agent": "alice"}]}]
}"#;

struct Operator {
    house: House,
    told: UnboundedReceiver<Envelope>,
}

impl Operator {
    async fn enter(dir: &Path, wiring: Wiring) -> Self {
        let settings =
            ngcc_runtime::Settings { wiring, seed: Some(5), ..ngcc_runtime::Settings::at(dir.to_owned()) };
        let house = House::open(settings).expect("the house opens");
        let (tell, told) = unbounded_channel();
        house.bus.attach(Role::Operator, Box::new(move |envelope| drop(tell.send(envelope))));
        let settings = Settings {
            realm: "test".to_owned(),
            centre: Centre::default(),
            banned: Vec::new(),
            loopback_passwords: vec!["demo".to_owned()],
            keep_recordings: Duration::from_secs(30 * 24 * 60 * 60),
            flow_check: |_, _| Ok(()),
        };
        start(settings, &house).await.expect("cti starts");
        Self { house, told }
    }

    async fn ask(&mut self, body: impl Into<Body>) -> Body {
        let command = Envelope::new(&mut self.house.ids(), self.house.clock.now().wall, None, None, body);
        let id = command.id;
        self.house.bus.send(command);
        loop {
            let next = tokio::time::timeout(Duration::from_secs(30), self.told.recv()).await;
            let envelope = next.expect("an answer comes").expect("the bus stands");
            if envelope.cause == Some(id) {
                return envelope.body;
            }
        }
    }

    /// Each agent with whether it is ready.
    async fn seats(&mut self) -> Vec<(String, bool)> {
        let answer = self.ask(operate::Command::Seats).await;
        let Body::OperateEvent(operate::Event::Seats { seats }) = answer else { panic!("{answer:?}") };
        let ready = |availability| matches!(availability, Availability::Ready { .. });
        seats.into_iter().map(|seat| (seat.agent.name().to_owned(), ready(seat.availability))).collect()
    }

    async fn leave(self) {
        self.house.stop.begin();
        self.house.closed().await;
    }
}

fn directory(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("ngcc-cti-start-{name}-{}", std::process::id()))
}

async fn what_is_configured_is_what_the_core_works_with(name: &str, wiring: Wiring) {
    let dir = directory(name);
    let mut operator = Operator::enter(&dir, wiring).await;
    assert_eq!(operator.seats().await, []);
    let catalogue: Catalogue = serde_json::from_str(CATALOGUE).expect("a catalogue");
    let answer = operator.ask(admin::Command::Import { catalogue, replace: true }).await;
    assert_eq!(answer, Body::AdminEvent(admin::Event::Done { version: 1 }));
    let wanted = [("alice".to_owned(), true), ("bob".to_owned(), false)];
    assert_eq!(operator.seats().await, wanted);
    operator.leave().await;

    let mut again = Operator::enter(&dir, wiring).await;
    assert_eq!(again.seats().await, wanted, "after a restart the configuration comes before anything else");
    again.leave().await;
    let _ = std::fs::remove_dir_all(dir);
}

#[tokio::test]
async fn what_is_configured_is_what_the_core_works_with_on_the_direct_bus() {
    what_is_configured_is_what_the_core_works_with("direct", Wiring::Direct).await;
}

#[tokio::test]
async fn what_is_configured_is_what_the_core_works_with_on_the_serialising_bus() {
    what_is_configured_is_what_the_core_works_with("serialising", Wiring::Serialising { seed: 3 }).await;
}
