//! Addresses that each end suggests to the other. Nothing opens before its receiver has agreed; what they have said
//! to each stays with it.

use ngcc_proto::CollabId;
use ngcc_proto::collab::Act as Mark;
use serde::{Deserialize, Serialize};

use crate::ask::{Side, host};
use crate::cobrowse;
use crate::desk::Desk;
use crate::io::Line;
use crate::record::{self, Kept};
use crate::room::{Content, Room};
use crate::tell::{Tell, Wrong};

/// An address that one end suggests to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its number, from 1.
    pub n: u64,
    /// The address: absolute, of the web, without a sign-in.
    pub url: String,
    /// Who suggests it.
    pub by: Side,
    /// What the other end has said to it.
    pub state: LinkState,
}

/// What has become of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It is shown, and waits for an answer.
    Shown,
    /// The other end has opened it.
    Opened,
    /// The other end did not want it, so far.
    Refused,
}

/// What has been suggested, in order; the first has the number 1, and none is taken away.
#[derive(Debug, Default)]
pub(crate) struct Links(Vec<Link>);

impl Links {
    pub(crate) fn all(&self) -> &[Link] {
        &self.0
    }

    fn push(&mut self, url: String, by: Side, most: usize) -> Result<Link, Wrong> {
        if self.0.len() >= most {
            return Err(Wrong::Full);
        }
        let link = Link { n: self.0.len() as u64 + 1, url, by, state: LinkState::Shown };
        self.0.push(link.clone());
        Ok(link)
    }

    /// The answer of `by`: the address that it is about. What was refused may be opened after all, and what was
    /// opened stays so.
    fn answer(&mut self, n: u64, by: Side, taken: bool) -> Result<&str, Wrong> {
        let link = self.0.iter_mut().find(|link| link.n == n).ok_or(Wrong::Bad)?;
        if link.by == by {
            return Err(Wrong::Forbidden);
        }
        link.state = match (link.state, taken) {
            (LinkState::Shown | LinkState::Refused, true) => LinkState::Opened,
            (LinkState::Shown, false) => LinkState::Refused,
            (LinkState::Opened, _) | (LinkState::Refused, false) => return Err(Wrong::Bad),
        };
        Ok(&link.url)
    }

    fn store(&self, collab: CollabId, desk: &mut Desk) {
        record::write(collab, &Kept::Links(self.0.clone()), desk);
    }

    pub(crate) fn take_back(&mut self, links: Vec<Link>) {
        self.0 = links;
    }
}

/// What the record says of an address: its host.
fn noted(url: &str) -> String {
    cobrowse::without_cards(host(url).unwrap_or_default())
}

impl Room {
    /// The suggestions, for whoever may see them now.
    fn links(&mut self) -> Result<&mut Links, Wrong> {
        let may = self.consents.view;
        match &mut self.content {
            Content::Links(links) if may => Ok(links),
            Content::Links(_) => Err(Wrong::Consent),
            Content::Page(_) | Content::Form(_) | Content::Board(_) | Content::Tray(_) | Content::Screen => {
                Err(Wrong::Forbidden)
            }
        }
    }

    /// An end suggests an address.
    ///
    /// # Errors
    /// It is not granted, not what is shared here, too many, or too often.
    pub(crate) fn push(
        &mut self,
        line: Line,
        side: Side,
        id: Option<String>,
        url: String,
        desk: &mut Desk,
    ) -> Result<(), Wrong> {
        self.links()?;
        self.once_more(desk)?;
        let (room, what) = (self.id, noted(&url));
        let links = self.links()?;
        let link = links.push(url, side, desk.limits.links)?;
        links.store(room, desk);
        self.note(side, Mark::Put, &what, desk);
        let tell = Tell::Pushed(link);
        desk.say_all(self.others(line), &tell);
        self.tape(tell.clone(), desk);
        desk.say(line, id, tell);
        Ok(())
    }

    /// The receiving end opens an address, or does not want it.
    ///
    /// # Errors
    /// It is not granted, there is none of that number or it is their own, or it has been answered.
    pub(crate) fn answer_link(
        &mut self,
        side: Side,
        n: u64,
        taken: bool,
        desk: &mut Desk,
    ) -> Result<(), Wrong> {
        let room = self.id;
        let links = self.links()?;
        let what = noted(links.answer(n, side, taken)?);
        links.store(room, desk);
        if taken {
            self.note(side, Mark::Open, &what, desk);
        }
        let tell = Tell::LinkAnswered { n, taken, by: side };
        desk.say_all(self.lines(), &tell);
        self.tape(tell, desk);
        Ok(())
    }
}
