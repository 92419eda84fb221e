//! The control socket end to end: a real socket, a real bus, and a centre of a few lines behind it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ngcc_proto::envelope::Body;
use ngcc_proto::seat::{self, Verb};
use ngcc_proto::{AgentUri, Envelope, Role, Wall, admin, operate};
use ngcc_runtime::House;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use super::desk::Desk;
use super::{Answer, MAX_LINE, PATIENCE, Request, Response, server};

struct Centre {
    dir: PathBuf,
    house: House,
    desk: Desk,
}

impl Drop for Centre {
    fn drop(&mut self) {
        // A directory left in the temporary one harms nobody.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A house in which cti knows the seat of alice, refuses its `Ready`, and does whatever else it is asked.
fn centre(name: &str) -> Centre {
    let dir = std::env::temp_dir().join(format!("ngcc-control-{}-{name}", std::process::id()));
    let house = House::open(ngcc_runtime::Settings::at(&dir)).unwrap();
    let desk = Desk::open(&house, PATIENCE);
    let (bus, ids) = (Arc::clone(&house.bus), Arc::new(Mutex::new(house.ids())));
    let cti = move |envelope: Envelope| {
        let Body::OperateCommand(command) = envelope.body else { panic!("{envelope:?}") };
        let answer = if let operate::Command::Seat(seat::Command { what: Verb::Ready, agent, .. }) = command {
            operate::Event::Refused { why: format!("`{}` is not signed in", agent.name()) }
        } else if command == operate::Command::Seats {
            operate::Event::Seats { seats: vec![] }
        } else {
            operate::Event::Done
        };
        bus.send(Envelope::new(&mut ids.lock().unwrap(), Wall(0), None, Some(envelope.id), answer));
    };
    house.bus.attach(Role::Cti, Box::new(cti));
    Centre { dir, house, desk }
}

fn command(agent: &str, what: Verb) -> Body {
    let agent = AgentUri::new(agent).unwrap();
    operate::Command::Seat(seat::Command { agent, session: None, what }).into()
}

async fn ask(desk: &Desk, body: Body) -> Body {
    match desk.ask(body).await {
        Answer::Body(body) => *body,
        Answer::Error(why) => panic!("{why}"),
    }
}

#[tokio::test]
async fn an_agents_command_is_answered_by_what_it_caused() {
    let centre = centre("seat");
    let body = ask(&centre.desk, command("alice", Verb::EndWrapUp)).await;
    assert_eq!(body, Body::OperateEvent(operate::Event::Done));
    let body = ask(&centre.desk, command("alice", Verb::Ready)).await;
    let why = "`alice` is not signed in".to_owned();
    assert_eq!(body, Body::OperateEvent(operate::Event::Refused { why }));
}

#[tokio::test]
async fn the_gateways_place_is_left_to_the_gateway() {
    let centre = centre("place");
    let agent = AgentUri::new("alice").unwrap();
    let command = Body::SeatCommand(seat::Command { agent, session: None, what: Verb::Ready });
    let answer = centre.desk.ask(command).await;
    assert!(matches!(&answer, Answer::Error(why) if why.contains("operator")), "{answer:?}");
}

#[tokio::test]
async fn a_message_of_another_role_is_not_sent_on() {
    let centre = centre("role");
    let answer = centre.desk.ask(Body::AdminEvent(admin::Event::Done { version: 1 })).await;
    assert!(matches!(&answer, Answer::Error(why) if why.contains("operator")), "{answer:?}");
}

#[tokio::test]
async fn a_question_nobody_answers_ends_after_its_time() {
    let centre = centre("late");
    let desk = Desk::open(&centre.house, Duration::from_millis(5));
    let answer = desk.ask(Body::AdminCommand(admin::Command::Export)).await;
    assert!(matches!(&answer, Answer::Error(why) if why.contains("5ms")), "{answer:?}");
}

#[tokio::test]
async fn the_socket_is_its_owners_and_speaks_lines() {
    let centre = centre("socket");
    let path = server::listen(&centre.dir, centre.desk.clone()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let mut stream = BufReader::new(UnixStream::connect(&path).await.unwrap());
    let mut line = String::new();
    for (asked, expected) in [
        (r#"{"id":3,"body":{"kind":"operate_command","data":{"type":"seats"}}}"#, r#"{"id":3,"body":"#),
        ("nonsense", r#"{"id":0,"error":"no request"#),
        (r#"{"id":4,"body":{"kind":"operate_command","data":{"type":"seats"}}}"#, r#"{"id":4,"body":"#),
    ] {
        stream.write_all(format!("{asked}\n").as_bytes()).await.unwrap();
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.starts_with(expected), "{line}");
        assert!(serde_json::from_str::<Response>(&line).is_ok());
    }
}

#[tokio::test]
async fn a_line_without_end_is_cut_off() {
    let centre = centre("long");
    let path = server::listen(&centre.dir, centre.desk.clone()).unwrap();
    let mut stream = BufReader::new(UnixStream::connect(&path).await.unwrap());
    let chunk = vec![b'x'; 1 << 20];
    let mut sent = 0;
    while sent <= MAX_LINE {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
        sent += 1 << 20;
    }
    let mut line = String::new();
    let read = stream.read_line(&mut line).await;
    assert!(matches!(read, Ok(0) | Err(_)), "{line}");
}

#[test]
fn a_line_is_what_a_person_could_write() {
    let line = r#"{"id":7,"body":{"kind":"operate_command","data":{"type":"sessions","limit":5}}}"#;
    let request: Request = serde_json::from_str(line).unwrap();
    assert_eq!(request.body, Body::OperateCommand(operate::Command::Sessions { limit: 5 }));
    assert_eq!(serde_json::to_string(&request).unwrap(), line);

    let answer = Response { id: 7, answer: Answer::Error("no".to_owned()) };
    assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"id":7,"error":"no"}"#);
    let line = r#"{"id":1,"body":{"kind":"operate_event","data":{"type":"done"}}}"#;
    let answer: Response = serde_json::from_str(line).unwrap();
    let Answer::Body(body) = answer.answer else { panic!("{answer:?}") };
    assert_eq!(*body, Body::OperateEvent(operate::Event::Done));
}
