//! Files and addresses between the two ends at a real centre, over `kill -9`.

use super::*;
use crate::page::http;

impl End {
    /// Puts a text file into the tray, as this end's page does.
    async fn puts(at: SocketAddr, invitation: &Value, name: &str, text: &str) -> Value {
        let path = format!("/collab/{}/files?name={name}", invitation["collab"].as_str().expect("an id"));
        let (origin, bearer) = (format!("http://{at}"), bearer(invitation));
        let answer = http(at, "POST", &path, &[("Origin", &origin), ("Authorization", &bearer)], text).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// The status of the answer and what is in the file.
    async fn gets(at: SocketAddr, invitation: &Value, file: &Value) -> (u16, String) {
        let collab = invitation["collab"].as_str().expect("an id");
        let path = format!("/collab/{collab}/files/{}", file["file"].as_str().expect("an id"));
        let answer = http(at, "GET", &path, &[("Authorization", &bearer(invitation))], "").await;
        (answer.status, answer.text)
    }
}

fn bearer(invitation: &Value) -> String {
    format!("Bearer {}", invitation["ticket"].as_str().expect("a ticket"))
}

/// The names of what lies in the place of collaborations' files.
fn lying(centre: &Centre, text: &str) -> usize {
    let own = |path: &std::path::PathBuf| path.components().any(|part| part.as_os_str() == "collab-files");
    centre.files_that_hold(text).iter().filter(|path| own(path)).count()
}

#[tokio::test]
async fn s3_11_files_go_both_ways_are_found_after_a_kill_and_end_with_the_collaboration() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Here is the bill").await;
    let session = alice.accept().await;
    ann.share(json!({ "kind": "file" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let at = centre.http();
    let mut own = End::join(at, &to_ann).await;
    let mut seen = End::join(at, &to_alice).await;
    own.both_here().await;
    let bill = End::puts(at, &to_ann, "bill.txt", "xylophone-bill").await;
    assert_eq!(seen.find("file").await["name"], "bill.txt");
    assert_eq!(End::gets(at, &to_alice, &bill).await, (200, "xylophone-bill".to_owned()));
    let offer = End::puts(at, &to_alice, "offer.txt", "xylophone-offer").await;
    assert_eq!(own.page.find("offer", |_| {}, |f| f["data"]["name"] == "offer.txt").await["type"], "file");
    let stranger = json!({ "collab": to_ann["collab"], "ticket": "guessed" });
    assert_eq!(End::gets(at, &stranger, &bill).await.0, 401);
    killed(&mut centre, &mut ann, &mut alice).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let at = centre.http();
    let own = End::join(at, &to_ann).await;
    let names: Vec<&str> = own.ready["state"]["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| file["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["bill.txt", "offer.txt"]);
    assert_eq!(End::gets(at, &to_ann, &offer).await, (200, "xylophone-offer".to_owned()));
    assert_eq!(lying(&centre, "xylophone"), 2);
    alice.ask(Some(&session), json!({ "type": "end_collab", "collab": to_alice["collab"] })).await;
    ann.find("its end", |f| f["type"] == "collab.ended").await;
    assert_eq!(End::gets(at, &to_ann, &offer).await.0, 401, "it is over");
    let gone = async {
        let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
        while lying(&centre, "xylophone") > 0 {
            look.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.expect("the bytes go in time");
    let facts = serde_json::to_string(&centre.facts(session.parse().expect("an id")).await).expect("JSON");
    assert!(facts.contains("put") && !facts.contains("bill.txt"), "{facts}");
}

#[tokio::test]
async fn s3_08_an_address_is_suggested_answered_and_found_with_its_answer_after_a_kill() {
    const PAGE: &str = "https://shop.example/pay?token=xylophone-token";
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Where do I pay?").await;
    let session = alice.accept().await;
    alice.ask(Some(&session), json!({ "type": "collaborate", "kind": "url" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    own.both_here().await;
    seen.tell("push", json!({ "url": PAGE })).await;
    assert_eq!(seen.find("error").await["code"], "consent", "the customer is asked first");
    own.tell("consent", json!({ "what": "view", "on": true })).await;
    seen.page.find("view", |_| {}, |f| f["type"] == "consents" && f["data"]["view"] == true).await;
    seen.tell("push", json!({ "url": PAGE })).await;
    assert_eq!(own.find("pushed").await["url"], PAGE);
    own.tell("answer", json!({ "n": 1, "taken": true })).await;
    assert_eq!(seen.find("answered").await, json!({ "n": 1, "taken": true, "by": "customer" }));
    centre.crash().await;
    ann.cut();
    ann.connect().await;
    let own = End::join(centre.http(), &ann.invited().await).await;
    let link = json!({ "n": 1, "url": PAGE, "by": "agent", "state": "opened" });
    assert_eq!(own.ready["state"], json!({ "links": [link] }));
    let facts = serde_json::to_string(&centre.facts(session.parse().expect("an id")).await).expect("JSON");
    assert!(facts.contains("shop.example") && !facts.contains("xylophone"), "the host, and no more: {facts}");
}
