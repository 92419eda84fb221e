//! Collaborations as they are stored, and their way back after a restart. Who takes part lies in one record, what
//! is shared in another, as it is larger and changes more often. Of a shared page nothing is stored.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ngcc_proto::collab::{Kind, Ticket, Who};
use ngcc_proto::config::Form;
use ngcc_proto::{CollabId, Key, Kind as RecordKind, Mono, RestoreError, SessionId, Wall};
use serde::{Deserialize, Serialize};

use crate::ask::{Entry, Side};
use crate::desk::Desk;
use crate::links::Link;
use crate::look::Looker;
use crate::room::{Content, End, Presence, Room};
use crate::tape::Tape;
use crate::tell::Consents;
use crate::tray::TrayFile;

/// The version this build writes.
const VERSION: u8 = 1;
/// The part of a record that says who takes part.
const ENDS: u32 = 0;
/// The part that says what is shared.
const CONTENT: u32 = 1;

/// What is shared, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kept {
    /// A form; nothing of its secret fields.
    Form {
        /// What is filled in.
        values: BTreeMap<String, Entry>,
        /// Whether it is confirmed.
        confirmed: bool,
    },
    /// A drawing or a text: a Yjs update (version 1) in base64.
    Board(String),
    /// What a tray says of its files; their bytes lie elsewhere.
    Tray {
        /// Which lie there.
        files: Vec<TrayFile>,
        /// How many have ever.
        count: u64,
    },
    /// Addresses.
    Links(Vec<Link>),
}

#[derive(Serialize, Deserialize)]
struct StoredEnd {
    who: Who,
    name: Option<String>,
    ticket: Ticket,
    /// Whether it has ever come.
    came: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u8,
    session: SessionId,
    kind: Kind,
    by: Side,
    customer: StoredEnd,
    agent: StoredEnd,
    /// Those who look on, by their numbers.
    #[serde(default)]
    viewers: BTreeMap<u8, StoredEnd>,
    #[serde(default)]
    until: Option<Wall>,
    consents: Consents,
    paused: bool,
    form: Option<Arc<Form>>,
    /// Absent where an older build wrote it: nothing was recorded then.
    #[serde(default)]
    tape: Tape,
}

#[derive(Serialize)]
struct WrittenContent<'a> {
    v: u8,
    content: &'a Kept,
}

#[derive(Deserialize)]
struct ReadContent {
    v: u8,
    content: Kept,
}

/// A record that was read.
pub(crate) enum Read {
    /// Who takes part, and in what.
    Room(Box<Room>),
    /// What is shared in this one.
    Content(CollabId, Kept),
}

fn key(collab: CollabId, n: u32) -> Key {
    Key { kind: RecordKind::Collab, id: collab.0, n }
}

fn stored(end: &End) -> StoredEnd {
    StoredEnd {
        who: end.who.clone(),
        name: end.name.clone(),
        ticket: end.ticket.clone(),
        came: end.presence != Presence::Expected,
    }
}

fn taken(end: StoredEnd) -> End {
    // When they were last here is told anew once everything is read.
    let presence = if end.came { Presence::Away(Mono::default()) } else { Presence::Expected };
    End { who: end.who, name: end.name, ticket: end.ticket, presence }
}

impl Room {
    /// Writes who takes part.
    pub(crate) fn store(&self, desk: &mut Desk) {
        let stored = Stored {
            v: VERSION,
            session: self.session,
            kind: self.kind,
            by: self.by,
            customer: stored(&self.customer),
            agent: stored(&self.agent),
            viewers: self.viewers.iter().map(|(looker, end)| (looker.0, stored(end))).collect(),
            until: self.until,
            consents: self.consents,
            paused: self.paused,
            form: match &self.content {
                Content::Form(form) => Some(form.form()),
                Content::Page(_)
                | Content::Board(_)
                | Content::Tray(_)
                | Content::Links(_)
                | Content::Screen => None,
            },
            tape: self.tape,
        };
        // Strings and numbers only: writing them to memory cannot fail.
        if let Ok(bytes) = serde_json::to_vec(&stored) {
            desk.persist(key(self.id, ENDS), bytes);
        }
    }

    /// Takes back what was shared.
    pub(crate) fn take_content(&mut self, kept: Kept) {
        match (&mut self.content, kept) {
            (Content::Form(filling), Kept::Form { values, confirmed }) => {
                filling.take_back(values, confirmed);
            }
            (Content::Board(board), Kept::Board(text)) => {
                if let Ok(update) = BASE64.decode(text) {
                    board.take_back(update);
                }
            }
            (Content::Tray(tray), Kept::Tray { files, count }) => tray.take_back(files, count),
            (Content::Links(links), Kept::Links(all)) => links.take_back(all),
            // A record of another kind than the collaboration's was not written by this build.
            (
                Content::Page(_)
                | Content::Form(_)
                | Content::Board(_)
                | Content::Tray(_)
                | Content::Links(_)
                | Content::Screen,
                Kept::Form { .. } | Kept::Board(_) | Kept::Tray { .. } | Kept::Links(_),
            ) => {}
        }
    }

    /// Nothing of it is given back at the next start.
    pub(crate) fn forget(&self, desk: &mut Desk) {
        desk.forget(key(self.id, ENDS));
        desk.forget(key(self.id, CONTENT));
    }
}

/// Writes what is shared in `collab`.
pub(crate) fn write(collab: CollabId, content: &Kept, desk: &mut Desk) {
    // As above.
    if let Ok(bytes) = serde_json::to_vec(&WrittenContent { v: VERSION, content }) {
        desk.persist(key(collab, CONTENT), bytes);
    }
}

/// Reads a record back.
pub(crate) fn read(key: Key, bytes: &[u8]) -> Result<Read, RestoreError> {
    let bad = |why: String| RestoreError { kind: key.kind, why };
    let version =
        |v: u8| if v == VERSION { Ok(()) } else { Err(bad(format!("version {v} is not {VERSION}"))) };
    if key.kind != RecordKind::Collab {
        return Err(bad("collab writes no such record".to_owned()));
    }
    let id = CollabId(key.id);
    if key.n == CONTENT {
        let read: ReadContent = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        version(read.v)?;
        return Ok(Read::Content(id, read.content));
    }
    let read: Stored = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
    version(read.v)?;
    let content = Room::empty(read.kind, read.form).ok_or_else(|| bad("its form is missing".to_owned()))?;
    Ok(Read::Room(Box::new(Room {
        id,
        session: read.session,
        kind: read.kind,
        by: read.by,
        customer: taken(read.customer),
        agent: taken(read.agent),
        viewers: read.viewers.into_iter().map(|(n, end)| (Looker(n), taken(end))).collect(),
        until: read.until,
        consents: read.consents,
        paused: read.paused,
        content,
        tape: read.tape,
        cause: None,
        asked: None,
        lately: VecDeque::new(),
    })))
}
