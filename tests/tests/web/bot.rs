//! An external bot in a chat: what the customer reads of it, who has the customer when, and what is stored.

use ngcc_proto::config::{Catalogue, ChannelKind, Route};
use ngcc_tests::centre::Centre;
use ngcc_tests::fakes::{ExternalBot, Fault, Provider};
use ngcc_tests::house::{flow, number};
use serde_json::json;

use crate::agent::Agent;
use crate::chat::{lines, stored};
use crate::customer::Customer;
use crate::house::one_agent;

/// The number of whoever wants the bot.
const BOT: &str = "300";

/// Alice serves whom the bot does not.
fn house(bot: &ExternalBot) -> Catalogue {
    let mut house = one_agent();
    house.bots = vec![bot.bot.clone()];
    house.numbers.push(number(BOT, Route::Flow("helped".to_owned())));
    house.flows.push(flow(json!({
        "name": "helped", "version": 1, "media": ["chat"], "start": "bot", "human": "human", "nodes": {
            "bot": {"verb": "bot", "bot": "helper", "on_human": "human", "next": "bye"},
            "human": {"verb": "to-human", "queue": "help", "on_returned": "bot", "on_left": "bye", "on_no_agent": "bye"},
            "bye": {"verb": "hangup"},
        }
    })));
    house
}

/// The bot gives the customer to Alice, who gives them back: it begins anew with what is known.
async fn to_a_human_and_back(session: &str, ann: &mut Customer, alice: &mut Agent, bot: &mut ExternalBot) {
    ann.say("k4", "A person, please").await;
    bot.hears("A person, please").await;
    ann.reads("I call somebody").await;
    assert_eq!(alice.accept().await, session);
    ann.stands("talk").await;
    alice.say(session, "a1", "Here I am.").await;
    ann.say("k5", "I asked the bot for gloves").await;
    alice.reads(session, "I asked the bot for gloves").await;
    alice.ask(Some(session), json!({ "type": "to_auto", "flow": null, "args": {} })).await;
    ann.stands("in_ivr").await;
    let again = bot.asked().await;
    assert_eq!((&again["type"], &again["vars"]["wish"]), (&json!("bot.opened"), &json!("a person")));
    ann.reads("Anything else?").await;
}

#[tokio::test]
async fn s0_03_s4_14_a_bot_serves_a_chat_and_gives_it_to_an_agent_and_back_and_nothing_is_answered_twice() {
    let mut bot = ExternalBot::start("helper").await;
    let mut centre = Centre::start_with(&house(&bot), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    let mut ann = Customer::new(&centre, BOT).await;
    let session = ann.begin().await;
    let opened = bot.asked().await;
    assert_eq!((&opened["type"], &opened["session"]), (&json!("bot.opened"), &json!(session)));
    ann.reads("How can I help?").await;

    // It is not able three times, the first of them after it has answered: that answer is lost on the way.
    bot.fails(&[Fault::Busy, Fault::Broken, Fault::Swallowed]);
    ann.say("k1", "Which are there?").await;
    bot.hears("Which are there?").await;
    bot.repeated(1).await;
    let choose = ann.reads("Choose").await;
    assert_eq!(choose["content"]["choices"][1], json!({ "value": "top-hat", "label": "Hat" }));

    // The centre dies while the bot thinks; what was written meanwhile is asked afterwards.
    bot.thinks(true);
    ann.say("k2", "top-hat").await;
    bot.hears("top-hat").await;
    ann.find("somebody writes", |f| f["type"] == "typing" && f["data"]["by"]["is"] == "automation").await;
    ann.say("k3", "And gloves").await;
    centre.crash().await;
    bot.thinks(false);
    ann.cut();
    ann.connect().await;
    alice.cut();
    alice.connect().await;
    ann.reads("You said: top-hat").await;
    bot.hears("And gloves").await;
    ann.reads("You said: And gloves").await;

    to_a_human_and_back(&session, &mut ann, &mut alice, &mut bot).await;

    // Alice takes the customer back while it thinks: its answer comes too late and is not written.
    bot.thinks(true);
    ann.say("k6", "Wait, one thing").await;
    bot.hears("Wait, one thing").await;
    alice.ask(Some(&session), json!({ "type": "take_back" })).await;
    ann.stands("talk").await;
    bot.thinks(false);
    alice.say(&session, "a2", "Yes?").await;
    ann.say("k7", "That is all").await;
    alice.reads(&session, "That is all").await;
    ann.end().await;

    let sue = Agent::person(&centre, "sue").await;
    let row = stored(&sue, &session).await;
    let said = lines(&row);
    assert_eq!(said, ann.transcript(), "what the customer read is what is stored");
    let expected = [
        "automation: How can I help?",
        "customer: Which are there?",
        "automation: Choose",
        "customer: top-hat",
        "customer: And gloves",
        "automation: You said: top-hat",
        "automation: You said: And gloves",
        "customer: A person, please",
        "automation: I call somebody",
        "agent: Here I am.",
        "customer: I asked the bot for gloves",
        "automation: Anything else?",
        "customer: Wait, one thing",
        "agent: Yes?",
        "customer: That is all",
    ];
    let words: Vec<&str> =
        said.iter().map(String::as_str).filter(|line| !line.starts_with("centre")).collect();
    assert_eq!(words, expected);
    assert_eq!(row["closed"]["agent"], "alice");
}

#[tokio::test]
async fn s0_01_by_a_messaging_channel_a_bot_offers_replies_and_is_told_what_was_chosen() {
    let mut bot = ExternalBot::start("helper").await;
    let mut wechat = Provider::start(ChannelKind::Wechat, "wx", BOT).await;
    let house = Catalogue { channels: vec![wechat.channel.clone()], ..house(&bot) };
    let centre = Centre::start_with(&house, &[]).await;
    assert_eq!(wechat.writes(centre.http(), "ann", "1", "Which are there?").await, 200);
    assert_eq!(wechat.reads("ann").await, "How can I help?");
    assert_eq!(wechat.reads("ann").await, "Choose\n1  Shoes\n2  Hat");
    assert_eq!(wechat.writes(centre.http(), "ann", "2", "2").await, 200);
    assert_eq!(wechat.reads("ann").await, "You said: top-hat");
    bot.asked().await;
    bot.hears("Which are there?").await;
    bot.hears("top-hat").await;
}

#[tokio::test]
async fn s0_04_a_bot_that_refuses_gives_the_customer_to_a_human_and_words_ask_for_one_without_it() {
    let mut bot = ExternalBot::start("helper").await;
    let centre = Centre::start_with(&house(&bot), &[]).await;
    let mut alice = Agent::ready(&centre, "alice").await;
    bot.fails(&[Fault::Refused]);
    let mut ann = Customer::new(&centre, BOT).await;
    let session = ann.begin().await;
    assert_eq!(alice.accept().await, session, "it does not even greet");
    let mut ben = Customer::new(&centre, BOT).await;
    let session = ben.begin().await;
    bot.asked().await;
    ben.reads("How can I help?").await;
    ben.say("k1", "人工").await;
    assert_eq!(alice.accept().await, session);
    // And by the command line it is seen, without its secret.
    let (done, shown) = centre.command(&["bot", "show", "helper"]).await;
    assert!(done && shown.contains(&bot.bot.url) && !shown.contains("secret-of-the-bot"), "{shown}");
}
