//! Chains written by hand, and what they add up to.

use ngcc_proto::access::Cause;
use ngcc_proto::fact::{By, ConsultEnd, Medium, OfferEnd, Suspended, VERSION, WaitEnd};
use ngcc_proto::flow::Vars;
use ngcc_proto::media::Part;
use ngcc_proto::{AgentUri, ConferenceId, LegId, ReservationId, Rng, RunId, SeatId, SessionId};

use super::*;

const T0: u64 = 1_000_000_000_000;
const CUSTOMER: LegId = LegId(1);
const ALICE: SeatId = SeatId(100);

/// A chain in the making; times are given in milliseconds, and lie 700 µs behind them to meet the rounding.
struct Chain(Vec<Fact>);

impl Chain {
    fn opened() -> Self {
        let user = "tel:4711".parse().unwrap();
        let what = What::Opened {
            user,
            display: None,
            dialled: "1000".to_owned(),
            medium: Medium::Voice,
            conference: ConferenceId(1),
        };
        Self(Vec::new()).at(0, what).at(0, What::LegAdded { leg: CUSTOMER, part: Part::User, seat: None })
    }

    fn at(mut self, ms: u64, what: What) -> Self {
        let n = u32::try_from(self.0.len()).unwrap();
        let uneven = if n == 0 { 0 } else { 700 };
        let fact = Fact {
            v: VERSION,
            session: SessionId(9),
            n,
            at: Wall(i64::try_from(5000 + ms).unwrap()),
            mono: Mono(T0 + ms * 1000 + uneven),
            cause: None,
            what,
        };
        self.0.push(fact);
        self
    }

    fn queued(self, ms: u64, queue: &str) -> Self {
        let since = Mono(T0 + ms * 1000);
        self.at(ms, What::Queued { queue: queue.to_owned(), priority: 0, since })
    }

    fn rings(self, ms: u64, n: u128) -> Self {
        let agent = AgentUri::new("alice").unwrap();
        let (reservation, leg) = (ReservationId(n), LegId(10 + n));
        let until = Mono(T0 + ms * 1000 + 22_000_000);
        let reserved =
            What::Reserved { reservation, seat: ALICE, agent, leg, why: "longest-idle".to_owned(), until };
        self.at(ms, reserved)
            .at(ms, What::LegAdded { leg, part: Part::Agent, seat: Some(ALICE) })
            .at(ms, What::Alerting { reservation })
    }

    fn answered(self, ms: u64, n: u128, wait_ms: u64) -> Self {
        let leg = LegId(10 + n);
        self.at(ms, What::LegAnswered { leg })
            .at(ms, What::Dequeued { queue: "sales".to_owned(), end: WaitEnd::Answered, wait_ms })
            .at(ms, What::OfferEnded { reservation: ReservationId(n), end: OfferEnd::Accepted, reason: None })
            .at(ms, What::Joined { leg, seat: Some(ALICE) })
    }

    fn released(self, ms: u64) -> Self {
        let until = Some(Mono(T0 + ms * 1000 + 30_000_000));
        self.at(ms, What::AgentReleased { seat: ALICE, cause: Cause::Normal, wrap_up_until: until })
    }

    fn closed(self, ms: u64) -> History {
        let chain = self.at(ms, What::Closed { by: By::Customer, cause: Cause::Normal });
        let chain = chain.at(ms + 12_000, What::WrapUpEnded { seat: ALICE, by: By::Centre });
        let history = fold(&chain.0, &seats()).unwrap();
        let s = &history.session;
        let parts = [s.self_service_ms, s.queue_ms, s.ring_ms, s.talk_ms, s.hold_ms, s.in_ivr_ms, s.other_ms];
        assert_eq!(parts.iter().sum::<u64>(), s.total_ms, "the phases add up to the whole");
        history
    }
}

/// Who joins by transfer is known by the seat only.
fn seats() -> SeatNames {
    [(SeatId(200), "carol".to_owned())].into()
}

fn flow(run: u128) -> What {
    What::FlowStarted { run: RunId(run), flow: "main".to_owned() }
}

fn suspended(run: u128) -> What {
    What::FlowSuspended(Suspended { run: RunId(run), ask: "human".to_owned(), found: Default::default() })
}

fn to_auto(turn: u32, run: u128) -> What {
    What::ToAuto { turn, run: RunId(run), flow: None, args: Vars::new() }
}

fn to_human(turn: u32) -> What {
    What::ToHuman { turn, by: By::Automation, because: None, outcome: Vars::new() }
}

#[test]
fn a_call_through_menu_queue_agent_and_hold() {
    let history = Chain::opened()
        .at(100, flow(1))
        .at(5_100, suspended(1))
        .queued(5_100, "sales")
        .rings(8_100, 1)
        .answered(10_100, 1, 5_000)
        .at(15_100, What::Held { by: By::Agent })
        .at(18_100, What::Unheld { by: By::Agent })
        .released(20_100)
        .closed(20_100);
    let s = &history.session;
    assert_eq!((s.other_ms, s.self_service_ms, s.queue_ms, s.ring_ms), (100, 5_000, 3_000, 2_000));
    assert_eq!((s.talk_ms, s.hold_ms, s.in_ivr_ms, s.total_ms), (7_000, 3_000, 0, 20_100));
    assert_eq!((s.wrap_up_ms, s.opened), (12_000, Wall(5_000)));
    assert_eq!((s.agent.as_deref(), s.queue.as_deref()), (Some("alice"), Some("sales")));
    assert_eq!((s.user.as_str(), s.dialled.as_str()), ("tel:4711", "1000"));
    let visit = Visit {
        queue: "sales".to_owned(),
        since: 10_100,
        wait_ms: 5_000,
        end: WaitEnd::Answered,
        agent: Some("alice".to_owned()),
    };
    assert_eq!(history.visits, [visit]);
    assert_eq!(history.legs.len(), 2);
    assert_eq!(history.legs[1].agent.as_deref(), Some("alice"));
    assert_eq!(history.legs[1].answered, Some(15_100));
}

#[test]
fn s4_07_hand_overs_are_in_ivr_time_and_one_record() {
    let history = Chain::opened()
        .at(0, flow(1))
        .at(1_000, suspended(1))
        .queued(1_000, "sales")
        .rings(2_000, 1)
        .answered(3_000, 1, 2_000)
        .at(5_000, to_auto(1, 1))
        .at(9_000, to_human(1))
        .at(10_000, to_auto(2, 1))
        .at(16_000, to_human(2))
        .at(18_000, to_auto(3, 1))
        .released(19_000)
        .closed(19_000);
    let s = &history.session;
    assert_eq!((s.in_ivr_ms, s.talk_ms), (4_000 + 6_000 + 1_000, 2_000 + 1_000 + 2_000));
    assert_eq!((s.self_service_ms, s.queue_ms, s.ring_ms, s.hold_ms), (1_000, 1_000, 1_000, 0));
}

#[test]
fn s4_11_after_the_agent_is_lost_the_flow_is_self_service_again() {
    let history = Chain::opened()
        .at(0, flow(1))
        .at(0, suspended(1))
        .queued(0, "sales")
        .rings(0, 1)
        .answered(1_000, 1, 1_000)
        .at(2_000, to_auto(1, 1))
        .at(3_000, What::LegLeft { leg: LegId(11), cause: Cause::Unreachable })
        .released(4_000)
        .queued(6_000, "sales")
        .at(9_000, What::Dequeued { queue: "sales".to_owned(), end: WaitEnd::Abandoned, wait_ms: 3_000 })
        .closed(9_000);
    let s = &history.session;
    assert_eq!(
        (s.ring_ms, s.talk_ms, s.in_ivr_ms, s.self_service_ms, s.queue_ms),
        (1_000, 1_000, 2_000, 2_000, 3_000)
    );
    let ends: Vec<WaitEnd> = history.visits.iter().map(|visit| visit.end).collect();
    assert_eq!(ends, [WaitEnd::Answered, WaitEnd::Abandoned]);
    assert_eq!(history.visits[1].agent, None);
}

#[test]
fn an_offer_that_nobody_takes_leads_back_to_the_queue_in_one_visit() {
    let no_answer = What::OfferEnded { reservation: ReservationId(1), end: OfferEnd::NoAnswer, reason: None };
    let history = Chain::opened()
        .queued(0, "sales")
        .rings(1_000, 1)
        .at(21_000, no_answer)
        .at(21_000, What::LegLeft { leg: LegId(11), cause: Cause::NoAnswer })
        .queued(21_000, "sales")
        .rings(22_000, 2)
        .answered(23_000, 2, 23_000)
        .released(30_000)
        .closed(30_000);
    let s = &history.session;
    assert_eq!((s.ring_ms, s.queue_ms, s.talk_ms), (21_000, 2_000, 7_000));
    assert_eq!(history.visits.len(), 1);
    assert_eq!(history.visits[0].since, 5_000);
}

#[test]
fn who_gives_up_in_the_queue_has_talked_to_nobody() {
    let history = Chain::opened().at(0, flow(1)).at(500, suspended(1)).queued(500, "sales").closed(60_500);
    let s = &history.session;
    assert_eq!((s.self_service_ms, s.queue_ms, s.talk_ms, s.agent.as_deref()), (500, 60_000, 0, None));
    assert_eq!((history.visits[0].end, history.visits[0].wait_ms), (WaitEnd::Abandoned, 60_000));
}

#[test]
fn a_wait_flow_is_waiting_and_no_self_service() {
    let dequeued = What::Dequeued { queue: "sales".to_owned(), end: WaitEnd::TimedOut, wait_ms: 9_000 };
    let history = Chain::opened()
        .queued(0, "sales")
        .at(0, flow(2))
        .at(9_000, dequeued)
        .at(9_000, What::FlowEnded { run: RunId(2), failed: None })
        .closed(9_500);
    let s = &history.session;
    assert_eq!((s.queue_ms, s.self_service_ms, s.other_ms), (9_000, 0, 500));
}

#[test]
fn a_plain_call_rings_from_the_calling_to_the_answer() {
    let callee = LegId(2);
    let history = Chain::opened()
        .at(100, What::LegAdded { leg: callee, part: Part::Agent, seat: None })
        .at(3_100, What::LegAnswered { leg: callee })
        .at(3_100, What::Joined { leg: callee, seat: None })
        .at(8_100, What::LegLeft { leg: callee, cause: Cause::Normal })
        .closed(8_200);
    let s = &history.session;
    assert_eq!((s.other_ms, s.ring_ms, s.talk_ms), (200, 3_000, 5_000));
    assert_eq!(history.legs[1].cause, Some(Cause::Normal));
    assert_eq!((s.agent.as_deref(), s.wrap_up_ms), (None, 0));
}

#[test]
fn after_an_attended_transfer_the_colleague_is_the_last_owner() {
    let (leg, seat) = (LegId(77), Some(SeatId(200)));
    let history = Chain::opened()
        .queued(0, "sales")
        .rings(0, 1)
        .answered(1_000, 1, 1_000)
        .released(5_000)
        .at(5_000, What::LegAdded { leg, part: Part::Agent, seat })
        .at(5_000, What::LegAnswered { leg })
        .at(5_000, What::Joined { leg, seat })
        .closed(9_000);
    assert_eq!(history.session.agent.as_deref(), Some("carol"));
    assert_eq!(history.legs[2].agent.as_deref(), Some("carol"));
    assert_eq!((history.session.ring_ms, history.session.talk_ms), (1_000, 8_000));
}

fn consult(leg: u128) -> What {
    What::ConsultStarted { leg: LegId(leg), seat: Some(SeatId(200)), to: "agent carol".to_owned() }
}

fn consulted(leg: u128, end: ConsultEnd) -> What {
    What::ConsultEnded { leg: LegId(leg), end, reason: None }
}

#[test]
fn a_consultation_is_hold_for_the_customer_and_talk_again_when_it_is_cancelled() {
    let history = Chain::opened()
        .queued(0, "sales")
        .rings(0, 1)
        .answered(1_000, 1, 1_000)
        .at(3_000, consult(77))
        .at(3_000, What::LegAdded { leg: LegId(77), part: Part::Agent, seat: Some(SeatId(200)) })
        .at(4_000, What::LegAnswered { leg: LegId(77) })
        .at(8_000, consulted(77, ConsultEnd::Cancelled))
        .at(8_000, What::LegLeft { leg: LegId(77), cause: Cause::Normal })
        .released(9_000)
        .closed(9_000);
    let s = &history.session;
    assert_eq!((s.ring_ms, s.talk_ms, s.hold_ms), (1_000, 2_000 + 1_000, 5_000));
    assert_eq!(s.agent.as_deref(), Some("alice"));
}

#[test]
fn after_a_completed_consultation_the_colleague_talks_while_the_first_wraps_up() {
    let history = Chain::opened()
        .queued(0, "sales")
        .rings(0, 1)
        .answered(1_000, 1, 1_000)
        .at(2_000, consult(77))
        .at(2_000, What::LegAdded { leg: LegId(77), part: Part::Agent, seat: Some(SeatId(200)) })
        .at(5_000, consulted(77, ConsultEnd::Completed))
        .at(5_000, What::Transferred { from: Some(ALICE), to: "carol".to_owned() })
        .at(5_000, What::Joined { leg: LegId(77), seat: Some(SeatId(200)) })
        .released(5_000)
        .at(5_000, What::LegLeft { leg: LegId(11), cause: Cause::Normal })
        .closed(9_000);
    let s = &history.session;
    assert_eq!((s.talk_ms, s.hold_ms, s.agent.as_deref()), (1_000 + 4_000, 3_000, Some("carol")));
}

#[test]
fn in_a_merged_conference_one_may_leave_and_the_talk_goes_on() {
    let history = Chain::opened()
        .queued(0, "sales")
        .rings(0, 1)
        .answered(1_000, 1, 1_000)
        .at(2_000, consult(77))
        .at(3_000, consulted(77, ConsultEnd::Merged))
        .at(3_000, What::Joined { leg: LegId(77), seat: None })
        .at(6_000, What::LegLeft { leg: LegId(77), cause: Cause::Normal })
        .released(9_000)
        .closed(9_000);
    assert_eq!((history.session.talk_ms, history.session.hold_ms), (1_000 + 6_000, 1_000));
}

#[test]
fn a_transfer_to_a_queue_is_waiting_and_ringing_again() {
    let history = Chain::opened()
        .queued(0, "sales")
        .rings(0, 1)
        .answered(1_000, 1, 1_000)
        .at(3_000, What::Transferred { from: Some(ALICE), to: "support".to_owned() })
        .released(3_000)
        .queued(3_000, "support")
        .rings(6_000, 2)
        .at(7_000, What::Joined { leg: LegId(12), seat: Some(ALICE) })
        .released(8_000)
        .closed(8_000);
    let s = &history.session;
    assert_eq!((s.talk_ms, s.queue_ms, s.ring_ms), (2_000 + 1_000, 3_000, 1_000 + 1_000));
}

#[test]
fn what_was_said_and_gained_and_what_it_was_about_stand_in_the_record() {
    let history = Chain::opened()
        .at(10, What::Said { seq: 1, message: ngcc_proto::MessageId(1), by: By::Customer })
        .at(20, What::MediumAdded { medium: Medium::Video })
        .at(30, What::MediumAdded { medium: Medium::Video })
        .at(35, What::StandsBeside { session: SessionId(9) })
        .at(36, What::StandsBeside { session: SessionId(9) })
        .at(40, What::Disposed { seat: ALICE, code: "wrong".to_owned() })
        .at(50, What::Disposed { seat: ALICE, code: "sale".to_owned() })
        .closed(60);
    let s = &history.session;
    assert_eq!((s.media.as_slice(), s.other_ms), (&[Medium::Voice, Medium::Video][..], 60));
    assert_eq!((s.disposition.as_deref(), s.beside.as_slice()), (Some("sale"), &[SessionId(9)][..]));
}

#[test]
fn what_is_no_whole_chain_is_refused() {
    assert_eq!(fold(&[], &seats()), Err(NoHistory::NotOpened));
    let mut chain = Chain::opened().0;
    assert_eq!(fold(&chain, &seats()), Err(NoHistory::NotClosed));
    chain.remove(0);
    assert_eq!(fold(&chain, &seats()), Err(NoHistory::NotOpened));
}

/// Any order of facts, however senseless: the parts are the whole.
#[test]
fn the_phases_of_any_chain_add_up() {
    let mut rng = Rng::from_u64(11);
    for _ in 0..500 {
        let (mut chain, mut ms) = (Chain::opened(), 0);
        for _ in 0..rng.below(40) {
            ms += rng.below(5_000);
            let leg = LegId(u128::from(rng.below(4)));
            let run = u128::from(rng.below(3));
            chain = match rng.below(16) {
                0 => chain.at(ms, flow(run)),
                1 => chain.at(ms, suspended(run)),
                2 => chain.queued(ms, "sales"),
                3 => chain.rings(ms, run),
                4 => chain.answered(ms, run, 1),
                5 => chain.at(ms, What::Held { by: By::Agent }),
                6 => chain.at(ms, What::Unheld { by: By::Agent }),
                7 => chain.at(ms, to_auto(1, run)),
                8 => chain.at(ms, to_human(1)),
                9 => chain.released(ms),
                10 => chain.at(ms, What::LegLeft { leg, cause: Cause::Normal }),
                11 => chain.at(ms, consult(run)),
                12 => chain.at(ms, consulted(run, ConsultEnd::Left)),
                13 => chain.at(ms, What::Transferred { from: Some(ALICE), to: "sales".to_owned() }),
                14 => chain.at(ms, What::Joined { leg, seat: None }),
                _ => chain.at(ms, What::LegAdded { leg, part: Part::Agent, seat: None }),
            };
        }
        chain.closed(ms + rng.below(100));
    }
}
