//! Collaborations (S3): asked for from either side, inside a session or without, mapped, established, invited.

mod ends;
mod handed;
mod links;
mod looks;
mod outlives;
mod recorded;
mod screen;

use ngcc_proto::collab::{Act, Answer, Call, Command, Event, Kind, Who, Why};
use ngcc_proto::config::{Field, FieldBy, FieldKind, Form};
use ngcc_proto::fact::{By, What};
use ngcc_proto::seat::{Slot, Told, Verb};
use ngcc_proto::{Body, CollabId, SessionId, UserUri, chat, seat};

use crate::world::{World, agent, desk, together, words};

const KIND: Kind = Kind::Cobrowse;

fn ann() -> UserUri {
    UserUri::Web("vis_1".into())
}

fn collaborate() -> Verb {
    Verb::Collaborate { kind: KIND, code: None, user: None, form: None }
}

/// The collaboration messages on the exchange, in order: what each says, and of which end.
fn trace(w: &World) -> Vec<String> {
    let said = w.sent.iter().filter_map(|envelope| match &envelope.body {
        Body::CollabAnswer(Answer::Mapped { .. }) => Some("mapped".to_owned()),
        Body::CollabAnswer(Answer::Fetch { .. }) => Some("fetch".to_owned()),
        Body::CollabAnswer(Answer::Invited { user, .. }) => Some(format!("invited {user}")),
        Body::CollabAnswer(Answer::Refused { why, .. }) => Some(format!("refused {why:?}")),
        Body::CollabAnswer(Answer::Ended { why, .. }) => Some(format!("ended {why:?}")),
        Body::CollabCommand(Command::Establish { user, agent, .. }) => {
            Some(format!("establish {user} {agent}"))
        }
        Body::CollabCommand(Command::Agent { agent, .. }) => {
            Some(format!("agent {}", agent.as_ref().map_or("-", |agent| agent.name())))
        }
        Body::CollabCommand(Command::Viewer { agent, on, .. }) => {
            Some(format!("viewer {} {on}", agent.name()))
        }
        Body::CollabCommand(Command::GoesOn { .. }) => Some("goes on".to_owned()),
        Body::CollabCommand(Command::End { why, .. }) => Some(format!("end {why:?}")),
        Body::SeatEvent(seat::Event { agent, what: Told::Invited { .. }, .. }) => {
            Some(format!("invited {agent}"))
        }
        _ => None,
    });
    said.collect()
}

/// A chat of Ann's with alice.
fn chat() -> (World, ngcc_proto::LegId, SessionId) {
    let mut w = desk(&["alice"]);
    w.sharing.pages.insert(ann());
    let (leg, session) = together(&mut w, "2000");
    (w, leg, session)
}

fn established(w: &mut World, session: SessionId) -> CollabId {
    w.asks_about("alice", session, collaborate());
    let collab = *w.collabs_of(session).last().unwrap();
    w.both_join(collab);
    collab
}

#[test]
fn s3_04_a_customer_without_a_session_asks_and_the_five_messages_come_in_order() {
    let mut w = desk(&["alice"]);
    let collab: CollabId = CollabId(7);
    let leg = w.arrives_to_share("2000", ann(), Some((collab, KIND)));
    w.run();
    assert_eq!(trace(&w), Vec::<String>::new(), "nobody has answered yet");
    w.accepts("alice");
    // 1 is the arrival itself, with type and user URI; then mapped, establish and the two invitations.
    assert_eq!(
        trace(&w),
        ["mapped", "establish web:vis_1 agent:alice", "invited web:vis_1", "invited agent:alice"]
    );
    let session = w.session_of(leg);
    let facts = w.facts_of(session);
    let story: Vec<&str> = words(&facts).into_iter().filter(|word| word.starts_with("collab")).collect();
    assert_eq!(
        story,
        ["collab-asked", "collab-mapped", "collab-established", "collab-invited", "collab-invited"]
    );
    let mapped = facts.iter().find_map(|fact| match &fact.what {
        What::CollabMapped { user, agent, .. } => Some((user.clone(), agent.clone())),
        _ => None,
    });
    assert_eq!(mapped, Some((ann(), Some(agent("alice")))), "user URI to agent URI");
    let mut shared = facts.iter().filter(|fact| words(std::slice::from_ref(fact))[0].starts_with("collab"));
    assert!(shared.all(|fact| fact.cause.is_some()), "each names the message that led to it");
    w.both_join(collab);
    assert!(w.contact("alice", session).unwrap().shared.iter().all(|s| s.customer && s.agent));
}

#[test]
fn s3_05_without_an_agent_it_waits_like_any_contact_and_without_any_in_time_it_is_refused() {
    let mut w = desk(&["alice"]);
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let first = w.call("2000");
    w.secs(1);
    let leg = w.arrives_to_share("2000", ann(), Some((CollabId(7), KIND)));
    w.run();
    assert!(matches!(w.status_of(leg), Some(chat::Status::Queue { position: 2, .. })), "one ordered list");
    w.asks("alice", Verb::Ready);
    w.accepts("alice");
    w.accepts("alice");
    assert!(trace(&w).contains(&"invited agent:alice".to_owned()));
    w.hang_up(first);

    let mut w = desk(&["alice"]);
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let leg = w.arrives_to_share("2000", ann(), Some((CollabId(7), KIND)));
    w.run();
    let session = w.session_of(leg);
    w.say(ngcc_proto::supervise::Command::End { by: "sue".into(), session });
    assert_eq!(trace(&w), ["refused NoAgent"]);
    assert!(w.cti.routes().0 == 0);
}

#[test]
fn s3_06_inside_a_session_the_same_agent_is_used_and_nothing_is_queued_again() {
    let (mut w, leg, session) = chat();
    let before = w.facts_of(session).len();
    w.say(Call::Asked { user: ann(), leg, kind: KIND });
    assert_eq!(
        trace(&w),
        ["mapped", "establish web:vis_1 agent:alice", "invited web:vis_1", "invited agent:alice"]
    );
    let since = words(&w.facts_of(session)[before..]);
    assert!(since.iter().all(|word| word.starts_with("collab")), "{since:?}");
    w.say(Call::Asked { user: ann(), leg, kind: KIND });
    assert_eq!(w.collabs_of(session).len(), 1, "asked twice, it is one");
}

#[test]
fn s3_06_in_self_service_and_in_a_queue_the_request_joins_the_place() {
    let mut w = desk(&["alice"]);
    w.sharing.pages.insert(ann());
    let leg = w.chat("1000");
    w.say(Call::Asked { user: ann(), leg, kind: KIND });
    assert!(trace(&w).is_empty());
    w.asks("alice", Verb::NotReady { reason: "lunch".into() });
    let run = w.run_of(leg);
    w.human(run, "sales");
    assert!(matches!(w.status_of(leg), Some(chat::Status::Queue { position: 1, .. })));
    assert_eq!(w.live().len(), 1, "one session, one place");
    w.asks("alice", Verb::Ready);
    w.accepts("alice");
    assert_eq!(trace(&w)[..2], ["mapped", "establish web:vis_1 agent:alice"]);
}

#[test]
fn s3_07_an_agent_calls_a_customer_with_whom_there_is_no_session() {
    let mut w = desk(&["alice"]);
    w.sharing.pages.insert(ann());
    let call = Verb::Collaborate { kind: KIND, code: None, user: Some(ann()), form: None };
    w.asks("alice", call);
    assert_eq!(
        trace(&w),
        ["fetch", "mapped", "establish web:vis_1 agent:alice", "invited web:vis_1", "invited agent:alice"]
    );
    let by_agent = w.sharing.answers.iter().any(|a| matches!(a, Answer::Mapped { by_agent: true, .. }));
    assert!(by_agent, "the notice that an agent began it");
    assert!(matches!(w.chats["alice"][..], [Slot::Talking { .. }]), "whoever called need not be asked");
    let [session] = &w.live()[..] else { panic!("one session") };
    assert_eq!(session.user, ann());
}

#[test]
fn s3_07_a_customer_who_is_not_there_is_told_and_no_session_begins() {
    let mut w = desk(&["alice"]);
    let call = Verb::Collaborate { kind: KIND, code: None, user: Some(ann()), form: None };
    w.asks("alice", call.clone());
    let told = |w: &World, why: Why| {
        w.told.iter().any(|(_, t)| matches!(t, Told::CollabEnded { session: None, why: w, .. } if *w == why))
    };
    assert!(told(&w, Why::UnknownUser));
    w.sharing.edge_down = true;
    w.asks("alice", call);
    w.secs(4);
    assert!(told(&w, Why::Unavailable));
    assert!(w.live().is_empty() && w.chats["alice"].is_empty());
}

#[test]
fn s3_07_while_a_customer_is_called_the_agents_slot_is_given_to_nobody() {
    let mut w = desk(&["alice"]);
    let capacity = w.told.iter().rev().find_map(|(_, told)| match told {
        Told::State { chat_capacity, .. } => Some(*chat_capacity),
        _ => None,
    });
    let call = Verb::Collaborate { kind: KIND, code: None, user: Some(ann()), form: None };
    w.sharing.edge_down = true;
    for _ in 0..capacity.unwrap() {
        w.asks("alice", call.clone());
    }
    w.asks("alice", call.clone());
    assert!(refused(&w).contains("free slot"), "{}", refused(&w));
    w.chat_of("2000", UserUri::Web("vis_2".into()));
    let offers = |w: &World| w.told.iter().filter(|(_, told)| matches!(told, Told::Offered { .. })).count();
    assert_eq!(offers(&w), 0, "every slot is kept for who is called");
    w.secs(4);
    assert_eq!(offers(&w), 1, "nobody came");
    // The last free slot is the one of whoever is called and comes.
    w.accepts("alice");
    for n in 2..capacity.unwrap() {
        w.chat_of("2000", UserUri::Web(format!("vis_{}", n + 1)));
        w.accepts("alice");
    }
    w.sharing.edge_down = false;
    w.sharing.pages.insert(ann());
    w.asks("alice", call);
    assert_eq!(w.chats["alice"].len(), capacity.unwrap() as usize);
    assert!(w.live().iter().any(|session| session.user == ann()));
}

#[test]
fn s3_08_an_agent_asks_inside_the_session() {
    let (mut w, _, session) = chat();
    w.asks_about("alice", session, collaborate());
    assert_eq!(
        trace(&w),
        ["mapped", "establish web:vis_1 agent:alice", "invited web:vis_1", "invited agent:alice"]
    );
    assert!(matches!(
        w.sent.iter().find_map(|e| match &e.body {
            Body::CollabCommand(Command::Establish { by, .. }) => Some(*by),
            _ => None,
        }),
        Some(By::Agent)
    ));
}

#[test]
fn s3_08_on_a_phone_call_a_code_that_is_read_out_brings_the_customers_page_in() {
    let mut w = desk(&["alice"]);
    w.sharing.pages.insert(ann());
    let caller = w.call("2000");
    w.accepts("alice");
    let session = w.live()[0].id;
    w.asks_about("alice", session, collaborate());
    assert!(refused(&w).contains("no page"), "{}", refused(&w));
    let code = w.shown_code(ann());
    let share = |code: String| Verb::Collaborate { kind: KIND, code: Some(code), user: None, form: None };
    w.asks_about("alice", session, share("12".into()));
    assert!(refused(&w).contains("code"), "{}", refused(&w));
    assert!(trace(&w).is_empty(), "no session with a wrong code");
    w.asks_about("alice", session, share(code.unwrap()));
    assert_eq!(trace(&w)[1], "establish web:vis_1 agent:alice");
    let collab = w.collabs_of(session)[0];
    w.both_join(collab);
    w.hang_up(caller);
    assert!(trace(&w).ends_with(&["end Closed".to_owned(), "ended Closed".to_owned()]), "{:?}", trace(&w));
}

fn refused(w: &World) -> String {
    let last = w.told.iter().rev().find_map(|(_, t)| match t {
        Told::Refused { why } => Some(why.clone()),
        _ => None,
    });
    last.unwrap_or_default()
}

#[test]
fn s3_09_what_cannot_be_is_refused_with_a_code_and_brings_about_nothing() {
    let (mut w, leg, session) = chat();
    let eve = UserUri::Web("eve".into());
    w.say(Call::Asked { user: eve.clone(), leg, kind: KIND });
    w.say(Call::Asked { user: ann(), leg: ngcc_proto::LegId(99), kind: KIND });
    w.say(Call::Asked { user: ann(), leg, kind: Kind::Form });
    let refused: Vec<(UserUri, Why)> = w
        .sharing
        .answers
        .iter()
        .filter_map(|a| match a {
            Answer::Refused { user, why, .. } => Some((user.clone(), *why)),
            _ => None,
        })
        .collect();
    assert_eq!(refused, [(eve, Why::Identity), (ann(), Why::Closed), (ann(), Why::Unsupported)]);
    // A user without a page: nothing is established.
    w.sharing.pages.clear();
    w.asks_about("alice", session, collaborate());
    assert!(trace(&w).contains(&"refused UnknownUser".to_owned()));
    assert!(!trace(&w).iter().any(|said| said.starts_with("establish")));
    assert!(w.contact("alice", session).unwrap().shared.is_empty());
}

#[test]
fn s3_09_while_the_collaboration_server_is_down_it_is_refused_and_the_agent_is_free_at_once() {
    let mut w = desk(&["alice"]);
    w.sharing.down = true;
    let leg = w.arrives_to_share("2000", ann(), Some((CollabId(7), KIND)));
    w.run();
    w.accepts("alice");
    w.secs(4);
    assert!(trace(&w).contains(&"ended Unavailable".to_owned()), "{:?}", trace(&w));
    assert!(w.released(leg).is_some());
    assert!(w.chats["alice"].is_empty(), "nothing to wrap up: {:?}", w.chats["alice"]);
    w.assert_clean();

    // Whoever is in a chat stays in it.
    let (mut w, _, session) = chat();
    w.sharing.down = true;
    w.asks_about("alice", session, collaborate());
    w.secs(4);
    assert!(trace(&w).contains(&"ended Unavailable".to_owned()));
    assert!(matches!(w.chats["alice"][..], [Slot::Talking { .. }]));
}

#[test]
fn s3_12_a_form_is_chosen_by_name_and_what_the_customer_confirms_stands_among_the_messages() {
    let (mut w, leg, session) = chat();
    let form =
        |name: &str| Verb::Collaborate { kind: Kind::Form, code: None, user: None, form: Some(name.into()) };
    w.asks_about("alice", session, form("return"));
    assert!(refused(&w).contains("form"));
    let field = Field {
        name: "order".into(),
        label: String::new(),
        kind: FieldKind::Text,
        options: vec![],
        required: true,
        by: FieldBy::Both,
    };
    w.config.forms = vec![Form { name: "return".into(), label: String::new(), fields: vec![field] }];
    w.config.version += 1;
    let config = w.config.clone();
    w.say(config);
    w.asks_about("alice", session, form("return"));
    let collab = w.collabs_of(session)[0];
    let has_form = w.sent.iter().any(|e| {
        matches!(&e.body, Body::CollabCommand(Command::Establish { form: Some(form), .. }) if form.name == "return")
    });
    assert!(has_form);
    w.say(Event::Noted { collab, by: By::Customer, act: Act::Confirm, what: "return".into() });
    w.say(Event::Confirmed { collab, text: chat::Text("order: 4711".into()) });
    assert_eq!(w.shown_to(leg).last().unwrap(), "customer: order: 4711");
    assert_eq!(w.read_by("alice").last().unwrap(), "customer: order: 4711");
    let noted =
        w.facts_of(session).iter().any(|f| matches!(f.what, What::CollabNoted { act: Act::Confirm, .. }));
    assert!(noted);
}
