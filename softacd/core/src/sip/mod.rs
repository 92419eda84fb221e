//! SIP messages on the wire (RFC 3261 sections 7, 19, 20 and 25): bytes in, typed values out, and back.
//! What a message means (transactions, dialogs, registrations) is decided elsewhere in this crate.

mod address;
mod bad;
mod check;
pub mod digest;
mod frame;
mod head;
mod host;
mod method;
mod msg;
mod name;
mod param;
mod parse;
mod print;
mod text;
mod typed;
mod uri;
mod via;

pub use address::{Contacts, NameAddr};
pub use bad::{Bad, Reject};
pub use frame::{Frame, Frames, PONG};
pub use head::{Headers, Unreadable};
pub use host::Host;
pub use method::Method;
pub use msg::{Message, Request, Response, reason_of};
pub use param::Params;
pub use parse::{parse, parse_bytes};
pub use typed::{Refresher, SessionExpires, replaces_parts};
pub use uri::{BadUri, Scheme, Uri};
pub use via::Via;

/// The most bytes one datagram may have.
pub const MAX_DATAGRAM: usize = 65_535;
/// The most bytes the start line and the headers may have together.
pub const MAX_HEAD: usize = 32 * 1024;
/// The most bytes one header may have, with its continuation lines.
pub const MAX_LINE: usize = 8 * 1024;
/// The most header lines a message may have.
pub const MAX_HEADERS: usize = 200;
/// The most bytes a body may have.
pub const MAX_BODY: usize = 64 * 1024;
/// The most parameters one value may have.
pub const MAX_PARAMS: usize = 64;
