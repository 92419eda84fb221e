//! A chat's customer fills in a form with the automatic service.

mod again;
mod exits;

use ngcc_proto::config::{Field, FieldBy, FieldKind, Form};
use ngcc_proto::fact::Medium;
use ngcc_proto::flow::Vars;

use crate::world::{RUN, World, flow_for};

/// Every exit leads to a node that says which it was.
const NODES: &str = r#""f":{"verb":"form","form":"visit","next":"done","on_cancel":"gone","on_timeout":"late",
        "on_invalid":"odd","on_error":"bad","attempts":2},
    "done":{"verb":"set","vars":{"went":"done"}},"gone":{"verb":"set","vars":{"went":"gone"}},
    "late":{"verb":"set","vars":{"went":"late"}},"odd":{"verb":"set","vars":{"went":"odd"}},
    "bad":{"verb":"set","vars":{"went":"bad"}},"h":{"verb":"to-human","queue":"q"}"#;

const HOW: &str = "Write “back” to correct the answer before, “cancel” to stop.";

/// A chat in which the customer writes one message after the other.
struct Talk {
    world: World,
    seq: u64,
}

impl Talk {
    /// In the flow, with these settings besides, and these forms; what was shown first.
    fn with(settings: &str, forms: Vec<Form>, vars: &[(&str, &str)]) -> (Self, String) {
        let nodes = NODES.replacen(r#""form":"visit""#, &format!(r#""form":"visit"{settings}"#), 1);
        let text = flow_for("chat", "main", "f", &nodes).replace(r#""start""#, r#""human":"h","start""#);
        let mut world = World::with_flows(vec![("main", text)]);
        world.config.forms = forms;
        world.configure();
        world.start_on(Medium::Chat, RUN, "main", vars, false);
        let mut talk = Self { world, seq: 0 };
        let shown = talk.shown();
        (talk, shown)
    }

    /// What was shown since it was last asked.
    fn shown(&mut self) -> String {
        self.world.take_shown().join("|")
    }

    /// The customer writes; what is shown then.
    fn says(&mut self, text: &str) -> String {
        self.seq += 1;
        self.world.write(self.seq, text);
        self.shown()
    }

    /// The customer writes all this, to the flow's end.
    fn ends(mut self, texts: &[&str]) -> Vars {
        for text in texts {
            self.says(text);
        }
        self.world.ended()
    }
}

fn field(name: &str, label: &str, kind: FieldKind) -> Field {
    let (name, label, by) = (name.to_owned(), label.to_owned(), FieldBy::Both);
    Field { name, label, kind, options: vec![], required: true, by }
}

fn form(fields: Vec<Field>) -> Form {
    Form { name: "visit".to_owned(), label: "Your visit".to_owned(), fields }
}

/// A form with a field of every kind, and one that is the agent's.
fn visit() -> Form {
    let wine = Field {
        options: vec!["Red wine".to_owned(), "White wine".to_owned()],
        ..field("Wine", "Wine", FieldKind::Choice)
    };
    form(vec![
        field("name", "Your name", FieldKind::Text),
        Field { required: false, ..field("notes", "Notes", FieldKind::Lines) },
        field("guests", "Guests", FieldKind::Number),
        field("day", "", FieldKind::Date),
        wine,
        Field { by: FieldBy::Agent, ..field("table", "Table", FieldKind::Text) },
        field("terms", "I accept the terms", FieldKind::Tick),
        field("pin", "Your PIN", FieldKind::Secret),
    ])
}

/// Two fields, the second of which may be left out.
fn short() -> Form {
    let notes = Field { required: false, ..field("notes", "Notes", FieldKind::Text) };
    form(vec![field("name", "Your name", FieldKind::Text), notes])
}

const VISIT: [&str; 7] = ["Ada", "Near the\nwindow", "4", "2026-01-31", "2", "yes", "7351"];

#[test]
fn s0_02_a_customer_fills_in_every_kind_of_field_and_sends_the_form() {
    let settings = r#","text":{"en":"Hello ${caller}"},"prefix":"v_""#;
    let (mut talk, shown) = Talk::with(settings, vec![visit()], &[("caller", "Ann")]);
    assert_eq!(shown, format!("f (form)|1: Hello Ann\n{HOW}\nYour name|listens"));
    assert_eq!(
        talk.says(" Ada "),
        "2: Notes\nIn one message; it may have several lines [-=Leave out]|listens"
    );
    assert_eq!(talk.says("Near the\nwindow"), "3: Guests\nA number, such as 12 or 1.5|listens");
    assert_eq!(talk.says("４"), "4: day\nA day, such as 2026-01-31|listens");
    assert_eq!(talk.says("2026-01-31"), "5: Wine [1=Red wine 2=White wine]|listens");
    assert_eq!(talk.says("white wine"), "6: I accept the terms [1=Yes 2=No]|listens");
    assert_eq!(talk.says("1"), "7: Your PIN\nNo agent sees what you write here.|listens in secret");
    assert_eq!(
        talk.says("7351"),
        "8: Please check what you entered:\nYour name: Ada\nNotes: Near the window\nGuests: 4\nday: 2026-01-31\n\
         Wine: White wine\nI accept the terms: Yes\nYour PIN: •••••• [1=Send 2=Change 3=Cancel]|listens"
    );
    assert_eq!(talk.says("send"), "done (set)");
    let ended = talk.world.ended();
    let told = |name: &str| ended.get(name).map(String::as_str);
    assert_eq!(
        (told("went"), told("v_name"), told("v_notes")),
        (Some("done"), Some("Ada"), Some("Near the\nwindow"))
    );
    assert_eq!((told("v_guests"), told("v_day")), (Some("4"), Some("2026-01-31")));
    assert_eq!((told("v_wine"), told("v_terms")), (Some("White wine"), Some("true")));
    assert_eq!((told("v_table"), told("v_pin"), told("v_pin_secret")), (None, None, None));
}

#[test]
fn a_secret_is_in_no_record_and_no_output() {
    let secret =
        form(vec![field("pin", "PIN", FieldKind::Secret), field("code_secret", "Code", FieldKind::Text)]);
    let text = flow_for(
        "chat",
        "main",
        "f",
        r#""f":{"verb":"form","form":"visit","next":"i"},
            "i":{"verb":"if","expr":"pin_secret > 7000 && code_secret > 8000","then":"yes"},
            "yes":{"verb":"set","vars":{"went":"yes"}}"#,
    );
    let mut world = World::with_flows(vec![("main", text)]);
    world.config.forms = vec![secret];
    world.configure();
    let mut talk = Talk { world: world.in_chat(), seq: 0 };
    assert!(talk.shown().ends_with("listens in secret"));
    assert!(talk.says("73\n51").starts_with("2: Please write it in one line.\nPIN"));
    assert!(talk.says("7351").ends_with("listens in secret"), "so is a text whose name says it");
    assert!(talk.says("8402").contains("PIN: ••••••\nCode: ••••••"));
    assert!(talk.says("2").contains("[==Keep: ••••••]"));
    assert!(talk.says("=").ends_with("listens in secret"));
    talk.says("=");
    let inside = format!("{:?}", talk.world.ivr);
    talk.says("1");
    assert_eq!(talk.world.ended()["went"], "yes");
    for secret in ["7351", "8402", "73\\n51"] {
        assert!(!talk.world.seen.contains(secret), "it is in a record or an output");
        assert!(!inside.contains(secret), "it is in debug output");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_reason_and_asked_for_again() {
    let long = "x".repeat(1025);
    for (n, bad, reason) in [
        (0, "two\nlines", "Please write it in one line."),
        (0, " ", "Please write an answer."),
        (0, long.as_str(), "That is too long."),
        (1, "bell\u{7}", "There are characters in it that cannot be taken."),
        (2, "four", "That is not a number."),
        (3, "2026-02-30", "That is not a day of the calendar."),
        (4, "3", "That is none of the options."),
        (5, "maybe", "Please answer yes or no."),
        (5, "no", "Without a yes here the form cannot be sent."),
    ] {
        let (mut talk, _) = Talk::with("", vec![visit()], &[]);
        let mut asked = HOW.to_owned();
        for good in &VISIT[..n] {
            asked = talk.says(good);
        }
        let question = if n == 0 { "Your name|listens" } else { asked.split_once(": ").unwrap().1 };
        assert_eq!(talk.says(bad), format!("{}: {reason}\n{question}", n + 2), "{bad}");
        let next = talk.says(VISIT[n]);
        assert!(next.starts_with(&format!("{}: ", n + 3)) && !next.contains(reason), "{next}");
    }
}

#[test]
fn what_may_be_left_out_is_left_out_by_its_reply() {
    for reply in ["-", "Leave out", "跳过", "－"] {
        let (mut talk, _) = Talk::with("", vec![short()], &[]);
        talk.says("Ada");
        assert!(talk.says(reply).contains("Notes: —"), "{reply}");
        talk.says("1");
        let ended = talk.world.ended();
        assert_eq!((ended["went"].as_str(), ended.get("notes")), ("done", None), "{reply}");
    }
    // What must be filled in takes the same as a text.
    let (talk, _) = Talk::with(r#","fields":["name"],"confirm":false"#, vec![short()], &[]);
    assert_eq!(talk.ends(&["-"])["name"], "-");
}

#[test]
fn only_the_fields_that_are_named_are_asked_for_in_that_order() {
    let settings = r#","fields":["day","name"],"confirm":false"#;
    let (mut talk, shown) = Talk::with(settings, vec![visit()], &[]);
    assert_eq!(shown, format!("f (form)|1: Your visit\n{HOW}\nday\nA day, such as 2026-01-31|listens"));
    assert_eq!(talk.says("2026-01-31"), "2: Your name|listens");
    assert_eq!(talk.says("Ada"), "done (set)");
    let ended = talk.world.ended();
    assert_eq!((ended["day"].as_str(), ended["name"].as_str(), ended.len()), ("2026-01-31", "Ada", 3));
}

#[test]
fn the_same_form_speaks_chinese() {
    let (mut talk, shown) = Talk::with("", vec![visit()], &[("lang", "zh-CN")]);
    let how = "回复“返回”可修改上一项，回复“取消”可结束填写。";
    assert_eq!(shown, format!("f (form)|1: Your visit\n{how}\nYour name|listens"));
    assert_eq!(talk.says("小李"), "2: Notes\n请写在一条消息里，可以分行 [-=跳过]|listens");
    assert_eq!(talk.says("跳过"), "3: Guests\n请填写数字，例如 12 或 1.5|listens");
    assert_eq!(talk.says("四"), "4: 这不是数字。\nGuests\n请填写数字，例如 12 或 1.5|listens");
    assert_eq!(talk.says("返回"), "5: Notes\n请写在一条消息里，可以分行 [-=跳过]|listens");
    for text in ["跳过", "4", "2026-01-31", "1"] {
        talk.says(text);
    }
    assert_eq!(talk.says("是"), "10: Your PIN\n您在此填写的内容坐席无法看到。|listens in secret");
    assert_eq!(
        talk.says("7351"),
        "11: 请核对您填写的内容：\nYour name：小李\nNotes：—\nGuests：4\nday：2026-01-31\nWine：Red wine\n\
         I accept the terms：是\nYour PIN：•••••• [1=发送 2=修改 3=取消]|listens"
    );
    assert_eq!(talk.says("发送"), "done (set)");
}

#[test]
fn the_flows_language_is_taken_where_the_customers_is_not_known() {
    let text = flow_for("chat", "main", "f", r#""f":{"verb":"form","form":"visit"}"#);
    let mut world = World::with_flows(vec![("main", text.replace(r#""start""#, r#""lang":"zh","start""#))]);
    world.config.forms = vec![short()];
    world.configure();
    assert!(world.in_chat().shown.iter().any(|line| line.contains("取消")));
}
