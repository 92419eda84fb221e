//! What is stored of a call, and what happens when storing stalls.

use std::time::{Duration, Instant};

use ngcc_phone::Sound;
use ngcc_tests::centre::Centre;
use ngcc_tests::house::{SOON, caller, conversation, one_agent, registered};
use ngcc_tests::look::adds_up;
use ngcc_tests::sounds::{AGENT, AUTOMATION, CUSTOMER, prompt};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, Row, SqliteConnection};

use crate::CASCADE;

async fn database(centre: &Centre, write: bool) -> SqliteConnection {
    let path = centre.data().join("business.db");
    let options = SqliteConnectOptions::new().filename(path).read_only(!write);
    SqliteConnection::connect_with(&options).await.expect("the business database opens")
}

#[tokio::test]
async fn s0_09_a_database_that_stalls_for_ten_seconds_blocks_no_call_and_loses_nothing() {
    let centre = Centre::start().await;
    let mut lock = database(&centre, true).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut lock).await.unwrap();
    let begun = Instant::now();
    let mut calls = 0;
    while begun.elapsed() < Duration::from_secs(10) {
        let phone = caller(&centre, &format!("1380013800{calls}")).await;
        let asked = Instant::now();
        let u = phone.call("1000").await.unwrap();
        u.answered().await.unwrap();
        assert!(asked.elapsed() < Duration::from_secs(5), "the answer took {:?}", asked.elapsed());
        u.hears_prompt(&prompt("welcome"), SOON).await.unwrap();
        u.hang_up().await.unwrap();
        calls += 1;
    }
    centre.until_live("nothing", <[_]>::is_empty).await;
    sqlx::query("ROLLBACK").execute(&mut lock).await.unwrap();
    assert!(centre.stored(calls).await.iter().all(adds_up));
}

#[tokio::test]
async fn s0_10_self_service_human_and_mixed_sessions_are_stored_whole() {
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let agent = registered(&centre, "7001").await;
    let customer = caller(&centre, "13800138000").await;
    // Self-service only.
    let u = customer.call("1001").await.unwrap();
    u.answered().await.unwrap();
    u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    u.hang_up().await.unwrap();
    // Human only.
    let u = customer.call("2000").await.unwrap();
    let g = agent.next_call(SOON).await.unwrap().answer().await.unwrap();
    u.speak(Sound::Tone(CUSTOMER));
    g.hears_only(&[CUSTOMER], SOON).await.unwrap();
    g.hang_up().await.unwrap();
    u.ended(CASCADE).await.unwrap();
    centre.until_free("alice").await;
    // Mixed.
    let u = customer.call("1000").await.unwrap();
    u.answered().await.unwrap();
    u.press("1").await;
    let g = agent.next_call(SOON).await.unwrap().answer().await.unwrap();
    g.speak(Sound::Tone(AGENT));
    u.hears_only(&[AGENT], SOON).await.unwrap();
    u.hang_up().await.unwrap();
    g.ended(CASCADE).await.unwrap();

    let rows = centre.stored(3).await;
    assert!(rows.iter().all(adds_up), "{rows:#?}");
    let [mixed, human, own] = &rows[..] else { panic!("three rows: {rows:#?}") };
    assert!(own.self_service_ms > 0 && own.talk_ms == 0 && own.agent.is_none(), "{own:#?}");
    assert!(human.self_service_ms == 0 && human.talk_ms > 0 && human.agent.is_some(), "{human:#?}");
    assert!(mixed.self_service_ms > 0 && mixed.talk_ms > 0 && mixed.agent.is_some(), "{mixed:#?}");

    // The database itself holds them: one row a session, and the whole chain of each.
    let mut database = database(&centre, false).await;
    let count: i64 =
        sqlx::query("SELECT count(*) FROM sessions").fetch_one(&mut database).await.unwrap().get(0);
    let chains: i64 =
        sqlx::query("SELECT count(*) FROM facts").fetch_one(&mut database).await.unwrap().get(0);
    assert_eq!((count, chains), (3, 3));
}

#[tokio::test]
async fn s0_14_a_call_passes_routing_table_queue_agent_and_record_from_end_to_end() {
    let centre = Centre::start().await;
    let call = conversation(&centre).await;
    let session = centre.live().await.remove(0).id;
    call.u.hang_up().await.unwrap();
    call.g.ended(CASCADE).await.unwrap();
    let row = centre.stored(1).await.remove(0);
    assert_eq!(row.id, session);
    // Every fact after the first was caused by a message that came through the exchange.
    let facts = centre.facts(session).await;
    let caused = facts.iter().filter(|f| f.cause.is_some()).count();
    assert!(caused * 2 > facts.len(), "{caused} of {} facts name their cause", facts.len());
}

#[tokio::test]
async fn an_orderly_stop_ends_well_and_what_is_stored_is_there_afterwards() {
    let mut centre = Centre::start().await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1000").await.unwrap();
    u.answered().await.unwrap();
    u.hang_up().await.unwrap();
    centre.stored(1).await;
    assert!(centre.stop().await, "{}", centre.stderr());
    centre.restart().await;
    assert_eq!(centre.closed().await.len(), 1);
}

#[tokio::test]
async fn the_command_line_reads_the_same_from_a_running_centre_and_from_its_data() {
    let mut centre = Centre::start().await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1000").await.unwrap();
    u.answered().await.unwrap();
    u.hang_up().await.unwrap();
    centre.stored(1).await;
    let running: serde_json::Value = centre.ask(&["call", "list", "--closed"]).await;
    assert!(centre.stop().await);
    let alone: serde_json::Value = centre.ask(&["call", "list", "--closed"]).await;
    assert_eq!(running, alone);
}
