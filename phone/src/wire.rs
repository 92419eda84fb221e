//! The socket under the signalling: datagrams, or one TCP connection to the server framed by Content-Length.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::phone::Transport;

/// What came, and from where.
pub(crate) type Arrival = (String, SocketAddr);

pub(crate) struct Wire {
    way: Way,
    pub(crate) local: SocketAddr,
    task: JoinHandle<()>,
}

enum Way {
    Udp(Arc<UdpSocket>),
    Tcp(mpsc::UnboundedSender<String>),
}

impl Wire {
    pub(crate) async fn open(
        transport: Transport,
        local: SocketAddr,
        server: SocketAddr,
        inbox: mpsc::UnboundedSender<Arrival>,
    ) -> io::Result<Self> {
        match transport {
            Transport::Udp => {
                let socket = Arc::new(UdpSocket::bind(local).await?);
                let local = socket.local_addr()?;
                let task = tokio::spawn(read_datagrams(Arc::clone(&socket), inbox));
                Ok(Self { way: Way::Udp(socket), local, task })
            }
            Transport::Tcp => {
                let stream = connect(local.ip(), server).await?;
                let local = stream.local_addr()?;
                let (out, rx) = mpsc::unbounded_channel();
                let task = tokio::spawn(carry(stream, server, inbox, rx));
                Ok(Self { way: Way::Tcp(out), local, task })
            }
        }
    }

    /// Sends; what the network does not take is lost, as it is on a network.
    pub(crate) fn send(&self, text: &str, to: SocketAddr) {
        match &self.way {
            Way::Udp(socket) => {
                let _ = socket.try_send_to(text.as_bytes(), to);
            }
            Way::Tcp(out) => {
                let _ = out.send(text.to_owned());
            }
        }
    }

    /// Whether the sender has to repeat what is not answered.
    pub(crate) fn loses(&self) -> bool {
        matches!(self.way, Way::Udp(_))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read_datagrams(socket: Arc<UdpSocket>, inbox: mpsc::UnboundedSender<Arrival>) {
    let mut buffer = vec![0; 65_536];
    loop {
        // An ICMP error of an earlier send shows here; the next datagram is what counts.
        let Ok((size, from)) = socket.recv_from(&mut buffer).await else { continue };
        let text = String::from_utf8_lossy(&buffer[..size]).into_owned();
        if inbox.send((text, from)).is_err() {
            return;
        }
    }
}

async fn connect(ip: IpAddr, server: SocketAddr) -> io::Result<TcpStream> {
    let socket = if server.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind((ip, 0).into())?;
    socket.connect(server).await
}

async fn carry(
    mut stream: TcpStream,
    server: SocketAddr,
    inbox: mpsc::UnboundedSender<Arrival>,
    mut out: mpsc::UnboundedReceiver<String>,
) {
    let mut kept = Vec::new();
    let mut buffer = vec![0; 16_384];
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => {
                let Ok(size @ 1..) = read else { return };
                kept.extend_from_slice(&buffer[..size]);
                while let Some(text) = take_message(&mut kept) {
                    if inbox.send((text, server)).is_err() {
                        return;
                    }
                }
            }
            text = out.recv() => {
                let Some(text) = text else { return };
                if stream.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Takes the first whole message off the front, keep-alives dropped.
fn take_message(kept: &mut Vec<u8>) -> Option<String> {
    let blank = kept.iter().take_while(|b| b"\r\n".contains(b)).count();
    kept.drain(..blank);
    let head = kept.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&kept[..head]).into_owned();
    let length = text.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let name = name.trim();
        let ours = name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("l");
        ours.then(|| value.trim().parse::<usize>().ok())?
    });
    let end = head + length.unwrap_or_default();
    if kept.len() < end {
        return None;
    }
    let whole: Vec<u8> = kept.drain(..end).collect();
    Some(String::from_utf8_lossy(&whole).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_cut_into_messages_wherever_it_is_broken() {
        let whole = b"\r\n\r\nOPTIONS a SIP/2.0\r\nContent-Length: 3\r\n\r\nabcBYE b SIP/2.0\r\nl: 0\r\n\r\n";
        for cut in 0..whole.len() {
            let (mut kept, mut got) = (Vec::new(), Vec::new());
            for part in [&whole[..cut], &whole[cut..]] {
                kept.extend_from_slice(part);
                while let Some(text) = take_message(&mut kept) {
                    got.push(text);
                }
            }
            assert_eq!(got.len(), 2, "cut at {cut}");
            assert!(got[0].ends_with("\r\n\r\nabc") && got[1].starts_with("BYE b"), "cut at {cut}");
        }
    }
}
