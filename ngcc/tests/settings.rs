//! The command line's own words: settings, files and exit codes, without a server.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "what a test's own helpers cannot do ends the test")]

mod common;

use common::Scratch;

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file_and_print_says_so() {
    let scratch = Scratch::new("print");
    scratch
        .write("ngcc.toml", "[sip]\nrealm = \"file\"\ndomains = [\"a.example\"]\n[log]\nlevel = \"warn\"\n");
    let output = scratch
        .ngcc(&["config", "print", "--set", "sip.realm=flag"])
        .env("NGCC_SIP__REALM", "environment")
        .env("NGCC_LOG__LEVEL", "debug")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |key: &str| text.lines().find(|l| l.starts_with(key)).unwrap_or_default().to_owned();
    assert!(line("realm").contains("\"flag\"") && line("realm").contains("# --set sip.realm=flag"), "{text}");
    assert!(
        line("level").contains("\"debug\"") && line("level").contains("# environment NGCC_LOG__LEVEL"),
        "{text}"
    );
    assert!(line("domains").contains("ngcc.toml line 3"), "{text}");
    assert!(line("udp").contains("# default"), "{text}");
}

#[test]
fn an_unknown_key_is_one_line_with_its_place_and_the_nearest_key() {
    let scratch = Scratch::new("unknown");
    scratch.write("x.toml", "[http]\n\nlisten_on = \"127.0.0.1:1\"\n");
    let ran = scratch.run(&["config", "check", "--config", "x.toml"]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.err,
        "ngcc: x.toml line 3: unknown setting `http.listen_on`; did you mean `http.listen`?\n"
    );

    let ran = scratch.run(&["config", "check", "--config", "nowhere.toml"]);
    assert!(ran.code == Some(2) && ran.err.contains("nowhere.toml"), "{ran:?}");
}

#[test]
fn a_centre_without_self_service_is_a_warning_and_no_error() {
    let scratch = Scratch::new("noself");
    let ran = scratch.run(&["config", "check", "--json", "--set", "centre.self_service_slots=0"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.json()["warnings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_needs_a_server_says_so_where_none_runs() {
    let scratch = Scratch::new("none");
    for args in [&["call", "list"][..], &["agent", "status"], &["agent", "ready", "alice"]] {
        let ran = scratch.run(args);
        assert_eq!(ran.code, Some(3), "{ran:?}");
        assert!(ran.err.contains("no server runs") && ran.err.contains("ngcc serve"), "{ran:?}");
    }
    let ran = scratch.run(&["call", "list", "--json"]);
    assert_eq!(ran.json()["error"]["kind"], "no_server");
}

#[test]
fn a_catalogue_that_cannot_be_read_is_named_with_its_place() {
    let scratch = Scratch::new("catalogue");
    scratch.write("c.yaml", "queues:\n- name: sales\n  strategie: random\n");
    let ran = scratch.run(&["import", "c.yaml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.starts_with("ngcc: c.yaml: ") && ran.err.contains("line 3"), "{ran:?}");
    scratch.write("c.yaml", "flows:\n- {name: x, file: gone.json}\n");
    let ran = scratch.run(&["import", "c.yaml"]);
    assert!(ran.code == Some(2) && ran.err.contains("gone.json"), "{ran:?}");
}

#[test]
fn a_flow_is_checked_without_being_stored() {
    let scratch = Scratch::new("flow");
    scratch.write(
        "good.json",
        r#"{"name":"x","version":1,"media":["voice"],"start":"a","nodes":{"a":{"verb":"hangup"}}}"#,
    );
    assert_eq!(scratch.run(&["flow", "check", "good.json"]).code, Some(0));
    scratch.write(
        "bad.json",
        r#"{"name":"x","version":1,"media":["voice"],"start":"a","nodes":{"a":{"verb":"goto","next":"b"}}}"#,
    );
    let ran = scratch.run(&["flow", "check", "bad.json"]);
    assert!(ran.code == Some(1) && ran.err.contains("bad.json") && ran.err.contains('b'), "{ran:?}");
}

#[test]
fn every_schema_is_json() {
    let scratch = Scratch::new("schema");
    for of in ["flow", "catalogue", "config"] {
        let ran = scratch.run(&["schema", of]);
        assert!(ran.json().is_object(), "{of}");
    }
}
