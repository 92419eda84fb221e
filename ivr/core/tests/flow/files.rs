//! Flow files: every kind of mistake is told with its place and reason; the samples and the schema hold.

use ngcc_ivr_core::flow::{check, schema};
use serde_json::Value;

use crate::world::flow_text;

fn problems(start: &str, nodes: &str) -> Vec<String> {
    match check("main", &flow_text("main", start, nodes)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_mistake_in_a_node_is_told_with_flow_node_and_reason() {
    for (nodes, told) in [
        (r#""a":{"verb":"sing"}"#, "flow `main`, node `a`: unknown verb `sing`; the verbs are answer, wait,"),
        (r#""a":{"txt":1}"#, "flow `main`, node `a`: `verb` is missing"),
        (r#""a":{"verb":"wait","secs":1}"#, "flow `main`, node `a`: unknown field `secs`"),
        (r#""a":{"verb":"say"}"#, "flow `main`, node `a`: missing field `text`"),
        (r#""a":{"verb":"goto","next":"b"}"#, "flow `main`, node `a`: `next`: there is no node `b`"),
        (r#""a":{"verb":"wait","seconds":0}"#, "node `a`: `seconds` is 0; it lies between 1 and 86400"),
        (r#""a":{"verb":"wait"},"a":{"verb":"wait"}"#, "node `a`: it is there twice"),
        (r#""a b":{"verb":"wait"}"#, "node `a b`: a node's name has 1 to 64"),
        (r#""a":{"verb":"if","expr":"x ="}"#, "node `a`: expression `x =`: `=` is not understood"),
        (r#""a":{"verb":"say","text":{}}"#, "node `a`: `text` has no language"),
        (r#""a":{"verb":"say","text":{"en":"${x"}}"#, "node `a`: `${` without a `}`"),
        (
            r#""a":{"verb":"say","text":{"en":"${p_secret}"}}"#,
            "node `a`: `text`: `p_secret` is secret and cannot be said",
        ),
        (r#""a":{"verb":"say","text":{"e n":"x"}}"#, "node `a`: `text`: `e n` is no language tag"),
        (r#""a":{"verb":"play","prompt":"../x"}"#, "node `a`: `prompt`: `../x` is no prompt's name"),
        (r#""a":{"verb":"menu","choices":{"12":"a"}}"#, "node `a`: `choices`: `12` is no key"),
        (r#""a":{"verb":"menu","choices":{}}"#, "node `a`: `choices` is empty"),
        (r#""a":{"verb":"menu","choices":{"1":"z"}}"#, "node `a`: `choices`: there is no node `z`"),
        (
            r#""a":{"verb":"menu","choices":{"1":"a"},"text":{"en":"x"},"prompt":"y"}"#,
            "give `text` or `prompt`, not both",
        ),
        (r#""a":{"verb":"collect","variable":"X"}"#, "node `a`: `variable`: `X`: a variable's name"),
        (
            r#""a":{"verb":"collect","variable":"x","min":5,"max":4}"#,
            "node `a`: `min` is 5; it lies between 0 and 4",
        ),
        (
            r#""a":{"verb":"collect","variable":"x","terminator":"12"}"#,
            "node `a`: `terminator`: `12` is no key",
        ),
        (
            r#""a":{"verb":"set","vars":{"x":"${y_secret}"}}"#,
            "`y_secret` is secret and can only be copied whole",
        ),
        (r#""a":{"verb":"set","vars":{"X":1}}"#, "node `a`: `vars`: `X`: a variable's name"),
        (r#""a":{"verb":"http","url":"ftp://x/"}"#, "node `a`: `url` begins with http:// or https://"),
        (r#""a":{"verb":"http","url":"http://${host}/"}"#, "node `a`: `url` begins with http:// or https://"),
        (
            r#""a":{"verb":"http","url":"http://x${host}.evil/"}"#,
            "node `a`: `url` begins with http:// or https://",
        ),
        (
            r#""a":{"verb":"http","url":"http://x/${p_secret}"}"#,
            "`url`: `p_secret` is secret and cannot be sent",
        ),
        (
            r#""a":{"verb":"http","url":"http://x/","timeout_s":11}"#,
            "`timeout_s` is 11; it lies between 1 and 10",
        ),
        (r#""a":{"verb":"http","url":"http://x/","body":{"a":"b"}}"#, "`body` needs the method POST"),
        (r#""a":{"verb":"sign-in","variable":"pin"}"#, "`variable`: `pin` is not secret"),
        (
            r#""a":{"verb":"to-human","queue":"${q_secret}"}"#,
            "`queue`: `q_secret` is secret and cannot be sent",
        ),
        (r#""a":{"verb":"reject","cause":"bored"}"#, "node `a`: unknown variant `bored`"),
    ] {
        let found = problems("a", nodes);
        assert!(found.iter().any(|p| p.contains(told)), "{nodes}\n  told: {found:?}\n  not:  {told}");
    }
}

#[test]
fn a_mistake_in_the_head_is_told() {
    let told = |name: &str, text: &str| check(name, text).unwrap_err()[0].to_string();
    let good = flow_text("main", "a", r#""a":{"verb":"wait"}"#);
    assert!(check("main", &good).is_ok());
    assert_eq!(told("other", &good), "flow `other`: the file calls it `main`");
    assert_eq!(
        told("Ä", &flow_text("Ä", "a", r#""a":{"verb":"wait"}"#)),
        "flow `Ä`: a flow's name has 1 to 64 of a–z, 0–9, `_`, `-`"
    );
    assert_eq!(
        told("main", &good.replace(r#""start":"a""#, r#""start":"b""#)),
        "flow `main`: `start`: there is no node `b`"
    );
    assert!(told("main", &good.replace("[\"voice\"]", "[]")).contains("`media` is empty"));
    assert!(
        told("main", &good.replace("\"version\":1", "\"varsion\":1")).contains("unknown field `varsion`")
    );
    assert!(told("main", "{").contains("line 1 column 1"));
    assert!(told("main", &" ".repeat(256 * 1024 + 1)).contains("more than 262144 bytes"));
    let many: Vec<String> = (0..501).map(|i| format!(r#""n{i}":{{"verb":"wait"}}"#)).collect();
    assert!(
        told("main", &flow_text("main", "n0", &many.join(",")))
            .contains("it has 501 nodes; 500 is the limit")
    );
}

#[test]
fn several_mistakes_are_told_at_once() {
    assert_eq!(problems("a", r#""a":{"verb":"wait","seconds":0},"b":{"verb":"sing"}"#).len(), 2);
}

#[test]
fn a_node_that_nothing_leads_to_is_a_warning() {
    let flow =
        check("main", &flow_text("main", "a", r#""a":{"verb":"wait"},"b":{"verb":"goto","next":"a"}"#))
            .unwrap();
    let warnings: Vec<String> = flow.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["flow `main`, node `b`: nothing leads to it"]);
}

#[test]
fn no_text_makes_the_reader_panic() {
    let good = include_str!("../../../flows/main.json");
    for end in (0..good.len()).filter(|end| good.is_char_boundary(*end)) {
        assert!(check("main", &good[..end]).is_err() || good[end..].trim().is_empty(), "cut at {end}");
    }
    let deep = format!(r#"{{"nodes":{}"#, "[".repeat(100_000));
    assert!(check("main", &deep).is_err());
}

#[test]
fn the_sample_flows_are_good() {
    for (name, text) in [
        ("main", include_str!("../../../flows/main.json")),
        ("pin-check", include_str!("../../../flows/pin-check.json")),
        ("survey", include_str!("../../../flows/survey.json")),
        ("sign-in", include_str!("../../../flows/sign-in.json")),
    ] {
        let flow = check(name, text).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert!(flow.warnings().is_empty(), "{:?}", flow.warnings());
    }
}

#[test]
fn the_published_schema_is_the_one_the_reader_follows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/flow.schema.json");
    let ours = schema();
    if std::env::var_os("NGCC_WRITE").is_some() {
        std::fs::write(path, format!("{ours:#}\n")).unwrap();
    }
    let published: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(published, ours, "set NGCC_WRITE=1 and run this test to publish it");
}

#[test]
fn every_verb_and_every_field_of_the_schema_is_described() {
    let schema = schema();
    let verbs = schema["$defs"]["Verb"]["oneOf"].as_array().unwrap();
    assert_eq!(verbs.len(), 20);
    for verb in verbs {
        assert!(verb["description"].is_string() || verb["$ref"].is_string(), "{verb}");
        for (field, about) in verb["properties"].as_object().unwrap().iter().filter(|(f, _)| *f != "verb") {
            assert!(about["description"].is_string() || about["$ref"].is_string(), "{field}: {about}");
        }
    }
}
