//! What is recorded of a conference: the pictures of its `User`, exactly while somebody is shown them. Where nobody is,
//! because they are not granted, are paused or nobody looks, no packet of them comes here.

use ngcc_proto::media::Part;
use ngcc_proto::{CollabId, Mono};

use super::show::pictures_of;
use super::{Conference, Desk};
use crate::film::Frame;
use crate::media::rtp::{Packet, time_ahead};
use crate::media::unpack::{Picture, Unpacker};
use crate::worker::VideoCodec;

/// How long a recording may go on without a key frame, to which a player can go: in microseconds.
const KEY_US: u64 = 20_000_000;
/// How far the times of pictures may be from those at which they came before they are counted anew.
const DRIFT_US: i64 = 500_000;

/// See the module.
pub(super) struct Film {
    collab: CollabId,
    /// Whose packets these are: a tag and an SSRC.
    source: Option<(u32, u32)>,
    unpacker: Unpacker,
    /// A picture's timestamp, and when it is to be shown.
    pace: Option<(u32, Mono)>,
    /// When the last key frame came.
    key_at: Mono,
}

impl Film {
    fn new(collab: CollabId) -> Self {
        Self { collab, source: None, unpacker: Unpacker::new(), pace: None, key_at: Mono(0) }
    }

    /// Nothing that came before belongs to what comes now.
    fn cut(&mut self) {
        *self = Self::new(self.collab);
    }

    fn wants_key(&self, now: Mono) -> bool {
        let is_old = now.0.saturating_sub(self.key_at.0) >= KEY_US;
        (self.unpacker.waits() || is_old) && !self.unpacker.has_key_in_part()
    }

    fn frame(&mut self, picture: Picture) -> Frame {
        let Picture { timestamp, at, key, bytes } = picture;
        if key.is_some() {
            self.key_at = at;
        }
        // Pictures are shown at the pace at which they were taken, not at that of the network.
        let paced = self.pace.map(|(before, shown)| {
            let step = i64::from(time_ahead(timestamp, before)) * 100 / 9;
            shown.0.saturating_add_signed(step)
        });
        let near = paced.filter(|paced| paced.abs_diff(at.0) <= DRIFT_US.unsigned_abs());
        let shown = Mono(near.unwrap_or(at.0));
        self.pace = Some((timestamp, shown));
        Frame { at: shown, key, bytes }
    }

    fn hand_over(&mut self, desk: &mut Desk) {
        while let Some(picture) = self.unpacker.next() {
            let frame = self.frame(picture);
            desk.outbox.frames.push((self.collab, frame));
        }
    }
}

impl Conference {
    /// The pictures of the `User` are recorded from now on, or no longer.
    pub fn record(&mut self, collab: Option<CollabId>, desk: &Desk) {
        if self.film.as_ref().map(|film| film.collab) != collab {
            self.film = collab.map(Film::new);
            self.want_key_for_film(Mono(u64::MAX));
            self.plan_care(desk);
        }
    }

    /// A packet of the member in `slot`, which somebody was shown.
    pub(super) fn film(&mut self, slot: usize, packet: &Packet<'_>, now: Mono, desk: &mut Desk) {
        let Some(film) = &mut self.film else { return };
        let Some(member) = self.slots[slot].as_ref().filter(|member| member.part == Part::User) else {
            return;
        };
        let codec = member.line.as_ref().and_then(|line| Some(line.pictures.as_ref()?.stream.codec));
        if codec != Some(VideoCodec::Vp8) {
            return;
        }
        let source = Some((member.tag, packet.ssrc));
        if film.source != source {
            film.cut();
            film.source = source;
        }
        film.unpacker.put(packet, now);
        film.hand_over(desk);
        let due = film.unpacker.due();
        self.next_care = due.map_or(self.next_care, |due| self.next_care.min(due));
        self.want_key_for_film(now);
    }

    /// What is missing and had its time is given up.
    pub(super) fn care_for_film(&mut self, now: Mono, desk: &mut Desk) {
        if let Some(film) = &mut self.film {
            film.unpacker.late(now);
            film.hand_over(desk);
            if film.unpacker.waits() {
                self.want_key_for_film(now);
            }
        }
    }

    /// When something is to be given up.
    pub(super) fn film_due(&self) -> Option<Mono> {
        self.film.as_ref()?.unpacker.due()
    }

    /// Who is shown what has changed: where nobody is shown the `User`, what has come of a picture is dropped.
    pub(super) fn cut_film(&mut self) {
        if self.filmed().is_none()
            && let Some(film) = &mut self.film
        {
            film.cut();
        }
    }

    /// The slot whose pictures are recorded.
    fn filmed(&self) -> Option<usize> {
        self.slots.iter().position(|member| {
            let Some(member) = member.as_ref().filter(|member| member.part == Part::User) else {
                return false;
            };
            let pictures = member.line.as_ref().and_then(|line| line.pictures.as_ref());
            pictures.is_some_and(|pictures| !pictures.shown_to.is_empty())
        })
    }

    /// The browser whose pictures are recorded is asked for a key frame, where one is needed.
    fn want_key_for_film(&mut self, now: Mono) {
        let wants = self.film.as_ref().is_some_and(|film| film.wants_key(now));
        let Some(slot) = self.filmed().filter(|_| wants) else { return };
        if let Some(pictures) = pictures_of(&mut self.slots, slot) {
            pictures.wanted = true;
            self.next_care = pictures.ask_at().map_or(self.next_care, |at| self.next_care.min(at));
        }
    }
}
