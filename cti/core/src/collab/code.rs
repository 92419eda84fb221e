//! Six digits that join a browser to a phone call: the customer's page shows them, the customer reads them out, the
//! agent types them.

use std::collections::BTreeMap;
use std::time::Duration;

use ngcc_proto::{Mono, Rng, SeatId, UserUri};

/// How long a code is good.
pub(crate) const GOOD: Duration = Duration::from_secs(600);
/// The most codes at once: of a million, few enough that a guess is in vain.
const MAX_CODES: usize = 1000;
/// How many wrong codes an agent may type in [`MINUTE`].
const MAX_WRONG: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);

/// Codes that are good now. They are kept in memory only: after a restart a page asks for another.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    good: BTreeMap<u32, (UserUri, Mono)>,
    wrong: BTreeMap<SeatId, Vec<Mono>>,
}

/// Why a code is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadCode {
    Unknown,
    TooMany,
}

impl Codes {
    /// A code for the user's page, the same while it is good; none while too many are.
    pub(crate) fn give(&mut self, user: &UserUri, rng: &mut Rng, now: Mono) -> Option<(String, Mono)> {
        self.good.retain(|_, (_, until)| *until > now);
        let had = self.good.iter().find(|(_, (of, _))| of == user);
        if let Some((code, (_, until))) = had {
            return Some((digits(*code), *until));
        }
        if self.good.len() >= MAX_CODES {
            return None;
        }
        let code = std::iter::repeat_with(|| (rng.u128() % 1_000_000) as u32)
            .take(64)
            .find(|code| !self.good.contains_key(code))?;
        let until = now + GOOD;
        self.good.insert(code, (user.clone(), until));
        Some((digits(code), until))
    }

    /// Whose page shows the code; it is good once.
    ///
    /// # Errors
    /// There is no such code, or the agent has typed too many wrong ones.
    pub(crate) fn take(&mut self, code: &str, seat: SeatId, now: Mono) -> Result<UserUri, BadCode> {
        self.good.retain(|_, (_, until)| *until > now);
        let wrong = self.wrong.entry(seat).or_default();
        wrong.retain(|at| now.since(*at) < MINUTE);
        if wrong.len() >= MAX_WRONG {
            return Err(BadCode::TooMany);
        }
        let typed: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let number = (typed.len() == 6).then(|| typed.parse().ok()).flatten();
        let Some((user, _)) = number.and_then(|number: u32| self.good.remove(&number)) else {
            wrong.push(now);
            return Err(BadCode::Unknown);
        };
        Ok(user)
    }
}

fn digits(code: u32) -> String {
    format!("{code:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserUri {
        UserUri::Web(name.to_owned())
    }

    #[test]
    fn a_code_is_good_once_and_for_ten_minutes() {
        let (mut codes, mut rng) = (Codes::default(), Rng::from_u64(1));
        let (code, until) = codes.give(&user("v1"), &mut rng, Mono(0)).unwrap();
        assert_eq!(code.len(), 6);
        assert_eq!(codes.give(&user("v1"), &mut rng, Mono(5)), Some((code.clone(), until)), "the same one");
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(codes.take(&spaced, SeatId(1), Mono(6)), Ok(user("v1")));
        assert_eq!(codes.take(&code, SeatId(1), Mono(7)), Err(BadCode::Unknown), "once");
        let (code, until) = codes.give(&user("v1"), &mut rng, Mono(8)).unwrap();
        assert_eq!(codes.take(&code, SeatId(1), until), Err(BadCode::Unknown), "too old");
    }

    #[test]
    fn whoever_types_wrong_codes_has_to_wait() {
        let (mut codes, mut rng) = (Codes::default(), Rng::from_u64(1));
        let (code, _) = codes.give(&user("v1"), &mut rng, Mono(0)).unwrap();
        for _ in 0..MAX_WRONG {
            assert_eq!(codes.take("12345", SeatId(1), Mono(1)), Err(BadCode::Unknown));
        }
        assert_eq!(codes.take(&code, SeatId(1), Mono(2)), Err(BadCode::TooMany));
        assert_eq!(codes.take(&code, SeatId(2), Mono(3)), Ok(user("v1")), "another agent may");
        let later = Mono(1) + MINUTE;
        assert_eq!(codes.take(&code, SeatId(1), later), Err(BadCode::Unknown), "and later so may the first");
    }
}
