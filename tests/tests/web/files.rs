//! Files that are handed over: scanned before anybody can have them, kept once, and not lost between upload and message.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use ngcc_proto::config::{Catalogue, ChannelKind};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::{PICTURE, Provider};
use serde_json::json;

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{QUEUE, one_agent};

/// A program that scans: harmful is what holds a part of the fakes' picture. It is gone with this.
struct Program(PathBuf);

impl Program {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("ngcc-scan-{}", std::process::id()));
        let script = "#!/bin/sh\nif grep -q 'what a picture is made of' \"$1\"; then exit 1; fi\n\
                      if grep -q confusing \"$1\"; then exit 2; fi\n";
        std::fs::write(&path, script).expect("a program");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("it may be run");
        Self(path)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_harmful_file_is_refused_to_customer_agent_and_channel_and_nobody_gets_it() {
    assert!(String::from_utf8_lossy(PICTURE).contains("what a picture is made of"));
    let program = Program::new();
    let app = Provider::start(ChannelKind::Generic, "app", QUEUE).await;
    let house = Catalogue { channels: vec![app.channel.clone()], ..one_agent() };
    let scan = format!("uploads.scan={}", program.0.display());
    let centre = Centre::start_with(&house, &[&scan]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let ann = Customer::new(&centre, QUEUE).await;

    let bad = "xylophone: what a picture is made of";
    for (text, status, code) in [(bad, 422, "harmful"), ("xylophone: confusing", 503, "unscanned")] {
        let refused = ann.uploads("a.txt", text).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (status, Some(code)), "{refused:?}");
        let refused = alice.uploads("a.txt", text).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (status, Some(code)), "{refused:?}");
    }
    assert!(centre.files_that_hold("xylophone").is_empty());
    assert_eq!(ann.uploads("a.txt", "harmless").await.status, 201);
    assert_eq!(alice.uploads("a.txt", "harmless").await.status, 201);

    // What comes by a channel holds nothing up, and the agent knows of it.
    assert_eq!(app.shows(centre.http(), "ann", "m1").await, 202);
    let session = alice.accept().await;
    alice.reads(&session, "[cat.png: the file is harmful and was not taken]").await;
    assert_eq!(app.writes(centre.http(), "ann", "m2", "did you see it?").await, 202);
    alice.reads(&session, "did you see it?").await;
}

#[tokio::test]
async fn a_file_that_was_handed_over_before_a_kill_is_sent_after_it_and_the_same_lies_there_once() {
    let mut centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Here is the bill").await;
    let session = alice.accept().await;
    let bill = ann.uploads("bill.txt", "xylophone-bill").await.json();
    centre.crash().await;
    ann.cut();
    ann.connect().await;
    alice.cut();
    alice.connect().await;
    let page = ann.page.as_mut().expect("a page");
    page.send(&json!({ "type": "message.send", "id": "k2", "data": { "file": bill["file"] } })).await;
    let shown = alice
        .seat("the bill", |s| s["type"] == "message" && s["message"]["content"]["file"] == bill["file"])
        .await;
    assert_eq!(shown["message"]["content"]["name"], "bill.txt");
    let path = format!("/api/v1/uploads/{}", bill["file"].as_str().expect("an id"));
    assert_eq!(alice.get(&path).await.text, "xylophone-bill");

    // She sends the same bytes back under another name: they are one file's on the disk.
    let copy = alice.uploads("copy.txt", "xylophone-bill").await.json();
    assert!(copy["file"] != bill["file"] && copy["name"] == "copy.txt");
    let content =
        json!({ "kind": "file", "file": copy["file"], "name": "copy.txt", "mime": "text/plain", "size": 14 });
    alice.tell(Some(&session), json!({ "type": "say", "key": "back", "content": content })).await;
    alice.seat("back", |s| s["type"] == "accepted" && s["key"] == "back").await;
    let kept: Vec<_> = centre.files_that_hold("xylophone-bill");
    let of = |folder: &str| kept.iter().filter(|p| p.components().any(|c| c.as_os_str() == folder)).count();
    assert_eq!((of("files"), of("uploads")), (1, 2), "two links to the bytes: {kept:?}");
}
