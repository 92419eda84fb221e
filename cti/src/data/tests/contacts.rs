//! Who customers are: what joins them, what parts them, and what nobody may see.

use std::collections::BTreeMap;

use ngcc_proto::chat::Text;
use ngcc_proto::contact::{
    Ask, Asker, Change, Command as Question, Contact, Event as Told, Evidence, Given, Noted, Part, Source,
};
use ngcc_proto::{ContactId, UserUri};

use super::*;

mod seen;

fn uri(text: &str) -> UserUri {
    text.parse().unwrap()
}

fn given(pairs: &[(&str, &str)]) -> Given {
    let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), Text((*value).to_owned())));
    Given::new(pairs.collect()).unwrap()
}

/// Sue, who may see everybody.
fn sue() -> Asker {
    Asker { agent: AgentUri::new("sue").unwrap(), all: true, serving: vec![] }
}

/// Alice, who serves these now.
fn alice(serving: &[&str]) -> Asker {
    let serving = serving.iter().map(|user| uri(user)).collect();
    Asker { agent: AgentUri::new("alice").unwrap(), all: false, serving }
}

fn users(contact: &Contact) -> Vec<String> {
    let mut users: Vec<String> = contact.identities.iter().map(|one| one.user.to_string()).collect();
    users.sort();
    users
}

fn attribute<'a>(contact: &'a Contact, key: &str) -> (&'a str, &'a Source) {
    let found = contact.attributes.iter().find(|one| one.key == key).unwrap();
    (found.value.0.as_str(), &found.by)
}

impl Running {
    async fn about(&mut self, by: Asker, what: Ask) -> Told {
        let answer = self.ask(Question { by, what }).await;
        let Body::ContactEvent(event) = answer else { panic!("{}", answer.name()) };
        event
    }

    async fn contact(&mut self, by: Asker, what: Ask) -> Contact {
        let told = self.about(by, what).await;
        let Told::Contact { contact } = told else { panic!("{told:?}") };
        *contact
    }

    async fn of(&mut self, user: &str) -> Contact {
        self.contact(sue(), Ask::Of { user: uri(user), display: None }).await
    }

    async fn evidence(&mut self, evidence: Evidence) -> Noted {
        let answer = self.ask(evidence).await;
        let Body::ContactNoted(noted) = answer else { panic!("{}", answer.name()) };
        noted
    }

    async fn proved(&mut self, customer: &str, on: &str) {
        self.proved_with(customer, on, None, None).await;
    }

    async fn proved_with(
        &mut self,
        customer: &str,
        on: &str,
        name: Option<(&str, bool)>,
        attributes: Option<Given>,
    ) {
        let name = name.map(|(name, proved)| (name.to_owned(), proved));
        let proved = Evidence::Proved { customer: uri(customer), on: uri(on), name, attributes };
        assert_eq!(self.evidence(proved).await, Noted::Kept);
    }

    async fn change(&mut self, contact: &Contact, change: Change) -> Told {
        self.about(sue(), Ask::Change { contact: contact.id, version: contact.version, change }).await
    }

    async fn merge(&mut self, one: &Contact, other: &Contact) -> Told {
        self.about(sue(), Ask::Merge { contact: one.id, version: one.version, other: other.id }).await
    }

    async fn split(&mut self, contact: &Contact, identity: &str) -> Told {
        let (id, version) = (contact.id, contact.version);
        let part = Part::Identity(uri(identity));
        self.about(sue(), Ask::Split { contact: id, version, part }).await
    }

    async fn found_by(&mut self, text: &str) -> Vec<String> {
        let told = self.about(sue(), Ask::Find { text: text.to_owned(), before: None, limit: 20 }).await;
        let Told::Found { contacts, .. } = told else { panic!("{text}: {told:?}") };
        contacts.iter().flat_map(users).collect()
    }

    /// A closed session of this customer's.
    async fn had(&mut self, n: u64, user: &str) -> SessionId {
        let (session, mut facts) = chain(n);
        if let What::Opened { user: of, .. } = &mut facts[0].what {
            *of = uri(user);
        }
        self.send(data::Command::Store { session, facts });
        self.stored([session].into()).await;
        session
    }

    async fn sessions(&mut self, contact: ContactId) -> Vec<String> {
        let told = self.about(sue(), Ask::Sessions { contact, before: None, limit: 200 }).await;
        let Told::Sessions { sessions, .. } = told else { panic!("{told:?}") };
        sessions.into_iter().map(|session| session.user).collect()
    }
}

#[tokio::test]
async fn a_proof_joins_every_way_to_the_companys_customer_and_a_typed_number_or_a_name_joins_nothing() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running
        .proved_with("customer:4711", "web:v1", Some(("Ann", true)), Some(given(&[("tier", "gold")])))
        .await;
    running.proved("customer:4711", "channel:app/u1").await;
    let ann = running.of("web:v1").await;
    assert_eq!(users(&ann), ["channel:app/u1", "customer:4711", "web:v1"]);
    assert!(ann.identities.iter().all(|one| one.proved && !one.shared));
    assert_eq!((ann.name.as_deref(), ann.name_by.as_ref()), (Some("Ann"), Some(&Source::Proved)));
    assert_eq!(attribute(&ann, "tier"), ("gold", &Source::Proved));

    // A caller who gives the same name, and whose page claims the same number, is somebody else.
    let display = Some("Ann".to_owned());
    let caller = running.contact(sue(), Ask::Of { user: uri("tel:+4930123"), display }).await;
    let claims = Evidence::Claimed { user: uri("web:v2"), attributes: given(&[("phone", "+4930123")]) };
    assert_eq!(running.evidence(claims).await, Noted::Kept);
    assert_eq!(users(&caller), ["tel:+4930123"]);
    assert_eq!(caller.name_by, Some(Source::Claimed));
    assert_eq!(users(&running.of("web:v2").await), ["web:v2"]);

    // The same again changes nothing.
    running
        .proved_with("customer:4711", "web:v1", Some(("Ann", true)), Some(given(&[("tier", "gold")])))
        .await;
    assert_eq!(running.of("customer:4711").await, ann);
    running.stop().await;
    assert_eq!(Running::start(&place).await.of("channel:app/u1").await, ann, "and it outlives a start");
}

#[tokio::test]
async fn a_browser_on_which_two_customers_sign_in_is_neithers() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.had(1, "web:v1").await;
    running.proved("customer:1", "web:v1").await;
    running.proved("customer:1", "channel:app/u1").await;
    let one = running.of("customer:1").await;
    assert_eq!(running.sessions(one.id).await, ["web:v1"]);
    running.proved("customer:2", "web:v1").await;
    let (one, two) = (running.of("customer:1").await, running.of("customer:2").await);
    assert_eq!(users(&one), ["channel:app/u1", "customer:1"]);
    assert_eq!(users(&two), ["customer:2"]);
    // What was said there before anybody signed in may be either's: it is shown at neither.
    assert_eq!(running.sessions(one.id).await, Vec::<String>::new());
    assert_eq!(running.sessions(two.id).await, Vec::<String>::new());
    let browser = running.of("web:v1").await;
    assert_eq!((users(&browser), browser.identities[0].shared), (vec!["web:v1".to_owned()], true));
    assert!(!browser.identities[0].proved);
    // Neither of them gets it back by signing in once more.
    for customer in ["customer:1", "customer:2"] {
        running.proved(customer, "web:v1").await;
        assert_eq!(users(&running.of("web:v1").await), ["web:v1"]);
    }
    assert_eq!(users(&running.of("customer:1").await), ["channel:app/u1", "customer:1"]);
}

#[tokio::test]
async fn what_is_proved_stands_before_what_an_agent_says_and_that_before_what_a_page_claims() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let claims =
        |pairs: &[(&str, &str)]| Evidence::Claimed { user: uri("customer:1"), attributes: given(pairs) };
    running
        .proved_with("customer:1", "web:v1", None, Some(given(&[("tier", "gold"), ("city", "Bonn")])))
        .await;
    running.evidence(claims(&[("tier", "platinum"), ("cart", "3"), ("color", "red")])).await;
    let contact = running.of("customer:1").await;
    assert_eq!(attribute(&contact, "tier"), ("gold", &Source::Proved));
    assert_eq!(attribute(&contact, "cart"), ("3", &Source::Claimed));

    let set = |key: &str, value: Option<&str>| Change {
        attributes: BTreeMap::from([(key.to_owned(), value.map(|value| Text(value.to_owned())))]),
        ..Change::default()
    };
    let Told::Refused { why } = running.change(&contact, set("tier", Some("bronze"))).await else { panic!() };
    assert!(why.contains("proved"), "{why}");
    let Told::Contact { contact } = running.change(&contact, set("color", Some("blue"))).await else {
        panic!()
    };
    running.evidence(claims(&[("color", "green"), ("cart", "")])).await;
    let contact = running.contact(sue(), Ask::Get { contact: contact.id }).await;
    let by = Source::Agent { agent: AgentUri::new("sue").unwrap() };
    assert_eq!(attribute(&contact, "color"), ("blue", &by));
    assert!(contact.attributes.iter().all(|one| one.key != "cart"), "an empty value takes it away");

    // What a later proof does not say is proved no longer.
    running.proved_with("customer:1", "web:v1", None, Some(given(&[("tier", "silver")]))).await;
    let contact = running.of("customer:1").await;
    assert_eq!(attribute(&contact, "tier"), ("silver", &Source::Proved));
    assert!(contact.attributes.iter().all(|one| one.key != "city"));
    let Told::Contact { contact } = running.change(&contact, set("color", None)).await else { panic!() };
    assert!(contact.attributes.iter().all(|one| one.key != "color"));
}

#[tokio::test]
async fn two_contacts_are_merged_by_hand_and_parted_as_they_were() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let sessions = [running.had(1, "tel:1").await, running.had(2, "web:v1").await];
    let phone = running.of("tel:1").await;
    let web = running.of("web:v1").await;
    let named = |name: &str, label: &str, note: &str| Change {
        name: Some(name.to_owned()),
        note: Some(Text(note.to_owned())),
        add_labels: vec![label.to_owned()],
        ..Change::default()
    };
    let Told::Contact { contact: phone } =
        running.change(&phone, named("Mr. Chen", "#vip", "calls often")).await
    else {
        panic!()
    };
    let Told::Contact { contact: web } = running.change(&web, named("chen88", "new", "writes")).await else {
        panic!()
    };
    let Told::Contact { contact: both } = running.merge(&phone, &web).await else { panic!() };
    assert_eq!(both.id, phone.id);
    assert_eq!(users(&both), ["tel:1", "web:v1"]);
    assert_eq!(both.name.as_deref(), Some("Mr. Chen"), "the one that stays names it");
    assert_eq!(both.labels, ["new", "vip"]);
    assert_eq!(
        both.notes.iter().map(|n| (n.text.0.as_str(), n.own)).collect::<Vec<_>>(),
        [("calls often", true), ("writes", false)]
    );
    assert_eq!(running.sessions(both.id).await, ["web:v1", "tel:1"], "every session of both, newest first");
    assert_eq!(running.of("web:v1").await, *both);
    assert_eq!(running.contact(sue(), Ask::Get { contact: web.id }).await, *both, "by its old id too");

    // The whole of what was merged comes back by its id.
    let undo = |of: &Contact, merged: &Contact| Ask::Split {
        contact: of.id,
        version: of.version,
        part: Part::Contact(merged.id),
    };
    let Told::Contact { contact: undone } = running.about(sue(), undo(&both, &web)).await else { panic!() };
    assert_eq!(users(&undone), ["tel:1"]);
    let told = running.about(sue(), undo(&undone, &web)).await;
    assert!(matches!(&told, Told::Refused { why } if why.contains("not been merged")), "{told:?}");
    let again = running.of("web:v1").await;
    let Told::Contact { contact: both } = running.merge(&undone, &again).await else { panic!() };

    let Told::Contact { contact: left } = running.split(&both, "web:v1").await else { panic!() };
    assert_eq!((users(&left), &left.labels), (vec!["tel:1".to_owned()], &vec!["vip".to_owned()]));
    let back = running.of("web:v1").await;
    assert_eq!(
        (back.id, back.name.as_deref(), &back.labels, &back.notes),
        (web.id, Some("chen88"), &web.labels, &web.notes)
    );
    assert_eq!(running.sessions(left.id).await, ["tel:1"]);
    // Merging rewrote nothing: each session is what it was.
    for (session, user) in sessions.into_iter().zip(["tel:1", "web:v1"]) {
        let found = running.contact(sue(), Ask::OfSession { session }).await;
        assert_eq!(users(&found), [user]);
    }
    let Told::Refused { why } = running.split(&left, "tel:1").await else { panic!() };
    assert!(why.contains("only"), "{why}");
}

#[tokio::test]
async fn what_a_person_has_parted_no_proof_joins_again_and_what_they_have_joined_none_takes_apart() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.proved("customer:1", "web:v1").await;
    running.proved("customer:1", "channel:app/u1").await;
    let all = running.of("customer:1").await;
    let Told::Contact { .. } = running.split(&all, "web:v1").await else { panic!() };
    running.proved("customer:1", "web:v1").await;
    assert_eq!(users(&running.of("web:v1").await), ["web:v1"]);
    // From the other side: the company's customer is taken off, and its name, labels and the rest stay.
    let rest = running.of("customer:1").await;
    let Told::Contact { contact: left } = running.split(&rest, "customer:1").await else { panic!() };
    assert_eq!(users(&left), ["channel:app/u1"]);
    running.proved("customer:1", "channel:app/u1").await;
    assert_eq!(users(&running.of("customer:1").await), ["customer:1"]);

    // Two of the company's customers are one person: an agent may know that, a proof never says it.
    let (one, two) = (running.of("customer:1").await, running.of("customer:2").await);
    let Told::Contact { contact: one } = running.merge(&one, &two).await else { panic!() };
    running.proved("customer:3", "web:v9").await;
    let nine = running.of("web:v9").await;
    let Told::Contact { contact: all } = running.merge(&one, &nine).await else { panic!() };
    running.proved("customer:4", "web:v7").await;
    let seven = running.of("web:v7").await;
    assert_eq!(users(&seven), ["customer:4", "web:v7"]);
    assert_eq!(users(&running.of("customer:2").await), users(&all), "nobody else's proof has changed it");
}

#[tokio::test]
async fn a_change_of_what_somebody_else_has_changed_meanwhile_is_not_made() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let contact = running.of("tel:1").await;
    let label = |text: &str| Change { add_labels: vec![text.to_owned()], ..Change::default() };
    assert!(matches!(running.change(&contact, label("one")).await, Told::Contact { .. }));
    assert_eq!(running.change(&contact, label("two")).await, Told::Conflict);
    let now = running.of("tel:1").await;
    assert_eq!(now.labels, ["one"]);
    let other = running.of("tel:2").await;
    assert_eq!(running.merge(&contact, &other).await, Told::Conflict);
    assert_eq!(running.split(&contact, "tel:1").await, Told::Conflict);
    let take_off = Change { remove_labels: vec!["ONE".to_owned()], ..Change::default() };
    let Told::Contact { contact } = running.change(&now, take_off).await else { panic!() };
    assert_eq!(contact.labels, Vec::<String>::new());
}

#[tokio::test]
async fn a_contact_is_bounded_in_everything_and_what_is_too_much_changes_nothing() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let mut contact = running.of("tel:1").await;
    let labels = |from: usize, n: usize| (from..from + n).map(|i| format!("l{i}")).collect::<Vec<_>>();
    for (change, word) in [
        (Change { name: Some("x".repeat(129)), ..Change::default() }, "name"),
        (Change { name: Some("a\nb".to_owned()), ..Change::default() }, "name"),
        (Change { note: Some(Text("x".repeat(8193))), ..Change::default() }, "note"),
        (Change { add_labels: labels(0, 33), ..Change::default() }, "32 labels"),
        (Change { add_labels: vec!["#".to_owned()], ..Change::default() }, "label"),
    ] {
        let told = running.change(&contact, change).await;
        let Told::Refused { why } = told else { panic!("{word}: {told:?}") };
        assert!(why.contains(word), "{why}");
    }
    assert_eq!(running.of("tel:1").await, contact);
    for from in [0, 32] {
        let attributes = (from..from + 32).map(|i| (format!("k{i}"), Some(Text("v".to_owned())))).collect();
        let Told::Contact { contact: now } =
            running.change(&contact, Change { attributes, ..Change::default() }).await
        else {
            panic!()
        };
        contact = *now;
    }
    let one_more = BTreeMap::from([("k64".to_owned(), Some(Text("v".to_owned())))]);
    let told = running.change(&contact, Change { attributes: one_more, ..Change::default() }).await;
    assert!(matches!(&told, Told::Refused { why } if why.contains("64")), "{told:?}");

    // Ways in: the 33rd that is proved stays by itself, and the 33rd that is merged is refused.
    for n in 0..31 {
        running.proved("customer:1", &format!("channel:app/u{n}")).await;
    }
    running.proved("customer:1", "channel:app/over").await;
    let full = running.of("customer:1").await;
    assert_eq!(full.identities.len(), 32);
    assert_eq!(users(&running.of("channel:app/over").await), ["channel:app/over"]);
    let told = running.merge(&full, &contact).await;
    assert!(matches!(&told, Told::Refused { why } if why.contains("32 identities")), "{told:?}");
    assert_eq!(running.of("tel:1").await, contact);

    // A page's own: thirty-two and no more.
    let claims = |from: usize| {
        let pairs = (from..from + 32).map(|i| (format!("k{i}"), Text("v".to_owned()))).collect();
        Evidence::Claimed { user: uri("web:v1"), attributes: Given::new(pairs).unwrap() }
    };
    assert_eq!(running.evidence(claims(0)).await, Noted::Kept);
    assert_eq!(running.evidence(claims(1)).await, Noted::Refused);
    assert_eq!(running.of("web:v1").await.attributes.len(), 32);
}
