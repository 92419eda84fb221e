//! A long seeded run against a small reference model that knows nothing of how the core does it: who waits
//! in what order, what each agent is, who is with whom. After every step everything visible is compared.

mod steps;

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::access::Stage;
use ngcc_proto::bcsm::Turn;
use ngcc_proto::config::Strategy;
use ngcc_proto::seat::{Availability, Slot, Told, Verb};
use ngcc_proto::{Body, Core, LegId, Mono, ReservationId, Rng, RunId, SessionId, operate};

use crate::world::{World, config, number, queue};

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
    /// A chat rather than a call.
    chat: bool,
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
    /// In the voice slot.
    does: Does,
    /// In the chat slots, by customer.
    chats: BTreeMap<String, Does>,
    capacity: usize,
    missed: u32,
    rests_until: Mono,
}

struct Model {
    w: World,
    rng: Rng,
    customers: BTreeMap<String, Customer>,
    agents: BTreeMap<&'static str, Agent>,
    /// Offers that ring: whose and for whom.
    rings: BTreeMap<ReservationId, (&'static str, String)>,
    /// The sessions of chats, by customer.
    chats: BTreeMap<String, SessionId>,
    /// Slots of one agent come free one after the other in this step (after a restart the console comes last):
    /// the line is judged for each kind of slot by itself.
    apart: bool,
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

fn capacity(agent: &str) -> usize {
    match agent {
        "alice" => 2,
        "bob" => 3,
        "carol" => 1,
        _ => 0,
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
    let mut config = config(&AGENTS, vec![sales, gold], numbers);
    for seat in &mut config.seats {
        seat.settings.chats = u32::try_from(capacity(seat.agent.name())).unwrap();
    }
    // Nobody in this world is idle; stories tell of it.
    config.centre.chat_idle_s = u32::MAX;
    config
}

impl Model {
    fn new(seed: u64) -> Self {
        let mut w = World::seeded(centre(seed), seed);
        w.start();
        for name in AGENTS {
            w.consoles.insert(name.to_owned());
            w.asks(name, Verb::Look);
        }
        let agent = |name: &str| Agent {
            is: Is::Ready,
            pending: None,
            does: Does::Nothing,
            chats: BTreeMap::new(),
            capacity: capacity(name),
            missed: 0,
            rests_until: Mono(0),
        };
        Self {
            w,
            rng: Rng::from_u64(seed),
            customers: BTreeMap::new(),
            agents: AGENTS.into_iter().map(|name| (name, agent(name))).collect(),
            rings: BTreeMap::new(),
            chats: BTreeMap::new(),
            apart: false,
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

    // What is told and seen.

    /// Follows the offers that the core made and took back, in order, and judges each.
    fn follow(&mut self) {
        let told: Vec<(String, Told)> = std::mem::take(&mut self.w.told);
        for (agent, what) in told {
            let agent = *AGENTS.iter().find(|a| **a == agent).unwrap();
            match what {
                // Whoever looks is told again what rings; it is the same offer.
                Told::Offered { reservation, .. } if self.rings.contains_key(&reservation) => {}
                Told::Offered { user, reservation, .. } => {
                    self.rings.insert(reservation, (agent, user.bare().to_owned()));
                    self.offered(agent, user.bare());
                }
                Told::Rescinded { reservation, cause } => {
                    let (agent, name) = self.rings.remove(&reservation).expect("it was offered");
                    self.refused(agent, &name, cause);
                }
                _ => {}
            }
        }
    }

    fn offered(&mut self, agent: &'static str, user: &str) {
        self.offers += 1;
        let now = self.w.now.mono;
        let a = &self.agents[agent];
        let chat = self.customers[user].chat;
        assert!(eligible(a, chat, now), "{agent} is offered {user}: {a:?}");
        let judged = |c: &Customer| if self.apart { c.chat == chat } else { eligible(a, c.chat, now) };
        let served = |c: &&Customer| c.at == At::Waiting && serves(agent, c.place.unwrap().0) && judged(c);
        let head = self.customers.values().filter(served).min_by_key(|c| {
            let (_, rank, number) = c.place.unwrap();
            (rank, number)
        });
        let customer = &self.customers[user];
        assert_eq!(customer.leg, head.unwrap().leg, "the head of the line is served first");
        self.customers.get_mut(user).unwrap().at = At::Ringing(agent);
        self.does(agent, user, Does::Rings);
    }

    /// What the agent does in the slot that the customer takes.
    fn does(&mut self, agent: &str, customer: &str, does: Does) {
        let chat = self.customers.get(customer).map(|c| c.chat);
        let a = self.agents.get_mut(agent).unwrap();
        if chat.unwrap_or_else(|| a.chats.contains_key(customer)) {
            a.chats.insert(customer.to_owned(), does);
        } else {
            a.does = does;
        }
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
            compare_chats(name, a, self.w.chats.get(*name).map(Vec::as_slice).unwrap_or_default());
            for c in self.customers.values().filter(|c| c.at == At::Waiting) {
                let queue = c.place.unwrap().0;
                assert!(
                    !(eligible(a, c.chat, now) && serves(name, queue)),
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

fn eligible(a: &Agent, chat: bool, now: Mono) -> bool {
    let works = a.is == Is::Ready && a.pending.is_none_or(|next| next == Is::Ready) && a.rests_until <= now;
    works && if chat { a.chats.len() < a.capacity } else { a.does == Does::Nothing }
}

fn compare_chats(name: &str, a: &Agent, slots: &[Slot]) {
    assert!(slots.len() <= a.capacity, "{name} has more chats than slots: {slots:?}");
    let mut seen = [0; 3];
    for slot in slots {
        let kind = match slot {
            Slot::Reserved { .. } | Slot::Alerting { .. } => 0,
            Slot::Talking { .. } | Slot::Held { .. } | Slot::InIvr { .. } => 1,
            Slot::WrapUp { .. } => 2,
            Slot::Free | Slot::Consulting { .. } => panic!("{name}: {slot:?}"),
        };
        seen[kind] += 1;
    }
    let mut known = [0; 3];
    for does in a.chats.values() {
        match does {
            Does::Rings => known[0] += 1,
            Does::Serves => known[1] += 1,
            Does::WrapsUp(_) => known[2] += 1,
            Does::Nothing => panic!("{name} does nothing in a slot that is not free"),
        }
    }
    assert_eq!(seen, known, "{name} {a:?}: chat slots {slots:?}");
}

/// Now, or after the present contacts; back to work after the present call.
fn become_or_pend(a: &mut Agent, next: Is) {
    let may = a.does == Does::Nothing && (next == Is::Ready || a.chats.is_empty());
    if may {
        a.pending = None;
        become_(a, next);
    } else {
        a.pending = Some(next);
    }
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
