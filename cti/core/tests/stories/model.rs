//! A long seeded run against a small reference model that knows nothing of how the core does it: who waits
//! in what order, what each agent is, who is with whom. After every step everything visible is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ngcc_proto::access::{Cause, Stage};
use ngcc_proto::bcsm::{BackBecause, Turn};
use ngcc_proto::config::Strategy;
use ngcc_proto::seat::{Availability, Device, Slot, Told, Verb};
use ngcc_proto::{Body, Core, LegId, Mono, Rng, RunId, UserUri, access, flow, operate};

use crate::world::{World, config, number, queue, sdp};

const STEPS: u32 = 100_000;
const MAX_CUSTOMERS: usize = 24;
const AGENTS: [&str; 4] = ["alice", "bob", "carol", "dave"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Flow,
    Waiting,
    Ringing(&'static str),
    Talk(&'static str),
    Held(&'static str),
    InIvr(&'static str),
    /// With the automation, the owner lost (S4-11).
    Unattended,
}

#[derive(Clone, Debug)]
struct Customer {
    leg: LegId,
    at: At,
    /// Queue, rank (lower is sooner) and number of its place.
    place: Option<(&'static str, i32, u64)>,
    run: Option<RunId>,
    turn: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Out,
    Ready,
    NotReady,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Nothing,
    Rings,
    Serves,
    WrapsUp(Mono),
}

#[derive(Clone, Debug)]
struct Agent {
    is: Is,
    pending: Option<Is>,
    does: Does,
    missed: u32,
    rests_until: Mono,
}

struct Model {
    w: World,
    rng: Rng,
    customers: BTreeMap<String, Customer>,
    agents: BTreeMap<&'static str, Agent>,
    arrivals: u64,
    places: u64,
    offers: u64,
    joins: u64,
    crashes: u64,
}

fn serves(agent: &str, queue: &str) -> bool {
    match agent {
        "alice" | "dave" => true,
        "bob" => queue == "sales",
        _ => queue == "gold",
    }
}

fn wrap_up_s(queue: &str) -> u64 {
    if queue == "sales" { 10 } else { 0 }
}

fn max_missed(queue: &str) -> u32 {
    if queue == "sales" { 1 } else { 2 }
}

fn centre(seed: u64) -> ngcc_proto::config::ForCti {
    let strategies = [Strategy::LongestIdle, Strategy::RoundRobin, Strategy::Random, Strategy::AgentPriority];
    let mut sales = queue("sales", &["alice", "bob", "dave"]);
    sales.wrap_up_s = 10;
    sales.strategy = strategies[usize::try_from(seed % 4).unwrap()];
    let mut gold = queue("gold", &["carol", "alice", "dave"]);
    (gold.wrap_up_s, gold.max_missed, gold.priority) = (0, 2, 5);
    gold.strategy = strategies[usize::try_from(seed / 4 % 4).unwrap()];
    let to = |n: &str, route| number(n, route);
    let numbers = vec![
        to("1000", ngcc_proto::config::Route::Flow("main".into())),
        to("2000", ngcc_proto::config::Route::Queue("sales".into())),
        to("2001", ngcc_proto::config::Route::Queue("gold".into())),
    ];
    config(&AGENTS, vec![sales, gold], numbers)
}

impl Model {
    fn new(seed: u64) -> Self {
        let mut w = World::seeded(centre(seed), seed);
        w.start();
        let agent =
            || Agent { is: Is::Ready, pending: None, does: Does::Nothing, missed: 0, rests_until: Mono(0) };
        Self {
            w,
            rng: Rng::from_u64(seed),
            customers: BTreeMap::new(),
            agents: AGENTS.into_iter().map(|name| (name, agent())).collect(),
            arrivals: 0,
            places: 0,
            offers: 0,
            joins: 0,
            crashes: 0,
        }
    }

    fn any<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let n = self.rng.below(all.len() as u64);
        all.get(usize::try_from(n).unwrap()).copied()
    }

    fn someone(&mut self, which: impl Fn(&Customer) -> bool) -> Option<String> {
        let names: Vec<&String> =
            self.customers.iter().filter(|(_, c)| which(c)).map(|(name, _)| name).collect();
        let n = self.rng.below(names.len() as u64);
        names.get(usize::try_from(n).unwrap()).map(|name| (*name).clone())
    }

    // What happens.

    fn step(&mut self) -> &'static str {
        self.w.sent.clear();
        self.w.told.clear();
        match self.rng.below(100) {
            0..=17 => self.arrive(),
            18..=27 => self.flow_asks(),
            28..=29 => self.flow_ends(),
            30..=45 => self.agent_answers(),
            46..=50 => self.agent_refuses(),
            51..=57 => self.customer_hangs_up(),
            58..=61 => self.agent_hangs_up(),
            62..=67 => self.hand_over(),
            68..=70 => self.take_back(),
            71..=75 => self.gives_back(),
            76..=77 => self.hold(),
            78..=86 => self.agent_asks(),
            87..=98 => self.time_passes(),
            _ => self.crash(),
        }
    }

    fn arrive(&mut self) -> &'static str {
        if self.customers.len() >= MAX_CUSTOMERS {
            return "full";
        }
        self.arrivals += 1;
        let name = format!("{}", 10_000 + self.arrivals);
        let dialled = self.any(&["1000", "2000", "2001"]).unwrap();
        let leg: LegId = self.w.ids.mint(self.w.now.wall);
        self.w.edge.insert(leg, crate::world::EdgeLeg { stage: Stage::Arrived, phone: None });
        let user = UserUri::Phone(name.clone());
        let caller = access::Caller::Anonymous;
        let arrived = access::Event::Arrived {
            leg,
            user,
            display: None,
            dialled: dialled.into(),
            caller,
            offer: Some(sdp()),
        };
        let customer = Customer { leg, at: At::Flow, place: None, run: None, turn: 0 };
        self.customers.insert(name.clone(), customer);
        match dialled {
            "2000" => self.waits(&name, "sales"),
            "2001" => self.waits(&name, "gold"),
            _ => {}
        }
        self.w.say(arrived);
        if dialled == "1000" {
            let run = self.w.run_of(leg);
            self.customers.get_mut(&name).unwrap().run = Some(run);
        }
        "arrive"
    }

    fn waits(&mut self, name: &str, queue: &'static str) {
        self.places += 1;
        let place = Some((queue, if queue == "gold" { -5 } else { 0 }, self.places));
        let customer = self.customers.get_mut(name).unwrap();
        (customer.at, customer.place) = (At::Waiting, place);
    }

    fn flow_asks(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| c.at == At::Flow) else { return "nobody in a flow" };
        let queue = self.any(&["sales", "gold"]).unwrap();
        let run = self.customers[&name].run.unwrap();
        self.waits(&name, queue);
        self.w.human(run, queue);
        "flow asks for a human"
    }

    fn flow_ends(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| c.at == At::Flow) else { return "nobody in a flow" };
        let run = self.customers.remove(&name).unwrap().run.unwrap();
        self.w.runs.remove(&run);
        self.w.say(flow::Event::Ended { run, vars: flow::Vars::new() });
        "flow ends"
    }

    fn agent_answers(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| matches!(c.at, At::Ringing(_))) else { return "nothing rings" };
        let At::Ringing(agent) = self.customers[&name].at else { unreachable!() };
        self.customers.get_mut(&name).unwrap().at = At::Talk(agent);
        let a = self.agents.get_mut(agent).unwrap();
        (a.does, a.missed) = (Does::Serves, 0);
        self.joins += 1;
        self.w.answer(agent);
        "agent answers"
    }

    fn agent_refuses(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| matches!(c.at, At::Ringing(_))) else { return "nothing rings" };
        let At::Ringing(agent) = self.customers[&name].at else { unreachable!() };
        let cause = self.any(&[Cause::Busy, Cause::Declined, Cause::NoAnswer, Cause::NotRegistered]).unwrap();
        self.w.refuse(agent, cause);
        "agent refuses"
    }

    /// An offer is over without an answer: told by the core, weighed by the model's own rules.
    fn refused(&mut self, agent: &'static str, cause: Cause) {
        let now = self.w.now.mono;
        let served = self.customers.values_mut().find(|c| c.at == At::Ringing(agent));
        let queue = served.map(|c| {
            c.at = At::Waiting;
            c.place.unwrap().0
        });
        self.free(agent);
        let a = self.agents.get_mut(agent).unwrap();
        let counts =
            matches!(cause, Cause::Declined | Cause::NoAnswer | Cause::NotRegistered | Cause::Unreachable);
        if matches!(cause, Cause::Cancelled | Cause::Lost) {
            return;
        }
        if counts && a.is == Is::Ready {
            a.missed += 1;
            if a.missed >= max_missed(queue.unwrap()) {
                a.is = Is::NotReady;
            }
        }
        if a.is == Is::Ready {
            a.rests_until = Mono(now.0 + 5_000_000);
        }
    }

    fn free(&mut self, agent: &'static str) {
        let a = self.agents.get_mut(agent).unwrap();
        a.does = Does::Nothing;
        if let Some(next) = a.pending.take() {
            become_(a, next);
        }
    }

    fn customer_hangs_up(&mut self) -> &'static str {
        let Some(name) = self.someone(|_| true) else { return "nobody is there" };
        self.over(&name, true);
        "customer hangs up"
    }

    /// The session is over; the owner wraps up.
    fn over(&mut self, name: &str, by_customer: bool) {
        let c = self.customers.remove(name).unwrap();
        let now = self.w.now.mono;
        let mut agent_leg = None;
        match c.at {
            At::Talk(agent) | At::Held(agent) | At::InIvr(agent) => {
                agent_leg = self.w.agent_leg(agent);
                let seconds = wrap_up_s(c.place.unwrap().0);
                if seconds == 0 {
                    self.free(agent);
                } else {
                    self.agents.get_mut(agent).unwrap().does =
                        Does::WrapsUp(Mono(now.0 + seconds * 1_000_000));
                }
            }
            At::Flow | At::Waiting | At::Ringing(_) | At::Unattended => {}
        }
        if by_customer {
            self.w.hang_up(c.leg);
            assert!(agent_leg.is_none_or(|leg| !self.w.edge.contains_key(&leg)), "the agent is released");
        } else {
            self.w.hang_up(agent_leg.unwrap());
        }
        assert!(!self.w.edge.contains_key(&c.leg), "the customer is released");
    }

    fn agent_hangs_up(&mut self) -> &'static str {
        let with = |c: &Customer| matches!(c.at, At::Talk(_) | At::Held(_) | At::InIvr(_));
        let Some(name) = self.someone(with) else { return "nobody is served" };
        let At::InIvr(agent) = self.customers[&name].at else {
            self.over(&name, false);
            return "agent hangs up";
        };
        self.customers.get_mut(&name).unwrap().at = At::Unattended;
        self.free(agent);
        self.w.agent_hangs_up(agent);
        "agent is lost while the automation serves"
    }

    fn hand_over(&mut self) -> &'static str {
        let with = |c: &Customer| matches!(c.at, At::Talk(_)) && c.run.is_some();
        let Some(name) = self.someone(with) else { return "nobody to hand over" };
        let c = self.customers.get_mut(&name).unwrap();
        let At::Talk(agent) = c.at else { unreachable!() };
        (c.at, c.turn) = (At::InIvr(agent), c.turn + 1);
        let leg = self.w.agent_leg(agent).unwrap();
        self.w.keys(leg, "*8");
        "to-auto"
    }

    fn take_back(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| matches!(c.at, At::InIvr(_))) else { return "nobody to take back" };
        let c = self.customers.get_mut(&name).unwrap();
        let At::InIvr(agent) = c.at else { unreachable!() };
        c.at = At::Talk(agent);
        let leg = self.w.agent_leg(agent).unwrap();
        self.w.keys(leg, "*9");
        "take-back"
    }

    /// The automation gives back, sometimes by an old turn, sometimes though nobody waits for it.
    fn gives_back(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| c.run.is_some() && c.turn > 0) else { return "no hand-over" };
        let stale = self.rng.below(4) == 0;
        let c = self.customers.get_mut(&name).unwrap();
        let (run, turn) = (c.run.unwrap(), if stale { c.turn - 1 } else { c.turn });
        let at = c.at;
        if !stale {
            match at {
                At::InIvr(agent) => c.at = At::Talk(agent),
                At::Unattended => {
                    let queue = c.place.unwrap().0;
                    self.waits(&name, queue);
                }
                At::Flow | At::Waiting | At::Ringing(_) | At::Talk(_) | At::Held(_) => {}
            }
        }
        self.w.give_back(run, turn, BackBecause::Asked);
        "to-human"
    }

    fn hold(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| matches!(c.at, At::Talk(_) | At::Held(_))) else {
            return "nobody talks";
        };
        let c = self.customers.get_mut(&name).unwrap();
        let (agent, held) = match c.at {
            At::Talk(agent) => (agent, true),
            At::Held(agent) => (agent, false),
            _ => unreachable!(),
        };
        c.at = if held { At::Held(agent) } else { At::Talk(agent) };
        let leg = self.w.agent_leg(agent).unwrap();
        self.w.say(access::Event::HoldAsked { leg, held });
        "hold"
    }

    fn agent_asks(&mut self) -> &'static str {
        let name = self.any(&AGENTS).unwrap();
        let next = match self.rng.below(12) {
            0 => Is::Out,
            1 => Is::NotReady,
            2..=4 => return self.end_wrap_up(name),
            _ => Is::Ready,
        };
        let a = self.agents.get_mut(name).unwrap();
        let signs_in = a.is == Is::Out && next == Is::Ready;
        let verb = match next {
            Is::Out => Verb::SignOut,
            Is::NotReady => Verb::NotReady { reason: "break".into() },
            Is::Ready if signs_in => Verb::SignIn { device: Device::Phone(format!("p-{name}")) },
            Is::Ready => Verb::Ready,
        };
        let ignored = a.is == Is::Out && next != Is::Ready;
        if !ignored {
            match a.does {
                Does::Nothing => {
                    a.pending = None;
                    become_(a, next);
                }
                _ if a.is == next && next == Is::Ready => a.pending = None,
                _ => a.pending = Some(next),
            }
        }
        self.w.asks(name, verb);
        "agent asks"
    }

    fn end_wrap_up(&mut self, name: &'static str) -> &'static str {
        if let Does::WrapsUp(_) = self.agents[name].does {
            self.free(name);
        }
        self.w.asks(name, Verb::EndWrapUp);
        "end wrap-up"
    }

    /// To the next deadline, or part of the way.
    fn time_passes(&mut self) -> &'static str {
        let most = Mono(self.w.now.mono.0 + 1 + self.rng.below(12_000_000));
        let until = self.w.cti.deadline().map_or(most, |(at, _)| at.min(most));
        let wait = until.since(self.w.now.mono);
        self.w.now = self.w.now.plus(wait);
        let now = self.w.now.mono;
        for name in AGENTS {
            if matches!(self.agents[name].does, Does::WrapsUp(until) if until <= now) {
                self.free(name);
            }
        }
        self.w.pass(Duration::ZERO);
        "time passes"
    }

    fn crash(&mut self) -> &'static str {
        self.crashes += 1;
        for agent in self.agents.values_mut() {
            agent.rests_until = Mono(0);
        }
        self.w.crash();
        "crash"
    }

    // What is told and seen.

    /// Follows the offers that the core made and took back, in order, and judges each.
    fn follow(&mut self) {
        let told: Vec<(String, Told)> = std::mem::take(&mut self.w.told);
        for (agent, what) in told {
            let agent = *AGENTS.iter().find(|a| **a == agent).unwrap();
            match what {
                Told::Offered { user, .. } => self.offered(agent, user.bare()),
                Told::Rescinded { cause, .. } => self.refused(agent, cause),
                Told::State { .. } | Told::Returned { .. } | Told::Refused { .. } => {}
            }
        }
    }

    fn offered(&mut self, agent: &'static str, user: &str) {
        self.offers += 1;
        let now = self.w.now.mono;
        assert!(eligible(&self.agents[agent], now), "{agent} is offered a call: {:?}", self.agents[agent]);
        let served = |c: &&Customer| c.at == At::Waiting && serves(agent, c.place.unwrap().0);
        let head = self.customers.values().filter(served).min_by_key(|c| {
            let (_, rank, number) = c.place.unwrap();
            (rank, number)
        });
        let customer = &self.customers[user];
        assert_eq!(customer.leg, head.unwrap().leg, "the head of the line is served first");
        self.customers.get_mut(user).unwrap().at = At::Ringing(agent);
        self.agents.get_mut(agent).unwrap().does = Does::Rings;
    }

    fn compare(&mut self) {
        let now = self.w.now.mono;
        self.compare_sessions();
        for (name, a) in &self.agents {
            let is = match self.w.availability(name) {
                Availability::LoggedOut => Is::Out,
                Availability::Ready { .. } => Is::Ready,
                Availability::NotReady { .. } => Is::NotReady,
            };
            assert_eq!(is, a.is, "{name}");
            let slot = self.w.slot(name);
            let leg = self.w.agent_leg(name).map(|leg| self.w.edge[&leg].stage);
            let fits = match (&a.does, &slot) {
                (Does::Nothing, Slot::Free) | (Does::WrapsUp(_), Slot::WrapUp { .. }) => leg.is_none(),
                (Does::Rings, Slot::Reserved { .. } | Slot::Alerting { .. }) => leg == Some(Stage::Calling),
                (Does::Serves, Slot::Talking { .. } | Slot::Held { .. } | Slot::InIvr { .. }) => {
                    leg == Some(Stage::Answered)
                }
                _ => false,
            };
            assert!(fits, "{name} {a:?}: slot {slot:?}, leg {leg:?}");
            if !matches!(slot, Slot::Free) && leg.is_none() {
                assert!(self.w.cti.deadline().is_some(), "{name} would be stuck in {slot:?}");
            }
            for c in self.customers.values().filter(|c| c.at == At::Waiting) {
                let queue = c.place.unwrap().0;
                assert!(
                    !(eligible(a, now) && serves(name, queue)),
                    "somebody waits in {queue} while {name} is free"
                );
            }
        }
    }

    fn compare_sessions(&mut self) {
        let live: BTreeMap<String, operate::LiveSession> =
            self.w.live().into_iter().map(|s| (s.user.bare().to_owned(), s)).collect();
        assert_eq!(
            live.keys().collect::<BTreeSet<_>>(),
            self.customers.keys().collect::<BTreeSet<_>>(),
            "nobody is lost and nobody stays behind"
        );
        for (name, c) in &self.customers {
            let (word, owner) = match c.at {
                At::Flow => ("self-service", None),
                At::Waiting => ("queue", None),
                At::Ringing(_) => ("alerting", None),
                At::Talk(agent) => ("talk", Some(agent)),
                At::Held(agent) => ("hold", Some(agent)),
                At::InIvr(agent) => ("in-ivr", Some(agent)),
                At::Unattended => ("in-ivr", None),
            };
            let seen = &live[name];
            assert_eq!(
                (seen.phase.as_str(), seen.owner.as_ref().map(|a| a.name())),
                (word, owner),
                "{name} {c:?}"
            );
            assert!(self.w.edge.contains_key(&c.leg), "{name} is still on the line");
        }
        self.w.sent.retain(|e| !matches!(e.body, Body::OperateEvent(_)));
    }

    /// Everybody goes home: nothing may be left.
    fn close(&mut self) {
        while let Some(name) = self.customers.keys().next().cloned() {
            self.over(&name, true);
            self.follow();
        }
        self.w.secs(120);
        self.w.assert_clean();
        let stored = u64::try_from(self.w.stored.len()).unwrap();
        assert_eq!(stored, self.arrivals, "every session is stored, once");
    }
}

fn eligible(a: &Agent, now: Mono) -> bool {
    a.is == Is::Ready && a.does == Does::Nothing && a.rests_until <= now
}

fn become_(a: &mut Agent, next: Is) {
    if next == Is::Ready && a.is != Is::Ready {
        a.missed = 0;
    }
    a.is = next;
}

#[test]
fn s0_05_a_hundred_thousand_steps_agree_with_the_model_through_crashes() {
    let mut total = (0, 0, 0);
    for seed in 1..=8 {
        let run = std::panic::catch_unwind(|| {
            let mut m = Model::new(seed);
            for n in 0..STEPS / 8 {
                let step = std::panic::AssertUnwindSafe(|m: &mut Model| {
                    let what = m.step();
                    m.follow();
                    m.compare();
                    what
                });
                let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (step.0)(&mut m)));
                assert!(done.is_ok(), "seed {seed}, step {n}");
            }
            m.close();
            (m.offers, m.joins, m.crashes)
        });
        let (offers, joins, crashes) = run.unwrap_or_else(|_| panic!("the run of seed {seed} failed"));
        total = (total.0 + offers, total.1 + joins, total.2 + crashes);
    }
    println!("{STEPS} steps: {} offers, {} joins, {} crashes", total.0, total.1, total.2);
    assert!(total.0 > 5_000 && total.1 > 2_000 && total.2 > 500, "the run reached what it is for: {total:?}");
}
