//! Customers: the gateway says who asks and whom they serve, and the data centre what they are told.

use ngcc_proto::contact::{Ask, Command, Event};
use ngcc_proto::envelope::Body;
use ngcc_proto::fact::Medium;
use ngcc_proto::seat::{Availability, Told};
use ngcc_proto::{ContactId, ReservationId, SessionId, UserUri, Wall};
use serde_json::json;

use crate::client::Browser;
use crate::world::{World, state};

const SESSION: SessionId = SessionId(7);

/// What the data centre answers: everybody is known, and whoever is served by the asker is theirs.
pub(crate) fn answers(command: Command) -> Event {
    let Command { by, what } = command;
    let contact = ngcc_proto::contact::Contact {
        id: ContactId(1),
        version: 3,
        name: None,
        name_by: None,
        identities: vec![],
        attributes: vec![],
        labels: vec![],
        notes: vec![],
    };
    match what {
        Ask::Of { .. } | Ask::OfSession { .. } | Ask::Get { .. } if by.all || !by.serving.is_empty() => {
            Event::Contact { contact: Box::new(contact) }
        }
        Ask::Of { .. } | Ask::OfSession { .. } | Ask::Get { .. } => Event::Unknown,
        Ask::Serves { session } => Event::Serves { yes: session == SESSION && !by.serving.is_empty() },
        Ask::Find { text, .. } if text.is_empty() => Event::Refused { why: "say whom".to_owned() },
        Ask::Find { .. } => Event::Found { contacts: vec![contact], next: Some(ContactId(1)) },
        Ask::Sessions { .. } => Event::Sessions { sessions: vec![], serves: false },
        Ask::Labels { .. } => Event::Labels { labels: vec!["vip".to_owned()] },
        Ask::Change { version, .. } | Ask::Merge { version, .. } | Ask::Split { version, .. } => {
            if version == 3 { Event::Contact { contact: Box::new(contact) } } else { Event::Conflict }
        }
    }
}

fn offered(user: &str) -> Told {
    Told::Offered {
        reservation: ReservationId(1),
        session: SESSION,
        medium: Medium::Chat,
        user: user.parse().unwrap(),
        display: Some("Ann".to_owned()),
        queue: None,
        waited_ms: 0,
        path: vec![],
        shared: vec![],
        declined: None,
        at: Wall(0),
        until: Wall(1),
    }
}

impl World {
    async fn asked(&mut self) -> Command {
        self.came(|body| if let Body::ContactCommand(command) = body { Some(command) } else { None }).await
    }
}

#[tokio::test]
async fn an_agents_questions_about_customers_name_whom_they_serve_and_a_supervisors_see_all() {
    let mut world = World::open("contacts").await;
    let (alice, sue) = (Browser::sign_in(world.at, "alice").await, Browser::sign_in(world.at, "sue").await);
    let path = format!("/api/v1/sessions/{SESSION}/contact");
    assert_eq!(alice.get(&path).await.code(), "not_found");
    assert_eq!(world.asked().await.what, Ask::OfSession { session: SESSION });

    let (mut page, _) = alice.page("/ws/agent").await;
    world.centre.tell("alice", None, offered("web:v1"));
    page.find(|frame| frame["data"]["type"] == "offered").await;
    assert_eq!(alice.get(&path).await.json()["id"], ContactId(1).to_string());
    let asked = world.asked().await;
    let user = UserUri::Web("v1".to_owned());
    assert_eq!((asked.by.serving, asked.by.all), (vec![user.clone()], false));
    assert_eq!(asked.what, Ask::Of { user, display: Some("Ann".to_owned()) });
    // The transcript of a colleague's session with this customer is theirs to read, and noted.
    let transcript = format!("/api/v1/sessions/{SESSION}");
    assert_eq!(alice.get(&transcript).await.status, 200);
    assert_eq!(world.centre.acts.lock().unwrap().last().unwrap().act, "read_transcript");

    world.centre.tell("alice", None, state(Availability::LoggedOut));
    page.find(|frame| frame["data"]["type"] == "state").await;
    assert_eq!(alice.get(&transcript).await.code(), "not_found", "not any longer");
    assert_eq!(sue.get(&path).await.status, 200);
    while !world.asked().await.by.all {}
}

#[tokio::test]
async fn what_is_changed_of_a_customer_is_noted_first_and_somebody_elses_change_is_not_overwritten() {
    let world = World::open("changes").await;
    let sue = Browser::sign_in(world.at, "sue").await;
    let id = ContactId(1);
    let path = |what: &str| format!("/api/v1/contacts/{id}{what}");
    let other = json!({ "version": 3, "other": ContactId(2).to_string() });
    for (path, body, act) in [
        (path("/merge"), other, "merge_contacts"),
        (path("/split"), json!({ "version": 3, "identity": "web:v1" }), "split_contact"),
        (path("/split"), json!({ "version": 3, "contact": ContactId(2).to_string() }), "split_contact"),
    ] {
        assert_eq!(sue.post(&path, body).await.status, 200, "{path}");
        let noted = world.centre.acts.lock().unwrap().last().unwrap().clone();
        assert_eq!((noted.user.as_str(), noted.act.as_str()), ("sue", act));
        assert!(noted.on.starts_with(&id.to_string()), "{noted:?}");
    }
    let late = sue.post(&path("/merge"), json!({ "version": 2, "other": ContactId(2).to_string() })).await;
    assert_eq!((late.status, late.code().as_str()), (409, "changed"));
    for bad in [
        json!({ "version": 3 }),
        json!({ "version": 3, "identity": "fax:1" }),
        json!({ "version": 3, "identity": "web:v1", "contact": ContactId(2).to_string() }),
        json!({ "version": 3, "contact": "con_1" }),
    ] {
        assert_eq!(sue.post(&path("/split"), bad.clone()).await.code(), "bad_request", "{bad}");
    }
    let found = sue.get("/api/v1/contacts?q=ann").await.json();
    assert_eq!(found["next_cursor"], id.to_string());
    let none = sue.get("/api/v1/contacts?q=").await;
    assert_eq!((none.status, none.code().as_str()), (409, "refused"));
    for bad in ["?q=a&limit=51", "?q=a&cursor=x", ""] {
        assert_eq!(sue.get(&format!("/api/v1/contacts{bad}")).await.status, 400, "{bad}");
    }
    assert_eq!(sue.get("/api/v1/contact-labels?prefix=v").await.json()["labels"], json!(["vip"]));
    assert_eq!(sue.get(&path("/sessions")).await.json()["data"], json!([]));
}
