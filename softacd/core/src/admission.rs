//! What is let in at the edge: a bucket of tokens and two ceilings for new calls, and a ban for addresses
//! that guess secrets. Calls that are up are never touched by it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use ngcc_proto::{Mono, Rng};

use crate::settings::Limits;

/// Within what time wrong credentials are counted together.
const WINDOW: Duration = Duration::from_secs(10);
/// The most addresses that are watched or banned at once.
const MOST: usize = 10_000;
/// Parts of a token.
const WHOLE: u64 = 1_000_000;

/// Who and how much is let in.
#[derive(Debug)]
pub(crate) struct Admission {
    /// In millionths.
    tokens: u64,
    filled: Mono,
    /// Since when, and how often, an address has been wrong.
    wrong: BTreeMap<IpAddr, (Mono, u32)>,
    banned: BTreeMap<IpAddr, Mono>,
    /// What the operator has banned.
    barred: BTreeSet<IpAddr>,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            tokens: u64::from(limits.invite_burst) * WHOLE,
            filled: Mono(0),
            wrong: BTreeMap::new(),
            banned: BTreeMap::new(),
            barred: BTreeSet::new(),
        }
    }

    pub(crate) fn bar(&mut self, addresses: impl IntoIterator<Item = IpAddr>) {
        self.barred = addresses.into_iter().collect();
    }

    /// Whether nothing of this address is looked at.
    pub(crate) fn is_barred(&self, address: IpAddr) -> bool {
        !self.barred.is_empty() && self.barred.contains(&address)
    }

    /// Whether no new request of this address is looked at.
    pub(crate) fn is_banned(&mut self, address: IpAddr, now: Mono) -> bool {
        let Some(until) = self.banned.get(&address) else { return false };
        if *until > now {
            return true;
        }
        self.banned.remove(&address);
        false
    }

    /// Credentials of this address were wrong.
    pub(crate) fn was_wrong(&mut self, address: IpAddr, now: Mono, limits: &Limits) {
        if self.wrong.len() >= MOST {
            self.wrong.retain(|_, (since, _)| now.since(*since) <= WINDOW);
            if self.wrong.len() >= MOST {
                self.wrong.pop_first();
            }
        }
        let (since, n) = self.wrong.entry(address).or_insert((now, 0));
        if now.since(*since) > WINDOW {
            (*since, *n) = (now, 0);
        }
        *n += 1;
        if *n >= limits.failures {
            self.wrong.remove(&address);
            if self.banned.len() >= MOST {
                self.banned.pop_first();
            }
            self.banned.insert(address, now + limits.ban);
        }
    }

    /// Whether one more call is let in, which came at `at` while there are `legs`; refused with the seconds after
    /// which it may come again, drawn apart so that those refused do not come back together.
    pub(crate) fn admit(
        &mut self,
        legs: usize,
        at: Mono,
        now: Mono,
        limits: &Limits,
        rng: &mut Rng,
    ) -> Result<(), u64> {
        let full = u64::from(limits.invite_burst) * WHOLE;
        let micros = u64::try_from(now.since(self.filled).as_micros()).unwrap_or(u64::MAX);
        self.tokens =
            self.tokens.saturating_add(micros.saturating_mul(u64::from(limits.invites_per_s))).min(full);
        self.filled = now;
        if legs >= limits.legs || now.since(at) > limits.behind || self.tokens < WHOLE {
            return Err(2 + rng.below(9));
        }
        self.tokens -= WHOLE;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        legs: 10,
        invites_per_s: 2,
        invite_burst: 3,
        behind: Duration::from_millis(300),
        bindings_per_phone: 1,
        finished: 1,
        failures: 3,
        ban: Duration::from_secs(60),
    };

    #[test]
    fn calls_are_let_in_by_burst_then_by_rate() {
        let (mut admission, mut rng) = (Admission::new(&LIMITS), Rng::from_u64(1));
        let start = Mono(1_000_000);
        let mut admit = |now: Mono| admission.admit(0, now, now, &LIMITS, &mut rng).is_ok();
        assert_eq!([admit(start), admit(start), admit(start), admit(start)], [true, true, true, false]);
        let later = start + Duration::from_secs(1);
        assert_eq!([admit(later), admit(later), admit(later)], [true, true, false]);
    }

    #[test]
    fn no_call_is_let_in_over_the_ceiling_or_when_it_has_waited() {
        let (mut admission, mut rng) = (Admission::new(&LIMITS), Rng::from_u64(1));
        let now = Mono(1_000_000);
        assert!(admission.admit(10, now, now, &LIMITS, &mut rng).is_err());
        let retry = admission.admit(0, now - Duration::from_millis(301), now, &LIMITS, &mut rng);
        assert!((2..=10).contains(&retry.unwrap_err()));
    }

    #[test]
    fn an_address_that_guesses_is_banned_for_a_time() {
        let mut admission = Admission::new(&LIMITS);
        let (address, now) = (IpAddr::from([192, 0, 2, 1]), Mono(1_000_000));
        for _ in 0..2 {
            admission.was_wrong(address, now, &LIMITS);
        }
        admission.was_wrong(address, now + Duration::from_secs(11), &LIMITS);
        assert!(!admission.is_banned(address, now + Duration::from_secs(11)), "slow mistakes are a person's");
        for _ in 0..2 {
            admission.was_wrong(address, now + Duration::from_secs(12), &LIMITS);
        }
        assert!(admission.is_banned(address, now + Duration::from_secs(12)));
        assert!(!admission.is_banned(address, now + Duration::from_secs(73)));
    }
}
