//! One leg's side of offer and answer, and the stream that came of it.

use std::net::SocketAddr;

use ngcc_proto::Mono;
use ngcc_proto::Now;
use ngcc_proto::access::Cause;
use ngcc_proto::sdp::Sdp;

use crate::out::Out;
use crate::sdp::{self, Agreed, Local};
use crate::worker::Stream;

/// Packets a stream jumps ahead after a restart: more than can have left since the last record (20 s).
const JUMP: u64 = 1000;
/// Microseconds and samples in a packet.
const PACKET_US: u64 = 20_000;
const PACKET_SAMPLES: u64 = 160;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    /// The advertised address of the RTP port.
    pub(super) address: SocketAddr,
    /// The session id of our descriptions.
    pub(super) id: u64,
    /// What we last described.
    pub(super) ours: Sdp,
    /// None before the remote answer to our offer.
    pub(super) stream: Option<Stream>,
    /// When sequence numbers and timestamps were what the stream says.
    pub(super) since: Mono,
}

impl Wire {
    /// Answers the remote offer, or makes one of ours.
    pub(super) fn begin(
        address: SocketAddr,
        offer: Option<&Sdp>,
        now: Now,
        out: &mut Out,
    ) -> Result<Self, Cause> {
        // Some phones read these numbers into 32 bits.
        let id = out.random() >> 33;
        let local = Local { ip: address.ip(), port: address.port(), id, version: 1 };
        let (ours, agreed) = match offer {
            Some(offer) => sdp::answer(offer, &local).map(|(ours, agreed)| (ours, Some(agreed)))?,
            None => (sdp::offer(&local), None),
        };
        let mut wire = Self { address, id, ours, stream: None, since: now.mono };
        if let Some(agreed) = agreed {
            wire.agree(&agreed, now, out);
        }
        Ok(wire)
    }

    /// The stream is now what was agreed. Its SSRC and counting stay.
    pub(super) fn agree(&mut self, agreed: &Agreed, now: Now, out: &mut Out) {
        let random = out.random();
        let counted = self.stream.as_ref().map(|s| (s.ssrc, s.seq, s.timestamp));
        if counted.is_none() {
            self.since = now.mono;
        }
        // The three parts of one draw. A first sequence number in the lower half keeps off its wrap.
        let (ssrc, seq, timestamp) =
            counted.unwrap_or((random as u32, (random >> 32) as u16 & 0x7FFF, (random >> 24) as u32));
        self.stream = Some(agreed.stream(ssrc, seq, timestamp));
    }

    /// The answer to a new remote offer; the cause if there is none.
    pub(super) fn reanswer(&mut self, offer: &Sdp, now: Now, out: &mut Out) -> Result<Sdp, Cause> {
        let (ours, agreed) = sdp::reanswer(offer, &self.local(), &self.ours)?;
        self.ours = ours.clone();
        self.agree(&agreed, now, out);
        Ok(ours)
    }

    /// A new offer of ours: what we can do, not what was last agreed.
    pub(super) fn reoffer(&mut self) -> Sdp {
        self.ours = sdp::reoffer(&self.local(), &self.ours);
        self.ours.clone()
    }

    /// Goes on after a restart: the same ports and SSRC, numbers that were not used before.
    pub(super) fn go_on(&mut self, now: Now) {
        let Some(stream) = &mut self.stream else { return };
        let packets =
            u64::try_from(now.mono.since(self.since).as_micros()).unwrap_or(u64::MAX) / PACKET_US + JUMP;
        // Both wrap, as RFC 3550 has it.
        stream.seq = stream.seq.wrapping_add(packets as u16);
        stream.timestamp = stream.timestamp.wrapping_add((packets.wrapping_mul(PACKET_SAMPLES)) as u32);
        self.since = now.mono;
    }

    fn local(&self) -> Local {
        Local { ip: self.address.ip(), port: self.address.port(), id: self.id, version: self.ours.version }
    }
}
