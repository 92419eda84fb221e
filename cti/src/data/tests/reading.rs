//! What the REST interface reads and notes.

use ngcc_proto::ask::{Act, Command as Question, Event as Told, Filter};
use ngcc_proto::chat::{Author, Content, Text};

use super::*;

impl Running {
    pub(super) async fn question(&mut self, question: Question) -> Told {
        let answer = self.ask(question).await;
        let Body::AskEvent(event) = answer else { panic!("{}", answer.name()) };
        event
    }

    async fn found(&mut self, filter: Filter) -> Vec<u64> {
        let told = self.question(Question::History { filter }).await;
        let Told::History { sessions } = told else { panic!("{told:?}") };
        sessions.into_iter().map(|s| u64::try_from(s.id.0).unwrap() - 1).collect()
    }
}

/// Opened at second `n`, from customer `tel:n`, with a visit to the queue `q<n % 3>`.
fn visit(n: u64) -> (SessionId, Vec<Fact>) {
    let (session, mut facts) = chain(n);
    if let What::Opened { user, .. } = &mut facts[0].what {
        *user = format!("tel:{n}").parse().unwrap();
    }
    let (queue, since) = (format!("q{}", n % 3), facts[0].mono);
    let queued = What::Queued { queue, priority: 0, since };
    facts.insert(1, Fact { n: 1, what: queued, ..facts[0].clone() });
    facts[2].n = 2;
    (session, facts)
}

fn act(at: i64, n: usize) -> Act {
    Act {
        at: Wall(at),
        user: "sue".to_owned(),
        act: "force_state".to_owned(),
        on: n.to_string(),
        from: "192.0.2.1".to_owned(),
    }
}

#[tokio::test]
async fn history_is_filtered_and_paged_without_missing_sessions_of_one_millisecond() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for n in 0..9 {
        let (session, mut facts) = visit(n);
        if (4..=6).contains(&n) {
            facts.iter_mut().for_each(|fact| fact.at = Wall(5000));
        }
        running.send(data::Command::Store { session, facts });
    }
    running.stored((0..9).map(|n| chain(n).0).collect()).await;
    let all = Filter { limit: 200, ..Filter::default() };
    assert_eq!(running.found(all.clone()).await, [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    let page = running.found(Filter { limit: 3, ..all.clone() }).await;
    assert_eq!(page, [8, 7, 6, 5, 4], "those of the last one's millisecond come too");
    let next = running.found(Filter { limit: 3, before: Some(Wall(5000)), ..all.clone() }).await;
    assert_eq!(next, [3, 2, 1]);
    assert_eq!(running.found(Filter { queue: Some("q1".to_owned()), ..all.clone() }).await, [7, 4, 1]);
    assert_eq!(running.found(Filter { user: Some("tel:5".to_owned()), ..all.clone() }).await, [5]);
    assert_eq!(
        running.found(Filter { agent: Some("alice".to_owned()), ..all.clone() }).await,
        Vec::<u64>::new()
    );
    assert_eq!(
        running.found(Filter { user: Some("' OR 1=1 --".to_owned()), ..all.clone() }).await,
        Vec::<u64>::new()
    );
    assert_eq!(running.found(Filter { limit: 0, ..all }).await, [8], "at least one");
}

#[tokio::test]
async fn a_transcript_comes_from_the_message_store_while_the_session_lives_and_from_its_record_afterwards() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let (session, mut facts) = chain(3);
    let keep = |key: &str, private| data::Command::Keep {
        session,
        sender: "customer".to_owned(),
        key: key.to_owned(),
        by: Author::Customer,
        content: Content::Text { text: Text(key.to_owned()), choices: Vec::new() },
        private,
    };
    running.ask(keep("a", false)).await;
    running.ask(keep("b", true)).await;
    let told = running.question(Question::Transcript { session }).await;
    let Told::Transcript { closed: None, facts: none, messages, .. } = told else { panic!("{told:?}") };
    assert_eq!((none.len(), messages.len()), (0, 2));
    let (seq, message) = (1, messages[0].id);
    let said = What::Said { seq, message, by: By::Customer };
    facts.insert(1, Fact { n: 1, what: said, ..facts[0].clone() });
    facts[2].n = 2;
    running.send(data::Command::Store { session, facts: facts.clone() });
    running.stored([session].into()).await;
    running.ask(keep("c", false)).await;
    let told = running.question(Question::Transcript { session }).await;
    let Told::Transcript { closed: Some(closed), facts: stored, messages: kept, .. } = told else {
        panic!("{told:?}")
    };
    assert_eq!((closed.id, closed.messages, stored, kept), (session, 2, facts, messages));
    let nothing = running.question(Question::Transcript { session: SessionId(99) }).await;
    let (facts, messages, recordings) = (Vec::new(), Vec::new(), Vec::new());
    assert_eq!(nothing, Told::Transcript { closed: None, facts, messages, recordings });
}

#[tokio::test]
async fn the_audit_is_only_added_to_and_read_newest_first() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for (n, at) in [10, 20, 20, 20, 30].into_iter().enumerate() {
        assert_eq!(running.question(Question::Note { act: act(at, n) }).await, Told::Noted);
    }
    let too_long = Act { user: "x".repeat(300), ..act(40, 9) };
    assert!(matches!(running.question(Question::Note { act: too_long }).await, Told::Failed { .. }));
    running.stop().await;
    let mut again = Running::start(&place).await;
    let told = again.question(Question::Audit { before: None, limit: 2 }).await;
    assert_eq!(told, Told::Audit { acts: vec![act(30, 4), act(20, 3), act(20, 2), act(20, 1)] });
    let told = again.question(Question::Audit { before: Some(Wall(20)), limit: 2 }).await;
    assert_eq!(told, Told::Audit { acts: vec![act(10, 0)] });
    let database = Database::open(&place.0).await.unwrap();
    for sql in ["DELETE FROM audit", "UPDATE audit SET user = 'nobody'"] {
        let refused = sqlx::query(sql).execute(&database.write).await.unwrap_err().to_string();
        assert!(refused.contains("the audit is not"), "{refused}");
    }
}
