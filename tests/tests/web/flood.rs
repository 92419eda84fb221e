//! One visitor floods the centre as fast as the connection takes it; the others' words are acknowledged as before. With
//! `NGCC_SOAK` for a minute, and 99 of a hundred within 200 ms.

use std::time::{Duration, Instant};

use ngcc_tests::centre::Centre;
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};

use crate::agent::Agent;
use crate::customer::Customer;
use crate::house::{QUEUE, one_agent};

/// What 99 of a hundred acknowledgements take at the most.
const PROMISE: Duration = Duration::from_millis(200);
/// The short form shares the machine with every other test.
const SHARED: u32 = 5;
/// A customer who writes so often is never told that it is too much.
const PACE: Duration = Duration::from_millis(600);

/// Writes without a pause and reads what comes; whoever is cut off for it comes back.
async fn flood(mut eve: Customer, over: watch::Receiver<bool>) -> u64 {
    let mut written = 0;
    while !*over.borrow() {
        let text = format!("flood-{written}");
        eve.write(&text, &text).await;
        written += 1;
        if written % 50 == 0 {
            let read = timeout(Duration::from_millis(1), eve.page.as_mut().expect("a page").read()).await;
            if !matches!(read, Err(_) | Ok(Some(_))) {
                eve.cut();
                eve.connect().await;
            }
        }
    }
    written
}

/// How long each word of a customer takes to be on disk.
async fn speaks(mut ann: Customer, who: usize, until: Instant) -> Vec<Duration> {
    let (mut took, mut due) = (Vec::new(), Instant::now());
    while due < until {
        sleep_until(due.into()).await;
        let (begun, text) = (Instant::now(), format!("word-{who}-{}", took.len()));
        ann.say(&text, &text).await;
        took.push(begun.elapsed());
        due += PACE;
    }
    took
}

#[tokio::test]
async fn one_visitor_who_floods_does_not_slow_the_others() {
    let soak = std::env::var_os("NGCC_SOAK").is_some();
    let centre = Centre::start_with(&one_agent(), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut customers = Vec::new();
    for _ in 0..3 {
        let mut ann = Customer::new(&centre, QUEUE).await;
        ann.begin().await;
        alice.accept().await;
        customers.push(ann);
    }
    let mut eve = Customer::new(&centre, QUEUE).await;
    eve.begin().await;
    let (tell, over) = watch::channel(false);
    let flooding = tokio::spawn(flood(eve, over));
    let until = Instant::now() + if soak { Duration::from_secs(60) } else { Duration::from_secs(4) };
    let speaking: Vec<_> =
        customers.into_iter().enumerate().map(|(who, ann)| tokio::spawn(speaks(ann, who, until))).collect();
    let mut took = Vec::new();
    for speaking in speaking {
        took.extend(speaking.await.expect("everything was acknowledged"));
    }
    tell.send_replace(true);
    let written = flooding.await.expect("the flood");
    took.sort();
    let of = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!(
        "{} words beside {written}: p50 {:?}, p99 {:?}, at most {:?}",
        took.len(),
        of(50),
        of(99),
        of(100)
    );
    assert!(written > 1000, "that is no flood: {written}");
    assert!(of(99) < if soak { PROMISE } else { PROMISE * SHARED }, "p99 {:?}", of(99));
}
