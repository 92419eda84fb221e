//! What is asked next, and what becomes of each answer.

use ngcc_proto::chat::{Choice, MAX_TEXT};
use ngcc_proto::config;

use super::question::{Answer, Asked, MAX_QUESTION, Offers, joined};
use super::words::{Said, Words, means, said};
use super::{Desk, Form, Then};
use crate::flow::chat::Chat;
use crate::flow::desk::Work;
use crate::flow::filling::Filling;
use crate::flow::text::cut;
use crate::flow::vars::Value;
use crate::flow::verb::reply::plain;

/// One customer's form: the verb and its fields, and the desk of the run.
pub(super) struct Dialogue<'v, 'f, 'd> {
    verb: &'v Form,
    fields: Vec<Asked<'f>>,
    desk: &'d mut Desk,
    words: &'static Words,
}

impl<'v, 'f, 'd> Dialogue<'v, 'f, 'd> {
    pub(super) fn new(verb: &'v Form, fields: Vec<Asked<'f>>, desk: &'d mut Desk) -> Self {
        let words = Words::of(desk.chinese());
        Self { verb, fields, desk, words }
    }

    /// The node is entered: the form begins, or goes on where it stood before a restart or a suspension.
    pub(super) fn enter(self, form: Option<&config::Form>) -> Then<'v> {
        // What was written before anything was asked is no answer to it.
        self.desk.forget_typed();
        let tries = std::mem::take(&mut self.desk.tries_before);
        let Some(filling) = &self.desk.filling else { return self.begin(form) };
        let Some(name) = filling.at.clone() else { return self.show(tries, None) };
        match self.fields.iter().position(|asked| asked.field.name == name) {
            Some(at) => self.ask(at, tries, None),
            None => {
                // The form is another by now, and this field no part of it.
                self.desk.speak_up();
                self.go_on()
            }
        }
    }

    fn begin(self, form: Option<&config::Form>) -> Then<'v> {
        if !self.desk.vars.have_room_for(self.fields.iter().map(|asked| asked.variable.as_str())) {
            return self
                .verb
                .wrong(format!("the form `{}` has too many fields for a run's variables", self.verb.form));
        }
        self.desk.speak_up();
        self.desk.filling = Some(Filling::default());
        let label = form.map(|form| form.label.clone()).unwrap_or_default();
        let text = self.verb.text.as_ref().and_then(|texts| self.desk.word(texts));
        let text = text.map_or(label, |(_, text)| text);
        let lead =
            if text.trim().is_empty() { self.words.how.to_owned() } else { text + "\n" + self.words.how };
        self.ask(0, 0, Some(lead))
    }

    /// A message has come.
    pub(super) fn hear(self) -> Then<'v> {
        if self.desk.chat.as_ref().is_some_and(Chat::crosses) {
            // Whoever writes by a channel begins by writing; and what was asked meanwhile they had not read.
            self.desk.read_ahead();
            return Then::Stay;
        }
        let Some(text) = self.desk.read() else { return Then::Stay };
        let at = self.desk.filling.as_ref().and_then(|filling| filling.at.as_ref());
        let at = at.and_then(|name| self.fields.iter().position(|asked| asked.field.name == *name));
        match at {
            Some(at) => self.answered(at, text.expose()),
            None => self.decide(text.expose()),
        }
    }

    fn filling(&mut self) -> &mut Filling {
        self.desk.filling.get_or_insert_default()
    }

    /// Asks for a field; before its question stands `lead`.
    fn ask(mut self, at: usize, tries: u32, lead: Option<String>) -> Then<'v> {
        let offers = self.offers(at);
        let asked = &self.fields[at];
        let (question, choices) = asked.question(&offers, self.words);
        let (name, secret) = (asked.field.name.clone(), asked.secret);
        self.filling().at = Some(name);
        self.write(lead, question, choices);
        self.wait(tries, secret)
    }

    /// Shows everything that was entered.
    fn show(mut self, tries: u32, lead: Option<String>) -> Then<'v> {
        let line = |asked: &Asked<'_>| {
            let value = self.stands(asked).unwrap_or_else(|| "—".to_owned());
            format!("{}{}{value}", asked.field.title(), self.words.colon)
        };
        let lines: Vec<String> = self.fields.iter().map(line).collect();
        let text = format!("{}\n{}", self.words.check, joined(&lines, MAX_QUESTION - self.words.check.len()));
        let replies = [self.words.send, self.words.change, self.words.cancel];
        let choice =
            |(n, label): (usize, &str)| Choice { value: (n + 1).to_string(), label: label.to_owned() };
        let choices = replies.into_iter().enumerate().map(choice).collect();
        self.filling().at = None;
        self.write(lead, text, choices);
        self.wait(tries, false)
    }

    fn write(&mut self, lead: Option<String>, text: String, choices: Vec<Choice>) {
        let mut text = if let Some(lead) = lead { lead + "\n" + &text } else { text };
        cut(&mut text, MAX_TEXT);
        self.desk.write_line(text, choices);
    }

    fn wait(self, tries: u32, secret: bool) -> Then<'v> {
        self.desk.work = Work::Tries(tries);
        self.desk.listen(secret);
        self.desk.wake_in(self.verb.timeout_s);
        Then::Stay
    }

    /// What is asked next; after the last field what was entered is shown, or the form is done.
    fn go_on(self) -> Then<'v> {
        match self.next() {
            Some(at) => self.ask(at, 0, None),
            None if self.verb.confirm => self.show(0, None),
            None => Then::by(self.verb.next.as_ref()),
        }
    }

    /// The next field to be asked for: one without an answer, or else one whose value was lost with a restart.
    fn next(&self) -> Option<usize> {
        let filling = self.desk.filling.as_ref()?;
        let lost = |asked: &Asked<'_>| filling.has_value(&asked.field.name) && self.stands(asked).is_none();
        let wanted = self.fields.iter().position(|asked| filling.wants(&asked.field.name));
        wanted.or_else(|| self.fields.iter().position(lost))
    }

    /// What was entered for a field and is still there, as it may be shown.
    fn stands(&self, asked: &Asked<'_>) -> Option<String> {
        let entered = self.desk.filling.as_ref().is_some_and(|filling| filling.has_value(&asked.field.name));
        entered.then(|| asked.shown(&self.desk.vars, self.words)).flatten()
    }

    fn offers(&self, at: usize) -> Offers {
        let asked = &self.fields[at];
        Offers { keep: self.stands(asked), leave_out: !asked.field.required }
    }

    /// A message answers a field.
    fn answered(mut self, at: usize, text: &str) -> Then<'v> {
        let asked = &self.fields[at];
        let (name, variable) = (asked.field.name.clone(), asked.variable.clone());
        match asked.answer(text, &self.offers(at), self.desk.human) {
            Answer::Value(value) => self.take(&name, &variable, value),
            Answer::Keep => {
                self.filling().answer(&name, true);
                self.go_on()
            }
            Answer::LeaveOut => {
                self.desk.vars.unset(&variable);
                self.filling().answer(&name, false);
                self.go_on()
            }
            Answer::Said(said) => self.follow(said, Some(at)),
            Answer::Refused(refusal) => {
                let tries = self.desk.work.tries() + 1;
                if tries >= self.verb.attempts {
                    return self.given_up();
                }
                let reason = self.words.reason(refusal).to_owned();
                self.ask(at, tries, Some(reason))
            }
        }
    }

    fn take(mut self, name: &str, variable: &str, value: Value) -> Then<'v> {
        if let Err(full) = self.desk.vars.set(variable, value) {
            return self.verb.wrong(full.to_string());
        }
        self.filling().answer(name, true);
        self.go_on()
    }

    /// A message answers the summary.
    fn decide(mut self, text: &str) -> Then<'v> {
        let chosen = plain(text);
        let chose = |value: &str, label: fn(&Words) -> &'static str| chosen == value || means(text, label);
        if chose("1", |words| words.send) {
            return match self.next() {
                Some(at) => self.ask(at, 0, None),
                None => Then::by(self.verb.next.as_ref()),
            };
        }
        if chose("2", |words| words.change) {
            self.filling().change();
            return self.ask(0, 0, None);
        }
        if chose("3", |words| words.cancel) {
            return self.cancelled();
        }
        if let Some(said) = said(text, self.desk.human) {
            return self.follow(said, None);
        }
        let tries = self.desk.work.tries() + 1;
        if tries >= self.verb.attempts {
            return self.given_up();
        }
        let reason = self.words.choose.to_owned();
        self.show(tries, Some(reason))
    }

    /// A word that leads elsewhere was said, to a field or to the summary.
    fn follow(self, said: Said, at: Option<usize>) -> Then<'v> {
        match said {
            Said::Human => Then::Human,
            Said::Cancel => self.cancelled(),
            Said::Back => match at.unwrap_or(self.fields.len()).checked_sub(1) {
                Some(before) => self.ask(before, 0, None),
                None => {
                    let (tries, first) = (self.desk.work.tries(), self.words.first.to_owned());
                    self.ask(0, tries, Some(first))
                }
            },
        }
    }

    /// Who cancels leaves nothing behind.
    fn cancelled(self) -> Then<'v> {
        for asked in &self.fields {
            if self.desk.filling.as_ref().is_some_and(|filling| filling.has_value(&asked.field.name)) {
                self.desk.vars.unset(&asked.variable);
            }
        }
        let exits = [self.verb.on_cancel.as_ref(), self.verb.on_error.as_ref()];
        Then::by_or_fail(exits, "the customer has cancelled the form, and there is no exit for it")
    }

    fn given_up(&self) -> Then<'v> {
        let verb = self.verb;
        let exits = [verb.on_invalid.as_ref(), verb.on_cancel.as_ref(), verb.on_error.as_ref()];
        Then::by_or_fail(
            exits,
            format!("no fitting answer came in {} attempts, and there is no exit for it", verb.attempts),
        )
    }
}
