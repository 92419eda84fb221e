//! Who is shown whom: whoever is heard is seen. Pictures go from one member to another as they come; where there is
//! nobody to see, the slate is shown.

use ngcc_proto::media::Part;
use ngcc_proto::{Mono, Now};

use super::{Conference, Desk, Member};
use crate::media::matrix::{Ear, Mouth, hears};
use crate::media::member::Line;
use crate::media::outbox::{Channel, Outbox};
use crate::media::rtcp::{self, Ask};
use crate::media::rtp::Packet;
use crate::media::slate;
use crate::media::video::{MAX_PAYLOAD, Pictures, Show, begins_key_frame};
use crate::media::vp8::Vp8;
use crate::worker::VideoCodec;

/// Who is looked at first, of several.
const PARTS: [Part; 4] = [Part::User, Part::Agent, Part::Second, Part::Supervisor];

impl Conference {
    /// Works out what every member is shown.
    pub(super) fn reshow(&mut self) {
        let shows: Vec<Show> = (0..self.slots.len()).map(|slot| self.show(slot)).collect();
        for (member, &show) in self.slots.iter_mut().zip(&shows) {
            let Some(pictures) = pictures(member) else { continue };
            pictures.shown_to.clear();
            if pictures.show != show {
                pictures.turn(show);
            }
        }
        for (slot, show) in shows.into_iter().enumerate() {
            let Show::Member(source) = show else { continue };
            let waits = pictures(&mut self.slots[slot]).is_some_and(|pictures| pictures.waits());
            if let Some(source) = pictures(&mut self.slots[usize::from(source)]) {
                source.shown_to.push(slot as u16);
                source.wanted |= waits;
            }
        }
        self.cut_film();
    }

    /// A packet of a picture came for the member in `slot`.
    pub(super) fn picture(&mut self, slot: usize, packet: &Packet<'_>, now: Mono, desk: &mut Desk) {
        let Some(member) = self.slots[slot].as_mut() else { return };
        let Some(line) = &mut member.line else { return };
        line.is_alive(now);
        let (tag, Some(pictures)) = (member.tag, &mut line.pictures) else { return };
        if !pictures.stream.receive || packet.payload.len() > MAX_PAYLOAD {
            return;
        }
        pictures.count(packet, now);
        pictures.wanted &= !begins_key_frame(pictures.stream.codec, packet.payload);
        let (codec, listeners) = (pictures.stream.codec, std::mem::take(&mut pictures.shown_to));
        let mut wanted = false;
        for &listener in &listeners {
            wanted |= !self.pass_on(usize::from(listener), tag, codec, packet, now, &mut desk.outbox);
        }
        let is_shown = !listeners.is_empty();
        if let Some(pictures) = pictures_of(&mut self.slots, slot) {
            pictures.shown_to = listeners;
            pictures.wanted |= wanted;
            self.next_care = pictures.ask_at().map_or(self.next_care, |at| self.next_care.min(at));
        }
        if is_shown {
            self.film(slot, packet, now, desk);
        }
    }

    /// What a browser says of the pictures it is shown: it needs a key frame.
    pub(super) fn lost_picture(&mut self, slot: usize) {
        let Some(pictures) = pictures_of(&mut self.slots, slot) else { return };
        pictures.lost();
        if let Show::Member(source) = pictures.show
            && let Some(source) = pictures_of(&mut self.slots, usize::from(source))
        {
            source.wanted = true;
        }
        self.next_care = Mono(0);
    }

    /// Asks for key frames and shows the slate, where that is due.
    pub(super) fn care_for_pictures(&mut self, now: Now, outbox: &mut Outbox) {
        for member in self.slots.iter_mut().flatten() {
            let tag = member.tag;
            let Some(Line { pictures: Some(pictures), guard, stream, .. }) = &mut member.line else {
                continue;
            };
            let Some(to) = guard.target() else { continue };
            if let Some(theirs) = pictures.ask(now.mono) {
                let ask = Ask { ours: stream.ssrc, theirs };
                outbox.post(tag, Channel::Rtcp, to, |bytes| ask.write(bytes));
            }
            if pictures.slate_due(now.mono) {
                let (codec, payload_type) = (pictures.stream.codec, pictures.stream.payload_type);
                let mut payloads = slate::payloads(codec);
                let last = payloads.len() - 1;
                for (i, payload) in payloads.iter_mut().enumerate() {
                    let place = pictures.out.own(i == 0, payload, codec, now.mono);
                    let packet = Packet {
                        marker: i == last,
                        payload_type,
                        seq: place.seq,
                        timestamp: place.timestamp,
                        ssrc: pictures.out.ssrc(),
                        payload,
                    };
                    outbox.post(tag, Channel::Rtp, to, |bytes| packet.write(bytes));
                }
            }
        }
        self.repeat_wishes();
    }

    /// When there is something to do for pictures.
    pub(super) fn pictures_due(&self) -> Option<Mono> {
        let lines = self.slots.iter().flatten().filter_map(|member| member.line.as_ref());
        let connected = lines.filter(|line| line.guard.target().is_some());
        let pictures = connected.filter_map(|line| line.pictures.as_ref());
        pictures.flat_map(|p| [p.ask_at(), p.slate_at()]).flatten().min()
    }

    /// Whoever still waits for a key frame goes on asking.
    fn repeat_wishes(&mut self) {
        for slot in 0..self.slots.len() {
            let waiting = pictures_of(&mut self.slots, slot).filter(|pictures| pictures.waits());
            let Some(Show::Member(source)) = waiting.map(|pictures| pictures.show) else { continue };
            if let Some(source) = pictures_of(&mut self.slots, usize::from(source)) {
                source.wanted = true;
            }
        }
    }

    /// What the member in `slot` is shown.
    fn show(&self, slot: usize) -> Show {
        let Some((part, codec)) = self.viewer(slot) else { return Show::Nothing };
        for other in PARTS.iter().filter(|other| hears(self.phase, Ear::Leg(part), Mouth::Leg(**other))) {
            let shown = (0..self.slots.len()).filter(|&s| s != slot).find(|&s| self.shows(s, *other, codec));
            if let Some(source) = shown {
                return Show::Member(source as u16);
            }
        }
        Show::Slate
    }

    /// The part and codec of a member that can be shown something.
    fn viewer(&self, slot: usize) -> Option<(Part, VideoCodec)> {
        let member = self.slots[slot].as_ref()?;
        let line = member.line.as_ref().filter(|line| line.guard.target().is_some())?;
        let stream = &line.pictures.as_ref()?.stream;
        stream.send.then_some((member.part, stream.codec))
    }

    /// Whether the member in `slot` has this part and sends pictures in this codec.
    fn shows(&self, slot: usize, part: Part, codec: VideoCodec) -> bool {
        self.slots[slot].as_ref().filter(|member| member.part == part).is_some_and(|member| {
            let line = member.line.as_ref().filter(|line| line.guard.target().is_some());
            let pictures = line.and_then(|line| line.pictures.as_ref());
            pictures.is_some_and(|p| p.stream.receive && p.stream.codec == codec)
        })
    }

    /// Passes a packet on; false if the listener waits for a key frame and this is none.
    fn pass_on(
        &mut self,
        to: usize,
        from: u32,
        codec: VideoCodec,
        packet: &Packet<'_>,
        now: Mono,
        outbox: &mut Outbox,
    ) -> bool {
        let Some(member) = self.slots.get_mut(to).and_then(Option::as_mut) else { return true };
        let tag = member.tag;
        let Some(Line { pictures: Some(pictures), guard, .. }) = &mut member.line else { return true };
        let Some(target) = guard.target() else { return true };
        let Some(place) = pictures.out.place(from, codec, packet, now) else { return !pictures.waits() };
        let forwarded = Packet {
            payload_type: pictures.stream.payload_type,
            seq: place.seq,
            timestamp: place.timestamp,
            ssrc: pictures.out.ssrc(),
            ..*packet
        };
        outbox.post(tag, Channel::Rtp, target, |bytes| {
            forwarded.write(bytes);
            let start = bytes.len() - packet.payload.len();
            if codec == VideoCodec::Vp8
                && let Some(numbers) = Vp8::parse(packet.payload)
            {
                numbers.shift(&mut bytes[start..], place.picture, place.layer);
            }
        });
        true
    }
}

fn pictures(member: &mut Option<Member>) -> Option<&mut Pictures> {
    member.as_mut()?.line.as_mut()?.pictures.as_mut()
}

pub(super) fn pictures_of(slots: &mut [Option<Member>], slot: usize) -> Option<&mut Pictures> {
    pictures(slots.get_mut(slot)?)
}

/// Whether an RTCP packet asks for a key frame of our pictures.
pub(super) fn asks_for_key_frame(bytes: &[u8], ours: u32) -> bool {
    rtcp::lost_pictures(bytes).any(|ssrc| ssrc == ours)
}
