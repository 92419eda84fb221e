//! Carries out what the core wants done.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use ngcc_proto::Now;
use ngcc_runtime::{Bus, Inbox, Shell};
use ngcc_softacd_core::web::Shut;
use ngcc_softacd_core::{Access, Flow, Input, Output};
use tokio::time::timeout;

use crate::channels::Channels;
use crate::lines::Lines;
use crate::udp;
use crate::web::WebLines;

/// How long a host name may take to be resolved.
const LOOK_UP: Duration = Duration::from_secs(5);

/// The sockets and the bus, as the core's outputs need them.
pub(crate) struct Edge {
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) udp: Vec<UdpSocket>,
    pub(crate) lines: Lines,
    pub(crate) web: WebLines,
    pub(crate) channels: Channels,
    pub(crate) inbox: Inbox<Input>,
}

impl Shell<Access> for Edge {
    fn perform(&mut self, output: Output, _now: Now) {
        match output {
            Output::Send(envelope) => self.bus.send(envelope),
            Output::Transmit { to: Flow::Udp { local, peer }, bytes } => {
                if let Some(socket) = self.udp.get(usize::from(local)) {
                    udp::send(socket, peer, &bytes);
                }
            }
            Output::Transmit { to: Flow::Tcp { conn }, bytes } => self.lines.send(conn, bytes),
            Output::Connect { conn, peer } => self.lines.connect(conn, peer),
            Output::Close { conn } => self.lines.close(conn),
            Output::Resolve { query, host, port } => {
                let (inbox, v4) = (self.inbox.clone(), self.speaks_v4());
                tokio::spawn(async move {
                    let found = timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await;
                    let address = match found {
                        Ok(Ok(mut all)) => all.find(|a: &SocketAddr| a.is_ipv4() == v4),
                        Ok(Err(_)) | Err(_) => None,
                    };
                    inbox.put(Input::Resolved { query, address });
                });
            }
            Output::WebSend { line, id, tell } => self.web.tell(line, id.as_deref(), tell),
            Output::WebClose { line, why } => self.web.close(line, why),
            Output::ChannelSend(post) => self.channels.send(post),
            Output::ChannelWriting(writing) => self.channels.shows(writing),
            Output::ChannelAnswer { ticket, taken } => self.channels.answer(ticket, taken),
            Output::ChannelAsk { cause, command } => self.channels.asked(cause, command),
        }
    }

    /// The core knows nobody any more who is connected: browsers come again and find what they had.
    fn rebuilt(&mut self, _now: Now) {
        self.web.close_all(Shut::Stopping);
    }
}

impl Edge {
    fn speaks_v4(&self) -> bool {
        self.udp.iter().any(|s| s.local_addr().is_ok_and(|a| a.is_ipv4()))
    }
}
