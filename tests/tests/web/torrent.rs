//! Customers and agents write while the centre is killed over and over, each time 300 ms after it was ready, and every
//! fiftieth message is followed by a lost connection: none is lost, doubled or out of order at either end, nor in the
//! store. With `NGCC_SOAK` a million messages in twenty rounds of chats, and the kills go on until the last has come.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use ngcc_tests::centre::Centre;
use serde_json::{Value, json};
use sqlx::Row as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{QUEUE, catalogue, store};

/// How long each start lives.
const LIFE: Duration = Duration::from_millis(300);
/// Every so many messages the connection is lost.
const CUT_EACH: usize = 50;
/// How long is waited for a frame before it is looked whether something is to be written.
const LOOK: Duration = Duration::from_millis(20);
/// A page has 200 frames in ten seconds: an agent who writes slower than that is never cut off for it.
const AGENT_PACE: Duration = Duration::from_millis(60);
/// How long a customer who wrote too much waits.
const TOO_MUCH: Duration = Duration::from_millis(500);
/// How long anybody may wait to be let in, through however many kills.
const LET_IN: Duration = Duration::from_secs(120);

/// How much is written, by whom.
#[derive(Clone, Copy)]
struct Load {
    /// How often all chats begin anew.
    rounds: usize,
    agents: usize,
    /// Chats of each agent.
    chats: usize,
    /// Messages of the customer in each chat, and of the agent.
    theirs: usize,
    ours: usize,
    /// After how many kills the centre may live; none: only at the end.
    kills: Option<usize>,
}

impl Load {
    fn of_this_run() -> Self {
        if std::env::var_os("NGCC_SOAK").is_some() {
            return Self { rounds: 20, agents: 25, chats: 20, theirs: 80, ours: 20, kills: None };
        }
        Self { rounds: 1, agents: 3, chats: 4, theirs: 60, ours: 15, kills: Some(8) }
    }
}

/// One side's texts in one chat: one at a time is under way, as pages do it.
struct Writing {
    who: String,
    of: usize,
    /// How many are on disk.
    done: usize,
    under_way: bool,
}

impl Writing {
    fn new(who: &str, chat: usize, of: usize) -> Self {
        Self { who: format!("{who}-{chat}"), of, done: 0, under_way: false }
    }

    fn text(&self) -> String {
        format!("{}-{}", self.who, self.done)
    }

    /// What is to be sent now, for the first time or again.
    fn next(&mut self) -> Option<String> {
        let next = (!self.under_way && self.done < self.of).then(|| self.text());
        self.under_way |= next.is_some();
        next
    }

    fn acked(&mut self, key: &str) {
        if self.under_way && key == self.text() {
            (self.done, self.under_way) = (self.done + 1, false);
        }
    }

    fn is_done(&self) -> bool {
        self.done == self.of
    }
}

/// What one side has read of a chat: each text of either is the next one.
struct Reading {
    chat: usize,
    customers: usize,
    agents: usize,
    /// The last number taken.
    seq: u64,
}

impl Reading {
    fn new(chat: usize) -> Self {
        Self { chat, customers: 0, agents: 0, seq: 0 }
    }

    fn takes(&mut self, message: &Value) {
        self.seq = message["seq"].as_u64().expect("a number");
        if let Some(text) = message["content"]["text"].as_str() {
            self.takes_text(text);
        }
    }

    fn takes_text(&mut self, text: &str) {
        let chat = self.chat;
        if text.starts_with("customer") {
            assert_eq!(text, format!("customer-{chat}-{}", self.customers), "a customer's text is the next");
            self.customers += 1;
        } else if text.starts_with("agent") {
            assert_eq!(text, format!("agent-{chat}-{}", self.agents), "an agent's text is the next");
            self.agents += 1;
        }
    }

    fn has_all(&self, load: Load) -> bool {
        (self.customers, self.agents) == (load.theirs, load.ours)
    }
}

/// A customer writes and reads until everything is through.
async fn page(mut ann: Customer, chat: usize, load: Load) -> Customer {
    let (mut writing, mut reading) = (Writing::new("customer", chat, load.theirs), Reading::new(chat));
    let (mut pause, mut cut_next) = (Instant::now(), CUT_EACH / 2);
    while !(writing.is_done() && reading.has_all(load)) {
        while let Some((_, message)) = ann.messages.range(reading.seq + 1..).next() {
            reading.takes(message);
        }
        // The page knows the last number it has; the rest of what it has read is not needed again.
        let last = reading.seq;
        ann.messages.retain(|seq, _| *seq >= last);
        if Instant::now() >= pause
            && let Some(text) = writing.next()
        {
            ann.write(&text, &text).await;
            if writing.done == cut_next {
                cut_next += CUT_EACH;
                ann.cut();
            }
        }
        let read = match &mut ann.page {
            Some(page) => timeout(LOOK, page.read()).await,
            None => Ok(None),
        };
        match read {
            Err(_) => {}
            Ok(Some(frame)) if frame["type"] != "close" => {
                ann.noted(&frame);
                match frame["type"].as_str() {
                    Some("ack") => writing.acked(frame["id"].as_str().unwrap_or_default()),
                    Some("nack") => {
                        assert_eq!(frame["data"]["code"], "too_many", "{frame}");
                        (writing.under_way, pause) = (false, Instant::now() + TOO_MUCH);
                    }
                    Some("error" | "session.closed") => panic!("{frame}"),
                    _ => {}
                }
            }
            Ok(_) => {
                ann.cut();
                let begun = Instant::now();
                while ann.try_connect().await.is_none() {
                    again(begun).await;
                }
                // What is not acknowledged is sent again by its key.
                writing.under_way = false;
            }
        }
    }
    ann
}

/// Whoever is not let in tries again: many starts may die before it comes to that on a machine that has other work too.
async fn again(begun: Instant) {
    assert!(begun.elapsed() < LET_IN, "nobody is let in");
    sleep(LOOK).await;
}

/// One chat of an agent's.
struct Chat {
    session: String,
    writing: Writing,
    reading: Reading,
}

/// An agent writes and reads in all chats until everything is through.
async fn console(mut agent: Agent, mut chats: Vec<Chat>, load: Load) -> Agent {
    let mut due = Instant::now();
    while !chats.iter().all(|chat| chat.writing.is_done() && chat.reading.has_all(load)) {
        for Chat { session, reading, .. } in &mut chats {
            // A number that is missing still comes: by the answer to `resume`.
            while let Some(message) = agent.lines.remove(&(session.clone(), reading.seq + 1)) {
                reading.takes(&message);
            }
        }
        if Instant::now() >= due
            && let Some((session, text)) =
                chats.iter_mut().find_map(|c| Some((c.session.clone(), c.writing.next()?)))
        {
            due = Instant::now() + AGENT_PACE;
            agent.write(&session, &text, &text).await;
        }
        let read = timeout(LOOK, agent.page.as_mut().expect("a console").read()).await;
        match read {
            Err(_) => {}
            Ok(Some(frame)) if frame["type"] != "close" => {
                agent.noted(&frame);
                let data = &frame["data"];
                assert_ne!(data["type"], "not_accepted", "{frame}");
                if data["type"] == "accepted" {
                    let key = data["key"].as_str().unwrap_or_default();
                    chats.iter_mut().for_each(|chat| chat.writing.acked(key));
                }
            }
            Ok(_) => {
                agent.cut();
                let begun = Instant::now();
                while agent.try_connect().await.is_none() {
                    again(begun).await;
                }
                for Chat { session, writing, reading } in &mut chats {
                    writing.under_way = false;
                    agent.tell(Some(session), json!({ "type": "resume", "after": reading.seq })).await;
                }
                // What was read twice over is not kept.
                agent.lines.retain(|(of, seq), _| {
                    chats.iter().any(|chat| chat.session == *of && *seq > chat.reading.seq)
                });
            }
        }
    }
    agent
}

/// Kills the centre 300 ms after each readiness, until there were enough or everything is over; how often it did.
async fn kills(mut centre: Centre, load: Load, mut over: watch::Receiver<bool>) -> (Centre, usize) {
    let mut kills = 0;
    while load.kills.is_none_or(|most| kills < most) {
        tokio::select! {
            _ = over.wait_for(|over| *over) => break,
            () = sleep(LIFE) => {}
        }
        centre.crash().await;
        kills += 1;
    }
    (centre, kills)
}

/// A centre with that many agents at work.
async fn staffed(load: Load) -> (Centre, Vec<Agent>) {
    let mut house = catalogue();
    let (user, seat) = (house.users[0].clone(), house.agents[0].clone());
    let names: Vec<String> = (0..load.agents).map(|n| format!("agent{n:02}")).collect();
    for name in &names {
        house.users.push(ngcc_proto::config::User { name: name.clone(), ..user.clone() });
        let chats = u32::try_from(load.chats).expect("a few");
        house.agents.push(ngcc_proto::config::Agent { name: name.clone(), chats, ..seat.clone() });
    }
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    house.queues[0].members = ngcc_tests::house::queue("help", &members).members;
    let (centre, mut agents) = (Centre::start_with(&house, &[]).await, Vec::new());
    for (n, name) in (0..).zip(&names) {
        let mut agent = Agent::person_from(home(n), &centre, name).await;
        agent.connect().await;
        agent.work().await;
        agents.push(agent);
    }
    (centre, agents)
}

/// Where an agent and their customers come from: one address may only do so much in a minute.
fn home(agent: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 8, u8::try_from(agent + 1).expect("a few"))
}

/// Each agent gets as many chats as they take.
async fn begin(centre: &Centre, agents: Vec<Agent>, load: Load) -> (Vec<Customer>, Vec<(Agent, Vec<Chat>)>) {
    let (mut customers, mut busy) = (Vec::new(), Vec::new());
    for (n, mut agent) in agents.into_iter().enumerate() {
        let mut chats = Vec::new();
        for _ in 0..load.chats {
            let (mut ann, chat) = (Customer::new_from(home(n), centre, QUEUE).await, customers.len());
            let session = ann.begin().await;
            // Whoever is offered it, it is one of those who have a place left: here they are asked in their order.
            assert_eq!(agent.accept().await, session);
            let writing = Writing::new("agent", chat, load.ours);
            chats.push(Chat { session, writing, reading: Reading::new(chat) });
            customers.push(ann);
        }
        busy.push((agent, chats));
    }
    (customers, busy)
}

/// What is stored of each chat is what both sides have read.
async fn stored(centre: &Centre, sessions: &[String], load: Load) {
    let mut stored = store(centre, "customers.db").await;
    for (chat, session) in sessions.iter().enumerate() {
        let rows = sqlx::query("SELECT body FROM messages WHERE session = ? ORDER BY seq").bind(session);
        let mut reading = Reading::new(chat);
        for row in rows.fetch_all(&mut stored).await.expect("the messages of a chat") {
            let body: Value = serde_json::from_str(row.get("body")).expect("a message is JSON");
            if let Some(text) = body["content"]["text"].as_str() {
                reading.takes_text(text);
            }
        }
        assert!(reading.has_all(load), "{session}: {} and {} stored", reading.customers, reading.agents);
    }
}

/// All chats once, from their beginning to their end, through kills.
async fn round(centre: Centre, agents: Vec<Agent>, load: Load) -> (Centre, Vec<Agent>, usize) {
    let (customers, busy) = begin(&centre, agents, load).await;
    let sessions: Vec<String> =
        busy.iter().flat_map(|(_, chats)| chats.iter().map(|chat| chat.session.clone())).collect();
    let (tell, over) = watch::channel(false);
    let killing = tokio::spawn(kills(centre, load, over));
    let (mut pages, mut consoles) = (JoinSet::new(), JoinSet::new());
    for (chat, ann) in customers.into_iter().enumerate() {
        pages.spawn(page(ann, chat, load));
    }
    for (agent, chats) in busy {
        consoles.spawn(console(agent, chats, load));
    }
    let (customers, mut agents) = (pages.join_all().await, consoles.join_all().await);
    tell.send_replace(true);
    let (centre, kills) = killing.await.expect("it was killed and started");
    assert!(load.kills.is_none_or(|wanted| kills == wanted), "{kills} kills");
    stored(&centre, &sessions, load).await;
    for mut ann in customers {
        ann.cut();
        ann.connect().await;
        ann.end().await;
    }
    agents.sort_by(|a, b| a.name.cmp(&b.name));
    for agent in &mut agents {
        agent.cut();
        agent.connect().await;
    }
    (centre, agents, kills)
}

#[tokio::test]
async fn a_torrent_of_messages_through_kills_300_ms_after_each_readiness_loses_doubles_and_reorders_nothing()
{
    let load = Load::of_this_run();
    let (mut centre, mut agents) = staffed(load).await;
    let (begun, mut all, mut killed) = (Instant::now(), 0, 0);
    for _ in 0..load.rounds {
        let kills;
        (centre, agents, kills) = round(centre, agents, load).await;
        (all, killed) = (all + load.agents * load.chats * (load.theirs + load.ours), killed + kills);
        println!("{all} messages in {:?}, {killed} kills", begun.elapsed());
    }
}
