//! The four strategies: exact order, strict order, and a chi-square over chance.

use super::*;

fn candidate(n: u32, level: u16, idle: u64) -> Candidate {
    Candidate { seat: SeatId(n.into()), level, position: n, idle_since: Mono(idle), load: 0 }
}

fn asked(free: &mut Free, last: &mut Option<u32>, rng: &mut Rng) -> u128 {
    let pick = free.pick(*last, rng).unwrap();
    *last = Some(pick.position);
    pick.seat.0
}

#[test]
fn s1_04_round_robin_asks_each_in_turn_and_skips_who_is_not_free() {
    let (mut free, mut last, mut rng) = (Free::new(Strategy::RoundRobin), None, Rng::from_u64(1));
    for n in 0..4 {
        free.insert(candidate(n, 0, 0));
    }
    let first: Vec<u128> = (0..6).map(|_| asked(&mut free, &mut last, &mut rng)).collect();
    assert_eq!(first, [0, 1, 2, 3, 0, 1]);
    free.remove(candidate(2, 0, 0));
    let then: Vec<u128> = (0..3).map(|_| asked(&mut free, &mut last, &mut rng)).collect();
    assert_eq!(then, [3, 0, 1]);
}

#[test]
fn s1_04_agent_priority_is_strict() {
    let (mut free, mut last, mut rng) = (Free::new(Strategy::AgentPriority), None, Rng::from_u64(1));
    for (n, level) in [(0, 2), (1, 1), (2, 1), (3, 0)] {
        free.insert(candidate(n, level, 0));
    }
    for expected in [3, 1, 2, 0] {
        let seat = asked(&mut free, &mut last, &mut rng);
        assert_eq!(seat, expected);
        let level = [2, 1, 1, 0][usize::try_from(seat).unwrap()];
        free.remove(candidate(u32::try_from(seat).unwrap(), level, 0));
    }
    assert_eq!(free.pick(last, &mut rng), None);
}

#[test]
fn longest_idle_asks_who_has_been_idle_longest() {
    let (mut free, mut last, mut rng) = (Free::new(Strategy::LongestIdle), None, Rng::from_u64(1));
    for (n, idle) in [(0, 30), (1, 10), (2, 20)] {
        free.insert(candidate(n, 0, idle));
    }
    assert_eq!(asked(&mut free, &mut last, &mut rng), 1);
    free.remove(candidate(1, 0, 10));
    assert_eq!(asked(&mut free, &mut last, &mut rng), 2);
}

#[test]
fn s2_04_random_is_uniform_over_the_free_by_chi_square() {
    let (mut free, mut rng) = (Free::new(Strategy::Random), Rng::from_u64(42));
    for n in 0..12 {
        free.insert(candidate(n, 0, 0));
    }
    free.remove(candidate(0, 0, 0));
    free.remove(candidate(11, 0, 0));
    let mut seen = [0u32; 12];
    for _ in 0..10_000 {
        let pick = free.pick(None, &mut rng).unwrap();
        seen[usize::try_from(pick.seat.0).unwrap()] += 1;
    }
    assert_eq!((seen[0], seen[11]), (0, 0), "who is not free is never chosen");
    let chi2: f64 = seen[1..11].iter().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
    assert!(chi2 < 27.9, "chi-square {chi2} of {seen:?}: p < 0.001 above 27.9 at 9 degrees");
}
