//! Connections of the HTTP and the HTTPS listener: bounded in number, TLS agreed beside the others, heads of requests
//! awaited for a bounded time, so that one slow client holds back nobody.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ngcc_runtime::Stop;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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
/// How long the head of a request may take, from the first moment of a connection or the end of the request before. It
/// also ends a connection on which nothing is asked any more.
const HEAD: Duration = Duration::from_secs(10);
/// The pause after a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Doors {
    router: Router,
    tls: Option<TlsAcceptor>,
    stop: Stop,
    /// How long the head of a request may take.
    head: Duration,
}

impl Doors {
    /// For `router`; with `tls` nothing but TLS.
    pub(super) fn new(router: Router, tls: Option<TlsAcceptor>, stop: Stop) -> Self {
        Self { router, tls, stop, head: HEAD }
    }

    /// Serves whoever comes to `listener` until the stop; requests that have come by then are answered.
    pub(super) async fn serve(self, listener: TcpListener) {
        let stop = self.stop.clone();
        tokio::select! {
            () = stop.wait() => {}
            () = accept(listener, self) => {}
        }
    }

    /// Serves one connection until it ends, or becomes a WebSocket.
    async fn converse<I>(self, io: I, from: SocketAddr)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (router, secure) = (TowerToHyperService::new(self.router), self.tls.is_some());
        let service = service_fn(move |mut request: Request<Incoming>| {
            // Every request is told from where it comes, and whether by TLS.
            request.extensions_mut().insert(ConnectInfo(from));
            if secure {
                request.extensions_mut().insert(ngcc_agent_gateway::Https);
            }
            router.call(request)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.head);
        let mut connection = pin!(http.serve_connection(TokioIo::new(io), service).with_upgrades());
        tokio::select! {
            // One that breaks the protocol, or takes too long, has ended its own connection only.
            _ = connection.as_mut() => return,
            () = self.stop.wait() => connection.as_mut().graceful_shutdown(),
        }
        // As above.
        let _ = connection.await;
    }
}

/// How many connections one listener takes. An eighth of the descriptors is left: calls, files and the connections
/// of phones need some when every browser is there.
pub(crate) fn most(descriptors: Option<usize>) -> usize {
    descriptors.map_or(USUAL, |all| (all - all / 8).clamp(1, MOST))
}

async fn accept(listener: TcpListener, doors: Doors) {
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
        let doors = doors.clone();
        tokio::spawn(async move {
            let io = match &doors.tls {
                None => Io::Plain(stream),
                Some(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
                    Ok(Ok(stream)) => Io::Tls(Box::new(stream)),
                    // A scanner, a browser that does not take our certificate, or nothing at all.
                    Ok(Err(_)) | Err(_) => return,
                },
            };
            doors.converse(Connection { io, _place: place }, from).await;
        });
    }
}

/// A connection; it counts for as long as it lives.
struct Connection {
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
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::{Instant, interval};

    use super::*;

    const FROM: ([u8; 4], u16) = ([192, 0, 2, 7], 1);

    /// A client's end of a connection whose requests are answered by where they come from.
    fn served(head: Duration) -> DuplexStream {
        let tell = |ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.to_string() };
        let router = Router::new().route("/", get(tell));
        let (client, server) = duplex(1024);
        let doors = Doors { head, ..Doors::new(router, None, Stop::new()) };
        tokio::spawn(doors.converse(server, FROM.into()));
        client
    }

    #[test]
    fn connections_leave_an_eighth_of_the_descriptors_and_are_bounded_however_many_there_are() {
        assert_eq!(most(Some(20_000)), 17_500);
        assert_eq!([most(Some(10_000_000)), most(Some(0)), most(None)], [MOST, 1, USUAL]);
    }

    #[tokio::test]
    async fn a_client_that_dribbles_its_request_is_closed_and_no_byte_gives_it_more_time() {
        let head = Duration::from_millis(300);
        let mut client = served(head);
        let (begun, mut dribble) = (Instant::now(), interval(Duration::from_millis(20)));
        let mut answer = [0; 64];
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain([b'x'].iter().cycle()) {
            tokio::select! {
                read = client.read(&mut answer) => {
                    assert_eq!(read.unwrap(), 0, "nothing is answered to half a request");
                    break;
                }
                _ = dribble.tick() => { let _ = client.write_all(&[*byte]).await; }
            }
            assert!(begun.elapsed() < HEAD, "it is still open");
        }
        assert!(begun.elapsed() >= head);
    }

    #[tokio::test]
    async fn a_request_that_comes_whole_is_told_from_where_it_came() {
        let mut client = served(HEAD);
        let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        client.write_all(request).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("192.0.2.7:1"), "{answer}");
    }
}
