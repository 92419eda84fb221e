//! A form that both ends fill and the customer confirms: who may fill a field, what it takes, and what each end
//! sees of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use ngcc_proto::chat::{MAX_TEXT, Text};
use ngcc_proto::config::{Field, FieldBy, FieldKind, Form, MAX_FIELDS, MAX_OPTIONS};
use ngcc_proto::{CollabId, Mono, Secret};

use crate::ask::{Entry, Side};
use crate::desk::Desk;
use crate::record::{self, Kept};
use crate::tell::{State, Tell, Wrong};
use crate::timers::Timer;

/// The least time between two writings: whoever types fast costs no more.
const PAUSE: Duration = Duration::from_millis(200);

/// A form as far as it is filled in.
#[derive(Debug)]
pub(crate) struct Filling {
    form: Arc<Form>,
    values: BTreeMap<String, Entry>,
    /// What the customer put into secret fields: for their own page if it is reloaded, and for nobody else. It is
    /// never written, so that after a restart they put it in again.
    secrets: BTreeMap<String, Secret>,
    confirmed: bool,
    saved: Option<Mono>,
    due: Option<Mono>,
}

impl Filling {
    /// An empty one; none if the form is larger than a form may be, or says a thing twice.
    pub(crate) fn new(form: Arc<Form>) -> Option<Self> {
        let names: BTreeSet<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
        let whole = |field: &Field| {
            let choice = field.kind == FieldKind::Choice;
            field.options.len() <= MAX_OPTIONS && choice != field.options.is_empty()
        };
        let sound = names.len() == form.fields.len()
            && (1..=MAX_FIELDS).contains(&form.fields.len())
            && form.fields.iter().all(whole);
        sound.then(|| Self {
            form,
            values: BTreeMap::new(),
            secrets: BTreeMap::new(),
            confirmed: false,
            saved: None,
            due: None,
        })
    }

    pub(crate) fn form(&self) -> Arc<Form> {
        Arc::clone(&self.form)
    }

    /// What an end finds.
    pub(crate) fn state(&self, side: Side) -> State {
        let mut values = self.values.clone();
        if side == Side::Customer {
            let own = |(field, secret): (&String, &Secret)| {
                (field.clone(), Entry::Text(secret.expose().to_owned()))
            };
            values.extend(self.secrets.iter().map(own));
        }
        let filled = self.secrets.keys().cloned().collect();
        State::Form { form: self.form(), values, filled, confirmed: self.confirmed }
    }

    fn field(&self, name: &str) -> Result<&Field, Wrong> {
        self.form.fields.iter().find(|field| field.name == name).ok_or(Wrong::Bad)
    }

    /// Whether there is such a field.
    pub(crate) fn knows(&self, name: Option<&str>) -> Result<(), Wrong> {
        name.map_or(Ok(()), |name| self.field(name).map(|_| ()))
    }

    /// Fills a field: what the customer is told of it, and what the agent.
    ///
    /// # Errors
    /// The form is confirmed, there is no such field, it is the other end's, or it does not take the value.
    pub(crate) fn fill(&mut self, side: Side, name: &str, value: Entry) -> Result<(Tell, Tell), Wrong> {
        if self.confirmed {
            return Err(Wrong::Confirmed);
        }
        let field = self.field(name)?;
        if !may(field, side) {
            return Err(Wrong::Authority);
        }
        let value = taken(field, value)?;
        let (secret, name) = (field.kind == FieldKind::Secret, field.name.clone());
        let told = Tell::Filled { field: name.clone(), value: value.clone(), by: side };
        match value {
            Entry::Text(text) if secret => {
                let filled = !text.is_empty();
                self.secrets.remove(&name);
                if filled {
                    self.secrets.insert(name.clone(), Secret::new(text));
                }
                return Ok((told, Tell::FilledUnseen { field: name, filled, by: side }));
            }
            Entry::Text(text) if text.is_empty() => {
                self.values.remove(&name);
            }
            value @ (Entry::Text(_) | Entry::Tick(_)) => {
                self.values.insert(name, value);
            }
        }
        Ok((told.clone(), told))
    }

    /// The customer confirms it: what stands in it, one line a field, without what is secret.
    ///
    /// # Errors
    /// It is confirmed already, or something required is missing.
    pub(crate) fn confirm(&mut self) -> Result<Text, Wrong> {
        if self.confirmed {
            return Err(Wrong::Confirmed);
        }
        let there = |field: &Field| {
            let filled = self.values.get(&field.name);
            let ticked = field.kind != FieldKind::Tick || filled == Some(&Entry::Tick(true));
            (filled.is_some() && ticked) || self.secrets.contains_key(&field.name)
        };
        if !self.form.fields.iter().all(|field| !field.required || there(field)) {
            return Err(Wrong::Missing);
        }
        self.confirmed = true;
        // They have served: nobody is to find them here.
        self.secrets.clear();
        Ok(Text(self.lines()))
    }

    fn lines(&self) -> String {
        let shown = self.form.fields.iter().filter_map(|field| Some((field, self.values.get(&field.name)?)));
        let lines: Vec<String> = shown
            .map(|(field, value)| {
                let label = field.title();
                let value = match value {
                    Entry::Tick(true) => "✓".to_owned(),
                    Entry::Tick(false) => "✗".to_owned(),
                    Entry::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
                };
                format!("{label}: {value}")
            })
            .collect();
        let whole: usize = lines.iter().map(|line| line.len() + 1).sum();
        // A message has its limit: where it is passed, each line has its share.
        let share = if whole <= MAX_TEXT { MAX_TEXT } else { MAX_TEXT / lines.len().max(1) - 4 };
        let mut text = String::new();
        for line in &lines {
            let cut = line.floor_char_boundary(share);
            let more = if cut < line.len() { "…" } else { "" };
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{}{more}", if text.is_empty() { "" } else { "\n" }, &line[..cut]);
        }
        text
    }

    /// Something has changed: it is written now, or soon if that was just done.
    pub(crate) fn changed(&mut self, collab: CollabId, desk: &mut Desk) {
        let now = desk.now.mono;
        if self.saved.is_none_or(|last| now.since(last) >= PAUSE) {
            return self.store(collab, desk);
        }
        if self.due.is_none() {
            self.due = Some(now + PAUSE);
            desk.timers.set(now + PAUSE, Timer::Save(collab));
        }
    }

    /// Writes what is not written yet.
    pub(crate) fn save(&mut self, collab: CollabId, desk: &mut Desk) {
        if self.due.is_some() {
            self.store(collab, desk);
        }
    }

    /// Writes it.
    pub(crate) fn store(&mut self, collab: CollabId, desk: &mut Desk) {
        self.rest(collab, desk);
        self.saved = Some(desk.now.mono);
        record::write(collab, &Kept::Form { values: self.values.clone(), confirmed: self.confirmed }, desk);
    }

    /// Nothing more is to be written.
    pub(crate) fn rest(&mut self, collab: CollabId, desk: &mut Desk) {
        if let Some(due) = self.due.take() {
            desk.timers.cancel(due, Timer::Save(collab));
        }
    }

    pub(crate) fn take_back(&mut self, values: BTreeMap<String, Entry>, confirmed: bool) {
        (self.values, self.confirmed) = (values, confirmed);
    }
}

fn may(field: &Field, side: Side) -> bool {
    match field.filled_by() {
        FieldBy::Both => true,
        FieldBy::Customer => side == Side::Customer,
        FieldBy::Agent => side == Side::Agent,
    }
}

/// The value as the field takes it; an empty one takes out what is there.
fn taken(field: &Field, value: Entry) -> Result<Entry, Wrong> {
    if field.kind == FieldKind::Tick {
        return match value {
            Entry::Text(text) if text.is_empty() => Ok(Entry::Text(text)),
            Entry::Text(text) => text.parse().map(Entry::Tick).map_err(|_| Wrong::Value),
            Entry::Tick(tick) => Ok(Entry::Tick(tick)),
        };
    }
    let Entry::Text(text) = value else { return Err(Wrong::Value) };
    if field.takes(&text) { Ok(Entry::Text(text)) } else { Err(Wrong::Value) }
}
