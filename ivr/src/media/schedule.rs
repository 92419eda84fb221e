//! When each conference is ticked and cared for. Ticks are 20 ms apart, each conference at its own millisecond of
//! them, so that the load is spread; a worker whose conferences need no ticks does not wake for any.

use std::collections::BTreeSet;

use ngcc_proto::Mono;

const PHASES: u64 = 20;
/// Ticks later than this are left out rather than caught up, in milliseconds.
const LATEST: u64 = 100;

/// The ticks of a worker.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    ticking: [Vec<usize>; PHASES as usize],
    /// How many conferences were given each phase.
    given: [usize; PHASES as usize],
    count: usize,
    /// The last millisecond whose ticks are done.
    done: u64,
    care: BTreeSet<(Mono, usize)>,
}

impl Schedule {
    /// The phase of a new conference: the least loaded one, soon after now if there is a choice.
    pub(super) fn phase(&mut self, now: Mono) -> u8 {
        let soon = now.0 / 1000 + 1;
        let phases = (soon..soon + PHASES).map(|ms| (ms % PHASES) as usize);
        let phase = phases.min_by_key(|&p| self.given[p]).unwrap_or_default();
        self.given[phase] += 1;
        phase as u8
    }

    /// A conference of this phase is gone.
    pub(super) fn give_back(&mut self, phase: u8) {
        self.given[usize::from(phase)] -= 1;
    }

    /// `hall` is ticked from now on.
    pub(super) fn start(&mut self, hall: usize, phase: u8, now: Mono) {
        if self.count == 0 {
            self.done = now.0 / 1000;
        }
        self.count += 1;
        self.ticking[usize::from(phase)].push(hall);
    }

    /// `hall` is ticked no longer.
    pub(super) fn stop(&mut self, hall: usize, phase: u8) {
        let list = &mut self.ticking[usize::from(phase)];
        if let Some(at) = list.iter().position(|&h| h == hall) {
            list.swap_remove(at);
            self.count -= 1;
        }
    }

    /// The next moment whose ticks are due; its halls are put into `halls`.
    pub(super) fn due(&mut self, now: Mono, halls: &mut Vec<usize>) -> Option<Mono> {
        let now = now.0 / 1000;
        if self.count == 0 {
            return None;
        }
        self.done = self.done.max(now.saturating_sub(LATEST));
        while self.done < now {
            self.done += 1;
            let list = &self.ticking[(self.done % PHASES) as usize];
            if !list.is_empty() {
                halls.clear();
                halls.extend_from_slice(list);
                return Some(Mono(self.done * 1000));
            }
        }
        None
    }

    /// Moves a hall's care from one moment to another; the end of time is none.
    pub(super) fn care(&mut self, hall: usize, from: Mono, to: Mono) {
        self.care.remove(&(from, hall));
        if to != Mono(u64::MAX) {
            self.care.insert((to, hall));
        }
    }

    /// A hall whose care is due.
    pub(super) fn care_due(&self, now: Mono) -> Option<usize> {
        self.care.first().filter(|(at, _)| *at <= now).map(|(_, hall)| *hall)
    }

    /// When there is something to do next.
    pub(super) fn next(&self) -> Option<Mono> {
        let tick = (self.done + 1..=self.done + PHASES)
            .find(|ms| self.count > 0 && !self.ticking[(ms % PHASES) as usize].is_empty())
            .map(|ms| Mono(ms * 1000));
        let care = self.care.first().map(|(at, _)| *at);
        [tick, care].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halls_are_spread_over_the_phases_and_ticked_every_20_ms() {
        let mut schedule = Schedule::default();
        let phases: Vec<u8> = (0..40).map(|_| schedule.phase(Mono(7_500))).collect();
        assert_eq!(phases[0], 8);
        assert!((0..20).all(|p| phases.iter().filter(|&&x| x == p).count() == 2));
        for (hall, &phase) in phases.iter().enumerate() {
            schedule.start(hall, phase, Mono(7_500));
        }
        let mut ticks = vec![0; 40];
        let mut halls = vec![];
        for ms in 8..108 {
            while let Some(due) = schedule.due(Mono(ms * 1000 + 300), &mut halls) {
                assert_eq!(due, Mono(ms * 1000));
                halls.iter().for_each(|&h| ticks[h] += 1);
            }
        }
        assert_eq!(ticks, vec![5; 40]);
    }

    #[test]
    fn who_needs_nothing_wakes_nobody() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.next(), None);
        let phase = schedule.phase(Mono(0));
        schedule.start(1, phase, Mono(1_000_000));
        assert!(schedule.next().is_some_and(|at| at > Mono(1_000_000) && at <= Mono(1_020_000)));
        schedule.stop(1, phase);
        assert_eq!((schedule.next(), schedule.due(Mono(9_000_000), &mut vec![])), (None, None));
        schedule.care(1, Mono(u64::MAX), Mono(5));
        assert_eq!(
            (schedule.next(), schedule.care_due(Mono(4)), schedule.care_due(Mono(5))),
            (Some(Mono(5)), None, Some(1))
        );
        schedule.care(1, Mono(5), Mono(u64::MAX));
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn after_a_standstill_the_last_100_ms_are_caught_up() {
        let mut schedule = Schedule::default();
        let phase = schedule.phase(Mono(0));
        schedule.start(0, phase, Mono(0));
        let (mut halls, mut ticks) = (vec![], 0);
        while schedule.due(Mono(10_000_000), &mut halls).is_some() {
            ticks += 1;
        }
        assert_eq!(ticks, 5);
    }
}
