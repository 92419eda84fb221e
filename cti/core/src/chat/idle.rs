//! The idle timer of chats (S0-08): while the customer is with the automatic service or an agent and neither
//! side writes for T1, both are warned and then the session is released. A wait for an agent suspends it.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::chat::Notice;
use ngcc_proto::fact::{By, What};
use ngcc_proto::{Mono, SessionId, Wall};

use crate::Cti;
use crate::session::{Session, Stage};
use crate::timer::Timer;

/// How long before its end a session is warned, unless half of T1 is shorter.
const WARNING: Duration = Duration::from_secs(120);

impl Cti {
    /// Sets, moves or cancels the session's idle timer.
    pub(crate) fn arm_idle(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id).filter(|session| !session.is_call()) else { return };
        if !session.can_idle() {
            return self.timers.cancel(Timer::Idle(id));
        }
        let (warning, end) = self.idle_deadlines(session);
        let warned = session.live.warned == Some(session.active());
        self.timers.set(Timer::Idle(id), if warned { end } else { warning });
    }

    /// The idle timer's next deadline has passed.
    pub(crate) fn idle_over(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id).filter(|session| session.can_idle()) else { return };
        if self.call_beside(session) {
            return self.stir(id);
        }
        let (now, active) = (self.step.now, session.active());
        let (warning, end) = self.idle_deadlines(session);
        if now.mono >= end {
            return self.end(id, By::Centre, Cause::TimedOut);
        }
        if now.mono >= warning && session.live.warned != Some(active) {
            let left = i64::try_from(end.ms_since(now.mono)).unwrap_or(i64::MAX);
            let notice = Notice::ClosesSoon { at: Wall(now.wall.0.saturating_add(left)) };
            // Of the silence it ends: after a restart it is the same warning.
            self.notice_once(id, Some(format!("closes-{}", active.0)), notice, false);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.live.warned = Some(active);
            }
        }
        self.step.touch(id);
    }

    /// A chat's customer also calls: each session names the other, and nobody is idle while the call lives (S0-08).
    pub(crate) fn stand_beside(&mut self, call: SessionId, chat: SessionId) {
        for (one, session) in [(call, chat), (chat, call)] {
            self.record(one, What::StandsBeside { session });
        }
    }

    fn call_beside(&self, chat: &Session) -> bool {
        let call = chat.story.beside.and_then(|id| self.sessions.get(&id));
        call.is_some_and(|call| call.is_call() && !call.is_closed())
    }

    /// The silence begins anew.
    pub(crate) fn stir(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.aside.kept_open = self.step.now.mono;
            self.step.touch(id);
        }
    }

    /// A call has ended: the silence of the chat beside it counts from now.
    pub(crate) fn call_beside_over(&mut self, call: SessionId) {
        let chat = self.sessions.get(&call).filter(|call| call.is_call()).and_then(|call| call.story.beside);
        if let Some(chat) = chat.filter(|chat| self.sessions.get(chat).is_some_and(|chat| !chat.is_closed()))
        {
            self.stir(chat);
        }
    }

    fn idle_deadlines(&self, session: &Session) -> (Mono, Mono) {
        let t1 = Duration::from_secs(self.centre.chat_idle_s.max(1).into());
        let end = session.active() + t1;
        (end - WARNING.min(t1 / 2), end)
    }
}

impl Session {
    /// Whether silence counts: in self-service and in dialogue, not while the customer waits for the centre, nor while
    /// both are at work on something that they share.
    fn can_idle(&self) -> bool {
        if self.is_shared_live() {
            return false;
        }
        match &self.stage {
            Stage::SelfService | Stage::With(_) | Stage::Unattended { .. } => true,
            Stage::Arriving
            | Stage::Waiting(_)
            | Stage::Offered { .. }
            | Stage::Dialling { .. }
            | Stage::InRoom
            | Stage::Closed => false,
        }
    }

    /// When one of the sides last did something, or the customer wished to stay.
    fn active(&self) -> Mono {
        self.story.active.max(self.aside.kept_open)
    }
}
