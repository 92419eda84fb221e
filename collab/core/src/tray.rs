//! A tray of files. The bytes pass beside this core and lie with the shell; here is who may put and take what, and
//! how much there may be.

use ngcc_proto::collab::Act as Mark;
use ngcc_proto::{CollabId, FileId};
use serde::{Deserialize, Serialize};

use crate::ask::Side;
use crate::collab::Collab;
use crate::desk::Desk;
use crate::errand::{Errand, No, Reply, Stored};
use crate::look::Place;
use crate::record::{self, Kept};
use crate::room::{Content, Room};
use crate::tell::{Tell, Wrong};

/// A file in the tray.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrayFile {
    /// Its place in the order in which files came, from 1.
    pub n: u64,
    /// The file as it is stored.
    #[serde(flatten)]
    pub stored: Stored,
    /// Who put it there.
    pub by: Side,
}

/// What lies there, in order.
#[derive(Debug, Default)]
pub(crate) struct Tray {
    files: Vec<TrayFile>,
    /// How many have ever been put there.
    count: u64,
}

impl Tray {
    pub(crate) fn all(&self) -> &[TrayFile] {
        &self.files
    }

    /// Whether so many bytes more may be put there.
    fn has_room(&self, more: u64, desk: &Desk) -> Result<(), Wrong> {
        let held: u64 = self.files.iter().map(|file| file.stored.size).sum();
        let full =
            self.files.len() >= desk.limits.files || held.saturating_add(more) > desk.limits.tray_bytes;
        if full { Err(Wrong::Full) } else { Ok(()) }
    }

    fn store(&self, collab: CollabId, desk: &mut Desk) {
        record::write(collab, &Kept::Tray { files: self.files.clone(), count: self.count }, desk);
    }

    pub(crate) fn take_back(&mut self, files: Vec<TrayFile>, count: u64) {
        (self.files, self.count) = (files, count);
    }

    /// The bytes are not needed any more.
    pub(crate) fn discard(&self, desk: &mut Desk) {
        self.files.iter().for_each(|file| desk.discard(file.stored.file));
    }
}

impl Room {
    /// The tray, for whoever may see it now.
    fn tray(&mut self) -> Result<&mut Tray, Wrong> {
        let may = self.consents.view;
        match &mut self.content {
            Content::Tray(tray) if may => Ok(tray),
            Content::Tray(_) => Err(Wrong::Consent),
            Content::Page(_) | Content::Form(_) | Content::Board(_) | Content::Links(_) | Content::Screen => {
                Err(Wrong::Forbidden)
            }
        }
    }

    /// The customer lets the agent see what lies here already.
    pub(crate) fn show_put(&self, desk: &mut Desk) {
        let readers = self.readers();
        let tells: Vec<Tell> = match &self.content {
            Content::Tray(tray) => tray.all().iter().cloned().map(Tell::File).collect(),
            Content::Links(links) => links.all().iter().cloned().map(Tell::Pushed).collect(),
            Content::Page(_) | Content::Form(_) | Content::Board(_) | Content::Screen => return,
        };
        for line in readers {
            tells.iter().for_each(|tell| desk.say(line, None, tell.clone()));
        }
    }

    /// The files that lie here.
    pub(crate) fn files(&self) -> Vec<FileId> {
        match &self.content {
            Content::Tray(tray) => tray.all().iter().map(|file| file.stored.file).collect(),
            Content::Page(_) | Content::Form(_) | Content::Board(_) | Content::Links(_) | Content::Screen => {
                vec![]
            }
        }
    }

    /// An end takes a file of its own away.
    ///
    /// # Errors
    /// It is not granted, there is no such file, or the other end put it there.
    pub(crate) fn remove(&mut self, side: Side, file: FileId, desk: &mut Desk) -> Result<(), Wrong> {
        let room = self.id;
        let tray = self.tray()?;
        let at = tray.files.iter().position(|other| other.stored.file == file).ok_or(Wrong::Bad)?;
        if tray.files[at].by != side {
            return Err(Wrong::Forbidden);
        }
        tray.files.remove(at);
        tray.store(room, desk);
        desk.discard(file);
        self.note(side, Mark::Remove, "file", desk);
        let tell = Tell::Removed { file };
        desk.say_all(self.lines(), &tell);
        self.tape(tell, desk);
        Ok(())
    }

    /// What a page asks beside its connection.
    fn errand(&mut self, side: Side, errand: Errand, desk: &mut Desk) -> Result<(), No> {
        match errand {
            Errand::Put { size } => {
                self.tray()?.has_room(size.unwrap_or(1), desk)?;
                Ok(self.once_more(desk)?)
            }
            // The customer has what is in their own tray, whatever the agent may see of it.
            Errand::Get(file) => match &self.content {
                Content::Tray(_) if side == Side::Agent && !self.consents.view => Err(Wrong::Consent.into()),
                Content::Tray(tray) if tray.files.iter().any(|f| f.stored.file == file) => Ok(()),
                Content::Tray(_)
                | Content::Page(_)
                | Content::Form(_)
                | Content::Board(_)
                | Content::Links(_)
                | Content::Screen => Err(No::Unknown),
            },
            Errand::Stored(stored) => Ok(self.put(side, stored, desk)?),
        }
    }

    fn put(&mut self, side: Side, stored: Stored, desk: &mut Desk) -> Result<(), Wrong> {
        let room = self.id;
        let tray = self.tray()?;
        tray.has_room(stored.size, desk)?;
        tray.count += 1;
        let file = TrayFile { n: tray.count, stored, by: side };
        tray.files.push(file.clone());
        tray.store(room, desk);
        self.note(side, Mark::Put, "file", desk);
        let tell = Tell::File(file);
        desk.say_all(self.lines(), &tell);
        self.tape(tell, desk);
        Ok(())
    }
}

impl Collab {
    /// Answers what a page asks beside its connection. A file that is not taken is not kept.
    pub(crate) fn errand(&mut self, named: crate::errand::Named) {
        let crate::errand::Named { call, collab, ticket, errand } = named;
        let stored = if let Errand::Stored(stored) = &errand { Some(stored.file) } else { None };
        let done = match (self.place(collab, &ticket), self.rooms.get_mut(&collab)) {
            (Some(Place::End(side)), Some(room)) => room.errand(side, errand, &mut self.desk),
            // Who looks on has what the agent has, and puts nothing there.
            (Some(Place::Looks(_)), Some(room)) => match errand {
                Errand::Get(_) => room.errand(Side::Agent, errand, &mut self.desk),
                Errand::Put { .. } | Errand::Stored(_) => Err(Wrong::Forbidden.into()),
            },
            (None, _) | (_, None) => Err(No::Ticket),
        };
        if let (Err(_), Some(file)) = (&done, stored) {
            self.desk.discard(file);
        }
        self.desk.reply(call, done.map_or_else(Reply::No, |()| Reply::Yes));
    }
}
