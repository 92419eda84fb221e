//! The dial plan: what a dialled number leads to, and who may dial it. An exact number comes first,
//! then the longest prefix, then the reserved names.

use std::collections::BTreeMap;

use ngcc_proto::access::{Caller, Cause};
use ngcc_proto::config::{Number, Route};

/// The most characters of a number that are looked at.
const MAX_DIALLED: usize = 128;

/// Every number of the centre.
#[derive(Debug, Default)]
pub(crate) struct DialPlan {
    exact: BTreeMap<String, (Route, bool)>,
    prefix: BTreeMap<String, (Route, bool)>,
}

impl DialPlan {
    /// The plan of these numbers.
    pub(crate) fn new(numbers: Vec<Number>) -> Self {
        let mut plan = Self::default();
        for Number { number, prefix, to, public } in numbers {
            let table = if prefix { &mut plan.prefix } else { &mut plan.exact };
            table.insert(number, (to, public));
        }
        plan
    }

    /// Where `dialled` leads, if `caller` may go there.
    ///
    /// # Errors
    /// `NotFound`: it leads nowhere. `Forbidden`: the caller may not dial it.
    pub(crate) fn lookup(&self, dialled: &str, caller: &Caller) -> Result<Route, Cause> {
        let (route, public) = self.resolve(dialled).ok_or(Cause::NotFound)?;
        match caller {
            Caller::Anonymous if !public => Err(Cause::Forbidden),
            Caller::Anonymous | Caller::Phone(_) => Ok(route),
        }
    }

    /// Where `dialled` leads, for the centre itself.
    pub(crate) fn resolve(&self, dialled: &str) -> Option<(Route, bool)> {
        if dialled.is_empty() || dialled.len() > MAX_DIALLED {
            return None;
        }
        if let Some((route, public)) = self.exact.get(dialled) {
            return Some((filled(route, dialled, ""), *public));
        }
        let ends = dialled.char_indices().map(|(i, _)| i).skip(1).chain([dialled.len()]);
        for end in ends.collect::<Vec<_>>().into_iter().rev() {
            let (head, rest) = dialled.split_at(end);
            if let Some((route, public)) = self.prefix.get(head) {
                return Some((filled(route, dialled, rest), *public));
            }
        }
        reserved(dialled).map(|route| (route, false))
    }
}

fn reserved(dialled: &str) -> Option<Route> {
    let (kind, name) = dialled.split_once('-').filter(|(_, name)| !name.is_empty())?;
    let name = name.to_owned();
    match kind {
        "flow" => Some(Route::Flow(name)),
        "queue" => Some(Route::Queue(name)),
        "agent" => Some(Route::Agent(name)),
        "conf" => Some(Route::Conference(name)),
        _ => None,
    }
}

fn filled(route: &Route, number: &str, rest: &str) -> Route {
    let fill = |s: &str| s.replace("${rest}", rest).replace("${number}", number);
    match route {
        Route::Flow(s) => Route::Flow(s.clone()),
        Route::Queue(s) => Route::Queue(s.clone()),
        Route::Agent(s) => Route::Agent(fill(s)),
        Route::Phone(s) => Route::Phone(fill(s)),
        Route::Conference(s) => Route::Conference(fill(s)),
        Route::Uri(s) => Route::Uri(fill(s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> DialPlan {
        let number = |number: &str, prefix, to, public| Number { number: number.into(), prefix, to, public };
        DialPlan::new(vec![
            number("1000", false, Route::Flow("main".into()), true),
            number("4", true, Route::Phone("${rest}".into()), true),
            number("40", true, Route::Uri("sip:${number}@192.0.2.1".into()), false),
            number("3", true, Route::Conference("${rest}".into()), true),
        ])
    }

    #[test]
    fn an_exact_number_comes_before_the_longest_prefix() {
        let plan = plan();
        let phone = Caller::Phone("7001".into());
        assert_eq!(plan.lookup("1000", &phone), Ok(Route::Flow("main".into())));
        assert_eq!(plan.lookup("41234", &phone), Ok(Route::Phone("1234".into())));
        assert_eq!(plan.lookup("4077", &phone), Ok(Route::Uri("sip:4077@192.0.2.1".into())));
        assert_eq!(plan.lookup("3blue", &phone), Ok(Route::Conference("blue".into())));
        assert_eq!(plan.lookup("5", &phone), Err(Cause::NotFound));
        assert_eq!(plan.lookup("", &phone), Err(Cause::NotFound));
        assert_eq!(plan.lookup(&"9".repeat(1000), &phone), Err(Cause::NotFound));
    }

    #[test]
    fn anonymous_callers_reach_only_what_is_public() {
        let plan = plan();
        assert_eq!(plan.lookup("1000", &Caller::Anonymous), Ok(Route::Flow("main".into())));
        assert_eq!(plan.lookup("4077", &Caller::Anonymous), Err(Cause::Forbidden));
        assert_eq!(plan.lookup("queue-sales", &Caller::Anonymous), Err(Cause::Forbidden));
        assert_eq!(plan.lookup("ünknown", &Caller::Anonymous), Err(Cause::NotFound));
    }

    #[test]
    fn reserved_names_lead_to_what_they_say() {
        let (plan, phone) = (plan(), Caller::Phone("7001".into()));
        assert_eq!(plan.lookup("flow-main", &phone), Ok(Route::Flow("main".into())));
        assert_eq!(plan.lookup("agent-alice", &phone), Ok(Route::Agent("alice".into())));
        assert_eq!(plan.lookup("conf-", &phone), Err(Cause::NotFound));
    }
}
