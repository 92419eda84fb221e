//! The data centre on a bus: what the operator and cti ask of it, and what it does when its database stalls.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::admin::{Command, Event};
use ngcc_proto::config::{
    Agent, Catalogue, Centre, Flow, ForAccess, ForCti, Member, Number, Object, ObjectKind, Phone, Queue,
    Route, User, UserRole,
};
use ngcc_proto::fact::{By, Fact, Medium, VERSION, What};
use ngcc_proto::seat::Device;
use ngcc_proto::{AgentUri, ConferenceId, Ids, Mono, Secret, SessionId, Wall};
use ngcc_runtime::Settings as HouseSettings;
use sqlx::{Connection, Executor};
use tokio::sync::mpsc::UnboundedReceiver;

use super::*;

mod chains;
mod channels;
mod chats;
mod contacts;
mod reading;
mod recorded;
mod signing_in;
mod told;

use chains::chain;

fn flow_check(name: &str, text: &str) -> Result<(), Vec<String>> {
    if text.starts_with('{') { Ok(()) } else { Err(vec![format!("flow `{name}`: it is no JSON object")]) }
}

struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("ngcc-data-{}-{n}", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A house with a data centre in it, and somebody who listens for every role.
struct Running {
    house: House,
    voice: Ids,
    told: UnboundedReceiver<Envelope>,
}

impl Running {
    async fn start(place: &Place) -> Self {
        let house = House::open(HouseSettings { seed: Some(1), ..HouseSettings::at(&place.0) }).unwrap();
        let (tell, told) = unbounded_channel();
        for role in [Role::Operator, Role::Cti, Role::Access, Role::Ivr, Role::Gateway, Role::Collab] {
            let tell = tell.clone();
            house.bus.attach(role, Box::new(move |envelope| drop(tell.send(envelope))));
        }
        let settings = Settings {
            realm: "test".to_owned(),
            centre: Centre::default(),
            banned: Vec::new(),
            loopback_passwords: vec!["demo".to_owned()],
            keep_recordings: Duration::from_secs(30 * 24 * 60 * 60),
            flow_check,
        };
        start(settings, &house).await.unwrap();
        Self { voice: house.ids(), house, told }
    }

    fn send(&mut self, body: impl Into<Body>) -> MessageId {
        let envelope = Envelope::new(&mut self.voice, self.house.clock.now().wall, None, None, body);
        let id = envelope.id;
        self.house.bus.send(envelope);
        id
    }

    async fn next(&mut self) -> Envelope {
        let wait = Duration::from_secs(30);
        tokio::time::timeout(wait, self.told.recv()).await.expect("a message comes").unwrap()
    }

    /// Sends and waits for the answer; what comes between is passed over.
    async fn ask(&mut self, body: impl Into<Body>) -> Body {
        let id = self.send(body);
        loop {
            let envelope = self.next().await;
            if envelope.cause == Some(id) && !is_config(&envelope.body) {
                return envelope.body;
            }
        }
    }

    async fn admin(&mut self, command: Command) -> Event {
        let answer = self.ask(command).await;
        let Body::AdminEvent(event) = answer else { panic!("{} is no answer", answer.name()) };
        event
    }

    async fn import(&mut self, catalogue: Catalogue, replace: bool) -> Event {
        self.admin(Command::Import { catalogue, replace }).await
    }

    async fn export(&mut self) -> Catalogue {
        let answer = self.admin(Command::Export).await;
        let Event::Exported { catalogue } = answer else { panic!("{answer:?}") };
        *catalogue
    }

    async fn problems(&mut self, command: Command) -> Vec<String> {
        let answer = self.admin(command).await;
        let Event::Refused { problems } = answer else { panic!("{answer:?}") };
        problems
    }

    /// The next configuration for cti and the one for softacd behind it.
    async fn config(&mut self) -> (ForCti, ForAccess) {
        let (mut cti, mut access) = (None, None);
        loop {
            let body = self.next().await.body;
            if let Body::ConfigCti(config) = body {
                cti = Some(config);
            } else if let Body::ConfigAccess(config) = body {
                access = Some(config);
            } else if matches!(body, Body::ConfigIvr(_)) {
                return (cti.unwrap(), access.unwrap());
            }
        }
    }

    async fn pin_is_right(&mut self, agent: &str, pin: &str) -> bool {
        let agent = AgentUri::new(agent).unwrap();
        let answer = self.ask(data::Command::CheckPin { agent, pin: Secret::new(pin) }).await;
        let Body::DataEvent(data::Event::PinChecked { right, .. }) = answer else {
            panic!("{}", answer.name())
        };
        right
    }

    /// Waits until each of these sessions has been told to be stored.
    async fn stored(&mut self, mut wanted: BTreeSet<SessionId>) {
        while !wanted.is_empty() {
            if let Body::DataEvent(data::Event::Stored { sessions }) = self.next().await.body {
                wanted.retain(|session| !sessions.contains(session));
            }
        }
    }

    /// Stops others from writing into a file of the house for as long as the answer lives.
    async fn lock(&self, file: &str) -> sqlx::SqliteConnection {
        let url = format!("sqlite://{}", self.house.data_dir.join(file).display());
        let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
        other.execute("BEGIN EXCLUSIVE").await.unwrap();
        other
    }

    async fn stop(self) {
        self.house.stop.begin();
        self.house.closed().await;
    }
}

fn is_config(body: &Body) -> bool {
    matches!(body, Body::ConfigCti(_) | Body::ConfigAccess(_) | Body::ConfigIvr(_) | Body::ConfigGateway(_))
}

fn catalogue() -> Catalogue {
    let agent = |name: &str, phone: &str| Agent {
        name: name.to_owned(),
        display: String::new(),
        device: Device::Phone(phone.to_owned()),
        auto_ready: true,
        public_number: phone.to_owned(),
        wrap_up_s: None,
        chats: 4,
        pin: Some("2468".to_owned()),
    };
    let phone =
        |name: &str| Phone { name: name.to_owned(), secret: Some("s3cret-7".to_owned()), contact: None };
    let number = |number: &str, to| Number { number: number.to_owned(), prefix: false, to, public: true };
    let members = ["alice", "bob"].map(|agent| Member { agent: agent.to_owned(), level: 0 });
    Catalogue {
        users: vec![User {
            name: "root".to_owned(),
            display: "Root".to_owned(),
            roles: vec![UserRole::Admin],
            password: Some("correct horse".to_owned()),
        }],
        agents: vec![agent("alice", "7001"), agent("bob", "7002")],
        phones: vec![phone("7001"), phone("7002")],
        queues: vec![queue(members.to_vec())],
        numbers: vec![
            number("1000", Route::Flow("main".to_owned())),
            number("2000", Route::Queue("sales".to_owned())),
            number("7001", Route::Phone("7001".to_owned())),
        ],
        flows: vec![Flow { name: "main".to_owned(), text: "{}".to_owned() }],
        ..Catalogue::default()
    }
}

fn queue(members: Vec<Member>) -> Queue {
    Queue { members, ..serde_json::from_str(r#"{"name":"sales"}"#).unwrap() }
}

fn without_secrets(mut catalogue: Catalogue) -> Catalogue {
    catalogue.users.iter_mut().for_each(|user| user.password = None);
    catalogue.agents.iter_mut().for_each(|agent| agent.pin = None);
    catalogue.phones.iter_mut().for_each(|phone| phone.secret = None);
    catalogue
}

#[tokio::test]
async fn what_is_imported_is_exported_without_its_secrets_and_pushed_to_every_role() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    assert_eq!(running.config().await.0.version, 0, "the empty configuration comes first");
    assert_eq!(running.import(catalogue(), true).await, Event::Done { version: 1 });
    assert_eq!(running.export().await, without_secrets(catalogue()));
    assert_eq!(
        running.import(without_secrets(catalogue()), true).await,
        Event::Done { version: 1 },
        "no change"
    );
    running.stop().await;

    let mut again = Running::start(&place).await;
    let (cti, access) = again.config().await;
    assert_eq!((cti.version, cti.seats.len(), cti.queues.len(), cti.numbers.len()), (1, 2, 1, 3));
    assert_eq!(
        (cti.phones, cti.flows),
        (vec!["7001".to_owned(), "7002".to_owned()], vec!["main".to_owned()])
    );
    assert_eq!(access.phones.len(), 2);
    assert!(access.phones.iter().all(|phone| phone.ha1_md5.is_some() && phone.ha1_sha256.is_some()));
    assert_eq!(again.export().await, without_secrets(catalogue()));
}

#[tokio::test]
async fn no_secret_lies_in_the_database() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.import(catalogue(), true).await;
    running.stop().await;
    for file in std::fs::read_dir(&place.0).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        for secret in [&b"s3cret-7"[..], b"correct horse", b"\"2468\""] {
            let there = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!there, "{} holds {}", path.display(), String::from_utf8_lossy(secret));
        }
    }
}

#[tokio::test]
async fn an_import_without_secrets_keeps_those_that_are_stored() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.import(catalogue(), true).await;
    let mut changed = without_secrets(catalogue());
    changed.agents[0].display = "Alice".to_owned();
    changed.phones[0].contact = Some("sip:7001@127.0.0.1:6000".to_owned());
    assert_eq!(running.import(changed, true).await, Event::Done { version: 2 });
    assert!(running.pin_is_right("alice", "2468").await);
    running.stop().await;
    let (_, access) = Running::start(&place).await.config().await;
    assert_eq!(access.phones[0].contact.as_deref(), Some("sip:7001@127.0.0.1:6000"));
    assert!(access.phones[0].ha1_md5.is_some());
}

#[tokio::test]
async fn a_change_is_whole_or_not_at_all_and_says_everything_that_is_wrong() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let mut bad = catalogue();
    bad.agents.remove(1);
    bad.agents[0].pin = Some("12".to_owned());
    bad.numbers.push(Number {
        number: "1000".to_owned(),
        prefix: false,
        to: Route::Queue("x".to_owned()),
        public: false,
    });
    bad.flows[0].text = "no".to_owned();
    bad.queues[0].ring_s = 0;
    let problems = running.problems(Command::Import { catalogue: bad, replace: false }).await;
    for line in [
        "queue `sales`: member `bob` is no agent: add the agent first",
        "queue `sales`: ring_s is 1 to 600",
        "agent `alice`: a PIN has 4 to 12 digits",
        "number `1000`: it stands twice: take one out",
        "number `1000`: its queue `x` is no queue: add a queue of that name first",
        "flow `main`: it is no JSON object",
    ] {
        assert!(problems.iter().any(|problem| problem == line), "{line:?} is missing in {problems:#?}");
    }
    assert_eq!(running.export().await, Catalogue::default());
}

#[tokio::test]
async fn what_is_referred_to_cannot_be_removed() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.import(catalogue(), true).await;
    let delete = |kind, name: &str| Command::Delete { kind, name: name.to_owned() };
    let problems = running.problems(delete(ObjectKind::Agent, "bob")).await;
    assert_eq!(problems, ["queue `sales`: member `bob` is no agent: add the agent first"]);
    let problems = running.problems(delete(ObjectKind::Queue, "support")).await;
    assert_eq!(problems, ["queue `support`: there is none of that name"]);
    assert_eq!(running.admin(delete(ObjectKind::Number, "1000")).await, Event::Done { version: 2 });
    assert_eq!(running.admin(delete(ObjectKind::Flow, "main")).await, Event::Done { version: 3 });
    assert_eq!(running.export().await.numbers.len(), 2);
}

#[tokio::test]
async fn a_name_keeps_its_id_over_changes_restarts_and_removal() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.config().await;
    running.send(Command::Import { catalogue: catalogue(), replace: true });
    let first = running.config().await.0;
    let empty = queue(Vec::new());
    running.send(Command::Put { object: Object::Queue(empty) });
    running.send(Command::Delete { kind: ObjectKind::Agent, name: "bob".to_owned() });
    running.config().await;
    let without = running.config().await.0;
    assert_eq!((without.seats.len(), without.version), (1, 3));
    running.stop().await;
    let mut again = Running::start(&place).await;
    again.config().await;
    again.send(Command::Import { catalogue: catalogue(), replace: false });
    let last = again.config().await.0;
    assert_eq!(last.seats, first.seats);
    assert_eq!(last.queues, first.queues);
    assert_eq!(last.version, 4);
}

#[tokio::test]
async fn two_agents_who_are_ready_from_the_start_do_not_share_a_phone() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let mut shared = catalogue();
    shared.agents[1].device = Device::Phone("7001".to_owned());
    let problems = running.problems(Command::Import { catalogue: shared.clone(), replace: true }).await;
    assert_eq!(
        problems,
        ["agent `bob`: phone `7001` is that of `alice`, and both are auto_ready: give one another phone"]
    );
    shared.agents[1].auto_ready = false;
    assert_eq!(running.import(shared, true).await, Event::Done { version: 1 }, "in shifts they may");
}

#[tokio::test]
async fn a_pin_is_right_or_wrong_and_barred_after_five_wrong_ones() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.import(catalogue(), true).await;
    assert!(running.pin_is_right("alice", "2468").await);
    assert!(!running.pin_is_right("nobody", "2468").await);
    for _ in 0..5 {
        assert!(!running.pin_is_right("alice", "0000").await);
    }
    assert!(!running.pin_is_right("alice", "2468").await, "barred");
    assert!(running.pin_is_right("bob", "2468").await, "others are free");
}
