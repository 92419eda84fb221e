//! What a caller types for the automation alone is nowhere afterwards.

use ngcc_tests::centre::Centre;
use ngcc_tests::house::{PIN, SECRET, SOON, caller, conversation, registered};
use ngcc_tests::sounds::{AUTOMATION, prompt};

use crate::CASCADE;

/// A card number, and every shorter run of its keys that could not come about by chance.
const CARD: &str = "73914628";

fn nowhere(centre: &Centre, secret: &str) {
    let found = centre.files_that_hold(secret);
    // The catalogue the test wrote itself holds what it configured.
    let found: Vec<_> = found.into_iter().filter(|f| !f.ends_with("catalogue.yaml")).collect();
    assert!(found.is_empty(), "{secret} stands in {found:?}");
}

#[tokio::test]
async fn a_card_number_is_in_no_file_while_the_call_lives_nor_after_it() {
    let centre = Centre::start_with(&ngcc_tests::house::catalogue(), &["log.level=trace"]).await;
    let customer = caller(&centre, "13800138000").await;
    let u = customer.call("1001").await.unwrap();
    u.answered().await.unwrap();
    u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    u.press(CARD).await;
    u.hears_prompt(&prompt("goodbye"), SOON).await.unwrap();
    nowhere(&centre, CARD);
    u.ended(CASCADE).await.unwrap();
    centre.stored(1).await;
    nowhere(&centre, CARD);
}

#[tokio::test]
async fn a_card_number_typed_while_an_agent_owns_the_call_stays_with_the_flow() {
    let centre = Centre::start_with(&ngcc_tests::house::catalogue(), &["log.level=trace"]).await;
    let call = conversation(&centre).await;
    let session = centre.live().await.remove(0).id;
    call.g.press("*8").await;
    call.u.hears_only(&[AUTOMATION], SOON).await.unwrap();
    call.u.press("1111").await;
    call.u.press(CARD).await;
    centre.until_seat("alice", |_, slot| matches!(slot, ngcc_proto::seat::Slot::Talking { .. })).await;
    let facts = serde_json::to_string(&centre.facts(session).await).unwrap();
    assert!(facts.contains("account 1111") && !facts.contains("card_secret"), "{facts}");
    assert_eq!(call.g.keys(), "", "the agent's phone got the keys");
    call.u.hang_up().await.unwrap();
    centre.stored(1).await;
    nowhere(&centre, CARD);
}

#[tokio::test]
async fn passwords_pins_and_phone_secrets_are_stored_nowhere_as_they_are() {
    let centre = Centre::start_with(&ngcc_tests::house::catalogue(), &["log.level=trace"]).await;
    let _phone = registered(&centre, "7001").await;
    nowhere(&centre, SECRET);
    let (done, text) = centre.command(&["export"]).await;
    assert!(done && !text.contains(SECRET) && !text.contains(&format!("\"{PIN}\"")), "{text}");
}
