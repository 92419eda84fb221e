//! Going back, changing, restarts, and an agent who takes the customer in between.

use ngcc_proto::flow::{Ask, Command};

use super::*;

/// Restarts and goes on; what is shown then.
fn restart(talk: &mut Talk) -> String {
    talk.world.crash(1);
    talk.world.take_told();
    talk.world.configure();
    talk.shown()
}

#[test]
fn who_goes_back_finds_what_they_entered_and_goes_on_where_they_were() {
    let (mut talk, _) = Talk::with("", vec![visit()], &[]);
    assert_eq!(talk.says("back"), "2: This is the first question.\nYour name|listens");
    talk.says("Ada");
    talk.says("-");
    assert!(talk.says("4").starts_with("5: day"));
    assert_eq!(talk.says("Back"), "6: Guests\nA number, such as 12 or 1.5 [==Keep: 4]|listens");
    assert!(
        talk.says("返回").starts_with("7: Notes")
            && talk.says("back").starts_with("8: Your name [==Keep: Ada]")
    );
    assert!(talk.says("Bea").starts_with("9: day"), "what was answered stays answered");
    for text in ["2026-01-31", "1", "1"] {
        talk.says(text);
    }
    assert!(talk.says("7351").contains("Your name: Bea\nNotes: —\nGuests: 4"));
    assert!(talk.says("back").contains("Your PIN") && talk.says("keep").contains("Your PIN: ••••••"));
    assert_eq!(talk.ends(&["send"])["name"], "Bea");
}

#[test]
fn a_change_asks_for_everything_again_and_keeps_what_stands() {
    let (mut talk, _) = Talk::with("", vec![visit()], &[]);
    VISIT.iter().for_each(|text| drop(talk.says(text)));
    assert_eq!(talk.says("change"), "9: Your name [==Keep: Ada]|listens");
    assert!(talk.says("=").contains("[==Keep: Near the window -=Leave out]"));
    assert!(talk.says("-").contains("[==Keep: 4]"));
    assert!(talk.says("=").contains("[==Keep: 2026-01-31]"));
    assert!(talk.says("2026-02-01").contains("[1=Red wine 2=White wine ==Keep: White wine]"));
    assert!(talk.says("1").contains("[1=Yes 2=No ==Keep: Yes]"));
    assert!(talk.says("keep").ends_with("[==Keep: ••••••]|listens in secret"));
    assert!(talk.says("keep").contains(
        "Your name: Ada\nNotes: —\nGuests: 4\nday: 2026-02-01\nWine: Red wine\nI accept the terms: Yes\nYour PIN: ••••••"
    ));
    let ended = talk.ends(&["1"]);
    assert_eq!(
        (ended["went"].as_str(), ended["wine"].as_str(), ended.get("notes")),
        ("done", "Red wine", None)
    );
}

#[test]
fn a_restart_asks_nothing_twice_and_goes_on_at_the_field() {
    let (mut talk, first) = Talk::with("", vec![short()], &[]);
    let question = first.split_once('|').unwrap().1.strip_suffix("|listens").unwrap();
    // It may not have got out: it is written again under its number, and once.
    assert_eq!(restart(&mut talk), format!("{question}|f (form)|listens"));
    assert_eq!(talk.says("Ada"), "2: Notes [-=Leave out]|listens");
    talk.says("two\nlines");
    assert_eq!(restart(&mut talk), "3: Please write it in one line.\nNotes [-=Leave out]|f (form)|listens");
    assert_eq!(restart(&mut talk), "3: Please write it in one line.\nNotes [-=Leave out]|f (form)|listens");
    assert_eq!(
        talk.says("none"),
        "4: Please check what you entered:\nYour name: Ada\nNotes: none [1=Send 2=Change 3=Cancel]|listens"
    );
    let summary = restart(&mut talk);
    assert!(summary.starts_with("4: Please check") && summary.ends_with("|f (form)|listens"), "{summary}");
    let ended = talk.ends(&["send"]);
    assert_eq!(
        (ended["went"].as_str(), ended["name"].as_str(), ended["notes"].as_str()),
        ("done", "Ada", "none")
    );
}

#[test]
fn attempts_and_a_change_outlive_a_restart() {
    let (mut talk, _) = Talk::with("", vec![short()], &[]);
    ["Ada", "-", "change", " "].iter().for_each(|text| drop(talk.says(text)));
    restart(&mut talk);
    assert_eq!(talk.says(" "), "odd (set)");
    assert_eq!(talk.world.ended()["name"], "Ada");

    let (mut talk, _) = Talk::with("", vec![short()], &[]);
    ["Ada", "-", "change"].iter().for_each(|text| drop(talk.says(text)));
    restart(&mut talk);
    assert!(talk.says("keep").contains("Notes"), "the change goes on");
}

#[test]
fn a_secret_that_a_restart_has_lost_is_asked_for_again_before_the_summary() {
    let pin = form(vec![field("pin", "PIN", FieldKind::Secret), field("name", "Name", FieldKind::Text)]);
    for settings in ["", r#","confirm":false"#] {
        let (mut talk, _) = Talk::with(settings, vec![pin.clone()], &[]);
        talk.says("7351");
        let shown = restart(&mut talk);
        assert!(shown.ends_with("Name|f (form)|listens"), "{shown}");
        assert_eq!(talk.says("Ada"), "3: PIN\nNo agent sees what you write here.|listens in secret");
        let last = talk.says("8402");
        assert!(last.contains(if settings.is_empty() { "PIN: ••••••\nName: Ada" } else { "done" }), "{last}");
        if settings.is_empty() {
            restart(&mut talk);
            assert_eq!(talk.says("1"), "5: PIN\nNo agent sees what you write here.|listens in secret");
            assert!(talk.says("9513").contains("PIN: ••••••"));
            talk.says("1");
        }
        assert_eq!(talk.world.ended()["went"], "done");
        for secret in ["7351", "8402", "9513"] {
            assert!(!talk.world.seen.contains(secret));
        }
    }
}

#[test]
fn a_form_that_has_changed_over_a_restart_asks_for_what_is_new() {
    let (mut talk, _) = Talk::with("", vec![visit()], &[]);
    talk.says("Ada");
    // The field it stood at is gone; another one is there.
    let new = form(vec![field("name", "Your name", FieldKind::Text), field("city", "City", FieldKind::Text)]);
    talk.world.config.forms = vec![new];
    let shown = restart(&mut talk);
    assert!(shown.ends_with("f (form)|3: City|listens"), "{shown}");
    assert!(talk.says("Rome").contains("Your name: Ada\nCity: Rome"));

    talk.world.config.forms.clear();
    restart(&mut talk);
    assert_eq!(talk.world.ended()["went"], "bad");
}

#[test]
fn a_run_keeps_the_form_it_began_with() {
    let (mut talk, _) = Talk::with("", vec![short()], &[]);
    talk.world.config.forms.clear();
    talk.world.configure();
    assert_eq!(talk.says("Ada"), "2: Notes [-=Leave out]|listens");
}

#[test]
fn a_customer_who_was_with_an_agent_in_between_goes_on_at_their_field() {
    let (mut talk, _) = Talk::with("", vec![visit()], &[]);
    talk.says("Ada");
    talk.world.tell(Command::Suspend { run: RUN });
    assert_eq!(talk.says("4"), "", "this is for the agent");
    restart(&mut talk);
    talk.world.resume("");
    let shown = talk.shown();
    assert!(shown.starts_with("f (form)|3: Notes") && shown.ends_with("|listens"), "{shown}");
    assert!(talk.says("-").starts_with("4: Guests"));
}

#[test]
fn what_was_written_before_the_form_is_no_answer() {
    let nodes = r#""w":{"verb":"wait","seconds":5,"next":"f"},"f":{"verb":"form","form":"visit"}"#;
    let mut world = World::with_flows(vec![("main", flow_for("chat", "main", "w", nodes))]);
    world.config.forms = vec![short()];
    world.configure();
    let mut talk = Talk { world: world.in_chat(), seq: 0 };
    talk.says("Hello?");
    talk.world.pass(5);
    assert!(talk.shown().ends_with("Your name|listens"));
    assert!(talk.says("Ada").starts_with("2: Notes"));
}

#[test]
fn a_form_that_is_filled_in_twice_begins_anew() {
    let nodes = r#""f":{"verb":"form","form":"visit","confirm":false,"next":"h"},
        "h":{"verb":"to-human","queue":"q","on_returned":"f"}"#;
    let mut world = World::with_flows(vec![("main", flow_for("chat", "main", "f", nodes))]);
    world.config.forms = vec![short()];
    world.configure();
    let mut talk = Talk { world: world.in_chat(), seq: 0 };
    talk.says("Ada");
    talk.says("-");
    assert!(matches!(talk.world.asked(), Ask::Human { .. }));
    talk.world.resume("returned");
    assert_eq!(talk.shown(), format!("f (form)|3: Your visit\n{HOW}\nYour name|listens"));
}

#[test]
fn what_was_written_before_a_question_was_read_is_no_answer_to_it() {
    let (mut talk, first) = Talk::with("", vec![short()], &[]);
    talk.world.write_behind(1, "Hello, I would like to come by", 0);
    assert_eq!(talk.shown(), "", "the question stands there below it: {first}");
    talk.seq = 1;
    let second = talk.says("Ann");
    assert!(second.starts_with("2: "), "{second}");
    talk.world.write_behind(3, "Li", 1);
    assert_eq!(talk.shown(), "");
}
