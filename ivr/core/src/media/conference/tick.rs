//! A conference's 20 ms: one frame for everybody who is not relayed.

use ngcc_proto::Mono;
use ngcc_proto::media::{Part, Phase};

use super::{Conference, Desk};
use crate::media::keys::{Stroke, Typing};
use crate::media::matrix::{Ear, Mouth, hears};
use crate::media::member::{Feed, Member};
use crate::media::mix::{Encoded, Listener, Mix};
use crate::media::music::Music;
use crate::media::outbox::{Channel, Outbox};
use crate::media::outgoing::Place;
use crate::media::rtp::Packet;
use crate::media::voice::{Said, Voice};
use crate::media::{FRAME, g711};
use crate::worker::{Codec, FromWorker};

impl Conference {
    /// The frame that is due at `due`; ticks are 20 ms apart, late ones are caught up by the caller.
    pub fn tick(&mut self, due: Mono, desk: &mut Desk) {
        let Desk { outbox, music, mix, prompt, .. } = desk;
        *prompt = [None; 2];
        if self.slots.iter().flatten().any(|m| m.feed == Feed::Mix) {
            gather(&mut self.slots, &self.voice, self.phase, music, due, mix);
        }
        let mut typing = false;
        for (slot, member) in self.slots.iter_mut().enumerate() {
            let Some(member) = member else { continue };
            let Some(line) = &member.line else { continue };
            if line.typing.is_busy() {
                typing = true;
                if send_key(member, due, outbox) {
                    continue;
                }
            }
            let Some(line) = &member.line else { continue };
            let codec = line.stream.codec;
            let encoded: &[u8] = match member.feed {
                Feed::Nothing | Feed::Relay(_) => continue,
                Feed::Music => music.frame(codec, due),
                Feed::Automation => match self.voice.frame() {
                    Said::Nothing => continue,
                    Said::Music => music.frame(codec, due),
                    Said::Samples(samples) => {
                        prompt[codec as usize].get_or_insert_with(|| padded(codec, samples))
                    }
                },
                Feed::Mix => {
                    mix.hear(self.phase, Listener { slot, part: member.part, echo: member.echo, codec })
                }
            };
            send_frame(member, encoded, due, outbox);
        }
        let ended = self.voice.advance();
        if let Some(play) = ended {
            outbox.news.push(FromWorker::Played { conference: self.id, play });
        }
        if ended.is_some() && !self.voice.speaks() {
            self.rewire(desk);
        } else if typing {
            self.plan_ticks();
        }
    }
}

/// Puts this tick's sounds into the mix.
fn gather(
    slots: &mut [Option<Member>],
    voice: &Voice,
    phase: Phase,
    music: &Music,
    due: Mono,
    mix: &mut Mix,
) {
    mix.begin();
    let mut samples = [0; FRAME];
    for (slot, member) in slots.iter_mut().enumerate() {
        let Some(member) = member else { continue };
        if member.jitter.as_mut().is_some_and(|jitter| jitter.take(&mut samples)) {
            mix.add_leg(slot, member.part, samples);
        }
    }
    let playing = || {
        let mut samples = [0; FRAME];
        g711::decode(Codec::Pcmu, music.frame(Codec::Pcmu, due), &mut samples);
        samples
    };
    match voice.frame() {
        Said::Samples(said) => {
            samples = [0; FRAME];
            samples[..said.len()].copy_from_slice(said);
            mix.add(Mouth::Automation, samples);
        }
        Said::Music => mix.add(Mouth::Automation, playing()),
        Said::Nothing if !voice.speaks() && hears(phase, Ear::Leg(Part::User), Mouth::Music) => {
            mix.add(Mouth::Music, playing());
        }
        Said::Nothing => {}
    }
}

/// The last frame of a sound is filled up with silence.
fn padded(codec: Codec, samples: &[i16]) -> Encoded {
    let mut frame = [0; FRAME];
    frame[..samples.len()].copy_from_slice(samples);
    let mut bytes = [0; FRAME];
    g711::encode(codec, &frame, &mut bytes);
    bytes
}

fn send_frame(member: &mut Member, payload: &[u8], due: Mono, outbox: &mut Outbox) {
    let Some(line) = &mut member.line else { return };
    let Some(to) = line.guard.target() else { return };
    let Some(Place { marker, seq, timestamp }) = line.out.frame(due) else { return };
    let payload_type = line.stream.payload_type;
    let packet = Packet { marker, payload_type, seq, timestamp, ssrc: line.out.ssrc(), payload };
    outbox.post(member.tag, Channel::Rtp, to, |bytes| packet.write(bytes));
}

/// Sends the packet of a key that is being typed; false in the pause between two keys, where sound goes on.
fn send_key(member: &mut Member, due: Mono, outbox: &mut Outbox) -> bool {
    let Some(line) = &mut member.line else { return false };
    let (Some(payload_type), Some(to)) = (line.stream.telephone_event, line.guard.target()) else {
        line.typing = Typing::default();
        return false;
    };
    let Some(Stroke { event, began, first }) = line.typing.frame(line.out.next(due)) else { return false };
    let Place { marker, seq, timestamp } = line.out.key(began, event.duration, first, due);
    let payload = event.bytes();
    let packet = Packet { marker, payload_type, seq, timestamp, ssrc: line.out.ssrc(), payload: &payload };
    outbox.post(member.tag, Channel::Rtp, to, |bytes| packet.write(bytes));
    true
}
