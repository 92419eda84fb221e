//! `/ws/supervisor`: the board, and what is done about it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::{Utf8Bytes, WebSocket};
use ngcc_proto::{AgentUri, CollabId, Mono};
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
/// The most collaborations at which one page looks on.
const MOST_WATCHED: usize = 16;

struct Board {
    gate: Arc<Gate>,
    holder: Holder,
    own: mpsc::Sender<Out>,
    under_way: Arc<Semaphore>,
    watched: Arc<Watched>,
}

/// At what this page looks on, or has asked to. It ends with the page: who is signed out sees nothing more.
struct Watched {
    /// The number of this page among all of the centre.
    board: u64,
    at: Mutex<BTreeSet<CollabId>>,
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
        watched: Arc::new(Watched { board: number, at: Mutex::default() }),
    };
    let close = Link { gate, socket, seen, holder }.run(vec![ready], &mut board).await;
    gate.hub.board_gone(number);
    board.leave();
    close
}

impl Board {
    fn doer(&self) -> Doer {
        Doer { user: self.holder.grant.user.clone(), from: self.holder.from.clone() }
    }

    /// The page is gone: it looks on at nothing any more. An act that is still under way is waited for, as it may let
    /// the page in.
    fn leave(self) {
        let (gate, doer, watched, under_way) =
            (Arc::clone(&self.gate), self.doer(), self.watched, self.under_way);
        tokio::spawn(async move {
            let most = u32::try_from(MOST).unwrap_or(u32::MAX);
            let _all = under_way.acquire_many(most).await;
            let board = watched.board;
            for collab in watched.take() {
                if let Err(problem) = acts::unwatch(&gate, &doer, collab, board).await {
                    tracing::warn!(%collab, why = problem.detail(), "a board that is gone may still look on");
                }
            }
        });
    }

    /// Does it beside the connection; the answer comes by the page's own queue.
    fn act(&self, id: Option<String>, asked: Supervised) -> Result<(), Bad> {
        let operation = match &asked {
            Supervised::Force(_) => Operation::Force,
            Supervised::End(_) => Operation::End,
            Supervised::Watch(_) | Supervised::Unwatch(_) | Supervised::RtcToken => Operation::Watch,
        };
        if !operation.allowed(&self.holder.grant) {
            return Err(Bad { code: "forbidden", detail: "you may not do this".to_owned() });
        }
        let Ok(permit) = Arc::clone(&self.under_way).try_acquire_owned() else {
            return Err(Bad { code: "too_many", detail: "too many at once".to_owned() });
        };
        let (gate, own) = (Arc::clone(&self.gate), self.own.clone());
        let (doer, display) = (self.doer(), self.holder.grant.display.clone());
        let watched = Arc::clone(&self.watched);
        tokio::spawn(async move {
            let done = act(&gate, &doer, display, asked, &watched).await;
            drop(permit);
            let Some(id) = id else { return };
            let text = match done {
                Ok(Done::So) => frame::ok(&id),
                Ok(Done::Invited(invited)) => frame::text("invited", Some(&id), Some(&invited)),
                Ok(Done::Token(token)) => {
                    frame::text("rtc.token", Some(&id), Some(&json!({ "token": token })))
                }
                Err(problem) => frame::refused(&id, problem.detail()),
            };
            // The page may be gone meanwhile.
            let _ = own.send(Out::Frame(text)).await;
        });
        Ok(())
    }
}

/// What came of an act.
enum Done {
    /// It is done.
    So,
    /// They are invited.
    Invited(acts::Invited),
    /// Their browser may come for pictures.
    Token(String),
}

async fn act(
    gate: &Gate,
    doer: &Doer,
    display: String,
    asked: Supervised,
    watched: &Watched,
) -> Result<Done, Problem> {
    match asked {
        Supervised::Force(force) => {
            let to = force.to.at(gate.desk.now().wall).map_err(|bad| Problem::bad(bad.detail))?;
            acts::force(gate, doer, force.agent, to).await.map(|()| Done::So)
        }
        Supervised::End(session) => acts::end(gate, doer, session).await.map(|()| Done::So),
        Supervised::Watch(collab) => {
            if let Some(oldest) = watched.add(collab) {
                acts::unwatch(gate, doer, oldest, watched.board).await?;
            }
            let invited = acts::watch(gate, doer, display, collab, watched.board).await;
            if let Err(problem) = &invited
                && problem.is_refused()
            {
                watched.remove(collab);
            }
            invited.map(Done::Invited)
        }
        Supervised::Unwatch(collab) => {
            watched.remove(collab);
            acts::unwatch(gate, doer, collab, watched.board).await.map(|()| Done::So)
        }
        Supervised::RtcToken => {
            let who = AgentUri::new(&doer.user).map_err(|e| Problem::bad(e.to_string()))?;
            Ok(Done::Token(gate.rtc_token(who)))
        }
    }
}

impl Watched {
    fn inner(&self) -> MutexGuard<'_, BTreeSet<CollabId>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more; the oldest one, which is to go, where there are too many.
    fn add(&self, collab: CollabId) -> Option<CollabId> {
        let mut inner = self.inner();
        let full = inner.len() >= MOST_WATCHED && !inner.contains(&collab);
        let oldest = if full { inner.pop_first() } else { None };
        inner.insert(collab);
        oldest
    }

    fn remove(&self, collab: CollabId) {
        self.inner().remove(&collab);
    }

    fn take(&self) -> BTreeSet<CollabId> {
        std::mem::take(&mut self.inner())
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
            Out::Frames(texts) => texts.to_vec(),
            // The hub gives these to consoles only.
            Out::Seat(..) | Out::Im(..) => Vec::new(),
        }
    }

    fn tick(&mut self, _now: Mono) -> Vec<Utf8Bytes> {
        Vec::new()
    }
}
