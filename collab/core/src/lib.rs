//! The collaboration server's core: a customer and an agent share a page, a form, a drawing, a text, files or
//! addresses. It decides
//! and does no IO: what cti wants and what pages send come in as [`Input`], what they are told leaves as [`Output`].
//! It trusts no page: what it shows of a customer's page it has masked itself, by its own mirror of that page.
#![forbid(unsafe_code)]

mod ask;
mod board;
mod cobrowse;
mod collab;
mod desk;
mod errand;
mod form;
mod frames;
mod io;
mod links;
mod look;
mod record;
mod room;
mod settings;
mod setup;
mod tape;
mod tell;
mod timers;
mod tray;
pub mod wire;

pub use ask::{Act, Ask, Entry, Grant, Side};
pub use collab::Collab;
pub use errand::{Call, Errand, Named, No, Reply, Stored};
pub use io::{Input, Line, Output, Shut, Strip};
pub use links::{Link, LinkState};
pub use settings::Limits;
pub use tell::{Consents, Me, People, Person, Ready, State, Tell, Wrong};
pub use tray::TrayFile;
