//! What an envelope looks like between processes: it reads back as it was, and an unknown one is refused.

// Helpers of tests are tests too, to the lints.
#![cfg(test)]

use std::collections::BTreeMap;

use ngcc_proto::access::{Caller, Cause, Event as Access, Stage};
use ngcc_proto::bcsm::{AutoRun, BackBecause, ToAuto, ToHuman};
use ngcc_proto::config::{Bot, BotAccount, Field, FieldBy, FieldKind, ForIvr, Form};
use ngcc_proto::fact::{By, Fact, Medium, OfferEnd, WaitEnd, What};
use ngcc_proto::flow::{Ask, Command as FlowCommand, Event as Flow};
use ngcc_proto::media::{Command as Media, Event as MediaEvent, Part, Phase};
use ngcc_proto::seat::{Availability, DeclineReason, Slot, Told};
use ngcc_proto::{
    AgentUri, Body, ConferenceId, Envelope, Ids, LegId, Mono, ReservationId, Rng, RunId, SeatId, Secret,
    SessionId, Wall, data, seat,
};

const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

fn bodies(ids: &mut Ids) -> Vec<Body> {
    let at = Wall(1_700_000_000_000);
    let (leg, run): (LegId, RunId) = (ids.mint(at), ids.mint(at));
    let (conference, session): (ConferenceId, SessionId) = (ids.mint(at), ids.mint(at));
    let (seat, reservation): (SeatId, ReservationId) = (ids.mint(at), ids.mint(at));
    let agent = AgentUri::new("alice").unwrap();
    let vars = BTreeMap::from([("number".to_owned(), "42".to_owned())]);
    vec![
        Access::Arrived {
            lang: None,
            medium: Medium::Voice,
            beside: None,
            collab: None,
            leg,
            user: "sip:bob@example.com".parse().unwrap(),
            display: None,
            dialled: "1000".into(),
            caller: Caller::Phone("7001".into()),
            offer: Some(SDP.parse().unwrap()),
        }
        .into(),
        Access::Digit { leg, digit: Secret::new("5") }.into(),
        Access::Restored { legs: vec![(leg, Stage::Answered)] }.into(),
        Media::Phase { conference, phase: Phase::InIvr { listen: true, secure: false } }.into(),
        Media::Open { leg, conference, part: Part::Agent, offer: None }.into(),
        MediaEvent::Failed { leg, cause: Cause::NotAcceptable }.into(),
        Flow::Asked { run, ask: Ask::SignIn { pin: Secret::new("1234") }, vars: vars.clone() }.into(),
        FlowCommand::Resume { run, exit: "returned".into(), vars: vars.clone() }.into(),
        ToAuto { turn: 3, conference, leg, run: AutoRun::Resume { run }, args: vars.clone() }.into(),
        ToHuman { turn: 3, run, because: BackBecause::Asked, outcome: vars.clone() }.into(),
        seat::Event {
            agent,
            seat,
            what: Told::State {
                availability: Availability::Ready { since: at },
                pending: None,
                device: seat::Device::Browser,
                chats: vec![],
                chat_capacity: 4,
                voice: Slot::Talking { session, leg },
            },
        }
        .into(),
        for_ivr().into(),
        data::Command::Store { session, facts: facts(session, seat, reservation, vars) }.into(),
    ]
}

fn for_ivr() -> ForIvr {
    let (name, label, kind) = ("day".to_owned(), "Day".to_owned(), FieldKind::Date);
    let field = Field { name, label, kind, options: vec![], required: true, by: FieldBy::Customer };
    let form = Form { name: "visit".to_owned(), label: String::new(), fields: vec![field] };
    let settings =
        Bot { name: "helper".into(), url: "https://bot.example/".into(), timeout_s: 10, secret: None };
    let bots = vec![BotAccount { settings, secret: Secret::new("s3cret") }];
    ForIvr { version: 4, forms: vec![form], bots, ..ForIvr::default() }
}

fn facts(
    session: SessionId,
    seat: SeatId,
    reservation: ReservationId,
    vars: BTreeMap<String, String>,
) -> Vec<Fact> {
    let whats = [
        What::Opened {
            user: "tel:+4930".parse().unwrap(),
            display: Some("Ünal".into()),
            dialled: "1000".into(),
            medium: Medium::Voice,
            conference: ConferenceId(7),
        },
        What::OfferEnded { reservation, end: OfferEnd::NoAnswer, reason: None },
        What::OfferEnded { reservation, end: OfferEnd::Declined, reason: Some(DeclineReason::WrongSkill) },
        What::Dequeued { queue: "sales".into(), end: WaitEnd::Abandoned, wait_ms: 1200 },
        What::ToHuman { turn: 1, by: By::Automation, because: Some(BackBecause::Ended), outcome: vars },
        What::AgentReleased { seat, cause: Cause::Normal, wrap_up_until: Some(Mono(9)) },
        What::Closed { by: By::Customer, cause: Cause::Normal },
    ];
    let fact = |(n, what)| Fact {
        v: 1,
        session,
        n: u32::try_from(n).unwrap(),
        at: Wall(5),
        mono: Mono(6),
        cause: None,
        what,
    };
    whats.into_iter().enumerate().map(fact).collect()
}

#[test]
fn every_vocabulary_reads_back_as_it_was_written() {
    let mut ids = Ids::new(Rng::from_u64(3));
    for body in bodies(&mut ids) {
        let sent = Envelope::new(&mut ids, Wall(9), None, None, body);
        let text = serde_json::to_string(&sent).unwrap();
        let read: Envelope = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e} in {text}"));
        assert_eq!(read, sent, "{text}");
    }
}

#[test]
fn an_unknown_message_is_refused_and_not_guessed() {
    let mut ids = Ids::new(Rng::from_u64(3));
    let body = bodies(&mut ids).remove(0);
    let sent = serde_json::to_string(&Envelope::new(&mut ids, Wall(9), None, None, body)).unwrap();
    let other = sent.replace("\"arrived\"", "\"teleported\"");
    assert!(serde_json::from_str::<Envelope>(&other).is_err());
}

#[test]
fn what_ivr_was_told_before_flows_knew_forms_is_still_read() {
    let read: ForIvr = serde_json::from_str(r#"{"version":4,"flows":[]}"#).unwrap();
    assert_eq!(read, ForIvr { version: 4, ..ForIvr::default() });
}

#[test]
fn a_fact_of_before_reasons_were_given_is_still_read() {
    let old = r#"{"type":"offer_ended","reservation":"res_00000000000000000000000007","end":"declined"}"#;
    let read: What = serde_json::from_str(old).unwrap();
    assert_eq!(
        read,
        What::OfferEnded { reservation: ReservationId(7), end: OfferEnd::Declined, reason: None }
    );
    assert_eq!(serde_json::to_string(&read).unwrap(), old, "and written as it was");
}
