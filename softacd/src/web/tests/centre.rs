//! A stand-in for cti and the customers' message store: it opens sessions, numbers messages, knows repeats by
//! their keys, and replays in pages of two.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use ngcc_proto::access::{Command, Event};
use ngcc_proto::chat::{self, Author, Content, Message, Text};
use ngcc_proto::fact::Medium;
use ngcc_proto::{Body, Envelope, FileId, Ids, LegId, Rng, Role, SessionId, Wall};
use ngcc_runtime::{Bus, House};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::{Access, Settings, Web, start};

/// The edge, its listener, and the stand-in behind it.
pub(super) struct Centre {
    pub(super) house: House,
    pub(super) at: SocketAddr,
    access: Access,
    fake: Arc<Mutex<Fake>>,
    place: PathBuf,
}

struct Fake {
    ids: Ids,
    bus: Arc<dyn Bus>,
    sessions: BTreeMap<LegId, SessionId>,
    users: Vec<String>,
    messages: BTreeMap<LegId, Vec<Message>>,
    keys: BTreeMap<(LegId, String), u64>,
}

impl Centre {
    pub(super) async fn open(change: impl FnOnce(&mut Web)) -> Self {
        static N: AtomicU32 = AtomicU32::new(0);
        let n = N.fetch_add(1, Ordering::Relaxed);
        let place = std::env::temp_dir().join(format!("ngcc-softacd-web-{}-{n}", std::process::id()));
        let house = House::open(ngcc_runtime::Settings::at(&place)).unwrap();
        let fake = Arc::new(Mutex::new(Fake {
            ids: Ids::new(Rng::from_u64(21)),
            bus: Arc::clone(&house.bus),
            sessions: BTreeMap::new(),
            users: vec![],
            messages: BTreeMap::new(),
            keys: BTreeMap::new(),
        }));
        let cti = Arc::clone(&fake);
        house.bus.attach(Role::Cti, Box::new(move |envelope| cti.lock().unwrap().take(envelope)));
        let mut web =
            Web { origins: vec!["https://shop.example".to_owned()], max_upload: 1000, ..Web::default() };
        change(&mut web);
        let udp = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
        let access = start(Settings { udp, tcp: None, web, ..Settings::default() }, &house).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let service = access.router().into_make_service_with_connect_info::<SocketAddr>();
        let stop = house.stop.clone();
        tokio::spawn(async move {
            let served = axum::serve(listener, service);
            let _ = served.with_graceful_shutdown(async move { stop.wait().await }).await;
        });
        Self { house, at, access, fake, place }
    }

    pub(super) async fn close(self) {
        self.house.stop.begin();
        self.access.closed().await;
        timeout(Duration::from_secs(20), self.house.closed()).await.expect("everything ends");
        // A directory that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.place);
    }

    pub(super) fn users(&self) -> Vec<String> {
        self.fake.lock().unwrap().users.clone()
    }

    /// Every leg that has arrived.
    pub(super) fn legs(&self) -> Vec<LegId> {
        self.fake.lock().unwrap().sessions.keys().copied().collect()
    }

    pub(super) fn stored(&self) -> u64 {
        self.fake.lock().unwrap().messages.values().map(|m| m.len() as u64).sum()
    }

    /// The texts of every message, as they are stored.
    pub(super) fn texts(&self) -> Vec<String> {
        let fake = self.fake.lock().unwrap();
        let text = |message: &Message| {
            let Content::Text { text, .. } = &message.content else { panic!("only texts were said") };
            text.0.clone()
        };
        fake.messages.values().flatten().map(text).collect()
    }

    /// The automation says something.
    pub(super) fn push(&self, leg: LegId, text: &str) {
        let content = Content::Text { text: Text(text.to_owned()), choices: vec![] };
        self.fake.lock().unwrap().keep(leg, Author::Automation, content);
    }

    /// The automation sends a file.
    pub(super) fn push_file(&self, leg: LegId, file: FileId) {
        let (name, mime) = ("a.png".to_owned(), "image/png".to_owned());
        let content = Content::File { file, name, mime, size: 8 };
        self.fake.lock().unwrap().keep(leg, Author::Automation, content);
    }

    pub(super) fn summon(&self, agent: &str) -> LegId {
        let mut fake = self.fake.lock().unwrap();
        let leg = fake.ids.mint(Wall(1));
        fake.send(None, Command::Summon { leg, agent: agent.to_owned(), video: false, ring_s: 20 });
        leg
    }
}

impl Fake {
    fn send(&mut self, session: Option<SessionId>, body: impl Into<Body>) {
        let envelope = Envelope::new(&mut self.ids, Wall(0), session, None, body);
        self.bus.send(envelope);
    }

    fn take(&mut self, envelope: Envelope) {
        if let Body::AccessEvent(event) = envelope.body {
            self.access(event);
        } else if let Body::ChatEvent(event) = envelope.body {
            self.chat(event);
        }
    }

    fn access(&mut self, event: Event) {
        if let Event::Arrived { leg, user, medium, offer, .. } = event {
            self.users.push(user.to_string());
            let session = self.ids.mint(Wall(1));
            self.sessions.insert(leg, session);
            self.send(Some(session), chat::Command::Opened { leg, session, medium });
            if let (Medium::Voice | Medium::Video, Some(sdp)) = (medium, offer) {
                self.send(Some(session), Command::Answer { leg, sdp });
            }
        } else if let Event::Summoned { leg, offer } = event {
            self.send(None, Command::Answer { leg, sdp: offer });
        }
    }

    fn chat(&mut self, event: chat::Event) {
        if let chat::Event::Said { leg, key, content } = event {
            let known = self.keys.get(&(leg, key.clone())).copied();
            let seq = known.unwrap_or_else(|| self.keep(leg, Author::Customer, content));
            self.keys.insert((leg, key.clone()), seq);
            self.send(None, chat::Command::Accepted { leg, key, seq, at: Wall(1) });
        } else if let chat::Event::Resume { leg, after } = event {
            let all = self.messages.get(&leg).cloned().unwrap_or_default();
            let rest: Vec<Message> = all.into_iter().filter(|m| m.seq > after).collect();
            let pages: Vec<Vec<Message>> = rest.chunks(2).map(<[Message]>::to_vec).collect();
            let pages = if pages.is_empty() { vec![vec![]] } else { pages };
            let last = pages.len() - 1;
            for (n, messages) in pages.into_iter().enumerate() {
                self.send(None, chat::Command::Replay { leg, messages, more: n < last });
            }
        }
    }

    fn keep(&mut self, leg: LegId, by: Author, content: Content) -> u64 {
        let id = self.ids.mint(Wall(1));
        let all = self.messages.entry(leg).or_default();
        let seq = all.len() as u64 + 1;
        let message = Message { seq, id, at: Wall(1), by, content, private: false };
        all.push(message.clone());
        self.send(None, chat::Command::Deliver { leg, message });
        seq
    }
}

/// What a page's own server makes for its user.
pub(super) fn hash(secret: &str, id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(id.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
