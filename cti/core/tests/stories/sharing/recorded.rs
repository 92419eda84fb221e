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
