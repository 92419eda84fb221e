//! The agents' phones: one socket that every agent is called at. Each call is answered at once, and hung up after a
//! given time or when the other side does.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::callers::call_of;
use super::words::{Heard, Side, sdp};

/// How often hang-ups are looked for where nothing comes.
const LOOK: Duration = Duration::from_millis(4);

/// An INVITE that came to an agent.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// The agent called.
    pub(super) agent: String,
    /// The caller's call.
    pub(super) call: Option<usize>,
    /// When it came.
    pub(super) at: Instant,
    /// When the agent hung up, if it did.
    pub(super) freed: Option<Instant>,
    /// Where the agent sends its RTP.
    pub(super) media: Option<SocketAddr>,
}

/// Agents on one socket.
pub(super) struct Agents {
    shared: Arc<Shared>,
    ear: Option<JoinHandle<()>>,
    /// Where they are called.
    pub(super) at: SocketAddr,
}

struct Shared {
    socket: UdpSocket,
    at: SocketAddr,
    media: Vec<SocketAddr>,
    state: Mutex<Desk>,
    over: AtomicBool,
}

#[derive(Default)]
struct Desk {
    hold: Option<Duration>,
    offers: Vec<Offer>,
    calls: HashMap<String, Call>,
    hang_ups: BinaryHeap<Reverse<(Instant, String)>>,
}

/// An answered call, as the agent's side of its dialog.
struct Call {
    offer: usize,
    from: String,
    to: String,
    target: String,
    peer: SocketAddr,
}

impl Agents {
    /// Phones whose SDP names the addresses of `media` in turn.
    ///
    /// # Errors
    /// No socket.
    pub(super) fn open(media: Vec<SocketAddr>) -> io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(LOOK))?;
        let at = socket.local_addr()?;
        let state = Mutex::new(Desk::default());
        let shared = Arc::new(Shared { socket, at, media, state, over: AtomicBool::new(false) });
        let ear = Arc::clone(&shared);
        Ok(Self { shared, ear: Some(std::thread::spawn(move || ear.listen())), at })
    }

    /// From now on they hang up so long after the answer; none: never.
    pub(super) fn hold(&self, hold: Option<Duration>) {
        self.shared.desk().hold = hold;
    }

    /// Every call that came since the last time this was asked.
    pub(super) fn take_offers(&self) -> Vec<Offer> {
        let mut desk = self.shared.desk();
        desk.calls.clear();
        desk.hang_ups.clear();
        std::mem::take(&mut desk.offers)
    }

    /// Calls that came so far; an agent's media address is that of its place in the list.
    pub(super) fn offers(&self) -> Vec<Offer> {
        self.shared.desk().offers.clone()
    }
}

impl Drop for Agents {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(ear) = self.ear.take() {
            // A panic there has been reported by its thread.
            let _ = ear.join();
        }
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(&self) {
        let mut buffer = vec![0; 65_536];
        while !self.over.load(Ordering::Relaxed) {
            // A time-out is the moment to look for hang-ups; another error is a lost packet.
            if let Ok((n, peer)) = self.socket.recv_from(&mut buffer)
                && let Some(heard) = Heard::new(&buffer[..n])
            {
                self.take(heard, peer, Instant::now());
            }
            self.hang_up(Instant::now());
        }
    }

    fn take(&self, heard: Heard<'_>, peer: SocketAddr, at: Instant) {
        if heard.status().is_some() {
            return;
        }
        let (Some((method, agent)), Some(id)) = (heard.request(), heard.header("Call-ID")) else { return };
        let mut desk = self.desk();
        match method {
            "INVITE" => self.invited(&mut desk, heard, agent, id, (peer, at)),
            "ACK" => {
                if let (Some(hold), true) = (desk.hold, desk.calls.contains_key(id)) {
                    desk.hang_ups.push(Reverse((at + hold, id.to_owned())));
                }
            }
            _ => {
                desk.calls.remove(id);
                self.send(&heard.reply("200 OK", "a", &self.contact(agent), ""), peer);
            }
        }
    }

    fn invited(
        &self,
        desk: &mut Desk,
        heard: Heard<'_>,
        agent: &str,
        id: &str,
        (peer, at): (SocketAddr, Instant),
    ) {
        let offer = match desk.calls.get(id) {
            Some(call) => call.offer,
            None => {
                let call = heard.caller().and_then(call_of);
                desk.offers.push(Offer {
                    agent: agent.to_owned(),
                    call,
                    at,
                    freed: None,
                    media: heard.audio(),
                });
                desk.offers.len() - 1
            }
        };
        let ok = heard.reply("200 OK", "a", &self.contact(agent), &sdp(self.media[offer % self.media.len()]));
        self.send(&ok, peer);
        let to = heard.header("To").unwrap_or_default();
        let call = Call {
            offer,
            from: if to.contains("tag=") { to.to_owned() } else { format!("{to};tag=a") },
            to: heard.header("From").unwrap_or_default().to_owned(),
            target: heard.contact().unwrap_or_default().to_owned(),
            peer,
        };
        desk.calls.insert(id.to_owned(), call);
    }

    fn hang_up(&self, now: Instant) {
        let mut desk = self.desk();
        while let Some(Reverse((due, _))) = desk.hang_ups.peek()
            && *due <= now
        {
            let Some(Reverse((_, id))) = desk.hang_ups.pop() else { return };
            let Some(call) = desk.calls.get(&id) else { continue };
            let offer = call.offer;
            let branch = format!("{}-{offer}b", self.at.port());
            let side = Side { local: self.at, from: &call.from, to: &call.to, call_id: &id };
            let bye = side.request("BYE", &call.target, 1, &branch, "");
            desk.offers[offer].freed = Some(Instant::now());
            self.send(&bye, desk.calls[&id].peer);
        }
    }

    fn send(&self, text: &str, peer: SocketAddr) {
        // What is lost here shows as a repeat or a failed call.
        let _ = self.socket.send_to(text.as_bytes(), peer);
    }

    fn contact(&self, agent: &str) -> String {
        format!("sip:{agent}@{}", self.at)
    }
}
