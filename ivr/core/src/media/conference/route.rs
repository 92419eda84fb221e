//! What each member is fed with, worked out anew whenever members, streams, phase or the automation's speaking change.

use ngcc_proto::media::Part;

use super::{Conference, Desk};
use crate::media::jitter::Jitter;
use crate::media::matrix::{Ear, Mouth, hears};
use crate::media::member::Feed;
use crate::worker::Codec;

/// The members of one part who can be heard.
#[derive(Clone, Copy, Default)]
struct Speakers {
    count: usize,
    /// The last two of them: of these, one is not the listener himself.
    last: [Option<u16>; 2],
}

const PARTS: [Part; 4] = [Part::User, Part::Agent, Part::Second, Part::Supervisor];

impl Conference {
    /// Works out every member's feed, and from that who needs a play-out and whether ticks are needed.
    pub(super) fn rewire(&mut self, desk: &Desk) {
        let speakers = self.speakers();
        let feeds: Vec<Feed> = (0..self.slots.len()).map(|slot| self.feed(slot, &speakers)).collect();
        let mixed = self.parts_in_mixes(&feeds);
        for (member, &feed) in self.slots.iter_mut().zip(&feeds) {
            let Some(member) = member else { continue };
            if let (Feed::Relay(_), Some(line), true) = (feed, &mut member.line, member.feed != feed) {
                line.out.cut();
            }
            member.feed = feed;
            member.relayed_to.clear();
            let hears_itself = member.echo && feed == Feed::Mix;
            let mixes = member.speaks() && (mixed[member.part as usize] || hears_itself);
            let codec = member.line.as_ref().map(|line| line.stream.codec).filter(|_| mixes);
            match codec {
                Some(codec) if member.jitter.as_ref().is_none_or(|jitter| jitter.codec() != codec) => {
                    member.jitter = Some(Box::new(Jitter::new(codec)));
                }
                Some(_) => {}
                None => member.jitter = None,
            }
        }
        for (slot, feed) in feeds.iter().enumerate() {
            let Feed::Relay(source) = *feed else { continue };
            if let Some(source) = self.slots[usize::from(source)].as_mut() {
                source.relayed_to.push(slot as u16);
            }
        }
        self.reshow();
        self.plan_ticks();
        self.plan_care(desk);
    }

    /// Whether ticks are needed: somebody is fed by the clock, the automation speaks, or keys are being sent.
    pub(super) fn plan_ticks(&mut self) {
        self.needs_ticks = self.voice.speaks()
            || self.slots.iter().flatten().any(|member| match member.feed {
                Feed::Automation | Feed::Music | Feed::Mix => true,
                Feed::Nothing | Feed::Relay(_) => {
                    member.line.as_ref().is_some_and(|line| line.typing.is_busy())
                }
            });
    }

    fn speakers(&self) -> [Speakers; 4] {
        let mut speakers = [Speakers::default(); 4];
        for (slot, member) in self.slots.iter().enumerate() {
            if let Some(member) = member.as_ref().filter(|m| m.speaks()) {
                let of_part = &mut speakers[member.part as usize];
                of_part.count += 1;
                of_part.last = [Some(slot as u16), of_part.last[0]];
            }
        }
        speakers
    }

    /// What the member in `slot` is fed with.
    fn feed(&self, slot: usize, speakers: &[Speakers; 4]) -> Feed {
        let Some(member) = self.slots[slot].as_ref().filter(|m| m.listens()) else { return Feed::Nothing };
        let ear = Ear::Leg(member.part);
        let (mut count, mut source) = (0, None);
        for part in PARTS {
            let of_part = &speakers[part as usize];
            if hears(self.phase, ear, Mouth::Leg(part)) {
                let myself = usize::from(part == member.part && member.speaks());
                count += of_part.count - myself;
                source =
                    source.or_else(|| of_part.last.into_iter().flatten().find(|&s| usize::from(s) != slot));
            }
        }
        if member.echo && member.speaks() {
            count += 1;
            source = source.or(Some(slot as u16));
        }
        let automation = self.voice.speaks() && hears(self.phase, ear, Mouth::Automation);
        let music = !automation && hears(self.phase, ear, Mouth::Music);
        match (count, automation, music, source) {
            (0, true, _, _) => Feed::Automation,
            (0, false, true, _) => Feed::Music,
            (0, false, false, _) => Feed::Nothing,
            (1, false, false, Some(source)) if self.codec(source) == self.codec(slot as u16) => {
                Feed::Relay(source)
            }
            (_, _, _, _) => Feed::Mix,
        }
    }

    fn codec(&self, slot: u16) -> Option<Codec> {
        let member = self.slots.get(usize::from(slot))?.as_ref()?;
        Some(member.line.as_ref()?.stream.codec)
    }

    /// Which parts are heard in anybody's mix.
    fn parts_in_mixes(&self, feeds: &[Feed]) -> [bool; 4] {
        let mut heard = [false; 4];
        for (member, _) in self.slots.iter().zip(feeds).filter(|(_, feed)| **feed == Feed::Mix) {
            let Some(member) = member else { continue };
            for part in PARTS {
                heard[part as usize] |= hears(self.phase, Ear::Leg(member.part), Mouth::Leg(part));
            }
        }
        heard
    }
}
