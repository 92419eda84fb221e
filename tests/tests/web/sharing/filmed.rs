//! A screen is recorded by policy: what the agent was shown of it, over a kill, and nothing of what was not to be seen.

use std::time::{Duration, Instant};

use ngcc_proto::config::Queue;
use sha2::{Digest as _, Sha256};

use super::looks::Screen;
use super::peer::Peer;
use super::recorded::listed;
use super::*;
use crate::page::LONG;

const OURS: &[u8] = b"a picture of the test's own";

/// The `n`th picture: every fifth is a key frame.
fn picture(n: u32) -> Vec<u8> {
    let mut bytes =
        if n.is_multiple_of(5) { vec![0, 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 240, 0] } else { vec![1, 0, 0] };
    bytes.extend_from_slice(OURS);
    bytes.extend(n.to_be_bytes());
    bytes.extend((0..n % 7 * 150).map(|i| i as u8));
    bytes
}

fn is_ours(picture: &[u8]) -> bool {
    picture.windows(OURS.len()).any(|part| part == OURS)
}

/// Both ends' browsers at one screen.
struct Show {
    customer: Peer,
    agent: Peer,
    /// Their sockets beside.
    screens: Option<[Screen; 2]>,
    /// The pictures that were sent.
    sent: u32,
    /// Every one of ours that the agent was shown.
    shown: Vec<Vec<u8>>,
}

impl Show {
    fn new() -> Self {
        Self { customer: Peer::new(), agent: Peer::new(), screens: None, sent: 0, shown: vec![] }
    }

    /// Both connect.
    async fn connect(&mut self, centre: &Centre, ann: &mut Customer, alice: &mut Agent, collab: &Value) {
        (self.customer, self.agent) = (Peer::new(), Peer::new());
        let answer = |screen: &Screen| screen.told["data"]["sdp"].as_str().expect("an answer").to_owned();
        let offer = self.customer.offer("sendonly");
        let shows = Screen::offers_what(centre, &ann.rtc_token().await, collab, offer).await;
        self.customer.answered(&answer(&shows));
        let offer = self.agent.offer("recvonly");
        let sees = Screen::offers_what(centre, &alice.rtc_token().await, collab, offer).await;
        self.agent.answered(&answer(&sees));
        self.until("both are connected", |show, _| show.customer.is_connected() && show.agent.is_connected());
        // Those of before a kill are gone.
        drop(self.screens.replace([shows, sees]));
    }

    /// Drives both until `enough`; what the agent is shown meanwhile is what it is given.
    fn until(&mut self, what: &str, mut enough: impl FnMut(&mut Self, &[Vec<u8>]) -> bool) {
        let begun = Instant::now();
        let mut seen = vec![];
        while !enough(self, &seen) {
            assert!(begun.elapsed() < LONG, "{what}");
            self.customer.step();
            self.agent.step();
            for picture in std::mem::take(&mut self.agent.seen) {
                if is_ours(&picture) {
                    self.shown.push(picture.clone());
                }
                seen.push(picture);
            }
        }
    }

    /// The customer's page sends pictures until the agent has been shown `count` of them more, each of which was the last
    /// that was sent.
    fn film(&mut self, count: usize) {
        let from = self.shown.len();
        let mut due = Instant::now();
        self.until("the agent sees them", |show, _| {
            if show.shown.len() - from >= count {
                return true;
            }
            if Instant::now() >= due {
                show.customer.show(&picture(show.sent));
                show.sent += 1;
                due = Instant::now() + Duration::from_millis(20);
            }
            false
        });
        let last = picture(self.sent - 1);
        self.until("the last of them too", |show, _| show.shown.last() == Some(&last));
    }
}

/// An element's id, the length of its head, and how much is in it: read by nothing of the product's.
fn element(bytes: &[u8]) -> (u32, usize, u64) {
    let width = bytes[0].leading_zeros() as usize + 1;
    let id = bytes[..width].iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let long = bytes[width].leading_zeros() as usize + 1;
    let first = u64::from(bytes[width]) & ((1 << (8 - long)) - 1);
    let size = bytes[width + 1..width + long].iter().fold(first, |size, byte| size << 8 | u64::from(*byte));
    (id, width + long, size)
}

/// What is in an element: its children with their ids.
fn children(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
    let mut found = vec![];
    while !bytes.is_empty() {
        let (id, head, size) = element(bytes);
        let (value, rest) = bytes[head..].split_at(usize::try_from(size).expect("a size"));
        found.push((id, value));
        bytes = rest;
    }
    found
}

fn child<'a>(of: &[(u32, &'a [u8])], id: u32) -> &'a [u8] {
    of.iter().find(|(of, _)| *of == id).unwrap_or_else(|| panic!("no {id:X}")).1
}

/// A picture: its time in milliseconds, whether it is a key frame, and its bytes.
type Picture = (u64, bool, Vec<u8>);

/// Each picture of a video's; the video's length in milliseconds; and the times of the places to which a player can go.
fn video(file: &[u8]) -> (Vec<Picture>, f64, Vec<u64>) {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let top = children(file);
    assert_eq!(child(&children(child(&top, 0x1A45_DFA3)), 0x4282), b"webm");
    let segment = children(child(&top, 0x1853_8067));
    let length = child(&children(child(&segment, 0x1549_A966)), 0x4489).try_into().expect("eight bytes");
    let track = children(child(&children(child(&segment, 0x1654_AE6B)), 0xAE));
    assert_eq!(child(&track, 0x86), b"V_VP8");
    let places = children(child(&segment, 0x1C53_BB6B));
    let places = places.iter().map(|(_, place)| number(child(&children(place), 0xB3))).collect();
    let mut pictures = vec![];
    for (_, cluster) in segment.iter().filter(|(id, _)| *id == 0x1F43_B675) {
        let blocks = children(cluster);
        let time = number(child(&blocks, 0xE7));
        for (_, block) in blocks.iter().filter(|(id, _)| *id == 0xA3) {
            pictures.push((time + number(&block[1..3]), block[3] & 0x80 != 0, block[4..].to_vec()));
        }
    }
    (pictures, f64::from_be_bytes(length), places)
}

/// Waits until the recording has a picture on disk.
async fn on_disk(centre: &Centre, collab: &str, picture: &[u8]) {
    let path = centre.data().join("recordings/screen").join(format!("{collab}.part"));
    let begun = Instant::now();
    let has = |file: Vec<u8>| file.windows(picture.len()).any(|part| part == picture);
    while !std::fs::read(&path).is_ok_and(has) {
        assert!(begun.elapsed() < LONG, "it is not recorded");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_screen_is_recorded_as_the_agent_saw_it_over_a_kill_and_nothing_while_it_is_paused() {
    let mut house = one_agent();
    house.queues = house.queues.into_iter().map(|queue| Queue { record_sharing: true, ..queue }).collect();
    let mut centre = Centre::start_with(&house, &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, QUEUE).await;
    ann.say("k1", "Hello").await;
    let session = alice.accept().await;
    ann.share(json!({ "kind": "screen" })).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let (id, collab) = (to_ann["collab"].clone(), to_ann["collab"].as_str().expect("an id").to_owned());
    let mut own = End::join(centre.http(), &to_ann).await;
    let mut seen = End::join(centre.http(), &to_alice).await;
    assert_eq!((&own.ready["recorded"], &seen.ready["recorded"]), (&json!(true), &json!(true)));
    own.both_here().await;
    seen.both_here().await;
    let mut show = Show::new();
    show.connect(&centre, &mut ann, &mut alice, &id).await;
    show.film(12);

    own.tell("pause", json!({ "on": true })).await;
    seen.find("paused").await;
    show.until("the slate", |_, seen| seen.last().is_some_and(|last| !is_ours(last)));
    let before = show.sent;
    let mut due = Instant::now();
    show.until("it goes on sending", |show, _| {
        if Instant::now() >= due {
            show.customer.show(&picture(show.sent));
            show.sent += 1;
            due = Instant::now() + Duration::from_millis(20);
        }
        show.sent >= before + 12
    });
    // What was sent has come there before the slate of a second later.
    show.until("the slate again", |_, seen| seen.last().is_some_and(|last| !is_ours(last)));
    own.tell("pause", json!({ "on": false })).await;
    seen.find("paused").await;
    show.film(12);
    on_disk(&centre, &collab, &picture(show.sent - 1)).await;

    killed(&mut centre, &mut ann, &mut alice).await;
    let (to_ann, to_alice) = (ann.invited().await, alice.invited().await);
    let _seen = End::join(centre.http(), &to_alice).await;
    let mut own = End::join(centre.http(), &to_ann).await;
    assert_eq!(own.ready["recorded"], true);
    show.connect(&centre, &mut ann, &mut alice, &id).await;
    show.film(12);
    own.tell("leave", json!({})).await;
    own.find("ended").await;

    let sue = Agent::person(&centre, "sue").await;
    let listed = listed(&sue, &session).await;
    assert_eq!((&listed[0]["collab"], &listed[0]["kind"]), (&id, &json!("screen")));
    let path = format!("/api/v1/recordings/collab/{collab}");
    let answer = sue.get(&path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("video/webm")));
    assert_eq!(answer.header("content-length"), Some(listed[0]["bytes"].to_string().as_str()));
    let place = centre.data().join("recordings/screen");
    let kept = ["webm", "part"].map(|ending| std::fs::read(place.join(format!("{collab}.{ending}"))).ok());
    let file = kept.into_iter().flatten().next().expect("a file");
    let sum: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(listed[0]["sha256"], sum.as_str());

    let (pictures, length, places) = video(&file);
    let recorded: Vec<&Vec<u8>> = pictures.iter().map(|(.., bytes)| bytes).collect();
    assert_eq!(recorded.len(), show.shown.len());
    assert!(recorded.iter().copied().eq(&show.shown), "picture for picture");
    let paused: Vec<Vec<u8>> = (before..before + 12).map(picture).collect();
    assert!(!recorded.iter().any(|picture| paused.contains(picture)));
    assert!(pictures.windows(2).all(|two| two[0].0 < two[1].0), "one behind another");
    let last = pictures.last().expect("a picture").0 as f64;
    assert!(length > last && length < last + 1000.0, "{length} ms, {last}");
    let keys: Vec<u64> = pictures.iter().filter(|(_, is_key, _)| *is_key).map(|(at, ..)| *at).collect();
    assert_eq!(places, keys);

    let bob = Agent::person(&centre, "bob").await;
    assert_eq!(bob.get(&path).await.status, 404, "another agent's session");
}
