//! `/ws/agent`: an agent's console. Its frames are the `seat` and `im` vocabularies; the server adds who speaks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Utf8Bytes, WebSocket};
use ngcc_proto::auth::{Grant, Permission};
use ngcc_proto::chat::Content;
use ngcc_proto::config::UserRole;
use ngcc_proto::seat::{Told, Verb};
use ngcc_proto::{AgentUri, MessageId, Mono, SessionId, im, seat};
use serde::Serialize;

use super::Close;
use super::link::{Client, Link};
use crate::frame::{self, Asked, Im, Raw};
use crate::gate::Gate;
use crate::hub::{First, Out};
use crate::permission::Operation;
use crate::presence::Present;
use crate::ticket::Holder;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most questions of one page that are open.
const MOST: usize = 64;
/// How often colleagues are told that one writes.
const TYPING: Duration = Duration::from_secs(1);

/// A console that is signed in.
struct Console {
    gate: Arc<Gate>,
    me: AgentUri,
    grant: Grant,
    open: BTreeMap<MessageId, Question>,
    /// When colleagues were told last that they write.
    typed: Option<Mono>,
}

/// A frame that waits for its answer.
struct Question {
    /// The frame's id.
    id: String,
    /// Since when.
    since: Mono,
    /// The key of what is to be stored: its answer may come by another cause.
    key: Option<String>,
}

/// `ready`.
#[derive(Serialize)]
struct Ready<'a> {
    epoch: i64,
    user: &'a str,
    display: &'a str,
    roles: &'a [UserRole],
    permissions: &'a [Permission],
    config: frame::Config,
    presence: Vec<Present>,
}

/// Serves a console until it ends.
pub(super) async fn serve(gate: &Arc<Gate>, socket: &mut WebSocket, holder: Holder) -> Close {
    let grant = holder.grant.clone();
    let Ok(me) = AgentUri::new(&grant.user) else { return Close::SignedOut };
    let seen = gate.hub.console(me.name(), holder.sign_in);
    let number = seen.number;
    gate.presence_changed.notify_one();
    let first = first(gate, &grant);
    let mut console = Console { gate: Arc::clone(gate), me, grant, open: BTreeMap::new(), typed: None };
    console.come();
    let mut link = Link { gate, socket, seen, holder };
    let close = link.run(first, &mut console).await;
    if gate.hub.console_gone(console.me.name(), number, gate.desk.now().wall) {
        gate.presence_changed.notify_one();
        // A server that stops takes nobody's page away: they are all back in a moment.
        if close != Close::Stopping {
            console.leave();
        }
    }
    close
}

/// `ready`, and who did not fit into it.
fn first(gate: &Gate, grant: &Grant) -> Vec<Utf8Bytes> {
    let First { config, presence, more } = gate.hub.first();
    let Grant { user, display, roles, permissions, until: _ } = grant;
    let ready = Ready { epoch: gate.epoch, user, display, roles, permissions, config, presence };
    [frame::text("ready", None, Some(&ready))].into_iter().chain(more).collect()
}

impl Console {
    /// Asks for everything anew: the seat, its contacts, the colleagues' messages.
    fn come(&self) {
        if Operation::Seat.allowed(&self.grant) {
            self.seat(None, Verb::Back);
            self.seat(None, Verb::Look);
        }
        if Operation::Im.allowed(&self.grant) {
            self.gate.desk.send(im::Command::Here { agent: self.me.clone() });
        }
    }

    fn leave(&self) {
        if Operation::Seat.allowed(&self.grant) {
            self.seat(None, Verb::Away);
        }
    }

    fn seat(&self, session: Option<SessionId>, what: Verb) -> MessageId {
        self.gate.desk.send(seat::Command { agent: self.me.clone(), session, what })
    }

    fn ask_seat(&mut self, id: Option<String>, session: Option<SessionId>, what: Verb) -> Option<Utf8Bytes> {
        // Nothing answers these.
        let answered = !matches!(what, Verb::Typing | Verb::Read { .. });
        let key = if let Verb::Say { key, content, .. } = &what {
            if let Content::File { file, .. } = content
                && let Err(error) = self.gate.uploads.named(*file)
            {
                return id.map(|id| frame::refused(&id, &error.to_string()));
            }
            Some(key.clone())
        } else {
            None
        };
        self.ask(id, answered, key, |console| console.seat(session, what))
    }

    fn ask_im(&mut self, id: Option<String>, asked: Im) -> Option<Utf8Bytes> {
        let now = self.gate.desk.now().mono;
        if matches!(asked, Im::Typing { .. }) {
            // Whoever writes faster than that is seen to write all the same.
            if self.typed.is_some_and(|typed| now.since(typed) < TYPING) {
                return id.map(|id| frame::ok(&id));
            }
            self.typed = Some(now);
        }
        let (answered, key) = (asked.is_answered(), asked.key().map(str::to_owned));
        let command = asked.by(self.me.clone());
        self.ask(id, answered, key, |console| console.gate.desk.send(command))
    }

    /// Sends, and remembers the frame if it wishes for an answer.
    fn ask(
        &mut self,
        id: Option<String>,
        answered: bool,
        key: Option<String>,
        send: impl FnOnce(&Self) -> MessageId,
    ) -> Option<Utf8Bytes> {
        if answered && id.is_some() && self.open.len() >= MOST {
            return id.map(|id| frame::refused(&id, "too many questions at once"));
        }
        let cause = send(self);
        let id = id?;
        if !answered {
            return Some(frame::ok(&id));
        }
        self.open.insert(cause, Question { id, since: self.gate.desk.now().mono, key });
        None
    }

    fn rtc_token(&self, id: Option<&str>) -> Utf8Bytes {
        let token = self.gate.rtc_token(self.me.clone());
        frame::text("rtc.token", id, Some(&serde_json::json!({ "token": token })))
    }

    /// The question that `cause` or `key` answers.
    fn question(&mut self, cause: Option<MessageId>, key: Option<&str>) -> Option<Question> {
        if let Some(question) = cause.and_then(|cause| self.open.remove(&cause)) {
            return Some(question);
        }
        let (&cause, _) = self.open.iter().find(|(_, q)| key.is_some() && q.key.as_deref() == key)?;
        self.open.remove(&cause)
    }

    fn told_seat(&mut self, cause: Option<MessageId>, told: &Told) -> Vec<Utf8Bytes> {
        let event = || frame::text("seat", None, Some(told));
        let (shown, question, refusal) = match told {
            Told::Done => (None, self.question(cause, None), None),
            Told::Refused { why } => (None, self.question(cause, None), Some(why.clone())),
            Told::State { .. } | Told::Replay { more: false, .. } => {
                (Some(event()), self.question(cause, None), None)
            }
            Told::Accepted { key, .. } => (Some(event()), self.question(cause, Some(key)), None),
            Told::NotAccepted { key, why, .. } => {
                let why = serde_json::to_value(why).ok().and_then(|why| why.as_str().map(str::to_owned));
                (Some(event()), self.question(cause, Some(key)), Some(why.unwrap_or_default()))
            }
            Told::Offered { .. }
            | Told::Rescinded { .. }
            | Told::Returned { .. }
            | Told::Contact { .. }
            | Told::Gone { .. }
            | Told::Message { .. }
            | Told::Replay { more: true, .. }
            | Told::Invited { .. }
            | Told::CollabEnded { .. }
            | Told::Link { .. }
            | Told::NotReplayed { .. }
            | Told::Typing { .. }
            | Told::Read { .. } => (Some(event()), None, None),
        };
        shown.into_iter().chain(question.map(|q| answer(&q, refusal.as_deref()))).collect()
    }

    fn told_im(&mut self, cause: Option<MessageId>, event: &im::Event) -> Vec<Utf8Bytes> {
        let plain = || frame::text("im", None, Some(event));
        match event {
            im::Event::Message { .. } | im::Event::Read { .. } | im::Event::Typing { .. } => vec![plain()],
            im::Event::Conversation { .. } | im::Event::Conversations { .. } | im::Event::Found { .. } => {
                let question = self.question(cause, None);
                vec![frame::text("im", question.as_ref().map(|q| q.id.as_str()), Some(event))]
            }
            im::Event::Unanswered { .. } => {
                let question = self.question(cause, None);
                question.map(|q| answer(&q, Some("no answer"))).into_iter().collect()
            }
            // It answers a request and no page.
            im::Event::May { .. } => Vec::new(),
            im::Event::Stored { key, .. } => {
                let question = self.question(cause, Some(key));
                std::iter::once(plain()).chain(question.map(|q| answer(&q, None))).collect()
            }
            im::Event::Refused { key, why, .. } => {
                let question = self.question(cause, Some(key));
                std::iter::once(plain()).chain(question.map(|q| answer(&q, Some(why)))).collect()
            }
        }
    }
}

impl Client for Console {
    fn frame(&mut self, raw: Raw) -> Option<Utf8Bytes> {
        let id = raw.id.clone();
        let asked = match frame::console(raw) {
            Ok(asked) => asked,
            Err(bad) => return Some(frame::error(id.as_deref(), &bad)),
        };
        let operation = match &asked {
            Asked::Seat { .. } | Asked::RtcToken => Operation::Seat,
            Asked::Im(_) => Operation::Im,
        };
        if !operation.allowed(&self.grant) {
            let bad = frame::Bad { code: "forbidden", detail: "you may not do this".to_owned() };
            return Some(frame::error(id.as_deref(), &bad));
        }
        match asked {
            Asked::Seat { session, what } => self.ask_seat(id, session, what),
            Asked::Im(asked) => self.ask_im(id, asked),
            Asked::RtcToken => Some(self.rtc_token(id.as_deref())),
        }
    }

    fn told(&mut self, out: Out) -> Vec<Utf8Bytes> {
        match out {
            Out::Seat(cause, told) => self.told_seat(cause, &told),
            Out::Im(cause, event) => self.told_im(cause, &event),
            Out::Frame(text) => vec![text],
            Out::Frames(texts) => texts.to_vec(),
        }
    }

    fn tick(&mut self, now: Mono) -> Vec<Utf8Bytes> {
        let late = self.open.extract_if(.., |_, question| now.since(question.since) >= PATIENCE);
        late.map(|(_, question)| frame::refused(&question.id, "no answer")).collect()
    }
}

fn answer(question: &Question, refusal: Option<&str>) -> Utf8Bytes {
    match refusal {
        None => frame::ok(&question.id),
        Some(why) => frame::refused(&question.id, why),
    }
}
