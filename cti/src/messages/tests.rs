//! The store by itself, on real files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use ngcc_proto::chat::{Author, Content, MAX_KEY, Text};
use ngcc_proto::{MessageId, SessionId, Wall};
use sqlx::{Connection, Executor, SqliteConnection};

use super::store::{Draft, Page, Store};

struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("ngcc-messages-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn draft(session: u128, key: &str, text: &str) -> Draft {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    Draft {
        session: SessionId(session),
        sender: "customer".to_owned(),
        key: key.to_owned(),
        id: MessageId(u128::from(NEXT.fetch_add(1, Ordering::Relaxed))),
        at: Wall(1_700_000_000_000),
        by: Author::Customer,
        content: Content::Text { text: Text(text.to_owned()), choices: Vec::new() },
        private: false,
    }
}

fn seqs(page: &Page) -> Vec<u64> {
    page.messages.iter().map(|message| message.seq).collect()
}

#[tokio::test]
async fn messages_are_numbered_by_session_without_a_gap_over_batches_and_restarts() {
    let place = Place::new();
    let store = Store::open(&place.0).await.unwrap();
    let first = store.keep(&[draft(1, "a", "x"), draft(2, "a", "y"), draft(1, "b", "z")]).await.unwrap();
    let numbers: Vec<u64> = first.iter().map(|kept| kept.message.seq).collect();
    assert_eq!(numbers, [1, 1, 2]);
    drop(store);
    let store = Store::open(&place.0).await.unwrap();
    let second = store.keep(&[draft(1, "c", "u")]).await.unwrap();
    assert_eq!((second[0].message.seq, second[0].repeat), (3, false));
    let page = store.page(SessionId(1), 1, 500, true).await.unwrap();
    assert_eq!((seqs(&page), page.more), (vec![2, 3], false));
    assert_eq!(page.messages[1], second[0].message, "it is read back as it was stored");
}

#[tokio::test]
async fn a_repeat_in_the_same_batch_or_after_a_restart_is_answered_with_what_is_there() {
    let place = Place::new();
    let store = Store::open(&place.0).await.unwrap();
    let kept = store.keep(&[draft(1, "a", "x"), draft(1, "a", "other"), draft(1, "b", "y")]).await.unwrap();
    assert_eq!(kept[1].message, kept[0].message);
    assert_eq!(kept.iter().map(|kept| kept.repeat).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(kept[2].message.seq, 2);
    drop(store);
    let store = Store::open(&place.0).await.unwrap();
    let again = store.keep(&[draft(1, "a", "x"), draft(1, "c", "z")]).await.unwrap();
    assert_eq!((&again[0].message, again[0].repeat), (&kept[0].message, true));
    assert_eq!(again[1].message.seq, 3);
    let mut agent = draft(1, "a", "mine");
    agent.sender = "agent:alice".to_owned();
    assert_eq!(store.keep(&[agent]).await.unwrap()[0].message.seq, 4, "keys of two senders are two keys");
}

#[tokio::test]
async fn pages_follow_each_other_and_private_notes_are_read_only_on_demand() {
    let place = Place::new();
    let store = Store::open(&place.0).await.unwrap();
    let mut batch: Vec<Draft> = (0..5).map(|n| draft(1, &n.to_string(), "x")).collect();
    batch[2].private = true;
    store.keep(&batch).await.unwrap();
    let page = store.page(SessionId(1), 0, 2, true).await.unwrap();
    assert_eq!((seqs(&page), page.more), (vec![1, 2], true));
    let page = store.page(SessionId(1), 2, 3, true).await.unwrap();
    assert_eq!((seqs(&page), page.more), (vec![3, 4, 5], false));
    let page = store.page(SessionId(1), 0, 10, false).await.unwrap();
    assert_eq!((seqs(&page), page.more), (vec![1, 2, 4, 5], false));
    assert_eq!(store.page(SessionId(9), 0, 10, true).await.unwrap().messages, []);
}

#[tokio::test]
async fn what_fails_is_stored_in_no_part_and_the_numbers_go_on_without_a_gap() {
    let place = Place::new();
    let store = Store::open(&place.0).await.unwrap();
    store.keep(&[draft(1, "a", "x")]).await.unwrap();
    let url = format!("sqlite://{}", place.0.join("customers.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert!(store.keep(&[draft(1, "b", "y"), draft(2, "a", "z")]).await.is_err());
    assert_eq!(seqs(&store.page(SessionId(1), 0, 10, true).await.unwrap()), [1], "reading goes on");
    other.execute("COMMIT").await.unwrap();
    assert_eq!(store.page(SessionId(2), 0, 10, true).await.unwrap().messages, []);
    assert_eq!(store.keep(&[draft(1, "b", "y")]).await.unwrap()[0].message.seq, 2);
}

#[tokio::test]
async fn who_is_dropped_half_way_leaves_all_or_nothing() {
    let place = Place::new();
    let store = Store::open(&place.0).await.unwrap();
    for round in 0..40u32 {
        let batch: Vec<Draft> = (0..50).map(|n| draft(1, &format!("{round}-{n}"), "x")).collect();
        let limit = std::time::Duration::from_micros(u64::from(round) * 50);
        let _ = tokio::time::timeout(limit, store.keep(&batch)).await;
    }
    store.keep(&[draft(1, "last", "x")]).await.unwrap();
    let mut found = Vec::new();
    while {
        let page = store.page(SessionId(1), found.len() as u64, 500, true).await.unwrap();
        found.extend(seqs(&page));
        page.more
    } {}
    let count = found.len() as u64;
    assert_eq!(found, (1..=count).collect::<Vec<_>>(), "no gap");
    assert_eq!((count - 1) % 50, 0, "batches are whole");
    let ids: BTreeSet<u64> = found.into_iter().collect();
    assert_eq!(ids.len() as u64, count);
}

#[test]
fn a_key_that_is_none_and_a_text_without_end_are_not_fit() {
    assert!(draft(1, "a", "x").is_fit());
    for key in ["", "a\0b", "a\nb", &"k".repeat(MAX_KEY + 1)] {
        assert!(!draft(1, key, "x").is_fit(), "{key:?}");
    }
    assert!(!draft(1, "a", "").is_fit());
    assert!(!draft(1, "a", &"x".repeat(9000)).is_fit());
    assert!(Draft { content: Content::Masked, ..draft(1, "a", "x") }.is_fit());
}
