//! A leg: one participant's SIP call, from its INVITE to its end. Each stage is a type of its own and is
//! used up by what ends it.

mod arrived;
mod calling;
mod parting;
mod record;
mod refresh;
mod reoffer;
mod session;
mod table;
mod transfer;
mod unacknowledged;
mod up;

use ngcc_proto::access::{Cause, Command, Event, Stage};
use ngcc_proto::{Body, Envelope, Key, Kind, LegId, MessageId, SessionId};
use serde::{Deserialize, Serialize};

pub(crate) use arrived::{Arrival, Arrived};
pub(crate) use calling::{Call, Calling, hang_up};
pub(crate) use parting::Parting;
pub(crate) use table::Legs;
pub(crate) use transfer::{Wanted, target as transfer_target};
pub(crate) use up::Up;

use crate::deny::Deny;
use crate::dialog::{Dialog, Says};
use crate::edge::Edge;
use crate::hop::Hop;
use crate::incoming::Incoming;
use crate::sip::{Method, Response};
use crate::timers::LegTimer;
use crate::transaction::invite::Heard;
use crate::transaction::request::{Outcome, Purpose};

/// A leg in the stage it is in.
#[derive(Debug)]
pub(crate) enum Leg {
    /// Its INVITE has come in and has no final answer.
    Arrived(Box<Arrived>),
    /// Our INVITE is out without a final answer.
    Calling(Box<Calling>),
    /// Answered.
    Up(Box<Up>),
    /// Released by cti, which has forgotten it; our 200 still waits for its ACK, which a BYE must follow.
    Parting(Box<Parting>),
}

/// Who a leg is to the other modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Who {
    pub(crate) id: LegId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<SessionId>,
    /// The last message about it: the cause of the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<MessageId>,
}

impl Who {
    pub(crate) fn new(id: LegId) -> Self {
        Self { id, session: None, last: None }
    }

    /// Where its record stands.
    pub(crate) fn key(self) -> Key {
        Key { kind: Kind::Dialog, id: self.id.0, n: 0 }
    }

    /// Tells cti.
    pub(crate) fn tell(&mut self, edge: &mut Edge, event: impl Into<Body>) {
        let envelope = Envelope::new(&mut edge.ids, edge.now.wall, self.session, self.last, event);
        self.last = Some(envelope.id);
        edge.tell(envelope);
    }

    /// Its record goes, and cti is told why it has ended.
    pub(crate) fn left(mut self, edge: &mut Edge, cause: Cause) {
        edge.forget(self.key());
        self.tell(edge, Event::Left { leg: self.id, cause });
    }
}

impl Leg {
    pub(crate) fn who(&self) -> &Who {
        match self {
            Self::Arrived(leg) => &leg.who,
            Self::Calling(leg) => &leg.who,
            Self::Up(leg) => &leg.who,
            Self::Parting(leg) => &leg.who,
        }
    }

    fn who_mut(&mut self) -> &mut Who {
        match self {
            Self::Arrived(leg) => &mut leg.who,
            Self::Calling(leg) => &mut leg.who,
            Self::Up(leg) => &mut leg.who,
            Self::Parting(leg) => &mut leg.who,
        }
    }

    /// Our tag in its dialog.
    pub(crate) fn tag(&self) -> u64 {
        match self {
            Self::Arrived(leg) => leg.dialog.tag,
            Self::Calling(leg) => leg.tag,
            Self::Up(leg) => leg.dialog.tag,
            Self::Parting(leg) => leg.dialog.tag,
        }
    }

    /// Its dialog, once there is one.
    pub(crate) fn dialog(&self) -> Option<&Dialog> {
        match self {
            Self::Arrived(leg) => Some(&leg.dialog),
            Self::Calling(_) => None,
            Self::Up(leg) => Some(&leg.dialog),
            Self::Parting(leg) => Some(&leg.dialog),
        }
    }

    /// How far it has come; none for one that cti has released.
    pub(crate) fn stage(&self) -> Option<Stage> {
        match self {
            Self::Arrived(_) => Some(Stage::Arrived),
            Self::Calling(_) => Some(Stage::Calling),
            Self::Up(_) => Some(Stage::Answered),
            Self::Parting(_) => None,
        }
    }

    /// What tells a second INVITE of the same call by another path (RFC 3261 section 8.2.2.2).
    pub(crate) fn merged(&self) -> Option<u64> {
        match self {
            Self::Arrived(leg) => Some(leg.merged),
            Self::Up(leg) => leg.merged,
            Self::Calling(_) | Self::Parting(_) => None,
        }
    }

    /// A command of cti, in the envelope `cause` of the session `session`.
    pub(crate) fn command(
        mut self,
        command: Command,
        session: Option<SessionId>,
        cause: MessageId,
        edge: &mut Edge,
    ) -> Option<Self> {
        let who = self.who_mut();
        who.last = Some(cause);
        who.session = session.or(who.session);
        match self {
            Self::Arrived(leg) => leg.command(command, edge),
            Self::Calling(leg) => leg.command(command, edge),
            Self::Up(leg) => leg.command(command, edge),
            Self::Parting(leg) => Some(Self::Parting(leg)),
        }
    }

    /// A request in its dialog, other than CANCEL.
    pub(crate) fn request(self, incoming: Incoming, edge: &mut Edge) -> Option<Self> {
        match self {
            Self::Arrived(leg) => leg.request(incoming, edge),
            Self::Calling(leg) => {
                // Before its 2xx a callee has no dialog that it could send anything in.
                incoming.deny(edge, &Deny::plain(481));
                Some(Self::Calling(leg))
            }
            Self::Up(leg) => leg.request(incoming, edge),
            Self::Parting(leg) => leg.request(&incoming, edge),
        }
    }

    /// The other side takes back an INVITE that has no final answer.
    pub(crate) fn cancelled(self, edge: &mut Edge) -> Option<Self> {
        match self {
            Self::Arrived(leg) => {
                leg.cancelled(edge);
                None
            }
            Self::Up(mut leg) => {
                leg.reoffer_cancelled(edge);
                Some(Self::Up(leg))
            }
            Self::Calling(_) | Self::Parting(_) => Some(self),
        }
    }

    /// One of its timers.
    pub(crate) fn wake(self, timer: LegTimer, edge: &mut Edge) -> Option<Self> {
        match self {
            Self::Arrived(leg) => leg.wake(edge),
            Self::Calling(leg) => leg.rang_out(edge),
            Self::Up(leg) => leg.wake(timer, edge),
            Self::Parting(leg) => leg.wake(edge),
        }
    }

    /// A response to INVITE `number` of its.
    pub(crate) fn heard(
        self,
        number: u64,
        heard: &Heard,
        response: &Response,
        source: Hop,
        edge: &mut Edge,
    ) -> Option<Self> {
        match self {
            Self::Calling(leg) => leg.heard(number, heard, response, source, edge),
            Self::Up(leg) => leg.heard(number, heard, response, source, edge),
            Self::Arrived(_) | Self::Parting(_) => Some(self),
        }
    }

    /// Nothing has come back to INVITE `number` of its.
    pub(crate) fn unheard(self, number: u64, edge: &mut Edge) -> Option<Self> {
        match self {
            Self::Calling(leg) => leg.failed(number, None, edge),
            Self::Up(leg) => leg.refresh_failed(None, edge),
            Self::Arrived(_) | Self::Parting(_) => Some(self),
        }
    }

    /// How a request of its, other than INVITE, went.
    pub(crate) fn outcome(self, outcome: Outcome, edge: &mut Edge) -> Option<Self> {
        match self {
            Self::Up(leg) => leg.outcome(outcome, edge),
            Self::Arrived(_) | Self::Calling(_) | Self::Parting(_) => Some(self),
        }
    }
}

/// Sends the BYE of a leg that is gone.
fn farewell(dialog: &mut Dialog, leg: LegId, cause: Cause, edge: &mut Edge) {
    let (seq, _) = dialog.next_number();
    let number = edge.random();
    let lines = match cause {
        Cause::TimedOut => "Reason: SIP;cause=408;text=\"Session expired\"\r\n",
        Cause::AnsweredElsewhere => ELSEWHERE,
        Cause::Normal
        | Cause::Busy
        | Cause::Declined
        | Cause::NoAnswer
        | Cause::Cancelled
        | Cause::NotFound
        | Cause::NotRegistered
        | Cause::Unreachable
        | Cause::NotAcceptable
        | Cause::Forbidden
        | Cause::Overloaded
        | Cause::Failed
        | Cause::Lost => "",
    };
    let bytes = dialog.request(edge, "BYE", seq, number, &Says { lines, body: None });
    edge.ask(number, leg, Purpose::Farewell, &mut dialog.hop, bytes);
}

/// Why a CANCEL or a BYE comes when somebody else took the call (RFC 3326).
const ELSEWHERE: &str = "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n";

/// Extensions a request requires that we do not have, as the 420 that refuses it.
pub(crate) fn unsupported(incoming: &Incoming) -> Option<Deny> {
    const OURS: [&str; 2] = ["100rel", "timer"];
    let headers = &incoming.request.headers;
    if !headers.has("Require") || matches!(incoming.request.method, Method::Ack | Method::Cancel) {
        return None;
    }
    let unknown: Vec<&str> =
        headers.all("Require").filter(|t| !OURS.iter().any(|o| o.eq_ignore_ascii_case(t))).collect();
    (!unknown.is_empty()).then(|| Deny::with(420, format!("Unsupported: {}\r\n", unknown.join(", "))))
}
