//! A conference: its members, the automation's mouth and its phase. It takes packets and ticks, and leaves packets and
//! news on its [`Desk`]; who hears whom is [`hears`](super::hears) alone.

mod film;
mod route;
mod show;
mod tick;

use std::net::SocketAddr;

use ngcc_proto::media::{Part, Phase};
use ngcc_proto::{ConferenceId, Mono, Now, Secret};

use super::keys::{self, Event};
use super::matrix::{Ear, carries_keys};
use super::member::{Feed, Member};
use super::mix::{Encoded, Mix};
use super::music::Music;
use super::outbox::{Channel, Outbox};
use super::rtp::{MAX_PAYLOAD, Packet};
use super::voice::Voice;
use crate::worker::{FromWorker, PlayId, Sound, Stream};
use film::Film;

/// What a worker lends a conference for one call.
pub struct Desk {
    /// What it sends and tells.
    pub outbox: Outbox,
    /// The music.
    pub music: std::sync::Arc<Music>,
    /// The limits.
    pub limits: Limits,
    mix: Mix,
    /// The automation's frame of this tick, encoded.
    prompt: [Option<Encoded>; 2],
}

/// Times that are configured.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// After how many microseconds without a packet a leg is told silent.
    pub silent_after_us: u64,
}

/// A conference.
pub struct Conference {
    id: ConferenceId,
    phase: Phase,
    slots: Vec<Option<Member>>,
    voice: Voice,
    needs_ticks: bool,
    next_care: Mono,
    /// What of it is recorded.
    film: Option<Film>,
}

/// RFC 3389: a sign of life of a phone that suppresses silence. It is not agreed, so it is not passed on.
const COMFORT_NOISE: u8 = 13;

impl Desk {
    /// An empty desk.
    pub fn new(music: std::sync::Arc<Music>, limits: Limits) -> Self {
        Self { outbox: Outbox::default(), music, limits, mix: Mix::default(), prompt: [None; 2] }
    }
}

impl Conference {
    /// An empty conference, in self-service.
    pub fn new(id: ConferenceId) -> Self {
        Self {
            id,
            phase: Phase::SelfService,
            slots: vec![],
            voice: Voice::default(),
            needs_ticks: false,
            next_care: Mono(u64::MAX),
            film: None,
        }
    }

    /// Its name.
    pub fn id(&self) -> ConferenceId {
        self.id
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }

    /// Whether it has to be ticked every 20 ms.
    pub fn needs_ticks(&self) -> bool {
        self.needs_ticks
    }

    /// When [`Conference::care`] has something to do.
    pub fn next_care(&self) -> Mono {
        self.next_care
    }

    /// Takes a member in; its slot names it until it leaves.
    pub fn join(&mut self, member: Member, desk: &Desk) -> usize {
        let slot = self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[slot] = Some(member);
        self.rewire(desk);
        slot
    }

    /// Lets a member go.
    pub fn leave(&mut self, slot: usize, desk: &Desk) -> Option<Member> {
        let mut member = self.slots.get_mut(slot)?.take()?;
        (member.feed, member.jitter) = (Feed::Nothing, None);
        member.relayed_to.clear();
        self.rewire(desk);
        Some(member)
    }

    /// A member says good-bye to the other side: it is about to leave for good.
    pub fn bye(&mut self, slot: usize, now: Now, desk: &mut Desk) {
        if let Some(member) = self.slots.get_mut(slot).and_then(Option::as_mut) {
            member.bye(now, &mut desk.outbox);
        }
    }

    /// The streams of a member are now these.
    pub fn set_stream(&mut self, slot: usize, stream: Stream, now: Mono, desk: &Desk) {
        self.change(slot, desk, |member| member.set_stream(stream, now));
    }

    /// The browser of a member is connected, or no longer.
    pub fn set_connected(&mut self, slot: usize, connected: bool, now: Mono, desk: &Desk) {
        self.change(slot, desk, |member| member.set_connected(connected, now));
    }

    /// A member hears itself, or no longer.
    pub fn set_echo(&mut self, slot: usize, on: bool, desk: &Desk) {
        self.change(slot, desk, |member| member.echo = on);
    }

    /// A member has another part.
    pub fn set_part(&mut self, slot: usize, part: Part, desk: &Desk) {
        self.change(slot, desk, |member| member.part = part);
    }

    /// The phase from now on.
    pub fn set_phase(&mut self, phase: Phase, desk: &Desk) {
        if phase != self.phase {
            let lines = self.slots.iter_mut().flatten().filter_map(|member| member.line.as_mut());
            lines.for_each(|line| line.keys.seal());
        }
        self.phase = phase;
        self.rewire(desk);
    }

    /// The automation says `sound` behind what it is saying.
    pub fn play(&mut self, play: PlayId, sound: Sound, repeat: bool, desk: &Desk) {
        self.voice.say(play, sound, repeat);
        self.rewire(desk);
    }

    /// The automation falls silent.
    pub fn stop_playing(&mut self, desk: &Desk) {
        self.voice.hush();
        self.rewire(desk);
    }

    /// An RTP packet came for the member in `slot`.
    pub fn rtp(&mut self, slot: usize, from: SocketAddr, bytes: &[u8], now: Mono, desk: &mut Desk) {
        let Some(packet) = Packet::parse(bytes) else { return };
        let Some(member) = self.slots.get_mut(slot).and_then(Option::as_mut) else { return };
        let Some(line) = &mut member.line else { return };
        if line.pictures.as_ref().is_some_and(|p| p.stream.payload_type == packet.payload_type) {
            if line.guard.admits(from) {
                self.picture(slot, &packet, now, desk);
            }
            return;
        }
        let is_key = line.stream.telephone_event == Some(packet.payload_type);
        let is_sound = line.stream.payload_type == packet.payload_type;
        let is_known = is_key || is_sound || packet.payload_type == COMFORT_NOISE;
        if !line.stream.receive || !is_known || packet.payload.len() > MAX_PAYLOAD || !line.guard.admits(from)
        {
            return;
        }
        line.count(&packet, now);
        if is_key {
            self.key(slot, &packet, now, desk);
            return;
        }
        // A key's tone lies in the sound beside its events too: nobody is to hear it.
        let muted = !is_sound || line.keys.is_down();
        if let (Some(jitter), false) = (&mut member.jitter, muted) {
            jitter.put(&packet);
        }
        let (tag, listeners) = (member.tag, std::mem::take(&mut member.relayed_to));
        for &listener in &listeners {
            if muted {
                self.keep_back(listener, tag, &packet, now);
            } else {
                self.forward(listener, tag, &packet, false, now, &mut desk.outbox);
            }
        }
        self.put_back(slot, listeners);
    }

    /// An RTCP packet came for the member in `slot`.
    pub fn rtcp(&mut self, slot: usize, from: SocketAddr, bytes: &[u8], now: Mono) {
        if let Some(line) = self.slots.get_mut(slot).and_then(Option::as_mut).and_then(|m| m.line.as_mut()) {
            line.control(from, bytes, now);
            let ours = line.pictures.as_ref().filter(|_| line.guard.admits_control(from));
            if ours.is_some_and(|pictures| show::asks_for_key_frame(bytes, pictures.out.ssrc())) {
                self.lost_picture(slot);
            }
        }
    }

    /// Does what is due: reports, keys whose end was lost, silence that lasted too long.
    pub fn care(&mut self, now: Now, desk: &mut Desk) {
        let mut released = vec![];
        for (slot, member) in self.slots.iter_mut().enumerate() {
            let Some(member) = member else { continue };
            let Some(line) = &mut member.line else { continue };
            let sealed = line.keys.down_is_sealed();
            released.extend(line.keys.expire(now.mono).map(|code| (slot, code, sealed)));
            if line.falls_silent(desk.limits.silent_after_us, now.mono) {
                desk.outbox.news.push(FromWorker::Silent { leg: member.leg });
            }
            line.report_if_due(member.tag, now, &mut desk.outbox);
        }
        for (slot, code, sealed) in released {
            self.tell_key(slot, code, sealed, desk);
        }
        self.care_for_film(now.mono, desk);
        self.care_for_pictures(now, &mut desk.outbox);
        self.plan_care(desk);
    }

    fn change(&mut self, slot: usize, desk: &Desk, how: impl FnOnce(&mut Member)) {
        if let Some(member) = self.slots.get_mut(slot).and_then(Option::as_mut) {
            how(member);
            self.rewire(desk);
        }
    }

    /// A telephone-event packet of the member in `slot`: passed on where the phase says so, told when the key is up.
    fn key(&mut self, slot: usize, packet: &Packet<'_>, now: Mono, desk: &mut Desk) {
        let Some(member) = self.slots[slot].as_mut() else { return };
        let (Some(line), Some(event)) = (&mut member.line, Event::parse(packet.payload)) else { return };
        let before = line.keys.down_is_sealed();
        let [released, told] = line.keys.event(packet.timestamp, event, now);
        let sealed = line.keys.is_sealed(packet.timestamp);
        if let Some(at) = line.keys.deadline() {
            self.next_care = self.next_care.min(at);
        }
        let (tag, part, listeners) = (member.tag, member.part, std::mem::take(&mut member.relayed_to));
        for &listener in &listeners {
            if part == Part::User && !sealed && self.takes_keys(usize::from(listener)) {
                self.forward(listener, tag, packet, true, now, &mut desk.outbox);
            } else {
                self.keep_back(listener, tag, packet, now);
            }
        }
        self.put_back(slot, listeners);
        for (code, sealed) in [(released, before), (told, sealed)] {
            if let Some(code) = code {
                self.tell_key(slot, code, sealed, desk);
            }
        }
    }

    /// A key of the member in `slot` is complete: the core hears of it, and listeners to a mix get it as events unless
    /// it began in an earlier phase.
    fn tell_key(&mut self, slot: usize, code: u8, sealed: bool, desk: &mut Desk) {
        let (Some(member), Some(symbol)) = (&self.slots[slot], keys::symbol(code)) else { return };
        desk.outbox.news.push(FromWorker::Digit { leg: member.leg, digit: Secret::new(symbol) });
        if member.part != Part::User || sealed {
            return;
        }
        for listener in (0..self.slots.len()).filter(|&l| l != slot) {
            if !self.takes_keys(listener) {
                continue;
            }
            let Some(member) = self.slots[listener].as_mut().filter(|m| m.feed == Feed::Mix) else {
                continue;
            };
            if let Some(line) = &mut member.line {
                line.typing.push(code);
                self.needs_ticks = true;
            }
        }
    }

    /// Whether the customer's keys go on to the member in `slot`.
    fn takes_keys(&self, slot: usize) -> bool {
        self.slots.get(slot).and_then(Option::as_ref).is_some_and(|member| {
            let agreed = member.line.as_ref().is_some_and(|line| line.stream.telephone_event.is_some());
            agreed && carries_keys(self.phase, Ear::Leg(member.part))
        })
    }

    fn forward(
        &mut self,
        to: u16,
        from: u32,
        packet: &Packet<'_>,
        key: bool,
        now: Mono,
        outbox: &mut Outbox,
    ) {
        let Some(listener) = self.slots.get_mut(usize::from(to)).and_then(Option::as_mut) else { return };
        let Some(line) = &mut listener.line else { return };
        let own = if key { line.stream.telephone_event } else { Some(line.stream.payload_type) };
        let (Some(payload_type), Some(target)) = (own, line.guard.target()) else { return };
        let Some(place) = line.out.relay(from, packet, now) else { return };
        let packet = Packet {
            marker: place.marker || packet.marker,
            payload_type,
            seq: place.seq,
            timestamp: place.timestamp,
            ssrc: line.out.ssrc(),
            payload: packet.payload,
        };
        outbox.post(listener.tag, Channel::Rtp, target, |bytes| packet.write(bytes));
    }

    fn keep_back(&mut self, to: u16, from: u32, packet: &Packet<'_>, now: Mono) {
        let listener = self.slots.get_mut(usize::from(to)).and_then(Option::as_mut);
        if let Some(line) = listener.and_then(|l| l.line.as_mut()) {
            line.out.keep_back(from, packet, now);
        }
    }

    fn put_back(&mut self, slot: usize, listeners: Vec<u16>) {
        if let Some(member) = self.slots[slot].as_mut() {
            member.relayed_to = listeners;
        }
    }

    fn plan_care(&mut self, desk: &Desk) {
        let lines = self.slots.iter().flatten().filter_map(|member| member.line.as_ref());
        let next = lines.map(|line| line.deadline(desk.limits.silent_after_us)).min();
        self.next_care = next
            .into_iter()
            .chain(self.pictures_due())
            .chain(self.film_due())
            .min()
            .unwrap_or(Mono(u64::MAX));
    }
}
