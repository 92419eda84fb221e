//! Who may try a password. The rule:
//!
//! * Five wrong passwords in a row lock the name for a minute; five more after that for two, then four, at most
//!   fifteen. An hour without a wrong one forgets them.
//! * An address from which the user has signed in before has a count and a lock of its own, so that strangers
//!   who try passwords do not keep the user out; and the other way round.
//! * A name that nobody has is locked alike: a lock tells nothing.
//! * After twenty wrong passwords in a minute from one address whoever comes from there is served one in three seconds.
//!
//! An attempt counts as wrong from its beginning and is taken back when it was right: many at once gain nothing.
//! Locks live in memory; a restart, which no stranger brings about, ends them.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ngcc_proto::Mono;

/// So many wrong passwords in a row lock.
const MOST_WRONG: u32 = 5;
const FIRST_LOCK: Duration = Duration::from_mins(1);
const LONGEST_LOCK: Duration = Duration::from_mins(15);
const FORGET: Duration = Duration::from_hours(1);
/// So many wrong passwords within the window slow an address.
const MOST_FROM_ONE: usize = 20;
const WINDOW: Duration = Duration::from_mins(1);
const PACE: Duration = Duration::from_secs(3);
/// Who would have to wait longer is sent away.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many names that nobody has, and how many addresses, are remembered.
const REMEMBERED: usize = 10_000;

/// Where a request came from, as far as it is told apart: an IPv4 address, or an IPv6 network of 64 bits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address(String);

impl Address {
    /// Reads an address with or without a port.
    pub(super) fn read(from: &str) -> Self {
        let Some(ip) = ip(from) else { return Self(from.chars().take(64).collect()) };
        match ip {
            IpAddr::V4(ip) => Self(ip.to_string()),
            IpAddr::V6(ip) if ip.is_loopback() => Self(ip.to_string()),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                Self(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
        }
    }

    /// One that was read before.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a request came from this machine.
pub(super) fn is_loopback(from: &str) -> bool {
    ip(from).is_some_and(|ip| ip.is_loopback())
}

fn ip(from: &str) -> Option<IpAddr> {
    let ip = from.parse::<SocketAddr>().map(|at| at.ip()).or_else(|_| from.parse()).ok()?;
    Some(ip.to_canonical())
}

/// Whose count it is: the name, and the address if the user is known there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Whose {
    pub(super) name: String,
    pub(super) known_at: Option<Address>,
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is looked at, at this time.
    Go(Mono),
    /// It is not looked at before this time.
    Locked(Mono),
}

#[derive(Debug, Default)]
struct Wrong {
    in_a_row: u32,
    locks: u32,
    last: Mono,
    until: Mono,
}

#[derive(Debug, Default)]
struct Pace {
    wrong: VecDeque<Mono>,
    next: Mono,
}

/// A map that forgets what came into it first.
#[derive(Debug)]
struct Bounded<K, V> {
    map: BTreeMap<K, V>,
    order: VecDeque<K>,
}

/// Counts attempts.
#[derive(Debug, Default)]
pub(super) struct Guard {
    users: BTreeMap<Whose, Wrong>,
    nobodies: Bounded<Whose, Wrong>,
    addresses: Bounded<Address, Pace>,
}

impl<K, V> Default for Bounded<K, V> {
    fn default() -> Self {
        Self { map: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Ord, V: Default> Bounded<K, V> {
    fn entry(&mut self, key: &K) -> &mut V {
        if !self.map.contains_key(key) {
            if self.order.len() == REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.map.remove(&oldest);
            }
            self.order.push_back(key.clone());
        }
        self.map.entry(key.clone()).or_default()
    }
}

impl Guard {
    /// An attempt begins.
    pub(super) fn begin(&mut self, whose: &Whose, is_user: bool, address: &Address, now: Mono) -> Verdict {
        let go = self.pace(address, now);
        let wrong = self.wrong(whose, is_user);
        if wrong.until > now {
            return Verdict::Locked(wrong.until);
        }
        if let Verdict::Go(_) = go {
            wrong.count(now);
        }
        go
    }

    /// It was the right password.
    pub(super) fn was_right(&mut self, whose: &Whose, address: &Address) {
        self.users.remove(whose);
        self.addresses.entry(address).wrong.pop_back();
    }

    /// Until when the name is locked, after an attempt.
    pub(super) fn locked(&mut self, whose: &Whose, is_user: bool, now: Mono) -> Option<Mono> {
        let until = self.wrong(whose, is_user).until;
        (until > now).then_some(until)
    }

    fn wrong(&mut self, whose: &Whose, is_user: bool) -> &mut Wrong {
        if is_user { self.users.entry(whose.clone()).or_default() } else { self.nobodies.entry(whose) }
    }

    fn pace(&mut self, address: &Address, now: Mono) -> Verdict {
        let pace = self.addresses.entry(address);
        while pace.wrong.front().is_some_and(|at| now.since(*at) >= WINDOW) {
            pace.wrong.pop_front();
        }
        let slowed = pace.wrong.len() >= MOST_FROM_ONE;
        let at = if slowed { pace.next.max(now) } else { now };
        if at.since(now) > PATIENCE {
            return Verdict::Locked(at);
        }
        if slowed {
            pace.wrong.pop_front();
        }
        pace.wrong.push_back(now);
        pace.next = at + PACE;
        Verdict::Go(at)
    }
}

impl Wrong {
    fn count(&mut self, now: Mono) {
        if now.since(self.last.max(self.until)) >= FORGET {
            *self = Self::default();
        }
        self.last = now;
        self.in_a_row += 1;
        if self.in_a_row == MOST_WRONG {
            let lock = FIRST_LOCK.saturating_mul(1 << self.locks.min(8));
            self.until = now + lock.min(LONGEST_LOCK);
            self.locks += 1;
            self.in_a_row = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Mono {
        Mono(1_000_000_000_000 + s * 1_000_000)
    }

    fn strange(name: &str) -> Whose {
        Whose { name: name.to_owned(), known_at: None }
    }

    /// Each attempt from an address of its own.
    fn attempt(guard: &mut Guard, whose: &Whose, n: u32, s: u64) -> Verdict {
        guard.begin(whose, true, &Address::read(&format!("10.0.{}.{}", n / 250, n % 250)), at(s))
    }

    #[test]
    fn five_wrong_in_a_row_lock_the_name_and_the_locks_double_to_fifteen_minutes() {
        let (mut guard, alice) = (Guard::default(), strange("alice"));
        let (mut s, mut locks) = (0, Vec::new());
        for n in 0..30 {
            assert_eq!(attempt(&mut guard, &alice, n, s), Verdict::Go(at(s)));
            if n % 5 == 4 {
                let Verdict::Locked(until) = attempt(&mut guard, &alice, 99, s) else { panic!("{n}") };
                locks.push(until.since(at(s)).as_secs());
                s += locks[locks.len() - 1];
            }
        }
        assert_eq!(locks, [60, 120, 240, 480, 900, 900]);
        assert_eq!(attempt(&mut guard, &strange("bob"), 99, s), Verdict::Go(at(s)), "others are free");
        s += 3600;
        for n in 0..5 {
            attempt(&mut guard, &alice, n, s);
        }
        let forgotten = guard.locked(&alice, true, at(s));
        assert_eq!(forgotten, Some(at(s + 60)), "an hour without a wrong one forgets them");
    }

    #[test]
    fn a_right_one_begins_anew_and_many_at_once_gain_nothing() {
        let (mut guard, alice) = (Guard::default(), strange("alice"));
        for n in 0..4 {
            attempt(&mut guard, &alice, n, 0);
        }
        guard.was_right(&alice, &Address::read("10.0.0.3"));
        let looked_at = (0..100).filter(|n| matches!(attempt(&mut guard, &alice, *n, 1), Verdict::Go(_)));
        assert_eq!(looked_at.count(), 5, "none of them has been judged yet");
    }

    #[test]
    fn strangers_who_try_passwords_do_not_lock_out_a_user_who_is_known_at_an_address() {
        let (mut guard, home) = (Guard::default(), Address::read("192.0.2.7:4711"));
        let known = Whose { name: "alice".to_owned(), known_at: Some(home.clone()) };
        for n in 0..1000 {
            attempt(&mut guard, &strange("alice"), n, 0);
        }
        assert!(matches!(attempt(&mut guard, &strange("alice"), 0, 1), Verdict::Locked(_)));
        for s in 1..5 {
            assert_eq!(guard.begin(&known, true, &home, at(s)), Verdict::Go(at(s)));
        }
        guard.begin(&known, true, &home, at(5));
        assert!(
            matches!(guard.begin(&known, true, &home, at(6)), Verdict::Locked(_)),
            "but from there alone"
        );
    }

    #[test]
    fn twenty_wrong_a_minute_from_one_address_slow_it_and_nobody_else() {
        let (mut guard, place) = (Guard::default(), Address::read("198.51.100.1"));
        for n in 0..20 {
            let verdict = guard.begin(&strange(&n.to_string()), false, &place, at(0));
            assert_eq!(verdict, Verdict::Go(at(0)), "{n}");
        }
        let later: Vec<Verdict> =
            (20..28).map(|n| guard.begin(&strange(&n.to_string()), false, &place, at(0))).collect();
        assert_eq!(later[..3], [Verdict::Go(at(3)), Verdict::Go(at(6)), Verdict::Go(at(9))]);
        assert_eq!(later[7], Verdict::Locked(at(18)), "the line is not endless");
        let other = Address::read("198.51.100.2");
        assert_eq!(guard.begin(&strange("alice"), true, &other, at(0)), Verdict::Go(at(0)));
        assert_eq!(guard.begin(&strange("alice"), true, &place, at(120)), Verdict::Go(at(120)));
    }

    #[test]
    fn invented_names_and_addresses_fill_no_memory_and_free_nobody() {
        let mut guard = Guard::default();
        for n in 0..5 {
            attempt(&mut guard, &strange("alice"), n, 0);
        }
        for n in 0..30_000u32 {
            let address = Address::read(&format!("10.{}.{}.1", n / 250, n % 250));
            guard.begin(&strange(&n.to_string()), false, &address, at(1));
        }
        assert_eq!((guard.nobodies.map.len(), guard.addresses.map.len()), (REMEMBERED, REMEMBERED));
        assert!(guard.locked(&strange("alice"), true, at(2)).is_some());
    }

    #[test]
    fn addresses_are_read_with_and_without_a_port() {
        for (text, read) in [
            ("192.0.2.7:80", "192.0.2.7"),
            ("192.0.2.7", "192.0.2.7"),
            ("[2001:db8:1:2:3::4]:80", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("here", "here"),
        ] {
            assert_eq!(Address::read(text).as_str(), read);
        }
        assert!(is_loopback("127.0.0.1:9") && is_loopback("[::1]:9") && is_loopback("::ffff:127.0.0.1"));
        assert!(!is_loopback("192.0.2.7") && !is_loopback("") && !is_loopback("localhost"));
    }
}
