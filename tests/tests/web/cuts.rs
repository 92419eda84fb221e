//! A thousand connections cut at random while both sides write: none of it is lost, doubled or out of order. With
//! `NGCC_SOAK` ten thousand.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ngcc_tests::centre::Centre;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{QUEUE, catalogue};
use crate::page::Page;

const PAIRS: usize = 4;
/// How often a side writes: twenty in ten seconds is the most a customer may.
const PACE: Duration = Duration::from_millis(900);

/// In what time 99 of a hundred connections are to be back with everything that was missed.
const RESUME: Duration = Duration::from_millis(300);

/// A small generator, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Cuts connections off: by an end, by a reset, or by silence, in which the old one stands until the next of its kind.
#[derive(Default)]
struct Scissors {
    silent: Option<Page>,
}

impl Scissors {
    fn cut(&mut self, page: Option<Page>, dice: &mut Dice) {
        let page = page.expect("a page");
        match dice.below(3) {
            0 => drop(page),
            1 => page.reset(),
            _ => self.silent = Some(page),
        }
    }
}

/// What one side has written, in order, and what of it is not acknowledged.
#[derive(Default)]
struct Written {
    all: Vec<String>,
    open: VecDeque<String>,
    due: Option<Instant>,
    resumes: Vec<Duration>,
}

impl Written {
    /// The next text, once it is time and the last one is on disk: as the widget does.
    fn next(&mut self, who: &str) -> Option<String> {
        let due = self.due.is_none_or(|due| Instant::now() >= due) && self.open.is_empty();
        due.then(|| {
            self.due = Some(Instant::now() + PACE);
            let text = format!("{who}-{}", self.all.len());
            self.all.push(text.clone());
            self.open.push_back(text.clone());
            text
        })
    }

    fn acked(&mut self, key: &str) {
        self.open.retain(|open| open != key);
    }
}

async fn customer_side(mut ann: Customer, cuts: usize, seed: u64) -> (Customer, Written) {
    let (mut dice, mut written, mut cut) = (Dice(seed), Written::default(), 0);
    let mut scissors = Scissors::default();
    while cut < cuts || !written.open.is_empty() {
        let until = Instant::now() + Duration::from_millis(20 + dice.below(150));
        while Instant::now() < until {
            if let Some(text) = written.next("customer") {
                ann.write(&text, &text).await;
            }
            let wait = until.saturating_duration_since(Instant::now());
            let Ok(frame) = timeout(wait, ann.page.as_mut().unwrap().read()).await else { continue };
            let frame = frame.expect("the centre never cuts a customer");
            ann.noted(&frame);
            match frame["type"].as_str() {
                Some("ack") => written.acked(frame["id"].as_str().unwrap_or_default()),
                // What is sent again counts too; it is sent once more a little later.
                Some("nack") => assert_eq!(frame["data"]["code"], "too_many", "{frame}"),
                Some("error" | "close") => panic!("{frame}"),
                _ => {}
            }
        }
        if cut < cuts {
            cut += 1;
            scissors.cut(ann.page.take(), &mut dice);
            let begun = Instant::now();
            ann.connect().await;
            loop {
                let frame = ann.page.as_mut().unwrap().read().await.expect("a page");
                ann.noted(&frame);
                if frame["type"] == "ack" {
                    written.acked(frame["id"].as_str().unwrap_or_default());
                }
                if frame["type"] == "replayed" {
                    break;
                }
            }
            written.resumes.push(begun.elapsed());
        }
        for text in written.open.clone() {
            ann.write(&text, &text).await;
        }
    }
    (ann, written)
}

async fn agent_side(mut agent: Agent, session: String, cuts: usize, seed: u64) -> (Agent, Written) {
    let (mut dice, mut written, mut cut) = (Dice(seed), Written::default(), 0);
    let mut scissors = Scissors::default();
    let take = |frame: &Value, written: &mut Written| {
        let data = &frame["data"];
        match data["type"].as_str() {
            Some("accepted") => written.acked(data["key"].as_str().unwrap_or_default()),
            Some("not_accepted") => panic!("{frame}"),
            _ => {}
        }
    };
    while cut < cuts || !written.open.is_empty() {
        let until = Instant::now() + Duration::from_millis(50 + dice.below(400));
        while Instant::now() < until {
            if let Some(text) = written.next("agent") {
                agent.write(&session, &text, &text).await;
            }
            let wait = until.saturating_duration_since(Instant::now());
            let Ok(frame) = timeout(wait, agent.page.as_mut().unwrap().read()).await else { continue };
            let frame = frame.expect("the centre never cuts an agent");
            agent.noted(&frame);
            take(&frame, &mut written);
        }
        if cut < cuts {
            cut += 1;
            scissors.cut(agent.page.take(), &mut dice);
            let begun = Instant::now();
            agent.connect().await;
            let after = agent.lines.keys().filter(|(of, _)| *of == session).map(|(_, seq)| *seq).max();
            agent.tell(Some(&session), json!({ "type": "resume", "after": after.unwrap_or(0) })).await;
            loop {
                let frame = agent.page.as_mut().unwrap().read().await.expect("a console");
                agent.noted(&frame);
                take(&frame, &mut written);
                if frame["data"]["type"] == "replay" && frame["data"]["more"] == false {
                    break;
                }
            }
            written.resumes.push(begun.elapsed());
            for text in written.open.clone() {
                agent.write(&session, &text, &text).await;
            }
        }
    }
    (agent, written)
}

#[tokio::test]
async fn a_thousand_cuts_of_visitors_and_agents_while_both_write_lose_double_and_reorder_nothing() {
    let soak = std::env::var_os("NGCC_SOAK").is_some();
    let cuts = if soak { 10_000 } else { 1_000 };
    let names = ["alice", "bob", "dave", "erin"];
    let mut house = catalogue();
    let (user, agent) = (house.users[0].clone(), house.agents[0].clone());
    for name in &names[2..] {
        house.users.push(ngcc_proto::config::User { name: (*name).to_owned(), ..user.clone() });
        house.agents.push(ngcc_proto::config::Agent { name: (*name).to_owned(), ..agent.clone() });
    }
    house.agents.iter_mut().for_each(|agent| agent.chats = 1);
    house.queues[0].members = ngcc_tests::house::queue("help", &names).members;
    let centre = Centre::start_with(&house, &[]).await;
    let mut sides = Vec::new();
    for (n, name) in names.iter().enumerate().take(PAIRS) {
        let mut agent = Agent::ready(&centre, name).await;
        let mut ann = Customer::new(&centre, QUEUE).await;
        ann.say("k0", "Hello?").await;
        let session = agent.accept().await;
        // A console comes back with a ticket. A sign-in gets five a second in the long run, and cuts of one are further
        // apart than that (`agent_side`): however many there are, none waits for its ticket.
        let agents = cuts / PAIRS / 4;
        let seed = 0x9E37_79B9_7F4A_7C15 ^ (n as u64 + 1);
        let customer = tokio::spawn(customer_side(ann, cuts / PAIRS - agents, seed));
        let agent = tokio::spawn(agent_side(agent, session.clone(), agents, seed.rotate_left(17)));
        sides.push((session, customer, agent));
    }
    let mut resumes = Vec::new();
    for (session, customer, agent) in sides {
        let ((mut ann, said), (mut agent, answered)) = (customer.await.unwrap(), agent.await.unwrap());
        // The last words of each reach the other.
        ann.reads(answered.all.last().unwrap()).await;
        agent.reads(&session, said.all.last().unwrap()).await;
        let of = |texts: &[String], who: &str| -> Vec<String> {
            texts.iter().filter(|t| t.starts_with(who)).cloned().collect()
        };
        let read: Vec<String> =
            ann.messages.values().filter_map(|m| m["content"]["text"].as_str().map(str::to_owned)).collect();
        let seen = agent.texts(&session);
        for texts in [&read, &seen] {
            assert_eq!(of(texts, "customer-"), said.all);
            assert_eq!(of(texts, "agent-"), answered.all);
        }
        assert_eq!(read, seen, "both have one order");
        resumes.extend(said.resumes);
        resumes.extend(answered.resumes);
    }
    resumes.sort();
    let of = |percent: usize| resumes[(resumes.len() - 1) * percent / 100];
    println!("{} cuts; back after p50 {:?}, p99 {:?}, at most {:?}", resumes.len(), of(50), of(99), of(100));
    assert!(resumes.len() >= cuts, "{} of {cuts}", resumes.len());
    // The short form shares the machine with every other test.
    assert!(!soak || of(99) < RESUME, "p99 {:?}", of(99));
}
