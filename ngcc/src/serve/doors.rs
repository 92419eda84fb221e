//! Connections of the HTTP and the HTTPS listener: bounded in number, TLS agreed beside the others, so that one slow
//! client holds back nobody.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use ngcc_runtime::Stop;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::doctor;

/// The most connections of one listener, where the descriptors allow so many.
const MOST: usize = 65_536;
/// The most where nobody says how many descriptors there are.
const USUAL: usize = 16_384;
/// How long TLS may take to be agreed.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The pause after a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections as they come.
pub(super) struct Doors {
    ready: mpsc::Receiver<(Connection, SocketAddr)>,
    local: SocketAddr,
}

impl Doors {
    /// Accepts at `listener` until the stop; with `tls` nothing but TLS.
    pub(super) fn open(listener: TcpListener, tls: Option<TlsAcceptor>, stop: Stop) -> io::Result<Self> {
        let local = listener.local_addr()?;
        let (give, ready) = mpsc::channel(64);
        tokio::spawn(async move {
            tokio::select! {
                () = stop.wait() => {}
                () = accept(listener, tls, give) => {}
            }
        });
        Ok(Self { ready, local })
    }
}

impl Listener for Doors {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The house stops: nobody comes any longer.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}

/// How many connections one listener takes. An eighth of the descriptors is left: calls, files and the connections
/// of phones need some when every browser is there.
pub(crate) fn most(descriptors: Option<usize>) -> usize {
    descriptors.map_or(USUAL, |all| (all - all / 8).clamp(1, MOST))
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    give: mpsc::Sender<(Connection, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(most(doctor::descriptors())));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(e) => {
                tracing::warn!(error = %e, "a connection could not be accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        // Frames are small and somebody waits for each.
        let _ = stream.set_nodelay(true);
        let (tls, give) = (tls.clone(), give.clone());
        tokio::spawn(async move {
            let io = match tls {
                None => Io::Plain(stream),
                Some(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
                    Ok(Ok(stream)) => Io::Tls(Box::new(stream)),
                    // A scanner, a browser that does not take our certificate, or nothing at all.
                    Ok(Err(_)) | Err(_) => return,
                },
            };
            // After the stop nobody takes it.
            let _ = give.send((Connection { io, _place: place }, from)).await;
        });
    }
}

/// From where a connection comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, Doors>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A connection; it counts for as long as it lives.
pub(super) struct Connection {
    io: Io,
    _place: OwnedSemaphorePermit,
}

enum Io {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Calls the same on whichever it is.
macro_rules! either {
    ($self:ident, $io:ident => $call:expr) => {
        match &mut $self.get_mut().io {
            Io::Plain(stream) => {
                let $io = Pin::new(stream);
                $call
            }
            Io::Tls(stream) => {
                let $io = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, io => io.poll_read(cx, buf))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, io => io.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, io => io.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, io => io.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_an_eighth_of_the_descriptors_and_are_bounded_however_many_there_are() {
        assert_eq!(most(Some(20_000)), 17_500);
        assert_eq!([most(Some(10_000_000)), most(Some(0)), most(None)], [MOST, 1, USUAL]);
    }
}
