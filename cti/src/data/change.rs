//! What a command would change: which rows are put and which are removed.

use std::collections::BTreeSet;

use ngcc_proto::config::{Catalogue, Object, ObjectKind};

use super::book::{Book, Row};
use super::names::word;
use super::secrets::{self, Plain};

/// A change that has been neither judged nor made.
#[derive(Default)]
pub(super) struct Change {
    pub(super) puts: Vec<Put>,
    pub(super) deletes: Vec<(ObjectKind, String)>,
    /// What is wrong already.
    pub(super) problems: Vec<String>,
}

/// An object without its secret, and the secret if one was given.
pub(super) struct Put {
    pub(super) object: Object,
    pub(super) secret: Option<Plain>,
}

impl Change {
    /// One object is made or changed.
    pub(super) fn put(object: Object) -> Self {
        let mut change = Self::default();
        change.add(object);
        change
    }

    /// One object is removed.
    pub(super) fn delete(book: &Book, kind: ObjectKind, name: String) -> Self {
        let mut change = Self::default();
        if book.has(kind, &name) {
            change.deletes.push((kind, name));
        } else {
            change.problems.push(format!("{} `{name}`: there is none of that name", word(kind)));
        }
        change
    }

    /// Everything in a catalogue; with `replace`, what is not in it is removed.
    pub(super) fn import(book: &Book, catalogue: Catalogue, replace: bool) -> Self {
        let mut change = Self::default();
        let Catalogue {
            users,
            agents,
            phones,
            queues,
            numbers,
            flows,
            canned_replies,
            dispositions,
            forms,
            channels,
            bots,
        } = catalogue;
        let objects = (users.into_iter().map(Object::User))
            .chain(agents.into_iter().map(Object::Agent))
            .chain(phones.into_iter().map(Object::Phone))
            .chain(queues.into_iter().map(Object::Queue))
            .chain(numbers.into_iter().map(Object::Number))
            .chain(flows.into_iter().map(Object::Flow))
            .chain(canned_replies.into_iter().map(Object::CannedReply))
            .chain(dispositions.into_iter().map(Object::Disposition))
            .chain(forms.into_iter().map(Object::Form))
            .chain(channels.into_iter().map(Object::Channel))
            .chain(bots.into_iter().map(Object::Bot));
        let mut named = BTreeSet::new();
        for object in objects {
            let key = (object.kind(), object.name().to_owned());
            if named.contains(&key) {
                change.problems.push(format!("{} `{}`: it stands twice: take one out", word(key.0), key.1));
            }
            named.insert(key);
            change.add(object);
        }
        // What stands there as it is needs no writing; a given secret does, as it cannot be compared.
        change.puts.retain(|put| put.secret.is_some() || !put.stands_in(book));
        if replace {
            change.deletes.extend(book.rows.keys().filter(|key| !named.contains(*key)).cloned());
        }
        change
    }

    /// The book as it would be. Secrets that were given are not in it yet; kept ones stay.
    pub(super) fn applied_to(&self, book: &Book) -> Book {
        let mut after = book.clone();
        for key in &self.deletes {
            after.rows.remove(key);
        }
        for put in &self.puts {
            let key = (put.object.kind(), put.object.name().to_owned());
            let secret = after.rows.remove(&key).and_then(|row| row.secret);
            after.rows.insert(key, Row { object: put.object.clone(), secret });
        }
        after
    }

    fn add(&mut self, mut object: Object) {
        let secret = secrets::take(&mut object);
        self.puts.push(Put { object, secret });
    }
}

impl Put {
    fn stands_in(&self, book: &Book) -> bool {
        let key = (self.object.kind(), self.object.name().to_owned());
        book.rows.get(&key).is_some_and(|row| row.object == self.object)
    }
}
