//! The kinds of configured objects in words, and their JSON.

use ngcc_proto::config::{Object, ObjectKind};

/// The word for a kind, as in problems and in the table of ids.
pub(super) fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "user",
        ObjectKind::Agent => "agent",
        ObjectKind::Phone => "phone",
        ObjectKind::Queue => "queue",
        ObjectKind::Number => "number",
        ObjectKind::Flow => "flow",
        ObjectKind::CannedReply => "canned reply",
        ObjectKind::Disposition => "disposition",
        ObjectKind::Form => "form",
        ObjectKind::Channel => "channel",
        ObjectKind::Bot => "bot",
    }
}

/// An object's settings, as stored.
pub(super) fn settings(object: &Object) -> Result<String, serde_json::Error> {
    match object {
        Object::User(o) => serde_json::to_string(o),
        Object::Agent(o) => serde_json::to_string(o),
        Object::Phone(o) => serde_json::to_string(o),
        Object::Queue(o) => serde_json::to_string(o),
        Object::Number(o) => serde_json::to_string(o),
        Object::Flow(o) => serde_json::to_string(o),
        Object::CannedReply(o) => serde_json::to_string(o),
        Object::Disposition(o) => serde_json::to_string(o),
        Object::Form(o) => serde_json::to_string(o),
        Object::Channel(o) => serde_json::to_string(o),
        Object::Bot(o) => serde_json::to_string(o),
    }
}

/// The object of stored settings.
pub(super) fn object(kind: ObjectKind, settings: &str) -> Result<Object, serde_json::Error> {
    Ok(match kind {
        ObjectKind::User => Object::User(serde_json::from_str(settings)?),
        ObjectKind::Agent => Object::Agent(serde_json::from_str(settings)?),
        ObjectKind::Phone => Object::Phone(serde_json::from_str(settings)?),
        ObjectKind::Queue => Object::Queue(serde_json::from_str(settings)?),
        ObjectKind::Number => Object::Number(serde_json::from_str(settings)?),
        ObjectKind::Flow => Object::Flow(serde_json::from_str(settings)?),
        ObjectKind::CannedReply => Object::CannedReply(serde_json::from_str(settings)?),
        ObjectKind::Disposition => Object::Disposition(serde_json::from_str(settings)?),
        ObjectKind::Form => Object::Form(serde_json::from_str(settings)?),
        ObjectKind::Channel => Object::Channel(serde_json::from_str(settings)?),
        ObjectKind::Bot => Object::Bot(serde_json::from_str(settings)?),
    })
}
