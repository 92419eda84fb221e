//! The generator's RTP: many streams from few sockets. Each packet carries the time it was sent, so that what comes
//! back through a relay tells how long it took.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::spread::Spread;

/// A packet's length: RTP's header and 20 ms of G.711.
const PACKET: usize = 172;
/// The time between a stream's packets.
const EVERY: Duration = Duration::from_millis(20);
/// Marks our own payload; the time sent stands behind it.
const MARK: &[u8; 8] = b"ngccmark";
/// How long an ear waits before it looks whether all is over.
const LOOK: Duration = Duration::from_millis(50);

/// What came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Came {
    /// Packets.
    pub(super) packets: u64,
    /// Packets that their sequence numbers say should have come too.
    pub(super) lost: u64,
    /// How far the time between two packets of a stream lies from 20 ms.
    pub(super) jitter: Spread,
    /// From the sending to the coming, of our own payload.
    pub(super) delay: Spread,
}

/// Sockets for RTP; a thread each listens.
pub(super) struct Ports {
    shared: Arc<Shared>,
    ears: Vec<JoinHandle<()>>,
    /// Their addresses.
    pub(super) at: Vec<SocketAddr>,
}

struct Shared {
    sockets: Vec<UdpSocket>,
    heard: Vec<Mutex<Heard>>,
    over: AtomicBool,
}

#[derive(Default)]
struct Heard {
    came: Came,
    streams: HashMap<SocketAddr, (u16, Instant)>,
}

/// A stream that is to be sent: from which of the ports, and where to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Out {
    /// Its port's place.
    pub(super) port: usize,
    /// Where to.
    pub(super) to: SocketAddr,
}

/// Streams that are being sent; they end when this is dropped.
pub(super) struct Sending {
    over: Arc<AtomicBool>,
    mouth: Option<JoinHandle<()>>,
}

impl Ports {
    /// So many sockets on 127.0.0.1.
    ///
    /// # Errors
    /// No socket.
    pub(super) fn open(count: usize) -> io::Result<Self> {
        let sockets = (0..count).map(|_| UdpSocket::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>()?;
        let at = sockets.iter().map(UdpSocket::local_addr).collect::<Result<Vec<_>, _>>()?;
        for socket in &sockets {
            socket.set_read_timeout(Some(LOOK))?;
        }
        let heard = sockets.iter().map(|_| Mutex::default()).collect();
        let shared = Arc::new(Shared { sockets, heard, over: AtomicBool::new(false) });
        let ears = (0..count).map(|n| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.listen(n))
        });
        Ok(Self { ears: ears.collect(), shared: Arc::clone(&shared), at })
    }

    /// Sends these streams, spread over the 20 ms.
    pub(super) fn send(&self, streams: Vec<Out>) -> Sending {
        let over = Arc::new(AtomicBool::new(false));
        let (shared, until) = (Arc::clone(&self.shared), Arc::clone(&over));
        let mouth = std::thread::spawn(move || shared.speak(&streams, &until));
        Sending { over, mouth: Some(mouth) }
    }

    /// What came since the last time this was asked.
    pub(super) fn take(&self) -> Came {
        let mut all = Came::default();
        for heard in &self.shared.heard {
            let came = std::mem::take(&mut lock(heard).came);
            all.packets += came.packets;
            all.lost += came.lost;
            all.jitter.merge(came.jitter);
            all.delay.merge(came.delay);
        }
        all
    }
}

impl Drop for Ports {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        for ear in self.ears.drain(..) {
            // A panic there has been reported by its thread.
            let _ = ear.join();
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(mouth) = self.mouth.take() {
            // A panic there has been reported by its thread.
            let _ = mouth.join();
        }
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn listen(&self, n: usize) {
        let mut packet = [0; 2048];
        while !self.over.load(Ordering::Relaxed) {
            // A time-out is the moment to look whether all is over; another error is a lost packet.
            let Ok((len, from)) = self.sockets[n].recv_from(&mut packet) else { continue };
            let at = Instant::now();
            // Version 2, and long enough for a header: no RTCP comes to an RTP port.
            if len >= 12 && packet[0] >> 6 == 2 {
                self.take_packet(n, &packet[..len], from, at);
            }
        }
    }

    fn take_packet(&self, n: usize, packet: &[u8], from: SocketAddr, at: Instant) {
        let seq = u16::from_be_bytes([packet[2], packet[3]]);
        let mut heard = lock(&self.heard[n]);
        heard.came.packets += 1;
        if let Some((last_seq, last_at)) = heard.streams.insert(from, (seq, at)) {
            let step = seq.wrapping_sub(last_seq);
            if (2..1000).contains(&step) {
                heard.came.lost += u64::from(step - 1);
            }
            if step == 1 {
                let gap = at - last_at;
                heard.came.jitter.add(gap.abs_diff(EVERY));
            }
        }
        if let Some(sent) = stamp_of(packet) {
            let now = u64::try_from(at.saturating_duration_since(epoch()).as_nanos()).unwrap_or(u64::MAX);
            heard.came.delay.add(Duration::from_nanos(now.saturating_sub(sent)));
        }
    }

    fn speak(&self, streams: &[Out], over: &AtomicBool) {
        if streams.is_empty() {
            return;
        }
        let step = EVERY / u32::try_from(streams.len()).unwrap_or(u32::MAX);
        let mut due = Instant::now();
        let mut packet = [0x55; PACKET];
        for round in 0u32.. {
            for (i, out) in streams.iter().enumerate() {
                let now = Instant::now();
                if due > now + Duration::from_micros(200) {
                    std::thread::sleep(due - now);
                }
                fill(&mut packet, round, u32::try_from(i).unwrap_or(u32::MAX));
                // What cannot be sent counts as lost where it should have come.
                let _ = self.sockets[out.port].send_to(&packet, out.to);
                due += step;
            }
            if over.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

fn fill(packet: &mut [u8; PACKET], round: u32, stream: u32) {
    packet[0] = 0x80;
    packet[1] = 0;
    packet[2..4].copy_from_slice(&(round as u16).to_be_bytes());
    packet[4..8].copy_from_slice(&round.wrapping_mul(160).to_be_bytes());
    packet[8..12].copy_from_slice(&(0x6e67_0000 | stream).to_be_bytes());
    packet[12..20].copy_from_slice(MARK);
    let now = u64::try_from(epoch().elapsed().as_nanos()).unwrap_or(u64::MAX);
    packet[20..28].copy_from_slice(&now.to_be_bytes());
}

/// What every stamp counts from: one moment for all ports, as a packet comes in at others than it left.
fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

fn stamp_of(packet: &[u8]) -> Option<u64> {
    let payload = packet.get(12..28)?.strip_prefix(MARK)?;
    Some(u64::from_be_bytes(payload.try_into().ok()?))
}

/// What the machine itself takes for one datagram of RTP's size sent and received on loopback: the floor under
/// every figure for media, in nanoseconds.
///
/// # Errors
/// No socket.
pub(super) fn floor() -> io::Result<f64> {
    const ROUNDS: u32 = 20_000;
    let (a, b) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    let to = b.local_addr()?;
    let (packet, mut into) = ([0x55; PACKET], [0; 2048]);
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        for _ in 0..ROUNDS {
            a.send_to(&packet, to)?;
            b.recv(&mut into)?;
        }
        best = best.min(began.elapsed().as_nanos() as f64 / f64::from(ROUNDS));
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_come_in_at_their_pace_and_tell_how_long_they_took() {
        let (from, to) = (Ports::open(2).unwrap(), Ports::open(1).unwrap());
        let sending = from.send(vec![Out { port: 0, to: to.at[0] }, Out { port: 1, to: to.at[0] }]);
        let mut came = Came::default();
        while came.packets < 10 {
            let more = to.take();
            came.packets += more.packets;
            came.delay.merge(more.delay);
        }
        drop(sending);
        assert!(came.delay.ms(50.0) > 0.0 && came.delay.ms(50.0) < 1000.0);
    }

    #[test]
    fn the_stamp_is_read_from_our_own_payload_only() {
        let mut packet = [0; PACKET];
        assert_eq!(stamp_of(&packet), None);
        fill(&mut packet, 1, 2);
        assert!(stamp_of(&packet).is_some());
        assert_eq!(stamp_of(&packet[..20]), None);
    }
}
