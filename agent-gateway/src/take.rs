//! What the house tells the gateway: one task takes it in order, and gives it to who waits or to whose page it is.

use std::sync::Arc;
use std::time::Duration;

use ngcc_proto::envelope::Body;
use ngcc_proto::{Envelope, MessageId, im, supervise};
use ngcc_runtime::{House, Inbox, Outlet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::acts;
use crate::gate::Gate;

/// The most messages that may wait: what seats are told is bounded by what agents do.
pub(crate) const CEILING: usize = 262_144;
/// How long changes of presence are gathered before everybody is told: the more there are to tell, the longer.
const GATHER: Duration = Duration::from_millis(200);
const GATHER_OF_ONE: Duration = Duration::from_micros(100);
const GATHER_AT_MOST: Duration = Duration::from_secs(2);
/// How often the board is told at most.
const BOARD: Duration = Duration::from_secs(1);
/// How long the sockets may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// Takes messages until the house stops, and then waits until every page has been told. `_open` keeps the outlet
/// open.
pub(crate) async fn run(gate: Arc<Gate>, mut outlet: Outlet<Envelope>, house: House, _open: Inbox<Envelope>) {
    let _part = house.part();
    let mut taker = Taker { gate: Arc::clone(&gate), seed: None, presence_due: None };
    let mut batch = Vec::new();
    loop {
        let due = taker.presence_due.unwrap_or_else(Instant::now);
        tokio::select! {
            biased;
            () = house.stop.wait() => break,
            _ = outlet.take(&mut batch, 256) => batch.drain(..).for_each(|envelope| taker.take(envelope)),
            () = gate.presence_changed.notified() => taker.presence(),
            () = sleep_until(due), if taker.presence_due.is_some() => {
                taker.presence_due = None;
                gate.hub.tell_presence();
            }
        }
    }
    let mut open = gate.sockets.subscribe();
    // Whoever has not said goodbye by then finds the connection closed.
    let _ = tokio::time::timeout(GOODBYE, open.wait_for(|open| *open == 0)).await;
}

struct Taker {
    gate: Arc<Gate>,
    /// The question for the board that shows the seats as they were before we came.
    seed: Option<MessageId>,
    presence_due: Option<Instant>,
}

impl Taker {
    fn presence(&mut self) {
        let consoles = u32::try_from(self.gate.hub.consoles()).unwrap_or(u32::MAX);
        let gather = GATHER_OF_ONE.saturating_mul(consoles).clamp(GATHER, GATHER_AT_MOST);
        self.presence_due.get_or_insert_with(|| Instant::now() + gather);
    }

    fn take(&mut self, envelope: Envelope) {
        let Envelope { cause, at, body, .. } = envelope;
        match body {
            Body::SeatEvent(event) => {
                if self.gate.hub.seat(cause, event, at) {
                    self.presence();
                }
            }
            Body::ImEvent(event) => {
                // A request may wait for these as well as a page.
                if matches!(event, im::Event::May { .. } | im::Event::Unanswered { .. }) {
                    self.gate.desk.answer(cause, Body::ImEvent(event.clone()));
                }
                self.gate.hub.im(cause, event);
            }
            Body::ConfigGateway(config) => {
                self.gate.hub.configure(config);
                self.seed = Some(self.gate.desk.send(supervise::Command::Board));
                self.presence();
            }
            Body::SuperviseEvent(supervise::Event::Board(board)) if cause.is_some() && cause == self.seed => {
                self.seed = None;
                if self.gate.hub.seed(&board) {
                    self.presence();
                }
            }
            body @ (Body::SuperviseEvent(_)
            | Body::AuthEvent(_)
            | Body::AskEvent(_)
            | Body::ContactEvent(_)
            | Body::ChannelEvent(_)
            | Body::ChannelChanged(_)) => {
                self.gate.desk.answer(cause, body);
            }
            other @ (Body::AccessEvent(_)
            | Body::AccessCommand(_)
            | Body::CollabCall(_)
            | Body::CollabAnswer(_)
            | Body::CollabCommand(_)
            | Body::RecordingCommand(_)
            | Body::RecordingEvent(_)
            | Body::ScreenCommand(_)
            | Body::ScreenEvent(_)
            | Body::CollabEvent(_)
            | Body::ChatEvent(_)
            | Body::ChatCommand(_)
            | Body::MediaEvent(_)
            | Body::MediaCommand(_)
            | Body::FlowEvent(_)
            | Body::FlowCommand(_)
            | Body::ToAuto(_)
            | Body::ToHuman(_)
            | Body::SeatCommand(_)
            | Body::SuperviseCommand(_)
            | Body::ImCommand(_)
            | Body::AuthCommand(_)
            | Body::AskCommand(_)
            | Body::ContactCommand(_)
            | Body::ContactEvidence(_)
            | Body::ContactNoted(_)
            | Body::ChannelCommand(_)
            | Body::ChannelChange(_)
            | Body::DataCommand(_)
            | Body::DataEvent(_)
            | Body::AdminCommand(_)
            | Body::AdminEvent(_)
            | Body::OperateCommand(_)
            | Body::OperateEvent(_)
            | Body::ConfigCti(_)
            | Body::ConfigAccess(_)
            | Body::ConfigIvr(_)) => {
                tracing::error!(kind = other.name(), "nothing the gateway takes");
            }
        }
    }
}

/// Asks for the board once a second while anybody looks at it.
pub(crate) async fn board(gate: Arc<Gate>) {
    loop {
        while !gate.hub.watched() {
            tokio::select! {
                () = gate.stop.wait() => return,
                () = gate.board_wanted.notified() => {}
            }
        }
        if let Ok(board) = acts::board(&gate).await {
            gate.hub.tell_board(board);
        }
        tokio::select! {
            () = gate.stop.wait() => return,
            () = sleep(BOARD) => {}
        }
    }
}
