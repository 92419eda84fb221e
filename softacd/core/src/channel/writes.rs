//! That somebody writes to a person, shown where their channel shows it. It is worth nothing later: it never waits, is
//! never told again after a failure, and nothing of it is stored.

use std::time::Duration;

use ngcc_proto::Mono;

use super::io::Writing;
use super::rule::Rule;
use super::talk::Talk;
use crate::edge::Edge;
use crate::io::Output;
use crate::timers::{Alarm, Timer};

/// Who has not gone on for so long writes no longer.
const STOPS: Duration = Duration::from_secs(10);

/// What the person was told last: that somebody writes.
#[derive(Debug)]
pub(super) struct Shown {
    at: Mono,
    until: Alarm,
}

impl Talk {
    /// Somebody writes to them, or goes on.
    pub(super) fn writes(&mut self, rule: &Rule, edge: &mut Edge) {
        let Some(often) = rule.writing else { return };
        let shut = rule.message.is_some()
            && self.window.as_ref().is_none_or(|window| window.left(edge.now.wall) == 0);
        if shut || self.way.as_ref().is_some_and(|way| !way.composes) {
            return;
        }
        let at = match self.shown.take() {
            Some(Shown { at, until }) => {
                edge.timers.cancel(until);
                Some(at).filter(|at| edge.now.mono < *at + often)
            }
            None => None,
        };
        if at.is_none() {
            self.shows(true, edge);
        }
        let number = super::number(&self.channel, &self.person);
        let until = edge.timers.set(edge.now.mono + STOPS, Timer::Writing(number));
        self.shown = Some(Shown { at: at.unwrap_or(edge.now.mono), until });
    }

    /// They have not gone on.
    pub(super) fn stops(&mut self, edge: &mut Edge) {
        if self.shown.take().is_some() {
            self.shows(false, edge);
        }
    }

    /// Something is sent, which ends it by itself; or nobody is there any more.
    pub(super) fn wrote(&mut self, edge: &mut Edge) {
        if let Some(Shown { until, .. }) = self.shown.take() {
            edge.timers.cancel(until);
        }
    }

    fn shows(&self, on: bool, edge: &mut Edge) {
        match &self.way {
            Some(way) => edge.state_to(&self.person, way.clone(), on),
            None => edge.emit(Output::ChannelWriting(Writing {
                channel: self.channel.clone(),
                to: self.person.clone(),
                on,
            })),
        }
    }
}
