//! A leg as its conference knows it: its part, both streams, its keys, and what it is fed with. It moves as a whole
//! when the leg is placed elsewhere.

use std::net::SocketAddr;

use ngcc_proto::media::Part;
use ngcc_proto::{LegId, Mono, Now};

use super::guard::{Guard, PEER};
use super::jitter::Jitter;
use super::keys::{Keys, Typing};
use super::outbox::{Channel, Outbox};
use super::outgoing::Outgoing;
use super::reception::Reception;
use super::rtcp::{self, Cap, Received, Report};
use super::rtp::Packet;
use super::video::{Pictures, Show};
use crate::sdp::web::VIDEO_KBPS;
use crate::worker::Stream;

/// A leg in a conference.
pub struct Member {
    pub(super) leg: LegId,
    pub(super) tag: u32,
    pub(super) part: Part,
    pub(super) echo: bool,
    pub(super) line: Option<Line>,
    pub(super) feed: Feed,
    /// The slots its packets are forwarded to.
    pub(super) relayed_to: Vec<u16>,
    /// Its play-out, while anybody hears it in a mix.
    pub(super) jitter: Option<Box<Jitter>>,
}

/// What a leg's stream carries toward it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Feed {
    #[default]
    Nothing,
    /// The packets of the leg in this slot, as they come.
    Relay(u16),
    /// The automation alone.
    Automation,
    /// Music alone.
    Music,
    Mix,
}

/// Both streams of a leg.
pub(super) struct Line {
    pub(super) stream: Stream,
    pub(super) guard: Guard,
    pub(super) out: Outgoing,
    pub(super) reception: Option<Reception>,
    pub(super) keys: Keys,
    pub(super) typing: Typing,
    /// Its pictures, if it has any.
    pub(super) pictures: Option<Pictures>,
    /// When something came last, or could first have come.
    pub(super) alive: Mono,
    pub(super) silent: bool,
    report_at: Mono,
}

impl Member {
    /// A leg without streams yet.
    pub fn new(leg: LegId, part: Part) -> Self {
        Self {
            leg,
            tag: 0,
            part,
            echo: false,
            line: None,
            feed: Feed::Nothing,
            relayed_to: vec![],
            jitter: None,
        }
    }

    /// Its tag.
    pub fn tag(&self) -> u32 {
        self.tag
    }

    /// Gives it the tag that names it in the outbox; to be done before it joins.
    pub fn set_tag(&mut self, tag: u32) {
        self.tag = tag;
    }

    /// Its part from now on.
    pub fn play_part(&mut self, part: Part) {
        self.part = part;
    }

    /// The streams are now these. Ours goes on where it was unless its SSRC is another.
    pub fn set_stream(&mut self, stream: Stream, now: Mono) {
        match &mut self.line {
            Some(line) if line.stream.ssrc == stream.ssrc => line.renew(stream, now),
            Some(_) | None => self.line = Some(Line::new(stream, now)),
        }
    }

    /// A browser's connection stands, or no longer: nothing is heard or sent without one.
    pub fn set_connected(&mut self, connected: bool, now: Mono) {
        let Some(line) = self.line.as_mut().filter(|line| line.stream.web) else { return };
        line.guard.signal(connected.then_some(PEER));
        line.is_alive(now);
        if let Some(pictures) = &mut line.pictures {
            pictures.turn(Show::Nothing);
        }
    }

    /// Says good-bye to the other side.
    pub(super) fn bye(&mut self, now: Now, outbox: &mut Outbox) {
        if let Some(line) = &mut self.line {
            line.report(self.tag, true, now, outbox);
        }
    }

    /// Whether anybody can hear it.
    pub(super) fn speaks(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.stream.receive)
    }

    /// Whether it can hear anybody.
    pub(super) fn listens(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.stream.send && line.guard.target().is_some())
    }
}

impl Line {
    fn new(stream: Stream, now: Mono) -> Self {
        // Reports are spread, so that legs that were opened together do not report together.
        let spread = u64::from(stream.ssrc) % (rtcp::INTERVAL_US / 2);
        Self {
            guard: Guard::new(stream.remote),
            out: Outgoing::new(stream.ssrc, stream.seq, stream.timestamp, now),
            pictures: stream.video.clone().map(|video| Pictures::new(video, now)),
            stream,
            reception: None,
            keys: Keys::default(),
            typing: Typing::default(),
            alive: now,
            silent: false,
            report_at: Mono(now.0 + rtcp::INTERVAL_US / 2 + spread),
        }
    }

    fn renew(&mut self, stream: Stream, now: Mono) {
        if !stream.web {
            self.guard.signal(stream.remote);
        }
        if stream.receive && !self.stream.receive {
            (self.alive, self.silent) = (now, false);
        }
        match (&mut self.pictures, &stream.video) {
            (Some(pictures), Some(video)) if pictures.stream.ssrc == video.ssrc => {
                pictures.stream = video.clone();
                pictures.turn(Show::Nothing);
            }
            (pictures, video) => {
                *pictures = video.clone().map(|video| Pictures::new(video, now));
            }
        }
        self.stream = stream;
    }

    /// Something came that only the other side can have sent.
    pub(super) fn is_alive(&mut self, now: Mono) {
        (self.alive, self.silent) = (now, false);
    }

    /// Counts a packet that is taken.
    pub(super) fn count(&mut self, packet: &Packet<'_>, now: Mono) {
        (self.alive, self.silent) = (now, false);
        match &mut self.reception {
            Some(reception) if reception.ssrc() == packet.ssrc => reception.count(packet, now),
            Some(_) | None => self.reception = Some(Reception::new(packet, now)),
        }
    }

    /// A control packet came.
    pub(super) fn control(&mut self, from: SocketAddr, bytes: &[u8], now: Mono) {
        if !self.guard.admits_control(from) {
            return;
        }
        let Some(received) = Received::parse(bytes, self.out.ssrc()) else { return };
        // A phone that sends no sound while nobody speaks still reports: it is there.
        (self.alive, self.silent) = (now, false);
        let Some((ssrc, ntp)) = received.report else { return };
        let pictures = self.pictures.as_mut().and_then(|pictures| pictures.reception.as_mut());
        for reception in self.reception.as_mut().into_iter().chain(pictures).filter(|r| r.ssrc() == ssrc) {
            reception.reported(ntp, now);
        }
    }

    /// Whether it has been silent for too long; true once.
    pub(super) fn falls_silent(&mut self, after_us: u64, now: Mono) -> bool {
        let falls = self.silence_at(after_us).is_some_and(|at| at <= now);
        self.silent |= falls;
        falls
    }

    /// Reports if it is time.
    pub(super) fn report_if_due(&mut self, tag: u32, now: Now, outbox: &mut Outbox) {
        if self.report_at <= now.mono {
            self.report_at = Mono(now.mono.0 + rtcp::INTERVAL_US);
            self.report(tag, false, now, outbox);
        }
    }

    /// When it has to be looked after.
    pub(super) fn deadline(&self, silent_after_us: u64) -> Mono {
        let keys = self.keys.deadline().unwrap_or(self.report_at);
        let silence = self.silence_at(silent_after_us).unwrap_or(self.report_at);
        self.report_at.min(keys).min(silence)
    }

    fn silence_at(&self, after_us: u64) -> Option<Mono> {
        let expected = self.stream.receive && self.guard.is_signalled() && !self.silent;
        expected.then(|| Mono(self.alive.0.saturating_add(after_us)))
    }

    fn report(&mut self, tag: u32, bye: bool, now: Now, outbox: &mut Outbox) {
        let Some(mut to) = self.guard.target() else { return };
        if !self.stream.web {
            let Some(port) = to.port().checked_add(1) else { return };
            to.set_port(port);
        }
        let report = Report {
            ssrc: self.out.ssrc(),
            sent: self.out.report(rtcp::ntp(now.wall), now.mono),
            block: self.reception.as_mut().map(|reception| reception.block(now.mono)),
            bye,
        };
        outbox.post(tag, Channel::Rtcp, to, |bytes| report.write(bytes));
        let Some(pictures) = &mut self.pictures else { return };
        let report = Report {
            ssrc: pictures.out.ssrc(),
            sent: pictures.out.report(rtcp::ntp(now.wall), now.mono),
            block: pictures.reception.as_mut().map(|reception| reception.block(now.mono)),
            bye,
        };
        let cap = pictures.reception.as_ref().filter(|_| !bye).map(|reception| Cap {
            ours: pictures.out.ssrc(),
            theirs: reception.ssrc(),
            bits: VIDEO_KBPS * 1000,
        });
        outbox.post(tag, Channel::Rtcp, to, |bytes| {
            report.write(bytes);
            cap.iter().for_each(|cap| cap.write(bytes));
        });
    }
}
