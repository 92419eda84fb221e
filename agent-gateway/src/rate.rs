//! How often somebody may ask: a bucket of tokens for each, which fills evenly. The clock is an argument.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use ngcc_proto::Mono;

/// The most askers that are remembered. Beyond it the full ones are forgotten, and if none is, whoever is new
/// shares one bucket with everybody else who is.
const MOST: usize = 50_000;

/// `burst` at once, and as many again in each `per`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// How many at once.
    pub(crate) burst: u32,
    /// In what time the bucket fills.
    pub(crate) per: Duration,
}

/// One bucket: how much time's worth of tokens is used up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// The moment at which it is full again.
    full: Mono,
}

impl Bucket {
    /// Takes one token, or says how long there is none.
    pub(crate) fn take(&mut self, rate: Rate, now: Mono) -> Result<(), Duration> {
        let one = rate.per / rate.burst.max(1);
        let full = self.full.max(now) + one;
        let over = full.since(now + rate.per);
        if !over.is_zero() {
            return Err(over);
        }
        self.full = full;
        Ok(())
    }
}

/// A bucket for each asker.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    rate: Rate,
    buckets: HashMap<K, Bucket>,
    rest: Bucket,
}

impl<K: Eq + Hash> Limiter<K> {
    /// Every asker has `rate`.
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, buckets: HashMap::new(), rest: Bucket::default() }
    }

    /// Takes one of `asker`'s tokens, or says how long there is none.
    pub(crate) fn take(&mut self, asker: K, now: Mono) -> Result<(), Duration> {
        if let Some(bucket) = self.buckets.get_mut(&asker) {
            return bucket.take(self.rate, now);
        }
        if self.buckets.len() >= MOST {
            self.buckets.retain(|_, bucket| bucket.full > now);
        }
        if self.buckets.len() >= MOST {
            return self.rest.take(self.rate, now);
        }
        self.buckets.entry(asker).or_default().take(self.rate, now)
    }
}

/// Whom an address stands for: one of IPv4, a network of 64 bits of IPv6 (one site has so many addresses).
pub(crate) fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 10, per: Duration::from_secs(60) };

    #[test]
    fn ten_a_minute_are_ten_at_once_and_then_one_each_six_seconds() {
        let mut limiter = Limiter::new(RATE);
        let now = Mono(1_000_000_000);
        for _ in 0..10 {
            assert_eq!(limiter.take("a", now), Ok(()));
        }
        assert_eq!(limiter.take("a", now), Err(Duration::from_secs(6)));
        assert_eq!(limiter.take("b", now), Ok(()), "another one's bucket is its own");
        let later = now + Duration::from_secs(6);
        assert_eq!(limiter.take("a", later), Ok(()));
        assert!(limiter.take("a", later).is_err());
    }

    #[test]
    fn who_is_refused_loses_nothing_by_asking_again() {
        let mut bucket = Bucket::default();
        let now = Mono(1_000_000_000);
        (0..10).for_each(|_| bucket.take(RATE, now).unwrap());
        for _ in 0..1000 {
            assert!(bucket.take(RATE, now).is_err());
        }
        assert_eq!(bucket.take(RATE, now + Duration::from_secs(6)), Ok(()));
    }

    #[test]
    fn the_addresses_of_one_site_are_one() {
        let site_of = |text: &str| site(text.parse().unwrap());
        assert_eq!(site_of("2001:db8:1:2:3::1"), site_of("2001:db8:1:2:ffff::"));
        assert_ne!(site_of("2001:db8:1:2::"), site_of("2001:db8:1:3::"));
        assert_eq!(site_of("::ffff:192.0.2.1"), site_of("192.0.2.1"));
        assert_ne!(site_of("192.0.2.1"), site_of("192.0.2.2"));
    }
}
