//! Size: ten thousand agents and a hundred thousand who wait. A decision costs the logarithm of it.

use std::time::Duration;

use ngcc_cti_core::{Cti, Input, Output};
use ngcc_proto::access::{Caller, Cause, Event};
use ngcc_proto::config::Route;
use ngcc_proto::seat::{Command, Verb};
use ngcc_proto::{Body, Core, Effect, Envelope, Ids, LegId, Mono, Now, Rng, UserUri, Wall, access, media};

use crate::world::{agent, config, number, queue, sdp};

const AGENTS: usize = 10_000;
const WAITING: usize = 100_000;
const QUEUES: usize = 100;

struct Bench {
    cti: Cti,
    ids: Ids,
    now: Now,
    calls: Vec<LegId>,
    offers: Vec<LegId>,
}

impl Bench {
    fn say(&mut self, body: impl Into<Body>) {
        let envelope = Envelope::new(&mut self.ids, self.now.wall, None, None, body);
        self.cti.handle(Input::Envelope(envelope), self.now);
        while let Some(effect) = self.cti.poll() {
            let Effect::Emit { output: Output::Send(envelope), .. } = effect else { continue };
            match envelope.body {
                Body::MediaCommand(media::Command::Open { leg, offer: None, .. }) => self.offers.push(leg),
                Body::AccessCommand(access::Command::Call { leg, .. }) => self.calls.push(leg),
                _ => {}
            }
        }
    }

    fn arrive(&mut self, n: usize) -> LegId {
        let leg: LegId = self.ids.mint(self.now.wall);
        let user = UserUri::Phone(format!("{n}"));
        let dialled = format!("q{}", n % QUEUES);
        self.say(Event::Arrived {
            lang: None,
            medium: ngcc_proto::fact::Medium::Voice,
            beside: None,
            collab: None,
            leg,
            user,
            display: None,
            dialled,
            caller: Caller::Anonymous,
            offer: Some(sdp()),
        });
        self.say(media::Event::Opened { leg, sdp: sdp() });
        self.say(Event::Answered { leg, sdp: None });
        leg
    }
}

/// Time this thread has run: other tests and other people use the same processors.
fn on_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn a_decision_among_ten_thousand_agents_and_a_hundred_thousand_waiting_is_quick() {
    let names: Vec<String> = (0..AGENTS).map(|n| format!("a{n}")).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    // Every agent serves two queues, so that a hundred queues share them all.
    let members = |q: usize| {
        all.iter().skip(q).step_by(QUEUES).chain(all.iter().skip((q + 1) % QUEUES).step_by(QUEUES))
    };
    let queues = (0..QUEUES)
        .map(|q| {
            let mut queue = queue(&format!("q{q}"), &members(q).copied().collect::<Vec<_>>());
            queue.wrap_up_s = 0;
            queue
        })
        .collect();
    let numbers = (0..QUEUES).map(|q| number(&format!("q{q}"), Route::Queue(format!("q{q}")))).collect();
    let now = Now { mono: Mono(1), wall: Wall(1_700_000_000_000) };
    let mut b = Bench {
        cti: Cti::new(Ids::new(Rng::from_u64(1))),
        ids: Ids::new(Rng::from_u64(2)),
        now,
        calls: vec![],
        offers: vec![],
    };
    b.cti.restored(now);
    b.say(config(&all, queues, numbers));
    for name in &names {
        b.say(Command {
            agent: agent(name),
            session: None,
            what: Verb::NotReady { reason: "before the rush".into() },
        });
    }
    let start = on_cpu();
    for n in 0..WAITING {
        b.now.mono = b.now.mono + Duration::from_micros(1);
        b.arrive(n);
    }
    let per_arrival = (on_cpu() - start) / u32::try_from(WAITING).unwrap();

    let start = on_cpu();
    for name in &names {
        b.say(Command { agent: agent(name), session: None, what: Verb::Ready });
    }
    let per_grant = (on_cpu() - start) / u32::try_from(AGENTS).unwrap();
    assert_eq!(b.offers.len(), AGENTS, "every agent was given a caller");

    // Each refuses by being busy, rests, and is freed into a full house; each is offered the next one.
    let start = on_cpu();
    for leg in std::mem::take(&mut b.offers) {
        b.say(Event::Refused { leg, cause: Cause::Busy });
    }
    b.now = b.now.plus(Duration::from_secs(6));
    b.cti.wake(b.now);
    b.say(Event::Restored { legs: vec![] });
    let per_refusal = (on_cpu() - start) / u32::try_from(AGENTS).unwrap();
    assert_eq!(b.offers.len(), AGENTS, "and again");

    println!(
        "{AGENTS} agents, {WAITING} waiting: arrival {per_arrival:?}, grant {per_grant:?}, refusal and new grant {per_refusal:?}"
    );
    let worst = per_grant.max(per_refusal / 2);
    assert!(worst < Duration::from_micros(100), "a decision took {worst:?}");
}
