//! Who works in the house of the web scenarios, and where its numbers lead.

use std::path::Path;

use ngcc_proto::config::{Agent, Catalogue, Queue, Route, Strategy, User, UserRole};
use ngcc_proto::seat::Device;
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{self, flow, number};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "a-Pass-for-the-h0use";
/// The menu.
pub(crate) const MENU: &str = "100";
/// The queue, without self-service before it.
pub(crate) const QUEUE: &str = "200";
/// The menu's words.
pub(crate) const HELLO: &str = "Hello! How can we help?";
/// What is asked after a hand-over.
pub(crate) const ACCOUNT: &str = "Your account number, please.";
/// What is said at the end.
pub(crate) const BYE: &str = "Thank you, and goodbye.";

/// Alice and Bob serve by browser, Carol is a colleague, Sue supervises.
pub(crate) fn catalogue() -> Catalogue {
    let user = |name: &str, role| User {
        name: name.to_owned(),
        display: name.to_owned(),
        roles: vec![role],
        password: Some(PASSWORD.to_owned()),
    };
    Catalogue {
        users: vec![
            user("alice", UserRole::Agent),
            user("bob", UserRole::Agent),
            user("carol", UserRole::Agent),
            user("sue", UserRole::Supervisor),
        ],
        agents: ["alice", "bob", "carol"].map(agent).to_vec(),
        phones: vec![house::phone("7001")],
        queues: vec![Queue { wrap_up_s: 0, ..house::queue("help", &["alice", "bob"]) }],
        numbers: vec![
            number(MENU, Route::Flow("menu".to_owned())),
            number(QUEUE, Route::Queue("help".to_owned())),
        ],
        flows: vec![flow(menu())],
        ..Catalogue::default()
    }
}

/// Only Alice serves.
pub(crate) fn one_agent() -> Catalogue {
    let mut house = catalogue();
    house.queues = vec![Queue { wrap_up_s: 0, ..house::queue("help", &["alice"]) }];
    house
}

/// Both serve, by chance.
pub(crate) fn by_chance() -> Catalogue {
    let mut house = catalogue();
    house.queues[0].strategy = Strategy::Random;
    house
}

fn agent(name: &str) -> Agent {
    Agent { device: Device::Browser, auto_ready: false, chats: 4, ..house::agent(name, "7001") }
}

fn menu() -> Value {
    json!({"name": "menu", "version": 1, "media": ["voice", "chat"], "start": "menu", "nodes": {
        "menu": {"verb": "menu", "text": {"en": HELLO}, "choices": {"1": "human", "2": "card", "3": "bye"},
            "labels": {"1": {"en": "A person"}, "2": {"en": "My card"}, "3": {"en": "Nothing"}},
            "timeout_s": 600, "on_timeout": "bye"},
        "human": {"verb": "to-human", "queue": "help", "on_returned": "account", "on_left": "account",
            "on_no_agent": "bye"},
        "account": {"verb": "collect", "text": {"en": ACCOUNT}, "variable": "account", "min": 4, "max": 4,
            "timeout_s": 600, "next": "done"},
        "done": {"verb": "set", "vars": {"result": "account ${account}"}, "next": "human"},
        "card": {"verb": "collect", "text": {"en": "Your card number, please."}, "variable": "card_secret",
            "min": 8, "max": 8, "timeout_s": 600, "next": "bye"},
        "bye": {"verb": "say", "text": {"en": BYE}, "next": "end"},
        "end": {"verb": "hangup"}
    }})
}

/// A store of the centre's, to be looked into.
pub(crate) async fn store(centre: &Centre, file: &str) -> SqliteConnection {
    open(&centre.data().join(file), true).await
}

/// A store of the centre's, to be locked.
pub(crate) async fn lock(centre: &Centre, file: &str) -> SqliteConnection {
    let mut store = open(&centre.data().join(file), false).await;
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut store).await.expect("it can be locked");
    store
}

/// Lets go of it.
pub(crate) async fn unlock(mut store: SqliteConnection) {
    sqlx::query("ROLLBACK").execute(&mut store).await.expect("it was locked");
}

async fn open(path: &Path, read_only: bool) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).read_only(read_only);
    SqliteConnection::connect_with(&options).await.expect("the store opens")
}
