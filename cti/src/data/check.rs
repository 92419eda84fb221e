//! Whether what is to be configured makes sense: names, limits, and that everything referred to exists.
//! Each problem is one line: which object, what is wrong, what to do.

mod bot;
pub(super) mod channel;

use std::collections::{BTreeMap, BTreeSet};

use ngcc_proto::AgentUri;
use ngcc_proto::chat::MAX_TEXT;
use ngcc_proto::config::{
    Agent, CannedReply, Channel, Disposition, FieldBy, FieldKind, Form, MAX_FIELDS, MAX_OPTIONS, Number,
    Object, ObjectKind, Phone, Queue, Route, User, Wait,
};
use ngcc_proto::seat::Device;

use super::book::Book;
use super::change::{Change, Put};
use super::names::word;
use super::secrets::Plain;
use crate::FlowCheck;

/// The most lines told at once.
const MAX_PROBLEMS: usize = 100;
/// The most objects of one kind.
const MAX_OBJECTS: usize = 100_000;
/// The most characters of a name, a display name, a URI.
const MAX_NAME: usize = 64;
const MAX_DISPLAY: usize = 128;
const MAX_URI: usize = 256;
const MAX_SECRET: usize = 128;
const DAY_S: u32 = 86_400;
/// The longest that sharing may outlive its contact, in seconds.
const HOUR_S: u32 = 3600;
/// Beginnings that the dial plan keeps for itself.
const RESERVED: [&str; 4] = ["flow-", "queue-", "agent-", "conf-"];

/// Everything wrong with `change`, `after` being the book as it would be.
pub(super) fn problems(change: &Change, after: &Book, flow_check: FlowCheck) -> Vec<String> {
    let mut found = Found { lines: change.problems.clone(), after };
    for put in &change.puts {
        found.secret(put);
        found.flow_text(put, flow_check);
        found.channel_secrets(put);
        found.bot_secret(put);
    }
    found.too_many();
    for row in after.rows.values() {
        match &row.object {
            Object::User(user) => found.user(user),
            Object::Agent(agent) => found.agent(agent),
            Object::Phone(phone) => found.phone(phone),
            Object::Queue(queue) => found.queue(queue),
            Object::Number(number) => found.number(number),
            Object::Flow(flow) => found.name(ObjectKind::Flow, &flow.name),
            Object::CannedReply(reply) => found.canned_reply(reply),
            Object::Disposition(disposition) => found.disposition(disposition),
            Object::Form(form) => found.form(form),
            Object::Channel(channel) => found.channel(channel),
            Object::Bot(bot) => found.bot(bot),
        }
        if found.lines.len() > MAX_PROBLEMS {
            break;
        }
    }
    found.shared_phones();
    found.lines.truncate(MAX_PROBLEMS);
    found.lines
}

struct Found<'a> {
    lines: Vec<String>,
    after: &'a Book,
}

impl Found<'_> {
    fn say(&mut self, kind: ObjectKind, name: &str, what: impl AsRef<str>) {
        self.lines.push(format!("{} `{}`: {}", word(kind), short(name), what.as_ref()));
    }

    /// Says it unless `fine`.
    fn want(&mut self, fine: bool, kind: ObjectKind, name: &str, what: &str) {
        if !fine {
            self.say(kind, name, what);
        }
    }

    /// Says that `name` (of `kind`) refers to something that is not there.
    fn refers(&mut self, kind: ObjectKind, name: &str, how: &str, to: (ObjectKind, &str)) {
        if !self.after.has(to.0, to.1) {
            let target = word(to.0);
            let article = if target == "agent" { "an" } else { "a" };
            let line =
                format!("{how} `{}` is no {target}: add {article} {target} of that name first", short(to.1));
            self.say(kind, name, line);
        }
    }

    fn user(&mut self, user: &User) {
        self.person(ObjectKind::User, &user.name, &user.display);
    }

    fn agent(&mut self, agent: &Agent) {
        let (kind, name) = (ObjectKind::Agent, agent.name.as_str());
        self.person(kind, name, &agent.display);
        if let Device::Phone(phone) = &agent.device {
            self.refers(kind, name, "device", (ObjectKind::Phone, phone));
        }
        let number = agent.public_number.chars().count() <= MAX_NAME && !has_controls(&agent.public_number);
        self.want(number, kind, name, "the public number has at most 64 characters");
        self.want(agent.wrap_up_s.is_none_or(|s| s <= DAY_S), kind, name, "wrap_up_s is at most 86400");
        self.want(agent.chats <= 100, kind, name, "chats is at most 100");
    }

    fn person(&mut self, kind: ObjectKind, name: &str, display: &str) {
        let fine = AgentUri::new(name).is_ok();
        self.want(fine, kind, name, "a name has 1 to 64 of a–z, 0–9, `.`, `-`, `_`");
        let fine = display.chars().count() <= MAX_DISPLAY && !has_controls(display);
        self.want(fine, kind, name, "the display name has at most 128 characters");
    }

    fn phone(&mut self, phone: &Phone) {
        self.name(ObjectKind::Phone, &phone.name);
        let contact = phone.contact.as_deref().is_none_or(is_sip_uri);
        self.want(
            contact,
            ObjectKind::Phone,
            &phone.name,
            "contact is a SIP URI such as sip:7001@192.0.2.7:5060",
        );
    }

    fn queue(&mut self, queue: &Queue) {
        let (kind, name) = (ObjectKind::Queue, queue.name.as_str());
        self.name(kind, name);
        let mut members = BTreeSet::new();
        for member in &queue.members {
            if !self.after.has(ObjectKind::Agent, &member.agent) {
                let line = format!("member `{}` is no agent: add the agent first", short(&member.agent));
                self.say(kind, name, line);
            }
            if !members.insert(&member.agent) {
                self.say(kind, name, format!("member `{}` stands twice: take one out", short(&member.agent)));
            }
        }
        if let Wait::Flow(flow) = &queue.wait {
            self.refers(kind, name, "wait flow", (ObjectKind::Flow, flow));
        }
        self.want((1..=600).contains(&queue.ring_s), kind, name, "ring_s is 1 to 600");
        self.want(queue.wrap_up_s <= DAY_S, kind, name, "wrap_up_s is at most 86400");
        let wait = queue.max_wait_s.is_none_or(|s| (1..=DAY_S).contains(&s));
        self.want(wait, kind, name, "max_wait_s is 1 to 86400; leave it out for no limit");
        let len = queue.max_len.is_none_or(|n| n <= 1_000_000);
        self.want(len, kind, name, "max_len is at most 1000000; leave it out for no limit");
        self.want(queue.max_missed <= 1000, kind, name, "max_missed is at most 1000; 0 is never");
        let outlives = queue.share_outlives_s <= HOUR_S;
        self.want(outlives, kind, name, "share_outlives_s is at most 3600; 0: sharing ends with its contact");
        self.want(queue.priority.abs() <= 1_000_000, kind, name, "priority is −1000000 to 1000000");
    }

    fn number(&mut self, number: &Number) {
        let (kind, name) = (ObjectKind::Number, number.number.as_str());
        self.name(kind, name);
        if let Some(reserved) = RESERVED.iter().find(|reserved| name.starts_with(**reserved)) {
            self.say(kind, name, format!("`{reserved}…` is reserved: choose another number"));
        }
        match &number.to {
            Route::Flow(to) => self.refers(kind, name, "its flow", (ObjectKind::Flow, to)),
            Route::Queue(to) => self.refers(kind, name, "its queue", (ObjectKind::Queue, to)),
            Route::Agent(to) => self.refers(kind, name, "its agent", (ObjectKind::Agent, to)),
            Route::Phone(to) => self.refers(kind, name, "its phone", (ObjectKind::Phone, to)),
            Route::Conference(room) => {
                let fine = !room.is_empty() && room.chars().count() <= MAX_NAME && !has_controls(room);
                self.want(fine, kind, name, "a conference room's name has 1 to 64 characters");
            }
            Route::Uri(uri) => {
                self.want(is_sip_uri(uri), kind, name, "a URI begins with `sip:` and has no blanks");
            }
        }
    }

    fn canned_reply(&mut self, reply: &CannedReply) {
        let (kind, name) = (ObjectKind::CannedReply, reply.name.as_str());
        self.word(kind, name);
        let fine = !reply.text.trim().is_empty() && reply.text.len() <= MAX_TEXT;
        self.want(fine, kind, name, "the text has 1 to 8192 bytes");
    }

    fn disposition(&mut self, disposition: &Disposition) {
        let (kind, name) = (ObjectKind::Disposition, disposition.name.as_str());
        self.word(kind, name);
        let label = disposition.label.chars().count() <= MAX_DISPLAY && !has_controls(&disposition.label);
        self.want(label, kind, name, "the label has at most 128 characters");
    }

    fn form(&mut self, form: &Form) {
        let (kind, name) = (ObjectKind::Form, form.name.as_str());
        self.word(kind, name);
        let label = |label: &str| label.chars().count() <= MAX_DISPLAY && !has_controls(label);
        self.want(label(&form.label), kind, name, "the label has at most 128 characters");
        let count = (1..=MAX_FIELDS).contains(&form.fields.len());
        self.want(count, kind, name, "a form has 1 to 64 fields");
        let mut seen = BTreeSet::new();
        for field in form.fields.iter().take(MAX_FIELDS) {
            let of = format!("{name}.{}", field.name);
            self.word(kind, &field.name);
            self.want(seen.insert(&field.name), kind, &of, "there is another field of that name");
            self.want(label(&field.label), kind, &of, "the label has at most 128 characters");
            let (options, choice) = (field.options.len(), field.kind == FieldKind::Choice);
            let fine = if choice { (1..=MAX_OPTIONS).contains(&options) } else { options == 0 };
            self.want(fine, kind, &of, "a choice has 1 to 64 options, and nothing else has any");
            let fine = field.options.iter().all(|option| !option.is_empty() && label(option));
            self.want(fine, kind, &of, "an option has 1 to 128 characters");
            let fine = field.kind != FieldKind::Secret || field.by != FieldBy::Agent;
            self.want(fine, kind, &of, "what the agent must not see cannot be the agent's to fill");
        }
    }

    /// Names that people type and read, in any script.
    fn word(&mut self, kind: ObjectKind, name: &str) {
        let ok = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let fine = (1..=MAX_NAME).contains(&name.chars().count()) && name.chars().all(ok);
        self.want(fine, kind, name, "a name has 1 to 64 letters, digits, `.`, `-`, `_`");
    }

    /// Names that stand in URIs and are dialled.
    fn name(&mut self, kind: ObjectKind, name: &str) {
        let ok = |b: u8| b.is_ascii_alphanumeric() || b".-_+*#".contains(&b);
        let fine = !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(ok);
        self.want(fine, kind, name, "a name has 1 to 64 of letters, digits, `.`, `-`, `_`, `+`, `*`, `#`");
    }

    fn secret(&mut self, put: &Put) {
        let (kind, name) = (put.object.kind(), put.object.name());
        let text = |text: &str| (1..=MAX_SECRET).contains(&text.chars().count()) && !has_controls(text);
        match &put.secret {
            // A bot's is looked at with the bot.
            None | Some(Plain::Bot(_)) => {}
            Some(Plain::Password(password)) => {
                self.want(text(password), kind, name, "a password has 1 to 128 characters");
            }
            Some(Plain::Digest { secret, .. }) => {
                self.want(text(secret), kind, name, "a secret has 1 to 128 characters");
            }
            Some(Plain::Channel(secrets)) => {
                let fine = secrets.len() <= 8 && secrets.keys().all(|name| text(name));
                self.want(fine, kind, name, "it has at most 8 secrets");
            }
            Some(Plain::Pin(pin)) => {
                let fine = (4..=12).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit());
                self.want(fine, kind, name, "a PIN has 4 to 12 digits");
            }
        }
    }

    fn channel(&mut self, channel: &Channel) {
        for fault in channel::settings(channel, self.after) {
            self.say(ObjectKind::Channel, &channel.name, fault.what);
        }
    }

    fn channel_secrets(&mut self, put: &Put) {
        let Object::Channel(channel) = &put.object else { return };
        let kept = self.after.rows.get(&(ObjectKind::Channel, channel.name.clone()));
        let kept = kept.is_some_and(|row| row.secret.is_some());
        let given = match &put.secret {
            Some(Plain::Channel(given)) => Some(given),
            Some(Plain::Password(_) | Plain::Pin(_) | Plain::Digest { .. } | Plain::Bot(_)) | None => None,
        };
        for fault in channel::secrets(channel.kind, given, kept) {
            self.say(ObjectKind::Channel, &channel.name, fault.what);
        }
        if let Some(fault) = channel::name(channel) {
            self.say(ObjectKind::Channel, &channel.name, fault.what);
        }
    }

    fn flow_text(&mut self, put: &Put, flow_check: FlowCheck) {
        if let Object::Flow(flow) = &put.object
            && let Err(lines) = flow_check(&flow.name, &flow.text)
        {
            // The check's lines name the flow themselves.
            self.lines.extend(lines);
        }
    }

    fn too_many(&mut self) {
        let mut counts: BTreeMap<ObjectKind, usize> = BTreeMap::new();
        self.after.rows.keys().for_each(|(kind, _)| *counts.entry(*kind).or_default() += 1);
        for (kind, count) in counts {
            if count > MAX_OBJECTS {
                self.lines.push(format!("{count} {}s: at most {MAX_OBJECTS} can be configured", word(kind)));
            }
        }
    }

    /// One phone cannot ring for two agents who are ready from the start.
    fn shared_phones(&mut self) {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, row) in self.after.of(ObjectKind::Agent) {
            if let Object::Agent(Agent { device: Device::Phone(phone), auto_ready: true, .. }) = &row.object
                && let Some(other) = owners.insert(phone, name)
            {
                let phone = short(phone);
                let line = format!(
                    "agent `{name}`: phone `{phone}` is that of `{other}`, and both are auto_ready: give one another phone"
                );
                self.lines.push(line);
            }
        }
    }
}

fn has_controls(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn is_sip_uri(text: &str) -> bool {
    let rest = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:"));
    let clean = |c: char| !c.is_whitespace() && !c.is_control() && c != '<' && c != '>';
    rest.is_some_and(|rest| !rest.is_empty()) && text.len() <= MAX_URI && text.chars().all(clean)
}

/// A name for a line of text: cut, and without what could break the line.
fn short(name: &str) -> String {
    name.chars().take(MAX_NAME).map(|c| if c.is_control() { '?' } else { c }).collect()
}
