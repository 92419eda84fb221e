//! What is measured, beside what it must be and where it is to go. The G-numbers are those of the performance goals
//! in docs.

use serde::Serialize;

use crate::out;

/// A measured figure.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figure {
    /// Its goal's number; empty for a figure beside the goals.
    pub(super) g: &'static str,
    /// What was measured.
    pub(super) what: String,
    /// How much.
    pub(super) value: f64,
    /// Of what.
    pub(super) unit: &'static str,
    /// At most this, or it is no release.
    pub(super) must: Option<f64>,
    /// Where it is to go.
    pub(super) goal: Option<f64>,
}

impl Figure {
    /// A figure with a goal.
    pub(super) fn of(g: &'static str, what: impl Into<String>, value: f64, goal: Goal) -> Self {
        let Goal { unit, must, goal } = goal;
        Self { g, what: what.into(), value, unit, must: Some(must), goal: Some(goal) }
    }

    /// A figure that stands for itself.
    pub(super) fn beside(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { g: "", what: what.into(), value, unit, must: None, goal: None }
    }

    fn verdict(&self) -> &'static str {
        match (self.must, self.goal) {
            (_, Some(goal)) if self.value <= goal => "goal met",
            (Some(must), _) if self.value <= must => "must met",
            (Some(_), _) => "MISSED",
            (None, _) => "",
        }
    }
}

/// A unit, what must be met, and the goal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    unit: &'static str,
    must: f64,
    goal: f64,
}

const fn goal(unit: &'static str, must: f64, goal: f64) -> Goal {
    Goal { unit, must, goal }
}

/// G1: a call answered by a flow and ended.
pub(super) const CALL_CPU: Goal = goal("CPU-ms/call", 0.30, 0.10);
/// G4: a two-leg call.
pub(super) const TWO_LEG_CPU: Goal = goal("CPU-ms/call", 0.60, 0.25);
/// G5, the middle.
pub(super) const TWO_LEG_P50: Goal = goal("ms", 1.0, 0.5);
/// G5, the tail.
pub(super) const TWO_LEG_P99: Goal = goal("ms", 4.0, 2.0);
/// G6: playback.
pub(super) const PLAYBACK_CPU: Goal = goal("CPU-µs/packet", 3.0, 1.6);
/// G8: relay.
pub(super) const RELAY_CPU: Goal = goal("CPU-µs/packet", 4.0, 2.0);
/// G9, the middle.
pub(super) const RELAY_P50: Goal = goal("ms", 0.2, 0.1);
/// G9, the tail.
pub(super) const RELAY_P99: Goal = goal("ms", 1.0, 0.5);
/// G10: mixing.
pub(super) const MIX_CPU: Goal = goal("CPU-ms/part.-s", 0.40, 0.12);
/// G10: how far the two shapes may lie apart.
pub(super) const MIX_SPREAD: Goal = goal("%", 25.0, 25.0);
/// G11, the middle.
pub(super) const OFFER_P50: Goal = goal("ms", 1.0, 0.5);
/// G11, the tail.
pub(super) const OFFER_P99: Goal = goal("ms", 3.0, 1.5);
/// G12, the middle.
pub(super) const NEXT_P50: Goal = goal("ms", 2.0, 0.5);
/// G12, the tail.
pub(super) const NEXT_P99: Goal = goal("ms", 5.0, 2.0);
/// G14: a queued call.
pub(super) const QUEUED_CPU: Goal = goal("CPU-ms/call", 1.0, 0.4);
/// G14: how much more a call costs with a backlog than without.
pub(super) const QUEUED_GROWTH: Goal = goal("%", 20.0, 20.0);
/// G16: a call with media.
pub(super) const CALL_MEMORY: Goal = goal("KiB/call", 32.0, 16.0);
/// G16: a waiting call.
pub(super) const WAITING_MEMORY: Goal = goal("KiB/call", 12.0, 4.0);
/// G17: what finished calls leave behind.
pub(super) const LEFT_BEHIND: Goal = goal("MiB", 32.0, 8.0);
/// G19: memory of an idle centre.
pub(super) const IDLE_MEMORY: Goal = goal("MiB", 40.0, 25.0);
/// G19: from the start to the first SIP answer.
pub(super) const START: Goal = goal("s", 0.3, 0.1);

/// G21: a visitor's connection.
pub(super) const SOCKET_MEMORY: Goal = goal("KiB/socket", 10.0, 6.0);
/// G22, the tail.
pub(super) const MESSAGE_P99: Goal = goal("ms", 10.0, 3.0);
/// G22: a visitor's message to a console.
pub(super) const MESSAGE_CPU: Goal = goal("CPU-µs/message", 40.0, 15.0);
/// G23: a browser that speaks and hears.
pub(super) const PEER_CPU: Goal = goal("% of a core", 0.20, 0.08);
/// G23: its memory.
pub(super) const PEER_MEMORY: Goal = goal("KiB/peer", 200.0, 80.0);
/// What a browser's call that ended leaves behind.
pub(super) const SESSION_SLOPE: Goal = goal("bytes/session", 1000.0, 1000.0);

/// G20: threads, as a multiple of the cores.
pub(super) fn threads(cores: usize) -> Goal {
    let most = (cores * 4 + 16) as f64;
    goal("threads", most, most)
}

/// What was measured, and on what.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Cores of the machine.
    pub(super) cores: usize,
    /// Whether this is a release build.
    pub(super) release: bool,
    /// Everything measured.
    pub(super) figures: Vec<Figure>,
}

impl Report {
    /// Prints the table, or JSON.
    pub(super) fn print(&self, json: bool) {
        if json {
            out::json(self);
            return;
        }
        if !self.release {
            out::line("this is no release build: its figures say nothing about one (cargo build --release)");
        }
        let number = |n: Option<f64>| n.map(short).unwrap_or_default();
        let row = |f: &Figure| {
            vec![
                f.g.to_owned(),
                f.what.clone(),
                short(f.value),
                f.unit.to_owned(),
                number(f.must),
                number(f.goal),
                f.verdict().to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = self.figures.iter().map(row).collect();
        out::table(&["G", "MEASURED", "VALUE", "UNIT", "MUST", "GOAL", ""], &rows);
    }
}

/// Three figures that count.
fn short(value: f64) -> String {
    match value.abs() {
        x if x >= 100.0 => format!("{value:.0}"),
        x if x >= 10.0 => format!("{value:.1}"),
        x if x >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_its_goal_and_then_by_what_it_must_be() {
        let judge = |value| Figure::of("G1", "x", value, CALL_CPU).verdict();
        assert_eq!((judge(0.05), judge(0.2), judge(0.31)), ("goal met", "must met", "MISSED"));
        assert_eq!(Figure::beside("x", 9.0, "ms").verdict(), "");
        assert_eq!(
            (short(0.1234), short(12.34), short(1234.5)),
            ("0.123".into(), "12.3".into(), "1234".into())
        );
    }
}
