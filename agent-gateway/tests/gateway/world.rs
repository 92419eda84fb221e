//! A house in which data centre, cti and the colleagues' exchange are a few lines each: they answer as their
//! vocabularies say, and remember what came.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use ngcc_agent_gateway::{Demo, Settings, secured};
use ngcc_proto::auth::{Grant, Permission};
use ngcc_proto::collab::Kind;
use ngcc_proto::config::{Colleague, ForGateway, UserRole};
use ngcc_proto::envelope::Body;
use ngcc_proto::recording::Recording;
use ngcc_proto::seat::{Availability, Device, Slot, Told, Verb};
use ngcc_proto::{
    AgentUri, CollabId, Envelope, Ids, MessageId, Role, SeatId, SessionId, Wall, ask, auth, im, seat,
    supervise,
};
use ngcc_runtime::{Bus, House};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::channels::{self, Configured};

pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) at: SocketAddr,
    pub(crate) centre: Arc<Centre>,
    came: UnboundedReceiver<Body>,
    dir: PathBuf,
}

/// What stands behind the gateway.
pub(crate) struct Centre {
    bus: Arc<dyn Bus>,
    ids: Mutex<Ids>,
    sign_ins: Mutex<HashMap<String, Grant>>,
    pub(crate) acts: Mutex<Vec<ask::Act>>,
    pub(crate) channels: Mutex<Configured>,
    came: UnboundedSender<Body>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.house.stop.begin();
        // A directory left in the temporary one harms nobody.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A recording whose file lies there.
pub(crate) const RECORDED: CollabId = CollabId(1);
/// One whose file is gone.
pub(crate) const EXPIRED: CollabId = CollabId(2);
/// One of a screen.
pub(crate) const FILMED: CollabId = CollabId(3);

fn recording() -> Recording {
    Recording {
        collab: RECORDED,
        session: SessionId(7),
        kind: Kind::Cobrowse,
        started: Wall(1),
        ended: Wall(2),
        bytes: 4,
        sha256: "ab".to_owned(),
    }
}

pub(crate) fn agent(name: &str) -> AgentUri {
    AgentUri::new(name).unwrap()
}

impl World {
    pub(crate) async fn open(name: &str) -> Self {
        Self::with(name, None).await
    }

    /// A house that may be the demo.
    pub(crate) async fn with(name: &str, demo: Option<Demo>) -> Self {
        let dir = std::env::temp_dir().join(format!("ngcc-gateway-{}-{name}", std::process::id()));
        let house = House::open(ngcc_runtime::Settings::at(&dir)).unwrap();
        let (tell, came) = unbounded_channel();
        let centre = Arc::new(Centre {
            bus: Arc::clone(&house.bus),
            ids: Mutex::new(house.ids()),
            sign_ins: Mutex::default(),
            acts: Mutex::default(),
            channels: Mutex::default(),
            came: tell,
        });
        for role in [Role::Data, Role::Cti, Role::Im, Role::Access] {
            let centre = Arc::clone(&centre);
            house.bus.attach(role, Box::new(move |envelope| centre.take(envelope)));
        }
        let gateway =
            ngcc_agent_gateway::start(Settings { origins: vec![], demo, max_upload: 1000 }, &house).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let router =
            secured(gateway.router_beside(Router::new())).into_make_service_with_connect_info::<SocketAddr>();
        let stop = house.stop.clone();
        tokio::spawn(async move {
            let served =
                axum::serve(listener, router).with_graceful_shutdown(async move { stop.wait().await });
            served.await.unwrap();
        });
        let person = |name: &str| Colleague {
            agent: agent(name),
            display: name.to_uppercase(),
            device: Device::Browser,
        };
        let people = ["alice", "bob", "sue"].map(person).to_vec();
        let config =
            ForGateway { version: 1, people, queues: vec!["sales".to_owned()], ..ForGateway::default() };
        centre.say(None, config);
        Self { house, at, centre, came, dir }
    }

    /// The next message that came into the house and is of this kind.
    pub(crate) async fn came<T>(&mut self, wanted: impl Fn(Body) -> Option<T>) -> T {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.came.recv());
            let body = next.await.expect("nothing comes").unwrap();
            if let Some(found) = wanted(body) {
                return found;
            }
        }
    }

    /// The next verb of an agent's seat.
    pub(crate) async fn verb(&mut self) -> (AgentUri, Verb) {
        self.came(|body| if let Body::SeatCommand(c) = body { Some((c.agent, c.what)) } else { None }).await
    }
}

impl Centre {
    pub(crate) fn say(&self, cause: Option<MessageId>, body: impl Into<Body>) {
        let envelope = Envelope::new(&mut self.ids.lock().unwrap(), Wall(1), None, cause, body);
        self.bus.send(envelope);
    }

    /// Tells an agent.
    pub(crate) fn tell(&self, name: &str, cause: Option<MessageId>, what: Told) {
        self.say(cause, seat::Event { agent: agent(name), seat: SeatId(1), what });
    }

    fn take(&self, envelope: Envelope) {
        let Envelope { id, body, .. } = envelope;
        // The test may have ended.
        let _ = self.came.send(body.clone());
        match body {
            Body::AuthCommand(command) => self.say(Some(id), self.auth(command)),
            Body::AskCommand(command) => self.say(Some(id), self.ask(command)),
            Body::ContactCommand(command) => self.say(Some(id), crate::contacts::answers(command)),
            Body::SuperviseCommand(command) => self.say(Some(id), supervised(&command)),
            Body::SeatCommand(command) => self.seat(id, command),
            Body::ImCommand(command) => self.im(id, command),
            Body::ChannelCommand(command) => self.say(Some(id), channels::answered(command)),
            Body::ChannelChange(change) => {
                let changed = self.channels.lock().unwrap().change(change);
                self.say(Some(id), changed);
            }
            other => panic!("{other:?}"),
        }
    }

    fn auth(&self, command: auth::Command) -> auth::Event {
        let mut sign_ins = self.sign_ins.lock().unwrap();
        match command {
            auth::Command::SignIn { user, .. } if user == "locked" => {
                auth::Event::Refused { until: Some(Wall(i64::MAX / 2)) }
            }
            auth::Command::SignIn { user, password, token_hash, from } => {
                assert_eq!(from, "127.0.0.1");
                let role = match user.as_str() {
                    "alice" | "bob" => UserRole::Agent,
                    "sue" => UserRole::Supervisor,
                    "root" => UserRole::Admin,
                    _ => return auth::Event::Refused { until: None },
                };
                if password.expose() != "right" {
                    return auth::Event::Refused { until: None };
                }
                let permissions = Permission::of(role).to_vec();
                let (display, until) = (user.to_uppercase(), Wall(i64::MAX / 2));
                let grant = Grant { user, display, roles: vec![role], permissions, until };
                sign_ins.insert(token_hash, grant.clone());
                auth::Event::Granted { grant }
            }
            auth::Command::Resume { token_hash } => match sign_ins.get(&token_hash) {
                Some(grant) => auth::Event::Granted { grant: grant.clone() },
                None => auth::Event::Refused { until: None },
            },
            auth::Command::SignOut { token_hash } => {
                sign_ins.remove(&token_hash);
                auth::Event::Done
            }
        }
    }

    fn ask(&self, command: ask::Command) -> ask::Event {
        match command {
            ask::Command::History { filter } => {
                let owner = filter.agent.unwrap_or_else(|| "bob".to_owned());
                ask::Event::History { sessions: (0..filter.limit).map(|_| closed(&owner)).collect() }
            }
            ask::Command::Transcript { session: SessionId(7) } => ask::Event::Transcript {
                closed: Some(Box::new(closed("bob"))),
                facts: vec![],
                messages: vec![],
                recordings: vec![recording()],
            },
            ask::Command::Transcript { .. } => {
                ask::Event::Transcript { closed: None, facts: vec![], messages: vec![], recordings: vec![] }
            }
            ask::Command::Recording { collab } => {
                let known = [RECORDED, EXPIRED, FILMED].contains(&collab);
                let kind = if collab == FILMED { Kind::Screen } else { Kind::Cobrowse };
                let recording = known.then(|| Recording { collab, kind, ..recording() });
                ask::Event::Recording { recording, agent: known.then(|| "bob".to_owned()) }
            }
            ask::Command::Note { act } => {
                self.acts.lock().unwrap().push(act);
                ask::Event::Noted
            }
            ask::Command::Audit { .. } => ask::Event::Audit { acts: self.acts.lock().unwrap().clone() },
        }
    }

    fn seat(&self, id: MessageId, command: seat::Command) {
        let seat::Command { agent, what, .. } = command;
        let told = match what {
            Verb::Look => state(Availability::LoggedOut),
            Verb::NotReady { .. } => Told::Refused { why: "sign in first".to_owned() },
            Verb::Say { key, .. } => Told::Accepted { session: SessionId(1), key, seq: 3, at: Wall(2) },
            // Nobody answers it.
            Verb::Hold { .. } => return,
            Verb::Away | Verb::Back | Verb::Typing => return,
            _ => Told::Done,
        };
        self.tell(agent.name(), Some(id), told);
    }

    fn im(&self, id: MessageId, command: im::Command) {
        match command {
            im::Command::Send { from, to, key, said } => {
                let receiver = if let im::To::Person(to) = &to { to.clone() } else { agent("bob") };
                let message =
                    im::Message { id, n: 1, from: from.clone(), to, at: Wall(5), what: im::What::Said(said) };
                self.say(Some(id), im::Event::Stored { from, key, message: message.clone() });
                self.say(Some(id), im::Event::Message { agent: receiver, seq: 1, message });
            }
            im::Command::Look { agent, with, .. } => {
                let looked = im::Event::Conversation {
                    agent,
                    with,
                    name: None,
                    members: vec![],
                    messages: vec![],
                    older: false,
                    newer: false,
                };
                self.say(Some(id), looked);
            }
            im::Command::List { agent } => {
                self.say(Some(id), im::Event::Conversations { agent, list: vec![] });
            }
            // As if the store were out of order.
            im::Command::Search { agent, .. } => self.say(Some(id), im::Event::Unanswered { agent }),
            im::Command::May { agent: who, .. } => {
                let allowed = who == agent("bob");
                self.say(Some(id), im::Event::May { agent: who, allowed });
            }
            im::Command::Typing { agent: by, .. } => {
                let with = im::To::Person(by.clone());
                self.say(Some(id), im::Event::Typing { agent: agent("bob"), with, by });
            }
            im::Command::Make { .. }
            | im::Command::Change { .. }
            | im::Command::Read { .. }
            | im::Command::Here { .. }
            | im::Command::Got { .. } => {}
        }
    }
}

pub(crate) fn state(availability: Availability) -> Told {
    Told::State {
        availability,
        pending: None,
        device: Device::Browser,
        voice: Slot::Free,
        chats: vec![],
        chat_capacity: 4,
    }
}

fn supervised(command: &supervise::Command) -> supervise::Event {
    match command {
        supervise::Command::Board => supervise::Event::Board(supervise::Board {
            seats: vec![supervise::SeatRow {
                seat: SeatId(2),
                agent: agent("bob"),
                display: "BOB".to_owned(),
                device: Device::Browser,
                availability: Availability::Ready { since: Wall(3) },
                voice: Slot::Free,
                chats: vec![],
                chat_capacity: 4,
                since: Wall(3),
            }],
            sessions: 1,
            ..supervise::Board::default()
        }),
        supervise::Command::Force { .. } | supervise::Command::Unwatch { .. } => supervise::Event::Done,
        supervise::Command::Watch { collab, .. } => supervise::Event::Watching {
            session: SessionId(1),
            collab: *collab,
            kind: Kind::Cobrowse,
            ticket: ngcc_proto::collab::Ticket("a ticket".to_owned()),
        },
        supervise::Command::End { .. } => supervise::Event::Refused { why: "no such session".to_owned() },
    }
}

fn closed(agent: &str) -> ngcc_proto::admin::ClosedSession {
    let closed = serde_json::json!({
        "id": SessionId(7), "user": "tel:1", "dialled": "1000", "opened": 77, "total_ms": 0,
        "self_service_ms": 0, "queue_ms": 0, "ring_ms": 0, "talk_ms": 0, "hold_ms": 0, "in_ivr_ms": 0,
        "other_ms": 0, "wrap_up_ms": 0, "agent": agent, "queue": null, "cause": "normal", "by": "customer",
    });
    serde_json::from_value(closed).unwrap()
}
