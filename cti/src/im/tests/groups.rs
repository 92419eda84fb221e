//! Groups: who is in one, what each may read, and how far they have.

use ngcc_proto::im::{Attached, MAX_GROUPS, MAX_MEMBERS};
use ngcc_proto::{FileId, GroupId};

use super::*;

fn make(from: &str, key: &str, name: &str, members: &[&str]) -> Command {
    let members = members.iter().map(|name| agent(name)).collect();
    Command::Make { from: agent(from), key: key.to_owned(), name: name.to_owned(), members }
}

fn change(from: &str, group: GroupId, key: &str, change: Change) -> Command {
    Command::Change { from: agent(from), group, key: key.to_owned(), change }
}

fn who(names: &[&str]) -> Vec<AgentUri> {
    names.iter().map(|name| agent(name)).collect()
}

impl Running {
    /// Alice, Bob and Carol.
    async fn three(&mut self) -> GroupId {
        let (message, _) =
            self.told_to(make("alice", "g", "Night shift", &["bob", "carol"]), &["bob", "carol"]).await;
        let To::Group(group) = message.to else { panic!("{message:?}") };
        group
    }

    async fn read(&mut self, who: &str, with: To) -> Vec<Message> {
        self.conversation(look(who, with, Part::Newest, 200)).await
    }

    /// Unread, and whether one of these names them.
    async fn unread(&mut self, who: &str, with: &To) -> Option<(u64, bool)> {
        let list = self.list(who).await;
        list.iter().find(|listed| listed.with == *with).map(|listed| (listed.unread, listed.named))
    }
}

#[tokio::test]
async fn s1_08_a_groups_message_is_stored_once_and_comes_to_every_member_in_one_order() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let group = running.three().await;
    let to = To::Group(group);
    for (n, from) in ["alice", "bob", "carol", "alice"].into_iter().enumerate() {
        let others: Vec<&str> = ["alice", "bob", "carol"].into_iter().filter(|name| *name != from).collect();
        let (message, _) = running.told_to(say(from, to.clone(), &n.to_string(), "x"), &others).await;
        assert_eq!((message.n, &message.to), (n as u64 + 2, &to));
    }
    let seen = running.read("alice", to.clone()).await;
    assert_eq!(seen.iter().map(|m| m.n).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    for name in ["bob", "carol"] {
        assert_eq!(running.read(name, to.clone()).await, seen, "{name}");
    }
    let waiting = running.waiting("carol").await;
    let numbers: Vec<(u64, u64)> = waiting.iter().map(|(seq, m)| (*seq, m.n)).collect();
    assert_eq!(numbers, [(1, 1), (2, 2), (3, 3), (4, 5)], "all but her own, by the numbers of her box");
    running.stop().await;
    let mut again = Running::start(&place).await;
    assert_eq!(again.waiting("carol").await, waiting, "also after a restart");
}

#[tokio::test]
async fn a_repeated_key_makes_one_group_and_changes_it_once() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let group = running.three().await;
    running.send(make("alice", "g", "Night shift", &["bob", "carol"]));
    let told = running.told().await;
    let Event::Stored { message, .. } = told else { panic!("{told:?}") };
    assert_eq!(message.to, To::Group(group));
    let rename = change("bob", group, "r", Change::Renamed { name: "Early shift".to_owned() });
    let (line, _) = running.told_to(rename.clone(), &["alice", "carol"]).await;
    running.send(rename);
    let (from, key) = (agent("bob"), "r".to_owned());
    assert_eq!(running.told().await, Event::Stored { from, key, message: line });
    let list = running.list("carol").await;
    assert_eq!((list.len(), list[0].name.as_deref()), (1, Some("Early shift")));
}

#[tokio::test]
async fn who_joins_reads_from_there_who_leaves_up_to_there_and_who_comes_back_both() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let group = running.three().await;
    let to = To::Group(group);
    running.told_to(say("alice", to.clone(), "1", "before dave"), &["bob", "carol"]).await;
    let add = |key: &str, who| change("alice", group, key, Change::Added { who });
    running.told_to(add("2", who(&["dave", "bob"])), &["bob", "carol", "dave"]).await;
    running.told_to(say("dave", to.clone(), "3", "with dave"), &["alice", "bob", "carol"]).await;
    let seen = running.read("dave", to.clone()).await;
    assert_eq!(texts(&seen), ["with dave", ""]);
    let added = What::Changed { change: Change::Added { who: who(&["dave"]) } };
    assert_eq!(seen[1].what, added, "bob was in it already");
    let (_, numbers) =
        running.told_to(change("dave", group, "4", Change::Left), &["alice", "bob", "carol"]).await;
    assert_eq!(numbers.len(), 3);
    running.told_to(say("alice", to.clone(), "5", "without dave"), &["bob", "carol"]).await;
    assert_eq!(
        texts(&running.read("dave", to.clone()).await),
        ["", "with dave", ""],
        "up to their own leaving"
    );
    assert_eq!(running.refused(say("dave", to.clone(), "6", "let me in")).await, "you are not in this group");
    running.told_to(add("7", who(&["dave"])), &["bob", "carol", "dave"]).await;
    assert_eq!(texts(&running.read("dave", to.clone()).await), ["", "", "with dave", ""]);
    let remove = change("bob", group, "8", Change::Removed { who: who(&["alice", "bob"]) });
    running.told_to(remove, &["alice", "carol", "dave"]).await;
    assert_eq!(
        texts(&running.read("alice", to.clone()).await)[1..3],
        ["", "without dave"],
        "the line that says so"
    );
    let listed = running.list("alice").await;
    assert!(!listed[0].member && listed[0].with == to, "{listed:?}");
    let rename = change("alice", group, "9", Change::Renamed { name: "Mine".to_owned() });
    assert_eq!(running.refused(rename).await, "you are not in this group");
}

#[tokio::test]
async fn s1_08_who_is_not_in_a_conversation_neither_reads_nor_searches_nor_writes_nor_fetches() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let to = To::Group(running.three().await);
    let file = Attached {
        file: FileId(9),
        name: "plan.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        size: 3,
    };
    let send = |from: &str, to: To, key: &str| Command::Send {
        from: agent(from),
        to,
        key: key.to_owned(),
        said: Said { file: Some(file.clone()), ..Said::default() },
    };
    running.told_to(send("alice", to.clone(), "f"), &["bob", "carol"]).await;
    running.told_to(say("alice", person("bob"), "p", "the plan of the two"), &["bob"]).await;
    assert_eq!(running.list("dave").await, []);
    for with in [to.clone(), person("alice")] {
        assert_eq!(running.read("dave", with).await, []);
    }
    let may = |who: &str| Command::May { agent: agent(who), file: FileId(9) };
    for (name, allowed) in [("alice", true), ("carol", true), ("dave", false)] {
        assert_eq!(running.asked(may(name)).await, Event::May { agent: agent(name), allowed }, "{name}");
    }
    let search = Command::Search {
        agent: agent("dave"),
        words: Text("plan".to_owned()),
        with: None,
        before: None,
        limit: 50,
    };
    assert_eq!(running.asked(search).await, Event::Found { agent: agent("dave"), hits: vec![], next: None });
    assert_eq!(running.refused(send("dave", person("bob"), "x")).await, "there is no such file");
    assert_eq!(running.refused(say("dave", to.clone(), "y", "hello")).await, "you are not in this group");
    running.told_to(send("bob", person("dave"), "z"), &["dave"]).await;
    assert_eq!(
        running.asked(may("dave")).await,
        Event::May { agent: agent("dave"), allowed: true },
        "it was passed on"
    );
}

#[tokio::test]
async fn what_is_unread_is_counted_for_each_and_reading_is_told_to_who_wrote_it() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let to = To::Group(running.three().await);
    assert_eq!(
        running.unread("bob", &to).await,
        Some((0, false)),
        "what changes a group is nothing to be read"
    );
    running.told_to(say("alice", to.clone(), "1", "one"), &["bob", "carol"]).await;
    let said = Said { text: Text("@carol".to_owned()), names: who(&["carol"]), ..Said::default() };
    let named = Command::Send { from: agent("bob"), to: to.clone(), key: "2".to_owned(), said };
    running.told_to(named, &["alice", "carol"]).await;
    assert_eq!(running.unread("alice", &to).await, Some((1, false)), "her own is not unread");
    assert_eq!(running.unread("carol", &to).await, Some((2, true)));
    let read = |who: &str, with: To, n: u64| Command::Read { agent: agent(who), with, n };
    running.send(read("carol", to.clone(), 99));
    for writer in ["alice", "bob"] {
        let told = Event::Read { agent: agent(writer), with: to.clone(), by: agent("carol"), n: 3 };
        assert_eq!(running.told().await, told, "no further than what is there");
    }
    running.send(read("carol", to.clone(), 2));
    assert_eq!(running.unread("carol", &to).await, Some((0, false)), "the mark never goes back");
    let told = running.asked(look("alice", to, Part::Newest, 1)).await;
    let Event::Conversation { members, name, .. } = told else { panic!("{told:?}") };
    let marks: Vec<_> = members.iter().map(|m| (m.agent.name(), m.read)).collect();
    assert_eq!((marks, name.as_deref()), (vec![("alice", 0), ("bob", 0), ("carol", 3)], Some("Night shift")));

    running.sent("alice", "bob", "p").await;
    running.send(read("bob", person("alice"), 1));
    let told = Event::Read { agent: agent("alice"), with: person("bob"), by: agent("bob"), n: 1 };
    assert_eq!(running.told().await, told);
    running.stop().await;
    let mut again = Running::start(&place).await;
    assert_eq!(again.unread("bob", &person("alice")).await, Some((0, false)), "also after a restart");
}

#[tokio::test]
async fn the_list_is_by_the_last_message_and_shows_it_cut() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let group = To::Group(running.three().await);
    running.sent("bob", "alice", "p").await;
    running.told_to(say("bob", group.clone(), "long", &"长".repeat(2000)), &["alice", "carol"]).await;
    running.sent("alice", "dave", "d").await;
    let list = running.list("alice").await;
    let order: Vec<&To> = list.iter().map(|listed| &listed.with).collect();
    assert_eq!(order, [&person("dave"), &group, &person("bob")]);
    assert_eq!(text(&list[1].last).chars().count(), 200);
    let unread: Vec<u64> = list.iter().map(|listed| listed.unread).collect();
    assert_eq!(unread, [0, 1, 1]);
}

#[tokio::test]
async fn writing_is_told_to_the_others_in_a_conversation_and_to_nobody_by_who_is_not_in_it() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let group = To::Group(running.three().await);
    running.send(Command::Typing { agent: agent("alice"), with: group.clone() });
    for name in ["bob", "carol"] {
        let told = Event::Typing { agent: agent(name), with: group.clone(), by: agent("alice") };
        assert_eq!(running.told().await, told);
    }
    running.send(Command::Typing { agent: agent("dave"), with: group });
    running.sent("alice", "bob", "p").await;
    running.send(Command::Typing { agent: agent("bob"), with: person("alice") });
    let told = Event::Typing { agent: agent("alice"), with: person("bob"), by: agent("bob") };
    assert_eq!(running.told().await, told, "nothing of dave's");
}

#[tokio::test]
async fn groups_and_their_members_are_bounded_and_what_changes_nothing_is_refused() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let group = running.three().await;
    for (command, why) in [
        (make("alice", "1", " ", &[]), "a group's name has 1 to 120 bytes"),
        (make("alice", "2", "x", &["nobody"]), "there is no colleague `nobody`"),
        (make("alice", "3", "x", &["bob"; MAX_MEMBERS + 1]), "a group has at most 100 members"),
        (change("bob", group, "4", Change::Added { who: who(&["alice"]) }), "it is so already"),
        (change("bob", group, "5", Change::Removed { who: who(&["dave", "bob"]) }), "it is so already"),
        (change("bob", group, "6", Change::Renamed { name: "Night shift".to_owned() }), "it is so already"),
        (change("bob", GroupId(1), "7", Change::Left), "you are not in this group"),
    ] {
        assert_eq!(running.refused(command).await, why);
    }
    for n in 1..MAX_GROUPS {
        running.told_to(make("dave", &format!("g{n}"), "one of many", &["alice"]), &["alice"]).await;
    }
    let most = "one of them is in 100 groups already";
    assert_eq!(running.refused(make("carol", "8", "one more", &["alice"])).await, most);
    let add = change("dave", group, "9", Change::Left);
    assert_eq!(running.refused(add).await, "you are not in this group");
    assert_eq!(running.list("alice").await.len(), MAX_GROUPS, "every group is in the list");
}
