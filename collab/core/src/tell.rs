//! What pages are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use ngcc_proto::collab::{Kind, Why};
use ngcc_proto::config::Form;
use ngcc_proto::{CollabId, FileId, SessionId, Wall};
use serde::{Deserialize, Serialize};

use crate::ask::{Act, Entry, Grant, Side};
use crate::links::Link;
use crate::tray::TrayFile;

/// A frame that is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Its data does not fit its type, or is over a bound.
    Bad,
    /// Its sender may not, or not now, or it is none of what this collaboration shares.
    Forbidden,
    /// The customer has not granted what it needs.
    Consent,
    /// The element is masked.
    Masked,
    /// The page has no such element.
    UnknownNode,
    /// The field is not its sender's to fill.
    Authority,
    /// The field does not take the value.
    Value,
    /// Something that is required is not filled in.
    Missing,
    /// The form is confirmed and stays as it is.
    Confirmed,
    /// It would be larger than the limit.
    Full,
    /// Too often.
    TooMany,
    /// There is no frame of this type.
    UnknownType,
}

impl Wrong {
    /// Its code on the wire, and what it says.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Bad => ("bad", "the frame's data does not fit its type"),
            Self::Forbidden => ("forbidden", "this end may not do this here"),
            Self::Consent => ("consent", "the customer has not granted it"),
            Self::Masked => ("masked", "the element is masked"),
            Self::UnknownNode => ("unknown_node", "the page has no such element"),
            Self::Authority => ("authority", "the field is the other end's"),
            Self::Value => ("value", "the field does not take this value"),
            Self::Missing => ("missing", "a required field is not filled in"),
            Self::Confirmed => ("confirmed", "the form is confirmed"),
            Self::Full => ("full", "it would be larger than the limit"),
            Self::TooMany => ("too_many", "too often"),
            Self::UnknownType => ("unknown_type", "there is no frame of this type here"),
        }
    }
}

/// One end as both see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The name shown, if there is one.
    pub name: Option<String>,
    /// Whether a page of theirs is connected.
    pub here: bool,
}

/// Both ends, and who looks on: nobody does unseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct People {
    /// The customer.
    pub customer: Person,
    /// The agent.
    pub agent: Person,
    /// Those who look on.
    pub viewers: Vec<Person>,
}

/// What a page is in its collaboration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Me {
    /// The customer's end.
    Customer,
    /// The agent's end.
    Agent,
    /// Looking on.
    Viewer,
}

/// What the customer has granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consents {
    /// That the agent sees the page.
    pub view: bool,
    /// That they point and draw on it.
    pub pointer: bool,
    /// That they act on it.
    pub control: bool,
}

impl Consents {
    pub(crate) fn has(self, grant: Grant) -> bool {
        match grant {
            Grant::View => self.view,
            Grant::Pointer => self.view && self.pointer,
            Grant::Control => self.view && self.control,
        }
    }

    /// Sets one. Whoever takes the view back takes everything back.
    pub(crate) fn set(&mut self, grant: Grant, on: bool) {
        match grant {
            Grant::View if on => self.view = true,
            Grant::View => *self = Self::default(),
            Grant::Pointer => self.pointer = on,
            Grant::Control => self.control = on,
        }
    }
}

/// What is shared, as a page finds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum State {
    /// A page: its snapshot follows in frames of its own.
    Page,
    /// A form.
    Form {
        /// The form.
        form: Arc<Form>,
        /// What is filled in and may be seen.
        values: BTreeMap<String, Entry>,
        /// Which fields are filled in without being seen.
        filled: Vec<String>,
        /// Whether the customer has confirmed it.
        confirmed: bool,
    },
    /// A drawing or a text: one Yjs update (version 1) in base64.
    Board {
        /// All of it.
        update: Arc<str>,
    },
    /// A tray of files.
    Tray {
        /// What lies there, as far as the reader may see it, in order.
        files: Vec<TrayFile>,
        /// The most bytes of one file.
        largest: u64,
    },
    /// Addresses.
    Links {
        /// What has been suggested, as far as the reader may see it, in order.
        links: Vec<Link>,
    },
    /// A screen: its pictures come another way.
    Screen,
}

/// The first frame of the server's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ready {
    /// Which collaboration.
    pub collab: CollabId,
    /// Of what.
    pub kind: Kind,
    /// The session it belongs to.
    pub session: SessionId,
    /// What the page is.
    pub me: Me,
    /// Which end began it.
    pub by: Side,
    /// Who takes part.
    pub people: People,
    /// What is granted.
    pub consents: Consents,
    /// Whether the customer has paused it.
    pub paused: bool,
    /// How long it goes on at the most, where its session is over.
    pub until: Option<Wall>,
    /// Whether what the agent is shown is recorded.
    pub recorded: bool,
    /// What is shared.
    pub state: State,
}

/// A frame of the server's.
#[derive(Clone, Debug, PartialEq)]
pub enum Tell {
    /// The page takes part.
    Ready(Box<Ready>),
    /// Somebody has come or gone.
    People(People),
    /// The customer has granted something or taken it back.
    Consents(Consents),
    /// The agent asks for something to be granted.
    Asked {
        /// What.
        what: Grant,
    },
    /// The customer has paused it, or goes on.
    Paused {
        /// Which of the two.
        on: bool,
    },
    /// The session is over and this goes on without it.
    GoesOn {
        /// How long, at the most.
        until: Wall,
    },
    /// The customer's page is to send a full snapshot.
    Snap,
    /// Events of the page, masked, each as JSON.
    Rr {
        /// In order.
        events: Arc<[Arc<str>]>,
        /// Whether they begin with a full snapshot, so that what came before is not needed.
        fresh: bool,
    },
    /// The agent's act has been passed on.
    Acted {
        /// Its number.
        n: u64,
    },
    /// The agent does something on the page.
    Act {
        /// Its number.
        n: u64,
        /// What.
        act: Act,
    },
    /// The customer has answered a proposal.
    Answered {
        /// Its number.
        act: u64,
        /// Whether they took it.
        taken: bool,
    },
    /// The customer's own input came before the agent's.
    Over {
        /// Where.
        node: u64,
    },
    /// A field has been filled.
    Filled {
        /// Which.
        field: String,
        /// With what.
        value: Entry,
        /// By whom.
        by: Side,
    },
    /// A field has been filled that the reader must not see.
    FilledUnseen {
        /// Which.
        field: String,
        /// Whether there is something in it.
        filled: bool,
        /// By whom.
        by: Side,
    },
    /// Somebody's cursor is in a field.
    Focus {
        /// Which.
        field: Option<String>,
        /// Whose.
        by: Side,
    },
    /// The customer has confirmed the form.
    Confirmed,
    /// A Yjs update in base64.
    Y {
        /// The update.
        update: Arc<str>,
    },
    /// Who is where on the board.
    Aware {
        /// JSON.
        state: Arc<str>,
        /// Whose.
        by: Side,
    },
    /// An end suggests an address.
    Pushed(Link),
    /// The other end has opened it, or did not want it.
    LinkAnswered {
        /// Its number.
        n: u64,
        /// Whether it was opened.
        taken: bool,
        /// Who answered.
        by: Side,
    },
    /// A file lies in the tray.
    File(TrayFile),
    /// It does no longer.
    Removed {
        /// Which.
        file: FileId,
    },
    /// It is over.
    Ended {
        /// Why.
        why: Why,
    },
    /// A frame was not carried out.
    Wrong(Wrong),
}

impl Tell {
    /// Its type on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ready",
            Self::People(_) => "people",
            Self::Consents(_) => "consents",
            Self::Asked { .. } => "asked",
            Self::Paused { .. } => "paused",
            Self::GoesOn { .. } => "goes_on",
            Self::Snap => "snap",
            Self::Rr { .. } => "rr",
            Self::Acted { .. } => "acted",
            Self::Act { .. } => "act",
            Self::Answered { .. } | Self::LinkAnswered { .. } => "answered",
            Self::Over { .. } => "over",
            Self::Filled { .. } | Self::FilledUnseen { .. } => "filled",
            Self::Focus { .. } => "focus",
            Self::Confirmed => "confirmed",
            Self::Y { .. } => "y",
            Self::Aware { .. } => "aware",
            Self::Pushed(_) => "pushed",
            Self::File(_) => "file",
            Self::Removed { .. } => "removed",
            Self::Ended { .. } => "ended",
            Self::Wrong(_) => "error",
        }
    }
}
