//! The colleagues' exchange (S1-08, S2): what one agent writes to another is stored first and then forwarded. It has
//! a role, a task and a file of its own; customers' messages never come here, and neither waits for the other.
//!
//! Whoever is not there finds what was written at the next sign-in: `Here` brings everything that has not been
//! acknowledged. A process that dies between storing and forwarding has therefore lost nothing.

mod store;

use std::time::Duration;

use ngcc_proto::chat::{MAX_KEY, MAX_TEXT, Text};
use ngcc_proto::im::{Command, Event, Quote};
use ngcc_proto::{AgentUri, Body, Envelope, Ids, MessageId, Role, Wall};
use ngcc_runtime::{Counter, House, Inbox, Outlet};

use crate::data::Colleagues;
use crate::error::StartError;
use crate::voice::{Voice, spawn};
use store::{Draft, Put, Store, Write};

static STORED: Counter = Counter::new("ngcc_im_stored_total", "Colleagues' messages stored.");
static REFUSED: Counter = Counter::new("ngcc_im_refused_total", "Colleagues' messages that were not taken.");
static UNANSWERED: Counter =
    Counter::new("ngcc_im_unanswered_total", "Questions that the colleagues' store did not answer.");

const CEILING: usize = 65_536;
/// The most commands of one transaction.
const BATCH: usize = 256;
/// The longest a transaction may take; a repeat of the message finds out what has become of it.
const PATIENCE: Duration = Duration::from_secs(4);
/// How many messages of a box are read at once.
const PAGE: u32 = 500;
/// The most messages of a conversation in one answer.
const MOST: u32 = 200;
const MOST_LINES: usize = 5;
const MOST_NAME: usize = 256;

struct Exchange {
    store: Store,
    colleagues: Colleagues,
    voice: Voice,
    ids: Ids,
}

/// Opens the store and starts taking messages.
pub(crate) async fn start(house: &House, colleagues: Colleagues) -> Result<(), StartError> {
    house.expect("im");
    let store = Store::open(&house.data_dir).await?;
    let exchange = Exchange { store, colleagues, voice: Voice::new(house), ids: house.ids() };
    let (inbox, outlet) = Inbox::<Envelope>::new("im", CEILING);
    inbox.attach_to(&house.bus, Role::Im);
    spawn(house, exchange.run(outlet, house.clone(), inbox));
    house.ready("im");
    Ok(())
}

impl Exchange {
    /// Serves until the house stops. `_open` keeps the outlet open.
    async fn run(mut self, mut outlet: Outlet<Envelope>, house: House, _open: Inbox<Envelope>) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = house.stop.wait() => return,
                _ = outlet.take(&mut batch, BATCH) => {}
            }
            if !self.serve(&mut batch).await {
                // The store has not taken a batch: those who waited behind it have waited as long.
                outlet.take_now(&mut batch, CEILING);
                self.turn_away(&mut batch).await;
            }
        }
    }

    /// Does what a batch asks; false if the store did not take what was to be written.
    async fn serve(&mut self, batch: &mut Vec<Envelope>) -> bool {
        let (mut writes, mut causes, mut questions) = (Vec::new(), Vec::new(), Vec::new());
        for envelope in batch.drain(..) {
            let cause = envelope.id;
            let Body::ImCommand(command) = envelope.body else {
                tracing::error!(kind = envelope.body.name(), "nothing the colleagues' exchange takes");
                continue;
            };
            match command {
                Command::Send { from, to, key, text, quote } => {
                    match self.fits(&from, &to, &key, &text, &quote) {
                        Ok(()) => {
                            writes.push(Write::Put(self.draft(from, to, key, text, quote)));
                            causes.push(cause);
                        }
                        Err(why) => self.refuse(cause, from, key, why),
                    }
                }
                Command::Got { agent, seq } => writes.push(Write::Got { owner: agent, seq }),
                Command::Here { .. } | Command::Look { .. } => questions.push((cause, command)),
            }
        }
        let written = writes.is_empty() || self.write(writes, causes).await;
        for (cause, question) in questions {
            self.answer(cause, question).await;
        }
        written
    }

    /// Stores, and only then forwards.
    async fn write(&mut self, writes: Vec<Write>, causes: Vec<MessageId>) -> bool {
        let written = tokio::time::timeout(PATIENCE, self.store.write(&writes)).await;
        let drafts = writes.into_iter().filter_map(|write| match write {
            Write::Put(draft) => Some(draft),
            Write::Got { .. } => None,
        });
        let drafts = drafts.zip(causes);
        let puts = match written {
            Ok(Ok(puts)) => puts,
            Ok(Err(error)) => {
                tracing::error!(%error, "the colleagues' store failed a batch");
                drafts.for_each(|(draft, cause)| self.refuse(cause, draft.from, draft.key, busy()));
                return false;
            }
            Err(_) => {
                tracing::error!("the colleagues' store does not answer");
                drafts.for_each(|(draft, cause)| self.refuse(cause, draft.from, draft.key, busy()));
                return false;
            }
        };
        for ((Draft { from, key, .. }, cause), put) in drafts.zip(puts) {
            match put {
                Put::New(message) => {
                    STORED.inc();
                    self.voice.say(Some(cause), Event::Stored { from, key, message: message.clone() });
                    self.voice.say(Some(cause), Event::Message { message });
                }
                Put::Repeat(message) => {
                    self.voice.say(Some(cause), Event::Stored { from, key, message });
                }
                Put::BoxFull => {
                    let why = "too much lies unread in the receiver's box".to_owned();
                    self.refuse(cause, from, key, why);
                }
            }
        }
        true
    }

    /// Refuses what is to be written, and answers the rest: reading does not need the lock.
    async fn turn_away(&self, batch: &mut Vec<Envelope>) {
        for envelope in batch.drain(..) {
            let Body::ImCommand(command) = envelope.body else { continue };
            match command {
                Command::Send { from, key, .. } => self.refuse(envelope.id, from, key, busy()),
                // The client acknowledges again what comes again.
                Command::Got { .. } => {}
                Command::Here { .. } | Command::Look { .. } => self.answer(envelope.id, command).await,
            }
        }
    }

    async fn answer(&self, cause: MessageId, question: Command) {
        let answered = match question {
            Command::Here { agent } => self.bring(cause, &agent).await,
            Command::Look { agent, with, before, limit } => {
                self.show(cause, agent, with, before, limit.clamp(1, MOST)).await
            }
            Command::Send { .. } | Command::Got { .. } => Ok(()),
        };
        if let Err(error) = answered {
            UNANSWERED.inc();
            tracing::error!(%error, "the colleagues' store did not answer a question");
        }
    }

    /// Everything in the box that has not been acknowledged.
    async fn bring(&self, cause: MessageId, agent: &AgentUri) -> Result<(), sqlx::Error> {
        let mut after = 0;
        loop {
            let page = self.store.waiting(agent, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            let full = page.len() == PAGE as usize;
            page.into_iter().for_each(|message| self.voice.say(Some(cause), Event::Message { message }));
            if !full {
                return Ok(());
            }
        }
    }

    async fn show(
        &self,
        cause: MessageId,
        agent: AgentUri,
        with: AgentUri,
        before: Option<Wall>,
        limit: u32,
    ) -> Result<(), sqlx::Error> {
        let messages = self.store.conversation((&agent, &with), before, limit).await?;
        self.voice.say(Some(cause), Event::Conversation { agent, with, messages });
        Ok(())
    }

    fn draft(
        &mut self,
        from: AgentUri,
        to: AgentUri,
        key: String,
        text: Text,
        quote: Option<Quote>,
    ) -> Draft {
        let at = self.voice.now();
        Draft { id: self.ids.mint(at), from, to, key, at, text, quote }
    }

    fn fits(
        &self,
        from: &AgentUri,
        to: &AgentUri,
        key: &str,
        text: &Text,
        quote: &Option<Quote>,
    ) -> Result<(), String> {
        if let Some(nobody) = [from, to].into_iter().find(|agent| !self.colleagues.has(agent)) {
            return Err(format!("there is no colleague `{}`", nobody.name()));
        }
        if key.is_empty() || key.len() > MAX_KEY || key.chars().any(char::is_control) {
            return Err(format!("a key has 1 to {MAX_KEY} bytes"));
        }
        if text.0.trim().is_empty() || text.0.len() > MAX_TEXT {
            return Err(format!("a text has 1 to {MAX_TEXT} bytes"));
        }
        let fits = |quote: &Quote| {
            let line = |(who, what): &(String, Text)| who.len() <= MOST_NAME && what.0.len() <= MAX_TEXT;
            quote.lines.len() <= MOST_LINES
                && quote.customer.len() <= MOST_NAME
                && quote.lines.iter().all(line)
        };
        if !quote.as_ref().is_none_or(fits) {
            return Err(format!("at most {MOST_LINES} lines are quoted, each of at most {MAX_TEXT} bytes"));
        }
        Ok(())
    }

    fn refuse(&self, cause: MessageId, from: AgentUri, key: String, why: String) {
        REFUSED.inc();
        self.voice.say(Some(cause), Event::Refused { from, key, why });
    }
}

fn busy() -> String {
    "colleagues' messages cannot be stored at present: send it again".to_owned()
}

#[cfg(test)]
mod tests;
