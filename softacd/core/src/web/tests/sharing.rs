//! What pages ask to share, and the application server's part in it.

use ngcc_proto::collab::{Answer, Call, Kind, LinkToken, Why};
use ngcc_proto::{AgentUri, CollabId};

use super::*;

#[test]
fn s3_06_what_a_page_asks_to_share_goes_by_its_session_and_an_answer_comes_to_every_page_of_the_user() {
    let mut bench = Bench::new();
    let (leg, session) = bench.open_chat();
    let ann = user("v1");
    assert_eq!(bench.shared, [Call::Here { user: ann.clone() }], "what stands is asked for");
    bench.shared.clear();
    let share =
        |kind, user: Option<&str>| ChatAsk::Share(Share { kind, user: user.map(str::to_owned), entry: None });
    bench.chat(1, "a", share(Some(Kind::Cobrowse), Some("web:eve")));
    bench.chat(1, "b", share(None, None));
    bench.chat(1, "c", share(Some(Kind::Form), None));
    let wrong = |why| Tell::Wrong { why, leg: None };
    let refused = [Wrong::Identity, Wrong::Unsupported, Wrong::Unsupported].map(wrong);
    assert_eq!(bench.said_to(1), refused);
    assert!(bench.shared.is_empty(), "nothing comes of it");
    bench.chat(1, "d", share(Some(Kind::Cobrowse), Some(&ann.to_string())));
    assert_eq!(bench.said_to(1), [Tell::Shared]);
    assert_eq!(bench.shared, [Call::Asked { user: ann.clone(), leg, kind: Kind::Cobrowse }]);
    bench.shared.clear();
    let (collab, agent) = (CollabId(7), AgentUri::new("alice").unwrap());
    let mapped =
        |user| Answer::Mapped { collab, kind: Kind::Cobrowse, user, agent: agent.clone(), by_agent: false };
    bench.cti(Some(session), mapped(ann.clone()));
    bench.cti(Some(session), mapped(user("nobody")));
    let establish = Call::Establish { collab, kind: Kind::Cobrowse, user: ann.clone(), agent: agent.clone() };
    assert_eq!(bench.shared, [establish, Call::Absent { collab, user: user("nobody") }]);
    bench.cti(Some(session), Answer::Ended { user: ann, collab, why: Why::Left });
    assert_eq!(bench.said_to(1), [Tell::Unshared { collab, why: Why::Left }]);
}

#[test]
fn s3_06_a_page_may_ask_for_every_kind_but_a_form() {
    let mut bench = Bench::new();
    let (leg, _) = bench.open_chat();
    for kind in Kind::ALL {
        bench.shared.clear();
        bench.chat(1, "a", ChatAsk::Share(Share { kind: Some(kind), user: None, entry: None }));
        let asked = Call::Asked { user: user("v1"), leg, kind };
        let expected = if kind == Kind::Form { vec![] } else { vec![asked] };
        assert_eq!(bench.shared, expected, "{kind:?}");
    }
}

#[test]
fn s3_08_a_page_that_follows_a_link_passes_it_on_and_what_is_none_is_refused_like_one_that_is_too_old() {
    let mut bench = Bench::new();
    bench.open_chat();
    bench.shared.clear();
    let link = LinkToken::of(7);
    bench.chat(1, "a", ChatAsk::Join(Some(link.clone())));
    assert_eq!(bench.said_to(1), [Tell::Shared]);
    assert_eq!(bench.shared, [Call::Followed { user: user("v1"), link }]);
    bench.shared.clear();
    bench.chat(1, "b", ChatAsk::Join(None));
    let too_old = Tell::NotShared { collab: None, why: Why::Expired };
    assert_eq!(bench.said_to(1), [Tell::Shared, too_old]);
    assert!(bench.shared.is_empty(), "nothing comes of it");
}

#[test]
fn s2_06_an_agent_begins_a_chat_on_a_page_that_has_none_and_is_told_where_there_is_none() {
    let mut bench = Bench::new();
    let begin = |leg, name| chat::Command::Begin { leg, user: user(name), dialled: "agent-alice".to_owned() };
    let refused = |leg, cause| Body::from(Event::Refused { leg, cause });
    bench.told.clear();
    bench.cti(None, begin(LegId(7), "v1"));
    assert_eq!(bench.told, [refused(LegId(7), Cause::NotRegistered)]);
    bench.page(1, "v1");
    bench.told.clear();
    bench.cti(None, begin(LegId(8), "v1"));
    let [Body::AccessEvent(Event::Arrived { leg, user: who, dialled, medium, .. })] = &bench.told[..] else {
        panic!("{:?}", bench.told)
    };
    assert_eq!((*leg, who, dialled.as_str(), *medium), (LegId(8), &user("v1"), "agent-alice", Medium::Chat));
    bench.said.clear();
    let session = SessionId(5);
    bench.cti(Some(session), chat::Command::Opened { leg: LegId(8), session, medium: Medium::Chat });
    assert_eq!(bench.said_to(1), [Tell::Opened { session }], "the page is told without having asked");
    bench.told.clear();
    bench.cti(None, begin(LegId(9), "v1"));
    assert_eq!(bench.told, [refused(LegId(9), Cause::Busy)]);
}
