//! Closed sessions: stored once, set aside, and kept while the database stalls.

use super::*;

pub(super) fn chain(n: u64) -> (SessionId, Vec<Fact>) {
    let session = SessionId(u128::from(n) + 1);
    let opened = What::Opened {
        user: "tel:4711".parse().unwrap(),
        display: None,
        dialled: "1000".to_owned(),
        medium: Medium::Voice,
        conference: ConferenceId(1),
    };
    let fact = |number, ms: u64, what| Fact {
        v: VERSION,
        session,
        n: number,
        at: Wall(i64::try_from(n * 1000 + ms).unwrap()),
        mono: Mono((n * 1000 + ms) * 1000),
        cause: None,
        what,
    };
    let closed = What::Closed { by: By::Customer, cause: Cause::Normal };
    (session, vec![fact(0, 0, opened), fact(1, 250, closed)])
}

#[tokio::test]
async fn s0_10_a_closed_session_is_stored_once_with_its_whole_chain() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for n in [1, 2, 1, 3] {
        let (session, facts) = chain(n);
        running.send(data::Command::Store { session, facts });
    }
    running.stored((1..=3).map(|n| chain(n).0).collect()).await;
    let (session, facts) = chain(2);
    running.send(data::Command::Store { session, facts });
    running.stored([session].into()).await;
    let Event::History { sessions } = running.admin(Command::History { limit: 2 }).await else { panic!() };
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    assert_eq!(ids, [chain(3).0, chain(2).0], "the newest first");
    assert_eq!((sessions[0].total_ms, sessions[0].other_ms, sessions[0].cause), (250, 250, Cause::Normal));
    let Event::Chain { facts } = running.admin(Command::Chain { session }).await else { panic!() };
    assert_eq!(facts, chain(2).1);
    let Event::Chain { facts } = running.admin(Command::Chain { session: SessionId(99) }).await else {
        panic!()
    };
    assert_eq!(facts, []);
}

#[tokio::test]
async fn a_chain_that_is_none_is_set_aside_and_blocks_nobody() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let (broken, mut facts) = chain(1);
    facts.truncate(1);
    running.send(data::Command::Store { session: broken, facts });
    let (session, facts) = chain(2);
    running.send(data::Command::Store { session, facts });
    running.stored([broken, session].into()).await;
    let kept = std::fs::read_to_string(place.0.join("quarantine").join(broken.to_string())).unwrap();
    assert_eq!(kept.lines().count(), 1);
}

#[tokio::test]
async fn s0_09_a_stalled_database_blocks_nothing_and_loses_nothing() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.import(catalogue(), true).await;
    let mut other = running.lock("business.db").await;

    let before = writer::RETRIES.get();
    for n in 0..2000 {
        let (session, facts) = chain(n);
        running.send(data::Command::Store { session, facts });
    }
    assert!(running.pin_is_right("alice", "2468").await, "agents sign in meanwhile");
    assert_eq!(running.export().await.agents.len(), 2, "and the configuration is read");
    // A counter tells no event: it is looked at again, for a while.
    let tried_again = async {
        while writer::RETRIES.get() == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), tried_again).await.expect("the writer tries again");
    let object = Object::Queue(queue(Vec::new()));
    let problems = running.problems(Command::Put { object: object.clone() }).await;
    assert_eq!(problems, ["the business database does not answer: nothing was changed, try again"]);

    other.execute("COMMIT").await.unwrap();
    running.stored((0..2000).map(|n| chain(n).0).collect()).await;
    let Event::History { sessions } = running.admin(Command::History { limit: 5000 }).await else { panic!() };
    assert_eq!(sessions.len(), 2000);
    assert!(matches!(running.admin(Command::Put { object }).await, Event::Done { .. }));
}
