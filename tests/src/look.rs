//! Looking into a running centre, and acting in it, by its control socket: what an operator sees.

use std::time::{Duration, Instant};

use ngcc_proto::admin::{self, ClosedSession};
use ngcc_proto::envelope::Body;
use ngcc_proto::fact::{Fact, What};
use ngcc_proto::operate::{self, LiveQueue, LiveSeat, LiveSession};
use ngcc_proto::seat::{self, Availability, Slot};
use ngcc_proto::{AgentUri, SessionId};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::{sleep, timeout};

use crate::centre::{Centre, START};

/// How often something that tells nobody of its change is looked at.
const LOOK: Duration = Duration::from_millis(25);

#[derive(Serialize)]
struct Request {
    id: u64,
    body: Body,
}

#[derive(Deserialize)]
struct Response {
    body: Option<Body>,
    error: Option<String>,
}

impl Centre {
    /// Sends one message by the control socket.
    ///
    /// # Errors
    /// What the centre says instead of an answer.
    ///
    /// # Panics
    /// Where nobody answers.
    pub async fn tell(&self, body: impl Into<Body>) -> Result<Body, String> {
        let socket = self.data().join("control.sock");
        let exchange = async {
            let mut stream = BufReader::new(UnixStream::connect(socket).await?);
            let mut line = serde_json::to_vec(&Request { id: 1, body: body.into() })?;
            line.push(b'\n');
            stream.write_all(&line).await?;
            line.clear();
            stream.read_until(b'\n', &mut line).await?;
            Ok::<_, std::io::Error>(serde_json::from_slice::<Response>(&line)?)
        };
        let response = timeout(START, exchange).await.expect("the control socket answers in time");
        match response.expect("the control socket answers") {
            Response { body: Some(body), .. } => Ok(body),
            Response { error, .. } => Err(error.unwrap_or_default()),
        }
    }

    /// An operator's question about what runs.
    async fn operate(&self, command: operate::Command) -> operate::Event {
        match self.tell(command).await {
            Ok(Body::OperateEvent(event)) => event,
            other => panic!("the operator is answered {other:?}"),
        }
    }

    async fn admin(&self, command: admin::Command) -> admin::Event {
        match self.tell(command).await {
            Ok(Body::AdminEvent(event)) => event,
            other => panic!("the operator is answered {other:?}"),
        }
    }

    /// What an agent asks, as from a console.
    ///
    /// # Panics
    /// Where the name is none.
    pub async fn seat_asks(&self, agent: &str, what: seat::Verb) {
        let agent = AgentUri::new(agent).expect("an agent's name");
        let command = seat::Command { agent, session: None, what };
        let answer = self.operate(operate::Command::Seat(command)).await;
        assert_eq!(answer, operate::Event::Done, "the seat is answered");
    }

    /// Takes an agent out of work.
    pub async fn tell_not_ready(&self, agent: &str) {
        self.seat_asks(agent, seat::Verb::NotReady { reason: "break".to_owned() }).await;
        self.until_seat(agent, |a, _| matches!(a, Availability::NotReady { .. })).await;
    }

    /// Takes an agent back into work.
    pub async fn tell_ready(&self, agent: &str) {
        self.seat_asks(agent, seat::Verb::Ready).await;
        self.until_seat(agent, |a, _| matches!(a, Availability::Ready { .. })).await;
    }

    /// Live sessions, oldest first.
    pub async fn live(&self) -> Vec<LiveSession> {
        let answer = self.operate(operate::Command::Sessions { limit: 1000 }).await;
        let operate::Event::Sessions { sessions, .. } = answer else { panic!("sessions are {answer:?}") };
        sessions
    }

    /// Every seat, by name.
    pub async fn seats(&self) -> Vec<LiveSeat> {
        let answer = self.operate(operate::Command::Seats).await;
        let operate::Event::Seats { seats } = answer else { panic!("seats are {answer:?}") };
        seats
    }

    /// Asserts that no session is in two seats, and that who owns a session has it in the seat.
    pub async fn nobody_is_owned_twice(&self) {
        let (live, seats) = (self.live().await, self.seats().await);
        let held: Vec<(SessionId, String)> = seats
            .iter()
            .flat_map(|s| {
                let slots = s.chats.iter().chain([&s.voice]);
                slots.filter_map(|slot| Some((session_in(slot)?, s.agent.to_string())))
            })
            .collect();
        for session in live {
            let holders: Vec<&String> =
                held.iter().filter(|(s, _)| *s == session.id).map(|(_, a)| a).collect();
            let owner = session.owner.map(|o| o.to_string());
            assert!(holders.len() <= 1, "{} is held by {holders:?}", session.id);
            assert!(
                owner.is_none() || holders == owner.iter().collect::<Vec<_>>(),
                "{owner:?} but {holders:?}"
            );
        }
    }

    /// One agent's seat.
    pub async fn seat(&self, agent: &str) -> LiveSeat {
        self.seats()
            .await
            .into_iter()
            .find(|s| s.agent.name() == agent)
            .unwrap_or_else(|| panic!("a seat of {agent}"))
    }

    /// How a queue stands.
    pub async fn queue(&self, name: &str) -> LiveQueue {
        let answer = self.operate(operate::Command::Queues).await;
        let operate::Event::Queues { queues } = answer else { panic!("queues are {answer:?}") };
        queues.into_iter().find(|q| q.name == name).unwrap_or_else(|| panic!("a queue {name}"))
    }

    /// The facts of a session, live or closed.
    pub async fn facts(&self, session: SessionId) -> Vec<Fact> {
        let live = self.tell(operate::Command::Chain { session }).await;
        if let Ok(Body::OperateEvent(operate::Event::Chain { facts })) = live
            && !facts.is_empty()
        {
            return facts;
        }
        let answer = self.admin(admin::Command::Chain { session }).await;
        let admin::Event::Chain { facts } = answer else { panic!("a chain is {answer:?}") };
        facts
    }

    /// Closed sessions in the business database, newest first.
    pub async fn closed(&self) -> Vec<ClosedSession> {
        let answer = self.admin(admin::Command::History { limit: 10_000 }).await;
        let admin::Event::History { sessions } = answer else { panic!("the history is {answer:?}") };
        sessions
    }

    /// Waits until exactly so many sessions are stored.
    pub async fn stored(&self, count: usize) -> Vec<ClosedSession> {
        let begun = Instant::now();
        loop {
            let closed = self.closed().await;
            if closed.len() >= count {
                assert_eq!(closed.len(), count, "more sessions are stored than there were");
                return closed;
            }
            assert!(begun.elapsed() < START, "{} of {count} sessions are stored", closed.len());
            sleep(LOOK).await;
        }
    }

    /// Waits until what an operator sees is as `wanted` says.
    pub async fn until_live(&self, what: &str, wanted: impl Fn(&[LiveSession]) -> bool) -> Vec<LiveSession> {
        let begun = Instant::now();
        loop {
            let live = self.live().await;
            if wanted(&live) {
                return live;
            }
            assert!(begun.elapsed() < START, "waited for {what}; live is {live:#?}");
            sleep(LOOK).await;
        }
    }

    /// Waits until so many callers wait in a queue.
    pub async fn until_waiting(&self, queue: &str, count: u64) {
        let begun = Instant::now();
        loop {
            let now = self.queue(queue).await;
            if now.waiting == count {
                return;
            }
            assert!(begun.elapsed() < START, "{count} should wait; {now:?}");
            sleep(LOOK).await;
        }
    }

    /// Waits until an agent's seat is as `wanted` says.
    pub async fn until_seat(&self, agent: &str, wanted: impl Fn(&Availability, &Slot) -> bool) -> LiveSeat {
        let begun = Instant::now();
        loop {
            let seat = self.seat(agent).await;
            if wanted(&seat.availability, &seat.voice) {
                return seat;
            }
            assert!(begun.elapsed() < START, "the seat stays {seat:#?}");
            sleep(LOOK).await;
        }
    }

    /// Waits until an agent may take work and has none.
    pub async fn until_free(&self, agent: &str) {
        let free = |a: &Availability, s: &Slot| matches!((a, s), (Availability::Ready { .. }, Slot::Free));
        self.until_seat(agent, free).await;
    }

    /// Waits for a fact of a live session.
    pub async fn until_fact(&self, session: SessionId, what: &str, wanted: impl Fn(&What) -> bool) -> Fact {
        let begun = Instant::now();
        loop {
            let facts = self.facts(session).await;
            if let Some(fact) = facts.iter().find(|f| wanted(&f.what)) {
                return fact.clone();
            }
            assert!(begun.elapsed() < START, "waited for {what}; the facts are {facts:#?}");
            sleep(LOOK).await;
        }
    }
}

/// The live session a slot holds; a wrap-up is after one.
fn session_in(slot: &Slot) -> Option<SessionId> {
    match slot {
        Slot::Free | Slot::WrapUp { .. } => None,
        Slot::Reserved { session, .. }
        | Slot::Alerting { session, .. }
        | Slot::Talking { session, .. }
        | Slot::Held { session, .. }
        | Slot::Consulting { session, .. }
        | Slot::InIvr { session, .. } => Some(*session),
    }
}

/// Whether a stored session's phases add up to its whole time, to the millisecond.
pub fn adds_up(row: &ClosedSession) -> bool {
    let parts = [
        row.self_service_ms,
        row.queue_ms,
        row.ring_ms,
        row.talk_ms,
        row.hold_ms,
        row.in_ivr_ms,
        row.other_ms,
    ];
    parts.iter().sum::<u64>() == row.total_ms
}
