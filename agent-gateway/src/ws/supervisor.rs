//! `/ws/supervisor`: the board, and what is done about it.

use std::sync::Arc;

use axum::extract::ws::{Utf8Bytes, WebSocket};
use ngcc_proto::Mono;
use serde_json::json;
use tokio::sync::{Semaphore, mpsc};

use super::Close;
use super::link::{Client, Link};
use crate::acts::{self, Doer};
use crate::frame::{self, Bad, Raw, Supervised};
use crate::gate::Gate;
use crate::hub::Out;
use crate::permission::Operation;
use crate::problem::Problem;
use crate::ticket::Holder;

/// The most acts of one page that are under way.
const MOST: usize = 8;

struct Board {
    gate: Arc<Gate>,
    holder: Holder,
    own: mpsc::Sender<Out>,
    under_way: Arc<Semaphore>,
}

/// Serves a board until it ends.
pub(super) async fn serve(gate: &Arc<Gate>, socket: &mut WebSocket, holder: Holder) -> Close {
    if !Operation::Board.allowed(&holder.grant) {
        return Close::SignedOut;
    }
    let grant = &holder.grant;
    let ready = json!({
        "epoch": gate.epoch, "user": grant.user, "display": grant.display, "roles": grant.roles,
        "permissions": grant.permissions,
    });
    let ready = frame::text("ready", None, Some(&ready));
    let seen = gate.hub.board(holder.sign_in);
    let number = seen.number;
    gate.board_wanted.notify_one();
    let mut board = Board {
        gate: Arc::clone(gate),
        holder: holder.clone(),
        own: seen.own.clone(),
        under_way: Arc::new(Semaphore::new(MOST)),
    };
    let close = Link { gate, socket, seen, holder }.run(vec![ready], &mut board).await;
    gate.hub.board_gone(number);
    close
}

impl Board {
    /// Does it beside the connection; the answer comes by the page's own queue.
    fn act(&self, id: Option<String>, asked: Supervised) -> Result<(), Bad> {
        let operation = match &asked {
            Supervised::Force(_) => Operation::Force,
            Supervised::End(_) => Operation::End,
        };
        if !operation.allowed(&self.holder.grant) {
            return Err(Bad { code: "forbidden", detail: "you may not do this".to_owned() });
        }
        let Ok(permit) = Arc::clone(&self.under_way).try_acquire_owned() else {
            return Err(Bad { code: "too_many", detail: "too many at once".to_owned() });
        };
        let (gate, own) = (Arc::clone(&self.gate), self.own.clone());
        let doer = Doer { user: self.holder.grant.user.clone(), from: self.holder.from.clone() };
        tokio::spawn(async move {
            let done = act(&gate, &doer, asked).await;
            drop(permit);
            let Some(id) = id else { return };
            let text = match done {
                Ok(()) => frame::ok(&id),
                Err(problem) => frame::refused(&id, problem.detail()),
            };
            // The page may be gone meanwhile.
            let _ = own.send(Out::Frame(text)).await;
        });
        Ok(())
    }
}

async fn act(gate: &Gate, doer: &Doer, asked: Supervised) -> Result<(), Problem> {
    match asked {
        Supervised::Force(force) => {
            let to = force.to.at(gate.desk.now().wall).map_err(|bad| Problem::bad(bad.detail))?;
            acts::force(gate, doer, force.agent, to).await
        }
        Supervised::End(session) => acts::end(gate, doer, session).await,
    }
}

impl Client for Board {
    fn frame(&mut self, raw: Raw) -> Option<Utf8Bytes> {
        let id = raw.id.clone();
        let done = frame::supervisor(raw).and_then(|asked| self.act(id.clone(), asked));
        done.err().map(|bad| frame::error(id.as_deref(), &bad))
    }

    fn told(&mut self, out: Out) -> Vec<Utf8Bytes> {
        match out {
            Out::Frame(text) => vec![text],
            // The hub gives these to consoles only.
            Out::Seat(..) | Out::Im(..) => Vec::new(),
        }
    }

    fn tick(&mut self, _now: Mono) -> Vec<Utf8Bytes> {
        Vec::new()
    }
}
