//! Questions: what somebody may see is looked up beside the writing, and a search beside the other questions, so that
//! nothing waits for it.

use ngcc_proto::im::{Command, Event, MAX_HITS, MAX_LOOK, MAX_WORDS};
use ngcc_proto::{AgentUri, MessageId};
use ngcc_runtime::{Counter, House};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::seen_by;
use super::store::{Found, Looked, Store, Wanted};
use crate::voice::{Voice, spawn};

static UNANSWERED: Counter =
    Counter::new("ngcc_im_unanswered_total", "Questions that the colleagues' store did not answer.");

/// The most questions that wait.
const MOST: usize = 4096;
/// The most words of one search.
const MOST_WORDS: usize = 8;

type Question = (MessageId, Command);

/// Where questions are put.
pub(super) struct Desk {
    looks: Sender<Question>,
    searches: Sender<Question>,
    voice: Voice,
}

impl Desk {
    /// Starts answering.
    pub(super) fn open(store: &Store, voice: &Voice, house: &House) -> Self {
        let ((looks, looked), (searches, searched)) = (channel(MOST), channel(MOST));
        for questions in [looked, searched] {
            let clerk = Clerk { store: store.clone(), voice: voice.clone() };
            spawn(house, clerk.run(questions, house.clone()));
        }
        Self { looks, searches, voice: voice.clone() }
    }

    /// Has a question answered; one too many is told so at once.
    pub(super) fn ask(&self, cause: MessageId, question: Command) {
        let searches = matches!(question, Command::Search { .. });
        let desk = if searches { &self.searches } else { &self.looks };
        if let Err(error) = desk.try_send((cause, question))
            && let Some(agent) = asker(&error.into_inner().1)
        {
            UNANSWERED.inc();
            self.voice.say(Some(cause), Event::Unanswered { agent });
        }
    }
}

/// Answers one question at a time.
struct Clerk {
    store: Store,
    voice: Voice,
}

impl Clerk {
    async fn run(self, mut questions: Receiver<Question>, house: House) {
        loop {
            let question = tokio::select! {
                biased;
                () = house.stop.wait() => return,
                question = questions.recv() => question,
            };
            let Some((cause, question)) = question else { return };
            let asker = asker(&question);
            match self.answer(question).await {
                Ok(events) => events.into_iter().for_each(|event| self.voice.say(Some(cause), event)),
                Err(error) => {
                    UNANSWERED.inc();
                    tracing::error!(%error, "the colleagues' store did not answer a question");
                    if let Some(agent) = asker {
                        self.voice.say(Some(cause), Event::Unanswered { agent });
                    }
                }
            }
        }
    }

    async fn answer(&self, question: Command) -> Result<Vec<Event>, sqlx::Error> {
        Ok(match question {
            Command::Look { agent, with, at, limit } => {
                let looked = self.store.look(&agent, &with, at, limit.clamp(1, MAX_LOOK)).await?;
                let Looked { name, members, messages, older, newer } = looked;
                vec![Event::Conversation { agent, with, name, members, messages, older, newer }]
            }
            Command::List { agent } => {
                let list = self.store.list(&agent).await?;
                vec![Event::Conversations { agent, list }]
            }
            Command::Search { agent, words, with, before, limit } => {
                let limit = limit.clamp(1, MAX_HITS);
                let words = words_of(&words.0);
                let wanted = Wanted { who: agent.clone(), words, with, before, limit };
                let found = if wanted.words.is_empty() {
                    Found::default()
                } else {
                    self.store.search(&wanted).await?
                };
                vec![Event::Found { agent, hits: found.hits, next: found.next }]
            }
            Command::Typing { agent, with } => {
                let others = self.store.others(&agent, &with).await?;
                let seen = seen_by(&with, &agent);
                let told = |to| Event::Typing { agent: to, with: seen.clone(), by: agent.clone() };
                others.into_iter().map(told).collect()
            }
            Command::May { agent, file } => {
                let allowed = self.store.may(&agent, file).await?;
                vec![Event::May { agent, allowed }]
            }
            // These are no questions that come here.
            Command::Send { .. }
            | Command::Make { .. }
            | Command::Change { .. }
            | Command::Here { .. }
            | Command::Got { .. }
            | Command::Read { .. } => Vec::new(),
        })
    }
}

/// Who waits for an answer.
fn asker(question: &Command) -> Option<AgentUri> {
    match question {
        Command::Look { agent, .. }
        | Command::List { agent }
        | Command::Search { agent, .. }
        | Command::May { agent, .. } => Some(agent.clone()),
        Command::Send { .. }
        | Command::Make { .. }
        | Command::Change { .. }
        | Command::Here { .. }
        | Command::Got { .. }
        | Command::Read { .. }
        | Command::Typing { .. } => None,
    }
}

/// The words in lower case, each once.
fn words_of(text: &str) -> Vec<String> {
    let end = (0..=text.len().min(MAX_WORDS)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let mut words: Vec<String> = Vec::new();
    for word in text[..end].split(|c: char| c.is_whitespace() || c.is_control()) {
        let word = word.to_lowercase();
        if !word.is_empty() && !words.contains(&word) && words.len() < MOST_WORDS {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_at_blanks_and_signs_that_are_not_seen_and_bounded() {
        assert_eq!(words_of(" Big  big\0small\t发货 "), ["big", "small", "发货"]);
        assert_eq!(words_of("a b c d e f g h i j").len(), MOST_WORDS);
        assert_eq!(words_of(&"长".repeat(100))[0].chars().count(), MAX_WORDS / 3);
    }
}
