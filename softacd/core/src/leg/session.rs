//! A session timer (RFC 4028): agreed on with a 2xx, kept alive by refreshes, ended by their absence.

use std::time::Duration;

use ngcc_proto::{LegId, Mono};
use serde::{Deserialize, Serialize};

use crate::deny::Deny;
use crate::edge::Edge;
use crate::sip::{Headers, Refresher};
use crate::timers::{Alarm, LegTimer, Timer};

/// The shortest interval we take (RFC 4028 section 5).
const MIN_SE: u32 = 90;
/// The longest interval we take; a longer one is cut, which a UAS may.
const MAX_SE: u32 = 7200;

/// How long a session lives without a sign of the other side, where nothing is agreed on.
const OWN_SE: u32 = 1800;

/// What was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    interval_s: u32,
    /// Whether we refresh.
    ours: bool,
    /// Whether the other side has the extension.
    #[serde(default)]
    known: bool,
}

/// A session timer that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SessionTimer {
    terms: Terms,
    /// When a refresh is due, or the end.
    due: Mono,
    /// Whether our refresh has been tried, so that `due` is the end.
    tried: bool,
    #[serde(skip)]
    alarm: Option<Alarm>,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// A refresh of ours.
    Refresh,
    /// The end: no refresh has come, or ours did not get through.
    End,
}

impl Terms {
    /// What we do where the other side proposes nothing: we refresh, so that a peer that is gone is found out.
    pub(crate) const OWN: Self = Self { interval_s: OWN_SE, ours: true, known: false };

    /// What a request of the other side proposes; refused where it is too short for us.
    pub(crate) fn asked(headers: &Headers) -> Result<Option<Self>, Deny> {
        let Some(asked) = headers.session_expires() else { return Ok(None) };
        let known = headers.lists("Supported", "timer") || headers.lists("Require", "timer");
        if asked.delta < MIN_SE && known {
            return Err(Deny::with(422, format!("Min-SE: {MIN_SE}\r\n")));
        }
        let ours = match asked.refresher {
            Some(Refresher::Uas) => true,
            Some(Refresher::Uac) | None => !known,
        };
        Ok(Some(Self { interval_s: asked.delta.clamp(MIN_SE, MAX_SE), ours, known }))
    }

    /// What the 2xx to a request of ours says.
    pub(crate) fn answered(headers: &Headers) -> Option<Self> {
        let said = headers.session_expires()?;
        let ours = said.refresher != Some(Refresher::Uas);
        Some(Self { interval_s: said.delta.clamp(MIN_SE, MAX_SE), ours, known: true })
    }

    /// The header lines of our 2xx.
    pub(crate) fn lines(self) -> String {
        let who = if self.ours { "uas" } else { "uac" };
        let require = if self.known && !self.ours { "Require: timer\r\n" } else { "" };
        format!("Session-Expires: {};refresher={who}\r\n{require}", self.interval_s)
    }

    /// The header lines of our refresh.
    pub(crate) fn refresh_lines(self) -> String {
        format!("Supported: timer\r\nSession-Expires: {};refresher=uac\r\n", self.interval_s)
    }

    fn interval(self) -> Duration {
        Duration::from_secs(u64::from(self.interval_s))
    }

    /// How long before the end the side that does not refresh gives up (RFC 4028 section 10).
    fn margin(self) -> Duration {
        Duration::from_secs(u64::from((self.interval_s / 3).min(32)))
    }
}

impl SessionTimer {
    pub(crate) fn start(terms: Terms, leg: LegId, edge: &mut Edge) -> Self {
        let wait = if terms.ours { terms.interval() / 2 } else { terms.interval() - terms.margin() };
        let due = edge.now.mono + wait;
        let alarm = edge.timers.set(due, Timer::Leg(leg, LegTimer::Session));
        Self { terms, due, tried: false, alarm: Some(alarm) }
    }

    /// Sets the alarm again after a restart.
    pub(crate) fn resume(&mut self, leg: LegId, edge: &mut Edge) {
        // What came due while we were away gets a moment: the other side's refresh may be under way.
        let due = self.due.max(edge.now.mono + Duration::from_secs(5));
        self.alarm = Some(edge.timers.set(due, Timer::Leg(leg, LegTimer::Session)));
    }

    pub(crate) fn stop(&mut self, edge: &mut Edge) {
        if let Some(alarm) = self.alarm.take() {
            edge.timers.cancel(alarm);
        }
    }

    /// Begins the interval anew, after a refresh of either side.
    pub(crate) fn again(mut self, terms: Option<Terms>, leg: LegId, edge: &mut Edge) -> Self {
        self.stop(edge);
        Self::start(terms.unwrap_or(self.terms), leg, edge)
    }

    /// The alarm has rung.
    pub(crate) fn due(&mut self, leg: LegId, edge: &mut Edge) -> Due {
        if !self.terms.ours || self.tried {
            return Due::End;
        }
        self.tried = true;
        self.due = edge.now.mono + self.terms.interval() / 2 - self.terms.margin() / 2;
        self.alarm = Some(edge.timers.set(self.due, Timer::Leg(leg, LegTimer::Session)));
        Due::Refresh
    }

    pub(crate) fn terms(&self) -> Terms {
        self.terms
    }
}

/// What an offer in a dialog does to a session timer: it begins anew with the proposal, or as it was.
pub(crate) fn renewed(
    timer: Option<SessionTimer>,
    proposed: Option<Terms>,
    leg: LegId,
    edge: &mut Edge,
) -> Option<SessionTimer> {
    match (timer, proposed) {
        (Some(timer), terms) => Some(timer.again(terms, leg, edge)),
        (None, Some(terms)) => Some(SessionTimer::start(terms, leg, edge)),
        (None, None) => None,
    }
}
