//! What was recorded of collaborations, and who may have it.

use std::io::Write as _;

use ngcc_runtime::Recordings;

use crate::client::Browser;
use crate::world::{EXPIRED, FILMED, RECORDED, World};

const SESSION: &str = "/api/v1/sessions/ses_00000000000000000000000007";

#[tokio::test]
async fn a_recording_is_given_to_supervisors_and_to_the_sessions_agent_and_each_reading_is_noted() {
    let world = World::open("recordings").await;
    let (mut file, _) = Recordings::in_house(&world.house.data_dir).append(RECORDED).unwrap();
    let long = "x".repeat(200_000);
    file.write_all(format!("first\n{long}\n").as_bytes()).unwrap();
    let path = format!("/api/v1/recordings/collab/{RECORDED}");
    let noted = || world.centre.acts.lock().unwrap().iter().filter(|act| act.act == "read_recording").count();
    for (n, who) in ["sue", "bob", "root"].into_iter().enumerate() {
        let answer = Browser::sign_in(world.at, who).await.get(&path).await;
        assert_eq!((answer.status, answer.text.len()), (200, long.len() + 7), "{who}");
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(noted(), n + 1);
    }
    let act = world.centre.acts.lock().unwrap().last().cloned().unwrap();
    assert_eq!((act.user.as_str(), act.on), ("root", RECORDED.to_string()));

    let others = Browser::sign_in(world.at, "alice").await.get(&path).await;
    assert_eq!((others.status, others.code().as_str()), (404, "not_found"), "of another agent's session");
    assert_eq!(noted(), 3);
}

#[tokio::test]
async fn a_recording_whose_file_is_gone_is_expired_and_one_that_never_was_is_not_found() {
    let world = World::open("no-recordings").await;
    let sue = Browser::sign_in(world.at, "sue").await;
    let expired = sue.get(&format!("/api/v1/recordings/collab/{EXPIRED}")).await;
    assert_eq!((expired.status, expired.code().as_str()), (410, "expired"));
    let none = sue.get("/api/v1/recordings/collab/col_00000000000000000000000009").await;
    assert_eq!((none.status, none.code().as_str()), (404, "not_found"));
    let odd = sue.get("/api/v1/recordings/collab/..%2f..%2flock").await;
    assert_eq!(odd.status, 400, "{odd:?}");
    let listed = sue.get(SESSION).await.json();
    assert_eq!(listed["recordings"][0]["collab"], RECORDED.to_string().as_str());
    assert_eq!(listed["recordings"][0]["kind"], "cobrowse");
}

#[tokio::test]
async fn a_screens_recording_is_a_video_that_is_given_out_in_ranges_as_one_reading() {
    let world = World::open("films").await;
    let mut file = Recordings::of_screens(&world.house.data_dir).make(FILMED).unwrap();
    file.write_all(b"0123456789").unwrap();
    let path = format!("/api/v1/recordings/collab/{FILMED}");
    let noted = || world.centre.acts.lock().unwrap().iter().filter(|act| act.act == "read_recording").count();
    let sue = Browser::sign_in(world.at, "sue").await;
    for (range, status, told, bytes) in [
        ("bytes=0-", 206, Some("bytes 0-9/10"), "0123456789"),
        ("bytes=3-5", 206, Some("bytes 3-5/10"), "345"),
        ("bytes=-2", 206, Some("bytes 8-9/10"), "89"),
        ("bytes=10-", 416, Some("bytes */10"), ""),
        ("bytes=7-1", 200, None, "0123456789"),
    ] {
        let answer = sue.get_range(&path, range).await;
        assert_eq!((answer.status, answer.text.as_str()), (status, bytes), "{range}");
        assert_eq!(answer.header("content-range"), told, "{range}");
        let length = bytes.len().to_string();
        assert_eq!(answer.header("content-length"), Some(length.as_str()), "{range}");
        if status != 416 {
            assert_eq!(answer.header("content-type"), Some("video/webm"));
            assert_eq!(
                (answer.header("accept-ranges"), answer.header("cache-control")),
                (Some("bytes"), Some("no-store"))
            );
        }
    }
    assert_eq!(noted(), 1, "a player's parts are one reading");
    assert_eq!(sue.get(&path).await.text, "0123456789");
    assert_eq!(noted(), 2, "all of it is another");
    let root = Browser::sign_in(world.at, "root").await;
    assert_eq!(root.get_range(&path, "bytes=5-").await.text, "56789");
    assert_eq!(noted(), 3, "and so is somebody else's, wherever it begins");
    let alice = Browser::sign_in(world.at, "alice").await;
    assert_eq!(alice.get_range(&path, "bytes=0-").await.status, 404, "of another agent's session");
    assert_eq!(noted(), 3);
}
