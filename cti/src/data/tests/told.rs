//! What agent-gateway is told of the configuration, and the objects that only it needs.

use ngcc_proto::Secret;
use ngcc_proto::config::{Bot, BotAccount, CannedReply, Disposition, ForGateway};

use super::*;

fn reply(name: &str, text: &str) -> CannedReply {
    CannedReply { name: name.to_owned(), text: text.to_owned() }
}

fn disposition(name: &str) -> Disposition {
    Disposition { name: name.to_owned(), label: "A sale".to_owned() }
}

impl Running {
    async fn gateway(&mut self) -> ForGateway {
        loop {
            if let Body::ConfigGateway(config) = self.next().await.body {
                return config;
            }
        }
    }
}

#[tokio::test]
async fn the_console_is_told_of_people_queues_flows_replies_and_dispositions_after_every_change() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    assert_eq!(running.gateway().await, ForGateway::default());
    let mut all = catalogue();
    all.users.push(User { name: "alice".to_owned(), display: String::new(), roles: vec![], password: None });
    all.canned_replies = vec![reply("你好", "Hello ${customer}, this is ${agent}.")];
    all.dispositions = vec![disposition("sale")];
    let text = r#"{"media":["voice","chat"],"callable_by_agent":true}"#;
    all.flows.push(Flow { name: "card".to_owned(), text: text.to_owned() });
    running.send(Command::Import { catalogue: all.clone(), replace: true });
    let told = running.gateway().await;
    assert_eq!((told.version, told.queues), (1, vec!["sales".to_owned()]));
    let people: Vec<_> =
        told.people.iter().map(|p| (p.agent.name(), p.display.as_str(), p.device.clone())).collect();
    assert_eq!(
        people,
        [("alice", "alice", Device::Phone("7001".to_owned())), ("root", "Root", Device::Browser)]
    );
    let flows: Vec<_> =
        told.flows.iter().map(|f| (f.name.as_str(), f.media.as_slice(), f.callable_by_agent)).collect();
    assert_eq!(
        flows,
        [("card", &[Medium::Voice, Medium::Chat][..], true), ("main", &[Medium::Voice][..], false)]
    );
    assert_eq!((told.canned, told.dispositions), (all.canned_replies.clone(), all.dispositions.clone()));

    let exported = running.export().await;
    assert_eq!((&exported.canned_replies, &exported.dispositions), (&all.canned_replies, &all.dispositions));
    let delete = Command::Delete { kind: ObjectKind::Disposition, name: "sale".to_owned() };
    running.send(delete);
    assert_eq!(running.gateway().await.dispositions, []);
    running.stop().await;
    let told = Running::start(&place).await.gateway().await;
    assert_eq!((told.version, told.canned), (2, all.canned_replies));
}

#[tokio::test]
async fn a_reply_has_a_text_and_a_disposition_a_name_that_can_be_read() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let mut bad = Catalogue {
        canned_replies: vec![reply("a b", " "), reply("x", "fine")],
        dispositions: vec![disposition("")],
        ..Catalogue::default()
    };
    bad.dispositions[0].label = "a\nb".to_owned();
    let problems = running.problems(Command::Import { catalogue: bad, replace: false }).await;
    assert_eq!(
        problems,
        [
            "canned reply `a b`: a name has 1 to 64 letters, digits, `.`, `-`, `_`",
            "canned reply `a b`: the text has 1 to 8192 bytes",
            "disposition ``: a name has 1 to 64 letters, digits, `.`, `-`, `_`",
            "disposition ``: the label has at most 128 characters",
        ]
    );
    assert_eq!(running.export().await, Catalogue::default());
}

#[tokio::test]
async fn ivr_is_told_of_bots_with_their_secrets_which_nobody_else_sees_and_a_bad_one_is_refused() {
    let bot = |secret: Option<&str>| Bot {
        name: "helper".to_owned(),
        url: "https://bot.example/ngcc".to_owned(),
        timeout_s: 5,
        secret: secret.map(str::to_owned),
    };
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let bare = running.problems(Command::Put { object: Object::Bot(bot(None)) }).await;
    let rule = "its secret, by which it knows our messages, has 16 to 128 characters without blanks";
    assert_eq!(bare, [format!("bot `helper`: {rule}")]);
    let mut odd = Bot { url: "bot.example".to_owned(), timeout_s: 31, ..bot(Some("too short")) };
    let problems = running.problems(Command::Put { object: Object::Bot(odd.clone()) }).await;
    assert_eq!(
        problems,
        [
            format!("bot `helper`: {rule}"),
            "bot `helper`: url begins with https:// or http:// and has at most 256 characters".to_owned(),
            "bot `helper`: timeout_s is 1 to 30: its customer waits for as long".to_owned(),
        ]
    );

    let secret = "a-secret-of-the-bot";
    running.send(Command::Put { object: Object::Bot(bot(Some(secret))) });
    let account = BotAccount { settings: bot(None), secret: Secret::new(secret) };
    assert_eq!(running.ivr_with_bots().await, [account]);
    assert_eq!(running.export().await.bots, [bot(None)]);
    // What is changed keeps its secret, also over a start, and no file shows it.
    odd = Bot { timeout_s: 9, ..bot(None) };
    running.send(Command::Put { object: Object::Bot(odd.clone()) });
    assert_eq!(running.ivr_with_bots().await[0].settings.timeout_s, 9);
    running.stop().await;
    let told = Running::start(&place).await.ivr_with_bots().await;
    assert_eq!(told, [BotAccount { settings: odd, secret: Secret::new(secret) }]);
}

impl Running {
    async fn ivr_with_bots(&mut self) -> Vec<BotAccount> {
        loop {
            if let Body::ConfigIvr(config) = self.next().await.body
                && !config.bots.is_empty()
            {
                return config.bots;
            }
        }
    }
}
