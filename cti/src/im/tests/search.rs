//! Finding words, in Chinese too.

use ngcc_proto::im::Attached;
use ngcc_proto::{FileId, GroupId};

use super::*;

fn search(who: &str, words: &str, with: Option<To>, before: Option<u64>, limit: u32) -> Command {
    Command::Search { agent: agent(who), words: Text(words.to_owned()), with, before, limit }
}

impl Running {
    async fn found(&mut self, question: Command) -> (Vec<String>, Option<u64>) {
        let told = self.asked(question).await;
        let Event::Found { hits, next, .. } = told else { panic!("{told:?}") };
        (hits.iter().map(|hit| text(hit).to_owned()).collect(), next)
    }

    async fn finds(&mut self, who: &str, words: &str) -> Vec<String> {
        self.found(search(who, words, None, None, 50)).await.0
    }

    async fn say(&mut self, from: &str, to: &str, key: &str, text: &str) {
        self.told_to(say(from, person(to), key, text), &[to]).await;
    }
}

#[tokio::test]
async fn words_are_found_newest_first_in_ones_own_conversations_only() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.say("alice", "bob", "1", "The parcel left on Monday").await;
    running.say("bob", "alice", "2", "客户问包裹什么时候到货").await;
    running.say("carol", "dave", "3", "another parcel 包裹").await;
    running.say("alice", "carol", "4", "PARCEL number 20417, 100% sure").await;
    assert_eq!(
        running.finds("alice", "parcel").await,
        ["PARCEL number 20417, 100% sure", "The parcel left on Monday"]
    );
    assert_eq!(running.finds("bob", "parcel").await, ["The parcel left on Monday"]);
    assert_eq!(running.finds("alice", "monday parcel").await, ["The parcel left on Monday"], "every word");
    assert_eq!(
        running.finds("alice", "什么时候").await,
        ["客户问包裹什么时候到货"],
        "in the middle of a line"
    );
    assert_eq!(running.finds("alice", "包裹").await, ["客户问包裹什么时候到货"], "two characters");
    assert_eq!(running.finds("alice", "什么时候 包裹").await, ["客户问包裹什么时候到货"], "long and short");
    assert_eq!(running.finds("alice", "0%").await, ["PARCEL number 20417, 100% sure"], "signs are signs");
    for nothing in ["p_r", "par\"cel", "AND", "\" OR \"parcel", "parcel*"] {
        assert_eq!(running.finds("alice", nothing).await, Vec::<String>::new(), "{nothing}");
    }
    let (with, _) = running.found(search("alice", "parcel", Some(person("bob")), None, 50)).await;
    assert_eq!(with, ["The parcel left on Monday"]);
}

#[tokio::test]
async fn hits_come_by_the_page_and_show_what_stands_around_the_word() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for n in 0..5 {
        running.say("alice", "bob", &n.to_string(), &format!("invoice {n}")).await;
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let (hits, next) = running.found(search("bob", "invoice", None, before, 2)).await;
        seen.extend(hits);
        before = next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["invoice 4", "invoice 3", "invoice 2", "invoice 1", "invoice 0"]);
    let long = format!("{}发货单{}", "前".repeat(300), "后".repeat(2000));
    running.say("alice", "bob", "long", &long).await;
    let hits = running.finds("bob", "发货单").await;
    assert!(hits[0].starts_with("…前") && hits[0].contains("发货单后") && hits[0].ends_with('…'), "{hits:?}");
    assert_eq!(hits[0].chars().count(), 242);
}

#[tokio::test]
async fn a_file_is_found_by_its_name_and_what_was_said_outside_ones_time_in_a_group_is_not() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let make = Command::Make {
        from: agent("alice"),
        key: "g".to_owned(),
        name: "Night".to_owned(),
        members: vec![agent("bob")],
    };
    let (made, _) = running.told_to(make, &["bob"]).await;
    let To::Group(group) = made.to else { panic!("{made:?}") };
    let change = |from: &str, key: &str, group: GroupId, change| Command::Change {
        from: agent(from),
        group,
        key: key.to_owned(),
        change,
    };
    running.told_to(say("alice", To::Group(group), "1", "secret before"), &["bob"]).await;
    let add = change("alice", "2", group, Change::Added { who: vec![agent("carol")] });
    running.told_to(add, &["bob", "carol"]).await;
    let file =
        Attached { file: FileId(1), name: "价格表-2026.xlsx".to_owned(), mime: "x/y".to_owned(), size: 1 };
    let said = Said { text: Text("secret during".to_owned()), file: Some(file), ..Said::default() };
    let send = Command::Send { from: agent("bob"), to: To::Group(group), key: "3".to_owned(), said };
    running.told_to(send, &["alice", "carol"]).await;
    running.told_to(change("carol", "4", group, Change::Left), &["alice", "bob"]).await;
    running.told_to(say("alice", To::Group(group), "5", "secret after"), &["bob"]).await;
    assert_eq!(running.finds("carol", "secret").await, ["secret during"]);
    assert_eq!(running.finds("bob", "secret").await, ["secret after", "secret during", "secret before"]);
    for words in ["价格表", "表-"] {
        assert_eq!(running.finds("carol", words).await, ["secret during"], "by the file's name");
    }
}
