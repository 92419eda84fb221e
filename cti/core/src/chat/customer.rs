//! The customer's side of a chat, and the flow's: nothing but words goes either way.

use ngcc_proto::access::Cause;
use ngcc_proto::chat::{self, Author, Content, Event, Nack};
use ngcc_proto::fact::{By, What};
use ngcc_proto::seat::Told;
use ngcc_proto::{LegId, RunId, Secret, SessionId, UserUri};

use super::{AUTOMATION, CUSTOMER, Line, check};
use crate::Cti;
use crate::session::{Answer, Destination, How, RunStage, Session, Stage, Together};

/// How many masked messages may be under way to the store at once.
const MAX_SECRETS: usize = 8;

impl Cti {
    /// A chat is there: its leg is up without media, and goes where the number leads.
    pub(crate) fn begin_chat(&mut self, id: SessionId, leg: LegId, to: Destination) {
        self.record(id, What::LegAnswered { leg });
        if let Some(session) = self.sessions.get_mut(&id) {
            session.live.answer = Answer::Sent;
        }
        match to {
            Destination::Route(route) => self.go(id, route),
            Destination::Feature { .. } | Destination::HangUp => {
                self.end(id, By::Centre, Cause::NotAcceptable)
            }
        }
    }

    /// Tells softacd the session of the customer's leg, where words or a status go to it.
    pub(crate) fn tell_opened(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id).filter(|session| session.is_web()) else { return };
        session.live.status = None;
        let medium = session.medium;
        if let Some(leg) = session.customer().map(|leg| leg.id) {
            self.tell(Some(id), chat::Command::Opened { leg, session: id, medium });
        }
        self.step.touch(id);
    }

    /// Something came from a customer's client.
    pub(crate) fn chat_event(&mut self, session: Option<SessionId>, event: Event) {
        let leg = event.leg();
        let of_customer = |session: &&Session| session.customer().is_some_and(|customer| customer.id == leg);
        let Some(id) = session.filter(|id| self.sessions.get(id).as_ref().is_some_and(of_customer)) else {
            return self.said_nowhere(event);
        };
        match event {
            Event::Said { leg, key, content } => self.customer_says(id, leg, key, content),
            Event::Typing { .. } => {
                self.tell_owner(id, Told::Typing { session: id, by: Author::Customer });
            }
            Event::Read { seq, .. } => self.tell_owner(id, Told::Read { session: id, seq }),
            Event::Resume { leg, after } => self.replay_to_customer(id, leg, after),
            Event::KeepOpen { .. } => self.stir(id),
            Event::Delivered { delivery, .. } => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.live.delivery = Some(delivery);
                    self.step.touch(id);
                }
            }
        }
    }

    /// A client whose session is not open yet sends again; one without any is told so.
    fn said_nowhere(&mut self, event: Event) {
        if let Event::Said { leg, key, .. } = event
            && !self.exchange.keeps(leg)
        {
            self.tell(None, chat::Command::Refused { leg, key, why: Nack::Unknown });
        }
    }

    fn customer_says(&mut self, id: SessionId, leg: LegId, key: String, content: Content) {
        if let Err(why) = check(&key, &content) {
            self.tell(Some(id), chat::Command::Refused { leg, key, why });
            return;
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            let run = session.hearing_run();
            session.told.comes(&key, run);
        }
        let content = self.masked(id, &key, content);
        let (sender, by) = (CUSTOMER.to_owned(), Author::Customer);
        self.keep(id, Line { sender, key, by, content, private: false });
    }

    /// What a run wants nobody else to see is stored masked; the text waits here, in memory, until it is.
    fn masked(&mut self, id: SessionId, key: &str, content: Content) -> Content {
        let Some(session) = self.sessions.get_mut(&id) else { return content };
        let Content::Text { text, choices } = content else { return content };
        if session.secret_run().is_none() {
            return Content::Text { text, choices };
        }
        let secrets = &mut session.live.secrets;
        if secrets.len() >= MAX_SECRETS && !secrets.contains_key(key) {
            secrets.pop_first();
        }
        secrets.insert(key.to_owned(), Secret::new(text.0));
        Content::Masked
    }

    /// A flow writes to the customer.
    pub(crate) fn run_says(&mut self, id: SessionId, run: RunId, n: u32, content: Content) {
        let Some(session) = self.sessions.get(&id) else { return };
        if session.is_call() || session.run(run).is_none() || content.check().is_err() {
            return;
        }
        let (sender, key, by) = (AUTOMATION.to_owned(), format!("{run}+{n}"), Author::Automation);
        self.keep_surely(id, Line { sender, key, by, content, private: false });
    }

    /// A flow waits for what the customer enters. What is secret is heard, read and kept by nobody else.
    pub(crate) fn run_listens(&mut self, id: SessionId, run: RunId, secret: bool) {
        let Some(session) = self.sessions.get_mut(&id).filter(|s| s.run(run).is_some()) else { return };
        if secret {
            session.aside.secret = Some(run);
        } else if session.aside.secret == Some(run) {
            session.aside.secret = None;
        }
        self.step.touch(id);
    }

    /// A flow is busy with an answer: the customer sees that somebody writes, and so does an agent who listens.
    pub(crate) fn run_types(&mut self, id: SessionId, run: RunId) {
        let Some(session) = self.sessions.get(&id).filter(|s| s.hearing_run() == Some(run)) else { return };
        let leg = session.customer().map(|leg| leg.id).filter(|_| !session.is_call());
        if let Some(leg) = leg {
            self.tell(Some(id), chat::Command::Typing { leg, by: Author::Automation });
            self.tell_owner(id, Told::Typing { session: id, by: Author::Automation });
        }
    }

    /// Tells the owner of what goes on with the customer, unless the automatic service has them.
    pub(crate) fn tell_owner(&mut self, id: SessionId, what: Told) {
        let Some(session) = self.sessions.get(&id) else { return };
        if let Some(seat) = session.together().and_then(|with| with.seat).filter(|_| session.owner_reads()) {
            self.tell_seat(id, seat, what);
        }
    }
}

impl Session {
    /// Whether its customer has a client that is told where it stands.
    pub(crate) fn is_web(&self) -> bool {
        !self.is_call() || matches!(self.user, UserUri::Web(_) | UserUri::Customer(_))
    }

    /// The run that the customer speaks to now.
    pub(crate) fn hearing_run(&self) -> Option<RunId> {
        let run = match &self.stage {
            Stage::SelfService => self.main_run().map(|run| run.id),
            Stage::Waiting(_) | Stage::Offered { .. } => {
                self.runs.iter().find(|run| run.while_waiting).map(|run| run.id)
            }
            Stage::With(Together { how: How::InIvr { run, .. }, .. }) | Stage::Unattended { run, .. } => {
                Some(*run)
            }
            Stage::Arriving | Stage::Dialling { .. } | Stage::With(_) | Stage::InRoom | Stage::Closed => None,
        };
        run.filter(|run| self.run(*run).is_some_and(|run| run.stage == RunStage::Running))
    }

    /// The run that wants what is entered next to be seen by nobody else.
    pub(crate) fn secret_run(&self) -> Option<RunId> {
        self.aside.secret.filter(|run| self.hearing_run() == Some(*run))
    }

    /// Whether the owner reads what customer and automation write.
    pub(crate) fn owner_reads(&self) -> bool {
        match self.together().map(|with| with.how) {
            Some(How::Talk | How::Held(_) | How::Consulting | How::Conference) => true,
            Some(How::InIvr { .. }) => self.aside.listen,
            None => false,
        }
    }
}
