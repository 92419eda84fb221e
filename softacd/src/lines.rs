//! TCP connections: one task each, which reads into the inbox and writes from a bounded queue. A peer that does
//! not read is cut off; what its bytes mean is the core's business, and so is how long one may be silent.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ngcc_runtime::{Clock, Gauge, Inbox, Stop};
use ngcc_softacd_core::{Conn, Input};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

static OPEN: Gauge = Gauge::new("ngcc_sip_connections", "SIP connections that are open.");

/// The most messages that wait for one peer to read.
const QUEUE: usize = 256;
/// How long a peer may take to read one message, and to take a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// All connections, by number. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    open: Arc<Mutex<HashMap<u64, Sender<Bytes>>>>,
    most: usize,
    inbox: Inbox<Input>,
    clock: Clock,
}

impl Lines {
    pub(crate) fn new(most: usize, inbox: Inbox<Input>, clock: Clock) -> Self {
        Self { open: Arc::default(), most, inbox, clock }
    }

    /// Takes connections until the house stops.
    pub(crate) async fn accept(self, listener: TcpListener, stop: Stop) {
        let mut number = 0;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.wait() => return,
            };
            let Ok((stream, peer)) = accepted else {
                // Out of descriptors, most likely: there is room again when one closes.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            number += 1;
            let Some(queue) = self.add(number) else { continue };
            self.inbox.put(Input::Opened { conn: Conn(number), peer });
            tokio::spawn(self.clone().serve(number, stream, queue));
        }
    }

    /// Makes a connection; what is sent meanwhile waits in its queue.
    pub(crate) fn connect(&self, conn: Conn, peer: SocketAddr) {
        let Some(queue) = self.add(conn.0) else { return self.inbox.put(Input::Closed { conn }) };
        let this = self.clone();
        tokio::spawn(async move {
            match timeout(PATIENCE, TcpStream::connect(peer)).await {
                Ok(Ok(stream)) => this.serve(conn.0, stream, queue).await,
                Ok(Err(_)) | Err(_) => this.lost(conn.0),
            }
        });
    }

    /// Queues one message. A peer whose queue is full is cut off.
    pub(crate) fn send(&self, conn: Conn, bytes: Bytes) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let full = open.get(&conn.0).is_some_and(|queue| queue.try_send(bytes).is_err());
        if full {
            open.remove(&conn.0);
            OPEN.add(-1);
            self.inbox.put(Input::Closed { conn });
        }
    }

    /// Ends a connection once its queue is written.
    pub(crate) fn close(&self, conn: Conn) {
        self.remove(conn.0);
    }

    fn add(&self, number: u64) -> Option<Receiver<Bytes>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= self.most {
            return None;
        }
        let (sender, receiver) = channel(QUEUE);
        open.insert(number, sender);
        OPEN.add(1);
        Some(receiver)
    }

    fn remove(&self, number: u64) -> bool {
        let was = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number).is_some();
        if was {
            OPEN.add(-1);
        }
        was
    }

    /// The peer has ended it, or it never came about.
    fn lost(&self, number: u64) {
        if self.remove(number) {
            self.inbox.put(Input::Closed { conn: Conn(number) });
        }
    }

    async fn serve(self, number: u64, stream: TcpStream, mut queue: Receiver<Bytes>) {
        // Messages are whole when they are written: waiting for more would only delay them.
        let _ = stream.set_nodelay(true);
        let (mut reader, mut writer) = stream.into_split();
        let mut buffer = BytesMut::with_capacity(CHUNK);
        loop {
            tokio::select! {
                read = reader.read_buf(&mut buffer) => match read {
                    Ok(n) if n > 0 => {
                        let bytes = buffer.split().freeze();
                        buffer.reserve(CHUNK);
                        self.inbox.put(Input::Received { conn: Conn(number), at: self.clock.now().mono, bytes });
                    }
                    Ok(_) | Err(_) => return self.lost(number),
                },
                message = queue.recv() => {
                    let Some(message) = message else {
                        // The core has closed it, and everything queued before that is written.
                        let _ = writer.shutdown().await;
                        return;
                    };
                    if !matches!(timeout(PATIENCE, writer.write_all(&message)).await, Ok(Ok(()))) {
                        return self.lost(number);
                    }
                },
            }
        }
    }
}
