//! Customers who write letters: threads, what comes back, guarded ways, and crashes between a letter and its mark.

use ngcc_proto::config::{ChannelKind, MailMark};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::{Fault, Provider, Ways};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::channels::{ANN, house};
use crate::chat::{lines, stored};
use crate::house::{HELLO, MENU, QUEUE};

/// A letter from elsewhere.
fn letter(from: &str, headers: &str, text: &str) -> Vec<u8> {
    format!("From: {from}\r\nTo: support@shop.example\r\n{headers}\r\n{text}\r\n").into_bytes()
}

fn word(letter: &Value, key: &str) -> String {
    letter[key].as_str().expect("it is there").to_owned()
}

#[tokio::test]
async fn s0_01_a_kill_between_a_letter_and_its_mark_loses_doubles_and_answers_nothing_twice() {
    let mut mail = Provider::start(ChannelKind::Email, "mail", MENU).await;
    let mut centre = Centre::start_with(&house(&[&mail]), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let sue = Agent::person(&centre, "sue").await;
    let http = centre.http();

    // It is on disk and answered, and not marked: the server gives it out again, under another number.
    mail.mail().holds_marks(true);
    let first = async {
        assert_eq!(mail.writes(http, ANN, "m1", "hello").await, 200);
    };
    let killed = async {
        mail.mail().marked(0).await;
        centre.kill9().await;
        mail.mail().numbers_anew();
        mail.mail().holds_marks(false);
        centre.restart().await;
    };
    tokio::join!(first, killed);
    assert!(mail.reads(ANN).await.starts_with(HELLO));
    assert_eq!(mail.writes(http, ANN, "m2", "1").await, 200);
    alice.cut();
    alice.connect().await;
    let session = alice.accept().await;

    // It is with the server, but nobody has heard of that; and then there is a crash.
    mail.fails(&[Fault::Swallowed]);
    alice.say(&session, "a1", "Yes, please?").await;
    // A menu that was told of "hello" only after the start is offered once more, and no oftener.
    let mut read = mail.reads(ANN).await;
    if read.starts_with(HELLO) {
        read = mail.reads(ANN).await;
    }
    assert_eq!(read, "Yes, please?");
    centre.crash().await;
    alice.cut();
    alice.connect().await;
    alice.say(&session, "a2", "Are you there?").await;
    assert_eq!(mail.reads(ANN).await, "Are you there?");
    assert_eq!(mail.mail().again(), 1, "it came again as the same letter, and nothing else did");
    assert_eq!(mail.writes(http, ANN, "m3", "I am.").await, 200);
    alice.reads(&session, "I am.").await;
    alice.ask(Some(&session), json!({ "type": "hang_up" })).await;
    let row = stored(&sue, &session).await;
    let said: Vec<_> = lines(&row).into_iter().filter(|line| line.starts_with("customer: ")).collect();
    assert_eq!(said, ["customer: hello", "customer: 1", "customer: I am."]);
    assert!(mail.is_quiet());
}

#[tokio::test]
async fn s0_01_letters_stay_in_their_threads_and_what_comes_back_the_agent_sees() {
    let mut mail = Provider::start(ChannelKind::Email, "mail", QUEUE).await;
    mail.channel.mail.as_mut().expect("its settings").mark = MailMark::Address;
    let centre = Centre::start_with(&house(&[&mail]), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let from = format!("{ANN}@customers.example");
    let about = "Message-ID: <q@customers.example>\r\nSubject: Order 7\r\n";
    mail.mail().arrives(letter(&from, about, "Where is it?")).await;
    let session = alice.accept().await;
    alice.reads(&session, "Order 7\n\nWhere is it?").await;
    alice.say(&session, "a1", "On its way.").await;
    let answer = mail.next().await;
    assert_eq!(
        (word(&answer, "subject"), word(&answer, "text")),
        ("Re: Order 7".into(), "On its way.".into())
    );
    assert_eq!(word(&answer, "in_reply_to"), "<q@customers.example>");
    assert!(
        word(&answer, "from").contains("The Shop") && word(&answer, "auto_submitted").is_empty(),
        "{answer}"
    );

    // An answer from elsewhere, by the letter's id, and one by the address for answers.
    let id = word(&answer, "id");
    mail.mail().arrives(letter("ann@home.example", &format!("In-Reply-To: {id}\r\n"), "Thanks.")).await;
    alice.reads(&session, "[ann@home.example]\nThanks.").await;
    let to = format!("Cc: {}\r\n", word(&answer, "reply_to"));
    mail.mail().arrives(letter(&from, &to, "Bye.")).await;
    alice.reads(&session, "Bye.").await;

    // What nobody has written begins and says nothing.
    for aside in
        ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", &format!("Message-ID: {id}\r\n")]
    {
        mail.mail().arrives(letter(&from, aside, "I am away")).await;
    }
    mail.mail().arrives(letter("support@shop.example", "", "I am away")).await;

    mail.fails(&[Fault::Refused]);
    alice.say(&session, "a2", "refused at once").await;
    let refused = |n: usize| {
        move |c: &Value| c["delivery"]["refused"].as_array().is_some_and(|refused| refused.len() == n)
    };
    alice.seat("what was refused", |s| s["type"] == "contact" && refused(1)(&s["contact"])).await;
    alice.say(&session, "a3", "comes back").await;
    let back = mail.next().await;
    assert_eq!(word(&back, "text"), "comes back");
    mail.mail().returns(&word(&back, "id")).await;
    alice.seat("what came back", |s| s["type"] == "contact" && refused(2)(&s["contact"])).await;
    assert!(!alice.texts(&session).iter().any(|text| text.contains("I am away")));
    assert_eq!(centre.live().await.len(), 1, "one thread is one session");
}

#[tokio::test]
async fn letters_go_by_guarded_ways_and_no_others_than_the_machine_believes() {
    for ways in [Ways::Tls, Ways::StartTls] {
        let mut mail = Provider::start_guarded(ChannelKind::Email, "mail", MENU, ways).await;
        let centre = Centre::start_believing(&house(&[&mail]), mail.mail().certificate()).await;
        assert_eq!(mail.writes(centre.http(), ANN, "m1", "hello").await, 200, "{ways:?}");
        assert!(mail.reads(ANN).await.starts_with(HELLO), "{ways:?}");
    }
}
