//! `user`, `agent`, `queue`, `number`, `phone`, `flow`, `reply` and `disposition`: list, show, add, set, remove.

use clap::Args;
use ngcc_proto::admin;
use ngcc_proto::config::{Catalogue, Object, ObjectKind, Route, Wait};
use ngcc_proto::seat::Device;
use serde::Serialize;

use super::done;
use crate::cli::{Describe, ObjectVerb, all, pick, word_for};
use crate::control::door::Door;
use crate::failure::Failure;
use crate::out;

/// Does `verb` to the objects that `A` describes.
///
/// # Errors
/// No such object, one of that name already, or the centre's own reasons.
pub(super) fn run<A: Describe + Args>(
    verb: ObjectVerb<A>,
    door: &mut Door,
    json: bool,
) -> Result<(), Failure> {
    let kind = A::KIND;
    match verb {
        ObjectVerb::List => {
            list(kind, all(exported(door)?, kind), json);
            Ok(())
        }
        ObjectVerb::Show { name } => {
            let object = pick(exported(door)?, kind, &name).ok_or_else(|| unknown(kind, &name))?;
            show(&object, json)
        }
        ObjectVerb::Add { name, args } => {
            if pick(exported(door)?, kind, &name).is_some() {
                let word = word_for(kind);
                let why = format!("{word} `{name}` is there already: `ngcc {word} set {name}` changes it");
                return Err(Failure::Refused(vec![why]));
            }
            let object = args.fresh(&name).map_err(refused)?;
            put(object, args, door, json)
        }
        ObjectVerb::Set { name, args } => {
            let object = pick(exported(door)?, kind, &name).ok_or_else(|| unknown(kind, &name))?;
            put(object, args, door, json)
        }
        ObjectVerb::Remove { name } => done(door.admin(admin::Command::Delete { kind, name })?, json),
    }
}

/// Everything configured.
///
/// # Errors
/// No answer.
pub(super) fn exported(door: &mut Door) -> Result<Catalogue, Failure> {
    match door.admin(admin::Command::Export)? {
        admin::Event::Exported { catalogue } => Ok(*catalogue),
        admin::Event::Done { .. }
        | admin::Event::Refused { .. }
        | admin::Event::History { .. }
        | admin::Event::Chain { .. } => {
            Err(Failure::NoAnswer("an answer to another question came".to_owned()))
        }
    }
}

fn put<A: Describe>(mut object: Object, args: A, door: &mut Door, json: bool) -> Result<(), Failure> {
    args.apply(&mut object).map_err(refused)?;
    done(door.admin(admin::Command::Put { object })?, json)
}

fn refused(why: String) -> Failure {
    Failure::Refused(vec![why])
}

fn unknown(kind: ObjectKind, name: &str) -> Failure {
    let word = word_for(kind);
    Failure::NotFound(format!("no {word} `{name}`: `ngcc {word} list` shows those there are"))
}

fn show(object: &Object, json: bool) -> Result<(), Failure> {
    match object {
        Object::Flow(flow) if !json => {
            out::line(flow.text.trim_end());
            Ok(())
        }
        Object::User(o) => show_one(o, json),
        Object::Agent(o) => show_one(o, json),
        Object::Phone(o) => show_one(o, json),
        Object::Queue(o) => show_one(o, json),
        Object::Number(o) => show_one(o, json),
        Object::Flow(o) => show_one(o, json),
        Object::CannedReply(o) => show_one(o, json),
        Object::Disposition(o) => show_one(o, json),
        Object::Form(o) => show_one(o, json),
        Object::Channel(o) => show_one(o, json),
        Object::Bot(o) => show_one(o, json),
    }
}

fn show_one<T: Serialize>(object: &T, json: bool) -> Result<(), Failure> {
    if json {
        out::json(object);
        return Ok(());
    }
    let text = serde_saphyr::to_string(object)
        .map_err(|e| Failure::NoAnswer(format!("it cannot be written: {e}")))?;
    out::line(text.trim_end());
    Ok(())
}

fn list(kind: ObjectKind, objects: Vec<Object>, json: bool) {
    if json {
        let plain: Vec<serde_json::Value> =
            objects.iter().filter_map(|o| serde_json::to_value(o).ok()).collect();
        let data: Vec<&serde_json::Value> = plain.iter().filter_map(|tagged| tagged.get("data")).collect();
        out::json(&data);
        return;
    }
    let rows: Vec<Vec<String>> = objects.iter().map(row).collect();
    out::table(head(kind), &rows);
}

fn head(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::User => &["USER", "DISPLAY", "ROLES"],
        ObjectKind::Agent => &["AGENT", "DISPLAY", "DEVICE", "AUTO READY", "PUBLIC NUMBER"],
        ObjectKind::Phone => &["PHONE", "CONTACT"],
        ObjectKind::Queue => &["QUEUE", "STRATEGY", "MEMBERS", "PRIORITY", "RING S", "WRAP-UP S", "WAIT"],
        ObjectKind::Number => &["NUMBER", "LEADS TO", "PUBLIC"],
        ObjectKind::Flow => &["FLOW", "BYTES"],
        ObjectKind::CannedReply => &["REPLY", "TEXT"],
        ObjectKind::Disposition => &["DISPOSITION", "LABEL"],
        ObjectKind::Form => &["FORM", "LABEL", "FIELDS"],
        ObjectKind::Channel => &["CHANNEL", "KIND", "ENTRY", "ACCOUNT", "CALLBACK"],
        ObjectKind::Bot => &["BOT", "URL", "TIMEOUT S"],
    }
}

fn row(object: &Object) -> Vec<String> {
    match object {
        Object::User(o) => {
            let roles: Vec<String> = o.roles.iter().map(word).collect();
            vec![o.name.clone(), o.display.clone(), roles.join(" ")]
        }
        Object::Agent(o) => {
            let device = match &o.device {
                Device::Phone(name) => format!("phone {name}"),
                Device::Browser => "browser".to_owned(),
            };
            vec![o.name.clone(), o.display.clone(), device, yes(o.auto_ready), o.public_number.clone()]
        }
        Object::Phone(o) => {
            vec![o.name.clone(), o.contact.clone().unwrap_or_else(|| "registers".to_owned())]
        }
        Object::Queue(o) => {
            let members: Vec<&str> = o.members.iter().map(|m| m.agent.as_str()).collect();
            let members = match members.len() {
                0..=4 => members.join(" "),
                n => format!("{} and {} more", members[..3].join(" "), n - 3),
            };
            let wait = match &o.wait {
                Wait::Music => "music".to_owned(),
                Wait::Silence => "silence".to_owned(),
                Wait::Flow(name) => format!("flow:{name}"),
            };
            let (ring, wrap_up) = (o.ring_s.to_string(), o.wrap_up_s.to_string());
            vec![o.name.clone(), word(&o.strategy), members, o.priority.to_string(), ring, wrap_up, wait]
        }
        Object::Number(o) => {
            let number = if o.prefix { format!("{}…", o.number) } else { o.number.clone() };
            vec![number, route_words(&o.to), yes(o.public)]
        }
        Object::Flow(o) => vec![o.name.clone(), o.text.len().to_string()],
        Object::CannedReply(o) => {
            let line = o.text.lines().next().unwrap_or_default();
            vec![o.name.clone(), line.chars().take(60).collect()]
        }
        Object::Channel(o) => {
            // Nobody calls an account of mail.
            let callback = if o.mail.is_some() { String::new() } else { format!("/hooks/{}", o.name) };
            vec![o.name.clone(), word(&o.kind), o.entry.clone(), o.account.clone(), callback]
        }
        Object::Bot(o) => vec![o.name.clone(), o.url.clone(), o.timeout_s.to_string()],
        Object::Disposition(o) => vec![o.name.clone(), o.label.clone()],
        Object::Form(o) => vec![o.name.clone(), o.label.clone(), o.fields.len().to_string()],
    }
}

fn route_words(route: &Route) -> String {
    match route {
        Route::Flow(name) => format!("flow:{name}"),
        Route::Queue(name) => format!("queue:{name}"),
        Route::Agent(name) => format!("agent:{name}"),
        Route::Phone(name) => format!("phone:{name}"),
        Route::Conference(room) => format!("conference:{room}"),
        Route::Uri(uri) => format!("uri:{uri}"),
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "" }.to_owned()
}

/// A word of one of our enums as catalogues write it.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
