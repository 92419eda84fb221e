//! Who sees which customers, and what a database that does not answer keeps back.

use super::*;

#[tokio::test]
async fn an_agent_sees_whom_they_serve_or_have_served_and_nobody_else() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    running.proved("customer:1", "web:v1").await;
    let by_channel = running.had(1, "channel:app/u1").await;
    running.proved("customer:1", "channel:app/u1").await;
    let contact = running.of("customer:1").await;
    let get = || Ask::Get { contact: contact.id };
    assert_eq!(running.about(alice(&[]), get()).await, Told::Unknown);
    assert_eq!(running.about(alice(&["tel:9"]), get()).await, Told::Unknown);
    assert_eq!(running.contact(alice(&["web:v1"]), get()).await, contact, "by whatever way they come");
    let label = Change { add_labels: vec!["x".to_owned()], ..Change::default() };
    let (id, version) = (contact.id, contact.version);
    let change = Ask::Change { contact: id, version, change: label };
    assert_eq!(running.about(alice(&[]), change).await, Told::Unknown);
    let Told::Sessions { serves, sessions } =
        running.about(alice(&["web:v1"]), Ask::Sessions { contact: id, before: None, limit: 9 }).await
    else {
        panic!()
    };
    assert_eq!((serves, sessions.len()), (true, 1));
    for (serving, yes) in [(&["web:v1"][..], true), (&[][..], false), (&["tel:9"][..], false)] {
        let told = running.about(alice(serving), Ask::Serves { session: by_channel }).await;
        assert_eq!(told, Told::Serves { yes }, "{serving:?}");
    }
    // Whom she may not see she may not merge either, nor find.
    let own = running.contact(alice(&["tel:9"]), Ask::Of { user: uri("tel:9"), display: None }).await;
    let merge = Ask::Merge { contact: own.id, version: own.version, other: id };
    assert_eq!(running.about(alice(&["tel:9"]), merge).await, Told::Unknown);
    let sought = |text: &str| Ask::Find { text: text.to_owned(), before: None, limit: 20 };
    let told = running.about(alice(&["tel:9"]), sought("customer:1")).await;
    assert_eq!(told, Told::Found { contacts: vec![], next: None });
}

#[tokio::test]
async fn customers_are_found_by_name_number_id_and_label_page_by_page() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    for n in 0..5 {
        let user = uri(&format!("tel:+4930{n}"));
        running.contact(sue(), Ask::Of { user, display: Some(format!("Caller 100% {n}")) }).await;
    }
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let ask = Ask::Find { text: "caller 100%".to_owned(), before, limit: 2 };
        let Told::Found { contacts, next } = running.about(sue(), ask).await else { panic!() };
        assert!(contacts.len() <= 2);
        found.extend(contacts.iter().flat_map(users));
        match next {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    found.sort();
    assert_eq!(found, ["tel:+49300", "tel:+49301", "tel:+49302", "tel:+49303", "tel:+49304"]);
    assert_eq!(running.found_by("+49303").await, ["tel:+49303"]);
    assert_eq!(running.found_by("100_").await, Vec::<String>::new(), "no letter stands for others");
    assert_eq!(running.found_by("' OR 1=1 --").await, Vec::<String>::new());
    // Who has called and was never looked at is found by their whole number.
    running.had(7, "tel:+81355").await;
    assert_eq!(running.found_by("+8135").await, Vec::<String>::new());
    assert_eq!(running.found_by("+81355").await, ["tel:+81355"]);
    let told = running.about(sue(), Ask::Find { text: " ".to_owned(), before: None, limit: 20 }).await;
    assert!(matches!(told, Told::Refused { .. }));
    let contact = running.of("tel:+49300").await;
    let labelled =
        Change { add_labels: vec!["vip".to_owned(), "late payer".to_owned()], ..Change::default() };
    running.change(&contact, labelled).await;
    let told = running.about(sue(), Ask::Labels { prefix: "#V".to_owned() }).await;
    assert_eq!(told, Told::Labels { labels: vec!["vip".to_owned()] });
}

#[tokio::test]
async fn evidence_that_the_database_does_not_take_is_tried_again_in_order() {
    let place = Place::new();
    let mut running = Running::start(&place).await;
    let mut other = running.lock("business.db").await;
    let proved = Evidence::Proved {
        customer: uri("customer:1"),
        on: uri("web:v1"),
        name: None,
        attributes: Some(given(&[("tier", "gold")])),
    };
    assert_eq!(running.evidence(proved).await, Noted::Later);
    let claimed = Evidence::Claimed { user: uri("web:v1"), attributes: given(&[("cart", "1")]) };
    assert_eq!(running.evidence(claimed).await, Noted::Later);
    other.execute("ROLLBACK").await.unwrap();
    let both = async {
        loop {
            let contact = running.of("customer:1").await;
            if contact.attributes.len() == 2 {
                return contact;
            }
        }
    };
    let contact = tokio::time::timeout(Duration::from_secs(30), both).await.expect("it is tried again");
    assert_eq!(users(&contact), ["customer:1", "web:v1"]);
}
