//! Randomness as an argument: a seeded ChaCha generator every core is given its own of.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

/// A seeded generator. With a seed from the operating system its output cannot be predicted
/// (dialog tags and nonces need that); with a fixed seed a run can be replayed.
#[derive(Clone, Debug)]
pub struct Rng(ChaCha12Rng);

impl Rng {
    /// A generator of 256 bits of seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha12Rng::from_seed(seed))
    }

    /// A generator of a small seed: for tests and replays, never for secrets.
    pub fn from_u64(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// 64 random bits.
    pub fn u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 128 random bits.
    pub fn u128(&mut self) -> u128 {
        (u128::from(self.u64()) << 64) | u128::from(self.u64())
    }

    /// A uniform number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        // Rejection keeps it exactly uniform: an assignment by chance is tested with χ².
        let zone = u64::MAX - (u64::MAX - n + 1) % n;
        loop {
            let x = self.u64();
            if x <= zone {
                return x % n;
            }
        }
    }

    /// A seed for a generator that is handed on.
    pub fn fork(&mut self) -> Self {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        Self::from_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_uniform_and_bounded() {
        let mut rng = Rng::from_u64(7);
        let mut seen = [0u32; 5];
        for _ in 0..50_000 {
            seen[usize::try_from(rng.below(5)).unwrap()] += 1;
        }
        let chi2: f64 = seen.iter().map(|&n| (f64::from(n) - 10_000.0).powi(2) / 10_000.0).sum();
        assert!(chi2 < 18.5, "χ² {chi2} of {seen:?} (p < 0.001 above 18.5 at 4 degrees)");
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
    }
}
