//! Every way out of a form, and what is wrong with one that cannot be filled in.

use ngcc_ivr_core::flow::check;
use ngcc_proto::envelope::Body;
use ngcc_proto::flow::{Ask, Event};

use super::*;

#[test]
fn who_cancels_leaves_nothing_behind() {
    for (texts, word) in
        [(&["Ada"][..], "cancel"), (&["Ada"], "取 消"), (&["Ada", "x"], "3"), (&[], "CANCEL")]
    {
        let (mut talk, _) = Talk::with("", vec![short()], &[("lang", "en")]);
        texts.iter().for_each(|text| drop(talk.says(text)));
        assert_eq!(talk.says(word), "gone (set)", "{word}");
        let ended = talk.world.ended();
        assert_eq!((ended.get("name"), ended.get("notes"), ended["lang"].as_str()), (None, None, "en"));
    }
}

#[test]
fn who_asks_for_a_human_in_words_gets_one_with_what_was_entered() {
    for word in ["human", "转人工", "Agent"] {
        for texts in [&["Ada"][..], &["Ada", "x"]] {
            let (mut talk, _) = Talk::with("", vec![short()], &[]);
            texts.iter().for_each(|text| drop(talk.says(text)));
            talk.says(word);
            assert!(matches!(talk.world.asked(), Ask::Human { .. }), "{word}");
        }
    }
    let (mut talk, _) = Talk::with(r#","fields":["guests"]"#, vec![visit()], &[]);
    assert!(talk.says("0").contains("Guests: 0"), "a nought is an answer");
    // A flow without such a node takes the word as a text.
    let text = flow_for("chat", "main", "f", r#""f":{"verb":"form","form":"visit","confirm":false}"#);
    let mut world = World::with_flows(vec![("main", text)]);
    world.config.forms = vec![short()];
    world.configure();
    assert_eq!(Talk { world: world.in_chat(), seq: 0 }.ends(&["Agent", "-"])["name"], "Agent");
}

#[test]
fn who_does_not_answer_is_waited_for_as_long_as_the_flow_says() {
    let (mut talk, _) = Talk::with(r#","timeout_s":40"#, vec![short()], &[]);
    talk.world.pass(39);
    talk.says("Ada");
    talk.world.pass(39);
    assert!(talk.world.take_told().is_empty() && talk.shown().is_empty(), "each answer has its own time");
    talk.world.pass(1);
    let ended = talk.world.ended();
    assert_eq!((ended["went"].as_str(), ended["name"].as_str()), ("late", "Ada"));

    let (mut talk, _) = Talk::with("", vec![short()], &[]);
    talk.world.pass(299);
    assert!(talk.world.take_told().is_empty());
    talk.world.pass(1);
    assert_eq!(talk.world.ended()["went"], "late");
}

#[test]
fn each_field_has_its_attempts_and_so_has_the_summary() {
    let (talk, _) = Talk::with("", vec![visit()], &[]);
    assert_eq!(talk.ends(&[" ", "Ada", "-", "four", "five"])["went"], "odd");
    let (talk, _) = Talk::with("", vec![short()], &[]);
    assert_eq!(talk.ends(&["Ada", "-", "what?", "well"])["went"], "odd");
    let (mut talk, _) = Talk::with("", vec![short()], &[]);
    ["Ada", "-"].iter().for_each(|text| drop(talk.says(text)));
    assert!(talk.says("what?").starts_with("4: Please choose one of the replies.\nPlease check"));
    assert_eq!(talk.ends(&["send"])["went"], "done");
}

/// What a customer does, the exits that may be taken then, in order, and why the flow fails without any.
type Way = (fn(&mut Talk), &'static [&'static str], &'static str);

/// How a form ends that has `exits` and no others.
fn failed(exits: &str, forms: Vec<Form>, go: fn(&mut Talk)) -> Result<String, String> {
    let nodes = format!(
        r#""f":{{"verb":"form","form":"visit","attempts":1{exits}}},"x":{{"verb":"set","vars":{{"went":"x"}}}}"#
    );
    let mut world = World::with_flows(vec![("main", flow_for("chat", "main", "f", &nodes))]);
    world.config.forms = forms;
    world.configure();
    let mut talk = Talk { world: world.in_chat(), seq: 0 };
    go(&mut talk);
    let told = talk.world.told_one();
    if let Body::FlowEvent(Event::Ended { vars, .. }) = &told {
        return Ok(vars["went"].clone());
    }
    let Body::FlowEvent(Event::Failed { why, .. }) = told else { panic!("not over: {told:?}") };
    Err(why)
}

#[test]
fn an_exit_that_is_not_named_takes_the_next_one_that_is() {
    let ways: [Way; 3] = [
        (|talk| drop(talk.says("cancel")), &["on_cancel", "on_error"], "the customer has cancelled the form"),
        (|talk| talk.world.pass(300), &["on_timeout", "on_cancel", "on_error"], "no answer came in time"),
        (
            |talk| drop(talk.says(" ")),
            &["on_invalid", "on_cancel", "on_error"],
            "no fitting answer came in 1",
        ),
    ];
    for (way, exits, why) in ways {
        for exit in exits {
            assert_eq!(
                failed(&format!(r#","{exit}":"x""#), vec![short()], way).as_deref(),
                Ok("x"),
                "{exit}"
            );
        }
        let reason = failed(r#","next":"x""#, vec![short()], way).unwrap_err();
        assert!(reason.starts_with(why), "{reason}");
    }
}

#[test]
fn a_form_that_cannot_be_filled_in_takes_its_exit_or_says_why() {
    let agents = form(vec![Field { by: FieldBy::Agent, ..field("a", "", FieldKind::Text) }]);
    let twice = form(vec![field("Name", "", FieldKind::Text), field("name", "", FieldKind::Text)]);
    let many = form((0..64).map(|n| field(&format!("f{n}"), "", FieldKind::Text)).collect());
    for (settings, forms, why) in [
        ("", vec![], "there is no form `visit`"),
        ("", vec![agents], "the form `visit` has no field for the customer"),
        (
            r#","fields":["name","age"]"#,
            vec![short()],
            "the form `visit` has no field `age` for the customer",
        ),
        (r#","fields":["table"]"#, vec![visit()], "the form `visit` has no field `table` for the customer"),
        (
            "",
            vec![form(vec![field("姓名", "", FieldKind::Text)])],
            "the field `姓名` of the form `visit` gives no variable",
        ),
        ("", vec![twice], "the field `name` of the form `visit` has the variable of another field"),
    ] {
        let reason = failed(settings, forms.clone(), |_| {}).unwrap_err();
        assert!(reason.starts_with(why), "{reason}");
        let exit = format!(r#"{settings},"on_error":"x""#);
        assert_eq!(failed(&exit, forms, |_| {}).as_deref(), Ok("x"));
    }
    // A run may have 64 variables, and this one has one already.
    let (mut talk, _) = Talk::with("", vec![many], &[("lang", "en")]);
    assert_eq!(talk.world.ended()["went"], "bad");
}

#[test]
fn a_call_takes_its_own_exit() {
    let nodes = r#""f":{"verb":"form","form":"visit","on_call":"c"},"c":{"verb":"set","vars":{"went":"c"}}"#;
    let mut world =
        World::with_flows(vec![("main", flow_for(r#"voice","chat"#, "main", "f", nodes))]).in_flow();
    assert_eq!(world.ended()["went"], "c");
    assert!(world.said.is_empty());
}

#[test]
fn a_setting_that_cannot_be_is_told() {
    for (settings, told) in [
        (r#""form":"""#, "`form`: a form's name has 1 to 64 characters"),
        (r#""form":"a","prefix":"A_""#, "`prefix`: `A_`: a variable's name"),
        (r#""form":"a","prefix":"_x""#, "`prefix`: `_x`: a variable's name"),
        (r#""form":"a","fields":[]"#, "`fields` names at least one field, and each once"),
        (r#""form":"a","fields":["x","y","x"]"#, "`fields` names at least one field, and each once"),
        (r#""form":"a","timeout_s":0"#, "`timeout_s` is 0; it lies between 1 and 86400"),
        (r#""form":"a","timeout_s":86401"#, "`timeout_s` is 86401; it lies between 1 and 86400"),
        (r#""form":"a","attempts":0"#, "`attempts` is 0; it lies between 1 and 100"),
        (r#""form":"a","text":{"en":"${p_secret}"}"#, "`text`: `p_secret` is secret and cannot be said"),
        (r#""form":"a","text":{}"#, "`text` has no language"),
        (r#""form":"a","on_invalid":"z""#, "`on_invalid`: there is no node `z`"),
        (r#""form":"a","name":"x""#, "unknown field `name`"),
        (r#""prefix":"x""#, "missing field `form`"),
    ] {
        let nodes = format!(r#""f":{{"verb":"form",{settings}}}"#);
        let found = check("main", &flow_for("chat", "main", "f", &nodes)).unwrap_err();
        assert!(found.iter().any(|problem| problem.to_string().contains(told)), "{settings}: {found:?}");
    }
    let nodes = r#""f":{"verb":"form","form":"a","timeout_s":10}"#;
    let flow = check("main", &flow_for("chat", "main", "f", nodes)).unwrap();
    assert_eq!(flow.warnings()[0].why, "a customer has 10 seconds for each answer");
    let found = check("main", &flow_for("voice", "main", "f", nodes)).unwrap_err();
    assert_eq!(found[0].why, "it serves chats only: name the exit `on_call` for calls");
}
