//! A call that comes in: it may ring, be answered or be refused.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::call::{Call, CallState, Ended, Stage};
use crate::dialog::Dialog;
use crate::line::Line;
use crate::message::{self, Message};
use crate::phone::PhoneError;
use crate::{chance, locked};

/// A call that comes in and has no final answer yet.
pub struct Incoming {
    state: Arc<CallState>,
    invite: Message,
    from: SocketAddr,
    tag: String,
}

/// Takes a new INVITE: 100 at once, the rest when its ports are there.
pub(crate) fn arrive(line: &Arc<Line>, invite: &Message, from: SocketAddr) {
    line.answer(invite, &Message::response(invite, 100, "Trying", ""), from);
    let (line, invite) = (Arc::clone(line), invite.clone());
    tokio::spawn(async move {
        let tag = format!("{:016x}", chance());
        let Ok(state) = CallState::new(&line, Dialog::called(&invite, &tag)).await else {
            line.answer(&invite, &Message::response(&invite, 500, "No Port", &tag), from);
            return;
        };
        *locked(&state.invite) = Some((invite.clone(), from));
        line.add_call(&state);
        let _ = line.incoming.send(Incoming { state, invite, from, tag });
    });
}

impl Incoming {
    /// The user part of who calls.
    pub fn caller(&self) -> String {
        let from = self.invite.header("From").unwrap_or_default();
        message::user(message::uri(from)).to_owned()
    }

    /// The INVITE.
    pub fn invite(&self) -> &Message {
        &self.invite
    }

    /// 180.
    pub fn ring(&self) {
        let ringing = Message::response(&self.invite, 180, "Ringing", &self.tag);
        self.state.line.answer(&self.invite, &ringing.with("Contact", self.state.line.contact()), self.from);
        self.state.advance(Stage::Ringing);
    }

    /// 200; then waits for the ACK.
    ///
    /// # Errors
    /// [`PhoneError::Ended`] if the caller has given up or no ACK comes in 32 s.
    pub async fn answer(self) -> Result<Call, PhoneError> {
        let call = self.answer_without_waiting()?;
        let mut acked = call.state.acked.subscribe();
        let came = timeout(Duration::from_secs(32), acked.wait_for(|a| *a)).await.is_ok();
        if came {
            return Ok(call);
        }
        call.state.end(Ended::Lost);
        Err(PhoneError::Ended(Ended::Lost))
    }

    /// 200; does not wait for the ACK.
    ///
    /// # Errors
    /// [`PhoneError::Ended`] if the caller has given up, or if the offer does not suit (488 is sent).
    pub fn answer_without_waiting(self) -> Result<Call, PhoneError> {
        if let Stage::Ended(why) = self.state.stage.borrow().clone() {
            return Err(PhoneError::Ended(why));
        }
        let body = match self.invite.sdp() {
            Some(offer) => self.state.answer_to(offer),
            None => Some(self.state.offer()),
        };
        let Some(body) = body else {
            self.state.end(Ended::Refused(488));
            self.refuse(488, "Not Acceptable Here");
            return Err(PhoneError::Ended(Ended::Refused(488)));
        };
        let ok = Message::response(&self.invite, 200, "OK", &self.tag)
            .with("Contact", self.state.line.contact())
            .with_body("application/sdp", body);
        self.state.line.answer(&self.invite, &ok, self.from);
        self.state.advance(Stage::Up);
        let call = Call { state: Arc::clone(&self.state) };
        tokio::spawn(repeat_until_acked(self.state, ok, self.from));
        Ok(call)
    }

    /// Refuses it with this status.
    pub fn reject(self, status: u16) {
        self.state.end(Ended::Local);
        self.refuse(status, "Refused");
    }

    /// Waits until the caller has given up.
    ///
    /// # Errors
    /// [`PhoneError::TimedOut`].
    pub async fn cancelled(&self, within: Duration) -> Result<Ended, PhoneError> {
        Call { state: Arc::clone(&self.state) }.ended(within).await
    }

    fn refuse(&self, status: u16, reason: &str) {
        let answer = Message::response(&self.invite, status, reason, &self.tag);
        self.state.line.answer(&self.invite, &answer, self.from);
    }
}

/// RFC 3261 section 13.3.1.4: a 200 is repeated, over any transport, until its ACK comes.
async fn repeat_until_acked(state: Arc<CallState>, ok: Message, to: SocketAddr) {
    let mut acked = state.acked.subscribe();
    let mut every = Duration::from_millis(500);
    for _ in 0..10 {
        if timeout(every, acked.wait_for(|a| *a)).await.is_ok() {
            return;
        }
        state.line.wire.send(&ok.text(), to);
        every = (every * 2).min(Duration::from_secs(4));
    }
}
