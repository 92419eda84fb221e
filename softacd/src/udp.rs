//! The UDP sockets: datagrams in, with the moment they came, and out.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use bytes::Bytes;
use ngcc_runtime::{Clock, Counter, Inbox, Stop};
use ngcc_softacd_core::Input;
use socket2::{Domain, Protocol, Socket, Type};

static RECEIVED: Counter = Counter::new("ngcc_sip_datagrams_received_total", "SIP datagrams that came in.");
static SENT: Counter = Counter::new("ngcc_sip_datagrams_sent_total", "SIP datagrams that went out.");
static UNSENT: Counter = Counter::new(
    "ngcc_sip_datagrams_unsent_total",
    "SIP datagrams that the system did not take; they are sent again.",
);
static SHED: Counter =
    Counter::new("ngcc_sip_datagrams_shed_total", "SIP datagrams dropped because too many inputs waited.");

/// What the receive buffer is to hold: two seconds at 10 000 calls a second.
const BUFFER: usize = 8 * 1024 * 1024;
/// So many inputs may wait for the core before datagrams are dropped: their senders repeat them.
const WAITING: usize = 100_000;
/// The largest datagram.
const LARGEST: usize = 65_536;

/// Opens a socket.
pub(crate) fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // The system may cap it: then bursts are repeated by their senders.
    let _ = socket.set_recv_buffer_size(BUFFER);
    let _ = socket.set_send_buffer_size(BUFFER);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Sends one datagram. What the system does not take at once is lost like any datagram.
pub(crate) fn send(socket: &UdpSocket, peer: SocketAddr, bytes: &[u8]) {
    match socket.send_to(bytes, peer) {
        Ok(_) => SENT.inc(),
        Err(_) => UNSENT.inc(),
    }
}

/// Puts every datagram of socket number `local` into the inbox, until the house stops.
pub(crate) async fn receive(
    socket: tokio::net::UdpSocket,
    local: u8,
    inbox: Inbox<Input>,
    clock: Clock,
    stop: Stop,
) {
    let mut buffer = vec![0; LARGEST];
    while !stop.has_begun() {
        tokio::select! {
            ready = socket.readable() => if ready.is_err() { return },
            () = stop.wait() => return,
        }
        // An error is one datagram's (an unreachable peer's, say), or "no more": both end this round.
        while let Ok((n, peer)) = socket.try_recv_from(&mut buffer) {
            RECEIVED.inc();
            if inbox.depth() > WAITING {
                SHED.inc();
                continue;
            }
            let at = clock.now().mono;
            inbox.put(Input::Datagram { peer, local, at, bytes: Bytes::copy_from_slice(&buffer[..n]) });
        }
    }
}
