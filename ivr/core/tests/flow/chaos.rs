//! A seeded walk of everything that can happen, with restarts: nothing panics, nothing is left behind.

use ngcc_ivr_core::Input;
use ngcc_ivr_core::flow::Fetched;
use ngcc_ivr_core::worker::FromWorker;
use ngcc_proto::bcsm::AutoRun;
use ngcc_proto::config::{Field, FieldBy, FieldKind, Form};
use ngcc_proto::fact::Medium;
use ngcc_proto::flow::{Command, Vars};
use ngcc_proto::media::{self, Part, Phase};
use ngcc_proto::{AgentUri, Core, LegId, Rng, RunId, Secret};

use crate::world::{LEG, ROOM, World, flow_for, offer};

const EVERYTHING: &str = r#""m":{"verb":"menu","text":{"en":"m"},"choices":{"0":"c","1":"e","2":"h","3":"q","4":"p","5":"w","6":"x","7":"t","8":"z","9":"i","A":"f"},
        "attempts":2,"timeout_s":2,"on_timeout":"h"},
    "c":{"verb":"collect","text":{"en":"c"},"variable":"n_secret","max":3,"attempts":1,"timeout_s":1,"on_timeout":"m","on_invalid":"m","next":"m"},
    "e":{"verb":"echo","seconds":3,"next":"m","on_error":"s"},
    "h":{"verb":"to-human","queue":"q","announce":{"en":"${agent_number}"},"on_returned":"m","on_no_agent":"m"},
    "q":{"verb":"http","url":"http://x/","on_error":"m","next":"m"},
    "p":{"verb":"play","prompt":"music","seconds":2,"next":"m"},
    "w":{"verb":"wait","seconds":2,"next":"m"},
    "x":{"verb":"transfer","to":"1","on_failed":"m","next":"m"},
    "t":{"verb":"goto","next":"s"},"s":{"verb":"say","text":{"en":"s"},"times":2,"next":"m"},
    "z":{"verb":"play","prompt":"lost"},
    "f":{"verb":"form","form":"f","timeout_s":3,"attempts":2,"next":"m","on_error":"m","on_call":"m"},
    "i":{"verb":"if","expr":"n_secret == 123","then":"m","else":"c"}"#;

fn form() -> Form {
    let field = |name: &str, kind, required| Field {
        name: name.to_owned(),
        label: String::new(),
        kind,
        options: vec![],
        required,
        by: FieldBy::Both,
    };
    let fields = vec![
        field("n", FieldKind::Number, true),
        field("p", FieldKind::Secret, false),
        field("t", FieldKind::Tick, true),
    ];
    Form { name: "f".to_owned(), label: String::new(), fields }
}

fn phase(rng: &mut Rng) -> Phase {
    let phases = [
        Phase::SelfService,
        Phase::Queue { music: true },
        Phase::Queue { music: false },
        Phase::Talk,
        Phase::Hold,
        Phase::InIvr { listen: false, secure: false },
        Phase::Conference,
    ];
    phases[pick(rng, phases.len())]
}

fn pick(rng: &mut Rng, below: usize) -> usize {
    usize::try_from(rng.below(below as u64)).unwrap()
}

fn one_step(world: &mut World, rng: &mut Rng) {
    let leg = LegId(1 + u128::from(rng.below(3)));
    let run = RunId(100 + u128::from(rng.below(4)));
    match rng.below(26) {
        0 => world.open(leg, if leg == LEG { Part::User } else { Part::Agent }),
        1 if rng.below(4) == 0 => world.send(None, media::Command::Close { leg }),
        2 => world.start(run, if rng.below(20) == 0 { "gone" } else { "main" }, &[], rng.below(2) == 0),
        3 => world.start_on(Medium::Chat, run, "main", &[], false),
        4 => world.tell(Command::Answered { run }),
        5 => world.tell(Command::AgentFound {
            run,
            agent: AgentUri::new("al").unwrap(),
            public: "4".to_owned(),
        }),
        6 => {
            let exits = ["no_agent", "returned", "done", "busy", "left", "odd"];
            let exit = exits[pick(rng, exits.len())].to_owned();
            world.tell(Command::Resume { run, exit, vars: Vars::new() });
        }
        7 => world.tell(Command::Suspend { run }),
        8 if rng.below(5) == 0 => world.tell(Command::Stop { run }),
        9 => world.hand_to_auto(1, AutoRun::Resume { run }, &[]),
        10 => world.hand_to_auto(2, AutoRun::Flow { run, flow: "main".to_owned() }, &[("a", "b")]),
        11 => world.phase(phase(rng)),
        12 if world.playing.is_some() => world.play_out(),
        13 => world.give(Input::Worker(FromWorker::Played { conference: ROOM, play: rng.below(1 << 40) })),
        14 if !world.fetches.is_empty() => {
            let answers = [Fetched::TimedOut, Fetched::Answer { status: 200, body: "{}".to_owned() }];
            let answer = answers[pick(rng, 2)].clone();
            world.fetched(answer);
        }
        15 => world.pass(1 + rng.below(4)),
        16 if rng.below(40) == 0 => {
            world.crash(rng.below(100));
            if rng.below(4) != 0 {
                world.configure();
            }
        }
        17 => world.send(None, media::Command::Place { leg, conference: ROOM, part: Part::User }),
        18 => {
            world.send(None, media::Command::Reoffer { leg, offer: (rng.below(2) == 0).then(|| offer(4002)) })
        }
        20..=22 => {
            let texts = ["1", "2", "4", "99", "human", "hello", "0", "a", "back", "-", "="];
            let text = Secret::new(texts[pick(rng, texts.len())]);
            world.tell(Command::Heard { run, seq: rng.below(10_000), text, behind: None });
        }
        19 => world.speech_fails = rng.below(5) == 0,
        _ => world.key_of(LEG, char::from(b'0' + u8::try_from(rng.below(10)).unwrap())),
    }
}

#[test]
fn whatever_comes_nothing_panics_and_nothing_is_left_behind() {
    let text = flow_for(r#"voice","chat"#, "main", "m", EVERYTHING);
    ngcc_ivr_core::flow::check("main", &text).expect("the flow can be run");
    for seed in 0..20 {
        let mut rng = Rng::from_u64(seed);
        let mut world = World::with_flows(vec![("main", text.clone())]);
        world.config.forms = vec![form()];
        world.configure();
        println!("seed {seed}");
        for _ in 0..3_000 {
            world.ports_left = 100;
            one_step(&mut world, &mut rng);
            world.seen.clear();
            world.shown.clear();
        }
        world.configure();
        for run in 100..104 {
            world.tell(Command::Stop { run: RunId(run) });
        }
        for leg in 1..=3 {
            world.send(None, media::Command::Close { leg: LegId(leg) });
        }
        assert!(world.records.is_empty(), "{:?}", world.records.keys());
        assert_eq!(world.ivr.deadline(), None);
        let left = format!("{:?}", world.ivr);
        for empty in ["legs: {}", "conferences: {}", "runs: {}", "by_leg: {}", "asked: {}", "due: {}"] {
            assert!(left.contains(empty), "{empty} is not in {left}");
        }
    }
}
