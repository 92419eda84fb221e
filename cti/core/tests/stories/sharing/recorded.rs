//! Whether what is shared is recorded: as the session's queue says, or the centre where it came through none.

use super::*;
use crate::world::sales;

/// What the collaboration server was told last of whether it is to record.
fn told(w: &World) -> Option<bool> {
    w.sent.iter().rev().find_map(|envelope| match &envelope.body {
        Body::CollabCommand(Command::Establish { record, .. }) => Some(*record),
        _ => None,
    })
}

#[test]
fn what_is_shared_is_recorded_as_the_queue_of_its_session_says() {
    for recorded in [false, true] {
        let mut config = sales(&["alice"]);
        config.queues[0].1.record_sharing = recorded;
        // What the centre says is for sessions that came through no queue.
        config.centre.record_sharing = !recorded;
        let mut w = World::new(config);
        w.sits_at_browser("alice");
        w.sharing.pages.insert(ann());
        let (_, session) = together(&mut w, "2000");
        established(&mut w, session);
        assert_eq!(told(&w), Some(recorded));
    }
}

/// A chat whose queue has what is shared recorded, in which the customer shows the screen to alice.
fn screen() -> (World, SessionId, CollabId) {
    let mut config = sales(&["alice"]);
    config.queues[0].1.record_sharing = true;
    let mut w = World::new(config);
    w.sits_at_browser("alice");
    w.sharing.pages.insert(ann());
    let (leg, session) = together(&mut w, "2000");
    w.say(Call::Asked { user: ann(), leg, kind: Kind::Screen });
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    (w, session, collab)
}

#[test]
fn a_screen_is_recorded_from_its_first_leg_to_its_end_whatever_the_queue_says_by_then() {
    let (mut w, session, collab) = screen();
    assert_eq!(
        (told(&w), w.recordings.len()),
        (Some(true), 0),
        "both ends are told, and nothing is shown yet"
    );
    w.config.queues[0].1.record_sharing = false;
    let config = w.config.clone();
    w.say(config);
    let customer = w.shows(collab, Who::User(ann()));
    let (conference, _) = w.media[&customer];
    assert_eq!(w.recordings.get(&collab), Some(&conference));
    w.crash();
    assert_eq!(w.recordings.len(), 1, "cti knows of it over a kill");
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    assert!(w.recordings.is_empty());
    assert!(w.live().iter().any(|live| live.id == session), "the conversation goes on");
}

#[test]
fn a_screens_recording_that_cannot_go_on_is_told_in_the_sessions_record_and_one_of_what_is_over_ends() {
    let (mut w, session, collab) = screen();
    w.shows(collab, Who::User(ann()));
    w.say(ngcc_proto::media::Event::Unrecorded { collab, loss: ngcc_proto::recording::Loss::Codec });
    let noted = w.facts_of(session).into_iter().find_map(|fact| match fact.what {
        What::CollabNoted { act: Act::Unrecorded, by, what, .. } => Some((by, what)),
        _ => None,
    });
    assert_eq!(noted, Some((By::Centre, "codec".to_owned())));
    let stray = CollabId(99);
    w.recordings.insert(stray, ngcc_proto::ConferenceId(98));
    w.tell_restored();
    w.run();
    assert_eq!(w.recordings.keys().collect::<Vec<_>>(), [&collab]);
}

#[test]
fn what_is_not_to_be_recorded_is_shown_without_a_recording() {
    let (mut w, _, collab) = {
        let mut w = desk(&["alice"]);
        w.sharing.pages.insert(ann());
        let (leg, session) = together(&mut w, "2000");
        w.say(Call::Asked { user: ann(), leg, kind: Kind::Screen });
        let collab = w.collabs_of(session)[0];
        w.both_join(collab);
        (w, session, collab)
    };
    w.shows(collab, Who::User(ann()));
    w.say(Event::Ended { collab, by: By::Customer, why: Why::Left });
    let about = w.sent.iter().any(|envelope| {
        matches!(
            &envelope.body,
            Body::MediaCommand(
                ngcc_proto::media::Command::Record { .. } | ngcc_proto::media::Command::EndRecording { .. }
            )
        )
    });
    assert!(!about);
}
