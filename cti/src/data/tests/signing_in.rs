//! Signing in through the data centre.

use std::time::Instant;

use ngcc_proto::ask;
use ngcc_proto::auth::{Command as Auth, Event as Answer, Grant, Permission};

use super::*;

const HOME: &str = "192.0.2.7:4711";
const STRANGER: &str = "198.51.100.9:99";

fn token(n: u64) -> String {
    format!("{n:064x}")
}

fn sign_in(user: &str, password: &str, n: u64, from: &str) -> Auth {
    let (user, from) = (user.to_owned(), from.to_owned());
    Auth::SignIn { user, password: Secret::new(password), token_hash: token(n), from }
}

fn people() -> Catalogue {
    let mut all = catalogue();
    let user = |name: &str, roles: &[UserRole], password: &str| User {
        name: name.to_owned(),
        display: String::new(),
        roles: roles.to_vec(),
        password: Some(password.to_owned()),
    };
    all.users.push(user("alice", &[UserRole::Agent, UserRole::Supervisor], "battery staple"));
    all.users.push(user("bob", &[UserRole::Agent], "demo"));
    all.users.push(User { password: None, ..user("mute", &[], "") });
    all
}

impl Running {
    async fn with_people(place: &Place) -> Self {
        let mut running = Self::start(place).await;
        running.import(people(), true).await;
        running
    }

    async fn auth(&mut self, command: Auth) -> Answer {
        let answer = self.ask(command).await;
        let Body::AuthEvent(event) = answer else { panic!("{}", answer.name()) };
        event
    }

    async fn granted(&mut self, command: Auth) -> Grant {
        let answer = self.auth(command).await;
        let Answer::Granted { grant } = answer else { panic!("{answer:?}") };
        grant
    }

    async fn acts(&mut self) -> Vec<(String, String, String)> {
        let answer = self.ask(ask::Command::Audit { before: None, limit: 200 }).await;
        let Body::AskEvent(ask::Event::Audit { acts }) = answer else { panic!("{answer:?}") };
        acts.into_iter().map(|act| (act.user, act.act, act.from)).collect()
    }
}

const NO: Answer = Answer::Refused { until: None };

#[tokio::test]
async fn s1_01_with_a_wrong_name_or_password_no_permissions_are_returned() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    for (user, password) in [
        ("alice", "wrong"),
        ("nobody", "battery staple"),
        ("", ""),
        ("mute", ""),
        ("Alice", "battery staple"),
    ] {
        assert_eq!(running.auth(sign_in(user, password, 1, HOME)).await, NO, "{user} {password}");
    }
    assert_eq!(running.auth(Auth::Resume { token_hash: token(1) }).await, NO);
    let endless = "x".repeat(1 << 16);
    assert_eq!(running.auth(sign_in(&endless, &endless, 1, HOME)).await, NO);
    let no_hash = Auth::SignIn {
        user: "alice".to_owned(),
        password: Secret::new("battery staple"),
        token_hash: "ABC".to_owned(),
        from: HOME.to_owned(),
    };
    assert_eq!(running.auth(no_hash).await, NO);
}

#[tokio::test]
async fn s1_02_after_sign_in_the_permissions_of_all_roles_are_returned_sorted() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    let grant = running.granted(sign_in("alice", "battery staple", 1, HOME)).await;
    assert_eq!((grant.user.as_str(), grant.display.as_str()), ("alice", "alice"));
    assert_eq!(grant.roles, [UserRole::Agent, UserRole::Supervisor]);
    assert_eq!(
        grant.permissions,
        [
            Permission::Serve,
            Permission::Message,
            Permission::SeeBoard,
            Permission::Force,
            Permission::ReadHistory,
            Permission::Recordings
        ]
    );
    let left = grant.until.ms_since(running.house.clock.now().wall);
    assert!((43_100_000..=43_200_000).contains(&left), "twelve hours: {left}");
}

#[tokio::test]
async fn s1_10_a_token_survives_a_restart_and_ends_with_sign_out() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    let grant = running.granted(sign_in("alice", "battery staple", 1, HOME)).await;
    running.granted(sign_in("alice", "battery staple", 2, HOME)).await;
    running.stop().await;
    let mut again = Running::start(&place).await;
    assert_eq!(again.granted(Auth::Resume { token_hash: token(1) }).await, grant);
    assert_eq!(again.auth(Auth::SignOut { token_hash: token(1) }).await, Answer::Done);
    assert_eq!(again.auth(Auth::SignOut { token_hash: token(1) }).await, Answer::Done, "again");
    assert_eq!(again.auth(Auth::Resume { token_hash: token(1) }).await, NO);
    again.stop().await;
    let mut last = Running::start(&place).await;
    assert_eq!(last.auth(Auth::Resume { token_hash: token(1) }).await, NO);
    last.granted(Auth::Resume { token_hash: token(2) }).await;
}

#[tokio::test]
async fn another_password_or_no_user_ends_the_tokens_and_other_roles_hold_at_once() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    running.granted(sign_in("alice", "battery staple", 1, HOME)).await;
    let mut alice = people().users[1].clone();
    alice.password = None;
    alice.roles = vec![UserRole::Agent];
    running.admin(Command::Put { object: Object::User(alice.clone()) }).await;
    let grant = running.granted(Auth::Resume { token_hash: token(1) }).await;
    assert_eq!(grant.permissions, [Permission::Serve, Permission::Message]);
    alice.password = Some("something else".to_owned());
    running.admin(Command::Put { object: Object::User(alice) }).await;
    assert_eq!(running.auth(Auth::Resume { token_hash: token(1) }).await, NO);
    running.granted(sign_in("alice", "something else", 2, HOME)).await;
    running.admin(Command::Delete { kind: ObjectKind::User, name: "alice".to_owned() }).await;
    assert_eq!(running.auth(Auth::Resume { token_hash: token(2) }).await, NO);
}

#[tokio::test]
async fn a_password_that_everybody_knows_is_good_from_this_machine_only() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    assert_eq!(running.auth(sign_in("bob", "demo", 1, HOME)).await, NO);
    assert_eq!(running.auth(sign_in("bob", "demo", 1, "localhost")).await, NO, "a name is no address");
    running.granted(sign_in("bob", "demo", 1, "127.0.0.1:5000")).await;
    running.granted(sign_in("bob", "demo", 2, "[::1]:5000")).await;
}

#[tokio::test]
async fn five_wrong_passwords_lock_a_name_whether_it_exists_or_not_but_not_where_the_user_is_known() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    running.granted(sign_in("alice", "battery staple", 1, HOME)).await;
    running.stop().await;
    let mut running = Running::start(&place).await;
    for user in ["alice", "nobody"] {
        for n in 0..4 {
            assert_eq!(running.auth(sign_in(user, "wrong", 1, STRANGER)).await, NO, "{n}");
        }
        let fifth = running.auth(sign_in(user, "wrong", 1, STRANGER)).await;
        let Answer::Refused { until: Some(until) } = fifth else { panic!("{fifth:?}") };
        let left = until.ms_since(running.house.clock.now().wall);
        assert!((50_000..=60_000).contains(&left), "a minute: {left}");
        let right = running.auth(sign_in(user, "battery staple", 1, STRANGER)).await;
        assert!(matches!(right, Answer::Refused { until: Some(_) }), "whatever the password: {right:?}");
    }
    running.granted(sign_in("alice", "battery staple", 2, HOME)).await;
}

#[tokio::test]
async fn a_wrong_name_takes_as_long_as_a_wrong_password() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    let mut took = [Vec::new(), Vec::new()];
    for n in 0..4 {
        for (user, took) in ["alice", "nobody"].into_iter().zip(&mut took) {
            let began = Instant::now();
            assert_eq!(running.auth(sign_in(user, "wrong", 1, &format!("203.0.113.{n}"))).await, NO);
            took.push(began.elapsed());
        }
    }
    let [known, unknown] = took.map(|took| took.into_iter().min().unwrap().as_secs_f64());
    assert!(unknown > known / 5.0 && known > unknown / 5.0, "{known} s and {unknown} s");
}

#[tokio::test]
async fn sign_ins_refusals_and_sign_outs_stand_in_the_audit_without_any_password() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    running.auth(sign_in("alice", "wr0ng-pass", 1, STRANGER)).await;
    running.granted(sign_in("alice", "battery staple", 1, HOME)).await;
    running.auth(Auth::SignOut { token_hash: token(1) }).await;
    let line = |act: &str, from: &str| ("alice".to_owned(), act.to_owned(), from.to_owned());
    let wanted = [line("sign_out", ""), line("sign_in", HOME), line("sign_in_refused", STRANGER)];
    assert_eq!(running.acts().await, wanted);
    running.stop().await;
    for file in std::fs::read_dir(&place.0).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        for secret in [&b"wr0ng-pass"[..], b"battery staple"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
}

#[tokio::test]
async fn people_sign_in_while_the_business_database_stalls_and_it_is_noted_afterwards() {
    let place = Place::new();
    let mut running = Running::with_people(&place).await;
    let mut other = running.lock("business.db").await;
    running.granted(sign_in("alice", "battery staple", 1, HOME)).await;
    running.granted(Auth::Resume { token_hash: token(1) }).await;
    let act = ask::Act {
        at: Wall(5),
        user: "alice".to_owned(),
        act: "force_state".to_owned(),
        on: "bob".to_owned(),
        from: HOME.to_owned(),
    };
    let noted = running.ask(ask::Command::Note { act }).await;
    assert!(matches!(noted, Body::AskEvent(ask::Event::Failed { .. })), "{noted:?}");
    other.execute("COMMIT").await.unwrap();
    // The database tells nobody of a row: it is looked at, for a bounded time.
    let written = async {
        loop {
            let acts = running.acts().await;
            if !acts.is_empty() {
                return acts;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let acts = tokio::time::timeout(Duration::from_secs(20), written).await.expect("an act is noted in time");
    assert_eq!(acts.len(), 1, "what was told to have failed is not noted: {acts:?}");
    running.stop().await;
    Running::start(&place).await.granted(Auth::Resume { token_hash: token(1) }).await;
}
