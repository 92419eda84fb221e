//! What a conference wants sent and told: packets in one reused buffer, news for the core.

use std::net::SocketAddr;
use std::ops::Range;

use ngcc_proto::CollabId;

use crate::film::Frame;
use crate::worker::FromWorker;

/// Which of a leg's two sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The even port.
    Rtp,
    /// The odd one above it.
    Rtcp,
}

/// One packet to send; its bytes lie in the outbox.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The sender's tag, as its [`Member`](super::Member) was made with.
    pub tag: u32,
    /// From which socket.
    pub channel: Channel,
    /// To whom.
    pub to: SocketAddr,
    bytes: Range<usize>,
}

/// Packets and news, in order.
#[derive(Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    parcels: Vec<Parcel>,
    /// What the core is to hear.
    pub news: Vec<FromWorker>,
    /// What is to be recorded.
    pub frames: Vec<(CollabId, Frame)>,
}

impl Outbox {
    /// Adds a packet that `write` appends to the buffer.
    pub fn post(&mut self, tag: u32, channel: Channel, to: SocketAddr, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        self.parcels.push(Parcel { tag, channel, to, bytes: start..self.bytes.len() });
    }

    /// The packets with their bytes.
    pub fn packets(&self) -> impl Iterator<Item = (&Parcel, &[u8])> {
        self.parcels.iter().map(|p| (p, &self.bytes[p.bytes.clone()]))
    }

    /// Forgets the packets, keeps the room and the news.
    pub fn clear_packets(&mut self) {
        self.bytes.clear();
        self.parcels.clear();
    }
}
