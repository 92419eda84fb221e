//! The colleagues' exchange (S1-08, S2): what one agent writes to another is stored first and then forwarded. It has
//! a role, a task and a file of its own; customers' messages never come here, and neither waits for the other.
//!
//! Whoever is not there finds what was written at the next sign-in: `Here` brings everything that has not been
//! acknowledged. A process that dies between storing and forwarding has therefore lost nothing. One task writes; what
//! only looks is answered by others (`ask`), with connections of their own.

mod ask;
mod check;
mod store;

use std::collections::BTreeMap;
use std::time::Duration;

use ngcc_proto::im::{Change, Command, Event, To, What};
use ngcc_proto::{AgentUri, Body, Envelope, GroupId, Ids, MessageId, Role};
use ngcc_runtime::{Counter, House, Inbox, Outlet};

use crate::data::Colleagues;
use crate::error::StartError;
use crate::voice::{Voice, spawn};
use ask::Desk;
use store::{Done, Draft, Put, Store, Write};

static STORED: Counter = Counter::new("ngcc_im_stored_total", "Colleagues' messages stored.");
static REFUSED: Counter = Counter::new("ngcc_im_refused_total", "Colleagues' messages that were not taken.");

const CEILING: usize = 65_536;
/// The most commands of one transaction.
const BATCH: usize = 256;
/// The longest a transaction may take; a repeat of the message finds out what has become of it.
const PATIENCE: Duration = Duration::from_secs(4);
/// How many messages of a box are brought at once; the next come when the last of these is acknowledged.
const PAGE: u32 = 200;

struct Exchange {
    store: Store,
    colleagues: Colleagues,
    voice: Voice,
    ids: Ids,
    desk: Desk,
    /// Whose box is being brought a page at a time, and up to which number it has been. What comes in meanwhile is part
    /// of it, so that a number is never acknowledged before those in front of it have come.
    bringing: BTreeMap<AgentUri, u64>,
}

/// Opens the store and starts taking messages.
pub(crate) async fn start(house: &House, colleagues: Colleagues) -> Result<(), StartError> {
    house.expect("im");
    let store = Store::open(&house.data_dir).await?;
    let voice = Voice::new(house);
    let desk = Desk::open(&store, &voice, house);
    let bringing = BTreeMap::new();
    let exchange = Exchange { store, colleagues, voice, ids: house.ids(), desk, bringing };
    let (inbox, outlet) = Inbox::<Envelope>::new("im", CEILING);
    inbox.attach_to(&house.bus, Role::Im);
    spawn(house, exchange.run(outlet, house.clone(), inbox));
    house.ready("im");
    Ok(())
}

/// What a write is for: who is answered, and what.
struct Asked {
    cause: MessageId,
    write: Write,
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
        let (mut writes, mut questions) = (Vec::new(), Vec::new());
        for envelope in batch.drain(..) {
            let cause = envelope.id;
            let Body::ImCommand(command) = envelope.body else {
                tracing::error!(kind = envelope.body.name(), "nothing the colleagues' exchange takes");
                continue;
            };
            match self.sort(cause, command) {
                Sorted::Write(write) => writes.push(Asked { cause, write }),
                Sorted::Question(question) => questions.push((cause, question)),
                Sorted::Refused => {}
            }
        }
        let written = writes.is_empty() || self.write(writes).await;
        for (cause, question) in questions {
            self.answer(cause, *question).await;
        }
        written
    }

    /// What a command is; what does not fit is refused here.
    fn sort(&mut self, cause: MessageId, command: Command) -> Sorted {
        let (from, to, key, what) = match command {
            Command::Send { from, to, key, said } => (from, to, key, What::Said(said)),
            Command::Make { from, key, name, members } => {
                let group: GroupId = self.ids.mint(self.voice.now());
                (from, To::Group(group), key, What::Changed { change: Change::Made { name, members } })
            }
            // A group that there is cannot be made.
            Command::Change { from, key, change: Change::Made { .. }, .. } => {
                self.refuse(cause, from, key, store::Refusal::Nothing.words());
                return Sorted::Refused;
            }
            Command::Change { from, group, key, change } => {
                (from, To::Group(group), key, What::Changed { change })
            }
            Command::Got { agent, seq } => return Sorted::Write(Write::Got { owner: agent, seq }),
            Command::Read { agent, with, n } => {
                return Sorted::Write(Write::Read { reader: agent, with, n });
            }
            question @ (Command::Here { .. }
            | Command::Look { .. }
            | Command::List { .. }
            | Command::Search { .. }
            | Command::Typing { .. }
            | Command::May { .. }) => return Sorted::Question(Box::new(question)),
        };
        if let Err(why) = check::fits(&self.colleagues, &from, &to, &key, &what) {
            self.refuse(cause, from, key, why);
            return Sorted::Refused;
        }
        let at = self.voice.now();
        let draft = Draft { id: self.ids.mint(at), from, to, key, at, what };
        Sorted::Write(Write::Put(Box::new(draft)))
    }

    /// Stores, and only then forwards.
    async fn write(&mut self, asked: Vec<Asked>) -> bool {
        let writes: Vec<Write> = asked.iter().map(|asked| asked.write.clone()).collect();
        let written = tokio::time::timeout(PATIENCE, self.store.write(&writes)).await;
        let done = match written {
            Ok(Ok(done)) => done,
            Ok(Err(error)) => {
                tracing::error!(%error, "the colleagues' store failed a batch");
                asked.into_iter().for_each(|asked| self.put_off(asked));
                return false;
            }
            Err(_) => {
                tracing::error!("the colleagues' store does not answer");
                asked.into_iter().for_each(|asked| self.put_off(asked));
                return false;
            }
        };
        for (Asked { cause, write }, done) in asked.into_iter().zip(done) {
            match (write, done) {
                (Write::Put(draft), Done::Put(put)) => {
                    let Draft { from, key, .. } = *draft;
                    self.told(cause, from, key, *put);
                }
                (Write::Got { owner, seq }, Done::Got) => self.go_on(cause, owner, seq).await,
                (Write::Read { reader, with, .. }, Done::Read(Some((n, writers)))) => {
                    for agent in writers {
                        let with = seen_by(&with, &reader);
                        self.voice.say(Some(cause), Event::Read { agent, with, by: reader.clone(), n });
                    }
                }
                // The mark had stood there before; the others do not answer to each other.
                (
                    Write::Put(_) | Write::Got { .. } | Write::Read { .. },
                    Done::Put(_) | Done::Got | Done::Read(_),
                ) => {}
            }
        }
        true
    }

    fn told(&self, cause: MessageId, from: AgentUri, key: String, put: Put) {
        match put {
            Put::New(message, boxes) => {
                STORED.inc();
                self.voice.say(Some(cause), Event::Stored { from, key, message: message.clone() });
                for (agent, seq) in boxes {
                    if !self.bringing.contains_key(&agent) {
                        self.voice.say(Some(cause), Event::Message { agent, seq, message: message.clone() });
                    }
                }
            }
            Put::Repeat(message) => self.voice.say(Some(cause), Event::Stored { from, key, message }),
            Put::Refused(refusal) => self.refuse(cause, from, key, refusal.words()),
        }
    }

    /// Refuses what is to be written, and answers the rest: reading does not need the lock.
    async fn turn_away(&mut self, batch: &mut Vec<Envelope>) {
        for envelope in batch.drain(..) {
            let cause = envelope.id;
            let Body::ImCommand(command) = envelope.body else { continue };
            match self.sort(cause, command) {
                Sorted::Write(write) => self.put_off(Asked { cause, write }),
                Sorted::Question(question) => self.answer(cause, *question).await,
                Sorted::Refused => {}
            }
        }
    }

    /// The store has not taken it.
    fn put_off(&self, Asked { cause, write }: Asked) {
        match write {
            Write::Put(draft) => {
                let Draft { from, key, .. } = *draft;
                self.refuse(cause, from, key, busy());
            }
            // The client acknowledges again what comes again, and says anew what it has read.
            Write::Got { .. } | Write::Read { .. } => {}
        }
    }

    /// What only looks is answered beside the writing. A box alone is brought by who fills it: nothing may come between.
    async fn answer(&mut self, cause: MessageId, question: Command) {
        if let Command::Here { agent } = question {
            self.bring(cause, agent, 0).await;
        } else {
            self.desk.ask(cause, question);
        }
    }

    /// Acknowledged up to `seq`: if that is all that was brought, more is.
    async fn go_on(&mut self, cause: MessageId, agent: AgentUri, seq: u64) {
        if self.bringing.get(&agent).is_some_and(|brought| seq >= *brought) {
            self.bring(cause, agent, seq).await;
        }
    }

    /// The next of what lies in a box behind `after`.
    async fn bring(&mut self, cause: MessageId, agent: AgentUri, after: u64) {
        let page = match self.store.waiting(&agent, after, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                // The client's next sign-in asks again.
                tracing::error!(%error, "the colleagues' store did not answer a question");
                return;
            }
        };
        match page.last() {
            Some((last, _)) if page.len() == PAGE as usize => self.bringing.insert(agent.clone(), *last),
            Some(_) | None => self.bringing.remove(&agent),
        };
        for (seq, message) in page {
            self.voice.say(Some(cause), Event::Message { agent: agent.clone(), seq, message });
        }
    }

    fn refuse(&self, cause: MessageId, from: AgentUri, key: String, why: String) {
        REFUSED.inc();
        self.voice.say(Some(cause), Event::Refused { from, key, why });
    }
}

/// What a command is.
enum Sorted {
    Write(Write),
    Question(Box<Command>),
    /// It has been refused.
    Refused,
}

/// The conversation that `one` names `with`, as the others name it.
fn seen_by(with: &To, one: &AgentUri) -> To {
    match with {
        To::Person(_) => To::Person(one.clone()),
        To::Group(group) => To::Group(*group),
    }
}

fn busy() -> String {
    "colleagues' messages cannot be stored at present: send it again".to_owned()
}

#[cfg(test)]
mod tests;
