//! The browsers' connections of a worker: what they receive, send and tell, and their timers.

use std::collections::BTreeSet;

use ngcc_ivr_core::media::PEER;
use ngcc_ivr_core::worker::{Connect, FromWorker, IceKeys};
use ngcc_proto::{LegId, Mono};

use super::{Line, Worker};
use crate::media::peer::{News, Peer, Received};

/// When which line's connection is to be cared for.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(Mono, usize)>,
}

impl Timers {
    /// The next moment.
    pub(super) fn next(&self) -> Option<Mono> {
        self.due.first().map(|(at, _)| *at)
    }

    fn take_due(&mut self, now: Mono) -> Option<usize> {
        let &(at, tag) = self.due.first().filter(|(at, _)| *at <= now)?;
        self.due.remove(&(at, tag));
        Some(tag)
    }

    /// Moves a line's moment; none is never.
    pub(super) fn set(&mut self, tag: usize, from: Option<Mono>, to: Option<Mono>) {
        if let Some(from) = from {
            self.due.remove(&(from, tag));
        }
        self.due.extend(to.map(|to| (to, tag)));
    }
}

impl Worker {
    /// A browser's connection takes the leg over from the one before.
    pub(super) fn connect(&mut self, leg: LegId, connect: Connect, now: Mono) {
        let Some(tag) = self.by_leg.get(&leg).copied() else { return };
        self.disconnect(tag, now);
        match Peer::new(&self.lent.identity, connect, now) {
            Ok(peer) => {
                if let Some(line) = self.lines.at_mut(tag) {
                    line.peer = Some(Box::new(peer));
                    self.care_for_peer(tag, now);
                }
            }
            Err(error) => {
                tracing::error!(leg.id = %leg, %error, "a browser cannot be connected");
                (self.lent.events)(FromWorker::PeerLost { leg });
            }
        }
    }

    /// A browser has restarted ICE.
    pub(super) fn restart(&mut self, leg: LegId, ours: IceKeys, theirs: String, now: Mono) {
        let Some(tag) = self.by_leg.get(&leg).copied() else { return };
        if let Some(peer) = self.lines.at_mut(tag).and_then(|line| line.peer.as_mut()) {
            peer.restart(ours, theirs);
            self.care_for_peer(tag, now);
        }
    }

    /// Takes leave of a line's browser, if it has one.
    pub(super) fn disconnect(&mut self, tag: usize, now: Mono) {
        let Some(line) = self.lines.at_mut(tag) else { return };
        let Some(mut peer) = line.peer.take() else { return };
        self.peer_timers.set(tag, line.peer_care.take(), None);
        peer.close();
        send_all(&mut peer, line);
        let (hall, slot) = (line.hall, line.slot);
        let Self { halls, desk, .. } = self;
        if let Some(hall) = halls.at_mut(hall) {
            hall.conference.set_connected(slot, false, now, desk);
        }
    }

    /// Gives a datagram to a line's connection, and what it holds to the conference.
    pub(super) fn receive_from_peer(
        &mut self,
        tag: usize,
        from: std::net::SocketAddr,
        datagram: &[u8],
        now: Mono,
    ) {
        let Some(line) = self.lines.at_mut(tag) else { return };
        let Some(peer) = &mut line.peer else { return };
        let received = peer.receive(from, datagram, now);
        let (hall, slot) = (line.hall, line.slot);
        if peer.wants_attention() {
            self.attend(tag, now);
        }
        match received {
            Received::Nothing => return,
            Received::Rtp(packet) => {
                if let Some(hall) = self.halls.at_mut(hall) {
                    hall.conference.rtp(slot, PEER, &packet, now, &mut self.desk);
                }
            }
            Received::Rtcp(packet) => {
                if let Some(hall) = self.halls.at_mut(hall) {
                    hall.conference.rtcp(slot, PEER, &packet, now);
                }
            }
        }
        self.flush();
        self.reschedule(hall, now);
    }

    /// Looks after every connection that is due.
    pub(super) fn care_for_peers(&mut self, now: Mono) {
        while let Some(tag) = self.peer_timers.take_due(now) {
            let hall = self.lines.at(tag).map(|line| line.hall);
            self.shielded(hall, |worker| worker.care_for_peer(tag, now));
        }
    }

    /// Looks after a line's connection now, and says when to look again.
    pub(super) fn care_for_peer(&mut self, tag: usize, now: Mono) {
        let Some(line) = self.lines.at_mut(tag) else { return };
        let before = line.peer_care;
        line.peer_care = line.peer.as_mut().and_then(|peer| peer.care(now));
        self.peer_timers.set(tag, before, line.peer_care);
        self.attend(tag, now);
    }

    /// Sends what a connection wants sent, and tells what it has to tell.
    fn attend(&mut self, tag: usize, now: Mono) {
        let Some(line) = self.lines.at_mut(tag) else { return };
        let Some(mut peer) = line.peer.take() else { return };
        send_all(&mut peer, line);
        let (leg, hall, slot) = (line.leg, line.hall, line.slot);
        let mut news = vec![];
        news.extend(std::iter::from_fn(|| peer.news()));
        line.peer = Some(peer);
        for news in news {
            let Self { halls, desk, .. } = &mut *self;
            if let Some(hall) = halls.at_mut(hall) {
                hall.conference.set_connected(slot, news == News::Up, now, desk);
            }
            self.reschedule(hall, now);
            match news {
                News::Up => {
                    self.care_for_peer(tag, now);
                    (self.lent.events)(FromWorker::PeerUp { leg });
                }
                News::Lost => (self.lent.events)(FromWorker::PeerLost { leg }),
            }
        }
    }
}

fn send_all(peer: &mut Peer, line: &Line) {
    while let Some((to, datagram)) = peer.next_datagram() {
        // Lost like one the network drops: checks and handshakes are repeated.
        let _ = line.pair.rtp.send_to(&datagram, to);
    }
}
