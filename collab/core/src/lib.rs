//! The collaboration server's core: a customer and an agent share a page, a form, a drawing or a text. It decides
//! and does no IO: what cti wants and what pages send come in as [`Input`], what they are told leaves as [`Output`].
//! It trusts no page: what it shows of a customer's page it has masked itself, by its own mirror of that page.
#![forbid(unsafe_code)]

mod ask;
mod board;
mod cobrowse;
mod collab;
mod desk;
mod form;
mod frames;
mod io;
mod record;
mod room;
mod settings;
mod setup;
mod tape;
mod tell;
mod timers;
pub mod wire;

pub use ask::{Act, Ask, Entry, Grant, Side};
pub use collab::Collab;
pub use io::{Input, Line, Loss, Output, Shut, Strip};
pub use settings::Limits;
pub use tell::{Consents, People, Person, Ready, State, Tell, Wrong};
