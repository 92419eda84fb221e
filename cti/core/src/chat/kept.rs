//! The store has a message: it becomes a fact, its sender learns so, and everybody who takes part gets it. A
//! repeat is acknowledged again and told to nobody.

use ngcc_proto::chat::{self, Author, Content, Message};
use ngcc_proto::fact::{By, What};
use ngcc_proto::seat::Told;
use ngcc_proto::{AgentUri, SeatId, Secret, SessionId, flow};

use super::{AUTOMATION, CUSTOMER};
use crate::Cti;
use crate::session::Session;

impl Cti {
    /// A message is on disk.
    pub(crate) fn kept(&mut self, id: SessionId, sender: &str, key: String, message: Message, repeat: bool) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let masked = if sender == CUSTOMER { session.live.secrets.remove(&key) } else { None };
        if masked.is_some() && message.content == Content::Masked {
            session.aside.secret = None;
        }
        let fresh = !repeat || message.seq > session.story.last_seq;
        if fresh {
            self.note_said(id, &message);
        }
        if sender == AUTOMATION {
            self.run_has_said(id, &key);
        }
        self.acknowledge(id, sender, key.clone(), &message);
        if fresh {
            self.spread(id, &message);
        }
        self.line_kept(id, sender, &key);
        // A masked text is known to nobody else: a run that has not heard it before a restart hears it now.
        if (fresh || masked.is_some()) && message.by == Author::Customer {
            self.heard(id, &key, &message, masked);
        }
        self.step.touch(id);
    }

    /// A message could not be stored: without an acknowledgement its sender sends it again.
    pub(crate) fn not_kept(&mut self, id: SessionId, sender: &str, key: &str) {
        if let Some(session) = self.sessions.get_mut(&id).filter(|_| sender == CUSTOMER) {
            session.live.secrets.remove(key);
        }
        self.line_not_kept(id, sender, key);
    }

    /// A message that was stored when nobody could be told of it.
    pub(crate) fn caught_up(&mut self, id: SessionId, message: &Message) {
        let Some(session) = self.sessions.get(&id) else { return };
        let fresh = message.seq > session.story.last_seq;
        if fresh {
            self.note_said(id, message);
            self.spread(id, message);
        } else if !session.may_have_lost(message) {
            return;
        }
        // Whoever comes to speak while it is read waits behind it.
        let Content::Text { text, .. } = &message.content else { return };
        let run = self.sessions.get(&id).and_then(Session::hearing_run);
        if let Some(run) = run.filter(|_| message.by == Author::Customer) {
            let (seq, text) = (message.seq, Secret::new(text.0.clone()));
            // What its texts were when this was written is not known any more.
            self.tell(Some(id), flow::Command::Heard { run, seq, text, behind: None });
        }
    }

    /// A run's text is on disk; its key is the run and the text's number.
    fn run_has_said(&mut self, id: SessionId, key: &str) {
        let Some((run, n)) = key.split_once('+') else { return };
        if let (Some(session), Ok(run), Ok(n)) = (self.sessions.get_mut(&id), run.parse(), n.parse()) {
            session.told.has_said(run, n);
        }
    }

    fn note_said(&mut self, id: SessionId, message: &Message) {
        let by = match &message.by {
            Author::Customer => By::Customer,
            Author::Agent { .. } => By::Agent,
            Author::Automation => By::Automation,
            Author::Centre => By::Centre,
        };
        let (seq, message) = (message.seq, message.id);
        match self.sessions.get_mut(&id) {
            // Nothing but the wrap-up's own facts may follow the end.
            Some(session) if session.is_closed() => {
                session.story.last_seq = session.story.last_seq.max(seq);
            }
            Some(_) => self.record(id, What::Said { seq, message, by }),
            None => {}
        }
    }

    fn acknowledge(&mut self, id: SessionId, sender: &str, key: String, message: &Message) {
        let (seq, at) = (message.seq, message.at);
        if sender == CUSTOMER {
            let leg = self.sessions.get(&id).and_then(|session| session.customer()).map(|leg| leg.id);
            if let Some(leg) = leg {
                self.tell(Some(id), chat::Command::Accepted { leg, key, seq, at });
            }
        } else if let Ok(agent) = sender.parse::<AgentUri>()
            && let Some(seat) = self.resources.of_agent(agent.name()).map(|seat| seat.id)
        {
            self.tell_seat(id, seat, Told::Accepted { session: id, key, seq, at });
        }
    }

    fn spread(&mut self, id: SessionId, message: &Message) {
        let Some(session) = self.sessions.get(&id) else { return };
        let customer =
            session.customer().map(|leg| leg.id).filter(|_| !message.private && !session.is_call());
        let seats = session.readers(message);
        if let Some(leg) = customer {
            self.tell(Some(id), chat::Command::Deliver { leg, message: message.clone() });
        }
        for seat in seats {
            self.tell_seat(id, seat, Told::Message { session: id, message: message.clone() });
        }
    }

    fn heard(&mut self, id: SessionId, key: &str, message: &Message, masked: Option<Secret>) {
        let text = match (&message.content, masked) {
            (Content::Masked, masked) => masked,
            (Content::Text { text, .. }, _) => Some(Secret::new(text.0.clone())),
            (Content::File { .. } | Content::Notice(_), _) => None,
        };
        if let Some(text) = text {
            self.run_hears(id, (message.seq, key), text, message.content == Content::Masked);
        }
    }
}

impl Session {
    /// The seats that are told of a message: the owner, who does not read what customer and automation write
    /// while they are together, and whoever still wraps up.
    fn readers(&self, message: &Message) -> Vec<SeatId> {
        let among_them = matches!(message.by, Author::Customer | Author::Automation);
        let owner = self.together().and_then(|with| with.seat);
        let owner = owner.filter(|_| !among_them || self.owner_reads());
        owner.into_iter().chain(self.wrap_ups.iter().map(|(seat, _, _)| *seat)).collect()
    }
}
