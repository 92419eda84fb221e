//! The registrar on the wire: challenges, proofs, replays, bindings.

use std::time::Duration;

use ngcc_softacd_core::sip::Method;

use crate::world::*;

const URI: &str = "sip:127.0.0.1:5060";

fn challenge(w: &mut World, user: &str, seq: u32) -> String {
    w.hears(peer(6100), &register(peer(6100), user, seq, ""));
    let refusal = w.one();
    assert_eq!(status(&refusal), 401);
    refusal
}

fn contact(port: u16, expires: u32) -> String {
    format!("Contact: <sip:7001@127.0.0.1:{port}>;expires={expires}\r\n")
}

/// Registers with the `nth` challenge of a fresh 401.
fn registers(w: &mut World, nth: usize, seq: u32, contact: &str) -> String {
    let refusal = challenge(w, "7001", seq);
    let auth = credentials(&refusal, nth, "7001", SECRET, Method::Register, URI, 1);
    w.hears(peer(6100), &register(peer(6100), "7001", seq + 1, &(auth + contact)));
    w.one()
}

#[test]
fn sha_256_is_asked_for_first_and_md5_is_taken_too() {
    let mut w = World::new();
    let refusal = challenge(&mut w, "7001", 1);
    let offers: Vec<&str> = refusal.lines().filter(|l| l.starts_with("WWW-Authenticate")).collect();
    assert!(offers[0].contains("algorithm=SHA-256") && offers[1].contains("algorithm=MD5"), "{offers:?}");
    for nth in [0, 1] {
        let ok = registers(&mut w, nth, 10 * u32::try_from(nth + 1).unwrap(), &contact(6100, 600));
        assert_eq!(status(&ok), 200);
        assert!(value(&ok, "Contact").ends_with("<sip:7001@127.0.0.1:6100>;expires=600"), "{ok}");
        assert!(value(&ok, "To").contains(";tag="));
    }
    assert_eq!(w.records.len(), 1);
}

#[test]
fn a_client_that_gives_up_at_sha_256_is_asked_for_md5_alone() {
    let mut w = World::new();
    let old = "User-Agent: baresip v1.0.0 (x86_64/linux)\r\n";
    w.hears(peer(6100), &register(peer(6100), "7001", 1, old));
    let refusal = w.one();
    let offers: Vec<&str> = refusal.lines().filter(|l| l.starts_with("WWW-Authenticate")).collect();
    assert!(offers.len() == 1 && offers[0].contains("algorithm=MD5"), "{offers:?}");
    let auth = credentials(&refusal, 0, "7001", SECRET, Method::Register, URI, 1);
    w.hears(peer(6100), &register(peer(6100), "7001", 2, &(auth + old + &contact(6100, 600))));
    assert_eq!(status(&w.one()), 200);
}

#[test]
fn an_unknown_name_and_a_wrong_secret_are_told_apart_by_nothing() {
    let mut w = World::new();
    let answers: Vec<(u16, Vec<String>)> = [("7001", "wrong"), ("nobody", "wrong"), ("nobody", SECRET)]
        .iter()
        .map(|(user, secret)| {
            let refusal = challenge(&mut w, user, 1);
            let auth = credentials(&refusal, 0, user, secret, Method::Register, URI, 1);
            w.hears(peer(6100), &register(peer(6100), user, 2, &(auth + &contact(6100, 600))));
            let answer = w.one();
            let names =
                answer.lines().map(|l| l.split([':', '=']).next().unwrap_or_default().to_owned()).collect();
            (status(&answer), names)
        })
        .collect();
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|a| *a == answers[0]), "{answers:#?}");
    assert!(w.records.is_empty());
}

#[test]
fn a_replayed_proof_is_stale_and_a_repeated_request_is_not() {
    let mut w = World::new();
    let refusal = challenge(&mut w, "7001", 1);
    let auth = credentials(&refusal, 0, "7001", SECRET, Method::Register, URI, 1);
    let good = register(peer(6100), "7001", 2, &(auth.clone() + &contact(6100, 600)));
    w.hears(peer(6100), &good);
    let ok = w.one();
    w.hears(peer(6100), &good);
    assert_eq!(w.one(), ok, "a retransmission gets the same answer");
    w.hears(peer(6666), &register(peer(6666), "7001", 3, &(auth + &contact(6666, 600))));
    let replay = w.one();
    assert_eq!(status(&replay), 401);
    assert!(replay.contains("stale=true"));
    let next = credentials(&refusal, 0, "7001", SECRET, Method::Register, URI, 2);
    w.hears(peer(6100), &register(peer(6100), "7001", 4, &(next + &contact(6100, 600))));
    assert_eq!(status(&w.one()), 200, "the next count of the same nonce is good");
}

#[test]
fn a_nonce_that_is_too_old_or_from_before_a_restart_is_stale() {
    let mut w = World::new();
    let refusal = challenge(&mut w, "7001", 1);
    w.pass(Duration::from_secs(301));
    let auth = credentials(&refusal, 0, "7001", SECRET, Method::Register, URI, 1);
    w.hears(peer(6100), &register(peer(6100), "7001", 2, &auth));
    assert!(w.one().contains("stale=true"));
    let refusal = challenge(&mut w, "7001", 3);
    w.restart(Duration::from_secs(1));
    w.sent();
    let auth = credentials(&refusal, 0, "7001", SECRET, Method::Register, URI, 1);
    w.hears(peer(6100), &register(peer(6100), "7001", 4, &auth));
    assert!(w.one().contains("stale=true"));
}

#[test]
fn a_binding_lapses_after_its_time() {
    let mut w = World::new();
    registers(&mut w, 0, 1, &contact(6100, 60));
    assert_eq!(w.records.len(), 1);
    w.pass(Duration::from_secs(59));
    assert_eq!(w.records.len(), 1);
    w.pass(Duration::from_secs(2));
    assert!(w.records.is_empty());
}

#[test]
fn bindings_are_fetched_added_and_taken_away() {
    let mut w = World::new();
    registers(&mut w, 0, 1, &contact(6100, 600));
    let both = registers(&mut w, 0, 11, &contact(6200, 300));
    assert_eq!(both.matches("\r\nContact: ").count(), 2);
    let fetched = registers(&mut w, 0, 21, "");
    assert_eq!(fetched.matches("\r\nContact: ").count(), 2);
    let one = registers(&mut w, 0, 31, &contact(6100, 0));
    assert_eq!(one.matches("\r\nContact: ").count(), 1);
    assert_eq!(
        status(&registers(&mut w, 0, 41, "Contact: *\r\n")),
        400,
        "all of them go only with Expires: 0"
    );
    let none = registers(&mut w, 0, 51, "Contact: *\r\nExpires: 0\r\n");
    assert_eq!(none.matches("\r\nContact: ").count(), 0);
    assert!(w.records.is_empty());
}

#[test]
fn a_phone_has_at_most_ten_bindings() {
    let mut w = World::new();
    for n in 0..12 {
        registers(&mut w, 0, 1 + 10 * n, &contact(6100 + u16::try_from(n).unwrap(), 600 + n));
    }
    let all = registers(&mut w, 0, 1000, "");
    assert_eq!(all.matches("\r\nContact: ").count(), 10);
    assert!(!all.contains("127.0.0.1:6101>") && all.contains("127.0.0.1:6111>"), "the first to lapse go");
}

#[test]
fn times_are_granted_within_bounds() {
    let mut w = World::new();
    let brief = registers(&mut w, 0, 1, &contact(6100, 5));
    assert_eq!((status(&brief), value(&brief, "Min-Expires")), (423, "10".to_owned()));
    assert!(registers(&mut w, 0, 11, &contact(6100, 1_000_000)).contains("expires=3600"));
    assert!(registers(&mut w, 0, 21, "Contact: <sip:7001@127.0.0.1:6100>\r\n").contains("expires=60\r\n"));
}

#[test]
fn an_older_register_that_comes_late_changes_nothing() {
    let mut w = World::new();
    registers(&mut w, 0, 10, &contact(6100, 600));
    assert_eq!(status(&registers(&mut w, 0, 5, &contact(6100, 0))), 500);
    assert_eq!(w.records.len(), 1);
}

#[test]
fn a_phone_registers_only_itself() {
    let mut w = World::new();
    let refusal = challenge(&mut w, "7001", 1);
    let auth = credentials(&refusal, 0, "7002", SECRET, Method::Register, URI, 1);
    w.hears(peer(6100), &register(peer(6100), "7001", 2, &(auth + &contact(6100, 600))));
    assert_eq!(status(&w.one()), 403);
}

#[test]
fn guessing_secrets_bans_the_address_for_a_minute() {
    let mut w = World::new();
    for n in 0..20 {
        let refusal = challenge(&mut w, "7001", 2 * n + 1);
        let auth = credentials(&refusal, 0, "7001", &format!("guess {n}"), Method::Register, URI, 1);
        w.hears(peer(6100), &register(peer(6100), "7001", 2 * n + 2, &auth));
        assert_eq!(status(&w.one()), 401);
    }
    w.hears(peer(6100), &register(peer(6100), "7001", 100, ""));
    assert!(w.sent().is_empty(), "not a word any more");
    w.pass(Duration::from_secs(61));
    challenge(&mut w, "7001", 200);
}

#[test]
fn the_phones_of_a_new_configuration_are_the_only_ones() {
    let mut w = World::new();
    registers(&mut w, 0, 1, &contact(6100, 600));
    w.configure(vec![account("7002")]);
    assert!(w.records.is_empty());
}
