//! What can happen in the model's world, drawn by chance; the model first does what it expects of the core.

use std::time::Duration;

use ngcc_proto::access::{self, Cause, Stage};
use ngcc_proto::bcsm::BackBecause;
use ngcc_proto::fact::Medium;
use ngcc_proto::seat::{Device, Verb};
use ngcc_proto::{Core, LegId, Mono, ReservationId, UserUri, flow};

use super::{AGENTS, At, Customer, Does, Is, MAX_CUSTOMERS, Model, become_or_pend, max_missed, wrap_up_s};
use crate::world::sdp;

impl Model {
    // What happens.

    pub(super) fn step(&mut self) -> &'static str {
        self.w.sent.clear();
        self.w.told.clear();
        self.w.clients.clear();
        self.apart = false;
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
        let chat = self.rng.below(2) == 0;
        let stage = if chat { Stage::Answered } else { Stage::Arrived };
        self.w.edge.insert(leg, crate::world::EdgeLeg { stage, phone: None });
        let user = if chat { UserUri::Web(name.clone()) } else { UserUri::Phone(name.clone()) };
        let caller = access::Caller::Anonymous;
        let arrived = access::Event::Arrived {
            lang: None,
            medium: if chat { Medium::Chat } else { Medium::Voice },
            beside: None,
            collab: None,
            leg,
            user,
            display: None,
            dialled: dialled.into(),
            caller,
            offer: (!chat).then(sdp),
        };
        let customer = Customer { leg, chat, at: At::Flow, place: None, run: None, turn: 0 };
        self.customers.insert(name.clone(), customer);
        match dialled {
            "2000" => self.waits(&name, "sales"),
            "2001" => self.waits(&name, "gold"),
            _ => {}
        }
        self.w.say(arrived);
        if chat {
            self.chats.insert(name.clone(), self.w.session_of(leg));
        }
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
        self.does(agent, &name, Does::Serves);
        self.agents.get_mut(agent).unwrap().missed = 0;
        self.joins += 1;
        let reservation = self.ringing(&name);
        self.rings.remove(&reservation);
        if self.customers[&name].chat {
            self.w.asks(agent, Verb::Accept { reservation });
        } else {
            self.w.answer(agent);
        }
        "agent answers"
    }

    fn agent_refuses(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| matches!(c.at, At::Ringing(_))) else { return "nothing rings" };
        let At::Ringing(agent) = self.customers[&name].at else { unreachable!() };
        let cause = self.any(&[Cause::Busy, Cause::Declined, Cause::NoAnswer, Cause::NotRegistered]).unwrap();
        if self.customers[&name].chat {
            let reservation = self.ringing(&name);
            self.w.asks(agent, Verb::Decline { reservation, reason: None });
        } else {
            self.w.refuse(agent, cause);
        }
        "agent refuses"
    }

    fn ringing(&self, name: &str) -> ReservationId {
        *self.rings.iter().find(|(_, (_, customer))| customer == name).expect("it rings").0
    }

    /// What the agent asks about one contact.
    fn asks_about(&mut self, agent: &str, name: &str, what: Verb) {
        self.w.asks_about(agent, self.chats[name], what);
    }

    /// An offer is over without an answer: told by the core, weighed by the model's own rules.
    pub(super) fn refused(&mut self, agent: &'static str, name: &str, cause: Cause) {
        let now = self.w.now.mono;
        let queue = self.customers.get_mut(name).map(|c| {
            c.at = At::Waiting;
            c.place.unwrap().0
        });
        self.free(agent, name);
        let a = self.agents.get_mut(agent).unwrap();
        let counts =
            matches!(cause, Cause::Declined | Cause::NoAnswer | Cause::NotRegistered | Cause::Unreachable);
        if matches!(cause, Cause::Cancelled | Cause::Lost) {
            return;
        }
        if counts && a.is == Is::Ready {
            a.missed += 1;
            if a.missed >= max_missed(queue.unwrap()) {
                become_or_pend(a, Is::NotReady);
            }
        }
        // Whoever is not ready is left in peace anyway.
        a.rests_until = if a.is == Is::Ready { Mono(now.0 + 5_000_000) } else { Mono(0) };
    }

    /// The slot in which the customer was is free.
    pub(super) fn free(&mut self, agent: &'static str, name: &str) {
        let a = self.agents.get_mut(agent).unwrap();
        if a.chats.remove(name).is_none() {
            a.does = Does::Nothing;
        }
        if let Some(next) = a.pending.take() {
            become_or_pend(a, next);
        }
    }

    fn customer_hangs_up(&mut self) -> &'static str {
        let Some(name) = self.someone(|_| true) else { return "nobody is there" };
        self.over(&name, true);
        "customer hangs up"
    }

    /// The session is over; the owner wraps up.
    pub(super) fn over(&mut self, name: &str, by_customer: bool) {
        let c = self.customers.remove(name).unwrap();
        let now = self.w.now.mono;
        let (mut agent_leg, mut served_by) = (None, None);
        match c.at {
            At::Talk(agent) | At::Held(agent) | At::InIvr(agent) => {
                agent_leg = self.w.agent_leg(agent).filter(|_| !c.chat);
                let seconds = wrap_up_s(c.place.unwrap().0);
                if seconds == 0 {
                    self.free(agent, name);
                } else {
                    self.does(agent, name, Does::WrapsUp(Mono(now.0 + seconds * 1_000_000)));
                }
                served_by = Some(agent);
            }
            At::Flow | At::Waiting | At::Ringing(_) | At::Unattended => {}
        }
        if by_customer {
            self.w.hang_up(c.leg);
            assert!(agent_leg.is_none_or(|leg| !self.w.edge.contains_key(&leg)), "the agent is released");
        } else if c.chat {
            self.asks_about(served_by.unwrap(), name, Verb::HangUp);
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
        self.free(agent, &name);
        if self.customers[&name].chat {
            self.asks_about(agent, &name, Verb::HangUp);
        } else {
            self.w.agent_hangs_up(agent);
        }
        "agent is lost while the automation serves"
    }

    fn hand_over(&mut self) -> &'static str {
        let with = |c: &Customer| matches!(c.at, At::Talk(_)) && c.run.is_some();
        let Some(name) = self.someone(with) else { return "nobody to hand over" };
        let c = self.customers.get_mut(&name).unwrap();
        let At::Talk(agent) = c.at else { unreachable!() };
        (c.at, c.turn) = (At::InIvr(agent), c.turn + 1);
        if c.chat {
            self.asks_about(agent, &name, Verb::ToAuto { flow: None, args: flow::Vars::new() });
        } else {
            let leg = self.w.agent_leg(agent).unwrap();
            self.w.keys(leg, "*8");
        }
        "to-auto"
    }

    fn take_back(&mut self) -> &'static str {
        let Some(name) = self.someone(|c| matches!(c.at, At::InIvr(_))) else { return "nobody to take back" };
        let c = self.customers.get_mut(&name).unwrap();
        let At::InIvr(agent) = c.at else { unreachable!() };
        c.at = At::Talk(agent);
        if c.chat {
            self.asks_about(agent, &name, Verb::TakeBack);
        } else {
            let leg = self.w.agent_leg(agent).unwrap();
            self.w.keys(leg, "*9");
        }
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
        if c.chat {
            self.asks_about(agent, &name, Verb::Hold { on: held });
        } else {
            let leg = self.w.agent_leg(agent).unwrap();
            self.w.say(access::Event::HoldAsked { leg, held });
        }
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
            if a.is == next && next == Is::Ready {
                a.pending = None;
            } else {
                become_or_pend(a, next);
            }
        }
        self.w.asks(name, verb);
        "agent asks"
    }

    fn end_wrap_up(&mut self, name: &'static str) -> &'static str {
        let wraps_up = |does: &Does| matches!(does, Does::WrapsUp(_));
        let chat = self.agents[name].chats.iter().find(|(_, does)| wraps_up(does)).map(|(c, _)| c.clone());
        if let Some(customer) = chat {
            self.free(name, &customer);
            self.asks_about(name, &customer, Verb::EndWrapUp);
            return "end a chat's wrap-up";
        }
        if wraps_up(&self.agents[name].does) {
            self.free(name, "");
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
            let over = |does: &Does| matches!(does, Does::WrapsUp(until) if *until <= now);
            if over(&self.agents[name].does) {
                self.free(name, "");
                self.apart = true;
            }
            let chats = self.agents[name].chats.iter().filter(|(_, does)| over(does));
            for customer in chats.map(|(customer, _)| customer.clone()).collect::<Vec<_>>() {
                self.free(name, &customer);
            }
        }
        self.w.pass(Duration::ZERO);
        "time passes"
    }

    fn crash(&mut self) -> &'static str {
        self.crashes += 1;
        self.apart = true;
        for agent in self.agents.values_mut() {
            agent.rests_until = Mono(0);
        }
        self.w.crash();
        "crash"
    }
}
