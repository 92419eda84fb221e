//! How a channel fares: what its provider said last, without anything that is to stay secret.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ngcc_proto::channel::{Class, Forged, MAX_WORDS, Meets, State, Token, Trouble};
use ngcc_proto::{Secret, Wall};

use super::adapter::Denied;
use super::provider::Failed;

/// Longer runs of letters and digits are no words: a token or a key.
const LONGEST_WORD: usize = 39;
/// Shorter secrets are too common to be told from words.
const SHORTEST_SECRET: usize = 4;

/// See the module.
#[derive(Debug)]
pub(super) struct Health {
    since: Wall,
    /// What must stand in no words.
    secrets: Vec<Secret>,
    record: Mutex<Record>,
}

#[derive(Clone, Debug, Default)]
struct Record {
    verified: Option<Wall>,
    last_in: Option<Wall>,
    last_out: Option<Wall>,
    trouble: Option<Trouble>,
    failures: u32,
    forged: Option<Forged>,
}

impl Health {
    /// Nothing is known before `since`; `secrets` are the channel's.
    pub(super) fn new(since: Wall, secrets: impl IntoIterator<Item = Secret>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
        Self { since, secrets, record: Mutex::default() }
    }

    /// When something came and went stays known over a change of the channel.
    pub(super) fn goes_on_from(&self, before: &Self) {
        let (last_in, last_out) = {
            let before = before.record();
            (before.last_in, before.last_out)
        };
        let mut record = self.record();
        (record.last_in, record.last_out) = (last_in, last_out);
    }

    /// The provider has proved itself.
    pub(super) fn proved(&self, now: Wall) {
        let mut record = self.record();
        record.verified.get_or_insert(now);
        record.last_in = Some(now);
        record.forged = None;
    }

    /// The provider, which is asked, has answered.
    pub(super) fn answered(&self, now: Wall) {
        self.proved(now);
        self.record().failures = 0;
    }

    /// A callback was not taken.
    pub(super) fn denied(&self, denied: Denied, now: Wall) {
        let mut record = self.record();
        match denied {
            Denied::Unsigned => {
                let count = record.forged.map_or(0, |forged| forged.count).saturating_add(1);
                record.forged = Some(Forged { count, last: now });
            }
            Denied::Unreadable(why) => {
                record.trouble = Some(Trouble { at: now, class: Class::Unreadable, words: why.to_owned() });
            }
        }
    }

    /// The provider has taken a message.
    pub(super) fn sent(&self, now: Wall) {
        let mut record = self.record();
        record.last_out = Some(now);
        record.failures = 0;
    }

    /// Something was not done, for this reason. Its words as they may be shown.
    pub(super) fn failed(&self, why: &Failed, now: Wall) -> String {
        let class = match why {
            Failed::Now(_) => Class::Later,
            Failed::Token(_) => Class::Account,
            Failed::Code(_) => Class::Refused,
            // That is a matter of one person, or of one file, and the channel is well.
            Failed::Shut | Failed::Never(_) => return self.words(&why.to_string()),
        };
        let words = self.words(&why.to_string());
        let mut record = self.record();
        match class {
            Class::Later | Class::Account => record.failures = record.failures.saturating_add(1),
            // The provider is there and knows the account.
            Class::Refused | Class::Unreadable => record.failures = 0,
        }
        record.trouble = Some(Trouble { at: now, class, words: words.clone() });
        words
    }

    /// Everything that is known.
    pub(super) fn state(&self, channel: &str, meets: Meets, token: Token) -> State {
        let Record { verified, last_in, last_out, trouble, failures, forged } = self.record().clone();
        State {
            channel: channel.to_owned(),
            since: self.since,
            meets,
            verified,
            last_in,
            last_out,
            trouble,
            failures,
            forged,
            token,
        }
    }

    /// A provider's words as they may be shown and logged: cut, on one line, without the channel's secrets and without
    /// whatever else looks like one.
    fn words(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret.expose(), "…");
        }
        let of_a_word = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
        let mut words = String::new();
        for piece in text.split_inclusive(|c| !of_a_word(c)) {
            let run = piece.trim_end_matches(|c| !of_a_word(c));
            if run.len() > LONGEST_WORD {
                words.push('…');
                words.push_str(&piece[run.len()..]);
            } else {
                words.push_str(piece);
            }
        }
        let plain = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        plain.take(MAX_WORDS).collect()
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::provider::Told;

    fn health() -> Health {
        Health::new(Wall(1), [Secret::new("s3cret"), Secret::new("abc")])
    }

    fn state(health: &Health) -> State {
        health.state("shop", Meets::Called, Token::Needless)
    }

    #[test]
    fn words_are_cut_and_hold_no_secret() {
        let health = health();
        assert_eq!(health.words("invalid secret s3cret,\nabc hint"), "invalid secret …, abc hint");
        let token = "x".repeat(40);
        assert_eq!(health.words(&format!("token [{token}] is old")), "token […] is old");
        assert_eq!(health.words(&format!("{token}{token}")), "…");
        let rid = "rid: 65a1b2c3-0f1e2d3c-4b5a6978";
        assert_eq!(health.words(rid), rid, "what names a request stays");
        assert_eq!(health.words(&"字 ".repeat(400)).chars().count(), MAX_WORDS);
    }

    #[test]
    fn failures_are_counted_in_a_row_and_the_last_error_stays_known() {
        let health = health();
        let wrong = Failed::Token(Told::new(40_125, Some("invalid appsecret s3cret")));
        health.failed(&Failed::Now("it did not answer in time".to_owned()), Wall(2));
        health.failed(&wrong, Wall(3));
        let now = state(&health);
        assert_eq!((now.failures, now.since, now.verified), (2, Wall(1), None));
        let trouble = now.trouble.unwrap();
        assert_eq!((trouble.at, trouble.class), (Wall(3), Class::Account));
        assert_eq!(trouble.words, "it refuses the account's secret or token (40125: invalid appsecret …)");

        health.sent(Wall(4));
        let now = state(&health);
        assert_eq!((now.failures, now.last_out), (0, Some(Wall(4))));
        assert_eq!(now.trouble.map(|trouble| trouble.at), Some(Wall(3)));
        health.failed(&Failed::Shut, Wall(5));
        assert_eq!(state(&health).failures, 0, "one person's window is no failure of the channel");
    }

    #[test]
    fn the_first_callback_that_is_proved_verifies_and_forged_ones_are_counted_until_then() {
        let health = health();
        health.denied(Denied::Unsigned, Wall(2));
        health.denied(Denied::Unsigned, Wall(3));
        let now = state(&health);
        assert_eq!((now.forged, now.verified), (Some(Forged { count: 2, last: Wall(3) }), None));
        health.proved(Wall(4));
        health.proved(Wall(5));
        let now = state(&health);
        assert_eq!((now.verified, now.last_in, now.forged), (Some(Wall(4)), Some(Wall(5)), None));
        health.denied(Denied::Unreadable("updates are posted"), Wall(6));
        let trouble = state(&health).trouble.unwrap();
        assert_eq!((trouble.class, trouble.words.as_str()), (Class::Unreadable, "updates are posted"));

        let after = Health::new(Wall(7), []);
        after.goes_on_from(&health);
        let now = state(&after);
        assert_eq!((now.last_in, now.verified, now.trouble), (Some(Wall(5)), None, None));
    }
}
