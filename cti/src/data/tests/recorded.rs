//! What was recorded of collaborations.

use std::io::Write as _;

use ngcc_proto::ask::{Command as Question, Event as Told};
use ngcc_proto::collab::Kind;
use ngcc_proto::recording::{Command, Event, MediaCommand, MediaEvent, Recording};
use ngcc_proto::{Body, CollabId, SessionId, Wall};
use ngcc_runtime::Recordings;

use super::*;
use crate::data::recordings::remove;

const SESSION: SessionId = SessionId(7);

fn recording(collab: u128, ended: i64) -> Recording {
    Recording {
        collab: CollabId(collab),
        session: SESSION,
        kind: Kind::Cobrowse,
        started: Wall(ended - 1000),
        ended: Wall(ended),
        bytes: 5,
        sha256: "ab".repeat(32),
    }
}

impl Running {
    async fn keep(&mut self, recording: Recording) {
        let collab = recording.collab;
        let Body::RecordingEvent(event) = self.ask(Command::Keep { recording }).await else {
            panic!("no answer")
        };
        assert_eq!(event, Event::Kept { collab });
    }

    async fn recorded(&mut self) -> Vec<Recording> {
        let Told::Transcript { recordings, .. } =
            self.question(Question::Transcript { session: SESSION }).await
        else {
            panic!("no transcript")
        };
        recordings
    }
}

#[tokio::test]
async fn a_recording_is_kept_once_and_told_with_its_session() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let now = running.house.clock.now().wall.0;
    let (late, early) = (recording(1, now), recording(2, now - 5000));
    running.keep(late.clone()).await;
    running.keep(early.clone()).await;
    running.keep(Recording { bytes: 9, ..late.clone() }).await;
    assert_eq!(running.recorded().await, [early, late.clone()], "a repeat changes nothing");
    running.stop().await;
    let mut again = Running::start(&place).await;
    let told = again.question(Question::Recording { collab: CollabId(1) }).await;
    assert_eq!(told, Told::Recording { recording: Some(late), agent: None });
    let none = again.question(Question::Recording { collab: CollabId(3) }).await;
    assert_eq!(none, Told::Recording { recording: None, agent: None });
}

#[tokio::test]
async fn what_has_been_kept_long_enough_goes_file_first_and_what_has_not_stays() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let files = Recordings::in_house(&place.0);
    let now = running.house.clock.now().wall.0;
    for (collab, ended) in [(1, now - 10_000), (2, now - 9_999), (3, now), (4, now - 20_000)] {
        running.keep(recording(collab, ended)).await;
        let (mut file, _) = files.append(CollabId(collab)).unwrap();
        file.write_all(b"line\n").unwrap();
    }
    // As if it had been killed between the two.
    files.remove(CollabId(4)).unwrap();
    let database = Database::open(&place.0).await.unwrap();
    remove(&database, &place.0, Wall(now - 9_999)).await.unwrap();
    let left: Vec<CollabId> = running.recorded().await.into_iter().map(|left| left.collab).collect();
    assert_eq!(left, [CollabId(2), CollabId(3)]);
    for (collab, there) in [(1, false), (2, true), (3, true), (4, false)] {
        assert_eq!(files.read(CollabId(collab)).unwrap().is_some(), there, "{collab}");
    }
}

#[tokio::test]
async fn a_screens_recording_is_kept_for_the_media_server_and_its_own_file_goes_when_its_time_is_over() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let now = running.house.clock.now().wall.0;
    let film = Recording { kind: Kind::Screen, ..recording(1, now - 10_000) };
    let keep = MediaCommand::Keep { recording: film.clone() };
    let Body::ScreenEvent(kept) = running.ask(keep).await else { panic!("no answer") };
    assert_eq!(kept, MediaEvent::Kept { collab: CollabId(1) });
    assert_eq!(running.recorded().await, [film]);
    let (films, others) = (Recordings::of_screens(&place.0), Recordings::in_house(&place.0));
    drop((films.make(CollabId(1)).unwrap(), others.make(CollabId(1)).unwrap()));
    let database = Database::open(&place.0).await.unwrap();
    remove(&database, &place.0, Wall(now)).await.unwrap();
    assert!(running.recorded().await.is_empty());
    assert!(films.read(CollabId(1)).unwrap().is_none() && others.read(CollabId(1)).unwrap().is_some());
}
