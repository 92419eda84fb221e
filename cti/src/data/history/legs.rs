//! A session's legs, and who owned it last.

use ngcc_proto::access::Cause;
use ngcc_proto::fact::{Fact, What};
use ngcc_proto::media::Part;
use ngcc_proto::{LegId, SeatId};

use super::{SeatNames, Start};

/// One leg. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LegRow {
    pub(crate) leg: LegId,
    pub(crate) part: Part,
    pub(crate) agent: Option<String>,
    pub(crate) added: i64,
    pub(crate) answered: Option<i64>,
    pub(crate) ended: Option<i64>,
    pub(crate) cause: Option<Cause>,
}

/// The legs, in the order in which they came.
pub(super) fn legs(facts: &[Fact], start: Start, seats: &SeatNames) -> Vec<LegRow> {
    let reserved = reserved(facts);
    let mut legs: Vec<LegRow> = Vec::new();
    for fact in facts {
        let at = start.wall(fact.mono);
        let known = |leg: &LegId| legs.iter().position(|row| row.leg == *leg);
        if let What::LegAdded { leg, part, seat } = &fact.what
            && known(leg).is_none()
        {
            let agent = seat.and_then(|seat| name(&reserved, seats, seat));
            let row =
                LegRow { leg: *leg, part: *part, agent, added: at, answered: None, ended: None, cause: None };
            legs.push(row);
        } else if let What::LegAnswered { leg } = &fact.what
            && let Some(index) = known(leg)
        {
            legs[index].answered.get_or_insert(at);
        } else if let What::LegLeft { leg, cause } = &fact.what
            && let Some(index) = known(leg)
        {
            legs[index].ended = Some(at);
            legs[index].cause = Some(*cause);
        }
    }
    legs
}

/// The agent of the last seat that joined.
pub(super) fn last_owner(facts: &[Fact], seats: &SeatNames) -> Option<String> {
    let seat = facts.iter().rev().find_map(|fact| {
        let What::Joined { seat, .. } = &fact.what else { return None };
        *seat
    })?;
    name(&reserved(facts), seats, seat)
}

/// The chain's own word for whose seat it is comes before the present one.
fn name(reserved: &SeatNames, seats: &SeatNames, seat: SeatId) -> Option<String> {
    reserved.get(&seat).or_else(|| seats.get(&seat)).cloned()
}

fn reserved(facts: &[Fact]) -> SeatNames {
    let reserved = facts.iter().filter_map(|fact| {
        let What::Reserved { seat, agent, .. } = &fact.what else { return None };
        Some((*seat, agent.name().to_owned()))
    });
    reserved.collect()
}
