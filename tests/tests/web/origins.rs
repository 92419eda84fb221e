//! Who may not come in, and what is written nowhere.

use ngcc_tests::centre::Centre;
use serde_json::json;

use crate::agent::Agent;
use crate::chat::stored;
use crate::customer::Customer;
use crate::house::{MENU, QUEUE, catalogue, one_agent};
use crate::page::{Page, http};

/// The origin is looked at before it is known whether there is such a collaboration.
const COLLAB: &str = "/ws/collab/col_00000000000000000000000001";
/// And before it is known whether a file may be put there.
const FILES: &str = "/collab/col_00000000000000000000000001/files?name=x";

/// A text that stands nowhere by chance.
const SENTINEL: &str = "xylophone-quartz-7351";
/// A card number.
const CARD: &str = "73914628";

#[tokio::test]
async fn foreign_null_and_look_alike_origins_are_refused_on_every_socket_and_request() {
    let shop = "web.origins=[\"https://shop.example\"]";
    let centre = Centre::start_with(&catalogue(), &[shop]).await;
    let at = centre.http();
    let evil = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        "https://shop.example.evil.example".to_owned(),
        "https://evilshop.example".to_owned(),
        "http://shop.example".to_owned(),
        format!("http://{at}.evil.example"),
        format!("http://{at}0"),
        // This centre serves nothing by TLS.
        format!("https://{at}"),
    ];
    for origin in &evil {
        for path in ["/ws/visitor", "/ws/rtc", "/ws/agent", "/ws/supervisor", COLLAB] {
            let refused = Page::open(at, path, Some(origin)).await.err();
            assert_eq!(refused, Some(403), "{path} from {origin}");
        }
        for path in ["/api/v1/visitors", "/api/v1/uploads?name=x", "/api/v1/sign-in", FILES] {
            let refused = http(at, "POST", path, &[("Origin", origin)], "{}").await;
            assert_eq!(refused.status, 403, "{path} from {origin}: {refused:?}");
        }
    }
    for origin in [format!("http://{at}"), "https://shop.example".to_owned()] {
        assert!(Page::open(at, "/ws/visitor", Some(&origin)).await.is_ok(), "{origin} may");
    }
}

/// Where a text stands, apart from the files that may hold it.
fn nowhere(centre: &Centre, text: &str, but: &[&str]) {
    let named = |path: &std::path::Path| {
        path.file_name().is_some_and(|n| but.iter().any(|b| n.to_string_lossy().starts_with(b)))
    };
    let found: Vec<_> = centre.files_that_hold(text).into_iter().filter(|path| !named(path)).collect();
    assert!(found.is_empty(), "{text} stands in {found:?}");
}

#[tokio::test]
async fn what_is_written_in_a_chat_stands_in_the_message_store_and_in_no_log_fact_or_other_file() {
    let centre = Centre::start_with(&one_agent(), &["log.level=trace"]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", SENTINEL).await;
    let session = alice.accept().await;
    alice.reads(&session, SENTINEL).await;
    assert!(!centre.files_that_hold(SENTINEL).is_empty(), "it is stored");
    nowhere(&centre, SENTINEL, &["customers.db"]);
    ann.end().await;
    let sue = Agent::person(&centre, "sue").await;
    stored(&sue, &session).await;
    // The transcript is copied into the business database at the end.
    nowhere(&centre, SENTINEL, &["customers.db", "business.db"]);
}

#[tokio::test]
async fn a_card_number_written_to_the_automatic_service_stands_nowhere_and_is_shown_masked() {
    let centre = Centre::start_with(&catalogue(), &["log.level=trace"]).await;
    let mut ann = Customer::new(&centre, MENU).await;
    let session = ann.begin().await;
    ann.say("k1", "My card").await;
    ann.reads("Your card number, please.").await;
    ann.say("k2", CARD).await;
    nowhere(&centre, CARD, &[]);
    ann.closed().await;
    assert!(ann.transcript().contains(&"customer: masked".to_owned()), "{:?}", ann.transcript());
    let row = stored(&Agent::person(&centre, "sue").await, &session).await;
    assert!(
        !row.to_string().contains(CARD) && row["messages"].to_string().contains(&json!("masked").to_string())
    );
    nowhere(&centre, CARD, &[]);
}
