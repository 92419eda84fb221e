//! What a worker does when it is told: legs come, change, move and go.

use std::time::Instant;

use ngcc_ivr_core::media::{Conference, Desk, Member};
use ngcc_ivr_core::worker::{FromWorker, ToWorker};
use ngcc_proto::media::Part;
use ngcc_proto::{ConferenceId, LegId, Mono, Now};

use super::{Hall, Interest, Line, Moving, Order, Post, Token, Worker, lock};
use crate::media::peer::Peer;
use crate::media::ports::Pair;

impl Worker {
    pub(super) fn order(&mut self, order: Order, now: Now) {
        if let Some(waiting) = leg_of(&order).and_then(|leg| self.expected.get_mut(&leg)) {
            waiting.push(order);
            return;
        }
        match order {
            Order::Open(command, pair) => self.open(command, pair, now.mono),
            Order::Do(command) => self.command(command, now),
            Order::Expect(leg, conference) => {
                self.expected.insert(leg, vec![]);
                let hall = self.hall(conference, now.mono);
                self.coming(hall, 1);
            }
            Order::Give { leg, conference, part, to } => self.give(leg, conference, part, &to, now.mono),
            Order::Take(moving) => {
                let Moving { leg, conference, member, pair, peer } = *moving;
                self.seat(leg, conference, member, (pair, peer), now.mono);
                self.arrived(leg, conference, now);
            }
            Order::Gone(leg, conference) => self.arrived(leg, conference, now),
            Order::Stop => {}
        }
    }

    /// The hall an order is about, if there is one already.
    pub(super) fn hall_of(&self, order: &Order) -> Option<usize> {
        if let Order::Do(
            ToWorker::Phase { conference, .. }
            | ToWorker::Record { conference, .. }
            | ToWorker::Play { conference, .. }
            | ToWorker::StopPlaying { conference },
        ) = order
        {
            return self.by_conference.get(conference).copied();
        }
        let tag = self.by_leg.get(&leg_of(order)?)?;
        self.lines.at(*tag).map(|line| line.hall)
    }

    fn command(&mut self, command: ToWorker, now: Now) {
        match command {
            ToWorker::Open { leg, .. } => {
                tracing::error!(leg.id = %leg, "a media leg is opened without sockets")
            }
            ToWorker::Close { leg } => self.close(leg, now),
            ToWorker::Stream { leg, stream } => {
                self.with_leg(leg, now.mono, |c, slot, desk| c.set_stream(slot, stream, now.mono, desk));
            }
            ToWorker::Connect { leg, connect } => self.connect(leg, *connect, now.mono),
            ToWorker::Restart { leg, ours, theirs } => self.restart(leg, ours, theirs, now.mono),
            ToWorker::Echo { leg, on } => {
                self.with_leg(leg, now.mono, |c, slot, desk| c.set_echo(slot, on, desk))
            }
            ToWorker::Place { leg, conference, part } => self.place(leg, conference, part, now.mono),
            ToWorker::Phase { conference, phase } => {
                self.with_conference(conference, now.mono, |c, desk| c.set_phase(phase, desk));
            }
            ToWorker::Record { conference, collab } => {
                self.with_conference(conference, now.mono, |c, desk| c.record(collab, desk));
            }
            ToWorker::Play { conference, play, sound, repeat } => {
                self.with_conference(conference, now.mono, |c, desk| c.play(play, sound, repeat, desk));
            }
            ToWorker::StopPlaying { conference } => {
                self.with_conference(conference, now.mono, |c, desk| c.stop_playing(desk));
            }
        }
    }

    fn open(&mut self, command: ToWorker, pair: Pair, now: Mono) {
        let ToWorker::Open { leg, conference, part, stream } = command else { return };
        // The tag is given when the leg is seated.
        let mut member = Member::new(leg, part);
        if let Some(stream) = stream {
            member.set_stream(stream, now);
        }
        self.seat(leg, conference, member, (pair, None), now);
    }

    /// Puts a leg with its sockets and its browser's connection into a conference of this worker.
    fn seat(
        &mut self,
        leg: LegId,
        conference: ConferenceId,
        mut member: Member,
        (mut pair, peer): (Pair, Option<Box<Peer>>),
        now: Mono,
    ) {
        let tag = self.lines.reserve();
        let registry = self.poll.registry();
        let registered = registry
            .register(&mut pair.rtp, Token(2 * tag), Interest::READABLE)
            .and_then(|()| registry.register(&mut pair.rtcp, Token(2 * tag + 1), Interest::READABLE));
        if let Err(error) = registered {
            tracing::error!(leg.id = %leg, %error, "a media leg's sockets cannot be polled");
        }
        member.set_tag(tag as u32);
        let hall = self.hall(conference, now);
        let Self { halls, desk, .. } = self;
        let Some(slot) = halls.at_mut(hall).map(|h| h.conference.join(member, desk)) else { return };
        self.lines.put(tag, Line { leg, pair, peer, peer_care: None, hall, slot });
        self.by_leg.insert(leg, tag);
        self.care_for_peer(tag, now);
        self.reschedule(hall, now);
    }

    /// Takes a leg out of its conference, its sockets still registered.
    fn unseat(&mut self, leg: LegId, now: Mono) -> Option<(Member, Line)> {
        let tag = self.by_leg.remove(&leg)?;
        let mut line = self.lines.take(tag)?;
        self.peer_timers.set(tag, line.peer_care.take(), None);
        let Self { halls, desk, .. } = self;
        let member = halls.at_mut(line.hall)?.conference.leave(line.slot, desk)?;
        self.reschedule(line.hall, now);
        self.end_if_empty(line.hall);
        Some((member, line))
    }

    fn place(&mut self, leg: LegId, conference: ConferenceId, part: Part, now: Mono) {
        let Some(line) = self.by_leg.get(&leg).and_then(|&tag| self.lines.at(tag)) else { return };
        let (hall, slot) = (line.hall, line.slot);
        if self.by_conference.get(&conference) == Some(&hall) {
            return self.with_leg(leg, now, |c, _, desk| c.set_part(slot, part, desk));
        }
        let Some(&tag) = self.by_leg.get(&leg) else { return };
        let Self { halls, desk, .. } = &mut *self;
        let Some(mut member) = halls.at_mut(hall).and_then(|h| h.conference.leave(slot, desk)) else {
            return;
        };
        member.play_part(part);
        self.reschedule(hall, now);
        self.end_if_empty(hall);
        let hall = self.hall(conference, now);
        let Self { halls, desk, lines, .. } = &mut *self;
        if let (Some(h), Some(line)) = (halls.at_mut(hall), lines.at_mut(tag)) {
            (line.hall, line.slot) = (hall, h.conference.join(member, desk));
        }
        self.reschedule(hall, now);
    }

    fn give(&mut self, leg: LegId, conference: ConferenceId, part: Part, to: &Post, now: Mono) {
        let Some((mut member, Line { mut pair, peer, .. })) = self.unseat(leg, now) else {
            return to.send(Order::Gone(leg, conference));
        };
        member.play_part(part);
        let registry = self.poll.registry();
        if let Err(error) =
            registry.deregister(&mut pair.rtp).and_then(|()| registry.deregister(&mut pair.rtcp))
        {
            tracing::error!(leg.id = %leg, %error, "a media leg's sockets cannot be moved");
        }
        to.send(Order::Take(Box::new(Moving { leg, conference, member, pair, peer })));
    }

    /// A leg that was expected has come, or will not come: what waited for it is done now.
    fn arrived(&mut self, leg: LegId, conference: ConferenceId, now: Now) {
        let hall = self.hall(conference, now.mono);
        self.coming(hall, -1);
        for order in self.expected.remove(&leg).into_iter().flatten() {
            self.order(order, now);
        }
        self.end_if_empty(hall);
    }

    fn close(&mut self, leg: LegId, now: Now) {
        let Some(tag) = self.by_leg.get(&leg).copied() else { return };
        let Some(line) = self.lines.at(tag) else { return };
        let (hall, slot) = (line.hall, line.slot);
        let Self { halls, desk, .. } = &mut *self;
        if let Some(hall) = halls.at_mut(hall) {
            hall.conference.bye(slot, now, desk);
        }
        self.flush();
        self.disconnect(tag, now.mono);
        if let Some((_, line)) = self.unseat(leg, now.mono) {
            self.free(line);
        }
    }

    /// The conference's hall; it is made if it is not there.
    fn hall(&mut self, id: ConferenceId, now: Mono) -> usize {
        if let Some(&hall) = self.by_conference.get(&id) {
            return hall;
        }
        let index = self.halls.reserve();
        let phase = self.schedule.phase(now);
        let conference = Conference::new(id);
        let care = conference.next_care();
        self.halls.put(index, Hall { conference, phase, ticking: false, care, coming: 0 });
        self.by_conference.insert(id, index);
        index
    }

    fn coming(&mut self, hall: usize, by: isize) {
        if let Some(hall) = self.halls.at_mut(hall) {
            hall.coming = hall.coming.saturating_add_signed(by);
        }
    }

    fn end_if_empty(&mut self, index: usize) {
        if self.halls.at(index).is_some_and(|h| h.coming == 0 && h.conference.is_empty()) {
            self.end(index);
        }
    }

    fn end(&mut self, index: usize) {
        let Some(hall) = self.halls.take(index) else { return };
        if hall.ticking {
            self.schedule.stop(index, hall.phase);
        }
        self.schedule.give_back(hall.phase);
        self.schedule.care(index, hall.care, Mono(u64::MAX));
        self.by_conference.remove(&hall.conference.id());
    }

    /// Ends a hall and everything in it, without a look at what state it is in.
    pub(super) fn give_up(&mut self, hall: usize) {
        let tags: Vec<usize> =
            self.lines.iter().filter(|(_, line)| line.hall == hall).map(|(tag, _)| tag).collect();
        for tag in tags {
            let Some(mut line) = self.lines.take(tag) else { continue };
            self.peer_timers.set(tag, line.peer_care.take(), None);
            let leg = line.leg;
            self.by_leg.remove(&leg);
            self.free(line);
            (self.lent.events)(FromWorker::Silent { leg });
        }
        self.end(hall);
    }

    /// Closes a leg's sockets.
    fn free(&self, line: Line) {
        let port = line.pair.port;
        // Closing a socket takes it out of the poller.
        drop(line);
        lock(&self.lent.ports).give_back(port, Instant::now());
    }

    fn with_leg(&mut self, leg: LegId, now: Mono, how: impl FnOnce(&mut Conference, usize, &mut Desk)) {
        let Some(line) = self.by_leg.get(&leg).and_then(|&tag| self.lines.at(tag)) else { return };
        let (hall, slot) = (line.hall, line.slot);
        let Self { halls, desk, .. } = self;
        if let Some(hall) = halls.at_mut(hall) {
            how(&mut hall.conference, slot, desk);
        }
        self.reschedule(hall, now);
    }

    fn with_conference(&mut self, id: ConferenceId, now: Mono, how: impl FnOnce(&mut Conference, &mut Desk)) {
        let Some(&index) = self.by_conference.get(&id) else { return };
        let Self { halls, desk, .. } = self;
        if let Some(hall) = halls.at_mut(index) {
            how(&mut hall.conference, desk);
        }
        self.reschedule(index, now);
    }
}

/// The leg an order is about, if it has to be here already.
fn leg_of(order: &Order) -> Option<LegId> {
    match order {
        Order::Give { leg, .. } => Some(*leg),
        Order::Do(
            ToWorker::Stream { leg, .. }
            | ToWorker::Connect { leg, .. }
            | ToWorker::Restart { leg, .. }
            | ToWorker::Place { leg, .. }
            | ToWorker::Echo { leg, .. }
            | ToWorker::Close { leg },
        ) => Some(*leg),
        Order::Do(
            ToWorker::Open { .. }
            | ToWorker::Phase { .. }
            | ToWorker::Record { .. }
            | ToWorker::Play { .. }
            | ToWorker::StopPlaying { .. },
        )
        | Order::Open(..)
        | Order::Expect(..)
        | Order::Take(..)
        | Order::Gone(..)
        | Order::Stop => None,
    }
}
