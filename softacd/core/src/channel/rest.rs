//! What is left of a talk, and when it wakes.

use std::time::Duration;

use super::rule::Rule;
use super::talk::{MOST_WAITING, Talk};
use crate::edge::Edge;
use crate::timers::Timer;

impl Talk {
    /// Whether nothing is left to be done.
    pub(super) fn is_idle(&self) -> bool {
        self.leg.is_none() && self.outbox.is_empty() && self.waiting.is_empty()
    }

    /// A time that was waited for has come. Whether anything is left of this talk.
    pub(super) fn wake(&mut self, rule: &Rule, edge: &mut Edge) -> bool {
        self.alarm = None;
        if self.sending.is_none() {
            // A pause is over; how long the next is stands in `tries`, unless this one succeeds.
            let tries = std::mem::take(&mut self.tries);
            self.pump(rule, edge);
            self.tries = tries;
        }
        if self.leg.as_ref().is_some_and(|leg| leg.behind) && self.outbox.len() < MOST_WAITING {
            self.asks(edge);
        }
        self.rests(rule, edge)
    }

    /// What one may has changed, or nothing is known of it after a start: what was being sent then is sent again.
    pub(super) fn looks_again(&mut self, edge: &mut Edge) {
        if self.alarm.is_none() && self.sending.is_none() {
            self.wakes_in(Duration::ZERO, edge);
        }
    }

    /// Whether anything is left to be done; if not, when it is forgotten.
    fn rests(&mut self, rule: &Rule, edge: &mut Edge) -> bool {
        if !self.is_idle() {
            return true;
        }
        let until = self.window.as_ref().map_or(0, |window| window.until.0);
        let remembered = i64::try_from(rule.remembered.as_millis()).unwrap_or(i64::MAX);
        let until = until.max(self.heard.0.saturating_add(remembered));
        let left = u64::try_from(until - edge.now.wall.0).unwrap_or(0);
        if left > 0 {
            self.wakes_in(Duration::from_millis(left), edge);
        }
        left > 0
    }

    /// A session that has ended leaves a talk that is forgotten some day.
    pub(super) fn settles(&mut self, rule: &Rule, edge: &mut Edge) {
        if self.alarm.is_none() {
            self.rests(rule, edge);
        }
    }

    pub(super) fn wakes_in(&mut self, pause: Duration, edge: &mut Edge) {
        if let Some(alarm) = self.alarm.take() {
            edge.timers.cancel(alarm);
        }
        let at = edge.now.mono + pause;
        self.alarm = Some(edge.timers.set(at, Timer::Channel(super::number(&self.channel, &self.person))));
    }
}
