//! Checking agents' PINs, one after the other, so that attempts can be counted exactly.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ngcc_proto::data::Event;
use ngcc_proto::{AgentUri, MessageId, Mono, Secret};
use ngcc_runtime::{Clock, Counter};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use super::book::Known;
use super::hashing::Hashing;
use crate::voice::Voice;

static WRONG: Counter = Counter::new("ngcc_pins_wrong_total", "Wrong PINs.");
static BARRED: Counter =
    Counter::new("ngcc_pins_barred_total", "PINs not looked at because too many wrong ones had come.");

/// So many wrong PINs within the window bar the agent's PIN for as long again.
const MOST_WRONG: usize = 5;
const WINDOW: Duration = Duration::from_mins(1);

/// A PIN to be checked.
pub(super) struct Asked {
    pub(super) cause: MessageId,
    pub(super) agent: AgentUri,
    pub(super) pin: Secret,
}

/// When whose PIN was wrong.
#[derive(Debug, Default)]
struct Attempts {
    wrong: BTreeMap<AgentUri, VecDeque<Mono>>,
}

impl Attempts {
    /// Whether the next PIN is looked at: not within the window after the last of too many wrong ones.
    fn may_try(&self, agent: &AgentUri, now: Mono) -> bool {
        let Some(wrong) = self.wrong.get(agent) else { return true };
        let Some((first, last)) = wrong.front().zip(wrong.back()) else { return true };
        wrong.len() < MOST_WRONG || last.since(*first) > WINDOW || now.since(*last) > WINDOW
    }

    fn was_wrong(&mut self, agent: &AgentUri, now: Mono) {
        let wrong = self.wrong.entry(agent.clone()).or_default();
        if wrong.len() == MOST_WRONG {
            wrong.pop_front();
        }
        wrong.push_back(now);
    }

    fn was_right(&mut self, agent: &AgentUri) {
        self.wrong.remove(agent);
    }
}

/// Checks until the house stops.
pub(super) async fn run(
    mut asked: UnboundedReceiver<Asked>,
    known: watch::Receiver<Known>,
    voice: Voice,
    hashing: Hashing,
    clock: Clock,
) {
    let mut attempts = Attempts::default();
    while let Some(Asked { cause, agent, pin }) = asked.recv().await {
        let kept = known.borrow().pins.get(agent.name()).cloned();
        let right = match kept {
            // Nobody's name or no PIN: nothing is counted, so that invented names fill no memory.
            None => false,
            Some(_) if !attempts.may_try(&agent, clock.now().mono) => {
                BARRED.inc();
                false
            }
            Some(kept) => hashing.matches(pin, kept).await,
        };
        if right {
            attempts.was_right(&agent);
        } else if attempts.may_try(&agent, clock.now().mono) {
            WRONG.inc();
            attempts.was_wrong(&agent, clock.now().mono);
        }
        voice.say(Some(cause), Event::PinChecked { agent, right });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Mono {
        Mono(s * 1_000_000)
    }

    #[test]
    fn five_wrong_in_a_minute_bar_the_pin_for_a_minute() {
        let (mut attempts, alice) = (Attempts::default(), AgentUri::new("alice").unwrap());
        for s in 0..5 {
            assert!(attempts.may_try(&alice, at(s)), "attempt at {s} s");
            attempts.was_wrong(&alice, at(s));
        }
        assert!(!attempts.may_try(&alice, at(5)));
        assert!(!attempts.may_try(&alice, at(64)));
        assert!(attempts.may_try(&alice, at(65)));
        assert!(attempts.may_try(&AgentUri::new("bob").unwrap(), at(5)), "others are free");
    }

    #[test]
    fn five_wrong_over_a_day_bar_nothing_and_a_right_one_begins_anew() {
        let (mut attempts, alice) = (Attempts::default(), AgentUri::new("alice").unwrap());
        for s in [0, 30, 60, 90, 120] {
            attempts.was_wrong(&alice, at(s));
            assert!(attempts.may_try(&alice, at(s + 1)));
        }
        for s in 121..125 {
            attempts.was_wrong(&alice, at(s));
        }
        assert!(!attempts.may_try(&alice, at(126)));
        attempts.was_right(&alice);
        assert!(attempts.may_try(&alice, at(126)));
    }
}
