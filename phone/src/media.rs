//! The RTP socket of one call with its two tasks: one sends every 20 ms, one receives.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::ear::Ear;
use crate::mouth::Mouth;
use crate::rtp::Packet;
use crate::{chance, locked};

/// The number telephone-events have in what the phone offers.
const KEYS: u8 = 101;

pub(crate) struct Media {
    pub(crate) port: u16,
    pub(crate) mouth: Arc<Mutex<Mouth>>,
    pub(crate) ear: Arc<Ear>,
    /// The number by which telephone-events come: ours, or in an answer the one that was offered.
    keys: Arc<AtomicU8>,
    ticks: watch::Sender<u64>,
    socket: Arc<UdpSocket>,
    tasks: [JoinHandle<()>; 2],
    /// Held so that nobody else's sound goes to the port behind ours.
    _rtcp: UdpSocket,
}

impl Media {
    pub(crate) async fn open(ip: IpAddr) -> io::Result<Self> {
        let (socket, rtcp) = bind_pair(ip).await?;
        let socket = Arc::new(socket);
        let port = socket.local_addr()?.port();
        let mouth = Arc::new(Mutex::new(Mouth::new()));
        let ear = Arc::new(Ear::new());
        let ticks = watch::Sender::new(0);
        let keys = Arc::new(AtomicU8::new(KEYS));
        let tasks = [
            tokio::spawn(speak(Arc::clone(&socket), Arc::clone(&mouth), ticks.clone())),
            tokio::spawn(listen(Arc::clone(&socket), Arc::clone(&ear), Arc::clone(&keys))),
        ];
        Ok(Self { port, mouth, ear, keys, ticks, socket, tasks, _rtcp: rtcp })
    }

    pub(crate) fn keys(&self) -> u8 {
        self.keys.load(Ordering::Relaxed)
    }

    pub(crate) fn set_keys(&self, payload_type: u8) {
        self.keys.store(payload_type, Ordering::Relaxed);
    }

    /// Waits until every key pressed so far has been sent.
    pub(crate) async fn keys_sent(&self) {
        let mut ticks = self.ticks.subscribe();
        while !locked(&self.mouth).keys_sent() {
            if ticks.changed().await.is_err() {
                return;
            }
        }
    }

    /// Sends bytes from the call's own port, to wherever.
    pub(crate) fn send_raw(&self, bytes: &[u8], to: SocketAddr) {
        let _ = self.socket.try_send_to(bytes, to);
    }

    /// No more packets; what was heard stays.
    pub(crate) fn stop(&self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        self.stop();
    }
}

/// An even port and the one behind it (RFC 3550 section 11).
async fn bind_pair(ip: IpAddr) -> io::Result<(UdpSocket, UdpSocket)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..200 {
        let port = 30_000 + 2 * (chance() % 15_000) as u16;
        match (UdpSocket::bind((ip, port)).await, UdpSocket::bind((ip, port + 1)).await) {
            (Ok(rtp), Ok(rtcp)) => return Ok((rtp, rtcp)),
            (Err(e), _) | (_, Err(e)) => last = e,
        }
    }
    Err(last)
}

async fn speak(socket: Arc<UdpSocket>, mouth: Arc<Mutex<Mouth>>, ticks: watch::Sender<u64>) {
    let mut clock = tokio::time::interval(Duration::from_millis(20));
    loop {
        clock.tick().await;
        let packet = locked(&mouth).tick();
        if let Some((bytes, to)) = packet {
            let _ = socket.try_send_to(&bytes, to);
        }
        ticks.send_modify(|n| *n += 1);
    }
}

async fn listen(socket: Arc<UdpSocket>, ear: Arc<Ear>, keys: Arc<AtomicU8>) {
    let mut buffer = vec![0; 2048];
    loop {
        // An ICMP error of an earlier send shows here; the next packet is what counts.
        let Ok((size, _)) = socket.recv_from(&mut buffer).await else { continue };
        if let Some(packet) = Packet::read(&buffer[..size]) {
            ear.take(&packet, Some(keys.load(Ordering::Relaxed)));
        }
    }
}
