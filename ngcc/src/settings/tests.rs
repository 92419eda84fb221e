//! Settings: which source wins, and what is said about a wrong one.

use std::path::PathBuf;

use super::*;

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ngcc-settings-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn sources(&self) -> Sources {
        Sources { file: Some(self.0.clone()), ..Sources::default() }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A file left in the temporary directory harms nobody.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

fn complaint(sources: &Sources) -> String {
    Effective::load(sources).unwrap_err().to_string()
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file =
        Scratch::new("order", "[sip]\nudp = \"127.0.0.1:1\"\ntcp = \"127.0.0.1:2\"\nrealm = \"file\"\n");
    let mut sources = file.sources();
    sources.env =
        vec![pair("NGCC_SIP__UDP", "127.0.0.1:11"), pair("NGCC_SIP__TCP", "127.0.0.1:12"), pair("HOME", "/")];
    sources.set = vec![pair("--set sip.udp=127.0.0.1:0", "sip.udp=127.0.0.1:0")];

    let effective = Effective::load(&sources).unwrap();

    assert_eq!(effective.settings.sip.udp, here(0));
    assert_eq!(effective.settings.sip.tcp, here(12));
    assert_eq!(effective.settings.sip.realm, "file");
    assert_eq!(effective.settings.http, Http::default());
    let text = effective.to_toml();
    assert!(text.contains("# --set sip.udp=127.0.0.1:0"), "{text}");
    assert!(text.contains("# environment NGCC_SIP__TCP"), "{text}");
    assert!(text.contains("toml line 4"), "{text}");
    assert!(text.contains("# default"), "{text}");
}

#[test]
fn the_printed_settings_read_back_as_the_same() {
    let set = vec![pair("--set", "sip.domains=a.example, b.example"), pair("--set", "sip.anonymous=false")];
    let sources = Sources { set, ..Sources::default() };
    let first = Effective::load(&sources).unwrap();
    let file = Scratch::new("print", &first.to_toml());
    let again = Effective::load(&file.sources()).unwrap();
    assert_eq!(first.settings, again.settings);
    assert_eq!(again.settings.sip.domains, ["a.example", "b.example"]);
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_the_nearest_one() {
    let file = Scratch::new("unknown", "[sip]\nrealm = \"x\"\n\nupd = \"127.0.0.1:1\"\n");
    let said = complaint(&file.sources());
    assert!(
        said.contains("line 4") && said.contains("`sip.upd`") && said.contains("did you mean `sip.udp`?"),
        "{said}"
    );

    let sources = Sources { env: vec![pair("NGCC_SIPP__UDP", "x")], ..Sources::default() };
    let said = complaint(&sources);
    assert!(
        said.contains("environment NGCC_SIPP__UDP") && said.contains("did you mean `sip.udp`?"),
        "{said}"
    );

    let sources = Sources { set: vec![pair("--set htp.listen=1", "htp.listen=1")], ..Sources::default() };
    assert!(complaint(&sources).contains("did you mean `http.listen`?"));
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_place() {
    let file = Scratch::new("kind", "[media]\nfirst_port = \"many\"\n");
    let said = complaint(&file.sources());
    assert!(said.contains("line 2") && said.contains("`media.first_port`") && !said.contains('\n'), "{said}");

    let file = Scratch::new("port", "[sip]\nudp = \"5060\"\n");
    assert!(complaint(&file.sources()).contains("`sip.udp`"));

    let file = Scratch::new("toml", "[sip\n");
    assert!(complaint(&file.sources()).contains("line 1"));

    let sources = Sources { set: vec![pair("--set run.workers=x", "run.workers=x")], ..Sources::default() };
    assert!(complaint(&sources).contains("give a whole number"));
    let sources = Sources { set: vec![pair("--set run.workers", "run.workers")], ..Sources::default() };
    assert!(complaint(&sources).contains("key=value"));
}

#[test]
fn values_that_do_not_go_together_are_refused() {
    let sources = Sources { set: vec![pair("--set", "media.last_port=19999")], ..Sources::default() };
    assert!(complaint(&sources).contains("media.last_port"));
    let sources = Sources { set: vec![pair("--set", "log.format=xml")], ..Sources::default() };
    assert!(complaint(&sources).contains("log.format"));
}

#[test]
fn a_centre_without_self_service_is_allowed_with_a_warning() {
    let sources = Sources { set: vec![pair("--set", "centre.self_service_slots=0")], ..Sources::default() };
    let effective = Effective::load(&sources).unwrap();
    assert_eq!(effective.settings.warnings().len(), 1);
    assert!(Settings::default().warnings().is_empty());
}

#[test]
fn every_key_has_a_meaning() {
    let effective = Effective::load(&Sources::default()).unwrap();
    assert_eq!(effective.entries().count(), KEYS.len());
    for info in KEYS.iter().chain(TOPICS) {
        assert!(info.about.iter().any(|line| !line.trim().is_empty()), "{}", info.path);
    }
}

#[test]
fn a_secret_is_hidden_in_its_value_and_in_the_flag_that_set_it() {
    let secret = "correct-horse-battery-staple-0123456789";
    let set = |flag: &str| Sources {
        set: vec![pair(flag, &format!("web.identity_secret={secret}"))],
        ..Sources::default()
    };
    let effective = Effective::load(&set(&format!("--set web.identity_secret={secret}"))).unwrap();
    assert_eq!(effective.settings.web.identity_secret, secret, "it is in force all the same");
    let shown: String =
        effective.entries().map(|(path, value, origin)| format!("{path} = {value} # {origin}\n")).collect();
    for text in [&shown, &effective.to_toml()] {
        assert!(!text.contains(secret) && text.contains("identity_secret = \"***\""), "{text}");
    }
    let unset = Effective::load(&Sources::default()).unwrap().to_toml();
    assert!(unset.contains("identity_secret = \"\""), "that none is set is shown: {unset}");
}

#[test]
fn every_secret_is_a_key() {
    assert!(SECRETS.iter().all(|secret| KEYS.iter().any(|info| info.path == *secret)));
}
