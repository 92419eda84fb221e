//! Feature codes: what an agent asks for from the phone alone.

use std::time::Duration;

use ngcc_proto::access::Cause;
use ngcc_proto::fact::By;
use ngcc_proto::seat::{Device, Verb};
use ngcc_proto::{AgentUri, MessageId, RunId, Secret, SessionId, data};

use crate::Cti;
use crate::session::{Asking, Destination};
use crate::timer::Timer;

/// How long the data centre may take to check a PIN.
const PIN: Duration = Duration::from_secs(5);

/// A feature code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    SignOut,
    SignIn,
    Ready,
    NotReady,
    EndWrapUp,
}

impl Code {
    /// The code that was dialled, if it is one.
    pub(crate) fn of_number(dialled: &str) -> Option<Self> {
        match dialled {
            "*10" => Some(Self::SignOut),
            "*11" => Some(Self::SignIn),
            "*12" => Some(Self::Ready),
            "*13" => Some(Self::NotReady),
            "*14" => Some(Self::EndWrapUp),
            _ => None,
        }
    }

    /// The flow that confirms it, if it is configured.
    fn flow(self) -> &'static str {
        match self {
            Self::SignOut => "feature-sign-out",
            Self::SignIn => "feature-sign-in",
            Self::Ready => "feature-ready",
            Self::NotReady => "feature-not-ready",
            Self::EndWrapUp => "feature-end-wrap-up",
        }
    }

    fn verb(self) -> Option<Verb> {
        match self {
            Self::SignIn => None,
            Self::SignOut => Some(Verb::SignOut),
            Self::Ready => Some(Verb::Ready),
            Self::NotReady => Some(Verb::NotReady { reason: "break".to_owned() }),
            Self::EndWrapUp => Some(Verb::EndWrapUp),
        }
    }
}

impl Cti {
    /// The media of a phone that dialled a code is open. Signing in asks for the PIN; everything else is
    /// done at once, and the answer says that it is.
    pub(crate) fn feature(&mut self, id: SessionId, code: Code, agent: &AgentUri) {
        let Some(verb) = code.verb() else { return self.ask_pin(id, agent) };
        if self.obey(agent, None, verb).is_err() {
            return self.end(id, By::Centre, Cause::Declined);
        }
        if self.flows.contains(code.flow()) {
            return self.start_main(id, code.flow());
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.next = Some(Destination::HangUp);
        }
        self.answer_customer(id);
    }

    fn ask_pin(&mut self, id: SessionId, agent: &AgentUri) {
        let flow = self.centre.sign_in_flow.clone();
        if !self.flows.contains(&flow) {
            return self.end(id, By::Centre, Cause::NotFound);
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.next = Some(Destination::Feature { code: Code::SignIn, agent: agent.clone() });
        }
        self.start_main(id, &flow);
    }

    /// The sign-in flow has the PIN.
    pub(crate) fn check_pin(&mut self, id: SessionId, run: RunId, pin: Secret) {
        let next = self.sessions.get(&id).and_then(|session| session.live.next.clone());
        let Some(Destination::Feature { code: Code::SignIn, agent }) = next else {
            return self.resume(id, run, "refused");
        };
        let asked = self.tell(Some(id), data::Command::CheckPin { agent, pin });
        self.pins.insert(asked, id);
        self.timers.set(Timer::Pin(id), self.step.now.mono + PIN);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.pin = Some(asked);
        }
    }

    /// The data centre has checked a PIN.
    pub(crate) fn pin_checked(&mut self, asked: Option<MessageId>, agent: &AgentUri, right: bool) {
        let Some(id) = asked.and_then(|asked| self.pins.get(&asked).copied()) else { return };
        let signed_in = right && self.sign_in_by_phone(agent).is_ok();
        self.pin_answered(id, if signed_in { "done" } else { "refused" });
    }

    /// Nobody has checked the PIN in time.
    pub(crate) fn pin_unchecked(&mut self, id: SessionId) {
        self.pin_answered(id, "refused");
    }

    fn pin_answered(&mut self, id: SessionId, exit: &str) {
        self.drop_pin(id);
        let asking = self.sessions.get(&id).and_then(|s| s.asking(|asking| asking == Asking::SignIn));
        if let Some(run) = asking {
            self.resume(id, run, exit);
        }
    }

    /// The check is waited for no longer.
    pub(crate) fn drop_pin(&mut self, id: SessionId) {
        let pin = self.sessions.get_mut(&id).and_then(|session| session.live.pin.take());
        if let Some(pin) = pin {
            self.pins.remove(&pin);
            self.timers.cancel(Timer::Pin(id));
        }
    }

    fn sign_in_by_phone(&mut self, agent: &AgentUri) -> Result<(), &'static str> {
        let seat = self.resources.of_agent(agent.name()).ok_or("there is no such agent")?;
        let settings = seat.settings.as_ref().ok_or("there is no such agent")?;
        let device @ Device::Phone(_) = settings.device.clone() else { return Err("no phone is configured") };
        self.obey(agent, None, Verb::SignIn { device })
    }
}
