//! `/ws/agent` and `/ws/supervisor` (docs/websockets.md): who comes in, and how a connection ends.

mod agent;
mod link;
mod supervisor;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use ngcc_runtime::Https;

use crate::frame::{self, MAX_FRAME};
use crate::gate::Gate;
use crate::problem::Problem;
use crate::ticket::Holder;
use crate::token;

/// What is read at once: filled with zeros before each reading and kept while the connection stands.
const READ: usize = 2 * 1024;
/// How much is gathered before it is written; room for the largest frame is kept while the connection stands.
const WRITTEN: usize = 4 * 1024;
/// How soon the first frame must come.
const FIRST: Duration = Duration::from_secs(5);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// The page is gone.
    Gone,
    /// It does not speak the protocol.
    NotProtocol,
    /// It is not signed in, or no longer.
    SignedOut,
    /// Another page of the same person came.
    Replaced,
    /// It reads too slowly or sends too much.
    Slow,
    /// The server stops.
    Stopping,
}

impl Close {
    /// The code and the reason of the close frame (RFC 6455 section 7.4.2).
    fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::NotProtocol => (4400, "not the protocol"),
            Self::SignedOut => (4401, "not signed in"),
            Self::Replaced => (4409, "replaced by another page"),
            Self::Slow => (4429, "too slow, or too much"),
            Self::Stopping => (4503, "the server stops"),
        };
        Some(CloseFrame { code, reason: reason.into() })
    }
}

/// The router of both sockets.
pub(crate) fn router(gate: &Arc<Gate>) -> Router {
    Router::new()
        .route("/ws/agent", get(agent_page))
        .route("/ws/supervisor", get(supervisor_page))
        .with_state(Arc::clone(gate))
}

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// Whether a request came by TLS.
type Tls = Option<Extension<Https>>;

async fn agent_page(State(gate): State<Arc<Gate>>, tls: Tls, headers: HeaderMap, up: Upgrade) -> Response {
    open(gate, tls.is_some(), &headers, up, Kind::Agent)
}

async fn supervisor_page(
    State(gate): State<Arc<Gate>>,
    tls: Tls,
    headers: HeaderMap,
    up: Upgrade,
) -> Response {
    open(gate, tls.is_some(), &headers, up, Kind::Supervisor)
}

#[derive(Clone, Copy)]
enum Kind {
    Agent,
    Supervisor,
}

fn open(gate: Arc<Gate>, by_tls: bool, headers: &HeaderMap, upgrade: Upgrade, kind: Kind) -> Response {
    if gate.origins.of(headers, by_tls).is_none() {
        return Problem::foreign_origin().respond(&gate.desk.request_id());
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade
            .read_buffer_size(READ)
            .write_buffer_size(WRITTEN)
            .max_message_size(MAX_FRAME)
            .max_frame_size(MAX_FRAME),
        Err(rejection) => return rejection.into_response(),
    };
    upgrade.on_upgrade(move |socket| async move {
        let _open = Open::count(Arc::clone(&gate));
        serve(gate, socket, kind).await;
    })
}

async fn serve(gate: Arc<Gate>, mut socket: WebSocket, kind: Kind) {
    let close = match admit(&gate, &mut socket).await {
        Ok(holder) => match kind {
            Kind::Agent => agent::serve(&gate, &mut socket, holder).await,
            Kind::Supervisor => supervisor::serve(&gate, &mut socket, holder).await,
        },
        Err(close) => close,
    };
    goodbye(&mut socket, close).await;
}

/// Takes the first frame, which must be `auth` with a ticket of ours.
async fn admit(gate: &Gate, socket: &mut WebSocket) -> Result<Holder, Close> {
    let Ok(_stranger) = gate.strangers.try_acquire() else { return Err(Close::Slow) };
    let first = tokio::select! {
        () = gate.stop.wait() => return Err(Close::Stopping),
        first = tokio::time::timeout(FIRST, socket.recv()) => first,
    };
    let message = match first {
        Err(_) => return Err(Close::SignedOut),
        Ok(None) => return Err(Close::Gone),
        Ok(Some(message)) => message.map_err(|_| Close::NotProtocol)?,
    };
    let Message::Text(text) = message else { return Err(Close::NotProtocol) };
    let raw = frame::read(&text).ok_or(Close::NotProtocol)?;
    let ticket = frame::ticket(&raw).filter(|ticket| ticket.len() <= token::LONGEST);
    let ticket = token::hash(ticket.ok_or(Close::SignedOut)?);
    let holder = gate.tickets().take(&ticket, gate.desk.now().mono);
    holder.ok_or(Close::SignedOut)
}

/// Says why, and waits a little for the other side to have read it.
async fn goodbye(socket: &mut WebSocket, close: Close) {
    let Some(frame) = close.frame() else { return };
    let said = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // A page that does not take it finds the connection closed.
    let _ = tokio::time::timeout(GOODBYE, said).await;
}

/// Counts an open socket for as long as it lives.
struct Open(Arc<Gate>);

impl Open {
    fn count(gate: Arc<Gate>) -> Self {
        gate.sockets.send_modify(|open| *open += 1);
        Self(gate)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.sockets.send_modify(|open| *open -= 1);
    }
}
